"""Numbers and dates of transactions: RefNumber, DueDate, the discount that terms suggest."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.company.numbering import next_number

from .helpers import line
from .proven import ONE, Proven, Values, ref
from .rules.selling import SALES, charge, kept, lines_of, sell, shop, with_lines

KINDS = (*SALES, "Charge")


def numbered(bench: Proven, kind: str, **header: Any) -> str | None:
    """Save a sale; return its RefNumber, None for a blank one."""
    saved = charge(bench, "Baker", **header) if kind == "Charge" else sell(bench, kind, "Baker", **header)
    return saved.get("RefNumber")


class TestNumbers:
    """Documented: none given takes the next one, an empty one stays blank, equal ones are fine; which is next is reported."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_counts_for_itself(self, kind: str) -> None:
        bench = shop()
        for other in KINDS:
            if other != kind:
                numbered(bench, other, RefNumber="777")
        assert numbered(bench, kind) == "1"
        assert numbered(bench, kind) == "2"
        assert numbered(bench, kind, RefNumber="G-0099") == "G-0099"
        assert numbered(bench, kind, RefNumber=None) is None
        assert numbered(bench, kind) == "G-0100"
        assert numbered(bench, kind, RefNumber="g-0100") == "g-0100"  # case counts, and equal ones are taken
        assert numbered(bench, kind) == "g-0101"

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_a_mod_and_a_delete(self, kind: str) -> None:
        bench = shop()
        numbered(bench, kind, RefNumber="10")
        last = charge(bench, "Baker") if kind == "Charge" else sell(bench, kind, "Baker")
        assert bench.changed(kind, last, RefNumber="50")["RefNumber"] == "50"
        assert numbered(bench, kind) == "51"
        assert "RefNumber" not in bench.changed(kind, last, RefNumber=None)
        assert bench.changed(kind, last, Memo="x" if kind != "Charge" else None).get("RefNumber") is None
        [newest] = [each["TxnID"] for each in bench.found(kind) if each.get("RefNumber") == "51"]
        bench.removed("Del", kind, {"TxnID": newest})
        assert numbered(bench, kind) == "11"

    @settings(max_examples=100)
    @given(st.text("AZaz-09", max_size=11))
    def test_the_next_one_follows(self, last: str) -> None:
        following = next_number(last, 11)
        assert 0 < len(following) <= 11
        assert following[-1].isdigit()
        if following != "1":
            assert following != last
            assert len(following) in (len(last), len(last) + 1)


DATE_DRIVEN = {
    "Name": "By The 15th",
    "DayOfMonthDue": 15,
    "DueNextMonthDays": 5,
    "DiscountDayOfMonth": 10,
    "DiscountPct": 2 * ONE,
}
TERMS: dict[str, tuple[str, Values]] = {
    "15th": ("DateDrivenTerms", DATE_DRIVEN),
    "last day": ("DateDrivenTerms", {"Name": "Last Day", "DayOfMonthDue": 31}),
    "first": ("DateDrivenTerms", {"Name": "First", "DayOfMonthDue": 1, "DueNextMonthDays": 3}),
    "net 20": ("StandardTerms", {"Name": "Net 20", "StdDueDays": 20}),
    "2% 10 net 30": ("StandardTerms", {"Name": "Early", "StdDueDays": 30, "StdDiscountDays": 10, "DiscountPct": 2 * ONE}),
    "at once": ("StandardTerms", {"Name": "At Once"}),
}


def with_terms(name: str, **more: Any) -> tuple[Proven, Values]:
    """Return a shop with these terms, and what names them."""
    bench = shop(**more)
    kind, values = TERMS[name]
    bench.add(kind, values)
    return bench, {"TermsRef": ref(values["Name"])}


