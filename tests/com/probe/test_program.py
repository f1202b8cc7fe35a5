"""The program: it goes to sample companies only unless told, writes what it has, and takes away what it made."""

import io
import re
import signal
import sys
import types
import weakref

import pytest

from emulator.com.probe import ending, program, record
from emulator.com.probe.cases import CASES
from emulator.com.probe.ending import Requests, complained, shown
from emulator.com.probe.player import Door, NoObject, Outcome
from emulator.com.probe.program import probe

HOST = '<QBXML><HostQueryRs statusCode="0"><HostRet><ProductName>Books</ProductName></HostRet></HostQueryRs></QBXML>'
ONE = {"a customer with a job": CASES["a customer with a job"]}
FIVE = dict.fromkeys(("first", "second", "third", "fourth", "fifth"), CASES["a customer with a job"])


class Scripted(Door):
    """A QuickBooks of a few words: it makes whatever it is asked to make, and refuses to delete entries of lists.

    `begin_fails` has the numbers of the BeginSession calls that fail, `new_fails` those of the objects that cannot be made, from 1.
    """

    name = "scripted"

    def __init__(self, file="C:\\QB\\sample_product-based business.qbw", refuses=None, fails_at=10**9):
        self.file = file
        self.refuses = refuses or {}
        self.fails_at = fails_at
        self.requests = []
        self.begin_fails = self.new_fails = ()
        self.begun = self.objects = 0
        self.waited = []

    def new(self):
        self.objects += 1
        if self.objects in self.new_fails:
            raise NoObject("no request processor can be made: gone")

    def wait(self, seconds):
        self.waited.append(seconds)

    def call(self, member, arguments):
        if member == "BeginSession":
            self.begun += 1
            if self.begun in self.begin_fails:
                return Outcome(False, "0x80040416", "not running")
        if member in self.refuses:
            return Outcome(False, self.refuses[member], "no")
        if member == "GetCurrentCompanyFileName":
            return Outcome(True, self.file)
        if member != "ProcessRequest":
            return Outcome(True, 1 if "Version" in member else "ticket")
        names = [name for name in re.findall(r"<(\w+)Rq[ />]", arguments[1]) if name != "QBXMLMsgs"]
        self.requests += names
        if len(self.requests) >= self.fails_at:
            self.fails_at = 10**9
            self.interrupted()
        if names == ["HostQuery"]:
            return Outcome(True, HOST)
        return Outcome(True, f"<QBXML>{''.join(map(self.answer, names))}</QBXML>")

    def interrupted(self):
        raise KeyboardInterrupt

    def answer(self, name):
        if name.endswith("Add"):
            noun = name[:-3]
            identity = "TxnID" if noun in ("Invoice", "Bill") else "ListID"
            return f'<{name}Rs statusCode="0"><{noun}Ret><{identity}>{len(self.requests)}</{identity}></{noun}Ret></{name}Rs>'
        if name == "ListDel":
            return '<ListDelRs statusCode="3162"></ListDelRs>'
        return f'<{name}Rs statusCode="0"><EditSequence>7</EditSequence></{name}Rs>'


@pytest.fixture
def said():
    return []


@pytest.fixture(autouse=True)
def _no_quickbooks_of_ours(monkeypatch):
    monkeypatch.delenv("FAKEBOOKS_COM", raising=False)


def test_a_company_that_is_no_sample_is_left_alone(tmp_path, capsys, said) -> None:
    door = Scripted(file=r"C:\Books\Real.QBW")
    assert probe(door, str(tmp_path / "p.json"), ONE, False, said.append) == 2
    assert "no sample company" in capsys.readouterr().err
    assert door.requests == ["HostQuery"]
    assert list(tmp_path.iterdir()) == []
    assert probe(door, str(tmp_path / "p.json"), ONE, True, said.append) == 0


