"""Makers for the tests of the platform side: a scripted connector, a mailbox in memory, and a bench that puts them together.

The tests of this room carry its name in theirs: a package `platform` would hide the standard library's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn

from emulator.core.chance import Chance
from emulator.core.clock import VirtualClock, run_virtual
from emulator.core.documents import Line
from emulator.core.journal import Journal
from emulator.core.transport import Call, CallAnswer, NoAnswer
from emulator.faults import FaultSpec, Killed, Plan
from emulator.platform import KINDS, Draft, MemorySender, PlatformSide, Profile, Store, load_profile

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Script = Callable[[Call], CallAnswer | NoAnswer | None]


def posted(key: str = "1-2", *, already: bool = False) -> CallAnswer:
    return CallAnswer(200, {"outcome": "posted", "txn_id": f"T-{key}", "already": already})


def refused(reason: str = "closed period", code: str = "3171") -> CallAnswer:
    return CallAnswer(422, {"outcome": "refused", "reason": reason, "code": code})


def unavailable(reason: str = "QuickBooks is closed") -> CallAnswer:
    return CallAnswer(503, {"outcome": "unavailable", "reason": reason, "code": "0x80040408"})


def silence(reason: str = "connection refused") -> NoAnswer:
    return NoAnswer(reason, sent=False)


SILENT = object()
"""Scripted answer: none ever comes."""


@dataclass
class Connector:
    """A transport that plays the connector: every call takes `takes_s` and is answered from `script`, then with `otherwise`.

    `posted` holds the keys that stand in QuickBooks, in the order they came to stand there.
    """

    clock: VirtualClock
    script: list[Any] = field(default_factory=list)
    otherwise: Any = None
    takes_s: float = 0.5
    calls: list[tuple[float, Call]] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=dict)
    in_flight: int = 0
    in_flight_most: int = 0

    async def call(self, call: Call, limit_s: float) -> CallAnswer:
        self.calls.append((self.clock.elapsed_s(), call))
        self.in_flight += 1
        self.in_flight_most = max(self.in_flight_most, self.in_flight)
        try:
            await self.clock.sleep(self.takes_s)
            answer = self.script.pop(0) if self.script else self.otherwise
            if answer is SILENT:
                await self.clock.sleep(limit_s * 10)
            if isinstance(answer, NoAnswer):
                raise answer
            return self._answer(call) if answer is None else answer
        finally:
            self.in_flight -= 1

    def _answer(self, call: Call) -> CallAnswer:
        if call.path.startswith("/v1/balance"):
            name = call.path.partition("=")[2]
            if name not in self.balances:
                return CallAnswer(404, {"reason": "unknown"})
            return CallAnswer(200, {"balance_cents": self.balances[name], "as_of": "2026-03-02T09:00:00Z"})
        if call.path == "/v1/status":
            return CallAnswer(200, {"light": "green", "reason": ""})
        key = call.body["key"]
        already = key in self.posted
        if not already:
            self.posted.append(key)
        return posted(key, already=already)

    async def close(self) -> None:
        return

    def document_calls(self) -> list[str]:
        return [call.body["key"] for _, call in self.calls if call.path == "/v1/documents"]


@dataclass
class Bench:
    """Everything a platform side needs, and the platform side."""

    clock: VirtualClock
    profile: Profile
    store: Store
    connector: Connector
    journal: Journal
    plan: Plan
    mails: list[bytes]
    mail_down: bool = False
    side: PlatformSide = None  # type: ignore[assignment]

    def take(self, message: bytes, recipients: list[str]) -> None:
        if self.mail_down:
            raise ConnectionRefusedError("down")
        self.mails.append(message)

    def make(self) -> PlatformSide:
        self.side = PlatformSide(
            self.profile,
            self.store,
            self.clock,
            self.connector,
            MemorySender(self.take),
            self.journal,
            self.plan,
            Chance(7),
            _die,
        )
        return self.side

    def restart(self) -> PlatformSide:
        return self.make().start()

    def kinds(self, *kinds: str) -> list[str]:
        return [row["kind"] for row in self.journal.rows() if row["kind"] in kinds]

    def states(self) -> list[str]:
        return [kept.state for kept in self.store.in_state("waiting", "in-flight", "held", "posted", "refused")]


def _die() -> NoReturn:
    raise Killed("kill-platform")


def profile(**switches: Any) -> Profile:
    """Return the goflow profile with switches set otherwise; `auto_heal=True` sets `platform.auto-heal`."""
    return _goflow().with_switches({f"platform.{name.replace('_', '-')}": each for name, each in switches.items()})


@cache
def _goflow() -> Profile:
    return load_profile("goflow")


def invoice(party: str = "Adler Books", cents: int = 1250, kind: Any = "invoice") -> Draft:
    line = Line("Widget", "a widget", 200_000, cents * 500, cents)
    return Draft(kind, party, "2026-03-02", (line,))


def run(
    story: Callable[[Bench], Awaitable[Any]],
    *,
    script: list[Any] | None = None,
    faults: list[FaultSpec] | None = None,
    start: bool = True,
    store: Store | None = None,
    profile_used: Profile | None = None,
    **switches: Any,
) -> Any:
    """Run a story on a virtual clock with a bench; the platform side is started and always stopped."""

    async def main(clock: VirtualClock) -> Any:
        journal = Journal(clock.now)
        plan = Plan(KINDS, Chance(7), journal)
        for spec in faults or []:
            plan.add(spec, clock.now())
        bench = Bench(
            clock, profile_used or profile(**switches), store or Store(), Connector(clock, script or []), journal, plan, []
        )
        bench.make()
        if start:
            bench.side.start()
        try:
            return await story(bench)
        finally:
            await bench.side.stop()
            if store is None:
                bench.store.close()

    return run_virtual(main, START)
