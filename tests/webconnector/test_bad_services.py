"""Services that answer badly, over real sockets: the right code in the log, the session closed, the company file untouched."""

import io
import socket
import ssl
import struct
import threading
import zlib
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

import pytest
from httpcore._backends import anyio as anyio_backend

from emulator.core.clock import RealClock, run_real
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.service import Limits

from .desk import START, Desk, Scripted, soap
from .test_soap import BOMB

TLS = Path(__file__).parents[1] / "data" / "tls"


def update(url, trust=None, limits=None, send_again=True):
    """Run one update on the real clock; returns the result, the log, and whether the company file is as it was."""

    async def story():
        desk = Desk(RealClock(START))
        try:
            before = desk.company.snapshot(), list(desk.company.truth.customers())
            result = await desk.update(None, url=url, trust=trust, limits=limits, send_again=send_again)
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
    """Serve connections one after the other on the loopback; `answer(connection)` says something to each.

    The certificate is the name of a file, or a function that returns one for the n-th connection.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    of_each = certificate if callable(certificate) else lambda number: certificate

    def serve():
        for number in count():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                context = tls(of_each(number)) if certificate else None
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


def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem", TLS / f"{certificate}.key")
    return context


def calls_on(connection):
    """Yield the calls that come over a connection, each as (headers, body), until the other side closes it."""
    reader = connection.makefile("rb")
    while head := list(iter(lambda: reader.readline().strip(), b"")):
        headers = dict(line.decode("latin-1").split(": ", 1) for line in head[1:])
        yield headers, reader.read(int(headers["Content-Length"]))


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


# ---- every way to answer badly, at every call of the protocol -------------------------------------------------------------------------------

ANSWER_BYTES_MAX = 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"


def whole(name, headers=b"", body=None, length=None):
    """Return an answer to an operation, with headers and a length of its own."""
    body = soap(name, "1" if name == "receiveResponseXML" else "text") if body is None else body
    length = len(body) if length is None else length
    return HEAD + headers + b"Connection: close\r\nContent-Length: " + str(length).encode() + b"\r\n\r\n" + body


def says(make):
    return lambda connection, name: connection.sendall(make(name))


def without_end(connection, name):
    connection.sendall(HEAD + b"\r\n" + whole(name).partition(b"\r\n\r\n")[2][:200])
    while True:
        connection.sendall(b"<a>" * 20000)


def drips(connection, name):
    """A byte now and then, for ever: the client has had enough before the end."""
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    while not STOPPED.wait(0.02):
        connection.sendall(b" ")


STOPPED = threading.Event()
GZIP_BOMB = zlib.compressobj(9, zlib.DEFLATED, 31)
GZIP_BOMB = GZIP_BOMB.compress(b"<a>" * 10_000_000) + GZIP_BOMB.flush()
BAD = {
    "HTML": (says(lambda name: whole(name, body=b"<!DOCTYPE html><html><body>Welcome</body></html>")), "HTML page"),
    "endless": (without_end, "larger than"),
    "other namespace": (
        says(lambda name: whole(name, body=soap(name, "1").replace(b"http://developer.intuit.com/", b"http://tempuri.org/"))),
        "namespace",
    ),
    "no SOAP namespace": (
        says(lambda name: whole(name, body=soap(name, "1").replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"urn:x"))),
        "SOAP 1.1",
    ),
    "DTD bomb": (says(lambda name: whole(name, body=BOMB)), "document type"),
    "half": (says(lambda name: whole(name, body=soap(name, "1")[:-40])), "not well-formed"),
    "length too long": (says(lambda name: whole(name, length=4000)), "underlying connection was closed"),
    "length too short": (says(lambda name: whole(name, length=100)), "not well-formed"),
    "no length": (says(lambda name: whole(name).replace(b"Content-Length: ", b"Content-Length: x")), "underlying connection"),
    "gzip bomb": (says(lambda name: whole(name, b"Content-Encoding: gzip\r\n", GZIP_BOMB)), "it is compressed (gzip)"),
    "redirect loop": (
        says(lambda name: b"HTTP/1.1 302 Found\r\nLocation: /qbwc\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        "HTTP status 302",
    ),
    "bytes of another charset": (
        says(lambda name: whole(name, body=soap(name, "\xe9").replace(b"\xc3", b""))),
        "not well-formed",
    ),
    "heads without end": (says(lambda name: HEAD + b"X: y\r\n" * 50_000), "underlying connection was closed"),
    "drips": (drips, "timed out"),
    "silence": (lambda connection, name: None, "underlying connection was closed"),
    "certificate": (None, "could not establish trust relationship"),
}
INTERACTIVE = {"sendRequestXML": [""], "getLastError": ["Interactive mode"]}
CALLS = {
    "serverVersion": ({}, []),
    "clientVersion": ({}, [1036]),
    "authenticate": ({}, [1012]),
    "sendRequestXML": ({}, [1041]),
    "receiveResponseXML": ({}, [1042]),
    "connectionError": ({"authenticate": [["t", r"C:\none.qbw"]]}, [1013, 1045]),
    "getLastError": ({"receiveResponseXML": [-1]}, [1043]),
    "closeConnection": ({}, [1044]),
    "getInteractiveURL": (INTERACTIVE, []),
    "interactiveRejected": (INTERACTIVE, []),
}
"""Every call of the protocol: what the service answers so that it comes, and the codes that a bad answer to it brings."""


def told(code):
    return f"QBWC{code}"


@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD)
def test_every_call_answered_badly(bad):
    """The company file is afterwards what it was before, byte for byte."""
    answer, why = BAD[bad]
    speaks_tls = bad == "certificate"
    now = {}

    def serve(connection):
        _, body = heard(connection)
        name = next(each for each in CALLS if f"<{each} ".encode() in body)
        now["heard"].append(name)
        if name == now["bad"]:
            answer(connection, name)
            return
        content = b"".join(now["service"]({"wsgi.input": Body(body)}, lambda status, headers: None))
        connection.sendall(whole(name, body=content))

    def certificate(_):
        if now["bad"] and now["order"][len(now["heard"])] == now["bad"]:
            # Nobody will be heard behind this handshake.
            now["heard"].append(now["bad"])
            return "other_host"
        return "localhost"

    async def story(url):
        desk = Desk(RealClock(START))
        limits = Limits(seconds=0.1, answer_bytes=ANSWER_BYTES_MAX) if bad == "drips" else Limits(answer_bytes=ANSWER_BYTES_MAX)
        try:
            before = None
            for name, (answers, codes) in CALLS.items():
                # The first of each two is whole: it shows the order of the calls, and defines AppLock.
                for breaks in ("", name):
                    now.update(service=Scripted(**answers), heard=[], bad=breaks, order=now.get("heard", []))
                    trust = TLS / "localhost.pem" if speaks_tls else None
                    desk.log._parts.clear()
                    result = await desk.update(None, url=url, trust=trust, limits=limits)
                    assert not list(desk.quickbooks.sessions), name
                    after = list(desk.company._store.connection.iterdump())
                    if breaks:
                        broken = desk.log.text
                        assert result.codes == codes, (name, result)
                        assert [told(code) in broken for code in codes] == [True] * len(codes)
                        assert why in broken, (name, broken)
                        assert after == before, name
                        # Nothing is said to a service after an answer that ends the session but the goodbye.
                        assert result.operations()[-1] in (name, "closeConnection") or not codes or name == "clientVersion"
                    before = after
        finally:
            desk.close()

    STOPPED.clear()
    with serving(serve, certificate if speaks_tls else "") as url:
        try:
            run_real(lambda: story(url))
        finally:
            STOPPED.set()


HUGE = {
    "a document of 20 MB": "<?xml version='1.0'?><?qbxml version='13.0'?><QBXML><QBXMLMsgsRq onError='stopOnError'><CustomerAddRq><CustomerAdd>"
    f"<Name>{'x' * 20_000_000}</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>",
    "100,000 deep": "<?xml version='1.0'?><?qbxml version='13.0'?><QBXML>" + "<a>" * 100_000,
    "a document type": "<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><QBXML>&b;</QBXML>",
}


@pytest.mark.slow
@pytest.mark.parametrize("document", HUGE)
def test_documents_that_are_too_much(document):
    """They are QuickBooks' to judge: it refuses them as a whole or by a status, and the update goes on to its end."""
    service = Scripted(sendRequestXML=[HUGE[document]])

    def answer(connection):
        _, body = heard(connection)
        content = b"".join(service({"wsgi.input": Body(body)}, lambda status, headers: None))
        connection.sendall(whole("", body=content))

    with serving(answer) as url:
        result, _, untouched = update(url)
    assert (result.ended, untouched) == ("done", True), result
    (_, response, hresult, _) = service.calls[4][1]
    assert hresult.startswith("0x8004") or 'statusSeverity="Error"' in response


