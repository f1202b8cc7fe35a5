"""Whether what somebody gave fits what was asked for; and if not, one sentence: what was given, at which field, what was expected.

pydantic says what a field must be. Its own texts reach nobody: files (`core/files.py`), the control API, programs and people's acts all
have their mistakes worded here.

    fitted(FaultSpec, {"fault": "slow", "when": {"nht": 2}})      unknown field 'nht' in when; expected 'nth'
"""

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from emulator.core.errors import UserMistake, nearest

Model = TypeVar("Model", bound=BaseModel)

Place = Sequence[str | int]
"""Keys and indexes from the top of what was given."""

Where = Callable[[Place, bool], str]
"""Tells where a place is, for `UserMistake.where`: of its key when the second argument is True, else of its value."""

SHOWN_MAX: Final = 80
"""Characters of what was given that a message shows; a large body is not thrown back at its sender."""


def fitted(model: type[Model], data: Any, where: str = "") -> Model:
    """Return data as a model.

    Args:
        model: what it must fit.
        data: plain values.
        where: of the data as a whole, for the message.

    Raises:
        UserMistake: it does not fit; the message has the path of the field and the nearest right word.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise misfit(error, data, model, lambda place, of_key: where) from None


def check_fits(annotation: Any, value: Any, name: str, where: str = "") -> None:
    """Refuse a value that a type does not take, as it is: a text that looks like a number is no number. Raises UserMistake.

    Args:
        annotation: the type.
        value: what was given.
        name: what it was given for, as the message calls it.
        where: for the message.
    """
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError as error:
        found, expected = expected_of(error)
        within = f", in it {found}" if found != shown(value) else ""
        raise UserMistake(f"{name} is {shown(value)}{within}", where, expected) from None


def misfit(error: ValidationError, data: Any, model: Any, where: Where, whole: str = "the whole") -> UserMistake:
    """Return the first mistake that pydantic found, in our words.

    Args:
        error: what it found.
        data: what it looked at.
        model: what the data should have fitted.
        where: tells where a place of the data is.
        whole: what the data as a whole are called.
    """
    # A misspelt field is also a missing one: the misspelling is what helps. A union reports every branch it tried; the one that came
    # furthest is the one the writer meant.
    errors = error.errors()
    first = max(errors, key=lambda each: (each["type"] == "extra_forbidden", len(_place(each, data))))
    place = _place(first, data)
    inside = f" in {_path(place[:-1])}" if place[:-1] else ""
    if first["type"] == "extra_forbidden":
        words = _field_names(model, place[:-1])
        near = nearest(str(place[-1]), words)
        expected = f"{near!r}" if near else f"one of {', '.join(sorted(words))}"
        advice = getattr(model, "UNKNOWN_FIELD", "") if not inside else ""
        return UserMistake(f"unknown field {place[-1]!r}{inside}", where(place, True), expected, advice)
    if first["type"] == "missing":
        return UserMistake(f"{place[-1]!r} is missing{inside}", where(place, False), f"the field {place[-1]!r}")
    found = _value(data, place)
    alike = [each for each in errors if _place(each, data) == place]
    expected = _expected(alike, found)
    if first["type"] in OF_A_WHOLE and not isinstance(found, str | int | float):
        # A rule about several fields together says by itself what it found.
        return UserMistake(expected + (f" in {_path(place)}" if place else ""), where(place, False))
    fields = _field_names(model, place) if first["type"] in OF_FIELDS else ()
    if fields:
        expected = f"{expected} ({', '.join(sorted(fields))})"
    return UserMistake(f"{_path(place) or whole} is {shown(found)}", where(place, False), expected)


def expected_of(error: ValidationError) -> tuple[str, str]:
    """Return what was given first that does not fit, as a message shows it, and what was expected in its place."""
    errors = error.errors()
    found = errors[0]["input"]
    return shown(found), _expected([each for each in errors if each["input"] is found], found)


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 4] + " ..."


OF_A_WHOLE: Final = ("value_error", "assertion_error")
OF_FIELDS: Final = ("dict_type", "mapping_type", "model_type", "model_attributes_type")

EXPECTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("string_type", "string_unicode", "string_sub_type"), "text"),
    **dict.fromkeys(OF_FIELDS, "fields with their values"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), "a list"),
    "none_required": "nothing",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}
"""What was expected, by pydantic's type of error; braces take its context."""


def _expected(errors: Sequence[ErrorDetails], found: Any) -> str:
    """Return what would have been right at one place; a place that takes several types has an error for each."""
    choices = [choice for each in errors for choice in _choices(each)]
    near = nearest(str(found), choices) if isinstance(found, str) else None
    words = [each for each in dict.fromkeys(map(_expected_by, errors)) if each]
    return (f"{near!r}; " if near else "") + " or ".join(words)


def _expected_by(error: ErrorDetails) -> str:
    context = {name: _plain_number(value) for name, value in error.get("ctx", {}).items()}
    if error["type"] in ("literal_error", "enum"):
        return f"one of {', '.join(_choices(error))}"
    if error["type"] in EXPECTED:
        return EXPECTED[error["type"]].format(**context)
    told = str(error["msg"])
    for start in ("Value error, ", "Assertion failed, ", "Input ", f"{error['input']!r} ", "should be "):
        told = told.removeprefix(start)
    return told[:1].lower() + told[1:]


def _plain_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _choices(error: ErrorDetails) -> list[str]:
    if error["type"] not in ("literal_error", "enum"):
        return []
    listed = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
    return [word.strip(" '") for word in listed.split(",")]


def _place(error: ErrorDetails, data: Any) -> list[str | int]:
    """Return where an error is: pydantic also names the branches of unions in the location, which are in nobody's data."""
    place: list[str | int] = []
    node = data
    for part in error["loc"]:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            continue
        place.append(part)
    if error["type"] == "missing":
        place.append(error["loc"][-1])
    return place


def _path(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _value(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


def _field_names(model: Any, place: Place) -> set[str]:
    """Return the names of the fields that the model has at a place (all branches of unions together)."""
    models = [model]
    for part in place:
        following: list[Any] = []
        for each in models:
            field = _field(each, part) if isinstance(part, str) else None
            # What is no field is the index of a list, or the key of a mapping.
            annotation = field.annotation if field is not None else each
            following += _models_in(annotation)
        models = following
    return {field.alias or name for each in models for name, field in getattr(each, "model_fields", {}).items()}


def _field(model: Any, name: str) -> Any:
    fields = getattr(model, "model_fields", {})
    return fields.get(name) or next((field for field in fields.values() if field.alias == name), None)


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) is typing.Union or isinstance(annotation, types.UnionType) or typing.get_args(annotation):
        return [found for each in typing.get_args(annotation) for found in _models_in(each)]
    return []
