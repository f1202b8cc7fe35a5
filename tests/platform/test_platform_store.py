"""The store: survives being closed, keeps order and numbers, and is all or nothing."""

import sqlite3
from datetime import UTC, datetime

import pytest
from platform_bench import invoice

from emulator.core.errors import UserMistake
from emulator.platform.store import Known, OwedMail, Store


def test_everything_is_there_again(tmp_path):
    path = tmp_path / "new folder" / "platform.db"
    store = Store(path)
    documents = [
        invoice("Müller ☕", kind=kind).document(f"K{place}", f"G-{place}") for place, kind in enumerate(["invoice", "bill"])
    ]
    for document in documents:
        store.accept(document, "waiting")
    store.mark("K0", "posted", txn_id="1A-1")
    store.put("status", "Disconnected")
    moment = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    mail = OwedMail(1, "a@b", "s", "t", moment)
    store.owe(mail)
    store.remember(Known("customer", "Straße", {"city": "Köln"}, "K9"))
    store.close()

    store = Store(path)
    assert [kept.document for kept in store.in_state("waiting", "posted")] == documents
    assert store.kept("K0").txn_id == "1A-1"
    assert store.get("status", "Connected") == "Disconnected"
    assert store.owed() == mail
    assert store.known("customer", "STRASSE").fields == {"city": "Köln"}
    assert store.known("vendor", "Straße") is None
    assert store.all_known("customer") == ["Straße"]
    assert store.positions_used() == 2
    store.given(1)
    assert store.owed() is None
    assert store.forget("K9").name == "Straße"
    assert store.forget("K9") is None
    assert store.all_known("customer") == []
    store.close()


def test_a_step_is_all_or_nothing():
    store = Store()

    def half() -> None:
        with store.atomic():
            store.accept(invoice().document("K1", "G-1"), "waiting")
            with store.atomic():
                store.put("next-number", 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert store.kept("K1") is None
    assert store.get("next-number", 1) == 1
    store.close()


def test_what_is_posted_stays_posted():
    store = Store()
    store.accept(invoice().document("K1", "G-1"), "waiting")
    store.mark("K1", "posted", txn_id="1")
    with pytest.raises(AssertionError):
        store.mark("K1", "waiting")
    with pytest.raises(AssertionError):
        store.mark("K2", "held")
    store.close()


def test_a_file_of_something_else_is_said_to_be_one(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(UserMistake, match=r"letter\.txt"):
        Store(path)
    with pytest.raises(UserMistake, match="store of the platform side"):
        Store(tmp_path)
    newer = tmp_path / "newer.db"
    database = sqlite3.connect(newer)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UserMistake, match="format 99"):
        Store(newer)
