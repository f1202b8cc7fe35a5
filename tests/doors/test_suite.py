"""The behaviour suite through every door: the same answers, byte for byte, but for ids and times.

Its cases are those of the product, `emulator.com.probe.cases`, and a few of our own (`sample.py`).
"""

import re
from collections import Counter

import pytest
from com.wine.conftest import WITHOUT_X86

from emulator.com.probe.cases import CASES as PRODUCT
from emulator.com.probe.player import Step
from emulator.com.probe.reading import reading
from emulator.desktop import TABLE, Call, Code, Stage
from emulator.qbxml import VERSIONS

from . import sample
from .doors import DOORS

CASES = PRODUCT | sample.CASES
OTHERS = [name for name, row in DOORS.items() if name != "in process" and not (row.width == "x86" and WITHOUT_X86)]


def test_no_two_cases_have_one_name() -> None:
    assert len(CASES) == len(PRODUCT) + len(sample.CASES)


@pytest.fixture(scope="module")
def inside():
    """Plays cases in process, the same ones once: in ids is counted what was made before, so other cases give others."""
    played = {}

    def play(cases):
        names = tuple(cases)
        if names not in played:
            played[names] = DOORS["in process"].play(cases)
        return played[names]

    return play


@pytest.fixture(scope="module")
def here(inside):
    return inside(CASES)


@pytest.fixture
def play(request):
    """Plays cases through a door by its name."""

    def through(name, cases):
        row = DOORS[name]
        prefix = (request.getfixturevalue("windows"), row.width) if row.width else ()
        return row.play(cases, *prefix)

    return through


def carried(door, cases):
    return {name: case for name, case in cases.items() if DOORS[door].carries(case)}


def said(results):
    """All that a door told, but for how long it took; a SAFEARRAY is a list or a tuple, as the language has it."""
    return {
        name: [
            Step(member, ok, list(value) if isinstance(value, tuple) else value, text, 0.0)
            for member, ok, value, text, _ in steps
        ]
        for name, steps in results.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("door", OTHERS)
def test_a_door_tells_the_same_as_in_process(inside, play, door) -> None:
    cases = carried(door, CASES)
    assert said(play(door, cases)) == said(inside(cases))


FAST = ("sessions", "errors", "recovery")


@pytest.mark.parametrize("door", [name for name in OTHERS if not DOORS[name].width])
def test_some_of_it_in_every_run(inside, play, door) -> None:
    """The cases that differ most from door to door; all of them, and Windows programs, are in the slow set."""
    cases = carried(door, {name: case for name, case in PRODUCT.items() if case.group in FAST})
    assert said(play(door, cases)) == said(inside(cases))


def test_how_much_the_doors_carry() -> None:
    """Every other door carries everything; the Web Connector what an update does, and that is most of it."""
    for door in OTHERS:
        if door != "Web Connector":
            assert carried(door, CASES) == CASES
    cases = carried("Web Connector", CASES)
    groups = Counter(case.group for case in cases.values())
    assert len(cases) >= 165
    assert groups["sessions"] >= 4
    for group, count in Counter(case.group for case in CASES.values()).items():
        if group not in ("sessions", "sample company"):
            assert groups[group] / count > 0.7, group
    # One whose session does not begin is told to connectionError, one that fails as a whole to receiveResponseXML.
    assert {"another company file", "not well-formed", "to the last page", "changed twice with one sequence"} <= set(cases)


# ---- what is documented, in process: the other doors tell the same ----------------------------------------------------------


CODES = {
    "not well-formed": [Code.XML_NOT_VALID],
    "nothing at all": [Code.XML_NOT_VALID],
    "an unknown element": [Code.XML_NOT_VALID],
    "an unknown request": [Code.XML_NOT_VALID],
    "the wrong order": [Code.XML_NOT_VALID],
    "no version": [Code.XML_NOT_VALID],
    "an entity": [Code.XML_NOT_VALID],
    "a NUL character": [Code.XML_NOT_VALID],
    "half a character": [Code.XML_NOT_VALID],
    "deep nesting": [Code.XML_NOT_VALID],
    "an unknown version": [Code.VERSION_UNKNOWN],
    "rollbackOnError": [Code.NO_ROLLBACK],
    "no application name": [Code.NO_APPLICATION_NAME],
    "a wrong ticket": [Code.WRONG_TICKET] * 2,
    "another company file": [Code.OTHER_FILE_OPEN],
    "every file mode": [Code.OTHER_MODE, Code.INVALID_PARAMETER],
    "connections to elsewhere": [Code.NO_SUCH_CONNECTION_TYPE] * 2,
    "preferences from elsewhere": [Code.NOT_FROM_REMOTE],
    "the preferences of a program": [Code.INVALID_PARAMETER] * 2,
    "the last error": [Code.NO_CONNECTION],
    "subscriptions from elsewhere": [Code.NOT_FROM_REMOTE] * 2,
    "subscriptions by the wrong call": [Code.WRONG_CALL] * 2,
    "subscriptions refused": [Code.NO_CONNECTION, Code.WRONG_CALL, Code.XML_NOT_VALID, Code.XML_NOT_VALID, Code.WRONG_CALL],
}
STATUSES = {
    "an amount of one decimal": "InvoiceAddRs 3040",
    "an invoice": "InvoiceAddRs 0",
    "an invoice in the next session": "InvoiceQueryRs 0",
    "a number too long": "InvoiceAddRs 3070",
    "a name with a colon": "CustomerAddRs 3090",
    "a name twice": "CustomerAddRs 3100",
    "an unknown customer": "InvoiceAddRs 3140",
    "stop on error": "CustomerAddRs 3231",
    "a mod of an old edit sequence": "CustomerModRs 3200",
    "past the last page": "CustomerQueryRs 3391",
    "an unknown set": "messageSetStatusCode 600",
    "go on after an error": "CustomerAddRs 0",
    "an id of a set that is too long": "messageSetStatusCode 9004",
    "dates turned round": "InvoiceQueryRs 3030",
}


MEMBERS = {
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


@pytest.mark.parametrize(("case", "codes"), CODES.items(), ids=CODES)
def test_result_codes(here, case, codes) -> None:
    """What fails, fails with its code; whatever else the case does goes on."""
    assert [step.value for step in here[case] if not step.ok] == [str(code) for code in codes]


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.CONNECTED, Stage.IN_SESSION])
@pytest.mark.parametrize("member", MEMBERS)
def test_the_order_of_calls(here, stage, member) -> None:
    expected = TABLE[stage][MEMBERS[member]]
    step = here[f"{stage.value}: {member}"][-1]
    assert (step.ok, "" if step.ok else step.value) == ((False, str(expected)) if isinstance(expected, Code) else (True, ""))


