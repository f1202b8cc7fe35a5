"""The COM door itself: what it makes of answers that are none, what it writes into the registry, and that it is what its source says."""

import concurrent.futures
import contextlib
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from com.programs import running_quickbooks
from emulator.com.interface import AUTH_PREFERENCES, CONSTANTS, PROCESSOR
from emulator.com.wine.prefix import FOLDERS, NAME, WIDTHS, module_of
from emulator.com.wine.registry import ROOT as CLASSES_OF_USER
from emulator.com.wine.registry import registering, rows, unregistering

from .scripted import GREETING, Last, answer, by_object, failure, in_turn, scripted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
TORN = 150
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
    "half a gigabyte announced": Last(answer(b"short", Content_Length=str(512 * 1024 * 1024))),
    "two lengths": answer(b"x", content_length="1"),
    "no length": Last(answer(b"x", Content_Length=None)),
    "chunks": answer(b"1\r\nx\r\n0\r\n\r\n", Transfer_Encoding="chunked"),
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    "a head without an end": b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000,
    "chunks that are none": Last(answer(b"zz\r\n-1\r\n", Transfer_Encoding="chunked", Content_Length=None)),
    "another type": answer(b"1", "integer"),
    "a type that is not known": answer(b"1", "surprise"),
    "no UTF-8": answer(b"\xff\xfe\xc3"),
    "too long a form": answer(b"\xc0\xaf"),
    "a character beyond the last": answer(b"\xf4\x90\x80\x80"),
    "a code that is none": failure("0xNONSENSE", "x"),
    "a code of success": failure("0x00000001", "x"),
    "a code of 40 bits": failure("0x8004040800", "x"),
}


def test_answers_that_are_none(windows, width):
    said = by_object(list(BAD_ANSWERS.values()))
    with scripted({"GetQBLastError": said, "MajorVersion": said, "QBXMLVersionsForSubscription": said}) as wire:
        lines = windows.client(width, wire.url, "calls", PROGID, len(BAD_ANSWERS))
    for at, what in enumerate(BAD_ANSWERS):
        _, text, number, listed = lines[4 * at : 4 * at + 4]
        assert text.startswith(f"GetQBLastError {FAILED} [QBXMLRP2.RequestProcessor.2] ["), what
        assert number.startswith("MajorVersion 00000000 1" if what == "another type" else f"MajorVersion {FAILED}"), what
        assert listed.startswith(f"QBXMLVersionsForSubscription {FAILED}"), what
    assert [call for call in wire.calls if call.startswith("/com/release")] == [
        f"/com/release?object=object-{at}" for at in range(1, len(BAD_ANSWERS) + 1)
    ]


def test_answers_that_are_torn(windows, width):
    """Answers as they should be, in which a few bytes are others, too many or too few; each is the last on its connection."""
    chance = random.Random(width)

    def torn(right):
        said = bytearray(chance.choice((right, right, failure("0x80040408", "no"), answer(kind="none"))))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(said) + 1)
            said[at : at + chance.choice((0, 0, 1, 1, 2, 40))] = chance.choice(
                (b"", b"\0", b"\r\n", b"\xff", b"9", b"-", b":", b"Content-Length: 3\r\n", b"x" * 70_000, chance.randbytes(2))
            )
        return Last(said)

    answers = {
        "GetQBLastError": lambda *_: torn(answer(b"text \xc3\xa9", "text")),
        "MajorVersion": lambda *_: torn(answer(b"16", "integer")),
        "QBXMLVersionsForSubscription": lambda *_: torn(answer(b"1.0\n2.0", "list")),
    }
    with scripted(answers) as wire:
        lines = windows.client(width, wire.url, "calls", PROGID, TORN)
    for member in answers:
        codes = [line.split()[1] for line in lines if line.startswith(f"{member} ")]
        assert len(codes) == TORN
        # Some are answers all the same; what is none is a call that failed.
        assert set(codes) >= {"00000000", "80040408", FAILED}
    # Whatever became of the connection: no object is left, with a session perhaps.
    assert len({call for call in wire.calls if call.startswith("/com/release")}) == TORN


NUMBERS = {
    "32767": "00000000 32767",
    "-32768": "00000000 -32768",
    "32768": FAILED,
    "-32769": FAILED,
    "": FAILED,
    "-": FAILED,
    "4294967296": FAILED,
    "99999999999999999999": FAILED,
    "1 2": FAILED,
}


