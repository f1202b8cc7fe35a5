"""The control API: what people and programs can see and do in a running world, over HTTP on loopback.

| call | what it does |
|---|---|
| GET /readyz | 200 when it serves; the only call without a token |
| GET /v1/status | files, modes, who is logged in where, seats, machines, dialogs, sessions, calls under way; faults; platform; addresses |
| POST /v1/companies/NAME/ask | body a qbXML document; the answer document |
| GET /v1/companies/NAME/booked | every transaction, read from the books |
| GET /v1/companies/NAME/directory | full names of active customers, vendors and items |
| POST /v1/companies/NAME/snapshots | keep the present state of the company file: the name of the snapshot |
| GET /v1/companies/NAME/snapshots | the snapshots that are kept, the oldest first: name, story time |
| POST, DELETE /v1/companies/NAME/snapshots/SNAPSHOT | bring the company file back to it · let it go |
| POST /v1/companies/NAME/forks | body {"path": absolute path on this machine}: write the company file as it is now where nothing is yet |
| GET /v1/journal?since=N | rows of the journal after row N |
| GET /v1/acts · POST /v1/acts/NAME | what people can do · let one act; body its arguments |
| GET /v1/fault-kinds | what faults there are: the catalogue from the code's own definitions |
| GET, POST /v1/faults | faults with their hits · put one into force; body the fields of `inject:` in a scenario file |
| POST /v1/faults/NAME/fire | body {"times": n}: one that is armed by hand strikes its next n calls, or begins when it lasts |
| DELETE /v1/faults/NAME · DELETE /v1/faults | lift it · lift all |
| GET /v1/subscriptions | event subscriptions of all machines: who, which kind, how many events wait, how many were lost |
| POST /v1/subscriptions/NAME/events | the events that wait for a SubscriberID, as QBXMLEvents documents; they are forgotten |
| POST /v1/platform/documents | body {"emit": "invoice" or "bill", "count": n}: the platform side accepts documents |
| POST /v1/platform/creations | body {"what", "name"}: somebody makes a customer, vendor or product |

Every other call carries `Authorization: Bearer TOKEN`. A call that cannot be taken is answered with one JSON object: `error`, and where it
fits `code`, `expected`, `advice`. Handlers run in the server's threads and hand over to the world's loop.
"""

import asyncio
import json
import re
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable

from emulator.company import Snapshot
from emulator.control.status import status_of
from emulator.control.subscribers import subscriptions_of, take_events
from emulator.core.errors import UserMistake, nearest
from emulator.core.fitting import check_fits, fitted, shown
from emulator.core.serving import BODY_BYTES_MAX
from emulator.desktop import SessionFailure
from emulator.faults import FaultSpec
from emulator.people import ACTS, ActRefused, perform
from emulator.scenario.books import booked
from emulator.scenario.model import Creation, Traffic
from emulator.world import World, ask_quickbooks, catalogue, directory_of

Value = TypeVar("Value")

DOCUMENTS_MAX: Final = 1_000
"""Documents that one call may have accepted (our choice: more would keep the world's loop from its other work)."""

JOURNAL_ROWS_MAX: Final = 10_000
"""Rows of the journal in one answer; the next call goes on after the last one."""


ROW_NUMBER: Final = re.compile(r"[0-9]{1,18}")

LONG_CALLS_MAX: Final = 5
"""Documents asked under way at once, and as many acts: QuickBooks may hang for ever, and somebody must be able to close its dialog."""

THREADS: Final = 2 * LONG_CALLS_MAX + 6
"""Threads to serve the API with: some are always free to say what happens, and to lift a fault."""

SNAPSHOTS_MAX: Final = 1_000
"""Snapshots that are kept at once: a program that forgets to let them go is told so."""


class _Busy(Exception):  # noqa: N818 - nothing went wrong
    """Too many long calls of one sort (`documents`, `acts`) are under way."""


