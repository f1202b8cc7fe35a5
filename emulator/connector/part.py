"""The connector as a process of its own, on Windows in front of QuickBooks or on Linux in front of the stand-in.

    python -m emulator.connector --config FILE.json

Prints `ready {"url": ...}` when it serves; SIGTERM (the tray's Exit) ends it with exit code 0. Exit code 2: the file is wrong; 4: it did
not start (port taken, intent log in use).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from emulator.connector.door import Door
from emulator.connector.faults import KINDS, PATHS
from emulator.connector.flaws import checked
from emulator.connector.intents import IntentLog
from emulator.connector.link import BEGIN_LIMIT_S, PROCESS_LIMIT_S, ComLink, Limits, Login
from emulator.connector.service import Service, ServiceLimits
from emulator.connector.switches import SWITCHES
from emulator.core.chance import Chance
from emulator.core.journal import Journal
from emulator.core.parts import PartConfig, die, ended_by_signal, run_part, say_ready
from emulator.core.switches import SwitchSettings
from emulator.core.transport import PORT
from emulator.faults import FaultSpec, Plan

END_S = 3.0
"""Story seconds for saying goodbye to QuickBooks when the process is to end."""


class ConnectorConfig(PartConfig):
    """What a connector needs to know."""

    host: str = "127.0.0.1"
    port: int = Field(PORT, ge=0, le=65535)
    intent_log: Path
    company_file: str = Field(
        "",
        description="Windows path of the company file; empty for the one that is open (not enough once the intent log was lost)",
    )
    mode: Literal["single-user", "multi-user", "do-not-care"] = "do-not-care"
    application: str = Field("FakeBooks Connector", min_length=1)
    allowed_sources: list[str] = Field(default_factory=list, description="addresses that may call; empty for all")
    begin_limit_s: float = Field(BEGIN_LIMIT_S, gt=0)
    process_limit_s: float = Field(PROCESS_LIMIT_S, gt=0)
    exit_s: float = Field(
        5.0, gt=0, description="how long Exit waits for the write under way; who stops a process waits 10 s at least"
    )
    life_sign_s: float = Field(ServiceLimits.life_sign_s, ge=0)
    switches: dict[str, bool | int | str] = Field(default_factory=dict)
    faults: list[FaultSpec] = Field(default_factory=list)
    flaws: frozenset[str] = frozenset()


async def serve(config: ConnectorConfig, _: argparse.Namespace) -> int:
    """Run a connector until SIGTERM or SIGINT. Raises UserMistake when it cannot start."""
    clock = config.clock.clock()
    settings = SwitchSettings([SWITCHES], config.switches)
    journal = Journal(clock.now, config.journal, shared=True)
    log = IntentLog(config.intent_log)
    try:
        plan = Plan(KINDS, Chance(config.seed), journal, later=clock.later, paths=PATHS)
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
            company_file=config.company_file,
        )
        door = Door(service, host=config.host, port=config.port, allowed=config.allowed_sources, journal=journal)
        door.start()
        ended = ended_by_signal()
        service.start()
        say_ready(door.url)
        await ended.wait()
        await service.exit()
        await door.stop()
    finally:
        log.close()
        journal.close()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.connector", description="The reference connector.")
    return run_part(parser, ConnectorConfig, serve, arguments)