@pytest.mark.parametrize(("case", "status"), STATUSES.items())
def test_status_codes(here, case, status) -> None:
    told = [each for step in reading(here[case]) if len(step) == 3 for each in step[1]]
    assert status in told


def answer_of(steps, number):
    return [step.value for step in steps if step.member.startswith("Process")][number]


def test_a_query_finds_what_was_added(here) -> None:
    added, found = (answer_of(here["an invoice in the next session"], number) for number in (0, 1))
    assert added.split("<InvoiceRet>")[1].split("<TxnLineID>")[0].startswith("\n<TxnID>")
    assert "<RefNumber>RUN-next</RefNumber>" in found


def test_a_text_with_an_accent(here) -> None:
    assert "<Memo>caf\u00e9 &amp; more</Memo>" in answer_of(here["an invoice"], 0)


def test_requests_after_an_error(here) -> None:
    """They are done, or left out: as the set says."""
    assert "RUN Reached" in answer_of(here["go on after an error"], 0)
    assert "<CustomerRet>" not in answer_of(here["stop on error"], 1)


def test_what_can_be_read_of_a_processor(here) -> None:
    assert here["the last error"][3].value == 1
    assert here["the preferences of a program"][-3].value is True


def test_subscriptions(here) -> None:
    steps = here["a subscription"]
    assert all(step.ok for step in steps)
    assert list(steps[1].value) == list(VERSIONS[VERSIONS.index("3.0") :])
    made, ended = (answer_of(steps, number) for number in (0, 1))
    assert re.findall(r'statusCode="(\d+)"', made) == ["0", "3180", "0"]
    assert re.findall(r'statusCode="(\d+)"', ended) == ["0", "3120", "500"]
    assert made.count("<DataEventSubscriptionRet>") == 2
    assert made.startswith(
        '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLSubscriptionMsgsRs>\n<DataEventSubscriptionAddRs requestID="1" '
    )


def test_every_group_has_cases() -> None:
    assert {case.group for case in PRODUCT.values()} == {
        "sessions",
        "errors",
        "adds",
        "queries",
        "iterators",
        "mods",
        "recovery",
        "encodings",
        "switches",
    }
