"""Where faults may strike QuickBooks, and the one place that carries out what the plan decides.

A point is asked, the strikes are suffered in order. Nothing strikes inside a transaction of the company file: the points lie before a
request is carried out and after it was committed.

    quickbooks.create          an application makes a request processor object
    quickbooks.before-begin    BeginSession, before anything is looked at
    quickbooks.before-process  ProcessRequest, before the document is worked on
    quickbooks.before-commit   before each request of the document
    quickbooks.before-keep     what a request wrote is in the books; its answer is not stored yet under the id of the set
    quickbooks.after-commit    after each request: what it wrote is in the books, and its answer is stored if the set has an id
    quickbooks.before-answer   after the whole document, before the answer leaves

What each effect does stands in the module of its family (`calls.py`, ...); `__init__.py` puts the families together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from emulator.desktop.installation import Installation
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.desktop.sessions import Session
from emulator.faults import ParameterValue, Path, Strike
from emulator.faults.kinds import Form
from emulator.qbxml import Answer, Request

CREATE: Final = "quickbooks.create"
BEFORE_BEGIN: Final = "quickbooks.before-begin"
BEFORE_PROCESS: Final = "quickbooks.before-process"
BEFORE_COMMIT: Final = "quickbooks.before-commit"
BEFORE_KEEP: Final = "quickbooks.before-keep"
AFTER_COMMIT: Final = "quickbooks.after-commit"
BEFORE_ANSWER: Final = "quickbooks.before-answer"

POINTS: Final = (CREATE, BEFORE_BEGIN, BEFORE_PROCESS, BEFORE_COMMIT, BEFORE_KEEP, AFTER_COMMIT, BEFORE_ANSWER)
"""Every point of this room."""

CALL_FACTS: Final = ("call", "machine", "application", "user", "company")
"""Facts of a whole call: the member of the interface (`ProcessRequest`), the machine and the program it comes from, who is logged in, and the
name of the company file. Before BeginSession has opened a file nobody is logged in."""

REQUEST_FACTS: Final = ("request", "number", "party", "key", "total_cents")
"""Facts of one request of a document (`../correlation.py`)."""

OF_A_DOCUMENT: Final = (BEFORE_PROCESS, BEFORE_COMMIT, BEFORE_KEEP, AFTER_COMMIT, BEFORE_ANSWER)
"""The points that a document passes, in their order."""

PATHS: Final = (
    Path((CREATE,), ("call", "machine"), only={CREATE: {"call": ("CreateObject",)}}),
    Path((BEFORE_BEGIN,), CALL_FACTS, only={BEFORE_BEGIN: {"call": ("BeginSession",)}}),
    # Before and after the whole document the facts of a request are those of its first one.
    Path(
        OF_A_DOCUMENT,
        CALL_FACTS + REQUEST_FACTS,
        {BEFORE_PROCESS: CALL_FACTS},
        {point: {"call": ("ProcessRequest",)} for point in OF_A_DOCUMENT},
    ),
)
"""The ways of calls through QuickBooks."""


CODE: Final = Form("0x[89A-Fa-f][0-9A-Fa-f]{7}", "a result code of a failure, like 0x80040408")
"""How a fault names the code that a call fails with; a newer library may have codes that no source lists."""

CODE_OR_EMPTY: Final = Form(f"({CODE.pattern})?", f"{CODE.says}, or nothing")
"""The same where a switch decides when nothing is given."""


@dataclass
class Situation:
    """A call under way, as far as faults touch it.

    Attributes:
        quickbooks: where it runs.
        facts: what the plan may match on (machine, application, request, number, party, key ...).
        faults: names of the faults that have struck this call, for its journal rows.
        lost: set when the answer of this call will be lost, to how.
        request: the request of the document that is being carried out.
        answer: its answer, once it was carried out.
        kept: False when that answer cannot be stored under the id of the set.
        twice: True when that answer goes out twice.
        session: the session of the call; None before there is one.
        has_id: whether the outcome of the set is to be stored under an id.
        rows: records in the answers of the document so far.
        spoilt: set when the answer will hold a byte that no XML may hold, to where.
        slow: what has made the call slow, for the time that the rows of its answer cost.
    """

    quickbooks: Installation
    facts: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    lost: Strike | None = None
    request: Request | None = None
    answer: Answer | None = None
    kept: bool = True
    twice: bool = False
    session: Session | None = None
    has_id: bool = False
    rows: int = 0
    spoilt: Strike | None = None
    slow: list[Strike] = field(default_factory=list)


NEEDS: "Final[Needs]" = {
    "QuickBooks": ("QuickBooks is not running", lambda call, _: call.quickbooks.process is not None),
    "no dialog": ("a dialog is open already", lambda call, _: call.quickbooks.dialog is None),
    "no refusal": ("the request is refused already", lambda call, _: not _refused(call)),
    "one answer": ("the answer goes out twice already", lambda call, _: not call.twice),
    "an answer": ("the answer is lost already", lambda call, _: call.lost is None),
    "an id": ("the set has no newMessageSetID", lambda call, _: call.has_id),
    "a stored outcome": ("the outcome cannot be stored already", lambda call, _: call.kept),
    "a ticket": (
        "the ticket is to become invalid already",
        lambda call, _: call.session is not None and call.session.calls_left is None,
    ),
}
"""What kinds of any family can need: why nothing is struck without it, and how it is seen."""


def _refused(situation: Situation) -> bool:
    if situation.answer is not None:
        return situation.answer.status.failed
    return situation.request is not None and situation.request.fault is not None


Needs: TypeAlias = dict[str, tuple[str, Callable[[Situation, Mapping[str, ParameterValue]], bool]]]
"""What a kind needs, in words -> why nothing is struck without it, and how it is seen, given the parameters of the fault."""

Effect: TypeAlias = Callable[[Situation, Strike], Operation[None]]
"""What a strike does to the call it strikes; raises SessionFailure when it ends the call."""

End: TypeAlias = Callable[[], None]
"""What ends a state that a lasting fault has begun."""

Begin: TypeAlias = Callable[[Office, Strike], End]
"""What begins the state of a lasting fault in an office; raises UserMistake when the world has not what it asks for."""
