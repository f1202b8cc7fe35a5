"""The file: created whole or not at all, locked, refused when it is not ours, and nothing lost when the process is killed."""

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.company import Company
from emulator.company.store import Store, encoded
from emulator.core.errors import UserMistake

from .helpers import Bench, Clock, invoice, line


def opened(path: Path) -> Company:
    return Company.open(path, Clock())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "company.qbw"
    Bench(path).company.close()
    return path


def refusal(path: Path) -> str:
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(UserMistake) as caught:
        opened(path)
    assert (path.read_bytes() if path.exists() else None) == before, "the file was touched"
    return str(caught.value)


def test_one_file_and_nothing_beside_it(file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == ["company.qbw"]


def test_not_there(tmp_path: Path) -> None:
    assert "cannot read" in refusal(tmp_path / "nothing.qbw")


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + bytes(200)])
def test_not_a_company_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.qbw"
    path.write_bytes(content)
    assert "not a company file" in refusal(path) or "another program" in refusal(path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.qbw"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    assert "another program" in refusal(path)


def test_a_newer_format(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "newer FakeBooks" in refusal(file)


@pytest.mark.parametrize("keep", [100, 4096, -1])
def test_cut_short(file: Path, keep: int) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:keep])
    assert "cut short" in refusal(file)


def torn(tmp_path: Path) -> tuple[Path, bytes, bytes]:
    """A file as a process leaves it that is killed while it takes the log into it: the first page says more than there is yet."""
    bench = Bench(tmp_path / "company.qbw")
    for _ in range(40):
        bench.add("Invoice", invoice())
    assert bench.company.path is not None
    bench.company.fork(path := tmp_path / "torn.qbw").close()
    bench.company.fork(whole := tmp_path / "whole.qbw").close()  # closing took its log into it
    path.write_bytes(whole.read_bytes()[:4096] + (content := (tmp_path / "company.qbw").read_bytes())[4096:])
    assert path.stat().st_size < whole.stat().st_size
    log = (tmp_path / "company.qbw-wal").read_bytes()
    bench.company.close()
    return path, content, log


def test_killed_while_the_log_is_taken_into_the_file(tmp_path: Path) -> None:
    path, _, log = torn(tmp_path)
    path.with_name("torn.qbw-wal").write_bytes(log)
    company = opened(path)
    assert len(company.truth.transactions("Invoice")) == 40
    assert company.truth.problems() == []
    company.close()


@pytest.mark.parametrize("left", [0, 31, 32, 5000, "other"])
def test_a_log_that_does_not_hold_what_is_missing_does_not_help(tmp_path: Path, left: int | str) -> None:
    path, _, log = torn(tmp_path)
    beside = path.with_name("torn.qbw-wal")
    beside.write_bytes(log[:left] if isinstance(left, int) else b"x" * 9000)
    before = beside.read_bytes()
    assert "cut short" in refusal(path)
    assert beside.read_bytes() == before


def test_damaged_inside(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 1 : 4096 * 3] = b"\xff" * 4096 * 2
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)
    message = refusal(file)
    assert "damaged" in message


OPENER = """
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path; from datetime import datetime, UTC
from emulator.company import Company
from emulator.core.errors import UserMistake
try:
    company = Company.open(Path(sys.argv[1]), lambda: datetime.now(UTC))
    print('open', flush=True); sys.stdin.read()
except UserMistake as mistake:
    print(mistake, flush=True)
"""


def another_process(path: Path) -> "subprocess.Popen[str]":
    """Start a process that opens the file and says `open`, or what it was refused with."""
    arguments = [sys.executable, "-c", OPENER, str(path), str(Path.cwd())]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told_another_process(path: Path) -> str:
    with another_process(path) as other:
        return other.communicate("")[0].strip()


def test_in_use_by_another_process(file: Path) -> None:
    with another_process(file) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(UserMistake, match="in use by another process"):
            opened(file)
        other.communicate("")
    opened(file).close()


def test_the_lock_outlives_whatever_this_process_does(file: Path) -> None:
    """POSIX gives up the locks of a process when it closes any descriptor of the file: a fork, a second opening must not."""
    first = opened(file)
    with pytest.raises(UserMistake, match="in use by this process"):
        opened(file)
    first.fork(file.with_name("fork.qbw")).close()
    assert "in use by another process" in told_another_process(file)
    (link := file.with_name("link.qbw")).symlink_to(file)
    with pytest.raises(UserMistake, match="in use by this process"):
        opened(link)
    first.close()
    assert told_another_process(file) == "open"


def test_a_company_that_nobody_closed_is_not_in_use_for_ever(file: Path) -> None:
    company = opened(file)
    del company
    gc.collect()
    opened(file).close()


