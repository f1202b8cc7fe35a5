"""Seeded chance. Every random decision is a hash of (seed, what is decided, which occurrence), never a draw from a shared stream.

So the order in which parts happen to ask cannot change what they are told: thread interleaving, a fault that was added, or a test
that ran first leave every other decision as it was (ARCHITECTURE decision 5).
"""

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

Choice = TypeVar("Choice")

_SPAN = 1 << 64


class Chance:
    """All chance of one world. Two `Chance` objects of one seed tell the same for the same key.

    Args:
        seed: any whole number; it is printed in every report so that a run can be repeated.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def number(self, *key: object) -> int:
        """Return a whole number from 0 to 2**64 - 1 that depends on the seed and on the key alone."""
        text = "\x1f".join(str(part) for part in (self.seed, *key))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def unit(self, *key: object) -> float:
        """Return a number in [0, 1)."""
        return (self.number(*key) >> 11) / (_SPAN >> 11)

    def log_normal(self, spread: float, *key: object) -> float:
        """Return a factor around 1, log-normal; `spread` is the standard deviation of its logarithm."""
        return math.exp(spread * NormalDist().inv_cdf(min(max(self.unit(*key), 1e-12), 1 - 1e-12)))

    def between(self, low: int, high: int, *key: object) -> int:
        """Return a whole number from low to high, both included."""
        assert low <= high, f"an empty range: {low}..{high}"
        return low + self.number(*key) % (high - low + 1)

    def pick(self, choices: Sequence[Choice], *key: object) -> Choice:
        """Return one of the choices."""
        return choices[self.number(*key) % len(choices)]

    def token(self, *key: object, digits: int = 16) -> str:
        """Return `digits` hexadecimal digits, for tickets and other names that must not be guessed from each other."""
        text = "\x1f".join(str(part) for part in (self.seed, "token", *key))
        return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()[:digits]
