"""Serving a WSGI app from inside a process: ready when `start` returns, gone when `stop` returns.

The server is cheroot (docs/decisions/0002-wsgi-server.md): it embeds, binds port 0, speaks TLS, and its listening socket can be ours, so
that a stranger is refused when the connection is accepted, before one byte of what he says is read.
"""

import errno
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cheroot import wsgi

from emulator.core.errors import PartFailed, UserMistake

START_LIMIT_S = 10.0
"""How long a server may take until it serves (machine's seconds; it takes milliseconds)."""

BODY_BYTES_MAX = 64 * 1024 * 1024
"""Largest request body that any of our servers reads (our choice: a qbXML document of this size is refused further in, with its own words)."""

HEAD_BYTES_MAX = 64 * 1024
"""Longest request line and headers that any of our servers reads (our choice: browsers and proxies send some kilobytes)."""


class _GuardedSocket(socket.socket):
    """A listening socket that turns strangers away at accept: they get a reset, the server never sees them."""

    guard: "Guard | None" = None

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        if self.guard is None or self.guard.admits(address[0]):
            return connection, address
        # Linger of 0 s: close sends RST, as a firewall would.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        self.guard.refused(address[0])
        raise TimeoutError("a stranger was turned away")  # to cheroot: nobody came


@dataclass(frozen=True)
class Guard:
    """Who may connect.

    Attributes:
        admits: tells whether a peer's address may connect.
        refused: called with the address of a peer that was turned away.
    """

    admits: Callable[[str], bool]
    refused: Callable[[str], None] = lambda address: None


class _Server(wsgi.Server):
    """cheroot with our listening socket."""

    guard: Guard | None = None
    expiration_interval = (
        0.02  # how often it looks whether it shall stop, in seconds; its own 0.5 s would be felt wherever a server ends
    )

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        listening = _GuardedSocket(family, type, proto)
        listening.guard = self.guard
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted connections inherit it; without it an answer in two pieces waits 40 ms for the peer's delayed acknowledgement.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listening.bind(self.bind_addr)
        except OSError:
            listening.close()
            raise
        self.socket = listening
        self.bind_addr = listening.getsockname()[:2]
        return listening

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing: clients that vanish are everyday here, and what matters goes to the journal, through the app."""


class Serving:
    """One WSGI app on one address.

    Args:
        app: the WSGI application.
        host: address to bind; loopback unless the caller was told otherwise.
        port: 0 lets the system choose.
        threads: how many requests are answered at once; more wait in the server's queue.
        guard: who may connect; None admits all.
        name: what the server is called in errors.
        request_limit_s: how long the server waits for a request's bytes (machine's seconds).
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = 8,
        guard: Guard | None = None,
        name: str = "a server",
        request_limit_s: int = 30,
    ) -> None:
        self._host = host
        self._port = port
        self._name = name
        self._server = _Server(
            (host, port), app, numthreads=threads, timeout=request_limit_s, shutdown_timeout=1, request_queue_size=128
        )
        self._server.guard = guard
        self._server.max_request_body_size = BODY_BYTES_MAX
        self._server.max_request_header_size = HEAD_BYTES_MAX
        self._thread: threading.Thread | None = None
        self._has_begun = threading.Event()
        self._refused: BaseException | None = None
        self._failure: BaseException | None = None

    def start(self) -> "Serving":
        """Bind and serve; returns when connections are taken.

        Raises:
            UserMistake: the address is taken or is not of this machine.
            PartFailed: the server did not come up.
        """
        thread = threading.Thread(target=self._serve, name=f"serve {self._name}", daemon=True)
        thread.start()
        self._has_begun.wait()
        if isinstance(self._refused, OSError):
            raise cannot_bind(str(self._refused), self._name, self._host, self._port) from None
        if self._refused is not None:
            raise self._refused
        self._thread = thread
        return self

    def _serve(self) -> None:
        # The server's threads are made here, for they are of the same sort as this one: a program that is interrupted before it knows of the
        # server does not wait for them.
        try:
            self._server.prepare()
        except BaseException as error:
            self._refused = error
            return
        finally:
            self._has_begun.set()
        try:
            self._server.serve()
        except OSError as error:
            # stop() closes the listening socket under a serving thread; anything else is told by `stop`.
            if error.errno != errno.EBADF:
                self._failure = error
        except KeyboardInterrupt:  # pragma: no cover - cheroot raises it in its thread when the process is interrupted
            return

    @property
    def port(self) -> int:
        """Return the port that is served."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """Return `http://host:port`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def stop(self) -> None:
        """Stop serving and wait until the threads are gone. Stopping twice is stopping once.

        Raises:
            PartFailed: the server had died of something of its own.
        """
        if self._thread is None:
            return
        self._server.stop()
        self._thread.join(START_LIMIT_S)
        self._thread = None
        if self._failure is not None:
            raise PartFailed(f"{self._name} died: {self._failure}") from self._failure


def cannot_bind(reason: str, name: str, host: str, port: int) -> UserMistake:
    """Return the mistake to raise when `name` cannot have its address."""
    why = "the port is taken" if f"Errno {errno.EADDRINUSE}]" in reason else reason or "refused"
    taken = f"see who holds it with `ss -ltnp 'sport = :{port}'` and stop it, or choose another address or port"
    return UserMistake(
        f"{name} cannot listen on {host}:{port}: {why}",
        expected="an address of this machine that nobody else listens on",
        advice=taken if why == "the port is taken" else "choose an address of this machine, such as 127.0.0.1",
    )
