"""`fakebooks exec`: a program written for Windows, with a QuickBooks of its own. It imports no more than that needs: the program waits."""

import os
from contextlib import ExitStack, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.shared import SAMPLE_COMPANY, LikeOption, say
from emulator.com.exec import ENVIRONMENT_VARIABLE, OURS, STANDIN, environment, quickbooks_for_programs, run_program
from emulator.core.errors import UserMistake

if TYPE_CHECKING:
    from emulator.cli.wine import WindowsPrograms

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class ModeName(StrEnum):
    """The mode a company file is open in."""

    MULTI = "multi"
    SINGLE = "single"


@app.command(name="exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def execute(
    command: Annotated[list[str], typer.Argument(help="The program and its arguments.", metavar="-- CMD...")],
    mode: Annotated[ModeName, typer.Option(help="The mode the company file is open in.")] = ModeName.MULTI,
    company: Annotated[
        str, typer.Option(help="A shipped company, a .yaml file, or a company file, of which a copy is opened.")
    ] = SAMPLE_COMPANY,
    like: LikeOption = None,
    wine: Annotated[
        bool, typer.Option("--wine", help="It is a Windows program: run it under Wine (see `fakebooks wine`).")
    ] = False,
    prefix: Annotated[Path | None, typer.Option(help="The Wine prefix, instead of FakeBooks' own.")] = None,
    show_address: Annotated[
        bool, typer.Option("--show-address", help="Say on standard error how a second program reaches the same QuickBooks.")
    ] = False,
) -> None:
    """Run a program written for Windows, unmodified, against a QuickBooks of its own: one in Python with pywin32, or with --wine any.

    The sample company is open, by user Goflow, and the program is authorised. Its exit code is passed on.

    Example: fakebooks exec --mode multi -- python my_connector.py
    """
    if prefix is not None and not wine:
        raise UserMistake("--prefix is given and --wine is not", expected="both, or none")
    likeness = None
    if like is not None:
        from emulator.com.likeness import load_likeness

        likeness = load_likeness(like)
    windows = _windows(prefix, command) if wine else None
    started = windows.command(command) if windows else command
    with ExitStack() as stack:
        with windows.warm() if windows else nullcontext():
            running = stack.enter_context(quickbooks_for_programs(company, mode=mode.value, like=likeness))
        if show_address:
            for_python = f"one in Python with pywin32 needs PYTHONPATH={STANDIN} too"
            say(f"a second program reaches this QuickBooks with {ENVIRONMENT_VARIABLE}={running.url}; {for_python}", 0)
        variables = windows.environment(running.url) if windows else environment(running.url, os.environ)
        code = run_program(started, variables, stack.enter_context(windows.streams()) if windows else OURS)
    raise typer.Exit(code)


def _windows(prefix: Path | None, command: list[str]) -> "WindowsPrograms":
    from emulator.cli.wine import WindowsPrograms  # a program that runs here does not wait for what Windows programs need

    return WindowsPrograms(prefix, command)
