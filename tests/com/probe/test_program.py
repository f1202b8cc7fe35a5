"""The program: it goes to sample companies only unless told, writes what it has, and takes away what it made."""

import re

import pytest

from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Door, Outcome
from emulator.com.probe.program import probe

HOST = '<QBXML><HostQueryRs statusCode="0"><HostRet><ProductName>Books</ProductName></HostRet></HostQueryRs></QBXML>'
ONE = {"a customer with a job": CASES["a customer with a job"]}


class Scripted(Door):
    """A QuickBooks of a few words: it makes whatever it is asked to make, and refuses to delete entries of lists."""

    name = "scripted"

    def __init__(self, file="C:\\QB\\sample_product-based business.qbw", refuses=None, fails_at=10**9):
        self.file = file
        self.refuses = refuses or {}
        self.fails_at = fails_at
        self.requests = []

    def new(self):
        """Nothing to make."""

    def call(self, member, arguments):
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
            raise KeyboardInterrupt
        if names == ["HostQuery"]:
            return Outcome(True, HOST)
        return Outcome(True, f"<QBXML>{''.join(map(self.answer, names))}</QBXML>")

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
