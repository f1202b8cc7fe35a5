"""Everything that is wrong with a document of requests, for `fakebooks validate` and the dashboard."""

from emulator.qbxml.diagnosis import Diagnosis, NotValid
from emulator.qbxml.envelope import decode_set
from emulator.qbxml.limits import Limits
from emulator.qbxml.messages import Request
from emulator.qbxml.status import Status
from emulator.qbxml.switches import Choices


def examine(document: bytes | str, limits: Limits | None = None, choices: Choices | None = None) -> list[Diagnosis]:
    """Return what QuickBooks would find wrong without looking into a company file; an empty list means nothing.

    A structural mistake is found alone, because QuickBooks stops there: nothing of the document is processed. Otherwise there is
    one finding per request whose first wrong value gets it an error status, and one per field of another edition (warning 530).
    """
    try:
        message_set = decode_set(document, limits or Limits(), choices or Choices())
    except NotValid as refused:
        return [refused.diagnosis]
    return [finding for request in message_set.requests for finding in _findings(request)]


def _findings(request: Request) -> list[Diagnosis]:
    path = f"QBXML/QBXMLMsgsRq/{request.name}"
    statuses = [(request.fault, request.fault_line or request.line)] if request.fault else []
    statuses += [(warning, request.line) for warning in request.warnings]
    return [Diagnosis(_problem(status), line, path) for status, line in statuses]


def _problem(status: Status) -> str:
    return f"answered with status {status.code} ({status.severity}): {status.message}"
