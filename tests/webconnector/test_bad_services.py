"""Services that answer badly, over real sockets: the right code in the log, the session closed, the company file untouched."""

import socket
import ssl
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.core.clock import RealClock, run_real
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.service import Limits

from .desk import START, Desk, Scripted
from .test_soap import BOMB

TLS = Path(__file__).parents[1] / "data" / "tls"


def update(url, trust=None, limits=None):
    """Run one update on the real clock; returns the result, the log, and whether the company file is as it was."""

    async def story():
        desk = Desk(RealClock(START))
        try:
            before = desk.company.snapshot(), list(desk.company.truth.customers())
            result = await desk.update(None, url=url, trust=trust, limits=limits)
            assert not list(desk.quickbooks.sessions)
            untouched = before[1] == list(desk.company.truth.customers()) and await desk.extensions() in (
                {},
                {"AppLock": "UNLOCKED"},
            )
            return result, desk.log.text, untouched
        finally:
            desk.close()

    return run_real(story)


@contextmanager
def serving(answer, certificate=""):
    """Serve connections one after the other on the loopback; `answer(connection)` says something to each."""
    listening = socket.create_server(("127.0.0.1", 0))
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / f"{certificate}.pem", TLS / f"{certificate}.key")

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as spoken:
                        answer(spoken)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://localhost:{listening.getsockname()[1]}/qbwc"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def heard(connection):
    """Read one request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def saying(body, head=b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n"):
    def answer(connection):
        heard(connection)
        connection.sendall(head + body)

    return answer


def endless(connection):
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<soap>")
    while True:
        connection.sendall(b"<a>" * 20000)


OTHER_NAMESPACE = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x xmlns="urn:y"/></s:Body></s:Envelope>'
)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (saying(b"<!DOCTYPE html><html><body>Welcome</body></html>"), "HTML page"),
        (saying(BOMB), "document type"),
        (saying(OTHER_NAMESPACE), "namespace"),
        (saying(b"", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "HTTP status 404"),
        (
            saying(b"", b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"),
            "HTTP status 302",
        ),
        (saying(b"half", b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"), "underlying connection was closed"),
        (saying(b"", b"this is not HTTP\r\n\r\n"), "underlying connection was closed"),
        (lambda connection: None, "underlying connection was closed"),
        (endless, "larger than 1000000 bytes"),
    ],
    ids=["HTML", "DTD bomb", "namespace", "404", "redirect", "half", "no HTTP", "silence", "endless"],
)
def test_answers_that_are_none(answer, why):
    with serving(answer) as url:
        result, log, untouched = update(url, limits=Limits(answer_bytes=1_000_000))
    assert result.codes == [Qbwc.CLIENT_VERSION, Qbwc.AUTHENTICATE]
    assert "QBWC1012" in log
    assert why in log
    assert untouched


def test_nobody_is_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result, log, untouched = update(f"http://localhost:{port}/")
    assert (result.codes[-1], untouched) == (Qbwc.AUTHENTICATE, True)
    assert "Unable to connect to the remote server" in log


@pytest.mark.slow
def test_a_service_that_never_answers():
    release = threading.Event()

    def silent(connection):
        heard(connection)
        release.wait(10)

    with serving(silent) as url:
        result, log, untouched = update(url, limits=Limits(seconds=0.1))
        release.set()
    assert (result.codes[-1], untouched) == (Qbwc.AUTHENTICATE, True)
    assert "timed out" in log


@pytest.mark.parametrize(
    ("certificate", "trusted", "why"),
    [
        ("other_host", "other_host", "Hostname mismatch, certificate is not valid for 'localhost'"),
        ("localhost", None, "self-signed certificate"),
    ],
)
def test_certificates_that_are_refused(certificate, trusted, why):
    with serving(lambda connection: heard(connection), certificate) as url:
        result, log, untouched = update(url, trust=None if trusted is None else TLS / f"{trusted}.pem")
    assert (result.codes, untouched) == ([Qbwc.CLIENT_VERSION, Qbwc.AUTHENTICATE], True)
    assert "could not establish trust relationship" in log
    assert why in log


def test_a_certificate_that_is_trusted():
    service = Scripted()

    def answer(connection):
        _, body = heard(connection)
        told = b"".join(service({"wsgi.input": Body(body)}, lambda status, headers: None))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + told)

    with serving(answer, "localhost") as url:
        result, _, _ = update(url, trust=TLS / "localhost.pem")
    assert (result.ok, result.status) == (True, "Bye")


class Body:
    def __init__(self, content):
        self.content = content

    def read(self):
        return self.content


def test_endless_in_mid_session():
    """The service turns bad after QuickBooks has been asked: the lock is given back, the session is closed."""
    service = Scripted()

    def answer(connection):
        _, body = heard(connection)
        if b"<receiveResponseXML" in body:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 60000)
        told = b"".join(service({"wsgi.input": Body(body)}, lambda status, headers: None))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + told)

    with serving(answer) as url:
        result, log, untouched = update(url, limits=Limits(answer_bytes=1_000_000))
    assert (result.codes, untouched) == ([Qbwc.RECEIVE_RESPONSE], True)
    assert service.names()[-1] == "closeConnection"
    assert "Company file has been unlocked" in log
