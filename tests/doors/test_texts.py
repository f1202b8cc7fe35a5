"""Every text of every shipped pack through every door: what is answered, stored and told is what its pack says.

Doors: in process as text and as bytes of each encoding, a program with pywin32, and the connector's port 8891.
"""

import asyncio
import contextlib
import json
import re

import httpx
import pytest
from com.programs import SETTINGS, START, make_company
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from qbxml.text_model import CHARACTERS, CODECS, SWITCHED, in_codec, model
from qbxml.text_model import FORMS as TEXT_FORMS
from qbxml.text_model import written as text_written

from emulator.com.probe.writing import Case, process, session
from emulator.connector import IntentLog, MemoryLink, Service
from emulator.connector.door import Door
from emulator.connector.link import Limits, Login
from emulator.connector.service import ServiceLimits
from emulator.core.chance import Chance
from emulator.core.clock import RealClock, run_virtual
from emulator.core.documents import Document, Line
from emulator.core.journal import Journal
from emulator.desktop import KINDS, Application, Driver, Office, QuickBooks, RequestProcessor, SessionFailure
from emulator.faults import Plan
from emulator.qbxml import decode_answer_set
from emulator.qbxml.escapes import escape
from emulator.qbxml.switches import FIELDS
from emulator.world import LENGTHS, SERVER, World, WorldConfig, ask_quickbooks, shipped_packs, texts_of

from . import sample
from .doors import DOORS

TEXTS = {text.id: text for text in texts_of(shipped_packs())}
FORMS = ("references", "raw")
PARSE = "0x80040400"


def written(text, form):
    """A text as a client writes it into a document."""
    if form == "raw":
        return escape(text).replace("&#13;", "\r")
    return escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")


