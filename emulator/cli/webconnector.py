"""`fakebooks webconnector`: the Web Connector in front of a SOAP service: add an application, run its updates, list what was added."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from emulator.cli.applications import LOG_NAME, PASSWORD_VARIABLE, StateOption, default_state, password_from, registry_for
from emulator.cli.calling import ServerOption
from emulator.cli.console import ERR, OUT
from emulator.cli.updating import TrustOption, Updating, settings_of, wire_of, wire_url, with_updating
from emulator.core.clock import RealClock, run_real
from emulator.core.errors import UserMistake
from emulator.core.showing import one_line
from emulator.webconnector import qwc
from emulator.webconnector.adding import look_at_urls, write_file_id
from emulator.webconnector.processor import Processor
from emulator.webconnector.qwc import Application
from emulator.webconnector.qwclog import Log
from emulator.webconnector.registry import EVERY_S_MOST, Entry, Registry
from emulator.webconnector.result import Around, Result
from emulator.webconnector.scheduler import Connector

app = typer.Typer(add_completion=False, rich_markup_mode=None)
webconnector = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(webconnector, name="webconnector")

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
        int | None,
        typer.Option(
            help="Seconds between updates that run by themselves, instead of the .qwc's; 0: none.", min=0, max=EVERY_S_MOST
        ),
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
    password = password_from(password_file)
    for each in application.warnings:
        ERR.tell(f"fakebooks: {file}: {each}")

    async def check() -> None:
        clock = RealClock(datetime.now().astimezone())
        log = Log(clock.now, registry.folder / LOG_NAME)
        around = Around(clock, settings_of(None), log)
        connector = Connector(registry, _nothing, around, trust)
        if look:
            async with connector.service(Entry(application, 0, clock.now())) as service:
                await look_at_urls(application, service, log)
        if running_wire is not None:
            async with wire_of(running_wire) as processor:
                await write_file_id(application, processor, around.settings, log)

    running_wire = wire_url(server)
    run_real(check)
    entry = registry.add(application, password, datetime.now().astimezone(), every_s=every, again=again)
    period = f", runs every {entry.every_s} s" if entry.every_s else ""
    OUT.tell(f"{entry.key} was added{period}")


@webconnector.command()
def remove(
    application: Annotated[str, typer.Argument(help="The application: its AppUniqueName or AppName.", metavar="APPLICATION")],
    state: StateOption = None,
) -> None:
    """Take an application and its password out. Its FileID stays in the company file.

    Example: fakebooks webconnector remove "Order Bridge"
    """
    gone = Registry(state or default_state()).remove(application)
    OUT.tell(f"{gone.key} was removed")


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
        OUT.tell("no application was added; `fakebooks webconnector add FILE.qwc` adds one")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("application", "every", "last run", "next run", "status"):
        table.add_column(name, overflow="fold")
    for each in found:
        every = f"{each.every_s} s" if each.every_s else "-"
        table.add_row(one_line(each.key), every, _moment(each.last_run), _moment(each.next_run), one_line(each.status))
    OUT.print(table, markup=False)


@webconnector.command()
@with_updating
def once(
    updating: Updating,
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
    with registry_for(names, updating.state, password_file) as (registry, keys):
        outcome = updating.run(registry, keys, lambda connector: _once(connector, keys, quiet=as_json))
    if as_json:
        print(json.dumps([_result(each) for each in outcome.results], indent=2))
    else:
        _show(outcome.results)
    raise typer.Exit(outcome.exit_code())


@webconnector.command()
@with_updating
def run(
    updating: Updating,
    updates: Annotated[int | None, typer.Option(help="End after so many updates.", min=1)] = None,
) -> None:
    """Run the updates of all applications as they come due, one after the other, until Ctrl-C.

    Example: fakebooks webconnector run
    """
    registry = Registry(updating.state or default_state())
    by_themselves = [each.key for each in registry.entries() if each.next_run]
    if not by_themselves:
        raise UserMistake(
            "no application runs by itself",
            str(registry.folder),
            "one with a Scheduler in its .qwc, or one that was added with --every",
            "`fakebooks webconnector add FILE.qwc --every 60` adds one; `once` runs any",
        )

    def tell(entry: Entry, result: Result) -> None:
        OUT.tell(f"{_moment(entry.last_run)}  {entry.key}: {_line(result)}; next {_moment(entry.next_run)}")

    async def work(connector: Connector) -> list[Result]:
        await connector.run(tell, updates)
        return []

    raise typer.Exit(updating.run(registry, by_themselves, work).exit_code())


async def _once(connector: Connector, keys: list[str], *, quiet: bool) -> list[Result]:
    results = []
    for key in keys:
        if not quiet:
            ERR.tell(f"{key}: the update begins")
        results.append(await connector.update(key))
    return results


@asynccontextmanager
async def _nothing(application: Application) -> AsyncIterator[Processor]:
    raise AssertionError("adding an application runs no update")
    yield


# ---- what is told ---------------------------------------------------------------------------------------------------------------------------


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
            table.add_row(call.operation, one_line(call.failure or _short(call.answer)))
        OUT.print(table, markup=False)
        OUT.tell(f"{result.application}: {_line(result)}")
        for remark in result.remarks:
            OUT.tell(f"  {remark}")


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
