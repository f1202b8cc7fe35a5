"""The plan: every trigger, every end, every hit accounted for; the seed matters."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emulator.core.chance import Chance
from emulator.core.errors import UserMistake
from emulator.core.journal import Journal
from emulator.faults import FaultSpec, Kind, Parameter, Plan

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LOST = Kind(
    "answer-lost", "COM07", ("part.after-commit", "part.before-answer"), "lose", "the answer is lost", "ask before it resends", False,
    {"how": Parameter("hang", "how the caller sees it", ("hang", "reset")), "delay_s": Parameter(1.0, "seconds")},
)  # fmt: skip
CLOSED = Kind("refuse", "NET01", ("net.connect",), "refuse", "refused", "back off", True)


def make_plan(seed=1):
    journal = Journal(lambda: NOW)
    return Plan([LOST, CLOSED], Chance(seed), journal), journal


def struck(plan, point, now=NOW, **facts):
    """Names of the faults that strike a call at a point, when none of them ends it."""
    return [strike.fault for strike in plan.strikes(point, now, **facts)]


def hits(spec, calls=12, seed=1, **facts):
    plan, _ = make_plan(seed)
    fault = plan.add(FaultSpec.model_validate(spec), NOW)
    return [number for number in range(1, calls + 1) if struck(plan, fault.point, **facts)]


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, list(range(1, 13))),
        ({"nth": 3}, [3]),
        ({"first": 2}, [1, 2]),
        ({"every": 5}, [5, 10]),
        ({"probability": 0.0}, []),
        ({"probability": 1.0}, list(range(1, 13))),
    ],
)
def test_triggers(when, struck):
    assert hits({"fault": "answer-lost", "when": when}) == struck


def test_two_triggers_in_one_are_refused():
    with pytest.raises(ValidationError, match="nth and first"):
        FaultSpec.model_validate({"fault": "answer-lost", "when": {"nth": 1, "first": 2}})


def test_times_spends_it():
    assert hits({"fault": "answer-lost", "times": 2}) == [1, 2]


def test_where_counts_only_what_matches():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "COM07", "where": {"number": "G-7"}, "when": {"nth": 2}}), NOW)
    numbers = ["G-7", "G-8", "g-7", "G-7"]
    assert [bool(struck(plan, "part.after-commit", number=number)) for number in numbers] == [False, False, True, False]


def test_it_is_over_after_its_time():
    plan, journal = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "refuse", "for_s": 60}), NOW)
    assert struck(plan, "net.connect", NOW + timedelta(seconds=59))
    assert not struck(plan, "net.connect", NOW + timedelta(seconds=60))
    assert [row["kind"] for row in journal.rows()] == ["fault-on", "fault-hit", "fault-off"]


def test_after_sleeps_until_the_other_has_struck():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "lost", "times": 1}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "refuse", "after": "lost"}), NOW)
    assert not struck(plan, "net.connect")
    assert struck(plan, "part.after-commit")
    assert struck(plan, "net.connect")


def test_after_spares_the_call_that_woke_it():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "first", "times": 1}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "second", "after": "first"}), NOW)
    assert [struck(plan, "part.after-commit") for _ in range(2)] == [["first"], ["second"]]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"fault": "anser-lost"}, "'answer-lost'"),
        ({"fault": "answer-lost", "point": "part.begin"}, "part.after-commit, part.before-answer"),
        ({"fault": "answer-lost", "with": {"hw": "hang"}}, "'how'"),
        ({"fault": "answer-lost", "with": {"how": "hng"}}, "hang, reset"),
        ({"fault": "answer-lost", "with": {"delay_s": "long"}}, "like 1.0"),
        ({"fault": "answer-lost", "after": "nobody"}, "not in force"),
    ],
)
def test_mistakes_name_the_right_word(spec, told):
    plan, _ = make_plan()
    with pytest.raises(UserMistake, match=told):
        plan.add(FaultSpec.model_validate(spec), NOW)


def test_a_name_is_given_once():
    plan, _ = make_plan()
    plan.add(FaultSpec(fault="refuse"), NOW)
    with pytest.raises(UserMistake, match="already called 'refuse'"):
        plan.add(FaultSpec(fault="refuse"), NOW)


def test_lifting():
    plan, _ = make_plan()
    plan.add(FaultSpec(fault="refuse"), NOW)
    plan.lift("refuse")
    plan.lift("refuse")
    assert not struck(plan, "net.connect")
    with pytest.raises(UserMistake, match="'refuse'"):
        plan.lift("refus")


def test_what_never_fired_is_told():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "refuse", "as": "never"}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "refuse", "as": "perhaps", "expect_hits": "any"}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "answer-lost"}), NOW)
    struck(plan, "part.after-commit")
    plan.lift_all()
    assert [fault.name for fault in plan.unfired()] == ["never"]


@given(st.integers(0, 10**6), st.floats(0.2, 0.8))
def test_probability_goes_by_the_seed(seed, probability):
    spec = {"fault": "answer-lost", "when": {"probability": probability}}
    assert hits(spec, 40, seed) == hits(spec, 40, seed)


def test_another_seed_strikes_elsewhere():
    spec = {"fault": "answer-lost", "when": {"probability": 0.5}}
    assert hits(spec, 60, seed=1) != hits(spec, 60, seed=2)


AWAY = Kind("share-lost", "NET18", ("part.after-commit",), "away", "the share is lost", "hold", False, lasting=True)


def make_lasting_plan():
    states = []
    plan = Plan([AWAY], Chance(1), Journal(lambda: NOW))
    plan.own({"away": lambda strike: states.append(strike.fault) or (lambda: states.remove(strike.fault))})
    return plan, states


def test_a_lasting_fault_begins_at_once_and_ends_when_it_is_lifted():
    plan, states = make_lasting_plan()
    fault = plan.add(FaultSpec.model_validate({"fault": "share-lost"}), NOW)
    assert states == ["share-lost"]
    assert fault.hits == 1
    assert struck(plan, fault.point) == []
    plan.lift("share-lost")
    assert states == []


def test_a_lasting_fault_with_a_trigger_begins_at_the_call_it_strikes():
    plan, states = make_lasting_plan()
    fault = plan.add(FaultSpec.model_validate({"fault": "share-lost", "when": {"nth": 2}}), NOW)
    assert (states, fault.hits) == ([], 0)
    assert [bool(struck(plan, fault.point) or states) for _ in range(3)] == [False, True, True]
    assert fault.hits == 1
    plan.lift_all()
    assert states == []


def test_a_lasting_fault_that_nothing_can_do_is_refused():
    plan = Plan([AWAY], Chance(1), Journal(lambda: NOW))
    with pytest.raises(UserMistake, match="nothing in this world can do 'share-lost'"):
        plan.add(FaultSpec.model_validate({"fault": "share-lost"}), NOW)
    assert plan.faults() == []
