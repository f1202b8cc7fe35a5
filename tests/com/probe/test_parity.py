"""Parity finds exactly what a FakeBooks with other switches was set to."""

import json
import re
from functools import lru_cache

import pytest

from emulator.com import parity
from emulator.com.likeness import TABLES, PaceForm
from emulator.com.ours import RUN
from emulator.com.ours import answers as played
from emulator.com.parity import compare, compare_file
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.com.probe.switch_cases import CASES as SWITCH_CASES
from emulator.com.probe.switch_cases import SHOWN
from emulator.core.errors import UserMistake
from emulator.core.switches import SwitchSettings
from emulator.desktop import AS_OURS

SWITCHES = SwitchSettings(TABLES).switches
OPTIONS = [
    (name, option)
    for name in SHOWN
    for option in (SWITCHES[name].choices or (3,))
    if json.dumps(option) != json.dumps(SWITCHES[name].default)
]


@lru_cache(maxsize=8)
def _answers(names, settings, mode):
    return played({name: CASES[name] for name in names}, dict(settings), mode=mode)


def answers(cases, settings=None, *, mode="multi"):
    """What cases give. The same ones in the same circumstances give the same: they are played once, here and when they are compared."""
    return dict(_answers(tuple(cases), tuple((settings or {}).items()), mode))


@pytest.fixture(autouse=True)
def _played_once(monkeypatch):
    monkeypatch.setattr(parity, "answers", answers)


def told(cases, **changes):
    """What a parity file of these answers tells."""
    return {
        "complete": True,
        "made": "2026-03-02T14:00:00",
        "run": RUN,
        "about": {"library": "16.0"},
        "ground": [],
        "cases": cases,
        "left out": {},
        **changes,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("switch", "option"), OPTIONS)
def test_it_names_exactly_the_switch_and_the_option(switch, option) -> None:
    found = compare(told(answers(SWITCH_CASES, {switch: option})))
    assert (found.settings, found.undecided, found.unexplained) == ({switch: option}, {}, ())


MANY = {
    "qbxml.bad-enum-value": "3110",
    "qbxml.decimal-comma": True,
    "company.inactive-by-name": "accepted",
    "company.credit-limit": "ignored",
    "company.error-recovery-element": "always",
    "company.iterators-open-max": 7,
    "company.transaction-order": "created",
    "company.payment-touches-invoice": False,
    "desktop.open-twice-same-application": "accepted",
    "desktop.read-only-application": "3260",
    "desktop.subscription-set-on-error": "stops",
}


@pytest.mark.slow
def test_it_names_many_switches_at_once() -> None:
    found = compare(told(answers(CASES, MANY)))
    assert (found.settings, found.undecided, found.unexplained) == (MANY, {}, ())
    assert {each.switch for each in found.differences} >= set(MANY)


def test_our_own_answers_do_not_differ() -> None:
    found = compare(told(answers(CASES)))
    assert (found.differences, found.settings, found.unexplained) == ((), {}, ())
    assert (found.wording, found.unworded, found.likeness().latency) == (AS_OURS, (), {})
    assert (found.compared, found.missing, found.unknown) == (len(CASES), (), ())


@pytest.mark.slow
def test_a_file_in_single_user_mode_is_compared_with_one() -> None:
    """What multi-user mode refuses is done there, and says nothing of the switches about it."""
    found = compare(told(answers(SWITCH_CASES, mode="single"), about={"mode": "single"}))
    assert (found.differences, found.settings) == ((), {})
    wrongly = compare(told(answers(SWITCH_CASES, mode="single")))
    assert "company.merge-in-multi-user" in wrongly.settings


def test_what_no_option_tells_stays_unexplained() -> None:
    name = "over the credit limit"
    steps = answers({name: CASES[name]})[name]
    other = [
        step._replace(value=step.value.replace('"3180"', '"3999"') if isinstance(step.value, str) else step.value)
        for step in steps
    ]
    found = compare(told({name: other, "of another probe": []}))
    [left] = found.unexplained
    assert (left.case, left.switch, left.member) == (name, "company.credit-limit", "ProcessRequest")
    assert (left.theirs[1], left.ours[1]) == (["InvoiceAddRs 3999"], ["InvoiceAddRs 3180"])
    assert found.settings == {}
    assert found.unknown == ("of another probe",)


