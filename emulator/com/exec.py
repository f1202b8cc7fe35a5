"""`fakebooks exec`: a QuickBooks with a company open, for one program written for Windows with pywin32.

`quickbooks_for_programs` starts everything in this process: an asyncio loop in a thread of its own, QuickBooks on it, the wire in front.
`run_program` runs the program with the stand-in on its PYTHONPATH and gives its exit code.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from emulator.com.wire import PRESENCE_LIMIT_S, THREADS, Wire
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import Company, load_company
from emulator.core.chance import Chance
from emulator.core.clock import Clock, RealClock
from emulator.core.errors import UserMistake
from emulator.core.exits import SIGNAL_BASE
from emulator.core.journal import Journal
from emulator.core.serving import Serving
from emulator.core.switches import SwitchSettings
from emulator.desktop import AS_OURS, Application, Driver, Mode, Office, QuickBooks, Refused
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.desktop.faults import KINDS, PATHS, own_faults
from emulator.faults import Plan
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

if TYPE_CHECKING:
    from emulator.com.likeness import Likeness

Value = TypeVar("Value")

STANDIN: Final = Path(__file__).parent / "standin"
"""The folder that goes on the PYTHONPATH of programs."""

ENVIRONMENT_VARIABLE: Final = "FAKEBOOKS_COM"
"""Tells the stand-in where the wire is."""

MACHINE: Final = "SERVER"
"""The machine programs stand on unless told otherwise."""

STOP_LIMIT_S: Final = 10.0
"""How long the loop may take to end (machine's seconds)."""


@dataclass(frozen=True)
class Running:
    """A QuickBooks that programs can reach.

    Attributes:
        url: address of the wire. wire: what programs hold.
        quickbooks: the application; touch it on the loop only (`on_loop`).
        journal: what happened.
        loop: the loop everything lives on.
    """

    url: str
    wire: Wire
    quickbooks: QuickBooks
    journal: Journal
    loop: asyncio.AbstractEventLoop

    def on_loop(self, act: Callable[[], Value]) -> Value:
        """Do something on the loop's thread and return what it returns; people's acts go this way."""
        if self.is_loop_thread():
            return act()

        async def do() -> Value:
            return act()

        return asyncio.run_coroutine_threadsafe(do(), self.loop).result()

    def is_loop_thread(self) -> bool:
        """Return whether the caller is on the loop's thread, which must not wait for the loop."""
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False


@contextmanager
def quickbooks_for_programs(
    company: str | Callable[[Clock], Company],
    *,
    settings: SwitchSettings | None = None,
    mode: Mode = "multi",
    user: str = "Goflow",
    seed: int = 1,
    start: datetime | None = None,
    scale: float = 1.0,
    journal_path: Path | None = None,
    presence_limit_s: float = PRESENCE_LIMIT_S,
    like: "Likeness | None" = None,
) -> Iterator[Running]:
    """Start QuickBooks with a company open and every program authorised; stop it all at the end.

    Args:
        company: a shipped name, the path of a .yaml description, or what makes (or opens) the company on the loop's thread.
        settings: switches in force, of the tables of qbxml, company and desktop; None stands for those of `like`.
        mode: the mode the file is open in.
        user: who is logged in.
        seed: for tickets.
        start: story time at the start, aware; default is now.
        scale: story seconds per second.
        journal_path: where to write the journal as well.
        presence_limit_s: how long a program may be silent before it is taken for dead (machine's seconds).
        like: a QuickBooks to be like: its wording and latency, and its switches where `settings` is None; None stands for FakeBooks as it is.

    Raises:
        UserMistake: the company has no such user.
    """
    with _loop_in_thread() as loop:
        by_default = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, DESKTOP_SWITCHES))
        in_force = settings or (like.settings() if like else by_default)

        def build() -> tuple[QuickBooks, Wire, Journal, Company]:
            clock = RealClock(start or datetime.now().astimezone(), scale)
            opened = company(clock) if callable(company) else load_company(company, clock.now, in_force)
            journal = Journal(clock.now, journal_path)
            chance = Chance(seed)
            paces = like.paces() if like else {}
            zone = ZoneInfo(opened.timezone)
            plan = Plan(KINDS, chance, journal, later=clock.later, timezone=zone, paths=PATHS)
            office = Office(
                in_force,
                journal,
                plan,
                chance,
                clock.now,
                seats_max=opened.seats,
                wording=like.wording.made() if like else AS_OURS,
                latency=paces,
            )
            own_faults(office)
            office.add_file(opened, everyone=Application("", login="even if not running", login_as=user))
            quickbooks = QuickBooks(MACHINE, office, opened.edition, opened.year)
            try:
                quickbooks.log_in(user, mode)
            except Refused as refused:
                opened.close()
                raise UserMistake(f"QuickBooks cannot be opened for programs: {refused.reason}") from None
            return quickbooks, Wire({MACHINE: quickbooks}, Driver(clock), loop, presence_limit_s), journal, opened

        quickbooks, wire, journal, opened = _on(loop, build)
        serving = Serving(wire.app, threads=THREADS, name="the wire of QuickBooks").start()
        try:
            yield Running(serving.url, wire, quickbooks, journal, loop)
        finally:
            _on(loop, quickbooks.office.plan.close)
            _on(loop, wire.close)
            serving.stop()
            _on(loop, opened.close)
            journal.close()


