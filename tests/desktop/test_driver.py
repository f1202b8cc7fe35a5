"""Operations and the driver: waits end by state, by limit or never; the line is fair; giving up leaves nothing behind."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import run_virtual
from emulator.desktop import Changes, Delay, Driver, Line, WaitFor

from .makers import START


def virtual(story):
    return run_virtual(lambda clock: story(clock, Driver(clock)), START)


def waiting(changes, holds, limit_s=None):
    return (yield WaitFor(changes, holds, limit_s))


def test_a_delay_takes_story_seconds():
    def operation():
        yield Delay(90)
        return "done"

    async def story(clock, driver):
        return await driver.perform(operation()), clock.elapsed_s()

    assert virtual(story) == ("done", pytest.approx(90))


def test_a_state_that_holds_is_not_waited_for():
    async def story(clock, driver):
        return await driver.perform(waiting(Changes(), lambda: True)), clock.elapsed_s()

    assert virtual(story) == (True, 0)


@pytest.mark.parametrize(("limit_s", "holds", "after_s"), [(None, True, 40), (60, True, 40), (30, False, 30)])
def test_a_wait_ends_by_the_change_or_by_its_limit(limit_s, holds, after_s):
    async def story(clock, driver):
        changes, state = Changes(), set()

        async def change():
            await clock.sleep(20)
            changes.tell()  # something else has changed
            await clock.sleep(20)
            state.add("open")
            changes.tell()

        changing = asyncio.create_task(change())
        found = await driver.perform(waiting(changes, lambda: bool(state), limit_s))
        at_s = clock.elapsed_s()
        await changing
        assert changes.waiting == 0
        return found, at_s

    assert virtual(story) == (holds, pytest.approx(after_s))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.sets(st.integers(0, 7)))
def test_the_line_serves_in_order_of_arrival_whoever_gives_up(durations_s, impatient):
    async def story(clock, driver):
        changes = Changes()
        line, served, running = Line(changes), [], []

        def work(number):
            assert not running, "two at once"
            running.append(number)
            try:
                yield Delay(durations_s[number])
                served.append(number)
            finally:
                running.remove(number)

        callers = [asyncio.create_task(driver.perform(line.take(work(number)))) for number in range(len(durations_s))]
        await asyncio.sleep(0)
        for number in impatient:
            if number < len(callers):
                callers[number].cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        assert served == sorted(served)
        assert set(range(len(durations_s))) - impatient <= set(served)
        assert len(line) == 0
        assert changes.waiting == 0

    virtual(story)


def test_a_caller_that_gives_up_closes_the_operation():
    async def story(clock, driver):
        changes, closed = Changes(), []

        def operation():
            try:
                yield WaitFor(changes, lambda: False)
            finally:
                closed.append(True)

        with pytest.raises(TimeoutError):
            async with clock.limit(5):
                await driver.perform(operation())
        return closed, changes.waiting

    assert virtual(story) == ([True], 0)
