"""The benchmark of the large company runs, measures what it says, and leaves nothing behind. Its figures are judged by people."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "large.py"
SMALL = ["--customers", "350", "--transactions", "1200", "--records", "20", "--rows", "100", "--rounds", "2"]


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("large", SCRIPT)
    made = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules["large"] = made
    try:
        spec.loader.exec_module(made)
        yield made
    finally:
        del sys.modules["large"]


@pytest.mark.slow
def test_every_figure(script, capsys, tmp_path):
    path = tmp_path / "large.qbw"
    assert script.main([*SMALL, "--file", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    figures = {figure["name"]: figure for figure in told["figures"]}
    assert all(figure["figure"] > 0 for figure in figures.values() if "growth" not in figure["name"])
    for begins, count in (
        ("generate", 1), ("open and close", 1), ("InvoiceAdd", 1), ("page of 100", 14), ("iterator over", 4), ("memory", 1),
        ("snapshot", 4), ("restore", 2), ("fork", 2), ("journal", 1),
    ):  # fmt: skip
        assert len([name for name in figures if name.startswith(begins)]) == count, begins
    assert figures["InvoiceAdd, 5 lines"]["ratio"] > 0
    assert [each.name for each in tmp_path.iterdir()] == ["large.qbw"]
    # The file that is there is taken.
    assert script.main([*SMALL, "--file", str(path)]) == 0
    out = capsys.readouterr().out
    assert "generate the large company" not in out
    assert all(name in out for name in figures if name != "generate the large company")


@pytest.mark.parametrize("wrong", [["--rounds", "0"], ["--customers", "0"], ["--rows", "-1"], ["--round", "x"]])
def test_wrong_arguments(script, wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        script.main(wrong)
    assert ended.value.code == 2
