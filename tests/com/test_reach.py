"""The result codes that programs meet at a door: a story for each row of the table that names `program`."""

import http.client
from urllib.parse import urlsplit

import pytest

from emulator.com.exec import quickbooks_for_programs
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.core.switches import SwitchSettings
from emulator.desktop import REACHED, SWITCHES
from emulator.desktop.results import signed
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

from .programs import START, make_company, python

REFUSES = {"desktop.object-on-other-thread": "0x8001010E"}


@pytest.fixture(scope="module")
def url():
    settings = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, SWITCHES), REFUSES)
    with quickbooks_for_programs(make_company, settings=settings, start=START) as running:
        yield running.url


SHOW = """
    import threading, pythoncom, pywintypes, win32com.client
    def show(act):
        try:
            act()
        except pywintypes.com_error as error:
            print(error.hresult)
    def elsewhere(act):
        thread = threading.Thread(target=act)
        thread.start()
        thread.join()
    def make():
        return win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
"""

PROGRAMS = {
    "thread_outside_com": "elsewhere(lambda: show(make))",
    "object_on_other_thread": """
    rp = make()
    rp.OpenConnection("", "Threads")
    def use():
        pythoncom.CoInitialize()
        show(lambda: rp.BeginSession("", 2))
    elsewhere(use)
    """,
    "machine_without_quickbooks": "show(make)",
    "running_object": "show(lambda: win32com.client.GetActiveObject('QBXMLRP2.RequestProcessor'))",
    "class_name_unknown": "show(lambda: win32com.client.Dispatch('QBXMLRP9.RequestProcessor'))",
    "late_bound_failure": "show(lambda: make().BeginSession('', 2))",
    "argument_left_out": "show(lambda: make().EndSession())",
    # Written with the type library's own case, pywin32 refuses the word itself (ValueError).
    "argument_of_other_type": "show(lambda: make().beginsession('', 'multi'))",
}
BY_HAND = {"member_unknown": "/com/CloseEverything?object=object-1"}


@pytest.mark.parametrize("code", [code for code, reach in REACHED.items() if reach.by == "program" and reach.story in PROGRAMS])
def test_a_program_reaches_the_code(url, code):
    story = REACHED[code].story
    machine = "/NOWHERE" if story == "machine_without_quickbooks" else ""
    assert python(SHOW + "\n    " + PROGRAMS[story].strip(), url + machine).split() == [str(signed(code))]


@pytest.mark.parametrize("code", [code for code, reach in REACHED.items() if reach.story in BY_HAND])
def test_a_client_written_by_hand_reaches_the_code(url, code):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.request("POST", BY_HAND[REACHED[code].story])
    assert connection.getresponse().headers["X-Com-HResult"] == code
    connection.close()


def test_every_story_of_a_program_is_told():
    assert {reach.story for reach in REACHED.values() if reach.by == "program"} == {*PROGRAMS, *BY_HAND}


def test_the_thread_that_made_the_object_may_use_it(url):
    act = "rp = make(); rp.OpenConnection('', 'One'); print(len(rp.BeginSession('', 2)))"
    assert python(SHOW + "\n    " + act, url) == "32\n"


MARSHALLED = """
    import queue
    handed = queue.Queue()
    def work():
        pythoncom.CoInitialize()
        mine = win32com.client.Dispatch(pythoncom.CoGetInterfaceAndReleaseStream(handed.get(), pythoncom.IID_IDispatch))
        print(len(mine.BeginSession("", 2)))
    rp = make()
    rp.OpenConnection("", "Marshalled")
    handed.put(pythoncom.CoMarshalInterThreadInterfaceInStream(pythoncom.IID_IDispatch, rp))
    elsewhere(work)
"""


def test_an_object_that_was_marshalled_may_be_used_elsewhere(url):
    assert python(SHOW + MARSHALLED, url) == "32\n"


def test_a_stream_is_taken_once(url):
    program = """
    stream = pythoncom.CoMarshalInterThreadInterfaceInStream(pythoncom.IID_IDispatch, make())
    for _ in "12":
        show(lambda: pythoncom.CoGetInterfaceAndReleaseStream(stream, pythoncom.IID_IDispatch))
    """
    assert python(SHOW + program, url) == "-2147287010\n"


SHARED = """
    made = []
    def make_one():
        pythoncom.CoInitializeEx(pythoncom.COINIT_MULTITHREADED)
        made.append(make())
    def use():
        pythoncom.CoInitializeEx(pythoncom.COINIT_MULTITHREADED)
        made[0].OpenConnection("", "Shared")
        print(len(made[0].BeginSession("", 2)))
    elsewhere(make_one)
    elsewhere(use)
    show(lambda: made[0].CloseConnection())
"""


def test_the_multi_threaded_apartment_shares_its_objects_and_no_other_does(url):
    """The main thread has an apartment of its own."""
    assert python(SHOW + SHARED, url).split() == ["32", "-2147417842"]
