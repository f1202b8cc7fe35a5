"""people: what persons do. The page's procedures step by step, the accountant at work, the clerk who types an order."""

from emulator.people.acts import ACTS, Act, perform
from emulator.people.refusal import ActRefused

__all__ = ["ACTS", "Act", "ActRefused", "perform"]
