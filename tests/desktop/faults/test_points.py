"""What a fault may ask of a call at each point: the calls that come there, the applications that are known, the states of QuickBooks."""

import pytest

from desktop.makers import APPLICATION, START, at_desk
from emulator.core.chance import Chance
from emulator.core.errors import UserMistake
from emulator.core.journal import Journal
from emulator.desktop import KINDS
from emulator.desktop.faults import STATE_WORDS, STATES
from emulator.desktop.faults.points import BEFORE_BEGIN, CREATE, PATHS, POINTS
from emulator.faults import FaultSpec, Plan

CALLS = {CREATE: "CreateObject", BEFORE_BEGIN: "BeginSession"}


def asked(desk, **fields):
    spec = FaultSpec.model_validate({"fault": "session-error", "as": f"f{len(desk.plan.faults())}", **fields})
    return desk.plan.add(spec, desk.office.now())


@pytest.mark.parametrize("point", [point for point in POINTS if point != CREATE])
def test_only_the_calls_of_a_point_can_be_asked_for(point):
    plan = Plan(KINDS, Chance(1), Journal(lambda: START), paths=PATHS)
    right = CALLS.get(point, "ProcessRequest")
    wrong = "ProcessRequest" if right == "BeginSession" else "BeginSession"

    def ask(call):
        spec = {"fault": "session-error", "point": point, "where": {"call": call}}
        return plan.add(FaultSpec.model_validate(spec), START)

    elsewhere = r"`point: quickbooks.before-\w+` is where such calls come"
    with pytest.raises(UserMistake, match=f"no call at {point} is '{wrong}'; expected one of {right}; {elsewhere}"):
        ask(wrong)
    with pytest.raises(UserMistake, match=f"expected '{right}'"):
        ask(right[:-1])
    assert ask(right.upper()).point == point


def test_every_point_says_which_calls_come_there():
    assert {point: path.only[point]["call"] for path in PATHS for point in path.points} == {
        point: (CALLS.get(point, "ProcessRequest"),) for point in POINTS
    }


def test_an_application_that_nobody_knows_may_connect_later_and_is_noted_with_the_nearest_one():
    async def story(desk, clock):
        notes = [asked(desk, where={"application": name}, times=1).note for name in (APPLICATION, "Goflow Conector", "zzz")]
        assert notes == ["", f"no application is called 'Goflow Conector' so far; there is '{APPLICATION}'", ""]

    at_desk(story)


def test_states_are_words_that_are_told_or_numbers():
    async def story(desk, clock):
        for name, fact in STATES.items():
            told = fact(desk.office)
            assert told in STATE_WORDS[name] if name in STATE_WORDS else isinstance(told, int)
            asked(desk, when={"while": {name: told}}, times=1)

    at_desk(story)
