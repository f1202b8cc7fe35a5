"""Adding and changing the records of lists, all by the rows of list_rows.py.

A Mod needs the EditSequence of the last save (3200); an empty element clears its field, also an empty reference or address; what is
left out stays (documented).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.company.identity import LIST_COUNTER_START, numbered_id
from emulator.company.list_rows import LISTS, SPECIAL
from emulator.company.lists.forms import document_of, merged
from emulator.company.lists.kinds import complete
from emulator.company.lists.names import Place, name_of, parent_of, place_of, refuse_full_list, sort_key
from emulator.company.lists.reposting import apply_to_existing
from emulator.company.nouns import ListNoun
from emulator.company.records import Record, Values
from emulator.company.references import emptied
from emulator.company.refusals import cannot_save, refuse
from emulator.company.store import encoded

if TYPE_CHECKING:
    from emulator.company.books import Books

SPECIAL_ACCOUNT_NAMES = {
    "AccountsPayable": ("Accounts Payable", "AccountsPayable"),
    "AccountsReceivable": ("Accounts Receivable", "AccountsReceivable"),
    "CondenseItemAdjustmentExpenses": ("Condense Adjustment Expenses", "Expense"),
    "CostOfGoodsSold": ("Cost of Goods Sold", "CostOfGoodsSold"),
    "DirectDepositLiabilities": ("Direct Deposit Liabilities", "OtherCurrentLiability"),
    "Estimates": ("Estimates", "NonPosting"),
    "ExchangeGainLoss": ("Exchange Gain or Loss", "OtherExpense"),
    "InventoryAssets": ("Inventory Asset", "OtherCurrentAsset"),
    "ItemReceiptAccount": ("Item Receipts", "OtherCurrentLiability"),
    "OpeningBalanceEquity": ("Opening Balance Equity", "Equity"),
    "PayrollExpenses": ("Payroll Expenses", "Expense"),
    "PayrollLiabilities": ("Payroll Liabilities", "OtherCurrentLiability"),
    "PettyCash": ("Petty Cash", "Bank"),
    "PurchaseOrders": ("Purchase Orders", "NonPosting"),
    "ReconciliationDifferences": ("Reconciliation Discrepancies", "Expense"),
    "RetainedEarnings": ("Retained Earnings", "Equity"),
    "SalesOrders": ("Sales Orders", "NonPosting"),
    "SalesTaxPayable": ("Sales Tax Payable", "OtherCurrentLiability"),
    "UncategorizedExpenses": ("Uncategorized Expenses", "Expense"),
    "UncategorizedIncome": ("Uncategorized Income", "Income"),
    "UndepositedFunds": ("Undeposited Funds", "OtherCurrentAsset"),
}
"""SpecialAccountType -> name and type of the account QuickBooks makes (names and types as on screen: inferred)."""

_SPECIAL_ITEMS = {
    "FinanceCharge": ("Fin Chg", "ItemOtherCharge"),
    "ReimbursableExpenseGroup": ("Reimb Group", "ItemGroup"),
    "ReimbursableExpenseSubtotal": ("Reimb Subt", "ItemSubtotal"),
}
"""SpecialItemType -> name and kind of the item QuickBooks makes (names as on screen: inferred)."""


def add(books: "Books", noun: ListNoun, values: Values) -> Record:
    """Add a record. `values` is the aggregate of the request (`CustomerAdd`).

    Raises:
        Refusal: 3090, 3100, 3130, 3140, 3150, 3180, 3250, 3270.
    """
    parent = parent_of(books, noun, values.get(noun.parent_field))
    document = document_of(books, noun, values, {**noun.defaults})
    complete(books, noun, document, is_new=True)
    place = place_of(books, noun, name_of(noun, values), parent, document)
    refuse_full_list(books, noun)
    books.guids.refuse_taken(values.get("ExternalGUID"), noun.name)
    record = _insert(books, noun, name_of(noun, values) or "", values.get("IsActive") is not False, place, document)
    books.guids.keep(values.get("ExternalGUID"), record.list_id)
    books.counters.write()
    return record


def add_special(books: "Books", noun: str, values: Values) -> Record:
    """Add an account or item that QuickBooks itself defines (`SpecialAccountAdd`, `SpecialItemAdd`); one that is there is 3100."""
    kind = SPECIAL[noun]
    special = values[f"Special{kind}Type"]
    if kind == "Account":
        name, account_type = SPECIAL_ACCOUNT_NAMES[special]
        if books.defaults.account(special) is not None:
            raise refuse(3100, value=name)
        return add(
            books,
            LISTS["Account"],
            {"Name": name, "AccountType": account_type, "SpecialAccountType": special, "CurrencyRef": values.get("CurrencyRef")},
        )
    name, item_kind = _SPECIAL_ITEMS[special]
    asked: Values = {"Name": name, "SpecialItemType": special}
    asked |= {field: values[field] for field in ("BarCode", "ExternalGUID") if values.get(field)}
    if item_kind == "ItemOtherCharge":
        income = books.defaults.account("UncategorizedIncome")
        if income is None:
            raise refuse(3270, field="AccountRef")
        asked["SalesOrPurchase"] = {"Desc": "Finance Charges on Overdue Balance", "AccountRef": income.reference}
    else:
        asked["ItemDesc"] = "Total Reimbursable Expenses"
    return add(books, LISTS[item_kind], asked)


def make_special(books: "Books", special: str) -> Record:
    """Make an account that QuickBooks itself defines, because a transaction needs it. Call inside `atomic`."""
    return add_special(books, "SpecialAccount", {"SpecialAccountType": special})


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
    document = merged(books, noun, record.document, values)
    complete(books, noun, document, is_new=False)
    parent = books.records.by_number(record.parent) if record.parent is not None else None
    if noun.parent_field in values:
        parent = parent_of(books, noun, values[noun.parent_field])
        if parent is not None and record in (parent, *books.records.chain(parent)):
            raise refuse(3130, value=parent.full_name, list=noun.name, element=noun.parent_field, identity=parent.list_id)
    name = values.get(noun.name_field, record.name) if noun.name_field else name_of(noun, document)
    place = place_of(books, noun, name, parent, document, itself=record)
    active = record.active if values.get("IsActive") is None else bool(values["IsActive"])
    if noun.name == "ItemInventoryAssembly":
        _refuse_cycle(books, record, document)
    before = record.document
    _update(books, noun, record, place, name or record.name, active, document)
    if noun.family == "item":
        apply_to_existing(books, record, before, values)
    books.counters.write()
    return record


def _refuse_cycle(books: "Books", assembly: Record, document: Values) -> None:
    """Refuse an assembly that is, through its parts, a part of itself (3180)."""
    to_do, seen = list(document.get("ItemInventoryAssemblyLine") or ()), set()
    while to_do:
        list_id = to_do.pop()["ItemInventoryRef"]["ListID"]
        if list_id == assembly.list_id:
            raise cannot_save("item list", "An assembly cannot be a part of itself.")
        part = books.records.by_id("item", list_id)
        if part is not None and list_id not in seen:
            seen.add(list_id)
            to_do += part.document.get("ItemInventoryAssemblyLine") or ()


def restore(books: "Books", noun: ListNoun, values: Values, document: Values, identity: "Identity") -> Record:
    """Add a record of another company file under the identity it has there. `values` is its answer (`CustomerRet`).

    Names, parents and limits are proven as for `add`; `document` is taken as it is.

    Raises:
        Refusal: 3090, 3100, 3130, 3150, 3180.
    """
    parent = parent_of(books, noun, values.get(noun.parent_field)) if noun.hierarchical else None
    name = values.get(noun.name_field or "Name")
    place = place_of(books, noun, name, parent, document)
    refuse_full_list(books, noun)
    books.guids.refuse_taken(values.get("ExternalGUID"), noun.name)
    record = _insert(books, noun, name or "", values.get("IsActive") is not False, place, document, identity)
    books.guids.keep(values.get("ExternalGUID"), record.list_id)
    return record


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a record from all others, and its times in unix seconds; the EditSequence tells `modified`."""

    list_id: str
    created: int
    modified: int

    @property
    def counter(self) -> int:
        """The number in front of the ListID."""
        return int(self.list_id.partition("-")[0], 16)


