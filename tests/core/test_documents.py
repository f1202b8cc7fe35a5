"""Documents and replies survive the way over the wire; what is none is refused with the field's name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.documents import KEY_LENGTH_MAX, LIST_KINDS, TRANSACTION_KINDS, Document, Line, Reply

LINES = st.lists(st.builds(Line, st.text(), st.text(), st.integers(), st.integers(), st.integers()), max_size=3)


@given(st.text(min_size=1, max_size=KEY_LENGTH_MAX), st.sampled_from(TRANSACTION_KINDS + LIST_KINDS), st.text(), LINES)
def test_a_document_comes_back_as_it_was_sent(key, kind, text, lines):
    total = sum(line.amount_cents for line in lines)
    document = Document(key, kind, text, text, "2026-11-23", tuple(lines), total, text, {"city": text})
    assert Document.from_json(json.loads(json.dumps(document.as_json()))) == document


GOOD = Document("k", "invoice", "G-1", "Acme", "2026-11-23", (Line("nail", "", 100000, 500000, 500),), 500).as_json()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"key": ""}, "1 to 24"),
        ({"key": "x" * 25}, "1 to 24"),
        ({"kind": "order"}, "kind"),
        ({"number": 5}, "number"),
        ({"total_cents": 499}, "sum of the lines"),
        ({"total_cents": True}, "total_cents"),
        ({"lines": [{"item": "nail"}]}, "description"),
        ({"lines": 5}, "not a document"),
        ({"fields": 5}, "not a document"),
    ],
)
def test_what_is_no_document(change, told):
    with pytest.raises(ValueError, match=told):
        Document.from_json(GOOD | change)


@pytest.mark.parametrize(
    "reply", [Reply("posted", "1-2", True), Reply("refused", code="3140", reason="no item"), Reply("unavailable")]
)
def test_a_reply_comes_back(reply):
    assert Reply.from_json(json.loads(json.dumps(reply.as_json()))) == reply


def test_what_is_no_reply():
    with pytest.raises(ValueError, match="not a reply"):
        Reply.from_json({"outcome": "perhaps"})
