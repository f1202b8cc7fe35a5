"""The connector joined with the emulated QuickBooks: in memory on the virtual clock, and as a process over the names of pywin32."""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.com.exec import environment, quickbooks_for_programs
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import Caller, Company, load_company
from emulator.connector import IntentLog, MemoryLink, Service, messages
from emulator.connector.faults import POINTS
from emulator.connector.link import Limits, Login
from emulator.connector.part import main
from emulator.connector.service import ServiceLimits
from emulator.core.chance import Chance
from emulator.core.clock import VirtualClock
from emulator.core.documents import Document, Line
from emulator.core.processes import KILLED, PartProcess
from emulator.core.switches import SwitchSettings
from emulator.core.transport import Call
from emulator.desktop import SWITCHES, Application, Driver, Office, QuickBooks, RequestProcessor
from emulator.desktop.faults import KINDS
from emulator.desktop.faults.calls import KINDS as CALL_KINDS
from emulator.faults import FaultSpec, Plan
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.qbxml import decode_set, encode_answer_set

from .fakes import START, in_story, journal

SETTINGS = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, SWITCHES))
APPLICATION = "Test Connector"


def company(clock: Any) -> Company:
    return load_company("wholesale_small", clock.now, SETTINGS)


def documents_for(books: Company) -> list[Document]:
    customer = next(each["full_name"] for each in books.truth.customers() if each["active"])
    item = next(each["full_name"] for each in books.truth.items() if each["active"])
    line = Line(item, "for a test", 200_000, 1_250_000, 25_00)
    bill_line = Line(item, "", 100_000, 100_000, 1_00)
    return [
        Document("c1", "customer", "", "New & Söhne", "2026-03-02", fields={"city": "Berlin"}),
        Document("v1", "vendor", "", "New Vendor", "2026-03-02"),
        Document("p1", "product", "", "New Product", "2026-03-02", fields={"price": "1250000"}),
        Document("i1", "invoice", "G-10001", customer, "2026-03-02", (line,), 25_00, "order 1"),
        Document("i2", "invoice", "G-10002", "New & Söhne", "2026-03-02", (line, line), 50_00),
        Document("b1", "bill", "B-1", "New Vendor", "2026-03-02", (bill_line,), 1_00),
    ]


