"""Running one program with QuickBooks: what it finds in its environment, and what becomes of its exit code."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from emulator.com.exec import ENVIRONMENT_VARIABLE, STANDIN, environment, run_program
from emulator.core.errors import UserMistake

from .programs import python, running_quickbooks


def test_the_environment_adds_and_keeps():
    found = environment("http://127.0.0.1:1", {"PYTHONPATH": "/mine", "HOME": "/home"})
    assert found == {"PYTHONPATH": f"{STANDIN}{os.pathsep}/mine", "HOME": "/home", ENVIRONMENT_VARIABLE: "http://127.0.0.1:1"}
    assert environment("", {})["PYTHONPATH"] == str(STANDIN)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 128 + signal.SIGTERM),
    ],
)
def test_the_exit_code_is_passed_on(code, expected):
    assert run_program([sys.executable, "-c", code], os.environ) == expected


@pytest.mark.parametrize("command", [[], ["/no/such/program"], ["no-such-program-at-all"]])
def test_what_cannot_be_run_is_told(command):
    with pytest.raises(UserMistake):
        run_program(command, os.environ)


def test_a_script_without_its_interpreter(tmp_path):
    script = tmp_path / "connector.py"
    script.write_bytes(b"\x00")
    script.chmod(0o755)
    with pytest.raises(UserMistake, match="interpreter"):
        run_program([str(script)], os.environ)


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(UserMistake, match=r"is a folder; expected a program on the PATH, or the path of one"):
        run_program([str(tmp_path)], os.environ)
    with pytest.raises(UserMistake, match="the program '' is not there"):
        run_program([""], os.environ)


@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_a_windows_program_is_said_to_be_one(tmp_path, mode):
    program = tmp_path / "connector.exe"
    program.write_bytes(b"MZ\0")
    program.chmod(mode)
    with pytest.raises(UserMistake, match=r"it is a Windows program: fakebooks exec --wine -- /.*connector\.exe$"):
        run_program([str(program)], os.environ)


def test_a_term_signal_reaches_the_program():
    code = """
import os, signal, sys
from emulator.com.exec import run_program
child = "import os, signal; os.kill(os.getppid(), signal.SIGTERM); signal.pause()"
sys.exit(run_program([sys.executable, "-c", child], os.environ))
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("mode", ["multi", "single"])
def test_the_file_is_open_in_the_mode_asked_for(mode):
    with running_quickbooks(mode=mode) as running:
        text = python(
            """
            import win32com.client
            rp = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
            rp.OpenConnection("", "Any program whatever")
            for mode in (0, 1):
                try:
                    rp.EndSession(rp.BeginSession("", mode))
                    print("single" if mode == 0 else "multi")
                except Exception as error:
                    print(error.excepinfo[5])
            """,
            running.url,
        )
    assert text.split() == (["-2147220464", "multi"] if mode == "multi" else ["single", "-2147220464"])


def test_a_user_the_company_does_not_have():
    with pytest.raises(UserMistake, match="no user 'Nobody'"), running_quickbooks(user="Nobody"):
        raise AssertionError("it must not start")


def test_the_journal_is_written_to_a_file(tmp_path):
    with running_quickbooks(journal_path=tmp_path / "journal.jsonl") as running:
        rows = len(running.journal)
    assert len((tmp_path / "journal.jsonl").read_bytes().splitlines()) == rows >= 2


START = """
import sys
from emulator.cli.programs import quickbooks_for_programs
with quickbooks_for_programs("wholesale_small"):
    print(*sys.modules)
"""


def test_a_start_imports_no_more_than_a_quickbooks_needs():
    """Each of these takes longer than a bare Python needs to start; how long all of it takes is measured in benchmarks/standin.py."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=True)
    heavy = {
        "emulator.company.reports.kinds",
        "emulator.com.likeness",
        "emulator.com.wine",
        "emulator.faults.grammar",
        "flask",
        "werkzeug",
        "jinja2",
        "pydantic",
        "pydantic_core",
        "ruamel",
        "faker",
        "rich",
        "httpx",
    }
    assert heavy & set(done.stdout.split()) == set()


def test_nothing_is_left_behind():
    """How soon it is ready is measured in benchmarks/ratios.py."""
    before = set(threading.enumerate())
    for _ in range(3):
        with running_quickbooks() as running:
            url = running.url
    assert set(threading.enumerate()) <= before
    assert url.startswith("http://127.0.0.1:")
