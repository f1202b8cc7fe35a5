"""What the updates of `fakebooks webconnector once` and `run` work with: QuickBooks here or in a running FakeBooks, switches, faults, limits."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from emulator import client
from emulator.cli.applications import LOG_NAME, StateOption
from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import ERR
from emulator.cli.shared import SAMPLE_COMPANY, LikeOption
from emulator.com.exec import Running, quickbooks_for_programs
from emulator.com.likeness import Likeness, load_likeness
from emulator.core.chance import Chance
from emulator.core.clock import RealClock, run_real
from emulator.core.errors import PartFailed, UserMistake
from emulator.core.exits import ExitCode
from emulator.core.files import value_of
from emulator.core.fitting import fitted
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import Driver
from emulator.faults import FaultSpec, Plan
from emulator.webconnector import faults
from emulator.webconnector.adding import FileIds
from emulator.webconnector.processor import OwnProcessor, Processor, WireProcessor
from emulator.webconnector.qwc import Application, NotAdded
from emulator.webconnector.qwclog import Level, Log
from emulator.webconnector.registry import Registry
from emulator.webconnector.result import Around, Result
from emulator.webconnector.scheduler import Connector
from emulator.world import SWITCH_TABLES, check_part

UPDATE_LIMIT_S: Final = 3600.0
"""How long an update may take unless --limit says otherwise: a service that answers NoOp for ever would keep it for ever (ours)."""

CompanyOption = Annotated[
    str,
    typer.Option(
        help="A company of this call's own: a shipped name, a .yaml file, or a company file, of which a copy is opened."
    ),
]
LevelOption = Annotated[
    Level,
    typer.Option("--log", help="How much QWCLog.txt tells: nothing, the beginnings of XML, all of it.", case_sensitive=False),
]
TrustOption = Annotated[Path | None, typer.Option(help="Certificates (PEM) of authorities to trust besides the machine's own.")]
SwitchOption = Annotated[
    list[str] | None, typer.Option("--switch", help="NAME=VALUE of a switch (`fakebooks switches`); may be repeated.")
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        help="A fault (`fakebooks faults`), as in --fault 'wc-answer-lost times=1'; may be repeated. In front of a running FakeBooks those of "
        "the Web Connector alone: `fakebooks fault add` puts the others into force there.",
    ),
]
LimitOption = Annotated[
    float,
    typer.Option("--limit", help="Seconds after which an update is ended, between two calls or in one of QuickBooks.", min=0.001),
]

Work = Callable[[Connector], Awaitable[list[Result]]]
"""What a command has a Web Connector do."""


@dataclass(frozen=True)
class Outcome:
    """What became of the work.

    Attributes:
        results: of its updates, those that are told at the end.
        unfired: names of the faults that were to strike and never did.
    """

    results: list[Result]
    unfired: list[str]

    def exit_code(self) -> ExitCode:
        """Tell of the faults that never struck, and return the exit code."""
        for name in self.unfired:
            ERR.tell(f"fakebooks: fault {name!r} never struck, so this shows nothing about it")
        if not all(each.ok for each in self.results):
            return ExitCode.FAIL
        return ExitCode.INCONCLUSIVE if self.unfired else ExitCode.PASS


@dataclass(frozen=True)
class Updating:
    """What `once` and `run` have in common: each field is an option of both."""

    company: CompanyOption = ""
    server: ServerOption = ""
    state: StateOption = None
    log: LevelOption = Level.DEBUG
    trust: TrustOption = None
    switch: SwitchOption = None
    fault: FaultOption = None
    limit: LimitOption = UPDATE_LIMIT_S
    like: LikeOption = None

    def run(self, registry: Registry, keys: Sequence[str], work: Work) -> Outcome:
        """Run the work of a Web Connector against the QuickBooks that was asked for; returns what it returns.

        Args:
            registry: the applications. keys: those that will be updated.
            work: what it does.
        """
        wire = None if self.company else wire_url(self.server)
        if wire is not None:
            if self.like is not None:
                raise UserMistake(
                    "--like in front of a running FakeBooks", expected="--company beside it, or `fakebooks up --like`"
                )
            return run_real(lambda: self._against_wire(registry, wire, work))
        like = load_likeness(self.like) if self.like is not None else None
        settings = settings_of(self.switch, like)
        with quickbooks_for_programs(self.company or SAMPLE_COMPANY, settings=settings, like=like) as running:
            future = asyncio.run_coroutine_threadsafe(self._against_own(registry, keys, running, settings, work), running.loop)
            try:
                return future.result()
            except BaseException:
                future.cancel()
                raise

    async def _against_wire(self, registry: Registry, url: str, work: Work) -> Outcome:
        clock, settings = RealClock(datetime.now().astimezone()), settings_of(self.switch)
        for word in self.switch or []:
            if not word.startswith("webconnector."):
                advice = "name a --company of this call's own, or set it in a story: `fakebooks run`"
                raise UserMistake(
                    f"--switch {word} in front of a running FakeBooks", expected="one of the Web Connector", advice=advice
                )
        plan = Plan((), Chance(0), Journal(clock.now), later=clock.later)
        faults.join(plan)
        _put_into_force(plan, self.fault or [], clock, RUNNING_ELSEWHERE)

        @asynccontextmanager
        async def make(application: Application) -> AsyncIterator[Processor]:
            # A FakeBooks that was ended and started anew has another address.
            async with wire_of(_wire_now(self.server) or url) as processor:
                yield processor

        return await self._worked(Connector(registry, make, self._around(registry, clock, settings, plan), self.trust), work)

    async def _against_own(
        self, registry: Registry, keys: Sequence[str], running: Running, settings: SwitchSettings, work: Work
    ) -> Outcome:
        clock = RealClock(datetime.now().astimezone())
        driver, plan = Driver(clock), running.quickbooks.office.plan
        around = self._around(registry, clock, settings, plan)
        file_ids = FileIds(lambda: OwnProcessor(driver, running.quickbooks), settings, around.log)

        @asynccontextmanager
        async def make(application: Application) -> AsyncIterator[Processor]:
            await file_ids.write(application)
            processor = OwnProcessor(driver, running.quickbooks)
            try:
                yield processor
            finally:
                await processor.release()

        for key in keys:
            with suppress(NotAdded):  # told when its update begins
                await file_ids.write(registry.by_key(key).application)
        # Only now, so that they strike updates.
        faults.join(plan)
        _put_into_force(plan, self.fault or [], clock, ALONE)
        return await self._worked(Connector(registry, make, around, self.trust), work)

    async def _worked(self, connector: Connector, work: Work) -> Outcome:
        """Do the work; returns what became of it, and which faults never struck."""
        done = await work(connector)
        plan = connector.around.plan
        return Outcome(done, [] if plan is None else [each.name for each in plan.unfired()])

    def _around(self, registry: Registry, clock: RealClock, settings: SwitchSettings, plan: Plan) -> Around:
        log = Log(clock.now, registry.folder / LOG_NAME, self.log)
        return Around(clock, settings, log, plan=plan, tell=_tell_progress, limit_s=self.limit)


def with_updating(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with an argument `updating` the options that `Updating` has."""
    shared = inspect.signature(Updating).parameters
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "updating"]

    @wraps(command)
    def called(**given: Any) -> None:
        updating = Updating(**{name: given.pop(name) for name in shared})
        command(updating=updating, **given)

    # What the framework reads.
    called.__signature__ = inspect.Signature([*own, *shared.values()])  # type: ignore[attr-defined]
    hints = {**get_type_hints(command, include_extras=True), **get_type_hints(Updating, include_extras=True)}
    called.__annotations__ = {name: hint for name, hint in hints.items() if name != "updating"}
    return called


