"""`fakebooks switches` and `fakebooks faults`: what there is, from the code's own tables."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.shared import OUT
from emulator.core.errors import UserMistake, nearest
from emulator.world import FAULT_KINDS, SWITCH_TABLES

app = typer.Typer(add_completion=False, rich_markup_mode=None)


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
