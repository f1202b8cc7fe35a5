"""Serving: ready when started, gone when stopped, a taken port told of, strangers refused at accept."""

import http.client
import socket
import subprocess
import sys

import pytest

from emulator.core.errors import UserMistake
from emulator.core.serving import Guard, Serving


def app(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def serve():
    running = []

    def start(**options):
        running.append(Serving(app, threads=2, **options).start())
        return running[-1]

    yield start
    for serving in running:
        serving.stop()


def ask(serving, body=b"hello", source=None):
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=5, source_address=(source, 0) if source else None)
    try:
        connection.request("POST", "/", body)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_it_answers_as_soon_as_it_has_started(serve):
    assert ask(serve()) == b"hello"


def test_it_is_gone_when_it_has_stopped(serve):
    serving = serve()
    port = serving.port
    serving.stop()
    serving.stop()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 1):  # noqa: PT011 - any refusal will do
        pass


def test_a_taken_port_says_what_to_do(serve):
    with pytest.raises(UserMistake, match=r"the connector cannot listen on 127.0.0.1:\d+: the port is taken.*ss -ltnp"):
        Serving(app, port=serve().port, name="the connector").start()


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(UserMistake, match="an address of this machine"):
        Serving(app, host="192.0.2.1").start()


def test_strangers_are_reset_before_they_are_heard(serve):
    turned_away = []
    serving = serve(guard=Guard(lambda address: address == "127.0.0.1", turned_away.append))
    assert ask(serving) == b"hello"
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        ask(serving, source="127.0.0.9")
    assert ask(serving) == b"hello"
    assert turned_away == ["127.0.0.9"]


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:0"), ("::1", "http://[::1]:0"), ("here", "http://here:0")]
)
def test_the_url_of_an_address_of_either_family(host, url):
    assert Serving(lambda *_: [], host=host).url == url


def test_a_program_that_is_interrupted_while_it_starts_does_not_wait_for_the_server():
    """Its threads were not those of a server that somebody stops; a program that ended without knowing of it waited for ever."""
    code = "from emulator.core.serving import Serving\nServing(lambda environ, start_response: []).start()\nraise SystemExit(5)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 5
