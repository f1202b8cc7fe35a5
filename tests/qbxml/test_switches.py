"""The switches of this room and their fields."""

from dataclasses import asdict

from emulator.core.switches import SwitchSettings
from emulator.qbxml import SWITCHES, Choices
from emulator.qbxml.switches import DECIDED


def test_fields_and_switches_agree() -> None:
    assert Choices.of(SwitchSettings([SWITCHES])) == Choices()
    assert {"qbxml." + field.replace("_", "-") for field in asdict(Choices())} == {switch.name for switch in SWITCHES} - DECIDED


def test_every_switch_is_one_of_its_choices_and_says_why() -> None:
    for switch in SWITCHES:
        assert switch.default in switch.choices
        assert switch.about.endswith(".")
        assert switch.source


def test_a_setting_reaches_its_field() -> None:
    settings = SwitchSettings([SWITCHES], {"qbxml.bad-enum-value": "3110", "qbxml.decimal-comma": True})
    assert Choices.of(settings) == Choices(bad_enum_value="3110", decimal_comma=True)
