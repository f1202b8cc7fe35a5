"""The cases: each stands alone, each switch has one that shows it, and the package runs in any Python from 3.8 with the standard library."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

import emulator.com.probe
from emulator.com.likeness import TABLES
from emulator.com.ours import answers
from emulator.com.probe.cases import CASES
from emulator.com.probe.reading import reading
from emulator.com.probe.switch_cases import SHOWN, UNSEEN
from emulator.com.probe.writing import GROUND, Case
from emulator.core.switches import SwitchSettings

SWITCHES = {name: each for name, each in SwitchSettings(TABLES).switches.items() if len(each.choices) != 1}
ALTERNATIVES = {"company.iterators-open-max": (20, 3)}
"""Settings to try of a switch that takes any number."""


def read(results, name):
    return json.dumps(reading(results[name], CASES[name].looks))


@pytest.fixture(scope="module")
def played():
    return answers(CASES)


def test_the_ground_is_made() -> None:
    steps = answers({"ground": Case("ground", GROUND)}, ground=[])["ground"]
    assert all(step.ok for step in steps)
    assert steps[2].value.count('statusCode="0"') == steps[2].value.count("statusCode")


def test_every_switch_is_shown_or_says_why_not() -> None:
    assert set(SHOWN) | set(UNSEEN) == set(SWITCHES)
    assert not set(SHOWN) & set(UNSEEN)
    assert set(SHOWN.values()) <= set(CASES)


@pytest.mark.parametrize("switch", SHOWN)
def test_each_option_of_a_switch_is_answered_differently(switch: str) -> None:
    case = SHOWN[switch]
    options = SWITCHES[switch].choices or ALTERNATIVES[switch]
    told = {option: read(answers({case: CASES[case]}, {switch: option}), case) for option in options}
    assert len(set(told.values())) == len(options), told


def test_the_order_of_cases_does_not_matter(played) -> None:
    backwards = answers(dict(reversed(CASES.items())))
    assert {name: read(backwards, name) for name in CASES} == {name: read(played, name) for name in CASES}


def test_no_case_breaks_off_for_a_mistake_of_its_own(played) -> None:
    """A document that is refused where the case is not about refusal would be our own mistake in writing it."""
    about_refusal = {"errors", "sessions", "encodings", "switches"}
    broken = {name for name in CASES if CASES[name].group not in about_refusal and any(not step.ok for step in played[name])}
    assert broken == set()


def test_records_bear_the_name_of_the_run() -> None:
    """Nothing is added under another name, and lists are asked for the run's own records only."""
    for name, case in CASES.items():
        for document in [each for step in case.steps for each in step if isinstance(each, str) and "AddRq>" in each]:
            for added in document.split("Add>")[1:]:
                if added.startswith("<Name>") and "<Name></Name>" not in added:
                    assert added.startswith("<Name>%run%"), name


def test_no_two_invoices_have_one_number() -> None:
    """But for the case that is about that: a QuickBooks may refuse the second one, and with it another switch's case."""
    added = {
        name: re.findall(
            r"<InvoiceAdd\b.*?</InvoiceAdd>", " ".join(each for step in case.steps for each in step if isinstance(each, str))
        )
        for name, case in CASES.items()
    }
    numbers = [number for name in added for text in added[name] for number in set(re.findall("<RefNumber>([^<]*)<", text))]
    twice = {number for number in numbers if numbers.count(number) > 1}
    assert twice == {"%run%-8"}
    assert {name for name, texts in added.items() for text in texts if "<RefNumber>" not in text} == {
        "a required element missing"
    }
    assert all(len(number.replace("%run%", "FB000")) <= 11 for number in numbers if number != "G-1234567890")


@pytest.mark.parametrize(
    "settings",
    [
        {"company.duplicate-invoice-number": "refused"},
        {"company.duplicate-invoice-number": "refused", "company.transaction-line-id-counter": "own"},
        {"qbxml.references-outside-code-page": "kept", "qbxml.character-of-two-units": "one"},
    ],
    ids=str,
)
def test_switches_move_their_own_cases_only(played, settings) -> None:
    other = answers(CASES, settings)
    assert {name for name in CASES if read(other, name) != read(played, name)} == {SHOWN[switch] for switch in settings}


def test_how_a_character_counts_shows_where_it_is_kept_too(played) -> None:
    """A switch that is set otherwise hides no other one."""
    case = SHOWN["qbxml.character-of-two-units"]
    kept = {"qbxml.references-outside-code-page": "kept"}
    one, two = (answers({case: CASES[case]}, {**kept, "qbxml.character-of-two-units": count}) for count in ("one", "two"))
    assert read(one, case) != read(two, case)


FILES = sorted(Path(emulator.com.probe.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", FILES, ids=lambda path: path.stem)
def test_it_is_plain_python_3_8_with_the_standard_library(module: Path) -> None:
    tree = ast.parse(module.read_text(), feature_version=(3, 8))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {
        (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) if not node.level
    }
    assert imported <= {"win32com", "pywintypes"} | set(sys.stdlib_module_names)
