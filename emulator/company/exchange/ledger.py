"""Out: the ledger, one line a posting. Debits and credits are in the company's own currency and come to the same sum."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import money
from emulator.company.records import Values
from emulator.company.transactions import decoded_lines, line_dicts
from emulator.qbxml.formats import write_quantity

if TYPE_CHECKING:
    from emulator.company.books import Books

COLUMNS: Final = (
    "Date", "Type", "Num", "TxnID", "Name", "Item", "Quantity", "Class", "Account", "Memo", "Debit", "Credit", "Currency", "Rate",
    "Foreign Amount",
)  # fmt: skip
"""The first words are those of QuickBooks' own journal report (recalled); TxnID, Quantity, Currency and the last two are ours."""


def rows_of(books: "Books") -> Iterator[list[str]]:
    """Yield the columns, then a line for each posting, by date and TxnNumber.

    `Currency`, `Rate` and `Foreign Amount` (debit positive) stand only where a transaction is in a foreign currency.
    """
    yield list(COLUMNS)
    memos: dict[str, str] = {}
    shown = None
    for row in books.store.execute(_SELECT):
        (
            number, date, kind, ref, txn_id, document, lines, name, item, quantity, klass, account, line_id, cents, home_cents,
            currency, rate,
        ) = row  # fmt: skip
        if number != shown:
            shown, memos = number, _memos(document, lines)
        yield [
            date, kind, ref, txn_id, name or "", item or "", "" if quantity is None else write_quantity(quantity), klass or "", account,
            memos.get(line_id, memos[""]), money(home_cents) if home_cents > 0 else "", money(-home_cents) if home_cents < 0 else "",
            currency or "", rate or "", money(cents) if currency else "",
        ]  # fmt: skip


_SELECT = (
    "SELECT txn.number, txn.date, txn.kind, txn.ref, txn.txn_id, coalesce(json_extract(txn.document, '$.Memo'), ''), txn.lines,"
    " named.full_name, thing.full_name, posting.quantity, class.full_name, account.full_name, posting.line_id, posting.cents,"
    " posting.home_cents, currency.name, json_extract(txn.document, '$.ExchangeRate')"
    " FROM posting JOIN txn ON txn.number = posting.txn JOIN list_record AS account ON account.record = posting.account"
    " LEFT JOIN list_record AS named ON named.record = posting.entity LEFT JOIN list_record AS thing ON thing.record = posting.item"
    " LEFT JOIN list_record AS class ON class.record = posting.class"
    " LEFT JOIN list_record AS currency ON currency.record = txn.currency"
    " ORDER BY txn.date, txn.number, posting.line"
)


def _memos(header: str, lines: str) -> dict[str, str]:
    """Return TxnLineID -> what the line says of itself; "" stands for the header."""
    memos = {"": header}
    found: Any = decoded_lines(lines)
    for line in line_dicts(found):
        said: Values = line
        memos[str(said.get("TxnLineID", ""))] = said.get("Memo") or said.get("Desc") or header
    memos[""] = header
    return memos
