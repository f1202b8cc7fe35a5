"""What tests of commands that speak to a running FakeBooks share: a world whose control API is served, and the command line."""

import sys

import pytest
from loops import world_on_a_loop

from emulator import client
from emulator.cli import main as cli
from emulator.control.api import Api
from emulator.core.serving import Serving


@pytest.fixture
def a_world():
    """A world, and its loop."""
    with world_on_a_loop() as made:
        yield made


@pytest.fixture
def on_loop(a_world):
    """Run a coroutine on the loop of the world."""
    return a_world[1]


@pytest.fixture
def world(a_world, monkeypatch, tmp_path):
    """A world whose control API is served, with the note that says where."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FAKEBOOKS_TOKEN", raising=False)
    made, on_loop = a_world
    serving = Serving(Api(made, on_loop.loop, "the token", "wholesale_small").app).start()
    client.leave_note(client.Running(serving.url, "the token"))
    try:
        yield made
    finally:
        serving.stop()


@pytest.fixture
def fakebooks(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fakebooks", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run
