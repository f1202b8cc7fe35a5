"""The suite through both doors: in process with a driver, and behind the pywin32 stand-in in a program of its own. Same answers, same codes."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.com.exec import environment, quickbooks_for_programs
from emulator.com.interface import MEMBERS
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import load_company
from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import (
    KINDS,
    SWITCHES,
    TABLE,
    Application,
    Call,
    Code,
    Driver,
    Office,
    QuickBooks,
    RequestProcessor,
    SessionFailure,
    Stage,
)
from emulator.faults import Plan
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.qbxml import VERSIONS

from . import suite

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SETTINGS = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, SWITCHES))


def make_company(clock):
    return load_company("wholesale_small", clock.now, SETTINGS)


def in_process(cases):
    """Play cases on the virtual clock with a driver."""

    async def story(clock):
        company = make_company(clock)
        journal, chance = Journal(clock.now), Chance(1)
        office = Office(SETTINGS, journal, Plan(KINDS, chance, journal), chance, clock.now)
        office.add_file(company, everyone=Application("", login="even if not running", login_as="Goflow"))
        quickbooks = QuickBooks("SERVER", office)
        quickbooks.log_in("Goflow", "multi")
        driver = Driver(clock)
        results = {}
        for name, steps in cases.items():
            results[name] = await play(driver, RequestProcessor(quickbooks), steps)
        company.close()
        return results

    return run_virtual(story, START)


async def play(driver, processor, steps):
    """`suite.play`, awaited."""
    ticket, results = "", []
    for member, *arguments in steps:
        given = [ticket if argument == "$ticket" else argument for argument in arguments]
        try:
            value = await driver.perform(MEMBERS[member].call(processor, *given))
        except SessionFailure as failure:
            results.append(["failed", str(failure.code)])
            continue
        if member == "BeginSession":
            ticket, value = value, "a ticket"
        results.append(["ok", suite.steady(value)])
    await driver.perform(processor.release())
    return results


def behind_the_standin(cases):
    """Play cases in a program that believes it has pywin32."""
    with quickbooks_for_programs(make_company, settings=SETTINGS, start=START) as running:
        program = subprocess.run(
            [sys.executable, str(Path(suite.__file__))],
            env=environment(running.url, os.environ),
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return json.loads(program.stdout)


@pytest.fixture(scope="module")
def results():
    return {"in process": in_process(suite.CASES), "stand-in": behind_the_standin(suite.CASES)}


@pytest.mark.parametrize("case", suite.CASES)
def test_both_doors_tell_the_same(results, case):
    assert results["in process"][case] == results["stand-in"][case]


DOORS = ("in process", "stand-in")
ROWS = {
    "OpenConnection": Call.OPEN_CONNECTION,
    "BeginSession": Call.BEGIN_SESSION,
    "ProcessRequest": Call.PROCESS_REQUEST,
    "EndSession": Call.END_SESSION,
    "CloseConnection": Call.CLOSE_CONNECTION,
    "GetCurrentCompanyFileName": Call.READ_SESSION,
    "QBXMLVersionsForSession": Call.READ_SESSION,
    "GetIsReadOnly": Call.READ_SESSION,
    "PutIsReadOnly": Call.PUT_PREFERENCE,
    "ProcessSubscription": Call.PROCESS_SUBSCRIPTION,
    "QBXMLVersionsForSubscription": Call.READ_SUBSCRIPTION_VERSIONS,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.CONNECTED, Stage.IN_SESSION])
@pytest.mark.parametrize("member", suite.CALLS)
def test_the_order_of_calls(results, door, stage, member):
    expected = TABLE[stage][ROWS[member]]
    outcome, value = results[door][f"{stage.value}: {member}"][-1]
    assert (outcome, value if outcome == "failed" else "") == (
        ("failed", str(expected)) if isinstance(expected, Code) else ("ok", "")
    )


PROCESSED = {
    "not well-formed": Code.XML_NOT_VALID,
    "nothing at all": Code.XML_NOT_VALID,
    "unknown element": Code.XML_NOT_VALID,
    "unknown request": Code.XML_NOT_VALID,
    "wrong order": Code.XML_NOT_VALID,
    "no version": Code.XML_NOT_VALID,
    "entities": Code.XML_NOT_VALID,
    "unknown version": Code.VERSION_UNKNOWN,
    "rollback": Code.NO_ROLLBACK,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("case", "code"), PROCESSED.items())
def test_documents_refused_as_a_whole(results, door, case, code):
    steps = results[door][case]
    assert steps[2] == ["failed", str(code)]
    assert [outcome for outcome, _ in steps] == ["ok", "ok", "failed", "ok", "ok"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("case", "texts"),
    [
        ("add and query", ['statusCode="0"', "<RefNumber>G-10023</RefNumber>", "café &amp; [key:K1]"]),
        ("add, refused for good", ['statusCode="3140"']),
        ("stop on error", ['statusCode="3140"', 'statusCode="3231"']),
        ("go on after an error", ['statusCode="3140"', "<HostRet>"]),
        ("number too long", ['statusCode="3070"']),
        ("amount not a number", ['statusCode="3040"']),
    ],
)
def test_documents_answered(results, door, case, texts):
    outcome, answer = results[door][case][2]
    assert outcome == "ok"
    assert all(text in answer for text in texts)


@pytest.mark.parametrize("door", DOORS)
def test_a_query_finds_what_was_added(results, door):
    added, found = results[door]["add and query"][2][1], results[door]["add and query"][7][1]
    assert added.split("<InvoiceRet>")[1].split("<TxnLineID>")[0].startswith("\n<TxnID>")
    assert "<RefNumber>G-10023</RefNumber>" in found


@pytest.mark.parametrize("door", DOORS)
def test_the_rest(results, door):
    def codes(case):
        return [value for outcome, value in results[door][case] if outcome == "failed"]

    assert codes("wrong ticket") == [Code.WRONG_TICKET] * 2
    assert codes("ticket of an ended session") == [Code.WRONG_TICKET]
    assert codes("no application name") == [Code.NO_APPLICATION_NAME]
    assert codes("connection types") == [Code.NO_SUCH_CONNECTION_TYPE] * 2
    assert codes("remote preferences") == [Code.NOT_FROM_REMOTE]
    assert codes("file modes") == [Code.OTHER_MODE, Code.INVALID_PARAMETER]
    assert codes("other file") == [Code.OTHER_FILE_OPEN]
    assert codes("preferences") == [Code.INVALID_PARAMETER]
    wrong_kind = Code.XML_NOT_VALID  # the right call, an ordinary request in it
    assert codes("subscriptions, refused") == [
        Code.NO_CONNECTION,
        Code.WRONG_CALL,
        wrong_kind,
        Code.XML_NOT_VALID,
        Code.WRONG_CALL,
    ]
    assert codes("subscriptions from elsewhere") == [Code.NOT_FROM_REMOTE] * 2
    assert results[door]["preferences"][-1] == ["ok", True]


@pytest.mark.parametrize("door", DOORS)
def test_subscriptions(results, door):
    steps = results[door]["subscriptions"]
    assert [outcome for outcome, _ in steps] == ["ok"] * len(steps)
    assert list(steps[1][1]) == list(VERSIONS[VERSIONS.index("3.0") :])
    made, ended = steps[2][1], steps[6][1]
    assert re.findall(r'statusCode="(\d+)"', made) == ["0", "3180", "0"]
    assert re.findall(r'statusCode="(\d+)"', ended) == ["0", "3120", "500"]
    assert made.count("<DataEventSubscriptionRet>") == 2
    assert made.startswith(
        '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLSubscriptionMsgsRs>\n<DataEventSubscriptionAddRs requestID="1" '
    )
