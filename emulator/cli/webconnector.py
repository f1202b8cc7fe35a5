"""`fakebooks webconnector`: the Web Connector in front of a SOAP service: add an application, run its updates, list what was added."""

import asyncio
import inspect
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer
from rich.table import Table

from emulator import client
from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import ERR, OUT
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
from emulator.webconnector import faults, qwc
from emulator.webconnector.adding import FileIds, look_at_urls, write_file_id
from emulator.webconnector.processor import OwnProcessor, Processor, WireProcessor
from emulator.webconnector.qwc import Application, NotAdded
from emulator.webconnector.qwclog import Level, Log
from emulator.webconnector.registry import Entry, Registry
from emulator.webconnector.result import Around, Result
from emulator.webconnector.scheduler import Connector
from emulator.world import SWITCH_TABLES, check_part

app = typer.Typer(add_completion=False, rich_markup_mode=None)
webconnector = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(webconnector, name="webconnector")

PASSWORD_VARIABLE: Final = "FAKEBOOKS_WEBCONNECTOR_PASSWORD"  # noqa: S105 - a name
LOG_NAME: Final = "QWCLog.txt"
UPDATE_LIMIT_S: Final = 3600.0
"""How long an update may take unless --limit says otherwise: a service that answers NoOp for ever would keep it for ever (ours)."""

StateOption = Annotated[
    Path | None, typer.Option("--state", help="Folder for applications, passwords and QWCLog.txt, instead of the user's own.")
]
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
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@webconnector.callback()
def web_connector() -> None:
    """Play the QuickBooks Web Connector in front of a SOAP service: it polls the service, and QuickBooks answers.

    Example: fakebooks webconnector once bridge.qwc
    """


@webconnector.command()
def add(
    file: Annotated[Path, typer.Argument(help="The .qwc file of the application.", metavar="FILE.qwc")],
    password_file: Annotated[
        Path | None,
        typer.Option(help=f"File whose first line is the password; without it {PASSWORD_VARIABLE}, or it is asked for."),
    ] = None,
    every: Annotated[
        int | None, typer.Option(help="Seconds between updates that run by themselves, instead of the .qwc's; 0: none.", min=0)
    ] = None,
    again: Annotated[bool, typer.Option(help="Bring an application of the same name up to date.")] = False,
    look: Annotated[bool, typer.Option(help="Look at the URLs of the .qwc, as the real one does.")] = True,
    state: StateOption = None,
    server: ServerOption = "",
    trust: TrustOption = None,
) -> None:
    """Add an application from its .qwc file.

    The URLs are looked at, and in a running `fakebooks up` the FileID is written into the company file. An own company of `once` and `run` gets it
    there.

    Example: fakebooks webconnector add bridge.qwc --password-file secret.txt --every 60
    """
    application = qwc.load(file)
    registry = Registry(state or default_state())
    registry.check(application, again=again)
    password = _password(password_file)
    for each in application.warnings:
        ERR.print(f"fakebooks: {file}: {each}", markup=False, soft_wrap=True)

    async def check() -> None:
        clock = RealClock(datetime.now().astimezone())
        log = Log(clock.now, registry.folder / LOG_NAME)
        around = Around(clock, _settings(None), log)
        connector = Connector(registry, _nothing, around, trust)
        if look:
            async with connector.service(Entry(application, 0, clock.now())) as service:
                await look_at_urls(application, service, log)
        if running_wire is not None:
            async with _wire(running_wire) as processor:
                await write_file_id(application, processor, around.settings, log)

    running_wire = _wire_url(server)
    run_real(check)
    entry = registry.add(application, password, datetime.now().astimezone(), every_s=every, again=again)
    period = f", runs every {entry.every_s} s" if entry.every_s else ""
    OUT.print(f"{entry.key} was added{period}", markup=False, soft_wrap=True)


