"""How much longer a slow call takes: a constant, or drawn from a distribution by the seed, and more for each row of its answer."""

from typing import Final

from emulator.core.chance import Chance
from emulator.faults import Parameter, ParameterValue, Strike
from emulator.faults.kinds import YEAR_S

PRESETS: Final[dict[str, dict[str, ParameterValue]]] = {
    "none": {"distribution": "constant", "seconds": 0.0, "spread": 0.0, "per_row_s": 0.0},
    "typical": {"distribution": "lognormal", "seconds": 0.4, "spread": 0.6, "per_row_s": 0.002},
    "slow": {"distribution": "lognormal", "seconds": 4.0, "spread": 1.0, "per_row_s": 0.01},
}
"""Mixtures with a name. No source measures single calls: that lists of tens of thousands of rows take minutes is reported (documentation of
an integrator), and gives the time of a row; the time of a call is inferred (waits of 30 to 300 s that integrators configure are far above
it). A customer's own figures are in his qbsdklog, which prints the duration of every request."""

_SPREAD: Final = "uniform: half the width, as a part of `seconds`; lognormal: the standard deviation of the logarithm"

PARAMETERS: Final = {
    "seconds": Parameter(
        30.0, "how much longer, in story seconds; the middle of a uniform, the median of a lognormal one", least=0, most=YEAR_S
    ),
    "distribution": Parameter(
        "constant", "how the time is drawn for each call, by the seed", ("constant", "uniform", "lognormal")
    ),
    "spread": Parameter(0.5, _SPREAD, least=0, most=5),
    "per_row_s": Parameter(0.0, "more for each row of the answer, before it leaves, story seconds", least=0, most=YEAR_S),
    "most_s": Parameter(600.0, "longest, story seconds", least=0, most=YEAR_S),
    "preset": Parameter(
        "", "a mixture with a name, in place of the four before (standing: inferred): `typical` 0.4 s, `slow` 4 s", ("", *PRESETS)
    ),
}
"""Parameters of a slow call."""

QUERY_PARAMETERS: Final = {
    "seconds": Parameter(1.0, "for the answer as a whole, story seconds", least=0, most=YEAR_S),
    "per_row_s": Parameter(0.005, "for each row of the answer, story seconds", least=0, most=YEAR_S),
    "most_s": Parameter(3600.0, "longest, story seconds", least=0, most=YEAR_S),
}
"""Parameters of a slow answer."""


def delay_s(strike: Strike, chance: Chance) -> float:
    """Return how much longer a call takes, in story seconds, whatever its answer is; what it draws goes by the number of the strike."""
    given = _given(strike)
    middle_s, spread = float(given["seconds"]), float(given.get("spread", 0.0))
    key = ("slow", strike.fault, strike.number)
    match given.get("distribution", "constant"):
        case "uniform":
            drawn_s = middle_s * (1 + spread * (2 * chance.unit(*key) - 1))
        case "lognormal":
            drawn_s = middle_s * chance.log_normal(spread, *key)
        case _:
            drawn_s = middle_s
    return min(max(drawn_s, 0.0), float(given["most_s"]))


def rows_delay_s(strike: Strike, rows: int) -> float:
    """Return how much longer an answer of so many records takes, in story seconds."""
    given = _given(strike)
    return min(rows * float(given["per_row_s"]), float(given["most_s"]))


def _given(strike: Strike) -> dict[str, ParameterValue]:
    return {**strike.parameters, **PRESETS.get(str(strike.parameters.get("preset", "")), {})}
