"""The one error for mistakes of our own users: what was given, where, what was expected, what to do next.

A mistake of a *connector* is never one of these: QuickBooks answers it with a status code or a result code.
"""

import difflib
import heapq
from collections.abc import Iterable
from typing import Final


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word of `words` that looks most like `word`, or None when nothing comes close."""
    wanted = str(word).casefold()
    scored = [(_likeness(wanted, str(each).casefold()), str(each)) for each in words]
    best = max(scored, default=(0.0, ""), key=lambda pair: pair[0])
    return best[1] if best[0] >= ALIKE_AT_LEAST else None


def nearest_names(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that look like `name`, as `nearest_few` does: of people and things, where a far one misleads.

    They look very much alike, or are somewhat alike and begin with the same two letters, as somebody's `Frate` and `Freight` do.
    """
    start = name[:2].casefold()
    near = nearest_few(name, names, WEIGHED_MAX, at_least=0.5)
    very = [each for each in near if each[:2].casefold() == start or _likeness(name.casefold(), each.casefold()) >= VERY_ALIKE]
    return very[:most]


def nearest_few(word: str, words: Iterable[str], most: int = 3, at_least: float | None = None) -> list[str]:
    """Return the words that look like `word`, at most so many, the likest first; of many words only those that share letters are weighed."""
    at_least = ALIKE_AT_LEAST if at_least is None else at_least
    wanted = str(word).casefold()
    # Of a short word two letters that changed places leave no pair as it was.
    size = 2 if len(wanted) > SHORT_MAX else 1
    pairs = {wanted[place : place + size] for place in range(max(1, len(wanted) - size + 1))} - {""}
    shared = ((_shared(pairs, each.casefold()), -len(each), each) for each in words)
    likely = heapq.nlargest(WEIGHED_MAX, (each for each in shared if each[0]))
    scored = sorted(((_likeness(wanted, each.casefold()), each) for _, _, each in likely), key=lambda pair: (-pair[0], pair[1]))
    return [each for likeness, each in scored[:most] if likeness >= at_least]


def _shared(pairs: set[str], word: str) -> int:
    return sum([pair in word for pair in pairs])


WEIGHED_MAX: Final = 50
"""Words that are compared letter by letter: it takes ten times as long as to see which letters they share."""


def _likeness(wanted: str, candidate: str) -> float:
    """Return how alike two words are, 0 to 1; the beginning of a long name counts nearly as much as the whole of it."""
    return max(_ratio(wanted, candidate), 0.95 * _ratio(wanted, candidate[: len(wanted) + 1]))


def _ratio(one: str, other: str) -> float:
    """Return how alike two words are; 0 without a look at their letters where their lengths alone say that they are not."""
    if 2 * min(len(one), len(other)) < 0.5 * (len(one) + len(other)):
        return 0.0
    return difflib.SequenceMatcher(None, one, other).ratio()


ALIKE_AT_LEAST: Final = 0.55
"""Below this a suggestion confuses more than it helps (our choice)."""

SHORT_MAX: Final = 5
"""Letters of a word that is weighed by its letters, rather than by pairs of them."""

VERY_ALIKE: Final = 0.75
"""From here on names are alike whatever they begin with (our choice)."""


LISTED_MAX = 30
"""Names that a message lists; nobody reads more of them in one line."""


def unknown(what: str, name: str, names: Iterable[str]) -> "UserMistake":
    """Return the mistake of naming something that is not there: `there is no fact 'hold'; expected 'held'`."""
    known = list(names)
    near = nearest(name, known)
    some = ", ".join(known[:LISTED_MAX]) + (f", ... ({len(known)} in all)" if len(known) > LISTED_MAX else "")
    return UserMistake(
        f"there is no {what} {name!r}",
        expected=f"{near!r}" if near else f"one of {some}" if known else f"a {what} that is there; there is none",
    )


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
        return in_one_line(parts)


def in_one_line(parts: Iterable[str]) -> str:
    """Return parts of a message with semicolons between them; after one that is a whole sentence comes a new sentence."""
    line = ""
    for part in parts:
        is_sentence = line.endswith(".") and not line.endswith("..")
        line += f" {part[:1].upper()}{part[1:]}" if is_sentence else f"; {part}" if line else part
    return line


def words_of(error: BaseException) -> str:
    """Return what an error says; of one that says nothing, what the nearest of its causes says, or else the name of its class."""
    cause: BaseException | None = error
    while cause is not None:
        if said := (isinstance(cause, OSError) and cause.strerror) or str(cause).strip():
            return said
        cause = cause.__cause__
    return type(error).__name__


class PartFailed(Exception):  # noqa: N818 - see UserMistake
    """A part of the world (QuickBooks, connector, proxy, a server) did not start or died. Exit code 4."""
