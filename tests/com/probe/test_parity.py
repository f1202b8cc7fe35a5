"""Parity finds exactly what a FakeBooks with other switches was set to."""

import json
import re
from datetime import date
from functools import lru_cache

import pytest
from probed import the_ground, told

from emulator.com import parity
from emulator.com.likeness import TABLES, PaceForm, WordingForm, check_manner
from emulator.com.ours import DAY
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
def _answers(names, settings, mode, day, away):
    return played({name: CASES[name] for name in names}, dict(settings), mode=mode, day=day, away=away)


def answers(cases, settings=None, *, mode="multi", day=DAY, away=0):
    """What cases give. The same ones in the same circumstances give the same: they are played once, here and when they are compared."""
    return dict(_answers(tuple(cases), tuple((settings or {}).items()), mode, day, away))


@pytest.fixture(autouse=True)
def _played_once(monkeypatch):
    monkeypatch.setattr(parity, "answers", answers)


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
    assert found.is_conclusive
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


def test_a_request_that_we_do_not_take_has_no_latency() -> None:
    """A private one, and one that there is not: a likeness that had it would be refused."""

    def answer(name):
        return Step("ProcessRequest", True, f'<QBXML><QBXMLMsgsRs><{name}Rs statusCode="0"></QBXMLMsgsRs></QBXML>', "", 2.0)

    found = compare(told({"a whole session": [answer("Foo"), answer("PaycheckQuery"), answer("HostQuery")]}))
    assert found.untimed == ("FooRq", "PaycheckQueryRq")
    assert set(found.likeness().latency) == {"HostQueryRq", "other"}
    check_manner(found.likeness().wording, found.likeness().latency)


def test_what_our_own_door_takes_is_no_latency_and_adds_up_to_none() -> None:
    """A plain FakeBooks says nothing; one that is like another says it again, though what it takes itself comes on top."""
    own_s = (0.002, 0.005, 0.003, 0.012)

    def probed(seconds):
        document = '<QBXML><QBXMLMsgsRs><BillAddRs statusCode="0"></QBXMLMsgsRs></QBXML>'
        steps = [Step("ProcessRequest", True, document, "", round(seconds + own, 6)) for own in own_s]
        return compare(told({"a whole session": steps})).likeness().latency

    assert probed(0.0) == {}
    for seconds in (0.025, 0.1, 2.0):
        first = probed(seconds)["BillAddRq"].seconds
        again = probed(first)["BillAddRq"].seconds
        assert first <= again <= first * 1.25


def test_a_request_that_takes_no_time_does_not_take_that_of_the_others() -> None:
    def probed(**seconds):
        steps = [
            Step("ProcessRequest", True, f'<QBXML><QBXMLMsgsRs><{name}Rs statusCode="0"></QBXMLMsgsRs></QBXML>', "", each)
            for name, each in seconds.items()
        ]
        return compare(told({"a whole session": steps})).likeness().latency

    first = probed(BillAdd=0.002, CheckAdd=0.25, CustomerAdd=0.5)
    assert first == {
        "BillAddRq": PaceForm(),
        "CheckAddRq": PaceForm(seconds=0.25),
        "CustomerAddRq": PaceForm(seconds=0.5),
        "other": PaceForm(seconds=0.25),
    }
    assert probed(BillAdd=0.002, CheckAdd=0.001, CustomerAdd=0.5) == {"CustomerAddRq": PaceForm(seconds=0.5)}


def test_one_call_that_waited_does_not_spread_the_others() -> None:
    document = '<QBXML><QBXMLMsgsRs><BillAddRs statusCode="0"></QBXMLMsgsRs></QBXML>'
    steps = [Step("ProcessRequest", True, document, "", seconds) for seconds in (0.1, 0.102, 0.101, 0.103, 9.0, 0.1)]
    pace = compare(told({"a whole session": steps})).likeness().latency["BillAddRq"]
    assert (pace.seconds, pace.spread < 0.03) == (0.101, True)


def test_of_two_calls_the_first_one_says_nothing() -> None:
    """What is asked twice was loaded at the first time."""
    document = '<QBXML><QBXMLMsgsRs><BillAddRs statusCode="0"></QBXMLMsgsRs></QBXML>'
    steps = [Step("ProcessRequest", True, document, "", seconds) for seconds in (0.4, 0.002)]
    assert compare(told({"a whole session": steps})).likeness().latency == {}


def refused_ground(code):
    """The ground, its first account answered otherwise."""
    return [
        step._replace(
            value=step.value.replace('statusCode="0" statusSeverity="Info"', f'statusCode="{code}" statusSeverity="Error"', 1)
        )
        if step.member == "ProcessRequest"
        else step
        for step in the_ground()
    ]


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        (list, "8 of 8 requests were not answered"),
        (lambda: refused_ground(3175), "AccountAddRq was answered 3175 (Status OK)"),
        (lambda: the_ground()[:2], "8 of 8 requests were not answered"),
        (
            lambda: [
                each if each.member != "BeginSession" else Step("BeginSession", False, "0x80040416", "No.", 0.0)
                for each in the_ground()
            ],
            "BeginSession failed with 0x80040416 (No.)",
        ),
    ],
)
def test_nothing_is_concluded_where_the_ground_was_not_made(ground, says) -> None:
    otherwise = answers({"over the credit limit": CASES["over the credit limit"]}, {"company.credit-limit": "ignored"})
    found = compare(told(otherwise, ground=ground()))
    assert found.groundless == (says,)
    assert (found.compared, found.differences, found.settings, found.is_conclusive) == (0, (), {}, False)
    assert found.likeness().switches == {}


