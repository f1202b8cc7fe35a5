"""Why a document would be refused: as `fakebooks explain` tells it, and as it stands in the journal; the wire says no more than before."""

from datetime import UTC, datetime

import pytest

from emulator import qbxml
from emulator.company import Explainer
from emulator.core.clock import Clock, RealClock, run_virtual
from emulator.core.errors import UserMistake
from emulator.desktop import SessionFailure
from emulator.world import SERVER, World, WorldConfig, ask_quickbooks, explain_document

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
COMPANY = "wholesale_small"
ENVELOPE = """<?xml version="1.0"?>
<?qbxml version="13.0"?>
<QBXML>
<QBXMLMsgsRq onError="{}">
{}
</QBXMLMsgsRq>
</QBXML>
"""
NOBODY = "<InvoiceAddRq><InvoiceAdd>\n<CustomerRef><FullName>Nobody at all</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>"
BAD_DATE = "<InvoiceQueryRq><TxnDateRangeFilter>\n<FromTxnDate>soon</FromTxnDate></TxnDateRangeFilter></InvoiceQueryRq>"
MISSPELT = "<CustomerQueryRq>\n<FulName>Ada</FulName></CustomerQueryRq>"


def document(*bodies: str, on_error: str = "stopOnError") -> bytes:
    return ENVELOPE.format(on_error, "\n".join(bodies)).encode()


def explain(text: bytes, company: str = COMPANY) -> list[qbxml.Finding]:
    return explain_document(text, company, RealClock(START))


def test_every_request_is_tried_whatever_failed_before_it() -> None:
    found = explain(document(NOBODY, "<HostQueryRq/>", BAD_DATE))
    assert [(each.number, each.request, each.code) for each in found] == [
        (1, "InvoiceAddRq", "3140"),
        (3, "InvoiceQueryRq", "3020"),
    ]
    assert found[0].diagnosis.problem == "<CustomerRef> names the Customer 'Nobody at all', which is not in this company file"
    assert (found[0].diagnosis.line, found[0].diagnosis.column) == (6, 1)


def test_without_a_company_the_document_alone_is_looked_at() -> None:
    assert [each.code for each in explain(document(NOBODY, BAD_DATE), "")] == ["3020"]


@pytest.mark.parametrize("company", ["", COMPANY])
def test_a_document_that_is_refused_as_a_whole(company) -> None:
    (found,) = explain(document(MISSPELT, NOBODY), company)
    assert (found.code, found.number) == ("0x80040400", 0)
    assert "did you mean <FullName>?" in found.diagnosis.problem
    assert found.diagnosis.form == "<CustomerQueryRq>\n  <FullName>Ada</FullName>\n</CustomerQueryRq>"


@pytest.mark.parametrize("company", ["", COMPANY])
def test_nothing_is_wrong(company) -> None:
    assert explain(document("<HostQueryRq/>"), company) == []
    subscription = (
        "<QBXMLSubscriptionMsgsRq><UIExtensionSubscriptionQueryRq><SubscriberID>{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}</SubscriberID>"
        "</UIExtensionSubscriptionQueryRq></QBXMLSubscriptionMsgsRq>"
    )
    assert explain(f'<?qbxml version="13.0"?><QBXML>{subscription}</QBXML>'.encode(), company) == []


LONG = document("<HostQueryRq/>").replace(b"<QBXMLMsgsRq", b'<QBXMLMsgsRq newMessageSetID="' + b"1" * 25 + b'"')


@pytest.mark.parametrize("company", ["", COMPANY])
def test_an_id_of_the_set_that_is_too_long(company) -> None:
    (found,) = explain(LONG, company)
    assert found.code == "9004"
    assert "25 characters" in found.diagnosis.problem
    assert (found.diagnosis.line, found.diagnosis.column) == (4, 1)
    assert found.diagnosis.path == "QBXML/QBXMLMsgsRq@newMessageSetID"


WARNED = (
    "<BillAddRq><BillAdd>\n<VendorRef><FullName>Adams Supply</FullName></VendorRef><IsTaxIncluded>true</IsTaxIncluded>"
    "<ExchangeRate>1</ExchangeRate></BillAdd></BillAddRq>"
)


@pytest.mark.parametrize("company", ["", COMPANY])
def test_warnings_are_told_too(company) -> None:
    found = [each for each in explain(document(WARNED), company) if each.code == "530"]
    assert found[0].diagnosis.path.endswith("/IsTaxIncluded")
    assert {each.severity for each in found} == {"Warn"}


