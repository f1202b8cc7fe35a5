"""Reading the YAML files people write: scenarios, companies, profiles. A mistake is told with its file and line.

YAML 1.2 (ruamel.yaml), so that `18:00` and `no` stay what the writer meant; pydantic says what a field must be.
"""

import json
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from emulator.core.errors import UserMistake, nearest

Model = TypeVar("Model", bound=BaseModel)

VALUES_MAX = 200_000
"""Most values (keys included) in one file, counted after aliases (our choice: a large company description has some thousands)."""

FILE_BYTES_MAX = 4 * 1024 * 1024
"""No hand-written file comes near this; what is larger is a wrong path (our choice)."""


class MistakeAt(Exception):  # noqa: N818 - a mistake in a file, see UserMistake
    """What a check of a whole file found wrong, and where: the reader turns it into a `UserMistake` with file and line.

    Args:
        place: keys and indexes from the top of the file, as they stand there.
        mistake: what is wrong; its `where` is filled in.
    """

    def __init__(self, place: tuple[str | int, ...], mistake: UserMistake) -> None:
        super().__init__(str(mistake))
        self.place = place
        self.mistake = mistake


def load_yaml(path: Path, model: type[Model], check: Callable[[Model], None] | None = None) -> Model:
    """Read a YAML file into a model.

    Args:
        path: the file.
        model: what it must fit.
        check: looks at the whole for what no field can know by itself; raises MistakeAt.

    Raises:
        UserMistake: the file cannot be read, is not YAML, or does not fit the model: with file, line, what was found, what was
            expected, and the nearest right word for a misspelt field or value.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise UserMistake(f"{path.stat().st_size} bytes", str(path), f"a YAML file of at most {FILE_BYTES_MAX} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserMistake(f"cannot read it ({reason})", str(path), "a YAML file in UTF-8", "check the path") from None
    return parse_yaml(text, model, str(path), check)


def parse_yaml(text: str, model: type[Model], name: str, check: Callable[[Model], None] | None = None) -> Model:
    """Read YAML text into a model; `name` stands for the file in messages. Raises UserMistake as `load_yaml`."""
    reader = YAML(typ="rt", pure=True)
    reader.allow_duplicate_keys = False
    try:
        data = reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise UserMistake(f"not YAML: {error.problem or error.context}", where, "", "mend the line") from None
    except YAMLError as error:
        raise UserMistake(f"not YAML: {str(error).splitlines()[0]}", name, "", "mend the file") from None
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"not YAML that can be read: {error}", name, "", "mend the file") from None
    if data is None:
        raise UserMistake("the file is empty", name, f"the fields of a {model.__name__.lower()}")
    try:
        value = model.model_validate(_plain(data, _Budget(name)))
        if check is not None:
            check(value)
    except ValidationError as error:
        raise _mistake(error, data, model, name) from None
    except MistakeAt as found:
        line_number, _ = _find(data, list(found.place))
        given, expected, advice = found.mistake.given, found.mistake.expected, found.mistake.advice
        raise UserMistake(given, f"{name}:{line_number}" if line_number else name, expected, advice) from None
    return value


def value_of(text: str, name: str) -> Any:
    """Return what a piece of YAML on a command line says, as plain values; what is no JSON value (a date) stays text.

    Raises:
        UserMistake: it is no YAML; `name` stands for the place.
    """
    try:
        value = _plain(YAML(typ="rt", pure=True).load(text), _Budget(name))
        json.dumps(value)
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


def _mistake(error: ValidationError, data: Any, model: type[BaseModel], name: str) -> UserMistake:
    """Turn the first error of pydantic into our sentence, with the line of the YAML file."""
    # A misspelt field is also a missing one: the misspelling is what helps. A union reports every branch it tried; the one that came
    # furthest is the one the writer meant.
    first = max(error.errors(), key=lambda each: (each["type"] == "extra_forbidden", len(each["loc"])))
    place = [part for part in first["loc"] if _is_in_file(part)]
    line_number, found = _find(data, place)
    where = f"{name}:{line_number}" if line_number else name
    path = ".".join(str(part) for part in place) or "the file"
    kind = first["type"]
    if kind == "extra_forbidden":
        words = _field_names(model, place[:-1])
        near = nearest(str(place[-1]), words)
        expected = f"{near!r}" if near else f"one of {', '.join(sorted(words))}"
        return UserMistake(f"unknown field {place[-1]!r}" + _inside(place[:-1]), where, expected)
    if kind == "missing":
        return UserMistake(f"{place[-1]!r} is missing" + _inside(place[:-1]), where, f"the field {place[-1]!r}")
    expected = str(first["msg"]).removeprefix("Value error, ")
    if kind == "value_error" and not isinstance(found, str | int | float):
        return UserMistake(f"{expected}" + _inside(place), where)
    if kind in ("literal_error", "enum"):
        choices = [word.strip(" '") for word in str(first.get("ctx", {}).get("expected", "")).replace(" or ", ",").split(",")]
        near = nearest(str(found), choices)
        expected = (f"{near!r}; " if near else "") + f"one of {', '.join(choices)}"
    return UserMistake(f"{path} is {found!r}", where, expected[0].lower() + expected[1:])


def _is_in_file(part: int | str) -> bool:
    # pydantic names the branch of a union in the location (`function-after[...]`, `ModelName`): these are not keys of the file.
    return isinstance(part, int) or not (
        (part[:1].isupper() and part.isidentifier()) or "[" in part or part in ("str", "int", "float", "bool", "tuple")
    )


def _inside(place: list[int | str]) -> str:
    return f" in {'.'.join(str(part) for part in place)}" if place else ""


def _find(data: Any, place: list[int | str]) -> tuple[int | None, Any]:
    """Return the line (from 1) and the value at a place, or of the nearest container around it."""
    line_number = None
    node = data
    for part in place:
        marks = getattr(node, "lc", None)
        try:
            value = node[part]
        except (KeyError, IndexError, TypeError):
            break
        if marks is not None:
            mark = marks.data.get(part) if marks.data else None
            line_number = mark[0] + 1 if mark else line_number
        node = value
    if line_number is None and getattr(data, "lc", None) is not None:
        line_number = data.lc.line + 1
    return line_number, node if isinstance(node, dict | list) else _plain(node, _Budget(""))


def _field_names(model: Any, place: list[int | str]) -> set[str]:
    """Return the names of the fields that the model has at a place (all branches of unions together)."""
    models = [model]
    for part in place:
        following: list[Any] = []
        for each in models:
            field = getattr(each, "model_fields", {}).get(part) if isinstance(part, str) else None
            annotation = field.annotation if field is not None else (each if isinstance(part, int) else None)
            following += _models_in(annotation)
        models = following or models
    names: set[str] = set()
    for each in models:
        for field_name, field in getattr(each, "model_fields", {}).items():
            names.add(field.alias or field_name)
    return names


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) is typing.Union or isinstance(annotation, types.UnionType) or typing.get_args(annotation):
        return [found for each in typing.get_args(annotation) for found in _models_in(each)]
    return []
