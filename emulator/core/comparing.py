"""Whether a fact is as somebody wants it: the one comparison behind the checks of a story and the states a fault waits for."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from emulator.core.errors import UserMistake, unknown


def holds(found: object, wanted: object) -> bool:
    """Return whether a fact is as it is wanted: equal, or by `>=`, `<=`, `>`, `<`, `!=` with a number."""
    if isinstance(wanted, str):
        for sign, compare in _SIGNS.items():
            if wanted.startswith(sign):
                try:
                    return compare(float(str(found)), float(wanted.removeprefix(sign)))
                except ValueError:
                    return False
    return str(found).casefold() == str(wanted).casefold()


def check_wanted(fact: str, wanted: object, words: Sequence[str] | None) -> None:
    """Refuse what a fact can never be.

    Args:
        fact: its name.
        wanted: how it is wanted, as for `holds`.
        words: what it can be, None when it is a whole number from 0.

    Raises:
        UserMistake: a word that it never is, with the nearest one; a comparison with no number.
    """
    if words is not None and str(wanted).casefold() not in [word.casefold() for word in words]:
        raise unknown(fact, str(wanted), words)
    if words is None and not _NUMBER.fullmatch(str(wanted)):
        raise UserMistake(f"{fact} is compared with {wanted!r}", expected='a whole number, or a comparison like ">=1"')


_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}|(>=|<=|!=|>|<) ?[0-9]{1,18}(\.[0-9]{1,18})?")
"""A whole number as it is written, or one of the signs and a number."""

_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
    "!=": lambda found, wanted: found != wanted,
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
}