def test_numbers(windows, width):
    answers = {
        "GetQBLastError": answer(b"\xf0\x9f\x92\xa9"),
        "MajorVersion": by_object([answer(said.encode(), "integer") for said in NUMBERS]),
        "QBXMLVersionsForSubscription": answer(b"", "list"),
    }
    with scripted(answers) as wire:
        lines = windows.client(width, wire.url, "calls", PROGID, len(NUMBERS))
    for at, (said, expected) in enumerate(NUMBERS.items()):
        assert lines[4 * at + 1] == "GetQBLastError 00000000 \N{PILE OF POO}"
        assert lines[4 * at + 2].startswith(f"MajorVersion {expected}"), said
        assert lines[4 * at + 3] == "QBXMLVersionsForSubscription 00000000"


GREETINGS = {
    "a web page": (answer(b"<html>"), FAILED),
    "a name with a blank": (answer(b'{"client": "a b"}'), FAILED),
    "a name without an end": (answer(b'{"client": "a'), FAILED),
    "no such machine": (failure("0x80080005", "no machine is called NOWHERE"), "80080005"),
    "closed": (None, FAILED),
    "at last": (answer(GREETING), "00000000"),
}


def test_greetings_that_are_none(windows, width):
    with scripted({"hello": in_turn([said for said, _ in GREETINGS.values()])}) as wire:
        code, out, errors = windows.run(windows.client_command(width, "attempts", PROGID, len(GREETINGS)), wire.url + "/NOWHERE")
    assert code == 0
    assert wire.calls[: len(GREETINGS)] == ["/com/hello?machine=NOWHERE"] * len(GREETINGS)
    assert [line.split()[1] for line in out.splitlines()] == [expected for _, expected in GREETINGS.values()]
    assert errors.count("fakebooks: ") == len(GREETINGS) - 1


OBJECTS = [answer(b""), answer(b"a b"), answer(b"a\r\nX: y"), answer(b"a\0b"), answer(b"a?b"), answer(b"\xff"), None]


def test_objects_that_are_none(windows, width):
    with scripted({"new": in_turn(OBJECTS)}) as wire:
        _, out, errors = windows.run(windows.client_command(width, "attempts", PROGID, len(OBJECTS)), wire.url)
    assert [line.split()[1] for line in out.splitlines()] == [FAILED] * len(OBJECTS)
    assert errors.count("fakebooks: ") == len(OBJECTS)
    assert {call.partition("?")[0] for call in wire.calls} == {"/com/hello", "/com/new"}


ADDRESSES = [
    "",
    "http://",
    "http://127.0.0.1",
    "http://127.0.0.1:0",
    "https://127.0.0.1:1",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:1/A MACHINE",
    "http://127.0.0.1:1/A?machine=B",
    "http://a b:1",
    "nonsense",
]


def test_addresses_that_are_none(windows, width):
    with scripted({}) as wire:
        code, out, errors = windows.run(windows.client_command(width, "addresses", PROGID, *ADDRESSES, wire.url))
    assert code == 0
    assert [line.split()[1] for line in out.splitlines()] == ["800401F3"] * len(ADDRESSES) + ["00000000"]
    assert errors.count("fakebooks exec --wine -- PROGRAM") == len(ADDRESSES)
    # Nobody is there any more.
    _, out, _ = windows.run(windows.client_command(width, "attempts", PROGID), wire.url)
    assert out.split()[:2] == ["create", UNAVAILABLE]


def test_texts_that_are_no_texts(windows, width):
    odd = b"a\0\xed\xa0\xbdb\xed\xb8\x80\xf0\x9f\x98\x80\xed\xa0\xbd"
    bodies = []

    def echo(_, body):
        bodies.append(body)
        return answer(body)

    with scripted({"OpenConnection": answer(kind="none"), "ProcessRequest": echo}) as wire:
        lines = windows.client(width, wire.url, "texts", PROGID)
    assert "&appID=a%00%ED%A0%BDb%ED%B8%80%F0%9F%98%80%ED%A0%BD&appName=" in wire.calls[2]
    assert bodies == [odd, b""]
    assert lines[2:] == [
        "ProcessRequest 00000000 0061 0000 D83D 0062 DE00 D83D DE00 D83D end",
        "ProcessRequest 00000000 end",
    ]


