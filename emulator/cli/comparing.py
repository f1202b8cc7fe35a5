"""`fakebooks parity`: where another QuickBooks answered otherwise than FakeBooks, and what follows of it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from ruamel.yaml import YAML

from emulator.cli.console import OUT
from emulator.cli.shared import writable
from emulator.com.parity import Difference, Parity, compare_file, slow_faults
from emulator.core.errors import UserMistake

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def parity(
    file: Annotated[str, typer.Argument(help="A parity file, as `fakebooks probe` writes it.", metavar="FILE")],
    out: Annotated[
        Path | None, typer.Option(help="Write switches.yaml, texts.yaml and latency.yaml into this folder.", metavar="FOLDER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show where another QuickBooks answered the cases of the probe otherwise, and the switches that make FakeBooks answer as it did.

    With --out what follows is written: the settings as a scenario's `switches:`, the sentences that were worded otherwise, and the times of
    calls as faults of the kind `slow`.

    Example: fakebooks parity parity.json --out out/parity
    """
    if out is not None:
        writable(out)
    found = compare_file(file)
    if out is not None:
        for name, content in _files(found).items():
            _write(out / name, content)
    if as_json:
        print(json.dumps(_facts(found), indent=2))
        return
    _show(found)
    if out is not None:
        OUT.print(f"written: {', '.join(str(out / name) for name in _files(found))}", markup=False, soft_wrap=True)


def _write(path: Path, content: Any) -> None:
    yaml = YAML()
    yaml.default_flow_style = False
    try:
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(content, file)
    except OSError as error:
        raise UserMistake(
            f"cannot write {path}: {error.strerror}", expected="a folder for --out that files can be written to"
        ) from None


def _files(found: Parity) -> dict[str, Any]:
    return {
        "switches.yaml": {"switches": dict(found.settings)},
        "texts.yaml": {"message_texts": {kind: dict(texts) for kind, texts in found.texts.items()}},
        "latency.yaml": {"steps": [{"inject": fault} for fault in slow_faults(found.latency)]},
    }


def _facts(found: Parity) -> dict[str, Any]:
    return {
        "about": dict(found.about),
        "complete": found.complete,
        "compared": found.compared,
        "differences": [each.__dict__ for each in found.differences],
        "undecided": {switch: list(options) for switch, options in found.undecided.items()},
        "unexplained": [each.__dict__ for each in found.unexplained],
        "unknown": list(found.unknown),
        "missing": list(found.missing),
        **{name.partition(".")[0]: content for name, content in _files(found).items()},
    }


def _show(found: Parity) -> None:
    about = found.about
    OUT.print(
        f"{about.get('product') or 'a QuickBooks'}, library {about.get('library', '?')}, probed {about['made']}: "
        f"{found.compared} cases compared, {len(found.differences)} answered otherwise",
        markup=False,
        soft_wrap=True,
    )
    if not found.complete:
        OUT.print(f"the probe did not come to its end: {len(found.missing)} cases are missing", markup=False)
    if found.unknown:
        OUT.print(f"passed over, for this FakeBooks does not know them: {', '.join(found.unknown)}", markup=False, soft_wrap=True)
    if found.differences:
        _table("cases that were answered otherwise", found.differences)
    if found.settings or found.undecided:
        table = Table(
            "switch", "setting", box=None, pad_edge=False, padding=(0, 2, 0, 0), title="what follows", title_justify="left"
        )
        for switch, setting in found.settings.items():
            table.add_row(switch, Text(str(setting)))
        for switch, options in found.undecided.items():
            table.add_row(switch, Text(f"one of {', '.join(map(str, options))}: the case cannot tell which"))
        OUT.print(table)
    if found.unexplained:
        _table("left over: no switch makes FakeBooks answer so", found.unexplained)
    worded = sum(map(len, found.texts.values()))
    if worded:
        OUT.print(f"{worded} sentences are worded otherwise (--out writes them down)")


def _table(title: str, differences: tuple[Difference, ...]) -> None:
    table = Table(
        "case",
        "step",
        "theirs",
        "ours",
        "switch",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        title=title,
        title_justify="left",
    )
    for each in differences:
        step = f"{each.step} {each.member}"
        table.add_row(Text(each.case), step, Text(_told(each.theirs)), Text(_told(each.ours)), each.switch)
    OUT.print(table)


def _told(reading: Any) -> str:
    """Return a reading in a few words: a code, the statuses, and what was looked at."""
    if reading is None:
        return "nothing"
    if reading[0] == "failed":
        return str(reading[1])
    if len(reading) == 2:
        return str(reading[1]) if reading[1] != "" else "ok"
    looked = "; ".join(f"{name} {', '.join(values)}" for name, *values in reading[2] if values)
    return ", ".join(reading[1]) + (f" ({looked})" if looked else "")