def test_a_sample_company_is_probed_and_tidied(tmp_path, said) -> None:
    door = Scripted()
    assert probe(door, str(tmp_path / "p.json"), ONE, False, said.append) == 0
    found = record.read(str(tmp_path / "p.json"))
    assert (found["complete"], list(found["cases"]), found["about"]["product"]) == (True, list(ONE), "Books")
    assert found["about"]["mode"] == "multi"
    # The ground has eight records and the case two; entries of lists cannot be deleted here.
    assert any("10 records were made, 0 removed, 10 made inactive, 0 stay" in line for line in said)
    assert door.requests.count("ListDel") == 10


@pytest.mark.parametrize("member", ["OpenConnection", "BeginSession"])
def test_no_session_is_said_plainly(tmp_path, capsys, said, member) -> None:
    door = Scripted(refuses={member: "0x80040408"})
    assert probe(door, str(tmp_path / "p.json"), ONE, False, said.append) == 4
    assert f"{member} failed with 0x80040408: no" in capsys.readouterr().err


def test_what_was_answered_before_an_interruption_is_kept(tmp_path, capsys, said) -> None:
    door = Scripted(fails_at=12)
    two = {"first": ONE["a customer with a job"], "second": ONE["a customer with a job"]}
    assert probe(door, str(tmp_path / "p.json"), two, False, said.append) == 130
    assert "holds 1 of 2 cases" in capsys.readouterr().err
    found = record.read(str(tmp_path / "p.json"))
    assert not found["complete"]
    assert list(found["cases"]) == ["first"]


@pytest.mark.parametrize(
    ("how", "fails"),
    [
        # The greeting begins two sessions and makes one object, the ground one of each, then come the cases.
        ("begin_fails", lambda number: number >= 3 + 3),
        ("new_fails", lambda number: number >= 2 + 3),
    ],
    ids=["QuickBooks dies", "FakeBooks dies"],
)
def test_a_quickbooks_that_is_gone_ends_the_run(tmp_path, capsys, said, how, fails) -> None:
    door = Scripted()
    setattr(door, how, Numbers(fails))
    assert probe(door, str(tmp_path / "p.json"), FIVE, False, said.append) == 3
    err = capsys.readouterr().err
    assert "probe: QuickBooks lets no program in any more, at a second try neither (" in err
    assert "holds 1 of 5 cases" in err
    assert len(err.splitlines()) == 1
    found = record.read(str(tmp_path / "p.json"))
    # The second case began a session and may have been spoilt; the third did not come to one, and nothing is asked after it.
    assert (found["complete"], list(found["cases"]), list(found["left out"])) == (False, ["first"], ["second", "third"])
    assert door.waited == [program.SECOND_TRY_S]
    assert any("records were made and stay" in line for line in said)


class Numbers:
    """Numbers for which something holds."""

    def __init__(self, holds):
        self.holds = holds

    def __contains__(self, number):
        return self.holds(number)


def test_a_quickbooks_that_is_gone_for_a_while_spoils_what_was_played_then(tmp_path, capsys, said) -> None:
    door = Scripted()
    door.begin_fails = (6, 7)  # the session of the third case, and the first look whether one begins
    assert probe(door, str(tmp_path / "p.json"), FIVE, False, said.append) == 3
    assert "2 cases are left out; run the probe again" in capsys.readouterr().err
    found = record.read(str(tmp_path / "p.json"))
    assert (found["complete"], list(found["cases"])) == (False, ["first", "fourth", "fifth"])
    assert "BeginSession failed with 0x80040416" in found["left out"]["second"]


def test_a_quickbooks_that_is_gone_in_the_last_case_is_noticed(tmp_path, said) -> None:
    door = Scripted()
    door.begin_fails = Numbers(lambda number: number > 3 + 5)
    assert probe(door, str(tmp_path / "p.json"), FIVE, False, said.append) == 3
    assert list(record.read(str(tmp_path / "p.json"))["cases"]) == ["first", "second", "third", "fourth"]


def test_a_case_that_is_refused_its_session_is_an_answer(tmp_path, said) -> None:
    door = Scripted()
    door.begin_fails = (4,)
    assert probe(door, str(tmp_path / "p.json"), FIVE, False, said.append) == 0
    assert list(record.read(str(tmp_path / "p.json"))["cases"]) == list(FIVE)
    assert door.waited == []


