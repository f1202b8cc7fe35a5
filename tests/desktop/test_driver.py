"""Operations and the driver: waits end by state, by limit or never; the line is fair; giving up leaves nothing behind."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import run_virtual
from emulator.desktop import Changes, Code, Delay, Driver, Line, SessionFailure, WaitFor

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
def test_the_line_serves_all_in_order_of_arrival_whoever_gives_up(durations_s, impatient):
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
        await clock.sleep(sum(durations_s) + 1)
        # QuickBooks does not know who gave up.
        assert served == list(range(len(durations_s)))
        assert driver.abandoned == 0
        assert len(line) == 0
        assert changes.waiting == 0

    virtual(story)


@pytest.mark.parametrize("for_caller", [False, True])
def test_a_caller_that_gives_up_leaves_the_operation_going_unless_it_waits_for_nobody_else(for_caller):
    async def story(clock, driver):
        changes, state, happened = Changes(), set(), []

        def operation():
            try:
                yield WaitFor(changes, lambda: bool(state), for_caller=for_caller)
                happened.append("went on")
            finally:
                happened.append("ended")

        with pytest.raises(TimeoutError):
            async with clock.limit(5):
                await driver.perform(operation())
        await clock.sleep(0.001)
        assert driver.abandoned == changes.waiting == (0 if for_caller else 1)
        state.add("changed")
        changes.tell()
        await clock.sleep(1)
        assert driver.abandoned == changes.waiting == 0
        return happened

    assert virtual(story) == (["ended"] if for_caller else ["went on", "ended"])


@pytest.mark.parametrize(("error", "reported"), [(SessionFailure(Code.INTERNAL_ERROR), 0), (ZeroDivisionError(), 1)])
def test_what_an_abandoned_operation_fails_with(error, reported):
    async def story(clock, driver):
        reports = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: reports.append(context["exception"]))

        def operation():
            yield Delay(60)
            raise error

        with pytest.raises(TimeoutError):
            async with clock.limit(5):
                await driver.perform(operation())
        await clock.sleep(60)
        return reports

    assert virtual(story) == [error][:reported]


def test_the_end_of_the_loop_ends_what_goes_on():
    ended = []

    async def story(clock, driver):
        def operation():
            try:
                yield WaitFor(Changes(), lambda: False)
            finally:
                ended.append(True)

        with pytest.raises(TimeoutError):
            async with clock.limit(5):
                await driver.perform(operation())
        assert not ended

    virtual(story)
    assert ended == [True]
