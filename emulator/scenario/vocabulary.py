"""One vocabulary for the journal's readers: the kinds that checks and reports know, and the words a part may use for them.

QuickBooks' room writes some rows in words of its own; what they mean to a check is said here, once, so that no check knows two words for one thing.
A row that needs no other word is handed back as it is; one that does is a copy, with its number and all its facts.
"""

from collections.abc import Callable
from typing import Final

from emulator.core.journal import Row


def read(row: Row) -> Row:
    """Return a row in the words that checks and reports know."""
    translate = _WORDS.get(str(row.get("kind", "")))
    return row if translate is None else {**row, **translate(row)}


def _answer(row: Row) -> Row:
    # An answer that QuickBooks wrote and nobody got is, for whoever waits, one that was withheld.
    return {"kind": "answer-withheld" if row.get("lost") else "answered"}


def _refused(row: Row) -> Row:
    return {"kind": "login-refused"} if row.get("act") == "log-in" else {}


def _failure(row: Row) -> Row:
    return {"kind": "session-failed", "reason": row.get("reason") or row.get("detail") or row.get("symbol") or ""}


def _committed(row: Row) -> Row:
    identity = row.get("id") or row.get("txn_id") or row.get("list_id")
    return {"id": identity} if identity else {}


_WORDS: Final[dict[str, Callable[[Row], Row]]] = {
    "answer": _answer,
    "refused": _refused,
    "failure": _failure,
    "committed": _committed,
    "quickbooks-started": lambda row: {"kind": "started"},
    "quickbooks-closed": lambda row: {"kind": "closed"},
    "quickbooks-crashed": lambda row: {"kind": "closed", "crashed": True},
}
