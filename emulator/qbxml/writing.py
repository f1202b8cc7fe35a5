"""Documents from values: sets of answers and events as QuickBooks writes them, and sets of requests as its clients do.

Observed layout of answers: `<?xml version="1.0" ?>` with a space, then one tag per line without indentation, no version line, no
namespace; what holds nothing is closed at once, with a space before the slash. Events carry a version line, also with a space before its
end (observed in a recorded one).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from emulator.qbxml.codec import encode, encode_child
from emulator.qbxml.escapes import escape, escape_attribute
from emulator.qbxml.formats import write_boolean
from emulator.qbxml.messages import Answer, MessageSet, OnError, Request, ResponseData
from emulator.qbxml.plan import plan_of
from emulator.qbxml.schema import schema_of
from emulator.qbxml.switches import Choices
from emulator.qbxml.versions import VERSIONS, Version, read_version

_DEFAULTS = Choices()

LINES_AT_ONCE: Final = 10_000
"""Lines of records that an answer writer makes one text of; some 250 kB."""
_ANSWER_PROLOG = '<?xml version="1.0" ?>'
_REQUEST_PROLOG = '<?xml version="1.0"?>'


def make_request(name: str, values: dict[str, object] | None = None, **attributes: str) -> Request:
    """Make a request by its name ("InvoiceAdd" or "InvoiceAddRq") for `encode_request_set`.

    The values are the content of the request element: for an Add `{"InvoiceAdd": {...}}`. Attributes are requestID, metaData,
    iterator, iteratorID. An unknown name is a mistake of the caller: KeyError.
    """
    full = name if name.endswith("Rq") else name + "Rq"
    message = schema_of(VERSIONS[-1]).message(full)
    if message is None:
        raise KeyError(name)
    return Request(full, message.noun, message.operation, dict(attributes), values or {})


def encode_request_set(
    version: Version | str,
    on_error: OnError | str,
    requests: Iterable[Request],
    *,
    response_data: ResponseData | None = None,
    old_id: str | None = None,
    new_id: str | None = None,
    choices: Choices = _DEFAULTS,
) -> str:
    """Write a document of requests, plain ASCII with references for the rest, as careful clients do (observed).

    Args:
        version: as it is to be declared; 1.0 and 1.1 by a DOCTYPE.
        on_error: stopOnError, continueOnError (or rollbackOnError, to see it refused).
        requests: made by `make_request`, or taken from a decoded set.
        response_data: includeNone for answers without records; None leaves the attribute out.
        old_id: oldMessageSetID, None leaves it out.
        new_id: newMessageSetID, None leaves it out.
        choices: the switches of this room.

    What the version does not have is left out. A request the version does not have raises KeyError.
    """
    declared = _known(version)
    pairs = {"onError": on_error, "responseData": response_data, "newMessageSetID": new_id, "oldMessageSetID": old_id}
    out = [_REQUEST_PROLOG, _version_line(declared), "<QBXML>", f"<QBXMLMsgsRq{_attributes(pairs)}>"]
    for request in requests:
        plan = plan_of(declared.schema_number, request.name, choices)
        inside: list[str] = []
        encode(request.values, plan, inside, empty=True)
        _element(request.name, _attributes(request.attributes), inside, out)
    out += ["</QBXMLMsgsRq>", "</QBXML>", ""]
    return _as_references("\n".join(out))


class AnswerWriter:
    """Writes a document of answers one answer after the other; of each it keeps the text alone.

    Args:
        asked: the message set that is answered, or only its version. With responseData="includeNone" no records are written. A set of
            subscription requests is answered in QBXMLSubscriptionMsgsRs, others in QBXMLMsgsRs (documented: schema).
        choices: the switches of this room.
    """

    def __init__(self, asked: MessageSet | Version | str, choices: Choices = _DEFAULTS) -> None:
        with_records = True
        self._element = "QBXMLMsgsRs"
        if isinstance(asked, MessageSet):
            with_records = asked.response_data != "includeNone"
            self._element = "QBXMLSubscriptionMsgsRs" if asked.subscription else "QBXMLMsgsRs"
            asked = asked.version
        self._schema_number = _known(asked).schema_number
        self._with_records = with_records
        self._choices = choices
        self._body: list[str] = []

    def add(self, answer: Answer) -> int:
        """Write the next answer, in the order of the requests; what the version does not have is left out of its records.

        Returns: how many records it has.
        """
        status = answer.status
        pairs = {
            "requestID": answer.attributes.get("requestID"),
            "statusCode": str(status.code),
            "statusSeverity": status.severity,
        }
        pairs["statusMessage"] = status.message or None
        pairs |= {name: answer.attributes.get(name) for name in ("retCount", "iteratorRemainingCount", "iteratorID")}
        inside: list[str] = []
        lines: list[str] = []
        count = 0
        if self._with_records and answer.records:
            plan = plan_of(self._schema_number, answer.name, self._choices)
            for name, value in answer.records:
                encode_child(plan, name, value, lines, empty=False)
                count += 1
                # One text for many records: a list of their lines takes several times the room.
                if len(lines) >= LINES_AT_ONCE:
                    inside.append(self._text(lines))
                    lines = []
        if lines:
            inside.append(self._text(lines))
        _element(answer.name, _attributes(pairs), inside, self._body)
        return count

    def _text(self, lines: list[str]) -> str:
        text = "\n".join(lines)
        return _as_references(text) if self._choices.answer_characters == "references" else text

    def document(self, attributes: Mapping[str, str] | None = None) -> str:
        """Return the document.

        Args:
            attributes: of the message set (newMessageSetID, messageSetStatusCode); none without error recovery (observed).
        """
        out = [_ANSWER_PROLOG, "<QBXML>"]
        _element(self._element, _attributes(attributes or {}), self._body, out)
        out += ["</QBXML>", ""]
        return self._text(out)


def encode_answer_set(
    asked: MessageSet | Version | str,
    answers: Iterable[Answer],
    attributes: Mapping[str, str] | None = None,
    *,
    choices: Choices = _DEFAULTS,
) -> str:
    """Write a document of answers that are at hand; see AnswerWriter for the arguments."""
    writer = AnswerWriter(asked, choices)
    for answer in answers:
        writer.add(answer)
    return writer.document(attributes)


def encode_events(version: Version, events: Iterable[tuple[str, Mapping[str, object]]], *, choices: Choices = _DEFAULTS) -> str:
    """Write a document of events (QBXMLEvents), as the callback of a subscriber gets it.

    Args:
        version: the one the subscription was made in; the document declares it.
        events: DataEvents, or one UIEvent or UIExtensionEvent: its name and its values (text, booleans, and mappings of them) in schema
            order. Nothing is left out or checked here: `structure_of_rows("QBXMLEvents")` of xsd.py has the structure.
        choices: the switches of this room.
    """
    out = [_ANSWER_PROLOG, f'<?qbxml version="{version}" ?>', "<QBXML>", "<QBXMLEvents>"]
    for name, values in events:
        _event(name, values, out)
    text = "\n".join([*out, "</QBXMLEvents>", "</QBXML>", ""])
    return _as_references(text) if choices.answer_characters == "references" else text


def _event(name: str, value: object, out: list[str]) -> None:
    if isinstance(value, Mapping):
        inside: list[str] = []
        for child, each in value.items():
            _event(child, each, inside)
        _element(name, "", inside, out)
    else:
        out.append(f"<{name}>{escape(value) if isinstance(value, str) else write_boolean(value)}</{name}>")


def _element(name: str, attributes: str, inside: list[str], out: list[str]) -> None:
    if not inside:
        out.append(f"<{name}{attributes} />")
        return
    out.append(f"<{name}{attributes}>")
    out += inside
    out.append(f"</{name}>")


def _attributes(pairs: Mapping[str, str | None]) -> str:
    return "".join(f' {name}="{escape_attribute(text)}"' for name, text in pairs.items() if text is not None)


def _version_line(version: Version) -> str:
    if version.doctype or version.number in _BY_DOCTYPE:
        return f"<!DOCTYPE QBXML PUBLIC '-//INTUIT//DTD QBXML QBD {version}//EN' 'http://developer.intuit.com'>"
    return f'<?qbxml version="{version}"?>'


def _known(version: Version | str) -> Version:
    if isinstance(version, Version):
        return version
    known = read_version(version)
    if known is None:
        raise ValueError(f"qbXML version {version!r} is not one of {', '.join(VERSIONS)}")
    return known


def _as_references(text: str) -> str:
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


_BY_DOCTYPE = ("1.0", "1.1")
