"""The benchmark runs and leaves nothing out. Its figures are judged by people."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_as_json(windows):
    options = ["--calls", "2", "--rounds", "1", "--json", "--prefix", windows.prefix, "--clients", windows.programs]
    command = [sys.executable, ROOT / "benchmarks/wine.py", *map(str, options)]
    code, out, errors = windows.run(command)
    assert code == 0, errors
    told = json.loads(out)
    assert set(told["medians"]) == {"wire", *windows.wine.widths}
    assert set(told["ratios"]) == set(windows.wine.widths)
    assert told["calls"] == 2
