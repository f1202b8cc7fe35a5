"""Documents of requests and answers: what stands around the messages, and the way from text to a MessageSet.

    text -> prolog.py (encoding, version) -> lxml (no DTD, no entities, no network) -> attributes of the set -> per message:
    structure pass (xsd.py) -> value pass and decoding (codec.py)

A mistake in the structure refuses the whole document (NotValid); a value that does not convert becomes the fault of its request.
"""

from collections import deque
from dataclasses import replace
from functools import lru_cache

from lxml import etree

from emulator.qbxml import status
from emulator.qbxml.codec import decode, records_of
from emulator.qbxml.correct import form_of
from emulator.qbxml.diagnosis import (
    PARSE,
    ROLLBACK,
    WRONG_CALL,
    Diagnosis,
    NotValid,
    line_of,
    names_down_to,
    of_stray_text,
    tag,
)
from emulator.qbxml.explain import explain, explain_rows, node_at, of_attributes
from emulator.qbxml.limits import Limits
from emulator.qbxml.meant import name_meant, same_but_case
from emulator.qbxml.messages import Answer, AnswerSet, MessageSet, Request
from emulator.qbxml.places import Places, place_of, place_of_text
from emulator.qbxml.plan import plan_of
from emulator.qbxml.prolog import Opened, open_document, version_of
from emulator.qbxml.schema import Attribute, Message, first_version, is_private, rows_of, schema_of
from emulator.qbxml.status import Status
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue
from emulator.qbxml.versions import VERSIONS, Version
from emulator.qbxml.wellformed import why_no_xml
from emulator.qbxml.xsd import structure_of, structure_of_rows

ON_ERROR = ("stopOnError", "continueOnError", "rollbackOnError")
RESPONSE_DATA = ("includeAll", "includeNone")
MESSAGE_SETS = ("QBXMLMsgsRq", "QBXMLSubscriptionMsgsRq")
CALLS = ("ProcessRequest", "ProcessSubscription")
"""The call that takes each kind of message set."""

_MESSAGE_SET = '<QBXMLMsgsRq onError="stopOnError">'
_OUTLINE = f"<QBXML>\n  {_MESSAGE_SET}\n    ...\n  </QBXMLMsgsRq>\n</QBXML>"
_SET_ATTRIBUTES = (
    Attribute("oldMessageSetID", "STRTYPE", False, ()),
    Attribute("newMessageSetID", "STRTYPE", False, ()),
    Attribute("responseData", "ENUMTYPE", False, RESPONSE_DATA),
    Attribute("onError", "ENUMTYPE", True, ON_ERROR),
)
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
    try:
        return _decoded(opened, limits, choices, subscription)
    except NotValid as refused:
        raise NotValid(refused.result, _placed(refused.diagnosis, opened.body)) from None


def _placed(diagnosis: Diagnosis, body: bytes) -> Diagnosis:
    """Return a diagnosis with the column of its element, and without the element: its tree is not kept."""
    if diagnosis.at is None:
        return diagnosis
    line, column = (place_of_text if diagnosis.at_text else place_of)(body, diagnosis.at)
    return replace(diagnosis, line=line, column=column, at=None)


def places_in(document: bytes | str, limits: Limits = _LIMITS, choices: Choices = _DEFAULTS) -> Places:
    """Return where the requests of a document stand that `decode_set` has taken with the same limits and choices."""
    opened = open_document(document, limits, choices)
    holder = next((each for each in _parse(opened.body, choices) if each.tag in MESSAGE_SETS), None)
    assert holder is not None, "a document with requests has a message set"
    return Places(opened.body, holder)


