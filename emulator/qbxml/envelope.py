"""Documents of requests and answers: what stands around the messages, and the way from text to a MessageSet.

    text -> prolog.py (encoding, version) -> lxml (no DTD, no entities, no network) -> attributes of the set -> per message:
    structure pass (xsd.py) -> value pass and decoding (codec.py)

A mistake in the structure refuses the whole document (NotValid); a value that does not convert becomes the fault of its request.
"""

from collections import deque
from functools import lru_cache

from lxml import etree

from emulator.core.errors import nearest
from emulator.qbxml import status
from emulator.qbxml.codec import decode, records_of
from emulator.qbxml.diagnosis import PARSE, ROLLBACK, WRONG_CALL, Diagnosis, NotValid, line_of
from emulator.qbxml.explain import explain
from emulator.qbxml.limits import DEPTH_MAX, TEXT_BYTES_MAX, Limits
from emulator.qbxml.messages import Answer, AnswerSet, MessageSet, Request
from emulator.qbxml.plan import plan_of
from emulator.qbxml.prolog import open_document, version_of
from emulator.qbxml.schema import Message, first_version, is_private, schema_of
from emulator.qbxml.status import Status
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue
from emulator.qbxml.versions import VERSIONS, Version
from emulator.qbxml.xsd import structure_of, structure_of_rows

MESSAGE_SET_ID_LENGTH_MAX = 24
"""Longest newMessageSetID and oldMessageSetID; a longer one gives message set status 9004 (documented)."""

ON_ERROR = ("stopOnError", "continueOnError", "rollbackOnError")
RESPONSE_DATA = ("includeAll", "includeNone")
MESSAGE_SETS = ("QBXMLMsgsRq", "QBXMLSubscriptionMsgsRq")
_SET_ATTRIBUTES = ("oldMessageSetID", "newMessageSetID", "responseData", "onError")
_DEFAULTS = Choices()
_LIMITS = Limits()


def decode_set(
    document: bytes | str, limits: Limits = _LIMITS, choices: Choices = _DEFAULTS, *, subscription: bool = False
) -> MessageSet:
    """Read a document of requests.

    Args:
        document: bytes as they came, or text (a COM string; the encoding it declares is ignored then).
        limits: what a document may cost.
        choices: the switches of this room.
        subscription: the call takes subscription requests (ProcessSubscription) instead of ordinary ones.

    Raises NotValid with result 0x80040400, 0x80040413 (rollbackOnError), 0x80040423 (version) or 0x80040429 (the set belongs to
    the other call).
    """
    opened = open_document(document, limits, choices)
    root = _parse(opened.body, choices)
    version = version_of(opened, choices)
    holder = _message_set_element(root)
    if holder is None:
        return MessageSet(version, subscription=subscription)
    if (holder.tag == MESSAGE_SETS[1]) is not subscription:
        raise NotValid(
            WRONG_CALL, Diagnosis("this call does not take such a message set", line_of(holder), found=f"<{holder.tag}>")
        )
    message_set = _set_of(holder, version, subscription)
    if len(holder) > limits.requests:
        raise NotValid(PARSE, Diagnosis(f"more than {limits.requests} requests in one message set", limit="requests"))
    _no_text(holder, f"QBXML/{holder.tag}")
    message_set.requests = [_request(element, version, limits, choices, subscription) for element in holder]
    if holder.get("onError") == "rollbackOnError":
        raise NotValid(ROLLBACK, Diagnosis("QuickBooks Desktop does not roll back", line_of(holder), found="rollbackOnError"))
    return message_set


def decode_answer_set(
    document: bytes | str,
    version: str = VERSIONS[-1],
    limits: Limits = _LIMITS,
    choices: Choices = _DEFAULTS,
    *,
    strict: bool = False,
) -> AnswerSet:
    """Read a document of answers, for connectors and tests.

    Args:
        document: as QuickBooks returned it; answers declare no version.
        version: the version of the request, which the answer follows.
        limits: what a document may cost.
        choices: the switches of this room.
        strict: refuse what the schema does not have; otherwise such elements are passed over, as a good client does.

    Raises NotValid when the document is no set of answers, or (strict) not valid.
    """
    number = Version(version).schema_number
    lenient = Choices(
        namespace_declarations="ignored",
        raw_outside_code_page="kept",
        references_outside_code_page="kept",
        unsupported_fields="530-kept",
    )
    root = _parse(open_document(document, limits, lenient).body, lenient)
    found = (root.find(name) for name in _ANSWER_SETS if root.tag == "QBXML")
    holder = next((each for each in found if each is not None), None)
    if holder is None:
        raise NotValid(PARSE, Diagnosis("this is no document of answers", line_of(root), found=f"<{root.tag}>"))
    return AnswerSet([_answer(element, number, lenient, strict) for element in holder], _attributes_of(holder))


