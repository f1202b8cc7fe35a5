"""A `fakebooks up` of a test's own: on its own addresses, with its own note, stopped by SIGINT at the end.

No fixed port: the control API lets the system choose, and the fault proxy listens on a free port of an address of the test's own process.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_LIMIT_S = 60
"""How long a start may take (machine's seconds; on a busy build machine it takes some)."""

FAKEBOOKS = Path(sys.executable).with_name("fakebooks")
"""The command as it was installed."""


def pythons() -> dict[str, str]:
    """Return every Python from 3.8 on that this machine has, by version: programs with the stand-in may have any of them.

    Debian has only one of them, which is always there: the others are tried where somebody has installed them.
    """
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for version in (f"3.{minor}" for minor in range(8, 15)):
        name = f"python{version}"
        for way in ([name, "-c", "import sys; print(sys.executable)"], ["pyenv", "whence", "--path", name]):
            if version not in found and shutil.which(way[0]):
                done = subprocess.run(way, capture_output=True, text=True, timeout=30)
                if done.returncode == 0 and done.stdout.strip():
                    found[version] = done.stdout.split()[0]
    return found


@dataclass
class Up:
    """A running `fakebooks up`.

    Attributes:
        process: it. environment: finds it by its note. printed: its table so far.
        control, token, port_8891: where it is, as it printed them.
    """

    process: subprocess.Popen
    environment: dict[str, str]
    printed: str
    control: str
    token: str
    port_8891: str

    def end(self) -> tuple[int, str]:
        """End it by Ctrl-C; return its exit code and what it printed to standard error."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=START_LIMIT_S)
        return self.process.returncode, err


def own_environment(folder: Path) -> dict[str, str]:
    """Return the environment with a state folder of the test's own: it finds no FakeBooks but the test's, and tells nobody of it."""
    ours = {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200"}
    return {name: text for name, text in os.environ.items() if not name.startswith("FAKEBOOKS_")} | ours


@contextmanager
def fakebooks_up(folder: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Up]:
    """Start `fakebooks up` in a folder; when it has printed its table, yield it; end it in the end, whatever happens."""
    environment = environment or own_environment(folder)
    # An address of this process's own and port 0: nobody is in the way of anybody.
    own = f"127.{1 + os.getpid() % 200}.{os.getpid() // 200 % 250}.{2 + os.getpid() // 50_000}:0"
    command = [str(FAKEBOOKS), "up", "--listen", own, "--control", "127.0.0.1:0", "--out", str(folder / "out"), *options]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if "until Ctrl-C" in line:
                break
        assert "until Ctrl-C" in printed, printed + process.stderr.read()
        told = dict(line.rstrip().rsplit(maxsplit=1) for line in printed.splitlines()[:-1])
        table = {name.strip(): text for name, text in told.items()}
        yield Up(process, environment, printed, table["control API"], table["token"], table["port 8891"])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=START_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stdout.close()
        process.stderr.close()
        process.wait()


def note(environment: dict[str, str]) -> dict[str, str]:
    """Return the note that a running FakeBooks left."""
    return json.loads((Path(environment["XDG_STATE_HOME"]) / "fakebooks" / "running.json").read_text())
