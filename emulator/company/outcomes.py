"""Outcomes of message sets, kept in the company file for error recovery: what was answered under which id of which application.

Each answer is a row of its own, written after its request was committed and in a transaction of its own (switch company.outcome-stored).
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from emulator.company.store import Store
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.status import Status

SIZE_MAX: Final = 64 * 1024 * 1024
"""Characters that the outcome of one set may take up (ours); a larger one is not stored."""


class TooLarge(Exception):  # noqa: N818 - it is named for what is wrong
    """An outcome takes up more than `SIZE_MAX`."""


class Outcomes:
    """The outcomes of one application's message sets.

    Args:
        store: the company file.
        application: whose sets; another application's set of the same id is another set.
    """

    def __init__(self, store: Store, application: str) -> None:
        self._store = store
        self._application = application

    def find(self, set_id: str) -> tuple[str, list[Answer]] | None:
        """Return the checksum of a set's requests and the answers stored so far, or None when nothing is stored under the id."""
        row = self._store.execute(
            "SELECT checksum FROM message_set WHERE application = ? AND set_id = ?", (self._application, set_id)
        ).fetchone()
        if row is None:
            return None
        rows = self._store.execute(
            "SELECT answer FROM outcome WHERE application = ? AND set_id = ? ORDER BY place", (self._application, set_id)
        )
        return row[0], [_decoded(text) for (text,) in rows.fetchall()]

    def store(self, set_id: str, checksum: str, place: int, answer: Answer, room: int) -> int:
        """Store one answer; it is committed when this returns.

        Args:
            set_id: newMessageSetID.
            checksum: of the requests of the set.
            place: of the answer in the set, from 0.
            answer: what to store.
            room: characters it may take up.

        Returns: the characters it took up.

        Raises:
            TooLarge: it takes up more.
            sqlite3.Error: the file cannot be written.
        """
        text = _encoded(answer, room)
        with self._store.atomic():
            self._store.execute("INSERT OR IGNORE INTO message_set VALUES (?, ?, ?)", (self._application, set_id, checksum))
            self._store.execute("INSERT INTO outcome VALUES (?, ?, ?, ?)", (self._application, set_id, place, text))
        return len(text)

    def forget(self, set_id: str | None) -> bool:
        """Forget the outcome of a set, or of all sets of the application (None). Returns whether there was one."""
        where, parameters = "application = ?", [self._application]
        if set_id is not None:
            where, parameters = f"{where} AND set_id = ?", [self._application, set_id]
        with self._store.atomic():
            self._store.execute(f"DELETE FROM outcome WHERE {where}", parameters)
            return self._store.execute(f"DELETE FROM message_set WHERE {where}", parameters).rowcount > 0


def checksum_of(requests: Sequence[Request]) -> str:
    """Return what tells the content of a set from that of another."""
    content = [
        [request.name, request.attributes, request.values, request.fault.message if request.fault is not None else None]
        for request in requests
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _encoded(answer: Answer, room: int) -> str:
    """Return an answer as JSON; record by record, because one may hold more of them than memory should."""
    head = [answer.name, [answer.status.code, answer.status.severity, answer.status.message], answer.attributes]
    parts = [json.dumps(head)[:-1] + ", ["]
    size = len(parts[0])
    for record in answer.records:
        parts += [json.dumps(record), ", "]
        size += len(parts[-2]) + 2
        if size > room:
            raise TooLarge
    if answer.records:
        parts.pop()
    return "".join([*parts, "]]"])


def _decoded(text: str) -> Answer:
    name, parts, attributes, records = json.loads(text)
    return Answer(name, Status(*parts), attributes, [(record, _paired(values)) for record, values in records])


def _paired(value: Any) -> Any:
    """Give the entries of repeated choices back their tuples, which JSON has made lists."""
    if isinstance(value, dict):
        return {
            name: [(line[0], _paired(line[1])) for line in each] if "|" in name else _paired(each) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_paired(each) for each in value]
    return value
