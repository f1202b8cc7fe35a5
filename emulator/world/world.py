"""A world: all parts together, and what people and stories can do in it. `build.py` puts the parts in."""

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from emulator.company import Company, described, is_company_file, load_company
from emulator.core.chance import Chance
from emulator.core.clock import Clock, RealClock
from emulator.core.documents import DocumentKind
from emulator.core.errors import UserMistake, unknown
from emulator.core.journal import Journal, Row
from emulator.core.switches import SwitchSettings
from emulator.desktop import Driver, Office, QuickBooks, own_faults
from emulator.faults import Plan
from emulator.mailbox import Mail, Mailbox, MemoryMailbox
from emulator.network import MemoryPath, Proxy
from emulator.platform import Creation, PlatformSide
from emulator.world.catalogue import FAULT_KINDS, FAULT_PATHS, SWITCH_TABLES, refuse_out_of_reach
from emulator.world.config import WorldConfig
from emulator.world.connectors import ConnectorControl
from emulator.world.facts import FACT_WORDS, FACTS
from emulator.world.texts import filled
from emulator.world.trade import Trade, balances


class World:
    """All parts together. Made by `virtual_world` or `real_world`.

    Attributes:
        config: what it was made from.
        clock, chance, journal, plan, switches: of this world.
        company: the books; its `truth` is what verdicts are read from.
        office: the shared facts of the QuickBooks installation; one QuickBooks for each machine.
        platform: the platform side. mailbox: where its mails arrive. connector: the app on the server.
        network: the path to port 8891.
        traffic: makes documents from what the company has.
    """

    def __init__(self, config: WorldConfig, clock: Clock, folder: Path | None, journal_path: Path | None) -> None:
        self.config = config
        self.clock = clock
        self.chance = Chance(config.seed)
        self.journal = Journal(clock.now, journal_path)
        profile = config.platform.loaded()
        self.switches = SwitchSettings(SWITCH_TABLES.values(), profile.switches | config.switches)
        self.company = _company_of(config, clock, self.switches, None if folder is None else folder / "books.sqlite")
        self.plan = self._made_plan()
        self.balances_before = balances(self.company)
        self.office: Office = Office(self.switches, self.journal, self.plan, self.chance, clock.now, seats_max=self.company.seats)
        own_faults(self.office)
        self.office.add_file(self.company)
        self._machines = {
            name: QuickBooks(name, self.office, self.company.edition, self.company.year) for name in config.machines
        }
        self.driver = Driver(clock)
        self.profile = profile
        self.connector: ConnectorControl
        self.network: MemoryPath | Proxy
        self.platform: PlatformSide
        self.mailbox: Mailbox | MemoryMailbox
        self.traffic = Trade(self.chance, self.company, clock)
        self.urls: dict[str, str] = {}
        self._starts: list[Callable[[], Any]] = []
        self._stops: list[Callable[[], Any]] = []

    def _made_plan(self) -> Plan:
        kinds = [kind for table in FAULT_KINDS.values() for kind in table]
        plan = Plan(kinds, self.chance, self.journal, later=self.clock.later, timezone=self.timezone, paths=FAULT_PATHS)
        plan.surroundings.know(states={name: partial(fact, self) for name, fact in FACTS.items()}, words=FACT_WORDS)
        refuse_out_of_reach(plan, processes=False)
        return plan

    def on_start(self, start: Callable[[], Any]) -> None:
        """Have something done when the world starts, after what was named before; it may be a coroutine function."""
        self._starts.append(start)

    def on_stop(self, stop: Callable[[], Any]) -> None:
        """Have something done when the world stops, before what was named before; it may be a coroutine function."""
        self._stops.append(stop)

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
            raise unknown("machine", name, self._machines)
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
        """Lift all faults and stop all parts, in the reverse order of their start. Books and journal stay readable until `let_go`."""
        self.plan.close()
        while self._stops:
            await _done(self._stops.pop()())

    def let_go(self) -> None:
        """Close the company file and the journal's file."""
        self.company.close()
        self.journal.close()

    def create(self, what: DocumentKind, name: str) -> Creation:
        """Somebody makes a customer, vendor or product on the platform side."""
        return self.platform.create(what, name, self.traffic.fields(what))

    def emit(self, kind: Literal["invoice", "bill"], text: str = "") -> None:
        """The next document of the traffic is accepted by the platform side, with this text as its memo and on its lines."""
        self.platform.emit(self.traffic.next(kind, text))

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


def _company_of(config: WorldConfig, clock: Clock, switches: SwitchSettings, path: Path | None) -> Company:
    """Make the company of a world, in memory or as a file at `path`: from a description, or as a copy of a company file."""
    if not config.texts:
        return load_company(config.company, clock.now, switches, path)
    if is_company_file(config.company):
        raise UserMistake(
            f"texts with the company file {config.company}", expected="texts with a shipped company or a .yaml description"
        )
    return Company.create(path, filled(described(config.company), config.texts), clock.now, switches)


async def _done(value: object) -> None:
    if inspect.isawaitable(value):
        await value
