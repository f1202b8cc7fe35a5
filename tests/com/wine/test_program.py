"""What is said of a file that is given as a Windows program and is none, before Wine is started."""

import sys
from pathlib import Path

import pytest

from emulator.com.wine.program import check_program, check_script
from emulator.core.errors import UserMistake

from .images import program


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder; a prefix stands beside it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    windows = tmp_path / "prefix" / "drive_c" / "windows" / "system32"
    windows.mkdir(parents=True)
    (windows / "cscript.exe").write_bytes(program())
    drives = tmp_path / "prefix" / "dosdevices"
    drives.mkdir()
    (drives / "c:").symlink_to("../drive_c")
    (drives / "z:").symlink_to("/")
    return folder


def looked_at(name, here, **variables):
    return check_program(str(name), here.parent / "prefix", variables)


@pytest.mark.parametrize(("machine", "expected"), [(0x8664, "x64"), (0x014C, "x86")])
def test_a_program_is_taken_however_it_is_named(here, machine, expected):
    (here / "connector.exe").write_bytes(program(machine))
    windows = str(here).replace("/", "\\")
    for name in ("connector.exe", "connector", "./connector.exe", here / "connector.exe", ".\\Connector.EXE"):
        assert looked_at(name, here) == expected
    for name in (f"Z:{windows}\\connector.exe", f"z:{here}/connector.exe", f"Z:{windows.upper()}\\CONNECTOR.EXE"):
        assert looked_at(name, here) == expected


@pytest.mark.parametrize("name", ["a.bat", "a.cmd", "a.vbs", "A.VBS"])
def test_scripts_that_wine_runs_are_taken(here, name):
    (here / name).write_text("rem")
    assert looked_at(name, here) is None


def test_names_of_windows_are_taken(here):
    for name in ("cscript", "CScript.exe", "C:\\windows\\system32\\cscript.exe", "\\\\server\\share\\a.exe", "c:a.exe"):
        looked_at(name, here)


def test_names_are_looked_for_where_wine_looks(here):
    prefix = here.parent / "prefix"
    (prefix / "drive_c" / "tools").mkdir()
    (prefix / "drive_c" / "tools" / "far.exe").write_bytes(program())
    with pytest.raises(UserMistake, match="the program 'far' is not there, neither in this folder nor on the PATH of"):
        looked_at("far", here)
    looked_at("far", here, WINEPATH="C:\\Tools")
    (prefix / "system.reg").write_text('HEAD\n\n[Software\\\\Other] 1\n"Path"="somewhere"\n')
    with pytest.raises(UserMistake, match="is not there"):
        looked_at("far", here)
    (prefix / "user.reg").write_text('HEAD\n\n[Environment]\n"PATH"="%SystemRoot%;C:\\\\Tools"\n')
    looked_at("far", here)
    (prefix / "user.reg").write_text("HEAD\n\n[Software\\\\Microsoft\\\\App Paths\\\\far.exe]\n")
    looked_at("far", here)
    check_program("whatever", here / "no prefix yet", {})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"hello you", "'a.txt' is no Windows program: it begins with b'hello yo', and one begins with b'MZ'"),
        ("a.exe", b"hello you", "'a.exe' is no Windows program"),
        ("a.exe", b"", "'a.exe' is empty; expected a Windows program (.exe), or one of .bat, .cmd, .vbs, .msi"),
        ("a", b"#!/bin/sh\n", "'a' is a script for Linux; expected"),
        (
            "a.py",
            b"import x\n",
            "is a Python script; expected a Windows program (.exe), or one of .bat, .cmd, .vbs, .msi; name its",
        ),
        ("a.js", b"x", "name its interpreter first: fakebooks exec --wine -- cscript /nologo a.js"),
        ("a.exe", program()[:40], "'a.exe' is cut short: it begins as a Windows program does, and ends after 40 bytes"),
        ("a.exe", program()[:70], "ends after 70 bytes; expected a whole program; copy it, or build it, again"),
        ("a.exe", program()[:120], "ends after 120 bytes"),
        ("a.exe", program()[:340], "ends after 340 bytes"),
        ("a.exe", program()[:600], "ends after 600 bytes, of at least 1536"),
        ("a.exe", program(place=0), "is a program for MS-DOS, or for a Windows of 16 bits"),
        ("a.exe", program().replace(b"PE", b"NE"), "is a program for MS-DOS, or for a Windows of 16 bits"),
        ("a.exe", program(0xAA64), "'a.exe' is a Windows program for ARM64; expected one for x64 or x86"),
        ("a.exe", program(0x1234), "is a Windows program for machines of type 0x1234"),
        ("a.dll", program(characteristics=0x2022), "'a.dll' is a DLL, which does not run by itself"),
    ],
)
def test_what_is_no_program_is_said(here, name, content, says):
    (here / name).write_bytes(content)
    with pytest.raises(UserMistake) as wrong:
        looked_at(name, here)
    assert says in str(wrong.value)


def test_a_program_for_linux(here):
    with pytest.raises(UserMistake, match=r"is a program for Linux; .*run it without --wine: fakebooks exec -- /"):
        looked_at(Path(sys.executable).resolve(), here)


def test_folders_and_what_is_not_there(here):
    (here / "folder").mkdir()
    for name in ("folder", "./folder", here / "folder", f"Z:{here}/folder", ".\\folder"):
        with pytest.raises(UserMistake, match="is a folder; expected a Windows program"):
            looked_at(name, here)
    for name in ("./none.exe", "C:\\none.exe", ".\\none.exe", "none.exe", "none.bat", ""):
        with pytest.raises(UserMistake, match="is not there"):
            looked_at(name, here)


SCRIPT = 'WScript.Echo "x"'


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["cscript", "//nologo", "nope.vbs"], "the script 'nope.vbs' is not there; expected a script's path"),
        (["C:\\windows\\system32\\CScript.exe", "nope.vbs"], "the script 'nope.vbs' is not there"),
        (["wscript.exe", "Z:\\no\\such.vbs", "/argument"], "is not there"),
        (["cscript", "folder"], "the script 'folder' is a folder"),
        (
            ["cscript", "/nologo", "wide.vbs"],
            "the script 'wide.vbs' is written in UTF-16, which Wine's interpreter does not read",
        ),
        (["wide.vbs"], "iconv -f UTF-16 -t WINDOWS-1252 wide.vbs"),
    ],
)
def test_a_script_that_wine_would_pass_over_is_told(here, command, told):
    """Wine's interpreter does nothing with these, and ends with 0."""
    (here / "wide.vbs").write_bytes(SCRIPT.encode("utf-16"))
    (here / "folder").mkdir()
    with pytest.raises(UserMistake) as refused:
        check_script(command, here.parent / "prefix")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "command",
    [
        ["cscript", "//nologo", "a.vbs", "nope.vbs"],
        ["cscript", "/nologo", "A.js"],
        ["a.vbs"],
        ["cscript"],
        ["cscript", "//h:cscript"],
        ["cscript", "\\\\server\\share\\a.vbs"],
        ["connector.exe", "nope.vbs"],
    ],
)
def test_what_is_left_to_wine(here, command):
    (here / "a.vbs").write_text(SCRIPT)
    (here / "A.js").write_text(SCRIPT)
    check_script(command, here.parent / "prefix")
    check_script(["cscript", "/nologo", str(here / "a.vbs")], here.parent / "prefix")
