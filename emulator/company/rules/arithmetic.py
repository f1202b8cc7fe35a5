"""Money arithmetic in whole numbers: amounts are cents; quantities, rates and percentages are whole 0.00001.

Half a cent rounds up, away from zero for negative amounts (documented for sales tax; taken for line amounts too).
"""


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
    return rounded_quotient(amount_cents * percent, 10_000_000)


def money(cents: int) -> str:
    """Return an amount as messages show it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
