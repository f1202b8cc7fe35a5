"""The door of the connector: HTTP on port 8891, a thin Flask app in front of the coroutines of `Service`.

Threads carry bytes only; every decision is made on the service's loop. Strangers are turned away when they connect, bodies have a limit,
and whatever is no call is answered with a sentence, never with a traceback.
"""

import asyncio
import json
from collections.abc import Collection
from concurrent.futures import CancelledError
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from emulator.connector.service import GARBAGE, Service
from emulator.core.journal import Journal
from emulator.core.serving import Guard, Serving
from emulator.core.transport import PORT, Call, CallAnswer, NoAnswer

BODY_BYTES_MAX: Final = 1024 * 1024
"""Largest document (our choice: an invoice of a thousand lines takes 200 kB)."""

THREADS: Final = 24
"""Calls carried at once: every place of the service, and some for those who only ask for the status or are slow to speak."""

REQUEST_LIMIT_S: Final = 10
"""Machine's seconds of silence in the middle of a request after which the caller is dropped."""


class Door:
    """Serves one service.

    Args:
        service: the connector; its loop must be the running one when the door is made.
        host: address to listen on.
        port: 0 lets the system choose.
        allowed: addresses that may call; empty for all.
        journal: gets a row for each stranger.
    """

    def __init__(
        self,
        service: Service,
        *,
        host: str = "127.0.0.1",
        port: int = PORT,
        allowed: Collection[str] = (),
        journal: Journal | None = None,
        request_limit_s: int = REQUEST_LIMIT_S,
    ) -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._journal = journal
        guard = Guard(frozenset(allowed).__contains__, self._stranger) if allowed else None
        self._serving = Serving(
            self._app(),
            host=host,
            port=port,
            threads=THREADS,
            guard=guard,
            name="the connector",
            request_limit_s=request_limit_s,
        )

    def start(self) -> None:
        """Listen; returns when calls are taken. Raises UserMistake when the address cannot be had."""
        self._serving.start()

    @property
    def port(self) -> int:
        """Return the port that is served."""
        return self._serving.port

    @property
    def url(self) -> str:
        """Return `http://host:port`."""
        return self._serving.url

    async def stop(self) -> None:
        """Stop listening; calls in hand get their answers first, as long as the server waits for them."""
        await self._loop.run_in_executor(None, self._serving.stop)

    def _stranger(self, _: str) -> None:
        if self._journal is not None:
            self._loop.call_soon_threadsafe(lambda journal: journal.add("connector", "stranger-refused"), self._journal)

    def _app(self) -> Flask:
        app = Flask("emulator.connector")
        app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
        app.add_url_rule("/", "call", self._call, defaults={"path": ""}, methods=_METHODS)
        app.add_url_rule("/<path:path>", "call", self._call, methods=_METHODS)
        app.register_error_handler(HTTPException, _refused)
        app.register_error_handler(Exception, _broken)
        return app

    def _call(self, path: str) -> Response:
        try:
            body = json.loads(request.get_data()) if request.method == "POST" else None
        except (ValueError, RecursionError):
            return _response(CallAnswer(400, {"reason": GARBAGE}))
        target = f"/{path}" + (f"?{request.query_string.decode('latin-1')}" if request.query_string else "")
        answer = asyncio.run_coroutine_threadsafe(self._service.answer(Call(request.method, target, body=body)), self._loop)
        try:
            return _response(answer.result())
        except NoAnswer as none:
            return _response(CallAnswer(503, {"outcome": "unavailable", "code": "exiting", "reason": none.reason}))
        except CancelledError:
            return _response(CallAnswer(503, {"outcome": "unavailable", "code": "exiting", "reason": "the connector is ending"}))


def _response(answer: CallAnswer) -> Response:
    return Response(json.dumps(answer.body), answer.status, content_type="application/json")


def _refused(error: HTTPException) -> Response:
    return _response(CallAnswer(error.code or 500, {"reason": error.description or error.name}))


def _broken(error: Exception) -> Response:
    """Answer for a bug of ours: the caller learns that there is one and that the outcome is unknown."""
    reason = f"the connector has an error of its own ({type(error).__name__}); send it again later with the same key"
    return _response(CallAnswer(500, {"outcome": "unavailable", "code": "connector-error", "reason": reason}))


_METHODS: Final[list[Any]] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
