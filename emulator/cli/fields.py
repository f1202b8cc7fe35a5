"""Fields on the command line: words like `when.nth=3`, each a place and a YAML value."""

from typing import Any

from emulator.core.errors import UserMistake
from emulator.core.files import value_of


def fields_of(words: list[str]) -> dict[str, Any]:
    """Return the fields that words like `when.nth=3` say; values are YAML. Raises UserMistake."""
    fields: dict[str, Any] = {}
    for word in words:
        place, sign, text = word.partition("=")
        if not sign or not place:
            raise UserMistake(f"{word!r} says nothing", expected="FIELD=VALUE, like when.nth=3")
        value = value_of(text, place)
        *levels, last = place.split(".")
        inside = fields
        for level in levels:
            inside = inside.setdefault(level, {})
            if not isinstance(inside, dict):
                raise UserMistake(f"{place} and {level} are both given", expected="one of them")
        if last in inside:
            raise UserMistake(f"{place} is given twice", expected="one value")
        inside[last] = value
    return fields
