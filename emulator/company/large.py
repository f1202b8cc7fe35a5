"""Large companies for load and scale: so many customers and jobs, so many transactions over years, seeded.

The lists are made through the same code that answers Add requests; the history is written in bulk, row for row what the rules would write
(`fixtures/bulk.py`). The same size gives the same file content on every machine. It is made as any company is: under a second name, in
one SQLite transaction, and moved into place when it is whole - an interrupted making leaves nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from emulator.company.asked.about import ENTERPRISE_CAPACITY
from emulator.company.company import Company, settings_of
from emulator.company.description import CompanyDescription, Generate, load_description
from emulator.company.fill import ListMaker, begin, finish
from emulator.company.fixtures import generate, path_of
from emulator.company.fixtures.bulk import BulkWriter
from emulator.company.fixtures.trade import Market, Trade
from emulator.company.nouns import NAMES_IN_ONE_LIST_MAX, NAMES_MAX
from emulator.company.store import Store
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting

if TYPE_CHECKING:
    from emulator.company.books import Books

FIRST_DAY: Final = datetime(2019, 1, 2, 9, 0)  # noqa: DTZ001 - local time of the company
"""When the history begins; the lists were made in the year before it."""

LISTS_DAYS: Final = 365
TOLD_EVERY: Final = 500
YEARS_MAX: Final = 20
TRANSACTIONS_MAX: Final = 10_000_000

Part = TypeVar("Part")

Told = Callable[[str, int, int], None]
"""Hears how far the making is: the part, how much of it is done, how much there is."""


@dataclass(frozen=True)
class Size:
    """How large a company is.

    Attributes:
        customers: customers and jobs together; a fifth are jobs.
        transactions: in all, payments among them.
        vendors, items: how many of each.
        years: over how many years the transactions go, from 2019 on.
        seed: of all chance.
        edition: Pro, Premier or Enterprise; only the last holds more than 14,500 names.
    """

    customers: int = 100_000
    transactions: int = 1_000_000
    vendors: int = 500
    items: int = 1_000
    years: int = 5
    seed: int = 1
    edition: str = "Enterprise"

    def check(self) -> None:
        """Raises UserMistake for what cannot be: less than nothing, or more than the edition holds."""
        limits = {
            "customers": (1, ENTERPRISE_CAPACITY),
            "transactions": (0, TRANSACTIONS_MAX),
            "vendors": (1, ENTERPRISE_CAPACITY),
            "items": (1, ENTERPRISE_CAPACITY),
            "years": (1, YEARS_MAX),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise UserMistake(f"{value:,} {name}", "size of the company", f"{low:,} to {high:,}")
        if self.edition not in EDITIONS:
            raise UserMistake(f"edition {self.edition!r}", "size of the company", " or ".join(EDITIONS))
        small = self.edition != "Enterprise"
        in_list, in_all, items = (NAMES_IN_ONE_LIST_MAX, NAMES_MAX, NAMES_MAX) if small else (ENTERPRISE_CAPACITY,) * 3
        names = self.customers + self.vendors + AGENCIES
        if max(self.customers, self.vendors + AGENCIES) > in_list or names > in_all or self.items > items:
            raise UserMistake(
                f"{self.customers:,} customers, {self.vendors:,} vendors and {self.items:,} items in a {self.edition} company",
                "size of the company",
                f"at most {in_list:,} names in one list, {in_all:,} in all and {items:,} items",
                "name the edition Enterprise, or a smaller size" if small else "name a smaller size",
            )


EDITIONS: Final = ("Pro", "Premier", "Enterprise")

AGENCIES: Final = 1
"""Vendors that are there besides: who is paid the sales tax."""


def create_large(
    path: Path | None, size: Size, clock_now: Callable[[], datetime], told: Told = lambda part, done, count: None
) -> Company:
    """Make a large company and return it open; `path` None keeps it in memory.

    Its switches are at their defaults. Nobody's clock but `clock_now` is asked, and that only once it is open.

    Raises:
        UserMistake: the size is none, or its edition does not hold it; there is something at `path`, or its folder is not writable.
    """
    size.check()
    settings = settings_of(None)
    store = Store.create(path, lambda new: _fill(new, size, settings, told))
    return Company(store, clock_now, settings)


def described_large(size: Size) -> CompanyDescription:
    """Return the description of a large company: that of the sample company, its lists left to be generated."""
    sample = load_description(path_of("wholesale_small"))
    lists = sample.lists.model_copy(
        update={
            "customers": sample.lists.customers.model_copy(update={"given": [], "generate": None}),
            "vendors": sample.lists.vendors.model_copy(update={"given": [], "generate": None}),
            "items": sample.lists.items.model_copy(update={"given": [], "generate": None}),
        }
    )
    company = sample.company.model_copy(
        update={
            "name": "Brightwater Wholesale Group",
            "file": r"\\FILEHOST\QuickBooks\Brightwater Wholesale Group.QBW",
            "edition": size.edition,
            "started": FIRST_DAY - timedelta(days=LISTS_DAYS),
        }
    )
    return sample.model_copy(update={"company": company, "lists": lists})


def _fill(store: Store, size: Size, settings: Mapping[str, Setting], told: Told) -> None:
    description = described_large(size)
    zone = ZoneInfo(description.company.timezone)
    first = FIRST_DAY.replace(tzinfo=zone)
    made = first - timedelta(days=LISTS_DAYS)
    clock = [made]
    books = begin(store, description, settings, lambda: clock[0])
    maker = ListMaker(books)
    maker.all_of(description)

    def plan(count: int, seed_more: int, **more: float) -> Generate:
        return Generate(count=count, seed=size.seed + seed_more, odd_names=0.02, **more)

    def each(what: str, count: int, parts: Iterable[Part], make: Callable[[Part], None]) -> None:
        for place, part in enumerate(parts):
            # Spread over the year, so that a range of TimeModified holds some of them.
            clock[0] = made + timedelta(days=LISTS_DAYS) * place / count
            make(part)
            if place % TOLD_EVERY == 0:
                told(what, place, count)
        told(what, count, count)

    taken: set[str] = set()
    each("vendors", size.vendors, generate.vendors(plan(size.vendors, 1), taken), maker.vendor)
    each("items", size.items, generate.items(plan(size.items, 2), set()), maker.item)
    each("customers", size.customers, generate.customers(plan(size.customers, 0, jobs=0.2, taxable=0.1), taken), maker.customer)
    clock[0] = first
    if size.transactions:
        _enter(books, size, first, zone, told)
    finish(store, description)


def _enter(books: "Books", size: Size, first: datetime, zone: ZoneInfo, told: Told) -> None:
    writer = BulkWriter(books)
    trade = Trade(market_of(books), size.seed, size.transactions, first.date(), size.years, zone)
    writer.begin()
    for done in trade.enter(writer.write):
        told("transactions", done, size.transactions)
    done_steps = 0

    def step() -> None:
        nonlocal done_steps
        done_steps += 1
        told("balances and indexes", done_steps, writer.steps)

    writer.finish(step)


def market_of(books: "Books") -> Market:
    """Return who trades in a company: all of its customers, vendors, items that are sold, and expense accounts that are its owner's own."""

    def numbers(where: str) -> list[int]:
        rows = books.store.execute(f"SELECT record FROM list_record WHERE active AND {where} ORDER BY record")
        return [row[0] for row in rows.fetchall()]

    record = books.records.by_number
    own = "json_extract(document, '$.SpecialAccountType') IS NULL"
    bank = numbers("kind = 'Account' AND subtype = 'Bank'")[0]
    method = books.records.by_name("payment-method", "Check")
    assert method is not None
    agencies = "SELECT json_extract(document, '$.TaxVendorRef.ListID') FROM list_record WHERE kind = 'ItemSalesTax'"
    return Market(
        numbers("kind = 'Customer'"),
        numbers(f"kind = 'Vendor' AND list_id NOT IN ({agencies})"),
        record,
        [record(number) for number in numbers("kind IN ('ItemNonInventory', 'ItemService')")],
        [record(number) for number in numbers(f"kind = 'Account' AND subtype IN ('Expense', 'CostOfGoodsSold') AND {own}")],
        record(bank),
        method,
    )
