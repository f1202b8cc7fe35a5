"""The cases of the probe played by FakeBooks itself, in this process, on the virtual clock: the door `in process`, and what parity compares."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from emulator.com.interface import MEMBERS
from emulator.com.likeness import TABLES
from emulator.com.probe.player import Outcome, Step, playing
from emulator.com.probe.writing import GROUND, Case
from emulator.company import load_company
from emulator.core.chance import Chance
from emulator.core.clock import Clock, run_virtual
from emulator.core.journal import Journal
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import (
    AS_OURS,
    KINDS,
    Application,
    Driver,
    Mode,
    Office,
    Pace,
    QuickBooks,
    RequestProcessor,
    SessionFailure,
    Wording,
)
from emulator.faults import Plan

DAY: Final = date(2026, 3, 2)
"""The day on which cases are played unless another one is named."""

HOUR: Final = time(14, 0, tzinfo=UTC)
"""When playing begins: the day is the same one then in most of the world, and where the shipped company is."""

RUN: Final = "FB000"
COMPANY: Final = "wholesale_small"
USER: Final = "Goflow"


def answers(
    cases: Mapping[str, Case],
    switches: Mapping[str, Setting] | None = None,
    *,
    ground: Iterable[tuple[Any, ...]] = GROUND,
    company: str = COMPANY,
    mode: Mode = "multi",
    day: date = DAY,
    away: int = 0,
    wording: Wording = AS_OURS,
    latency: Mapping[str, Pace] | None = None,
) -> dict[str, list[Step]]:
    """Return what the steps of the cases give, played one after the other in one company.

    Args:
        cases: by name.
        switches: what is set otherwise than by default. Raises UserMistake.
        ground: steps that are played first.
        company: a shipped one, or a .yaml file.
        mode: the mode the company file is open in.
        day: what the cases take for today.
        away: how many days later than that today is where QuickBooks is: the probe's machine may be in another zone.
        wording: what is said otherwise.
        latency: how long calls take; the seconds of a step are those of the virtual clock.
    """
    settings = SwitchSettings(TABLES, switches)

    async def story(clock: Clock) -> dict[str, list[Step]]:
        opened = load_company(company, clock.now, settings)
        try:
            journal, chance = Journal(clock.now), Chance(1)
            office = Office(settings, journal, Plan(KINDS, chance, journal), chance, clock.now, wording=wording, latency=latency)
            office.add_file(opened, everyone=Application("", login="even if not running", login_as=USER))
            quickbooks = QuickBooks("SERVER", office, opened.edition, opened.year)
            quickbooks.log_in(USER, mode)
            room = _Room(quickbooks, Driver(clock), clock, day)
            await room.play(ground)
            return {name: await room.play(case.steps) for name, case in cases.items()}
        finally:
            opened.close()

    return run_virtual(story, datetime.combine(day + timedelta(days=away), HOUR))


class _Room:
    """The request processors of one QuickBooks, one at a time."""

    def __init__(self, quickbooks: QuickBooks, driver: Driver, clock: Clock, day: date) -> None:
        self._quickbooks = quickbooks
        self._driver = driver
        self._clock = clock
        self._day = day

    async def play(self, steps: Iterable[tuple[Any, ...]]) -> list[Step]:
        calls = playing(steps, RUN, self._day, self._clock.elapsed_s)
        processor = RequestProcessor(self._quickbooks)
        try:
            member, arguments = next(calls)
            while True:
                member, arguments = calls.send(await self._done(processor, member, arguments))
        except StopIteration as end:
            results: list[Step] = end.value
            return results
        finally:
            await self._driver.perform(processor.release())

    async def _done(self, processor: RequestProcessor, member: str, arguments: tuple[Any, ...]) -> Outcome:
        if member == "wait":
            await self._clock.sleep(*arguments)
            return Outcome(True, None)
        if member == "new":
            return Outcome(True, None)  # every case has an object of its own here
        try:
            return Outcome(True, await self._driver.perform(MEMBERS[member].call(processor, *arguments)))
        except SessionFailure as failure:
            return Outcome(False, str(failure.code), failure.description())
