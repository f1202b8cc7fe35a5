"""Snapshots bring back exactly what was there, in any order; forks and originals never mix."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulator.company import Caller, Company, Snapshot
from emulator.company.store import Store
from emulator.core.errors import UserMistake
from emulator.qbxml import decode_set, encode_request_set, make_request

from .helpers import Bench, bill, invoice, line, payment


def dump(company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of the file."""
    execute = company._store.execute
    tables = [row[0] for row in execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()]
    return {name: sorted(execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}


CENTS = st.integers(1, 50_000)
CUSTOMERS = st.sampled_from(["Abercrombie", "Abercrombie:Kitchen", "Baker"])


class Branches(RuleBasedStateMachine):
    """Random work with snapshots and forks in between, against dumps kept by hand."""

    in_memory = True

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = None if self.in_memory else Path(self.folder.name) / "company.qbw"
        self.bench = Bench(self.path)
        self.snapshots: list[tuple[Snapshot, Any]] = []
        self.forks: list[tuple[Company, Any]] = []
        self.names = 0

    def teardown(self) -> None:
        for company in [self.bench.company, *(fork for fork, _ in self.forks)]:
            company.close()
        self.folder.cleanup()

    def do(self, noun: str, operation: str, values: dict[str, Any]) -> Any:
        self.bench.clock.advance(seconds=1)
        return self.bench.ask(noun, operation, values)

    @rule(customer=CUSTOMERS, cents=st.lists(CENTS, min_size=1, max_size=3))
    def sell(self, customer: str, cents: list[int]) -> None:
        self.do("Invoice", "Add", {"InvoiceAdd": invoice(customer, *(line("Lamp", Amount=each) for each in cents))})

    @rule(customer=CUSTOMERS, cents=CENTS)
    def be_paid(self, customer: str, cents: int) -> None:
        self.do("ReceivePayment", "Add", {"ReceivePaymentAdd": payment(customer, cents, IsAutoApply=True)})

    @rule(cents=CENTS)
    def buy(self, cents: int) -> None:
        self.do("Bill", "Add", {"BillAdd": bill("Landlord", cents)})

    @rule(name=st.sampled_from(["O'Hara; --", 'Näh "&" Co', "x' || 'y", "100%", "Tab\there", "日本"]))
    def add_customer(self, name: str) -> None:
        self.names += 1
        self.do("Customer", "Add", {"CustomerAdd": {"Name": f"{name} {self.names}", "ExternalGUID": f"{{guid-{self.names}}}"}})

    @rule(new=st.booleans())
    def rename(self, new: bool) -> None:
        row = next(each for each in self.bench.truth.customers() if each["name"].startswith("Baker"))
        record = self.bench.company._books.records.by_id("entity", row["list_id"])
        values = {
            "ListID": row["list_id"],
            "EditSequence": str(record.modified),
            "Name": "Baker" if not new else f"Baker {self.names}",
        }
        self.do("Customer", "Mod", {"CustomerMod": values})

    @rule(last=st.booleans())
    def remove(self, last: bool) -> None:
        rows = self.bench.truth.transactions()
        if rows:
            row = rows[-1 if last else 0]
            self.do("Txn", "Del", {"TxnDelType": row["kind"], "TxnID": row["txn_id"]})

    @rule()
    def close_books(self) -> None:
        self.bench.company.close_books(None if self.bench.company.closing_date else self.bench.clock.now.date())

    @rule()
    def take(self) -> None:
        self.snapshots.append((self.bench.company.snapshot(), dump(self.bench.company)))

    @precondition(lambda self: self.snapshots)
    @rule(which=st.integers(0, 100))
    def go_back(self, which: int) -> None:
        snapshot, then = self.snapshots[which % len(self.snapshots)]
        self.bench.company.restore(snapshot)
        assert dump(self.bench.company) == then

    @precondition(lambda self: self.snapshots)
    @rule(which=st.integers(0, 100))
    def let_go(self, which: int) -> None:
        del self.snapshots[which % len(self.snapshots)]

    @precondition(lambda self: len(self.forks) < 3)
    @rule(to_file=st.booleans())
    def fork(self, to_file: bool) -> None:
        path = Path(self.folder.name) / f"fork{len(self.forks)}.qbw" if to_file else None
        made = self.bench.company.fork(path)
        assert made.stamp == self.bench.company.stamp
        assert dump(made) == dump(self.bench.company)
        self.forks.append((made, dump(made)))

    @precondition(lambda self: self.forks)
    @rule(which=st.integers(0, 100))
    def change_places(self, which: int) -> None:
        """Go on in a fork; the original is what a fork was."""
        place = which % len(self.forks)
        made, then = self.forks[place]
        assert dump(made) == then
        self.forks[place] = (self.bench.company, dump(self.bench.company))
        self.bench.company, self.bench.truth, self.snapshots = made, made.truth, []

    @invariant()
    def others_are_as_they_were(self) -> None:
        for made, then in self.forks:
            assert dump(made) == then

    @invariant()
    def the_books_balance(self) -> None:
        assert self.bench.truth.problems() == []

    @invariant()
    def nothing_is_remembered_that_is_not_there(self) -> None:
        """What is kept in memory answers as a fresh reading of the file does."""
        records = self.bench.company._books.records
        for number, kept in list(records._by_number.items()):
            row = self.bench.company._store.execute(
                "SELECT full_name, own_cents, total_cents FROM list_record JOIN balance USING (record) WHERE record = ?",
                (number,),
            ).fetchone()
            assert row == (kept.full_name, kept.own_cents, kept.total_cents)


class BranchesOfAFile(Branches):
    """The same with the company as a file."""

    in_memory = False


TestBranches = Branches.TestCase
TestBranches.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestBranchesOfAFile = BranchesOfAFile.TestCase
TestBranchesOfAFile.settings = settings(TestBranches.settings, max_examples=8)
TestBranchesOfAFile.pytestmark = pytest.mark.slow


@pytest.fixture(params=["memory", "file"])
def bench(request, tmp_path):
    made = Bench(None if request.param == "memory" else tmp_path / "company.qbw")
    yield made
    made.company.close()


def sell(bench: Bench) -> str:
    answer = bench.ask("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line("Lamp", Amount=100))})
    return answer.records[0][1]["TxnID"]


def test_the_same_numbers_are_given_out_again(bench):
    snapshot = bench.company.snapshot()
    first = sell(bench)
    bench.company.restore(snapshot)
    assert sell(bench) == first


def test_iterators_end_and_begin_anew(bench):
    def ask(**attributes):
        request = make_request("CustomerQuery", {"MaxReturned": 1}, **attributes)
        document = encode_request_set("13.0", "stopOnError", [request])
        [answer] = bench.company.begin_set(decode_set(document.encode()), Caller("session-1", "Test")).finish()
        return answer

    snapshot = bench.company.snapshot()
    name = ask(iterator="Start").attributes["iteratorID"]
    assert ask(iterator="Continue", iteratorID=name).status.code == 0
    bench.company.restore(snapshot)
    assert ask(iterator="Continue", iteratorID=name).status.code == 3391
    assert ask(iterator="Start").attributes["iteratorID"] == name


def test_settings_of_the_company_go_back_too(bench):
    snapshot = bench.company.snapshot()
    bench.company.close_books(bench.clock.now.date())
    bench.company.note_lost_events("{1}")
    bench.company.restore(snapshot)
    assert bench.company.closing_date is None
    assert bench.company.lost_events_since("{1}") == ""


def test_not_while_a_request_is_performed(bench):
    snapshot = bench.company.snapshot()
    with bench.company._store.atomic():
        for refused in (bench.company.snapshot, lambda: bench.company.restore(snapshot), bench.company.fork):
            with pytest.raises(UserMistake, match="between two requests"):
                refused()
    bench.company.restore(snapshot)


def test_between_the_requests_of_one_set(bench):
    requests = [make_request("CustomerAdd", {"CustomerAdd": {"Name": name}}) for name in ("First", "Second", "Third")]
    run = bench.company.begin_set(decode_set(encode_request_set("13.0", "stopOnError", requests).encode()), bench.caller)
    steps = iter(run)
    next(steps).perform()
    snapshot = bench.company.snapshot()
    next(steps).perform()
    bench.company.restore(snapshot)
    assert next(steps).perform().status.code == 0
    names = {row["name"] for row in bench.truth.customers()}
    assert {"First", "Third"} <= names
    assert "Second" not in names


def test_another_company_refuses_it(bench):
    other = bench.company.fork()
    with pytest.raises(UserMistake, match="another company"):
        other.restore(bench.company.snapshot())
    other.close()


def test_nothing_is_noted_when_the_last_one_is_let_go(bench):
    def notes():
        return bench.company._store.execute("SELECT count(*) FROM undo_log").fetchone()[0]

    one, two = bench.company.snapshot(), bench.company.snapshot()
    del one
    sell(bench)
    assert notes() > 0
    del two
    sell(bench)
    assert notes() == 0
    assert bench.truth.problems() == []
    bench.company.restore(bench.company.snapshot())


def test_a_refused_request_leaves_no_note(bench):
    snapshot = bench.company.snapshot()
    before = dump(bench.company)
    answer = bench.ask("Invoice", "Add", {"InvoiceAdd": invoice("Nobody", line("Lamp"))})
    assert answer.status.code == 3140
    assert bench.company._store.execute("SELECT count(*) FROM undo_log").fetchone() == (0,)
    bench.company.restore(snapshot)
    assert dump(bench.company) == before


def test_what_is_committed_stays_when_the_file_is_opened_anew(tmp_path):
    path = tmp_path / "company.qbw"
    bench = Bench(path)
    snapshot = bench.company.snapshot()
    txn_id = sell(bench)
    bench.company.close()
    again = Company.open(path, bench.clock)
    assert [row["txn_id"] for row in again.truth.transactions()] == [txn_id]
    with pytest.raises(UserMistake, match="before this one was opened"):
        again.restore(snapshot)
    again.close()


def test_a_fork_takes_what_is_only_in_the_log(tmp_path):
    bench = Bench(tmp_path / "company.qbw")
    txn_id = sell(bench)
    fork = bench.company.fork(tmp_path / "fork.qbw")
    bench.company.close()
    assert [row["txn_id"] for row in fork.truth.transactions()] == [txn_id]
    fork.close()
    again = Company.open(tmp_path / "fork.qbw", bench.clock)
    assert [row["txn_id"] for row in again.truth.transactions()] == [txn_id]
    again.close()


@pytest.mark.parametrize("durable", [False, True])
def test_a_fork_is_as_durable_as_its_original(tmp_path, monkeypatch, durable):
    synced = []
    monkeypatch.setattr("emulator.company.snapshots._sync", lambda path: synced.append(path.name))
    bench = Bench(tmp_path / "company.qbw")
    bench.company.close()
    company = Company.open(tmp_path / "company.qbw", bench.clock, durable=durable)
    fork = company.fork(tmp_path / "fork.qbw")
    # What is copied is on the disk before it has its name, and the name before the fork is there to be used.
    assert synced == (["fork.qbw.making", "fork.qbw-wal", tmp_path.name] if durable else [])
    again = fork.fork(tmp_path / "again.qbw")
    for each in (company, fork, again):
        assert each._store.execute("PRAGMA synchronous").fetchone() == ((2,) if durable else (1,))
        each.close()


def test_a_fork_never_writes_over_a_file(bench, tmp_path):
    path = tmp_path / "there.qbw"
    path.write_text("mine")
    with pytest.raises(UserMistake, match="is there already"):
        bench.company.fork(path)
    assert path.read_text() == "mine"
    with pytest.raises(UserMistake, match="a writable folder"):
        bench.company.fork(tmp_path / "no folder" / "fork.qbw")
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(("fork", "there"))) == ["there.qbw"]


def test_a_log_that_was_left_behind_is_nobodys(tmp_path):
    """A process killed in the middle of a fork leaves a log beside no file; what is made there later does not take it for its own."""
    bench = Bench(tmp_path / "company.qbw")
    sell(bench)
    (tmp_path / "new.qbw-wal").write_bytes((tmp_path / "company.qbw-wal").read_bytes())
    made = Store.create(tmp_path / "new.qbw", lambda new: new.set_settings([("name", "New")]))
    assert made.setting("name") == "New"
    assert made.execute("SELECT count(*) FROM txn").fetchone() == (0,)
    made.close()
    bench.company.close()


def test_a_fork_where_the_kernel_cannot_copy(tmp_path, monkeypatch):
    def cannot(*_arguments):
        raise OSError("not here")

    for name in ("copy_file_range", "posix_fallocate"):
        monkeypatch.setattr(f"os.{name}", cannot)
    bench = Bench(tmp_path / "company.qbw")
    sell(bench)
    fork = bench.company.fork(tmp_path / "fork.qbw")
    assert dump(fork) == dump(bench.company)
    fork.close()
    bench.company.close()
