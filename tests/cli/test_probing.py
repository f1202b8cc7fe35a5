"""`fakebooks probe` and `fakebooks parity`: from a QuickBooks to the switches that tell how it differs."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from probed import told
from running import FAKEBOOKS, fakebooks_up, own_environment, pythons

from emulator.com.exec import environment, quickbooks_for_programs
from emulator.com.likeness import TABLES, load_likeness
from emulator.com.ours import COMPANY, answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.packing import pack
from emulator.core.switches import SwitchSettings

pytestmark = pytest.mark.slow  # each starts a program


def fakebooks(*arguments, cwd, expect=0):
    done = subprocess.run(
        [FAKEBOOKS, *map(str, arguments)], cwd=cwd, env=own_environment(cwd), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def a_file(folder, group="sessions", complete=True, **switches):
    """Write the parity file of a FakeBooks with other switches; return its path."""
    cases = {name: case for name, case in CASES.items() if case.group == group}
    path = folder / "parity.json"
    record.write(str(path), told(answers(cases, switches), complete=complete))
    return path


def test_parity_tells_and_writes_what_follows(tmp_path) -> None:
    path = a_file(tmp_path, "switches", **{"desktop.close-without-connection": "0x8004040F", "qbxml.bad-enum-value": "3110"})
    text = fakebooks("parity", path, "--out", "found/likeness.yaml", cwd=tmp_path).stdout
    assert "desktop.close-without-connection" in text
    assert "fakebooks exec --like found/likeness.yaml -- " in text
    like = load_likeness(tmp_path / "found/likeness.yaml")
    assert like.switches == {"qbxml.bad-enum-value": "3110", "desktop.close-without-connection": "0x8004040F"}
    told = json.loads(fakebooks("parity", path, "--json", cwd=tmp_path).stdout)
    assert told["likeness"] == like.model_dump(mode="json")
    assert told["unexplained"] == []


LIKE = """likeness: 1
switches: {qbxml.bad-enum-value: "3110"}
wording:
  results: {0x8004040F: "Nobody has opened a connection."}
  statuses: {500: "Not everything is here."}
