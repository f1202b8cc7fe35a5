"""What a mistake in a document gives: each row of the table, through a whole session, with the code stated and nothing written.

The standing of each row: documented, reported by practitioners, or our choice (a switch); see docs/SWITCHES.md.
"""

from datetime import UTC, datetime

import pytest

from emulator.core.clock import run_virtual
from emulator.desktop import SessionFailure
from emulator.qbxml import decode_answer_set
from emulator.world import SERVER, World, WorldConfig, ask_quickbooks

from .sample import request_set

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)

PARSE, ROLLBACK, VERSION, WRONG_CALL = "0x80040400", "0x80040413", "0x80040423", "0x80040429"


def invoice(head="", line="<Amount>12.50</Amount>", customer="<FullName>Kern Lighting Warehouse</FullName>", tail=""):
    return (
        f"<InvoiceAddRq><InvoiceAdd><CustomerRef>{customer}</CustomerRef>{head}<InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef>"
        f"{line}</InvoiceLineAdd></InvoiceAdd>{tail}</InvoiceAddRq>"
    )


def customer(fields):
    return f"<CustomerAddRq><CustomerAdd>{fields}</CustomerAdd></CustomerAddRq>"


REFUSED_WHOLE = {
    "not well-formed": (request_set(invoice()).replace("</QBXML>", ""), PARSE),
    "unknown element": (request_set(invoice(head="<Nonsense/>")), PARSE),
    "unknown attribute": (request_set(invoice()).replace("<InvoiceAddRq>", '<InvoiceAddRq colour="red">'), PARSE),
    "wrong order": (request_set(invoice(head="<RefNumber>1</RefNumber><TxnDate>2026-03-02</TxnDate>")), PARSE),
    "missing required": (request_set("<InvoiceAddRq><InvoiceAdd/></InvoiceAddRq>"), PARSE),
    "both branches of a choice": (
        request_set("<CustomerQueryRq><ListID>80000001-1</ListID><FullName>A</FullName></CustomerQueryRq>"),
        PARSE,
    ),
    "newer than the version": (request_set(invoice(head="<ExternalGUID>0</ExternalGUID>"), version="8.0"), PARSE),
    "twice where once": (request_set(invoice(head="<RefNumber>1</RefNumber><RefNumber>2</RefNumber>")), PARSE),
    "value not in the list": (request_set(customer("<Name>A</Name><JobStatus>Perhaps</JobStatus>")), PARSE),
    "rollbackOnError": (request_set(invoice(), on_error="rollbackOnError"), ROLLBACK),
    "private request": (request_set("<PaycheckQueryRq/>", version="16.0"), PARSE),
    "no version line": (request_set(invoice()).replace('<?qbxml version="13.0"?>', ""), PARSE),
    "version unknown": (request_set(invoice(), version="6.1"), VERSION),
    "version newer": (request_set(invoice(), version="17.0"), VERSION),
    "subscription": (
        '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq><DataEventSubscriptionQueryRq/>'
        "</QBXMLSubscriptionMsgsRq></QBXML>",
        WRONG_CALL,
    ),
    "entity bomb": (
        f'<?xml version="1.0"?><!DOCTYPE Q [<!ENTITY a "{"b" * 999}"><!ENTITY c "&a;&a;">]><QBXML>&c;</QBXML>',
        PARSE,
    ),
    "external entity": ('<?xml version="1.0"?><!DOCTYPE Q [<!ENTITY a SYSTEM "file:///etc/passwd">]><QBXML>&a;</QBXML>', PARSE),
    "nothing": ("", PARSE),
    "a NUL byte": (request_set(invoice(head="<Memo>a\x00b</Memo>")), PARSE),
    "100 MB": (request_set(invoice(head="<Memo>" + "a" * 100_000_000 + "</Memo>")), PARSE),
    "deep nesting": ("<?xml version='1.0'?><?qbxml version='13.0'?>" + "<QBXML>" * 100_000, PARSE),
}