def _decoded(opened: Opened, limits: Limits, choices: Choices, subscription: bool) -> MessageSet:
    root = _parse(opened.body, choices)
    version = version_of(opened, choices)
    holder = _message_set_element(root)
    if holder is None:
        return MessageSet(version, subscription=subscription)
    if (holder.tag == MESSAGE_SETS[1]) is not subscription:
        raise NotValid(
            WRONG_CALL,
            Diagnosis(
                f"this call does not take such a message set: <{holder.tag}> goes to {CALLS[holder.tag == MESSAGE_SETS[1]]}",
                line_of(holder),
                found=f"<{holder.tag}>",
                at=holder,
            ),
        )
    message_set = _set_of(holder, version, subscription)
    if len(holder) > limits.requests:
        raise NotValid(PARSE, Diagnosis(f"more than {limits.requests} requests in one message set", limit="requests"))
    _no_text(holder, f"QBXML/{holder.tag}")
    message_set.requests = [_request(element, version, limits, choices, subscription) for element in holder]
    if holder.get("onError") == "rollbackOnError":
        told = "onError is rollbackOnError, and QuickBooks Desktop does not roll back"
        expected = ON_ERROR[:2]
        found = "rollbackOnError"
        path = f"QBXML/{holder.tag}@onError"
        raise NotValid(ROLLBACK, Diagnosis(told, line_of(holder), path, found, expected, form=_MESSAGE_SET, at=holder))
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
        raise NotValid(PARSE, why_no_xml(problem, body)) from None
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
                PARSE,
                Diagnosis(
                    f"namespaces are not known: <{etree.QName(element).localname}> declares one",
                    line_of(element),
                    found=", ".join(map(repr, element.nsmap.values())),
                    at=element,
                ),
            )
        strange = next((str(name) for name in (element.tag, *element.attrib) if str(name).startswith("{")), None)
        if strange is not None:
            raise NotValid(PARSE, Diagnosis("this name is in a namespace", line_of(element), found=strange, at=element))


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
    if root.tag != "QBXML":
        near = name_meant(str(root.tag), ("QBXML",))
        told = f"unknown root element {tag(root)}: a document of requests is one <QBXML>"
        raise NotValid(
            PARSE,
            Diagnosis(told, line_of(root), found=f"<{root.tag}>", expected=("QBXML",), nearest=near, form=_OUTLINE, at=root),
        )
    strange = of_attributes(root, (), "QBXML")
    if strange is not None:
        raise NotValid(PARSE, replace(strange, form="<QBXML>"))
    _no_text(root, "QBXML")
    children = list(root)
    if children and children[0].tag == "SignonMsgsRq":
        _check_signon(children[0])
        children = children[1:]
    if len(children) > 1 or (children and children[0].tag not in MESSAGE_SETS):
        wrong = children[0] if children[0].tag not in MESSAGE_SETS else children[1]
        near = name_meant(str(wrong.tag), MESSAGE_SETS)
        expected = MESSAGE_SETS if wrong is children[0] else ("</QBXML>",)
        raise NotValid(
            PARSE,
            Diagnosis(_told_in_root(wrong), line_of(wrong), "QBXML", f"<{wrong.tag}>", expected, near, form=_OUTLINE, at=wrong),
        )
    return children[0] if children else None


def _told_in_root(wrong: etree._Element) -> str:
    name = str(wrong.tag)
    if name in MESSAGE_SETS:
        return f"<{name}> is not expected here: a document holds one message set"
    if name == "SignonMsgsRq":
        return "wrong order: <SignonMsgsRq> stands before the message set, and once"
    if name.endswith("Rq") and first_version(name) is not None:
        return f"<{name}> stands in <QBXML> itself; a request stands in <{MESSAGE_SETS[0]}>"
    return f"{tag(name)} is not expected here: <QBXML> holds a message set"


def _check_signon(element: etree._Element) -> None:
    structure = structure_of_rows("SignonMsgsRq")
    if structure.validate(element):
        return
    model = schema_of(VERSIONS[-1]).resolve(rows_of("SignonMsgsRq"))
    diagnosis = explain_rows(element, model, "QBXML")
    raise NotValid(PARSE, diagnosis if diagnosis is not None else _in_its_words(structure, "QBXML/SignonMsgsRq"))


