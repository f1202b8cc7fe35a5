"""A QuickBooks that words things otherwise says so wherever a program reads it; what it words as we do stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.clock import run_virtual
from emulator.desktop import AS_OURS, Code, SessionFailure, Wording
from emulator.desktop.wording import filled_with
from emulator.qbxml import status

from .makers import APPLICATION, QUERY, START, document, make_desk

OTHER = Wording(
    results={
        "0x8004040D": "That ticket is none of ours.",
        "0x8004040C": "Open a connection, please.",
        "0x8004040F": "Open a connection, please.",
    },
    statuses={1: "Fine", 1000: "Something broke in {object}."},
)


def at_another_desk(story):
    """Run a story at a desk whose QuickBooks have other words."""

    async def run(clock):
        desk = make_desk(clock)
        desk.office.wording = OTHER
        return await story(desk)

    return run_virtual(run, START)


async def failure_of(desk, operation):
    with pytest.raises(SessionFailure) as caught:
        await desk.perform(operation)
    return caught.value


def test_calls_that_fail_say_its_sentence_and_the_last_error_too() -> None:
    async def story(desk):
        processor = desk.processor()
        unopened = await failure_of(desk, processor.begin_session("", 2))
        by_preferences = await failure_of(desk, processor.auth_preferences.get_is_read_only("x"))
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session("", 2))
        wrong = await failure_of(desk, processor.process_request("nonsense", document(QUERY)))
        last = await desk.perform(processor.get_qb_last_error())
        again = await failure_of(desk, processor.begin_session("", 2))
        return unopened.description(), by_preferences.description(), wrong.description(), last, again

    unopened, by_preferences, wrong, last, again = at_another_desk(story)
    assert unopened == by_preferences == "Open a connection, please."
    assert wrong == last == "That ticket is none of ours."
    assert again.description() == again.result.wording


def test_answers_say_its_sentences_and_a_set_that_is_asked_for_again_says_them_too() -> None:
    async def story(desk):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session("", 2))
        plain = await desk.perform(processor.process_request(ticket, document(QUERY)))
        desk.fault("internal-1000", point="quickbooks.after-commit", when={"every": 1})
        broken = await desk.perform(processor.process_request(ticket, document(QUERY)))
        return plain, broken, [row["status"] for row in desk.journal.rows("answered")]

    plain, broken, codes = at_another_desk(story)
    assert 'statusMessage="Fine"' in plain
    assert 'statusMessage="Something broke in company."' in broken
    assert codes == [1, 1000]


def test_a_status_told_twice_is_told_once() -> None:
    wording = Wording(
        statuses={3140: 'No {reference} "{value}".', 3180: "Not {object}."}, reasons={"It is {a}.": "Now {a}, {a}."}
    )
    for outcome in (
        status.of(3140, reference="Item", value="{value}", object="Bill"),
        status.of(3180, object="Bill", quickbooks="It is {gone}."),
        status.of(3100, value="x"),
    ):
        told = wording.told(outcome)
        assert (told.code, told.severity, wording.told(told)) == (outcome.code, outcome.severity, told)
    assert wording.told(status.of(3140, reference="Item", value="{value}", object="Bill")).message == 'No Item "{value}".'
    assert wording.told(status.of(3180, object="Bill", quickbooks="It is {gone}.")).message == (
        "Not Bill.  QuickBooks error message: Now {gone}, {gone}."
    )
    assert AS_OURS.told(status.of(0)) is status.of(0)


WORDS = st.text("ab ", max_size=3)


@given(st.lists(st.tuples(WORDS, st.sampled_from("xyz"))), WORDS, st.text("ab ", max_size=12))
def test_fields_are_filled_as_a_regular_expression_would(parts, end, told):
    names = [name for _, name in parts]
    if len(set(names)) < len(names):  # what stands in it twice, an expression may find by going back
        return
    expression = "".join(f"{re.escape(text)}(?P<{name}>.*?)" for text, name in parts) + re.escape(end)
    match = re.fullmatch(expression, told)
    sentence = "".join(f"{text}{{{name}}}" for text, name in parts) + end
    assert filled_with(sentence, told) == (match.groupdict() if match else None)


@pytest.mark.parametrize(
    ("sentence", "told", "filled"),
    [
        ("{a} owes {b}.", "Baker owes 5.00.", {"a": "Baker", "b": "5.00"}),
        ("{a} and {a}", "one and one", {"a": "one"}),
        ("{a} and {a}", "one and two", None),
        ("{{a}} {b}", "{a} b", {"b": "b"}),
        ("ab{a}bc", "abc", None),
        ("as it is", "as it is", {}),
        ("as it is", "as it is.", None),
    ],
)
def test_what_the_fields_of_a_sentence_were_filled_with(sentence, told, filled):
    assert filled_with(sentence, told) == filled


def test_a_sentence_of_nothing_but_fields_is_soon_told_not_to_fit():
    """Going back over its fields would take hours."""
    assert filled_with("".join(f"{{a{number}}}" for number in range(200)) + "X", "a" * 10_000) is None


def test_a_sentence_that_says_all_about_its_field_is_found_before_one_with_a_field() -> None:
    wording = Wording(reasons={"It is {a}.": "some", "It is linked.": "that"})
    told = [
        wording.told(status.of(3180, object="Bill", quickbooks=each)).message for each in ("It is linked.", "It is paid.", "It")
    ]
    assert [each.partition("message: ")[2] for each in told] == ["that", "some", "It"]


def test_what_quickbooks_says_of_itself_stays() -> None:
    failure = SessionFailure(Code.QUICKBOOKS_SAYS, "All seats are used.")
    Wording(results={str(Code.QUICKBOOKS_SAYS): "No."}).word(failure)
    assert failure.description() == "All seats are used."