ANSWERED = {
    "boolean": (invoice(head="<IsPending>perhaps</IsPending>"), 3010),
    "date not of the form": (invoice(head="<TxnDate>03/02/2026</TxnDate>"), 3020),
    "date that is none": (invoice(head="<TxnDate>2026-02-30</TxnDate>"), 3020),
    "from date after to": (
        "<InvoiceQueryRq><TxnDateRangeFilter><FromTxnDate>2026-03-02</FromTxnDate><ToTxnDate>2026-03-01</ToTxnDate></TxnDateRangeFilter>"
        "</InvoiceQueryRq>",
        3030,
    ),
    "from name after to": (
        "<CustomerQueryRq><NameRangeFilter><FromName>b</FromName><ToName>a</ToName></NameRangeFilter></CustomerQueryRq>",
        3031,
    ),
    "time interval": (
        "<TimeTrackingAddRq><TimeTrackingAdd><EntityRef><FullName>A</FullName></EntityRef><Duration>an hour</Duration></TimeTrackingAdd>"
        "</TimeTrackingAddRq>",
        3035,
    ),
    "amount not a number": (invoice(line="<Amount>twelve</Amount>"), 3040),
    "amount with one decimal": (invoice(line="<Amount>97.5</Amount>"), 3040),
    "amount over its digits": (invoice(line="<Amount>12345678901234.00</Amount>"), 3040),
    "price with six decimals": (invoice(line="<Rate>1.123456</Rate>"), 3045),
    "percentage": (invoice(line="<RatePercent>ten</RatePercent>"), 3050),
    "quantity": (invoice(line="<Quantity>a dozen</Quantity>"), 3060),
    "GUID": (invoice(head="<ExternalGUID>{12}</ExternalGUID>"), 3065),
    "plain number": ("<CustomerQueryRq><MaxReturned>many</MaxReturned></CustomerQueryRq>", 3085),
    "text over its length": (invoice(head="<RefNumber>G-1234567890</RefNumber>"), 3070),
    "ListID not of the form": (invoice(customer="<ListID>abc!</ListID>"), 3000),
    "name with a colon": (customer("<Name>A:B</Name>"), 3090),
    "requestID too long": (invoice().replace("<InvoiceAddRq>", f'<InvoiceAddRq requestID="{"1" * 51}">'), 1060),
    "no such reference": (invoice(customer="<FullName>Nobody</FullName>"), 3140),
}


def asked(document):
    """Ask a QuickBooks of this test's own; returns the statuses (or the result code), and whether the books are as before."""

    async def story(clock):
        world = World(WorldConfig(), clock, None, None)
        try:
            world.machine(SERVER).log_in("Goflow", "multi")
            before = contents(world.company)
            try:
                answer = await ask_quickbooks(world, document.encode())
                told = [(each.status.code, each.status.severity) for each in decode_answer_set(answer, "16.0").answers]
            except SessionFailure as failure:
                told = str(failure.code)
            return told, contents(world.company) == before
        finally:
            world.let_go()

    return run_virtual(story, START)


def contents(company):
    truth = company.truth
    return [truth.transactions(), truth.customers(), truth.vendors(), truth.items(), truth.accounts(), truth.ledger_sums()]


@pytest.mark.parametrize(("document", "code"), REFUSED_WHOLE.values(), ids=REFUSED_WHOLE)
def test_the_whole_document_is_refused_and_nothing_is_written(document, code):
    assert asked(document) == (code, True)


@pytest.mark.parametrize(("request_text", "code"), ANSWERED.values(), ids=ANSWERED)
def test_the_request_is_answered_with_the_code_and_nothing_is_written(request_text, code):
    assert asked(request_set(request_text)) == ([(code, "Error")], True)


def test_requests_after_the_failing_one_are_not_processed():
    told, as_before = asked(request_set(invoice(line="<Amount>97.5</Amount>"), invoice(), "<HostQueryRq/>"))
    assert (told, as_before) == ([(3040, "Error"), (3231, "Error"), (3231, "Error")], True)


def test_a_field_of_another_edition_is_a_warning_and_the_request_is_done():
    told, as_before = asked(request_set(invoice(head="<IsTaxIncluded>true</IsTaxIncluded>")))
    assert (told, as_before) == ([(530, "Warn")], False)


def test_without_a_mistake_it_is_written():
    assert asked(request_set(invoice())) == ([(0, "Info")], False)
