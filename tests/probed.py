"""What a parity file tells, for tests: the ground was made, on a day in March."""

from functools import cache

from emulator.com.ours import RUN, answers
from emulator.com.probe.writing import GROUND, Case


@cache
def the_ground():
    """Return what our own side answers to the ground."""
    return tuple(answers({"ground": Case("ground", GROUND)}, ground=[])["ground"])


def told(cases, **changes):
    """Return what a parity file of these answers tells."""
    return {
        "complete": True,
        "made": "2026-03-02T14:00:00",
        "run": RUN,
        "about": {"library": "16.0"},
        "ground": list(the_ground()),
        "cases": cases,
        "left out": {},
        **changes,
    }