class TestTerms:
    """Documented: standard terms count days, date-driven ones name the day of the month."""

    @pytest.mark.parametrize(
        ("name", "day", "due"),
        [
            ("net 20", "2026-11-23", "2026-12-13"),
            ("net 20", "9999-12-20", "9999-12-31"),
            ("at once", "2026-11-23", "2026-11-23"),
            ("2% 10 net 30", "2026-01-31", "2026-03-02"),
            ("15th", "2026-11-01", "2026-11-15"),
            ("15th", "2026-11-09", "2026-11-15"),
            ("15th", "2026-11-10", "2026-12-15"),  # within five days
            ("15th", "2026-11-15", "2026-12-15"),
            ("15th", "2026-11-16", "2026-12-15"),
            ("15th", "2026-12-14", "2027-01-15"),
            ("15th", "9999-12-20", "9999-12-31"),
            ("last day", "2026-02-10", "2026-02-28"),
            ("last day", "2026-02-28", "2026-03-31"),
            ("last day", "2028-02-28", "2028-02-29"),
            ("last day", "2026-11-23", "2026-11-30"),
            ("first", "2026-11-02", "2026-12-01"),
            ("first", "2026-11-29", "2027-01-01"),
            ("first", "2026-12-31", "2027-02-01"),
        ],
    )
    def test_due_dates(self, name: str, day: str, due: str) -> None:
        bench, terms = with_terms(name)
        for kind in ("Invoice", "Estimate", "SalesOrder", "CreditMemo"):
            saved = sell(bench, kind, "Baker", TxnDate=day, **terms)
            assert (saved["DueDate"], saved["TermsRef"]["FullName"]) == (due, TERMS[name][1]["Name"])
        assert sell(bench, "Invoice", "Baker", TxnDate=day, DueDate="2026-01-02", **terms)["DueDate"] == "2026-01-02"

    @pytest.mark.parametrize(
        ("name", "day", "until"),
        [
            ("2% 10 net 30", "2026-11-23", "2026-12-03"),
            ("2% 10 net 30", "9999-12-30", "9999-12-31"),
            ("15th", "2026-11-05", "2026-11-10"),
            ("15th", "2026-11-09", "2026-11-10"),
            ("15th", "2026-11-12", "2026-12-10"),  # due in December
            ("net 20", "2026-11-23", None),
            ("at once", "2026-11-23", None),
        ],
    )
    @pytest.mark.parametrize(("setting", "cents"), [("subtotal", 200), ("total", 217)])
    def test_the_suggested_discount(self, name: str, day: str, until: str | None, setting: str, cents: int) -> None:
        bench, terms = with_terms(name, switches={"company.suggested-discount-of": setting})
        goods = line("Lamp", Amount=10_000)
        saved = sell(bench, "Invoice", "Abercrombie", goods, ItemSalesTaxRef=ref("Flat"), TxnDate=day, **terms)
        told = (saved.get("SuggestedDiscountDate"), saved.get("SuggestedDiscountAmount"))
        assert told == ((until, cents) if until else (None, None))
        if until:
            [stored] = lines_of(saved)
            after = bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", stored, Amount=20_000)))
            assert after["SuggestedDiscountAmount"] in (2 * cents, 2 * cents - 1)  # the tax rounds once
            assert "SuggestedDiscountAmount" not in bench.changed("Invoice", saved, TermsRef={})

    @pytest.mark.parametrize(
        ("changes", "due"),
        [
            ({"Memo": "x"}, "2026-12-23"),
            ({"TermsRef": ref("Net 20")}, "2026-12-13"),
            ({"TermsRef": {}}, "2026-11-23"),
            ({"TxnDate": "2026-11-01"}, "2026-12-01"),
            ({"TxnDate": "2026-11-01", "TermsRef": ref("Net 20")}, "2026-11-21"),
            ({"TermsRef": ref("Net 20"), "DueDate": "2026-11-30"}, "2026-11-30"),
            ({"DueDate": None}, "2026-12-23"),
        ],
    )
    @pytest.mark.parametrize("setting", ["from-terms", "kept"])
    def test_of_a_mod(self, changes: Values, due: str, setting: str) -> None:
        bench, _terms = with_terms("net 20", switches={"company.due-date-of-mod": setting})
        saved = sell(bench, "Invoice", "Abercrombie", TxnDate="2026-11-23")
        assert saved["DueDate"] == "2026-12-23"  # Net 30 of the customer
        expected = due if setting == "from-terms" or "DueDate" in changes else "2026-12-23"
        assert bench.changed("Invoice", saved, **changes)["DueDate"] == expected


class TestDates:
    def test_what_is_left_out_follows_the_date(self) -> None:
        bench = shop()
        saved = sell(bench, "SalesReceipt", "Baker", TxnDate="2026-11-01")
        assert (saved["DueDate"], saved["ShipDate"]) == ("2026-11-01", "2026-11-01")
        saved = sell(bench, "Invoice", "Baker", TxnDate="2026-11-01", ShipDate="2026-11-05")
        assert bench.changed("Invoice", saved, TxnDate="2026-11-02")["ShipDate"] == "2026-11-05"
        assert bench.changed("Invoice", saved, ShipDate=None)["ShipDate"] == "2026-11-02"
