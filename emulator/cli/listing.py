"""`fakebooks switches` and `fakebooks faults`: what there is, from the code's own tables."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.console import OUT
from emulator.core.errors import UserMistake, nearest
from emulator.world import SWITCH_TABLES, catalogue

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def switches(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List every choice made where QuickBooks is unknown: name, default, standing, source.

    Example: fakebooks switches --json
    """
    rows = [
        {
            **asdict(switch),
            "choices": list(switch.choices),
            "least": switch.least if type(switch.default) is int and not switch.choices else None,
            "room": room,
        }
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
    rows = catalogue()
    if name:
        found = [row for row in rows if name.casefold() in (row["name"], row["id"].casefold())]
        if not found:
            near = nearest(name, [row["name"] for row in rows])
            raise UserMistake(f"there is no fault {name!r}", expected=f"{near!r}" if near else "a name from `fakebooks faults`")
        rows = found
    if as_json:
        print(json.dumps(rows, indent=2))
    elif name:
        _show_fault(rows[0])
    else:
        columns = ("fault", "id", "what it does", "a correct connector", "reconnect cures")
        table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for row in rows:
            table.add_row(row["name"], row["id"], Text(row["about"]), Text(row["correct"]), _yes(row["cured_by_reconnect"]))
        OUT.print(table)


def _show_fault(row: dict[str, Any]) -> None:
    """Print everything that is known of one fault."""
    lines = [
        f"{row['name']} ({row['id']}), {row['part']}{', lasts until it is lifted' if row['lasting'] else ''}",
        f"  {row['about']}",
        f"  a correct connector (or platform): {row['correct']}",
        f"  reconnecting by the book cures it: {_yes(row['cured_by_reconnect'])}",
        f"  points: {', '.join(row['points'])}",
        f"  where: {', '.join(row['where']) or 'nothing can be asked of the call'}",
    ]
    for label, words in (("takes effect only with", row["needs"]), ("sets", row["sets"]), ("ends the call at", row["ends_call"])):
        lines += [f"  {label}: {', '.join(words)}"] if words else []
    lines += [f"  `byte` sets: {row['byte']}"] if row["byte"] else []
    for parameter, about in row["parameters"].items():
        choices = f"  [{' | '.join(str(choice) or repr(choice) for choice in about['choices'])}]" if about["choices"] else ""
        lines.append(f"  {parameter} = {about['default']!r}: {about['about']}{choices}")
    for line in lines:
        OUT.print(line, markup=False, soft_wrap=True)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
