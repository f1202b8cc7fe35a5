"""The nearest words: what a message suggests to somebody who has slipped."""

import time
from itertools import pairwise

import pytest

from emulator.core.errors import UserMistake, nearest, nearest_few, words_of

NAMES = ["Abercrombie, Kristy", "Abercrombie, Kristy:Kitchen", "Baker", "Bakersfield", "Cook", "Ünal"]


def test_the_likest_come_first() -> None:
    assert nearest_few("Abercromby, Kristy", NAMES) == ["Abercrombie, Kristy", "Abercrombie, Kristy:Kitchen"]
    assert nearest_few("baker", NAMES, 2) == ["Baker", "Bakersfield"]
    assert nearest_few("Bakr", NAMES, 1) == ["Baker"]
    assert nearest_few("ünal", NAMES) == ["Ünal"]


def test_nothing_is_suggested_when_nothing_comes_close() -> None:
    assert nearest_few("Zyxwv", NAMES) == []
    assert nearest_few("", NAMES) == []
    assert nearest_few("x", []) == []


def test_the_first_of_few_is_the_nearest() -> None:
    for word in ("Abercrombi", "Bakers", "Kook", "Coook", "Bakersfeld"):
        assert nearest_few(word, NAMES, 1) == [nearest(word, NAMES)]


def test_among_very_many_names_it_takes_no_long_time() -> None:
    names = [f"Customer {number:05d} of the {number % 97}th Street" for number in range(15_000)]
    started = time.perf_counter()
    assert nearest_few("Customer 07000 of the 16th Stret", names, 1) == ["Customer 07000 of the 16th Street"]
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (("no file", "a.qwc", "a file", "check the path"), "a.qwc: no file; expected a file; check the path"),
        (("It has no access.", "", "", "its Admin lets it in"), "It has no access. Its Admin lets it in"),
        (("It only reads.", "", "one that writes", "mend it."), "It only reads. Expected one that writes; mend it."),
        (("It failed.", "", "", "`fakebooks up` starts one"), "It failed. `fakebooks up` starts one"),
        (("and so on ...", "", "", "read on"), "and so on ...; read on"),
    ],
)
def test_a_mistake_is_told_in_one_line(parts: tuple[str, ...], told: str) -> None:
    assert str(UserMistake(*parts)) == told


def test_what_was_merely_being_handled_is_no_cause_of_an_error() -> None:
    error = ValueError("")
    error.__context__ = IndexError("pop from an empty deque")
    assert words_of(error) == "ValueError"


def raised(*errors: BaseException) -> BaseException:
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ([ValueError("it is so")], "it is so"),
        ([ValueError(""), OSError(104, "Connection reset by peer")], "Connection reset by peer"),
        ([ValueError(" "), KeyError()], "ValueError"),
        ([OSError()], "OSError"),
    ],
)
def test_an_error_is_never_without_words(errors: list[BaseException], words: str) -> None:
    assert words_of(raised(*errors)) == words
