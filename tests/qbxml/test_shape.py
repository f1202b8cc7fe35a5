"""The shape of a request for people says what the schema says, and what was different at older versions."""

import pytest

from emulator.core.errors import UserMistake
from emulator.qbxml.schema import is_private, message_names, schema_of
from emulator.qbxml.shape import request_named, shape_of, versions_of
from emulator.qbxml.versions import own_versions

PUBLIC = [name for name in message_names("Rq") if not is_private(name)]


@pytest.mark.parametrize("given", ["InvoiceAdd", "InvoiceAddRq", "invoiceadd", "INVOICEADDRQ"])
def test_a_request_is_found_by_its_name(given) -> None:
    assert request_named(given) == "InvoiceAddRq"


def test_a_close_miss_is_answered_with_the_right_name() -> None:
    with pytest.raises(UserMistake) as told:
        request_named("InvoicAdd")
    assert "InvoiceAddRq" in told.value.expected


def test_every_request_has_a_shape_at_every_version_that_has_it() -> None:
    for name in PUBLIC:
        for number in versions_of(name)[:: max(1, len(versions_of(name)) - 1)]:
            rows = shape_of(name, number)
            message = schema_of(number).message(name)
            assert message is not None
            elements = [row for row in rows if row.kind == "element"]
            assert all(row.since in own_versions() for row in elements)
            assert all(own_versions().index(row.since) >= own_versions().index(versions_of(name)[0]) for row in elements)
            assert {row.path.count("/") for row in elements if row.depth == 0} <= {1}


def rows_of(name: str, number: str) -> dict[str, object]:
    return {row.path.removeprefix(f"{name}/"): row for row in shape_of(name, number) if row.path}


def test_what_the_shape_of_an_invoice_says() -> None:
    rows = {row.path: row for row in shape_of("InvoiceAddRq", "16.0")}
    add = "InvoiceAddRq/InvoiceAdd"
    assert rows[f"{add}/CustomerRef"].occurs == "required"
    assert (rows[f"{add}/RefNumber"].type, rows[f"{add}/RefNumber"].length) == ("STRTYPE", 11)
    assert rows[f"{add}/InvoiceLineAdd/Quantity"].occurs == "optional"
    assert rows[f"{add}/ExternalGUID"].since == "9.0"
    assert rows[f"{add}@defMacro"].kind == "attribute"
    order = [row.name for row in shape_of("InvoiceAddRq", "16.0") if row.depth == 1 and row.kind == "element"]
    assert order[:3] == ["CustomerRef", "ClassRef", "ARAccountRef"]


def test_an_older_version_lacks_what_came_later() -> None:
    old, new = ({row.path for row in shape_of("InvoiceAddRq", number)} for number in ("2.0", "16.0"))
    assert old < new
    with pytest.raises(KeyError):
        shape_of("InventorySiteQueryRq", "2.0")
    assert shape_of("InvoiceAddRq", "15.0") == shape_of("InvoiceAddRq", "16.0")


def test_what_was_different_is_told() -> None:
    """Some element of some request had another length, occurrence or list of values before; each is told with its version."""
    told = [(name, row) for name in PUBLIC for row in shape_of(name, versions_of(name)[-1]) if row.changes]
    assert len(told) > 20
    for _, row in told:
        assert all(change.startswith("up to ") for change in row.changes), row
    name, row = next((name, row) for name, row in told if any("characters" in change for change in row.changes))
    last = row.changes[0].split(":")[0].removeprefix("up to ")
    then = next(each for each in shape_of(name, last) if each.path == row.path)
    assert then.length != row.length
    assert f"at most {then.length} characters" in row.changes[0]
    assert any(change.startswith("from ") for change in then.changes)
