"""The structure pass: an XSD made from the data, compiled with lxml, one small schema per message and version.

Order, occurrence, choices, unknown elements and attributes, and value lists are checked in C by libxml2. Lengths, numbers,
dates and ids are not: they give a status code per request (values.py), while a mistake found here refuses the whole document
(0x80040400, documented). The first InvoiceAdd of a process therefore compiles one message, not 268.

No content model names an element twice (see schema.py), so Unique Particle Attribution holds by itself. A choice whose branch
may be empty is fine for libxml2 as well: no two particles can claim the same element.
"""

from collections.abc import Iterable
from functools import cache

from lxml import etree

from emulator.qbxml.escapes import escape_attribute
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, rows_of, schema_of
from emulator.qbxml.versions import VERSIONS

_HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'


@cache
def structure_of(schema_number: str, name: str, *, value_lists: bool = True) -> etree.XMLSchema:
    """Return the compiled schema of one message.

    Args:
        schema_number: version whose messages are used.
        name: message name; it must exist at that version (KeyError otherwise).
        value_lists: check the value lists of ENUMTYPE elements here (switch qbxml.bad-enum-value).
    """
    message = schema_of(schema_number).message(name)
    if message is None:
        raise KeyError(name)
    return etree.XMLSchema(etree.fromstring(write_xsd(message, value_lists=value_lists)))


@cache
def structure_of_rows(name: str) -> etree.XMLSchema:
    """Return the compiled schema of what stands around the messages: SignonMsgsRq, SignonMsgsRs or QBXMLEvents.

    It is the same at every version (documented for 12.0 to 16.0, taken to be so before).
    """
    writer = _Writer(value_lists=True)
    element = writer.aggregate(name, schema_of(VERSIONS[-1]).resolve(rows_of(name)), (), occurs="")
    return etree.XMLSchema(etree.fromstring("".join([_HEAD, element, *writer.types, "</xs:schema>"])))


def write_xsd(message: Message, *, value_lists: bool = True) -> str:
    """Return the text of the schema of one message. Content models used twice become one named type."""
    writer = _Writer(value_lists)
    element = writer.aggregate(message.name, message.children, message.attributes, occurs="")
    return "".join([_HEAD, element, *writer.types, "</xs:schema>"])


class _Writer:
    """Collects the named types while the elements are written."""

    def __init__(self, value_lists: bool) -> None:
        self.value_lists = value_lists
        self.types: list[str] = []
        self._names: dict[object, str] = {}

    def aggregate(self, name: str, children: Model, attributes: tuple[Attribute, ...], occurs: str) -> str:
        """An element with children, of a named type."""
        return f'<xs:element name="{name}"{occurs} type="{self._aggregate_type(children, attributes)}"/>'

    def _aggregate_type(self, children: Model, attributes: tuple[Attribute, ...]) -> str:
        # Shared groups resolve to one and the same tuple, so identity finds what can share a type. The empty
        # tuple is the same everywhere, which is right: an empty content model is the same everywhere.
        key = (id(children), attributes)
        if key not in self._names:
            self._names[key] = f"A{len(self._names)}"
            body = f"<xs:sequence>{''.join(map(self._particle, children))}</xs:sequence>" if children else ""
            attribute_text = "".join(map(self._attribute, attributes))
            self.types.append(f'<xs:complexType name="{self._names[key]}">{body}{attribute_text}</xs:complexType>')
        return self._names[key]

    def _particle(self, part: Node | Choice) -> str:
        occurs = _occurs(part.minimum, part.maximum)
        if isinstance(part, Choice):
            branches = "".join(self._branch(branch) for branch in part.branches)
            return f"<xs:choice{occurs}>{branches}</xs:choice>"
        if part.type:
            return f'<xs:element name="{part.name}"{occurs} type="{self._leaf_type(part)}"/>'
        return self.aggregate(part.name, part.children, part.attributes, occurs)

    def _branch(self, branch: Model) -> str:
        inside = "".join(map(self._particle, branch))
        return inside if len(branch) == 1 else f"<xs:sequence>{inside}</xs:sequence>"

    def _leaf_type(self, node: Node) -> str:
        values = node.values if self.value_lists else ()
        base = self._list_type(values) if values else "xs:string"
        if not node.attributes:
            return base
        key = (base, node.attributes)
        if key not in self._names:
            self._names[key] = f"L{len(self._names)}"
            attributes = "".join(map(self._attribute, node.attributes))
            self.types.append(
                f'<xs:complexType name="{self._names[key]}"><xs:simpleContent><xs:extension base="{base}">'
                f"{attributes}</xs:extension></xs:simpleContent></xs:complexType>"
            )
        return self._names[key]

    def _list_type(self, values: tuple[str, ...]) -> str:
        if values not in self._names:
            self._names[values] = f"E{len(self._names)}"
            self.types.append(f'<xs:simpleType name="{self._names[values]}">{_restriction(values)}</xs:simpleType>')
        return self._names[values]

    def _attribute(self, attribute: Attribute) -> str:
        use = ' use="required"' if attribute.required else ""
        kind = self._list_type(attribute.values) if attribute.values else "xs:string"
        return f'<xs:attribute name="{attribute.name}" type="{kind}"{use}/>'


def _restriction(values: Iterable[str]) -> str:
    items = "".join(f'<xs:enumeration value="{escape_attribute(value)}"/>' for value in values)
    return f'<xs:restriction base="xs:string">{items}</xs:restriction>'


def _occurs(minimum: int, maximum: int | None) -> str:
    text = "" if minimum == 1 else f' minOccurs="{minimum}"'
    if maximum == 1:
        return text
    return text + (' maxOccurs="unbounded"' if maximum is None else f' maxOccurs="{maximum}"')
