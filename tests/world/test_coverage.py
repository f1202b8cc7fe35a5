"""The coverage of qbXML: what is counted, that every hole has a reason, and that the page says what the record says."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.core.errors import UserMistake
from emulator.qbxml import schema_of, status
from emulator.qbxml.schema import public_requests
from emulator.world import SWITCH_TABLES, coverage
from emulator.world.coverage import SHALLOW, TESTED, Gap, Row

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("make_coverage", ROOT / "scripts" / "make_coverage.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_there_is_a_row_for_every_public_request():
    names = {row.request for row in coverage.rows()}
    schema = schema_of("16.0")
    assert names == set(schema.requests()) | set(schema.requests(subscription=True))
    assert len(names) == 239


def test_every_request_is_answered():
    assert [row.request for row in coverage.rows() if not row.answered] == []


def test_what_is_not_in_full_has_a_reason():
    assert [row.request for row in coverage.rows() if not row.full and not row.gaps] == []


def test_every_gap_concerns_a_request_and_says_why():
    names = public_requests()
    for gap in coverage.gaps():
        assert gap.missing.endswith(".")
        assert gap.reason.endswith(".")
        for pattern in gap.requests:
            assert any(Gap((pattern,), "", "").concerns(name) for name in names), pattern


@pytest.mark.parametrize(
    ("unanswered", "tested", "gaps", "answered", "full"),
    [
        ((), ("books",), (), True, True),
        ((), tuple(SHALLOW), (), True, False),
        ((), (), (), True, False),
        (("2.0",), ("books",), (), False, False),
        ((), ("books",), (Gap(("X",), "It.", "So."),), True, False),
    ],
)
def test_what_counts_as_in_full(unanswered, tested, gaps, answered, full):
    row = Row("XRq", "1.0", True, unanswered, tested, gaps)
    assert (row.answered, row.full) == (answered, full)


def test_one_request_is_found_by_its_name_and_an_unknown_one_gets_the_nearest():
    assert coverage.row_of("invoiceadd") is coverage.row_of("InvoiceAddRq")
    with pytest.raises(UserMistake, match="InvoicAdd") as mistake:
        coverage.row_of("InvoicAdd")
    assert "InvoiceAddRq" in str(mistake.value)


def test_versions_are_those_with_a_schema_of_their_own():
    assert coverage.versions_of("TransferAddRq")[0] == coverage.row_of("TransferAdd").since
    assert coverage.versions_of("HostQueryRq")[0] == "1.0"


def test_the_page_is_fresh(script, capsys):
    assert script.main(["--check"]) == 0, f"{capsys.readouterr().out}(make it again: python scripts/make_coverage.py)"


def test_the_record_is_made_from_what_passed(script, tmp_path, monkeypatch, capsys):
    """A request that was answered at some versions only is told so; a refusal alone is no answer."""
    folder = tmp_path / "records"
    folder.mkdir()
    rows = [("books", "TransferAddRq", version, True) for version in coverage.versions_of("TransferAddRq")[1:]]
    rows += [("filters", "TransferQueryRq", "16.0", False), ("bent", "TransferModRq", "", False)]
    codes = [("TransferAddRq", 3120), ("TransferAddRq", 0)]
    switches = [(coverage.ANY_REQUEST, "company.role-rights"), ("TransferAddRq", "company.transfer-between-currencies")]
    (folder / "main-1.json").write_text(json.dumps({"asked": rows, "codes": codes, "switches": switches}))
    monkeypatch.setattr(script, "KEPT", tmp_path / "coverage.json")
    monkeypatch.setattr(script, "TOUCHED", tmp_path / "touched.json")
    monkeypatch.setattr(script, "PAGE", tmp_path / "COVERAGE.md")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    assert script.main(["--check", str(folder)]) == 1
    assert not (tmp_path / "coverage.json").exists()
    assert script.main([str(folder)]) == 0
    kept = json.loads((tmp_path / "coverage.json").read_text())
    assert kept["TransferAddRq"] == {"tested": ["books"], "unanswered": coverage.versions_of("TransferAddRq")[:1]}
    touched = json.loads((tmp_path / "touched.json").read_text())
    assert touched["TransferAddRq"] == {"codes": [0, 3120], "switches": ["company.transfer-between-currencies"]}
    assert touched[coverage.ANY_REQUEST] == {"codes": [], "switches": ["company.role-rights"]}
    assert kept["TransferQueryRq"]["tested"] == []
    assert kept["TransferModRq"]["tested"] == ["bent"]
    assert script.main(["--check", str(folder)]) == 0
    capsys.readouterr()
    assert script.main([str(tmp_path / "nothing")]) == 2
    assert script.main(["--chek"]) == 2
    assert list(TESTED) == [kind for kind in TESTED if f"| {kind} |" in script.page()]


@pytest.mark.slow
def test_tests_write_down_what_they_had_answered(tmp_path):
    """A run of its own: the file of a worker has the requests of a test that passed, with its kind, and says which were taken."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/company/test_displays.py"]
    environment = {**os.environ, "FAKEBOOKS_RECORD": str(tmp_path / "record")}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    [record] = (tmp_path / "record").glob("main-*.json")
    kept = json.loads(record.read_text())
    assert ["TxnDisplayModRq", 0] in kept["codes"]
    assert [coverage.ANY_REQUEST, "company.role-rights"] in kept["switches"]
    rows = kept["asked"]
    assert ["special", "TxnDisplayModRq", "16.0", True] in rows
    assert ["special", "TxnDisplayModRq", "16.0", False] in rows


def test_what_is_known_of_codes_and_switches() -> None:
    """Every request has codes that tests saw; codes and switches are those of the tables."""
    for name in public_requests():
        row = coverage.row_of(name)
        if row.supported and row.tested and not name.endswith(("SubscriptionAddRq", "SubscriptionDelRq", "SubscriptionQueryRq")):
            assert coverage.codes_of(name), name
    assert {3140, 3150} <= {code.code for code in coverage.codes_of("InvoiceAddRq")}
    names = {switch.name for table in SWITCH_TABLES.values() for switch in table}
    assert {switch.name for switch in coverage.switches_of("InvoiceAddRq")} <= names
    assert "company.credit-limit" in {switch.name for switch in coverage.switches_of("InvoiceAddRq")}
    assert "company.role-rights" in {switch.name for switch in coverage.switches_of(coverage.ANY_REQUEST)}
    assert "company.transfer-between-currencies" in {switch.name for switch in coverage.switches_of("TransferAddRq")}
    assert "company.transfer-between-currencies" not in {switch.name for switch in coverage.switches_of("InvoiceAddRq")}


def test_the_record_names_nothing_that_is_gone() -> None:
    touched = json.loads((ROOT / "emulator/world/data/touched.json").read_text())
    assert list(touched) == [coverage.ANY_REQUEST, *public_requests()]
    names = {switch.name for table in SWITCH_TABLES.values() for switch in table}
    assert {name for facts in touched.values() for name in facts["switches"]} <= names
    assert {code for facts in touched.values() for code in facts["codes"]} <= status.table().keys()
