"""Write the pages of docs/ that are made from the code: `python scripts/make_docs.py [--check]`.

    docs/SWITCHES.md   every choice made where QuickBooks or the platform's page is unknown
    docs/FAULTS.md     every kind of fault, with its points and parameters
    docs/COMMANDS.md   every command with its arguments
    docs/LIMITS.md     what any input may cost, and what happens beyond

A maintainer runs it after a change of a switch, a fault or a command. With `--check` nothing is written: exit code 1 when a page is not
what the code says (a test runs it so).
"""

import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from emulator.cli import main as cli
from emulator.com import wire
from emulator.connector import door
from emulator.connector.service import ServiceLimits
from emulator.core import files
from emulator.core.exits import ExitCode
from emulator.core.switches import Standing, Switch
from emulator.desktop import EVENTS_MAX, SUBSCRIPTIONS_MAX
from emulator.faults import Kind
from emulator.mailbox import kept
from emulator.platform import transport
from emulator.qbxml.limits import DEPTH_MAX, TEXT_BYTES_MAX, Limits
from emulator.world import FAULT_KINDS, SWITCH_TABLES

DOCS = Path(__file__).resolve().parent.parent / "docs"

MADE = "<!-- Made by scripts/make_docs.py; change the code, then run it. -->"

STANDINGS: dict[Standing, str] = {
    "documented": "read in a source of the maker",
    "observed": "seen in recorded traffic",
    "reported": "told by people who work with it",
    "inferred": "concluded by us from what is known",
    "choice": "ours until somebody measures it",
}

EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.PASS: "pass",
    ExitCode.FAIL: "fail (`ask`: some request is answered with an Error status; `validate`: the document is refused)",
    ExitCode.WRONG_USE: "wrong use, or a bad file",
    ExitCode.INCONCLUSIVE: "inconclusive: a declared fault never struck, or nothing was tested",
    ExitCode.NOT_STARTED: "a part did not start (`ask`: the whole document was refused)",
    ExitCode.LOST: "something acknowledged is lost",
    ExitCode.DUPLICATED_OR_MUTATED: "something stands twice in the books, or altered",
    ExitCode.NOT_DRAINED: "the queue did not drain",
}
"""Those that a command of today can end with."""


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = [path for path, text in pages(DOCS).items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.name} {'is not what the code says: run python scripts/make_docs.py' if arguments else 'is written'}")
        if not arguments:
            path.write_text(pages(DOCS)[path], encoding="utf-8")
    return 1 if arguments and stale else 0


def pages(folder: Path) -> dict[Path, str]:
    """Return every page: its path and its text."""
    made = {
        "SWITCHES.md": switches_page(),
        "FAULTS.md": faults_page(),
        "COMMANDS.md": commands_page(),
        "LIMITS.md": limits_page(),
    }
    return {folder / name: "\n".join([MADE, "", *lines, ""]) for name, lines in made.items()}


# ---- switches -----------------------------------------------------------------------------------------------------------------


def switches_page() -> list[str]:
    """Return the lines of SWITCHES.md."""
    count = sum(map(len, SWITCH_TABLES.values()))
    lines = [
        "# Switches",
        "",
        f"{count} choices that were made where nobody outside knows what QuickBooks (or the platform) does. Each is a named switch with",
        "a default; a scenario sets others under `switches:`. `fakebooks switches` prints the same.",
        "",
        "How well a default is known to be what the real one does:",
        "",
        *(f"- *{standing}*: {meaning}" for standing, meaning in STANDINGS.items()),
    ]
    for room, table in SWITCH_TABLES.items():
        if table:
            head = ("switch", "default", "choices", "standing", "what it decides", "source")
            lines += ["", f"## {room}", "", *_table(head, map(_switch_row, table))]
    return lines


def _switch_row(switch: Switch) -> tuple[str, ...]:
    choices = ", ".join(f"`{_setting(choice)}`" for choice in switch.choices) or f"any {_TYPE_WORDS[type(switch.default)]}"
    if switch.least:
        choices += f" of at least {switch.least}"
    return (f"`{switch.name}`", f"`{_setting(switch.default)}`", choices, switch.standing, switch.about, switch.source)


def _setting(setting: bool | int | float | str) -> str:
    """Return a setting as it is written in a scenario file."""
    return str(setting).lower() if isinstance(setting, bool) else str(setting)


_TYPE_WORDS = {int: "whole number", str: "text", bool: "true or false"}


# ---- faults -------------------------------------------------------------------------------------------------------------------


def faults_page() -> list[str]:
    """Return the lines of FAULTS.md."""
    count = sum(map(len, FAULT_KINDS.values()))
    lines = [
        "# Faults",
        "",
        f"{count} kinds of things that go wrong, by the part that does them. A scenario asks for one with `inject:`; `fakebooks faults` prints the",
        "same. Each row of the journal that a fault touched names it, and a declared fault that never strikes makes a story inconclusive.",
    ]
    for part, kinds in FAULT_KINDS.items():
        lines += ["", f"## {part}"]
        for kind in kinds:
            lines += ["", *_fault(kind)]
    return lines


