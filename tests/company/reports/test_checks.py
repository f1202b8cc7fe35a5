"""MissingChecks: numbers in their order, with what is missing and what stands twice."""

import pytest

from company.proven import Proven, expense, purchase
from emulator.company.reports.checks import DUPLICATE, MISSING

from .telling import rows_of, titles, told


def written(*refs: str, switches: dict[str, str] | None = None) -> Proven:
    bench = Proven(switches=switches)  # type: ignore[arg-type]
    for ref in refs:
        bench.add("Check", purchase("Check", expense(100), RefNumber=ref))
    return bench


def told_numbers(bench: Proven) -> list[str]:
    report = told(bench, "GeneralDetail", "MissingChecks")
    num = titles(report).index("Num")
    return [
        label if name == "TextRow" else cells[num] for name, label, cells in rows_of(report) if name in ("TextRow", "DataRow")
    ]


@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        ("marked", ["9", "10", MISSING, "12", DUPLICATE, "12", MISSING, "0015", "ATM"]),
        ("left-out", ["9", "10", "12", "12", "0015", "ATM"]),
    ],
)
def test_numbers_that_are_missing_or_stand_twice(setting: str, rows: list[str]) -> None:
    bench = written("12", "ATM", "10", "0015", "9", "12", switches={"company.report-missing-numbers": setting})
    assert told_numbers(bench) == ["Operating Account", *rows]


def test_a_void_check_is_not_missing() -> None:
    bench = written("1", "2", "3")
    [second] = bench.found("Check", RefNumber=["2"])
    bench.removed("Void", "Check", second)
    report = told(bench, "GeneralDetail", "MissingChecks")
    assert told_numbers(bench) == ["Operating Account", "1", "2", "3"]
    names = titles(report)
    void = next(cells for _name, _label, cells in rows_of(report) if "2" in cells)
    assert (void[names.index("Amount")], void[names.index("Memo")]) == ("0.00", "VOID:")


def test_accounts_have_numbers_of_their_own() -> None:
    bench = written("1", "2")
    bench.add("Account", {"Name": "Second Bank", "AccountType": "Bank"})
    second = purchase("Check", expense(100), RefNumber="40")
    bench.add("Check", {**second, "AccountRef": {"FullName": "Second Bank"}})
    assert told_numbers(bench) == ["Operating Account", "1", "2", "Second Bank", "40"]
