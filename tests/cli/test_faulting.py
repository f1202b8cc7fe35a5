"""`fakebooks fault` against the control API of a world in this process: add, list, fire, clear, and what cannot be."""

import json

import pytest

from emulator.cli.console import OUT
from emulator.cli.fields import fields_of
from emulator.core.errors import UserMistake
from emulator.faults import FaultSpec
from emulator.people import perform
from emulator.world import ask_quickbooks

HOST = b"""<?xml version="1.0"?><?qbxml version="13.0"?>
<QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>"""


def test_words_say_what_a_scenario_file_says():
    words = [
        "as=no",
        "where.number=G-7",
        "when.nth=3",
        'when.between=["18:00", "19:00"]',
        "when.while.seats_free=0",
        "with.seconds=2.5",
    ]
    spec = FaultSpec.model_validate({"fault": "slow", **fields_of([*words, "until.at=2026-11-23T09:30:00-05:00"])})
    assert spec == FaultSpec.model_validate(
        {
            "fault": "slow",
            "as": "no",
            "where": {"number": "G-7"},
            "when": {"nth": 3, "between": ["18:00", "19:00"], "while": {"seats_free": 0}},
            "with": {"seconds": 2.5},
            "until": {"at": "2026-11-23T09:30:00-05:00"},
        }
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nth"], "FIELD=VALUE"),
        (["when=1", "when.nth=2"], "both given"),
        (["times=1", "times=2"], "twice"),
        (["with.x=[1"], "as in YAML"),
    ],
)
def test_words_that_say_nothing(words, told):
    with pytest.raises(UserMistake, match=told):
        fields_of(words)


def test_a_fault_from_its_beginning_to_its_end(world, on_loop, fakebooks):
    async def ask():
        try:
            await ask_quickbooks(world, HOST)
        except Exception as failure:
            return type(failure).__name__
        return "answered"

    assert fakebooks("fault", "list") == (0, "no fault was put into force\n", "")
    code, out, err = fakebooks("fault", "add", "session-error", "as=now", "when.by_hand=true", "where.call=ProcessRequest")
    assert (code, out, err) == (0, "now at quickbooks.before-process: armed: fire it\n", "")
    on_loop(perform(world, "operator.log_in_goflow"))
    assert on_loop(ask()) == "answered"
    assert fakebooks("fault", "fire", "now", "--times", "2")[:2] == (0, "now strikes the next 2 matching calls\n")
    assert [on_loop(ask()) for _ in range(3)] == ["SessionFailure", "SessionFailure", "answered"]
    rows = [row["n"] for row in world.journal.rows("fault-hit")]
    code, out, _ = fakebooks("fault", "list")
    assert (
        out
        == f"now (session-error) at quickbooks.before-process: armed: fire it, 2 hits, rows {rows[0]}, {rows[1]}; until lifted by hand\n"
    )
    assert json.loads(fakebooks("fault", "list", "--json")[1])[0]["rows"] == rows
    assert fakebooks("fault", "add", "hosting-off")[0] == 0
    assert fakebooks("fault", "clear", "now")[:2] == (0, "lifted: now\n")
    assert fakebooks("fault", "clear")[:2] == (0, "lifted: hosting-off\n")
    assert world.office.hosting
    assert fakebooks("fault", "clear")[:2] == (0, "lifted: none was in force\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "answer-lots"), "there is no fault 'answer-lots'; expected 'answer-lost'"),
        (("add", "slow", "with.second=3"), "fault 'slow' has no parameter 'second'; expected 'seconds'"),
        (("add", "slow", "wen.nth=3"), "expected 'when'"),
        (("add", "slow", "where.machine=sever"), "there is no machine 'sever'; expected 'server'"),
        (("add", "crash", "where.user=Goflo"), "there is no user 'Goflo'; expected 'Goflow'"),
        (("add", "slow", "with.seconds=-1"), "at least 0"),
        (("clear", "nobody"), "no fault is called 'nobody'"),
        (("fire", "nobody"), "no fault is called 'nobody'"),
    ],
)
def test_mistakes_name_the_right_word(world, fakebooks, arguments, told):
    code, out, err = fakebooks("fault", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert world.plan.faults() == []


def test_nobody_runs_here(fakebooks, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    code, _, err = fakebooks("fault", "list")
    assert code == 2
    assert "no FakeBooks runs here" in err


def test_a_wrong_token(world, fakebooks, monkeypatch):
    from emulator import client

    client.leave_note(client.Running(client.find_running().url, "another token"))
    code, _, err = fakebooks("fault", "list")
    assert code == 2
    assert "the token is missing or wrong" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "slow", "for_s=1e999"), "'1e999' cannot be read"),
        (("add", "slow", "with.seconds=.nan"), "'.nan' cannot be read"),
        (("add", "slow", "when.nth=x"), "when.nth is 'x'; expected a whole number"),
        (("add", "slow", "when=3"), "when is 3; expected fields with their values (between, by_hand, "),
        (("add", "slow", "as=a/b"), "as is 'a/b'; expected a name that begins with a letter or digit"),
        (("add", "slow", "as=.."), "as is '..'; expected a name that begins with a letter or digit"),
        (("fire", "x", "--times", "0"), "--times"),
        (("fire", "x", "--times", "many"), "--times"),
        (("clear", ".."), "there is nothing at "),
    ],
)
def test_odd_words_are_refused_in_ours(world, fakebooks, arguments, told):
    code, out, err = fakebooks("fault", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Input should" not in err
    assert world.plan.faults() == []


def test_nothing_after_the_sign_is_an_empty_text():
    assert fields_of(["with.preset=", "as=' '"]) == {"with": {"preset": ""}, "as": " "}


@pytest.mark.slow
def test_every_kind_with_its_defaults_is_added_shown_and_lifted(world, on_loop, fakebooks, monkeypatch):
    monkeypatch.setattr(OUT, "_width", 200)
    on_loop(perform(world, "operator.log_in_goflow"))
    for name in world.plan.kinds:
        code, _, err = fakebooks("fault", "add", name)
        if code:
            assert (code, err.startswith("fakebooks: http"), "; " in err) == (2, True, True), (name, err)
            continue
        assert name in fakebooks("status")[1]
        assert f"{name} at " in fakebooks("fault", "list")[1]
        assert fakebooks("fault", "clear", name)[:2] == (0, f"lifted: {name}\n")
