"""Windows programs, x64 and x86, under real Wine: what they get through the COM door is what QuickBooks says."""

import contextlib
import itertools
import queue
import subprocess
import threading

import pytest

from com.programs import python, running_quickbooks
from emulator.faults import FaultSpec

from .scripted import answer, failure, scripted

pytestmark = pytest.mark.slow

PROCESSOR = "QBXMLRP2.RequestProcessor"
SOURCE = "QBXMLRP2.RequestProcessor.2"
NO_SESSION = "There is no session: BeginSession has not been called or it did not succeed."
TOO_LATE = "This call cannot be made between BeginSession and EndSession."


@pytest.fixture(scope="module")
def running():
    with running_quickbooks() as running:
        yield running


def test_every_member_over_the_vtable(windows, running, width):
    lines = windows.client(width, running.url, "all", PROCESSOR)
    versions = "3.0,4.0,4.1,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,16.0"
    path = running.on_loop(lambda: running.quickbooks.opening.file.path)
    assert lines == [
        "create 00000000",
        *["query 00000000 same"] * 4,
        "errors 00000000",
        "supports 00000000",
        "supports 00000001",
        "AuthPreferences 00000000",
        *["query 00000000 same"] * 2,
        "early 00000000",
        "OpenConnection 00000000",
        "PutIsReadOnly 00000000",
        "PutUnattendedModePref 00000000",
        "PutPersonalDataPref 00000000",
        "PutAuthFlags 00000000",
        "BeginSession 00000000",
        "WasAuthPreferencesObeyed 00000000 -1",
        "GetIsReadOnly 00000000 0",
        "GetUnattendedModePref 00000000 2",
        "GetPersonalDataPref 00000000 3",
        f"PutAuthFlags 8004042E [{SOURCE}] [{TOO_LATE}]",
        "MajorVersion 00000000 16",
        "MinorVersion 00000000 0",
        "ReleaseLevel 00000000 3",
        "ReleaseNumber 00000000 1",
        "ConnectionType 00000000 1",
        f"QBXMLVersionsForSession 00000000 1.0,1.1,2.0,2.1,{versions}",
        f"QBXMLVersionsForSubscription 00000000 {versions}",
        f"GetCurrentCompanyFileName 00000000 {path}",
        "ProcessRequest 00000000 HostRet",
        f"ProcessSubscription 80040400 [{SOURCE}] [QuickBooks met an error when parsing the provided XML text stream.] no text",
        "GetQBLastError 00000000",
        f"NULL 8004040D [{SOURCE}] [The ticket parameter is invalid.] no text",
        "no out 80004003",
        "EndSession 00000000",
        "CloseConnection 00000000",
        "after 00000000",
        "left 0",
    ]
    assert running.wire.objects == 0


NAMES = [PROCESSOR, "QBXMLRP2.RequestProcessor.1", "QBXMLRP2.RequestProcessor.2", "QBXMLRP.RequestProcessor"]

STAND_IN = """
    import sys
    import pythoncom, win32com.client

    def fail(name, *given):
        try:
            getattr(rp, name)(*given)
        except pythoncom.com_error as error:
            _, source, description, _, _, code = error.excepinfo
            print(f"{error.hresult & 0xFFFFFFFF:08X} [{source}] [{description}] {code & 0xFFFFFFFF:08X}")

    for name in sys.argv[1:]:
        rp = win32com.client.Dispatch(name)
        rp.OpenConnection("", "Late")
        fail("ProcessRequest", "none", "<x/>")
        ticket = rp.BeginSession("", 2)
        preferences = getattr(rp, "AuthPreferences", None)
        rp, whole = preferences or rp, rp
        fail("PutAuthFlags", 1) if preferences else fail("BeginSession", "", 2)
        rp = whole
        rp.EndSession(ticket)
        rp.CloseConnection()
"""


