"""Reading the YAML files people write: scenarios, companies, profiles. A mistake is told with its file, line and column.

YAML 1.2 (ruamel.yaml), so that `18:00` and `no` stay what the writer meant; what a field must be, and what is said of one that is not:
`core/fitting.py`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from emulator.core.errors import UserMistake
from emulator.core.fitting import Model, Place, misfit

VALUES_MAX = 200_000
"""Most values (keys included) in one file, counted after aliases (our choice: a large company description has some thousands)."""

FILE_BYTES_MAX = 4 * 1024 * 1024
"""No hand-written file comes near this; what is larger is a wrong path (our choice)."""


class MistakeAt(Exception):  # noqa: N818 - a mistake in a file, see UserMistake
    """What a check of a whole file found wrong, and where: the reader turns it into a `UserMistake` with file, line and column.

    Args:
        place: keys and indexes from the top of the file, as they stand there.
        mistake: what is wrong; its `where` is filled in.
        first: the place of the key that says the same before, where the mistake is to say a thing twice.
    """

    def __init__(self, place: tuple[str | int, ...], mistake: UserMistake, first: tuple[str | int, ...] = ()) -> None:
        super().__init__(str(mistake))
        self.place = place
        self.mistake = mistake
        self.first = first


class Places:
    """Where the values of a file stand in it, for mistakes that show only when they are used.

    All are equal: where something is written says nothing of what it is.

    Args:
        name: of the file.
        data: what ruamel read of it, with its marks; None stands for no file.
    """

    def __init__(self, name: str, data: Any = None) -> None:
        self._name = name
        self._data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places)

    __hash__ = None  # type: ignore[assignment]

    def where(self, place: Place, of_key: bool = False) -> str:
        """Return `FILE:LINE, column N` of the value at a place, or of its key; of the nearest one around it that is in the file."""
        found = _mark(self._data, place, of_key)
        return f"{self._name}:{found[0] + 1}, column {found[1] + 1}" if found else self._name

    def of_value(self, place: Place, value: str) -> Place:
        """Return the place of the plain value that says this, in whatever case, inside a place; that place itself when none does."""
        return next(
            (found for found, text in _texts(_value(self._data, place), place) if text.casefold() == value.casefold()), place
        )


def _texts(node: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(node, dict | list):
        for part, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _texts(inner, (*place, part))
    else:
        yield place, str(node)


def load_yaml(path: Path, model: type[Model], check: Callable[[Model], None] | None = None) -> Model:
    """Read a YAML file into a model; see `load_placed`."""
    return load_placed(path, model, check)[0]


def load_placed(path: Path, model: type[Model], check: Callable[[Model], None] | None = None) -> tuple[Model, Places]:
    """Read a YAML file into a model; return it and where its values stand.

    Args:
        path: the file.
        model: what it must fit.
        check: looks at the whole for what no field can know by itself; raises MistakeAt.

    Raises:
        UserMistake: the file cannot be read, is not YAML, or does not fit the model: with file, line, column, what was found, what
            was expected, and the nearest right word for a misspelt field or value.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise UserMistake(f"{path.stat().st_size} bytes", str(path), f"a YAML file of at most {FILE_BYTES_MAX} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise UserMistake(f"cannot read it ({error.strerror})", str(path), "a YAML file in UTF-8", "check the path") from None
    return parse_placed(_text_of(content, str(path)), model, str(path), check)


def _text_of(content: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = content.count(b"\n", 0, error.start) + 1, error.start - content.rfind(b"\n", 0, error.start)
        given = f"the byte {content[error.start]:#04x} is not UTF-8 text"
        raise UserMistake(given, f"{name}:{line}, column {column}", "a YAML file in UTF-8", "save it in UTF-8") from None


def parse_yaml(text: str, model: type[Model], name: str, check: Callable[[Model], None] | None = None) -> Model:
    """Read YAML text into a model; `name` stands for the file in messages. Raises UserMistake as `load_placed`."""
    return parse_placed(text, model, name, check)[0]


def parse_placed(text: str, model: type[Model], name: str, check: Callable[[Model], None] | None = None) -> tuple[Model, Places]:
    """Read YAML text into a model, and where its values stand; `name` stands for the file. Raises UserMistake as `load_placed`."""
    reader = YAML(typ="rt", pure=True)
    reader.allow_duplicate_keys = False
    try:
        data = reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}, column {mark.column + 1}" if mark else name
        raise UserMistake(f"not YAML: {error.problem or error.context}", where, "", "mend the line") from None
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        given = f"not YAML: the character {text[error.position]!r}"
        raise UserMistake(given, f"{name}:{line}, column {column}", "", "take it away") from None
    except YAMLError as error:
        raise UserMistake(f"not YAML: {str(error).splitlines()[0]}", name, "", "mend the file") from None
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"not YAML that can be read: {error}", name, "", "mend the file") from None
    if data is None:
        raise UserMistake("the file is empty", name, f"the fields of a {model.__name__.lower()}")
    places = Places(name, data)
    try:
        plain = _plain(data, _Budget(name))
        value = model.model_validate(plain)
        if check is not None:
            check(value)
    except ValidationError as error:
        raise misfit(error, plain, model, places.where, "the file") from None
    except MistakeAt as found:
        given, expected, advice = found.mistake.given, found.mistake.expected, found.mistake.advice
        of_key = bool(found.first) or (bool(found.place) and repr(found.place[-1]) in given)
        if found.first:
            given += f", first at {places.where(found.first, True)}"
        raise UserMistake(given, places.where(found.place, of_key), expected, advice) from None
    return value, places


def value_of(text: str, name: str) -> Any:
    """Return what a piece of YAML on a command line says, as plain values; what is no JSON value (a date) stays text, and so does nothing.

    Raises:
        UserMistake: it is no YAML; `name` stands for the place.
    """
    if not text.strip():
        return ""
    try:
        value = _plain(YAML(typ="rt", pure=True).load(text), _Budget(name))
        json.dumps(value, allow_nan=False)
    except TypeError:
        return text
    except (YAMLError, ValueError, RecursionError):
        raise UserMistake(f"{text!r} cannot be read", name, 'a value as in YAML, like 3 or "G-7"') from None
    return value


class _Budget:
    """How many values a file may come to: aliases of aliases make billions out of a few lines."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = VALUES_MAX

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            advice = "do not use aliases to repeat large parts"
            raise UserMistake("it comes to too many values", self._name, f"at most {VALUES_MAX:,} values", advice)


def _plain(node: Any, budget: _Budget) -> Any:
    """Return ruamel's marked containers and scalars as plain Python values."""
    budget.spend()
    if isinstance(node, dict):
        return {_plain(key, budget): _plain(value, budget) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(each, budget) for each in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _value(data: Any, place: Place) -> Any:
    """Return the value at a place, or the nearest container around it."""
    node = data
    for part in place:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return node if isinstance(node, dict | list) else _plain(node, _Budget(""))


def _mark(data: Any, place: Place, of_key: bool) -> tuple[int, int] | None:
    """Return line and column, both from 0, of what stands at a place: a plain value, the key of a container, an entry of a list.

    With `of_key` it is the key of a plain value too. What is not in the file has the mark of the nearest container around it.
    """
    marks = getattr(data, "lc", None)
    found = (marks.line, marks.col) if marks is not None else None
    node = data
    for part in place:
        marks = getattr(node, "lc", None)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
        mark = marks.data.get(part) if marks is not None and marks.data else None
        if mark:
            of_value = len(mark) == 4 and not (of_key or isinstance(node, dict | list))
            found = (mark[2], mark[3]) if of_value else (mark[0], mark[1])
    return found
