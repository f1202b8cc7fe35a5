"""Every check passes a good day, fails the one thing spoilt in it, and says inconclusive to an empty story."""

import cProfile
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies

from emulator.core.errors import UserMistake
from emulator.desktop.correlation import key_in
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


def disconnect_one_attempt_early(day):
    del day.rows[find(day, "attempt-failed", failed=3)]


def disconnect_one_attempt_late(day):
    change = find(day, "status-changed", by="attempts")
    spoil(day, change, "platform", "attempt-failed", failed=4, of=3, reason="silence")


def never_disconnect(day):
    first = find(day, "status-changed", by="attempts")
    del day.rows[first : first + 3]
    del day.rows[find(day, "status-changed", to="Connected")]


def disconnect_without_cause(day):
    day.rows[find(day, "status-changed", by="operator", to="Disconnected")]["cause"] = ""


def heal_by_itself(day):
    day.rows[find(day, "status-changed", to="Connected")]["by"] = "attempts"


def change_from_what_it_was_not(day):
    day.rows[find(day, "status-changed", to="Connected")]["from"] = "Connected"


def forget_to_count(day):
    day.rows[find(day, "attempt-failed", failed=2)]["failed"] = 1


def change_the_status_late(day):
    day.rows[find(day, "status-changed", by="attempts")]["at"] = "2026-11-23T15:09:00.000Z"


def lose_the_mail(day):
    del day.rows[find(day, "mail-received")]


def mail_twice(day):
    day.rows.insert(find(day, "mail-received"), dict(day.rows[find(day, "mail-received")]))


def mail_somebody_else(day):
    day.rows[find(day, "mail-received")]["to"] = ["ops@example.test", "boss@example.test"]


def mail_for_a_blip(day):
    spoil(day, find(day, "attempt-failed") + 1, "mailbox", "mail-received", to=["ops@example.test"], subject="disconnected")


def mail_for_the_operator(day):
    change = find(day, "status-changed", by="operator", to="Disconnected")
    spoil(day, change + 1, "mailbox", "mail-received", to=["ops@example.test"], subject="disconnected")


def mail_hours_later(day):
    day.rows[find(day, "mail-received")]["at"] = "2026-11-23T17:00:00.000Z"


def make_while_disconnected(day):
    day.rows[find(day, "creation-refused")]["kind"] = "creation-accepted"


def refuse_to_make_without_reason(day):
    del day.rows[find(day, "creation-refused")]["reason"]


def leave_half_made_on_the_platform(day):
    place = find(day, "creation-refused") + 1
    spoil(day, place, "platform", "document-accepted", key="HALF", document="vendor", party="New Vendor", total_cents=0)


def leave_half_made_in_the_books(day):
    day.rows[find(day, "creation-refused")]["name"] = "Half Vendor"
    day.books.append(replace(day.books[0], kind="vendor", id="8-8", party="Half Vendor", key="HALF"))


def log_in_single_while_others_are_in(day):
    day.rows[find(day, "login-refused")]["kind"] = "logged-in"


def refuse_single_though_all_are_out(day):
    row = day.rows[find(day, "logged-in", mode="single")]
    row |= {"kind": "login-refused", "reason": "internal error"}


def refuse_single_without_reason(day):
    day.rows[find(day, "login-refused")]["reason"] = ""


def damage_the_books(day):
    del day.books[6]


def leave_a_document_held(day):
    day.rows[find(day, "documents-at-end")]["states"]["K000033"] = "held"


def drain_too_slowly(day):
    day.settings = replace(day.settings, drain_limit_s=5)


def edit_a_held_document(day):
    held = day.rows[find(day, "document-held")]
    spoil(day, find(day, "document-held", 5), "platform", "document-edited", key=held["key"], number=held["number"])


def balance_a_cent_off(day):
    day.books.append(replace(day.books[2], id="9-9", kind="credit-memo", number="", key="", total_cents=1, by="Accountant"))