class Api:
    """The API of one world.

    Args:
        world: it.
        loop: the loop it lives on, in another thread than the handlers.
        token: what every call must carry.
        name: what the company is called in addresses.
    """

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop, token: str, name: str) -> None:
        self._world = world
        self._loop = loop
        self._token = token
        self._name = name
        self._long_calls = {sort: threading.BoundedSemaphore(LONG_CALLS_MAX) for sort in ("documents", "acts")}
        self._snapshots: dict[str, tuple[str, Snapshot]] = {}
        self._snapshots_taken = 0
        self._handed_over: set[Future[Any]] = set()
        self._ending = False
        self.app = self._make_app()

    def close(self) -> None:
        """Answer nobody any more; who waits for an answer (QuickBooks may hang) is told that the world ends. Called on the loop."""
        self._ending = True
        for each in tuple(self._handed_over):
            each.cancel()

    def _make_app(self) -> Flask:
        app = Flask("fakebooks-control", static_folder=None)
        app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
        app.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES_MAX
        app.before_request(self._friends_only)
        errors: dict[type[Exception], Callable[[Any], tuple[Response, int]]] = {
            UserMistake: _mistake,
            SessionFailure: _session_failure,
            ActRefused: _act_refused,
            _Busy: _busy,
            HTTPException: _http_error,
        }
        for kind, handler in errors.items():
            app.register_error_handler(kind, handler)
        for method, rule, handler in self._routes():
            app.add_url_rule(rule, f"{method} {rule}", handler, methods=[method])
        return app

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("GET", "/readyz", lambda: {"ready": True}),
            ("GET", "/v1/status", self._status),
            ("POST", "/v1/companies/<name>/ask", self._ask),
            ("GET", "/v1/companies/<name>/booked", self._booked),
            ("GET", "/v1/companies/<name>/directory", self._directory),
            ("POST", "/v1/companies/<name>/snapshots", self._snapshot),
            ("GET", "/v1/companies/<name>/snapshots", self._kept_snapshots),
            ("POST", "/v1/companies/<name>/snapshots/<snapshot>", self._restore),
            ("DELETE", "/v1/companies/<name>/snapshots/<snapshot>", self._let_go),
            ("POST", "/v1/companies/<name>/forks", self._fork),
            ("GET", "/v1/journal", self._journal),
            ("GET", "/v1/acts", self._acts),
            ("POST", "/v1/acts/<name>", self._act),
            ("GET", "/v1/faults", self._faults),
            ("POST", "/v1/faults", self._inject),
            ("GET", "/v1/fault-kinds", lambda: {"kinds": catalogue()}),
            ("POST", "/v1/faults/<name>/fire", self._fire),
            ("DELETE", "/v1/faults/<name>", self._lift),
            ("DELETE", "/v1/faults", self._lift_all),
            ("GET", "/v1/subscriptions", self._subscriptions),
            ("POST", "/v1/subscriptions/<name>/events", self._events),
            ("POST", "/v1/platform/documents", self._documents),
            ("POST", "/v1/platform/creations", self._creations),
        ]

    def _friends_only(self) -> tuple[Response, int] | None:
        """Let in who has the token. `/readyz` tells nothing that a port scan would not."""
        if request.path == "/readyz":
            return None
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if secrets.compare_digest(given.encode(), self._token.encode()):
            return None
        told = {
            "error": "the token is missing or wrong",
            "expected": "the header Authorization: Bearer TOKEN",
            "advice": "`fakebooks up` prints it",
        }
        return jsonify(told), 401

    # ---- handing over -----------------------------------------------------------------------------------------------------

    def _on_loop(self, work: Callable[[], Value]) -> Value:
        async def do() -> Value:
            return work()

        return self._awaited(do())

    def _awaited(self, work: "Coroutine[Any, Any, Value] | Awaitable[Value]") -> Value:
        async def do() -> Value:
            return await work

        handed_over = asyncio.run_coroutine_threadsafe(do(), self._loop)
        self._handed_over.add(handed_over)
        if self._ending:
            handed_over.cancel()
        try:
            return handed_over.result()
        except CancelledError:
            raise ServiceUnavailable("FakeBooks is ending; the call is not answered any more") from None
        finally:
            self._handed_over.discard(handed_over)

    def _awaited_long(self, sort: str, work: "Coroutine[Any, Any, Value]") -> Value:
        """Wait for what may take as long as QuickBooks or a person likes. Raises _Busy when too many do so already."""
        places = self._long_calls[sort]
        if not places.acquire(blocking=False):
            work.close()
            raise _Busy(sort)
        try:
            return self._awaited(work)
        finally:
            places.release()

    def _company(self, name: str) -> None:
        if name != self._name:
            raise UserMistake(f"there is no company {name!r}", expected=f"{self._name!r}")

    # ---- handlers ---------------------------------------------------------------------------------------------------------

    def _status(self) -> dict[str, Any]:
        return self._on_loop(lambda: {"company": self._name, **status_of(self._world)})

    def _ask(self, name: str) -> Response:
        self._company(name)
        answer = self._awaited_long("documents", ask_quickbooks(self._world, request.get_data()))
        return Response(answer, mimetype="application/xml")

    def _booked(self, name: str) -> dict[str, Any]:
        self._company(name)
        return {"booked": self._on_loop(lambda: [asdict(record) for record in booked(self._world.company) if record.date])}

    def _directory(self, name: str) -> dict[str, Any]:
        self._company(name)
        return dict(self._on_loop(lambda: directory_of(self._world.company)))

    def _snapshot(self, name: str) -> dict[str, Any]:
        self._company(name)

        def take() -> str:
            if len(self._snapshots) >= SNAPSHOTS_MAX:
                raise UserMistake(f"there are {SNAPSHOTS_MAX} snapshots", expected="fewer", advice="let one go")
            self._snapshots_taken += 1
            taken = self._world.clock.now().isoformat(timespec="seconds")
            self._snapshots[str(self._snapshots_taken)] = (taken, self._world.company.snapshot())
            return str(self._snapshots_taken)

        return {"snapshot": self._on_loop(take)}

    def _kept_snapshots(self, name: str) -> dict[str, Any]:
        self._company(name)
        return {
            "snapshots": self._on_loop(
                lambda: [{"snapshot": snapshot, "story_time": taken} for snapshot, (taken, _of) in self._snapshots.items()]
            )
        }

    def _fork(self, name: str) -> dict[str, Any]:
        self._company(name)
        path = _json_object().get("path")
        # A path that begins nowhere would mean a folder of this process, of which the caller knows nothing.
        if not isinstance(path, str) or not Path(path).is_absolute() or "\0" in path:
            raise UserMistake(f"path {path!r}", expected="an absolute path on the machine of this FakeBooks, where nothing is")
        self._on_loop(lambda: self._world.company.fork(Path(path)).close())
        return {"path": path}

    def _restore(self, name: str, snapshot: str) -> dict[str, Any]:
        self._company(name)
        self._on_loop(lambda: self._world.company.restore(self._known(snapshot)))
        return {"snapshot": snapshot, "restored": True}

    def _let_go(self, name: str, snapshot: str) -> dict[str, Any]:
        self._company(name)

        def let_go() -> None:
            self._known(snapshot)
            del self._snapshots[snapshot]

        self._on_loop(let_go)
        return {"snapshot": snapshot, "kept": False}

    def _known(self, snapshot: str) -> Snapshot:
        if snapshot not in self._snapshots:
            raise UserMistake(
                f"there is no snapshot {snapshot!r}",
                expected="the name that taking one was answered with",
                advice="GET .../snapshots tells those that are kept",
            )
        return self._snapshots[snapshot][1]

    def _journal(self) -> dict[str, Any]:
        since = request.args.get("since", "0")
        if not ROW_NUMBER.fullmatch(since):
            raise UserMistake(f"since={shown(since)}", expected="a row number, like 7")
        return {"rows": self._on_loop(lambda: self._world.journal.after(int(since), JOURNAL_ROWS_MAX))}

    def _acts(self) -> dict[str, Any]:
        return {"acts": [{"name": act.name, "about": act.about, "arguments": list(act.arguments)} for act in ACTS.values()]}

    def _act(self, name: str) -> dict[str, Any]:
        return {"result": "done", "told": self._awaited_long("acts", perform(self._world, name, _json_object()))}

    def _faults(self) -> dict[str, Any]:
        return {"faults": self._on_loop(lambda: [fault.told() for fault in self._world.plan.faults()])}

    def _inject(self) -> dict[str, Any]:
        spec = fitted(FaultSpec, _json_object())
        return self._on_loop(lambda: self._world.plan.add(spec, self._world.clock.now()).told())

    def _fire(self, name: str) -> dict[str, Any]:
        given = _json_object()
        times = given.pop("times", 1)
        for field in given:
            raise UserMistake(f"unknown field {field!r}", expected="'times'")
        check_fits(int, times, "times")
        return self._on_loop(lambda: self._world.plan.fire(name, times).told())

    def _lift(self, name: str) -> dict[str, Any]:
        self._on_loop(lambda: self._world.plan.lift(name))
        return {"name": name, "lifted": True}

    def _lift_all(self) -> dict[str, Any]:
        return {"lifted": self._on_loop(self._world.plan.lift_all)}

    def _subscriptions(self) -> dict[str, Any]:
        return {"subscriptions": self._on_loop(lambda: subscriptions_of(self._world))}

    def _events(self, name: str) -> dict[str, Any]:
        return {"events": self._on_loop(lambda: take_events(self._world, name))}

    def _documents(self) -> dict[str, Any]:
        traffic = fitted(Traffic, {"emit": "invoice", **_json_object()})
        if traffic.count > DOCUMENTS_MAX:
            raise UserMistake(
                f"count {traffic.count}", expected=f"at most {DOCUMENTS_MAX} documents in one call", advice="call again for more"
            )

        memos = traffic.memos()

        async def emit() -> int:
            for number in range(traffic.count):
                self._world.emit(traffic.emit, memos[number % len(memos)])
                await asyncio.sleep(0)  # everybody else of this world has a turn between two documents
            return traffic.count

        return {"accepted": self._awaited(emit())}

    def _creations(self) -> dict[str, Any]:
        creation = fitted(Creation, {"expect": "accepted", **_json_object()})
        made = self._on_loop(lambda: self._world.create(creation.what, creation.name))
        return asdict(made)


