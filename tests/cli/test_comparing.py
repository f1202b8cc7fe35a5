"""What `fakebooks parity` prints: each case that was answered otherwise and what follows, what is left out, and what to do next."""

import json
import os
from datetime import date

import pytest
import typer
from probed import told

from emulator.cli import comparing
from emulator.com.likeness import load_likeness, paces_of
from emulator.com.ours import answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.core.errors import UserMistake
from emulator.core.exits import ExitCode
from emulator.desktop import Pace, Wording

NAMES = (
    "closed: CloseConnection",
    "a connection closed that is not open",
    "over the credit limit",
    "a wrong ticket",
    "an unknown customer",
)


def write(path, cases, complete=True, **changes):
    record.write(str(path), told(cases, complete=complete, about={"library": "16.0", "product": "Books"}, **changes))
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
    assert lines[-3].startswith("0x8004040D FakeBooks Probe? 'FakeBooks Probe' in it was said by the case itself")
    assert lines[-2] == "1 of the cases that were answered otherwise stay unexplained"
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


def refused(steps):
    """Answers with a status that no switch makes."""
    return [
        step._replace(value=step.value.replace('"3180"', '"3999"') if isinstance(step.value, str) else step.value)
        for step in steps
    ]


def test_what_no_switch_explains_is_not_nothing(tmp_path, shown) -> None:
    cases = answers({name: CASES[name] for name in NAMES})
    cases["over the credit limit"] = refused(cases["over the credit limit"])
    lines = shown(write(tmp_path / "p.json", cases), tmp_path / "l.yaml")
    assert lines[-2] == "1 of the cases that were answered otherwise stay unexplained"
    assert lines[-1] == f"nothing follows; {tmp_path / 'l.yaml'} says so"
    assert load_likeness(tmp_path / "l.yaml").switches == {}


def test_a_file_of_which_nothing_can_be_compared_is_inconclusive(tmp_path, shown) -> None:
    lines = shown(write(tmp_path / "p.json", {"of another probe": []}), tmp_path / "l.yaml", code=ExitCode.INCONCLUSIVE)
    assert lines[1] == "no case was compared: the file has none that FakeBooks knows"
    assert lines[-1] == f"nothing follows, and {tmp_path / 'l.yaml'} was not written"
    assert not (tmp_path / "l.yaml").exists()


def test_a_ground_that_was_not_made_is_said(tmp_path, shown) -> None:
    cases = answers({name: CASES[name] for name in NAMES}, {"company.credit-limit": "ignored"})
    file = write(tmp_path / "p.json", cases, ground=[Step("OpenConnection", False, "0x80040408", "No \x1b[31mbooks.", 0.0)])
    lines = shown(file, tmp_path / "l.yaml", code=ExitCode.INCONCLUSIVE)
    assert lines[1] == (
        r"the ground was not made, and no case says anything without it: OpenConnection failed with 0x80040408 (No \x1b[31mbooks.)"
    )
    assert lines[-1] == f"nothing follows, and {tmp_path / 'l.yaml'} was not written"
    assert json.loads("".join(shown(file, None, True, code=ExitCode.INCONCLUSIVE)))["groundless"]


def test_what_is_left_open_is_said(tmp_path, shown) -> None:
    """A day in January, more iterators than are tried, a request that there is not."""
    names = ("a report that names no days", "many iterators", "a whole session")
    cases = answers({name: CASES[name] for name in names}, {"company.iterators-open-max": 99}, day=date(2026, 1, 10))
    cases["a whole session"] = [
        step._replace(value=step.value.replace("HostQuery", "Foo"), seconds=1.0) if isinstance(step.value, str) else step
        for step in cases["a whole session"]
    ]
    lines = shown(write(tmp_path / "p.json", cases, made="2026-01-10T14:00:00"))
    assert "left out of the latency, for FakeBooks does not take these requests: FooRq" in lines
    assert "not known: company.report-default-period: one of ThisMonthToDate, ThisYearToDate, the case cannot tell which" in lines
    assert any(line.endswith("company.iterators-open-max: 30 or more, the case goes no further") for line in lines)


def test_the_parity_file_is_not_written_over(tmp_path) -> None:
    file = write(tmp_path / "p.json", answers({"a wrong ticket": CASES["a wrong ticket"]}))
    before = (tmp_path / "p.json").read_bytes()
    (tmp_path / "link.json").symlink_to("p.json")
    for out in (tmp_path / "p.json", tmp_path / "link.json"):
        with pytest.raises(UserMistake, match="is the parity file itself; expected another file"):
            comparing.parity(file, out, False)
    assert (tmp_path / "p.json").read_bytes() == before


def test_a_likeness_that_cannot_be_written_leaves_nothing_beside_it(tmp_path) -> None:
    file = write(tmp_path / "p.json", answers({"a wrong ticket": CASES["a wrong ticket"]}))
    (tmp_path / "folder").mkdir()
    (tmp_path / "kept.yaml").write_text("kept")
    (tmp_path / "kept.yaml").chmod(0o444)
    for out in ("folder", "kept.yaml"):
        with pytest.raises(UserMistake, match=f"cannot write .*{out}: .*; expected a file that can be written"):
            comparing.parity(file, tmp_path / out, False)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "kept.yaml", "p.json"]
    assert (tmp_path / "kept.yaml").read_text() == "kept"


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
    file = str(tmp_path / "p.json")
    record.write(file, told({**cases, "new \x1b[31mcase": []}, made="2026-03-02\x9b", about=about))
    lines = shown(file)
    assert r"Bo\x1b]0;x\x07oks\x0aline, library 16\x1b[2J, probed 2026-03-02\x9b" in lines[0]
    assert r"new \x1b[31mcase" in lines[1]
    assert r"FakeBooks Probe?\x1b[1m" in " ".join(lines)
    assert r"CloseConnection 0x8004040F\x1b[1m CloseConnection ok" in " ".join(lines)
    assert not any(not each.isprintable() for line in lines for each in line)


def spoilt(step):
    value = f"{step.value}\x1b[1m" if step.value == "0x8004040F" else step.value
    return step._replace(value=value, text=step.text.replace("Probe?", "Probe?\x1b[1m"))


def test_a_likeness_goes_where_a_link_leads_and_into_a_device(tmp_path) -> None:
    file = write(tmp_path / "p.json", answers({"a wrong ticket": CASES["a wrong ticket"]}))
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    (tmp_path / "nothing").symlink_to(os.devnull)
    for out in ("link.yaml", "nothing"):
        with pytest.raises(typer.Exit) as ended:
            comparing.parity(file, tmp_path / out, False)
        assert ended.value.exit_code == ExitCode.PASS
    assert load_likeness(tmp_path / "real.yaml").complete
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "nothing").is_char_device()
