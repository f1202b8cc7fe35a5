"""The world: the one place where parts are put together, from one configuration, for one of the two clocks.

    virtual_world: everything in this process and thread, in-memory twins, a clock that jumps
    real_world:    QuickBooks, proxy, platform side and mailbox in this process behind real sockets; the connector as a process of its own

No globals: two worlds live in one process and know nothing of each other.
"""

import asyncio
import inspect
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from emulator.com.exec import environment
from emulator.com.wire import THREADS, Wire
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import Company, CompanyDescription, load_description, sample_path
from emulator.connector import SWITCHES as CONNECTOR_SWITCHES
from emulator.connector import IntentLog, MemoryLink, Service
from emulator.connector.faults import KINDS as CONNECTOR_KINDS
from emulator.connector.link import Login
from emulator.core.chance import Chance
from emulator.core.clock import Clock, RealClock
from emulator.core.documents import SCALE, DocumentKind
from emulator.core.errors import UserMistake, nearest
from emulator.core.journal import Journal, Row
from emulator.core.processes import PartProcess
from emulator.core.serving import Serving
from emulator.core.switches import Setting, Switch, SwitchSettings
from emulator.core.transport import Call, CallAnswer, NoAnswer, Transport
from emulator.desktop import KINDS as DESKTOP_KINDS
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.desktop import Driver, Office, QuickBooks, RequestProcessor
from emulator.faults import Killed, Kind, Plan
from emulator.mailbox import Mail, Mailbox, MemoryMailbox
from emulator.network import KINDS as NETWORK_KINDS
from emulator.network import MemoryPath, Proxy
from emulator.platform import KINDS as PLATFORM_KINDS
from emulator.platform import SWITCHES as PLATFORM_SWITCHES
from emulator.platform import (
    Article,
    Creation,
    Draft,
    HttpTransport,
    MailSender,
    MemorySender,
    PlatformSide,
    Profile,
    SmtpSender,
    Store,
    Traffic,
    load_profile,
)
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

SERVER: Final = "server"
"""The dedicated machine on which the connector's user is logged in to QuickBooks."""

ACCOUNTING_PC: Final = "accounting-pc"

DEFAULT_COMPANY: Final = "wholesale_small"
"""The shipped company that is meant when nobody names one."""

PORT: Final = 8891
"""The port the platform side calls (the page)."""

SWITCH_TABLES: Final[dict[str, tuple[Switch, ...]]] = {
    "qbxml": tuple(QBXML_SWITCHES),
    "company": tuple(COMPANY_SWITCHES),
    "desktop": tuple(DESKTOP_SWITCHES),
    "connector": tuple(CONNECTOR_SWITCHES),
    "platform": tuple(PLATFORM_SWITCHES),
}
"""Every switch there is, by room."""

FAULT_KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "quickbooks": tuple(DESKTOP_KINDS),
    "connector": tuple(CONNECTOR_KINDS),
    "network": tuple(NETWORK_KINDS),
    "platform": tuple(PLATFORM_KINDS),
}
"""Every kind of fault there is, by the part that does it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConnectorConfig(_Strict):
    """The connector: under which name and as whose guest it works with QuickBooks."""

    application: str = "FakeBooks Connector"
    user: str = "Goflow"
    mode: Literal["single-user", "multi-user", "do-not-care"] = "do-not-care"
    flaws: frozenset[str] = Field(frozenset(), description="deliberate mistakes, to prove that the checks bite")


class PlatformConfig(_Strict):
    """The platform side: a profile, and what this story wants otherwise."""

    profile: str = "goflow"
    attempts: int | None = Field(None, ge=1)
    spacing_s: int | None = Field(None, ge=0)
    auto_heal: bool | None = None
    push_mode: Literal["automatic", "manual"] | None = None
    notifications_contact: str | None = None

    def loaded(self) -> Profile:
        """Return the profile with this story's changes. Raises UserMistake."""
        profile = load_profile(self.profile)
        named = {
            "platform.attempts": self.attempts,
            "platform.attempt-spacing-s": self.spacing_s,
            "platform.auto-heal": self.auto_heal,
        }
        switches: dict[str, Setting] = profile.switches | {name: value for name, value in named.items() if value is not None}
        notifications = profile.notifications
        if self.notifications_contact is not None:
            notifications = notifications.model_copy(update={"contact": self.notifications_contact})
        changes = {"switches": switches, "notifications": notifications, "push_mode": self.push_mode or profile.push_mode}
        return Profile.model_validate(profile.model_copy(update=changes).model_dump())


