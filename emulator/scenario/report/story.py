"""A story that is over: what every report is made from."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.core.exits import ExitCode
from emulator.core.journal import Row
from emulator.core.switches import SwitchSettings
from emulator.scenario.evidence import Evidence, moment
from emulator.scenario.report.choices import Choices, choices_of
from emulator.scenario.verdict import Finding, Verdict, exit_code, worst


@dataclass(frozen=True)
class FaultTime:
    """One fault of a story, as the journal tells of it.

    Attributes:
        name: what it was called.
        of: its kind.
        point: where it waited.
        on: the row that began it.
        off: the row that ended it, None when none did.
        hits: the numbers of the rows in which it struck.
    """

    name: str
    of: str
    point: str
    on: Row
    off: Row | None
    hits: tuple[int, ...]


@dataclass(frozen=True)
class Story:
    """What a report shows.

    Attributes:
        scenario: its name.
        file: its file as the user gave it; the line to repeat the run names it.
        seed: the seed of all chance.
        evidence: journal, books, settings.
        findings: what the checks found.
        about: one sentence of the file.
        timezone: time zone people in the story live in (IANA name); reports show its time.
        took_s: seconds of the machine's time that the run took.
        clock: `virtual` or `real`.
        switches: the switches that were in force; None where a report need not tell of them.
    """

    scenario: str
    file: str
    seed: int
    evidence: Evidence
    findings: Sequence[Finding]
    about: str = ""
    timezone: str = "UTC"
    took_s: float = 0.0
    clock: str = "virtual"
    switches: SwitchSettings | None = None

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code."""
        return exit_code(self.findings)

    @cached_property
    def choices(self) -> Choices:
        """Return the switches that the verdict rests on."""
        return choices_of(self.switches)

    @property
    def repeat_line(self) -> str:
        """Return the command that repeats the run."""
        words = ["fakebooks", "run", self.file, "--seed", str(self.seed)]
        if self.clock != "virtual":
            words += ["--clock", self.clock]
        return shlex.join(words)

    def local(self, row: Row) -> datetime:
        """Return the moment of a row on the clocks of the people in the story."""
        return moment(row).astimezone(self._zone)

    @cached_property
    def _zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            # A machine without time zone data still gets its report; every time carries the zone's name.
            return UTC

    @cached_property
    def faults(self) -> list[FaultTime]:
        """Return the faults, in the order they were put into force."""
        ends = {str(row["fault"]): row for row in self.evidence.of("fault-off")}
        hits: dict[str, list[int]] = {}
        for row in self.evidence.of("fault-hit"):
            hits.setdefault(str(row["fault"]), []).append(int(row["n"]))
        return [
            FaultTime(
                str(row["fault"]),
                str(row.get("of", row["fault"])),
                str(row.get("point", "")),
                row,
                ends.get(str(row["fault"])),
                tuple(hits.get(str(row["fault"]), ())),
            )
            for row in self.evidence.of("fault-on")
        ]
