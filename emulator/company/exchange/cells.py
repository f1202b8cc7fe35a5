"""The cells of list files: text to the value of a request and back, by the form of a column."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from emulator.company.arithmetic import money
from emulator.company.exchange.columns import ACCOUNT_TYPES, JOB_STATUSES, SPECIAL_ACCOUNTS
from emulator.company.identity import LIST_COUNTER_START
from emulator.core.errors import nearest
from emulator.qbxml.formats import write_quantity
from emulator.qbxml.values import SCALE

CSV: Final = "csv"
IIF: Final = "iif"


class BadCell(Exception):  # noqa: N818 - it names the cell
    """The text of a cell is no value of its column; says what would be one."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(expected)


def write_cell(form: str, value: Any, style: str) -> str:
    """Return a value as the cell of a column; None is an empty cell. `style` is CSV or IIF."""
    if form == "active":
        inactive = value is False
        return ("Y" if inactive else "N") if style == IIF else ("Not-active" if inactive else "Active")
    if value is None:
        return ""
    if form == "reference":
        return str(value.get("FullName") or "")
    if form == "money":
        return money(value)
    if form in ("price", "quantity"):
        return write_quantity(value)
    if form == "percent":
        return f"{write_quantity(value)}%"
    if form == "flag":
        return "Y" if value else "N"
    if form == "date":
        year, month, day = str(value).split("-")
        return f"{month}/{day}/{year}"
    if form == "counter":
        return str(int(str(value).partition("-")[0], 16) - LIST_COUNTER_START)
    if form == "special-account":
        # Accounts that their type makes special have no word.
        return SPECIAL_ACCOUNTS.get(str(value), "")
    words = _WORDS.get(form)
    return words[str(value)][0 if style == IIF else 1] if words and str(value) in words else str(value)


_WORDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "account-type": ACCOUNT_TYPES,
    "job-status": JOB_STATUSES,
    "special-account": {name: (word, word) for name, word in SPECIAL_ACCOUNTS.items()},
}
"""Form -> value -> its word in IIF and in a CSV."""


def read_cell(form: str, text: str) -> Any:
    """Return the value of a cell that is not empty, as a request has it: cents, units of 0.00001, booleans, texts.

    Raises:
        BadCell: it is none.
    """
    if form == "active":
        return not _flag(text, {"active": False, "not-active": True, "y": True, "n": False})
    if form in ("flag", "taxable"):
        return _flag(text, {"y": True, "n": False, "yes": True, "no": False, "true": True, "false": False})
    if form == "reference":
        return {"FullName": text}
    if form == "money":
        return _number(text, 100, 2, "an amount such as 1234.50")
    if form in ("price", "percent", "quantity"):
        return _number(text.removesuffix("%"), SCALE, 5, "a number such as 12.50")
    if form == "count":
        if not re.fullmatch(r"\d{1,9}", text):
            raise BadCell("a whole number")
        return int(text)
    if form == "date":
        found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        if found is None:
            raise BadCell("a date such as 01/31/2026")
        return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}"
    if form in _WORDS:
        return _word(text, _WORDS[form])
    return text


def _flag(text: str, words: dict[str, bool]) -> bool:
    found = words.get(text.casefold())
    if found is None:
        raise BadCell(f"one of {', '.join(words)}")
    return found


def _number(text: str, scale: int, decimals: int, expected: str) -> int:
    plain = text.replace(",", "").removeprefix("$")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise BadCell(expected) from None
    if not re.fullmatch(rf"-?\d{{1,13}}(\.\d{{0,{decimals}}})?|-?\.\d{{1,{decimals}}}", plain):
        raise BadCell(f"{expected}, at most {decimals} decimals")
    return int(value * scale)


def _word(text: str, words: Mapping[str, tuple[str, str]]) -> str:
    wanted = text.casefold()
    for value, shown in words.items():
        if wanted in (value.casefold(), *(each.casefold() for each in shown)):
            return value
    known = [each for shown in words.values() for each in dict.fromkeys(shown)]
    near = nearest(text, known)
    raise BadCell(f"{near!r}" if near else f"one of {', '.join(known)}")
