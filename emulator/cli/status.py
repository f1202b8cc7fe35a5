"""`fakebooks status`: what support staff would ask for of a running FakeBooks."""

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import OUT
from emulator.cli.faulting import state_of, until_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)

MODES: Final = {"single": "single-user", "multi": "multi-user", "closed": "closed"}
"""The modes of a company file, as people call them."""

STATES: Final = {
    "closed": "closed",
    "left-over": "closed",
    "starting": "starting",
    "no-file": "open, no company file",
    "file-open": "company file open",
    "without-window": "runs without a window",
    "going-down": "going down",
}
"""What a look at a machine shows, in words."""

TRAITS: Final = {
    "left_over_process": "a left-over process",
    "second_quickbooks": "hidden second QuickBooks: {}",
    "windows_session": "in Windows session {}",
    "asks_at_start": "asks at its start: {}",
    "damage": "installation: {}",
}
"""What is worth a word when a machine has it, and the word."""


@app.command()
def status(
    server: ServerOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the state of a running `fakebooks up`: company files and their mode, who is logged in where, seats, machines, dialogs, sessions,
    calls under way and what they wait for, faults in force.

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
            ("seats", f"{seats['all'] - seats['free']} of {seats['all']} used{taken}"),
            ("hosting", "on" if quickbooks["hosting"] else "off"),
            ("platform", f"{told['platform']['status']}, {_counts(told['platform']['documents'])}"),
        ],
    )
    _print_rows(
        ("company file", "mode", "kept by", ""),
        [
            (each["file"], MODES[each["mode"]], f"QuickBooks {each['version']}", _state_of_file(each))
            for each in quickbooks["files"]
        ],
    )
    _print_rows(
        ("user", "role", "machine", "company file", "mode", "since", ""),
        [
            (
                each["user"],
                each["role"],
                each["machine"],
                _name(each["file"]),
                MODES[each["mode"]],
                _time(each["since"]),
                _how(each),
            )
            for each in quickbooks["logged_in"]
        ],
        "nobody is logged in",
    )
    machines = quickbooks["machines"]
    _print_rows(
        ("machine", "QuickBooks", "state", "window or prompt", ""),
        [
            (name, f"{each['edition']} {each['version']}", STATES[each["state"]], _asks(each), _traits(each))
            for name, each in machines.items()
        ],
    )
    _print_rows(
        ("application", "machine", "user", "file mode asked", "since"),
        [
            (session["application"], name, session["user"], _mode_asked(session["mode_asked"]), _time(session["since"]))
            for name, each in machines.items()
            for session in each["sessions"]
        ],
        "no application has a session",
    )
    _print_rows(
        ("call under way", "of", "machine", "since", "waits for", "faults"),
        [
            (_called(call), call["application"], name, _time(call["since"]), call["waits_for"] or "", ", ".join(call["faults"]))
            for name, each in machines.items()
            for call in each["calls"]
        ],
        "no call is under way",
    )
    _print_rows(
        ("fault", "of", "state", "hits", "since", "until"),
        [
            (each["name"], each["of"], state_of(each), str(each["hits"]), _time(each["since"]), until_of(each))
            for each in told["faults"]
        ],
        "no fault is in force",
    )


def _name(path: str) -> str:
    """Return the last part of a path of Windows: the whole stands in the table of company files."""
    return path.rpartition("\\")[2]


def _time(moment: str | None) -> str:
    """Return a moment to the second, without its offset: that of the story time stands above."""
    return "" if moment is None else moment[:19].replace("T", " ")


def _state_of_file(file: dict[str, Any]) -> str:
    words = [f"{file['under_repair']} is working on it: it opens for nobody"] if file["under_repair"] else []
    expired = [user["name"] for user in file["users"] if user["password"] == "expired"]  # noqa: S105 - a state
    return "; ".join(words + ([f"password has expired: {', '.join(expired)}"] if expired else []))


def _how(opening: dict[str, Any]) -> str:
    if opening["ghost"]:
        return "ghost: its QuickBooks has died"
    if opening["unseen"]:
        return "in a second QuickBooks that nobody sees"
    return "for an application" if opening["for_application"] else ""


def _mode_asked(number: int) -> str:
    """Return the file mode of BeginSession as it came, with what it means."""
    return f"{number} ({FILE_MODES.get(number, 'unknown')})"


FILE_MODES: Final = {0: "single-user", 1: "multi-user", 2: "does not care"}


def _called(call: dict[str, Any]) -> str:
    about = " ".join(str(call[name]) for name in ("request", "number", "party") if call.get(name))
    return f"{call['call']} {about}".rstrip()


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
