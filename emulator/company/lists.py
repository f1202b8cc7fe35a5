"""Adding and changing list records: customers, vendors, accounts, items and the small lists, all by the rows of `nouns`.

Names (documented unless said): case does not count; unique in the whole family by FullName, so jobs of different customers may share
a Name; no colon (3090); taken (3100); a parent that names nothing (3130); at most five levels (code: switch); empty (3150).
A Mod needs the EditSequence of the last save (3200); an empty element clears its field, also an empty reference or address; what is
left out stays.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.company.addresses import add_blocks
from emulator.company.identity import LIST_COUNTER_START, contact_id, numbered_id
from emulator.company.nouns import LEVELS_MAX, LISTS, NAMES_IN_ONE_LIST_MAX, NAMES_MAX, ListNoun
from emulator.company.records import Record, Values
from emulator.company.references import emptied
from emulator.company.refusals import cannot_save, refuse
from emulator.company.store import encoded

if TYPE_CHECKING:
    from emulator.company.books import Books

_IDENTITY = frozenset({"ListID", "EditSequence", "Name", "IsActive", "ParentRef", "ExternalGUID"})
"""Elements that are columns of a record, not part of its document."""

ACCOUNT_TYPES: tuple[str, ...] = (
    "Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard",
    "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense",
    "NonPosting",
)  # fmt: skip
"""The order of accounts in answers (observed, 116 of 116)."""

_CASH_FLOW = {
    **dict.fromkeys(
        ("AccountsReceivable", "OtherCurrentAsset", "AccountsPayable", "CreditCard", "OtherCurrentLiability"), "Operating"
    ),
    **dict.fromkeys(("FixedAsset", "OtherAsset"), "Investing"),
    **dict.fromkeys(("LongTermLiability", "Equity"), "Financing"),
    **dict.fromkeys(
        ("Bank", "NonPosting", "Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"), "NotApplicable"
    ),
}
"""CashFlowClassification by account type (inferred from the types' place in a cash-flow statement)."""

CONTACT_LENGTH_MAX = 41
"""Characters of the Contact of an answer (documented)."""

_EXCLUSIVE = (("SalesOrPurchase", "SalesAndPurchase"), ("Price", "PricePercent"))
"""Elements of which a record has one or the other: the one that is sent takes the other's place (inferred from the schema's choice)."""

_BELOW = "\x01"
"""Stands for the colon in sort keys: lower than any letter, so children follow their parent before the next name."""


@dataclass(frozen=True)
class _Place:
    """Where a record stands: its parent, full name and order."""

    parent: Record | None
    full_name: str
    sort_key: str


def add(books: "Books", noun: ListNoun, values: Values) -> Record:
    """Add a record. `values` is the aggregate of the request (`CustomerAdd`).

    Raises:
        Refusal: 3090, 3100, 3130, 3140, 3150, 3180, 3250.
    """
    parent = _parent(books, noun, values.get("ParentRef"))
    document = _document(books, noun, values, {**noun.defaults})
    _complete(books, noun, document)
    place = _place(books, noun, values.get("Name"), parent, document)
    _refuse_full_list(books, noun)
    books.guids.refuse_taken(values.get("ExternalGUID"), noun.name)
    record = _insert(books, noun, values, place, document)
    books.guids.keep(values.get("ExternalGUID"), record.list_id)
    books.counters.write()
    return record


def modify(books: "Books", noun: ListNoun, values: Values) -> Record:
    """Change a record. `values` is the aggregate of the request (`CustomerMod`): ListID, EditSequence and what is to change.

    Raises:
        Refusal: 3120 for an unknown ListID, 3200 for an old EditSequence, and the codes of `add`.
    """
    values = {name: emptied(name, value) for name, value in values.items()}
    record = books.records.by_id(noun.family, values["ListID"] or "")
    if record is None or record.kind != noun.name:
        raise refuse(3120, value=values["ListID"] or "")
    if values.get("EditSequence") != str(record.modified):
        raise refuse(3200, value=values.get("EditSequence") or "")
    if values.get("AccountType", record.document.get("AccountType")) != record.document.get("AccountType"):
        raise cannot_save(f'{noun.name}s list, element "{record.name}"', "The type of an account that exists cannot be changed.")
    document = _merged(books, noun, record.document, values)
    parent = books.records.by_number(record.parent) if record.parent is not None else None
    if "ParentRef" in values:
        parent = _parent(books, noun, values["ParentRef"])
        if parent is not None and record in (parent, *books.records.chain(parent)):
            raise refuse(3130, value=parent.full_name, list=noun.name)
    name = values.get("Name", record.name)
    place = _place(books, noun, name, parent, document, itself=record)
    active = record.active if values.get("IsActive") is None else bool(values["IsActive"])
    _update(books, record, place, name or record.name, active, document)
    books.counters.write()
    return record


def _parent(books: "Books", noun: ListNoun, value: Values | None) -> Record | None:
    if not value or not (value.get("ListID") or value.get("FullName")):
        return None
    by_id = value.get("ListID")
    found = books.records.by_id(noun.family, by_id) if by_id else books.records.by_name(noun.family, value["FullName"])
    if found is None or found.kind != noun.name:
        raise refuse(3130, value=by_id or value["FullName"], list=noun.name)
    return found


def _document(books: "Books", noun: ListNoun, values: Values, start: Values) -> Values:
    skip = _IDENTITY | noun.not_kept
    start.update(books.references.resolved(values, noun.name, skip))
    for asked, answered in noun.answer_names.items():
        if asked in start:
            aggregate = start.pop(asked)
            value = aggregate.get("BarCodeValue") if asked == "BarCode" else aggregate
            if value is not None:
                start[answered] = value
    _answer_forms(books, noun, start)
    if values.get("ExternalGUID"):
        start["ExternalGUID"] = values["ExternalGUID"]
    add_blocks(books, start, noun.address_blocks)
    return start


def _answer_forms(books: "Books", noun: ListNoun, document: Values) -> None:
    """Turn contacts, notes and tax lines into what an answer holds: they get identities of their own there."""
    now = books.now()
    stamp = books.local_time.text(now)
    for asked in ("Contacts", "ContactsMod"):
        contacts = document.pop(asked, None)
        if contacts:
            # A list that is sent replaces the one before (inferred from the wording for lines).
            document["ContactsRet"] = [
                {
                    "TimeCreated": stamp,
                    "TimeModified": stamp,
                    **contact,
                    "ListID": contact.get("ListID") or contact_id(books.counters.next("ListID contact")),
                    "EditSequence": str(now),
                    "Contact": " ".join(contact[name] for name in ("FirstName", "LastName") if contact.get(name))[
                        :CONTACT_LENGTH_MAX
                    ],
                }
                for contact in contacts
            ]
    for asked in ("AdditionalNotes", "AdditionalNotesMod"):
        notes = document.pop(asked, None)
        if notes:
            today = books.local_time.today(now).isoformat()
            document["AdditionalNotesRet"] = [
                {"NoteID": note.get("NoteID", place), "Date": today, "Note": note["Note"]}
                for place, note in enumerate(notes, start=1)
            ]
    if noun.name == "Account" and "TaxLineID" in document:
        document["TaxLineInfoRet"] = {"TaxLineID": document.pop("TaxLineID")}


def _merged(books: "Books", noun: ListNoun, before: Values, values: Values) -> Values:
    after = dict(before)
    changed = _document(books, noun, values, {})
    for name in values:
        if values[name] is None:
            after.pop(noun.answer_names.get(name, name), None)
    replaces = books.settings["company.mod-aggregate"] == "replaced"
    _drop_others(after, changed)
    for name, value in changed.items():
        is_aggregate = isinstance(value, dict) and isinstance(before.get(name), dict) and not name.endswith("Ref")
        if is_aggregate and not replaces:
            merged = dict(before[name])
            _drop_others(merged, value)
            after[name] = {**merged, **value}
        else:
            after[name] = value
    for name, value in values.items():
        answered = noun.answer_names.get(name, name)
        if isinstance(value, dict) and isinstance(after.get(answered), dict):
            for part, part_value in value.items():
                if part_value is None:
                    after[answered] = {key: kept for key, kept in after[answered].items() if key != part}
    add_blocks(books, after, noun.address_blocks)
    # What an answer always carries goes back to what an Add without it has.
    for name, value in noun.defaults.items():
        after.setdefault(name, value)
    _refuse_without_account(noun, after)
    return after


def _drop_others(values: Values, changed: Values) -> None:
    for one, other in _EXCLUSIVE:
        if one in changed:
            values.pop(other, None)
        if other in changed:
            values.pop(one, None)


def _complete(books: "Books", noun: ListNoun, document: Values) -> None:
    """Fill in what QuickBooks fills in for this kind."""
    if noun.name == "Account":
        account_type = document["AccountType"]
        if account_type == "NonPosting":
            raise cannot_save("Account", "Non-posting accounts cannot be added.")
        document.setdefault("CashFlowClassification", _CASH_FLOW[account_type])
        if account_type in ("AccountsReceivable", "AccountsPayable"):
            document.setdefault("SpecialAccountType", account_type)
    elif noun.name in ("ItemService", "ItemNonInventory", "ItemOtherCharge"):
        if "SalesTaxCodeRef" not in document:
            taxable = books.settings["company.item-tax-code-omitted"] == "taxable"
            code = books.defaults.taxable_code if taxable else books.defaults.non_taxable_code
            if code is not None:
                document["SalesTaxCodeRef"] = code.reference
        _refuse_without_account(noun, document)
    elif noun.name == "ItemSalesTax":
        document.setdefault("TaxRate", 0)
    elif noun.name == "Customer" and "SalesTaxCodeRef" not in document and books.defaults.taxable_code is not None:
        document["SalesTaxCodeRef"] = books.defaults.taxable_code.reference


def _refuse_without_account(noun: ListNoun, document: Values) -> None:
    """Refuse an item that is sold without an account to post to (3270)."""
    if noun.name not in ("ItemService", "ItemNonInventory", "ItemOtherCharge"):
        return
    places = (("SalesOrPurchase", "AccountRef"), ("SalesAndPurchase", "IncomeAccountRef"))
    if not any((document.get(group) or {}).get(name) for group, name in places):
        raise refuse(3270, field="AccountRef")


def _place(
    books: "Books", noun: ListNoun, name: str | None, parent: Record | None, document: Values, itself: Record | None = None
) -> _Place:
    if not name or not name.strip():
        raise refuse(3150, field="Name")
    if ":" in name:
        raise refuse(3090, value=name, list=noun.name.lower())
    full_name = f"{parent.full_name}:{name}" if parent is not None else name
    if full_name.count(":") >= LEVELS_MAX:
        code = books.settings["company.levels-exceeded-code"]
        reason = f"A list may have {LEVELS_MAX} levels at most."
        raise refuse(int(code), object=noun.name, list=noun.name, value=parent.full_name if parent else "", quickbooks=reason)
    taken = books.records.by_name(noun.family, full_name)
    if taken is not None and taken is not itself:
        if noun.duplicate_code == 3180:
            raise cannot_save(f"{noun.name} list", f"The name {name} is already in use.")
        raise refuse(noun.duplicate_code, value=name)
    if noun.name == "Account" and document.get("AccountNumber"):
        _refuse_taken_account_number(books, document["AccountNumber"], itself)
    return _Place(parent, full_name, _sort_key(books, noun, name, parent, document))


def _refuse_taken_account_number(books: "Books", account_number: str, itself: Record | None) -> None:
    rows = books.store.execute(
        "SELECT record FROM list_record WHERE family = 'account' AND json_extract(document, '$.AccountNumber') = ?",
        (account_number,),
    ).fetchall()
    if any(itself is None or row[0] != itself.number for row in rows):
        raise cannot_save("Account", f"The account number {account_number} is already in use.")


def _sort_key(books: "Books", noun: ListNoun, name: str, parent: Record | None, document: Values) -> str:
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


def _refuse_full_list(books: "Books", noun: ListNoun) -> None:
    """Refuse one name or item too many (3180: the limit is documented, the code is our choice). Nothing is ever deleted from lists."""
    if noun.family not in ("entity", "item") or books.facts["edition"] == "Enterprise":
        return
    given_out = books.counters.given_out(f"ListID {noun.family}", LIST_COUNTER_START)
    if given_out >= NAMES_MAX:
        raise cannot_save(f"{noun.name} list", f"The list is full: it holds {NAMES_MAX} entries.")
    # Counted only when the whole family could fill one list: counting rows for every Add would cost more than the Add.
    if noun.family == "entity" and given_out >= NAMES_IN_ONE_LIST_MAX:
        in_list = books.store.execute("SELECT count(*) FROM list_record WHERE kind = ?", (noun.name,)).fetchone()[0]
        if in_list >= NAMES_IN_ONE_LIST_MAX:
            raise cannot_save(f"{noun.name} list", f"The list is full: it holds {NAMES_IN_ONE_LIST_MAX} names.")


def _insert(books: "Books", noun: ListNoun, values: Values, place: _Place, document: Values) -> Record:
    counter = books.counters.next(f"ListID {noun.family}", LIST_COUNTER_START)
    now = books.now()
    active = values.get("IsActive") is not False
    list_id = numbered_id(counter, now)
    parent = place.parent.number if place.parent is not None else None
    cursor = books.store.execute(
        "INSERT INTO list_record (family, kind, list_id, name, full_name, folded, sort_key, parent, active, created, modified,"
        " document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            noun.family, noun.name, list_id, values["Name"], place.full_name, place.full_name.casefold(), place.sort_key, parent,
            active, now, now, encoded(document),
        ),
    )  # fmt: skip
    number = cursor.lastrowid
    assert number is not None
    books.store.execute("INSERT INTO balance VALUES (?, 0, 0)", (number,))
    record = Record(
        number, noun.family, noun.name, list_id, values["Name"], place.full_name, parent, active, now, now, False, document
    )
    return books.records.keep(record)


