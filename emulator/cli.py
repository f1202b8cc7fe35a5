"""The command `fakebooks`. Each command says what it does with an example; a mistake gets one line that says what to do.

Exit codes are those of `emulator.scenario.verdict.ExitCode`; `exec` passes on its program's own.
"""

import asyncio
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from emulator import client, qbxml
from emulator.com.exec import SIGNAL_BASE, environment, quickbooks_for_programs, run_program
from emulator.control.up import keep_up
from emulator.core.clock import RealClock
from emulator.core.errors import PartFailed, UserMistake, nearest
from emulator.desktop import SessionFailure
from emulator.scenario.model import load_scenario
from emulator.scenario.report import artefacts, terminal
from emulator.scenario.run import run_file
from emulator.scenario.verdict import ExitCode, exit_code
from emulator.world import DEFAULT_COMPANY, FAULT_KINDS, PORT, SWITCH_TABLES, WorldConfig, answer_alone

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)

DOCUMENT_BYTES_MAX = qbxml.Limits().document_bytes
"""What is read of a document, and one byte more: a longer one is refused by qbXML's own limit, in its words."""


class _Commands(TyperGroup):
    """The group of all commands: an unknown one is answered with the nearest right word."""

    def resolve_command(self, ctx: typer.Context, args: list[str]):  # type: ignore[no-untyped-def,override]  # click's types, not ours
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            near = nearest(name, self.list_commands(ctx))
            _stop(
                UserMistake(
                    f"there is no command {name!r}",
                    expected=f"{near!r}" if near else f"one of {', '.join(self.list_commands(ctx))}",
                )
            )
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="FakeBooks: a simulated QuickBooks Desktop for Linux, and the harness around it.\n\nNothing to do with Intuit or Goflow; for tests only.",
)


class ClockName(StrEnum):
    """Which clock a story runs on."""

    VIRTUAL = "virtual"
    REAL = "real"


class ModeName(StrEnum):
    """The mode a company file is open in."""

    MULTI = "multi"
    SINGLE = "single"


def _stop(mistake: UserMistake, code: int = ExitCode.WRONG_USE) -> NoReturn:
    raise typer.Exit(_say(str(mistake), code))


# ---- stories ------------------------------------------------------------------------------------------------------------------


@app.command()
def run(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.", metavar="PATH...")],
    clock: Annotated[ClockName, typer.Option(help="virtual: time jumps; real: sockets and processes.")] = ClockName.VIRTUAL,
    seed: Annotated[int | None, typer.Option(help="Instead of the seed in the file.", min=0)] = None,
    out: Annotated[Path, typer.Option(help="Folder for the artefacts.")] = Path("out"),
    listen: Annotated[str, typer.Option(help="HOST:PORT of the fault proxy on the real clock.")] = f"127.0.0.1:{PORT}",
    quiet: Annotated[bool, typer.Option(help="No timeline, only the verdicts.")] = False,
) -> None:
    """Run scenarios and judge them from the books.

    Example: fakebooks run scenarios/demo/lost_answer_day.yaml --clock virtual --seed 7
    """
    address = _address(listen)
    files = scenario_files(paths)
    _writable(out)
    stories = []
    for path in files:
        folder = out / load_scenario(path).scenario
        with _Steps(path) as steps:
            story = run_file(path, clock=clock.value, seed=seed, folder=folder, listen=address, progress=steps.show)
        artefacts.write_story(story, folder)
        terminal.print_story(OUT, story, timeline=not quiet)
        stories.append(story)
    junit = artefacts.write_junit(stories, out)
    folders = ", ".join(str(out / story.scenario) for story in stories)
    OUT.print(f"artefacts: {junit}, {folders}/ (timeline.html, journal.jsonl, mail/)", markup=False, soft_wrap=True)
    raise typer.Exit(exit_code(finding for story in stories for finding in story.findings))


