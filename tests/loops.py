"""A world on an asyncio loop in a thread of its own, for tests that call it from outside: by its control API, or by commands."""

import asyncio
import threading
from contextlib import contextmanager
from datetime import datetime

from emulator.core.clock import RealClock
from emulator.world import WorldConfig, virtual_world

STORY_SECONDS_A_SECOND = 200.0
LIMIT_S = 60


class Loop:
    """A loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def __call__(self, work):
        """Run a coroutine there and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LIMIT_S)

    def end(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@contextmanager
def world_on_a_loop(after_start=None):
    """Yield a world on the real clock with in-memory twins, and its loop.

    Args:
        after_start: a coroutine function of the world, for what is done before anybody calls.
    """

    async def begin():
        made = virtual_world(WorldConfig(), RealClock(datetime.now().astimezone(), STORY_SECONDS_A_SECOND))
        await made.start()
        if after_start is not None:
            await after_start(made)
        return made

    async def end(made):
        await made.stop()
        made.let_go()

    on_loop = Loop()
    try:
        made = on_loop(begin())
        try:
            yield made, on_loop
        finally:
            on_loop(end(made))
    finally:
        on_loop.end()
