"""The switches of this room: named, documented, and each one read by the code."""

import re
from pathlib import Path

import pytest

import emulator.desktop
from emulator.desktop import SWITCHES, Code

SOURCE = "\n".join(
    path.read_text()
    for path in Path(emulator.desktop.__file__).parent.glob("*.py")
    if path.name not in ("switches.py", "__init__.py")
)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_switch(switch):
    room, name = switch.name.split(".")
    assert room == "desktop"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert not switch.choices or switch.default in switch.choices
    assert switch.about.endswith(".")
    assert switch.source
    assert f'"{name}"' in SOURCE or f'"{switch.name}"' in SOURCE or f"`{switch.name}`" in SOURCE
    assert all(choice in set(Code) for choice in switch.choices if str(choice).startswith("0x"))


def test_names_differ():
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)


TESTS = "\n".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))


@pytest.mark.parametrize("switch", [each for each in SWITCHES if len(each.choices) != 1], ids=lambda switch: switch.name)
def test_a_switch_with_a_choice_is_tried(switch):
    as_option = switch.name.removeprefix("desktop.").replace("-", "_")
    assert re.search(rf"\b{as_option}=|\"{as_option}\"|{switch.name}\b", TESTS)
