"""Both clocks: what is due comes in order, limits bite, nothing is left running."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import LIMIT_FLOOR_S, RealClock, run_virtual

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_sleepers_wake_in_order_and_on_time(durations_s):
    async def story(clock):
        woken = []

        async def sleeper(duration_s):
            await clock.sleep(duration_s)
            woken.append((round(clock.elapsed_s(), 6), duration_s))

        await asyncio.gather(*map(sleeper, durations_s))
        return woken

    woken = run_virtual(story, START)
    assert [duration for _, duration in woken] == sorted(durations_s)
    assert all(abs(at - duration) <= 1e-4 for at, duration in woken)


def test_a_week_takes_no_time():
    began = time.monotonic()

    async def story(clock):
        for _ in range(7 * 24):
            await clock.sleep(3600)
        return clock.now()

    assert run_virtual(story, START) == START + timedelta(days=7)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("limit_s", "work_s", "in_time"), [(10, 9.9, True), (10, 10.1, False), (0, 1, False)])
def test_a_limit(limit_s, work_s, in_time):
    async def story(clock):
        try:
            async with clock.limit(limit_s):
                await clock.sleep(work_s)
        except TimeoutError:
            return False
        return True

    assert run_virtual(story, START) is in_time


def test_a_world_in_which_everybody_waits_is_told_of():
    async def story(clock):
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="stands still"):
        run_virtual(story, START)


def test_no_threads_on_the_virtual_clock():
    async def story(clock):
        await asyncio.to_thread(time.time)

    with pytest.raises(RuntimeError, match="in-memory twin"):
        run_virtual(story, START)


def test_tasks_left_behind_are_ended():
    ended = []

    async def story(clock):
        async def left_behind():
            try:
                await clock.sleep(1e9)
            finally:
                ended.append(True)

        story.task = asyncio.create_task(left_behind())
        await clock.sleep(1)

    run_virtual(story, START)
    assert ended == [True]


def test_the_real_clock_runs_at_its_scale():
    async def story():
        clock = RealClock(START, scale=1000)
        await clock.sleep(50)
        return clock.elapsed_s()

    assert 50 <= asyncio.run(story()) < 5000


def test_two_real_clocks_of_one_anchor_agree():
    async def story():
        anchor_s = time.time() - 10
        first, second = (RealClock(START, scale=60, anchor_unix_s=anchor_s) for _ in range(2))
        return abs((first.now() - second.now()).total_seconds()), first.elapsed_s()

    apart_s, elapsed_s = asyncio.run(story())
    assert apart_s < 5
    assert elapsed_s >= 600


def test_skipping_wakes_whoever_is_due_and_nobody_else():
    async def story():
        clock = RealClock(START, scale=1)
        soon, late = asyncio.create_task(clock.sleep(3600)), asyncio.create_task(clock.sleep(7200))
        await asyncio.sleep(0)
        clock.skip(3601)
        await asyncio.wait_for(soon, 5)
        still_asleep = not late.done()
        late.cancel()
        return still_asleep

    assert asyncio.run(story())


@pytest.mark.parametrize(("scale", "limit_s", "real_s"), [(1, 30, 30), (60, 30, LIMIT_FLOOR_S), (60, 600, 10)])
def test_limits_have_a_floor_in_the_machines_seconds(scale, limit_s, real_s):
    async def story():
        return RealClock(START, scale=scale).limit_real_s(limit_s)

    assert asyncio.run(story()) == real_s
