"""What every part has in common that can run as a process of its own: its configuration's frame, its command line, its end.

    python -m emulator.ROOM --config FILE.json

It prints one line `ready {"url": ...}` when it works, ends by SIGTERM or SIGINT with exit code 0, and says mistakes in one line:
exit code 2 for a wrong configuration, 4 when it did not start. `processes.PartProcess` is the other side of this.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from emulator.core.clock import RealClock
from emulator.core.errors import PartFailed, UserMistake
from emulator.core.exits import ExitCode
from emulator.core.files import load_yaml


class ClockConfig(BaseModel):
    """The story's clock; every process of a world is given the same."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC), description="story time at the anchor")
    scale: float = Field(1.0, gt=0, description="story seconds in one second")
    anchor_unix_s: float | None = Field(None, description="machine's time of the anchor; now when left out")

    def clock(self) -> RealClock:
        """Return the clock; called on the loop it is for."""
        return RealClock(self.start, self.scale, self.anchor_unix_s)


class PartConfig(BaseModel):
    """The frame of every part's configuration."""

    model_config = ConfigDict(extra="forbid")

    clock: ClockConfig = Field(default_factory=ClockConfig)
    seed: int = Field(0, description="the world's seed")
    journal: Path | None = Field(None, description="journal file that the parts of a world share; none keeps it in memory")


Config = TypeVar("Config", bound=PartConfig)


def die() -> NoReturn:
    """Kill this process as a power cut would: nothing is closed, flushed or said."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process does not get here")


def ended_by_signal() -> asyncio.Event:
    """Return what is set when this process is asked to end, or whoever started it has gone. Called on the loop."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    if os.environ.get(PARENT_HOLDS_STDIN):
        loop.add_reader(0, _look_for_parent, loop, ended)
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows, where the connector runs in front of the real QuickBooks
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    return ended


def _look_for_parent(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    # Nobody writes to this pipe: it is readable only at its end, when the process that held it is gone (killed, too).
    if not os.read(0, 1):
        loop.remove_reader(0)
        ended.set()


PARENT_HOLDS_STDIN: Final = "FAKEBOOKS_PARENT_HOLDS_STDIN"
"""Set for a part whose standard input is a pipe held by the process that started it: when that one dies, the part ends too."""


def say_ready(url: str = "") -> None:
    """Tell whoever started this process that it works, and where."""
    print("ready " + json.dumps({"url": url} if url else {}), flush=True)


def run_part(
    parser: argparse.ArgumentParser,
    model: type[Config],
    work: Callable[[Config, argparse.Namespace], Awaitable[int]],
    arguments: Sequence[str] | None = None,
) -> int:
    """Run a part from the command line and return its exit code.

    Args:
        parser: knows the part's own options; `--config` is added.
        model: of the configuration file.
        work: the part's life; returns its exit code, raises UserMistake or PartFailed.
        arguments: default is the process's own.
    """
    parser.add_argument("--config", type=Path, required=True, help=f"JSON file with the fields of {model.__name__}")
    given = parser.parse_args(arguments)
    try:
        config = load_yaml(given.config, model)
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return ExitCode.WRONG_USE

    async def life() -> int:
        return await work(config, given)

    try:
        return asyncio.run(life())
    except (UserMistake, PartFailed) as reason:
        print(reason, file=sys.stderr)
        return ExitCode.NOT_STARTED