def test_late_bound(windows, running, width):
    """What is told of a failure is also what the stand-in tells."""
    lines = iter(windows.client(width, running.url, "late", *NAMES))
    told = iter(python(STAND_IN, running.url, *NAMES).splitlines())
    for name in NAMES:
        current = {PROCESSOR: SOURCE, "QBXMLRP.RequestProcessor": "QBXMLRP.RequestProcessor.1"}.get(name, name)
        no_session, too_late = next(told), next(told)
        assert no_session == f"80020009 [{current}] [{NO_SESSION}] 8004040C"
        expected = [
            "create 00000000",
            "OPENCONNECTION 2 00000000 type 0",
            # A method asked for as a property, and the other way round.
            "CloseConnection 3 80020003 type 0",
            "MajorVersion 7 80020003 type 0",
            "NoSuchMember 80020006",
            "BeginSession 4 8002000E type 0",
            "BeginSession 4 80020005 type 0",
            f"ProcessRequest 1 {no_session.replace(' ', ' type 8 ', 1)} 0",
            "BeginSession 4 00000000 type 8 1",
            "MajorVersion 7 00000000 type 2 16",
            "ReleaseLevel 9 00000000 type 3 3",
            "QBXMLVersionsForSession 11 00000000 type 8200",
            "GetQBLastError 17 00000000 type 8 1",
            "AuthPreferences 16 00000000 type 9",
            "GetIsReadOnly 2 00000000 type 11 0",
            f"PutAuthFlags 8 {too_late.replace(' ', ' type 0 ', 1)}",
            "EndSession 5 00000000 type 0",
            "CloseConnection 3 00000000 type 0",
        ]
        if current.endswith("RP2.RequestProcessor.1"):
            expected[12] = "GetQBLastError 80020006"  # its interface is the fourth, which has no such member
        if "QBXMLRP2" not in name:
            expected[12:16] = [f"BeginSession 4 {too_late.replace(' ', ' type 8 ', 1)} 0"]
        assert [next(lines) for _ in expected] == expected
    assert [*lines, *told] == []


def test_interfaces(windows, running, width):
    """An object has the interfaces of its class and no later ones; the first one is the old library's."""
    lines = windows.client(width, running.url, "interfaces", *NAMES)
    assert [line.split() for line in lines[1::2]] == [
        ["no", "yes", "yes", "yes", "yes"],
        ["no", "yes", "yes", "yes", "no"],
        ["no", "yes", "yes", "yes", "yes"],
        ["yes", "yes", "no", "no", "no"],
    ]


def test_a_client_of_the_first_interface(windows, running, width):
    source = "QBXMLRP.RequestProcessor.1"
    assert windows.client(width, running.url, "first", "QBXMLRP.RequestProcessor") == [
        "create 00000000",
        "one object",
        "supports 00000000",
        f"EndSession 8004040C [{source}] [{NO_SESSION}]",
        "OpenConnection 00000000",
        "BeginSession 00000000",
        "GetCurrentCompanyFileName 00000000 path",
        "ProcessRequest 00000000 HostRet",
        # From another thread, by way of the type library.
        "marshal 00000000",
        "unmarshal 00000000",
        "GetCurrentCompanyFileName 00000000 path",
        "EndSession 8004040D",
        "EndSession 00000000",
        "CloseConnection 00000000",
        "left 0",
    ]


def test_arguments(windows, running, width):
    """By reference, of other types, by name, too few, too many, missing, none."""
    wrong = ["80020005", "80020005", "80020008", "80020005", "8002000E", "8002000E"]
    assert windows.client(width, running.url, "arguments", PROCESSOR) == [
        "create 00000000",
        "OpenConnection 2 00000000 type 0",
        *["BeginSession 4 00000000 type 8 1", "EndSession 5 00000000 type 0"] * 4,
        *[f"BeginSession 4 {code} type 0" for code in wrong],
        "GetIDsOfNames 00000000 410",
        "named 00000000 ticket",
        "no such id 80020003",
        "no parameters 80070057",
        "no result 80020009",
        "left 0",
    ]
    assert running.on_loop(lambda: running.quickbooks.sessions) == []