def _update(books: "Books", record: Record, place: _Place, name: str, active: bool, document: Values) -> None:
    renamed = place.full_name != record.full_name
    books.records.drop(record)
    record.name, record.active, record.document, record.modified = name, active, document, books.now()
    old_full_name, record.full_name = record.full_name, place.full_name
    old_parent, record.parent = record.parent, place.parent.number if place.parent is not None else None
    record.renamed = record.renamed or renamed
    books.store.execute(
        "UPDATE list_record SET name = ?, full_name = ?, folded = ?, sort_key = ?, parent = ?, active = ?, modified = ?,"
        " renamed = ?, document = ? WHERE record = ?",
        (
            record.name, record.full_name, record.full_name.casefold(), place.sort_key, record.parent, active, record.modified,
            record.renamed, encoded(document), record.number,
        ),
    )  # fmt: skip
    books.records.keep(record)
    books.records.any_renamed = books.records.any_renamed or renamed
    if LISTS[record.kind].hierarchical:
        _follow_parent(books, record, old_full_name)
    if old_parent != record.parent:
        books.ledger.move_total(record, old_parent)


def _follow_parent(books: "Books", record: Record, old_full_name: str) -> None:
    """Give everything below a changed record its FullName and place in the order; their TimeModified stays (inferred)."""
    renamed = record.full_name != old_full_name
    # Parents come before their children here, so a child finds its parent's new sort key in the file.
    for number in books.records.with_descendants(record)[1:]:
        child = books.records.by_number(number)
        books.records.drop(child)
        if renamed:
            child.full_name, child.renamed = record.full_name + child.full_name[len(old_full_name) :], True
        books.records.keep(child)
        assert child.parent is not None
        key = _sort_key(books, LISTS[child.kind], child.name, books.records.by_number(child.parent), child.document)
        books.store.execute(
            "UPDATE list_record SET full_name = ?, folded = ?, renamed = ?, sort_key = ? WHERE record = ?",
            (child.full_name, child.full_name.casefold(), child.renamed, key, number),
        )
