"""YAML files with mistakes: file, line, what was found, what was expected, the nearest right word."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from emulator.core.errors import UserMistake
from emulator.core.files import FILE_BYTES_MAX, load_yaml, parse_yaml


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    item: str
    quantity: int = Field(1, ge=1)


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: str
    mode: Literal["single", "multi"] = "multi"
    opened: str = ""
    lines: list[Line] = []


GOOD = "number: G-1\nopened: 18:00\nlines:\n  - item: nail\n    quantity: 2\n"

MISTAKES = [
    (GOOD.replace("number", "nmber"), ["f.yaml:1, column 1:", "'nmber'", "'number'"]),
    (GOOD.replace("number: G-1\n", ""), ["'number' is missing"]),
    (GOOD + "mode: singel\n", ["f.yaml:6, column 7:", "mode is 'singel'", "'single'"]),
    (GOOD.replace("quantity: 2", "quantity: 0"), ["f.yaml:5, column 15:", "lines.0.quantity is 0", "a number of at least 1"]),
    (GOOD.replace("quantity: 2", "quantty: 2"), ["f.yaml:5, column 5:", "'quantty'", "'quantity'"]),
    (GOOD.replace("quantity: 2", "quantity: many"), ["f.yaml:5, column 15:", "'many'", "a whole number"]),
    (GOOD + "number: G-2\n", ["f.yaml:6, column 1:", "duplicate"]),
    ("number: [\n", ["f.yaml:2, column 1:", "not YAML"]),
    ("- a\n- b\n", ["f.yaml", "the file is ['a', 'b']", "fields with their values (lines, mode, number, opened)"]),
    ("", ["f.yaml", "the file is empty"]),
    ("number: G\nmode: \x00\n", ["f.yaml:2, column 7:", "not YAML"]),
    ("a: &a [*a]\n", ["f.yaml"]),
]


def test_a_good_file(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text(GOOD)
    order = load_yaml(path, Order)
    assert (order.number, order.opened, order.lines[0].quantity) == ("G-1", "18:00", 2)


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_place(text, told):
    with pytest.raises(UserMistake) as caught:
        parse_yaml(text, Order, "f.yaml")
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_a_byte_order_mark_is_no_part_of_it(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_yaml(path, Order).number == "G-1"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read it"),
        (b"number: G-1\nmode: \xe9", "f.yaml:2, column 7: the byte 0xe9 is not UTF-8"),
        (b"a" * (FILE_BYTES_MAX + 1), "at most"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, told):
    path = tmp_path / "f.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserMistake, match=told):
        load_yaml(path, Order)