@pytest.mark.parametrize(("answers_each", "expected"), [(99, "K....."), (2, "K.K.K."), (1, "KKKKKK")])
def test_keep_alive_goes_with_the_first_request_of_a_connection(answers_each, expected):
    """As a .NET client sends it, whether the server says that it closes (it does not here) or just does."""
    scripted, seen = Scripted(), []

    def answer(connection):
        for headers, body in islice(calls_on(connection), answers_each):
            seen.append("K" if headers.get("Connection") == "Keep-Alive" else ".")
            environ = {"wsgi.input": io.BytesIO(body)}
            content = b"".join(scripted(environ, lambda *_: None))
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(content) + content
            )

    with serving(answer) as url:
        result, *_ = update(url)
    assert ("".join(seen), result.ended) == (expected, "done")


@pytest.mark.parametrize("send_again", [True, False])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_that_was_kept_is_closed_when_the_next_call_comes(how, send_again):
    """The call is sent once more on a new connection, as by a .NET client; on a new one that is closed it is not."""
    scripted, heard = Scripted(), []

    def answer(connection):
        for number, (headers, body) in enumerate(calls_on(connection)):
            heard.append(headers["SOAPAction"].rsplit("/")[-1].strip('"'))
            if number:
                if how == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            content = b"".join(scripted({"wsgi.input": io.BytesIO(body)}, lambda *_: None))
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(content) + content
            )

    with serving(answer) as url:
        result, *_ = update(url, send_again=send_again)
    if send_again:
        assert (result.ended, result.codes, scripted.names()) == ("done", [], result.operations())
        assert heard[:5] == ["serverVersion", *["clientVersion"] * 2, *["authenticate"] * 2]
    else:
        assert Qbwc.CLIENT_VERSION in result.codes