def request_of(text, number, form):
    """Return the document that writes a text, under a customer, or into a customer or invoice, of its own: number tells which."""
    told = written(text.text, form)
    if text.field == "name":
        # Beneath a customer of its own: names that come to the same question marks are no matter here.
        parent = f"<CustomerAddRq><CustomerAdd><Name>P{number}</Name></CustomerAdd></CustomerAddRq>"
        child = f"<CustomerAdd><Name>{told}</Name><ParentRef><FullName>P{number}</FullName></ParentRef></CustomerAdd>"
        return sample.request_set(parent, f"<CustomerAddRq>{child}</CustomerAddRq>")
    if text.field == "address":
        address = f"<BillAddress><Addr1>{told}</Addr1></BillAddress>"
        return sample.request_set(f"<CustomerAddRq><CustomerAdd><Name>P{number}</Name>{address}</CustomerAdd></CustomerAddRq>")
    return sample.request_set(
        f"<InvoiceAddRq><InvoiceAdd>{sample.KERN}<RefNumber>T{number}</RefNumber><Memo>{told}</Memo>"
        f"<InvoiceLineAdd>{sample.FREIGHT}</InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


ASK_ALL = sample.request_set("<CustomerQueryRq><ActiveStatus>All</ActiveStatus></CustomerQueryRq>", "<InvoiceQueryRq/>")


def case(label, form, encode=None):
    """Return the case that writes every text and asks for all; the documents as text, or as bytes of an encoding.

    The label keeps the records of cases apart: all are played in one company.
    """
    documents = [request_of(text, f"{label}{number}", form) for number, text in enumerate(TEXTS.values())]
    if encode is not None:
        documents = [encode(document) for document in documents]
    return Case("texts", session(*[process(document) for document in [*documents, ASK_ALL]]))


def as_bytes(declared, codec):
    def encode(document):
        given = document.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{declared}"?>')
        return given.encode(codec, "xmlcharrefreplace")

    return encode


BYTES = {
    "UTF-8": as_bytes("utf-8", "utf-8"),
    "UTF-16": as_bytes("UTF-16", "utf-16"),
    "Windows-1252": as_bytes("windows-1252", "cp1252"),
    "ISO-8859-1": as_bytes("ISO-8859-1", "latin-1"),
}
"""What a code page has no letter for is written as a reference: clients that write XML with a library do so."""

LABELS = dict(zip((*FORMS, *BYTES), "ABCDEF", strict=True))
CASES = {form: case(LABELS[form], form) for form in FORMS}


def outcomes(label, results):
    """Return for each text how the step that wrote it ended, and what the last question told of it (None: there is none)."""
    *steps, _end, _close = results[2:]
    assert steps[-1].ok
    customers, invoices = (answer.records for answer in decode_answer_set(steps[-1].value, "13.0").answers)
    names, addresses = {}, {}
    for _, record in customers:
        parent, divided, _ = record["FullName"].partition(":")
        if divided:
            names[parent] = record["Name"]
        else:
            addresses[parent] = record.get("BillAddress", {}).get("Addr1")
    memos = {record["RefNumber"]: record.get("Memo") for _, record in invoices}
    found = {}
    for number, (text, step) in enumerate(zip(TEXTS.values(), steps[:-1], strict=True)):
        place = f"{'T' if text.field == 'memo' else 'P'}{label}{number}"
        told = {"name": names, "address": addresses, "memo": memos}[text.field].get(place)
        codes = re.findall(r'statusCode="(\d+)"', step.value) if step.ok else [step.value]
        found[text.id] = (codes[-1], told)
    return found


@pytest.fixture(scope="module")
def played():
    """Every case, through every door that takes it."""
    of_bytes = {name: case(LABELS[name], "raw", encode) for name, encode in BYTES.items()}
    inside = DOORS["in process"].play(CASES | of_bytes)
    outside = DOORS["stand-in"].play(CASES)
    return {
        (door, name): outcomes(LABELS[name], results)
        for door, cases in (("in process", inside), ("stand-in", outside))
        for name, results in cases.items()
    }


def expected(text, form):
    outcome, told = text.outcome(form), text.told(form)
    return (str(getattr(outcome, "refused", 0)), told)


@pytest.mark.parametrize("door", ["in process", "stand-in"])
@pytest.mark.parametrize("form", FORMS)
def test_what_the_pack_says(played, door, form):
    assert played[door, form] == {name: expected(text, form) for name, text in TEXTS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", BYTES)
def test_what_the_pack_says_of_bytes(played, encoding):
    of_unicode = encoding.startswith("UTF")
    # A client that writes a code page writes what it lacks as references.
    wanted = {name: expected(text, "raw" if of_unicode or "\r" in text.text else "references") for name, text in TEXTS.items()}
    if encoding == "ISO-8859-1":
        # The control character of this text is the very byte of a dash (switch qbxml.iso-8859-1-bytes).
        wanted["control-name"] = ("0", "dash–by number")
    assert played["in process", encoding] == wanted


# ---- generated -------------------------------------------------------------------------------------------------------------


@settings(  # each example is a QuickBooks of its own with many texts; making one smaller would take minutes
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    phases=[Phase.generate],
)
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(CHARACTERS, st.sampled_from(TEXT_FORMS)), min_size=1, max_size=20),
            st.sampled_from([None, *CODECS]),
        ),
        min_size=15,
        max_size=30,
    ),
    st.sampled_from(SWITCHED),
)
def test_what_is_sent_is_stored_and_told_as_the_model_says(sent, choices):
    """Any text in any encoding, or as COM's text: refused, or in the books and in the answer to a query, the same in both."""
    documents, wanted = [], {}
    for number, (pairs, declared) in enumerate(sent):
        mark, codec = CODECS.get(declared, (b"", ""))
        pairs = [(each, form if not codec or in_codec(each, codec) else "decimal") for each, form in pairs]
        text = "".join(text_written(*pair) for pair in pairs)
        document = sample.request_set(
            f"<VendorAddRq><VendorAdd><Name>Text {number}</Name><Notes>{text}</Notes></VendorAdd></VendorAddRq>"
        )
        if declared is not None:
            document = document.replace("?>", f' encoding="{declared}"?>', 1)
        documents.append(mark + document.encode(codec) if codec else document)
        read = model(pairs, choices)
        if read is not None:
            wanted[f"Text {number}"] = read

    async def story(clock):
        switches = {name: getattr(choices, field) for field, name in FIELDS.items()}
        world = World(WorldConfig(switches=switches), clock, None, None)
        try:
            world.machine(SERVER).log_in("Goflow", "multi")
            for document in documents:
                with contextlib.suppress(SessionFailure):
                    await ask_quickbooks(world, document)
            answer = await ask_quickbooks(world, sample.request_set("<VendorQueryRq/>"))
            return answer, world.company.truth.vendors()
        finally:
            world.let_go()

    answer, stored = run_virtual(story, START)
    (told,) = decode_answer_set(answer, "13.0").answers
    assert {record["Name"]: record["Notes"] for _, record in told.records if record["Name"].startswith("Text ")} == wanted
    assert {row["full_name"]: row["document"]["Notes"] for row in stored if row["full_name"].startswith("Text ")} == wanted


