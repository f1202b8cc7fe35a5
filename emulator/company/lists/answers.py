"""The values of a list record's answer (`CustomerRet` and so on): its document, identity, balances, and what is worked out when asked."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulator.company.caller import WHOLE, View
from emulator.company.list_rows import LISTS
from emulator.company.records import Record, Values

if TYPE_CHECKING:
    from emulator.company.books import Books

CREDIT_ACCOUNTS = frozenset(
    {"AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "OtherIncome"}
)
"""Account types whose balance is shown with its sign turned: a credit is a positive balance there."""

PROFIT_ACCOUNTS = frozenset({"Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense", "NonPosting"})
"""Account types that show no balance in the chart of accounts (switch company.profit-account-balance)."""

PERSONAL = frozenset({"SSN", "CreditCardInfo"})
"""Elements that only an application with the permission for personal data may see and set (inferred from the reference's wording)."""


def values_of(books: "Books", record: Record, view: View = WHOLE) -> Values:
    """Return the values of a record's answer. The nested values belong to the record: do not change them."""
    noun = LISTS[record.kind]
    text = books.local_time.text
    records = books.records
    values: Values = {
        "ListID": record.list_id,
        "TimeCreated": text(record.created),
        "TimeModified": text(record.modified),
        "EditSequence": str(record.modified),
        noun.name_field or "Name": record.name,
        "IsActive": record.active,
    }
    if noun.hierarchical:
        values["FullName"] = record.full_name
        values["Sublevel"] = record.full_name.count(":")
        if record.parent is not None:
            values[noun.parent_field] = records.reference_of(record.parent)
    values.update(records.fresh(record.document) if records.any_renamed else record.document)
    if noun.balance:
        _balance(books, record, noun.balance, values)
    computed = _COMPUTED.get(record.kind)
    if computed is not None:
        computed(books, record, values)
    if not view.personal_data:
        for name in PERSONAL:
            values.pop(name, None)
    if view.owners:
        values["DataExtRet"] = books.custom_fields.of_record(record, view.owners)
    return values


def _balance(books: "Books", record: Record, shown: str, values: Values) -> None:
    own, total = record.own_cents, record.total_cents
    if record.kind == "Account":
        account_type = record.document["AccountType"]
        if account_type in PROFIT_ACCOUNTS and books.settings["company.profit-account-balance"] == "zero":
            own = total = 0
        elif account_type in CREDIT_ACCOUNTS:
            own, total = -own, -total
    values["Balance"] = own
    if shown == "total":
        values["TotalBalance"] = total


def _stocked(books: "Books", record: Record, values: Values) -> None:
    held = books.stock.of(record.number)
    values["QuantityOnHand"] = held.quantity
    values["AverageCost"] = held.average
    values["QuantityOnOrder"] = books.stock.on_order(record.number)
    values["QuantityOnSalesOrder"] = books.stock.on_sales_order(record.number)


def _workers_comp_code(books: "Books", _record: Record, values: Values) -> None:
    today = books.local_time.today(books.now()).isoformat()
    history = values.get("RateHistory") or []
    past = [entry for entry in history if entry["EffectiveDate"] <= today]
    coming = [entry for entry in history if entry["EffectiveDate"] > today]
    if past:
        values["CurrentRate"], values["CurrentEffectiveDate"] = past[-1]["Rate"], past[-1]["EffectiveDate"]
    if coming:
        values["NextRate"], values["NextEffectiveDate"] = coming[0]["Rate"], coming[0]["EffectiveDate"]


_COMPUTED: Mapping[str, Callable[["Books", Record, Values], None]] = MappingProxyType(
    {"ItemInventory": _stocked, "ItemInventoryAssembly": _stocked, "WorkersCompCode": _workers_comp_code}
)
"""Kinds with fields that follow from the rest of the books, or from the day."""
