"""The driver: runs operations on the asyncio loop, with the clock of the world (virtual or real).

It is the only place where an operation's `Delay` and `WaitFor` become waiting. The order of callers is kept by each QuickBooks itself
(`operations.Line`), below the driver, so drivers hold no state and every door may have its own.
"""

import asyncio
from typing import TypeVar

from emulator.core.clock import Clock
from emulator.desktop.operations import Delay, Operation, WaitFor

Value = TypeVar("Value")


class Driver:
    """Performs operations.

    Args:
        clock: story time. Delays and limits of QuickBooks are story seconds, slept through the clock: `Clock.limit`, with its floor in
            the machine's seconds, is for those who wait for sockets and processes.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    async def perform(self, operation: Operation[Value]) -> Value:
        """Run an operation to its end and return its value.

        A caller that gives up cancels this coroutine (its own time limit does): the operation is closed where it stands, its place in the
        line is freed, and what was committed before stays committed.

        Raises:
            SessionFailure: the call failed as a whole.
        """
        try:
            wait = next(operation)
            while True:
                wait = operation.send(await self._waited(wait))
        except StopIteration as end:
            value: Value = end.value
            return value
        finally:
            operation.close()

    async def _waited(self, wait: Delay | WaitFor) -> bool:
        if isinstance(wait, Delay):
            await self.clock.sleep(wait.seconds)
            return True
        if wait.holds():
            return True
        changed = asyncio.Event()
        stop_listening = wait.changes.listen(changed.set)
        passing = None if wait.limit_s is None else asyncio.create_task(self.clock.sleep(wait.limit_s))
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
