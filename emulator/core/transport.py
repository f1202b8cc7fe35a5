"""How the platform side reaches a connector, whatever lies between: sockets, or memory on the virtual clock.

The platform calls a `Transport`; the connector answers through an `Answerer`. The network room puts the path (and its faults) between them.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

PORT: Final = 8891
"""The port the platform side calls (the page)."""

KEY_HEADER = "X-Document-Key"
"""Names the document a call is about, so that the path can be observed without reading bodies."""

NUMBER_HEADER = "X-Document-Number"
PROBE_HEADER = "X-Probe"
"""Set to `1` on calls that only ask whether the connector is there (invariant I7 lets them through while documents are held)."""


@dataclass(frozen=True)
class Call:
    """One call to port 8891.

    Attributes:
        method: `GET` or `POST`.
        path: path and query, as it stands in the request line.
        headers: the headers above that are set.
        body: JSON values, None, or GARBLED.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class CallAnswer:
    """What came back: the HTTP status and the JSON body."""

    status: int
    body: Any


class NoAnswer(Exception):  # noqa: N818 - it is what happened, not a program error
    """No whole answer came: refused, reset, silence past the limit, or something that is not the protocol.

    Attributes:
        reason: for people (`connection refused`, `no answer within 30 s`).
        sent: True when the request may have reached the connector, so that its outcome is unknown; False when it cannot have.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Garbled:
    """The body of a call that came as bytes which are no JSON: whoever gets it refuses the whole call."""


GARBLED: Final = Garbled()


def no_whole_json(status: int) -> NoAnswer:
    """Return what a caller knows of an answer whose body is no JSON, given its HTTP status."""
    return NoAnswer(f"the answer (HTTP {status}) is cut or garbled: it is no whole JSON", sent=True)


class Transport(Protocol):
    """The way to a connector."""

    async def call(self, call: Call, limit_s: float) -> CallAnswer:
        """Make one call; waits at most `limit_s` story seconds for the whole answer. Raises NoAnswer."""

    async def close(self) -> None:
        """Let go of connections."""


Answerer = Callable[[Call], Awaitable[CallAnswer]]
"""A connector's own side: every call gets an answer; errors of its own are answers with status 500."""
