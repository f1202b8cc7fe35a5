"""Where a record of a list stands: its name, parent, full name and place in the order; and how many a list may hold.

Names (documented unless said): case does not count; unique in the whole family by FullName, so jobs of different customers may share
a Name; no colon (3090); taken (3100, some lists 3180); a parent that names nothing (3130); at most five levels (code: switch); empty
(3150).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.company.identity import LIST_COUNTER_START
from emulator.company.nouns import NAMES_IN_ONE_LIST_MAX, NAMES_MAX, ListNoun
from emulator.company.records import Record, Values
from emulator.company.refusals import Refusal, cannot_save, refuse, refuse_as_set

if TYPE_CHECKING:
    from emulator.company.books import Books

ACCOUNT_TYPES: tuple[str, ...] = (
    "Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard",
    "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense",
    "NonPosting",
)  # fmt: skip
"""The order of accounts in answers (observed, 116 of 116)."""

NAME_LENGTH_MAX = 41
"""Characters of the name of an employee (documented); one that is made of longer parts is cut (our choice)."""

_BELOW = "\x01"
"""Stands for the colon in sort keys: lower than any letter, so children follow their parent before the next name."""


@dataclass(frozen=True)
class Place:
    """Where a record stands: its parent, full name and order."""

    parent: Record | None
    full_name: str
    sort_key: str


def name_of(noun: ListNoun, values: Values) -> str | None:
    """Return the name that the values of an Add, or the whole of a record, give it; None when they give none.

    An employee's is made of first, middle and last name (inferred: its Add has no Name, its answer has).
    """
    if noun.name_field:
        return values.get(noun.name_field)
    parts = [values.get(part) for part in ("FirstName", "MiddleName", "LastName")]
    return " ".join(part.strip() for part in parts if part and part.strip())[:NAME_LENGTH_MAX].strip() or None


def parent_of(books: "Books", noun: ListNoun, value: Values | None) -> Record | None:
    """Return the record that a parent element of a request means; None when it is missing or empty. Refuses with 3130."""
    if not value or not (value.get("ListID") or value.get("FullName")):
        return None
    by_id = value.get("ListID")
    found = books.records.by_id(noun.family, by_id) if by_id else books.records.by_name(noun.family, value["FullName"])
    if found is None or found.kind != noun.name:
        raise refuse(3130, value=by_id or value["FullName"], list=noun.name, element=noun.parent_field)
    return found


def place_of(
    books: "Books", noun: ListNoun, name: str | None, parent: Record | None, document: Values, itself: Record | None = None
) -> Place:
    """Return where a record of this name goes.

    Args:
        books: the open file.
        noun: the kind.
        name: as given.
        parent: the record above it.
        document: its values, for lists that are not ordered by name.
        itself: the record when it is there already.

    Raises:
        Refusal: 3090, 3100, 3130, 3150, 3180.
    """
    if not name or not name.strip():
        raise refuse(3150, field=noun.name_field or "FirstName")
    if not noun.unique:
        return Place(None, name, "")
    if ":" in name:
        raise refuse(3090, value=name, list=noun.name.lower(), element=noun.name_field)
    full_name = f"{parent.full_name}:{name}" if parent is not None else name
    below = _levels_below(books, itself) if itself is not None and full_name.count(":") > itself.full_name.count(":") else 0
    if full_name.count(":") + below >= noun.levels_max:
        code = books.settings["company.levels-exceeded-code"]
        reason = f"A list may have {noun.levels_max} levels at most."
        raise refuse(int(code), object=noun.name, list=noun.name, value=parent.full_name if parent else "", quickbooks=reason)
    taken = books.records.by_name(noun.family, full_name)
    if taken is not None and taken is not itself:
        if noun.duplicate_code == 3180:
            raise cannot_save(f"{noun.name} list", f"The name {name} is already in use.")
        raise refuse(noun.duplicate_code, value=name)
    if noun.name == "Account":
        if parent is not None and parent.document["AccountType"] != document["AccountType"]:
            # QuickBooks' own window offers accounts of the same type alone (inferred; the code too).
            raise cannot_save("Account", f"A subaccount must have the type of {parent.full_name}.")
        if document.get("AccountNumber"):
            _refuse_taken_account_number(books, document["AccountNumber"], itself)
    return Place(parent, full_name, sort_key(books, noun, name, parent, document))


def _levels_below(books: "Books", record: Record) -> int:
    """Return how many levels of records stand below one that is moved further down with them."""
    every = (books.records.by_number(number) for number in books.records.with_descendants(record))
    return max(each.full_name.count(":") for each in every) - record.full_name.count(":")


def _refuse_taken_account_number(books: "Books", account_number: str, itself: Record | None) -> None:
    rows = books.store.execute(
        "SELECT record FROM list_record WHERE family = 'account' AND json_extract(document, '$.AccountNumber') = ?",
        (account_number,),
    ).fetchall()
    if any(itself is None or row[0] != itself.number for row in rows):
        raise cannot_save("Account", f"The account number {account_number} is already in use.")


def sort_key(books: "Books", noun: ListNoun, name: str, parent: Record | None, document: Values) -> str:
    """Return the text by which a family is ordered: kind, then name without case, children behind their parent."""
    own = name.casefold()
    if noun.name == "Account":
        # Numbered accounts come before those without a number, each by its number or name.
        number = document.get("AccountNumber")
        own = f"0{number}\x02{own}" if number else f"1{own}"
        rank = ACCOUNT_TYPES.index(document["AccountType"])
    else:
        rank = noun.rank
    if parent is None:
        return f"{rank:02}{own}"
    above = books.store.execute("SELECT sort_key FROM list_record WHERE record = ?", (parent.number,)).fetchone()[0]
    return f"{above}{_BELOW}{own}"


def first_sort_key(noun: ListNoun, folded: str) -> str:
    """Return a sort key that no FullName from `folded` on comes before, so that a page from there need not look at those before it.

    The order is that of the names, but that children stand behind their parent: "acme:job" comes before "acme & sons", which is less
    than it. What begins with a character that is less than the colon may therefore come after a child of what stands before it.
    """
    end = next((place for place, character in enumerate(folded) if character < ":"), len(folded))
    below = _BELOW if end < len(folded) else ""
    return f"{noun.rank:02}{folded[:end].replace(':', _BELOW)}{below}"


def sort_keys_starting_with(noun: ListNoun, folded: str) -> str:
    """Return what the sort keys of all FullNames begin with that begin with `folded`."""
    return f"{noun.rank:02}{folded.replace(':', _BELOW)}"


def refuse_full_list(books: "Books", noun: ListNoun) -> None:
    """Refuse one name or item too many (the limit is documented; the code is switch company.list-full-code)."""
    if noun.family not in ("entity", "item"):
        return
    entries_max = books.entries_max.get(noun.family)
    if entries_max is not None and _count(books, "family", noun.family) >= entries_max:
        raise _full(books, noun, f"{entries_max} entries")
    if books.facts["edition"] == "Enterprise":
        return
    # Counted only when as many have been added: counting rows for every Add would cost more than the Add.
    given_out = books.counters.given_out(f"ListID {noun.family}", LIST_COUNTER_START)
    if given_out >= NAMES_MAX and _count(books, "family", noun.family) >= NAMES_MAX:
        raise _full(books, noun, f"{NAMES_MAX} entries")
    one_list = noun.family == "entity" and given_out >= NAMES_IN_ONE_LIST_MAX
    if one_list and _count(books, "kind", noun.name) >= NAMES_IN_ONE_LIST_MAX:
        raise _full(books, noun, f"{NAMES_IN_ONE_LIST_MAX} names")


def _full(books: "Books", noun: ListNoun, what: str) -> Refusal:
    slots = {"object": f"{noun.name} list", "quickbooks": f"The list is full: it holds {what}."}
    return refuse_as_set(books.settings, "company.list-full-code", **slots)


def _count(books: "Books", column: str, value: str) -> int:
    statement = f"SELECT count(*) FROM list_record WHERE {column} = ?"
    return int(books.store.execute(statement, (value,)).fetchone()[0])
