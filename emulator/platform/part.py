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
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from emulator.core.chance import Chance
from emulator.core.clock import RealClock
from emulator.core.documents import Document
from emulator.core.errors import PartFailed, UserMistake
from emulator.core.journal import Journal
from emulator.core.switches import Setting
from emulator.faults import FaultSpec, Plan
from emulator.platform.faults import KINDS
from emulator.platform.mail import SmtpSender
from emulator.platform.profile import load_profile
from emulator.platform.side import PlatformSide
from emulator.platform.store import Store
from emulator.platform.transport import HttpTransport

EXIT_NOT_IDLE = 1
EXIT_MISTAKE = 2
EXIT_PART_FAILED = 4
"""Exit codes, as everywhere in the project: 1 the wish was not fulfilled, 2 a mistake in what was given, 4 a part failed."""


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClockConfig(_Config):
    """The clock that all processes of a world share."""

    start: AwareDatetime
    scale: float = Field(1.0, gt=0)
    anchor_unix_s: float


class MailConfig(_Config):
    """The mail server."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class PartConfig(_Config):
    """What the process is started with.

    Attributes:
        profile: name of a profile, or path of one.
        switches: settings of `platform.` switches that differ from the profile's.
        store: path of the SQLite file.
        connector_url: where port 8891 is.
        source: address of this machine to call from.
        mail: the mail server.
        journal: path of the journal, which other processes may append to as well.
        clock: the clock.
        seed: the world's seed.
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
    journal: Path
    clock: ClockConfig
    seed: int = 0
    set_status: Literal["Connected", "Disconnected"] | None = None
    documents: list[dict[str, Any]] = Field(default_factory=list)
    faults: list[FaultSpec] = Field(default_factory=list)
    idle_limit_s: float = Field(3600.0, gt=0)


def read_config(path: Path) -> PartConfig:
    """Read a configuration file. Raises UserMistake when it cannot be read or does not fit."""
    try:
        return PartConfig.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserMistake(f"cannot read it ({error.strerror})", str(path), "a JSON file", "check the path") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"]) or "the file"
        raise UserMistake(f"{place}: {first['msg']}", str(path), "the fields of PartConfig") from None


def _documents(config: PartConfig, path: Path) -> list[Document]:
    try:
        return [Document.from_json(values) for values in config.documents]
    except ValueError as error:
        raise UserMistake(str(error), f"{path}: documents", "a document as emulator/core/documents.py writes it") from None


def _die() -> NoReturn:
    """End this process as a crash does: nothing is closed, flushed or said."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL returned")


async def run(config: PartConfig, documents: list[Document], *, until_idle: bool) -> int:
    """Run the platform side; returns the exit code. Raises UserMistake for what cannot be used, PartFailed when it broke."""
    clock = RealClock(config.clock.start, config.clock.scale, config.clock.anchor_unix_s)
    profile = load_profile(config.profile).with_switches(config.switches)
    async with AsyncExitStack() as closing:
        transport = HttpTransport(config.connector_url, clock, config.source)
        closing.push_async_callback(transport.close)
        store = Store(config.store)
        closing.callback(store.close)
        journal = Journal(clock.now, config.journal, shared=True)
        closing.callback(journal.close)
        chance = Chance(config.seed)
        plan = Plan(KINDS, chance, journal)
        closing.callback(plan.lift_all)
        for spec in config.faults:
            plan.add(spec, clock.now(), "faults")
        mail = SmtpSender(config.mail.host, config.mail.port)
        side = PlatformSide(profile, store, clock, transport, mail, journal, plan, chance, _die)
        for document in documents:
            side.emit(document)
        return await _work(side, config, until_idle=until_idle)


async def _work(side: PlatformSide, config: PartConfig, *, until_idle: bool) -> int:
    """Let the platform side work until its end, and write down what became of its documents."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        side.start()
        sys.stdout.write(f"ready {json.dumps({})}\n")
        sys.stdout.flush()
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


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.platform", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--config", type=Path, required=True, help="JSON file, see emulator/platform/part.py")
    parser.add_argument("--until-idle", action="store_true", help="end when nothing is to be done any more")
    given = parser.parse_args(arguments)
    try:
        config = read_config(given.config)
        return asyncio.run(run(config, _documents(config, given.config), until_idle=given.until_idle))
    except UserMistake as mistake:
        sys.stderr.write(f"{mistake}\n")
        return EXIT_MISTAKE
    except PartFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return EXIT_PART_FAILED