def test_times_become_a_latency() -> None:
    """Of several requests in one document each took its part; a set with an id may have been answered from what was stored."""

    def answer(inside, seconds, more=""):
        return Step("ProcessRequest", True, f"<QBXML><QBXMLMsgsRs{more}>{inside}</QBXMLMsgsRs></QBXML>", "", seconds)

    host, made = '<HostQueryRs statusCode="0">', '<CustomerAddRs statusCode="0">'
    steps = [answer(host, seconds) for seconds in (0.1, 0.2, 0.4)]
    steps += [answer(made * 2, 1.0), answer(made + host, 9.0), answer(made, 0.0, ' newMessageSetID="RUN"')]
    steps += [Step("BeginSession", True, "a ticket", "", 2.0), Step("EndSession", True, None, "", 3.0)]
    found = compare(told({"a whole session": steps}))
    assert found.latency == {
        "BeginSession": (2.0,),
        "CustomerAddRq": (0.5,),
        "EndSession": (3.0,),
        "HostQueryRq": (0.1, 0.2, 0.4),
    }
    assert found.likeness().latency == {
        "BeginSession": PaceForm(seconds=2.0),
        "CustomerAddRq": PaceForm(seconds=0.5),
        "HostQueryRq": PaceForm(seconds=0.2, spread=0.57),
        "other": PaceForm(seconds=0.2),
    }


@pytest.mark.parametrize("seconds", [3700.0, 31_536_000])
def test_a_call_that_took_for_ever_makes_the_longest_latency_there_is(seconds) -> None:
    """A window that nobody closed over night."""
    slow = Step("ProcessRequest", True, '<QBXML><QBXMLMsgsRs><BillAddRs statusCode="0"></QBXMLMsgsRs></QBXML>', "", seconds)
    assert compare(told({"a whole session": [slow]})).likeness().latency["BillAddRq"] == PaceForm(seconds=3600.0)


def whole(tmp_path):
    path = tmp_path / "parity.json"
    record.write(str(path), told(answers({"a whole session": CASES["a whole session"]})))
    return path


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text[: len(text) // 2], "half a file"),
        (lambda text: "", "half a file"),
        (lambda text: "<html>", "half a file, or no JSON"),
        (lambda text: "[]", "no parity file"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version 2, and this FakeBooks reads version 1"),
        (lambda text: text.replace('"complete": true', '"complete": 7'), "part 'complete'"),
        (lambda text: text.replace('"ground": []', '"ground": [[1]]'), "step 1 of its case 'ground'"),
        *[
            (
                lambda text, wrong=wrong: re.sub(r"[0-9.e-]+(?=\s*\])", wrong, text, count=1),
                r"is not \[member, ok, value, text, seconds\]",
            )
            for wrong in ("NaN", "Infinity", "-1", "9" * 400, "true")
        ],
        (lambda text: text.replace("true", "NaN" + "[" * 100_000), "half a file, or no JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_plainly(tmp_path, spoil, says) -> None:
    path = whole(tmp_path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UserMistake, match=says) as wrong:
        compare_file(str(path))
    assert str(path) in str(wrong.value)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(UserMistake, match="cannot be read"):
        compare_file(str(tmp_path / "none.json"))


def test_bytes_that_are_no_text(tmp_path) -> None:
    for content in (b"\x80{", b"\xef\xbb\xbf\x80{"):
        (tmp_path / "parity.json").write_bytes(content)
        with pytest.raises(UserMistake, match=r"not text in UTF-8 \(byte [03]\)"):
            compare_file(str(tmp_path / "parity.json"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be-bom"])
def test_a_file_that_powershell_wrote_again_is_taken(tmp_path, encoding) -> None:
    path = whole(tmp_path)
    before = compare_file(str(path))
    text = path.read_text().replace("\n", "\r\n")
    path.write_bytes(b"\xfe\xff" + text.encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding))
    assert compare_file(str(path)) == before


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\xff\xfe{\x00", b"\xfe\xff\xd8\x00"])
def test_half_a_file_in_utf_16(tmp_path, content) -> None:
    (tmp_path / "parity.json").write_bytes(content)
    with pytest.raises(UserMistake, match="half a file"):
        compare_file(str(tmp_path / "parity.json"))
