"""What a write left in the books is known here, whatever the program wants to see of it.

A program may ask for answers without records (`responseData="includeNone"`) or with some elements only (IncludeRetElement). The journal and
the events need ListID, TxnID and RefNumber all the same: so the company file is asked for them too, and what was not asked for is taken out
of the answer before it is kept for error recovery and sent.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from emulator.qbxml import Answer, MessageSet, Request

IDENTITY: Final = ("ListID", "TxnID", "RefNumber")
"""Elements that say what was written."""


def asking_for_identity(messages: MessageSet) -> MessageSet:
    """Return the message set as the company file gets it: every write is answered with the identity of its record."""
    return replace(messages, response_data="includeAll", requests=[_asking(request) for request in messages.requests])


def take_out(answer: Answer, request: Request, messages: MessageSet) -> None:
    """Take out of an answer what the program did not ask for.

    Args:
        answer: of the request that `asking_for_identity` made.
        request: as the program sent it.
        messages: its message set.
    """
    if messages.response_data == "includeNone":
        answer.records = []
        return
    wanted = _wanted(request)
    surplus = [name for name in IDENTITY if wanted and name not in wanted]
    if surplus and request.operation != "Query":
        answer.records = [
            (name, _without(values, surplus) if name.endswith("Ret") else values) for name, values in answer.records
        ]


def _asking(request: Request) -> Request:
    wanted = _wanted(request)
    if not wanted or request.operation == "Query":
        return request
    return replace(request, values={**request.values, "IncludeRetElement": [*wanted, *IDENTITY]})


def _wanted(request: Request) -> Sequence[str]:
    """Return the names in IncludeRetElement; none stands for all."""
    names = request.values.get("IncludeRetElement")
    return names if isinstance(names, list) else ()


def _without(values: object, names: Sequence[str]) -> object:
    return {name: value for name, value in values.items() if name not in names} if isinstance(values, dict) else values
