"""Times as people write them: a time of day on a wall clock (`18:00`, `18:00:30`), or a moment with its offset from UTC."""

import re
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

TIME_OF_DAY: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
"""A time of day, hours without or with a leading zero."""


def time_or_moment(text: str) -> time | datetime:
    """Return what a text says: a time of day, or an aware moment from 2000 to 2100. Raises ValueError that says what is expected."""
    if match := TIME_OF_DAY.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.groups())
        return time(hour, minute, second)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise ValueError(
            f'{text!r} should be a time of day like "18:00", or a moment with its offset like "2026-11-23T09:30:00-05:00"'
        )
    return moment


def next_time_of_day(wanted: str | time, now: datetime, timezone: tzinfo) -> datetime:
    """Return the next moment (now or later) at which a wall clock in `timezone` shows `wanted`."""
    shown = time_or_moment(wanted) if isinstance(wanted, str) else wanted
    assert isinstance(shown, time), f"{wanted!r} is no time of day"
    local = now.astimezone(timezone)
    moment = local.replace(hour=shown.hour, minute=shown.minute, second=shown.second, microsecond=0)
    if moment < local:
        # By date, not by 24 hours: the day may have 23 or 25.
        moment = (moment.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=timezone)
    return moment


class Window:
    """A window of time: from one time of day to another (over midnight when the second is the earlier one), or from one moment to another.

    The beginning belongs to it, the end does not.

    Args:
        begin, end: both times of day, or both moments.

    Raises:
        ValueError: no times, one of each sort, or a window of no length.
    """

    def __init__(self, begin: str, end: str) -> None:
        self._begin, self._end = time_or_moment(begin), time_or_moment(end)
        if isinstance(self._begin, datetime) != isinstance(self._end, datetime):
            raise ValueError(f"a window is between two times of day or between two moments, not between {begin!r} and {end!r}")
        if self._begin == self._end:
            raise ValueError(f"a window from {begin} to {end} has no length")
        if isinstance(self._begin, datetime) and isinstance(self._end, datetime) and self._end < self._begin:
            raise ValueError(f"a window cannot end ({end}) before it begins ({begin})")

    def holds(self, now: datetime, timezone: tzinfo) -> bool:
        """Return whether a moment lies in it."""
        if isinstance(self._begin, datetime) and isinstance(self._end, datetime):
            return self._begin <= now < self._end
        assert isinstance(self._begin, time)
        assert isinstance(self._end, time)
        shown = now.astimezone(timezone).time()
        if self._begin < self._end:
            return self._begin <= shown < self._end
        return shown >= self._begin or shown < self._end

    def next_change(self, now: datetime, timezone: tzinfo) -> datetime | None:
        """Return the first moment after `now` at which it begins or ends; None when both are past."""
        later = now + timedelta(microseconds=1)
        edges = [
            edge if isinstance(edge, datetime) else next_time_of_day(edge, later, timezone) for edge in (self._begin, self._end)
        ]
        return min((edge for edge in edges if edge > now), default=None)
