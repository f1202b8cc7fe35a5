"""Roles of users: who may write what."""

import pytest

from emulator.company import Caller
from emulator.company.description import FILE_PREFERENCES
from emulator.company.exchange.description import description_of
from emulator.company.list_rows import LISTS
from emulator.company.operations import QUERIES
from emulator.company.reports import KINDS
from emulator.company.rights import _NOUNS, AREA_OF, AREAS, LEVELS, area_of_report
from emulator.company.transaction_rows import TRANSACTIONS

from .helpers import SMALL, Bench, bill, invoice

USERS = "users:\n" + "\n".join(
    f"  - {{name: {role.split()[0]}, role: {role}}}"
    for role in ("Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only")
)


@pytest.mark.parametrize(
    ("user", "sells", "buys"),
    [
        ("Admin", 0, 0), ("external", 0, 0), ("Full", 0, 0), ("Sales", 0, 3260), ("Purchases", 3260, 0), ("VIEW", 3260, 3260),
        ("Stranger", 0, 0),
    ],
)  # fmt: skip
def test_roles(user: str, sells: int, buys: int) -> None:
    bench = Bench(yaml=SMALL + USERS)
    caller = Caller("s", user=user)
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice()}, caller).status.code == sells
    assert bench.ask("Bill", "Add", {"BillAdd": bill()}, caller).status.code == buys
    assert bench.ask("Customer", "Query", {}, caller).status.code == 0
    for row in bench.truth.transactions("Invoice"):
        values = {"TxnDelType": "Invoice", "TxnID": row["txn_id"]}
        assert bench.ask("Txn", "Del", values, Caller("s", user="View")).status.code == 3260


def test_ignored_by_the_switch() -> None:
    bench = Bench(yaml=SMALL + USERS, switches={"company.role-rights": "ignored"})
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice()}, Caller("s", user="View")).status.code == 0


LIMITED = SMALL + "users:\n  - {name: Admin, role: Admin}\n  - {name: Cut, role: Full Access, areas: {%s: %s}}\n"
TRIED = {
    "Sales and Receivables": ("Invoice", {"InvoiceAdd": invoice()}, "GeneralSummaryReport", "SalesByCustomerSummary"),
    "Purchases and Payables": ("Bill", {"BillAdd": bill()}, "AgingReport", "APAgingSummary"),
    "Banking": ("Deposit", None, "GeneralDetailReport", "CheckDetail"),
    "Inventory": ("InventoryAdjustment", None, "GeneralSummaryReport", "InventoryValuationSummary"),
    "Time": ("TimeTracking", None, "TimeReport", "TimeByName"),
    "Payroll": ("Employee", {"EmployeeAdd": {"FirstName": "Jo", "LastName": "Low"}}, "PayrollSummaryReport", "PayrollSummary"),
    "Sensitive accounting": ("Account", {"AccountAdd": {"Name": "New", "AccountType": "Bank"}}, "", ""),
    "Reports": ("Transaction", None, "GeneralSummaryReport", "ProfitAndLossStandard"),
}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_user_is_kept_out_of_an_area_as_far_as_its_level(area: str, level: str) -> None:
    noun, added, report, kind = TRIED[area]
    bench = Bench(yaml=LIMITED % (area, level))
    cut = Caller("s", user="CUT", personal_data=True)
    none, full = level == "none", level == "full"
    assert bench.ask(noun, "Query", {}, cut).status.code in ((3260,) if none else (0, 1))
    if added is not None:
        assert bench.ask(noun, "Add", added, cut).status.code == (3260 if none else 0)
        assert (
            bench.ask(
                noun, "Mod", {f"{noun}Mod": {"ListID": "80000FFF-1", "TxnID": "FFF-1", "EditSequence": "1"}}, cut
            ).status.code
            == 3260
        ) is not full
    if report:
        asked = bench.ask(report, "Query", {f"{report}Type": kind}, cut).status.code
        assert asked == (0 if full else 3260)
    assert bench.ask("Terms", "Query", {}, cut).status.code in (0, 1)


def test_other_areas_and_the_admin_are_not_touched() -> None:
    bench = Bench(yaml=LIMITED % ("Banking", "none"))
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice()}, Caller("s", user="Cut")).status.code == 0
    bench.company.limit("Admin", {"Sales and Receivables": "none"})
    assert bench.ask("Customer", "Query", {}, Caller("s", user="Admin")).status.code == 0


def test_a_cut_is_kept_and_taken_back() -> None:
    bench = Bench(yaml=LIMITED % ("Banking", "none"))
    cut = Caller("s", user="Cut")
    assert bench.company.areas_of("CUT") == {"Banking": "none"}
    assert bench.ask("Check", "Query", {}, cut).status.code == 3260
    bench.company.limit("Cut", {})
    assert bench.company.areas_of("Cut") == {}
    assert bench.ask("Check", "Query", {}, cut).status.code == 1


@pytest.mark.parametrize(("setting", "reads"), [("enforced", 3260), ("ignored", 1)])
def test_reading_by_the_switch(setting: str, reads: int) -> None:
    bench = Bench(yaml=LIMITED % ("Banking", "none"), switches={"company.role-rights-reading": setting})
    cut = Caller("s", user="Cut")
    assert bench.ask("Check", "Query", {}, cut).status.code == reads
    assert bench.ask("Check", "Add", {"CheckAdd": {}}, cut).status.code == 3260


def test_each_noun_belongs_to_one_area_and_each_report_to_one() -> None:
    assert set(AREA_OF.values()) == set(AREAS)
    assert sum(len(nouns) for nouns in _NOUNS.values()) == len(AREA_OF)
    assert set(AREA_OF) <= set(LISTS) | set(TRANSACTIONS) | set(QUERIES) | {"ClearedStatus"}
    assert {area_of_report(kind) for kind in KINDS} == set(AREAS) - {"Sensitive accounting"}


def test_the_description_gives_the_same_rights_again() -> None:
    bench = Bench(yaml=LIMITED % ("Banking", "create") + "no_applications: true\ncomplex_password: false\n")
    told, _ = description_of(bench.company._books)
    again = Bench(yaml=told).company
    assert again.areas_of("Cut") == {"Banking": "create"}
    assert (again.no_applications, again.certificate_notice, again.complex_password) == (True, True, False)


def test_a_file_of_before_has_the_defaults() -> None:
    company = Bench().company
    assert company._books.facts.keys().isdisjoint({"areas", *FILE_PREFERENCES})
    assert company.areas_of("Admin") == {}
    assert (company.no_applications, company.certificate_notice, company.complex_password) == (False, True, True)
    company.prefer("no_applications", True)
    company.limit("Admin", {"Time": "none"})
    assert company.no_applications
    assert company.areas_of("admin") == {"Time": "none"}
