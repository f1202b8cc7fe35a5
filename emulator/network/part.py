"""The path as a process of its own.

    python -m emulator.network --config FILE.json

Prints `ready {"url": ...}` when it listens; SIGTERM ends it with exit code 0. Exit code 2: the file is wrong; 4: it did not start.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from emulator.core.chance import Chance
from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake
from emulator.core.files import load_yaml
from emulator.core.journal import Journal
from emulator.faults import FaultSpec, Plan
from emulator.network.faults import KINDS
from emulator.network.proxy import PORT, Proxy


class ClockConfig(BaseModel):
    """The story's clock; every process of a world is given the same."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC), description="story time at the anchor")
    scale: float = Field(1.0, gt=0, description="story seconds in one second")
    anchor_unix_s: float | None = Field(None, description="machine's time of the anchor; now when left out")


class NetworkConfig(BaseModel):
    """What a path needs to know."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(PORT, ge=0, le=65535)
    connector_host: str = "127.0.0.1"
    connector_port: int = Field(ge=1, le=65535)
    allowed_sources: list[str] = Field(default_factory=list, description="addresses that may call; empty for all")
    clock: ClockConfig = Field(default_factory=ClockConfig)
    faults: list[FaultSpec] = Field(default_factory=list)
    seed: int = 0
    journal: Path | None = Field(None, description="journal file that the parts of a world share")


def die() -> NoReturn:
    """Kill this process as a power cut would: no clean-up runs."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process does not get here")


async def serve(config: NetworkConfig) -> None:
    """Run a path until SIGTERM or SIGINT. Raises UserMistake when it cannot start."""
    clock = RealClock(config.clock.start, config.clock.scale, config.clock.anchor_unix_s)
    journal = Journal(clock.now, config.journal, shared=True)
    try:
        plan = Plan(KINDS, Chance(config.seed), journal)
        for fault in config.faults:
            plan.add(fault, clock.now())
        connector = (config.connector_host, config.connector_port)
        proxy = Proxy(
            connector, plan, clock, journal, host=config.host, port=config.port, die=die, allowed=config.allowed_sources
        )
        await proxy.start()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        print("ready " + json.dumps({"url": proxy.url}), flush=True)
        await ended.wait()
        await proxy.stop()
    finally:
        journal.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.network", description="The path to port 8891, with faults.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file with the fields of NetworkConfig")
    given = parser.parse_args(arguments)
    try:
        config = load_yaml(given.config, NetworkConfig)
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(config))
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return 4
    return 0
