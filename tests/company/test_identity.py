"""Identities and times as QuickBooks writes and reads them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.company.identity import LocalTime, epoch_of, numbered_id
from emulator.core.errors import UserMistake

NEW_YORK = "America/New_York"


def seconds(*parts: int) -> int:
    return epoch_of(datetime(*parts, tzinfo=UTC))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("zone", "offset", "utc", "text"),
    [
        (NEW_YORK, "standard", (2026, 1, 15, 17, 0, 0), "2026-01-15T12:00:00-05:00"),
        (NEW_YORK, "standard", (2026, 7, 15, 16, 0, 0), "2026-07-15T12:00:00-05:00"),  # the wall clock is on summer time
        (NEW_YORK, "correct", (2026, 7, 15, 16, 0, 0), "2026-07-15T12:00:00-04:00"),
        ("UTC", "standard", (2026, 7, 15, 16, 0, 0), "2026-07-15T16:00:00+00:00"),
        (
            "Europe/Dublin",
            "standard",
            (2026, 1, 15, 12, 0, 0),
            "2026-01-15T12:00:00+00:00",
        ),  # its winter is the time that is moved
        ("Europe/Dublin", "standard", (2026, 7, 15, 12, 0, 0), "2026-07-15T13:00:00+00:00"),
        ("Australia/Sydney", "standard", (2026, 1, 15, 1, 0, 0), "2026-01-15T12:00:00+10:00"),
    ],
)
def test_stamps(zone: str, offset: str, utc: tuple[int, ...], text: str) -> None:
    assert LocalTime(zone, offset).text(seconds(*utc)) == text


@pytest.mark.parametrize("offset", ["standard", "correct"])
@given(st.integers(0, 2_000_000_000))
def test_what_is_printed_reads_back(offset: str, moment: int) -> None:
    local = LocalTime(NEW_YORK, offset)
    again = local.epoch_s(local.text(moment))
    # In the hour that happens twice in autumn the standard form cannot tell which one is meant.
    assert again == moment or (offset == "standard" and again == moment - 3600)


@pytest.mark.parametrize(
    ("text", "end", "utc"),
    [
        ("2026-01-15", False, (2026, 1, 15, 5, 0, 0)),
        ("2026-01-15", True, (2026, 1, 16, 4, 59, 59)),
        ("2026-7-5T9", False, (2026, 7, 5, 13, 0, 0)),
        ("2026-07-15T12:30", True, (2026, 7, 15, 16, 30, 0)),
        ("2026-07-15T12:00:00-05:00", False, (2026, 7, 15, 16, 0, 0)),
        ("2026-07-15T17:00:00+00:00", False, (2026, 7, 15, 16, 0, 0)),
    ],
)
def test_moments_of_filters(text: str, end: bool, utc: tuple[int, ...]) -> None:
    assert LocalTime(NEW_YORK).epoch_s(text, end) == seconds(*utc)


def test_today_is_the_local_day() -> None:
    assert LocalTime(NEW_YORK).today(seconds(2026, 1, 1, 3, 0, 0)).isoformat() == "2025-12-31"


def test_unknown_zone() -> None:
    with pytest.raises(UserMistake, match="time zone"):
        LocalTime("Nowhere/City")


def test_identity() -> None:
    assert numbered_id(0x80000001, 1446676743) == "80000001-1446676743"
    assert numbered_id(0x1C0, 1433857054) == "1C0-1433857054"


def test_the_grain_is_a_second() -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    assert epoch_of(moment) == epoch_of(moment - timedelta(microseconds=999_999))
