"""Sentences of another QuickBooks: what of them is told of every call, and what is left out because it is about one."""

import pytest
from markupsafe import escape

from emulator.com.probe.player import Step
from emulator.com.sentences import worded
from emulator.desktop import AS_OURS
from emulator.qbxml import status


def answered(code, message):
    """A step of ProcessRequest with one status."""
    return Step("ProcessRequest", True, f'<QBXML><XRs statusCode="{code}" statusMessage="{escape(message)}">', "", 0.0)


def compared(*said):
    """What is worded otherwise when cases have these statuses: (case, code, slots of ours, their message)."""
    ours = {case: [answered(code, status.of(code, **slots).message)] for case, code, slots, _ in said}
    theirs = {case: [answered(code, message)] for case, code, _, message in said}
    return worded(theirs, ours)


NOBODY = {"reference": "Customer", "value": "RUN Nobody", "object": "Invoice"}
NOTHING = {"reference": "Item", "value": "RUN Nothing", "object": "Invoice"}
LIMIT = {"object": "Invoice", "quickbooks": "The credit limit of RUN Limited would be exceeded."}
SAVING = "There was an error when saving a Invoice."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([("a name of nobody", 500, {"value": "RUN Nobody"}, 'No "RUN Nobody" here')], 'No "{value}" here'),
        ([("dates turned round", 3030, {"from_value": "2026-02-01"}, "From comes after to.")], "From comes after to."),
        ([("an unknown customer", 3140, NOBODY, "RUN Nobody? No such Customer.")], "{value}? No such {reference}."),
        (
            [("a boolean that is none", 3010, {"value": "perhaps", "field": "IsPending"}, "{perhaps}: é & <b>")],
            "{{{value}}}: é & <b>",
        ),
        # What two cases have otherwise is not of the sentence; what both have alike is.
        (
            [
                ("an unknown customer", 3140, NOBODY, "Invoice: RUN Nobody."),
                ("an unknown item", 3140, NOTHING, "Invoice: RUN Nothing."),
            ],
            "{object}: {value}.",
        ),
    ],
)
def test_what_ours_was_filled_with_is_a_field_in_theirs(said, sentence) -> None:
    wording, left_out = compared(*said)
    assert (wording.statuses, wording.reasons, left_out) == ({said[0][1]: sentence}, {}, ())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([("dates turned round", 3030, {"from_value": "x"}, "RUN Plain has no dates.")], "names a record"),
        (
            [("dates turned round", 3030, {"from_value": "x"}, "Not 2026-02-01.")],
            "'2026-02-01' in it was said by the case itself",
        ),
        ([("dates turned round", 3030, {"from_value": "x"}, "No Invoice.")], "'Invoice' in it was said by the case itself"),
        (
            [("a macro within one set", 3180, {"object": "SalesOrder"}, "Saving the sales order failed.")],
            "says 'Sales Order' in its own",
        ),
        (
            [("an unknown customer", 3140, NOBODY, "No customer."), ("an unknown item", 3140, NOTHING, "No item.")],
            "no one sentence comes out so in all cases; others say 'No item.'",
        ),
        ([("a name of nobody", 500, {"value": "RUN Nobody"}, "x" * 2001)], "more than 2000 characters"),
    ],
)
def test_a_sentence_about_one_call_is_left_out(said, why) -> None:
    wording, [left] = compared(*said)
    assert wording == AS_OURS
    assert (left.code, left.sentence, left.case) == (str(said[0][1]), said[0][3], said[0][0])
    assert why in left.why


def test_what_quickbooks_adds_is_found_by_what_we_add() -> None:
    wording, left_out = compared(
        ("over the credit limit", 3180, LIMIT, f"{SAVING}  QuickBooks error message: RUN Limited owes too much."),
        ("a journal entry that is not balanced", 3180, {"object": "Invoice", "quickbooks": "Not in balance."}, SAVING),
    )
    assert (wording.statuses, left_out) == ({}, ())
    assert wording.reasons == {"The credit limit of {a} would be exceeded.": "{a} owes too much.", "Not in balance.": ""}
    told = wording.told(status.of(3180, object="Bill", quickbooks="The credit limit of Kern & Co would be exceeded."))
    assert told.message == "There was an error when saving a Bill.  QuickBooks error message: Kern & Co owes too much."
    assert wording.told(status.of(3180, object="Bill", quickbooks="Not in balance.")).message == (
        "There was an error when saving a Bill."
    )


@pytest.mark.parametrize(
    ("adds", "why"),
    [("Only 10.00 are allowed.", "'10.00' in it was said by the case itself"), ("RUN Plain is over.", "names a record")],
)
def test_what_quickbooks_adds_about_one_call_is_left_out(adds, why) -> None:
    wording, [left] = compared(("over the credit limit", 3180, LIMIT, f"{SAVING}  QuickBooks error message: {adds}"))
    assert wording == AS_OURS
    assert why in left.why


def failed(code, text):
    return Step("BeginSession", False, code, text, 0.0)


@pytest.mark.parametrize(
    ("code", "texts", "why"),
    [
        ("0x80040408", ("It cannot start.", "It cannot start."), ""),
        ("0x80040408", ("It cannot start.", "It will not start."), "it is said in several ways, also as 'It cannot start.'"),
        ("0x80040408", ("RUN Plain keeps it.",) * 2, "names a record"),
        ("0x80040408", ("FakeBooks Probe may not.",) * 2, "'FakeBooks Probe' in it was said by the case itself"),
        ("0x80040421", ("All seats are used.",) * 2, "something of its own each time"),
    ],
)
def test_descriptions_of_results(code, texts, why) -> None:
    cases = ("a whole session", "a wrong ticket")
    theirs = {case: [failed(code, text)] for case, text in zip(cases, texts, strict=True)}
    wording, left_out = worded(theirs, {case: [failed(code, "ours")] for case in cases})
    assert wording.results == ({} if why else {code: texts[0]})
    assert [each.code for each in left_out] == ([code] if why else [])
    assert all(why in each.why for each in left_out)


def test_a_word_that_stands_whatever_ours_was_filled_with_is_of_the_sentence() -> None:
    said = [("an invoice", 3180, {"object": noun}, "Saving the invoice failed.") for noun in ("Invoice", "Bill")]
    wording, left_out = compared(said[0], ("a bill", *said[1][1:]))
    assert (wording.statuses, left_out) == ({3180: "Saving the invoice failed."}, ())


def test_other_codes_say_nothing_of_wording() -> None:
    ours = {"a name of nobody": [answered(500, "ours"), failed("0x80040408", "ours"), answered(0, "ours")]}
    other = answered(0, "theirs")
    theirs = {
        "a name of nobody": [
            answered(501, "theirs"),
            failed("0x80040403", "theirs"),
            other._replace(value=other.value.replace("<XRs", "<YRs")),
        ]
    }
    assert worded(theirs, ours) == (AS_OURS, ())
