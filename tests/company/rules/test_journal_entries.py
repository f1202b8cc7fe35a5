"""Journal entries: both sides, what is open of them, and Mods, changed sides among them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import Proven, Values, journal, ref

RECEIVABLE, PAYABLE = "Accounts Receivable", "Accounts Payable"
LINES = "JournalDebitLine|JournalCreditLine"


def ids(saved: Values) -> list[str]:
    return [line["TxnLineID"] for _side, line in saved[LINES]]


def sides(saved: Values) -> list[tuple[str, str, int]]:
    return [(side[7:-4], line["AccountRef"]["FullName"], line["Amount"]) for side, line in saved[LINES]]


def test_names_and_classes() -> None:
    bench = Proven()
    values = journal((500, "Rent"), (200, "Utilities", "Lamp Factory"), (-700, "Operating Account", "Baker"))
    values[LINES][0][1]["ClassRef"] = ref("East")
    saved = bench.add("JournalEntry", values)
    assert bench.rows(saved) == [
        ("Rent", 500, "", "East"),
        ("Utilities", 200, "Lamp Factory"),
        ("Operating Account", -700, "Baker"),
    ]
    assert sides(saved) == [("Debit", "Rent", 500), ("Debit", "Utilities", 200), ("Credit", "Operating Account", 700)]
    assert (
        bench.truth.balance("Baker") == bench.truth.balance("Lamp Factory") == 0
    )  # balances move on receivables and payables only


@pytest.mark.parametrize(
    ("account", "name", "cents", "balance", "open_as"),
    [
        (RECEIVABLE, "Baker", 500, 500, "receivable"),
        (RECEIVABLE, "Baker", -500, -500, "receivable credit"),
        (PAYABLE, "Landlord", -500, 500, "payable"),
        (PAYABLE, "Landlord", 500, -500, "payable credit"),
    ],
)
def test_a_line_on_receivables_or_payables_is_open(account: str, name: str, cents: int, balance: int, open_as: str) -> None:
    bench = Proven()
    bench.add("JournalEntry", journal((cents, account, name), (-cents, "Rent")))
    assert bench.truth.balance(name) == balance
    assert bench.sql("SELECT open_as, open_cents FROM txn") == [(open_as, 500)]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (((500, "Rent"), (-499, "Utilities")), 3180),
        (((500, "Rent"),), 3180),
        (((500, RECEIVABLE), (-500, "Rent")), 3180),
        (((500, RECEIVABLE, "Landlord"), (-500, "Rent")), 3180),
        (((-500, PAYABLE, "Baker"), (500, "Rent")), 3180),
        (((500, RECEIVABLE, "Baker"), (-500, PAYABLE, "Landlord")), 3180),
        (((500, RECEIVABLE, "Baker"), (-500, RECEIVABLE, "Abercrombie")), 3180),
        (((500, "Nowhere"), (-500, "Rent")), 3140),
        (((500, "Rent", "Nobody"), (-500, "Rent")), 3140),
    ],
)
def test_refused(lines: tuple[Any, ...], code: int) -> None:
    assert Proven().refused("JournalEntry", journal(*lines)) == code


def test_an_order_account_takes_no_entry() -> None:
    bench = Proven()
    bench.add("SpecialAccount", {"SpecialAccountType": "PurchaseOrders"})
    assert bench.refused("JournalEntry", journal((500, "Purchase Orders"), (-500, "Rent"))) == 3180


class TestChanges:
    def two(self, bench: Proven) -> Values:
        return bench.add("JournalEntry", journal((500, "Rent"), (-500, "Operating Account"), RefNumber="7"))

    def test_a_header_alone(self) -> None:
        bench = Proven()
        saved = self.two(bench)
        rows = bench.rows(saved)
        after = bench.changed("JournalEntry", saved, TxnDate="2026-11-01", IsAdjustment=True, RefNumber=None)
        assert (after["TxnDate"], after["IsAdjustment"], "RefNumber" in after) == ("2026-11-01", True, False)
        assert (sides(after), ids(after), bench.rows(saved)) == (sides(saved), ids(saved), rows)

    def test_changed_sides(self) -> None:
        bench = Proven()
        saved = self.two(bench)
        first, second = ids(saved)
        sent = [{"TxnLineID": first, "JournalLineType": "Credit"}, {"TxnLineID": second, "JournalLineType": "Debit"}]
        after = bench.changed("JournalEntry", saved, JournalLineMod=sent)
        assert sides(after) == [("Credit", "Rent", 500), ("Debit", "Operating Account", 500)]
        assert (ids(after), bench.rows(saved)) == ([first, second], [("Rent", -500), ("Operating Account", 500)])
        assert (
            bench.unchanged("JournalEntry", saved, JournalLineMod=[sent[0], {"TxnLineID": second, "JournalLineType": "Credit"}])
            == 3180
        )

    def test_lines_kept_changed_new_and_dropped(self) -> None:
        bench = Proven()
        saved = self.two(bench)
        first, second = ids(saved)
        new = {"TxnLineID": "-1", "JournalLineType": "Debit", "AccountRef": ref("Utilities"), "Amount": 100, "Memo": "m"}
        after = bench.changed(
            "JournalEntry", saved, JournalLineMod=[{"TxnLineID": first, "Amount": 400}, new, {"TxnLineID": second}]
        )
        assert sides(after) == [("Debit", "Rent", 400), ("Debit", "Utilities", 100), ("Credit", "Operating Account", 500)]
        kept = [{"TxnLineID": ids(after)[1], "Memo": None, "ClassRef": ref("East")}, {"TxnLineID": second, "Amount": 100}]
        after = bench.changed("JournalEntry", saved, JournalLineMod=kept)
        assert bench.rows(saved) == [("Utilities", 100, "", "East"), ("Operating Account", -100)]
        assert "Memo" not in after[LINES][0][1]

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda first, second: [{"TxnLineID": first}], 3180),
            (lambda first, second: [{"TxnLineID": second}, {"TxnLineID": first}], 3290),
            (lambda first, second: [{"TxnLineID": first, "AccountRef": {}}, {"TxnLineID": second}], 3150),
            (lambda first, second: [{"TxnLineID": first, "Amount": None}, {"TxnLineID": second}], 3150),
            (lambda first, second: [{"TxnLineID": "-1", "AccountRef": ref("Rent"), "Amount": 0}], 3150),
            (lambda first, second: [{"TxnLineID": "1-1"}], 3120),
            (lambda first, second: [{"TxnLineID": first, "AccountRef": ref(RECEIVABLE)}, {"TxnLineID": second}], 3180),
        ],
    )
    def test_refused(self, make: Any, code: int) -> None:
        bench = Proven()
        saved = self.two(bench)
        assert bench.unchanged("JournalEntry", saved, JournalLineMod=make(*ids(saved))) == code

    def test_what_is_open_follows(self) -> None:
        bench = Proven()
        saved = bench.add("JournalEntry", journal((500, RECEIVABLE, "Baker"), (-500, "Sales")))
        first, second = ids(saved)
        sent = [{"TxnLineID": first, "JournalLineType": "Credit"}, {"TxnLineID": second, "JournalLineType": "Debit"}]
        bench.changed("JournalEntry", saved, JournalLineMod=sent)
        assert bench.sql("SELECT open_as, open_cents FROM txn") == [("receivable credit", 500)]
        sent = [{"TxnLineID": first, "AccountRef": ref(PAYABLE), "EntityRef": ref("Landlord")}, {"TxnLineID": second}]
        bench.changed("JournalEntry", saved, JournalLineMod=sent)
        assert (bench.truth.balance("Baker"), bench.truth.balance("Landlord")) == (0, 500)
        bench.changed(
            "JournalEntry", saved, JournalLineMod=[{"TxnLineID": first, "AccountRef": ref("Rent")}, {"TxnLineID": second}]
        )
        assert bench.sql("SELECT open_as, open_cents, open_name FROM txn") == [("", 0, None)]


ACCOUNTS = st.sampled_from(["Rent", "Operating Account", "Sales", RECEIVABLE, PAYABLE, "Inventory Asset"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-500, 500).filter(bool), ACCOUNTS), min_size=1, max_size=4))
def test_any_lines(lines: list[tuple[int, str]]) -> None:
    """What balances and has one name at most on receivables and payables together is taken, all else refused."""
    bench = Proven()
    names = {RECEIVABLE: ("Baker",), PAYABLE: ("Landlord",)}
    named = {account for _cents, account in lines if account in names}
    asked = journal(*[(cents, account, *names.get(account, ())) for cents, account in lines])
    if sum(cents for cents, _account in lines) or len(named) > 1:
        assert bench.refused("JournalEntry", asked) == 3180
        return
    saved = bench.add("JournalEntry", asked)
    assert bench.rows(saved) == [(account, cents, *names.get(account, ())) for cents, account in lines]
