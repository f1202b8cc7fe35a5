"""The COM door itself: what it makes of answers that are none, what it writes into the registry, and that it is what its source says."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.com.interface import AUTH_PREFERENCES, CONSTANTS, PROCESSOR
from emulator.com.wine.prefix import FOLDERS, NAME, WIDTHS, module_of
from emulator.com.wine.registry import registering, rows, unregistering

from .scripted import GREETING, Last, answer, failure, scripted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PROGID = "QBXMLRP2.RequestProcessor"
FAILED, UNAVAILABLE = "800706BE", "800706BA"

BAD_ANSWERS = {
    "a web page": answer(b"<html>no</html>", status="500 Internal Server Error"),
    "no HTTP": b"\0\1\2 hello\r\n\r\n",
    "nothing": None,
    "half a head": Last(b"HTTP/1.1 200 OK\r\nX-Com-Ty"),
    "shorter than announced": Last(answer(b"short", Content_Length="500")),
    "a negative length": answer(b"x", Content_Length="-1"),
    "an endless length": answer(b"x", Content_Length="99999999999999999999999"),
    "a length of many gigabytes": answer(b"x", Content_Length="17179869184"),
    "no length": Last(answer(b"x", Content_Length=None)),
    "chunks": answer(b"1\r\nx\r\n0\r\n\r\n", Transfer_Encoding="chunked"),
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    "another type": answer(b"1", "integer"),
    "a type that is not known": answer(b"1", "surprise"),
    "no UTF-8": answer(b"\xff\xfe\xc3"),
    "too long a form": answer(b"\xc0\xaf"),
    "a character beyond the last": answer(b"\xf4\x90\x80\x80"),
    "a code that is none": failure("0xNONSENSE", "x"),
    "a code of success": failure("0x00000001", "x"),
    "a code of 40 bits": failure("0x8004040800", "x"),
}


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_an_answer_that_is_none(windows, width, what):
    said = BAD_ANSWERS[what]
    with scripted({"GetQBLastError": said, "MajorVersion": said, "QBXMLVersionsForSubscription": said}) as wire:
        lines = windows.client(width, wire.url, "once", PROGID)
    text, number, listed = lines[1:]
    assert text.startswith(f"GetQBLastError {FAILED} [QBXMLRP2.RequestProcessor.2] [")
    if what == "another type":
        assert number == "MajorVersion 00000000 1"
    else:
        assert number.startswith(f"MajorVersion {FAILED}")
    assert listed.startswith(f"QBXMLVersionsForSubscription {FAILED}")
    assert "/com/release" in wire.calls[-1]


NUMBERS = {
    "-32768": "00000000 -32768",
    "": FAILED,
    "-": FAILED,
    "4294967296": FAILED,
    "99999999999999999999": FAILED,
    "1 2": FAILED,
}


def test_numbers(windows, width):
    for said, expected in NUMBERS.items():
        answers = {"GetQBLastError": answer(b"\xf0\x9f\x92\xa9"), "MajorVersion": answer(said.encode(), "integer")}
        with scripted({**answers, "QBXMLVersionsForSubscription": answer(b"", "list")}) as wire:
            lines = windows.client(width, wire.url, "once", PROGID)
        assert lines[1] == "GetQBLastError 00000000 \N{PILE OF POO}"
        assert lines[2].startswith(f"MajorVersion {expected}")
        assert lines[3] == "QBXMLVersionsForSubscription 00000000"


GREETINGS = {
    "a web page": (answer(b"<html>"), FAILED),
    "a name with a blank": (answer(b'{"client": "a b"}'), FAILED),
    "a name without an end": (answer(b'{"client": "a'), FAILED),
    "no such machine": (failure("0x80080005", "no machine is called NOWHERE"), "80080005"),
    "closed": (None, FAILED),
}


@pytest.mark.parametrize("what", GREETINGS)
def test_a_greeting_that_is_none(windows, width, what):
    said, expected = GREETINGS[what]
    with scripted({"hello": said}) as wire:
        code, out, errors = windows.run(windows.client_command(width, "once", PROGID), wire.url + "/NOWHERE")
    assert wire.calls == ["/com/hello?machine=NOWHERE"]
    assert (code, out.split()[:2]) == (3, ["create", expected])
    assert "fakebooks: " in errors


@pytest.mark.parametrize(
    "url", ["", "http://", "http://127.0.0.1", "http://127.0.0.1:0", "https://127.0.0.1:1", "http://127.0.0.1:99999", "nonsense"]
)
def test_an_address_that_is_none(windows, url):
    code, out, errors = windows.run(windows.client_command("x64", "once", PROGID), url)
    assert (code, out.split()[:2]) == (3, ["create", "800401F3"])
    assert "fakebooks exec --wine -- PROGRAM" in errors


def test_nobody_at_the_address(windows, width):
    with scripted({}) as wire:
        pass
    code, out, _ = windows.run(windows.client_command(width, "once", PROGID), wire.url)
    assert (code, out.split()[:2]) == (3, ["create", UNAVAILABLE])


def test_a_document_over_the_limit_is_not_sent(windows, width, tmp_path):
    small = GREETING.replace(str(48 * 1024 * 1024).encode(), b"10")
    nothing = answer(kind="none")
    (tmp_path / "given").write_bytes(b"x" * 11)
    with scripted(
        {
            "hello": answer(small),
            "OpenConnection2": nothing,
            "BeginSession": answer(b"t"),
            "EndSession": nothing,
            "CloseConnection": nothing,
        }
    ) as wire:
        lines = windows.client(width, wire.url, "process", PROGID, f"Z:{tmp_path}/given", f"Z:{tmp_path}/got")
    assert lines[3] == "ProcessRequest 8004040E [QBXMLRP2.RequestProcessor.2] [A document may have 10 bytes here.]"
    assert not [call for call in wire.calls if "ProcessRequest" in call]


def test_the_type_library_is_the_interface(windows, width):
    lines = windows.client(width, "", "library", "{4351618F-9059-4A79-B638-DCB8B97B3262}", "1.0")
    assert lines[1] == "library QBXMLRP2Lib: QBXMLRP2 1.0 Type Library"
    constants = dict(line.split(" = ") for line in lines if " = " in line)
    assert {name.strip(): int(value) for name, value in constants.items()} == CONSTANTS
    members = {(member.name, member.dispid, member.kind, len(member.arguments)) for member in PROCESSOR}
    assert in_library(lines, "IRequestProcessor5") == members | {("AuthPreferences", 16, "get", 0)}
    assert in_library(lines, "IRequestProcessor4") == {each for each in in_library(lines, "IRequestProcessor5") if each[1] <= 16}
    assert in_library(lines, "IRequestProcessor3") == {each for each in in_library(lines, "IRequestProcessor5") if each[1] <= 14}
    preferences = {(member.name, member.dispid, member.kind, len(member.arguments)) for member in AUTH_PREFERENCES}
    assert in_library(lines, "IAuthPreferences2") == preferences
    assert in_library(lines, "IAuthPreferences") == {each for each in preferences if each[1] <= 7}
    assert [line.split()[1] for line in lines if line.startswith("coclass")] == [
        "RequestProcessor2",
        "RequestProcessor3",
        "AuthPreferences",
    ]


def test_the_old_type_library(windows, width):
    lines = windows.client(width, "", "library", "{2D0E74A9-021A-11D5-9054-00508BF70A94}", "1.1")
    assert lines[1] == "library QBXMLRPLib: QBXMLRP 1.1 Type Library"
    assert in_library(lines, "IRequestProcessor2") == {
        (member.name, member.dispid, member.kind, len(member.arguments)) for member in PROCESSOR if member.dispid <= 11
    }


def in_library(lines, interface):
    """Return the members of an interface, as (name, number, kind, count of arguments)."""
    begin = next(at for at, line in enumerate(lines) if line.startswith(f"dispatch {interface} "))
    members = set()
    for line in lines[begin + 1 :]:
        if not line.startswith("  "):
            break
        number, kind, rest = line.split(None, 2)
        name, _, arguments = rest.rstrip(")").partition("(")
        members.add((name, int(number), kind, len(arguments.split(", ")) if arguments else 0))
    return members


# ---- the registry ----------------------------------------------------------------------------------------------------------------


def exported(windows, key, tmp_path):
    """Return what is at a key and below it: (key, name) to value, all in lower case but the value."""
    out = tmp_path / "export.reg"
    out.unlink(missing_ok=True)
    code, _, _ = windows.run(windows.command("x64", "reg.exe", "export", key, f"Z:{out}", "/y"))
    return values_in(out.read_bytes().decode("utf-16")) if code == 0 else {}


def values_in(text):
    found, key = {}, ""
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("["):
            key = line[1:-1].casefold()
        elif "=" in line:
            name, _, value = line.partition("=")
            found[key, name.strip('"').casefold() if name != "@" else ""] = value[1:-1].replace("\\\\", "\\")
    return found


def test_the_module_registers_what_the_table_says(windows, width, tmp_path):
    windows.needs(width)
    for top in ("CLSID", "Interface", "TypeLib", ""):
        ours = [
            row
            for row in rows(width, f"C:\\windows\\{FOLDERS[width]}")
            if row[0].startswith(f"{top}\\") or (not top and row[0].startswith("QBXMLRP"))
        ]
        wow = "Wow6432Node\\" if width == "x86" and top in ("CLSID", "Interface") else ""
        base = f"HKEY_LOCAL_MACHINE\\Software\\Classes\\{wow}"
        found = {}
        for key in {"\\".join(row[0].split("\\")[: 2 if top else 1]) for row in ours}:
            found |= exported(windows, base + key, tmp_path)
        if top == "TypeLib":
            # Shared with the module of the other width, which wrote last; its own path has a key of its own.
            ours = [row for row in ours if not row[0].endswith("HELPDIR")]
        for key, name, value in ours:
            assert found[(base + key).casefold(), name.casefold()].casefold() == value.casefold()


def test_a_reg_file_registers_for_the_user_and_takes_all_of_it_back(windows, tmp_path):
    classes = "HKEY_CURRENT_USER\\Software\\Classes"
    before = exported(windows, classes, tmp_path)
    for name, text in (("register.reg", registering("C:\\fake books")), ("unregister.reg", unregistering())):
        (tmp_path / name).write_bytes(text.encode("utf-16"))
        code, _, errors = windows.run(windows.command("x64", "reg.exe", "import", f"Z:{tmp_path / name}"))
        assert code == 0, errors
        after = exported(windows, classes, tmp_path)
        if name == "register.reg":
            assert after.items() - before.items() == values_in(text).items()
    assert after == before


def test_regsvr32_registers_for_the_user_too(windows, width, tmp_path):
    classes = "HKEY_CURRENT_USER\\Software\\Classes"
    before = exported(windows, classes, tmp_path)
    module = f"C:\\windows\\{FOLDERS[width]}\\{NAME}"
    for words, is_there in ((["/s", "/n", "/i:user"], True), (["/s", "/n", "/u", "/i:user"], False)):
        code, _, _ = windows.run(windows.command(width, "regsvr32.exe", *words, module))
        assert code == 0
        new = exported(windows, classes, tmp_path).items() - before.items()
        assert len(new) == (len(set(rows(width, "x"))) if is_there else 0)


def test_the_modules_are_what_their_source_says(windows, tmp_path):
    """The compiler of Debian 12 makes the same bytes anywhere. After a change of the source: make wine-dll."""
    subprocess.run([sys.executable, ROOT / "scripts/make_wine_dll.py", "--out", tmp_path], check=True, timeout=120)
    for width in WIDTHS:
        assert (tmp_path / width / NAME).read_bytes() == module_of(width).read_bytes(), "make wine-dll"