# ---- port 8891 -------------------------------------------------------------------------------------------------------------


def through_port_8891(documents):
    """Post documents to a connector on a real socket, JSON in ASCII and in UTF-8 by turns; return the replies and the truth of the books."""

    async def story():
        clock = RealClock(START, 60)
        books, rows, chance = make_company(clock), Journal(clock.now), Chance(1)
        office = Office(SETTINGS, rows, Plan(KINDS, chance, rows), chance, clock.now, seats_max=books.seats)
        office.add_file(books, everyone=Application("", login="whenever the file is open"))
        quickbooks = QuickBooks("SERVER", office, books.edition)
        quickbooks.log_in("Goflow", "multi")
        link = MemoryLink(Driver(clock), lambda: RequestProcessor(quickbooks), Login("Texts"), Limits(300, 300, 300))
        service = Service(link, IntentLog(), clock, journal=rows, limits=ServiceLimits())
        service.start()
        door = Door(service, port=0, journal=rows)
        door.start()
        try:
            async with httpx.AsyncClient(base_url=door.url, trust_env=False, timeout=30) as client:
                replies = []
                for number, document in enumerate(documents):
                    body = json.dumps(document.as_json(), ensure_ascii=number % 2 == 0).encode()
                    replies.append(await client.post("/v1/documents", content=body, headers={"Content-Type": "application/json"}))
            return [reply.json() for reply in replies], books.truth.customers(), books.truth.transactions("Invoice")
        finally:
            await service.exit()
            await door.stop()
            books.close()

    return asyncio.run(story())


def document_of(text, number):
    """Return what the platform side sends that has this text."""
    line = Line("Freight", "", 100_000, 1_00_000, 1_00)
    if text.field == "name":
        return Document(f"n{number}", "customer", "", text.text, "2026-03-02")
    if text.field == "address":
        return Document(f"a{number}", "customer", "", f"P{number}", "2026-03-02", fields={"address": text.text})
    return Document(f"m{number}", "invoice", f"T{number}", "Kern Lighting Warehouse", "2026-03-02", (line,), 1_00, memo=text.text)


def test_what_the_pack_says_of_port_8891():
    """The connector writes references. It refuses a name that would be damaged, cuts an address or memo, and adds its key to a memo."""
    replies, customers, invoices = through_port_8891([document_of(text, number) for number, text in enumerate(TEXTS.values())])
    addresses = {row["full_name"]: row["document"].get("BillAddress", {}).get("Addr1") for row in customers}
    memos = {row["ref"]: row["memo"] for row in invoices}
    found = {}
    for number, (text, reply) in enumerate(zip(TEXTS.values(), replies, strict=True)):
        told = {
            "name": text.text if text.text in addresses else None,
            "address": addresses.get(f"P{number}"),
            "memo": memos.get(f"T{number}"),
        }[text.field]
        found[text.id] = (reply["outcome"], told)
    assert found == {name: through_the_connector(text, number) for number, (name, text) in enumerate(TEXTS.items())}


def through_the_connector(text, number):
    if text.field == "name":
        # A name is written as it is or not at all, and holds no tab or line end.
        kept = text.told() == text.text and not re.search(r"[\t\r\n]", text.text)
        return ("posted", text.text) if kept else ("refused", None)
    mark = "" if text.field == "address" else f"[key:m{number}]"
    room = LENGTHS[text.field] - (len(mark) + 1 if mark else 0)
    # What is damaged in these packs is short, and what is too long is not damaged: it is one or the other.
    words = text.told() if len(text.text) <= room else text.text[:room]
    if not mark:
        return ("posted", words)
    return ("posted", f"{words.rstrip()} {mark}" if words.strip() else mark)
