"""`fakebooks probe`: the behaviour suite, played to the request processor that is there; it imports no more than that needs."""

import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit

import typer

from emulator import client
from emulator.cli.console import OUT
from emulator.cli.shared import SAMPLE_COMPANY
from emulator.com.exec import ENVIRONMENT_VARIABLE, environment, quickbooks_for_programs, run_program
from emulator.com.probe.ending import shown
from emulator.com.probe.packing import pack as packed
from emulator.com.probe.program import groups
from emulator.core.errors import UserMistake, unknown

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def probe(
    out: Annotated[
        str, typer.Option(help="The parity file to write; one that is there is replaced at the end.", metavar="FILE")
    ] = "parity.json",
    server: Annotated[
        str,
        typer.Option(
            help="The address that `fakebooks exec` gives its programs (FAKEBOOKS_COM), of another FakeBooks.", metavar="URL"
        ),
    ] = "",
    only: Annotated[str, typer.Option(help="Play the cases of one group.", metavar="GROUP")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Go on with a company file that is no sample company.")] = False,
    pack: Annotated[
        str,
        typer.Option(
            help="Play nothing: write the probe as one file that runs on Windows with Python and pywin32.", metavar="FILE"
        ),
    ] = "",
) -> None:
    """Play the behaviour suite to the QuickBooks that is there, and write down what each case answered, with texts and times.

    On a Windows machine that is the real QuickBooks, through pywin32: open a sample company first. Under `fakebooks exec` it is ours, and
    where there is none at all one with the sample company is started. The probe works on records that it made itself, whose names begin
    with the name of the run, and removes what a program can remove. `fakebooks parity FILE` compares the file. Ends with 3 when QuickBooks
    let no program in any more, for good or for a while; what was answered before is in the file, and after an interruption as well.

    Example: fakebooks probe --out parity.json
    """
    if pack:
        packed(pack)
        OUT.print(f"written: {pack}; run it on Windows as: python {pack} --out parity.json", markup=False, soft_wrap=True)
        return
    if only and only not in groups():
        raise unknown("group of cases", only, groups())
    options = ["--out", out, *(["--only", only] if only else []), *(["--yes"] if yes else [])]
    command = [sys.executable, "-m", "emulator.com.probe", *options]
    if server:
        raise typer.Exit(run_program(command, environment(_address(server), os.environ)))
    if find_spec("win32com") is not None:
        raise typer.Exit(run_program(command, os.environ))
    up = _wire_of_running()
    reach = f"fakebooks probe --server {up} probes it, when its Admin lets the probe in"
    here = f"a FakeBooks runs and is left alone ({reach})" if up else "no QuickBooks is here"
    shown(f"{here}: one with the company {SAMPLE_COMPANY} is started")
    with quickbooks_for_programs(SAMPLE_COMPANY) as running:
        code = run_program(command, environment(running.url, os.environ))
    raise typer.Exit(code)


def _wire_of_running() -> str:
    """Return the address of the wire of a `fakebooks up` that runs here; empty when none does, or none that can be asked."""
    running = client.find_running()
    if running is None:
        return ""
    with client.Control(running) as control, suppress(client.ControlFailed):
        if control.ready():
            return control.wire_url()
    return ""


def _address(text: str) -> str:
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "http" or not parts.hostname or not port:
        raise UserMistake(
            f"--server {text!r}",
            expected=f"http://127.0.0.1:PORT, as {ENVIRONMENT_VARIABLE} has it in a program of `fakebooks exec`",
        )
    return text