def test_a_warning_is_no_failure_of_the_ground() -> None:
    warned = [
        step._replace(
            value=step.value.replace('statusCode="0" statusSeverity="Info"', 'statusCode="530" statusSeverity="Warn"', 1)
        )
        if step.member == "ProcessRequest"
        else step
        for step in the_ground()
    ]
    assert compare(told({}, ground=warned)).groundless == ()


DAYS = [
    date(*day) for day in ((2026, 1, 1), (2026, 1, 31), (2026, 2, 1), (2026, 2, 28), (2028, 2, 29), (2026, 12, 31), (1999, 6, 1))
]
PERIOD = "company.report-default-period"
PERIODS = SWITCHES[PERIOD].choices


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_our_own_answers_of_any_day_do_not_differ(day) -> None:
    found = compare(told(answers(CASES, day=day), made=f"{day}T23:37:00"))
    assert (found.differences, found.settings, found.unexplained) == ((), {}, ())


@pytest.mark.parametrize("away", [0, -1, 1])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_a_day_cannot_tell_is_undecided_and_never_wrong(day, away) -> None:
    """The company's own day may be the one before or after the probe's."""
    case = {SHOWN[PERIOD]: CASES[SHOWN[PERIOD]]}
    for period in PERIODS:
        found = compare(told(answers(case, {PERIOD: period}, day=day, away=away), made=f"{day}T23:37:00"))
        assert found.settings.get(PERIOD, period) == period
        if PERIOD in found.undecided:
            assert period in found.undecided[PERIOD]
            assert PERIOD not in found.settings
        else:
            assert found.unexplained == ()
            assert bool(found.differences) == (period != SWITCHES[PERIOD].default)


def test_a_day_in_the_middle_of_a_month_tells_everything() -> None:
    case = {SHOWN[PERIOD]: CASES[SHOWN[PERIOD]]}
    for away in (0, -1, 1):
        for period in PERIODS[1:]:
            found = compare(told(answers(case, {PERIOD: period}, day=date(2026, 5, 15), away=away), made="2026-05-15T00:10:00"))
            assert (found.settings, found.undecided, found.unexplained) == ({PERIOD: period}, {}, ())


def test_january_cannot_tell_the_month_from_the_year() -> None:
    case = {SHOWN[PERIOD]: CASES[SHOWN[PERIOD]]}
    found = compare(told(answers(case, day=date(2026, 1, 10)), made="2026-01-10T14:00:00"))
    assert (found.differences, found.undecided) == ((), {PERIOD: ("ThisMonthToDate", "ThisYearToDate")})


def test_more_iterators_than_the_case_opens_are_a_number_beyond() -> None:
    name = SHOWN["company.iterators-open-max"]
    for most in (30, 400):
        found = compare(told(answers({name: CASES[name]}, {"company.iterators-open-max": most})))
        assert (found.settings, found.undecided) == ({}, {"company.iterators-open-max": ("30 or more",)})


def test_of_a_probe_of_some_cases_only_those_can_be_missing() -> None:
    asked = ["a whole session", "no application name"]
    found = compare(told(answers({"a whole session": CASES["a whole session"]}), complete=False, asked=asked))
    assert found.missing == ("no application name",)


def test_half_a_character_is_left_out() -> None:
    cases = answers({"a wrong ticket": CASES["a wrong ticket"], "an unknown customer": CASES["an unknown customer"]})
    spoilt = {
        name: [
            step._replace(
                text=step.text and step.text + "\ud83d",
                value=step.value.replace('statusMessage="', 'statusMessage="\udc00')
                if isinstance(step.value, str)
                else step.value,
            )
            for step in steps
        ]
        for name, steps in cases.items()
    }
    found = compare(told(spoilt, about={"product": "Bo\ud800oks"}))
    assert {each.code for each in found.unworded} == {"3140", "0x8004040D"}
    assert {each.why for each in found.unworded} == {"it holds half of a surrogate pair, which no text file can hold"}
    assert found.likeness().wording == WordingForm()
    assert found.likeness().of.startswith("Bo\\ud800oks, library")


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
        (lambda text: text.replace('"ground": [', '"ground": [[1],'), "step 1 of its case 'ground'"),
        (
            lambda text: text.replace("2026-03-02T14", "yesterday"),
            "its part 'made' is 'yesterday:00:00', and should begin with a day",
        ),
        (lambda text: text.replace("2026-03-02T14", "9999-12-31T14"), "a day from 1970-01-01 to 2199-12-31"),
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
