"""The platform side as a process of its own: `python -m emulator.platform --config FILE.json [--until-idle]`.

It continues from its store, takes in the documents of its configuration (each once, by its key), and works until SIGTERM, or until idle.
It listens on no port: its line on standard output, once it works, is `ready {}`.

A configuration:

    {"store": "platform.db", "connector_url": "http://127.0.0.1:8891", "mail": {"host": "127.0.0.1", "port": 2525},
     "journal": "journal.jsonl", "clock": {"start": "2026-03-02T09:00:00Z", "scale": 60.0, "anchor_unix_s": 1790000000.0},
     "documents": [{"key": "...", "kind": "invoice", ...}], "faults": [{"fault": "kill-platform", "point": "platform.after-answer"}]}
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from emulator.core.chance import Chance
from emulator.core.documents import Document
from emulator.core.errors import PartFailed
from emulator.core.journal import Journal
from emulator.core.parts import PartConfig, die, ended_by_signal, run_part, say_ready
from emulator.core.switches import Setting
from emulator.faults import FaultSpec, Plan
from emulator.platform.faults import KINDS, PATHS
from emulator.platform.mail import SmtpSender
from emulator.platform.profile import load_profile
from emulator.platform.side import PlatformSide
from emulator.platform.store import Store
from emulator.platform.transport import HttpTransport

EXIT_NOT_IDLE: Final = 1
"""Exit code when `--until-idle` waited in vain."""


class MailConfig(BaseModel):
    """The mail server."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class PlatformConfig(PartConfig):
    """What the process is started with.

    Attributes:
        profile: name of a profile, or path of one.
        switches: settings of `platform.` switches that differ from the profile's.
        store: path of the SQLite file.
        connector_url: where port 8891 is.
        source: address of this machine to call from.
        mail: the mail server.
        set_status: what the operator sets the status to at the start.
        documents: documents to accept at the start, as JSON; those the store holds already are not taken again.
        faults: faults in force from the start, of the kinds this room declares.
        idle_limit_s: story seconds that `--until-idle` waits at most.
    """

    profile: str = "goflow"
    switches: dict[str, Setting] = Field(default_factory=dict)
    store: Path
    connector_url: str
    source: str | None = None
    mail: MailConfig
    set_status: Literal["Connected", "Disconnected"] | None = None
    documents: list[dict[str, Any]] = Field(default_factory=list)
    faults: list[FaultSpec] = Field(default_factory=list)
    idle_limit_s: float = Field(3600.0, gt=0)

    @field_validator("documents")
    @classmethod
    def _are_documents(cls, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse what is no document before anything starts."""
        for values in documents:
            Document.from_json(values)
        return documents


async def serve(config: PlatformConfig, given: argparse.Namespace) -> int:
    """Run the platform side; returns the exit code. Raises UserMistake for what cannot be used, PartFailed when it broke."""
    clock = config.clock.clock()
    profile = load_profile(config.profile).with_switches(config.switches)
    async with AsyncExitStack() as closing:
        transport = HttpTransport(config.connector_url, clock, config.source)
        closing.push_async_callback(transport.close)
        store = Store(config.store)
        closing.callback(store.close)
        journal = Journal(clock.now, config.journal, shared=True)
        closing.callback(journal.close)
        chance = Chance(config.seed)
        plan = Plan(KINDS, chance, journal, later=clock.later, paths=PATHS)
        closing.callback(plan.close)
        for spec in config.faults:
            plan.add(spec, clock.now(), "faults")
        mail = SmtpSender(config.mail.host, config.mail.port)
        side = PlatformSide(profile, store, clock, transport, mail, journal, plan, chance, die)
        for values in config.documents:
            side.emit(Document.from_json(values))
        return await _work(side, config, until_idle=bool(given.until_idle))


async def _work(side: PlatformSide, config: PlatformConfig, *, until_idle: bool) -> int:
    """Let the platform side work until its end, and write down what became of its documents."""
    stopped = ended_by_signal()
    try:
        side.start()
        say_ready()
        if config.set_status:
            side.set_status(config.set_status)
        return await _until(side, stopped, config.idle_limit_s if until_idle else None)
    finally:
        await side.stop()
        side.documents_at_end()


async def _until(side: PlatformSide, stopped: asyncio.Event, idle_limit_s: float | None) -> int:
    """Wait for the end: SIGTERM, idleness where that is the end, or a breakdown."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(stopped.wait()), asyncio.ensure_future(side.ended())]
    if idle_limit_s is not None:
        waits.append(asyncio.ensure_future(side.wait_idle(idle_limit_s)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if waits[1].done():
            raise PartFailed(f"the platform side broke: {waits[1].result()!r}")
        return 0 if waits[0].done() or waits[2].result() else EXIT_NOT_IDLE
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.platform", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--until-idle", action="store_true", help="end when nothing is to be done any more")
    return run_part(parser, PlatformConfig, serve, arguments)
