"""Windows programs, x64 and x86, under real Wine: what they get through the COM door is what QuickBooks says."""

import subprocess
import threading

import pytest

from com.programs import running_quickbooks
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


@pytest.mark.parametrize(
    "name", [PROCESSOR, "QBXMLRP2.RequestProcessor.1", "QBXMLRP2.RequestProcessor.2", "QBXMLRP.RequestProcessor"]
)
def test_late_bound(windows, running, width, name):
    current = {PROCESSOR: SOURCE, "QBXMLRP.RequestProcessor": "QBXMLRP.RequestProcessor.1"}.get(name, name)
    lines = windows.client(width, running.url, "late", name)
    expected = [
        "create 00000000",
        "OPENCONNECTION 2 00000000 type 0",
        # A method asked for as a property, and the other way round.
        "CloseConnection 3 80020003 type 0",
        "MajorVersion 7 80020003 type 0",
        "NoSuchMember 80020006",
        "BeginSession 4 8002000E type 0",
        "BeginSession 4 80020005 type 0",
        f"ProcessRequest 1 80020009 type 8 [{current}] [{NO_SESSION}] 8004040C 0",
        "BeginSession 4 00000000 type 8 1",
        "MajorVersion 7 00000000 type 2 16",
        "ReleaseLevel 9 00000000 type 3 3",
        "QBXMLVersionsForSession 11 00000000 type 8200",
        "GetQBLastError 17 00000000 type 8 1",
        "AuthPreferences 16 00000000 type 9",
        "GetIsReadOnly 2 00000000 type 11 0",
        f"PutAuthFlags 8 80020009 type 0 [{current}] [{TOO_LATE}] 8004042E",
        "EndSession 5 00000000 type 0",
        "CloseConnection 3 00000000 type 0",
    ]
    if current.endswith("RP2.RequestProcessor.1"):
        expected[12] = "GetQBLastError 80020006"  # its interface is the fourth, which has no such member
    if "QBXMLRP2" not in name:
        del expected[12:16]
    assert lines == expected


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
        "0",
    ], errors
    assert code == 7
    company = running.quickbooks.office.files[0].company
    assert f"By Script {width}" in running.on_loop(lambda: [each["full_name"] for each in company.truth.customers()])


ACCENTS = "Le fichier « Café Zoë » est déjà ouvert: 東京 \N{PILE OF POO}\r\nsecond line"


def test_an_error_with_accents(windows, width):
    said = failure("0x80040408", ACCENTS)
    with scripted({"GetQBLastError": said, "MajorVersion": said, "QBXMLVersionsForSubscription": said}) as wire:
        _, out, _ = windows.run(windows.client_command(width, "once", PROCESSOR), wire.url)
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
        lines = windows.client(width, wire.url, "once", PROCESSOR)
    assert lines == [
        "create 00000000",
        "GetQBLastError 00000000",
        "MajorVersion 00000000 16",
        "QBXMLVersionsForSubscription 00000000 1",
    ]
    assert [call.partition("?")[0] for call in wire.calls][-1] == "/com/release"
    assert wire.connections == 2  # the greeting has its own


def test_a_slow_call_lets_other_calls_in(windows, width):
    """The answer comes only when another thread of the program has called into the object that waits."""
    called = threading.Event()

    def wait(*_):
        return answer(b"late") if called.wait(60) else None

    def within(*_):
        called.set()
        return answer(b"16", "integer")

    with scripted({"OpenConnection2": answer(kind="none"), "BeginSession": answer(b"ticket"), "ProcessRequest": wait,
                   "MajorVersion": within, "EndSession": answer(kind="none"), "CloseConnection": answer(kind="none")}) as wire:  # fmt: skip
        lines = windows.client(width, wire.url, "slow", PROCESSOR)
    assert lines[-2:] == ["within 00000000", "ProcessRequest 00000000"]


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


def test_a_program_killed_in_mid_call_leaves_nothing_behind(windows, width, tmp_path):
    request = tmp_path / "request.xml"
    request.write_text(WRITE, encoding="ascii")
    # The module says every two seconds that its program lives.
    with running_quickbooks(presence_limit_s=4.0) as running:
        office = running.quickbooks.office
        slow = FaultSpec.model_validate({"fault": "slow", "point": "quickbooks.before-commit", "with": {"seconds": 1.0}})
        running.on_loop(lambda: office.plan.add(slow, office.now()))
        struck, committed, ended = threading.Event(), threading.Event(), threading.Event()
        events = {"fault-hit": struck, "committed": committed, "session-ended": ended}
        running.journal.listen(lambda row: events[row["kind"]].set() if row["kind"] in events else None)
        command = windows.client_command(width, "victim", PROCESSOR, f"Z:{request}")
        with subprocess.Popen(
            command, env=windows.variables(running.url), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as program:
            assert struck.wait(60)
            program.kill()
        assert committed.wait(20), "what it had asked for is done all the same"
        assert ended.wait(20)
        assert running.on_loop(lambda: running.quickbooks.sessions) == []
        assert running.wire.objects == 0
        windows.client(width, running.url, "all", PROCESSOR)
