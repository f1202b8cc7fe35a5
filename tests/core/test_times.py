"""Times as people write them: of a day, moments, windows; the wall clock of a place decides."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.times import Window, next_time_of_day, time_or_moment

ZONE = ZoneInfo("America/New_York")


def test_the_next_time_of_day_is_by_the_wall_clock_also_when_the_clocks_change():
    zone = ZoneInfo("America/New_York")
    evening = datetime(2026, 10, 31, 18, 0, tzinfo=zone)
    assert next_time_of_day("18:00", evening, zone) == evening
    morning = next_time_of_day("08:30", evening, zone)
    assert (morning.astimezone(UTC) - evening.astimezone(UTC)).total_seconds() == 15.5 * 3600


def test_what_a_text_says():
    assert time_or_moment("7:05") == time(7, 5)
    assert time_or_moment("18:00:30") == time(18, 0, 30)
    assert time_or_moment("2026-11-23T09:30:00-05:00") == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "24:00", "9", "noon", "2026-11-23T09:30:00", "1999-01-01T00:00:00Z"])
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="time of day like"):
        time_or_moment(text)


@pytest.mark.parametrize(
    ("between", "told"),
    [
        (("18:00", "18:00"), "no length"),
        (("18:00", "2026-11-23T09:30:00Z"), "two times of day or between two moments"),
        (("2026-11-23T09:30:00Z", "2026-11-22T09:30:00Z"), "cannot end"),
    ],
)
def test_what_is_no_window(between, told):
    with pytest.raises(ValueError, match=told):
        Window(*between)


@pytest.mark.parametrize(
    ("between", "shown", "inside"),
    [
        (("18:00", "19:00"), "17:59", False),
        (("18:00", "19:00"), "18:00", True),
        (("18:00", "19:00"), "19:00", False),
        (("22:00", "06:00"), "23:30", True),
        (("22:00", "06:00"), "05:59", True),
        (("22:00", "06:00"), "06:00", False),
        (("2026-11-23T18:00:00-05:00", "2026-11-23T19:00:00-05:00"), "18:30", True),
        (("2026-11-24T18:00:00-05:00", "2026-11-24T19:00:00-05:00"), "18:30", False),
    ],
)
def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(between, shown, inside):
    now = datetime.fromisoformat(f"2026-11-23T{shown}:00-05:00")
    assert Window(*between).holds(now, ZONE) is inside


def test_a_window_that_is_past_changes_no_more():
    window = Window("2026-11-23T18:00:00-05:00", "2026-11-23T19:00:00-05:00")
    begin = datetime.fromisoformat("2026-11-23T18:00:00-05:00")
    assert window.next_change(begin - timedelta(days=9), ZONE) == begin
    assert window.next_change(begin, ZONE) == begin + timedelta(hours=1)
    assert window.next_change(begin + timedelta(hours=1), ZONE) is None


@given(st.times(), st.times(), st.integers(0, 180 * 86_400))
def test_a_window_holds_or_not_until_its_next_change(begin, end, seconds):
    begin, end = begin.replace(microsecond=0), end.replace(microsecond=0)
    if begin == end:
        return
    window = Window(begin.isoformat(), end.isoformat())
    now = datetime(2026, 4, 1, tzinfo=ZONE) + timedelta(seconds=seconds)
    change = window.next_change(now, ZONE)
    assert now < change <= now + timedelta(days=1)
    just_before = change - timedelta(microseconds=1)
    assert window.holds(now, ZONE) == window.holds(just_before, ZONE) != window.holds(change, ZONE)
