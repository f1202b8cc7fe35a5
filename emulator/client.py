"""client: a small client of the control API, for the command line, load tests and other programs. Knows nothing of the emulator's rooms.

A running `fakebooks up` leaves a note in the user's state folder, readable by that user only: where its control API is, and its token.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

CALL_LIMIT_S = 120.0
"""How long a call may take: QuickBooks may wait for a modal dialog before it fails (machine's seconds)."""


def is_url(text: str) -> bool:
    """Return whether a text is a URL that can be called."""
    try:
        return bool(httpx.URL(text).host)
    except httpx.InvalidURL:
        return False


class ControlFailed(Exception):  # noqa: N818 - it is what the server said
    """The control API refused a call, or did not answer it.

    Attributes:
        status: HTTP status; 0 when no answer came.
        told: the JSON body: `error`, and where it fits `code`, `expected`, `advice`.
    """

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(str(told.get("error", f"HTTP {status}")))
        self.status = status
        self.told = told


@dataclass(frozen=True)
class Running:
    """Where a running FakeBooks is.

    Attributes:
        url: of its control API.
        token: what every call has to carry.
    """

    url: str
    token: str


def note_path() -> Path:
    """Return where the note of a running FakeBooks lies."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "fakebooks" / "running.json"


def leave_note(running: Running) -> Running | None:
    """Write the note; only this user can read it, because it has the token.

    Returns:
        the FakeBooks whose note stood there, for `take_note_away`.
    """
    path, before = note_path(), find_running()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": running.url, "token": running.token}, file)
    return before


def take_note_away(running: Running, before: Running | None = None) -> None:
    """Remove the note, if it is still that of this FakeBooks; the one that was there before comes back if its FakeBooks still runs."""
    if find_running() != running:
        return
    note_path().unlink(missing_ok=True)
    if before is not None:
        with Control(before) as control:
            if control.ready():
                leave_note(before)


def find_running() -> Running | None:
    """Return the FakeBooks that left a note, None if none did. Whether it still runs shows at the first call."""
    try:
        note = json.loads(note_path().read_text(encoding="utf-8"))
        return Running(str(note["url"]), str(note["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Control:
    """The control API of one running FakeBooks; a context manager.

    Args:
        running: where it is.
    """

    def __init__(self, running: Running) -> None:
        self._http = httpx.Client(
            base_url=running.url,
            headers={"Authorization": f"Bearer {running.token}"},
            timeout=CALL_LIMIT_S,
            trust_env=False,
            # To read all certificates that are trusted takes longer than a call; http needs none.
            verify=running.url.lower().startswith("https:"),
        )

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ready(self) -> bool:
        """Return whether it answers at all."""
        try:
            return self._http.get("/readyz", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    def status(self) -> dict[str, Any]:
        """Return what support staff would ask for: mode, file, who is logged in where, seats, platform status, held documents."""
        return dict(self._call("GET", "/v1/status").json())

    def wire_url(self) -> str:
        """Return the address of the wire of QuickBooks; empty when there is none."""
        return str(self.status().get("urls", {}).get("QuickBooks (COM wire)", ""))

    def ask(self, company: str, document: bytes) -> str:
        """Send a qbXML document to a company and return the answer document.

        Raises:
            ControlFailed: the whole set was refused (`code` is the result code), or there is no such company.
        """
        return self._call("POST", f"/v1/companies/{company}/ask", content=document).text

    def booked(self, company: str) -> list[dict[str, Any]]:
        """Return the transactions of a company file, read from the books: kind, id, number, party, date, total_cents, key."""
        return list(self._call("GET", f"/v1/companies/{company}/booked").json()["booked"])

    def snapshot(self, company: str) -> str:
        """Keep the present state of a company file; return the name to `restore` it by."""
        return str(self._call("POST", f"/v1/companies/{company}/snapshots").json()["snapshot"])

    def snapshots(self, company: str) -> list[dict[str, str]]:
        """Return the snapshots of a company file that are kept, the oldest first: snapshot (its name), story_time."""
        return list(self._call("GET", f"/v1/companies/{company}/snapshots").json()["snapshots"])

    def fork(self, company: str, path: str | Path) -> None:
        """Write a company file as it is now to an absolute path on the server's machine, where nothing may be.

        Raises:
            ControlFailed: there is something at `path`, or it cannot be written.
        """
        self._call("POST", f"/v1/companies/{company}/forks", json={"path": str(path)})

    def restore(self, company: str, snapshot: str) -> None:
        """Bring a company file back to a snapshot. Raises ControlFailed when there is none of this name."""
        self._call("POST", f"/v1/companies/{company}/snapshots/{quote(snapshot, safe='')}")

    def let_go(self, company: str, snapshot: str) -> None:
        """Forget a snapshot."""
        self._call("DELETE", f"/v1/companies/{company}/snapshots/{quote(snapshot, safe='')}")

    def directory(self, company: str) -> dict[str, list[str]]:
        """Return what can be sold and to whom: full names of active `customers`, `vendors`, `items`."""
        told = self._call("GET", f"/v1/companies/{company}/directory").json()
        return {name: list(names) for name, names in told.items()}

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the rows of the journal after row number `since`."""
        return list(self._call("GET", "/v1/journal", params={"since": since}).json()["rows"])

    def acts(self) -> list[dict[str, Any]]:
        """Return what people can do: name, about, arguments."""
        return list(self._call("GET", "/v1/acts").json()["acts"])

    def act(self, name: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
        """Let a person act: `operator.disconnect_by_the_book`."""
        return dict(self._call("POST", f"/v1/acts/{name}", json=arguments or {}).json())

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return the event subscriptions of all machines: machine, subscriber, kind, application, in_force, waiting, lost and more."""
        return list(self._call("GET", "/v1/subscriptions").json()["subscriptions"])

    def take_events(self, subscriber: str) -> list[dict[str, Any]]:
        """Fetch the events that wait for a SubscriberID, and have them forgotten: number, at, machine, kind, document (QBXMLEvents).

        Raises:
            ControlFailed: nobody subscribed under this SubscriberID.
        """
        return list(self._call("POST", f"/v1/subscriptions/{quote(subscriber, safe='')}/events").json()["events"])

    def fault_kinds(self) -> list[dict[str, Any]]:
        """Return what faults there are: id, name, what it does, parameters with defaults, points, what a correct connector must do."""
        return list(self._call("GET", "/v1/fault-kinds").json()["kinds"])

    def inject(self, fault: dict[str, Any]) -> dict[str, Any]:
        """Put a fault into force; the same words as in a scenario file. Returns what `faults` tells of it.

        Raises:
            ControlFailed: it asks for what is not there, or contradicts a fault in force.
        """
        return dict(self._call("POST", "/v1/faults", json=fault).json())

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that were put into force: name, of, point, hits, missed, rows (of their hits in the journal), lifted and more."""
        return list(self._call("GET", "/v1/faults").json()["faults"])

    def fire(self, name: str, times: int = 1) -> dict[str, Any]:
        """Let a fault that is armed by hand strike its next calls, or begin when it lasts. Returns what `faults` tells of it."""
        return dict(self._call("POST", f"/v1/faults/{quote(name, safe='')}/fire", json={"times": times}).json())

    def lift(self, name: str) -> list[str]:
        """End a fault; returns its name."""
        return [str(self._call("DELETE", f"/v1/faults/{quote(name, safe='')}").json()["name"])]

    def lift_all(self) -> list[str]:
        """End every fault; returns the names of those that were in force."""
        return list(self._call("DELETE", "/v1/faults").json()["lifted"])

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ControlFailed(0, {"error": f"FakeBooks at {self._http.base_url} did not answer: {error}"}) from None
        except (ValueError, TypeError, RecursionError) as error:
            # Raised before anything was sent: what no JSON can say (an infinite number, an object), what no address can hold.
            raise ControlFailed(0, {"error": f"{method} {path} cannot be sent: {error}", "expected": "JSON values"}) from None
        if answer.is_error:
            try:
                told = dict(answer.json())
            except ValueError:
                told = {"error": f"HTTP {answer.status_code} from {answer.url}"}
            raise ControlFailed(answer.status_code, told)
        return answer