def take_his_number_for_ours(day):
    day.books.append(
        replace(day.books[3], id="HIS-1", key="", memo="", by="Accountant", total_cents=day.books[3].total_cents + 1)
    )
    posted = day.rows[find(day, "document-posted", 3)]
    assert posted["number"] == day.books[3].number
    posted["id"] = "HIS-1"


def take_his_equal_invoice_for_ours(day):
    day.books.append(replace(day.books[3], id="HIS-2", key="", memo="", by="Accountant"))
    day.rows[find(day, "document-posted", 3)]["id"] = "HIS-2"


def post_to_another_customer(day):
    change_record(day, 5, party="Somebody Else")


def post_as_nothing(day):
    posted = day.rows[find(day, "document-posted", 3)]
    posted["id"] = "NO-SUCH-ID"


def send_a_refused_document_again(day):
    refused = day.rows[find(day, "document-refused")]
    spoil(day, find(day, "document-refused") + 2, "platform", "send-begun", key=refused["key"], by="queue")


def block_the_queue(day):
    """Nothing goes through after the refusal, though documents wait."""
    first = find(day, "document-refused")
    states = day.rows[find(day, "documents-at-end")]["states"]
    for row in day.rows[first:]:
        if row["kind"] == "document-posted":
            row["kind"] = "document-waits"
            states[row["key"]] = "waiting"


def tell_zero(day):
    day.rows[find(day, "balance-told")]["balance_cents"] = 0


def tell_an_old_balance(day):
    told = day.rows[find(day, "balance-told")]
    spoil(
        day,
        find(day, "status-changed", nth=-1),
        "platform",
        "balance-told",
        customer="Acme Hardware",
        balance_cents=told["balance_cents"],
    )


def fail_without_reason(day):
    del day.rows[find(day, "attempt-failed", nth=1)]["reason"]


def drop_a_held_document(day):
    """The platform side drops what it held, for its age; QuickBooks never saw it."""
    held = day.rows[find(day, "document-held", 5)]
    posted = find(day, "document-posted", key=held["key"])
    day.rows[posted] |= {"kind": "document-refused", "reason": "expired"}
    states = day.rows[find(day, "documents-at-end")]["states"]
    states[held["key"]] = "refused"
    day.rows = [row for row in day.rows if row.get("key") != held["key"] or row["kind"] not in ("send-begun", "send-ended")]
    day.books = [record for record in day.books if record.key != held["key"]]


def hold_what_stands_in_the_books(day):
    day.rows[find(day, "documents-at-end")]["states"]["K000005"] = "held"


def keep_waiting_what_stands_in_the_books(day):
    """A new customer: nobody wrote its key, the connector made it."""
    change_record(day, 0, key="", memo="")
    day.rows[find(day, "documents-at-end")]["states"]["K000001"] = "waiting"


def refuse_a_customer_that_stands_in_the_books(day):
    change_record(day, 0, key="", memo="")
    day.rows[find(day, "documents-at-end")]["states"]["K000001"] = "refused"
    posted = find(day, "document-posted")
    day.rows[posted - 1] |= {"outcome": "refused", "code": "3100", "reason": "the name is taken"}
    day.rows[posted] |= {"kind": "document-refused", "reason": "the name is taken"}


def hold_what_comes_after_the_refused_one(day):
    """The status is Connected, and everything behind the refused one is held for ever."""
    block_the_queue(day)
    states = day.rows[find(day, "documents-at-end")]["states"]
    states |= {key: "held" for key, state in states.items() if state == "waiting"}


def retry_a_refused_document_for_ever(day):
    """The connector calls a refusal of QuickBooks unavailable, a thousand times."""
    refused = find(day, "document-refused")
    again = {**day.rows[refused - 1], "outcome": "unavailable", "code": "3180"}
    day.rows[refused - 1 : refused + 1] = [dict(again) for _ in range(100)]


