"""The connector as a process of its own, on Windows in front of QuickBooks or on Linux in front of the stand-in.

    python -m emulator.connector --config FILE.json

Prints `ready {"url": ...}` when it serves; SIGTERM (the tray's Exit) ends it with exit code 0. Exit code 2: the file is wrong; 4: it did
not start (port taken, intent log in use).
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
from typing import Literal, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from emulator.connector.door import PORT, Door
from emulator.connector.faults import KINDS
from emulator.connector.flaws import checked
from emulator.connector.intents import IntentLog
from emulator.connector.link import BEGIN_LIMIT_S, PROCESS_LIMIT_S, ComLink, Limits, Login
from emulator.connector.service import Service, ServiceLimits
from emulator.connector.switches import SWITCHES
from emulator.core.chance import Chance
from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake
from emulator.core.files import load_yaml
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.faults import FaultSpec, Plan

END_S = 3.0
"""Story seconds for saying goodbye to QuickBooks when the process is to end."""


class ClockConfig(BaseModel):
    """The story's clock; every process of a world is given the same."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC), description="story time at the anchor")
    scale: float = Field(1.0, gt=0, description="story seconds in one second")
    anchor_unix_s: float | None = Field(None, description="machine's time of the anchor; now when left out")


class ConnectorConfig(BaseModel):
    """What a connector needs to know."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(PORT, ge=0, le=65535)
    intent_log: Path
    company_file: str = Field("", description="Windows path of the company file; empty for the one that is open")
    mode: Literal["single-user", "multi-user", "do-not-care"] = "do-not-care"
    application: str = Field("FakeBooks Connector", min_length=1)
    allowed_sources: list[str] = Field(default_factory=list, description="addresses that may call; empty for all")
    clock: ClockConfig = Field(default_factory=ClockConfig)
    begin_limit_s: float = Field(BEGIN_LIMIT_S, gt=0)
    process_limit_s: float = Field(PROCESS_LIMIT_S, gt=0)
    exit_s: float = Field(
        5.0, gt=0, description="how long Exit waits for the write under way; who stops a process waits 10 s at least"
    )
    life_sign_s: float = Field(ServiceLimits.life_sign_s, ge=0)
    switches: dict[str, bool | int | str] = Field(default_factory=dict)
    faults: list[FaultSpec] = Field(default_factory=list)
    seed: int = 0
    journal: Path | None = Field(None, description="journal file that the parts of a world share")
    flaws: frozenset[str] = frozenset()


def die() -> NoReturn:
    """Kill this process as a power cut would: no clean-up runs."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process does not get here")


async def serve(config: ConnectorConfig) -> None:
    """Run a connector until SIGTERM or SIGINT. Raises UserMistake when it cannot start."""
    clock = RealClock(config.clock.start, config.clock.scale, config.clock.anchor_unix_s)
    settings = SwitchSettings([SWITCHES], config.switches)
    journal = Journal(clock.now, config.journal, shared=True)
    log = IntentLog(config.intent_log)
    try:
        plan = Plan(KINDS, Chance(config.seed), journal)
        for fault in config.faults:
            plan.add(fault, clock.now())
        login = Login(config.application, config.company_file, config.mode)
        link = ComLink(clock, login, Limits(config.begin_limit_s, config.process_limit_s, END_S))
        service = Service(
            link,
            log,
            clock,
            settings=settings,
            plan=plan,
            die=die,
            journal=journal,
            limits=ServiceLimits(life_sign_s=config.life_sign_s, exit_s=config.exit_s),
            flaws=checked(config.flaws),
        )
        door = Door(service, host=config.host, port=config.port, allowed=config.allowed_sources, journal=journal)
        door.start()
        ended = _ended_by_signal()
        service.start()
        print("ready " + json.dumps({"url": door.url}), flush=True)
        await ended.wait()
        await service.exit()
        await door.stop()
    finally:
        log.close()
        journal.close()


def _ended_by_signal() -> asyncio.Event:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    return ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.connector", description="The reference connector.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file with the fields of ConnectorConfig")
    given = parser.parse_args(arguments)
    try:
        config = load_yaml(given.config, ConnectorConfig)
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(config))
    except UserMistake as mistake:
        print(mistake, file=sys.stderr)
        return 4
    return 0
