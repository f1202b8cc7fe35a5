"""Latency: how long the calls of one QuickBooks take, by request. It is the nature of that machine, no fault: nothing is said of it.

    latency: {CustomerQueryRq: {seconds: 0.2, spread: 0.5, per_row_s: 0.002}, BeginSession: {seconds: 1.5}, other: {seconds: 0.1}}

The time of a call is drawn by the seed: log-normal, with `seconds` as its median. `other` stands for every request that is not named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.core.chance import Chance
from emulator.desktop.operations import Operation

if TYPE_CHECKING:
    from emulator.desktop.installation import Installation

BEGIN_SESSION: Final = "BeginSession"
OTHER: Final = "other"

SECONDS_MAX: Final = 3600.0
"""Longest that a call may be said to take, in story seconds (ours)."""


@dataclass(frozen=True)
class Pace:
    """How long one kind of call takes.

    Attributes:
        seconds: the median, in story seconds.
        spread: standard deviation of the logarithm; 0: always the same.
        per_row_s: more for each record of its answer, in story seconds.
    """

    seconds: float = 0.0
    spread: float = 0.0
    per_row_s: float = 0.0


class Latency:
    """The latency of one office's QuickBooks.

    Args:
        paces: by request (`CustomerQueryRq`), `BeginSession`, or `other`.
        chance: draws.
    """

    def __init__(self, paces: Mapping[str, Pace], chance: Chance) -> None:
        self._paces = dict(paces)
        self._chance = chance
        self._calls: dict[str, int] = {}

    def pass_by(self, quickbooks: "Installation", name: str) -> Operation[None]:
        """Let the time of a call pass, before it is carried out. Raises SessionFailure when QuickBooks goes meanwhile."""
        pace = self._pace(name)
        if pace is not None and pace.seconds:
            number = self._calls[name] = self._calls.get(name, 0) + 1
            drawn_s = pace.seconds * self._chance.log_normal(pace.spread, "latency", name, number)
            yield from quickbooks.pass_time(min(drawn_s, SECONDS_MAX))

    def pass_rows(self, quickbooks: "Installation", name: str, rows: int) -> Operation[None]:
        """Let the time of the records of an answer pass. Raises SessionFailure when QuickBooks goes meanwhile."""
        pace = self._pace(name)
        if pace is not None and pace.per_row_s and rows:
            yield from quickbooks.pass_time(min(rows * pace.per_row_s, SECONDS_MAX))

    def _pace(self, name: str) -> Pace | None:
        return self._paces.get(name) or (self._paces.get(OTHER) if name != BEGIN_SESSION else None)