def test_a_query_of_what_is_not_there_is_told() -> None:
    (found,) = explain(document("<CustomerQueryRq><FullName>Kern Lightning Warehouse</FullName></CustomerQueryRq>"))
    assert (found.code, found.severity, found.diagnosis.nearest) == ("500", "Warn", "Kern Lighting Warehouse")


def test_the_journal_tells_of_warnings_and_of_sets() -> None:
    sets = [
        document("<HostQueryRq/>").replace(b"<QBXMLMsgsRq", b'<QBXMLMsgsRq newMessageSetID="a"'),
        document("<CompanyQueryRq/>").replace(b"<QBXMLMsgsRq", b'<QBXMLMsgsRq newMessageSetID="a"'),
        document().replace(b"<QBXMLMsgsRq", b'<QBXMLMsgsRq newMessageSetID="b" oldMessageSetID="b"'),
        document().replace(b"<QBXMLMsgsRq", b'<QBXMLMsgsRq oldMessageSetID="c"'),
    ]
    world, _ = journal_of(document(WARNED), LONG, *sets)
    (answered,) = [row for row in world.journal.rows("answered") if row["status"] == 530]
    assert "IsTaxIncluded" in answered["diagnosis"]
    told = {row["status"]: row.get("diagnosis") for row in world.journal.rows("set-answered")}
    assert told.pop("0") is None
    assert {code: text.split("; ")[0] for code, text in told.items()} == {
        "9004": "line 4, column 1: newMessageSetID holds 25 characters, and may hold 24: nothing is processed",
        "9001": "line 4, column 1: under newMessageSetID 'a' the outcome of a set with other requests is stored: nothing is processed",
        "9002": "line 4, column 1: no outcome is stored under newMessageSetID 'b'",
        "600": "line 4, column 1: nothing is stored under oldMessageSetID 'c' that could be forgotten",
    }


def test_a_company_that_is_not_there() -> None:
    with pytest.raises(UserMistake):
        explain(document(NOBODY), "no_such_company")


def journal_of(*documents: bytes) -> tuple[World, list[str]]:
    """Return a world that was asked these documents, and what came over the wire."""
    wire = []

    async def story(clock: Clock) -> World:
        world = World(WorldConfig(company=COMPANY), clock, None, None)
        world.machine(SERVER).log_in(world.config.connector.user, "multi")
        for each in documents:
            try:
                wire.append(await ask_quickbooks(world, each))
            except SessionFailure as failure:
                wire.append(failure.description())
        world.let_go()
        return world

    return run_virtual(story, START), wire


def test_the_journal_tells_the_same_beside_the_code() -> None:
    texts = [document(NOBODY, BAD_DATE, on_error="continueOnError"), document(MISSPELT)]
    world, wire = journal_of(*texts)
    answered = [row for row in world.journal.rows("answered") if "diagnosis" in row]
    (failed,) = world.journal.rows("session-failed")
    told = [str(each.diagnosis) for text in texts for each in explain(text)]
    assert [row["diagnosis"] for row in (*answered, failed)] == told
    assert [row["status"] for row in answered] == [3140, 3020]
    assert not any("names the Customer" in each or "valid form" in each or "did you mean" in each for each in wire)


def test_the_journal_says_nothing_of_what_is_taken() -> None:
    world, _ = journal_of(document("<HostQueryRq/>"))
    assert not any("diagnosis" in row for row in world.journal.rows())


def test_the_journal_is_the_same_every_time() -> None:
    texts = [document(NOBODY, BAD_DATE, on_error="continueOnError"), document(MISSPELT)]
    assert journal_of(*texts)[0].journal.bytes() == journal_of(*texts)[0].journal.bytes()


def test_a_mistake_of_ours_in_an_explanation_costs_no_answer(monkeypatch) -> None:
    def broken(*_args):
        raise RuntimeError("not so")

    monkeypatch.setattr(Explainer, "explain", broken)
    world, (answer,) = journal_of(document(NOBODY))
    assert 'statusCode="3140"' in answer
    (row,) = world.journal.rows("internal-error")
    assert row["error"] == "RuntimeError: not so"
    (answered,) = world.journal.rows("answered")
    assert "diagnosis" not in answered
