"""The nearest words: what a message suggests to somebody who has slipped."""

import time

from emulator.core.errors import nearest, nearest_few

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
