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

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from emulator.desktop.installation import Installation
from emulator.desktop.operations import Operation
from emulator.desktop.sessions import Session
from emulator.faults import Strike
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
        session: the session of a ProcessRequest.
        kept: False when that answer cannot be stored under the id of the set.
    """

    quickbooks: Installation
    facts: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    lost: Strike | None = None
    request: Request | None = None
    answer: Answer | None = None
    session: Session | None = None
    kept: bool = True


Effect: TypeAlias = Callable[[Situation, Strike], Operation[None]]
"""What a strike does to the call it strikes; raises SessionFailure when it ends the call."""
