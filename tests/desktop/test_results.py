"""The table of result codes, and the one exception made from it."""

import pytest

from emulator.desktop import RESULTS, Code, SessionFailure, proves_nothing_done
from emulator.desktop.results import signed


def test_each_code_has_one_row_and_each_row_a_name():
    assert set(RESULTS) == set(Code)


@pytest.mark.parametrize("code", Code)
def test_the_wording_holds_every_phrase_that_clients_look_for(code):
    row = RESULTS[code]
    assert all(phrase in row.wording for phrase in row.key_phrases)
    assert row.wording
    assert row.symbol == code.name


def test_the_codes_of_the_library_are_complete():
    library = [int(code, 16) for code in RESULTS if code.startswith("0x800404")]
    assert sorted(library) == [*range(0x80040400, 0x8004043A), 0x80040440]


@pytest.mark.parametrize(
    ("code", "number"),
    [("0x80040408", -2147220472), ("0x800706BA", -2147023174), ("0x80020009", -2147352567), ("0x00000001", 1)],
)
def test_callers_see_signed_numbers(code, number):
    assert signed(code) == number


def test_a_failure_tells_its_code_and_keeps_its_detail_from_callers():
    failure = SessionFailure(Code.COULD_NOT_START, "Anna on ACCOUNTING-PC has it")
    assert failure.signed == -2147220472
    assert "Anna" not in failure.description()
    assert "Anna" in str(failure)


def test_quickbooks_own_text_is_the_description():
    assert SessionFailure(Code.QUICKBOOKS_SAYS, "All seats are used.").description() == "All seats are used."


def test_a_code_no_source_lists_is_carried_all_the_same():
    failure = SessionFailure("0x80040477")
    assert failure.code == "0x80040477"
    assert failure.result.source == "not in any source"


@pytest.mark.parametrize("code", Code)
def test_only_whole_refusals_prove_that_nothing_was_done(code):
    assert proves_nothing_done(code) is (code in ("0x80040400", "0x80040413"))


def test_a_code_is_known_however_its_digits_are_written():
    assert SessionFailure("0x8004040d").code is Code.WRONG_TICKET
    assert SessionFailure("0x80049abc").code == "0x80049ABC"