# ---- switches and faults --------------------------------------------------------------------------------------------------------------


ALONE: Final = (
    "QuickBooks and the Web Connector stand alone here",
    "a fault of QuickBooks or of the Web Connector",
    {"": "a story has all parts: `fakebooks run`"},
)
RUNNING_ELSEWHERE: Final = (
    "only the Web Connector is here",
    "a fault of the Web Connector",
    {"": "`fakebooks fault add` puts it into force in the running FakeBooks; or name a --company of this call's own"},
)
"""What is said of a fault of another part than those of this call: what is here, which faults can be asked for, what to do."""


def _put_into_force(plan: Plan, words: list[str], clock: RealClock, other_parts: tuple[str, str, dict[str, str]]) -> None:
    """Put the faults of --fault into force: a name, or a name and its fields (`wc-busy times=1`). Raises UserMistake."""
    from emulator.cli.fields import fields_of

    for each in words:
        if not each.strip():
            raise UserMistake(f"--fault {each!r}", expected="a name of `fakebooks faults`, like wc-busy")
        name, *fields = each.split()
        check_part(name, plan.kinds.values(), *other_parts)
        plan.add(fitted(FaultSpec, {"fault": name, **fields_of(fields)}, "--fault"), clock.now(), "--fault")


def settings_of(words: list[str] | None, like: Likeness | None = None) -> SwitchSettings:
    """Return the switches in force. Raises UserMistake."""
    overrides = dict(like.switches) if like is not None else {}
    for word in words or []:
        name, equals, value = word.partition("=")
        if not equals:
            raise UserMistake(f"--switch {word!r}", expected="NAME=VALUE, like webconnector.no-op-wait-s=1")
        overrides[name] = value_of(value, "--switch")
    return SwitchSettings(SWITCH_TABLES.values(), overrides, "--switch")


# ---- the QuickBooks of a running FakeBooks --------------------------------------------------------------------------------------------


def wire_url(server: str) -> str | None:
    """Return the address of the wire of a running FakeBooks; None when none is named and none runs here."""
    if not server:
        running = client.find_running()
        if running is None:
            return None
        with client.Control(running) as control:
            if not control.ready():
                return None
    with control_of(server) as control:
        url = control.wire_url()
    if not url:
        raise PartFailed("the running FakeBooks has no wire of QuickBooks")
    return url


def _wire_now(server: str) -> str | None:
    """Return the address of the wire as it is now; None when no FakeBooks answers."""
    try:
        return wire_url(server)
    except (UserMistake, PartFailed):
        return None


@asynccontextmanager
async def wire_of(url: str) -> AsyncIterator[WireProcessor]:
    """Yield the way to the QuickBooks at the end of a wire, and let go of it."""
    processor = WireProcessor(url, waits=_tell_waits)
    try:
        yield processor
    finally:
        await processor.let_go()


def _tell_waits(call: str) -> None:
    ERR.tell(
        f"QuickBooks has not answered {call} yet; when a window is open in it, `fakebooks status` names it, and somebody closes it: "
        "`fakebooks act admin.answer_prompt 'answer=whenever the file is open'`, `fakebooks act operator.close_dialog`"
    )


def _tell_progress(application: str, percent: int) -> None:
    ERR.tell(f"{application}: {percent} %")
