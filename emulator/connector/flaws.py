"""Deliberately wrong variants of the connector. Checks and tests that stay green with one of these are no checks.

Never set outside of tests and canary scenarios.
"""

from typing import Final

from emulator.core.errors import UserMistake, nearest

NEVER_ASKS: Final = "never-asks"
NUMBER_ALONE: Final = "number-alone"
GREEN_LIGHT: Final = "green-light"
ZERO_BALANCE: Final = "zero-balance"
CUTS_NUMBER: Final = "cuts-number"

FLAWS: Final[dict[str, str]] = {
    NEVER_ASKS: "sends again after a lost answer without asking QuickBooks (breaks I2, I14)",
    NUMBER_ALONE: "takes any record with its number for its own (breaks I1, I22)",
    GREEN_LIGHT: "shows the green light always (breaks I5)",
    ZERO_BALANCE: "tells a balance of 0.00 when QuickBooks cannot be asked (breaks I13)",
    CUTS_NUMBER: "cuts an invoice number that is too long (breaks I4)",
}


def checked(names: frozenset[str]) -> frozenset[str]:
    """Return the names; raises UserMistake for one that is not in the table."""
    for name in sorted(names - FLAWS.keys()):
        near = nearest(name, FLAWS)
        raise UserMistake(f"there is no flaw {name!r}", expected=f"{near!r}" if near else f"one of {', '.join(FLAWS)}")
    return names
