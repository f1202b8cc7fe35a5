"""What is said of values that do not fit: what was given, at which field, what was expected; never pydantic's own text."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emulator.core.errors import UserMistake
from emulator.core.fitting import check_fits, fitted, shown


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(1, ge=1, le=9)
    mode: Literal["single", "multi"] = "multi"


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(min_length=2, max_length=5)
    part: Part = Part()
    parts: list[Part] = []
    settings: dict[str, bool | int | float | str] = Field({}, alias="with")
    code: str = Field("a", pattern="^[a-z]$")
    share: float = Field(1.0, gt=0, lt=2)
    few: tuple[int, ...] = Field((), max_length=2)
    either: Part | int = 1

    @model_validator(mode="after")
    def _not_both(self) -> "Thing":
        if self.name == "both":
            raise ValueError("only one of a, b may be given")
        return self


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "'name' is missing; expected the field 'name'"),
        ({"nam": "ab"}, "unknown field 'nam'; expected 'name'"),
        ({"name": "a"}, "name is 'a'; expected text of at least 2 characters"),
        ({"name": "abcdef"}, "name is 'abcdef'; expected text of at most 5 characters"),
        ({"name": 7}, "name is 7; expected text"),
        ({"name": "both"}, "only one of a, b may be given"),
        ({"name": "ab", "part": 3}, "part is 3; expected fields with their values (mode, size)"),
        ({"name": "ab", "part": {"size": 0}}, "part.size is 0; expected a number of at least 1"),
        ({"name": "ab", "part": {"size": "x"}}, "part.size is 'x'; expected a whole number"),
        ({"name": "ab", "part": {"sise": 1}}, "unknown field 'sise' in part; expected 'size'"),
        ({"name": "ab", "part": {"mode": "singel"}}, "part.mode is 'singel'; expected 'single'; one of single, multi"),
        ({"name": "ab", "parts": [{}, {"size": 10}]}, "parts.1.size is 10; expected a number of at most 9"),
        ({"name": "ab", "parts": "no"}, "parts is 'no'; expected a list"),
        ({"name": "ab", "with": {"Str": [1]}}, "with.Str is [1]; expected true or false or a whole number or a number or text"),
        (
            {"name": "ab", "settings": {"x": None}},
            "settings.x is None; expected true or false or a whole number or a number or text",
        ),
        ({"name": "ab", "code": "A1"}, "code is 'A1'; expected text of the form ^[a-z]$"),
        ({"name": "ab", "share": 0}, "share is 0; expected a number above 0"),
        ({"name": "ab", "share": float("nan")}, "share is nan; expected a number below 2"),
        ({"name": "ab", "few": [1, 2, 3]}, "few is [1, 2, 3]; expected at most 2 entries"),
        ({"name": "ab", "either": {"sise": 2}}, "unknown field 'sise' in either; expected 'size'"),
        ([], "the whole is []; expected fields with their values (code, either, few, name, part, parts, share, with)"),
    ],
)
def test_what_does_not_fit(given, told):
    with pytest.raises(UserMistake) as caught:
        fitted(Thing, given)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("annotation", "value", "told"),
    [
        (int, "5", "it is '5'; expected a whole number"),
        (bool, 1, "it is 1; expected true or false"),
        (float | None, "x", "it is 'x'; expected a number"),
        (Annotated[float, Field(ge=0, le=9)], 10, "it is 10; expected a number of at most 9"),
        (Literal["a", "bcd"], "bcf", "it is 'bcf'; expected 'bcd'; one of a, bcd"),
        (list[Literal["left", "right"]] | None, ["lft"], "it is ['lft'], in it 'lft'; expected 'left'; one of left, right"),
    ],
)
def test_one_value(annotation, value, told):
    with pytest.raises(UserMistake) as caught:
        check_fits(annotation, value, "it")
    assert str(caught.value) == told


def test_what_fits_and_what_is_long():
    assert fitted(Thing, {"name": "ab", "with": {"x": 1}}).settings == {"x": 1}
    long: Any = "x" * 1000
    assert len(shown(long)) == 80
    with pytest.raises(UserMistake, match=r"^here: ") as caught:
        fitted(Thing, {"name": long}, "here")
    assert len(str(caught.value)) < 200
