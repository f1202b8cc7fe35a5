"""The path as a process of its own.

    python -m emulator.network --config FILE.json

Prints `ready {"url": ...}` when it listens; SIGTERM ends it with exit code 0. Exit code 2: the file is wrong; 4: it did not start.
"""

import argparse
from collections.abc import Sequence

from pydantic import Field

from emulator.core.chance import Chance
from emulator.core.journal import Journal
from emulator.core.parts import PartConfig, die, ended_by_signal, run_part, say_ready
from emulator.core.transport import PORT
from emulator.faults import FaultSpec, Plan
from emulator.network.faults import KINDS, PATHS
from emulator.network.proxy import Proxy


class NetworkConfig(PartConfig):
    """What a path needs to know."""

    host: str = "127.0.0.1"
    port: int = Field(PORT, ge=0, le=65535)
    connector_host: str = "127.0.0.1"
    connector_port: int = Field(ge=1, le=65535)
    allowed_sources: list[str] = Field(default_factory=list, description="addresses that may call; empty for all")
    faults: list[FaultSpec] = Field(default_factory=list)


async def serve(config: NetworkConfig, _: argparse.Namespace) -> int:
    """Run a path until SIGTERM or SIGINT. Raises UserMistake when it cannot start."""
    clock = config.clock.clock()
    journal = Journal(clock.now, config.journal, shared=True)
    try:
        plan = Plan(KINDS, Chance(config.seed), journal, later=clock.later, paths=PATHS)
        for fault in config.faults:
            plan.add(fault, clock.now())
        connector = (config.connector_host, config.connector_port)
        proxy = Proxy(
            connector, plan, clock, journal, host=config.host, port=config.port, die=die, allowed=config.allowed_sources
        )
        await proxy.start()
        ended = ended_by_signal()
        say_ready(proxy.url)
        await ended.wait()
        await proxy.stop()
    finally:
        journal.close()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.network", description="The path to port 8891, with faults.")
    return run_part(parser, NetworkConfig, serve, arguments)