class Joined:
    """A QuickBooks on a server, with a connector in the same process."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.books = company(clock)
        self.journal = journal(clock)
        chance = Chance(1)
        self.plan = Plan(KINDS, chance, self.journal)
        self.office = Office(SETTINGS, self.journal, self.plan, chance, clock.now, seats_max=self.books.seats)
        self.office.add_file(self.books, everyone=Application("", login="whenever the file is open"))
        self.quickbooks = QuickBooks("SERVER", self.office, self.books.edition)
        self.log = IntentLog()
        self.link = MemoryLink(Driver(clock), lambda: RequestProcessor(self.quickbooks), Login(APPLICATION), Limits(30, 20, 5))
        self.service = Service(self.link, self.log, clock, journal=self.journal, limits=ServiceLimits(life_sign_s=60))
        self.service.start()

    def fault(self, name: str, **more: Any) -> None:
        self.plan.add(FaultSpec.model_validate({"fault": name, **more}), self.clock.now())

    async def send(self, document: Document) -> dict[str, Any]:
        return (await self.service.answer(Call("POST", "/v1/documents", body=document.as_json()))).body

    def count(self, kind: str, number: str) -> int:
        return sum(each["ref"] == number for each in self.books.truth.transactions(kind))


def joined(story: Callable[[Joined], Awaitable[None]]) -> None:
    async def main(clock: VirtualClock) -> None:
        it = Joined(clock)
        try:
            await story(it)
        finally:
            await it.service.exit()
            it.books.close()

    in_story(main)


def test_every_kind_of_document_reaches_the_books_once() -> None:
    async def story(it: Joined) -> None:
        it.quickbooks.log_in("Goflow", "multi")
        for document in documents_for(it.books):
            for already in (False, True):
                reply = await it.send(document)
                assert (reply["outcome"], reply["already"]) == ("posted", already), (document.key, reply)
        totals = {each["ref"]: each["amount_cents"] for each in it.books.truth.transactions("Invoice")}
        assert (totals["G-10001"], totals["G-10002"]) == (25_00, 50_00)
        balance = await it.service.answer(Call("GET", "/v1/balance?customer=New%20%26%20S%C3%B6hne"))
        assert balance.body["balance_cents"] == 50_00
        await it.clock.sleep(600)
        assert it.service.tray.light == "green"

    joined(story)


def test_a_quickbooks_that_is_opened_later_turns_the_light_green() -> None:
    async def story(it: Joined) -> None:
        reply = await it.send(documents_for(it.books)[3])
        assert (reply["outcome"], it.service.tray.light) == ("unavailable", "red")
        assert "log in" in reply["reason"]
        it.quickbooks.log_in("Goflow", "multi")
        await it.clock.sleep(61)
        assert it.service.tray.light == "green"
        it.quickbooks.quit()
        await it.clock.sleep(62)
        assert it.service.tray.light == "red"

    joined(story)


IN_A_CALL = {"quickbooks.before-commit", "quickbooks.before-keep", "quickbooks.after-commit"}


def lossy_kinds() -> list[str]:
    """Kinds that strike a call within its writes and are over with it; what people do in the books is a refusal to be told, not a loss."""
    return sorted(kind.name for kind in CALL_KINDS if set(kind.points) & IN_A_CALL)


@pytest.mark.parametrize("kind", lossy_kinds())
def test_no_fault_of_quickbooks_makes_two_of_one(kind: str) -> None:
    async def story(it: Joined) -> None:
        it.quickbooks.log_in("Goflow", "multi")
        points = [point for point in next(each.points for each in KINDS if each.name == kind) if point in IN_A_CALL]
        for number, point in enumerate(points):
            it.fault(kind, **{"as": f"f{number}", "point": point, "times": 1, "where": {"request": "InvoiceAddRq"}})
        document = documents_for(it.books)[3]
        for _ in range(40):
            reply = await it.send(document)
            if reply["outcome"] == "posted":
                break
            await it.clock.sleep(70)
            if it.quickbooks.opening is None:
                it.office.clear_ghosts()  # it crashed: somebody frees its seat and logs in again
                it.quickbooks.log_in("Goflow", "multi")
        assert reply["outcome"] == "posted"
        assert it.count("Invoice", "G-10001") == 1
        # Our connector gives its sets no id: an outcome that is not stored anyway cannot be lost.
        assert any(fault.missed if kind == "outcome-not-stored" else fault.hits for fault in it.plan.faults())

    joined(story)


@pytest.mark.parametrize(
    "code", ["0x8004040D", "0x8004040C", "0x80040423", "0x80040428", "0x80040429", "0x80040402", "0x80040499"]
)
@pytest.mark.parametrize("point", ["quickbooks.after-commit", "quickbooks.before-commit"])
def test_whatever_code_an_answer_is_lost_with_one_invoice_stands(code: str, point: str) -> None:
    async def story(it: Joined) -> None:
        it.quickbooks.log_in("Goflow", "multi")
        lost = {"with": {"code": code}, "times": 1, "where": {"request": "InvoiceAddRq"}, "point": point}
        it.fault("session-error", **lost)
        document = documents_for(it.books)[3]
        while (reply := await it.send(document))["outcome"] == "unavailable":
            await it.clock.sleep(70)
        assert (reply["outcome"], it.count("Invoice", "G-10001")) == ("posted", 1)
        assert [fault.hits for fault in it.plan.faults()] == [1]

    joined(story)


def by_hand(it: Joined, request: str) -> str:
    """Do what an accountant does, straight in the company file; returns the answer."""
    document = (
        f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{request}</QBXMLMsgsRq></QBXML>'
    )
    answers = it.books.begin_set(decode_set(document), Caller("by hand", "QuickBooks")).finish()
    assert all(answer.status.code == 0 for answer in answers), answers
    return encode_answer_set("13.0", answers)


def edit(it: Joined, noun: str, asked: str, change: str) -> None:
    told = by_hand(it, f"<{noun}QueryRq>{asked}</{noun}QueryRq>")
    name, record_id = re.search("<(TxnID|ListID)>([^<]*)<", told).groups()  # type: ignore[union-attr]
    sequence = re.search("<EditSequence>([^<]*)<", told)[1]  # type: ignore[index]
    ids = f"<{name}>{record_id}</{name}><EditSequence>{sequence}</EditSequence>"
    by_hand(it, f"<{noun}ModRq><{noun}Mod>{ids}{change}</{noun}Mod></{noun}ModRq>")


EDITS = [
    (0, "Customer", "<FullName>New &amp; S&#246;hne</FullName>", "<Name>Renamed</Name>", ("refused", "changed-in-quickbooks")),
    (0, "Customer", "<FullName>New &amp; S&#246;hne</FullName>", "<Notes>pays late</Notes>", ("posted", "")),
    (1, "Vendor", "<FullName>New Vendor</FullName>", "<Name>Renamed</Name>", ("refused", "changed-in-quickbooks")),
    (1, "Vendor", "<FullName>New Vendor</FullName>", "<Notes></Notes>", ("posted", "")),
    (2, "ItemNonInventory", "<FullName>New Product</FullName>", "<Name>Renamed</Name>", ("refused", "changed-in-quickbooks")),
]


@pytest.mark.parametrize(("which", "noun", "asked", "change", "outcome"), EDITS)
def test_what_people_edit_during_a_doubt_is_not_made_twice(
    which: int, noun: str, asked: str, change: str, outcome: tuple[str, str]
) -> None:
    async def story(it: Joined) -> None:
        it.quickbooks.log_in("Goflow", "multi")
        it.fault("session-error", point="quickbooks.after-commit", times=1, where={"request": f"{noun}AddRq"})
        document = documents_for(it.books)[which]
        assert (await it.send(document))["outcome"] == "unavailable"
        everything = by_hand(it, f"<{noun}QueryRq/>").count(f"<{noun}Ret>")
        edit(it, noun, asked, change)
        await it.clock.sleep(600)
        for _ in range(2):
            reply = await it.send(document)
            assert (reply["outcome"], reply["code"]) == outcome
        assert by_hand(it, f"<{noun}QueryRq/>").count(f"<{noun}Ret>") == everything

    joined(story)


@pytest.mark.parametrize("which", [3, 5])
def test_a_document_in_doubt_that_people_gave_another_number_is_not_made_twice(which: int) -> None:
    async def story(it: Joined) -> None:
        it.quickbooks.log_in("Goflow", "multi")
        for document in documents_for(it.books)[:3]:
            assert (await it.send(document))["outcome"] == "posted"
        document = documents_for(it.books)[which]
        noun = document.kind.title()
        renumbered = Document(**{**vars(document), "number": "R-77"})
        # This edition changes no transaction, so it comes into the books as the accountant leaves it: with our key and his number.
        by_hand(
            it,
            "".join(re.findall(f"<{noun}AddRq>.*</{noun}AddRq>", messages.add_request(renumbered, messages.Codes()), re.DOTALL)),
        )
        it.log.intend(document)
        it.log.about_to_send(document.key, it.clock.now())
        await it.clock.sleep(600)
        for _ in range(2):
            reply = await it.send(document)
            assert (reply["outcome"], reply["already"]) == ("posted", True)
        assert (it.count(noun, document.number), it.count(noun, "R-77")) == (0, 1)

    joined(story)


# ---- as a process ----------------------------------------------------------------------------------------------------------


@contextmanager
def running_quickbooks(folder: Path) -> Iterator[Any]:
    books: list[Company] = []

    def make(clock: Any) -> Company:
        books.append(company(clock))
        return books[0]

    with quickbooks_for_programs(make, settings=SETTINGS, start=START) as running:
        yield running, books[0]


def process(running: Any, folder: Path, **more: Any) -> PartProcess:
    config = {
        "port": 0,
        "intent_log": str(folder / "intents.sqlite"),
        "journal": str(folder / "journal.jsonl"),
        "application": APPLICATION,
        "clock": {"start": START.isoformat(), "scale": 20},
        "process_limit_s": 40,
        **more,
    }
    return PartProcess("emulator.connector", config, folder / "connector.log", environment(running.url, os.environ))


async def send_to(part: PartProcess, document: Document) -> httpx.Response | None:
    async with httpx.AsyncClient(base_url=part.url, trust_env=False, timeout=20) as client:
        try:
            return await client.post("/v1/documents", json=document.as_json())
        except httpx.HTTPError:
            return None


@pytest.mark.slow
def test_as_a_process_over_com_names(tmp_path: Path) -> None:
    with running_quickbooks(tmp_path) as (running, books):
        wanted = running.on_loop(lambda: documents_for(books))

        async def main() -> None:
            part = process(running, tmp_path)
            await part.start()
            try:
                for document in wanted:
                    answer = await send_to(part, document)
                    assert answer is not None
                    assert answer.json()["outcome"] == "posted", answer.text
                again = await send_to(part, wanted[3])
                assert again is not None
                assert again.json()["already"] is True
            finally:
                assert await part.stop() == 0
            assert (tmp_path / "connector.log").read_text() == ""

        asyncio.run(main())
        ended = [row["kind"] for row in running.journal.rows() if row["kind"].startswith("session-")]
        assert ended == ["session-begun", "session-ended"]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_process_posts_once(point: str, tmp_path: Path) -> None:
    with running_quickbooks(tmp_path) as (running, books):
        document = running.on_loop(lambda: documents_for(books))[3]

        async def main() -> None:
            kill = {"fault": "kill-connector", "point": point}
            part = process(running, tmp_path, faults=[kill])
            await part.start()
            assert await send_to(part, document) is None
            assert await part.wait() == KILLED
            part = process(running, tmp_path)
            await part.start()
            try:
                answer = await send_to(part, document)
                assert answer is not None
                assert answer.json()["outcome"] == "posted", answer.text
            finally:
                assert await part.stop() == 0

        asyncio.run(main())
        copies = running.on_loop(lambda: [each for each in books.truth.transactions("Invoice") if each["ref"] == "G-10001"])
        assert len(copies) == 1


@pytest.mark.slow
def test_a_call_that_never_comes_back_keeps_no_process_from_ending(tmp_path: Path) -> None:
    with running_quickbooks(tmp_path) as (running, books):
        document = running.on_loop(lambda: documents_for(books))[3]
        lost = FaultSpec.model_validate({"fault": "answer-lost", "times": 1, "where": {"request": "InvoiceAddRq"}})
        running.on_loop(lambda: running.quickbooks.office.plan.add(lost, START))

        async def main() -> None:
            part = process(running, tmp_path)
            await part.start()
            first = await send_to(part, document)
            assert first is not None
            assert first.json()["code"] == "no-answer"
            async with asyncio.timeout(30):
                while (again := await send_to(part, document)) is None or again.status_code == 503:
                    await asyncio.sleep(0.05)
            assert again.json()["already"] is True
            assert await part.stop() == 0

        asyncio.run(main())


MISTAKES = [
    ({"port": "x"}, 2, "port"),
    ({"moed": "multi-user"}, 2, "'mode'"),
    ({"faults": [{"fault": "kill-conector"}]}, 4, "kill-connector"),
    ({"flaws": ["never-ask"]}, 4, "never-asks"),
    ({"host": "203.0.113.1"}, 4, "cannot listen"),
]


@pytest.mark.parametrize(("change", "code", "says"), MISTAKES)
def test_mistakes_end_the_process_with_a_sentence(
    change: dict[str, Any], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "connector.json"
    config.write_text(json.dumps({"port": 0, "intent_log": str(tmp_path / "log"), **change}))
    assert main(["--config", str(config)]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert len(printed.err.splitlines()) == 1
