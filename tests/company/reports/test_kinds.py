"""Every kind of report is answered validly, whatever it is asked with."""

import random
from typing import Any

import pytest

from company.helpers import Bench
from emulator.company.caller import Caller
from emulator.company.reports.kinds import KINDS
from emulator.qbxml import Version, decode_answer_set, decode_set, encode_answer_set, encode_request_set
from emulator.qbxml.messages import Request
from emulator.qbxml.schema import Choice, Node, schema_of

from .telling import ALL_KINDS, REPORTS, asked, busy, cents, kinds_of, rows_of, told

FULL = Caller("session-1", "Test Application", personal_data=True)


@pytest.fixture(scope="module")
def bench() -> Bench:
    bench = busy(2)
    bench.caller = FULL
    return bench


def answered(bench: Bench, report: str, values: dict[str, Any], version: str = "16.0") -> tuple[int, dict[str, Any]]:
    """Send a report query as a document; its answer must be valid. Return the code and the report."""
    asked_set = Request(f"{report}ReportQueryRq", f"{report}Report", "Query", {}, values)
    message_set = decode_set(encode_request_set(Version(version), "stopOnError", [asked_set]))
    answers = bench.company.begin_set(message_set, bench.caller).finish()
    [answer] = decode_answer_set(encode_answer_set(message_set, answers, {}), version, strict=True).answers
    return answer.status.code, answer.records[0][1] if answer.records else {}  # type: ignore[return-value]


def test_there_is_one_maker_for_each_kind() -> None:
    assert sorted(KINDS) == sorted({kind for _report, kind in ALL_KINDS})


@pytest.mark.parametrize(("report", "kind"), ALL_KINDS)
def test_a_kind_is_valid_for_all_days_and_for_none(bench: Bench, report: str, kind: str) -> None:
    for period in ({"ReportDateMacro": "All"}, {}, {"ReportPeriod": {"FromReportDate": "2026-11-01"}}):
        code, found = answered(bench, report, asked(report, kind, **period))
        assert code == 0
        rows = rows_of(found)
        assert found["NumRows"] == len(rows)
        assert found["NumColumns"] == len(found["ColDesc"])


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "10.0", "12.0", "13.0"])
def test_every_kind_that_a_version_has_is_valid_at_it(bench: Bench, version: str) -> None:
    schema = schema_of(version)
    for report in REPORTS:
        message = schema.message(f"{report}ReportQueryRq")
        first = message.children[0] if message is not None else None
        for kind in first.values if isinstance(first, Node) else ():
            values = asked(report, kind, ReportDateMacro="All")
            columns = (
                [part for part in message.children if getattr(part, "name", "") == "IncludeColumn"] if message is not None else []
            )
            if columns and "IncludeColumn" not in values:
                code, _found = answered(bench, report, {**values, "IncludeColumn": list(columns[0].values)}, version)  # type: ignore[union-attr]
                assert code == 0
            code, _found = answered(bench, report, values, version)
            assert code == 0, (report, kind)


@pytest.mark.parametrize(("report", "kind"), ALL_KINDS)
def test_a_kind_says_something_of_busy_books(bench: Bench, report: str, kind: str) -> None:
    if report.startswith("Payroll") or kind.endswith("Overview") or kind in QUIET:
        return
    code, found = answered(bench, report, asked(report, kind, ReportDateMacro="All"))
    assert (code, found["NumRows"] > 0) == (0, True)


QUIET = frozenset({"LotNumberInStockBySite", "SerialNumberInStockBySite"})
"""Kinds that the busy books have nothing for; other tests look at them."""


def random_query(report: str, dice: random.Random, bench: Bench) -> dict[str, Any]:
    """Return a query with random filters, columns, rows and days."""
    message = schema_of("16.0").message(f"{report}ReportQueryRq")
    assert message is not None
    names = {
        "ReportAccountFilter": ["Accounts Receivable", "Sales", "Nothing"],
        "ReportEntityFilter": ["Baker", "Lamp Factory"],
        "ReportItemFilter": ["Lamp", "Repair"],
        "ReportClassFilter": ["East"],
    }
    values: dict[str, Any] = {}
    for part in message.children:
        if isinstance(part, Choice):
            nodes = [branch[0] for branch in part.branches if isinstance(branch[0], Node)]
            picked = dice.choice(nodes)
            if dice.random() < 0.5 and picked.values:
                values[picked.name] = dice.choice(picked.values)
            elif dice.random() < 0.5 and not picked.values:
                values[picked.name] = {
                    node.name: day for node, day in zip(picked.children, ("2026-10-05", "2026-11-20"), strict=True)
                }  # type: ignore[union-attr]
        elif part.values and (part.minimum or dice.random() < 0.3):
            chosen = dice.choice(part.values)
            values[part.name] = [chosen, dice.choice(part.values)] if part.repeats else chosen
        elif part.name in names and dice.random() < 0.3:
            values[part.name] = {"FullName": [dice.choice(names[part.name])]}
        elif part.type == "BOOLTYPE" and dice.random() < 0.3:
            values[part.name] = dice.random() < 0.5
        elif part.name == "FiscalYear":
            values[part.name] = 2026
    return values


