"""Deposits: payments that wait in undeposited funds go to the bank once; other money and cash back beside them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import Proven, Values, deposit, journal, owed, received, ref, sold

BANK, UNDEPOSITED = "Operating Account", "Undeposited Funds"


def waiting(bench: Proven) -> list[tuple[str, int]]:
    """Return (TxnID, amount) of the payments that wait."""
    return [(each["TxnID"], each["Amount"]) for each in bench.found("ReceivePaymentToDeposit")]


def other(cents: int, account: str = "Sales", **more: Any) -> Values:
    return {"AccountRef": ref(account), "Amount": cents, **more}


def lines_of(saved: Values) -> list[Values]:
    return list(saved.get("DepositLineRet", []))


MONEY = {
    "a payment": lambda bench: received(bench, 500, Memo="by mail", RefNumber="77", PaymentMethodRef=ref("Check")),
    "a sales receipt": lambda bench: bench.add("SalesReceipt", sold("Repair", 1, kind="SalesReceipt")),
    "a journal entry": lambda bench: bench.add("JournalEntry", journal((500, UNDEPOSITED, "Baker"), (-500, "Sales"))),
}
"""What waits in undeposited funds."""


@pytest.mark.parametrize("money", MONEY)
def test_what_waits_goes_to_the_bank_once(money: str) -> None:
    bench = Proven()
    saved = MONEY[money](bench)
    [(txn_id, cents)] = waiting(bench)
    assert txn_id == saved["TxnID"]
    made = bench.add("Deposit", deposit(saved))
    [line] = lines_of(made)
    assert (line["TxnID"], line["Amount"], line["EntityRef"]["FullName"]) == (txn_id, cents, "Baker")
    assert (made["DepositTotal"], bench.rows(made)) == (cents, [(BANK, cents), (UNDEPOSITED, -cents, "Baker")])
    assert UNDEPOSITED not in bench.books()
    assert bench.query("ReceivePaymentToDeposit").status.code == 1
    assert bench.refused("Deposit", deposit(saved)) == 3120
    kind = {"a payment": "ReceivePayment", "a sales receipt": "SalesReceipt", "a journal entry": "JournalEntry"}[money]
    assert bench.remove("Del", kind, saved) == 3160
    if kind != "ReceivePayment":
        assert bench.remove("Void", kind, saved) == 3160
    bench.removed("Del", "Deposit", made)
    assert waiting(bench) == [(txn_id, cents)]
    bench.removed("Del", kind, saved)
    assert bench.books() == {}


def test_what_is_told_of_a_payment() -> None:
    bench = Proven()
    saved = MONEY["a payment"](bench)
    [told] = bench.found("ReceivePaymentToDeposit")
    assert (told["TxnType"], told["CustomerRef"]["FullName"], told["RefNumber"]) == ("ReceivePayment", "Baker", "77")
    asked = {"PaymentTxnID": saved["TxnID"], "PaymentTxnLineID": told["TxnLineID"]}
    more = {"OverrideMemo": "m", "OverrideCheckNumber": "5", "OverrideClassRef": ref("East")}
    [plain] = lines_of(bench.add("Deposit", deposit(asked)))
    assert (plain["Memo"], plain["CheckNumber"], plain["PaymentMethodRef"]["FullName"], plain.get("ClassRef")) == (
        "by mail",
        "77",
        "Check",
        None,
    )
    made = bench.add("Deposit", deposit({"PaymentTxnID": received(bench, 500)["TxnID"], **more}))
    [line] = lines_of(made)
    assert (line["Memo"], line["CheckNumber"], line["ClassRef"]["FullName"]) == ("m", "5", "East")
    assert bench.rows(made)[1] == (UNDEPOSITED, -500, "Baker", "East")
    after = bench.changed("Deposit", made, Memo="header alone")
    assert lines_of(after) == [line]
    assert bench.rows(made)[1] == (UNDEPOSITED, -500, "Baker", "East")


def test_only_customers_are_told_as_customers() -> None:
    bench = Proven()
    bench.add("JournalEntry", journal((500, UNDEPOSITED, "Landlord"), (-500, "Sales")))
    [told] = bench.found("ReceivePaymentToDeposit")
    assert "CustomerRef" not in told


def test_other_money_and_cash_back() -> None:
    bench = Proven()
    paid = received(bench, 500)
    cash = {"AccountRef": ref("Members Equity"), "Amount": 120, "Memo": "lunch"}
    lines = (
        paid,
        other(300, EntityRef=ref("Lamp Factory"), ClassRef=ref("East"), Memo="sold"),
        other(-50, "Bank Service Charges"),
    )
    made = bench.add("Deposit", deposit(*lines, CashBackInfoAdd=cash))
    assert made["DepositTotal"] == 630
    assert bench.rows(made) == [
        (BANK, 630),
        (UNDEPOSITED, -500, "Baker"),
        ("Sales", -300, "Lamp Factory", "East"),
        ("Bank Service Charges", 50),
        ("Members Equity", 120),
    ]
    told = made["CashBackInfoRet"]
    assert (told["AccountRef"]["FullName"], told["Amount"], told["Memo"]) == ("Members Equity", 120, "lunch")
    after = bench.changed("Deposit", made, CashBackInfoMod={"Amount": 20})
    assert (after["DepositTotal"], after["CashBackInfoRet"]["Memo"], after["CashBackInfoRet"]["TxnLineID"]) == (
        730,
        "lunch",
        told["TxnLineID"],
    )
    assert bench.changed("Deposit", made, Memo="b")["DepositTotal"] == 730
    bench.removed("Void", "Deposit", made)
    now = bench.one("Deposit", made)
    assert (now["DepositTotal"], now["CashBackInfoRet"]["Amount"], [line["Amount"] for line in lines_of(now)]) == (
        0,
        0,
        [0, 0, 0],
    )
    assert waiting(bench) == [(paid["TxnID"], 500)]
    bench.changed("Deposit", made, Memo="stays void")
    assert (waiting(bench), bench.books()) == ([(paid["TxnID"], 500)], {UNDEPOSITED: 500, "Accounts Receivable": -500})


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda paid, invoice: deposit(), 3180),
        (lambda paid, invoice: deposit(paid, paid), 3120),
        (lambda paid, invoice: deposit(invoice), 3120),
        (lambda paid, invoice: deposit({"PaymentTxnID": "1-1"}), 3120),
        (lambda paid, invoice: deposit({"PaymentTxnID": paid["TxnID"], "PaymentTxnLineID": "1-1"}), 3120),
        (lambda paid, invoice: deposit(other(-5)), 3180),
        (lambda paid, invoice: deposit(paid, CashBackInfoAdd={"AccountRef": ref("Savings"), "Amount": 501}), 3180),
        (lambda paid, invoice: deposit(paid, CashBackInfoAdd={"AccountRef": ref("Rent"), "Amount": 5}), 3180),
        (lambda paid, invoice: deposit(paid, account="Company Card"), 3180),
        (lambda paid, invoice: deposit(paid, account="Nowhere"), 3140),
        (lambda paid, invoice: deposit(other(5, "Accounts Receivable")), 3180),
        (lambda paid, invoice: deposit(other(5, "Accounts Payable", EntityRef=ref("Baker"))), 3180),
        (lambda paid, invoice: deposit(paid, TxnDate="2026-10-31"), 3171),
    ],
)
def test_refused(make: Any, code: int) -> None:
    bench = Proven()
    bench.company._books.facts["closing_date"] = "2026-10-31"
    assert bench.refused("Deposit", make(received(bench, 500), owed(bench, 5))) == code


class TestChanges:
    def test_a_payment_is_taken_out_and_another_put_in(self) -> None:
        bench = Proven()
        first, second = received(bench, 500, Memo="first"), received(bench, 300, customer="Abercrombie", Memo="second")
        made = bench.add("Deposit", deposit(first, other(100)))
        taken, money = lines_of(made)
        after = bench.changed(
            "Deposit",
            made,
            DepositLineMod=[{"TxnLineID": "-1", "PaymentTxnID": second["TxnID"]}, {"TxnLineID": money["TxnLineID"]}],
        )
        assert (after["DepositTotal"], waiting(bench)) == (400, [(first["TxnID"], 500)])
        swapped = [
            {"TxnLineID": lines_of(after)[0]["TxnLineID"], "PaymentTxnID": first["TxnID"]},
            {"TxnLineID": money["TxnLineID"]},
        ]
        after = bench.changed("Deposit", made, DepositLineMod=swapped)
        [line, _money] = lines_of(after)
        assert (line["TxnID"], line["Memo"], line["EntityRef"]["FullName"]) == (first["TxnID"], "first", "Baker")
        assert (waiting(bench), bench.remove("Del", "ReceivePayment", first)) == ([(second["TxnID"], 300)], 3160)
        assert taken["TxnID"] == first["TxnID"]

    def test_a_payment_becomes_other_money(self) -> None:
        bench = Proven()
        paid = received(bench, 500)
        made = bench.add("Deposit", deposit(paid))
        [line] = lines_of(made)
        after = bench.changed(
            "Deposit", made, DepositLineMod=[{"TxnLineID": line["TxnLineID"], "AccountRef": ref("Sales"), "Amount": 70}]
        )
        assert (after["DepositTotal"], lines_of(after)[0].get("TxnID"), waiting(bench)) == (70, None, [(paid["TxnID"], 500)])
        after = bench.changed("Deposit", made, DepositLineMod=[{"TxnLineID": line["TxnLineID"], "PaymentTxnID": paid["TxnID"]}])
        assert (after["DepositTotal"], waiting(bench)) == (500, [])

    def test_other_money_and_the_bank(self) -> None:
        bench = Proven()
        made = bench.add("Deposit", deposit(other(100, Memo="m", EntityRef=ref("Baker")), other(30)))
        first, second = lines_of(made)
        changed = [{"TxnLineID": first["TxnLineID"], "Amount": 250, "Memo": None, "EntityRef": {}}]
        after = bench.changed("Deposit", made, DepositToAccountRef=ref("Savings"), DepositLineMod=changed)
        assert bench.rows(made) == [("Savings", 250), ("Sales", -250)]
        assert lines_of(after)[0].keys().isdisjoint({"Memo", "EntityRef"})
        for wrong, code in (([{"TxnLineID": second["TxnLineID"]}], 3120), ([], 3180)):
            if wrong:
                assert bench.unchanged("Deposit", made, DepositLineMod=wrong) == code
        assert bench.unchanged("Deposit", made, DepositToAccountRef={}) == 3150

    def test_a_deposited_journal_line(self) -> None:
        """A line that was deposited keeps its amount and account; the others may change, and lines may come before it."""
        bench = Proven()
        entry = bench.add("JournalEntry", journal((500, UNDEPOSITED, "Baker"), (-500, "Sales")))
        bench.add("Deposit", deposit(entry))
        cash, sales = (line["TxnLineID"] for _side, line in entry["JournalDebitLine|JournalCreditLine"])
        new = {"TxnLineID": "-1", "JournalLineType": "Debit", "AccountRef": ref("Rent"), "Amount": 100}
        bench.changed("JournalEntry", entry, JournalLineMod=[new, {"TxnLineID": cash}, {"TxnLineID": sales, "Amount": 600}])
        for change in ({"Amount": 499}, {"AccountRef": ref(BANK)}, {"JournalLineType": "Credit"}):
            sent = [{"TxnLineID": cash, **change}, {"TxnLineID": sales, "Amount": change.get("Amount", 500)}]
            assert bench.unchanged("JournalEntry", entry, JournalLineMod=sent) == 3180
        assert waiting(bench) == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["deposit", "mod", "Del", "Void"]), st.integers(0, 3), st.sets(st.integers(0, 3))), max_size=6
    )
)
def test_every_payment_waits_or_is_in_one_deposit(steps: list[tuple[str, int, set[int]]]) -> None:
    bench = Proven()
    payments = [received(bench, 100 * (place + 1)) for place in range(4)]
    deposits: list[tuple[Values, set[int]]] = []
    for what, choice, places in steps:
        taken = set().union(*(held for _made, held in deposits))
        if what == "deposit":
            answer = bench.ask(
                "Deposit", "Add", {"DepositAdd": deposit(*[payments[place] for place in sorted(places)], other(1))}
            )
            assert (answer.status.code == 0) == (not places & taken)
            if answer.status.code == 0:
                deposits.append((answer.records[0][1], places))  # type: ignore[arg-type]
        elif deposits:
            made, _held = deposits.pop(choice % len(deposits))
            if what == "mod":
                new = sorted(places - taken)
                kept = [{"TxnLineID": line["TxnLineID"]} for line in lines_of(bench.one("Deposit", made)) if "TxnID" not in line]
                sent = [*kept, *({"TxnLineID": "-1", "PaymentTxnID": payments[place]["TxnID"]} for place in new)]
                bench.changed("Deposit", made, DepositLineMod=sent)
                deposits.append((made, set(new)))
            else:
                bench.removed(what, "Deposit", made)
        in_deposits = set().union(*(held for _made, held in deposits))
        assert waiting(bench) == [
            (each["TxnID"], each["TotalAmount"]) for place, each in enumerate(payments) if place not in in_deposits
        ]
