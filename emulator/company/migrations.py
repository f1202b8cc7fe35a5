"""The tables of a company file, as ordered, named steps. Step N brings a file from format N-1 to format N and records itself.

Conventions of every table: amounts are whole cents, quantities and rates are whole 0.00001, moments are unix seconds, dates are
`YYYY-MM-DD`; what queries look for is a column, the rest of a record is one JSON document beside the columns.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass


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

MIGRATIONS: tuple[Migration, ...] = (Migration("create", _create),)

FORMAT = len(MIGRATIONS)
"""The format number this program writes; a file of a higher one comes from a newer FakeBooks and is not touched."""
