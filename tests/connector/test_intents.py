"""The intent log: every state, a restart after every step, a damaged log, a log in use."""

import sqlite3
from pathlib import Path

import pytest

from emulator.connector.intents import IntentLog
from emulator.core.errors import UserMistake

from .fakes import START, invoice

LINKED = r"\\SERVER\Bücher\Wholesale.QBW"

STEPS = {
    "intended": [],
    "sent": [("about_to_send", START)],
    "posted": [("about_to_send", START), ("posted", "1-2")],
    "refused": [("about_to_send", START), ("refused", "3140", "no such customer")],
    "unknown": [("about_to_send", START), ("unknown", "no-answer", "silence")],
}


@pytest.mark.parametrize("state", STEPS)
@pytest.mark.parametrize("in_file", [True, False])
def test_every_state_survives_a_restart(state: str, in_file: bool, tmp_path: Path) -> None:
    path = tmp_path / "intents.db" if in_file else None
    log = IntentLog(path)
    document = invoice()
    log.intend(document)
    for method, *arguments in STEPS[state]:
        getattr(log, method)(document.key, *arguments)
    if in_file:
        log.close()
        log = IntentLog(path)
    found = log.find(document.key)
    assert found is not None
    assert (found.document, found.state) == (document, state)
    assert found.in_doubt == (state in ("sent", "unknown"))
    assert [intent.document.key for intent in log.in_doubt()] == ([document.key] if found.in_doubt else [])
    assert found.sent_count == (0 if state == "intended" else 1)
    log.close()


def test_doubts_are_listed_oldest_first() -> None:
    log = IntentLog()
    for key in ("b", "a", "c"):
        log.intend(invoice(key))
        log.about_to_send(key, START)
    log.posted("a", "1-2")
    assert [intent.document.key for intent in log.in_doubt()] == ["b", "c"]
    assert [intent.document.key for intent in log.intents()] == ["b", "a", "c"]


DAMAGES = {
    "garbage": lambda path: path.write_bytes(b"this is no database at all, " * 99),
    "torn": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "other version": lambda path: _other_version(path),
    "no bytes": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}


def _other_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log_is_set_aside_and_remembered(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "intents.db"
    log = IntentLog(path)
    log.link_company(LINKED)
    for number in range(60):
        log.intend(invoice(f"k{number}"))
    log.close()
    DAMAGES[damage](path)
    fresh = IntentLog(path)
    assert fresh.memory_lost
    assert fresh.company == LINKED
    assert fresh.intents() == []
    if damage != "missing":
        assert fresh.set_aside is not None
        assert fresh.set_aside.exists()
    fresh.close()
    again = IntentLog(path)
    assert again.memory_lost
    assert again.company == LINKED
    assert again.set_aside is None
    again.close()


@pytest.mark.parametrize("damage", sorted(DAMAGES.keys() - {"missing"}))
@pytest.mark.parametrize("beside", [None, b"", b"\xff", b"[]", b'{"company": 7}'])
def test_a_link_that_is_lost_too_is_not_guessed(damage: str, beside: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "intents.db"
    log = IntentLog(path)
    log.link_company(LINKED)
    log.close()
    DAMAGES[damage](path)
    kept = tmp_path / "intents.db.company"
    if beside is None:
        kept.unlink()
    else:
        kept.write_bytes(beside)
    fresh = IntentLog(path)
    assert (bool(fresh.memory_lost), fresh.company) == (True, "")
    fresh.close()


def test_a_missing_log_is_a_new_installation(tmp_path: Path) -> None:
    log = IntentLog(tmp_path / "folder" / "intents.db")
    assert (log.memory_lost, log.company, log.set_aside) == ("", "", None)
    log.close()


def test_two_connectors_never_share_a_log(tmp_path: Path) -> None:
    first = IntentLog(tmp_path / "intents.db")
    with pytest.raises(UserMistake, match="in use"):
        IntentLog(tmp_path / "intents.db")
    first.close()
    IntentLog(tmp_path / "intents.db").close()


def test_a_new_log_remembers_everything() -> None:
    log = IntentLog()
    assert (log.memory_lost, log.company) == ("", "")
    log.link_company(r"C:\Books\A.QBW")
    assert log.company == r"C:\Books\A.QBW"