class _Steps:
    """Shows where a run is: a live line in a terminal, a line a step elsewhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._status = ERR.status(f"{path}") if ERR.is_terminal else None

    def __enter__(self) -> "_Steps":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, sentence: str, at: datetime) -> None:
        """Show the step that begins."""
        text = f"{self._path.stem}  {at:%a %H:%M:%S}  {sentence}"
        if self._status is not None:
            self._status.update(Text(text))
        else:
            ERR.print(text, markup=False, soft_wrap=True, style="dim")


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario files that paths mean: files as they are, folders for every *.yaml below them, in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.yaml"))
        elif path.exists():
            found.append(path)
        else:
            known = [str(each) for each in Path("scenarios").rglob("*.yaml")]
            near = nearest(str(path), known)
            raise UserMistake(f"there is no {path}", expected=f"{near!r}" if near else "a scenario file, or a folder of them")
    if not found:
        raise UserMistake(f"no scenario in {', '.join(map(str, paths))}", expected="at least one .yaml file")
    return found


def _writable(folder: Path) -> None:
    """Make the folder for artefacts now: a story shall not be told for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserMistake(
            f"cannot write to {folder}: {error.strerror}", expected="a folder that can be made, for --out"
        ) from None


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise UserMistake(f"address {text!r}", expected=f"HOST:PORT, like 127.0.0.1:{PORT}")
    return host or "127.0.0.1", int(port)


# ---- qbXML --------------------------------------------------------------------------------------------------------------------


