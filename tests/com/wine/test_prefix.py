"""Finding Wine, making a prefix, and what is said where that cannot be done."""

import os

import pytest

from emulator.cli import main as cli
from emulator.com.exec import ENVIRONMENT_VARIABLE
from emulator.com.wine import prefix as module
from emulator.com.wine.prefix import (
    MARK,
    Wine,
    default_prefix,
    find_wine,
    is_fresh,
    missing_of,
    set_up,
    wine_command,
    wine_environment,
)
from emulator.core.errors import UserMistake

from .images import program

WINE = Wine("/no/wine64", ("x64", "x86"))


def test_without_wine_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "_LOADERS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserMistake, match=r"apt-get install --no-install-recommends wine wine64;.*wine32:i386"):
        find_wine()


def test_a_wine_of_one_width(monkeypatch, tmp_path):
    loader = tmp_path / "wine64"
    loader.touch(mode=0o755)
    monkeypatch.setattr(module, "_LOADERS", (str(loader),))
    monkeypatch.setattr(module, "_FOLDERS_32", ())
    monkeypatch.setenv("PATH", "/nowhere")
    found = find_wine()
    assert found == Wine(str(loader), ("x64",))
    assert "wine32:i386" in missing_of(found)
    assert missing_of(WINE) == ""


def test_the_environment_of_a_program(tmp_path):
    base = {"HOME": "/home", "WINEDEBUG": "+ole", "DISPLAY": ":0"}
    assert wine_environment(tmp_path, base, "http://127.0.0.1:1") == base | {
        "WINEPREFIX": str(tmp_path),
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        ENVIRONMENT_VARIABLE: "http://127.0.0.1:1",
    }
    assert default_prefix({"XDG_STATE_HOME": "/state"}).as_posix() == "/state/fakebooks/wine"


def test_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "connector.exe").write_bytes(program())
    here = str(tmp_path / "connector.exe")
    assert wine_command(WINE, ["connector.exe", "-a"], tmp_path / "none", {}) == ["/no/wine64", here, "-a"]
    assert wine_command(WINE, ["./connector.exe"], tmp_path / "none", {}) == ["/no/wine64", here]
    assert wine_command(WINE, ["cscript", "/nologo"], tmp_path / "none", {}) == ["/no/wine64", "cscript", "/nologo"]
    assert wine_command(WINE, ["C:\\a.exe"], tmp_path / "none", {}) == ["/no/wine64", "C:\\a.exe"]
    for wrong in ([], ["./nothing.exe"]):
        with pytest.raises(UserMistake):
            wine_command(WINE, wrong, tmp_path / "none", {})


def test_a_program_of_a_width_that_this_wine_does_not_run(tmp_path):
    (tmp_path / "old.exe").write_bytes(program(machine=0x014C))
    only_64 = Wine("/no/wine64", ("x64",))
    with pytest.raises(
        UserMistake, match=r"old.exe' is a 32-bit program; expected one of 64 bits; 32-bit programs cannot be run"
    ):
        wine_command(only_64, [str(tmp_path / "old.exe")], tmp_path, {})
    assert wine_command(WINE, [str(tmp_path / "old.exe")], tmp_path, {})[0] == "/no/wine64"


def test_a_prefix_for_32_bits_only_stays_as_it_is(tmp_path):
    (tmp_path / "drive_c").mkdir()
    (tmp_path / "system.reg").write_bytes(b"WINE REGISTRY Version 2\n;; All keys\n\n#arch=win32\n")
    with pytest.raises(UserMistake, match=r"is a Wine prefix for 32-bit programs only \(WINEARCH=win32\)"):
        set_up(tmp_path, WINE, os.environ)
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_no_windows_program_is_said_before_wine_makes_a_prefix(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("emulator.cli.wine.find_wine", lambda: WINE)
    (tmp_path / "letter.txt").write_text("hello")
    assert ran(monkeypatch, "exec", "--wine", "--prefix", tmp_path / "new", "--", tmp_path / "letter.txt") == 2
    assert "letter.txt' is no Windows program: it begins with b'hello'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_no_prefix_stays_as_it_is(tmp_path):
    (tmp_path / "letters").mkdir()
    with pytest.raises(UserMistake, match="no Wine prefix"):
        set_up(tmp_path, WINE, os.environ)
    assert [each.name for each in tmp_path.iterdir()] == ["letters"]


def test_a_wine_that_does_not_start_is_told(tmp_path):
    with pytest.raises(UserMistake, match="cannot be started"):
        set_up(tmp_path / "new", WINE, os.environ)
    with pytest.raises(UserMistake, match=r"Wine ended with 1; to see why, set WINEPREFIX and run: /bin/false wineboot\.exe"):
        set_up(tmp_path / "newer", Wine("/bin/false", ("x64",)), os.environ)
    assert not is_fresh(tmp_path / "newer", WINE)


def ran(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["fakebooks", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_files_for_a_native_windows(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "windows"
    assert ran(monkeypatch, "wine", "reg", folder, "--at", "D:\\a b\\") == 0
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "register.reg",
        "unregister.reg",
        "x64/QBXMLRP2.dll",
        "x86/QBXMLRP2.dll",
    ]
    text = (folder / "register.reg").read_bytes().decode("utf-16")
    assert text.startswith("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Classes\\CLSID\\")
    assert '@="D:\\\\a b\\\\x64\\\\QBXMLRP2.dll"' in text
    assert '@="D:\\\\a b\\\\x86\\\\QBXMLRP2.dll"' in text
    assert ran(monkeypatch, "wine", "reg", folder) == 2
    assert "not empty" in capsys.readouterr().err
    assert ran(monkeypatch, "wine", "reg", tmp_path / "other", "--at", "somewhere") == 2


def test_a_prefix_without_wine_is_a_mistake(monkeypatch, capsys):
    assert ran(monkeypatch, "exec", "--prefix", "x", "--", "true") == 2
    assert "--wine" in capsys.readouterr().err


@pytest.mark.slow
def test_exec_runs_a_windows_program_and_passes_its_code_on(windows, monkeypatch, capfd, tmp_path):
    script = tmp_path / "connector.vbs"
    script.write_text(
        'Set rp = CreateObject("QBXMLRP2.RequestProcessor")\nWScript.Echo rp.MajorVersion\nWScript.Quit 7', encoding="ascii"
    )
    assert ran(monkeypatch, "exec", "--wine", "--prefix", windows.prefix, "--", "cscript", "/nologo", f"Z:{script}") == 7
    assert capfd.readouterr().out.split() == ["16"]


@pytest.mark.slow
def test_exec_takes_what_wine_runs_by_itself_and_refuses_a_name_that_is_nowhere(windows, monkeypatch, capfd, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.bat").write_text("@exit /b 7\r\n")
    (tmp_path / "a.vbs").write_text("WScript.Quit 8\r\n")
    for name, code in (("a.bat", 7), ("a.vbs", 8), ("no-such-program", 2)):
        assert ran(monkeypatch, "exec", "--wine", "--prefix", windows.prefix, "--", name) == code
    assert "the program 'no-such-program' is not there" in capfd.readouterr().err


@pytest.mark.slow
def test_a_stale_prefix_is_refreshed(windows, monkeypatch, capfd):
    assert is_fresh(windows.prefix, windows.wine)
    (windows.prefix / MARK).write_text("x64 older\n", encoding="ascii")
    assert ran(monkeypatch, "exec", "--wine", "--prefix", windows.prefix, "--", "cmd", "/c", "exit", "3") == 3
    assert "preparing" in capfd.readouterr().err
    assert is_fresh(windows.prefix, windows.wine)
