"""What may strike the Web Connector and its way to the service, and where.

    before-call --> the service --> after-call           each operation; facts: operation, application
    before-authenticate, before-request                  answered in the service's place, which does not hear of the call
    after-process                                        QuickBooks has answered; receiveResponseXML comes next

At every point the Web Connector can die. It then ends nothing: the lock stays in the company file, the session is dropped as COM drops it,
the service hears no more.
"""

from collections.abc import Iterator
from typing import Any, Final

from emulator.core.clock import Clock
from emulator.faults import Kind, Parameter, Path, Plan, Strike, raise_killed
from emulator.webconnector.service import CallFailed, Exchange
from emulator.webconnector.soap import NAMESPACE, OPERATIONS

BEFORE_AUTHENTICATE: Final = "webconnector.before-authenticate"
BEFORE_REQUEST: Final = "webconnector.before-request"
BEFORE_CALL: Final = "webconnector.before-call"
AFTER_CALL: Final = "webconnector.after-call"
AFTER_PROCESS: Final = "webconnector.after-process"

POINTS: Final = (BEFORE_AUTHENTICATE, BEFORE_REQUEST, BEFORE_CALL, AFTER_CALL, AFTER_PROCESS)

_FACTS: Final = ("operation", "application")
_ONLY: Final = {
    BEFORE_AUTHENTICATE: {"operation": ("authenticate",)},
    BEFORE_REQUEST: {"operation": ("sendRequestXML",)},
    AFTER_PROCESS: {"operation": ("receiveResponseXML",)},
}
"""Points at which only one operation comes by."""

PATHS: Final = (
    Path((BEFORE_AUTHENTICATE, BEFORE_REQUEST, AFTER_PROCESS), _FACTS, only=_ONLY),
    Path((BEFORE_CALL, AFTER_CALL, BEFORE_REQUEST, AFTER_PROCESS), _FACTS, only=_ONLY),
)
"""The way of an update: what ends every authenticate leaves no request behind it. Two calls can be struck apart from each other: serverVersion
and clientVersion come before authenticate whatever becomes of it."""

_ENDING: Final = Parameter(
    "as switched",
    "whether closeConnection is called afterwards (switch webconnector.after-transport-error)",
    ("as switched", "close", "silent"),
)


def join(plan: Plan) -> None:
    """Tell the plan of a QuickBooks that a Web Connector works with: what may strike it, and what there is to name in `where`."""
    plan.surroundings.admit(KINDS, PATHS)
    plan.surroundings.know(names={"webconnector.operation": lambda: OPERATIONS})


class Faults:
    """The faults that strike one update.

    Args:
        plan: decides; None: nothing strikes.
        clock: tells the story's time.
        application: name of the application.

    Attributes:
        ending: what the last strike says of closeConnection; empty: as switched.
    """

    def __init__(self, plan: Plan | None, clock: Clock, application: str) -> None:
        self._plan = plan
        self._clock = clock
        self._application = application
        self.ending = ""
        self.names: list[str] = []

    def take_names(self) -> list[str]:
        """Return the faults that struck since this was asked last, for the journal."""
        names, self.names = self.names, []
        return names

    def given(self, point: str, operation: str) -> str | None:
        """Return what the Web Connector is answered in the service's place (`busy`, `nvu`, `none`, `NoOp`), or None."""
        for strike in self._strikes(point, operation):
            if strike.effect == "answer":
                return str(strike.parameters["answer"])
        return None

    def before(self, point: str, operation: str) -> None:
        """Let what strikes before a call strike. Raises CallFailed or Killed."""
        for strike in self._strikes(point, operation):
            match strike.effect:
                case "cut" | "lost":
                    self._remember_ending(strike)
                    raise CallFailed("The underlying connection was closed: the connection broke", "transport", heard=False)
                case "tls":
                    raise CallFailed(
                        f"The underlying connection was closed: {_TLS[str(strike.parameters['how'])]}", "tls", heard=False
                    )

    def after(self, seen: Exchange) -> None:
        """Let what strikes an answer strike it. Raises CallFailed or Killed."""
        for strike in self._strikes(AFTER_CALL, seen.operation):
            match strike.effect:
                case "cut":
                    self._remember_ending(strike)
                    raise CallFailed(
                        "The underlying connection was closed: the connection broke before the answer", "transport", heard=True
                    )
                case "garbled":
                    _GARBLE[str(strike.parameters["how"])](seen)
                    return
                case "status":
                    seen.status = int(strike.parameters["status"])
                    _page(seen)
                    return

    def _remember_ending(self, strike: Strike) -> None:
        ending = str(strike.parameters["ending"])
        self.ending = "" if ending == "as switched" else ending

    def _strikes(self, point: str, operation: str) -> Iterator[Strike]:
        if self._plan is None:
            return
        facts: dict[str, Any] = {"operation": operation, "application": self._application}
        for strike in self._plan.strikes(point, self._clock.now(), **facts):
            self.names.append(strike.fault)
            if strike.effect == "died":
                raise_killed()
            yield strike


