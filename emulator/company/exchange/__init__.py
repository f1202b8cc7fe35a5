"""Exchange: what goes into a company file from elsewhere, and what goes out of it.

exchange.py     the outside: `Exchange`, one for an open company
summary.py      what `fakebooks company show` tells
answers.py      out: query answers (qbXML) of all lists and transactions
reading.py      in: a document of query answers, sorted by what it brings
restoring.py    in: query answers, keeping identities, edit sequences and times
returning.py    an answer's transaction in the shape of the Add that would make it
relinking.py    credits and orders, linked as the answers tell it
proof.py        what is told otherwise afterwards
ledger.py       out: one line a posting
description.py  out: the description (YAML) of a file
columns.py      QuickBooks' columns of its lists, in a CSV and in IIF
cells.py        a cell to a value and back
rows.py         a record as a row of cells, and a row as an Add request
list_files.py   lists as CSV and IIF files
adding.py       in: rows of such files, by the rules of Add requests
difference.py   what differs between two files

Whatever comes in does so in one SQLite transaction: a mistake in the last line leaves nothing of the first.
"""

from emulator.company.exchange.exchange import Exchange

__all__ = ["Exchange"]
