"""The tables of a company file, as ordered, named steps. Step N brings a file from format N-1 to format N and records itself.

Conventions of every table: amounts are whole cents, quantities and rates are whole 0.00001, moments are unix seconds, dates are
`YYYY-MM-DD`; what queries look for is a column, the rest of a record is one JSON document beside the columns.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Migration:
    """One step: its name as recorded in the file, and what it does to an open connection inside a transaction."""

    name: str
    apply: Callable[[sqlite3.Connection], None]


def _create(connection: sqlite3.Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)


_TABLES = (
    # Facts about the company itself: its description, stamp, closing date and the like, each value JSON.
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Last number given out per kind of identity. Written only with the record that used it, so a refused Add uses none.
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    # All lists. `family` is the namespace (all item kinds are one, customers and vendors are one); `folded` is the FullName
    # without case; `sort_key` gives QuickBooks' order of answers; `renamed` marks names that older documents may hold wrongly.
    """CREATE TABLE list_record (
        record INTEGER PRIMARY KEY, family TEXT NOT NULL, kind TEXT NOT NULL, list_id TEXT NOT NULL,
        name TEXT NOT NULL, full_name TEXT NOT NULL, folded TEXT NOT NULL, sort_key TEXT NOT NULL,
        parent INTEGER REFERENCES list_record (record), active INTEGER NOT NULL,
        created INTEGER NOT NULL, modified INTEGER NOT NULL, renamed INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX list_record_by_id ON list_record (family, list_id)",
    "CREATE UNIQUE INDEX list_record_by_name ON list_record (family, folded)",
    "CREATE INDEX list_record_by_parent ON list_record (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX list_record_by_order ON list_record (family, sort_key)",
    # Own balance, and own plus all descendants, in cents, debit positive for accounts. Apart from list_record because every
    # posting changes them and the rows stay narrow.
    "CREATE TABLE balance (record INTEGER PRIMARY KEY, own_cents INTEGER NOT NULL, total_cents INTEGER NOT NULL)",
    # All transactions; `number` is TxnNumber. `open_cents` is what is left to pay, or left of a credit or payment.
    """CREATE TABLE txn (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, txn_id TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
        date TEXT NOT NULL, ref TEXT NOT NULL, folded TEXT NOT NULL, entity INTEGER NOT NULL REFERENCES list_record (record),
        amount_cents INTEGER NOT NULL, open_cents INTEGER NOT NULL, pending INTEGER NOT NULL,
        document TEXT NOT NULL, lines TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX txn_by_id ON txn (txn_id)",
    "CREATE INDEX txn_by_ref ON txn (kind, folded)",
    "CREATE INDEX txn_by_entity ON txn (entity, kind)",
    "CREATE INDEX txn_by_modified ON txn (kind, modified)",
    # The ledger: debit positive, credit negative; the rows of one transaction sum to zero. `line` 0 is receivable or payable.
    """CREATE TABLE posting (
        txn INTEGER NOT NULL, line INTEGER NOT NULL, account INTEGER NOT NULL, entity INTEGER, cents INTEGER NOT NULL,
        PRIMARY KEY (txn, line)) WITHOUT ROWID""",
    # Payments and credits (source) applied to invoices (target).
    """CREATE TABLE application (
        target INTEGER NOT NULL, source INTEGER NOT NULL, cents INTEGER NOT NULL, discount_cents INTEGER NOT NULL,
        discount_account INTEGER, PRIMARY KEY (target, source)) WITHOUT ROWID""",
    "CREATE INDEX application_by_source ON application (source)",
    "CREATE TABLE external_guid (guid TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
    # What was deleted and when; QuickBooks tells it for 90 days.
    "CREATE TABLE deletion (row INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT, deleted INTEGER NOT NULL)",
    # Outcomes of message sets kept for error recovery, per application.
    """CREATE TABLE message_set (
        application TEXT NOT NULL, set_id TEXT NOT NULL, checksum TEXT NOT NULL, answers TEXT NOT NULL,
        PRIMARY KEY (application, set_id)) WITHOUT ROWID""",
)

_WHOLE_BOOKS = (
    # The type of an account, beside its document: balances of names move on receivable and payable accounts only.
    "ALTER TABLE list_record ADD COLUMN subtype TEXT NOT NULL DEFAULT ''",
    "UPDATE list_record SET subtype = json_extract(document, '$.AccountType') WHERE kind = 'Account'",
    "CREATE INDEX list_record_by_kind ON list_record (kind, sort_key)",
    # The answers of a message set, one row each, so that storing one costs the same however many there are.
    """CREATE TABLE outcome (
        application TEXT NOT NULL, set_id TEXT NOT NULL, place INTEGER NOT NULL, answer TEXT NOT NULL,
        PRIMARY KEY (application, set_id, place)) WITHOUT ROWID""",
    "INSERT INTO outcome SELECT application, set_id, each.key, each.value FROM message_set, json_each(answers) AS each",
    "ALTER TABLE message_set DROP COLUMN answers",
    # A transaction may name nobody (a journal entry). `account` is its main account, `due` its due date, `open_as` what its open
    # amount is (see transactions.py) and `open_name` whose. `currency` is the record of a foreign currency; the cents are in it then.
    """CREATE TABLE txn_2 (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, txn_id TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
        date TEXT NOT NULL, ref TEXT NOT NULL, folded TEXT NOT NULL, entity INTEGER REFERENCES list_record (record),
        account INTEGER REFERENCES list_record (record), due TEXT, amount_cents INTEGER NOT NULL, open_cents INTEGER NOT NULL,
        open_as TEXT NOT NULL, open_name INTEGER REFERENCES list_record (record), pending INTEGER NOT NULL,
        currency INTEGER REFERENCES list_record (record),
        document TEXT NOT NULL, lines TEXT NOT NULL)""",
    """INSERT INTO txn_2 SELECT number, kind, txn_id, created, modified, date, ref, folded, entity,
        (SELECT account FROM posting WHERE txn = number ORDER BY line LIMIT 1), json_extract(document, '$.DueDate'),
        amount_cents, open_cents,
        CASE kind WHEN 'Invoice' THEN 'receivable' WHEN 'Bill' THEN 'payable' ELSE 'receivable credit' END,
        entity, pending, NULL, document, lines FROM txn""",
    "DROP TABLE txn",
    "ALTER TABLE txn_2 RENAME TO txn",
    "CREATE UNIQUE INDEX txn_by_id ON txn (txn_id)",
    "CREATE INDEX txn_by_ref ON txn (kind, folded)",
    "CREATE INDEX txn_by_entity ON txn (entity, kind)",
    "CREATE INDEX txn_by_modified ON txn (kind, modified)",
    "CREATE INDEX txn_by_open_name ON txn (open_name, open_as) WHERE open_cents <> 0",
    # The ledger says more of each row: the class, the item and how much of it, the line that it comes from, whether the bank
    # statement has it. `entity` is the name of the row; its balance moves on receivable and payable accounts only. `home_cents`
    # differs from `cents` for foreign currency only: sums of the ledger are of home cents, balances of names of their own.
    "ALTER TABLE posting ADD COLUMN home_cents INTEGER NOT NULL DEFAULT 0",
    "UPDATE posting SET home_cents = cents",
    "ALTER TABLE posting ADD COLUMN class INTEGER",
    "ALTER TABLE posting ADD COLUMN item INTEGER",
    "ALTER TABLE posting ADD COLUMN quantity INTEGER",
    "ALTER TABLE posting ADD COLUMN line_id TEXT",
    "ALTER TABLE posting ADD COLUMN cleared TEXT NOT NULL DEFAULT 'NotCleared'",
    # Rows that transactions would have if they posted: orders, estimates, what is pending. The same columns as the ledger's.
    """CREATE TABLE unposted (
        txn INTEGER NOT NULL, line INTEGER NOT NULL, account INTEGER NOT NULL, entity INTEGER, cents INTEGER NOT NULL,
        home_cents INTEGER NOT NULL DEFAULT 0, class INTEGER, item INTEGER, quantity INTEGER, line_id TEXT,
        cleared TEXT NOT NULL DEFAULT 'NotCleared', PRIMARY KEY (txn, line)) WITHOUT ROWID""",
    # Both together, for questions that do not care. `posts` tells them apart.
    "CREATE VIEW entry AS SELECT *, 1 AS posts FROM posting UNION ALL SELECT *, 0 FROM unposted",
    # Pieces in and out of stock. `value_cents` is what they add to the inventory asset; `at_average` says that the value follows
    # from the average cost, and the rows of the ledger that carry it are then kept true to it. A move between sites has no value.
    """CREATE TABLE movement (
        txn INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER NOT NULL, date TEXT NOT NULL, quantity INTEGER NOT NULL,
        value_cents INTEGER NOT NULL, at_average INTEGER NOT NULL, valued INTEGER NOT NULL, site INTEGER,
        asset_line INTEGER, other_line INTEGER, PRIMARY KEY (txn, line)) WITHOUT ROWID""",
    "CREATE INDEX movement_by_item ON movement (item, date, txn, line)",
    # What is in stock of an item now: the sums of its movements, and its average cost in units of 0.00001.
    "CREATE TABLE stock (item INTEGER PRIMARY KEY, quantity INTEGER NOT NULL, value_cents INTEGER NOT NULL, average INTEGER NOT NULL)",
    # Lines of orders: how much was ordered, how much of it was received or invoiced, and whether the line was closed by hand.
    """CREATE TABLE order_line (
        txn INTEGER NOT NULL, line_id TEXT NOT NULL, kind TEXT NOT NULL, item INTEGER NOT NULL, quantity INTEGER NOT NULL,
        done INTEGER NOT NULL, closed INTEGER NOT NULL, PRIMARY KEY (txn, line_id)) WITHOUT ROWID""",
    "CREATE INDEX order_line_by_item ON order_line (item, kind)",
    # Which line fulfils which line of an order, and how much of it.
    """CREATE TABLE fulfilment (
        order_txn INTEGER NOT NULL, order_line TEXT NOT NULL, txn INTEGER NOT NULL, line_id TEXT NOT NULL, quantity INTEGER NOT NULL,
        PRIMARY KEY (order_txn, order_line, txn, line_id)) WITHOUT ROWID""",
    "CREATE INDEX fulfilment_by_txn ON fulfilment (txn)",
    # Rows of the ledger that a deposit took to the bank, by the line of the deposit.
    """CREATE TABLE deposited (
        txn INTEGER NOT NULL, line INTEGER NOT NULL, deposit INTEGER NOT NULL, deposit_line TEXT NOT NULL,
        PRIMARY KEY (txn, line)) WITHOUT ROWID""",
    "CREATE INDEX deposited_by_deposit ON deposited (deposit)",
    "ALTER TABLE application ADD COLUMN discount_class INTEGER",
    "ALTER TABLE deletion ADD COLUMN created INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX deletion_by_kind ON deletion (kind, deleted)",
    # Data extensions: what may be kept (OwnerID "0" stands for custom fields), and what is kept, of a record, a line, or the company.
    """CREATE TABLE data_ext_def (
        row INTEGER PRIMARY KEY, owner TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
        objects TEXT NOT NULL, more TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX data_ext_def_by_name ON data_ext_def (owner, folded)",
    """CREATE TABLE data_ext (
        definition INTEGER NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL, line_id TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (object, id, line_id, definition)) WITHOUT ROWID""",
)
"""What all nouns of qbXML need: every kind of transaction, stock, orders, deposits, data extensions."""


def _whole_books(connection: sqlite3.Connection) -> None:
    for statement in _WHOLE_BOOKS:
        connection.execute(statement)


IS_NUMBER: Final = "folded GLOB '[0-9]*' AND folded NOT GLOB '*[^0-9]*'"
NUMBER_BASE: Final = 64
NUMBER_KEY: Final = f"(char({NUMBER_BASE} + length(ltrim(folded, '0'))) || ltrim(folded, '0'))"
"""Which RefNumbers are whole numbers, and the text by which these compare as numbers: a character for how many digits, then the digits."""

_LARGE = (
    # A page in the order of answers is read from one index, with what most filters look at.
    "DROP INDEX list_record_by_kind",
    "CREATE INDEX list_record_by_kind ON list_record (kind, sort_key, family, active, modified, folded)",
    # What lies in a range is sorted without a look at the records themselves.
    "CREATE INDEX list_record_by_modified ON list_record (family, modified, kind, active, sort_key)",
    "DROP INDEX txn_by_modified",
    "CREATE INDEX txn_by_modified ON txn (kind, modified, date)",
    "DROP INDEX txn_by_ref",
    "CREATE INDEX txn_by_ref ON txn (kind, folded, date)",
    "CREATE INDEX list_record_renamed ON list_record (renamed) WHERE renamed",
    "CREATE INDEX txn_by_date ON txn (kind, date, number, modified)",
    # The last of a kind has the last number.
    "CREATE INDEX txn_by_kind ON txn (kind)",
    f"CREATE INDEX txn_by_ref_number ON txn (kind, {NUMBER_KEY}) WHERE {IS_NUMBER}",
)
"""What a company of a million transactions needs to be as quick as an empty one."""


def _large(connection: sqlite3.Connection) -> None:
    for statement in _LARGE:
        connection.execute(statement)


def _first_days(connection: sqlite3.Connection) -> None:
    # Whether anything of a day was changed within a range is one look, so a page of what was changed since then begins where the first
    # of it stands, not with the first day of the company.
    connection.execute("CREATE INDEX txn_by_day ON txn (kind, date, modified)")


def _void_rows(connection: sqlite3.Connection) -> None:
    """Give what was voided while void transactions had no rows the one on its own account, with nothing in it.

    Its other rows are not known any more. Its TxnLineID is the number after the TxnID, as that of every header's row.
    """
    void = connection.execute(
        "SELECT number, txn_id, account, entity FROM txn WHERE json_extract(document, '$.Memo') LIKE 'VOID:%' AND account IS NOT NULL"
        " AND amount_cents = 0 AND NOT pending AND number NOT IN (SELECT txn FROM entry)"
    ).fetchall()
    for number, txn_id, account, entity in void:
        counter, _, epoch_s = txn_id.partition("-")
        connection.execute(
            "INSERT INTO posting (txn, line, account, entity, cents, line_id) VALUES (?, 0, ?, ?, 0, ?)",
            (number, account, entity, f"{int(counter, 16) + 1:X}-{epoch_s}"),
        )


MIGRATIONS: tuple[Migration, ...] = (
    Migration("create", _create),
    Migration("whole books", _whole_books),
    Migration("large companies", _large),
    Migration("first days of what was changed", _first_days),
    Migration("rows of what is void", _void_rows),
)

FORMAT = len(MIGRATIONS)
"""The format number this program writes; a file of a higher one comes from a newer FakeBooks and is not touched."""
