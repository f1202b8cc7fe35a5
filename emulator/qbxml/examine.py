"""Everything that is wrong with a document of requests, for `fakebooks explain`."""

from dataclasses import dataclass

from emulator.qbxml.answered import MESSAGE_SET_ID_LENGTH_MAX, concern_of, why_answered, why_set_answered
from emulator.qbxml.diagnosis import WRONG_CALL, Diagnosis, NotValid
from emulator.qbxml.envelope import decode_set, places_in
from emulator.qbxml.limits import Limits
from emulator.qbxml.messages import MessageSet
from emulator.qbxml.switches import Choices


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the code that goes over the wire for it.

    Attributes:
        code: result code of the call (`0x80040400`) or status code of the answer (`3140`).
        severity: of the status (Error, Warn); "" when the whole document is refused.
        request: name of the request; "" when the whole document is refused.
        number: of the request in its message set, from 1; 0 when the whole document is refused.
        message: sentence of the answer; "" when the whole document is refused.
        diagnosis: why, for people.
    """

    code: str
    severity: str
    request: str
    number: int
    message: str
    diagnosis: Diagnosis


def read_set(document: bytes | str, limits: Limits, choices: Choices) -> MessageSet:
    """Read a document of requests of either kind, as the call would that takes it. Raises NotValid."""
    try:
        return decode_set(document, limits, choices)
    except NotValid as refused:
        if refused.result != WRONG_CALL:
            raise
    return decode_set(document, limits, choices, subscription=True)


def examine(document: bytes | str, limits: Limits | None = None, choices: Choices | None = None) -> list[Finding]:
    """Return what QuickBooks would find wrong without looking into a company file; an empty list means nothing.

    A structural mistake is found alone, because QuickBooks stops there: nothing of the document is processed. Otherwise there is
    one finding per request whose first wrong value gets it an error status, and one per field of another edition (warning 530).
    """
    limits, choices = limits or Limits(), choices or Choices()
    try:
        message_set = read_set(document, limits, choices)
    except NotValid as refused:
        return [refused_whole(refused)]
    too_long = refused_set(message_set, document, limits, choices)
    if too_long is not None:
        return [too_long]
    statuses = [
        (number, request, outcome)
        for number, request in enumerate(message_set.requests)
        for outcome in ([request.fault] if request.fault else request.warnings)
    ]
    if not statuses:
        return []
    places = places_in(document, limits, choices)
    return [
        Finding(
            str(outcome.code),
            outcome.severity,
            request.name,
            number + 1,
            outcome.message,
            why_answered(concern_of(outcome, request, number, places), choices),
        )
        for number, request, outcome in statuses
    ]


def refused_set(messages: MessageSet, document: bytes | str, limits: Limits, choices: Choices) -> Finding | None:
    """Return the finding of a message set whose ids are too long (9004): nothing of it is processed; None when they are not."""
    if max(len(messages.old_id or ""), len(messages.new_id or "")) <= MESSAGE_SET_ID_LENGTH_MAX:
        return None
    why = why_set_answered("9004", messages, places_in(document, limits, choices))
    assert why is not None, "a set that is too long has a reason"
    return Finding("9004", "Error", "", 0, "", why)


def refused_whole(refused: NotValid) -> Finding:
    """Return the finding of a document that is refused as a whole."""
    return Finding(refused.result, "", "", 0, "", refused.diagnosis)