class WorldConfig(_Strict):
    """What a world is made from. Every field has a default: an empty configuration is a world that works."""

    seed: int = Field(1, ge=0, lt=2**63)
    company: str = Field(DEFAULT_COMPANY, description="a shipped company, or the path of a .yaml file")
    machines: tuple[str, ...] = Field((SERVER, ACCOUNTING_PC), min_length=1)
    connector: ConnectorConfig = ConnectorConfig()
    platform: PlatformConfig = PlatformConfig()
    switches: dict[str, Setting] = Field(default_factory=dict)


class ConnectorControl(Protocol):
    """What a person at the server can do with the connector, whatever it is made of."""

    async def start(self) -> None:
        """Start it, with one click; starting a running one does nothing."""

    async def exit(self) -> None:
        """Exit it from the notifications tray."""

    async def light(self) -> str:
        """Return what the icon shows: starting, connecting, green, red; `off` when it does not run."""


class World:
    """All parts together. Made by `virtual_world` or `real_world`.

    Attributes:
        config: what it was made from.
        clock, chance, journal, plan, switches: of this world.
        company: the books; its `truth` is what verdicts are read from.
        office: the shared facts of the QuickBooks installation; one QuickBooks for each machine.
        platform: the platform side. mailbox: where its mails arrive. connector: the app on the server.
        traffic: makes documents from what the company has.
    """

    def __init__(self, config: WorldConfig, clock: Clock, folder: Path | None, journal_path: Path | None) -> None:
        self.config = config
        self.clock = clock
        self.chance = Chance(config.seed)
        self.journal = Journal(clock.now, journal_path)
        profile = config.platform.loaded()
        self.switches = SwitchSettings(SWITCH_TABLES.values(), profile.switches | config.switches)
        self.plan = Plan([kind for kinds in FAULT_KINDS.values() for kind in kinds], self.chance, self.journal)
        self.company = load_company(config.company, clock.now, self.switches, None if folder is None else folder / "books.sqlite")
        self.balances_before = balances(self.company)
        self.office = Office(self.switches, self.journal, self.plan, self.chance, clock.now, seats_max=self.company.seats)
        self.office.add_file(self.company)
        self._machines = {name: QuickBooks(name, self.office, self.company.edition) for name in config.machines}
        self.driver = Driver(clock)
        self.profile = profile
        self.connector: ConnectorControl
        self.platform: PlatformSide
        self.mailbox: Mailbox | MemoryMailbox
        self.traffic = _Documents(self.chance, self.company, clock)
        self.urls: dict[str, str] = {}
        self._starts: list[Callable[[], Any]] = []
        self._stops: list[Callable[[], Any]] = []

    @property
    def timezone(self) -> ZoneInfo:
        """Return where the company is."""
        return ZoneInfo(self.company.timezone)

    @property
    def quickbooks(self) -> dict[str, QuickBooks]:
        """Return QuickBooks on each machine, by the machine's name."""
        return dict(self._machines)

    def machine(self, name: str) -> QuickBooks:
        """Return QuickBooks on a machine. Raises UserMistake when there is no such machine."""
        quickbooks = self._machines.get(name)
        if quickbooks is None:
            near = nearest(name, self._machines)
            raise UserMistake(
                f"no machine is called {name!r}", expected=f"{near!r}" if near else f"one of {', '.join(self._machines)}"
            )
        return quickbooks

    async def start(self) -> None:
        """Start all parts but the connector, which a person starts. What started is stopped again when something does not.

        Raises:
            UserMistake: an address is taken.
            PartFailed: a part did not start.
        """
        try:
            for start in self._starts:
                await _done(start())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all parts, in the reverse order of their start. The books and the journal stay readable until `let_go`."""
        while self._stops:
            await _done(self._stops.pop()())

    def let_go(self) -> None:
        """Close the company file and the journal's file."""
        self.company.close()
        self.journal.close()

    def create(self, what: DocumentKind, name: str) -> Creation:
        """Somebody makes a customer, vendor or product on the platform side."""
        return self.platform.create(what, name, self.traffic.fields(what))

    def emit(self, kind: Literal["invoice", "bill"]) -> None:
        """The next document of the traffic is accepted by the platform side."""
        self.platform.emit(self.traffic.next(kind))

    def mails(self) -> list[Mail]:
        """Return the mails that arrived."""
        return self.mailbox.mails()

    async def until_green(self, limit_s: float) -> bool:
        """Watch the connector's icon until it is green, at most so long; returns whether it is."""
        due_s = self.clock.elapsed_s() + max(limit_s, self._least_s())
        while self.clock.elapsed_s() < due_s:
            if await self.connector.light() == "green":
                return True
            await self.clock.sleep(LOOK_EVERY_S)
        return False

    async def wait_until(self, holds: Callable[[], bool], limit_s: float) -> bool:
        """Wait until something holds, at most so long; looks again at each new row of the journal. Returns whether it holds."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        due_s = self.clock.elapsed_s() + max(limit_s, self._least_s())

        def hear(_: Row) -> None:
            # Rows may come from threads (the mail sink).
            loop.call_soon_threadsafe(changed.set)

        stop_listening = self.journal.listen(hear)
        try:
            while not holds() and self.clock.elapsed_s() < due_s:
                changed.clear()
                # Not everything that may be waited for is followed by a row: look anyhow from time to time.
                waiting = [asyncio.ensure_future(changed.wait()), asyncio.ensure_future(self.clock.sleep(LOOK_EVERY_S))]
                _, late = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in late:
                    task.cancel()
        finally:
            stop_listening()
        return holds()

    def _least_s(self) -> float:
        """Return the least story seconds a wait makes sense for: on a fast real clock a minute of the story is nothing for sockets."""
        return WAIT_AT_LEAST_REAL_S * self.clock.scale if isinstance(self.clock, RealClock) else 0.0


LOOK_EVERY_S: Final = 2.0
"""Story seconds between two looks at what tells nobody when it changes (a person watching an icon)."""

WAIT_AT_LEAST_REAL_S: Final = 20.0
"""The machine's seconds that a wait lasts at least on the real clock: processes start and calls fail at their own speed."""


