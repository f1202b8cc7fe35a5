"""How QuickBooks writes a value: the other direction of values.py, as observed in recorded answers.

Amounts always carry two decimals (603 of 603 recorded), prices two to five, quantities none they do not need, percentages two
to five, booleans are words.
"""

from collections.abc import Callable

from emulator.qbxml.switches import Choices
from emulator.qbxml.values import SCALE, Writer


def writer_of(type_name: str, choices: Choices) -> Writer:
    """Return the function that writes a value of this primitive type."""
    writer = _WRITERS.get(type_name, _plain)
    if choices.decimal_comma and type_name in _WITH_POINT:
        return lambda value: writer(value).replace(".", ",")
    return writer


def write_amount(value: object) -> str:
    """Cents to "-48.35"."""
    assert isinstance(value, int), repr(value)
    sign, cents = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def write_price(value: object) -> str:
    """Units of 0.00001 to at least two and at most five decimals."""
    assert isinstance(value, int), repr(value)
    sign, units = ("-", -value) if value < 0 else ("", value)
    whole, part = divmod(units, SCALE)
    decimals = f"{part:05d}"
    return f"{sign}{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def write_quantity(value: object) -> str:
    """Units of 0.00001 to the shortest form: 2, 0.2."""
    assert isinstance(value, int), repr(value)
    sign, units = ("-", -value) if value < 0 else ("", value)
    whole, part = divmod(units, SCALE)
    return f"{sign}{whole}.{part:05d}".rstrip("0") if part else f"{sign}{whole}"


def write_boolean(value: object) -> str:
    """True or false as a word."""
    return "true" if value else "false"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else str(value)


_WRITERS: dict[str, Callable[[object], str]] = {
    "AMTTYPE": write_amount,
    "PRICETYPE": write_price,
    "PERCENTTYPE": write_price,
    "QUANTYPE": write_quantity,
    "BOOLTYPE": write_boolean,
}

_WITH_POINT = frozenset({"AMTTYPE", "PRICETYPE", "PERCENTTYPE", "QUANTYPE", "FLOATTYPE"})
