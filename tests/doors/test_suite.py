"""The behaviour suite of the product, `emulator.com.probe.cases`, through every door: the same answers, byte for byte, but for ids and times."""

import pytest

from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.com.probe.reading import reading

from .doors import DOORS

OTHERS = [name for name in DOORS if name != "in process"]


@pytest.fixture(scope="module")
def here():
    return DOORS["in process"].play(CASES)


@pytest.fixture(scope="module", params=OTHERS)
def there(request):
    door = DOORS[request.param]
    carried = {name: case for name, case in CASES.items() if not door.cannot & {step[0] for step in case.steps}}
    return carried, door.play(carried)


def said(steps):
    """All that a door told, but for how long it took; a SAFEARRAY is a list or a tuple, as the language has it."""
    return [
        Step(member, ok, list(value) if isinstance(value, tuple) else value, text, 0.0) for member, ok, value, text, _ in steps
    ]


@pytest.mark.slow
def test_a_door_tells_the_same_as_in_process(here, there) -> None:
    carried, results = there
    assert set(results) == set(carried)
    assert {name: said(results[name]) for name in carried} == {name: said(here[name]) for name in carried}


FAST = ("sessions", "errors", "recovery")


@pytest.mark.parametrize("door", OTHERS)
def test_some_of_it_in_every_run(door) -> None:
    """The cases that differ most from door to door; all of them are played in the slow set."""
    cases = {
        name: case
        for name, case in CASES.items()
        if case.group in FAST and not DOORS[door].cannot & {step[0] for step in case.steps}
    }
    here, there = DOORS["in process"].play(cases), DOORS[door].play(cases)
    assert {name: said(steps) for name, steps in there.items()} == {name: said(steps) for name, steps in here.items()}


CODES = {
    "not well-formed": "0x80040400",
    "an unknown version": "0x80040423",
    "rollbackOnError": "0x80040413",
    "no application name": "0x80040415",
    "a wrong ticket": "0x8004040D",
    "connected: OpenConnection": "0x80040412",
    "closed: BeginSession": "0x8004040F",
    "in session: BeginSession": "0x80040411",
    "another company file": "0x8004040A",
    "subscriptions by the wrong call": "0x80040429",
}
STATUSES = {
    "an amount of one decimal": "InvoiceAddRs 3040",
    "a number too long": "InvoiceAddRs 3070",
    "a name with a colon": "CustomerAddRs 3090",
    "a name twice": "CustomerAddRs 3100",
    "an unknown customer": "InvoiceAddRs 3140",
    "stop on error": "CustomerAddRs 3231",
    "a mod of an old edit sequence": "CustomerModRs 3200",
    "past the last page": "CustomerQueryRs 3391",
    "an unknown set": "messageSetStatusCode 600",
    "an id of a set that is too long": "messageSetStatusCode 9004",
    "dates turned round": "InvoiceQueryRs 3030",
}


@pytest.mark.parametrize(("case", "code"), CODES.items())
def test_what_is_documented_of_result_codes(here, case, code) -> None:
    assert code in [step.value for step in here[case] if not step.ok]


@pytest.mark.parametrize(("case", "status"), STATUSES.items())
def test_what_is_documented_of_status_codes(here, case, status) -> None:
    told = [each for step in reading(here[case]) if len(step) == 3 for each in step[1]]
    assert status in told


def test_every_group_has_cases() -> None:
    assert {case.group for case in CASES.values()} == {
        "sessions",
        "errors",
        "adds",
        "queries",
        "iterators",
        "mods",
        "recovery",
        "encodings",
        "switches",
    }