def virtual_world(config: WorldConfig, clock: Clock, folder: Path | None = None) -> World:
    """Return a world for the virtual clock. `folder` is where mails are saved; None saves none. Raises UserMistake."""
    world = World(config, clock, None, None)
    mailbox = MemoryMailbox(world.journal, None if folder is None else folder / "mail")
    world.mailbox = mailbox
    world.connector = connector = _ConnectorInMemory(world)
    path = MemoryPath(connector.answer, world.plan, clock, world.journal, listening=connector.listening)
    world.platform = _platform(world, path, MemorySender(mailbox.take), Store(None))
    world._starts = [mailbox.start, world.platform.start]
    world._stops = [mailbox.stop, path.close, connector.exit, world.platform.stop]
    return world


def real_world(config: WorldConfig, clock: RealClock, folder: Path, listen: tuple[str, int] = ("127.0.0.1", PORT)) -> World:
    """Return a world for the real clock, with real sockets.

    Args:
        config: what it is made from.
        clock: the real clock.
        folder: for the company file, the connector's and the platform's memory, mails and the journal.
        listen: host and port where the fault proxy listens, as the customer's router would.

    Raises:
        UserMistake: something in the configuration.
    """
    state = folder / "state"
    fresh_folder(state)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    world = World(config, clock, state, folder / "journal.jsonl")
    wire = Wire(world.quickbooks, world.driver, asyncio.get_running_loop())
    serving = Serving(wire.app, threads=THREADS, name="the wire of QuickBooks")
    mailbox = Mailbox(world.journal, folder / "mail")
    world.mailbox = mailbox
    connector = _ConnectorAsProcess(config, clock, own_address(world.chance, listen[0]), state)
    world.connector = connector
    proxy = Proxy((connector.host, PORT), world.plan, clock, world.journal, host=listen[0], port=listen[1])

    def serve_quickbooks() -> None:
        serving.start()
        connector.process.variables = environment(serving.url, os.environ)
        world.urls["QuickBooks (COM wire)"] = serving.url

    async def stop_quickbooks() -> None:
        wire.close()
        # In a thread: the wire's own threads may wait for this loop to hand them an answer.
        await asyncio.to_thread(serving.stop)

    def serve_mail() -> None:
        mailbox.start()
        world.urls["mail server"] = f"smtp://{mailbox.host}:{mailbox.port}"

    async def serve_port() -> None:
        await proxy.start()
        world.urls["port 8891"] = proxy.url
        world.urls["connector behind it"] = connector.url

    def work_on_platform() -> None:
        # Made here, because only now the addresses are known.
        transport = HttpTransport(proxy.url, clock)
        world.platform = _platform(world, transport, SmtpSender(mailbox.host, mailbox.port), Store(state / "platform.sqlite"))
        world.platform.start()
        world._stops += [transport.close, world.platform.stop]

    world._starts = [serve_quickbooks, serve_mail, serve_port, work_on_platform]
    world._stops = [stop_quickbooks, mailbox.stop, connector.close, proxy.stop]
    return world