def test_no_session_for_the_ground(tmp_path, capsys, said) -> None:
    door = Scripted()
    door.begin_fails = (3,)
    assert probe(door, str(tmp_path / "p.json"), FIVE, False, said.append) == 3
    assert "no case was played" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_ground_that_is_not_made_is_said(tmp_path, said) -> None:
    class Refusing(Scripted):
        def answer(self, name):
            return f'<{name}Rs statusCode="3175"></{name}Rs>' if name == "VendorAdd" else super().answer(name)

    assert probe(Refusing(), str(tmp_path / "p.json"), ONE, False, said.append) == 0
    assert any("not all that the cases stand on was made (VendorAdd 3175)" in line for line in said)


def test_every_request_has_the_day_of_the_file(tmp_path, said, monkeypatch) -> None:
    days = []
    played = program.play
    monkeypatch.setattr(program, "play", lambda door, steps, run, today: days.append(today) or played(door, steps, run, today))
    assert probe(Scripted(), str(tmp_path / "p.json"), FIVE, False, said.append) == 0
    assert {day.isoformat() for day in days} == {record.read(str(tmp_path / "p.json"))["made"][:10]}
    assert len(days) == 1 + len(FIVE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("place", "holds", "says"),
    [
        ("greeting", None, "probe: interrupted\n"),
        ("case", 1, "holds 1 of 5 cases"),
        ("removal", 5, "interrupted after the last case"),
        ("case and removal", 1, "holds 1 of 5 cases"),
    ],
)
def test_an_interruption_is_one_line_and_the_code_of_its_signal(
    tmp_path, monkeypatch, capsys, number, place, holds, says
) -> None:
    door = Scripted(fails_at={"greeting": 1, "case": 12}.get(place.split()[0], 10**9))
    door.interrupted = lambda: signal.raise_signal(number)
    if "removal" in place:
        removing = program._deletion
        monkeypatch.setattr(program, "_deletion", lambda *made: door.interrupted() or removing(*made))
    out = tmp_path / "p.json"
    monkeypatch.setattr(ending, "ONCE_S", 0.0)
    monkeypatch.setitem(sys.modules, "emulator.com.probe.pywin32", types.SimpleNamespace(Pywin32=lambda: door))
    monkeypatch.setattr(program, "CASES", {name: case._replace(group="sessions") for name, case in FIVE.items()})
    assert program.main(["--out", str(out)]) == 128 + number
    err = capsys.readouterr().err
    assert says in err
    assert len(err.splitlines()) == 1
    assert (len(record.read(str(out))["cases"]) if out.exists() else None) == holds
    assert [path.name for path in tmp_path.iterdir()] == (["p.json"] if holds else [])


class Dropped:
    """An object in whose destructor the signal comes."""

    def __del__(self):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("how", ["destructor", "finalizer"])
def test_a_signal_that_comes_while_an_object_is_given_up_is_not_lost(tmp_path, monkeypatch, capsys, how) -> None:
    """Python lets no exception out of there, and prints it with its traceback."""

    class GivingUp(Scripted):
        def new(self):
            super().new()
            if self.objects == 5 and how == "destructor":
                Dropped()
            elif self.objects == 5:
                given_up = io.StringIO()
                weakref.finalize(given_up, lambda: signal.raise_signal(signal.SIGTERM))

    monkeypatch.setitem(sys.modules, "emulator.com.probe.pywin32", types.SimpleNamespace(Pywin32=GivingUp))
    monkeypatch.setattr(program, "CASES", FIVE)
    assert program.main(["--out", str(tmp_path / "p.json")]) == 143
    err = capsys.readouterr().err
    assert "holds 2 of 5 cases" in err
    assert len(err.splitlines()) == 1