def book_twice_without_key(day):
    """The connector wrote no key, and another number at the second try."""
    change_record(day, 4, key="", memo="")
    day.books.append(replace(day.books[4], id="FFFF-3", number="", created="2026-11-23T22:00:00.000Z"))


def book_twice_under_an_invented_key(day):
    number = day.books[4].number[:-1]
    day.books.append(replace(day.books[4], id="FFFF-4", key="K000005x", number=number, created="2026-11-23T22:00:00.000Z"))


def book_twice_and_change_the_amount(day):
    record = day.books[4]
    day.books.append(
        replace(record, id="FFFF-5", key="", memo="", total_cents=record.total_cents + 1, created="2026-11-23T22:00:00.000Z")
    )


def make_a_customer_twice(day):
    change_record(day, 0, key="", memo="")
    day.books.append(replace(day.books[0], id="FFFF-6", party="Zoë & Sons <Tools> (2)", created="2026-11-23T22:00:00.000Z"))


def make_what_nobody_asked_for(day):
    day.books.append(
        replace(day.books[4], id="FFFF-7", kind="credit-memo", number="C-1", key="", created="2026-11-23T22:00:00.000Z")
    )


def count_nothing(day):
    """The platform side sends in vain for hours, counts nothing and stays Connected."""
    never_disconnect(day)
    day.rows = [row for row in day.rows if row["kind"] != "attempt-failed"]


def count_two_of_three(day):
    """It goes on counting, and never comes to N."""
    never_disconnect(day)
    del day.rows[find(day, "attempt-failed", failed=3)]


def count_nothing_when_quickbooks_is_gone(day):
    count_nothing(day)
    for row in day.rows:
        if row["kind"] == "send-ended" and row["outcome"] == "no-answer":
            row |= {"outcome": "unavailable", "code": "0x80040408"}


def count_what_nobody_tried(day):
    place = find(day, "send-begun", key="K000030")
    spoil(day, place, "platform", "attempt-failed", failed=1, of=3, reason="a bad day")


def come_in_past_the_gate(day):
    place = find(day, "document-held", 5)
    spoil(day, place, "platform", "document-accepted", key="PAST", document="product", party="Hinge", number="", total_cents=0)


def ask_and_get_no_answer(day):
    """The question is there, QuickBooks never answers it, and the connector goes on as if it had."""
    asked = find(day, "request", request="InvoiceQueryRq")
    day.rows[asked + 1] = {**day.rows[asked + 1], "kind": "session-failed", "call": "ProcessRequest", "code": "0x80040414"}


def ask_for_a_bill_instead(day):
    asked = find(day, "request", request="InvoiceQueryRq")
    for row in day.rows[asked : asked + 2]:
        row["request"] = "BillQueryRq"


def ask_after_it_was_told(day):
    asked = find(day, "request", request="InvoiceQueryRq")
    moved = [day.rows.pop(asked) for _ in range(2)]
    day.rows[asked + 3 : asked + 3] = moved


def send_again_blindly_after_quickbooks_died(day, code="0x80040402"):
    """Nothing had been written when it died. The connector cannot know that."""
    place = find(day, "request", request="InvoiceAddRq", key="K000005")
    add = dict(day.rows[place])
    spoil(day, place + 1, "quickbooks", "session-failed", call="ProcessRequest", code=code, request="InvoiceAddRq", key="K000005")
    day.rows.insert(place + 2, add)


def tell_a_balance_of_nobody(day):
    spoil(day, find(day, "balance-told") + 1, "platform", "balance-told", customer="Ghost", balance_cents=0)


def add_tax_that_nobody_agreed_on(day):
    record = day.books[3]
    change_record(day, 3, total_cents=record.total_cents + 83, untaxed_cents=record.total_cents)


def change_the_amount_where_quickbooks_reckons_tax(day):
    day.settings = replace(day.settings, taxes="quickbooks")
    record = day.books[3]
    change_record(day, 3, untaxed_cents=record.total_cents - 1)


