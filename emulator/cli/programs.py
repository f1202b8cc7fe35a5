"""`fakebooks exec`: a program written for Windows, with a QuickBooks of its own. It imports no more than that needs: the program waits."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from emulator.cli.shared import SAMPLE_COMPANY
from emulator.com.exec import environment, quickbooks_for_programs, run_program

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
) -> None:
    """Run a program written for Windows with pywin32, unmodified, against a QuickBooks of its own.

    The sample company is open, by user Goflow, and the program is authorised. Its exit code is passed on.

    Example: fakebooks exec --mode multi -- python my_connector.py
    """
    with quickbooks_for_programs(company, mode=mode.value) as running:
        code = run_program(command, environment(running.url, os.environ))
    raise typer.Exit(code)