def test_who_keeps_the_module_in_memory(windows, width):
    with scripted({}) as wire:
        lines = windows.client(width, wire.url, "counts", PROGID)
    assert lines == [
        "nothing 00000000",
        "no such class 80040111",
        "no such interface 80004002",
        "nothing 00000000",
        "factory 00000001",
        "outer 80040110",
        "no such interface 80004002",
        "lock, preferences 00000001",
        "lock 00000001",
        "nothing 00000000",
    ]
    # The object that had no such interface, and the one that its preferences kept.
    assert len([call for call in wire.calls if call.startswith("/com/release")]) == 2


def test_an_object_is_dropped_though_its_connection_is_closed(windows, width):
    with scripted({"release": in_turn([None, answer(kind="none")])}) as wire:
        windows.client(width, wire.url, "attempts", PROGID)
    assert [call.partition("?")[0] for call in wire.calls][2:] == ["/com/release"] * 2


def test_a_wire_that_has_forgotten_the_program(windows):
    """It is found out beside a call that waits, which then waits no more; the next object is made under a new name."""
    ended = threading.Event()
    answers = {
        "alive": failure("0x80010108", "The object invoked has disconnected from its clients."),
        "hello": lambda *_: answer(GREETING),
        "GetQBLastError": lambda target, _: None if "object-1&" in target and ended.wait(60) else answer(b"again"),
        "MajorVersion": answer(b"16", "integer"),
        "QBXMLVersionsForSubscription": answer(b"", "list"),
    }
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor() as pool:
        stack.callback(ended.set)
        wires = {width: stack.enter_context(scripted(answers)) for width in windows.wine.widths}
        running = {width: pool.submit(windows.client, width, wire.url, "calls", PROGID, 2) for width, wire in wires.items()}
        for width, lines in running.items():
            assert lines.result()[1].startswith(f"GetQBLastError {FAILED} ["), width
            assert lines.result()[4:6] == ["create 00000000", "GetQBLastError 00000000 again"], width
            assert sum(call.startswith("/com/hello") for call in wires[width].calls) == 2


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
    assert "interface IRequestProcessor {2D0E74B5-021A-11D5-9054-00508BF70A94}" in lines
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
    asked = tmp_path / "asked"
    ours = list(rows(width, f"C:\\windows\\{FOLDERS[width]}"))
    asked.write_bytes("".join(f"{key}|{name}\n" for key, name, _ in ours).encode())
    found = windows.client(width, "", "registry", f"Z:{asked}")
    assert list(zip(ours, map(str.casefold, found), strict=True)) == [(row, row[2].casefold()) for row in ours]


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


def test_programs_find_what_a_reg_file_registers(windows, tmp_path):
    """In a prefix that knows nothing else of us. Wine 8 does not look for classes at the user: the same keys go to the machine."""
    machine = "HKEY_LOCAL_MACHINE\\Software\\Classes"
    with windows.copied(tmp_path / "prefix") as other, running_quickbooks() as running:
        for width in other.wine.widths:
            (tmp_path / "windows" / width).mkdir(parents=True)
            shutil.copy(module_of(width), tmp_path / "windows" / width)
        at = f"Z:{tmp_path}/windows".replace("/", "\\")
        for text, is_there in ((unregistering(), False), (registering(at), True)):
            (tmp_path / "new.reg").write_bytes(text.replace(CLASSES_OF_USER, machine).encode("utf-16"))
            code, _, errors = other.run([other.wine.loader, "C:\\windows\\regedit.exe", "/s", f"Z:{tmp_path / 'new.reg'}"])
            assert code == 0, errors
            for width in other.wine.widths:
                _, out, _ = other.run(other.client_command(width, "where", PROGID), running.url)
                where = f"{at}\\{width}\\{NAME}"
                assert out.splitlines() == (["create 00000000", where] if is_there else ["create 800401F3"])
        for width in other.wine.widths:
            # Half of the threads get at their objects by way of the type library.
            assert other.client(width, running.url, "crowd", PROGID) == ["right 8"]
            assert other.client(width, running.url, "first", "QBXMLRP.RequestProcessor")[-1] == "left 0"
        assert running.wire.objects == 0


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
