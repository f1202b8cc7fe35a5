"""How the platform side lives and dies: its running tasks, the points where it may be killed, and what a kill leaves behind - nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from emulator.core.clock import Clock
from emulator.core.documents import Document
from emulator.core.errors import PartFailed
from emulator.faults import Plan
from emulator.platform.steps import Pulse


class Life:
    """One life of the platform side, from `begin` to `stop` or to a kill.

    Args:
        plan: asked at this room's points.
        clock: the story's clock.
        die: ends this part: the process, or on the virtual clock by raising `Killed`.
        pulse: beats when this life ends, so that nobody waits for a dead part.
    """

    def __init__(self, plan: Plan, clock: Clock, die: Callable[[], NoReturn], pulse: Pulse) -> None:
        self._plan = plan
        self._clock = clock
        self._die = die
        self._pulse = pulse
        self._tasks: list[asyncio.Task[None]] = []
        self._death: BaseException | None = None

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work until this life ends."""
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    @property
    def begun(self) -> bool:
        """Return whether work was begun and not stopped."""
        return bool(self._tasks)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (death := task.exception()) is not None:
            self._fall(death)

    def _fall(self, death: BaseException) -> None:
        """Stop everything at once, as a killed process does: no step of anybody is finished."""
        self._death = self._death or death
        for task in self._tasks:
            task.cancel()
        self._pulse.beat()

    def strike(self, point: str, document: Document | None = None) -> None:
        """Ask the plan at a point, and die where it says so."""
        known: dict[str, Any] = {} if document is None else dict(facts(document))
        for strike in self._plan.strikes(point, self._clock.now(), **known):
            if strike.effect == "kill":
                try:
                    self._die()
                except BaseException as death:
                    self._fall(death)
                    raise

    def check(self) -> None:
        """Let nobody act for a part that is dead. Raises PartFailed."""
        if self._death is not None:
            raise PartFailed(f"the platform side does not run any more: {type(self._death).__name__}: {self._death}")

    async def stop(self) -> None:
        """Stop all work. Raises PartFailed when it had broken of an error of ours; a kill is none."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if isinstance(self._death, Exception):
            raise PartFailed(f"the platform side broke: {self._death!r}") from self._death

    async def ended(self) -> BaseException:
        """Wait until this life ended by a kill or an error, and return what it was."""
        while self._death is None:
            await self._pulse.wait()
        return self._death


def facts(document: Document) -> dict[str, str]:
    """Return what journal rows and faults call a document by."""
    names = {"key": document.key, "document": document.kind, "number": document.number, "party": document.party}
    return {name: value for name, value in names.items() if value}
