"""The value pass: text of one element to a plain value and back, and the status code of a text that does not convert.

Values by type (units matter, everything is exact):

    STRTYPE IDTYPE ENUMTYPE GUIDTYPE UUIDTYPE MACROTYPE   str (a GUID in upper case: documented)
    BOOLTYPE                                              bool; true false 1 0 are read, true false are written
    DATETYPE                                              str YYYY-MM-DD, a day that exists
    DATETIMETYPE                                          str as given: YYYY-M-D[Th[:m[:s[+hh:mm]]]], no Z, no fraction
    TIMEINTERVALTYPE                                      str [+-]PT[nH][nM][nS]
    AMTTYPE                                               int, cents; at most 13 digits before the point, decimals 0 or 2
    PRICETYPE QUANTYPE PERCENTTYPE                        int, units of 0.00001; at most 10 digits before the point, 5 after it
    FLOATTYPE                                             str, a decimal number
    INTTYPE                                               int

An empty element is None (clear the field), but INTTYPE and GUIDTYPE do not allow it, nor does a required element of an Add or inside an
aggregate of a Mod (3150: it is missing; switch qbxml.empty-required-element). A mistake is a status code for the one
request (codes: documented and reported, see status.py); the rest of the message set goes on.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from emulator.qbxml.schema import Node
from emulator.qbxml.switches import Choices

Value = object
"""What an element holds after reading: str, int, bool, None, dict or list."""

Reader = Callable[[str], Value]
"""Text to value; raises BadValue."""

Writer = Callable[[object], str]
"""Value to text, unescaped."""

SCALE = 100_000
"""Prices, quantities and percentages are whole numbers of 1/SCALE."""

_ID_CHARACTERS_MAX = 36
# Records carry hex-epoch ids, contacts 15 or 16 letters and digits (observed). A new line of a Mod is -1 (documented).
_ID = re.compile(r"[0-9A-Fa-f]+-[0-9]+|[0-9A-Za-z]{15,16}|-1").fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_DATETIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:T([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:[+-]([0-9]{1,2}):([0-9]{1,2}))?)?)?)?"
).fullmatch
_INTERVAL = re.compile(r"[+-]?PT(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?").fullmatch
_AMOUNT = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{2})?").fullmatch
_SCALED = re.compile(r"[+-]?[0-9]{1,10}(?:\.[0-9]{1,5})?").fullmatch
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)").fullmatch
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}").fullmatch
_GUID = re.compile(r"0|\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}").fullmatch
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class BadValue(Exception):  # noqa: N818 - it names the value
    """The text of an element does not convert; the request is answered with this status code and not performed.

    Args:
        code: status code.
        field: element name.
        value: its text.
        other: the other value of a pair that is the wrong way round.

    `line` is set by whoever knows the document.
    """

    def __init__(self, code: int, field: str, value: str, other: str = "") -> None:
        self.line = 0
        self.code = code
        self.field = field
        self.value = value
        self.other = other
        super().__init__(f"{code} {field} {value!r}")


def reader_of(node: Node, choices: Choices) -> Reader:
    """Return the function that reads the text of this leaf."""
    return _READERS[node.type](node, choices)


def needing(node: Node, read: Reader) -> Reader:
    """Return a reader that does not let an empty element pass (3150)."""
    field = node.name

    def read_needed(text: str) -> Value:
        value = read(text)
        if value is None:
            raise BadValue(3150, field, text)
        return value

    return read_needed


def _text(node: Node, choices: Choices) -> Reader:
    field, longest = node.name, node.length_max
    by_units, trimmed = choices.character_of_two_units == "two", choices.blanks_at_ends == "trimmed"

    def read(text: str) -> Value:
        if trimmed:
            text = text.strip(" ")
        if not text:
            return None
        if longest is not None and (len(text) > longest or (by_units and 2 * len(text) > longest and _units(text) > longest)):
            raise BadValue(3070, field, text)
        return text

    return read


def _units(text: str) -> int:
    """Return how many units of UTF-16 a text has: a character beyond U+FFFF has two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _id(node: Node, _choices: Choices) -> Reader:
    field = node.name
    checks_form = field.endswith(("ListID", "TxnID", "TxnLineID", "ListIDWithChildren"))

    def read(text: str) -> Value:
        if not text:
            return None
        if len(text) > _ID_CHARACTERS_MAX or (checks_form and not _ID(text)):
            raise BadValue(3000, field, text)
        return text

    return read


