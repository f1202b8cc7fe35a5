"""What differs between two files: records come, gone and changed, element by element."""

from company.helpers import Bench
from emulator.company.exchange.difference import Difference, difference_of


def difference(one: Bench, other: Bench) -> Difference:
    return difference_of(one.company.exchange.known(), other.company.exchange.known())


def sold(bench: Bench, cents: int) -> dict[str, object]:
    line = {"ItemRef": {"FullName": "Lamp"}, "Quantity": 100_000, "Amount": cents}
    return bench.add(
        "Invoice", {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)]}
    )


def test_files_made_alike_have_none():
    assert not difference(Bench(), Bench())


def test_a_record_more_or_less():
    one, other = Bench(), Bench()
    made = other.add("Customer", {"Name": "Newcomer"})
    found = difference(one, other)
    assert [(each.noun, each.identity, each.name) for each in found.added] == [("Customer", made["ListID"], "Newcomer")]
    assert not found.removed
    assert not found.changed
    assert [each.name for each in difference(other, one).removed] == ["Newcomer"]


def test_what_is_told_otherwise_is_told_in_quickbooks_writing():
    one, other = Bench(), Bench()
    first, second = sold(one, 1_050), sold(other, 2_050)
    assert first["TxnID"] == second["TxnID"]
    changes = {change.record.noun: change.fields for change in difference(one, other).changed}
    line_id = first["InvoiceLineRet|InvoiceLineGroupRet"][0][1]["TxnLineID"]
    assert changes["Invoice"][f"InvoiceLineRet[{line_id}]/Amount"] == ("10.50", "20.50")
    assert changes["Customer"]["Balance"] == ("10.50", "20.50")


def test_facts_of_the_company_are_compared():
    one, other = Bench(), Bench()
    other.company.close_books(other.company.exchange._books.local_time.today(0))
    found = difference(one, other)
    assert [(change.record.noun, list(change.fields)) for change in found.changed] == [("Company", ["closing_date"])]