def test_the_same_wish_told_twice_is_one(monkeypatch) -> None:
    seconds = iter([0.0, 0.3, 2.0])
    requests = Requests(lambda: next(seconds))
    with pytest.raises(KeyboardInterrupt):
        requests.asked(signal.SIGTERM)
    requests.asked(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        requests.asked(signal.SIGINT)
    assert (requests.code(130), requests.code(3)) == (143, 3)


def test_signals_are_taken_and_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Requests() as requests:
            assert signal.getsignal(signal.SIGTERM) == requests.asked
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, ignored)
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interruption_while_the_disk_is_full(tmp_path, capsys, said, monkeypatch) -> None:
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record, "put", full)
    assert probe(Scripted(fails_at=12), str(tmp_path / "p.json"), FIVE, False, said.append) == 130
    err = capsys.readouterr().err
    assert re.fullmatch(r"probe: interrupted; cannot write \S+: No space left on device\n", err)
    assert any("made inactive" in line for line in said)
    assert list(tmp_path.iterdir()) == []


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def flush(self):
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("stream", [Broken(), None])
def test_what_nobody_can_see_does_not_end_the_run(tmp_path, monkeypatch, stream) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    complained("words")
    assert probe(Scripted(), str(tmp_path / "p.json"), ONE, False, shown) == 0
    assert record.read(str(tmp_path / "p.json"))["complete"]


@pytest.mark.parametrize(("fails_at", "begin_fails", "has_cases"), [(3, (), False), (10**9, (3,), False), (12, (), True)])
@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_run_that_breaks_off_does_to_the_file_before(tmp_path, said, fails_at, begin_fails, has_cases, is_whole) -> None:
    """A whole record is not given for a part of one, which lies beside it; a part of one is."""
    out = tmp_path / "p.json"
    assert probe(Scripted(), str(out), ONE, False, said.append) == 0
    if not is_whole:
        out.write_bytes(out.read_bytes().replace(b'"complete": true', b'"complete": false'))
    before = out.read_bytes()
    door = Scripted(fails_at=fails_at)
    door.begin_fails = begin_fails
    assert probe(door, str(out), FIVE, False, said.append) in (3, 130)
    assert (out.read_bytes() == before) == (is_whole or not has_cases)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["p.json", "p.json.part"][: 1 + (is_whole and has_cases)]
    if is_whole and has_cases:
        assert record.read(f"{out}.part")["cases"]


@pytest.mark.parametrize("name", ["p.json", "p" * 250 + ".json"])
def test_a_run_does_without_its_insurance_where_it_cannot_be_written(tmp_path, said, name) -> None:
    (tmp_path / "p.json.part").mkdir()
    out = tmp_path / name
    out.write_text("notes")
    assert probe(Scripted(), str(out), ONE, False, said.append) == 0
    assert record.read(str(out))["complete"]


def test_until_the_end_a_file_that_is_there_stays(tmp_path, said, monkeypatch) -> None:
    out = tmp_path / "p.json"
    out.write_text("notes")
    seen = []
    monkeypatch.setattr(program, "WRITTEN_EVERY", 2)

    def say(text):
        if " of 5 cases" in text:
            seen.append((out.read_text(), len(record.read(str(out) + ".part")["cases"])))

    assert probe(Scripted(), str(out), FIVE, False, say) == 0
    assert seen == [("notes", 2), ("notes", 4), ("notes", 5)]
    assert record.read(str(out))["complete"]
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]


def test_a_file_that_cannot_be_written(tmp_path, capsys, said) -> None:
    assert probe(Scripted(), str(tmp_path / "no" / "p.json"), ONE, False, said.append) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_member_that_the_door_cannot_carry_leaves_its_case_out(tmp_path, said) -> None:
    class Without(Scripted):
        cannot = frozenset({"AuthPreferences.PutIsReadOnly"})

    cases = {**ONE, "a read-only program writes": CASES["a read-only program writes"]}
    assert probe(Without(), str(tmp_path / "p.json"), cases, False, said.append) == 0
    found = record.read(str(tmp_path / "p.json"))
    assert list(found["left out"]) == ["a read-only program writes"]
