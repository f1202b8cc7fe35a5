"""Exchange: what goes into a company file from elsewhere, and what goes out of it.

summary.py     what `fakebooks company show` tells
answers.py     out: query answers (qbXML) of all lists and transactions
restoring.py   in: query answers, keeping identities, edit sequences and times
returning.py   an answer's transaction in the shape of the Add that would make it
ledger.py      out: one line a posting
description.py out: the description (YAML) of a file
columns.py     QuickBooks' columns of lists, for its tables (CSV) and its IIF files
tables.py      in and out: lists as CSV
iif.py         in and out: lists as IIF
adding.py      in: rows of such files, by the rules of Add requests
difference.py  what differs between two files

Whatever comes in does so in one SQLite transaction: a mistake in the last line leaves nothing of the first.
"""

from emulator.company.exchange.exchange import Exchange

__all__ = ["Exchange"]
