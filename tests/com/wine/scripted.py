"""A wire that says what a test wants it to say, byte by byte."""

import contextlib
import json
import re
import socket
import threading

GREETING = json.dumps({"client": "client-1", "body_bytes_max": 48 * 1024 * 1024, "members": {}}).encode()


class Last(bytes):
    """An answer after which the connection ends."""


def answer(body=b"", kind="text", status="200 OK", **headers):
    """Return an answer as the wire gives it; headers are named with underscores."""
    named = {
        "X-Com-Type": kind,
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def failure(code, description):
    return answer(description.encode(), status="409 Conflict", X_Com_HResult=code)


class Scripted:
    """Answers each path with what `answers` has for it: bytes, or a function of the call's target and body. None closes the connection.

    Attributes:
        url: where it is. calls: paths of the calls so far, without the ones that say the program lives.
    """

    def __init__(self, answers):
        self.answers = {
            "/com/hello": answer(GREETING),
            "/com/alive": answer(kind="none"),
            "/com/new": self._name_object,
            "/com/release": answer(kind="none"),
            **answers,
        }
        self.calls = []
        self._objects = 0
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _name_object(self, *_):
        self._objects += 1
        return answer(f"object-{self._objects}".encode())

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
            while line := stream.readline():
                target = line.split()[1].decode()
                length = 0
                while (header := stream.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                body = stream.read(length)
                path = target.partition("?")[0]
                if path != "/com/alive":
                    self.calls.append(target)
                said = self.answers[path]
                said = said(target, body) if callable(said) else said
                if said is None:
                    return
                connection.sendall(said)
                if isinstance(said, Last):
                    return


@contextlib.contextmanager
def scripted(answers):
    wire = Scripted({f"/com/{name}": said for name, said in answers.items()})
    try:
        yield wire
    finally:
        wire.close()


def by_object(said):
    """Return what answers the calls of the first object with the first of `said`, those of the second with the second, and so on."""
    return lambda target, _: said[int(re.search(r"object=object-(\d+)", target)[1]) - 1]


def in_turn(said):
    """Return what answers one call after the other with the next of `said`."""
    left = iter(said)
    return lambda *_: next(left)
