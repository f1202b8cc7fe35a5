"""The worst wins, and one table of exit codes."""

import itertools

import pytest

from emulator.core.exits import ExitCode
from emulator.scenario.verdict import COUNTEREXAMPLES_MAX, Finding, Verdict, Violations, exit_code, judge_faults, worst

ORDER = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]


@pytest.mark.parametrize("verdicts", list(itertools.product(ORDER, repeat=3)))
def test_the_worst_wins(verdicts):
    assert worst(verdicts) is max(verdicts, key=ORDER.index)


def test_of_nothing_nothing_is_known():
    assert worst([]) is Verdict.INCONCLUSIVE
    assert exit_code([]) is ExitCode.INCONCLUSIVE


def finding(check, verdict):
    return Finding(check, verdict, "a sentence")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([finding("I1", Verdict.PASS)], 0),
        ([finding("I5", Verdict.FAIL)], 1),
        ([finding("I1", Verdict.PASS), finding("I5", Verdict.INCONCLUSIVE)], 3),
        ([finding("I1", Verdict.FAIL), finding("I2", Verdict.FAIL)], 10),
        ([finding("I2", Verdict.FAIL), finding("I11", Verdict.FAIL)], 11),
        ([finding("I22", Verdict.FAIL)], 11),
        ([finding("I11", Verdict.FAIL), finding("I3", Verdict.INCONCLUSIVE)], 12),
        ([finding("I11", Verdict.FAIL), finding("I3", Verdict.FAIL)], 1),
    ],
)
def test_exit_codes(findings, code):
    assert exit_code(findings) == code
    assert exit_code(reversed(findings)) == code


def test_a_fault_that_never_struck_is_inconclusive():
    told = judge_faults({"drop": 3, "lost": 0}, ["lost"])
    assert told.verdict is Verdict.INCONCLUSIVE
    assert "lost" in told.sentence
    assert judge_faults({"drop": 3, "lost": 0}, []).verdict is Verdict.PASS
    assert judge_faults({}, []).verdict is Verdict.PASS


def test_violations_are_told_oldest_first_and_are_limited():
    wrong = Violations("I1")
    wrong.add({"kind": "in-the-books"}, "in the books")
    for number in range(COUNTEREXAMPLES_MAX + 5, 0, -1):
        wrong.add({"n": number}, f"row {number}")
    told = wrong.finding("fine", "nothing")
    assert told.sentence.startswith("row 1 (and")
    assert told.first_row == 1
    assert len(told.counterexamples) == COUNTEREXAMPLES_MAX