def _json_object() -> dict[str, Any]:
    """Return the body, whatever Content-Type it came with; no body is an object without fields. Raises UserMistake."""
    content = request.get_data()
    expected = 'a JSON object, like {"status": "Connected"}'
    try:
        body = json.loads(content) if content else {}
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UserMistake(f"the body is no JSON ({error.msg} at {where})", expected=expected) from None
    except (ValueError, RecursionError):
        raise UserMistake(f"the body is no JSON: {shown(content)}", expected=expected) from None
    if not isinstance(body, dict):
        raise UserMistake(f"the body is no JSON object: {shown(body)}", expected=expected)
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        # JSON can escape half a character; no file, no journal and no qbXML can hold one.
        raise UserMistake(
            f"the body has half a character: {shown(error.object[error.start])}", expected="whole characters"
        ) from None
    return body


# ---- errors, once ------------------------------------------------------------------------------------------------------------


def _mistake(mistake: UserMistake) -> tuple[Response, int]:
    told = {"error": str(mistake.given), "expected": mistake.expected, "advice": mistake.advice}
    return jsonify({name: text for name, text in told.items() if text}), 400


def _session_failure(failure: SessionFailure) -> tuple[Response, int]:
    told = {"error": failure.description(), "code": str(failure.code), "diagnosis": failure.diagnosis or failure.detail}
    return jsonify({name: text for name, text in told.items() if text}), 409