def _boolean(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not text:
            return None
        value = _BOOLEANS.get(text)
        if value is None:
            raise BadValue(3010, field, text)
        return value

    return read


def _date(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not text:
            return None
        if not _DATE(text) or not _is_day(int(text[:4]), int(text[5:7]), int(text[8:])):
            raise BadValue(3020, field, text)
        return text

    return read


def _datetime(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not text:
            return None
        match = _DATETIME(text)
        if match is None:
            raise BadValue(3020, field, text)
        year, month, day, hour, minute, second, zone_hour, zone_minute = (int(part or 0) for part in match.groups())
        fits = hour < 24 and minute < 60 and second < 60 and zone_hour <= 14 and zone_minute < 60
        if not fits or not _is_day(year, month, day):
            raise BadValue(3020, field, text)
        return text

    return read


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _interval(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not text:
            return None
        if not _INTERVAL(text):
            raise BadValue(3035, field, text)
        return text

    return read


def _amount(node: Node, choices: Choices) -> Reader:
    field, in_range = node.name, _range_of(node, choices, 3040)

    def read(text: str) -> Value:
        if not text:
            return None
        if not _AMOUNT(text):
            raise BadValue(3040, field, text)
        in_range(text)
        return int(text.replace(".", "")) if text[-3:-2] == "." else int(text) * 100

    return read


def _scaled_as(code: int) -> Callable[[Node, Choices], Reader]:
    def make(node: Node, choices: Choices) -> Reader:
        field, in_range = node.name, _range_of(node, choices, code)

        def read(text: str) -> Value:
            if not text:
                return None
            if not _SCALED(text):
                raise BadValue(code, field, text)
            in_range(text)
            whole, _, decimals = text.partition(".")
            return int(whole + decimals.ljust(5, "0"))

        return read

    return make


def _integer(node: Node, choices: Choices) -> Reader:
    field, in_range = node.name, _range_of(node, choices, 3085)

    def read(text: str) -> Value:
        if not _INTEGER(text):
            raise BadValue(3085, field, text)
        in_range(text)
        return int(text)

    return read


def _decimal(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not text:
            return None
        if not _DECIMAL(text):
            raise BadValue(3085, field, text)
        return text

    return read


def _guid(node: Node, _choices: Choices) -> Reader:
    field = node.name

    def read(text: str) -> Value:
        if not _GUID(text):
            raise BadValue(3065, field, text)
        return text.upper()

    return read


def _enum(node: Node, choices: Choices) -> Reader:
    field = node.name
    # Unless the switch says so, the structure pass has seen to it already.
    allowed = frozenset(node.values) if choices.bad_enum_value == "3110" else None

    def read(text: str) -> Value:
        if allowed is not None and text not in allowed:
            raise BadValue(3110, field, text)
        return text

    return read


def _range_of(node: Node, choices: Choices, format_code: int) -> Callable[[str], None]:
    """Return a check of the smallest and largest value; most fields have neither."""
    if not node.smallest and not node.largest:
        return _any_number
    code = 3210 if choices.number_out_of_range == "3210" else format_code
    smallest = Decimal(node.smallest) if node.smallest else None
    largest = Decimal(node.largest) if node.largest else None

    def check(text: str) -> None:
        number = Decimal(text)
        if (smallest is not None and number < smallest) or (largest is not None and number > largest):
            raise BadValue(code, node.name, text)

    return check


def _any_number(_text: str) -> None:
    """Most numbers have no range of their own."""


_READERS: dict[str, Callable[[Node, Choices], Reader]] = {
    "STRTYPE": _text,
    "UUIDTYPE": _text,
    "MACROTYPE": _text,
    "IDTYPE": _id,
    "BOOLTYPE": _boolean,
    "DATETYPE": _date,
    "DATETIMETYPE": _datetime,
    "TIMEINTERVALTYPE": _interval,
    "AMTTYPE": _amount,
    "PRICETYPE": _scaled_as(3045),
    "PERCENTTYPE": _scaled_as(3050),
    "QUANTYPE": _scaled_as(3060),
    "FLOATTYPE": _decimal,
    "INTTYPE": _integer,
    "GUIDTYPE": _guid,
    "ENUMTYPE": _enum,
}