SPOILT = [
    ("I13", tell_a_balance_of_nobody),
    ("I22", add_tax_that_nobody_agreed_on),
    ("I22", change_the_amount_where_quickbooks_reckons_tax),
    ("I14", ask_and_get_no_answer),
    ("I14", ask_for_a_bill_instead),
    ("I14", ask_after_it_was_told),
    ("I14", send_again_blindly_after_quickbooks_died),
    ("I2", book_twice_without_key),
    ("I2", book_twice_under_an_invented_key),
    ("I2", book_twice_and_change_the_amount),
    ("I2", make_a_customer_twice),
    ("I2", make_what_nobody_asked_for),
    ("I5", count_nothing),
    ("I5", count_two_of_three),
    ("I5", count_nothing_when_quickbooks_is_gone),
    ("I5", count_what_nobody_tried),
    ("I8", come_in_past_the_gate),
    ("I1", drop_a_held_document),
    ("I11", drop_a_held_document),
    ("I1", hold_what_stands_in_the_books),
    ("I1", keep_waiting_what_stands_in_the_books),
    ("I1", refuse_a_customer_that_stands_in_the_books),
    ("I12", hold_what_comes_after_the_refused_one),
    ("I12", retry_a_refused_document_for_ever),
    ("I12", send_a_refused_document_again),
    ("I12", block_the_queue),
    ("I13", tell_zero),
    ("I13", tell_an_old_balance),
    ("I20", fail_without_reason),
    ("I20", disconnect_without_cause),
    ("I1", lose_a_posted_invoice),
    ("I1", forget_a_document),
    ("I1", refuse_without_reason),
    ("I1", refuse_what_is_posted),
    ("I2", book_a_key_twice),
    ("I2", book_content_twice_under_another_key),
    ("I3", swap_two_commits),
    ("I3", book_an_invoice_before_its_customer),
    ("I5", disconnect_one_attempt_early),
    ("I5", disconnect_one_attempt_late),
    ("I5", never_disconnect),
    ("I5", disconnect_without_cause),
    ("I5", heal_by_itself),
    ("I5", change_from_what_it_was_not),
    ("I5", forget_to_count),
    ("I5", change_the_status_late),
    ("I6", lose_the_mail),
    ("I6", mail_twice),
    ("I6", mail_somebody_else),
    ("I6", mail_for_a_blip),
    ("I6", mail_for_the_operator),
    ("I6", mail_hours_later),
    ("I7", send_while_disconnected),
    ("I7", arrive_while_disconnected),
    ("I7", refuse_while_held),
    ("I8", make_while_disconnected),
    ("I8", refuse_to_make_without_reason),
    ("I8", leave_half_made_on_the_platform),
    ("I8", leave_half_made_in_the_books),
    ("I10", log_in_single_while_others_are_in),
    ("I10", refuse_single_though_all_are_out),
    ("I10", refuse_single_without_reason),
    ("I10", damage_the_books),
    ("I11", leave_a_document_held),
    ("I11", drain_too_slowly),
    ("I11", edit_a_held_document),
    ("I14", do_not_ask),
    ("I14", add_again_without_asking),
    ("I14", ask_too_late),
    ("I14", add_again_after_the_network_lost_it),
    ("I19", balance_a_cent_off),
    ("I22", take_his_number_for_ours),
    ("I22", take_his_equal_invoice_for_ours),
    ("I22", post_to_another_customer),
    ("I22", post_as_nothing),
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


# What is right although it looks wrong at first sight.


def recover_by_message_set(day):
    """The connector sends the same message set again, and QuickBooks answers from its stored outcome, writing nothing."""
    question = find(day, "request", request="InvoiceQueryRq")
    key = day.rows[find(day, "answer-withheld")]["key"]
    day.rows[question] |= {"request": "InvoiceAddRq", "key": key}
    day.rows[question + 1] |= {"kind": "set-answered", "status": "600"}


def send_by_hand_while_disconnected(day):
    place = find(day, "document-held", 5)
    key = day.rows[find(day, "document-held")]["key"]
    spoil(day, place, "network", "call-arrived", call="POST /v1/documents", key=key)
    spoil(day, place, "platform", "send-begun", key=key, by="hand")


def probe_while_disconnected(day):
    spoil(day, find(day, "document-held", 5), "network", "call-arrived", call="GET /v1/status", probe=True)


def finish_a_send_that_was_under_way(day):
    """The operator sets Disconnected while a document is on its way; its call arrives a moment later and is refused by the books."""
    change = find(day, "status-changed", by="operator", to="Disconnected")
    begun = find(day, "send-begun", key="K000026")
    moved = [day.rows.pop(begun + 1) for _ in range(7)]
    for row in reversed(moved):
        day.rows.insert(change + 1 - len(moved), row)


def type_two_equal_invoices_by_hand(day):
    for identity in ("H-1", "H-2"):
        day.books.append(replace(day.books[3], id=identity, key="", memo="", number="777", by="Accountant"))


def delete_an_invoice(day):
    record = day.books.pop(3)
    spoil(day, len(day.rows) - 2, "quickbooks", "committed", request="TxnDelRq", id=record.id)


def create_in_manual_mode(day):
    place = find(day, "creation-refused")
    spoil(day, place + 1, "platform", "creation-accepted", what="product", name="Hinge")
    spoil(day, place + 1, "platform", "setting-changed", setting="push-mode", **{"from": "automatic", "to": "manual"})


def change_the_contact(day):
    begin = find(day, "status-changed", by="attempts")
    day.rows[find(day, "mail-received")]["to"] = ["new@example.test"]
    spoil(day, begin, "platform", "setting-changed", setting="contact", **{"from": "ops@example.test", "to": "new@example.test"})


def tell_an_old_balance_with_its_mark(day):
    told = day.rows[find(day, "balance-told")]
    facts = {"customer": "Acme Hardware", "balance_cents": told["balance_cents"], "as_of": told["at"]}
    spoil(day, find(day, "status-changed", nth=-1), "platform", "balance-told", **facts)


def tell_the_total_with_jobs(day):
    day.books[2] = replace(day.books[2], party="Acme Hardware:Annex")


def owe_from_before_the_story(day):
    day.books.append(replace(day.books[2], id="OLD-1", key="", number="1", by="", created="2025-01-01T00:00:00.000Z"))
    day.before = {"Acme Hardware": day.books[2].total_cents}
    day.rows[find(day, "balance-told")]["balance_cents"] += day.books[2].total_cents


def end_while_a_document_is_in_doubt(day):
    """The last sending had no answer: it stands in the books, and nobody can know yet."""
    ended = find(day, "send-ended", key="K000005")
    day.rows[ended] |= {"outcome": "no-answer", "reason": "silence"}
    day.rows[ended + 1] = {**day.rows[ended + 1], "kind": "document-waits"}
    day.rows[find(day, "documents-at-end")]["states"]["K000005"] = "held"


def refuse_a_bill_that_is_not_held(day):
    drop_a_held_document(day)
    refused = find(day, "document-refused", reason="expired")
    day.rows[find(day, "document-accepted", key=day.rows[refused]["key"])]["document"] = "bill"
    day.settings = replace(day.settings, bills_held=False)


def refuse_a_name_that_an_accountant_took(day):
    """The entry in the books is a person's; ours was refused for it."""
    refuse_a_customer_that_stands_in_the_books(day)
    change_record(day, 0, by="Accountant")


def change_a_record_afterwards(day):
    """Accounting people give a record of ours another amount and number, and write over its memo."""
    change_record(day, 4, key="", memo="paid in part", number="1-A", total_cents=1)


def fail_by_hand(day):
    """A person sends by hand, four times in vain: not the queue's attempts."""
    place = find(day, "send-begun", key="K000030")
    for _ in range(4):
        spoil(day, place, "platform", "send-ended", key="K000030", outcome="no-answer", reason="silence")
        spoil(day, place, "platform", "send-begun", key="K000030", by="hand")


def fail_where_unavailable_does_not_count(day):
    count_nothing_when_quickbooks_is_gone(day)
    day.settings = replace(day.settings, unavailable_counts=False)


def fail_a_look_up(day):
    """A balance look-up that failed is an attempt without a sending (question Q6)."""
    place = find(day, "send-begun", key="K000030")
    spoil(day, place, "platform", "balance-told", customer="Acme Hardware", unavailable="silence")
    spoil(day, place, "platform", "attempt-failed", failed=1, of=3, reason="silence")


def send_again_what_was_refused_as_a_whole(day):
    send_again_blindly_after_quickbooks_died(day, code="0x80040400")


def send_again_after_a_question(day):
    send_again_blindly_after_quickbooks_died(day)
    number = day.documents["K000005"]["number"]
    place = find(day, "session-failed") + 1
    spoil(day, place, "quickbooks", "answered", request="TransactionQueryRq", status=500)
    spoil(day, place, "quickbooks", "request", request="TransactionQueryRq", number=number)


def tell_that_nobody_is_unavailable(day):
    spoil(day, find(day, "balance-told") + 1, "platform", "balance-told", customer="Ghost", unavailable="no such customer")


def let_quickbooks_reckon_the_tax(day):
    day.settings = replace(day.settings, taxes="quickbooks")
    record = day.books[3]
    change_record(day, 3, total_cents=record.total_cents + 83, untaxed_cents=record.total_cents)


def quote_the_key_of_another(day):
    """A memo whose words hold another document's mark: the connector wrote its own at the end, and that one counts."""
    memo = f"see [key:{day.books[3].key}] [key:{day.books[4].key}]"
    change_record(day, 4, memo=memo, key=key_in(memo))


RIGHT = [
    ("I1", quote_the_key_of_another),
    ("I2", quote_the_key_of_another),
    ("I22", quote_the_key_of_another),
    ("I13", tell_that_nobody_is_unavailable),
    ("I22", let_quickbooks_reckon_the_tax),
    ("I2", let_quickbooks_reckon_the_tax),
    ("I14", send_again_what_was_refused_as_a_whole),
    ("I14", send_again_after_a_question),
    ("I2", change_a_record_afterwards),
    ("I5", fail_by_hand),
    ("I5", fail_where_unavailable_does_not_count),
    ("I5", fail_a_look_up),
    ("I1", end_while_a_document_is_in_doubt),
    ("I1", refuse_a_bill_that_is_not_held),
    ("I11", refuse_a_bill_that_is_not_held),
    ("I1", refuse_a_name_that_an_accountant_took),
    ("I13", tell_an_old_balance_with_its_mark),
    ("I13", tell_the_total_with_jobs),
    ("I13", owe_from_before_the_story),
    ("I19", owe_from_before_the_story),
    ("I14", recover_by_message_set),
    ("I7", send_by_hand_while_disconnected),
    ("I7", probe_while_disconnected),
    ("I7", finish_a_send_that_was_under_way),
    ("I2", type_two_equal_invoices_by_hand),
    ("I1", delete_an_invoice),
    ("I22", delete_an_invoice),
    ("I10", delete_an_invoice),
    ("I8", create_in_manual_mode),
    ("I6", change_the_contact),
]


@pytest.mark.parametrize(("check", "change_it"), RIGHT, ids=lambda each: getattr(each, "__name__", each))
def test_what_is_right_passes(check, change_it):
    day = good_day()
    change_it(day)
    finding = judged(day, check)
    assert finding.verdict is Verdict.PASS, finding.sentence


def test_a_customer_with_documents_and_without_a_balance_fails():
    evidence = good_day().evidence()
    told = {name: cents for name, cents in evidence.receivables.items() if name != "Acme Hardware"}
    finding = check_for("I19").judge(replace(evidence, receivables=told))
    assert finding.verdict is Verdict.FAIL
    assert "Acme Hardware" in finding.sentence


def test_a_mail_that_may_still_come_when_the_story_ends_proves_nothing():
    day = good_day()
    lose_the_mail(day)
    del day.rows[find(day, "status-changed", by="attempts") + 2 :]
    finding = judged(day, "I6")
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.sentence
    assert "episode 1" in finding.sentence


def test_an_answer_lost_because_quickbooks_died_counts_too():
    day = good_day()
    withheld = find(day, "answer-withheld")
    day.rows[withheld] = {
        "n": 0,
        "at": day.rows[withheld]["at"],
        "lane": "quickbooks",
        "kind": "closed",
        "crashed": True,
        "machine": "SERVER",
    }
    assert judged(day, "I14").tested == 2
    do_not_ask(day)
    assert judged(day, "I14").verdict is Verdict.FAIL


def test_a_connector_killed_after_it_wrote_knows_nothing():
    day = good_day()
    withheld = find(day, "answer-withheld")
    day.rows[withheld] |= {"kind": "answered", "status": "0"}
    key = day.rows[withheld]["key"]
    spoil(day, withheld + 1, "faults", "fault-hit", fault="kill", point="connector.after-send", hit=1, key=key)
    assert judged(day, "I14").tested == 2
    do_not_ask(day)
    assert judged(day, "I14").verdict is Verdict.FAIL


def test_an_answer_that_nothing_tells_of_is_seen_by_the_next_sending():
    """A part between platform side and connector was killed from outside: no row says so."""
    day = good_day()
    lost = find(day, "answer-lost")
    key = day.rows[lost]["key"]
    del day.rows[lost]
    finding = judged(day, "I14")
    assert (finding.tested, finding.verdict) == (2, Verdict.PASS)
    again = find(day, "call-passed", key=key, nth=1)
    spoil(day, again + 1, "quickbooks", "request", request="InvoiceAddRq", key=key)
    assert judged(day, "I14").verdict is Verdict.FAIL


@settings(max_examples=60, deadline=None)
@given(data=strategies.data())
def test_no_journal_breaks_a_check(data):
    """Rows lost, moved or doubled, records lost: a check says something of every journal, the same each time, and what it shows is in it."""
    day = good_day(2)
    for _ in range(data.draw(strategies.integers(0, 30))):
        place = data.draw(strategies.integers(0, len(day.rows) - 1))
        row = day.rows.pop(place)
        if data.draw(strategies.booleans()):
            day.rows.insert(data.draw(strategies.integers(0, len(day.rows))), row)
    for _ in range(data.draw(strategies.integers(0, 3))):
        day.books.pop(data.draw(strategies.integers(0, len(day.books) - 1)))
    findings = judge(day.evidence(), [check.id for check in CHECKS])
    assert findings == judge(day.evidence(), [check.id for check in CHECKS])
    for finding in findings:
        assert (finding.verdict is Verdict.FAIL) == bool(finding.counterexamples)
        assert (finding.verdict is Verdict.INCONCLUSIVE) <= (finding.tested == 0)
        for row in finding.counterexamples:
            assert "n" not in row or day.rows[row["n"] - 1]["at"] == row["at"]


def test_a_long_story_is_judged_in_linear_time():
    def calls(invoices: int) -> int:
        day = good_day(invoices)
        day.settings = replace(day.settings, drain_limit_s=None)
        evidence = day.evidence()
        # Calls are counted, not seconds: a busy machine changes nothing.
        with cProfile.Profile() as profile:
            findings = judge(evidence, [check.id for check in CHECKS])
        assert {finding.verdict for finding in findings} == {Verdict.PASS}
        return sum(entry.callcount for entry in profile.getstats())

    # Eight times the story may take eight times the work; quadratic work would be sixty-four times.
    assert calls(800) < 12 * calls(100)
