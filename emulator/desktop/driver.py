"""The driver: runs operations on the asyncio loop, with the clock of the world (virtual or real).

It is the only place where an operation's `Delay` and `WaitFor` become waiting. The order of callers is kept by each QuickBooks itself
(`operations.Line`), below the driver, so drivers hold no state and every door may have its own.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TypeVar

from emulator.core.clock import Clock
from emulator.desktop.operations import Delay, Operation, WaitFor

Value = TypeVar("Value")


class Driver:
    """Performs operations.

    Args:
        clock: story time; limits and delays are story seconds.
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
        changed = asyncio.Event()
        stop_listening = wait.changes.listen(changed.set)
        try:
            async with self._limit(wait.limit_s):
                while not wait.holds():
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            return wait.holds()
        finally:
            stop_listening()
        return True

    def _limit(self, limit_s: float | None) -> AbstractAsyncContextManager[None]:
        return nullcontext() if limit_s is None else self.clock.limit(limit_s)
