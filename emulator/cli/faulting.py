"""`fakebooks fault`: put faults into force in a running FakeBooks, fire those that are armed by hand, list them, lift them."""

import json
from typing import Annotated, Any

import typer

from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import OUT
from emulator.cli.fields import fields_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)
fault = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(fault, name="fault")

Name = Annotated[str, typer.Argument(help="What the fault is called: as it was named, or the name of its kind.", metavar="NAME")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@fault.callback()
def fault_commands() -> None:
    """Put faults into force in a running `fakebooks up`, list them with their hits, fire those that are armed by hand, lift them.

    What faults there are: `fakebooks faults`.

    Example: fakebooks fault add crash where.request=InvoiceAddRq when.nth=2
    """


@fault.command()
def add(
    kind: Annotated[str, typer.Argument(help="A fault: its name or its id in the catalogue.", metavar="FAULT")],
    words: Annotated[
        list[str] | None, typer.Argument(help="The other fields of a fault, as in a scenario file.", metavar="FIELD=VALUE ...")
    ] = None,
    server: ServerOption = "",
    as_json: AsJson = False,
) -> None:
    """Put a fault into force at once.

    The fields are those of `inject:` in a scenario file; a dot goes one level down: as, point, where.FACT, when.nth, when.first, when.every,
    when.probability, when.between, when.while.FACT, when.by_hand, when.byte, after, times, for_s, until.at, until.struck, with.PARAMETER.

    Example: fakebooks fault add answer-lost where.request=InvoiceAddRq when.nth=3 times=1 with.how=fails
    """
    with control_of(server) as control:
        told = control.inject({"fault": kind, **fields_of(words or [])})
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        note = f" ({told['note']})" if told["note"] else ""
        OUT.print(f"{told['name']} at {told['point']}: {state_of(told)}{note}", markup=False, soft_wrap=True)


@fault.command("list")
def list_faults(server: ServerOption = "", as_json: AsJson = False) -> None:
    """List the faults that were put into force: how often each struck, could not take effect, and the rows of the journal that tell of it.

    Example: fakebooks fault list --json
    """
    with control_of(server) as control:
        found = control.faults()
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for each in found:
        OUT.print(_line(each), markup=False, soft_wrap=True)
    if not found:
        OUT.print("no fault was put into force")


@fault.command()
def fire(
    name: Name,
    times: Annotated[int, typer.Option(help="How many of the next matching calls it strikes.", min=1)] = 1,
    server: ServerOption = "",
) -> None:
    """Let a fault that is armed by hand (when.by_hand=true) strike.

    Example: fakebooks fault fire crash
    """
    with control_of(server) as control:
        told = control.fire(name, times)
    state = "has begun" if told["in_force"] and not told["fired"] else f"strikes the next {told['fired']} matching calls"
    OUT.print(f"{name} {state}", markup=False, soft_wrap=True)


@fault.command()
def clear(
    name: Annotated[str, typer.Argument(help="The fault to lift; without one all are lifted.", metavar="NAME")] = "",
    server: ServerOption = "",
) -> None:
    """Lift a fault, or all: what a lasting one has changed is put back.

    Example: fakebooks fault clear answer-lost
    """
    with control_of(server) as control:
        lifted = control.lift(name) if name else control.lift_all()
    OUT.print(f"lifted: {', '.join(lifted) or 'none was in force'}", markup=False, soft_wrap=True)


def state_of(told: dict[str, Any]) -> str:
    """Return in words whether a fault is over, strikes, or what it waits for."""
    when = told.get("when", {})
    if told["lifted"]:
        return "lifted"
    if told["absent"]:
        return "does nothing, as if there were no fault"
    if told.get("after") and not told["seen"]:
        return f"sleeps until {told['after']} has struck"
    if when.get("by_hand") and not told["fired"] and not (told["lasts"] and told["in_force"]):
        return "armed: fire it"
    if told["lasts"]:
        return "in force" if told["in_force"] else "not begun"
    return "in force"


def until_of(told: dict[str, Any]) -> str:
    """Return in words what ends a fault by itself; when nothing does, it stays until somebody lifts it."""
    ends = [told["ends"][:19].replace("T", " ")] if told["ends"] else []
    ends += [f"{told['until']['struck']} has struck"] if told.get("until", {}).get("struck") else []
    ends += [f"struck {told['times']} times"] if told.get("times") else []
    return " or ".join(ends) or "lifted by hand"


def _line(told: dict[str, Any]) -> str:
    """Return one line about a fault; a table would cut names off on a narrow terminal."""
    of = f" ({told['of']})" if told["of"] != told["name"] else ""
    rows = f", rows {_few(told['rows'])}" if told["rows"] else ""
    missed = f"; {told['missed']} without effect: {told['why_missed']}" if told["missed"] else ""
    fired = f"; fired for {told['fired']} more" if told["fired"] else ""
    until = "" if told["lifted"] else f"; until {until_of(told)}"
    hits = f"{told['hits']} hit{'s' if told['hits'] != 1 else ''}"
    return f"{told['name']}{of} at {told['point']}: {state_of(told)}, {hits}{rows}{missed}{fired}{until}"


def _few(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:ROWS_SHOWN]))
    return shown if len(rows) <= ROWS_SHOWN else f"{shown}, ..."


ROWS_SHOWN = 8
"""Rows of the journal that a line names; `--json` names all."""
