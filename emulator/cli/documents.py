"""`fakebooks ask` and `fakebooks validate`: one qbXML document, to QuickBooks or to its schema."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from emulator import client, qbxml
from emulator.cli.calling import answers, failure_of, named_server
from emulator.cli.console import ERR, OUT
from emulator.cli.shared import SAMPLE_COMPANY, LikeOption
from emulator.core.clock import RealClock, run_real
from emulator.core.errors import PartFailed, UserMistake
from emulator.core.exits import ExitCode
from emulator.desktop import SessionFailure
from emulator.world import answer_alone

app = typer.Typer(add_completion=False, rich_markup_mode=None)

DOCUMENT_BYTES_MAX = qbxml.Limits().document_bytes
"""What is read of a document, and one byte more: a longer one is refused by qbXML's own limit, in its words."""


def read_document(path: str) -> bytes:
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
        str,
        typer.Option(
            help="A company: a shipped name, a .yaml file, or a company file, of which a copy is asked. Of a running server: its company."
        ),
    ] = "",
    server: Annotated[str, typer.Option(help="URL of the control API of a running FakeBooks (`fakebooks up` prints it).")] = "",
    like: LikeOption = None,
) -> None:
    """Send qbXML to QuickBooks and print the answer.

    A running `fakebooks up` answers; without one, or with --company or --like, a seeded sample company of this call's own. Ends with 1 when
    a request is answered with an Error status, with 4 when the whole document is refused.

    Example: fakebooks ask tests/data/invoice_add.xml --company wholesale_small
    """
    if like is not None and server:
        advice = "a running FakeBooks is given its likeness at its start: fakebooks up --like FILE"
        raise UserMistake("--like is given with --server", expected="one of them", advice=advice)
    content = read_document(document)
    running = named_server(server) if server else (None if company or like else client.find_running())
    if running is not None and (server or answers(running)):
        answer = _ask_server(running, company, content)
    else:
        answer = _ask_own(company or SAMPLE_COMPANY, content, like)
    # An XML document that declares no encoding is UTF-8, whatever the terminal's is.
    sys.stdout.buffer.write((answer if answer.endswith("\n") else answer + "\n").encode())
    sys.stdout.flush()
    severities = {each.status.severity for each in qbxml.decode_answer_set(answer).answers}
    raise typer.Exit(ExitCode.FAIL if "Error" in severities else ExitCode.PASS)


def _ask_server(running: client.Running, company: str, content: bytes) -> str:
    with client.Control(running) as control:
        if not control.ready():
            raise PartFailed(f"no FakeBooks answers at {running.url}; start one with `fakebooks up`")
        try:
            return control.ask(company or str(control.status()["company"]), content)
        except client.ControlFailed as failed:
            if "code" in failed.told:
                _refused(failed.told)
            raise failure_of(failed, running) from None


def _ask_own(company: str, content: bytes, like: Path | None) -> str:
    async def talk() -> str:
        clock = RealClock(datetime.now().astimezone())
        return await answer_alone(company, content, clock, like)

    try:
        return run_real(talk)
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
    content = read_document(document)
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