complete: true
"""


def test_exec_takes_a_likeness_which_the_probe_finds_again(tmp_path) -> None:
    (tmp_path / "likeness.yaml").write_text(LIKE)
    command = ("exec", "--like", "likeness.yaml", "--", FAKEBOOKS, "probe", "--only")
    fakebooks(*command, "queries", "--out", "queries.json", cwd=tmp_path)
    fakebooks(*command, "sessions", "--out", "sessions.json", cwd=tmp_path)
    wording = [
        json.loads(fakebooks("parity", f"{group}.json", "--json", cwd=tmp_path).stdout)["likeness"]["wording"]
        for group in ("queries", "sessions")
    ]
    assert wording[0]["statuses"] == {"500": "Not everything is here."}
    assert wording[1]["results"] == {"0x8004040F": "Nobody has opened a connection."}


@pytest.mark.parametrize(
    "command",
    [
        ("exec", "--like", "like.yaml", "--", "true"),
        ("up", "--like", "like.yaml"),
        ("run", "--like", "like.yaml", "story.yaml"),
        ("run", "story.yaml"),
    ],
)
def test_a_likeness_that_cannot_be_used_is_said_before_anything_starts(tmp_path, command) -> None:
    (tmp_path / "like.yaml").write_text(LIKE.replace("qbxml.bad-enum-value", "qbxml.bad-enum"))
    like = "" if "--like" in command else "like: like.yaml\n"
    (tmp_path / "story.yaml").write_text(f"scenario: a_story\n{like}steps: [{{wait: 1}}]\ninvariants: [I1]\n")
    done = fakebooks(*command, cwd=tmp_path, expect=2)
    assert "like.yaml:2, column 12: there is no switch 'qbxml.bad-enum'; expected 'qbxml.bad-enum-value'" in done.stderr


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text[:1000], "half a file"),
        (lambda text: text.replace('"version": 1', '"version": 9'), "version 9"),
    ],
)
def test_parity_refuses_a_file_it_cannot_use(tmp_path, spoil, says) -> None:
    path = a_file(tmp_path)
    path.write_text(spoil(path.read_text()))
    done = fakebooks("parity", path, cwd=tmp_path, expect=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_probe_that_broke_off_is_said_to_have(tmp_path) -> None:
    path = a_file(tmp_path, "recovery", complete=False)
    assert (
        f"did not come to its end: {len(CASES) - 7} cases are missing" in fakebooks("parity", path, cwd=tmp_path, expect=3).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "session"], "expected 'sessions'"),
        (["--server", "127.0.0.1:1"], "expected http://127.0.0.1:PORT"),
        (["--server", "http://127.0.0.1:x"], "expected http://127.0.0.1:PORT"),
        (["--pack", "no/such/folder/probe.pyz"], "No such file"),
    ],
)
def test_probe_told_wrongly(tmp_path, arguments, says) -> None:
    assert says in fakebooks("probe", *arguments, cwd=tmp_path, expect=2).stderr


def test_a_server_that_is_not_there(tmp_path) -> None:
    done = fakebooks("probe", "--server", "http://127.0.0.1:9", cwd=tmp_path, expect=4)
    assert "RPC server is unavailable" in done.stderr


SET = {
    "qbxml.blanks-at-ends": "trimmed",
    "company.address-too-long": "cut",
    "company.payment-touches-invoice": False,
    "desktop.other-file-open": "0x80010105",
    "desktop.subscription-unknown-query": "1",
}


def test_a_probe_of_another_quickbooks_tells_its_switches(tmp_path) -> None:
    """Through the stand-in, over the wire, on the real clock; the packed probe, which has nothing of FakeBooks beside it."""
    pack(str(tmp_path / "probe.pyz"))
    oldest = min(pythons().items(), key=lambda item: int(item[0].partition(".")[2]))[1]
    with quickbooks_for_programs(COMPANY, settings=SwitchSettings(TABLES, SET)) as running:
        variables = environment(running.url, {"PATH": os.environ["PATH"]})
        subprocess.run(
            [oldest, "probe.pyz", "--out", "p.json"],
            cwd=tmp_path,
            env=variables,
            check=True,
            timeout=300,
        )
    told = json.loads(fakebooks("parity", "p.json", "--json", cwd=tmp_path).stdout)
    assert told["likeness"]["switches"] == SET
    assert (told["undecided"], told["unexplained"], told["missing"]) == ({}, [], [])
    assert told["likeness"]["wording"] == {"results": {}, "statuses": {}, "reasons": {}}


def test_a_probe_starts_a_quickbooks_where_there_is_none(tmp_path) -> None:
    done = fakebooks("probe", "--only", "recovery", cwd=tmp_path)
    assert "written: parity.json" in done.stdout
    found = record.read(str(tmp_path / "parity.json"))
    assert found["complete"]
    assert set(found["cases"]) == set(found["asked"]) == {name for name, case in CASES.items() if case.group == "recovery"}
    assert json.loads(fakebooks("parity", "parity.json", "--json", cwd=tmp_path).stdout)["missing"] == []


def test_a_probe_beside_a_running_fakebooks_says_how_to_reach_it(tmp_path) -> None:
    with fakebooks_up(tmp_path, environment=own_environment(tmp_path)) as up:
        text = fakebooks("probe", "--only", "recovery", cwd=tmp_path).stdout
        assert "a FakeBooks runs and is left alone" in text
        url = text.partition("fakebooks probe --server ")[2].partition(" ")[0]
        # The program is unknown there, and it is Goflow who is logged in.
        done = fakebooks("probe", "--server", url, "--out", "up.json", cwd=tmp_path, expect=4)
        assert "BeginSession failed with 0x80040418" in done.stderr
        assert up.process.poll() is None
    assert record.read(str(tmp_path / "parity.json"))["complete"]


def started(folder, *arguments, **streams):
    return subprocess.Popen([FAKEBOOKS, "probe", *arguments], cwd=folder, env=own_environment(folder), text=True, **streams)


def until(process, words):
    """Read what a program prints until it has said some words."""
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it ended before {words!r}")


@pytest.mark.parametrize("leaves", ["the reader leaves", "the disk is full"])
def test_a_progress_that_cannot_be_shown_does_not_end_the_run(tmp_path, leaves) -> None:
    with Path("/dev/full").open("w") as full:
        piped = leaves == "the reader leaves"
        process = started(tmp_path, stdout=subprocess.PIPE if piped else full, stderr=subprocess.PIPE)
        if piped:
            until(process, "20 of")
            process.stdout.close()
            process.stdout = None
        _, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    found = record.read(str(tmp_path / "parity.json"))
    assert (found["complete"], len(found["cases"])) == (True, len(CASES))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_probe_that_is_asked_to_end_tidies_and_keeps_what_it_has(tmp_path, number, code) -> None:
    """The whole group is asked, as a terminal does and a cancelled job: the program itself, and once more through the command."""
    process = started(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    until(process, "20 of")
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    assert err.startswith("probe: interrupted: parity.json holds ")
    assert len(err.splitlines()) == 1
    assert "0 removed, 0 made inactive" not in out
    assert "records were made," in out
    found = record.read(str(tmp_path / "parity.json"))
    assert (found["complete"], len(found["cases"]) >= 20) == (False, True)


def test_a_fakebooks_that_dies_leaves_what_was_played(tmp_path) -> None:
    with quickbooks_for_programs(COMPANY) as running:
        process = started(tmp_path, "--server", running.url, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until(process, "40 of")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 3, out + err
    assert err.startswith("probe: QuickBooks lets no program in any more, at a second try neither (")
    assert len(err.splitlines()) == 1
    assert len(record.read(str(tmp_path / "parity.json"))["cases"]) >= 20


def test_a_probe_under_exec_takes_the_quickbooks_that_is_there(tmp_path) -> None:
    done = fakebooks("exec", "--", FAKEBOOKS, "probe", "--only", "mods", "--out", "here.json", cwd=tmp_path)
    assert "is started" not in done.stdout
    assert record.read(str(tmp_path / "here.json"))["complete"]


def test_the_packed_probe_says_what_it_needs(tmp_path) -> None:
    fakebooks("probe", "--pack", "probe.pyz", cwd=tmp_path)
    assert zipfile.ZipFile(tmp_path / "probe.pyz").testzip() is None
    done = subprocess.run([sys.executable, "-I", "probe.pyz"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 4
    assert "pip install pywin32" in done.stderr