class _ConnectorInMemory:
    """Our connector in this process, for the virtual clock. Its intent log outlives it, as a file outlives a process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._log = IntentLog(None)
        self._service: Service | None = None

    def _made(self) -> Service:
        world = self._world
        link = MemoryLink(world.driver, lambda: RequestProcessor(world.machine(SERVER)), _login(world.config))
        return Service(
            link,
            self._log,
            world.clock,
            settings=world.switches,
            plan=world.plan,
            die=_killed,
            flaws=world.config.connector.flaws,
        )

    async def start(self) -> None:
        if self._service is None or self._service.killed:
            self._service = self._made()
        self._service.start()

    async def exit(self) -> None:
        if self._service is not None and not self._service.killed:
            await self._service.exit()

    async def light(self) -> str:
        if self._service is None or not self._service.running:
            return "off"
        return str(self._service.tray.light)

    def listening(self) -> bool:
        """Tell whether anybody listens on the machine's port 8891."""
        return self._service is not None and self._service.running

    async def answer(self, call: Call) -> CallAnswer:
        """Answer a call to port 8891 as the machine does: refused while no connector runs."""
        if self._service is None:
            raise NoAnswer("connection refused", sent=False)
        return await self._service.answer(call)


class _ConnectorAsProcess:
    """Our connector as a process: it reaches QuickBooks by the names of pywin32, as it would on Windows."""

    def __init__(self, config: WorldConfig, clock: RealClock, host: str, state: Path) -> None:
        self.host = host
        self.url = f"http://{host}:{PORT}"
        self._clock = clock
        self._status = HttpTransport(self.url, clock)
        settings = {
            "host": host,
            "port": PORT,
            "intent_log": str(state / "connector-intents.sqlite"),
            "application": config.connector.application,
            "mode": config.connector.mode,
            "flaws": sorted(config.connector.flaws),
            "clock": {"start": clock.start.isoformat(), "scale": clock.scale, "anchor_unix_s": clock.anchor_unix_s},
        }
        self.process = PartProcess("emulator.connector", settings, state / "connector.log")

    async def start(self) -> None:
        await self.process.start()

    async def exit(self) -> None:
        await self.process.stop()

    async def close(self) -> None:
        """Exit it for good."""
        await self.exit()
        await self._status.close()

    async def light(self) -> str:
        if not self.process.running:
            return "off"
        try:
            answer = await self._status.call(Call("GET", "/v1/status"), LIGHT_LIMIT_S)
        except NoAnswer:
            return "off"
        return str(answer.body.get("light", "")) if isinstance(answer.body, dict) else ""


LIGHT_LIMIT_S: Final = 10.0
"""Story seconds for a look at the connector's icon."""


class _Documents:
    """Makes the traffic of a world from what its company has: active customers, vendors, and items with a price."""

    def __init__(self, chance: Chance, company: Company, clock: Clock) -> None:
        directory = directory_of(company)
        articles = [_article(item) for item in company.truth.items() if item["full_name"] in set(directory["items"])]
        self._traffic = Traffic(chance, directory["customers"], directory["vendors"], articles, clock, ZoneInfo(company.timezone))
        self._made = {"invoice": 0, "bill": 0}

    def next(self, kind: Literal["invoice", "bill"]) -> Draft:
        """Return the next invoice or bill."""
        self._made[kind] += 1
        return self._traffic.invoice(self._made["invoice"]) if kind == "invoice" else self._traffic.bill(self._made["bill"])

    def fields(self, what: DocumentKind) -> dict[str, str]:
        """Return what a new customer, vendor or product has besides its name."""
        return {"price": "1250000"} if what == "product" else {}