_ANSWER_SETS = ("QBXMLMsgsRs", "QBXMLSubscriptionMsgsRs")


def _parse(body: bytes, choices: Choices) -> etree._Element:
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as problem:
        text = problem.msg or "not well-formed"
        limit = ""
        if "depth" in text.lower():
            text, limit = f"elements are nested deeper than {DEPTH_MAX}", "DEPTH_MAX"
        elif "too long" in text.lower() or "too large" in text.lower() or "too big" in text.lower():
            text, limit = f"a text is longer than {TEXT_BYTES_MAX} bytes", "TEXT_BYTES_MAX"
        raise NotValid(PARSE, Diagnosis(f"not well-formed: {text}", problem.lineno or 0, limit=limit)) from None
    if b"xmlns" in body:
        _refuse_namespaces(root, choices)
    return root


def _refuse_namespaces(root: etree._Element, choices: Choices) -> None:
    """Refuse what is in a namespace.

    A schema lets xsi:schemaLocation, xsi:type and xsi:nil pass on every element, and the first of them would make the validator
    fetch what a stranger's document names.
    """
    for element in root.iter():
        if element.nsmap and choices.namespace_declarations != "ignored":
            raise NotValid(
                PARSE, Diagnosis("namespaces are not known", line_of(element), found=", ".join(map(repr, element.nsmap.values())))
            )
        strange = next((str(name) for name in (element.tag, *element.attrib) if str(name).startswith("{")), None)
        if strange is not None:
            raise NotValid(PARSE, Diagnosis("this name is in a namespace", line_of(element), found=strange))


