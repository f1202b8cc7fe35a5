"""A company file at a glance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emulator.company.migrations import FORMAT
from emulator.company.truth import Truth

if TYPE_CHECKING:
    from emulator.company.books import Books

ACCOUNTS_SHOWN: Final = 12
"""Accounts of a summary: those with the largest balances."""


@dataclass(frozen=True)
class Summary:
    """What `fakebooks company show` tells. Amounts are cents, debit positive; dates are `YYYY-MM-DD`.

    Attributes:
        name: of the company.
        file: the Windows path that clients see.
        edition: Pro, Premier or Enterprise.
        year: of the QuickBooks version.
        format: number of the file's format, after migration.
        stamp: hash of the file as it was made.
        lists: noun -> how many records, for lists that have any.
        transactions: noun -> how many, for kinds that have any.
        first_date: the earliest TxnDate, "" without transactions.
        last_date: the latest TxnDate, "" without transactions.
        closing_date: the date on or before which the books are closed, "" when they are open.
        accounts: name, type and balance of the accounts with the largest balances, in the order of the chart.
        problems: what is wrong with the books; none when they balance.
    """

    name: str
    file: str
    edition: str
    year: int
    format: int
    stamp: str
    lists: dict[str, int]
    transactions: dict[str, int]
    first_date: str
    last_date: str
    closing_date: str
    accounts: list[dict[str, Any]]
    problems: list[str]

    @property
    def balances(self) -> bool:
        """Whether the books are in order."""
        return not self.problems


def summary_of(books: "Books") -> Summary:
    """Return the summary of a company."""
    execute, facts = books.store.execute, books.facts
    first, last = execute("SELECT min(date), max(date) FROM txn").fetchone()
    rows = execute(
        "SELECT full_name, subtype, own_cents, sort_key FROM list_record JOIN balance USING (record)"
        " WHERE family = 'account' AND own_cents <> 0 ORDER BY abs(own_cents) DESC LIMIT ?",
        (ACCOUNTS_SHOWN,),
    ).fetchall()
    rows.sort(key=lambda row: row[3])
    return Summary(
        name=str(facts["name"]),
        file=str(facts["path_shown"]),
        edition=str(facts["edition"]),
        year=int(facts["year"]),
        format=FORMAT,
        stamp=str(facts.get("stamp", "")),
        lists=dict(execute("SELECT kind, count(*) FROM list_record GROUP BY kind ORDER BY kind").fetchall()),
        transactions=dict(execute("SELECT kind, count(*) FROM txn GROUP BY kind ORDER BY kind").fetchall()),
        first_date=first or "",
        last_date=last or "",
        closing_date=str(facts.get("closing_date") or ""),
        accounts=[{"account": name, "type": kind, "cents": cents} for name, kind, cents, _ in rows],
        problems=Truth(books).problems(),
    )