def test_many_threads_at_once(windows, running, width):
    assert windows.client(width, running.url, "crowd", PROCESSOR) == ["right 8"]
    assert running.wire.objects == 0


SCRIPT = """
On Error Resume Next
Set rp = CreateObject("QBXMLRP2.RequestProcessor")
WScript.Echo TypeName(rp)
rp.OpenConnection "", "A script"
rp.EndSession "nothing"
WScript.Echo Err.Number & " " & Err.Source & ": " & Err.Description
Err.Clear
ticket = rp.BeginSession("", 2)
answer = rp.ProcessRequest(ticket, "<?xml version=""1.0""?><?qbxml version=""13.0""?><QBXML><QBXMLMsgsRq onError=""stopOnError"">" & _
    "<CustomerAddRq><CustomerAdd><Name>By Script WIDTH</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>")
WScript.Echo InStr(answer, "<FullName>By Script WIDTH</FullName>") > 0
WScript.Echo rp.MajorVersion & "." & rp.MinorVersion & " " & rp.AuthPreferences.GetIsReadOnly(ticket)
rp.OpenConnection "", "x", 3
WScript.Echo Hex(Err.Number)
Err.Clear
rp.EndSession ticket, 1
WScript.Echo Hex(Err.Number)
Err.Clear
rp.EndSession ticket
rp.CloseConnection
WScript.Echo Err.Number
WScript.Quit 7
"""


def test_a_script_under_cscript(windows, running, width, tmp_path):
    script = tmp_path / "connector.vbs"
    script.write_text(SCRIPT.replace("WIDTH", width), encoding="ascii")
    code, out, errors = windows.run(windows.command(width, "cscript.exe", "/nologo", f"Z:{script}"), running.url)
    assert out.split("\r\n")[:-1] == [
        "IRequestProcessor5",
        f"-2147220468 {SOURCE}: {NO_SESSION}",
        "-1",
        "16.0 False",
        *["1C2"] * 2,  # 450: wrong number of arguments
        "0",
    ], errors
    assert code == 7
    company = running.quickbooks.office.files[0].company
    assert f"By Script {width}" in running.on_loop(lambda: [each["full_name"] for each in company.truth.customers()])


ACCENTS = "Le fichier « Café Zoë » est déjà ouvert: 東京 \N{PILE OF POO}\r\nsecond line"


def test_an_error_with_accents(windows, width):
    said = failure("0x80040408", ACCENTS)
    with scripted({"GetQBLastError": said, "MajorVersion": said, "QBXMLVersionsForSubscription": said}) as wire:
        _, out, _ = windows.run(windows.client_command(width, "calls", PROCESSOR), wire.url)
    assert f"GetQBLastError 80040408 [{SOURCE}] [{ACCENTS}]" in out


ACCENTS_SCRIPT = """
On Error Resume Next
CreateObject("QBXMLRP2.RequestProcessor").CloseConnection
number = Err.Number
description = Err.Description
WScript.Echo number
WScript.Echo description = "d" & Chr(233) & "j" & Chr(224)
"""


def test_an_error_with_accents_in_a_script(windows, width, tmp_path):
    script = tmp_path / "accents.vbs"
    script.write_text(ACCENTS_SCRIPT, encoding="ascii")
    with scripted({"CloseConnection": failure("0x80040408", "déjà")}) as wire:
        _, out, _ = windows.run(windows.command(width, "cscript.exe", "/nologo", f"Z:{script}"), wire.url)
    assert out.split() == ["-2147220472", "-1"]


