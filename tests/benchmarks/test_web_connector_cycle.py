"""The benchmark of the Web Connector runs and measures what it says. Its figures are judged by people."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "webconnector.py"


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_every_client():
    ended = run("--requests", "3", "--rounds", "1", "--json")
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)["figures"]
    assert [each["name"] for each in figures] == ["bare client", "web connector", "with QuickBooks"]
    assert figures[0]["ratio"] == 1
    assert all(each["median_ms"] > 0 for each in figures)


def test_a_wrong_number():
    assert run("--requests", "0").returncode == 2
