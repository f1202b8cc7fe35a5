"""Switch settings: defaults, overrides, and mistakes told with the nearest right word."""

import pytest

from emulator.core.errors import UserMistake
from emulator.core.files import value_of
from emulator.core.switches import Switch, SwitchSettings
from emulator.world import SWITCH_TABLES

TABLE = (
    Switch("a.mode", "strict", ("strict", "lenient"), "choice", "ours", "how"),
    Switch("a.limit", 90, (), "observed", "field", "how long"),
    Switch("a.tries", 3, (), "choice", "ours", "how often", least=1),
    Switch("a.word", "x", (), "choice", "ours", "what is said"),
)


def test_defaults_and_overrides():
    settings = SwitchSettings([TABLE], {"a.limit": 5})
    assert (settings.text("a.mode"), settings.number("a.limit"), settings.overridden) == ("strict", 5, ("a.limit",))


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"a.mod": "strict"}, "'a.mode'"),
        ({"a.mode": "stric"}, "'strict', 'lenient'"),
        ({"a.limit": "5"}, "expected a whole number of at least 0"),
        ({"a.limit": True}, "is set to True; expected a whole number of at least 0"),
        ({"a.limit": -1}, r"f.yaml: switch 'a.limit' is set to -1; expected a whole number of at least 0"),
        ({"a.tries": 0}, "expected a whole number of at least 1"),
        ({"a.word": 5}, "expected text"),
    ],
)
def test_mistakes(overrides, told):
    with pytest.raises(UserMistake, match=told):
        SwitchSettings([TABLE], overrides, "f.yaml")


def test_the_least_values_are_taken():
    settings = SwitchSettings([TABLE], {"a.limit": 0, "a.tries": 1})
    assert (settings.number("a.limit"), settings.number("a.tries")) == (0, 1)


def test_every_switch_allows_its_own_default():
    assert [switch.name for table in SWITCH_TABLES.values() for switch in table if not switch.allows(switch.default)] == []


def test_a_word_that_yaml_reads_as_a_number_is_the_word():
    """Every choice of every switch may stand without quotes, in a file and after --switch."""
    for table in SWITCH_TABLES.values():
        for switch in table:
            for choice in switch.choices:
                read = value_of(choice, "--switch") if isinstance(choice, str) else choice
                taken = SwitchSettings([table], {switch.name: read})[switch.name]
                assert (type(taken), taken) == (type(choice), choice), switch.name
