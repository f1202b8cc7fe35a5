"""Many faults in one world: nothing grows, nothing is left, and the seed alone decides what happens."""

import asyncio
import gc
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.desktop import RequestProcessor, SessionFailure
from emulator.faults import FaultSpec
from emulator.world import FAULT_KINDS, SERVER, WorldConfig, virtual_world

from .stage import KINDS, on_stage

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
QUICKBOOKS = FAULT_KINDS["quickbooks"]
DOCUMENT = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
)


def random_spec(stage, chance, number):
    """A fault of any part with a trigger and an end, drawn by the seed."""
    kind = chance.pick(list(KINDS.values()), "kind", number)
    when = chance.pick([{}, {"nth": 1}, {"first": 2}, {"every": 2}, {"probability": 0.5}], "when", number)
    end = chance.pick([{"for_s": 30.0}, {"times": 1}, {}], "end", number)
    if kind.lasting and "times" in end:
        end = {}
    point = chance.pick(kind.points, "point", number)
    asked = {"fault": kind.name, "as": f"f{number}", "point": point, "when": when, "with": stage.given(kind.name, f"f{number}")}
    return FaultSpec.model_validate(asked | end)


async def session(world):
    """A program's whole session; it gives up after ten minutes."""
    do, processor = world.driver.perform, None
    try:
        async with world.clock.limit(600):
            processor = await do(RequestProcessor.create(world.machine(SERVER)))
            await do(processor.open_connection("", world.config.connector.application))
            ticket = await do(processor.begin_session("", 2))
            await do(processor.process_request(ticket, DOCUMENT))
    except (SessionFailure, TimeoutError):
        return
    finally:
        if processor is not None:
            await do(processor.release())


async def suffer(stage, chance, number):
    """One random fault: put into force, a round of every sort of call, lifted, people put things right."""
    try:
        fault = stage.world.plan.add(random_spec(stage, chance, number), stage.world.clock.now())
    except UserMistake:
        return  # what it asks for is not there now
    stage.whole = not fault.point.startswith("quickbooks.")
    await stage.round(mail=fault.point.endswith("before-mail"))
    await stage.clear()


def in_world(play, seed=1):
    async def story(clock):
        world = virtual_world(WorldConfig(seed=seed), clock)
        try:
            world.machine(SERVER).log_in("Goflow", "multi")
            await play(world)
            await world.stop()
            return world.journal.bytes()
        finally:
            world.let_go()

    return run_virtual(story, START)


OF_THEIR_OWN = ("fakebooks-rows-", "etilqs_")
"""Beginnings of the names of files that are opened once, when something has grown long: a journal's older rows, what SQLite sorts."""


def handles():
    """File handles, without those that are opened once and for all when the story has grown long."""
    opened = [each.readlink().name for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return sum(not name.startswith(OF_THEIR_OWN) for name in opened)


def held():
    """Bytes of all objects that have been made since `gc.freeze` and are still there.

    They are looked at three times: to trace each of their allocations would make the story take three times as long.
    """
    gc.collect()
    sizes, waiting = {}, gc.get_objects()
    while waiting:
        each = waiting.pop()
        if id(each) not in sizes:
            sizes[id(each)] = sys.getsizeof(each)
            # What the collector does not know (texts, and tuples of texts) hangs from what it knows.
            waiting += (inner for inner in gc.get_referents(each) if not gc.is_tracked(inner))
    return sum(sizes.values())


def state():
    """Threads, file handles, tasks of the loop, and memory that Python holds."""
    return threading.active_count(), handles(), len(asyncio.all_tasks()), held()


@pytest.mark.slow
def test_a_thousand_random_faults_leave_nothing_behind():
    chance, measured = Chance(7), []

    async def play(stage):
        world = stage.world
        for number in range(1000):
            await suffer(stage, chance, number)
            if number in (199, 599, 999):
                await world.clock.sleep(3600)
                measured.append(state())
                assert (world.office.changes.waiting, len(world.machine(SERVER).line), world.driver.abandoned) == (0, 0, 0)
        struck = [fault for fault in world.plan.faults() if fault.hits]
        assert len(struck) > 600
        assert {fault.kind.name for fault in struck} == set(KINDS)
        assert all(fault.lifted and fault.end is None and not fault.timers for fault in world.plan.faults())

    gc.collect()
    gc.freeze()
    try:
        on_stage(play)
    finally:
        gc.unfreeze()
    (threads, handles, tasks, memory_early), (*middle, memory_middle), (*late, memory_late) = measured
    assert [threads, handles, tasks] == middle == late
    # What the account and the journal's tail keep of each fault, and nothing of the calls: some kilobytes.
    assert (memory_late - memory_middle) / 400 < 12_000
    assert memory_late - memory_middle < 2 * (memory_middle - memory_early) + 1_000_000


def journal_of(seed, faults=(), count=12):
    async def play(world):
        for spec in faults:
            world.plan.add(FaultSpec.model_validate(spec), world.clock.now())
        for _ in range(count):
            await session(world)
            await world.clock.sleep(7)

    return in_world(play, seed)


def test_the_same_seed_gives_the_same_journal_and_another_seed_another():
    faults = [
        {"fault": "session-error", "when": {"probability": 0.5}},
        {"fault": "slow", "point": "quickbooks.before-answer", "with": {"preset": "typical"}},
    ]
    assert journal_of(1, faults) == journal_of(1, faults)
    assert journal_of(1, faults) != journal_of(2, faults)


def test_a_probability_of_nought_is_no_fault():
    faults = [{"fault": kind.name, "when": {"probability": 0.0}} for kind in QUICKBOOKS]
    assert journal_of(1, faults, count=2) == journal_of(1, count=2)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [
        ("slow", {"seconds": 0}),
        ("slow", {"preset": "none"}),
        ("slows-down", {"more_s": 0}),
        ("slow-query", {"seconds": 0, "per_row_s": 0}),
    ],
)
def test_a_delay_of_nought_is_no_fault_and_none_is_missed(fault, parameters):
    async def play(world):
        world.plan.add(FaultSpec.model_validate({"fault": fault, "with": parameters}), world.clock.now())
        await session(world)
        assert world.plan.unfired() == []
        assert [each.hits for each in world.plan.faults()] == [0]
        assert world.clock.elapsed_s() == 0

    in_world(play)


def test_a_probability_of_one_is_always():
    always, certain = ([{"fault": "session-error", "when": when}] for when in ({}, {"probability": 1.0}))

    def rows(faults):
        return [row for row in journal_of(1, faults, count=3).splitlines() if b'"kind":"fault-on"' not in row]

    assert rows(always) == rows(certain)


def test_faults_are_lifted_when_the_world_stops():
    async def play(world):
        world.plan.add(FaultSpec.model_validate({"fault": "hosting-off"}), world.clock.now())
        assert not world.office.hosting
        await world.stop()
        assert world.office.hosting
        assert world.plan.faults()[0].lifted

    in_world(play)
