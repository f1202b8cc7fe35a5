"""What holds of every kind of fault there is: its parameters have bounds, and nothing it can be asked for is more than a mistake of the user."""

import pytest

from emulator.core.errors import UserMistake
from emulator.faults import FaultSpec
from emulator.world import FAULT_KINDS

KINDS = {kind.name: kind for table in FAULT_KINDS.values() for kind in table}
PARAMETERS = [(kind, name) for kind in KINDS.values() for name in kind.parameters]
NUMBERS = [
    (kind, name)
    for kind, name in PARAMETERS
    if isinstance(kind.parameters[name].default, int | float)
    and not isinstance(kind.parameters[name].default, bool)
    and not kind.parameters[name].choices
]


def said(value):
    return value.name if hasattr(value, "name") else str(value)


@pytest.mark.parametrize(("kind", "name"), NUMBERS, ids=said)
def test_every_number_has_bounds_and_nothing_beyond_them_is_taken(kind, name):
    parameter = kind.parameters[name]
    assert parameter.least is not None
    assert parameter.most is not None
    assert parameter.least <= parameter.default <= parameter.most
    for value in (parameter.least - 1, parameter.most + 1, 10**400, float("inf"), float("nan")):
        with pytest.raises(UserMistake, match=f"{name} of '{kind.name}' is "):
            FaultSpec.model_validate({"fault": kind.name, "with": {name: value}}).resolved(KINDS)
    whole = type(parameter.default) is int
    for value in (parameter.least, parameter.most):
        given = int(value) if whole else float(value)
        _, settings = FaultSpec.model_validate({"fault": kind.name, "with": {name: given}}).resolved(KINDS)
        assert settings[name] == value


@pytest.mark.parametrize(("kind", "name"), PARAMETERS, ids=said)
def test_every_default_is_a_value_that_could_be_given(kind, name):
    default = kind.parameters[name].default
    _, settings = FaultSpec.model_validate({"fault": kind.name, "with": {name: default}}).resolved(KINDS)
    assert settings[name] == default


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if "code" in kind.parameters], ids=said)
def test_every_result_code_is_one(kind):
    for code in ("banana", "0x1", "0x00000000", "80040408"):
        with pytest.raises(UserMistake, match=r"a result code of a failure, like 0x80040408|one of"):
            FaultSpec.model_validate({"fault": kind.name, "with": {"code": code}}).resolved(KINDS)