def test_five_megabytes_byte_for_byte(windows, width, tmp_path):
    line = "<a b='1'>\r\n\n\r\t é 東 \N{PILE OF POO} \N{MUSICAL SYMBOL G CLEF} ]]> & \u0001 \u2028</a>\n"
    document = ("\n\n" + line * (5_000_000 // len(line.encode()) + 1) + "\r\n").encode()
    given, got = tmp_path / "given", tmp_path / "got"
    given.write_bytes(document)
    sent = []

    def echo(_, body):
        sent.append(body)
        return answer(body)

    with scripted({"OpenConnection2": answer(kind="none"), "BeginSession": answer(b"t&?=%"), "ProcessRequest": echo,
                   "EndSession": answer(kind="none"), "CloseConnection": answer(kind="none")}) as wire:  # fmt: skip
        windows.client(width, wire.url, "process", PROCESSOR, f"Z:{given}", f"Z:{got}")
    assert sent == [document]
    assert got.read_bytes() == document
    assert "ticket=t%26%3F%3D%25" in wire.calls[4]


def test_calls_of_an_object_share_one_connection(windows, width):
    with scripted(
        {
            "GetQBLastError": answer(),
            "MajorVersion": answer(b"16", "integer"),
            "QBXMLVersionsForSubscription": answer(b"1", "list"),
        }
    ) as wire:
        lines = windows.client(width, wire.url, "calls", PROCESSOR)
    assert lines == [
        "create 00000000",
        "GetQBLastError 00000000",
        "MajorVersion 00000000 16",
        "QBXMLVersionsForSubscription 00000000 1",
    ]
    assert [call.partition("?")[0] for call in wire.calls][-1] == "/com/release"
    assert wire.connections == 2  # the greeting has its own


def late_until_called_within():
    """Answers of a session: that of ProcessRequest comes only when MajorVersion was called meanwhile."""
    called = threading.Event()

    def wait(*_):
        return answer(b"late") if called.wait(60) else None

    def within(*_):
        called.set()
        return answer(b"16", "integer")

    return {
        "OpenConnection2": answer(kind="none"),
        "BeginSession": answer(b"ticket"),
        "ProcessRequest": wait,
        "MajorVersion": within,
    }


def test_a_slow_call_lets_other_calls_in(windows, width):
    """The answer comes only when another thread of the program has called into the object that waits."""
    ends = {"EndSession": answer(kind="none"), "CloseConnection": answer(kind="none")}
    with scripted(late_until_called_within() | ends) as wire:
        lines = windows.client(width, wire.url, "slow", PROCESSOR)
    # Which of the two threads prints first is chance: both have their answers by then.
    assert sorted(lines[-2:]) == ["ProcessRequest 00000000", "within 00000000"]


def test_an_object_released_while_it_works(windows, width):
    """The answer comes only when the program is about to release the object, which is dropped behind the call."""
    with scripted(late_until_called_within()) as wire:
        lines = windows.client(width, wire.url, "midway", PROCESSOR)
    assert lines[3:] == ["MajorVersion 00000000", "released 00000000", "ProcessRequest 00000000 late"]
    assert [call.partition("?")[0] for call in wire.calls][-3:] == ["/com/ProcessRequest", "/com/MajorVersion", "/com/release"]


def test_a_call_of_quickbooks_that_takes_long(windows, width):
    with running_quickbooks() as running:
        office = running.quickbooks.office
        slow = FaultSpec.model_validate({"fault": "slow", "point": "quickbooks.before-process", "with": {"seconds": 1.0}})
        running.on_loop(lambda: office.plan.add(slow, office.now()))
        lines = windows.client(width, running.url, "slow", PROCESSOR)
    assert lines[-2:] == ["within 00000000", "ProcessRequest 00000000"]


def test_a_modal_dialog(windows, width):
    # QuickBooks waits a while for the dialog to go; here its seconds are short.
    with running_quickbooks(scale=20.0) as running:
        running.on_loop(lambda: running.quickbooks.show_dialog("Backup"))
        lines = windows.client(width, running.url, "slow", PROCESSOR)
    assert lines[2].startswith(f"BeginSession 80040414 [{SOURCE}] ["), lines
    assert "modal dialog" in lines[2]


def test_a_dialog_that_hangs_holds_the_call_until_it_is_closed(windows, width):
    with running_quickbooks() as running:
        running.on_loop(lambda: running.quickbooks.show_dialog("Backup", hangs=True))
        command = windows.client_command(width, "threads", PROCESSOR)
        with subprocess.Popen(
            command, env=windows.variables(running.url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as program:
            while running.on_loop(lambda: len(running.quickbooks.line)) < 1:
                """Each look goes through the loop, so this does not spin."""
                assert program.poll() is None
            running.on_loop(running.quickbooks.close_dialog)
            lines = program.stdout.read().decode().splitlines()
    assert lines == [
        "create 00000000",
        "marshal 00000000",
        "unmarshal 00000000",
        "OpenConnection2 00000000",
        "BeginSession 00000000",
        "EndSession 00000000",
        lines[6],
        "left 0",
    ]
    assert lines[6].startswith("EndSession 8004040C")


WRITE = """<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerAddRq>
<CustomerAdd><Name>Written By A Dead Program</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"""


def test_programs_killed_in_mid_call_leave_nothing_behind(windows, tmp_path):
    """Of both widths, with a person logged in, and with nobody there, where QuickBooks runs for the program only."""
    request = tmp_path / "request.xml"
    request.write_text(WRITE, encoding="ascii")
    with contextlib.ExitStack() as stack:
        worlds = []
        for width, attended in itertools.product(windows.wine.widths, (True, False)):
            # The module says every two seconds that its program lives. In the story, where QuickBooks takes its time to start, these are 40.
            running = stack.enter_context(running_quickbooks(presence_limit_s=4.0, scale=20.0))
            quickbooks = running.quickbooks
            slow = FaultSpec.model_validate({"fault": "slow", "point": "quickbooks.before-commit", "with": {"seconds": 40.0}})
            path = running.on_loop(lambda quickbooks=quickbooks, slow=slow: prepare(quickbooks, slow))
            if not attended:
                running.on_loop(quickbooks.crash)
            seen = {kind: queue.SimpleQueue() for kind in ("fault-hit", "committed", "session-ended")}
            running.journal.listen(
                lambda row, at=quickbooks, seen=seen: row["kind"] in seen and seen[row["kind"]].put(left_of(at))
            )
            command = windows.client_command(width, "victim", PROCESSOR, f"Z:{request}", "" if attended else path)
            nothing = subprocess.DEVNULL
            with subprocess.Popen(command, env=windows.variables(running.url), stdin=nothing, stdout=nothing) as program:
                assert seen["fault-hit"].get(timeout=60) == (1, 1, 1, 1)
                program.kill()
            worlds.append((running, attended, seen))
        for running, attended, seen in worlds:
            assert seen["committed"].get(timeout=20), "what it had asked for is done all the same"
            assert seen["session-ended"].get(timeout=20)
            # The person's own opening stays. No ghost: only a QuickBooks that dies leaves one.
            left = running.on_loop(lambda running=running: left_of(running.quickbooks))
            assert left == (0, 0, 0, 1 if attended else 0)
            assert running.wire.objects == 0
            assert (running.on_loop(lambda running=running: running.quickbooks.process) is not None) == attended
            if not attended:
                # Nothing holds the file: somebody can have it alone.
                running.on_loop(lambda running=running: running.quickbooks.log_in("Goflow", "single"))


def prepare(quickbooks, fault):
    """Add a fault to come; return the path of the company file."""
    office = quickbooks.office
    office.plan.add(fault, office.now())
    return quickbooks.opening.file.path


def left_of(quickbooks):
    """Return how many there are: sessions, calls in the line, calls under way, openings of the file on any machine (ghosts too)."""
    openings = sum(len(file.openings) for file in quickbooks.office.files)
    return len(quickbooks.sessions), len(quickbooks.line), len(quickbooks.calls), openings
