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
    with pytest.raises(ValidationError, match="is no name of a fault: it should begin with a letter or digit"):
        FaultSpec.model_validate({"fault": "wait", "as": name})


@pytest.mark.parametrize("word", ["T1", "t1", "wait", "Wait"])
def test_a_kind_is_found_by_name_or_id_however_it_is_written(word):
    kind, _ = FaultSpec(fault=word).resolved(KINDS)
    assert kind is WAIT


@pytest.mark.parametrize(("word", "near"), [("T11", "'T1'"), ("wat", "'wait'"), ("zzzzzzzz", "a name or an id")])
def test_an_unknown_kind_is_told_the_nearest_name_or_id(word, near):
    with pytest.raises(UserMistake, match=f"there is no fault '{word}'; expected {near}"):
        FaultSpec(fault=word).resolved(KINDS)
