"""`fakebooks parity`: where another QuickBooks answered otherwise than FakeBooks, and what follows of it."""

import io
import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text
from ruamel.yaml import YAML

from emulator.cli.console import OUT
from emulator.cli.shared import say, writable
from emulator.com.parity import Difference, Parity, compare_file
from emulator.com.probe.replacing import put
from emulator.com.sentences import sentences_of
from emulator.core.errors import UserMistake
from emulator.core.exits import ExitCode
from emulator.core.showing import clean

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_LAYOUT: Final[dict[str, Any]] = {"box": None, "pad_edge": False, "padding": (0, 2, 0, 0)}


@app.command()
def parity(
    file: Annotated[str, typer.Argument(help="A parity file, as `fakebooks probe` writes it.", metavar="FILE")],
    out: Annotated[
        Path | None, typer.Option(help="Write what follows as a likeness, which --like and `like:` take.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show where another QuickBooks answered the cases of the probe otherwise, and what makes FakeBooks behave as it did.

    With --out that is written as a likeness: the switches, the sentences that were worded otherwise, and how long calls took. `fakebooks up`,
    `exec`, `ask` and `run` take it with --like, a scenario as `like: likeness.yaml`, pytest with --fakebooks-like. Ends with 3 when the
    probe did not come to its end, for what the missing cases would have shown is not known, and when nothing could be compared.

    Example: fakebooks parity parity.json --out likeness.yaml
    """
    if out is not None:
        _refuse_own_input(file, out)
        writable(out.parent)
    found = compare_file(file)
    likeness = found.likeness()
    if out is not None and found.compared:
        _write(out, likeness.model_dump(exclude_defaults=True))
    if as_json:
        print(json.dumps(_facts(found), indent=2))
        for line in _warnings(found):
            say(line, ExitCode.INCONCLUSIVE)
    else:
        _show(found)
        _show_next(found, file, out)
    raise typer.Exit(ExitCode.PASS if found.is_conclusive else ExitCode.INCONCLUSIVE)


def _refuse_own_input(file: str, out: Path) -> None:
    """Refuse to write over the parity file itself, by whatever path. Raises UserMistake."""
    try:
        is_same = out.samefile(file)
    except OSError:
        return  # one of them is not there
    if is_same:
        raise UserMistake(f"{out} is the parity file itself", "--out", "another file", "give the likeness a name of its own")


def _write(path: Path, content: Any) -> None:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 140
    text = io.StringIO()
    yaml.dump(content, text)
    try:
        put({path: text.getvalue().encode()})
    except OSError as error:
        raise UserMistake(f"cannot write {path}: {error.strerror}", "--out", "a file that can be written") from None


def _facts(found: Parity) -> dict[str, Any]:
    return {
        "about": dict(found.about),
        "groundless": list(found.groundless),
        "complete": found.complete,
        "compared": found.compared,
        "differences": [each.__dict__ for each in found.differences],
        "undecided": {switch: list(options) for switch, options in found.undecided.items()},
        "unexplained": [each.__dict__ for each in found.unexplained],
        "unworded": [each.__dict__ for each in found.unworded],
        "untimed": list(found.untimed),
        "unknown": list(found.unknown),
        "missing": list(found.missing),
        "likeness": found.likeness().model_dump(mode="json"),
    }


def _show(found: Parity) -> None:
    about = found.about
    OUT.print(
        clean(f"{about.get('product') or 'a QuickBooks'}, library {about.get('library', '?')}, probed {about['made']}: ")
        + f"{found.compared} cases compared, {len(found.differences)} answered otherwise",
        markup=False,
        soft_wrap=True,
    )
    for line in _warnings(found):
        OUT.print(line, markup=False, soft_wrap=True)
    if found.unknown:
        unknown = clean(", ".join(found.unknown))
        OUT.print(f"passed over, for this FakeBooks does not know them: {unknown}", markup=False, soft_wrap=True)
    if found.untimed:
        untimed = clean(", ".join(found.untimed))
        OUT.print(f"left out of the latency, for FakeBooks does not take these requests: {untimed}", markup=False, soft_wrap=True)
    if found.differences:
        _show_differences(found)
    for switch in found.undecided:
        if not any(each.switch == switch for each in found.differences):
            OUT.print(f"not known: {_undecided(found, switch)}", markup=False, soft_wrap=True)
    if found.unworded:
        _show_unworded(found)


def _warnings(found: Parity) -> list[str]:
    """Return why a comparison is inconclusive, or is so in part; nothing when it is not."""
    told = []
    if found.groundless:
        told.append(clean(f"the ground was not made, and no case says anything without it: {'; '.join(found.groundless)}"))
    elif not found.compared:
        told.append("no case was compared: the file has none that FakeBooks knows")
    if not found.complete:
        told.append(f"the probe did not come to its end: {len(found.missing)} cases are missing")
    return told


def _cell(text: str) -> Text:
    """Return a cell that holds a text as it is, but for what a stranger's file may do to a terminal."""
    return Text(clean(text), overflow="fold")


def _show_unworded(found: Parity) -> None:
    table = Table("code", "what it said", "why", "case", **_LAYOUT, title="sentences that are left out", title_justify="left")
    for each in found.unworded:
        table.add_row(*map(_cell, (each.code, each.sentence, each.why, each.case)))
    OUT.print()
    OUT.print(table)


def _show_next(found: Parity, file: str, out: Path | None) -> None:
    """Say what a likeness holds, and the commands that use it; or that there is nothing to be like."""
    likeness = found.likeness()
    sentences, calls = sentences_of(likeness.wording), len(likeness.latency)
    holds = f"{len(likeness.switches)} switches, {sentences} sentences, the latency of {calls} calls"
    OUT.print()
    if not found.compared:
        OUT.print("nothing follows" + (f", and {out} was not written" if out else ""), markup=False, soft_wrap=True)
        return
    unexplained = [each for each in found.unexplained if each.switch not in found.undecided]
    if unexplained:
        OUT.print(f"{len(unexplained)} of the cases that were answered otherwise stay unexplained")
    if not (likeness.switches or sentences or calls):
        why = "" if found.unexplained or found.undecided else ": FakeBooks is like it as it is"
        OUT.print(f"nothing follows{why}" + (f"; {out} says so" if out else ""), markup=False, soft_wrap=True)
    elif out is None:
        OUT.print(f"{holds}: write them down with: fakebooks parity {file} --out likeness.yaml", markup=False, soft_wrap=True)
    else:
        OUT.print(f"written: {out} ({holds}); use it so:", markup=False, soft_wrap=True)
        for line in (
            f"fakebooks exec --like {out} -- python my_connector.py",
            f"fakebooks up --like {out}",
            f"fakebooks run --like {out} scenarios/demo/lost_answer_day.yaml   (or in the scenario: `like: {out}`)",
            f"pytest --fakebooks-like {out}",
        ):
            OUT.print(f"  {line}", markup=False, soft_wrap=True)


def _show_differences(found: Parity) -> None:
    """Show every case that was answered otherwise, and what follows: what no switch explains comes last."""
    open_ones = {each.case for each in found.unexplained}
    table = Table("case", "theirs", "ours", "what follows", **_LAYOUT)
    for each in sorted(found.differences, key=lambda each: each.case in open_ones):
        cells = (each.case, _told(each, each.theirs), _told(each, each.ours), _follows(found, each, each.case in open_ones))
        table.add_row(*map(_cell, cells))
    OUT.print(table)


def _follows(found: Parity, difference: Difference, is_open: bool) -> str:
    switch = difference.switch
    if switch in found.settings:
        return f"{switch}: {found.settings[switch]}" + (", which does not explain all of it" if is_open else "")
    if switch in found.undecided:
        return _undecided(found, switch)
    return "unexplained: no switch makes FakeBooks answer so" if is_open else "explained by the other switches here"


def _undecided(found: Parity, switch: str) -> str:
    options = ", ".join(map(str, found.undecided[switch]))
    if len(found.undecided[switch]) == 1:
        return f"{switch}: {options}, the case goes no further"
    return f"{switch}: one of {options}, the case cannot tell which"


def _told(difference: Difference, reading: Any) -> str:
    """Return a reading in a few words: a code, the statuses, and what was looked at."""
    if reading is None:
        return "no more steps"
    if reading[0] == "failed":
        return f"{difference.member} {reading[1]}"
    if len(reading) == 2:
        return f"{difference.member} {reading[1] if reading[1] != '' else 'ok'}"
    looked = "; ".join(f"{name} {', '.join(values)}" for name, *values in reading[2] if values)
    return ", ".join(reading[1]) + (f" ({looked})" if looked else "")
