"""The SOAP messages of the Web Connector: what it sends, byte for byte, and what it understands of an answer. No sockets here.

Sent (observed: bodies of a Web Connector 2.2.0.71): SOAP 1.1, one line, prefix `soap`, the three namespaces in this order, the operation
without a prefix under a default namespace; no arguments: a self-closed element; an empty text: an element that is there and empty; qbXML as
escaped text. Some services look for such spellings (`"<authenticate"`).

Read (observed: twelve services): elements are known by local name and namespace, whatever the prefix; text may be CDATA; white space and
`xsi:type` around it do not count; a text may stand inside one child (`<xResult><string>...`, node-soap). What a stricter reader would take
amiss is read and remarked (`Answered.remarks`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from emulator.webconnector.xml import NotXml, parse

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE: Final = "http://developer.intuit.com/"
_XSI_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"

PRODUCT_VERSION: Final = "2.3.0.215"
"""The strVersion of clientVersion (observed in the field; the last one known)."""

_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
)
_TAIL: Final = "</soap:Body></soap:Envelope>"

ResultType = Literal["text", "texts", "integer"]


@dataclass(frozen=True)
class Operation:
    """One operation of the service.

    Attributes:
        name: as on the wire.
        arguments: in their order.
        result: what the child `<name>Result` holds.
    """

    name: str
    arguments: tuple[str, ...]
    result: ResultType = "text"

    @property
    def action(self) -> str:
        """Return the value of the header SOAPAction, with its quotes (documented: WSDL)."""
        return f'"{NAMESPACE}{self.name}"'


OPERATIONS: Final = {
    operation.name: operation
    for operation in (
        Operation("serverVersion", ()),
        Operation("clientVersion", ("strVersion",)),
        Operation("authenticate", ("strUserName", "strPassword"), "texts"),
        Operation(
            "sendRequestXML",
            ("ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers"),
        ),
        Operation("receiveResponseXML", ("ticket", "response", "hresult", "message"), "integer"),
        Operation("connectionError", ("ticket", "hresult", "message")),
        Operation("getLastError", ("ticket",)),
        Operation("closeConnection", ("ticket",)),
        Operation("getInteractiveURL", ("wcTicket", "sessionID")),
        Operation("interactiveRejected", ("wcTicket", "reason")),
        Operation("interactiveDone", ("wcTicket",)),
    )
}
"""All operations (documented: WSDL), in the order of a session."""


class Unreadable(Exception):  # noqa: N818 - it is named for what happened
    """An answer that is none of the operation that was called; the text says why, for people."""


class Fault(Unreadable):
    """The service answered with a SOAP fault; the text is its faultstring."""


@dataclass(frozen=True)
class Answered:
    """What a service answered.

    Attributes:
        texts: the result; one text, or those of the array of authenticate.
        remarks: what a stricter reader than this one would have refused, for people.
    """

    texts: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the result of an operation that answers with one text."""
        return self.texts[0] if self.texts else ""

    @property
    def integer(self) -> int:
        """Return the result of receiveResponseXML.

        Raises:
            Unreadable: it is no whole number (reported: a decimal makes it throw), or one that no xs:int holds (documented: WSDL).
        """
        text = self.text.strip()
        written = re.fullmatch(r"([+-]?)0*([0-9]+)", text)
        if written is None:
            raise Unreadable(f"the result {_short(text)} is no whole number")
        sign, digits = written.groups()
        if len(digits) > len(str(INT_MAX)) or not INT_MIN <= int(sign + digits) <= INT_MAX:
            raise Unreadable(f"the result {_short(text)} is out of the range of a 32-bit int: {INT_MIN} to {INT_MAX}")
        return int(sign + digits)


INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1
"""What an xs:int holds."""


def _short(text: str, most: int = 40) -> str:
    return repr(text) if len(text) <= most else f"{text[:most]!r}..."


_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def envelope(operation: Operation, values: Sequence[str]) -> bytes:
    """Return the body of a request.

    Args:
        operation: which.
        values: of its arguments, in their order. Characters that no XML may hold are sent as question marks.
    """
    assert len(values) == len(operation.arguments), operation.name
    parts = [_element(name, value) for name, value in zip(operation.arguments, values, strict=True)]
    opened = f'{operation.name} xmlns="{NAMESPACE}"'
    body = f"<{opened}>{''.join(parts)}</{operation.name}>" if parts else f"<{opened} />"
    return f"{_HEAD}{body}{_TAIL}".encode()


