"""`fakebooks parity`: where another QuickBooks answered otherwise than FakeBooks, and what follows of it."""

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
    probe did not come to its end: what the missing cases would have shown is not known.

    Example: fakebooks parity parity.json --out likeness.yaml
    """
    if out is not None:
        writable(out.parent)
    found = compare_file(file)
    likeness = found.likeness()
    if out is not None:
        _write(out, likeness.model_dump(exclude_defaults=True))
    if as_json:
        print(json.dumps(_facts(found), indent=2))
        if not found.complete:
            say(_cut(found), ExitCode.INCONCLUSIVE)
    else:
        _show(found)
        _show_next(found, file, out)
    raise typer.Exit(ExitCode.PASS if found.complete else ExitCode.INCONCLUSIVE)


def _write(path: Path, content: Any) -> None:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 140
    half = path.with_name(path.name + ".half")
    try:
        with half.open("w", encoding="utf-8") as file:
            yaml.dump(content, file)
        half.replace(path)
    except OSError as error:
        raise UserMistake(f"cannot write {path}: {error.strerror}", expected="a file that can be written, for --out") from None


def _facts(found: Parity) -> dict[str, Any]:
    return {
        "about": dict(found.about),
        "complete": found.complete,
        "compared": found.compared,
        "differences": [each.__dict__ for each in found.differences],
        "undecided": {switch: list(options) for switch, options in found.undecided.items()},
        "unexplained": [each.__dict__ for each in found.unexplained],
        "unworded": [each.__dict__ for each in found.unworded],
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
    if not found.complete:
        OUT.print(_cut(found), markup=False)
    if found.unknown:
        unknown = clean(", ".join(found.unknown))
        OUT.print(f"passed over, for this FakeBooks does not know them: {unknown}", markup=False, soft_wrap=True)
    if found.differences:
        _show_differences(found)
    if found.unworded:
        _show_unworded(found)


def _cut(found: Parity) -> str:
    return f"the probe did not come to its end: {len(found.missing)} cases are missing"


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
    if not (likeness.switches or sentences or calls):
        OUT.print("nothing follows: FakeBooks is like it as it is")
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
        return f"{switch}: one of {', '.join(map(str, found.undecided[switch]))}, the case cannot tell which"
    return "unexplained: no switch makes FakeBooks answer so" if is_open else "explained by the other switches here"


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
