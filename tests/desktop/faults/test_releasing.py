"""A fault that is lifted releases the calls it holds, at once; those that wait behind them go on. One that is spent goes on holding."""

import asyncio

import pytest

from desktop.makers import APPLICATION, QUERY, at_desk, document
from emulator.desktop import SessionFailure

HOLDERS = {
    "slow": {"seconds": 500.0},
    "slow-query": {"seconds": 500.0},
    "slows-down": {"more_s": 500.0, "most_s": 500.0},
    "hang": {"seconds": 500.0},
    "modal-dialog": {"effect": "hang"},
}
"""Every kind that holds a call, so that it would not end within these minutes."""


async def program(desk):
    """A program with one call to come: the call, of a session that has begun."""
    processor = desk.processor()
    await desk.perform(processor.open_connection("", APPLICATION))
    ticket = await desk.perform(processor.begin_session("", 2))
    return desk.perform(processor.process_request(ticket, document(QUERY)))


async def ended_at(call, clock):
    await call
    return clock.elapsed_s()


async def two_held(desk, clock, kind, **when):
    """Two programs: the first call is held by a fault, the other one waits behind it; their ends, as tasks."""
    first, second = await program(desk), await program(desk)
    desk.fault(kind, **{"with": HOLDERS[kind]}, **when)
    return [asyncio.create_task(ended_at(each, clock)) for each in (first, second)]


ENDINGS = {
    "lifted": ({}, lambda desk, kind: desk.plan.lift(kind)),
    "all lifted": ({}, lambda desk, kind: desk.plan.lift_all()),
    "spent, then lifted": ({"times": 1}, lambda desk, kind: desk.plan.lift(kind)),
    "spent, then all lifted": ({"times": 1}, lambda desk, kind: desk.plan.lift_all()),
    "its time is over": ({"for_s": 60.0}, lambda desk, kind: None),
    "another has struck": ({"until": {"struck": "seats-full"}}, lambda desk, kind: desk.plan.fire("seats-full")),
}


@pytest.mark.parametrize("kind", HOLDERS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_fault_holds_goes_on_when_it_ends(kind, ending):
    when, end = ENDINGS[ending]

    async def story(desk, clock):
        desk.fault("seats-full", when={"by_hand": True}, expect_hits="any")
        calls = await two_held(desk, clock, kind, **when)
        await clock.sleep(60)
        end(desk, kind)
        ends = await asyncio.gather(*calls)
        assert desk.office.changes.waiting == len(desk.server.line) == 0
        assert desk.server.dialog is None
        first = next(row for row in desk.journal.rows("answered"))
        assert kind in first["faults"]
        return ends

    assert at_desk(story) == [60.0, 60.0]


@pytest.mark.parametrize("kind", HOLDERS)
def test_a_fault_that_is_spent_goes_on_holding(kind):
    async def story(desk, clock):
        calls = await two_held(desk, clock, kind, times=1)
        await clock.sleep(400)
        assert desk.plan.faults()[-1].lifted
        assert not any(call.done() for call in calls)
        if kind == "modal-dialog":
            desk.server.close_dialog()
        return [round(end_s) for end_s in await asyncio.gather(*calls)]

    end_s = 400 if kind == "modal-dialog" else 500
    assert at_desk(story) == [end_s, end_s]


@pytest.mark.parametrize("kind", HOLDERS)
def test_the_end_of_a_run_releases_nothing(kind):
    async def story(desk, clock):
        calls = await two_held(desk, clock, kind)
        await clock.sleep(60)
        desk.plan.close()
        await clock.sleep(1)
        held = [not call.done() for call in calls]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        if desk.server.process is not None:
            desk.server.end_process()
        await clock.sleep(1)
        return held

    assert at_desk(story) == [True, True]


@pytest.mark.parametrize(("lifted", "rows"), [(False, []), (True, [["modal-dialog"]])])
def test_a_dialog_that_a_fault_has_opened_is_closed_when_it_is_lifted(lifted, rows):
    async def story(desk, clock):
        call = await program(desk)
        desk.fault("modal-dialog", times=1)
        with pytest.raises(SessionFailure):
            await call
        assert desk.server.dialog is not None
        if lifted:
            desk.plan.lift("modal-dialog")
        assert (desk.server.dialog is None) == lifted
        assert [row["faults"] for row in desk.journal.rows("dialog-opened")] == [["modal-dialog"]]
        return [row["faults"] for row in desk.journal.rows("dialog-closed")]

    assert at_desk(story) == rows


@pytest.mark.parametrize(("spent", "rows"), [(False, ["fault-off"]), (True, ["fault-off", "fault-released"])])
def test_lifting_is_written_down(spent, rows):
    async def story(desk, clock):
        call = await program(desk)
        desk.fault("hang", **({"times": 1} if spent else {}))
        task = asyncio.create_task(call)
        await clock.sleep(1)
        for _ in range(2):
            desk.plan.lift("hang")
        await task
        return [row["kind"] for row in desk.journal.rows(lane="faults") if row["kind"] not in ("fault-on", "fault-hit")]

    assert at_desk(story) == rows
