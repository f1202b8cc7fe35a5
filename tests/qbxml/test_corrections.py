"""Every row of data/corrections.toml holds in the data and in the code."""

import tomllib
from importlib import import_module
from importlib.resources import files

import pytest

from emulator.qbxml import schema_of
from emulator.qbxml.schema import status_rows

ROWS = tomllib.loads((files("emulator.qbxml") / "data" / "corrections.toml").read_text(encoding="utf-8"))["correction"]


@pytest.mark.parametrize("row", ROWS, ids=[row["entry"] for row in ROWS])
def test_a_correction_holds(row) -> None:
    assert row["reason"]
    assert row["source"]
    wanted = row["becomes"]
    if row["file"] == "status_codes.json":
        assert wanted.items() <= status_rows()[row["entry"]].items()
    elif row["file"] == "messages.json":
        message = schema_of("16.0").message(row["entry"])
        assert [attribute.name for attribute in message.attributes] == wanted["attributes"]
    else:
        module, _, name = row["entry"].rpartition(".")
        (value,) = wanted.values()
        found = getattr(import_module(module), name)
        assert sorted(found) == sorted(value) if isinstance(value, list) else found == value
