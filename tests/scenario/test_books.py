"""What is read from the books: who made a record (the journal knows, the company file does not), and what it comes to without tax."""

import pytest

from emulator.scenario.books import _makers
from emulator.scenario.run import run_file
from emulator.scenario.verdict import Verdict

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


TAXED = """
scenario: taxed
company: month_end
switches: {connector.taxes: quickbooks}
steps:
  - do: operator.reconnect_by_the_book
  - traffic: {emit: invoice, count: 40}
  - until: queue_empty
invariants: [I1, I2, I19, I22]
"""


@pytest.mark.slow  # three months of history
def test_a_right_invoice_of_a_taxable_customer_is_right_where_quickbooks_reckons_the_tax(tmp_path):
    path = tmp_path / "taxed.yaml"
    path.write_text(TAXED)
    story = run_file(path)
    assert {finding.verdict for finding in story.findings} == {Verdict.PASS}, [finding.sentence for finding in story.findings]
    posted = [record for record in story.evidence.books if record.key]
    assert any(record.total_cents > (record.untaxed_cents or 0) for record in posted), "no customer of this story pays tax"
    assert {record.by for record in posted} == {"FakeBooks Connector"}
