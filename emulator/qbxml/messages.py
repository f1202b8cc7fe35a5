"""The plain objects that travel between the rooms: a message set with its requests, and answers. They know no rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from emulator.qbxml.schema import Operation
from emulator.qbxml.status import Status
from emulator.qbxml.versions import Version

OnError = Literal["stopOnError", "continueOnError"]
ResponseData = Literal["includeAll", "includeNone"]


@dataclass(slots=True)
class Request:
    """One request of a message set.

    Attributes:
        name: "InvoiceAddRq".
        noun: "Invoice".
        operation: Add, Mod, Query, Del, Void, Merge.
        attributes: its XML attributes (requestID, metaData, iterator, iteratorID).
        values: its content in schema order; see codec.py for the shape.
        fault: status of the first value that does not convert; the request is answered with it and not performed.
        warnings: statuses 530 for fields of other editions; the request is performed and answered with the first of them.
        line: line of the document it starts on, 0 when it was not read from one.
        fault_line: line of the value that does not convert, 0 when there is none or it is about the request as a whole.
        version: number of the schema it is answered by.
    """

    name: str
    noun: str
    operation: Operation
    attributes: dict[str, str]
    values: dict[str, object]
    fault: Status | None = None
    warnings: list[Status] = field(default_factory=list)
    line: int = 0
    fault_line: int = 0
    version: str = "16.0"


@dataclass(slots=True)
class MessageSet:
    """One document of requests.

    Attributes:
        version: declared version.
        on_error: what happens to the requests after the first failing one.
        response_data: includeNone asks for answers without records.
        old_id: message set whose stored outcome is asked for or forgotten.
        new_id: message set under which the outcome is to be stored. Either may be longer than 24 characters: status 9004.
        requests: in their order.
        subscription: the requests subscribe to events instead of working on the company file.
    """

    version: Version
    on_error: OnError = "stopOnError"
    response_data: ResponseData = "includeAll"
    old_id: str | None = None
    new_id: str | None = None
    requests: list[Request] = field(default_factory=list)
    subscription: bool = False


@dataclass(slots=True)
class Answer:
    """The answer to one request.

    Attributes:
        name: "InvoiceAddRs".
        status: code, severity, message.
        attributes: requestID, retCount, iteratorRemainingCount, iteratorID; the status attributes are not among them.
        records: (name, value) of each child, such as ("InvoiceRet", {...}); a deletion has leaves ("TxnID", "1-2").
        written: the same of a write, whole, whatever of it the request wants to see (IncludeRetElement, responseData); empty for a query
            and for a refusal. It is known here and not sent.
        lines: the line of the document on which each of `records` stands, for an answer that was read from one.
    """

    name: str
    status: Status
    attributes: dict[str, str] = field(default_factory=dict)
    records: Sequence[tuple[str, object]] = field(default_factory=list)
    written: Sequence[tuple[str, object]] = field(default=(), compare=False)
    lines: Sequence[int] = field(default=(), compare=False)


@dataclass(slots=True)
class AnswerSet:
    """One document of answers, as a connector reads it; `attributes` are those of the message set."""

    answers: list[Answer]
    attributes: dict[str, str] = field(default_factory=dict)
