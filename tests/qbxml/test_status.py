"""The table of status codes and the sentences made from it."""

import pytest

from emulator.qbxml import status

SEVERITIES = {"Info": range(500), "Warn": range(500, 1000), "Error": range(1000, 10_000)}
CAUSE_DECIDES = {3180}
"""Codes whose second sentence, and so their further phrases, depend on the cause: the slot `quickbooks`."""


@pytest.mark.parametrize("code", status.table())
def test_every_row(code) -> None:
    row = status.table()[code]
    assert code in SEVERITIES[row.severity] or code == 600  # message set status, Info although it lies in the range of warnings
    assert row.standing
    assert row.source
    phrases = row.key_phrases[:1] if code in CAUSE_DECIDES else row.key_phrases
    for phrase in phrases:
        assert phrase in row.text
    if code not in status.NEVER_SENT:
        made = status.of(code, value="V", field="F", object="Invoice")
        assert (made.code, made.severity) == (code, row.severity)
        assert "{" not in made.message
        assert made.failed == (row.severity == "Error")


def test_slots_and_the_sentence_of_the_application() -> None:
    assert status.of(0) == status.Status(0, "Info", "Status OK")
    assert status.of(3070, value="long", field="Name").message == 'The string "long" in the field "Name" is too long.'
    own = status.of(3180, object="Invoice", quickbooks="The transaction is empty.")
    assert own.message == "There was an error when saving a Invoice.  QuickBooks error message: The transaction is empty."
    usual = status.of(3120, value="1-2").message
    assert "  QuickBooks error message: " in usual
    assert status.of(3120, value="1-2", quickbooks="Other.").message.endswith("  QuickBooks error message: Other.")


def test_braces_in_a_value_are_only_text() -> None:
    assert "{value}" in status.of(3070, value="{value} {0}", field="x").message


def test_codes_that_are_not_for_us() -> None:
    with pytest.raises(KeyError):
        status.of(4711)
    for code in status.NEVER_SENT:
        with pytest.raises(AssertionError):
            status.of(code)
