"""Query answers out, and into another file: what a query tells afterwards is the same, and what cannot be kept is refused whole."""

import re
from datetime import date

import pytest

from company.helpers import Clock
from company.proven import Proven
from company.rules.test_removal import MADE, USED, World, kinds
from company.rules.test_sale_mods import four, shop
from emulator.company import SWITCHES, Company, CompanyDescription, described
from emulator.company.exchange.reading import Source, read_answers
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.core.errors import UserMistake
from emulator.core.switches import SwitchSettings

SOME = ("ARRefundCreditCard", "Deposit", "InventoryAdjustment", "ItemReceipt", "VehicleMileage")
"""Kinds that come in by a way of their own; the slow tests try all."""

VOID_SOME = ("Invoice", "BillPaymentCheck", "Deposit")


def bare_copy(company: Company) -> Company:
    """A file of the same description without a record."""
    description = CompanyDescription.model_validate(company._store.setting("description"))
    return Company.create(None, description, Clock(), bare=True)


def document_of(company: Company) -> str:
    return company.exchange.answers()


def source_of(document: str) -> Source:
    return read_answers(document.encode(), "answers.xml")


def assert_goes_round(company: Company) -> Company:
    document = document_of(company)
    other = bare_copy(company)
    counted = other.exchange.restore([source_of(document)])
    assert document_of(other) == document
    assert list(other.exchange.ledger()) == list(company.exchange.ledger())
    assert other.truth.problems() == []
    assert counted.total() - counted["DataExtDef"] == document.count("<TimeCreated>") - document.count("<TransactionRet>")
    return other


@pytest.mark.parametrize(
    "name", [pytest.param("month_end", marks=pytest.mark.slow), pytest.param("wholesale_small", marks=pytest.mark.slow), "empty"]
)
def test_a_shipped_company_goes_round(name):
    assert_goes_round(Company.create(None, described(name), Clock()))


@pytest.mark.parametrize("kind", [kind if kind in SOME else pytest.param(kind, marks=pytest.mark.slow) for kind in sorted(MADE)])
def test_every_kind_goes_round(kind):
    world = World()
    if kind == "VehicleMileage":
        world.bench.add("Vehicle", {"Name": "Van"})
    world.bench.add(kind, MADE[kind](world))
    assert_goes_round(world.bench.company)


@pytest.mark.parametrize(
    "kind", [kind if kind in VOID_SOME else pytest.param(kind, marks=pytest.mark.slow) for kind in kinds("Void")]
)
def test_a_void_transaction_goes_round(kind):
    world = World()
    world.bench.removed("Void", kind, world.bench.add(kind, MADE[kind](world)))
    assert_goes_round(world.bench.company)


def test_a_payment_used_goes_round():
    world = World()
    made = world.bench.add("ReceivePayment", MADE["ReceivePayment"](world))
    USED["ReceivePayment"](world, made)
    assert_goes_round(world.bench.company)


def test_numbers_go_on_behind_those_that_came_in():
    bench = World().bench
    other = assert_goes_round(bench.company)
    described_as = {record["list_id"] for record in other.truth.customers()}
    copy = Proven()
    copy.company = other
    made = copy.add("Customer", {"Name": "Newcomer"})
    assert made["ListID"] not in described_as
    assert int(made["ListID"].split("-")[0], 16) > max(int(each.split("-")[0], 16) for each in described_as)


def test_accounts_of_lines_follow_the_rows_of_the_ledger():
    bench = Proven()
    incomes = [row["full_name"] for row in bench.company.truth.accounts() if row["document"]["AccountType"] == "Income"]
    line = {"ItemRef": {"FullName": "Repair"}, "Quantity": 100_000, "OverrideItemAccountRef": {"FullName": incomes[-1]}}
    bench.add("Invoice", {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)]})
    assert_goes_round(bench.company)


def _bill_of_nothing() -> Proven:
    bench = Proven()
    bench.add("Bill", {"VendorRef": {"FullName": "Landlord"}, "RefNumber": "B-1"})
    return bench


def _without_tax() -> Proven:
    bench = shop()
    saved = four(bench, "Invoice")
    bench.changed("Invoice", saved, ItemSalesTaxRef={})
    return bench


@pytest.mark.parametrize("make", [_bill_of_nothing, _without_tax])
def test_rows_of_nothing_are_those_that_were_told(make):
    assert_goes_round(make().company)


@pytest.fixture(scope="module")
def company() -> Company:
    return World().bench.company


@pytest.fixture(scope="module")
def told(company) -> str:
    return document_of(company)


def test_a_tax_rate_that_changed_later_leaves_old_taxes(company, told):
    changed = re.sub(r"<TaxRate>8[\d.]+</TaxRate>", "<TaxRate>9.00</TaxRate>", told)
    assert changed != told
    other = bare_copy(company)
    other.exchange.restore([source_of(changed)])
    assert document_of(other) == changed


