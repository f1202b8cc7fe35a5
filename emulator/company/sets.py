"""Message sets: their requests one after the other, stopOnError, and the outcomes kept for error recovery.

Sets are not atomic. Each request is committed, then its answer is stored when the set has a newMessageSetID, so after a crash the
stored answers cover exactly what was done, or all but the last (switch company.outcome-stored; fault points lie on each side of both
commits). They are kept in the company file (switch company.outcomes-kept-with).

Recovery (documented unless said): a set sent again under the same newMessageSetID is answered from the store (9001 when its content
differs); the same id as old and new with no requests asks for the stored outcome (9002 when there is none); oldMessageSetID alone
forgets (600 when unknown), `ClearAllMessageSets` forgets all of the application (switch company.clear-all-message-sets); more than 24
characters is 9004; an outcome that cannot be stored is 9005, and what was done stays done. The answers of such a set carry ErrorRecovery:
the identity of what was written (documented: the element; when it is there: switch company.error-recovery-element).
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller
from emulator.company.operations import READS, Operations
from emulator.qbxml.messages import Answer, MessageSet, Request
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

SET_ID_LENGTH_MAX = 24
CLEAR_ALL = "ClearAllMessageSets"


class Step:
    """One request of a running set."""

    __slots__ = ("_run", "request", "writes")

    def __init__(self, run: "SetRun", request: Request) -> None:
        self._run = run
        self.request = request
        self.writes: bool = request.operation != READS and request.fault is None and not run.stopped
        """Whether performing it would change the company file, if the rules let it."""

    def perform(self, keep: bool = True) -> Answer:
        """Perform the request; what it writes is committed when this returns.

        Args:
            keep: also store the answer when the set has an id. With False the caller does that with `keep`, later, so that a fault
                may strike between the two commits.
        """
        answer = self._run._perform(self.request)
        if keep:
            self.keep()
        return answer

    def keep(self) -> None:
        """Store the answers so far under the id of the set; nothing when it has none."""
        self._run._keep()


class SetRun:
    """A message set being worked through: iterate over it and perform each step.

    Attributes:
        answers: the answers so far, in order; of a set that is answered from the store, all of them at once and no steps.
        attributes: those of the answer document (newMessageSetID, messageSetStatusCode), empty without ids.
        stopped: a request failed under stopOnError: the rest is answered 3231.
    """

    def __init__(self, books: "Books", operations: Operations, message_set: MessageSet, caller: Caller) -> None:
        self.answers: list[Answer] = []
        self.attributes: dict[str, str] = {}
        self.stopped = False
        self._books = books
        self._operations = operations
        self._set = message_set
        self._caller = caller
        self._macros: dict[str, str] = {}
        self._requests = message_set.requests
        self._checksum = ""
        element = books.settings["company.error-recovery-element"]
        self._recovers = element == "always" or (element == "with-message-set-id" and bool(message_set.new_id))
        if message_set.old_id or message_set.new_id:
            self._begin_recovery()

    def __iter__(self) -> Iterator[Step]:
        for request in self._requests:
            yield Step(self, request)

    def _perform(self, request: Request) -> Answer:
        if self.stopped:
            answer = self._operations.answered(request, 3231)
        else:
            answer = self._operations.perform(request, self._caller, self._macros, self._set.version)
            self.stopped = answer.status.failed and self._set.on_error == "stopOnError"
        if self._set.response_data == "includeNone":
            answer.records = []
        elif self._recovers and request.operation != READS and not answer.status.failed:
            recovery = _recovery(answer)
            if recovery is not None:
                answer.records = [*answer.records, ("ErrorRecovery", recovery)]
        self.answers.append(answer)
        return answer

    def _begin_recovery(self) -> None:
        old, new = self._set.old_id, self._set.new_id
        if new:
            self.attributes["newMessageSetID"] = new
        code = self._recovery_code(old, new)
        self.attributes["messageSetStatusCode"] = str(code)
        if code:
            self._requests = []

    def _recovery_code(self, old: str | None, new: str | None) -> int:
        """Return the status of the set as a whole, having looked up or forgotten what the ids say."""
        if max(len(old or ""), len(new or "")) > SET_ID_LENGTH_MAX:
            return 9004
        if old and old != new and not self._forget(old) and not new:
            return 600
        if not new:
            return 0
        self._checksum = _checksum(self._requests)
        stored = self._books.store.execute(
            "SELECT checksum, answers FROM message_set WHERE application = ? AND set_id = ?", (self._caller.application, new)
        ).fetchone()
        asks_only = not self._requests
        if stored is None:
            return 9002 if asks_only and old == new else 0
        if not asks_only and stored[0] != self._checksum:
            return 9001
        self.answers = _decoded(stored[1])
        self._requests = []
        return 0

    def _forget(self, old: str) -> bool:
        with self._books.store.atomic():
            if old == CLEAR_ALL and self._books.settings["company.clear-all-message-sets"] == "forgets":
                self._books.store.execute("DELETE FROM message_set WHERE application = ?", (self._caller.application,))
                return True
            cursor = self._books.store.execute(
                "DELETE FROM message_set WHERE application = ? AND set_id = ?", (self._caller.application, old)
            )
            return cursor.rowcount > 0

    def _keep(self) -> None:
        if not self._checksum:
            return
        try:
            with self._books.store.atomic():
                self._books.store.execute(
                    "INSERT OR REPLACE INTO message_set VALUES (?, ?, ?, ?)",
                    (self._caller.application, self._set.new_id, self._checksum, _encoded(self.answers)),
                )
        except sqlite3.Error:
            self.not_kept()

    def not_kept(self) -> None:
        """Say that the outcome could not be stored (9005); what was done stays done."""
        self.attributes["messageSetStatusCode"] = "9005"


def _recovery(answer: Answer) -> dict[str, object] | None:
    """Return the ErrorRecovery of an answer: which record was written, and its edit sequence."""
    values: dict[str, Any] = {}
    for name, record in answer.records:
        values |= record if isinstance(record, dict) else {name: record}
    identity = next((name for name in ("ListID", "TxnID", "OwnerID") if values.get(name)), None)
    if identity is None:
        return None
    more = ("TxnNumber", "EditSequence", "ExternalGUID")
    return {name: values[name] for name in (identity, *more) if values.get(name) is not None}


def _checksum(requests: list[Request]) -> str:
    content = [[request.name, request.attributes, request.values] for request in requests]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _encoded(answers: list[Answer]) -> str:
    return json.dumps(
        [
            [
                answer.name,
                [answer.status.code, answer.status.severity, answer.status.message],
                answer.attributes,
                list(answer.records),
            ]
            for answer in answers
        ]
    )


def _decoded(text: str) -> list[Answer]:
    return [
        Answer(name, Status(*parts), attributes, [(record, _paired(values)) for record, values in records])
        for name, parts, attributes, records in json.loads(text)
    ]


def _paired(value: Any) -> Any:
    """Give the entries of repeated choices back their tuples, which JSON has made lists."""
    if isinstance(value, dict):
        return {
            name: [(line[0], _paired(line[1])) for line in each] if "|" in name else _paired(each) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_paired(each) for each in value]
    return value
