"""Identity and time of records: ListID, TxnID, TimeCreated, TimeModified, EditSequence, filters on times.

Formats (observed on 369 recorded identities and 873 recorded stamps):

- ListID, TxnID, TxnLineID: `<hex counter>-<unix seconds of creation>`; lists of files made since about 2007 count from 80000001.
- EditSequence: the unix seconds of TimeModified. The grain is one second, so a second change within it keeps the old value.
- TimeCreated, TimeModified: local wall clock of the QuickBooks machine, with the zone's *standard* offset all year
  (switch company.timestamp-offset). Filters expect the same form back, or a local time without an offset.

Unix seconds are what the company file holds; text is made on the way out.
"""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from emulator.core.errors import UserMistake

LIST_COUNTER_START = 0x80000000
"""The first ListID of a list counter is one above (observed: 80000001-...)."""

MODIFIED_MAX = 2_147_483_647
"""The end of the range of From/ToModifiedDate, 2038-01-19T03:14:07 (documented)."""

MODIFIED_MIN_WALL = "1970-01-01T00:00:00"
MODIFIED_MAX_WALL = "2038-01-19T03:14:07"
"""The range of From/ToModifiedDate as it is written in a request, without its offset (documented)."""

CONTACT_ID_LENGTH = 16
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:T(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}))?)?(?P<offset>[+-]\d{1,2}:\d{2})?)?"
)


def numbered_id(counter: int, epoch_s: int) -> str:
    """Return an identity in QuickBooks' form from a counter and unix seconds."""
    return f"{counter:X}-{epoch_s}"


def contact_id(counter: int) -> str:
    """Return the ListID of a contact: sixteen letters and digits such as `0000000000000owb` (observed), read as a number to base 36."""
    text = ""
    while counter:
        counter, digit = divmod(counter, 36)
        text = _DIGITS[digit] + text
    return text.rjust(CONTACT_ID_LENGTH, "0")


class LocalTime:
    """The clock on the wall of the machine that keeps a company file, and how QuickBooks writes it.

    Args:
        zone_name: IANA name such as `America/New_York`.
        offset: `standard` or `correct`, switch company.timestamp-offset.

    Raises:
        UserMistake: there is no such time zone.
    """

    def __init__(self, zone_name: str, offset: str = "standard") -> None:
        try:
            self.zone = ZoneInfo(zone_name)
        except (KeyError, ValueError, OSError):
            raise UserMistake(f"time zone {zone_name!r}", "company.timezone", "an IANA name such as 'America/New_York'") from None
        self._standard = offset == "standard"
        # Answers repeat the same few seconds many times; a formatted stamp costs more than a look-up.
        self.text = lru_cache(maxsize=4096)(self._text)

    def _text(self, epoch_s: int) -> str:
        wall = datetime.fromtimestamp(epoch_s, self.zone)
        if self._standard:
            wall = wall.replace(tzinfo=timezone(self._standard_offset(wall)))
        return wall.isoformat()

    def _standard_offset(self, wall: datetime) -> timedelta:
        # The lower offset of the year: zoneinfo counts the winter of a few zones (Europe/Dublin) as the time that is moved.
        offsets = [wall.replace(month=month, day=1, tzinfo=self.zone).utcoffset() for month in (1, 7)]
        return min(offset for offset in offsets if offset is not None)

    def today(self, epoch_s: int) -> date:
        """Return the local calendar date at a moment."""
        return datetime.fromtimestamp(epoch_s, self.zone).date()

    def within_range(self, text: str) -> bool:
        """Return whether a DATETIMETYPE of a filter lies within its range, by its wall clock as given; a date alone by its start."""
        return MODIFIED_MIN_WALL <= _wall(text) <= MODIFIED_MAX_WALL

    def filter_s(self, text: str, end_of_day: bool = False) -> int:
        """Return unix seconds for a DATETIMETYPE of a filter, those of the nearest end of the range for what lies outside."""
        wall = _wall(text)
        if wall < MODIFIED_MIN_WALL:
            return 0
        return MODIFIED_MAX if wall > MODIFIED_MAX_WALL else min(self.epoch_s(text, end_of_day), MODIFIED_MAX)

    def epoch_s(self, text: str, end_of_day: bool = False) -> int:
        """Return unix seconds for a DATETIMETYPE of a filter.

        A date alone is the start of its day, or its last second when `end_of_day` (documented). A time without offset is local. A
        time with an offset is read the way QuickBooks prints one. The value pass of qbxml has checked the form already.
        """
        match = _MOMENT.fullmatch(text.strip())
        assert match is not None, text
        part = {name: int(value) for name, value in match.groupdict().items() if value is not None and name != "offset"}
        if "hour" not in part and end_of_day:
            part |= {"hour": 23, "minute": 59, "second": 59}
        naive = datetime(**part)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone follows below
        offset = match["offset"]
        if offset is not None:
            sign = -1 if offset[0] == "-" else 1
            hours, minutes = offset[1:].split(":")
            given = timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
            moment = naive.replace(tzinfo=given)
            if not self._standard:
                return int(moment.timestamp())
            # QuickBooks prints wall clock plus standard offset; go back from that offset to the wall clock it stands for.
            naive = moment.astimezone(timezone(self._standard_offset(moment.astimezone(self.zone)))).replace(tzinfo=None)
        return int(naive.replace(tzinfo=self.zone).timestamp())


def _wall(text: str) -> str:
    """Return the wall clock of a DATETIMETYPE, written so that it can be compared as text; without its offset."""
    match = _MOMENT.fullmatch(text.strip())
    assert match is not None, text
    year, month, day, hour, minute, second = (
        int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def epoch_of(moment: datetime) -> int:
    """Return the whole unix seconds of an aware moment. A moment without a zone is our own bug."""
    assert moment.tzinfo is not None, "the clock of a company gives aware moments"
    return int(moment.timestamp())