@webconnector.command()
def remove(
    application: Annotated[str, typer.Argument(help="The application: its AppUniqueName or AppName.", metavar="APPLICATION")],
    state: StateOption = None,
) -> None:
    """Take an application and its password out. Its FileID stays in the company file.

    Example: fakebooks webconnector remove "Order Bridge"
    """
    gone = Registry(state or default_state()).remove(application)
    OUT.print(f"{gone.key} was removed", markup=False, soft_wrap=True)


@webconnector.command("list")
def list_applications(state: StateOption = None, as_json: AsJson = False) -> None:
    """List the applications: when each ran last and runs next, and the text of its Status column.

    Example: fakebooks webconnector list
    """
    found = Registry(state or default_state()).entries()
    if as_json:
        print(json.dumps([_told(each) for each in found], indent=2))
        return
    if not found:
        OUT.print("no application was added; `fakebooks webconnector add FILE.qwc` adds one", soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("application", "every", "last run", "next run", "status"):
        table.add_column(name, overflow="fold")
    for each in found:
        every = f"{each.every_s} s" if each.every_s else "-"
        table.add_row(each.key, every, _moment(each.last_run), _moment(each.next_run), each.status)
    OUT.print(table, markup=False)


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
            ERR.print(f"fakebooks: fault {name!r} never struck, so this shows nothing about it", markup=False, soft_wrap=True)
        if not all(each.ok for each in self.results):
            return ExitCode.FAIL
        return ExitCode.INCONCLUSIVE if self.unfired else ExitCode.PASS


@dataclass(frozen=True)
class _Setup:
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
        wire = None if self.company else _wire_url(self.server)
        if wire is not None:
            if self.like is not None:
                raise UserMistake(
                    "--like in front of a running FakeBooks", expected="--company beside it, or `fakebooks up --like`"
                )
            return run_real(lambda: self._against_wire(registry, wire, work))
        like = load_likeness(self.like) if self.like is not None else None
        settings = _settings(self.switch, like)
        with quickbooks_for_programs(self.company or SAMPLE_COMPANY, settings=settings, like=like) as running:
            future = asyncio.run_coroutine_threadsafe(self._against_own(registry, keys, running, settings, work), running.loop)
            try:
                return future.result()
            except BaseException:
                future.cancel()
                raise

    async def _against_wire(self, registry: Registry, url: str, work: Work) -> Outcome:
        clock, settings = RealClock(datetime.now().astimezone()), _settings(self.switch)
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
            async with _wire(_wire_now(self.server) or url) as processor:
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
                await file_ids.write(registry.get(key).application)
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


def _with_setup(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with an argument `setup` the options that `_Setup` has."""
    shared = inspect.signature(_Setup).parameters
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "setup"]

    @wraps(command)
    def called(**given: Any) -> None:
        setup = _Setup(**{name: given.pop(name) for name in shared})
        command(setup=setup, **given)

    # What the framework reads.
    called.__signature__ = inspect.Signature([*own, *shared.values()])  # type: ignore[attr-defined]
    hints = {**get_type_hints(command, include_extras=True), **get_type_hints(_Setup, include_extras=True)}
    called.__annotations__ = {name: hint for name, hint in hints.items() if name != "setup"}
    return called


@webconnector.command()
@_with_setup
def once(
    setup: _Setup,
    application: Annotated[
        list[str] | None,
        typer.Argument(help="Applications that were added, or .qwc files; all that were added when none is named."),
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help=f"For a .qwc file: file whose first line is the password; without it {PASSWORD_VARIABLE}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run one update of each application named, and say how each ended.

    A running `fakebooks up` is QuickBooks; without one, or with --company, a company of this call's own. A .qwc file needs no `add`. Ends with 1
    when an update ended with an error, and with 3 when a fault that was to strike did not.

    Example: fakebooks webconnector once bridge.qwc --company wholesale_small
    """
    names = application or []
    with _registry_for(names, setup.state, password_file) as (registry, keys):
        outcome = setup.run(registry, keys, lambda connector: _once(connector, keys, quiet=as_json))
    if as_json:
        print(json.dumps([_result(each) for each in outcome.results], indent=2))
    else:
        _show(outcome.results)
    raise typer.Exit(outcome.exit_code())


@webconnector.command()
@_with_setup
def run(
    setup: _Setup,
    updates: Annotated[int | None, typer.Option(help="End after so many updates.", min=1)] = None,
) -> None:
    """Run the updates of all applications as they come due, one after the other, until Ctrl-C.

    Example: fakebooks webconnector run
    """
    registry = Registry(setup.state or default_state())
    by_themselves = [each.key for each in registry.entries() if each.next_run]
    if not by_themselves:
        raise UserMistake(
            "no application runs by itself",
            str(registry.folder),
            "one with a Scheduler in its .qwc, or one that was added with --every",
            "`fakebooks webconnector add FILE.qwc --every 60` adds one; `once` runs any",
        )

    def tell(entry: Entry, result: Result) -> None:
        OUT.print(
            f"{_moment(entry.last_run)}  {entry.key}: {_line(result)}; next {_moment(entry.next_run)}",
            markup=False,
            soft_wrap=True,
        )

    async def work(connector: Connector) -> list[Result]:
        await connector.run(tell, updates)
        return []

    raise typer.Exit(setup.run(registry, by_themselves, work).exit_code())


# ---- what the commands run on -------------------------------------------------------------------------------------------------------------


def default_state() -> Path:
    """Return the user's own folder for the Web Connector."""
    return client.note_path().parent / "webconnector"


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


def _settings(words: list[str] | None, like: Likeness | None = None) -> SwitchSettings:
    """Return the switches in force. Raises UserMistake."""
    overrides = dict(like.switches) if like is not None else {}
    for word in words or []:
        name, equals, value = word.partition("=")
        if not equals:
            raise UserMistake(f"--switch {word!r}", expected="NAME=VALUE, like webconnector.no-op-wait-s=1")
        overrides[name] = value_of(value, "--switch")
    return SwitchSettings(SWITCH_TABLES.values(), overrides, "--switch")


@contextmanager
def _registry_for(names: list[str], state: Path | None, password_file: Path | None) -> Iterator[tuple[Registry, list[str]]]:
    """Yield the registry and the applications in it that are meant; .qwc files get a registry for the time of the command."""
    files = [name for name in names if name.casefold().endswith(".qwc")]
    if not files:
        registry = Registry(state or default_state())
        yield registry, registry.chosen(names)
        return
    if len(files) < len(names):
        given = f"{_listed(set(names) - set(files))} beside {_listed(files)}"
        raise UserMistake(given, expected="applications that were added, or .qwc files", advice="run `once` for each sort")
    folder = state or default_state()
    for left in folder.glob("once-*"):
        if left.is_dir() and not _lives(left.name.partition("-")[2]):
            _tidy(left)  # of a command that was killed: it holds a password
    registry = Registry(folder / f"once-{os.getpid()}", lock_in=folder)
    try:
        password = _password(password_file)
        for name in files:
            registry.add(qwc.load(Path(name)), password, datetime.now().astimezone())
        yield registry, [each.key for each in registry.entries()]
    finally:
        _tidy(registry.folder)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(repr(each) for each in names))


def _lives(process: str) -> bool:
    """Return whether a process of this machine lives; what is no number is taken for one that does."""
    return not process.isdigit() or Path("/proc", process).exists()


def _tidy(folder: Path) -> None:
    """Put the log of a registry that was made for one command behind the one that is there, and take the rest away."""
    log = folder / LOG_NAME
    if log.exists():
        with (folder.parent / LOG_NAME).open("ab") as kept:
            kept.write(log.read_bytes())
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()


def _password(file: Path | None) -> str:
    """Return the password for an application: from a file, the environment, or a person at a terminal."""
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise UserMistake(f"cannot read {file}: {error}", expected="a file whose first line is the password") from None
        return lines[0] if lines else ""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    raise UserMistake(
        "no password was given for the application's user", expected=f"--password-file, or {PASSWORD_VARIABLE} in the environment"
    )


def _wire_url(server: str) -> str | None:
    """Return the address of the wire of a running FakeBooks; None when none is named and none runs here."""
    if not server:
        running = client.find_running()
        if running is None:
            return None
        with client.Control(running) as control:
            if not control.ready():
                return None
    with control_of(server) as control:
        url = control.status().get("urls", {}).get("QuickBooks (COM wire)")
    if not url:
        raise PartFailed("the running FakeBooks has no wire of QuickBooks")
    return str(url)


def _wire_now(server: str) -> str | None:
    """Return the address of the wire as it is now; None when no FakeBooks answers."""
    try:
        return _wire_url(server)
    except (UserMistake, PartFailed):
        return None


@asynccontextmanager
async def _wire(url: str) -> AsyncIterator[WireProcessor]:
    processor = WireProcessor(url, waits=_tell_waits)
    try:
        yield processor
    finally:
        await processor.let_go()


@asynccontextmanager
async def _nothing(application: Application) -> AsyncIterator[Processor]:
    raise AssertionError("adding an application runs no update")
    yield


async def _once(connector: Connector, keys: list[str], *, quiet: bool) -> list[Result]:
    results = []
    for key in keys:
        if not quiet:
            ERR.print(f"{key}: the update begins", markup=False, soft_wrap=True)
        results.append(await connector.update(key))
    return results


# ---- what is told ---------------------------------------------------------------------------------------------------------------------------


def _tell_waits(call: str) -> None:
    ERR.print(
        f"QuickBooks has not answered {call} yet; when a window is open in it, `fakebooks status` names it, and somebody closes it: "
        "`fakebooks act admin.answer_prompt 'answer=whenever the file is open'`, `fakebooks act operator.close_dialog`",
        markup=False,
        soft_wrap=True,
    )


def _tell_progress(application: str, percent: int) -> None:
    ERR.print(f"{application}: {percent} %", markup=False, soft_wrap=True)


def _line(result: Result) -> str:
    codes = f" ({', '.join(each.label for each in result.codes)})" if result.codes else ""
    requests = "1 request" if result.requests == 1 else f"{result.requests} requests"
    return f"{result.ended}{codes}, {requests}" + (f": {result.status}" if result.status else "")


def _show(results: list[Result]) -> None:
    for result in results:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("call", "answer"):
            table.add_column(name, overflow="fold")
        for call in result.calls:
            table.add_row(call.operation, call.failure or _short(call.answer))
        OUT.print(table, markup=False)
        OUT.print(f"{result.application}: {_line(result)}", markup=False, soft_wrap=True)
        for remark in result.remarks:
            OUT.print(f"  {remark}", markup=False, soft_wrap=True)


SHOWN: Final = 60
"""Characters of an answer that are shown."""


def _short(answer: tuple[str, ...]) -> str:
    text = " | ".join(" ".join(each.split()) for each in answer)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _result(result: Result) -> dict[str, Any]:
    return {
        "application": result.application,
        "ended": result.ended,
        "status": result.status,
        "codes": [each.label for each in result.codes],
        "requests": result.requests,
        "progress": result.progress,
        "company": result.company,
        "calls": [{"operation": each.operation, "answer": list(each.answer), "failure": each.failure} for each in result.calls],
        "remarks": result.remarks,
    }


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "application": entry.key,
        "url": entry.application.url,
        "every_s": entry.every_s,
        "last_run": entry.last_run and entry.last_run.isoformat(),
        "next_run": entry.next_run and entry.next_run.isoformat(),
        "status": entry.status,
        "codes": list(entry.codes),
    }


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
