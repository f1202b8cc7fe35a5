"""ListDeletedQuery and TxnDeletedQuery: what was deleted, by type in the order asked for, for ninety days."""

from company.helpers import Bench, invoice
from company.proven import Proven


def test_kinds_come_as_asked_for_and_within_them_the_oldest_first() -> None:
    bench = Proven()
    for kind, names in (("Vendor", ("V1", "V2")), ("Customer", ("C1",))):
        for name in names:
            bench.clock.advance(seconds=5)
            made = bench.add(kind, {"Name": name})
            assert bench.ask("List", "Del", {"ListDelType": kind, "ListID": made["ListID"]}).status.code == 0
    for kinds, names in ((["Vendor", "Customer"], ["V1", "V2", "C1"]), (["Customer", "Vendor"], ["C1", "V1", "V2"])):
        assert [each["FullName"] for each in bench.found("ListDeleted", ListDelType=kinds)] == names


def test_after_ninety_days_it_is_forgotten() -> None:
    bench = Bench()
    saved = bench.add("Invoice", invoice(RefNumber="8"))
    assert bench.ask("Txn", "Del", {"TxnDelType": "Invoice", "TxnID": saved["TxnID"]}).status.code == 0
    bench.clock.advance(days=90)
    assert [each["RefNumber"] for each in bench.found("TxnDeleted", TxnDelType=["Invoice"])] == ["8"]
    bench.clock.advance(seconds=1)
    assert bench.query("TxnDeleted", TxnDelType=["Invoice"]).status.code == 1