def _in_its_words(structure: etree.XMLSchema, path: str) -> Diagnosis:
    """Return what libxml2 says: it is the judge, and should our explanation miss its reason, its own words are better than none."""
    problem = structure.error_log[0]  # type: ignore[index]  # the stubs have no item access
    return Diagnosis(" ".join(problem.message.split()), problem.line, path)


def _no_text(element: etree._Element, path: str) -> None:
    stray = of_stray_text(element, path)
    if stray is not None:
        raise NotValid(PARSE, stray)


def _set_of(holder: etree._Element, version: Version, subscription: bool) -> MessageSet:
    """Read the attributes of a message set; a subscription set has none (documented)."""
    wrong = of_attributes(holder, () if subscription else _SET_ATTRIBUTES, f"QBXML/{holder.tag}")
    if wrong is not None:
        raise NotValid(PARSE, replace(wrong, form=f"<{holder.tag}>" if subscription else _MESSAGE_SET))
    if subscription:
        return MessageSet(version, subscription=True)
    on_error, response_data = holder.get("onError"), holder.get("responseData", RESPONSE_DATA[0])
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
        raise NotValid(PARSE, _explained(element, message, structure, choices, version))
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


def _explained(
    element: etree._Element, message: Message, structure: etree.XMLSchema, choices: Choices, version: Version
) -> Diagnosis:
    value_lists = choices.bad_enum_value != "3110"
    diagnosis = explain(element, message, "QBXML/QBXMLMsgsRq", value_lists=value_lists, version=version.number)
    if diagnosis is not None:
        return _with_form(diagnosis, element, message, choices)
    return _in_its_words(structure, f"QBXML/QBXMLMsgsRq/{message.name}")


def _with_form(diagnosis: Diagnosis, element: etree._Element, message: Message, choices: Choices) -> Diagnosis:
    """Add the nearest valid form of the innermost element around the mistake that may stand there."""
    concerned = diagnosis.at
    while concerned is not None:
        node = node_at(message, names_down_to(concerned, element))
        if node is not None and not (diagnosis.found == f"<{concerned.tag}>" and concerned is not element):
            return replace(diagnosis, form=form_of(concerned, node, choices))
        concerned = concerned.getparent() if concerned is not element else None
    return diagnosis


def _unknown_request(element: etree._Element, name: str, version: Version, subscription: bool) -> NotValid:
    names = tuple(schema_of(version.schema_number).requests(subscription=subscription))
    near = name_meant(name, names)
    since = first_version(name) if name.endswith("Rq") else None
    if since is None:
        right = same_but_case(name, names)
        problem = f"unknown request {tag(name)}"
        if right:
            problem += f": it is written <{right}>, upper and lower case count"
        elif near:
            problem += f": did you mean <{near}>?"
    elif is_private(name):
        problem = f"<{name}> is for the maker's own programs only"
    elif name in schema_of(version.schema_number).requests(subscription=not subscription):
        problem = f"<{name}> belongs to the other kind of message set, <{MESSAGE_SETS[not subscription]}>"
    else:
        problem = f"<{name}> exists since {since} only, the document declares {version}"
    path = f"QBXML/{MESSAGE_SETS[subscription]}"
    form = f"<{near}>" if near and since is None else ""
    return NotValid(
        PARSE,
        Diagnosis(problem, line_of(element), path, tag(name), nearest="" if since is not None else near, form=form, at=element),
    )


def _answer(element: etree._Element, number: str, choices: Choices, strict: bool) -> Answer:
    name = str(element.tag)
    message = schema_of(number).message(name)
    if message is None:
        raise NotValid(PARSE, Diagnosis(f"unknown answer <{name}>", line_of(element), "QBXML/QBXMLMsgsRs", f"<{name}>"))
    structure = structure_of(number, name)
    if strict and not structure.validate(element):
        raise NotValid(PARSE, _explained(element, message, structure, choices, Version(number)))
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
