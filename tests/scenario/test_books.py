"""Who made a record: the journal knows, the company file does not."""

from emulator.scenario.books import _makers

ROWS = [
    {"kind": "session-begun", "machine": "server", "session": 1, "application": "FakeBooks Connector", "user": "Goflow"},
    {"kind": "committed", "machine": "server", "session": 1, "user": "Goflow", "id": "ours"},
    {"kind": "committed", "machine": "pc", "session": 1, "user": "Anna", "id": "of a program nobody saw begin"},
    {"kind": "typed", "machine": "pc", "user": "Accountant", "id": "his"},
    {"kind": "session-begun", "machine": "server", "session": 1, "application": "Another", "user": "Goflow"},
    {"kind": "committed", "machine": "server", "session": 1, "user": "Goflow", "id": "another's"},
    {"kind": "committed", "machine": "server", "session": 1, "user": "Goflow", "id": "ours"},
    {"kind": "committed", "application": "Told", "session": 1, "machine": "server", "id": "told"},
]


def test_a_record_belongs_to_the_application_of_its_session_and_else_to_the_person():
    assert _makers(ROWS) == {
        "ours": "FakeBooks Connector",
        "of a program nobody saw begin": "Anna",
        "his": "Accountant",
        "another's": "Another",
        "told": "Told",
    }
