"""Lists: adding, changing, deleting and merging their records, and the values of an answer.

saving.py    add and modify, by the rows of list_rows.py
names.py     where a record stands: name, parent, order, limits
forms.py     what a request says, in the form an answer has it
kinds.py     what is particular to one kind: what is filled in, what is demanded, what comes with it
answers.py   the values of an answer
removal.py   ListDel, and what is in use
merging.py   ListMerge
reposting.py an item's new account for what it was sold and bought with before
"""

from emulator.company.lists.answers import PERSONAL, values_of
from emulator.company.lists.saving import SPECIAL_ACCOUNT_NAMES, Identity, add, add_special, make_special, modify, restore

__all__ = [
    "PERSONAL",
    "SPECIAL_ACCOUNT_NAMES",
    "Identity",
    "add",
    "add_special",
    "make_special",
    "modify",
    "restore",
    "values_of",
]
