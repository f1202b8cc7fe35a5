"""The wire: what it takes, what it refuses, and what it does about programs that go away."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from emulator.com.exec import environment
from emulator.com.interface import MEMBERS
from emulator.com.likeness import Likeness, WordingForm
from emulator.com.wire import BODY_BYTES_MAX, CALLS_MAX
from emulator.faults import FaultSpec

from .programs import running_quickbooks


@pytest.fixture
def running():
    with running_quickbooks() as running:
        yield running


def post(running, target, body=b"", headers=None, method="POST"):
    parts = urlsplit(running.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("X-Com-HResult"), answer.read().decode()
    finally:
        connection.close()


def new_object(running):
    client = json.loads(post(running, "/com/hello")[2])["client"]
    return client, post(running, f"/com/new?client={client}&progid=QBXMLRP2.RequestProcessor")[2]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/com/hello?machine=NOWHERE", "0x80080005"),
        ("/com/new?client=client-1&progid=Excel.Application", "0x800401F3"),
        ("/com/new?client=nobody&progid=QBXMLRP2.RequestProcessor", "0x80010108"),
        ("/com/alive?client=nobody", "0x80010108"),
        ("/com/CloseConnection?object=nothing", "0x80010108"),
        ("/com/Nonsense?object=nothing", "0x80020006"),
        ("/com/EndSession?object=nothing", "0x8002000E"),
        ("/com/BeginSession?object=nothing&qbFileName=&reqFileMode=many", "0x80020005"),
    ],
)
def test_refusals(running, target, code):
    assert post(running, target)[:2] == (409, code)


def test_refusals_are_worded_as_the_quickbooks_behind_the_wire_words_them():
    """Those of QuickBooks itself, and those that the wire gives for it."""
    words = WordingForm(results={"0x80020006": "What?", "0x8004040F": "Open first."})
    with running_quickbooks(like=Likeness(wording=words)) as running:
        _, name = new_object(running)
        told = [
            post(running, "/com/Nonsense?object=nothing"),
            post(running, f"/com/BeginSession?object={name}&qbFileName=&reqFileMode=2"),
        ]
    assert told == [(409, "0x80020006", "What?"), (409, "0x8004040F", "Open first.")]


@pytest.mark.parametrize(
    ("progid", "code"),
    [("QBXMLRP2.RequestProcessor", None), ("QBXMLRP2.RequestProcessor.1", None), ("QBXMLRP.RequestProcessor", "0x80020006")],
)
def test_an_older_class_has_an_older_interface(running, progid, code):
    client = json.loads(post(running, "/com/hello")[2])["client"]
    name = post(running, f"/com/new?client={client}&progid={progid}")[2]
    assert post(running, f"/com/OpenConnection2?object={name}&appID=&appName=A&connPref=1")[1] == code
    assert post(running, f"/com/AuthPreferences.PutAuthFlags?object={name}&authFlags=8")[1] == code


def test_web_pages_are_kept_out(running):
    assert post(running, "/com/hello", headers={"Origin": "http://example.com"})[0] == 403


@pytest.mark.parametrize(
    ("method", "target", "status"), [("GET", "/com/hello", 405), ("POST", "/", 404), ("POST", "/v1/hello", 404)]
)
def test_what_is_no_call(running, method, target, status):
    assert post(running, target, method=method)[0] == status


def test_of_an_argument_said_twice_the_first_counts(running):
    client = json.loads(post(running, "/com/hello")[2])["client"]
    assert post(running, f"/com/alive?client={client}&client=nobody")[0] == 200


def test_a_mistake_of_our_own_is_told_on_our_side(running, monkeypatch, caplog):
    monkeypatch.setitem(running.wire._handlers, "alive", lambda asked: 1 // 0)
    assert post(running, "/com/alive")[0] == 500
    assert "ZeroDivisionError" in caplog.text


def test_a_closed_wire_does_nothing_any_more():
    with running_quickbooks() as running:
        wire = running.wire
        _client, name = new_object(running)
        running.on_loop(wire.close)
        assert post(running, f"/com/CloseConnection?object={name}")[:2] == (409, "0x800706BA")
        assert post(running, "/com/hello")[:2] == (409, "0x800706BA")
        assert wire.objects == 0


def test_a_document_may_be_large_but_not_without_limit(running):
    _client, name = new_object(running)
    target = f"/com/ProcessRequest?object={name}&ticket=x"
    assert post(running, target, b"x" * 1_000_000)[1] == "0x8004040C"
    status, code, text = post(running, target, headers={"Content-Length": str(BODY_BYTES_MAX + 1), "Connection": "close"})
    assert (status, code) == (409, "0x8004040E")
    assert str(BODY_BYTES_MAX) in text


def test_a_document_in_chunks_is_as_any_other(running):
    """QuickBooks knows no such ticket: it is the ticket that is refused, and not the body."""
    _client, name = new_object(running)
    target = f"/com/ProcessRequest?object={name}&ticket=x"
    assert post(running, target, iter([b"x" * 1000] * 3))[1] == "0x8004040C"
    assert post(running, target, iter([b"\xff", b"\xfe"]))[1] == "0x80020005"
    too_large = iter([b"x" * 1_000_000] * (BODY_BYTES_MAX // 1_000_000 + 1))
    assert post(running, target, too_large, {"Connection": "close"})[1] == "0x8004040E"


def test_bytes_that_are_no_utf8_are_no_text(running):
    _client, name = new_object(running)
    assert post(running, f"/com/ProcessRequest?object={name}&ticket=x", b"\xff\xfe")[1] == "0x80020005"


def test_every_member_of_the_interface_answers(running):
    _client, name = new_object(running)
    for member, known in MEMBERS.items():
        arguments = "".join(f"&{argument}={'1' if kind != 'text' else 'x'}" for argument, kind in known.arguments)
        status, code, _ = post(running, f"/com/{member}?object={name}{arguments}", b"x")
        assert status == 200 or code is not None


SESSION = """
import sys, win32com.client
rp = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
rp.OpenConnection("", "Victim")
ticket = rp.BeginSession("", 2)
print("begun", flush=True)
sys.stdin.read()
"""


def begin_in_a_program(running):
    program = subprocess.Popen(
        [sys.executable, "-c", SESSION],
        env=environment(running.url, os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout.readline() == "begun\n"
    return program


def ended(running):
    """Return an event that is set when a session ends, and the reasons."""
    happened, reasons = threading.Event(), []

    def listen(row):
        if row["kind"] == "session-ended":
            reasons.append(row.get("why"))
            happened.set()

    running.journal.listen(listen)
    return happened, reasons


def test_a_program_that_just_ends_has_its_object_released(running):
    happened, reasons = ended(running)
    with begin_in_a_program(running) as program:
        program.stdin.close()
        assert program.wait(10) == 0
    assert happened.wait(10)
    assert reasons == ["the object was released"]
    assert running.on_loop(lambda: running.quickbooks.sessions) == []


def test_a_killed_program_loses_its_session():
    with running_quickbooks(presence_limit_s=0.3) as running:
        happened, reasons = ended(running)
        with begin_in_a_program(running) as program:
            program.send_signal(signal.SIGKILL)
            program.wait(10)
        assert happened.wait(10)
        assert reasons == ["its program is gone"]


def hold(running, count):
    """Begin that many calls that hang behind a dialog; return the threads and the list their answers go to."""
    answers, threads = [], []
    running.on_loop(lambda: running.quickbooks.show_dialog("Backup", hangs=True))
    for number in range(count):
        _client, name = new_object(running)
        post(running, f"/com/OpenConnection?object={name}&appID=&appName=A{number}")
        target = f"/com/BeginSession?object={name}&qbFileName=&reqFileMode=2"
        threads.append(threading.Thread(target=lambda target=target: answers.append(post(running, target))))
        threads[-1].start()
    while running.on_loop(lambda: len(running.quickbooks.line)) < count:
        """Each look goes through the loop, so this does not spin."""
    return threads, answers


def test_calls_in_progress_are_bounded_and_clients_are_still_heard():
    with running_quickbooks() as running:
        client, name = new_object(running)
        assert post(running, f"/com/OpenConnection?object={name}&appID=&appName=Late")[0] == 200
        threads, answers = hold(running, CALLS_MAX)
        assert post(running, f"/com/MajorVersion?object={name}")[:2] == (409, "0x8001010A")
        assert post(running, f"/com/alive?client={client}")[0] == 200
        running.on_loop(running.quickbooks.close_dialog)
        for thread in threads:
            thread.join(20)
        assert [status for status, _, _ in answers] == [200] * CALLS_MAX
        assert post(running, f"/com/MajorVersion?object={name}")[0] == 200


def test_closing_the_wire_ends_calls_that_hang():
    with running_quickbooks() as running:
        threads, answers = hold(running, 2)
    for thread in threads:
        thread.join(10)
    assert [code for _, code, _ in answers] == ["0x800706BE"] * 2


WRITE = """
import win32com.client
rp = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
rp.OpenConnection("", "Victim")
ticket = rp.BeginSession("", 2)
print("begun", flush=True)
rp.ProcessRequest(ticket, '''<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerAddRq>
<CustomerAdd><Name>Written By A Dead Program</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>''')
"""


def test_what_a_killed_program_had_asked_for_is_done_all_the_same():
    with running_quickbooks(presence_limit_s=0.3) as running:
        office = running.quickbooks.office
        slow = FaultSpec.model_validate({"fault": "slow", "point": "quickbooks.before-commit", "with": {"seconds": 1.0}})
        running.on_loop(lambda: office.plan.add(slow, office.now()))
        committed = threading.Event()
        running.journal.listen(lambda row: committed.set() if row["kind"] == "committed" else None)
        struck = threading.Event()
        running.journal.listen(lambda row: struck.set() if row["kind"] == "fault-hit" else None)
        with subprocess.Popen(
            [sys.executable, "-c", WRITE], env=environment(running.url, os.environ), stdout=subprocess.DEVNULL
        ) as program:
            assert struck.wait(10)
            program.kill()
        assert committed.wait(10)
        names = running.on_loop(lambda: [each["name"] for each in office.files[0].company.truth.customers()])
        assert "Written By A Dead Program" in names