@lru_cache(maxsize=1)
def _parser() -> etree.XMLParser:
    """The one parser; it keeps nothing from one document to the next."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _attributes_of(element: etree._Element) -> dict[str, str]:
    """Every attribute as text. Only for elements that are known to be right: it is slow for very many attributes."""
    return {str(key): str(text) for key, text in element.attrib.items()}


def _message_set_element(root: etree._Element) -> etree._Element | None:
    """Check root and sign-on; return the message set, None when the document has none (legal in the schema)."""
    line = line_of(root)
    if root.tag != "QBXML":
        near = nearest(str(root.tag), ("QBXML",)) or ""
        raise NotValid(PARSE, Diagnosis("unknown root element", line, found=f"<{root.tag}>", expected=("QBXML",), nearest=near))
    if root.attrib:
        raise NotValid(PARSE, Diagnosis("unknown attribute", line, "QBXML", found=str(next(iter(root.attrib)))))
    _no_text(root, "QBXML")
    children = list(root)
    if children and children[0].tag == "SignonMsgsRq":
        _check_signon(children[0])
        children = children[1:]
    if len(children) > 1 or (children and children[0].tag not in MESSAGE_SETS):
        wrong = children[0] if children[0].tag not in MESSAGE_SETS else children[1]
        near = nearest(str(wrong.tag), MESSAGE_SETS) or ""
        expected = MESSAGE_SETS if wrong is children[0] else ("</QBXML>",)
        raise NotValid(
            PARSE,
            Diagnosis("this element is not expected here", line_of(wrong), "QBXML", f"<{wrong.tag}>", expected, near),
        )
    return children[0] if children else None


def _check_signon(element: etree._Element) -> None:
    structure = structure_of_rows("SignonMsgsRq")
    if not structure.validate(element):
        problem = structure.error_log[0]  # type: ignore[index]  # the stubs have no item access
        raise NotValid(PARSE, Diagnosis(problem.message, problem.line, "QBXML/SignonMsgsRq"))


def _no_text(element: etree._Element, path: str) -> None:
    for text, line in [(element.text, line_of(element)), *((child.tail, line_of(child)) for child in element)]:
        if text and not text.isspace():
            raise NotValid(PARSE, Diagnosis("text stands between elements", line, path, repr(text.strip()[:40])))


def _set_of(holder: etree._Element, version: Version, subscription: bool) -> MessageSet:
    """Read the attributes of a message set; a subscription set has none (documented)."""
    line, path = line_of(holder), f"QBXML/{holder.tag}"
    known = () if subscription else _SET_ATTRIBUTES
    for name in holder.attrib:
        if name not in known:
            raise NotValid(PARSE, Diagnosis("unknown attribute", line, path, str(name), known, nearest(str(name), known) or ""))
    if subscription:
        return MessageSet(version, subscription=True)
    on_error, response_data = holder.get("onError"), holder.get("responseData", RESPONSE_DATA[0])
    if on_error is None:
        raise NotValid(PARSE, Diagnosis("a required attribute is missing", line, path, expected=("onError",)))
    for name, text, values in (("onError", on_error, ON_ERROR), ("responseData", response_data, RESPONSE_DATA)):
        if text not in values:
            where = f"{path}@{name}"
            raise NotValid(
                PARSE, Diagnosis("the value is not in the list", line, where, repr(text), values, nearest(text, values) or "")
            )
    return MessageSet(
        version,
        "continueOnError" if on_error == "continueOnError" else "stopOnError",
        "includeNone" if response_data == "includeNone" else "includeAll",
        holder.get("oldMessageSetID"),
        holder.get("newMessageSetID"),
    )


def _request(element: etree._Element, version: Version, limits: Limits, choices: Choices, subscription: bool) -> Request:
    name = str(element.tag)
    message = schema_of(version.schema_number).message(name) if name.endswith("Rq") else None
    if message is None or (message.kind == "subscription") is not subscription:
        if is_private(name) and name.endswith("Rq") and choices.private_requests == "1030":
            return Request(name, name[:-2], "Exec", _attributes_of(element), {}, fault=status.of(1030), line=line_of(element))
        raise _unknown_request(element, name, version, subscription)
    if not message.supported and choices.unsupported_requests != "1030":
        raise _unknown_request(element, name, version, subscription)
    value_lists = choices.bad_enum_value != "3110"
    structure = structure_of(version.schema_number, name, value_lists=value_lists)
    if not structure.validate(element):
        raise NotValid(PARSE, _explained(element, message, structure, value_lists))
    attributes = _attributes_of(element)
    request = Request(name, message.noun, message.operation, attributes, {}, line=line_of(element), version=version.schema_number)
    request_id = attributes.get("requestID", "")
    if len(request_id) > limits.request_id_characters:
        request.fault = status.of(1060, value=request_id)
    elif not message.supported:
        request.fault = status.of(1030)
    else:
        _read_values(element, request, version, choices)
    return request


def _read_values(element: etree._Element, request: Request, version: Version, choices: Choices) -> None:
    warnings: list[Status] = []
    drop = choices.unsupported_fields != "530-kept"
    try:
        request.values = decode(element, plan_of(version.schema_number, request.name, choices), warnings, drop_unsupported=drop)
    except BadValue as bad:
        request.fault, request.fault_line = _status_of(bad), bad.line
        return
    if choices.unsupported_fields != "dropped":
        request.warnings = warnings


def _status_of(bad: BadValue) -> Status:
    return status.of(bad.code, field=bad.field, value=bad.value, from_value=bad.value, to_value=bad.other)


def _explained(element: etree._Element, message: Message, structure: etree.XMLSchema, value_lists: bool) -> Diagnosis:
    diagnosis = explain(element, message, "QBXML/QBXMLMsgsRq", value_lists=value_lists)
    if diagnosis is not None:
        return diagnosis
    # libxml2 is the judge; should our explanation miss its reason, its own words are better than none.
    problem = structure.error_log[0]  # type: ignore[index]  # the stubs have no item access
    return Diagnosis(problem.message, problem.line)


def _unknown_request(element: etree._Element, name: str, version: Version, subscription: bool) -> NotValid:
    names = tuple(schema_of(version.schema_number).requests(subscription=subscription))
    since = first_version(name)
    if since is None or not name.endswith("Rq"):
        problem = "unknown request"
    elif is_private(name):
        problem = "this request is for the maker's own programs only"
    elif name in schema_of(version.schema_number).requests(subscription=not subscription):
        problem = "this request belongs to the other kind of message set"
    else:
        problem = f"this request exists since {since} only, the document declares {version}"
    path = f"QBXML/{MESSAGE_SETS[subscription]}"
    return NotValid(PARSE, Diagnosis(problem, line_of(element), path, f"<{name}>", nearest=nearest(name, names) or ""))


def _answer(element: etree._Element, number: str, choices: Choices, strict: bool) -> Answer:
    name = str(element.tag)
    message = schema_of(number).message(name)
    if message is None:
        raise NotValid(PARSE, Diagnosis("unknown answer", line_of(element), "QBXML/QBXMLMsgsRs", f"<{name}>"))
    structure = structure_of(number, name)
    if strict and not structure.validate(element):
        raise NotValid(PARSE, _explained(element, message, structure, value_lists=True))
    plan = plan_of(number, name, choices)
    attributes = _attributes_of(element)
    code, severity = int(attributes.pop("statusCode", "0")), attributes.pop("statusSeverity", "")
    outcome = Status(code, severity, attributes.pop("statusMessage", ""))
    values = decode(element, plan, [], drop_unsupported=False, lenient=not strict)
    records = records_of(values, plan)
    return Answer(name, outcome, attributes, records, lines=_lines_of(element, [record for record, _value in records]))


def _lines_of(element: etree._Element, names: list[str]) -> list[int]:
    """Return the lines that the children of these names stand on: records of one name are in the order of the document."""
    found: dict[str, deque[int]] = {}
    for child in element:
        found.setdefault(str(child.tag), deque()).append(line_of(child))
    return [found[name].popleft() for name in names]
