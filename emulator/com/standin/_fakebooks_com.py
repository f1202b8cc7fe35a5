"""The way from a program to FakeBooks, for the stand-ins of `win32com`, `pythoncom` and `pywintypes` in this folder.

This folder is put on the PYTHONPATH of somebody else's Python (3.8 or newer), so it uses the standard library only and nothing of the
emulator. `fakebooks exec` sets the environment variable FAKEBOOKS_COM to the address of the wire: http://127.0.0.1:PORT or, to stand on a
certain machine of the story, http://127.0.0.1:PORT/MACHINE.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import threading
import time
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

ENVIRONMENT_VARIABLE = "FAKEBOOKS_COM"

ALIVE_EVERY_S = 2.0
"""How often the wire hears that this program still lives (it waits 30 s before it believes the opposite)."""

IDLE_S_MAX = 10.0
"""A connection that was not used for so long is opened anew, well before the server closes it: a call is never sent twice."""

RPC_UNAVAILABLE = "0x800706BA"
RPC_FAILED = "0x800706BE"
NO_MEMORY = "0x8004040E"


class WireFailure(Exception):  # noqa: N818 - it is named for what happened
    """A call failed: `code` is text like 0x80040408, `description` the sentence that belongs to it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description


class NoWire(Exception):  # noqa: N818 - it is named for what is missing
    """The environment does not say where FakeBooks is."""


_TOLD = {
    414: "the arguments of a call, but for a document, are too long; together they may have some 60,000 bytes",
}
"""What is said of a status that the wire itself does not give."""


class Connection:
    """One HTTP connection, kept open between calls; one call at a time, however many threads."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._lock = threading.Lock()
        self._http: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def post(self, path: str, arguments: dict[str, str], body: str = "", limit_s: float | None = None) -> tuple[str, str]:
        """Send a call once; return type and text of its value. Raises WireFailure, also when no answer came within a limit."""
        with self._lock:
            target = path + "?" + urlencode(arguments, errors="replace")
            status, headers, text = self._exchange(target, body.encode("utf-8", "surrogatepass"), limit_s)
        code = headers.get("X-Com-HResult")
        if code is not None:
            raise WireFailure(code, text)
        if status != 200:
            raise WireFailure(RPC_FAILED, f"The remote procedure call failed. (FakeBooks: {_TOLD.get(status, f'HTTP {status}')})")
        return headers.get("X-Com-Type", "text"), text

    def is_busy(self) -> bool:
        """Return whether a call is on its way."""
        return self._lock.locked()

    def close(self) -> None:
        """Close it, as soon as no call is on its way."""
        with self._lock:
            self._forget()

    def _exchange(self, target: str, body: bytes, limit_s: float | None) -> tuple[int, Any, str]:
        if self._http is None or self._is_stale():
            self._forget()
            self._http = http.client.HTTPConnection(self._host, self._port)
            try:
                self._http.connect()
            except OSError as error:
                self._forget()
                raise WireFailure(RPC_UNAVAILABLE, f"The RPC server is unavailable. (FakeBooks: {error})") from None
        try:
            if self._http.sock is not None:
                self._http.sock.settimeout(limit_s)
            self._http.request("POST", target, body, {"Content-Type": "text/plain; charset=utf-8"})
            response = self._http.getresponse()
            text = response.read().decode("utf-8")
        except (OSError, http.client.HTTPException) as error:
            self._forget()
            raise WireFailure(
                RPC_FAILED, f"The remote procedure call failed. (FakeBooks: {str(error) or type(error).__name__})"
            ) from None
        except BaseException:
            self._forget()  # interrupted (Ctrl-C): the answer that is still to come is no other call's
            raise
        self._used_at = time.monotonic()
        # A server that refuses a request before it has read it closes, and does not say so (414).
        if response.will_close or response.status not in (200, 409):
            self._forget()
        return response.status, response.headers, text

    def _is_stale(self) -> bool:
        sock = None if self._http is None else self._http.sock
        if sock is None or time.monotonic() - self._used_at > IDLE_S_MAX:
            return True
        # Something to read before anything was asked: the server has closed.
        return bool(select.select([sock], [], [], 0)[0])

    def _forget(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None


class Client:
    """A program as the wire knows it: its id, and the description of the interface."""

    def __init__(self, host: str, port: int, machine: str) -> None:
        self.host = host
        self.port = port
        self.process = os.getpid()
        first = self.new_connection()
        greeting = json.loads(first.post("/com/hello", {"machine": machine})[1])
        first.close()
        self.id: str = greeting["client"]
        self.body_bytes_max: int = greeting["body_bytes_max"]
        # What registry and type libraries say; see `emulator.com.interface.description`.
        self.names: dict[str, str] = {name.casefold(): id_ for name, id_ in greeting["names"].items()}
        self.classes: dict[str, dict[str, str]] = greeting["classes"]
        self.libraries: dict[str, dict[str, Any]] = greeting["libraries"]
        self.interfaces: dict[str, dict[str, Any]] = greeting["interfaces"]
        threading.Thread(target=self._stay_alive, name="fakebooks-alive", daemon=True).start()

    def new_connection(self) -> Connection:
        return Connection(self.host, self.port)

    def _stay_alive(self) -> None:
        connection = self.new_connection()
        while True:
            time.sleep(ALIVE_EVERY_S)
            try:
                connection.post("/com/alive", {"client": self.id})
            except WireFailure:
                return  # the wire is gone or has forgotten us; the next call says so


_lock = threading.Lock()
_client: Client | None = None


def client() -> Client:
    """Return this process's client; a forked child becomes a client of its own. Raises NoWire or WireFailure."""
    global _client
    with _lock:
        if _client is None or _client.process != os.getpid():
            address = os.environ.get(ENVIRONMENT_VARIABLE, "")
            parts = urlsplit(address)
            try:
                port = parts.port
            except ValueError:  # no number, or none of a port
                port = None
            if parts.scheme != "http" or not parts.hostname or not port:
                raise NoWire(
                    "This is the stand-in of FakeBooks for pywin32, and it does not know where QuickBooks is: "
                    f"{ENVIRONMENT_VARIABLE} is {address!r}. Run the program as: fakebooks exec -- PROGRAM"
                )
            _client = Client(parts.hostname, port, parts.path.strip("/"))
        return _client


def member_path(name: str) -> str:
    return "/com/" + quote(name)
