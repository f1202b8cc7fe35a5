"""One mistake, the same help at every door: command line, HTTP, Python and a story name the nearest right word."""

import pytest

from emulator import client
from emulator.com.exec import quickbooks_for_programs
from emulator.core.errors import UserMistake
from emulator.people import perform
from emulator.pytest_plugin import QuickBooksUnderTest
from emulator.scenario.model import load_scenario

STORY = "scenario: words\nsteps:\n  - {step}\n  - traffic: {{emit: invoice}}\ninvariants: [I1]\n"


def told_by_command(fakebooks, fault):
    words = [f"{place}={value}" for place, value in _flat(fault) if place != "fault"]
    code, out, err = fakebooks("fault", "add", fault["fault"], *words)
    assert (code, out) == (2, "")
    return err


def told_by_http(fault):
    with client.Control(client.find_running()) as control, pytest.raises(client.ControlFailed) as failed:
        control.inject(fault)
    assert failed.value.status == 400
    return f"{failed.value}; {failed.value.told.get('expected')}; {failed.value.told.get('advice')}"


def told_by_python(quickbooks, fault):
    others = {"parameters" if name == "with" else name: value for name, value in fault.items() if name != "fault"}
    with pytest.raises(UserMistake) as mistake:
        quickbooks.fault(fault["fault"], **others)
    return str(mistake.value)


def told_by_story(tmp_path, step):
    path = tmp_path / "words.yaml"
    path.write_text(STORY.format(step=step))
    with pytest.raises(UserMistake, match=r"words.yaml:\d+, column \d+: ") as mistake:
        load_scenario(path)
    return str(mistake.value)


def _flat(fields, above=""):
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


@pytest.fixture(scope="module")
def quickbooks():
    with quickbooks_for_programs("wholesale_small") as running:
        yield QuickBooksUnderTest(running)


@pytest.mark.parametrize(
    ("fault", "near"),
    [
        ({"fault": "answer-lots"}, "'answer-lost'"),
        ({"fault": "slow", "with": {"secnds": 3}}, "'seconds'"),
        ({"fault": "slow", "with": {"preset": "typicl"}}, "'typical'"),
        ({"fault": "slow", "point": "quickbooks.before-proces"}, "'quickbooks.before-process'"),
        ({"fault": "slow", "wher": {"machine": "server"}}, "'where'"),
        ({"fault": "slow", "where": {"machne": "server"}}, "'machine'"),
        ({"fault": "slow", "where": {"machine": "sever"}}, "'server'"),
        ({"fault": "slow", "where": {"user": "Goflo"}}, "'goflow'"),
        ({"fault": "slow", "where": {"request": "InvoiceAddRs"}}, "'invoiceaddrq'"),
        ({"fault": "slow", "where": {"call": "BeginSesion"}}, "'beginsession'"),
        ({"fault": "slow", "when": {"nht": 3}}, "'nth'"),
        ({"fault": "slow", "when": {"while": {"seats_fre": 0}}}, "'seats_free'"),
        ({"fault": "slow", "until": {"stuck": "x"}}, "'struck'"),
        ({"fault": "slow", "expect_hits": "anny"}, "'any'"),
        ({"fault": "share-lost", "with": {"machine": "sever"}}, "'server'"),
    ],
    ids=str,
)
def test_the_nearest_right_word_of_a_fault(world, fakebooks, quickbooks, tmp_path, fault, near):
    doors = {
        "command": told_by_command(fakebooks, fault),
        "http": told_by_http(fault),
        "python": told_by_python(quickbooks, fault),
        "story": told_by_story(tmp_path, f"inject: {fault}"),
    }
    # The stand-alone QuickBooks calls its machine SERVER.
    assert {door: near in told.casefold() for door, told in doors.items()} == dict.fromkeys(doors, True), doors
    assert world.plan.faults() == quickbooks.faults() == []


@pytest.mark.parametrize(
    ("act", "arguments", "near"),
    [
        ("operator.set_statsu", {}, "'operator.set_status'"),
        ("operator.set_status", {"stats": "Connected"}, "'status'"),
        ("operator.set_status", {"status": "Conected"}, "'Connected'"),
        ("accountant.log_in", {"machine": "acounting-pc"}, "'accounting-pc'"),
        ("admin.limit_user", {"user": "Goflow", "area": "Bankin", "level": "none"}, "'Banking'"),
        ("admin.repair_file", {"tool": "Verfy Data"}, "'Verify Data'"),
        ("operator.harm_installation", {"damage": "incomplet"}, "'incomplete'"),
    ],
)
def test_the_nearest_right_word_of_an_act(world, on_loop, tmp_path, act, arguments, near):
    with client.Control(client.find_running()) as control, pytest.raises(client.ControlFailed) as failed:
        control.act(act, arguments)
    assert near in str(failed.value.told)
    with pytest.raises(UserMistake) as mistake:
        on_loop(perform(world, act, arguments))
    assert near in str(mistake.value)
    assert near in told_by_story(tmp_path, f"{{do: {act}, with: {arguments}}}")
