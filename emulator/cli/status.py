"""`fakebooks status`: what support staff would ask for of a running FakeBooks."""

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.calling import ServerOption, control_of
from emulator.cli.shared import OUT

app = typer.Typer(add_completion=False, rich_markup_mode=None)

TRAITS: Final = {
    "left_over_process": "a left-over process",
    "second_quickbooks": "hidden second QuickBooks: {}",
    "windows_session": "in Windows session {}",
    "asks_at_start": "asks at its start: {}",
    "calls_in_line": "{} calls in line",
}
"""What is worth a word when a machine has it, and the word."""


@app.command()
def status(
    server: ServerOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the state of a running `fakebooks up`: mode, file, who is logged in where, seats, dialogs, sessions, machines, faults in force.

    Example: fakebooks status --json
    """
    with control_of(server) as control:
        told = control.status()
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    quickbooks = told["quickbooks"]
    seats = quickbooks["seats"]
    taken = f" by {', '.join(seats['taken_by'])}" if seats["taken_by"] else ""
    _print_rows(
        (),
        [
            ("story time", told["story_time"]),
            ("company file", f"{quickbooks['file']} (QuickBooks {quickbooks['version']})"),
            ("mode", quickbooks["mode"] + (f", held by {quickbooks['under_repair']}" if quickbooks["under_repair"] else "")),
            ("hosting", "on" if quickbooks["hosting"] else "off"),
            ("seats", f"{seats['all'] - seats['free']} of {seats['all']} used{taken}"),
            ("platform", f"{told['platform']['status']}, {_counts(told['platform']['documents'])}"),
        ],
    )
    _print_rows(
        ("user", "role", "machine", "mode", "since", ""),
        [
            (each["user"], each["role"], each["machine"], each["mode"], each["since"] or "", "ghost" if each["ghost"] else "")
            for each in quickbooks["logged_in"]
        ],
        "nobody is logged in",
    )
    machines = quickbooks["machines"]
    _print_rows(
        ("machine", "QuickBooks", "window or prompt", ""),
        [(name, f"{each['version']}, {each['state']}", _asks(each), _traits(each)) for name, each in machines.items()],
    )
    _print_rows(
        ("application", "machine", "user", "file mode asked", "since"),
        [
            (session["application"], name, session["user"], str(session["mode_asked"]), session["since"] or "")
            for name, each in machines.items()
            for session in each["sessions"]
        ],
        "no application has a session",
    )
    _print_rows(
        ("fault", "of", "hits", "since", "until"),
        [(each["name"], each["of"], str(each["hits"]), each["since"], each["until"] or "lifted") for each in told["faults"]],
        "no fault is in force",
    )


def _print_rows(heads: tuple[str, ...], rows: list[tuple[str, ...]], none: str = "") -> None:
    """Print a table, or the sentence that says there is none. Long texts are folded, never cut."""
    if not rows:
        OUT.print(f"\n{none}", markup=False)
        return
    table = Table(*heads, box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(heads))
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    if heads:
        OUT.print()
    OUT.print(table)


def _asks(machine: dict[str, Any]) -> str:
    asked = f"{machine['prompt']} asks for access" if machine["prompt"] else ""
    return "; ".join(each for each in (machine["dialog"] or "", asked) if each)


def _traits(machine: dict[str, Any]) -> str:
    words = [] if machine["reaches_host"] else ["does not reach the file host"]
    for name, word in TRAITS.items():
        value = machine[name]
        if value:
            words.append(word.format(", ".join(value) if isinstance(value, list) else value))
    return "; ".join(words)


def _counts(documents: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in documents.items() if count) or "no documents"
