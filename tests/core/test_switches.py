"""Switch settings: defaults, overrides, and mistakes told with the nearest right word."""

import pytest

from emulator.core.errors import UserMistake
from emulator.core.switches import Switch, SwitchSettings

TABLE = (
    Switch("a.mode", "strict", ("strict", "lenient"), "choice", "ours", "how"),
    Switch("a.limit", 90, (), "observed", "field", "how long"),
)


def test_defaults_and_overrides():
    settings = SwitchSettings([TABLE], {"a.limit": 5})
    assert (settings.text("a.mode"), settings.number("a.limit"), settings.overridden) == ("strict", 5, ("a.limit",))


@pytest.mark.parametrize(
    ("overrides", "told"),
    [({"a.mod": "strict"}, "'a.mode'"), ({"a.mode": "stric"}, "'strict', 'lenient'"), ({"a.limit": "5"}, "expected int")],
)
def test_mistakes(overrides, told):
    with pytest.raises(UserMistake, match=told):
        SwitchSettings([TABLE], overrides, "f.yaml")