def _act_refused(refused: ActRefused) -> tuple[Response, int]:
    return jsonify({"error": refused.reason, "result": "refused"}), 409


def _busy(busy: _Busy) -> tuple[Response, int]:
    told = {
        "error": f"{LONG_CALLS_MAX} {busy} are under way already",
        "expected": "fewer at once",
        "advice": "`fakebooks status` shows what they wait for",
    }
    return jsonify(told), 503


def _http_error(error: HTTPException) -> tuple[Response, int]:
    """Answer what no handler was found for, and what is too large to be read."""
    status, called = error.code or 500, f"{request.method} {request.path}"
    if status == 404:
        rules = sorted({rule.rule.replace("<", "").replace(">", "") for rule in current_app.url_map.iter_rules()})
        mistake = UserMistake(
            f"there is nothing at {shown(request.path)}", expected=nearest(request.path, rules) or "a path of this API"
        )
    elif status == 405:
        methods = (
            ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})) if isinstance(error, MethodNotAllowed) else ""
        )
        mistake = UserMistake(f"{called} is not possible", expected=methods)
    elif status == 413:
        mistake = UserMistake("the body is too large", expected=f"at most {BODY_BYTES_MAX} bytes")
    elif (broken := getattr(error, "original_exception", None)) is not None:
        mistake = UserMistake(
            f"FakeBooks itself failed in {called}: {type(broken).__name__}: {broken}", expected="please report it"
        )
    else:
        mistake = UserMistake(f"{called}: {error.description or error.name}")
    told = {"error": mistake.given, "expected": mistake.expected}
    return jsonify({name: text for name, text in told.items() if text}), status
