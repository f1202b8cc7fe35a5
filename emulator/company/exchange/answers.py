"""Out: the query answers of all lists and transactions, as one document of qbXML.

They are what QuickBooks would answer to queries without filters, with lines, links and all data extensions; a list or kind without
records is left out, for its answer would be a status alone. The definitions of data extensions come first, so that a reader knows them.
Last are the rows of the ledger, as TransactionQuery tells them: they say where a line posted, which no other answer does.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from emulator.company import lists
from emulator.company.asked import register
from emulator.company.caller import View
from emulator.company.list_rows import LIST_NOUNS
from emulator.company.records import SELECT_RECORD, Values
from emulator.company.transaction_answers import values_of
from emulator.company.transaction_rows import TRANSACTION_NOUNS
from emulator.company.transactions import SELECT_TRANSACTION, from_row
from emulator.qbxml import VERSIONS, status
from emulator.qbxml.messages import Answer
from emulator.qbxml.writing import AnswerWriter

if TYPE_CHECKING:
    from emulator.company.books import Books

VERSION: Final = VERSIONS[-1]
"""The version answers are written in: the newest tells everything."""


def whole_view(books: "Books") -> View:
    """Return the view that shows everything of a record: lines, links, personal data, the data extensions of all owners."""
    owners = frozenset(each.owner for each in books.custom_fields.definitions())
    return View(owners=owners, personal_data=True, lines=True, links=True)


def answers_of(books: "Books") -> Iterator[Answer]:
    """Yield an answer for each list and each kind of transaction that has records; the records are read as they are asked for."""
    definitions = [("DataExtDefRet", each.values) for each in books.custom_fields.definitions()]
    if definitions:
        yield Answer("DataExtDefQueryRs", status.of(0), records=definitions)
    for name, found in records_of(books):
        yield Answer(f"{name}QueryRs", status.of(0), records=[(f"{name}Ret", values) for values in found])
    rows = register.source(books, {"TransactionDetailLevelFilter": "All"})
    keys = rows.keys(None)
    if keys:
        yield Answer("TransactionQueryRs", status.of(0), records=rows.render(keys))


def records_of(books: "Books") -> Iterator[tuple[str, list[Values]]]:
    """Yield noun and values of all records: lists in their order, then transactions by their TxnNumber."""
    view = whole_view(books)
    execute, from_list_row = books.store.execute, books.records.from_row
    for noun in LIST_NOUNS:
        rows = execute(f"{SELECT_RECORD} WHERE kind = ? ORDER BY sort_key, record", (noun.name,)).fetchall()
        if rows:
            yield noun.name, [lists.values_of(books, from_list_row(row), view) for row in rows]
    for kind in TRANSACTION_NOUNS:
        rows = execute(f"{SELECT_TRANSACTION} WHERE kind = ? ORDER BY number", (kind.name,)).fetchall()
        if rows:
            yield kind.name, [values_of(books, from_row(row), view) for row in rows]


def document_of(books: "Books") -> str:
    """Return all answers as one document, as QuickBooks writes one."""
    writer = AnswerWriter(VERSION)
    for answer in answers_of(books):
        writer.add(answer)
    return writer.document()
