"""Asked to end, once or often: everything ends in order, nothing is left running, and the exit code says which signal it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.core.chance import Chance
from emulator.world import own_address

ROOT = Path(__file__).parents[2]
STORY = ROOT / "scenarios" / "demo" / "lost_answer_day.yaml"


def started(tmp_path, *, ignoring_int=False):
    """Start a story on the real clock and wait until it is well under way."""
    listen = f"{own_address(Chance(0), 'signals')}:8891"
    command = [
        sys.executable,
        "-c",
        "from emulator.cli import run; run()",
        "run",
        str(STORY),
        "--clock",
        "real",
        "--listen",
        listen,
    ]
    ignore = (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignoring_int else None
    run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, preexec_fn=ignore)
    for line in run.stderr:
        if "until queue empty" in line:
            return run
    raise AssertionError("the story did not get under way")


def connectors_of(tmp_path):
    """Processes whose configuration lies below the test's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"emulator.connector" in words and any(str(tmp_path).encode() in word for word in words) | (b"out" in words[-2]):
            found.append(path)
    return [path for path in found if os.path.realpath(path.parent / "cwd") == str(tmp_path)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signals", "code", "ignoring_int"),
    [
        ([signal.SIGINT], 130, False),
        ([signal.SIGTERM], 143, False),
        ([signal.SIGHUP], 129, False),
        ([signal.SIGINT] * 3, 130, False),
        ([signal.SIGTERM] * 3, 143, False),
        ([signal.SIGTERM], 143, True),
    ],
    ids=str,
)
def test_it_ends_in_order(tmp_path, signals, code, ignoring_int):
    run = started(tmp_path, ignoring_int=ignoring_int)
    for number in signals:
        run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == code
    assert "Traceback" not in errors
    assert connectors_of(tmp_path) == []


@pytest.mark.slow
def test_a_reader_who_leaves_does_not_change_the_verdict(tmp_path):
    command = f"{sys.executable} -c 'from emulator.cli import run; run()' run {ROOT / 'scenarios' / 'outage' / 'blip.yaml'} --out {tmp_path}"
    told = subprocess.run(
        ["bash", "-c", f"{command} 2>/dev/null | head -1; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True
    )
    assert told.stdout.splitlines()[-1] == "0"
