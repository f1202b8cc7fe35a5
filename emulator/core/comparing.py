"""Whether a fact is as somebody wants it: the one comparison behind the checks of a story and the states a fault waits for."""

from collections.abc import Callable
from typing import Final


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


_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
    "!=": lambda found, wanted: found != wanted,
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
}
