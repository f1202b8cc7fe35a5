"""Parts as processes: ready when started, gone when stopped or killed, and what went wrong is told."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys

import pytest

from emulator.core.errors import PartFailed
from emulator.core.processes import KILLED, PartProcess

PART = """
import argparse, json, signal, sys, pathlib
parser = argparse.ArgumentParser(); parser.add_argument("--config"); parser.add_argument("--host", default="127.0.0.1")
options = parser.parse_args()
config = json.loads(pathlib.Path(options.config).read_text())
if "fails" in config:
    print(config["fails"], file=sys.stderr); sys.exit(4)
if config.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready " + json.dumps({"url": f"http://{options.host}:1"}), flush=True)
while True: signal.pause()
"""


@pytest.fixture
def part(tmp_path):
    (tmp_path / "a_part.py").write_text(PART)
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    return lambda **config: PartProcess("a_part", config, tmp_path / "state" / "part.log", variables)


def test_it_is_ready_when_started_and_gone_when_stopped(part):
    async def life():
        process = part()
        await process.start()
        await process.start()
        assert (process.running, process.url) == (True, "http://127.0.0.1:1")
        assert await process.stop() == 0
        assert not process.running
        assert await process.stop() == 0
        await process.start()
        assert await process.kill() == KILLED

    asyncio.run(life())


def test_a_killed_one_is_told_by_its_return_code(part):
    async def life():
        process = part()
        await process.start()
        os.kill(process._process.pid, signal.SIGKILL)
        return await process.wait()

    assert asyncio.run(life()) == KILLED


def test_further_options_reach_its_command_line(part):
    async def life():
        process = part()
        process.options = ("--host", "127.0.0.2")
        await process.start()
        assert process.url == "http://127.0.0.2:1"
        assert await process.stop() == 0

    asyncio.run(life())


def test_its_number_is_known_while_it_runs(part):
    async def life():
        process = part()
        assert process.pid is None
        await process.start()
        number = process.pid
        assert number == process._process.pid
        await process.stop()
        assert process.pid is None

    asyncio.run(life())


def test_one_that_does_not_start_says_why(part):
    async def life():
        await part(fails="the port is taken").start()

    with pytest.raises(PartFailed, match="the port is taken"):
        asyncio.run(life())


def test_one_that_does_not_end_is_killed(part, monkeypatch):
    monkeypatch.setattr("emulator.core.processes.STOP_LIMIT_S", 0.2)

    async def life():
        process = part(stubborn=True)
        await process.start()
        return await process.stop()

    assert asyncio.run(life()) == KILLED


def test_a_part_ends_when_whoever_started_it_is_killed(tmp_path):
    (tmp_path / "a_real_part.py").write_text(
        "import argparse, asyncio, os\n"
        "from emulator.core.parts import PartConfig, ended_by_signal, run_part, say_ready\n"
        "async def work(config, given):\n"
        "    ended = ended_by_signal(); say_ready(); await ended.wait(); open('ended', 'w').close(); return 0\n"
        "run_part(argparse.ArgumentParser(), PartConfig, work)\n"
    )
    starter = (
        "import asyncio, os, pathlib, signal\n"
        "from emulator.core.processes import PartProcess\n"
        "async def main():\n"
        "    part = PartProcess('a_real_part', {}, pathlib.Path('part.log'))\n"
        "    await part.start(); print(part.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", starter], cwd=tmp_path, env=variables, capture_output=True, text=True)
    assert killed.returncode == KILLED, killed.stderr
    with contextlib.suppress(ProcessLookupError):
        # The part is nobody's child now: wait for its end through a handle on the process.
        handle = os.pidfd_open(int(killed.stdout))
        try:
            assert select.select([handle], [], [], 10)[0], "the part lives on"
        finally:
            os.close(handle)
    assert (tmp_path / "ended").exists()
