"""The pages that are made from the code are what the code says, and the check can fail."""

import importlib.util
from pathlib import Path

import pytest

from emulator.world import FAULT_KINDS, SWITCH_TABLES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_pages_are_fresh(script, capsys):
    assert script.main(["--check"]) == 0, f"{capsys.readouterr().out}(make them again: python scripts/make_docs.py)"


def test_the_check_sees_a_stale_page_and_writes_nothing(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "DOCS", tmp_path)
    assert script.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    page = tmp_path / "FAULTS.md"
    page.write_text(page.read_text().replace("answer-lost", "answer-lots"))
    capsys.readouterr()
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().out == "FAULTS.md is not what the code says: run python scripts/make_docs.py\n"
    assert "answer-lots" in page.read_text()
    assert script.main(["--chek"]) == 2


def test_nothing_is_left_out(script):
    texts = {path.name: text for path, text in script.pages(ROOT / "docs").items()}
    for table in SWITCH_TABLES.values():
        assert all(f"| `{switch.name}` | " in texts["SWITCHES.md"] for switch in table)
    for kinds in FAULT_KINDS.values():
        for kind in kinds:
            assert f"### {kind.name} ({kind.id})" in texts["FAULTS.md"]
            assert all(f"| `{parameter}` | " in texts["FAULTS.md"] for parameter in kind.parameters)
    for name in ("run", "ask", "validate", "exec", "up", "status", "events", "switches", "faults", "coverage"):
        assert f"## fakebooks {name}\n" in texts["COMMANDS.md"]
    assert all(f"- *{switch.standing}*: " in texts["SWITCHES.md"] for table in SWITCH_TABLES.values() for switch in table)
