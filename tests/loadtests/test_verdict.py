"""The verdict of a load: it must be able to fail."""

import importlib.util
import re
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("load_verdict", Path(__file__).parents[2] / "loadtests" / "verdict.py")
verdict = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verdict)

SENT = {f"run-{number}": {"party": f"Party {number}", "total_cents": 100 * number} for number in range(1, 4)}
BOOKED = [{"key": key, **document} for key, document in SENT.items()]
NOT_OURS = [{"key": "", "party": "Somebody", "total_cents": 5}] * 2


def booked(*keys, **changes):
    return [{**next(record for record in BOOKED if record["key"] == key), **changes} for key in keys]


@pytest.mark.parametrize(
    ("acknowledged", "books", "exit_code", "sentence"),
    [
        (SENT, BOOKED + NOT_OURS, 0, "3 acknowledged, 0 lost, 0 booked twice, 0 altered"),
        # Booked and its answer lost when the load ended: nobody was told anything, nothing is wrong.
        ({}, BOOKED, 3, "nothing was tested"),
        ({}, [], 3, "nothing was tested"),
        (SENT, BOOKED[1:], 10, "1 lost.*run-1"),
        (SENT, [], 10, "3 lost"),
        (SENT, BOOKED + booked("run-2"), 11, "1 booked twice.*run-2"),
        # Twice is twice, even when nobody was told that it stands there once.
        ({}, booked("run-2", "run-2"), 11, "1 booked twice"),
        (SENT, BOOKED[:2] + booked("run-3", total_cents=301), 11, "1 altered.*run-3"),
        (SENT, BOOKED[:2] + booked("run-3", party="Party 1"), 11, "1 altered"),
        # The worst comes first.
        (SENT, booked("run-2", "run-2", "run-3"), 10, "1 lost, 1 booked twice"),
    ],
)
def test_the_verdict(acknowledged, books, exit_code, sentence):
    found = verdict.judge(acknowledged, books)
    assert found.exit_code == exit_code
    assert re.search(sentence, found.sentence)


def test_its_exit_codes_are_those_of_every_command():
    from emulator.core.exits import ExitCode

    assert [int(code) for code in (ExitCode.PASS, ExitCode.INCONCLUSIVE, ExitCode.NOT_STARTED)] == [0, 3, 4]
    assert (verdict.PASS, verdict.INCONCLUSIVE, verdict.NOT_STARTED) == (0, 3, 4)
    assert (verdict.LOST, verdict.DUPLICATED_OR_MUTATED) == (ExitCode.LOST, ExitCode.DUPLICATED_OR_MUTATED)
