"""The command `fakebooks`: which commands there are, and how any of them ends.

A command's module is imported when the command is wanted: a program under `fakebooks exec` must not wait for the parts of a story.
"""

import asyncio
import importlib
import io
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from emulator import __version__
from emulator.cli.shared import say
from emulator.core.clock import end_main_task
from emulator.core.errors import PartFailed, UserMistake, nearest, unknown
from emulator.core.exits import SIGNAL_BASE, ExitCode

COMMANDS: Final = {
    "run": "stories",
    "ask": "documents",
    "validate": "documents",
    "explain": "explaining",
    "exec": "programs",
    "wine": "wine",
    "webconnector": "webconnector",
    "probe": "probing",
    "parity": "comparing",
    "up": "keeping",
    "company": "company_files",
    "status": "status",
    "events": "events",
    "act": "acting",
    "fault": "faulting",
    "switches": "listing",
    "faults": "listing",
    "coverage": "covering",
    "texts": "texts",
}
"""Every command and the module of this package that has it, in the order of the help."""


class _Commands(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # An unknown command is answered with the nearest right word.
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise unknown("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)


@cache
def command(name: str) -> Any:
    """Return a command by its name, importing its module; it is made once."""
    module = importlib.import_module(f"emulator.cli.{COMMANDS[name]}")
    found: Any = typer.main.get_command(module.app)
    return getattr(found, "commands", {name: found})[name]


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from emulator.cli.console import OUT

        OUT.print(f"fakebooks {__version__}")
        raise typer.Exit


@app.callback()
def fakebooks(
    version: Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """FakeBooks: a simulated QuickBooks Desktop for Linux, and the harness around it.

    Nothing to do with Intuit or Goflow; for tests only.
    """


def main() -> None:
    """Run the command line; the entry point of `fakebooks`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character (a C locale) shows its number instead of ending the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with _ending_in_order() as ended_by:
        try:
            code = app(sys.argv[1:] or ["--help"], prog_name="fakebooks", standalone_mode=False)
            if ended_by and code == SIGNAL_BASE + signal.SIGINT:
                # Typer makes this code of any interruption; say which signal it was.
                code = SIGNAL_BASE + ended_by[0]
        except UserMistake as mistake:
            code = say(str(mistake), ExitCode.WRONG_USE)
        except PartFailed as failed:
            code = say(str(failed), ExitCode.NOT_STARTED)
        except _WrongUse as wrong:
            context = getattr(wrong, "ctx", None)
            command = context.command_path if context is not None else "fakebooks"
            code = say(f"{_in_our_words(wrong)}; see `{command} --help`", ExitCode.WRONG_USE)
        except (typer.Abort, KeyboardInterrupt, asyncio.CancelledError):
            code = say("interrupted", SIGNAL_BASE + (ended_by[0] if ended_by else signal.SIGINT))
        except OSError as error:
            # What is left here is about what the command was told to write to: a full disk, a closed terminal.
            code = say(f"{error.filename or 'the output'}: {error.strerror or error}", ExitCode.WRONG_USE)
    sys.exit(code or 0)


@contextmanager
def _ending_in_order() -> Iterator[list[int]]:
    """Let every request to end (Ctrl-C, a cancelled CI job, a closed terminal) end us once and in order, so that no part is left running.

    Yields the signals that came. The first one interrupts whatever goes on; while things end, more of them change nothing. A signal that
    whoever started us ignores (SIGINT of a background job) stays ignored. `up` and `exec` have handlers of their own while they run.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def end(number: int, _: object) -> None:
        came.append(number)
        if len(came) > 1:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise KeyboardInterrupt from None
        # An exception raised in the middle of somebody's task would be that task's; the story is ended instead, from its own place.
        end_main_task(loop)

    wanted = [each for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, end) for each in wanted}
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _in_our_words(wrong: Any) -> str:
    """Return what the option parser found wrong as one sentence, with the nearest right word where it lists what would be right."""
    message = str(wrong.format_message()).rstrip(".")
    found_by: list[Any] = getattr(wrong.__cause__, "errors", list)()
    if found_by and found_by[0]["type"] != "value_error":
        # A newer Typer has pydantic look at values, but for its own choices. A run without mistakes must not wait for the import.
        from emulator.core.fitting import expected_of

        found, expected = expected_of(wrong.__cause__)
        option, _, _ = message.removeprefix("Invalid value for ").partition(": ")
        option = option.strip("'")
        return f"{option} is {found}; expected {expected}"
    message = message.replace("Value error, ", "")
    given, listed, choices = message.partition(" is not one of ")
    near = nearest(given.rpartition(": ")[2].strip("'"), [word.strip(" '") for word in choices.split(",")]) if listed else None
    return f"{message}; expected {near!r}" if near else message


_WrongUse: Any = typer.BadParameter.__bases__[0]
"""What is raised for a wrong argument. Typer carries its own copy of click in newer releases and uses the real one in older: this is either."""