def environment(url: str, base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program: `base`, with the stand-in in front of its PYTHONPATH and the address of the wire."""
    path = [str(STANDIN), *filter(None, [base.get("PYTHONPATH", "")])]
    return {**base, "PYTHONPATH": os.pathsep.join(path), ENVIRONMENT_VARIABLE: url}


Streams = tuple[int | None, int | None, int | None]
"""Standard input, output and error for a program; None: ours."""

OURS: Final[Streams] = (None, None, None)


def run_program(command: Sequence[str], variables: Mapping[str, str], streams: Streams = OURS) -> int:
    """Run a program to its end, with our terminal or the streams given, and return its exit code (128 + signal when a signal ended it).

    Ctrl-C reaches the program by itself; a SIGTERM to us is passed on. Raises UserMistake when it cannot be started.
    """
    if not command:
        raise UserMistake(
            "no program was given", expected="a command after --", advice="fakebooks exec -- python my_connector.py"
        )
    found = shutil.which(command[0], path=variables.get("PATH"))
    for_wine = f"it is a Windows program: fakebooks exec --wine -- {command[0]}"
    if found is None:
        here = Path(command[0])
        is_folder = bool(command[0]) and here.is_dir()
        why = "is a folder" if is_folder else "is there and cannot be executed" if here.is_file() else "is not there"
        advice = for_wine if _is_for_windows(here) else ""
        raise UserMistake(
            f"the program {command[0]!r} {why}", expected="a program on the PATH, or the path of one", advice=advice
        )
    try:
        stdin, stdout, stderr = streams
        started = subprocess.Popen(list(command), env=dict(variables), stdin=stdin, stdout=stdout, stderr=stderr)
    except OSError as error:
        by_hand = "name its interpreter first: fakebooks exec -- python my_connector.py"
        advice = for_wine if _is_for_windows(Path(found)) else by_hand
        raise UserMistake(f"{command[0]!r} cannot be started: {error.strerror}", advice=advice) from None
    with started as program, _passing_on(signal.SIGTERM, program):
        while True:
            try:
                code = program.wait()
                break
            except KeyboardInterrupt:
                continue  # the program got it too and decides what it means
    return SIGNAL_BASE - code if code < 0 else code


def _is_for_windows(path: Path) -> bool:
    """Return whether a file begins as Windows programs do."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"MZ"
    except OSError:
        return False


@contextmanager
def _passing_on(number: signal.Signals, program: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Pass a signal on to a program; only the main thread may, elsewhere the signal stays as it is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, lambda *_: program.send_signal(number))
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fakebooks-loop", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(STOP_LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_LIMIT_S)
        loop.close()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _on(loop: asyncio.AbstractEventLoop, act: Callable[[], Any]) -> Any:
    async def do() -> Any:
        return act()

    return asyncio.run_coroutine_threadsafe(do(), loop).result()
