"""Documents to qbXML and back: what is written is valid, exact to the cent, and can be told from a stranger's."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.connector import messages
from emulator.core.documents import Document, Line
from emulator.qbxml import Answer, Status, decode_set, encode_answer_set

from .fakes import FakeQuickBooks, invoice

KINDS = ("invoice", "bill", "customer", "vendor", "product")


def document(kind: str, **more: object) -> Document:
    if kind in ("invoice", "bill"):
        return invoice(kind=kind, **more)
    return Document("k1", kind, "", str(more.pop("party", "Acme")), "2026-11-23", **more)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_asked_for_and_known_again(kind: str) -> None:
    quickbooks = FakeQuickBooks()
    wanted = document(kind)
    (add,) = decode_set(messages.add_request(wanted)).requests
    assert add.fault is None
    quickbooks.perform(add)
    for question in (messages.number_question(wanted), messages.id_question(wanted, quickbooks.records[0].id)):
        (asked,) = decode_set(question).requests
        assert asked.fault is None
        (found,) = messages.found(wanted, quickbooks.perform(asked))
        assert (found.id, found.key) == (quickbooks.records[0].id, "k1")
        assert (found.party, found.total_cents) == (wanted.party, wanted.total_cents)


LINES = st.builds(
    lambda quantity, rate, cents: Line("Widget", "a widget", quantity, rate, cents),
    st.integers(0, 10**7),
    st.integers(0, 10**8),
    st.integers(-(10**6), 10**6),
)


@given(lines=st.lists(LINES, min_size=1, max_size=5), kind=st.sampled_from(["invoice", "bill"]))
def test_what_quickbooks_gets_is_right_to_the_cent(lines: list[Line], kind: str) -> None:
    wanted = Document("k1", kind, "G-1", "Acme", "2026-11-23", tuple(lines), sum(line.amount_cents for line in lines))
    quickbooks = FakeQuickBooks()
    (add,) = decode_set(messages.add_request(wanted)).requests
    assert add.fault is None
    quickbooks.perform(add)
    assert quickbooks.records[0].cents == wanted.total_cents


NO_PRICES = ("²", "12.50", "-1", "+1", "1e3", " 12", "١٢", "1_000", "twelve", "9" * 15, "9" * 9999, "0x1")

RULES = [
    (document("invoice", number="G-123456789"), ""),
    (document("invoice", number="G-1234567890"), "never cut"),
    (document("bill", number="B" * 20), ""),
    (document("bill", number="B" * 21), "never cut"),
    (document("customer", party="C" * 41), ""),
    (document("customer", party="C" * 42), "never cut"),
    (document("customer", party="Parent:" + "C" * 41), ""),
    (document("vendor", party="V" * 42), "never cut"),
    (document("product", party="P" * 31), ""),
    (document("product", party="P" * 32), "never cut"),
    (document("customer", party="  "), "no name"),
    (document("customer", party="Größe & Söhne"), ""),
    (document("customer", party="大阪商事"), "cannot keep"),
    (document("invoice", number=""), "no number"),
    (document("product", fields={"price": "1250000"}), ""),
    (document("product", fields={"price": "0"}), ""),
    (document("product", fields={"price": ""}), ""),
    *((document("product", fields={"price": price}), "price") for price in NO_PRICES),
    (document("invoice", memo="大阪 " * 9999), ""),
]


@pytest.mark.parametrize(("wanted", "reason"), RULES)
def test_declared_rules(wanted: Document, reason: str) -> None:
    broken = messages.breaks_rule(wanted)
    assert (reason in broken) if reason else broken == ""
    if not reason:
        (add,) = decode_set(messages.add_request(wanted)).requests
        assert add.fault is None


def test_a_long_memo_never_loses_the_key() -> None:
    memo = messages.memo(invoice(memo="x" * 9999))
    assert len(memo) <= 4095
    assert memo.endswith(" [key:k1]")


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=5
)


@given(text=TEXT, times=st.integers(1, 2100), kind=st.sampled_from(KINDS))
def test_free_text_is_cut_to_what_quickbooks_has_room_for(text: str, times: int, kind: str) -> None:
    """An emoji has two units of UTF-16, and QuickBooks counts those."""
    long = text * times
    wanted = replace(document(kind), memo=long, fields={"address": long, "city": long, "description": long, "company": long})
    if kind in ("invoice", "bill"):
        wanted = replace(wanted, lines=(Line("Freight", long, 100_000, 100_000, 1_00),), fields={})
    (add,) = decode_set(messages.add_request(wanted)).requests
    assert add.fault is None


@pytest.mark.parametrize(
    ("text", "length_max", "kept"),
    [("abc", 2, "ab"), ("a😀b", 2, "a"), ("a😀b", 3, "a😀"), ("😀", 1, ""), ("漢字", 2, "漢字"), ("", 3, "")],
)
def test_half_a_character_is_none(text: str, length_max: int, kept: str) -> None:
    assert messages.cut(text, length_max) == kept


@pytest.mark.parametrize(
    ("name", "takes"), [("a\u00a0b", True), ("a\u00adb", True), ("a\tb", False), ("a\x81b", False), ("漢", False)]
)
def test_which_names_are_written(name: str, takes: bool) -> None:
    assert (messages.breaks_rule(document("customer", party=name)) == "") is takes


def test_a_damaged_field_is_known_again_however_many_question_marks_stand_for_it() -> None:
    wanted = document("customer", fields={"address": "💡 Weg 漢 1?"})
    for told in ("?? Weg ? 1?", "? Weg ? 1?"):
        record = messages.Found("1", "", "Acme", 0, "", {"BillAddress": {"Addr1": told}})
        assert messages.fields_agree(wanted, record)
    other = messages.Found("1", "", "Acme", 0, "", {"BillAddress": {"Addr1": "?? Weg 1?"}})
    assert not messages.fields_agree(wanted, other)


@given(
    memo=st.lists(
        st.sampled_from(["[key:k9]", "[KEY:x]", "[key", "[", "key:", "]", " ", "k1", "order 7", "x" * 2040]), max_size=6
    ).map("".join),
    kind=st.sampled_from(["invoice", "bill", "customer", "vendor"]),
)
def test_exactly_one_mark_stands_in_a_memo_and_it_is_ours(memo: str, kind: str) -> None:
    quickbooks = FakeQuickBooks()
    wanted = document(kind, memo=memo)
    (add,) = decode_set(messages.add_request(wanted)).requests
    quickbooks.perform(add)
    written = quickbooks.records[0].memo
    assert written.lower().count("[key") == 1
    assert len(written) <= messages.TEXT_LENGTH_MAX
    (asked,) = decode_set(messages.number_question(wanted)).requests
    assert [found.key for found in messages.found(wanted, quickbooks.perform(asked))] == ["k1"]


@given(price=st.text(max_size=20))
def test_a_price_is_written_or_refused_never_dropped(price: str) -> None:
    wanted = document("product", fields={"price": price})
    if messages.breaks_rule(wanted) == "" and price:
        (add,) = decode_set(messages.add_request(wanted)).requests
        assert add.fault is None
        assert add.values["ItemNonInventoryAdd"]["SalesOrPurchase"]["Price"] == int(price)


def test_a_line_without_item_is_an_expense() -> None:
    lines = (Line("", "rent", 0, 0, 900), Line("Widget", "", 100_000, 100_000, 100))
    bill = Document("k1", "bill", "B-1", "Landlord", "2026-11-23", lines, 1000)
    assert "account" in messages.breaks_rule(bill)
    bill = Document("k1", "bill", "B-1", "Landlord", "2026-11-23", lines, 1000, fields={"account": "Rent"})
    (add,) = decode_set(messages.add_request(bill)).requests
    assert add.values["BillAdd"]["ExpenseLineAdd"][0]["AccountRef"] == {"FullName": "Rent"}


LOCKS = [
    (3175, "the list element is in use", True),
    (3176, "", True),
    (3170, "There was an error when modifying", True),
    (3180, "There was an error when saving: it could not be locked", True),
    (3180, "It was modified by another user", True),
    (3180, "The record is locked by another user.", True),
    (3180, "The invoice is in use by another user.", True),
    (3180, "It is in use in another window.", True),
    (3180, "There was an error when saving: failed to acquire the lock", True),
    (3180, "There was an error when saving. The number B-1 is already in use for this vendor.", False),
    (3180, "The account number 10100 is already in use.", False),
    (3180, "The ExternalGUID {11111111-2222-3333-4444-555555555555} is already in use.", False),
    (3180, "the credit limit is exceeded", False),
    (3140, "there is an invalid reference", False),
    (3200, "edit sequence", False),
]


@pytest.mark.parametrize(("code", "text", "locked"), LOCKS)
def test_a_lock_is_told_from_a_refusal(code: int, text: str, locked: bool) -> None:
    assert messages.is_locked(Status(code, "Error", text)) is locked


@pytest.mark.parametrize("text", ["", "<QBXML", "<QBXML></QBXML>", "<?xml version='1.0'?><QBXML><QBXMLMsgsRs/></QBXML>", "\x00"])
def test_a_damaged_answer_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(messages.UnreadableAnswer):
        messages.read(text)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"total_cents": 10**30, "lines": (Line("W", "", 0, 0, 10**30),)}, "larger"),
        ({"memo": "\ud800"}, "characters"),
        ({"party": "a\x00b"}, "characters"),
        ({"key": "a b"}, "key"),
        ({"key": "a]b"}, "key"),
        ({}, ""),
    ],
)
def test_what_no_book_can_hold_is_no_document(change: dict[str, object], reason: str) -> None:
    found = messages.unreadable(Document(**{**vars(invoice()), **change}))
    assert (reason in found) if reason else found == ""


@pytest.mark.parametrize(
    ("preferences", "code"),
    [({}, ""), ({"SalesTaxPreferences": {"DefaultNonTaxableSalesTaxCodeRef": {"FullName": "Non"}}}, "Non")],
)
def test_sales_tax_is_off_only_when_quickbooks_shows_its_preferences_without_it(
    preferences: dict[str, object], code: str
) -> None:
    told = encode_answer_set(
        "13.0", [Answer("PreferencesQueryRs", Status(0, "Info", "OK"), {}, [("PreferencesRet", preferences)])]
    )
    assert messages.non_taxable_code(messages.read(told)) == code
