"""The switches of this room: named, documented, and each one read or named by the code whose choice it is."""

import re
from pathlib import Path

import pytest

import emulator.company
from emulator.company import SWITCHES
from emulator.core.switches import Switch

SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in Path(emulator.company.__file__).parent.rglob("*.py")
    if path.name not in ("switches.py", "__init__.py")
)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_switch(switch: Switch) -> None:
    assert re.fullmatch(r"company\.[a-z]+(-[a-z]+)*", switch.name)
    assert not switch.choices or switch.default in switch.choices
    assert switch.about.endswith(".")
    assert switch.source
    assert re.search(rf"{re.escape(switch.name)}(?![a-z-])", SOURCE)
    # What has a choice is read; what has none is named where the one way is written down.
    assert len(switch.choices) == 1 or f'"{switch.name}"' in SOURCE


TESTS = Path(__file__).parents[1]
TRIED = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.py")) if path != Path(__file__))


@pytest.mark.parametrize("switch", [each for each in SWITCHES if len(each.choices) != 1], ids=lambda switch: switch.name)
def test_a_switch_with_a_choice_is_tried(switch: Switch) -> None:
    assert switch.name in TRIED


def test_names_differ() -> None:
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)
