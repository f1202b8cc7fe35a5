"""Every check passes a good day, fails the one thing spoilt in it, and says inconclusive to an empty story."""

import pytest

from emulator.core.errors import UserMistake
from emulator.scenario.checks import CHECKS, check_for, judge
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Verdict

from .sample_day import Day, change_record, find, good_day, spoil


def judged(day: Day, check: str):
    return check_for(check).judge(day.evidence())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_good_day_passes(check):
    finding = check.judge(good_day().evidence())
    assert (finding.verdict, finding.counterexamples) == (Verdict.PASS, ()), finding.sentence
    assert finding.tested > 0


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_an_empty_story_proves_nothing(check):
    finding = check.judge(Evidence(()))
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.sentence


# What can be spoilt. Each function spoils one thing; the table says which check must see it.


def lose_a_posted_invoice(day):
    del day.books[3]


def forget_a_document(day):
    del day.rows[find(day, "documents-at-end")]["states"]["K000005"]


def refuse_without_reason(day):
    day.rows[find(day, "document-refused")]["reason"] = " "


def refuse_what_is_posted(day):
    day.rows[find(day, "documents-at-end")]["states"]["K000004"] = "refused"
    spoil(day, len(day.rows) - 2, "platform", "document-refused", key="K000004", reason="timed out")


def book_a_key_twice(day):
    day.books.append(day.books[2])
    change_record(day, -1, id="FFFF-1", created="2026-11-23T22:00:00.000Z")


def book_content_twice_under_another_key(day):
    day.books.append(day.books[4])
    change_record(day, -1, id="FFFF-2", key="", memo="", created="2026-11-23T22:00:00.000Z")


def swap_two_commits(day):
    first, second = find(day, "committed", 3), find(day, "committed", 4)
    day.rows[first], day.rows[second] = day.rows[second], day.rows[first]


def book_an_invoice_before_its_customer(day):
    customer, invoice = find(day, "committed", 0), find(day, "committed", 1)
    day.rows.insert(customer, day.rows.pop(invoice))


def send_while_disconnected(day):
    spoil(day, find(day, "document-held", 2), "platform", "send-begun", key="K000020", number="G-10020", by="queue")


def arrive_while_disconnected(day):
    facts = {"call": "POST /v1/documents", "key": "K000020", "number": "G-10020"}
    spoil(day, find(day, "document-held", -1), "network", "call-arrived", **facts)


def refuse_while_held(day):
    row = day.rows[find(day, "document-held", 2)]
    spoil(day, find(day, "document-held", 3), "platform", "document-refused", key=row["key"], reason="too old")


def do_not_ask(day):
    del day.rows[find(day, "request", request="InvoiceQueryRq")]


def add_again_without_asking(day):
    asked = day.rows[find(day, "request", request="InvoiceQueryRq")]
    asked |= {"request": "InvoiceAddRq", "key": day.rows[find(day, "answer-withheld")]["key"]}


def ask_too_late(day):
    key = day.rows[find(day, "answer-withheld")]["key"]
    question = find(day, "request", request="InvoiceQueryRq")
    spoil(day, question, "quickbooks", "request", request="InvoiceAddRq", key=key, number=day.rows[question]["number"])


def add_again_after_the_network_lost_it(day):
    lost = find(day, "answer-lost")
    again = find(day, "call-passed", key=day.rows[lost]["key"], nth=1)
    spoil(day, again + 1, "quickbooks", "request", request="InvoiceAddRq", key=day.rows[lost]["key"])


SPOILT = [
    ("I1", lose_a_posted_invoice),
    ("I1", forget_a_document),
    ("I1", refuse_without_reason),
    ("I1", refuse_what_is_posted),
    ("I2", book_a_key_twice),
    ("I2", book_content_twice_under_another_key),
    ("I3", swap_two_commits),
    ("I3", book_an_invoice_before_its_customer),
    ("I7", send_while_disconnected),
    ("I7", arrive_while_disconnected),
    ("I7", refuse_while_held),
    ("I14", do_not_ask),
    ("I14", add_again_without_asking),
    ("I14", ask_too_late),
    ("I14", add_again_after_the_network_lost_it),
]


@pytest.mark.parametrize(("check", "spoil_it"), SPOILT, ids=lambda each: getattr(each, "__name__", each))
def test_a_spoilt_day_fails(check, spoil_it):
    day = good_day()
    spoil_it(day)
    finding = judged(day, check)
    assert finding.verdict is Verdict.FAIL, finding.sentence
    assert finding.counterexamples
    assert all(row["violation"] for row in finding.counterexamples)
    numbered = [row for row in finding.counterexamples if "n" in row]
    assert all(day.rows[row["n"] - 1]["kind"] == row["kind"] for row in numbered)


def test_every_check_is_spoilt_at_least_once():
    assert {check for check, _ in SPOILT} == {check.id for check in CHECKS}


def test_checks_are_named_once_and_a_wrong_name_is_told():
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    with pytest.raises(UserMistake, match="I99"):
        check_for("I99", "story.yaml:3")
    assert [finding.check for finding in judge(good_day().evidence(), ["i7", "I1", "I1"])] == ["I1", "I7"]