def _insert(
    books: "Books", noun: ListNoun, name: str, active: bool, place: Place, document: Values, identity: Identity | None = None
) -> Record:
    counter_name = f"ListID {noun.family}"
    if identity is None:
        now = books.now()
        identity = Identity(numbered_id(books.counters.next(counter_name, LIST_COUNTER_START), now), now, now)
    else:
        books.counters.pass_by(counter_name, identity.counter, LIST_COUNTER_START)
    list_id, counter = identity.list_id, identity.counter
    parent = place.parent.number if place.parent is not None else None
    # To-dos may be alike; what must be unique of them is their identity.
    folded = place.full_name.casefold() if noun.unique else list_id
    order = place.sort_key or f"{counter:012}"
    subtype = document.get("AccountType", "")
    cursor = books.store.execute(
        "INSERT INTO list_record (family, kind, list_id, name, full_name, folded, sort_key, parent, active, created, modified,"
        " document, subtype) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            noun.family, noun.name, list_id, name, place.full_name, folded, order, parent, active, identity.created,
            identity.modified, encoded(document), subtype,
        ),
    )  # fmt: skip
    number = cursor.lastrowid
    assert number is not None
    books.store.execute("INSERT INTO balance VALUES (?, 0, 0)", (number,))
    record = Record(
        number, noun.family, noun.name, list_id, name, place.full_name, parent, active, identity.created, identity.modified,
        False, document,
    )  # fmt: skip
    return books.records.keep(record)


def _update(books: "Books", noun: ListNoun, record: Record, place: Place, name: str, active: bool, document: Values) -> None:
    renamed = noun.unique and place.full_name != record.full_name
    books.records.drop(record)
    record.name, record.active, record.document, record.modified = name, active, document, books.now()
    old_full_name, record.full_name = record.full_name, place.full_name
    old_parent, record.parent = record.parent, place.parent.number if place.parent is not None else None
    record.renamed = record.renamed or renamed
    books.store.execute(
        "UPDATE list_record SET name = ?, full_name = ?, folded = CASE WHEN ? THEN ? ELSE folded END,"
        " sort_key = CASE WHEN ? THEN ? ELSE sort_key END, parent = ?, active = ?, modified = ?, renamed = ?, document = ?"
        " WHERE record = ?",
        (
            record.name, record.full_name, noun.unique, record.full_name.casefold(), noun.unique, place.sort_key, record.parent,
            active, record.modified, record.renamed, encoded(document), record.number,
        ),
    )  # fmt: skip
    books.records.keep(record)
    books.records.any_renamed = books.records.any_renamed or renamed
    if noun.hierarchical:
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
        key = sort_key(books, LISTS[child.kind], child.name, books.records.by_number(child.parent), child.document)
        books.store.execute(
            "UPDATE list_record SET full_name = ?, folded = ?, renamed = ?, sort_key = ? WHERE record = ?",
            (child.full_name, child.full_name.casefold(), child.renamed, key, number),
        )
