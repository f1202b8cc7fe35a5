"""Large companies: what is written in bulk is what the rules write, the books balance, and an edition holds no more than it can."""

import hashlib
import itertools
from datetime import UTC, datetime

import pytest

from emulator.company import Company, large
from emulator.company.description import Generate
from emulator.company.fixtures import generate
from emulator.company.fixtures.trade import Saved
from emulator.company.large import Size, create_large
from emulator.company.rules import table
from emulator.core.errors import UserMistake

SMALL = Size(customers=40, transactions=600, vendors=8, items=12, years=1, seed=7)
TABLES = (
    "list_record",
    "balance",
    "counter",
    "txn",
    "posting",
    "unposted",
    "application",
    "movement",
    "deposited",
    "external_guid",
)


def now():
    return datetime(2026, 11, 23, 14, tzinfo=UTC)


def dump(store):
    """All rows of the tables that transactions change, and every index."""
    rows = {name: sorted(store.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in TABLES}
    rows["indexes"] = store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name").fetchall()
    return rows


@pytest.fixture(scope="module")
def company():
    made = create_large(None, SMALL, now)
    yield made
    made.close()


class ByTheRules:
    """Enters a history as requests would: the twin of `BulkWriter`."""

    steps = 1

    def __init__(self, books):
        self._books = books
        self.kinds = set()

    def begin(self):
        pass

    def finish(self, told):
        told()

    def write(self, entry):
        self.kinds.add(entry.kind)
        self._books.clock_now = lambda: datetime.fromtimestamp(entry.at, UTC)
        saved, warnings, _form = table.add(self._books, entry.kind, self._values(entry))
        assert not warnings
        return Saved(saved.number, saved.txn_id, saved.amount_cents)

    def _values(self, entry):
        party = {"ListID": entry.party.list_id}
        values = {"TxnDate": entry.day, "RefNumber": entry.ref}
        if entry.kind in ("Invoice", "SalesReceipt", "CreditMemo"):
            name = f"{entry.kind}LineAdd"
            lines = [(name, {"ItemRef": item.reference, "Quantity": quantity}) for item, quantity in entry.lines]
            return {**values, "CustomerRef": party, f"{name}|{entry.kind}LineGroupAdd": lines}
        if entry.kind in ("Bill", "Check"):
            lines = [{"AccountRef": account.reference, "Amount": cents} for account, cents in entry.lines]
            values["ExpenseLineAdd"] = lines
            if entry.kind == "Bill":
                return {**values, "VendorRef": party}
            return {**values, "PayeeEntityRef": party, "AccountRef": entry.money.reference}
        values["AppliedToTxnAdd"] = [{"TxnID": target.txn_id, "PaymentAmount": cents} for target, cents in entry.pays]
        if entry.kind == "BillPaymentCheck":
            return {**values, "PayeeEntityRef": party, "BankAccountRef": entry.money.reference}
        money = {"PaymentMethodRef": entry.method.reference, "DepositToAccountRef": entry.money.reference}
        return {**values, **money, "CustomerRef": party, "TotalAmount": entry.total_cents}


def test_row_for_row_what_the_rules_write(company, monkeypatch):
    twins = []

    def by_the_rules(books):
        twins.append(ByTheRules(books))
        return twins[0]

    monkeypatch.setattr(large, "BulkWriter", by_the_rules)
    twin = create_large(None, SMALL, now)
    assert twins[0].kinds == {"Invoice", "SalesReceipt", "CreditMemo", "Bill", "Check", "ReceivePayment", "BillPaymentCheck"}
    in_bulk, by_rules = dump(company._store), dump(twin._store)
    for name in in_bulk:
        assert in_bulk[name] == by_rules[name], name
    assert company.stamp == twin.stamp
    twin.close()


def test_the_books_balance(company):
    assert company.truth.problems() == []
    assert len(company.truth.transactions()) == SMALL.transactions
    assert len(company.truth.customers()) == SMALL.customers
    assert any(":" in row["full_name"] for row in company.truth.customers())
    invoices = company.truth.transactions("Invoice")
    paid, in_part = ([row for row in invoices if test(row)] for test in (
        lambda row: row["open_cents"] == 0, lambda row: 0 < row["open_cents"] < row["amount_cents"]))  # fmt: skip
    assert len(paid) > len(invoices) / 2
    assert in_part
    assert any(row["open_cents"] == 5_000 for row in company.truth.transactions("ReceivePayment"))


def test_spread_over_the_years():
    made = create_large(None, Size(customers=20, transactions=300, vendors=4, items=8, years=3, seed=1), now)
    dates = [row["date"] for row in made.truth.transactions()]
    assert dates == sorted(dates)
    assert {day[:4] for day in dates} == {"2019", "2020", "2021"}
    assert all(datetime.fromisoformat(day).weekday() < 5 for day in dates)
    made.close()


def test_names_that_come_again_stay_names():
    """A name that is taken gets a number, also one at full length and one that had a colon."""
    plan = Generate(count=2_500, seed=1, odd_names=1.0)
    taken = set()
    names = [part.name for part in generate.vendors(plan, taken)]
    assert len({name.casefold() for name in names}) == len(taken) == plan.count
    assert not any(":" in name or len(name) > 41 for name in names)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    digests = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        size = Size(customers=15, transactions=60, vendors=3, items=5, years=1, seed=seed)
        create_large(tmp_path / name, size, now).close()
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_it_is_an_ordinary_company_file(tmp_path):
    path = tmp_path / "large.qbw"
    create_large(path, SMALL, now).close()
    again = Company.open(path, now)
    assert again.edition == "Enterprise"
    assert again.truth.problems() == []
    again.close()


@pytest.mark.parametrize("part", ["customers", "transactions", "balances and indexes"])
def test_an_interrupt_leaves_nothing(tmp_path, part):
    def told(at, done, count):
        if at == part and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_large(tmp_path / "large.qbw", SMALL, now, told)
    assert list(tmp_path.iterdir()) == []


def test_progress_goes_up_to_all_of_each_part():
    heard = []
    create_large(None, SMALL, now, lambda *each: heard.append(each)).close()
    assert [part for part, _ in itertools.groupby(heard, lambda each: each[0])] == [
        "vendors", "items", "customers", "transactions", "balances and indexes",
    ]  # fmt: skip
    for _part, told in itertools.groupby(heard, lambda each: each[0]):
        steps = [(done, count) for _, done, count in told]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(edition="Pro"), "10,500 names in one list, 14,500 in all"),
        (Size(customers=10_501, vendors=10, edition="Premier"), "name the edition Enterprise"),
        (Size(customers=10_000, vendors=4_500, edition="Premier"), "14,500 in all"),
        (Size(customers=10, items=14_501, edition="Pro"), "14,500 items"),
        (Size(customers=1_000_000), "name a smaller size"),
        (Size(customers=0), "1 to 1,000,000"),
        (Size(transactions=-1), "0 to 10,000,000"),
        (Size(years=21), "1 to 20"),
        (Size(edition="Gold"), "Pro or Premier or Enterprise"),
    ],
)
def test_more_than_an_edition_holds_is_refused_at_once(tmp_path, size, expected):
    with pytest.raises(UserMistake, match=expected):
        create_large(tmp_path / "large.qbw", size, now)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_as_many_names_as_an_edition_holds():
    size = Size(customers=10_500, transactions=0, vendors=3_999, items=10, edition="Premier")
    made = create_large(None, size, now)
    assert len(made.truth.customers()) + len(made.truth.vendors()) == 14_500
    assert made.edition == "Premier"
    made.close()


def test_transactions_of_none_is_lists_alone():
    made = create_large(None, Size(customers=5, transactions=0, vendors=2, items=3), now)
    assert made.truth.transactions() == []
    assert made.truth.problems() == []
    made.close()
