"""Message sets: their requests one after the other, stopOnError, and the outcomes kept for error recovery.

Sets are not atomic. Each request is committed, then its answer is stored when the set has a newMessageSetID, so after a crash the
stored answers cover exactly what was done, or all but the last (switch company.outcome-stored; fault points lie on each side of both
commits). They are kept in the company file (switch company.outcomes-kept-with); see outcomes.py.

Recovery (documented unless said): a set sent again under the same newMessageSetID is answered from the store (9001 when its content
differs); the same id as old and new with no requests asks for the stored outcome (9002 when there is none); oldMessageSetID alone
forgets (600 when unknown; requests beside it: switch company.unknown-old-set-with-requests), `ClearAllMessageSets` forgets all of the
application (switch company.clear-all-message-sets); more than 24 characters is 9004; an outcome that cannot be stored is 9005: what was done
stays done, and nothing of the outcome is kept (our choice).
The answers of such a set carry ErrorRecovery: the identity of what was written (documented: the element; when it is there: switch
company.error-recovery-element).
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller
from emulator.company.operations import READS, Operations, Unforeseen
from emulator.company.outcomes import SIZE_MAX, Outcomes, TooLarge, checksum_of
from emulator.qbxml.messages import Answer, MessageSet, Request

if TYPE_CHECKING:
    from emulator.company.books import Books

SET_ID_LENGTH_MAX = 24
CLEAR_ALL = "ClearAllMessageSets"


class Step:
    """One request of a running set."""

    __slots__ = ("_answer", "_place", "_run", "request", "writes")

    def __init__(self, run: "SetRun", request: Request, place: int) -> None:
        self._run = run
        self._place = place
        self._answer: Answer | None = None
        self.request = request
        self.writes: bool = request.operation != READS and request.fault is None and not run.stopped
        """Whether performing it would change the company file, if the rules let it."""

    def perform(self, keep: bool = True) -> Answer:
        """Perform the request; what it writes is committed when this returns.

        A long answer makes its records while they are read: read it before the next step is performed.

        Args:
            keep: also store the answer when the set has an id. With False the caller does that with `keep`, later, so that a fault
                may strike between the two commits.
        """
        self._answer = self._run._perform(self.request)
        if keep:
            self.keep()
        return self._answer

    def keep(self) -> None:
        """Store the answer under the id of the set; nothing when it has none, or when an answer before it could not be stored."""
        assert self._answer is not None, "it has been performed"
        self._run._keep(self._place, self._answer)


class SetRun:
    """A message set being worked through: iterate over it and perform each step.

    Attributes:
        stored: of a set that is answered from the store, all its answers; it has no steps.
        attributes: those of the answer document (newMessageSetID, messageSetStatusCode), empty without ids.
        stopped: a request failed under stopOnError: the rest is answered 3231.
    """

    def __init__(
        self,
        books: "Books",
        operations: Operations,
        message_set: MessageSet,
        caller: Caller,
        unforeseen: Unforeseen | None = None,
    ) -> None:
        self.stored: list[Answer] = []
        self.attributes: dict[str, str] = {}
        self.stopped = False
        self._operations = operations
        self._set = message_set
        self._caller = caller
        self._unforeseen = unforeseen
        self._macros: dict[str, str] = {}
        self._requests = message_set.requests
        self._outcomes = Outcomes(books.store, caller.application)
        self._checksum = ""
        self._room = SIZE_MAX
        element = books.settings["company.error-recovery-element"]
        self._recovers = element == "always" or (element == "with-message-set-id" and bool(message_set.new_id))
        self._performs_unknown = books.settings["company.unknown-old-set-with-requests"] == "performed"
        self._forgets_all = books.settings["company.clear-all-message-sets"] == "forgets"
        if message_set.old_id or message_set.new_id:
            self._begin_recovery()

    def __iter__(self) -> Iterator[Step]:
        for place, request in enumerate(self._requests):
            yield Step(self, request, place)

    def finish(self) -> list[Answer]:
        """Perform every step and return all answers, with all their records at hand."""
        answers = list(self.stored)
        for step in self:
            answer = step.perform()
            answer.records = list(answer.records)
            answers.append(answer)
        return answers

    def not_kept(self) -> None:
        """Say that the outcome could not be stored (9005); what was done stays done."""
        if self._checksum:
            self._checksum = ""
            self.attributes["messageSetStatusCode"] = "9005"
            with contextlib.suppress(sqlite3.Error):
                self._outcomes.forget(self._set.new_id)

    def _perform(self, request: Request) -> Answer:
        if self.stopped:
            answer = self._operations.answered(request, 3231)
        else:
            answer = self._operations.perform(request, self._caller, self._macros, self._unforeseen)
            self.stopped = answer.status.failed and self._set.on_error == "stopOnError"
        if self._set.response_data == "includeNone":
            answer.records = []
        elif self._recovers and (recovery := _recovery(answer)):
            answer.records = [*answer.records, ("ErrorRecovery", recovery)]
        return answer

    def _begin_recovery(self) -> None:
        old, new = self._set.old_id, self._set.new_id
        if new:
            self.attributes["newMessageSetID"] = new
        code = self._recovery_code(old, new)
        self.attributes["messageSetStatusCode"] = str(code)
        if code and not (code == 600 and self._performs_unknown):
            self._requests = []

    def _recovery_code(self, old: str | None, new: str | None) -> int:
        """Return the status of the set as a whole, having looked up or forgotten what the ids say."""
        if max(len(old or ""), len(new or "")) > SET_ID_LENGTH_MAX:
            return 9004
        if old and old != new and not self._forget(old) and not new:
            return 600
        if not new:
            return 0
        checksum = checksum_of(self._requests)
        found = self._outcomes.find(new)
        asks_only = not self._requests
        if found is None:
            self._checksum = checksum
            return 9002 if asks_only and old == new else 0
        if not asks_only and found[0] != checksum:
            return 9001
        self.stored = found[1]
        self._requests = []
        return 0

    def _forget(self, old: str) -> bool:
        if old == CLEAR_ALL and self._forgets_all:
            self._outcomes.forget(None)
            return True
        return self._outcomes.forget(old)

    def _keep(self, place: int, answer: Answer) -> None:
        if not self._checksum:
            return
        assert self._set.new_id
        try:
            self._room -= self._outcomes.store(self._set.new_id, self._checksum, place, answer, self._room)
        except (sqlite3.Error, TooLarge):
            self.not_kept()


def _recovery(answer: Answer) -> dict[str, object] | None:
    """Return the ErrorRecovery of an answer: which record was written, and its edit sequence."""
    values: dict[str, Any] = {}
    for name, record in answer.written:
        values |= record if isinstance(record, Mapping) else {name: record}
    identity = next((name for name in ("ListID", "TxnID", "OwnerID") if values.get(name)), None)
    if identity is None:
        return None
    more = ("TxnNumber", "EditSequence", "ExternalGUID")
    return {name: values[name] for name in (identity, *more) if values.get(name) is not None}
