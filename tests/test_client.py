"""The client of the control API: its note, and what it makes of answers."""

import os
import stat
from pathlib import Path

import pytest
from flask import Flask, jsonify, request

from emulator import client
from emulator.core.serving import Serving


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "fakebooks"


def test_the_note_is_this_users_only(state):
    assert client.find_running() is None
    running = client.Running("http://127.0.0.1:1", "secret")
    before = os.umask(0)
    try:
        client.leave_note(running)
    finally:
        os.umask(before)
    assert stat.S_IMODE(client.note_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert client.find_running() == running


def test_a_note_that_others_could_read_is_replaced(state):
    state.mkdir(parents=True)
    (state / "running.json").write_text("{}")
    (state / "running.json").chmod(0o644)
    client.leave_note(client.Running("http://127.0.0.1:1", "secret"))
    assert stat.S_IMODE((state / "running.json").stat().st_mode) == 0o600


def test_only_its_own_note_is_taken_away(state):
    first, second = client.Running("http://127.0.0.1:1", "one"), client.Running("http://127.0.0.1:2", "two")
    client.leave_note(first)
    client.leave_note(second)
    client.take_note_away(first)
    assert client.find_running() == second
    client.take_note_away(second)
    assert client.find_running() is None


@pytest.mark.parametrize("runs", [True, False])
def test_the_note_of_another_comes_back_while_it_runs(state, runs):
    serving = Serving(lambda environ, start: (start("200 OK", [("Content-Length", "0")]) and []) or [b""]).start()
    try:
        first = client.Running(serving.url, "one")
        second = client.Running("http://127.0.0.1:2", "two")
        assert client.leave_note(first) is None
        before = client.leave_note(second)
        assert before == first
        if not runs:
            serving.stop()
        client.take_note_away(second, before)
        assert client.find_running() == (first if runs else None)
    finally:
        serving.stop()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": "x"}', "null", "{", "\x00"])
def test_a_note_that_cannot_be_read_is_none(state, content):
    state.mkdir(parents=True)
    (state / "running.json").write_text(content)
    assert client.find_running() is None


def test_the_state_folder_of_a_user_without_xdg(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert client.note_path() == tmp_path / ".local" / "state" / "fakebooks" / "running.json"


def test_a_subscriber_may_be_written_with_its_braces():
    app = Flask("server")
    app.add_url_rule("/v1/subscriptions/<name>/events", "events", lambda name: {"events": [{"for": name}]}, methods=["POST"])
    app.add_url_rule("/v1/subscriptions", "list", lambda: {"subscriptions": [{"kind": "Data"}]})
    serving = Serving(app).start()
    try:
        with client.Control(client.Running(serving.url, "t")) as control:
            assert control.subscriptions() == [{"kind": "Data"}]
            for name in ("{8327C7FC}", "a b?c#d"):
                assert control.take_events(name) == [{"for": name}]
    finally:
        serving.stop()


def test_snapshots_are_named_by_the_server():
    app = Flask("server")
    told = []
    app.add_url_rule("/v1/companies/<name>/snapshots", "take", lambda name: {"snapshot": "a b?c"}, methods=["POST"])
    app.add_url_rule("/v1/companies/<name>/snapshots", "kept", lambda name: {"snapshots": [{"snapshot": "a b?c"}]})
    for method in ("POST", "DELETE"):
        app.add_url_rule(
            "/v1/companies/<name>/snapshots/<snapshot>",
            method,
            lambda name, snapshot, method=method: told.append((method, name, snapshot)) or {},
            methods=[method],
        )
    serving = Serving(app).start()
    try:
        with client.Control(client.Running(serving.url, "t")) as control:
            name = control.snapshot("c")
            assert control.snapshots("c") == [{"snapshot": name}]
            control.restore("c", name)
            control.let_go("c", name)
    finally:
        serving.stop()
    assert told == [("POST", "c", "a b?c"), ("DELETE", "c", "a b?c")]


def test_a_fork_is_asked_for_by_its_path():
    app = Flask("server")
    told = []
    app.add_url_rule("/v1/companies/<name>/forks", "fork", lambda name: told.append((name, request.json)) or {}, methods=["POST"])
    serving = Serving(app).start()
    try:
        with client.Control(client.Running(serving.url, "t")) as control:
            control.fork("c", Path("/somewhere/a b.fbk"))
    finally:
        serving.stop()
    assert told == [("c", {"path": "/somewhere/a b.fbk"})]


def test_refusals_and_silence_are_told():
    app = Flask("server")
    app.add_url_rule("/v1/status", "status", lambda: (jsonify(error="no", expected="yes"), 400))
    app.add_url_rule("/v1/journal", "journal", lambda: ("<html>", 502))
    serving = Serving(app).start()
    try:
        with client.Control(client.Running(serving.url, "t")) as control:
            assert control.ready() is False
            with pytest.raises(client.ControlFailed, match="no") as refused:
                control.status()
            assert (refused.value.status, refused.value.told) == (400, {"error": "no", "expected": "yes"})
            with pytest.raises(client.ControlFailed, match="HTTP 502"):
                control.journal()
    finally:
        serving.stop()
    with client.Control(client.Running(serving.url, "t")) as control:
        assert control.ready() is False
        with pytest.raises(client.ControlFailed, match="did not answer") as silence:
            control.faults()
        assert silence.value.status == 0
