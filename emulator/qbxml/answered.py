"""Why a request of a document that was taken is answered with an error status, as far as the document itself tells.

What the company file knows of it (which names there are, which EditSequence is the current one) is added by the room above.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from emulator.qbxml.correct import leaf_form
from emulator.qbxml.diagnosis import SHOWN_MAX, Diagnosis, line_of, names_down_to, not_in_list, shown, tag
from emulator.qbxml.explain import node_at
from emulator.qbxml.meant import text_meant
from emulator.qbxml.messages import MessageSet, Request
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
        attribute = str(self.outcome.slots.get("element") or "") if at is None else ""
        attribute = attribute if attribute[:1] == "@" and attribute[1:] in element.attrib else ""
        text = element.get(attribute[1:], "") if attribute else element.text or ""
        found = shown(text) if text and (attribute or not len(element)) else tag(element)
        return Diagnosis(
            problem, line, "/".join(names_down_to(element)) + attribute, found, expected, nearest, column=column, form=form
        )


def concern_of(outcome: Status, request: Request, number: int, places: Places) -> Concern:
    """Find out what a status is about.

    Args:
        outcome: an error status.
        request: the request it answers.
        number: of the request in its message set, from 0.
        places: see `envelope.places_in`.
    """
    root = places.request(number)
    element = _element_of(root, outcome, request)
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
        if concern.element.tag == field and concern.text and not concern.text.strip():
            return concern.diagnosis(f"<{field}> holds blanks alone, and must hold something", ("a text",))
        return concern.diagnosis(f"<{field}> is missing, or is empty and must hold something", (f"<{field}>",))
    if concern.outcome.code == 3090 and ":" in concern.text:
        told_text = f"<{concern.element.tag}> holds {shown(concern.text)}, and a name may hold no colon: it parts levels"
        return concern.diagnosis(told_text, ("a name without a colon", "the record above it named by <ParentRef>"))
    if concern.outcome.code == 3030 and "to_value" in slots:
        told_text = f"the range is the wrong way round: it begins with {_plainly(slots['from_value'])} and ends with {_plainly(slots['to_value'])}"
        return concern.diagnosis(told_text, ("a From that is not after its To",))
    return concern.diagnosis(in_plain_words(concern.outcome), _EXPECTED.get(concern.outcome.code, ()))


_EXPECTED: Final[dict[int, tuple[str, ...]]] = {
    3205: ("an address that prints as five lines at most",),
    3390: ("an iterator read to its end, or stopped, before another is started",),
    3391: ("the iteratorID of the last answer, in the same session, for the same request",),
}
"""Status code -> what is expected in place of what got it, where no element says it."""


def why_set_answered(code: str, messages: MessageSet, places: Places) -> Diagnosis | None:
    """Return why a message set as a whole is answered with a status; None for one that says that all is well.

    Args:
        code: messageSetStatusCode.
        messages: the set.
        places: see `envelope.places_in`.
    """
    old, new = messages.old_id or "", messages.new_id or ""
    ids = {"oldMessageSetID": old, "newMessageSetID": new}
    name = next((each for each in ids if len(ids[each]) > MESSAGE_SET_ID_LENGTH_MAX), "") if code == "9004" else ""
    name = name or ("oldMessageSetID" if code == "600" else "newMessageSetID")
    sentence, expected = _OF_SETS.get(code, ("", ""))
    if not sentence:
        return None
    told = sentence.format(name=name, id=shown(ids[name]), length=len(ids[name]), most=MESSAGE_SET_ID_LENGTH_MAX)
    line, column = places.set_place
    wanted = (expected.format(most=MESSAGE_SET_ID_LENGTH_MAX),)
    return Diagnosis(told, line, f"QBXML/QBXMLMsgsRq@{name}", shown(ids[name]), wanted, column=column)


MESSAGE_SET_ID_LENGTH_MAX: Final = 24
"""Longest newMessageSetID and oldMessageSetID; a longer one gives message set status 9004 (documented)."""

_OF_SETS: Final[dict[str, tuple[str, str]]] = {
    "600": (
        "nothing is stored under {name} {id} that could be forgotten",
        "the newMessageSetID of a set that was answered before",
    ),
    "9001": (
        "under {name} {id} the outcome of a set with other requests is stored: nothing is processed",
        "the same requests as then, or a new id",
    ),
    "9002": ("no outcome is stored under {name} {id}", "the newMessageSetID of a set that was answered before"),
    "9004": ("{name} holds {length} characters, and may hold {most}: nothing is processed", "at most {most} characters"),
    "9005": (
        "the outcome of the set cannot be stored under {name} {id}: what was done stays done, and cannot be asked for again",
        "room in the company file",
    ),
}
"""messageSetStatusCode -> what it says, and what is expected."""


def _plainly(value: object) -> str:
    """Return a value of a sentence as it is; in quotes when it would break the line, or is long."""
    text = str(value)
    return text if text.isprintable() and len(text) <= SHOWN_MAX else shown(text)


def in_plain_words(outcome: Status) -> str:
    """Return the sentence of an answer with what QuickBooks itself adds in front, for that is the cause."""
    sentence, _, reason = outcome.message.partition(QUICKBOOKS_SAYS)
    told = f"{reason.strip()} {sentence}" if reason.strip() else sentence or f"status {outcome.code}"
    # The sentence repeats what the request says, line ends too.
    return " ".join(told.split())


def _value(concern: Concern, node: Node, choices: Choices) -> Diagnosis | None:
    """Say why the text of a leaf is not taken; None when the text is as the schema wants it."""
    text, code = concern.text, concern.outcome.code
    if code == 3150 and not text:
        return concern.diagnosis(f"<{node.name}> is empty, and must hold something", form=leaf_form(node, None))
    try:
        reader_of(node, choices)(text)
    except BadValue as bad:
        if bad.code != code:
            return None
    else:
        return None
    meant = text_meant(node, text, choices)
    right, form = meant.text if meant is not None else "", leaf_form(node, meant)
    if code == 3070 and node.length_max is not None:
        told = f"<{node.name}> holds {len(text)} characters, and may hold {node.length_max}"
        return concern.diagnosis(told, (f"at most {node.length_max} characters",), form=form)
    if node.values:
        return concern.diagnosis(not_in_list(text, tag(node.name)), node.values, right, form)
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


def _element_of(root: etree._Element, outcome: Status, request: Request) -> etree._Element:
    """Return the element of a request that a status is about, by what its sentence was filled with; the request when none is found."""
    slots = outcome.slots
    field, element = str(slots.get("field") or ""), str(slots.get("element") or "")
    if field:
        named = list(root.iter(field))
        same = [each for each in named if (each.text or "") == slots["value"]] if "value" in slots else named
        if len(same) > 1 and outcome is request.fault:
            # The same text may be right in another place.
            same = [each for each in same if line_of(each) == request.fault_line] or same
            same = [each for each in same if _is_bad(each, root, request, outcome.code)] or same
        return next(iter(same or named), root)
    value = str(slots.get("value") or "")
    values = {value, str(slots.get("identity") or "")} - {""}
    if element:
        # What refused it knows the element: the same name or identity may stand in other ones, where it is right.
        named = list(root.iter(element))
        same = [each for each in named if _holds(each, values) or (not value and not len(each) and not (each.text or "").strip())]
        if same or len(named) == 1:
            return (same or named)[0]
    leaves = [each for each in root.iter() if not len(each) and (each.text or "") in values]
    if "reference" in slots or "list" in slots:
        holders = [each.getparent() for each in leaves if str(each.tag).removesuffix("WithChildren") in ("ListID", "FullName")]
        ends = ("Filter",) if element else ("Ref", "Filter")
        found = next((each for each in holders if each is not None and str(each.tag).endswith(ends)), None)
        if found is not None:
            return found
    return leaves[0] if leaves else root


def _holds(element: etree._Element, values: set[str]) -> bool:
    """Whether an element, or one right in it, holds one of these texts."""
    return any((each.text or "") in values for each in (element, *element))


def _is_bad(element: etree._Element, root: etree._Element, request: Request, code: int) -> bool:
    """Whether the text of an element is refused with a code, by itself."""
    message = schema_of(request.version).message(request.name)
    node = node_at(message, names_down_to(element, root)) if message is not None else None
    if not isinstance(node, Node) or not node.type:
        return False
    try:
        reader_of(node, Choices())(element.text or "")
    except BadValue as bad:
        return bad.code == code
    return code == 3150 and bool(node.minimum)
