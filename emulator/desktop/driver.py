"""The driver: runs operations on the asyncio loop, with the clock of the world (virtual or real).

It is the only place where an operation's `Delay` and `WaitFor` become waiting. The order of callers is kept by each QuickBooks itself
(`operations.Line`), below the driver, so every door may have a driver of its own.

A caller that gives up does not stop QuickBooks: a call that is under way or in line is carried out all the same, and its answer is
thrown away (COM knows no way to take a call back; inferred). That is how an impatient caller ends up with a write it does not know of.
"""

import asyncio
from typing import Generic, TypeVar

from emulator.core.clock import Clock
from emulator.desktop.operations import Delay, Operation, WaitFor
from emulator.desktop.results import SessionFailure

Value = TypeVar("Value")


class Driver:
    """Performs operations.

    Args:
        clock: story time. Delays and limits of QuickBooks are story seconds, slept through the clock: `Clock.limit`, with its floor in
            the machine's seconds, is for those who wait for sockets and processes.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._abandoned: set[asyncio.Task[object]] = set()

    async def perform(self, operation: Operation[Value]) -> Value:
        """Run an operation to its end and return its value.

        A caller that gives up cancels this coroutine (its own time limit does). The operation goes on without him, unless it waits for
        nothing but him (`WaitFor.for_caller`). The end of the loop ends it where it stands.

        Raises:
            SessionFailure: the call failed as a whole.
        """
        try:
            wait = next(operation)
        except StopIteration as end:
            # Most calls wait for nothing, and are no task of their own.
            value: Value = end.value
            return value
        run = _Run(self.clock, operation, wait)
        task = asyncio.create_task(run.to_the_end())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if run.waits_for_caller:
                task.cancel()
            self._let_go_on(task)
            raise

    @property
    def abandoned(self) -> int:
        """Return how many operations go on without their callers."""
        return len(self._abandoned)

    def _let_go_on(self, task: "asyncio.Task[Value]") -> None:
        if task.done():
            _heed(task)
            return
        self._abandoned.add(task)  # the loop itself holds tasks by weak references only
        task.add_done_callback(self._abandoned.discard)
        task.add_done_callback(_heed)


class _Run(Generic[Value]):
    """One operation that waits: from its first wait to its end."""

    def __init__(self, clock: Clock, operation: Operation[Value], wait: Delay | WaitFor) -> None:
        self._clock = clock
        self._operation = operation
        self._wait = wait

    @property
    def waits_for_caller(self) -> bool:
        """Return whether the operation would now do nothing any more but keep its caller waiting."""
        return isinstance(self._wait, WaitFor) and self._wait.for_caller

    async def to_the_end(self) -> Value:
        try:
            while True:
                self._wait = self._operation.send(await self._waited(self._wait))
        except StopIteration as end:
            value: Value = end.value
            return value
        finally:
            self._operation.close()

    async def _waited(self, wait: Delay | WaitFor) -> bool:
        if isinstance(wait, Delay):
            await self._clock.sleep(wait.seconds)
            return True
        if wait.holds():
            return True
        changed = asyncio.Event()
        stop_listening = wait.changes.listen(changed.set)
        passing = None if wait.limit_s is None else asyncio.create_task(self._clock.sleep(wait.limit_s))
        if passing is not None:
            passing.add_done_callback(lambda _: changed.set())
        try:
            while not wait.holds() and not (passing is not None and passing.done()):
                changed.clear()
                await changed.wait()
            return wait.holds()
        finally:
            stop_listening()
            if passing is not None:
                passing.cancel()


def _heed(task: "asyncio.Task[Value]") -> None:
    """Look at how an abandoned operation ended: a failure of the session is in the journal already, anything else is our bug."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, SessionFailure):
        task.get_loop().call_exception_handler({"message": "an abandoned operation broke", "exception": error, "task": task})
