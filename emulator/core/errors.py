"""The one error for mistakes of our own users: what was given, where, what was expected, what to do next.

A mistake of a *connector* is never one of these: QuickBooks answers it with a status code or a result code.
"""

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word of `words` that looks most like `word`, or None when nothing comes close."""
    candidates = {str(each).casefold(): str(each) for each in words}
    found = difflib.get_close_matches(str(word).casefold(), list(candidates), n=1, cutoff=0.55)
    return candidates[found[0]] if found else None


class UserMistake(Exception):  # noqa: N818 - it is named for what happened, and it is no program error
    """Something our user gave cannot be used. Printed as one line; the command line ends with exit code 2.

    Args:
        given: what was found, as the user wrote it.
        where: file and line, option, or address; empty when there is only one place it can be.
        expected: what would have been right.
        advice: what to do next.
    """

    def __init__(self, given: str, where: str = "", expected: str = "", advice: str = "") -> None:
        self.given = given
        self.where = where
        self.expected = expected
        self.advice = advice
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.given}" if self.where else self.given]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.advice:
            parts.append(self.advice)
        return "; ".join(parts)


class PartFailed(Exception):  # noqa: N818 - see UserMistake
    """A part of the world (QuickBooks, connector, proxy, a server) did not start or died. Exit code 4."""