def _page(seen: Exchange) -> None:
    seen.content = b"<html><head><title>Sorry</title></head><body><p>Something went wrong<br></body></html>"
    seen.headers["content-type"] = "text/html"


def _half(seen: Exchange) -> None:
    seen.content = seen.content[: len(seen.content) // 2]


def _other_namespace(seen: Exchange) -> None:
    seen.content = seen.content.replace(NAMESPACE.encode(), b"http://tempuri.org/")


def _document_type(seen: Exchange) -> None:
    seen.content = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'


def _nothing(seen: Exchange) -> None:
    seen.content = b""


_GARBLE: Final = {
    "page": _page,
    "half": _half,
    "other namespace": _other_namespace,
    "document type": _document_type,
    "nothing": _nothing,
}
_TLS: Final = {
    "other host": "could not establish trust relationship: the certificate is for another host",
    "expired": "could not establish trust relationship: the certificate has expired",
    "old protocol": "an unexpected error occurred on a send: no common version of TLS",
}

KINDS: Final = (
    Kind(
        "wc-answer-lost",
        "WC01",
        (AFTER_PROCESS,),
        "lost",
        "QuickBooks has carried a request out, and its answer never reaches the service: receiveResponseXML fails with QBWC1042.",
        "ask QuickBooks what became of the request before it sends it again: by newMessageSetID, or by a query",
        False,
        {"ending": _ENDING},
        ends_call=(AFTER_PROCESS,),
    ),
    Kind(
        "wc-service-died",
        "WC02",
        (BEFORE_CALL, AFTER_CALL),
        "cut",
        "The connection to the service breaks: before the call has reached it, or after the service has acted on it.",
        "keep its queue where a new session finds it, and take the next authenticate for a new beginning",
        False,
        {"ending": _ENDING},
        ends_call=(BEFORE_CALL, AFTER_CALL),
    ),
    Kind(
        "wc-busy",
        "WC03",
        (BEFORE_AUTHENTICATE,),
        "answer",
        "authenticate is answered busy in the service's place: no update, closeConnection with an empty ticket.",
        "survive closeConnection with a ticket that it never gave",
        False,
        {"answer": Parameter("busy", "what is answered", ("busy", "none"))},
        ends_call=(BEFORE_AUTHENTICATE,),
    ),
    Kind(
        "wc-invalid-user",
        "WC04",
        (BEFORE_AUTHENTICATE,),
        "answer",
        "authenticate is answered nvu in the service's place, as if the password were wrong.",
        "survive closeConnection with a ticket that it never gave",
        False,
        {"answer": Parameter("nvu", "what is answered", ("nvu",))},
        ends_call=(BEFORE_AUTHENTICATE,),
    ),
    Kind(
        "wc-no-op",
        "WC05",
        (BEFORE_REQUEST,),
        "answer",
        "sendRequestXML is answered NoOp in the service's place: the Web Connector waits and asks again.",
        "expect minutes to pass between two calls of a session",
        False,
        {"answer": Parameter("NoOp", "what is answered", ("NoOp",))},
        ends_call=(BEFORE_REQUEST,),
    ),
    Kind(
        "wc-garbled-answer",
        "WC06",
        (AFTER_CALL,),
        "garbled",
        "The service has acted on a call and its answer cannot be read: an HTML page, half of it, another namespace, a document type, nothing.",
        "keep in mind that what it gave out may not have arrived",
        False,
        {"how": Parameter("page", "what comes instead", tuple(_GARBLE))},
        ends_call=(AFTER_CALL,),
    ),
    Kind(
        "wc-http-status",
        "WC07",
        (AFTER_CALL,),
        "status",
        "A call is answered with an HTTP error and a page, by a proxy or a server that has lost its application.",
        "keep in mind that what it gave out may not have arrived",
        False,
        {"status": Parameter(404, "the HTTP status", least=400, most=599)},
        ends_call=(AFTER_CALL,),
    ),
    Kind(
        "wc-tls-bad",
        "WC08",
        (BEFORE_CALL,),
        "tls",
        "The certificate of the service is refused: it is for another host, has expired, or speaks an old protocol.",
        "be told by its operator's monitoring: it hears nothing itself, and the log says authentication failed (QBWC1012)",
        False,
        {"how": Parameter("other host", "what is wrong", tuple(_TLS))},
        ends_call=(BEFORE_CALL,),
    ),
    Kind(
        "wc-died",
        "WC09",
        POINTS,
        "died",
        "The Web Connector dies: its lock stays in the company file, the service hears no more of the session.",
        "take the next authenticate for a new beginning, and ask what became of the last request",
        False,
        ends_call=POINTS,
    ),
)
"""Every kind of fault that strikes the Web Connector."""
