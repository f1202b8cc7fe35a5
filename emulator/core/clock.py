"""Time. Every part of a world asks its clock and waits through it; nothing else in the project reads the time or sleeps.

Two clocks, one face:

- `VirtualClock` (through `run_virtual`): one process, one thread, an asyncio loop whose time jumps to the next thing due.
  A week passes in as long as its work takes, and the same work gives the same times.
- `RealClock`: the machine's time with a scale (story seconds per second) for our own parts, real sockets and processes.

Story time is what people in a story would read from the wall. A *limit* (how long somebody waits for an answer) is story time too,
but on the real clock it is never shorter than `LIMIT_FLOOR_S` of the machine's own seconds: sockets and processes do not get faster
because a story runs at 60 story seconds a second.
"""

import asyncio
import selectors
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

LIMIT_FLOOR_S = 1.5
"""Least time, in the machine's seconds, that a limit lasts on the real clock (our choice: a loopback call on a busy CI takes less than 1 s)."""

Result = TypeVar("Result")


class Clock(Protocol):
    """What a part may know of time."""

    virtual: bool
    """True where time jumps and nothing may block a thread."""

    def now(self) -> datetime:
        """Return the story's time, aware, in UTC."""

    def elapsed_s(self) -> float:
        """Return the story seconds since the clock was made."""

    async def sleep(self, seconds: float) -> None:
        """Wait for story seconds."""

    def limit(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Return a context manager that raises TimeoutError when its body takes more than these story seconds."""

    def later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Have something done after story seconds, on the loop; returns what calls it off (at any time, also when it is done)."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that never waits: when the loop would wait for a timer, the timer's moment is made to be now."""

    def __init__(self) -> None:
        super().__init__()
        self.loop_time_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            # No timer, nothing ready, one thread: nobody is left who could ever wake this loop.
            raise RuntimeError("the virtual clock stands still: every part waits for something that nobody will do")
        self.loop_time_s += max(timeout, 0.0)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # asyncio fires timers that are due within the clock's resolution; a whole microsecond keeps sums of floats from stalling.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._jumping.loop_time_s

    def run_in_executor(self, *_: object) -> "asyncio.Future[object]":  # type: ignore[override]
        """Refuse: a thread's work takes the machine's time, which a virtual clock cannot know."""
        raise RuntimeError("no threads on the virtual clock: a part must use its in-memory twin here")


class VirtualClock:
    """The clock of a virtual run; made by `run_virtual`.

    Args:
        start: the story's time at the beginning (aware).
    """

    virtual = True

    def __init__(self, start: datetime) -> None:
        assert start.tzinfo is not None, "a story's start needs a time zone"
        self._start = start.astimezone(UTC)
        self._loop = asyncio.get_running_loop()
        assert isinstance(self._loop, _VirtualLoop), "a VirtualClock is made inside run_virtual"
        self._zero_s = self._loop.time()

    def now(self) -> datetime:
        """Return the story's time."""
        return self._start + timedelta(microseconds=round(self.elapsed_s() * 1e6))

    def elapsed_s(self) -> float:
        """Return the story seconds since the start."""
        return self._loop.time() - self._zero_s

    async def sleep(self, seconds: float) -> None:
        """Wait; the loop jumps there when nothing else is to be done before."""
        await asyncio.sleep(max(seconds, 0.0))

    def limit(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Limit the body to story seconds."""
        return _limit(seconds)

    def later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Have something done at exactly that time; returns what calls it off."""
        return self._loop.call_later(max(seconds, 0.0), act).cancel


def run_virtual(make: Callable[[VirtualClock], Awaitable[Result]], start: datetime) -> Result:
    """Run a coroutine on a virtual clock from `start` until it ends, and return its result.

    Tasks it leaves behind are cancelled and waited for, so nothing is left running.
    """

    async def main() -> Result:
        _name_main_task()
        return await make(VirtualClock(start))

    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(main())


def run_real(make: Callable[[], Awaitable[Result]]) -> Result:
    """Run a coroutine on the machine's own clock until it ends, and return its result; what it leaves behind is cancelled."""

    async def main() -> Result:
        _name_main_task()
        return await make()

    return asyncio.run(main())


def end_main_task(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what `run_virtual` or `run_real` runs on a loop, from a signal handler: it ends in order, its caller gets CancelledError."""
    for task in asyncio.all_tasks(loop):
        if task.get_name() == _MAIN_TASK:
            loop.call_soon_threadsafe(task.cancel)


def _name_main_task() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.set_name(_MAIN_TASK)


_MAIN_TASK = "the story"
"""Name of the one task that everything else on a loop belongs to."""


class RealClock:
    """The machine's clock with a scale. Several processes agree on it when they are given the same three arguments.

    Args:
        start: the story's time at the anchor (aware).
        scale: story seconds that pass in one second; 1.0 is life.
        anchor_unix_s: the machine's time (seconds since 1970) at which the story starts; default is now.
    """

    virtual = False

    def __init__(self, start: datetime, scale: float = 1.0, anchor_unix_s: float | None = None) -> None:
        assert start.tzinfo is not None, "a story's start needs a time zone"
        assert scale > 0, f"a scale must be above 0, not {scale}"
        self.start = start.astimezone(UTC)
        self.scale = scale
        self.anchor_unix_s = time.time() if anchor_unix_s is None else anchor_unix_s
        self._skipped_s = 0.0
        self._skip_happened = asyncio.Event()

    def now(self) -> datetime:
        """Return the story's time."""
        return self.start + timedelta(seconds=self.elapsed_s())

    def elapsed_s(self) -> float:
        """Return the story seconds since the anchor, with what was skipped."""
        return (time.time() - self.anchor_unix_s) * self.scale + self._skipped_s

    def skip(self, seconds: float) -> None:
        """Let story seconds pass at once. Everybody who sleeps through this clock wakes when his moment is reached or passed."""
        assert seconds >= 0, "time does not run backwards"
        self._skipped_s += seconds
        self._skip_happened.set()
        self._skip_happened = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait for story seconds; a `skip` counts."""
        due_s = self.elapsed_s() + seconds
        while (remaining_s := due_s - self.elapsed_s()) > 0:
            try:
                async with asyncio.timeout(remaining_s / self.scale):
                    await self._skip_happened.wait()
            except TimeoutError:
                continue

    def limit(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Limit the body to story seconds, but never to less than LIMIT_FLOOR_S of the machine's."""
        return _limit(self.limit_real_s(seconds))

    def later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Have something done when story seconds have passed (a `skip` counts); returns what calls it off. Called on the loop."""

        async def wait() -> None:
            await self.sleep(seconds)
            _timers.discard(task)
            act()

        task = asyncio.get_running_loop().create_task(wait())
        _timers.add(task)
        task.add_done_callback(_timers.discard)
        return lambda: _call_off(task)

    def limit_real_s(self, seconds: float) -> float:
        """Return what a limit of story seconds is in the machine's seconds (for libraries that take their own)."""
        return max(seconds / self.scale, LIMIT_FLOOR_S)


_timers: "set[asyncio.Task[None]]" = set()
"""What waits to be done later: the loop itself holds tasks by weak references only."""


def _call_off(task: "asyncio.Task[None]") -> None:
    # What a timer does may call the timer itself off: it is not waiting any more then.
    if task in _timers:
        task.cancel()


@asynccontextmanager
async def _limit(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield
