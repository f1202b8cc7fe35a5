"""The report in a terminal: verdict table, timeline, and a progress line for long runs (rich).

The timeline tells a day on a screen: rows in which nothing unusual happens are folded into one line of counts, everything else keeps its row.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from emulator.core.journal import Row
from emulator.core.showing import clean
from emulator.scenario.checks import CHECKS
from emulator.scenario.report.story import Story
from emulator.scenario.report.words import is_routine, sentence
from emulator.scenario.verdict import Finding, Verdict


def print_story(console: Console, story: Story, *, timeline: bool = True) -> None:
    """Print the whole report: timeline (unless told not to), verdict table, the line to repeat the run."""
    if timeline:
        print_timeline(console, story)
    print_verdict(console, story)


def print_verdict(console: Console, story: Story) -> None:
    """Print one line for each finding, the first rows that show a violation, and the line that repeats the run."""
    console.print(Text.assemble((f"\n{clean(story.scenario)} ", "bold"), (f"seed {story.seed}  ", "dim"), _light(story.verdict)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    for heading, justify in (
        ("", "left"),
        ("name", "left"),
        ("verdict", "left"),
        ("tested", "right"),
        ("what was found", "left"),
    ):
        table.add_column(heading, justify="right" if justify == "right" else "left", overflow="fold")
    for finding in story.findings:
        table.add_row(
            finding.check, name_of(finding.check), _light(finding.verdict), str(finding.tested), Text(clean(finding.sentence))
        )
    console.print(table)
    for finding in story.findings:
        for row in finding.counterexamples[:COUNTEREXAMPLES_SHOWN]:
            where = f"row {row['n']}" if "n" in row else "the books"
            console.print(Text(f"  {finding.check} {where}: {clean(row['violation'])}\n      {sentence(row)}", style="red"))
    if story.switches is not None:
        console.print(Text(f"  {clean(story.choices.sentence)}", style="dim"))
    if story.verdict is not Verdict.PASS:
        console.print(Text(f"  repeat it: {clean(story.repeat_line)}"), soft_wrap=True)


def print_timeline(console: Console, story: Story, *, folded: bool = True) -> None:
    """Print the timeline: time, who, what.

    Args:
        console: where to.
        story: the story.
        folded: fold runs of rows in which nothing unusual happens.
    """
    violated = {row["n"] for finding in story.findings for row in finding.counterexamples if "n" in row}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    day = ""
    for run in _runs(story.evidence.rows, violated, folded):
        first = story.local(run.first)
        if first.strftime("%A %d %B %Y") != day:
            day = first.strftime("%A %d %B %Y")
            table.add_row("", "", Text(f"{day} ({first.strftime('%Z')})", style="bold"))
        at = first.strftime("%H:%M:%S")
        if run.rows == 1:
            table.add_row(at, *_told(run.first, run.first["n"] in violated))
        else:
            table.add_row(at, "", Text(f"… {summary(run)}", style="dim"))
    console.print(table)


@dataclass
class Run:
    """Rows that are told in one line: the first of them, how many there are, and the counts worth telling.

    Counted are documents by what became of them, and rows that are not ordinary by their kind. The rows themselves are not kept: a quiet
    night may have very many.
    """

    first: Row
    rows: int = 0
    counted: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Count a row, the first one too."""
        self.rows += 1
        kind = str(row["kind"])
        if kind in SUMMARY_VERBS:
            name = (kind, str(row.get("document", "document")) if kind == "document-accepted" else "")
        elif not is_routine(row):
            name = (kind, "")
        else:
            return
        self.counted[name] = self.counted.get(name, 0) + 1


def summary(run: Run) -> str:
    """Return what a run of rows comes to: `12 invoices accepted, 12 posted (131 rows)`."""
    order = list(SUMMARY_VERBS)
    names = sorted(run.counted, key=lambda name: order.index(name[0]) if name[0] in SUMMARY_VERBS else len(order))
    told = ", ".join(_count_words(kind, noun, run.counted[(kind, noun)]) for kind, noun in names) or "ordinary traffic"
    return clean(f"{told} ({run.rows:,} row{'' if run.rows == 1 else 's'})")


def _count_words(kind: str, noun: str, count: int) -> str:
    verb = SUMMARY_VERBS.get(kind)
    if verb is None:
        return f"{count:,} × {kind.replace('-', ' ')}"
    return f"{count:,} {noun}{'' if count == 1 else 's'} {verb}" if noun else f"{count:,} {verb}"


def name_of(check: str) -> str:
    """Return the two or three words for a check's id."""
    return next((each.name for each in CHECKS if each.id == check), "struck" if check == "faults" else "")


class Progress:
    """The progress line of a long run; on a terminal only, so that a log of CI stays readable.

    Args:
        status: the live line, None where there is no terminal.
    """

    def __init__(self, status: Status | None) -> None:
        self._status = status

    def show(self, story_time: str, rows: int, posted: int, waiting: int) -> None:
        """Show where the story is."""
        if self._status is not None:
            self._status.update(Text(f"{story_time}  {rows:,} rows  {posted:,} posted  {waiting:,} waiting"))


@contextmanager
def progress(console: Console, scenario: str) -> Iterator[Progress]:
    """Show a progress line while the body runs."""
    if not console.is_terminal:
        yield Progress(None)
        return
    with console.status(Text(clean(scenario))) as status:
        yield Progress(status)


def _runs(rows: Sequence[Row], violated: set[int], folded: bool) -> Iterator[Run]:
    """Yield the rows as runs: ordinary rows, and what goes on repeating itself, together; every other row alone."""
    run: Run | None = None
    recent: deque[tuple[str, str]] = deque(maxlen=REPEATS_LOOKED_BACK)
    for row in rows:
        told = (str(row["lane"]), sentence(row))
        repeats = recent.count(told) >= REPEATS_SHOWN
        recent.append(told)
        alone = not folded or row["n"] in violated or not (repeats or is_routine(row))
        # A new hour begins a new line, so that a busy afternoon shows its clock; a night of mere signs of life stays one line.
        if run is not None and (alone or (run.counted and str(run.first["at"])[:13] != str(row["at"])[:13])):
            yield run
            run = None
        run = run or Run(row)
        run.add(row)
        if alone:
            yield run
            run = None
    if run is not None:
        yield run


def _told(row: Row, violated: bool) -> tuple[Text, Text]:
    lane = str(row["lane"])
    style = "bold red" if violated else STYLES.get(str(row["kind"]), "")
    mark = " << violation" if violated else ""
    return Text(lane, style=LANE_STYLES.get(lane, "")), Text(sentence(row) + mark, style=style)


def _light(verdict: Verdict) -> Text:
    return Text(str(verdict), style=VERDICT_STYLES[verdict])


def findings_line(findings: Sequence[Finding]) -> str:
    """Return one line for many findings: `5 pass, 1 fail (I2)`."""
    parts = []
    for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL):
        found = [finding.check for finding in findings if finding.verdict is verdict]
        if found:
            parts.append(f"{len(found)} {verdict}" + ("" if verdict is Verdict.PASS else f" ({', '.join(found)})"))
    return ", ".join(parts) or "nothing was checked"


COUNTEREXAMPLES_SHOWN: Final = 3
"""Per check; the page and summary.json have the rest."""

SUMMARY_VERBS: Final = {
    "document-accepted": "accepted",
    "document-posted": "posted",
    "document-held": "held",
    "committed": "written to the books",
    "balance-told": "balance told",
}
"""Ordinary kinds that a folded run tells of, in this order."""

REPEATS_LOOKED_BACK: Final = 40
REPEATS_SHOWN: Final = 4
"""A sentence that stands this often among the last rows is folded from then on (our choice: four times say that it goes on)."""

VERDICT_STYLES: Final = {Verdict.PASS: "green", Verdict.INCONCLUSIVE: "yellow", Verdict.FAIL: "bold red"}

LANE_STYLES: Final = {
    "platform": "cyan", "network": "blue", "connector": "magenta", "quickbooks": "green", "people": "yellow", "mailbox": "cyan",
    "faults": "red", "harness": "dim",
}  # fmt: skip

STYLES: Final = {
    "fault-on": "red", "fault-hit": "red", "fault-off": "red", "attempt-failed": "yellow", "status-changed": "bold", "answer-lost": "red",
    "answer-withheld": "red", "call-refused": "red", "call-swallowed": "red", "answer-garbled": "red",
    "call-garbled": "red", "login-refused": "yellow", "document-refused": "yellow",
    "internal-error": "red", "step": "bold blue", "mail-received": "bold",
}  # fmt: skip
