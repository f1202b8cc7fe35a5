"""Verdicts: what a check finds, what a whole story comes to, and the exit code that tells it to a shell.

Three values, the worst wins: `fail` over `inconclusive` over `pass`. `inconclusive` is a verdict of its own: a check that had nothing to look
at, or a fault that was declared and never struck, proves nothing, and must not look green (ARCHITECTURE decision 9).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from emulator.core.exits import ExitCode
from emulator.core.journal import Row
from emulator.faults import Plan


class Verdict(StrEnum):
    """What a check says."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of the verdicts; of none at all, inconclusive: nothing was looked at."""
    return max(verdicts, key=_BADNESS.__getitem__, default=Verdict.INCONCLUSIVE)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: id of the invariant (`I1`), or `faults`.
        verdict: pass, fail or inconclusive.
        sentence: one sentence for people: what held, what did not, or why nothing could be told.
        counterexamples: the rows that show a violation, oldest first, each a copy of its journal row (with `n`) and the fact `violation`, one
            sentence. A row that stands only in the books has no `n` and the kind `in-the-books`.
        tested: how many things the check could look at.
    """

    check: str
    verdict: Verdict
    sentence: str
    counterexamples: tuple[Row, ...] = ()
    tested: int = 0

    @property
    def first_row(self) -> int | None:
        """Return the number of the first journal row that shows the violation, None when there is none."""
        return next((int(row["n"]) for row in self.counterexamples if "n" in row), None)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {
            "check": self.check,
            "verdict": str(self.verdict),
            "sentence": self.sentence,
            "tested": self.tested,
            "counterexamples": list(self.counterexamples),
        }


def exit_code(findings: Iterable[Finding]) -> ExitCode:
    """Return the exit code of findings (of one story or of many).

    Damage to the books comes first (lost, then twice or altered), then any other broken promise, then a queue that did not drain (so 12 says that
    nothing worse happened), then inconclusive.
    """
    codes = {_code(finding) for finding in findings} or {ExitCode.INCONCLUSIVE}
    return next(code for code in _GRAVITY if code in codes)


def _code(finding: Finding) -> ExitCode:
    if finding.verdict is Verdict.FAIL:
        return FAIL_CODES.get(finding.check, ExitCode.FAIL)
    return ExitCode.PASS if finding.verdict is Verdict.PASS else ExitCode.INCONCLUSIVE


def declared_faults(plan: Plan) -> Finding:
    """Judge whether every declared fault struck: one that never did makes a story inconclusive, unless its file says `expect_hits: any`."""
    declared = [fault for fault in plan.faults() if not fault.absent]
    return judge_faults({fault.name: fault.hits for fault in declared}, [fault.name for fault in plan.unfired()])


def judge_faults(hits: Mapping[str, int], unfired: Iterable[str]) -> Finding:
    """Judge an account of faults.

    Args:
        hits: every declared fault, and how often it struck.
        unfired: those that should have struck and never did.
    """
    missing = list(unfired)
    if missing:
        names = ", ".join(missing)
        sentence = f"declared but never struck: {names}; what the story was to show was not shown"
        return Finding("faults", Verdict.INCONCLUSIVE, sentence, tested=len(hits))
    if not hits:
        return Finding("faults", Verdict.PASS, "the story declares no fault", tested=0)
    return Finding("faults", Verdict.PASS, f"every declared fault struck ({sum(hits.values())} hits)", tested=len(hits))


@dataclass
class Violations:
    """Collects what a check finds wrong, and what it could look at; then says what it comes to.

    Attributes:
        check: id of the invariant.
        tested: how many things were looked at.
    """

    check: str
    tested: int = 0
    _found: list[Row] = field(default_factory=list)

    def add(self, row: Row, sentence: str) -> None:
        """Add a violation: the row that shows it, and what is wrong in one sentence."""
        self._found.append({**row, "violation": sentence})

    def finding(self, passed: str, nothing: str) -> Finding:
        """Return the finding: fail when anything was added, inconclusive when nothing was tested, else pass.

        Args:
            passed: the sentence when all is well.
            nothing: the sentence when there was nothing to look at.
        """
        if self._found:
            found = sorted(self._found, key=lambda row: int(row.get("n", _LAST)))
            more = len(found) - 1
            sentence = str(found[0]["violation"]) + (f" (and {more} more)" if more else "")
            return Finding(self.check, Verdict.FAIL, sentence, tuple(found[:COUNTEREXAMPLES_MAX]), max(self.tested, len(found)))
        if not self.tested:
            return Finding(self.check, Verdict.INCONCLUSIVE, nothing)
        return Finding(self.check, Verdict.PASS, passed, tested=self.tested)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 document`, `2 documents`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


COUNTEREXAMPLES_MAX: Final = 25
"""Violations kept per check (our choice: the first ones lead to the cause; thousands of them make a report unreadable)."""

_LAST: Final = 2**62
"""Where a row without a number sorts: the books are read when the story is over."""

_BADNESS: Final = {Verdict.PASS: 0, Verdict.INCONCLUSIVE: 1, Verdict.FAIL: 2}

FAIL_CODES: Final = {
    "I1": ExitCode.LOST,
    "I2": ExitCode.DUPLICATED_OR_MUTATED,
    "I4": ExitCode.DUPLICATED_OR_MUTATED,
    "I22": ExitCode.DUPLICATED_OR_MUTATED,
    "I11": ExitCode.NOT_DRAINED,
}
"""Which failed checks have an exit code of their own; every other one is 1."""

_GRAVITY: Final = (
    ExitCode.LOST,
    ExitCode.DUPLICATED_OR_MUTATED,
    ExitCode.FAIL,
    ExitCode.NOT_DRAINED,
    ExitCode.INCONCLUSIVE,
    ExitCode.PASS,
)
