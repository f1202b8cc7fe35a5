"""qbXML without state: documents to message sets and back, at every version, for all 268 messages.

Decode with `decode_set` (raises `NotValid` for what QuickBooks refuses as a whole), answer with `encode_answer_set`; a client does
it the other way round with `make_request`, `encode_request_set` and `decode_answer_set`. `status.of(code, ...)` makes the status
of an answer. The shape of values stands in codec.py, their units in values.py.
"""

from emulator.qbxml import status
from emulator.qbxml.answered import MESSAGE_SET_ID_LENGTH_MAX, why_set_answered
from emulator.qbxml.diagnosis import Diagnosis, NotValid
from emulator.qbxml.envelope import decode_answer_set, decode_set, places_in
from emulator.qbxml.examine import Finding, examine
from emulator.qbxml.limits import Limits
from emulator.qbxml.messages import Answer, AnswerSet, MessageSet, Request
from emulator.qbxml.schema import Message, message_names, schema_of
from emulator.qbxml.status import Status
from emulator.qbxml.switches import SWITCHES, Choices
from emulator.qbxml.values import SCALE
from emulator.qbxml.versions import VERSIONS, Version, read_version
from emulator.qbxml.writing import AnswerWriter, encode_answer_set, encode_events, encode_request_set, make_request

__all__ = [
    "MESSAGE_SET_ID_LENGTH_MAX",
    "SCALE",
    "SWITCHES",
    "VERSIONS",
    "Answer",
    "AnswerSet",
    "AnswerWriter",
    "Choices",
    "Diagnosis",
    "Finding",
    "Limits",
    "Message",
    "MessageSet",
    "NotValid",
    "Request",
    "Status",
    "Version",
    "decode_answer_set",
    "decode_set",
    "encode_answer_set",
    "encode_events",
    "encode_request_set",
    "examine",
    "make_request",
    "message_names",
    "places_in",
    "read_version",
    "schema_of",
    "status",
    "why_set_answered",
]
