"""Money arithmetic in whole numbers: amounts are cents; quantities, rates and percentages are whole 0.00001.

Half a cent rounds up, away from zero for negative amounts (documented for sales tax; taken for line amounts too).
"""

from typing import TYPE_CHECKING

from emulator.company.refusals import cannot_save, refuse
from emulator.qbxml import status
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

CENTS_MAX = 10**13 - 1
"""Largest amount of a line or transaction, 99,999,999,999.99 (our choice: the published limit is that of one element, 13 digits)."""

RATE_MAX = 10**15 - 1
"""Largest rate: ten digits before the point, five after it (documented)."""


QUANTITY_MAX = 10**15 - 1
"""Largest quantity: ten digits before the point, five after it (documented)."""

BALANCE_MAX = 10**15 - 1
"""Largest balance in cents: thirteen digits before the point (documented)."""

HUNDRED_PERCENT = 10_000_000
"""Units of 0.00001 percent."""


def within_limits(field: str, cents: int, rate: int = 0, quantity: int = 0) -> None:
    """Raise 3101 when an amount, rate or quantity that was worked out is too large to keep (switch company.too-large)."""
    if abs(cents) > CENTS_MAX or abs(rate) > RATE_MAX or abs(quantity) > QUANTITY_MAX:
        raise refuse(3101, field=field)


def total_within_limits(kind: str, field: str, cents: int) -> None:
    """Raise 3101 for the total of a transaction that is too large to keep, 3180 for one below zero."""
    within_limits(field, cents)
    if cents < 0:
        raise cannot_save(kind, "The amount of the transaction must not be negative.")


def quantity_of(numerator: int, denominator: int) -> int:
    """Return numerator / denominator as a quantity, rounded. Raises 3101 when it is too large to keep."""
    quantity = rounded_quotient(numerator, denominator)
    within_limits("Quantity", 0, 0, quantity)
    return quantity


def rounded_quotient(numerator: int, denominator: int) -> int:
    """Return numerator / denominator to the nearest whole number, halves away from zero."""
    magnitude = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return magnitude if (numerator >= 0) == (denominator > 0) else -magnitude


def amount_of(quantity: int, rate: int) -> int:
    """Return the cents of quantity times rate."""
    return rounded_quotient(quantity * rate, 100_000_000)


def rate_of(amount_cents: int, quantity: int) -> int:
    """Return the rate that gives an amount for a quantity, to five decimals; the quantity is not zero."""
    return rounded_quotient(amount_cents * 100_000_000, quantity)


def percent_of(amount_cents: int, percent: int) -> int:
    """Return the cents of a percentage (825000 is 8.25 %) of an amount."""
    return rounded_quotient(amount_cents * percent, HUNDRED_PERCENT)


def money(cents: int) -> str:
    """Return an amount as messages show it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def warn_of_ignored(
    books: "Books", field: str, rate: int, quantity: int | None, amount_cents: int, warnings: list[Status]
) -> None:
    """Warn that the rate (or cost) of a line is ignored because its amount was given too (switch company.rate-and-amount)."""
    setting = books.settings["company.rate-and-amount"]
    differs = amount_of(quantity if quantity is not None else 100_000, rate) != amount_cents
    if setting == "warn" or (setting == "warn-when-different" and differs):
        warnings.append(status.of(530, field=field))