@pytest.mark.parametrize("certificate", ["", "localhost"])
@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
@pytest.mark.parametrize(
    ("part", "times"), [(b"", 2), (b"H", 1), (b"HTTP/1.1 2", 1), (b"hello", 1), (b"HTTP/1.1 100 Continue\r\n\r\n", 1)]
)
def test_a_call_is_sent_once_more_only_when_nothing_was_answered(part, times, reset, certificate):
    """A byte that came says that the service has heard the call, and may have acted on it."""
    scripted, heard, taken = Scripted(), [], threading.Event()

    def answer(connection):
        for headers, body in calls_on(connection):
            heard.append(headers["SOAPAction"].rsplit("/")[-1].strip('"'))
            if heard[-1] == "receiveResponseXML" and heard.count("receiveResponseXML") == 1:
                if part:
                    connection.sendall(part)
                    # So that the reset does not overtake it.
                    taken.wait(5)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            content = b"".join(scripted({"wsgi.input": io.BytesIO(body)}, lambda *_: None))
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content)

    def came(received):
        if heard[-1:] == ["receiveResponseXML"] and received:
            taken.set()

    with serving(answer, certificate) as url, looking_at_what_comes(came):
        result, *_ = update(url, trust=TLS / f"{certificate}.pem" if certificate else None)
    assert heard.count("receiveResponseXML") == times
    assert (result.ended, result.codes) == (("done", []) if times == 2 else ("error", [Qbwc.RECEIVE_RESPONSE]))


@contextmanager
def looking_at_what_comes(came):
    """Hear of what is read from connections, as soon as it is."""
    whole = anyio_backend.AnyIOStream.read

    async def read(self, max_bytes, timeout=None):
        received = await whole(self, max_bytes, timeout)
        came(received)
        return received

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anyio_backend.AnyIOStream, "read", read)
        yield


def resetting(connection):
    heard(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closing_in_the_handshake(url):
    """Return the URL as one of https: nobody shakes hands there."""
    return url.replace("http:", "https:")


@pytest.mark.parametrize(
    ("answer", "certificate", "spoken"),
    [
        (resetting, "", str),
        (lambda connection: None, "localhost", lambda url: url.replace("https:", "http:")),
        (lambda connection: None, "", closing_in_the_handshake),
        (lambda connection: connection.recv(1), "", closing_in_the_handshake),
    ],
    ids=["reset", "plain http to a TLS port", "https to a port that closes", "https to a port that resets"],
)
def test_the_reason_is_never_blank(answer, certificate, spoken):
    with serving(answer, certificate) as url:
        result, log, _ = update(spoken(url))
    assert result.codes[-1] == Qbwc.AUTHENTICATE
    reason = result.status.rpartition(": ")[2].strip()
    assert len(reason.split()) > 1, result.status
    assert [line for line in log.splitlines() if line.rstrip().endswith(":") and "closed" in line] == []


@pytest.mark.parametrize("letters", ["Jos\u00e9".encode(), "Jos\u00e9".encode("latin-1"), b"\xff\xfe"])
def test_a_cookie_with_any_letters_goes_back(letters):
    scripted, cookies = Scripted(), []

    def answer(connection):
        for headers, body in calls_on(connection):
            cookies.append(headers.get("Cookie", "").encode("latin-1"))
            content = b"".join(scripted({"wsgi.input": io.BytesIO(body)}, lambda *_: None))
            start = (
                b"HTTP/1.1 200 OK\r\nSet-Cookie: user=" + letters + b"; Path=/\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            )
            connection.sendall(start % len(content) + content)
            return

    with serving(answer) as url:
        result, *_ = update(url)
    assert (result.ended, cookies[0]) == ("done", b"")
    assert all(each.startswith(b"user=") for each in cookies[1:])
