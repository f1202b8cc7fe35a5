"""What `fakebooks parity` prints: each case that was answered otherwise and what follows, what is left out, and what to do next."""

import json

import pytest
import typer

from emulator.cli import comparing
from emulator.com.likeness import load_likeness, paces_of
from emulator.com.ours import RUN, answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.core.exits import ExitCode
from emulator.desktop import Pace, Wording

NAMES = (
    "closed: CloseConnection",
    "a connection closed that is not open",
    "over the credit limit",
    "a wrong ticket",
    "an unknown customer",
)


def write(path, cases, complete=True):
    about = {"library": "16.0", "product": "Books"}
    told = {"complete": complete, "made": "2026-03-02T14:00:00", "run": RUN, "about": about, "ground": [], "left out": {}}
    record.write(str(path), {**told, "cases": cases})
    return str(path)


@pytest.fixture
def shown(capsys, monkeypatch):
    """Return what is printed, without the blanks that make columns."""
    monkeypatch.setattr(comparing.OUT, "_width", 220)

    def show(file, out=None, as_json=False, code=0):
        with pytest.raises(typer.Exit) as ended:
            comparing.parity(file, out, as_json)
        assert ended.value.exit_code == code
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]

    return show


def test_what_differs_and_what_to_do_next(tmp_path, shown) -> None:
    words = Wording(statuses={3140: "{value}?"}, results={"0x8004040D": "FakeBooks Probe?"})
    cases = answers(
        {name: CASES[name] for name in NAMES},
        {"desktop.close-without-connection": "0x8004040F"},
        wording=words,
        latency={"BeginSession": Pace(seconds=2)},
    )
    cases["over the credit limit"] = [
        step._replace(value=step.value.replace('"3180"', '"3999"') if isinstance(step.value, str) else step.value)
        for step in cases["over the credit limit"]
    ]
    file = write(tmp_path / "p.json", cases, complete=False)
    lines = shown(file, code=ExitCode.INCONCLUSIVE)
    follows = "CloseConnection 0x8004040F CloseConnection ok"
    assert lines[0] == "Books, library 16.0, probed 2026-03-02T14:00:00: 5 cases compared, 3 answered otherwise"
    assert lines[1] == f"the probe did not come to its end: {len(CASES) - 5} cases are missing"
    assert lines[3:6] == [
        f"closed: CloseConnection {follows} explained by the other switches here",
        f"a connection closed that is not open {follows} desktop.close-without-connection: 0x8004040F",
        "over the credit limit InvoiceAddRs 3999 InvoiceAddRs 3180 unexplained: no switch makes FakeBooks answer so",
    ]
    assert lines[-2].startswith("0x8004040D FakeBooks Probe? 'FakeBooks Probe' in it was said by the case itself")
    assert lines[-1] == (
        f"1 switches, 1 sentences, the latency of 1 calls: write them down with: fakebooks parity {file} --out likeness.yaml"
    )
    out = tmp_path / "new" / "likeness.yaml"
    lines = shown(file, out, code=ExitCode.INCONCLUSIVE)
    assert lines[-4:] == [
        f"fakebooks exec --like {out} -- python my_connector.py",
        f"fakebooks up --like {out}",
        f"fakebooks run --like {out} scenarios/demo/lost_answer_day.yaml (or in the scenario: `like: {out}`)",
        f"pytest --fakebooks-like {out}",
    ]
    like = load_likeness(out)
    assert like.of.endswith("as far as 5 cases tell: the probe did not come to its end")
    assert (like.switches, like.wording.statuses) == ({"desktop.close-without-connection": "0x8004040F"}, {3140: "{value}?"})
    assert paces_of(like.latency) == {"BeginSession": Pace(seconds=2)}


def test_nothing_follows_of_our_own_answers(tmp_path, shown) -> None:
    lines = shown(write(tmp_path / "p.json", answers({name: CASES[name] for name in NAMES})))
    assert lines[-1] == "nothing follows: FakeBooks is like it as it is"


def test_a_probe_that_was_cut_is_inconclusive_as_json_too(tmp_path, capsys) -> None:
    file = write(tmp_path / "p.json", answers({"a wrong ticket": CASES["a wrong ticket"]}), complete=False)
    with pytest.raises(typer.Exit) as ended:
        comparing.parity(file, None, True)
    printed = capsys.readouterr()
    assert ended.value.exit_code == ExitCode.INCONCLUSIVE
    assert len(json.loads(printed.out)["missing"]) == len(CASES) - 1
    assert f"the probe did not come to its end: {len(CASES) - 1} cases are missing" in " ".join(printed.err.split())


def test_control_characters_of_a_parity_file_do_not_reach_the_terminal(tmp_path, shown) -> None:
    otherwise = {"desktop.close-without-connection": "0x8004040F"}
    words = Wording(results={"0x8004040D": "FakeBooks Probe?"})
    cases = answers({name: CASES[name] for name in NAMES}, otherwise, wording=words)
    cases = {name: [spoilt(step) for step in steps] for name, steps in cases.items()}
    about = {"library": "16\x1b[2J", "product": "Bo\x1b]0;x\x07oks\nline"}
    told = {"complete": True, "made": "2026\x9b", "run": RUN, "about": about, "ground": [], "left out": {}}
    file = str(tmp_path / "p.json")
    record.write(file, {**told, "cases": {**cases, "new \x1b[31mcase": []}})
    lines = shown(file)
    assert r"Bo\x1b]0;x\x07oks\x0aline, library 16\x1b[2J, probed 2026\x9b" in lines[0]
    assert r"new \x1b[31mcase" in lines[1]
    assert r"FakeBooks Probe?\x1b[1m" in " ".join(lines)
    assert r"CloseConnection 0x8004040F\x1b[1m CloseConnection ok" in " ".join(lines)
    assert not any(not each.isprintable() for line in lines for each in line)


def spoilt(step):
    value = f"{step.value}\x1b[1m" if step.value == "0x8004040F" else step.value
    return step._replace(value=value, text=step.text.replace("Probe?", "Probe?\x1b[1m"))