@pytest.mark.parametrize("report", sorted({report for report, _kind in ALL_KINDS}))
def test_random_queries_are_answered(bench: Bench, report: str) -> None:
    dice = random.Random(report)
    for _time in range(40):
        values = random_query(report, dice, bench)
        for key, kinds in ((f"{report}ReportType", kinds_of(report)),):
            values[key] = dice.choice(kinds)
        values = {**asked(report, values[f"{report}ReportType"]), **values}
        code, found = answered(bench, report, values)
        assert code in (0, 3140), values
        if found:
            assert found["NumRows"] == len(rows_of(found))


def test_payroll_needs_the_permission_for_personal_data() -> None:
    bench = busy(2)
    bench.caller = Caller("session-1", "Test Application")
    for report in ("PayrollDetail", "PayrollSummary"):
        assert bench.query(f"{report}Report", **asked(report, kinds_of(report)[0])).status.code == 3262


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("ReportPeriod", ("FromReportDate", "ToReportDate")),
        ("ReportModifiedDateRangeFilter", ("FromReportModifiedDate", "ToReportModifiedDate")),
    ],
)
def test_a_period_that_ends_before_it_begins(bench: Bench, name: str, ends: tuple[str, str]) -> None:
    span = dict(zip(ends, ("2026-11-02", "2026-11-01"), strict=True))
    assert bench.query("GeneralSummaryReport", GeneralSummaryReportType="TrialBalance", **{name: span}).status.code == 3030


@pytest.mark.parametrize(("report", "kind"), ALL_KINDS)
def test_a_filter_that_names_nobody_is_refused(bench: Bench, report: str, kind: str) -> None:
    message = schema_of("16.0").message(f"{report}ReportQueryRq")
    names = {getattr(part, "name", "") for part in message.children} if message is not None else set()
    for name in names & {"ReportAccountFilter", "ReportEntityFilter", "ReportItemFilter", "ReportClassFilter"}:
        assert bench.query(f"{report}Report", **asked(report, kind, **{name: {"FullName": ["Nobody"]}})).status.code == 3140, name


@pytest.mark.parametrize("year", [0, -1, 99_999])
def test_a_fiscal_year_that_is_none(bench: Bench, year: int) -> None:
    for kind in kinds_of("BudgetSummary"):
        assert bench.query("BudgetSummaryReport", BudgetSummaryReportType=kind, FiscalYear=year).status.code == 3085


def test_filters_choose(bench: Bench) -> None:
    whole = told(bench, "GeneralSummary", "SalesByCustomerSummary")
    some = told(bench, "GeneralSummary", "SalesByCustomerSummary", ReportEntityFilter={"FullName": ["Baker"]})
    assert {label for _name, label, _cells in rows_of(some)} <= {label for _name, label, _cells in rows_of(whole)}
    assert [label for name, label, _cells in rows_of(some) if name == "DataRow"] == ["Baker"]
    by_type = told(bench, "GeneralDetail", "TxnListByDate", ReportTxnTypeFilter={"TxnTypeFilter": ["Bill"]})
    assert {cells[0] for name, _label, cells in rows_of(by_type) if name == "DataRow"} == {"Bill"}
    level = [
        sum(cents(cells[0]) - cents(cells[1]) for name, _l, cells in rows_of(found) if name == "DataRow")
        for found in (
            told(bench, "CustomDetail", "CustomTxnDetail", IncludeColumn=["Debit", "Credit"], ReportDetailLevelFilter=level)
            for level in ("SummaryOnly", "AllExceptSummary")
        )
    ]
    assert level[0] == -level[1] != 0


def test_a_name_is_that_of_a_row_or_of_its_transaction(bench: Bench) -> None:
    """The bill of the contractor has a line for Baker: it is found by both."""
    columns = {"IncludeColumn": ["Account", "Debit", "Credit"], "ReportTxnTypeFilter": {"TxnTypeFilter": ["Bill"]}}
    found = {
        name: [
            cells[0]
            for kind, _label, cells in rows_of(told(bench, "CustomDetail", "CustomTxnDetail", **columns, **wanted))
            if kind == "DataRow"
        ]
        for name in ("Contractor", "Baker")
        for wanted in ({"ReportEntityFilter": {"FullName": [name]}},)
    }
    assert sorted(found["Contractor"]) == ["Accounts Payable", "Rent"]
    assert "Rent" in found["Baker"]
    assert "Accounts Payable" not in found["Baker"]
