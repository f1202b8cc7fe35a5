"""The benchmark runs, measures what it says, and leaves no row out. Its figures are judged by people."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "ratios.py"

REQUESTS = [
    f"{document}: {way}"
    for document in ("InvoiceAdd, 5 lines", "CustomerQuery by ListID")
    for way in ("in process", "request processor")
]
STARTS = [
    "start: import emulator.qbxml",
    "start: import emulator.cli.main",
    "start: fakebooks exec: QuickBooks ready",
    "start: fakebooks exec -- true: all of it",
]


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("ratios", SCRIPT)
    made = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules["ratios"] = made
    try:
        spec.loader.exec_module(made)
        yield made
    finally:
        del sys.modules["ratios"]


def test_as_json(script, capsys):
    assert script.main(["--rounds", "3", "--starts", "0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [figure["name"] for figure in told["figures"]] == REQUESTS
    for figure in told["figures"]:
        assert figure["unit"] == "µs"
        assert figure["calls"] == 3
        assert 0 < figure["median"] <= figure["p90"]
        assert figure["floor"] > 0
        assert figure["ratio"] == pytest.approx(figure["median"] / figure["floor"], rel=0.05)
    assert told["machine"]["python"]


def test_as_a_table(script, capsys):
    assert script.main(["--rounds", "1", "--starts", "0"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n{name} " in out for name in REQUESTS)
    assert out.count("µs") == 3 * len(REQUESTS)


def test_where_the_time_goes(script, capsys, monkeypatch):
    monkeypatch.setattr(script, "PROFILE_CALLS", 2)
    assert script.main(["--profile"]) == 0
    out = capsys.readouterr().out
    assert all(f"{document}: 2 times" in out for document in script.DOCUMENTS)
    assert "codec.py" in out


def test_what_is_refused_is_not_measured(script, monkeypatch):
    refused = "CustomerQueryRq", lambda world: script.customer_query(world).replace("<ListID>8", "<ListID>7")
    monkeypatch.setattr(script, "DOCUMENTS", {"refused": refused})
    with pytest.raises(AssertionError, match="500"):
        script.main(["--rounds", "1", "--starts", "0"])


@pytest.mark.parametrize("wrong", [["--rounds", "0"], ["--starts", "-1"], ["--round", "x"]])
def test_wrong_arguments(script, wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        script.main(wrong)
    assert ended.value.code == 2


@pytest.mark.slow
def test_as_people_run_it():
    ended = subprocess.run(
        [sys.executable, SCRIPT, "--rounds", "2", "--starts", "1"], capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert all(f"\n{name} " in ended.stdout for name in REQUESTS + STARTS)
    assert ended.stdout.count(" ms") == 3 * len(STARTS)