def _read_document(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read(DOCUMENT_BYTES_MAX + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        raise UserMistake(
            f"cannot read {path}: {error.strerror}", expected="a file with a qbXML document, or - for standard input"
        ) from None


@app.command()
def ask(
    document: Annotated[str, typer.Argument(help="File with a qbXML document, or - for standard input.", metavar="FILE|-")],
    company: Annotated[
        str, typer.Option(help="A company: a shipped name, or a .yaml file. Of a running server: its company.")
    ] = "",
    server: Annotated[str, typer.Option(help="URL of the control API of a running FakeBooks (`fakebooks up` prints it).")] = "",
) -> None:
    """Send qbXML to QuickBooks and print the answer.

    A running `fakebooks up` answers; without one, a seeded sample company of this call's own. Ends with 1 when a request is answered with an
    Error status, with 4 when the whole document is refused.

    Example: fakebooks ask tests/data/invoice_add.xml --company wholesale_small
    """
    content = _read_document(document)
    running = _server(server) if server else (None if company else client.find_running())
    if running is not None and (server or _answers(running)):
        answer = _ask_server(running, company, content)
    else:
        answer = _ask_own(company or DEFAULT_COMPANY, content)
    # An XML document that declares no encoding is UTF-8, whatever the terminal's is.
    sys.stdout.buffer.write((answer if answer.endswith("\n") else answer + "\n").encode())
    sys.stdout.flush()
    severities = {each.status.severity for each in qbxml.decode_answer_set(answer).answers}
    raise typer.Exit(ExitCode.FAIL if "Error" in severities else ExitCode.PASS)


def _server(url: str) -> client.Running:
    """Return the server somebody named; its token comes from the environment or from the note of the FakeBooks that runs there."""
    if not url.startswith(("http://", "https://")):
        raise UserMistake(f"--server {url!r}", expected="a URL, like http://127.0.0.1:8890", advice="`fakebooks up` prints it")
    noted = client.find_running()
    token = os.environ.get("FAKEBOOKS_TOKEN") or (noted.token if noted is not None and noted.url == url.rstrip("/") else "")
    if not token:
        raise UserMistake(f"no token for {url}", expected="FAKEBOOKS_TOKEN in the environment", advice="`fakebooks up` prints it")
    return client.Running(url.rstrip("/"), token)


def _answers(running: client.Running) -> bool:
    with client.Control(running) as control:
        return control.ready()


def _ask_server(running: client.Running, company: str, content: bytes) -> str:
    with client.Control(running) as control:
        if not control.ready():
            raise PartFailed(f"no FakeBooks answers at {running.url}; start one with `fakebooks up`")
        try:
            return control.ask(company or str(control.status()["company"]), content)
        except client.ControlFailed as failed:
            if "code" in failed.told:
                _refused(failed.told)
            if not failed.status:
                raise PartFailed(str(failed)) from None
            told = {name: str(failed.told.get(name, "")) for name in ("expected", "advice")}
            raise UserMistake(str(failed), running.url, **told) from None


def _ask_own(company: str, content: bytes) -> str:
    async def talk() -> str:
        clock = RealClock(datetime.now().astimezone())
        return await answer_alone(company, content, clock)

    try:
        return asyncio.run(talk())
    except SessionFailure as failure:
        _refused({"code": str(failure.code), "error": failure.description(), "diagnosis": failure.diagnosis or failure.detail})


def _refused(told: dict[str, object]) -> NoReturn:
    ERR.print(
        f"fakebooks: QuickBooks refused the whole document: {told.get('code', '')} {told.get('error', '')}",
        markup=False,
        soft_wrap=True,
    )
    if told.get("diagnosis"):
        ERR.print(f"  {told['diagnosis']}", markup=False, soft_wrap=True)
    raise typer.Exit(ExitCode.NOT_STARTED)


@app.command()
def validate(
    document: Annotated[str, typer.Argument(help="File with a qbXML document, or - for standard input.", metavar="FILE|-")],
) -> None:
    """Say whether QuickBooks would take a document, and if not, where and why.

    Example: fakebooks validate tests/data/invoice_add.xml
    """
    content = _read_document(document)
    try:
        messages = qbxml.decode_set(content)
    except qbxml.NotValid as wrong:
        OUT.print(f"{document}: refused with {wrong.result}: {wrong.diagnosis}", markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.FAIL) from None
    faults = [(request, request.fault) for request in messages.requests if request.fault is not None]
    for request, fault in faults:
        line = f":{request.fault_line or request.line}" if request.line else ""
        OUT.print(f"{document}{line}: {request.name} is answered {fault.code} {fault.message}", markup=False, soft_wrap=True)
    if faults:
        raise typer.Exit(ExitCode.FAIL)
    names = ", ".join(request.name for request in messages.requests) or "no request"
    OUT.print(f"{document}: valid qbXML {messages.version}: {names}", markup=False, soft_wrap=True)


# ---- running parts ------------------------------------------------------------------------------------------------------------


@app.command(name="exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def execute(
    command: Annotated[list[str], typer.Argument(help="The program and its arguments.", metavar="-- CMD...")],
    mode: Annotated[ModeName, typer.Option(help="The mode the company file is open in.")] = ModeName.MULTI,
    company: Annotated[str, typer.Option(help="A shipped company, or a .yaml file.")] = DEFAULT_COMPANY,
) -> None:
    """Run a program written for Windows with pywin32, unmodified, against a QuickBooks of its own.

    The sample company is open, by user Goflow, and the program is authorised. Its exit code is passed on.

    Example: fakebooks exec --mode multi -- python my_connector.py
    """
    with quickbooks_for_programs(company, mode=mode.value) as running:
        code = run_program(command, environment(running.url, os.environ))
    raise typer.Exit(code)


@app.command()
def up(
    company: Annotated[str, typer.Option(help="A shipped company, or a .yaml file.")] = DEFAULT_COMPANY,
    listen: Annotated[
        str, typer.Option(help="HOST:PORT of the fault proxy: the port the platform side calls.")
    ] = f"127.0.0.1:{PORT}",
    control: Annotated[str, typer.Option(help="HOST:PORT of the control API; port 0 lets the system choose.")] = "127.0.0.1:8890",
    out: Annotated[Path, typer.Option(help="Folder for the company file, the journal, mails and logs.")] = Path("out"),
    seed: Annotated[int, typer.Option(help="Seed of all chance.", min=0)] = 1,
    scale: Annotated[float, typer.Option(help="Story seconds per second.", min=0.001, max=3600)] = 1.0,
) -> None:
    """Run all parts until Ctrl-C: QuickBooks, our connector behind port 8891, the platform side, the mail server, the control API.

    The connector is started by the book: user Goflow is logged in, the dot is green, the platform side is Connected.

    Example: fakebooks up --listen 127.0.0.1:8891
    """
    config = WorldConfig(seed=seed, company=company)
    _writable(out)
    asyncio.run(keep_up(config, out / "up", _address(listen), _address(control), scale, _show_urls))


def _show_urls(urls: dict[str, str]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, url in urls.items():
        table.add_row(name, url)
    OUT.print(table)
    OUT.print("running until Ctrl-C", style="dim")


# ---- what there is ------------------------------------------------------------------------------------------------------------


@app.command()
def switches(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List every choice made where QuickBooks is unknown: name, default, standing, source.

    Example: fakebooks switches --json
    """
    rows = [
        {**asdict(switch), "choices": list(switch.choices), "room": room}
        for room, table in SWITCH_TABLES.items()
        for switch in table
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table("switch", "default", "standing", "what it decides", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        choices = f"  [{' | '.join(map(str, row['choices']))}]" if row["choices"] else ""
        table.add_row(row["name"], str(row["default"]), row["standing"], Text(f"{row['about']}{choices} ({row['source']})"))
    OUT.print(table)


@app.command()
def faults(
    name: Annotated[str, typer.Argument(help="One fault: its name or its id in the catalogue.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List every fault there is: what it does, its parameters, what a correct connector must do, whether reconnecting cures it.

    Example: fakebooks faults answer-lost
    """
    kinds = [(part, kind) for part, table in FAULT_KINDS.items() for kind in table]
    if name:
        found = [(part, kind) for part, kind in kinds if name in (kind.name, kind.id)]
        if not found:
            near = nearest(name, [kind.name for _, kind in kinds])
            raise UserMistake(f"there is no fault {name!r}", expected=f"{near!r}" if near else "a name from `fakebooks faults`")
        kinds = found
    if as_json:
        print(json.dumps([{**asdict(kind), "part": part} for part, kind in kinds], indent=2))
        return
    table = Table(
        "fault", "id", "what it does", "a correct connector", "reconnect cures", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for _, kind in kinds:
        table.add_row(kind.name, kind.id, Text(kind.about), Text(kind.correct), "yes" if kind.cured_by_reconnect else "no")
    OUT.print(table)
    for _, kind in kinds if name else ():
        for parameter_name, parameter in kind.parameters.items():
            OUT.print(f"  {parameter_name} = {parameter.default!r}: {parameter.about}", markup=False)
        OUT.print(f"  points: {', '.join(kind.points)}", markup=False)


def main() -> None:
    """Run the command line; the entry point of `fakebooks`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character (a C locale) shows its number instead of ending the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with _ending_in_order() as ended_by:
        try:
            code = app(sys.argv[1:] or ["--help"], prog_name="fakebooks", standalone_mode=False)
        except UserMistake as mistake:
            code = _say(str(mistake), ExitCode.WRONG_USE)
        except PartFailed as failed:
            code = _say(str(failed), ExitCode.NOT_STARTED)
        except _WrongUse as wrong:
            context = getattr(wrong, "ctx", None)
            command = context.command_path if context is not None else "fakebooks"
            code = _say(f"{_in_our_words(wrong.format_message())}; see `{command} --help`", ExitCode.WRONG_USE)
        except (typer.Abort, KeyboardInterrupt):
            code = _say("interrupted", INTERRUPTED)
    sys.exit(SIGNAL_BASE + ended_by[0] if ended_by else code or 0)


@contextmanager
def _ending_in_order() -> Iterator[list[int]]:
    """Let SIGTERM (a CI job that is cancelled) end us as Ctrl-C does, so that no part is left running. Yields the signals that came.

    `up` and `exec` have handlers of their own while they run.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def end(number: int, _: object) -> None:
        came.append(number)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)


def _in_our_words(message: str) -> str:
    """Return a message of the option parser as one sentence, with the nearest right word where it lists what would be right."""
    message = message.rstrip(".").replace("Value error, ", "")
    given, listed, choices = message.partition(" is not one of ")
    near = nearest(given.rpartition(": ")[2].strip("'"), [word.strip(" '") for word in choices.split(",")]) if listed else None
    return f"{message}; expected {near!r}" if near else message


_WrongUse: Any = typer.BadParameter.__bases__[0]
"""What is raised for a wrong argument. Typer carries its own copy of click in newer releases and uses the real one in older: this is either."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def _say(text: str, code: int) -> int:
    ERR.print(f"fakebooks: {text}", markup=False, soft_wrap=True)
    return code