def test_there_already(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(UserMistake, match="there already"):
        Bench(file)
    assert file.read_bytes() == before


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot write"):
        Bench(tmp_path / "no" / "where.qbw")


def test_a_failed_making_leaves_nothing_to_open(tmp_path: Path) -> None:
    path = tmp_path / "company.qbw"
    with pytest.raises(UserMistake):
        Bench(path, yaml="company: {name: X, file: 'C:\\x.qbw'}\nlists: {customers: {given: [{name: A, terms: none}]}}")
    assert list(tmp_path.iterdir()) == []
    Bench(path).company.close()


def test_durable_syncs_every_commit(file: Path) -> None:
    store = Store.open(file, durable=True)
    assert store.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()
    store.close()  # twice is fine


def test_nested_blocks_are_savepoints() -> None:
    store = Store.create(None, lambda store: None)
    told: list[bool] = []
    store.after_rollback.append(told.append)
    with store.atomic():
        store.set_settings([("a", 1)])
        with pytest.raises(ValueError, match="inner"):
            _write_and_fail(store, "inner")
    assert (store.setting("a"), store.setting("b"), told) == (1, None, [True])


def test_a_failed_rollback_does_not_hide_the_first_error() -> None:
    store = Store.create(None, lambda store: None)
    with pytest.raises(ValueError, match="the first"):
        _write_and_fail(store, "the first", closes=True)


def _write_and_fail(store: Store, message: str, closes: bool = False) -> None:
    with store.atomic():
        store.set_settings([("b", 2)])
        if closes:
            store.close()
        raise ValueError(message)


def test_after_an_error_the_memory_agrees_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.add("Invoice", invoice())

    def full(*_arguments: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(bench.company._books.counters, "write", full)
        with pytest.raises(sqlite3.OperationalError):
            bench.add("Invoice", invoice())
    assert bench.found("Customer", FullName=["Baker"])[0]["Balance"] == bench.truth.balance("Baker") == 1050
    assert bench.add("Invoice", invoice())["TxnNumber"] == 2
    assert bench.truth.problems() == []


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests_helpers import Bench, Clock, invoice, payment
from emulator.company import Company
company = Company.open(Path(sys.argv[1]), Clock())
bench = Bench(company=company)
while True:
    saved = bench.add("Invoice", invoice())
    print(saved["TxnID"], flush=True)
    bench.add("ReceivePayment", payment("Baker", 500, IsAutoApply=True))
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_killed_in_the_middle_of_writes(file: Path, tmp_path: Path, acknowledged: int) -> None:
    # The writer runs outside pytest, so it gets the helpers under a plain name.
    (tmp_path / "tests_helpers.py").write_text(
        Path(__file__).with_name("helpers.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), str(Path.cwd())], stdout=subprocess.PIPE, text=True, env=environment
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().split()
        writer.wait()
    company = opened(file)
    saved = {row["txn_id"] for row in company.truth.transactions("Invoice")}
    assert {each for each in told if each} <= saved
    assert company.truth.problems() == []
    company.close()


_TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.text(max_size=4)
_DOCUMENTS = st.dictionaries(
    _TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | _TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.tuples(_TEXT, inner) | st.dictionaries(_TEXT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(values=_DOCUMENTS)
@pytest.mark.slow
@example(values={"half a pair": "\ud800", "control": "\x00\x1f\x7f", "wide": "é日\u2028"})
def test_a_document_is_stored_as_json_writes_it(values):
    assert encoded(values) == json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def test_what_was_voided_before_void_transactions_had_rows_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "old.qbw"
    bench = Bench(path)
    void, kept = (bench.add("Invoice", invoice("Baker", line("Repair", Amount=500), Memo="VOID: a memo")) for _each in range(2))
    assert bench.ask("Txn", "Void", {"TxnVoidType": "Invoice", "TxnID": void["TxnID"]}).status.code == 0
    asked_for = {"TxnID": [void["TxnID"]], "TransactionDetailLevelFilter": "All"}
    [header, *_more] = bench.found("Transaction", **asked_for)
    execute = bench.company._store.execute
    rows_kept = "SELECT * FROM posting WHERE txn = ?"
    before = execute(rows_kept, (kept["TxnNumber"],)).fetchall()
    execute("DELETE FROM posting WHERE txn = ?", (void["TxnNumber"],))
    execute("DELETE FROM migration WHERE step = 5")
    execute("PRAGMA user_version = 4")
    bench.company.close()
    again = Bench(company=opened(path))
    assert again.found("Transaction", **asked_for) == [header]
    assert again.company._store.execute(rows_kept, (kept["TxnNumber"],)).fetchall() == before
    assert again.truth.problems() == []
    again.company.close()
