"""What can be said of a fault: names, ids, the values of parameters."""

import pytest
from pydantic import ValidationError

from emulator.core.errors import UserMistake
from emulator.faults import FaultSpec, Kind, Parameter

WAIT = Kind(
    "wait", "T1", ("part.call",), "wait", "it waits", "wait too", False,
    {
        "seconds": Parameter(1.0, "story seconds", least=0, most=60.0),
        "count": Parameter(1, "how many", least=0, most=9),
        "title": Parameter("", "what it says"),
    },
    byte="count",
)  # fmt: skip
KINDS = {"wait": WAIT}


def resolved(**fields):
    return FaultSpec.model_validate({"fault": "wait", **fields}).resolved(KINDS, "here")


@pytest.mark.parametrize("name", ["crash", "crash-2", "G 7", "1", "a.b_c-d", "x" * 100])
def test_a_fault_may_be_called_so(name):
    assert FaultSpec.model_validate({"fault": "wait", "as": name}).name == name


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "-x", " x", "x\n", "a?b", "a#b", "a%2fb", "é", "x" * 101])
def test_a_name_that_no_address_can_hold_is_refused(name):
    with pytest.raises(ValidationError, match="a name that begins with a letter or digit"):
        FaultSpec.model_validate({"fault": "wait", "as": name})


@pytest.mark.parametrize("word", ["T1", "t1", "wait", "Wait"])
def test_a_kind_is_found_by_name_or_id_however_it_is_written(word):
    kind, _ = FaultSpec(fault=word).resolved(KINDS)
    assert kind is WAIT


@pytest.mark.parametrize(("word", "near"), [("T11", "'T1'"), ("wat", "'wait'"), ("zzzzzzzz", "a name or an id")])
def test_an_unknown_kind_is_told_the_nearest_name_or_id(word, near):
    with pytest.raises(UserMistake, match=f"there is no fault '{word}'; expected {near}"):
        FaultSpec(fault=word).resolved(KINDS)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"seconds": float("inf")}, "seconds of 'wait' is inf; expected a number like 1.0"),
        ({"seconds": float("nan")}, "seconds of 'wait' is nan; expected a number like 1.0"),
        ({"seconds": 61}, "seconds of 'wait' is 61; expected at most 60.0"),
        ({"seconds": 10**400}, "expected at most 60.0"),
        ({"seconds": -(10**400)}, "expected at least 0"),
        ({"seconds": True}, "expected a value like 1.0"),
        ({"count": 10}, "expected at most 9"),
        ({"title": "x" * 1001}, "title of 'wait' has 1001 characters; expected at most 1000"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused(given, told):
    with pytest.raises(UserMistake, match=told):
        resolved(**{"with": given})


def test_a_byte_keeps_to_the_bounds_of_its_parameter():
    with pytest.raises(UserMistake, match="count of 'wait' is 10; expected at most 9"):
        resolved(when={"byte": 10})


@pytest.mark.parametrize("for_s", [float("inf"), float("nan"), -1, 0, 1e12])
def test_a_fault_lasts_a_year_at_most(for_s):
    with pytest.raises(ValidationError, match="for_s"):
        FaultSpec.model_validate({"fault": "wait", "for_s": for_s})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"when": {"nth": 3}, "times": 2},
            "could never strike 2 times: `nth` lets it strike 1 at most; expected `times` up to 1, or none",
        ),
        ({"when": {"first": 2}, "times": 3}, "could never strike 3 times: `first` lets it strike 2 at most"),
    ],
)
def test_times_beyond_what_a_trigger_lets_pass_is_refused(fields, told):
    with pytest.raises(UserMistake, match=told):
        resolved(**fields)


@pytest.mark.parametrize(
    "fields", [{"when": {"nth": 3}, "times": 1}, {"when": {"first": 2}, "times": 2}, {"when": {"every": 2}, "times": 9}]
)
def test_times_that_a_trigger_lets_pass(fields):
    assert resolved(**fields)[0] is WAIT


@pytest.mark.parametrize("trigger", ["nth", "first", "every"])
def test_a_trigger_that_counts_to_nothing_is_refused(trigger):
    with pytest.raises(ValidationError, match=trigger):
        FaultSpec.model_validate({"fault": "wait", "when": {trigger: 0}})


def test_a_yes_or_no_of_a_call_can_be_asked_for():
    assert FaultSpec.model_validate({"fault": "wait", "where": {"probe": True}}).where == {"probe": True}
