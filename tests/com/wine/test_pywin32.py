"""The real pywin32, in a Windows Python under Wine: the stand-in does what it does, and the probe finds the same QuickBooks behind it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from running import FAKEBOOKS

from com.programs import running_quickbooks
from emulator.com.exec import environment, quickbooks_for_programs
from emulator.com.parity import compare_file
from emulator.com.probe.packing import pack

from .pywin32_acts import BEFORE_THE_LIBRARY, EARLY, LATE, THREADS, of

pytestmark = pytest.mark.slow

PLAYER = Path(__file__).parent / "pywin32_player.py"

MISMATCH = "com_error(-2147352571, TEXT, None, {})"
NOT_OPTIONAL = "com_error(-2147352561, TEXT, None, None)"
BY_WINE = {
    "before: Dispatch(PROG, clsctx=pythoncom.CLSCTX_LOCAL_SERVER)": (
        "com_error(-2147221166, TEXT, None, None)",
        "com_error(-2147221164, TEXT, None, None)",
    ),
    'late: rp.OpenConnection("", pythoncom.Empty)': (MISMATCH.format(3), NOT_OPTIONAL),
    "early: early.OpenConnection2('', appName='Early')": (MISMATCH.format(4), NOT_OPTIONAL),
    "early: early.BeginSession()": (MISMATCH.format(3), NOT_OPTIONAL),
    "early: early.EndSession()": (MISMATCH.format(2), NOT_OPTIONAL),
    'late: rp.openconnection("", None)': (MISMATCH.format(3), MISMATCH.format(2)),
    'late: rp.openconnection("", ["a"])': (MISMATCH.format(3), MISMATCH.format(2)),
    'late: rp.OPENCONNECTION2("", "x", "one")': (MISMATCH.format(4), MISMATCH.format(3)),
    "before: pythoncom.CoInitializeEx()": (
        "TypeError('CoInitializeEx() takes exactly 1 argument (0 given)',)",
        "TypeError(\"CoInitializeEx() missing 1 required positional argument: 'flags'\",)",
    ),
}
"""Where they differ, the real one first: Wine's COM is not that of Windows, which the stand-in follows (documented: a class without a server
is not registered; an argument that is left out is not optional, and a wrong one is named by its place). The last is Python's wording."""


@pytest.fixture(scope="module")
def running():
    with running_quickbooks() as running:
        yield running


def test_the_standin_does_what_pywin32_does(windows, windows_python, running, tmp_path):
    played = {}
    for who in ("real", "ours"):
        folder = tmp_path / who
        folder.mkdir()
        if who == "real":
            code, out, errors = windows.run([*windows_python, PLAYER, folder / "results.json"], running.url)
            assert code == 0, (out, errors)
        else:
            subprocess.run(
                [sys.executable, PLAYER, folder / "results.json"], env=environment(running.url, {}), check=True, timeout=120
            )
        played[who] = json.loads((folder / "results.json").read_text())
    assert len(played["real"]) == sum(len(set(of(each))) for each in (BEFORE_THE_LIBRARY, LATE, EARLY, THREADS))
    different = {act: (real, played["ours"][act]) for act, real in played["real"].items() if real != played["ours"][act]}
    assert different == BY_WINE


def test_the_probe_for_windows_finds_the_same_quickbooks(windows, windows_python, tmp_path):
    """The one file that `fakebooks probe --pack` writes, as a person with a real QuickBooks runs it."""
    pack(str(tmp_path / "probe.pyz"))
    parity_file = tmp_path / "parity.json"
    with quickbooks_for_programs("wholesale_small") as running:
        code, out, errors = windows.run([*windows_python, tmp_path / "probe.pyz", "--out", parity_file], running.url)
    assert (code, errors) == (0, ""), out
    found = compare_file(str(parity_file))
    assert (found.complete, found.differences, found.unknown, found.missing, found.unworded) == (True, (), (), (), ())


SAYS = """
import sys
print("read", sys.stdin.readline().strip(), flush=True)
print("told", file=sys.stderr, flush=True)
print("written", flush=True)
"""


def test_a_program_has_files_for_its_standard_streams(windows, windows_python, tmp_path):
    """Found with this Python: it died before its first line."""
    (tmp_path / "says.py").write_text(SAYS)
    (tmp_path / "in.txt").write_text("a line\n")
    command = [FAKEBOOKS, "exec", "--wine", "--prefix", windows.prefix, "--", windows_python[1]]
    with (tmp_path / "in.txt").open() as source, (tmp_path / "log.txt").open("w") as log:
        ended = subprocess.run(
            [*command, tmp_path / "says.py"], stdin=source, stdout=log, stderr=log, env=windows.variables(), timeout=120
        )
    lines = (tmp_path / "log.txt").read_text().split("\n")
    assert (ended.returncode, [line.strip() for line in lines]) == (0, ["read a line", "told", "written", ""])
