"""`fakebooks run`: tell stories, judge them from the books, leave the artefacts."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from emulator.cli.console import ERR, OUT
from emulator.cli.shared import LikeOption, address_of, writable
from emulator.com.likeness import load_likeness
from emulator.core.errors import UserMistake, nearest
from emulator.core.transport import PORT
from emulator.scenario.model import load_scenario
from emulator.scenario.report import artefacts, terminal
from emulator.scenario.run import run_file
from emulator.scenario.verdict import exit_code

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class ClockName(StrEnum):
    """Which clock a story runs on."""

    VIRTUAL = "virtual"
    REAL = "real"


@app.command()
def run(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.", metavar="PATH...")],
    clock: Annotated[ClockName, typer.Option(help="virtual: time jumps; real: sockets and processes.")] = ClockName.VIRTUAL,
    seed: Annotated[int | None, typer.Option(help="Instead of the seed in the file.", min=0, max=2**63 - 1)] = None,
    out: Annotated[Path, typer.Option(help="Folder for the artefacts.")] = Path("out"),
    listen: Annotated[str, typer.Option(help="HOST:PORT of the fault proxy on the real clock.")] = f"127.0.0.1:{PORT}",
    like: LikeOption = None,
    quiet: Annotated[bool, typer.Option(help="No timeline, only the verdicts.")] = False,
) -> None:
    """Run scenarios and judge them from the books.

    Example: fakebooks run scenarios/demo/lost_answer_day.yaml --clock virtual --seed 7
    """
    address = address_of(listen)
    if like is not None:
        load_likeness(like)
    files = scenario_files(paths)
    writable(out)
    if (out / "junit.xml").is_dir():
        raise UserMistake(f"{out / 'junit.xml'} is a folder", expected="a file that can be written, for --out")
    stories = []
    for path in files:
        folder = out / load_scenario(path, clock.value).scenario
        writable(folder)
        with _Steps(path, quiet) as steps:
            story = run_file(path, clock=clock.value, seed=seed, folder=folder, listen=address, progress=steps.show, like=like)
        artefacts.write_story(story, folder)
        terminal.print_story(OUT, story, timeline=not quiet)
        stories.append(story)
    junit = artefacts.write_junit(stories, out)
    folders = ", ".join(str(out / story.scenario) for story in stories)
    OUT.print(f"artefacts: {junit}, {folders}/ (timeline.html, journal.jsonl, mail/)", markup=False, soft_wrap=True)
    raise typer.Exit(exit_code(finding for story in stories for finding in story.findings))


class _Steps:
    """Shows where a run is: a live line in a terminal, a line a step elsewhere, or nothing there when it is to be quiet."""

    def __init__(self, path: Path, quiet: bool) -> None:
        self._path = path
        self._quiet = quiet
        self._status = ERR.status(f"{path}") if ERR.is_terminal else None

    def __enter__(self) -> "_Steps":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, sentence: str, at: datetime) -> None:
        """Show the step that begins."""
        text = f"{self._path.stem}  {at:%a %H:%M:%S}  {sentence}"
        if self._status is not None:
            self._status.update(Text(text))
        elif not self._quiet:
            ERR.print(text, markup=False, soft_wrap=True, style="dim")


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario files that paths mean: files as they are, folders for every *.yaml below them, in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.yaml"))
        elif path.exists():
            found.append(path)
        else:
            known = [str(each) for each in Path("scenarios").rglob("*.yaml")]
            near = nearest(str(path), known)
            raise UserMistake(f"there is no {path}", expected=f"{near!r}" if near else "a scenario file, or a folder of them")
    if not found:
        raise UserMistake(f"no scenario in {', '.join(map(str, paths))}", expected="at least one .yaml file")
    return found
