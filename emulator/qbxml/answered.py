"""Why a request of a document that was taken is answered with an error status, as far as the document itself tells.

What the company file knows of it (which names there are, which EditSequence is the current one) is added by the room above.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from emulator.qbxml.correct import example_of, nearest_text
from emulator.qbxml.diagnosis import Diagnosis, names_down_to, shown, tag
from emulator.qbxml.explain import node_at
from emulator.qbxml.messages import Request
from emulator.qbxml.places import Places
from emulator.qbxml.schema import Message, Node, schema_of
from emulator.qbxml.status import QUICKBOOKS_SAYS, Status
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue, reader_of

HOLDS: dict[str, tuple[str, str]] = {
    "BOOLTYPE": ("neither true nor false", "true or false"),
    "DATETYPE": ("no date", "YYYY-MM-DD, a day that exists"),
    "DATETIMETYPE": (
        "no date with a time",
        "YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, at the end +hh:mm or -hh:mm at most, a moment that exists",
    ),
    "TIMEINTERVALTYPE": ("no time interval", "PT8H30M: hours, minutes, seconds"),
    "AMTTYPE": ("no amount", "digits (at most 13) and a point with two decimals, or none"),
    "PRICETYPE": ("no price", "digits (at most 10) and a point with at most five decimals"),
    "QUANTYPE": ("no quantity", "digits (at most 10) and a point with at most five decimals"),
    "PERCENTTYPE": ("no percentage", "digits (at most 10) and a point with at most five decimals, without a sign for percent"),
    "FLOATTYPE": ("no number", "digits and a point with decimals"),
    "INTTYPE": ("no whole number", "digits"),
    "IDTYPE": ("no identity that QuickBooks gives", "a ListID or TxnID as an answer told it, such as 80000001-1446676743"),
    "GUIDTYPE": ("no GUID", "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}, or 0 for none"),
}
"""Primitive type -> what a text that does not convert is not, and what is expected."""


@dataclass(frozen=True, slots=True)
class Concern:
    """What a status of an answer is about.

    Attributes:
        request: the request.
        outcome: the status it is answered with.
        number: its number in the message set, from 0.
        places: where things stand in the document.
        element: the element it is about; the request itself when no smaller one is known.
        node: what the schema says of it; None when it is not in the schema.
    """

    request: Request
    outcome: Status
    number: int
    places: Places
    element: etree._Element
    node: Node | Message | None

    @property
    def text(self) -> str:
        """Return the text of the element."""
        return self.element.text or ""

    def diagnosis(
        self, problem: str, expected: tuple[str, ...] = (), nearest: str = "", form: str = "", at: etree._Element | None = None
    ) -> Diagnosis:
        """Return a finding about the element, or about another one (`at`) of the request."""
        element = self.element if at is None else at
        line, column = self.places.place(self.number, element)
        text = element.text or ""
        found = shown(text) if text and not len(element) else tag(element)
        return Diagnosis(problem, line, "/".join(names_down_to(element)), found, expected, nearest, column=column, form=form)


def concern_of(outcome: Status, request: Request, number: int, places: Places) -> Concern:
    """Find out what a status is about.

    Args:
        outcome: an error status.
        request: the request it answers.
        number: of the request in its message set, from 0.
        places: see `envelope.places_in`.
    """
    root = places.request(number)
    element = _element_of(root, outcome)
    message = schema_of(request.version).message(request.name)
    node = node_at(message, names_down_to(element, root)) if message is not None else None
    return Concern(request, outcome, number, places, element, node)


def why_answered(concern: Concern, choices: Choices) -> Diagnosis:
    """Return what the document itself tells of an error status; the sentence of the answer when that is nothing."""
    node = concern.node
    if isinstance(node, Node) and node.type:
        told = _value(concern, node, choices)
        if told is not None:
            return told
    slots = concern.outcome.slots
    if concern.outcome.code == 3150 and "field" in slots:
        field = str(slots["field"])
        return concern.diagnosis(f"<{field}> is missing, or is empty and must hold something", (f"<{field}>",))
    if concern.outcome.code == 3030 and "to_value" in slots:
        told_text = f"the range is the wrong way round: it begins with {slots['from_value']} and ends with {slots['to_value']}"
        return concern.diagnosis(told_text, ("a From that is not after its To",))
    return concern.diagnosis(in_plain_words(concern.outcome))


def in_plain_words(outcome: Status) -> str:
    """Return the sentence of an answer with what QuickBooks itself adds in front, for that is the cause."""
    sentence, _, reason = outcome.message.partition(QUICKBOOKS_SAYS)
    return f"{reason.strip()} {sentence}" if reason.strip() else sentence or f"status {outcome.code}"


def _value(concern: Concern, node: Node, choices: Choices) -> Diagnosis | None:
    """Say why the text of a leaf is not taken; None when the text is as the schema wants it."""
    text, code = concern.text, concern.outcome.code
    if code == 3150 and not text:
        return concern.diagnosis(f"<{node.name}> is empty, and must hold something", form=example_of(node))
    try:
        reader_of(node, choices)(text)
    except BadValue as bad:
        if bad.code != code:
            return None
    else:
        return None
    right = nearest_text(node, text, choices)
    form = example_of(node, right)
    if code == 3070 and node.length_max is not None:
        told = f"<{node.name}> holds {len(text)} characters, and may hold {node.length_max}"
        return concern.diagnosis(told, (f"at most {node.length_max} characters",), form=form)
    if node.values:
        return concern.diagnosis(f"{shown(text)} is not in the list of values of <{node.name}>", node.values, right, form)
    if _is_out_of_range(node, text):
        bounds = " ".join(
            part for part in (node.smallest and f"at least {node.smallest}", node.largest and f"at most {node.largest}") if part
        )
        return concern.diagnosis(f"<{node.name}> holds {shown(text)}, which is out of its range", (bounds,), form=form)
    is_not, expected = HOLDS.get(node.type, ("not what it should be", ""))
    return concern.diagnosis(f"<{node.name}> holds {shown(text)}, which is {is_not}", (expected,) if expected else (), form=form)


def _is_out_of_range(node: Node, text: str) -> bool:
    if not node.smallest and not node.largest:
        return False
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return bool((node.smallest and number < Decimal(node.smallest)) or (node.largest and number > Decimal(node.largest)))


def _element_of(root: etree._Element, outcome: Status) -> etree._Element:
    """Return the element of a request that a status is about, by what its sentence was filled with; the request when none is found."""
    slots = outcome.slots
    value = str(slots.get("value") or "")
    field = str(slots.get("field") or "")
    if field:
        named = list(root.iter(field))
        same = next((each for each in named if (each.text or "") == value), None)
        return same if same is not None else named[0] if named else root
    holds_value = [each for each in root.iter() if not len(each) and (each.text or "") == value] if value else []
    if "reference" in slots or "list" in slots:
        references = [each.getparent() for each in holds_value if each.tag in ("ListID", "FullName")]
        found = next((each for each in references if each is not None and str(each.tag).endswith("Ref")), None)
        if found is None and not value:
            found = next((each for each in root.iter() if str(each.tag).endswith("Ref") and not "".join(each.itertext()).strip()), None)  # type: ignore[arg-type]  # fmt: skip
        if found is not None:
            return found
    return holds_value[0] if holds_value else root