def refused(company: Company, changed: str) -> str:
    """The message for a document in which something is otherwise; nothing may have come in."""
    assert changed != document_of(company)
    other = bare_copy(company)
    before = document_of(other)
    with pytest.raises(UserMistake) as mistake:
        other.exchange.restore([source_of(changed)])
    assert document_of(other) == before
    assert other._store.execute("SELECT count(*) FROM list_record").fetchone() == (0,)
    assert other._store.execute("SELECT count(*) FROM counter").fetchone() == (0,)
    return str(mistake.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<IsPaid>false", "<IsPaid>true", "IsPaid of "),
        ("<Balance>", "<Balance>1", "give the transactions behind it too"),
        ("<TimeCreated>2", "<TimeCreated>1", "TimeCreated of "),
    ],
    ids=["figure", "balance", "time"],
)
def test_what_cannot_be_kept_is_refused_with_its_line(company, told, old, new, says):
    message = refused(company, told.replace(old, new, 1))
    assert says in message
    assert re.match(r"answers\.xml:\d+: ", message), message


def test_a_reference_to_what_is_not_given_is_refused(company, told):
    terms = re.search(r"<StandardTermsQueryRs.*?</StandardTermsQueryRs>\n", told, re.DOTALL)
    assert terms is not None
    message = refused(company, told.replace(terms[0], ""))
    assert "TermsRef" in message
    assert "import the answers of that list too" in message


def test_a_reference_without_an_identity_is_refused(company, told):
    message = refused(company, re.sub(r"<TermsRef>\n<ListID>[^<]*</ListID>\n", "<TermsRef>\n", told, count=1))
    assert "TermsRef has no ListID" in message


def test_the_same_name_twice_is_refused(company, told):
    name = "<Name>{0}</Name>\n<FullName>{0}</FullName>"
    assert "3100" in refused(company, told.replace(name.format("Baker"), name.format("ABERCROMBIE"), 1))


def test_lists_alone_come_in_without_their_balances(company, told):
    kinds = "|".join((*TRANSACTIONS, "Transaction"))
    only_lists = re.sub(rf"<({kinds})QueryRs.*?</\1QueryRs>\n", "", told, flags=re.DOTALL)
    other = bare_copy(company)
    with pytest.raises(UserMistake, match="--leave-balances"):
        other.exchange.restore([source_of(only_lists)])
    other.exchange.restore([source_of(only_lists)], leave_balances=True)
    assert [row["list_id"] for row in other.truth.customers()] == [row["list_id"] for row in company.truth.customers()]
    assert other.truth.problems() == []


def test_a_record_that_is_there_is_refused():
    company = Company.create(None, described("empty"), Clock())
    document = document_of(company)
    with pytest.raises(UserMistake, match="is in the file already"):
        company.exchange.restore([source_of(document)])
    assert document_of(company) == document


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("", "the document is empty"),
        ("<QBXML/>", "no document of answers"),
        (
            '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><HostQueryRs statusCode="0" statusSeverity="Info"/></QBXMLMsgsRs></QBXML>',
            "no list",
        ),
        (
            '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs statusCode="3120" statusSeverity="Error"/></QBXMLMsgsRs></QBXML>',
            "status 3120",
        ),
        (
            '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs statusCode="0" statusSeverity="Info" iteratorRemainingCount="5"'
            ' iteratorID="x"/></QBXMLMsgsRs></QBXML>',
            "leaves 5 records",
        ),
        (
            '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs statusCode="0" statusSeverity="Info"><CustomerRet><Nam>x</Nam>'
            "</CustomerRet></CustomerQueryRs></QBXMLMsgsRs></QBXML>",
            "Nam",
        ),
    ],
    ids=["empty", "no answers", "nothing in it", "error", "iterator", "unknown element"],
)
def test_what_is_no_document_of_answers_is_refused(document, says):
    with pytest.raises(UserMistake, match=says):
        read_answers(document.encode(), "answers.xml")


def test_half_a_document_is_refused_with_its_line(told):
    with pytest.raises(UserMistake, match=r"answers\.xml:\d+: not well-formed"):
        read_answers(told[: len(told) // 2].encode(), "answers.xml")


def test_what_has_passed_its_own_rules_passes():
    """A limit that was set later, a date that is closed by now, a number that stands twice: rules for new records alone."""
    bench = Proven()
    line = {"ItemRef": {"FullName": "Repair"}, "Quantity": 100_000, "Amount": 4_500}
    sold = {
        "CustomerRef": {"FullName": "Baker"},
        "RefNumber": "7",
        "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)],
    }
    for _ in range(2):
        bench.add("Invoice", sold)
    bench.company._store.execute(
        "UPDATE list_record SET document = json_set(document, '$.CreditLimit', 100), active = 0 WHERE name = 'Baker'"
    )
    bench.company._books.records.forget()
    document = document_of(bench.company)
    strict = {"company.duplicate-invoice-number": "refused", "company.duplicate-bill-number": "refused"}
    strict |= {"company.inactive-by-id": "refused", "company.inactive-by-name": "refused"}
    description = CompanyDescription.model_validate(bench.company._store.setting("description"))
    other = Company.create(None, description, Clock(), SwitchSettings([SWITCHES], strict), bare=True)
    other.close_books(date(2040, 1, 1))
    other.exchange.restore([source_of(document)])
    assert document_of(other) == document