async def answer_alone(company: str, document: bytes, clock: Clock) -> str:
    """Ask one document of a company of its own, in this process; for `fakebooks ask` without a server.

    Raises:
        UserMistake: the company.
        SessionFailure: the whole document was refused.
    """
    world = World(WorldConfig(company=company), clock, None, None)
    try:
        world.machine(SERVER).log_in(world.config.connector.user, "multi")
        return await ask_quickbooks(world, document)
    finally:
        world.let_go()


async def ask_quickbooks(world: World, document: bytes) -> str:
    """Send a document through a session of its own on the server and return the answer. Raises SessionFailure."""
    processor = RequestProcessor(world.machine(SERVER))
    perform = world.driver.perform
    await perform(processor.open_connection_2("", world.config.connector.application, 1))
    try:
        ticket = await perform(processor.begin_session("", DO_NOT_CARE))
        try:
            return await perform(processor.process_request(ticket, document))
        finally:
            await perform(processor.end_session(ticket))
    finally:
        await perform(processor.close_connection())


DO_NOT_CARE: Final = 2
"""File mode of BeginSession: whatever mode the file is in (type library)."""


def directory_of(company: Company) -> dict[str, list[str]]:
    """Return what can be sold and to whom, as full names: active customers without jobs of their own, vendors, items of an invoice."""
    truth = company.truth
    return {
        "customers": [row["full_name"] for row in truth.customers() if row["active"]],
        "vendors": [row["full_name"] for row in truth.vendors() if row["active"]],
        "items": [row["full_name"] for row in truth.items() if row["active"] and row["kind"] in SOLD_KINDS],
    }


SOLD_KINDS: Final = ("ItemService", "ItemNonInventory")
"""Kinds of items that stand on the lines of invoices and bills."""


def balances(company: Company) -> dict[str, dict[str, int]]:
    """Return the own balance of every customer and vendor in cents, as the books tell it: `receivables` and `payables`."""
    truth = company.truth
    return {
        "receivables": {str(row["full_name"]): int(row["own_cents"]) for row in truth.customers()},
        "payables": {str(row["full_name"]): int(row["own_cents"]) for row in truth.vendors()},
    }


def load_company(name: str, clock_now: Callable[[], datetime], switches: SwitchSettings, path: Path | None = None) -> Company:
    """Make a company from a shipped description (by name) or a file (by path ending in .yaml). Raises UserMistake."""
    return Company.create(path, described(name), clock_now, switches)


def described(name: str) -> CompanyDescription:
    """Read the description that a name or a path ending in .yaml means. Raises UserMistake."""
    return load_description(Path(name) if name.endswith((".yaml", ".yml")) else sample_path(name))


def own_address(chance: Chance, taken: str) -> str:
    """Return an address of the loopback range for one machine of a world, so that the connector keeps its real port 8891.

    Each process draws its own, so worlds beside each other (test workers) do not meet.
    """
    draw = chance.number("own address", os.getpid())
    address = f"127.{1 + draw % 250}.{draw // 250 % 250}.{1 + draw // 62500 % 250}"
    return address if address != taken else "127.77.88.91"


def fresh_folder(folder: Path) -> None:
    """Make an empty folder for the state of one run; what a run before left there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _article(item: dict[str, Any]) -> Article:
    """Return what traffic needs of an item; an item without a price is given away for one unit of the currency, so that totals are not 0."""
    sale = item["document"].get("SalesOrPurchase") or item["document"].get("SalesAndPurchase") or {}
    price = int(sale.get("Price") or sale.get("SalesPrice") or SCALE)
    cost = int(sale.get("PurchaseCost") or price * 6 // 10)
    description = str(sale.get("Desc") or sale.get("SalesDesc") or "")
    return Article(str(item["full_name"]), description, max(price * 100 // SCALE, 1), max(cost * 100 // SCALE, 1))


def _login(config: WorldConfig) -> Login:
    return Login(config.connector.application, "", config.connector.mode)


def _platform(world: World, transport: Transport, sender: MailSender, store: Store) -> PlatformSide:
    return PlatformSide(
        world.profile, store, world.clock, transport, sender, world.journal, world.plan, world.chance, _killed, world.switches
    )


def _killed() -> NoReturn:
    raise Killed


async def _done(value: object) -> None:
    if inspect.isawaitable(value):
        await value