def _element(name: str, value: str) -> str:
    if not value:
        return f"<{name} />"
    text = _NOT_XML.sub("?", value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A carriage return would be read as a line feed by every parser; .NET writes it as a reference.
    return f"<{name}>{text.replace(chr(13), '&#xD;')}</{name}>"


def read(operation: Operation, content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answered:
    """Return what a service answered to an operation.

    Args:
        operation: which was called.
        content: the body. status: the HTTP status. headers: of the answer, with names in small letters.

    Raises:
        Fault: it is a SOAP fault, with whatever status.
        Unreadable: anything else that is no answer.
    """
    try:
        root = parse(content)
    except NotXml as wrong:
        raise Unreadable(_why_no_answer(status, headers or {}, content, str(wrong))) from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Unreadable(_why_no_answer(status, headers or {}, content, f"the root is {_shown(root)}, not a SOAP 1.1 Envelope"))
    body = root.find(f"{{{ENVELOPE}}}Body")
    if body is None:
        raise Unreadable("the envelope has no Body")
    fault = body.find(f"{{{ENVELOPE}}}Fault")
    if fault is not None:
        raise Fault((fault.findtext("faultstring") or "").strip() or "a fault without a text")
    if not 200 <= status < 300:
        raise Unreadable(f"HTTP status {status}")
    if len(body) == 0:
        # The real one meets a null here.
        raise Unreadable("Object reference not set to an instance of an object: the Body is empty")
    return _result(operation, body[0])


def _result(operation: Operation, response: etree._Element) -> Answered:
    wanted = f"{operation.name}Response"
    if etree.QName(response).localname != wanted or etree.QName(response).namespace != NAMESPACE:
        raise Unreadable(f"the Body holds {_shown(response)}, not {wanted} of the namespace {NAMESPACE}")
    remarks = []
    result = response.find(f"{{{NAMESPACE}}}{operation.name}Result")
    if result is None:
        result = response.find(f"{operation.name}Result")
        if result is not None:
            remarks.append(f"{operation.name}Result stands in no namespace: a strict reader sees nothing")
    if result is None:
        if len(response):
            raise Unreadable(f"{wanted} holds {_shown(response[0])}, not {operation.name}Result")
        # All texts are optional in the WSDL.
        return Answered(())
    if operation.result == "texts":
        return Answered(tuple(_text(each, remarks) for each in result), tuple(remarks))
    if len(result) == 1 and not len(result[0]) and not (result.text or "").strip():
        remarks.append(f"{operation.name}Result holds <{etree.QName(result[0]).localname}> around its text")
        return Answered((_text(result[0], remarks),), tuple(remarks))
    return Answered((_text(result, remarks),), tuple(remarks))


def _text(element: etree._Element, remarks: list[str]) -> str:
    """Return the text of an element, as it stands; nil is empty."""
    if len(element):
        raise Unreadable(f"{_shown(element)} holds {_shown(element[0])} where a text was expected")
    if element.get(_XSI_NIL) in ("true", "1"):
        return ""
    if etree.QName(element).namespace not in (NAMESPACE, None):
        remarks.append(f"{_shown(element)} is of another namespace than {NAMESPACE}")
    return element.text or ""


def _shown(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"<{name.localname}> of {name.namespace or 'no namespace'}"


def _why_no_answer(status: int, headers: Mapping[str, str], content: bytes, why: str) -> str:
    """Say what came instead of an answer: the HTTP status first, that it is a page when it looks like one, or that it is compressed."""
    start = content.lstrip()[:200].lower()
    is_page = b"<html" in start or b"<!doctype html" in start or "html" in headers.get("content-type", "")
    coding = headers.get("content-encoding", "").strip()
    if coding.lower() not in ("", "identity"):
        why = f"the answer cannot be read: it is compressed ({coding}), which nobody asked for"
    seen = "an HTML page came instead of a SOAP answer" if is_page else why if content.strip() else "the answer is empty"
    return seen if 200 <= status < 300 else f"HTTP status {status}; {seen}"
