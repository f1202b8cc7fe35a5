"""What the modules of the platform side share: the world around it, one step of its memory, and waking each other up."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from emulator.core.clock import Clock
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.platform.profile import Profile
from emulator.platform.store import Store


@dataclass
class Rows:
    """Journal rows of a step that is not kept yet."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, kind: str, **facts: Any) -> None:
        """Note a row; facts that are empty text are left out."""
        self.rows.append((kind, {name: value for name, value in facts.items() if value != ""}))


@dataclass(frozen=True)
class Context:
    """The world around the platform side."""

    profile: Profile
    settings: SwitchSettings
    store: Store
    clock: Clock
    journal: Journal

    @contextmanager
    def step(self) -> Iterator[Rows]:
        """Make the body one transaction of the store; its rows reach the journal only when the transaction is kept."""
        rows = Rows()
        with self.store.atomic():
            yield rows
        for kind, facts in rows.rows:
            self.journal.add("platform", kind, **facts)


class Pulse:
    """Something changed: everybody who waits looks again.

    Looking and then waiting, without an `await` between the two, misses nothing: all of it happens in one thread.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Wake everybody who waits now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, clock: Clock | None = None, seconds: float = 0.0) -> None:
        """Wait for the next beat; with a clock, at most so many story seconds."""
        beat = self._next
        if clock is None:
            await beat.wait()
            return
        tasks = [asyncio.ensure_future(beat.wait()), asyncio.ensure_future(clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
