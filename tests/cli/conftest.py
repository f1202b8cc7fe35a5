"""What tests of commands that speak to a running FakeBooks share: a world whose control API is served, and the command line."""

import asyncio
import sys
import threading
from datetime import datetime

import pytest

from emulator import client
from emulator.cli import main as cli
from emulator.control.api import Api
from emulator.core.clock import RealClock
from emulator.core.serving import Serving
from emulator.world import WorldConfig, virtual_world


@pytest.fixture
def on_loop():
    """Run a coroutine on a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    run.loop = loop
    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def world(on_loop, monkeypatch, tmp_path):
    """A world whose control API is served, with the note that says where."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FAKEBOOKS_TOKEN", raising=False)

    async def begin():
        made = virtual_world(WorldConfig(), RealClock(datetime.now().astimezone(), 200.0))
        await made.start()
        return made

    async def end(made):
        await made.stop()
        made.let_go()

    made = on_loop(begin())
    serving = Serving(Api(made, on_loop.loop, "the token", "wholesale_small").app).start()
    client.leave_note(client.Running(serving.url, "the token"))
    try:
        yield made
    finally:
        serving.stop()
        on_loop(end(made))


@pytest.fixture
def fakebooks(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fakebooks", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run
