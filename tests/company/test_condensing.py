"""Condensing: what is closed and old goes, what is open stays, and every balance is what it was."""

from datetime import date

import pytest

from emulator.core.errors import UserMistake

from .proven import Proven, journal, ref

LINE = "InvoiceLineAdd|InvoiceLineGroupAdd"


def shop():
    return Proven()


def invoice(bench, number, day, item="Repair", customer="Baker"):
    lines = [("InvoiceLineAdd", {"ItemRef": ref(item), "Quantity": 100_000})]
    header = {"CustomerRef": ref(customer), "TxnDate": day, "RefNumber": number, "ItemSalesTaxRef": ref("State Tax")}
    taxed = {"CustomerSalesTaxCodeRef": ref("Tax" if item == "Lamp" else "Non")}
    return bench.add("Invoice", {**header, **taxed, LINE: lines})


def pay(bench, sold, day, cents):
    part = {"TxnID": sold["TxnID"], "PaymentAmount": cents}
    operating = ref("Operating Account")
    header = {"CustomerRef": ref("Baker"), "TxnDate": day, "TotalAmount": cents, "DepositToAccountRef": operating}
    return bench.add("ReceivePayment", {**header, "AppliedToTxnAdd": [part]})


def numbers(bench, kind="Invoice"):
    return [each["ref"] for each in bench.truth.transactions(kind)]


def balances(bench):
    sums = {name: cents for name, cents in bench.truth.ledger_sums().items() if cents}
    return sums, [(each["full_name"], each["own_cents"]) for each in bench.truth.customers()]


def test_paid_invoices_go_with_their_payments_and_every_balance_stays():
    bench = shop()
    paid, open_one = invoice(bench, "1", "2024-02-01"), invoice(bench, "2", "2024-02-02")
    pay(bench, paid, "2024-02-10", 4500)
    late = invoice(bench, "3", "2024-02-03")
    pay(bench, late, "2024-06-01", 4500)
    bench.add("JournalEntry", journal((100, "Operating Account"), (-100, "Sales"), TxnDate="2024-02-04"))
    before = balances(bench)
    assert bench.company.condense(date(2024, 4, 1)) == (3, 1)
    bench.prove()
    assert balances(bench) == before
    assert numbers(bench) == ["2", "3"]
    [entry] = bench.truth.transactions("JournalEntry")
    memos = {line["Memo"] for each in entry["lines"].values() for _, line in each}
    assert (entry["date"], memos) == ("2024-03-31", {"Condensed transactions"})
    assert open_one["TxnID"] in [each["txn_id"] for each in bench.truth.transactions()]


@pytest.mark.parametrize("item", ["Bolt", "Lamp"])
def test_what_moves_stock_stays_and_taxed_sales_go(item):
    bench = shop()
    sold = invoice(bench, "1", "2024-02-01", item)
    total = sold["Subtotal"] + sold["SalesTaxTotal"]
    assert bool(sold["SalesTaxTotal"]) == (item == "Lamp")
    pay(bench, sold, "2024-02-10", total)
    before = balances(bench)
    gone, _ = bench.company.condense(date(2024, 4, 1))
    bench.prove()
    assert balances(bench) == before
    assert gone == (0 if item == "Bolt" else 2)


def test_condensing_again_leaves_one_entry():
    bench = shop()
    pay(bench, invoice(bench, "1", "2024-02-01"), "2024-02-10", 4500)
    assert bench.company.condense(date(2024, 4, 1)) == (2, 1)
    assert bench.company.condense(date(2024, 5, 1)) == (1, 1)
    assert bench.company.condense(date(2023, 1, 1)) == (0, 0)
    bench.prove()


def test_closed_books_refuse_the_entry_and_nothing_changes():
    bench = shop()
    pay(bench, invoice(bench, "1", "2024-02-01"), "2024-02-10", 4500)
    bench.company.close_books(date(2024, 12, 31))
    with pytest.raises(UserMistake):
        bench.company.condense(date(2024, 4, 1))
    assert numbers(bench) == ["1"]
