"""A town of real processes: the connector, the path and the platform side over sockets, with QuickBooks in the test's own process.

    platform side (process) --> path (process) --> connector (process) --> COM wire --> QuickBooks (here)

All of them write one journal file. `Town.live` sends the documents of a story to their end and acts as two people who are always there: the
service manager, who starts a part again that was killed, and the operator, who sets Connected when all that is left is held. Nothing sleeps
and no port is fixed: parts are waited for by their ready lines and their ends, and each has an address of the loopback range to itself.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from emulator.com.exec import Running, environment, quickbooks_for_programs
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import Company, load_company
from emulator.core import journal as journals
from emulator.core.chance import Chance
from emulator.core.clock import Clock, RealClock
from emulator.core.documents import Document, Line
from emulator.core.journal import Row
from emulator.core.processes import KILLED
from emulator.core.switches import SwitchSettings
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.mailbox import Mailbox
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.scenario.books import booked
from emulator.scenario.evidence import Evidence, StorySettings
from emulator.world import own_address

from .forked import ForkedPart

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

SCALE: Final = 30.0
"""Story seconds a second: the 10 s between two attempts take a third of a second."""

STORY_LIMIT_S: Final = 40.0
"""The machine's seconds that a story may take: one that hangs fails, whatever it waits for. It takes five."""

PATIENCE: Final = 60
"""Failed attempts in a row until Disconnected: more than fit into the time a part takes to start again, so the story is about the books."""

APPLICATION: Final = "Kill Test Connector"
MAIL_CONTACT: Final = "accounting@wholesale.example"
CUSTOMER: Final = "Killed & Söhne"

SETTINGS: Final = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, DESKTOP_SWITCHES))

QUICKBOOKS_ROWS: Final = ("request", "committed", "answered")
"""What QuickBooks writes about each request that brings a document: it came, it stands in the books, it is answered."""

PARTS: Final = ("connector", "network", "platform")
"""Names of the rooms whose parts are processes; `kill-<part>` is the fault that kills each."""

Fault = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """What goes wrong in a story.

    Attributes:
        lives: for each part, the faults of its first life, of its second, and so on; lives after those have none.
        attempts: failed attempts in a row until the platform side is Disconnected.
        flaws: of the connector, in all its lives.
        killer: asked at each row QuickBooks writes about a request; says which part is killed from outside at this very moment.
        kills_max: after so many kills from outside there are no more.
    """

    lives: Mapping[str, Sequence[list[Fault]]] = field(default_factory=dict)
    attempts: int = PATIENCE
    flaws: tuple[str, ...] = ()
    killer: Callable[[Row], str] = lambda row: ""
    kills_max: int = 1


class Part:
    """One part, through all its lives."""

    def __init__(self, name: str, process: ForkedPart, lives: Sequence[list[Fault]]) -> None:
        self.name = name
        self.process = process
        self.ends: list[int] = []
        self._lives = iter(lives)

    async def start(self) -> None:
        """Start it, for the first time or again; it keeps the port it was given when it was started first."""
        self.process.config["faults"] = next(self._lives, [])
        await self.process.start()
        port = urlsplit(self.process.url).port
        if port is not None:
            self.process.config["port"] = port

    async def end(self) -> int:
        """Wait until this life ends, and return how."""
        code = await self.process.wait()
        self.ends.append(code)
        return code

    async def keep(self) -> None:
        """Start it again whenever it was killed; returns when it ended in any other way."""
        while await self.end() == KILLED:
            await self.start()

    @property
    def deaths(self) -> int:
        """Return how often it was killed."""
        return self.ends.count(KILLED)

    def last_words(self) -> str:
        """Return what it wrote to its standard error in all its lives."""
        return self.process.output.read_text(encoding="utf-8", errors="replace") if self.process.output.exists() else ""


