"""Roles of users: who may write what."""

import pytest

from emulator.company import Caller
from emulator.company.description import FILE_PREFERENCES
from emulator.company.exchange.description import description_of
from emulator.company.list_rows import LISTS
from emulator.company.operations import QUERIES, SPECIAL, known_nouns
from emulator.company.reports.kinds import KINDS
from emulator.company.rights import _NOUNS, AREA_OF, AREAS, EVERYBODYS, LEVELS, MAY_WRITE, area_of_report
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import Version
from emulator.qbxml.sample import sample_request

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
    assert set(AREA_OF) <= set(LISTS) | set(TRANSACTIONS) | set(QUERIES) | set(SPECIAL) | {"ClearedStatus"}
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


# ---- every request, every role, every area and level ------------------------------------------------------------------------------

ROLES = ("Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only")
REQUESTS = tuple(f"{noun}{operation}Rq" for noun, operations in sorted(known_nouns().items()) for operation in sorted(operations))
WHOLE = (
    "preferences: {classes: true, currencies: true, units_of_measure: multiple, sites: true, serial_or_lot: lot, payroll: true}\n"
)
"""Every feature is on, so that it is rights that refuse."""

ABOUT_OTHERS = {"Txn": "Txn{}Type", "List": "List{}Type", "ListDisplay": "ListDisplay{}Type", "TxnDisplay": "TxnDisplay{}Type"}
"""Nouns of requests that are about a record of another kind, and the element that names the kind."""

SEVERAL = {"Entity": ("Customer", "Vendor", "Employee", "OtherName"), "Item": ("ItemInventory", "ItemInventoryAssembly")}


def asked(name, bench):
    """Send the smallest request of a type; return what it is about, what it does (read, add, change), and its code."""
    request = sample_request(Version("16.0"), name, "smallest", 0)
    noun, operation = request.noun, request.operation
    about = (
        [str(request.values[ABOUT_OTHERS[noun].format(operation)])] if noun in ABOUT_OTHERS else list(SEVERAL.get(noun, [noun]))
    )
    if noun == "Transaction":
        about += ["Invoice", "Bill", "Check", "InventoryAdjustment", "JournalEntry"]
    does = "read" if operation == "Query" or noun.endswith("Display") else "add" if operation == "Add" else "change"
    [answer] = bench.answers(request)
    report = str(request.values.get(f"{noun}Type", "")) if noun.endswith("Report") else ""
    return about, does, report, answer.status.code


def refused_in(area, level, about, does, report):
    """What the table of `rights.py` says of a user whose level in one area was cut."""
    areas = {area_of_report(report)} if report else {AREA_OF.get(noun) for noun in about}
    if area not in areas or level == "full":
        return False
    return level == "none" or bool(report) or does == "change"


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_request_in_every_area(area: str, level: str) -> None:
    bench = Bench(yaml=LIMITED % (area, level) + WHOLE)
    found = {name: asked(name, BenchAs(bench, "Cut")) for name in REQUESTS}
    for name, (about, does, report, code) in found.items():
        assert (code == 3260) is refused_in(area, level, about, does, report), name


@pytest.mark.parametrize("role", ROLES)
def test_every_request_in_every_role(role: str) -> None:
    bench = Bench(yaml=SMALL + WHOLE + USERS)
    user = role.split()[0]
    may = MAY_WRITE.get(role)
    for name in REQUESTS:
        about, does, _, code = asked(name, BenchAs(bench, user))
        # What a subscriber has missed of events is no part of the books.
        refused = does != "read" and may is not None and not may.intersection(about) and "DataEventRecoveryInfo" not in about
        assert (code == 3260) is refused, name


def test_every_noun_has_an_area_or_is_everybodys() -> None:
    nouns = set(known_nouns()) - set(ABOUT_OTHERS) - set(SEVERAL) - {noun for noun in known_nouns() if noun.endswith("Report")}
    assert nouns == (set(AREA_OF) | set(EVERYBODYS)) & nouns
    assert not set(AREA_OF) & EVERYBODYS


class BenchAs:
    """A bench whose requests are a user's."""

    def __init__(self, bench: Bench, user: str) -> None:
        self._bench, self._caller = bench, Caller("s", user=user, personal_data=True)

    def answers(self, *requests):
        return self._bench.answers(*requests, caller=self._caller)


@pytest.mark.parametrize(
    ("kinds", "expected"), [(["Invoice"], (0, 1)), (["Invoice", "Check"], (3260,)), (["All"], (3260,)), ([], (3260,))]
)
def test_a_query_of_transactions_asks_for_the_right_to_each_type(kinds, expected) -> None:
    bench = Bench(yaml=LIMITED % ("Banking", "none"))
    values = {"TransactionTypeFilter": {"TxnTypeFilter": kinds}} if kinds else {}
    assert bench.ask("Transaction", "Query", values, Caller("s", user="Cut")).status.code in expected
    assert bench.ask("Transaction", "Query", values, Caller("s", user="Admin")).status.code in (0, 1)


@pytest.mark.parametrize(("setting", "code"), [("refused", 3260), ("answered", 0)])
def test_a_query_of_several_kinds_by_the_switch(setting, code) -> None:
    bench = Bench(yaml=LIMITED % ("Sales and Receivables", "none"), switches={"company.rights-of-several-kinds": setting})
    assert bench.ask("Entity", "Query", {}, Caller("s", user="Cut")).status.code == code
    assert bench.ask("Entity", "Query", {}, Caller("s", user="Admin")).status.code == 0
