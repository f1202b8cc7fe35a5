"""Calls under way: who asks a QuickBooks for what just now, since when, and how far it has come. For people who look; nothing goes by it.

waits for its turn  -->  is carried out  -->  gone (or: keeps its caller, whose answer is lost)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Progress = Literal["waits for its turn", "is carried out", "its answer is lost"]


@dataclass(eq=False)
class CallUnderWay:
    """A BeginSession or ProcessRequest that has come and is not over.

    Attributes:
        call: the member of the interface.
        application: who calls.
        since: when it came (story time).
        session: number of its session; None for a BeginSession.
        facts: of its first request: request, number, party ... (`correlation.py`).
        faults: names of those that have struck it so far.
        progress: how far it has come.
    """

    call: str
    application: str
    since: datetime
    session: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[str] = ()
    progress: Progress = "waits for its turn"
