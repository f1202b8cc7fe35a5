"""TransactionQuery: transactions of all kinds, as a register shows them - one row each, or one for every line of the ledger.

Documented: the filters and their defaults, one summary row for each transaction unless more is asked for. A row's amount
has the sign that it has for its account (switch company.transaction-row-amount); a filter chooses transactions, with all of their rows
(switch company.transaction-query-filters); a transaction without rows of its own (a pending one has them) is told by its summary.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from emulator.company.filters import (
    Selection,
    currencies,
    dates,
    macro_span,
    modified_span,
    posted,
    records,
    text,
    transaction_order,
)
from emulator.company.lists.answers import CREDIT_ACCOUNTS
from emulator.company.queries import TRANSACTION_NAMES, Found, Source, carrying
from emulator.company.records import Values
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import by_number, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books

SHOWN: Final = frozenset(
    {
        "ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard", "BuildAssembly", "Charge", "Check",
        "CreditCardCharge", "CreditCardCredit", "CreditMemo", "Deposit", "Estimate", "InventoryAdjustment", "Invoice", "ItemReceipt",
        "JournalEntry", "PurchaseOrder", "ReceivePayment", "SalesOrder", "SalesReceipt", "SalesTaxPaymentCheck", "Transfer",
        "VendorCredit",
    }
)  # fmt: skip
"""Kinds that have a TxnType (documented: its value list); time, miles and transfers of stock have none."""

ACCOUNT_TYPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AllowedFor1099": ("Expense", "OtherExpense", "CostOfGoodsSold", "FixedAsset", "OtherCurrentAsset"),
        "APAndSalesTax": ("AccountsPayable", "OtherCurrentLiability"),
        "APOrCreditCard": ("AccountsPayable", "CreditCard"),
        "ARAndAP": ("AccountsReceivable", "AccountsPayable"),
        "Asset": ("Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"),
        "BalanceSheet": (
            "Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard",
            "OtherCurrentLiability", "LongTermLiability", "Equity",
        ),
        "BankAndARAndAPAndUF": ("Bank", "AccountsReceivable", "AccountsPayable", "OtherCurrentAsset"),
        "BankAndUF": ("Bank", "OtherCurrentAsset"),
        "CostOfSales": ("CostOfGoodsSold",),
        "CurrentAsset": ("Bank", "AccountsReceivable", "OtherCurrentAsset"),
        "CurrentAssetAndExpense": ("Bank", "AccountsReceivable", "OtherCurrentAsset", "Expense", "OtherExpense"),
        "CurrentLiability": ("AccountsPayable", "CreditCard", "OtherCurrentLiability"),
        "EquityAndIncomeAndExpense": ("Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"),
        "ExpenseAndOtherExpense": ("Expense", "OtherExpense"),
        "IncomeAndExpense": ("Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"),
        "IncomeAndOtherIncome": ("Income", "OtherIncome"),
        "Liability": ("AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability"),
        "LiabilityAndEquity": ("AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity"),
        "OrdinaryExpense": ("Expense",),
        "OrdinaryIncome": ("Income",),
        "OrdinaryIncomeAndCOGS": ("Income", "CostOfGoodsSold"),
        "OrdinaryIncomeAndExpense": ("Income", "CostOfGoodsSold", "Expense"),
        "OtherIncomeOrExpense": ("OtherIncome", "OtherExpense"),
    }
)  # fmt: skip
"""AccountTypeFilter -> types of accounts (read off the words); a value that is not here is a type itself."""

ITEM_KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AllExceptFixedAsset": (
            "ItemService", "ItemNonInventory", "ItemOtherCharge", "ItemInventory", "ItemInventoryAssembly", "ItemSubtotal",
            "ItemDiscount", "ItemPayment", "ItemSalesTax", "ItemSalesTaxGroup", "ItemGroup",
        ),
        "Assembly": ("ItemInventoryAssembly",),
        "Discount": ("ItemDiscount",),
        "FixedAsset": ("ItemFixedAsset",),
        "Inventory": ("ItemInventory",),
        "InventoryAndAssembly": ("ItemInventory", "ItemInventoryAssembly"),
        "NonInventory": ("ItemNonInventory",),
        "OtherCharge": ("ItemOtherCharge",),
        "Payment": ("ItemPayment",),
        "Sales": ("ItemService", "ItemNonInventory", "ItemOtherCharge", "ItemInventory", "ItemInventoryAssembly", "ItemDiscount"),
        "SalesTax": ("ItemSalesTax", "ItemSalesTaxGroup"),
        "Service": ("ItemService",),
    }
)  # fmt: skip
"""ItemTypeFilter -> kinds of items (read off the words)."""


def source(books: "Books", values: Values) -> Source:
    """Return where the rows of a TransactionQuery come from. Its keys are (number of the transaction, line, whether it posts).

    A list of ids or numbers overrides the filters, but not which rows of a transaction are told; what it names that no transaction of
    a kind that is told has is missing.
    """
    column, names = next(
        ((column, values[element]) for element, column in TRANSACTION_NAMES.items() if values.get(element)), ("", ())
    )
    missing = next((name or "" for name in names if not _is_there(books, column, name)), None)
    named = carrying(column, names) if names else None
    return Source(
        lambda limit: _keys(books, values, named, limit), lambda keys: _render(books, keys), has_iterators=True, missing=missing
    )


def kinds_asked(books: "Books", values: Values) -> list[str]:
    """Return the kinds of transactions that a TransactionQuery is about: those it filters by, those it names, or all."""
    for element, column in TRANSACTION_NAMES.items():
        if values.get(element):
            condition, parameters = carrying(column, values[element])
            rows = books.store.execute(f"SELECT DISTINCT kind FROM txn WHERE {condition} ORDER BY kind", parameters)
            return [kind for (kind,) in rows if kind in SHOWN]
    return _kinds_filtered(values)


def _kinds_filtered(values: Values) -> list[str]:
    types = (values.get("TransactionTypeFilter") or {}).get("TxnTypeFilter") or []
    return sorted(set(types)) if types and "All" not in types else sorted(SHOWN)


def _is_there(books: "Books", column: str, name: str | None) -> bool:
    condition, parameters = carrying(column, [name])
    rows = books.store.execute(f"SELECT 1 FROM txn WHERE kind {AMONG} AND {condition} LIMIT 1", [array_of(SHOWN), *parameters])
    return rows.fetchone() is not None


def _keys(books: "Books", values: Values, named: tuple[str, list[str]] | None, limit: int | None) -> list[Any]:
    books.references.refuse_absent(values)
    detail = values.get("TransactionDetailLevelFilter") or "SummaryOnly"
    order = transaction_order(books)
    selection = Selection(order if detail == "SummaryOnly" else f"{order}, line")
    kinds = sorted(SHOWN) if named else _kinds_filtered(values)
    selection.add(f"kind {AMONG}", array_of(kinds))
    if named:
        condition, parameters = named
        selection.add(condition, *parameters)
    else:
        _filters(books, selection, values)
    if detail == "SummaryOnly":
        # The summary is the row of the main account; what has no rows is its own summary.
        statement = f"SELECT number, -1, 1 AS line FROM txn {selection.where}"
    else:
        if detail == "AllExceptSummary":
            selection.add("line > 0")
        statement = f"SELECT number, line, posts FROM txn JOIN entry ON txn = number {selection.where}"
    rows = books.store.execute(
        statement + (" LIMIT ?" if limit else ""), [*selection.all_parameters, *([limit] if limit else [])]
    )
    return list(rows.fetchall())


def _filters(books: "Books", selection: Selection, values: Values) -> None:
    text(books, selection, "folded", values, "RefNumber", "RefNumberFilter", "RefNumberRangeFilter")
    _modified(books, selection, values.get("TransactionModifiedDateRangeFilter") or {})
    if values.get("TransactionDateRangeFilter"):
        dates(books, selection, values["TransactionDateRangeFilter"])
    if values.get("TransactionEntityFilter"):
        _entities(books, selection, values["TransactionEntityFilter"])
    if values.get("TransactionAccountFilter"):
        _accounts(books, selection, values["TransactionAccountFilter"])
    if values.get("TransactionItemFilter"):
        _items(books, selection, values["TransactionItemFilter"])
    if values.get("TransactionClassFilter"):
        numbers = records(books, "ClassRef", "class", values["TransactionClassFilter"])
        selection.add(posted("class"), array_of(numbers))
    posting = values.get("TransactionPostingStatusFilter") or "Either"
    if posting != "Either":
        exists = "number IN (SELECT txn FROM posting)"
        selection.add(exists if posting == "Posting" else f"NOT ({exists})")
    paid = values.get("TransactionPaidStatusFilter") or "Either"
    if paid != "Either":
        selection.add("open_as <> ''")
        selection.add("open_cents = 0" if paid == "Closed" else "open_cents <> 0")
    if values.get("CurrencyFilter"):
        currencies(books, selection, values["CurrencyFilter"])


def _modified(books: "Books", selection: Selection, values: Values) -> None:
    if values.get("DateMacro"):
        first, last = macro_span(books, values["DateMacro"])
        values = {"FromModifiedDate": first, "ToModifiedDate": last}
    span = modified_span(books, values)
    if span is not None:
        selection.add_range("modified", "{column} BETWEEN ? AND ?", *span)


def _entities(books: "Books", selection: Selection, values: Values) -> None:
    if values.get("EntityTypeFilter"):
        of_kind = "SELECT record FROM list_record WHERE kind = ?"
        selection.add(
            f"(entity IN ({of_kind}) OR number IN (SELECT txn FROM entry WHERE entity IN ({of_kind})))",
            values["EntityTypeFilter"],
            values["EntityTypeFilter"],
        )
        return
    numbers = records(books, "EntityRef", "entity", values)
    selection.add(f"(entity {AMONG} OR {posted('entity')})", *[array_of(numbers)] * 2)


def _accounts(books: "Books", selection: Selection, values: Values) -> None:
    if values.get("AccountTypeFilter"):
        wanted = values["AccountTypeFilter"]
        types = ACCOUNT_TYPES.get(wanted, (wanted,))
        of_type = f"SELECT record FROM list_record WHERE family = 'account' AND subtype {AMONG}"
        selection.add(f"number IN (SELECT txn FROM entry WHERE account IN ({of_type}))", array_of(types))
        return
    numbers = records(books, "AccountRef", "account", values)
    selection.add(posted("account"), array_of(numbers))


def _items(books: "Books", selection: Selection, values: Values) -> None:
    if values.get("ItemTypeFilter"):
        kinds = ITEM_KINDS[values["ItemTypeFilter"]]
        of_kind = f"SELECT record FROM list_record WHERE family = 'item' AND kind {AMONG}"
        selection.add(f"number IN (SELECT txn FROM entry WHERE item IN ({of_kind}))", array_of(kinds))
        return
    numbers = records(books, "ItemRef", "item", values)
    selection.add(posted("item"), array_of(numbers))


# ---- rows ------------------------------------------------------------------------------------------------------------------------


def _render(books: "Books", keys: Sequence[Any]) -> Found:
    found: list[tuple[str, object]] = []
    for number, line, posts in keys:
        row = books.store.execute("SELECT 1 FROM txn WHERE number = ?", (number,)).fetchone()
        # Deleted since the iterator was started, or without this row now.
        values = _row(books, number, line, posts) if row is not None else None
        if values is not None:
            found.append(("TransactionRet", values))
    return found


def _row(books: "Books", number: int, line: int, posts: int) -> Values | None:
    transaction = by_number(books, number)
    clock = books.local_time.text
    values: Values = {
        "TxnType": transaction.kind,
        "TxnID": transaction.txn_id,
        "TimeCreated": clock(transaction.created),
        "TimeModified": clock(transaction.modified),
        "TxnDate": transaction.date,
        "Amount": transaction.amount_cents,
    }
    if transaction.ref:
        values["RefNumber"] = transaction.ref
    entity, account, home_cents = transaction.entity, transaction.account, None
    memo = transaction.document.get("Memo")
    if line >= 0:
        table = "posting" if posts else "unposted"
        statement = f"SELECT account, entity, cents, home_cents, line_id FROM {table} WHERE txn = ? AND line = ?"
        row = books.store.execute(statement, (number, line)).fetchone()
        if row is None:
            return None  # changed since the iterator was started
        account, entity, cents, home_cents, line_id = row
        values["TxnLineID"] = line_id
        values["Amount"], home_cents = signed(books, account, cents), signed(books, account, home_cents)
        for each in line_dicts(transaction.lines):
            if each.get("TxnLineID") == line_id:
                memo = each.get("Memo") or each.get("Desc") or memo
    if entity is not None:
        values["EntityRef"] = books.records.by_number(entity).reference
    if account is not None:
        values["AccountRef"] = books.records.by_number(account).reference
    if memo:
        values["Memo"] = memo
    currency = books.records.by_number(transaction.currency) if transaction.currency is not None else None
    shown = books.currencies.shown(currency, transaction.rate, {"AmountInHomeCurrency": values["Amount"]})
    if shown and home_cents is not None:
        shown["AmountInHomeCurrency"] = home_cents
    return {**values, **shown}


def signed(books: "Books", account: int, cents: int) -> int:
    """Return the amount of a row as it is told, from its cents with debit positive; and the other way round."""
    if books.settings["company.transaction-row-amount"] == "debit-positive":
        return cents
    account_type = books.records.by_number(account).document["AccountType"]
    return -cents if account_type in CREDIT_ACCOUNTS else cents
