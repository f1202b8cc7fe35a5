"""The benchmark of the stand-in runs and measures what it says. Its figures are judged by people: a busy machine is no reason to fail."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "standin.py"


@pytest.mark.slow
def test_it_measures():
    done = subprocess.run([sys.executable, SCRIPT, "--rounds", "5", "--starts", "1", "--json"], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    of_starts = {"exec_adds_s", "exec_adds_at_best_s", "bare_start_s", "exec_adds_ratio"}
    of_parts = {"cli_cpu_s", "quickbooks_import_cpu_s", "quickbooks_start_cpu_s"}
    assert set(found) == {"standin_ms", "wire_ms", "ratio", *of_starts, *of_parts}
    assert found["exec_adds_ratio"] == pytest.approx(found["exec_adds_at_best_s"] / found["bare_start_s"])
    assert found["ratio"] == pytest.approx(found["standin_ms"] / found["wire_ms"])