def _fault(kind: Kind) -> list[str]:
    lines = [
        f"### {kind.name} ({kind.id})",
        "",
        kind.about,
        "",
        f"- a correct connector (or platform): {kind.correct}",
        f"- reconnecting by the book cures it: {'yes' if kind.cured_by_reconnect else 'no'}",
        f"- points: {', '.join(f'`{point}`' for point in kind.points)}",
    ]
    rows = [
        (
            f"`{name}`",
            f"`{_setting(parameter.default)}`" if parameter.default != "" else "",
            _choices(parameter.choices),
            parameter.about,
        )
        for name, parameter in kind.parameters.items()
    ]
    return [*lines, "", *_table(("parameter", "default", "choices", "what it sets"), rows)] if rows else lines


def _choices(choices: Iterable[Any]) -> str:
    return ", ".join(f"`{_setting(choice)}`" for choice in choices)


# ---- limits -------------------------------------------------------------------------------------------------------------------


def limits_page() -> list[str]:
    """Return the lines of LIMITS.md, from the constants that are in force."""
    refused = "refused with 0x80040400; the diagnosis names the limit"
    document = Limits()
    rows = [
        ("a qbXML document", _bytes(document.document_bytes), refused),
        ("before its root element", f"{document.prolog_characters:,} characters", refused),
        ("its tags", f"{document.tags:,}", refused),
        ("its requests", f"{document.requests:,}", refused),
        ("its nesting", f"{DEPTH_MAX:,} deep", refused),
        ("one text or attribute in it", _bytes(TEXT_BYTES_MAX), refused),
        ("a requestID", f"{document.request_id_characters} characters", "the request is answered 1060"),
        ("entities, a DTD, namespaces", "none", refused),
        ("the body of a call on the COM wire", _bytes(wire.BODY_BYTES_MAX), "refused as a document that is too long"),
        ("calls at once on the COM wire", f"{wire.CALLS_MAX}", "0x8001010A, as of a busy server"),
        ("event subscriptions of one machine", f"{SUBSCRIPTIONS_MAX}", "an Add is answered 3180"),
        (
            "events that wait for one subscription",
            f"{EVENTS_MAX:,}",
            "new ones are lost; with TrackLostEvents All the company file keeps since when",
        ),
        ("the body of a call to port 8891", _bytes(door.BODY_BYTES_MAX), "answered 413"),
        ("documents in the connector's hands at once", f"{ServiceLimits.documents_max}", "answered 503, send it again later"),
        ("balances asked at once", f"{ServiceLimits.balances_max}", "answered 503"),
        ("the answer of a connector", _bytes(transport.ANSWER_BYTES_MAX), "a failed attempt"),
        ("a mail", _bytes(kept.MAIL_BYTES_MAX), "the mail server answers 452"),
        ("mails kept", f"{kept.MAILS_MAX:,}", "the mail server answers 452"),
        ("a scenario, company or profile file", _bytes(files.FILE_BYTES_MAX), "refused with its name and size"),
    ]
    lines = [
        "# Limits",
        "",
        "What any input may cost. QuickBooks publishes no such limits; these are ours, so that nothing hangs a world.",
        "",
    ]
    return [*lines, *_table(("what", "at most", "beyond it"), rows)]


def _bytes(count: int) -> str:
    return f"{count / 1024 / 1024:g} MiB" if count % 1024 == 0 else f"{count:,} bytes"


# ---- commands -----------------------------------------------------------------------------------------------------------------


def commands_page() -> list[str]:
    """Return the lines of COMMANDS.md: from the signatures, not from the help as it is laid out, which differs with the terminal."""
    lines = [
        "# Commands",
        "",
        "Every command has `--help`. A mistake gets one line that says what to do, and exit code 2.",
    ]
    for name in cli.COMMANDS:
        lines += ["", *_command(name, cli.command(name))]
    codes = [(str(int(code)), text) for code, text in EXIT_CODES.items()]
    lines += ["", "## Exit codes", "", *_table(("code", "what it says"), codes)]
    return [*lines, "", "`exec` passes on its program's own."]


def _command(name: str, command: Any) -> list[str]:
    lines = _one_command(name, command)
    for inner, each in getattr(command, "commands", {}).items():
        lines += ["", *_command(f"{name} {inner}", each)]
    return lines


def _one_command(name: str, command: Any) -> list[str]:
    text, _, example = inspect.cleandoc(command.callback.__doc__).rpartition("Example: ")
    words = {each: _metavar(each) for each in command.params if not each.opts[0].startswith("-")}
    rows = [
        (f"`{words[each]}`" if each in words else ", ".join(f"`{option}`" for option in each.opts), _default(each), each.help)
        for each in command.params
    ]
    usage = " ".join(["fakebooks", name, "[OPTIONS]", *words.values()])
    table = _table(("argument", "default", "what it is"), rows)
    return [f"## fakebooks {name}", "", f"`{usage}`", "", text.strip(), "", *table, "", "```sh", example.strip(), "```"]


def _metavar(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    return name if parameter.required else f"[{name}]"


def _default(parameter: Any) -> str:
    given = parameter.default
    return "" if given in (None, "", False) or parameter.required else f"`{given}`"


# ---- Markdown -----------------------------------------------------------------------------------------------------------------


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_escaped(" ".join(cell.split())) for cell in cells) + " |"


def _escaped(text: str) -> str:
    """Return text as Markdown shows it in a table; tags outside of code would be taken for HTML."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if position % 2 else part.replace("<", "&lt;") for position, part in enumerate(parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