class Town:
    """All parts of one story, made by `town`.

    Attributes:
        documents: what the platform side has to bring into the books.
        kills: the parts that were killed from outside, in order.
    """

    def __init__(self, folder: Path, running: Running, company: Company, clock: RealClock, plot: Plot) -> None:
        self._folder = folder
        self._running = running
        self._company = company
        self._plot = plot
        self.documents = running.on_loop(lambda: documents_for(company))
        self.mailbox = Mailbox(running.journal)
        common = {
            "journal": str(folder / "journal.jsonl"),
            "clock": {"start": clock.start.isoformat(), "scale": clock.scale, "anchor_unix_s": clock.anchor_unix_s},
        }
        listening = common | {"host": own_address(Chance(8891), "127.0.0.1"), "port": 0}
        self._configs: dict[str, dict[str, Any]] = {
            "connector": listening
            | {"intent_log": str(folder / "intents.sqlite"), "application": APPLICATION, "flaws": list(plot.flaws)},
            "network": dict(listening),
            "platform": common
            | {
                "store": str(folder / "platform.sqlite"),
                "switches": {"platform.attempts": plot.attempts},
                "documents": [document.as_json() for document in self.documents],
            },
        }
        self.parts = {name: self._part(name) for name in PARTS}
        self.kills: list[str] = []
        self._stop_listening: Callable[[], None] = lambda: None

    def _part(self, name: str) -> Part:
        variables = environment(self._running.url, os.environ) if name == "connector" else None
        options = ("--until-idle",) if name == "platform" else ()
        process = ForkedPart(f"emulator.{name}", self._configs[name], self._folder / f"{name}.log", variables, options)
        return Part(name, process, self._plot.lives.get(name, ()))

    async def live(self) -> None:
        """Live the story to its end. Raises AssertionError when a part ends in a way that nobody wanted."""
        connector, network, platform = (self.parts[name] for name in PARTS)
        self.mailbox.start()
        self._listen()
        keepers: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(STORY_LIMIT_S):
                await connector.start()
                self._configs["network"] |= _place_of(connector)
                await network.start()
                self._configs["platform"] |= {
                    "connector_url": network.process.url,
                    "mail": {"host": self.mailbox.host, "port": self.mailbox.port},
                }
                keepers = [asyncio.create_task(part.keep(), name=part.name) for part in (connector, network)]
                story = asyncio.create_task(self._work(platform))
                keepers.append(story)
                done, _ = await asyncio.wait(keepers, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    await task
                assert story in done, f"ended by itself: {[(part.name, part.ends) for part in self.parts.values()]}"
                for part in (connector, network):
                    await part.process.stop()
                await asyncio.gather(*keepers)
        finally:
            for task in keepers:
                task.cancel()
            for part in self.parts.values():
                await part.process.kill()
            await asyncio.gather(*keepers, return_exceptions=True)
            self._stop_listening()
            self.mailbox.stop()
        for part in self.parts.values():
            assert part.ends[-1] == 0, (part.name, part.ends, part.last_words())
            assert part.last_words() == "", part.name

    async def _work(self, platform: Part) -> None:
        """Let the platform side work until nothing is left to do, starting it again when it was killed."""
        while True:
            await platform.start()
            code = await platform.end()
            if code == KILLED:
                continue
            assert code == 0, (platform.ends, platform.last_words())
            if "held" not in self.states_at_end().values():
                return
            self._configs["platform"]["set_status"] = "Connected"

    def _listen(self) -> None:
        """Have QuickBooks' own thread kill a part at the moment a row is written: the part's call is under way then."""

        def hear(row: Row) -> None:
            name = self._plot.killer(row) if row["kind"] in QUICKBOOKS_ROWS else ""
            pid = self.parts[name].process.pid if name and len(self.kills) < self._plot.kills_max else None
            if pid is not None:
                self.kills.append(name)
                os.kill(pid, signal.SIGKILL)

        self._stop_listening = self._running.journal.listen(hear)

    def rows(self) -> list[Row]:
        """Return the journal that all parts wrote together."""
        return journals.read(self._folder / "journal.jsonl")

    def states_at_end(self) -> dict[str, str]:
        """Return what the platform side said last of each document."""
        told = [row for row in self.rows() if row["kind"] == "documents-at-end"]
        states: dict[str, str] = told[-1]["states"] if told else {}
        return states

    def evidence(self) -> Evidence:
        """Return what the checks may read: the journal and the books."""
        rows = self.rows()
        settings = StorySettings(
            attempts=self._plot.attempts,
            notifications_contact=MAIL_CONTACT,
            applications=(APPLICATION,),
            connector_machine="SERVER",
        )
        return Evidence(rows, self._running.on_loop(lambda: booked(self._company, rows)), settings)


@contextmanager
def town(folder: Path, plot: Plot) -> Iterator[Town]:
    """Make a town around a QuickBooks with the sample company open."""
    made: list[tuple[Company, RealClock]] = []

    def make(clock: Clock) -> Company:
        assert isinstance(clock, RealClock)
        company = load_company("wholesale_small", clock.now, SETTINGS)
        made.append((company, clock))
        return company

    with quickbooks_for_programs(
        make, settings=SETTINGS, start=START, scale=SCALE, journal_path=folder / "journal.jsonl"
    ) as running:
        company, clock = made[0]
        yield Town(folder, running, company, clock, plot)


def documents_for(company: Company) -> list[Document]:
    """Return the story's documents: invoices for a customer the books know, a bill, and a customer nobody knows yet with an invoice."""
    known = next(each["full_name"] for each in company.truth.customers() if each["active"])
    vendor = next(each["full_name"] for each in company.truth.vendors() if each["active"])
    item = next(each["full_name"] for each in company.truth.items() if each["active"])
    day = START.date().isoformat()

    def invoice(place: int, party: str) -> Document:
        cents = 10_00 + place
        line = Line(item, f"order {place}", 100_000, cents * 1000, cents)
        return Document(f"I{place}", "invoice", f"G-2000{place}", party, day, (line,), cents, f"order {place}")

    bill = Document("B1", "bill", "D-71", vendor, day, (Line(item, "", 100_000, 7_00_000, 7_00),), 7_00)
    customer = Document("C1", "customer", "", CUSTOMER, day, fields={"city": "Köln"})
    return [invoice(1, known), invoice(2, known), bill, customer, invoice(3, CUSTOMER), invoice(4, known)]


def _place_of(connector: Part) -> dict[str, Any]:
    url = urlsplit(connector.process.url)
    return {"connector_host": url.hostname, "connector_port": url.port}
