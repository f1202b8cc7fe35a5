"""The outside of this room: what an open company gives away and takes in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from emulator.company.description import CompanyDescription
from emulator.company.exchange import answers, ledger
from emulator.company.exchange.adding import add_lines
from emulator.company.exchange.cells import CSV, IIF
from emulator.company.exchange.columns import TABLE_OF, TABLES
from emulator.company.exchange.description import description_of
from emulator.company.exchange.difference import Known, known_records
from emulator.company.exchange.list_files import Line, write_csv, write_iif
from emulator.company.exchange.reading import Source
from emulator.company.exchange.restoring import restore
from emulator.company.exchange.rows import columns_of, heading, rows_of
from emulator.company.exchange.summary import Summary, summary_of
from emulator.company.fill import add_described
from emulator.company.list_rows import LISTS

if TYPE_CHECKING:
    from emulator.company.books import Books
    from emulator.company.operations import Operations


class Exchange:
    """What goes into one company from elsewhere, and what goes out of it."""

    def __init__(self, books: "Books", operations: "Operations") -> None:
        self._books = books
        self._operations = operations

    def summary(self) -> Summary:
        """Return the company at a glance."""
        return summary_of(self._books)

    def answers(self) -> str:
        """Return the query answers of all lists and transactions as one document of qbXML."""
        return answers.document_of(self._books)

    def ledger(self) -> Iterator[list[str]]:
        """Yield the columns, then a line for each posting, as texts."""
        return ledger.rows_of(self._books)

    def restore(self, sources: Iterable[Source], leave_balances: bool = False) -> Counter[str]:
        """Take in the records of another company, with their identities and times; see `restoring.restore`.

        Everything is one transaction of the file. Raises UserMistake, with nothing written.
        """
        try:
            with self._books.store.atomic():
                return restore(self._books, sources, leave_balances)
        finally:
            self._books.forget()

    def description(self) -> tuple[str, Counter[str]]:
        """Return the description of the file as YAML, and noun -> how many records it has no word for. Raises UserMistake."""
        return description_of(self._books)

    def add_described(self, description: CompanyDescription) -> Counter[str]:
        """Add the records that a description gives; noun -> how many. One transaction; raises UserMistake, with nothing written."""
        with self._books.store.atomic():
            return add_described(self._books, description)

    def known(self) -> dict[tuple[str, str], Known]:
        """Return all that the file tells, for `difference.difference_of`."""
        return known_records(self._books)

    def list_names(self) -> list[str]:
        """Return the names of the lists that have records, of those that list files can hold."""
        kinds = {row[0] for row in self._books.store.execute("SELECT DISTINCT kind FROM list_record")}
        return [table.name for table in TABLES if not kinds.isdisjoint(table.nouns)]

    def not_in_lists(self, list_name: str = "") -> dict[str, int]:
        """Return noun -> how many records no list file can hold: of the whole file, or of the list that is named."""
        held = {noun for table in TABLES for noun in table.nouns}
        families = {LISTS[noun].family for noun in TABLE_OF[list_name].nouns} if list_name else set()
        rows = self._books.store.execute("SELECT kind, count(*) FROM list_record GROUP BY kind ORDER BY kind").fetchall()
        return {kind: count for kind, count in rows if kind not in held and (not families or LISTS[kind].family in families)}

    def pointed_to(self, list_name: str) -> dict[str, int]:
        """Return heading -> how many records of other lists a list names in that column: what must be there where it is imported."""
        table = TABLE_OF[list_name]
        named: dict[str, set[str]] = {}
        for row in rows_of(self._books, table, CSV):
            for column, cell in zip(columns_of(table, CSV), row, strict=True):
                if column.form == "reference" and cell and not column.follows:
                    named.setdefault(heading(column, CSV), set()).add(cell)
        return {column: len(names) for column, names in named.items()}

    def csv(self, list_name: str) -> str:
        """Return a list as a CSV with QuickBooks' headings. An unknown name is a KeyError."""
        table = TABLE_OF[list_name]
        return write_csv(table, rows_of(self._books, table, CSV))

    def iif(self, list_names: Iterable[str]) -> str:
        """Return lists as one IIF file."""
        wanted = frozenset(list_names)
        parts = ((table, list(rows_of(self._books, table, IIF))) for table in TABLES if table.name in wanted)
        return write_iif(parts, f"QuickBooks Desktop {self._books.facts['edition']}", self._books.clock_now())

    def add(self, lines: list[Line]) -> Counter[str]:
        """Add the records of list files, each by the rules of an Add request; see `adding.add_lines`.

        Everything is one transaction of the file. Raises UserMistake, with nothing written.
        """
        with self._books.store.atomic():
            return add_lines(self._books, self._operations, lines)
