"""What is particular to one kind of list record: what QuickBooks fills in, and what it demands beyond the schema.

That an element is needed is documented where the schema or the reference says so, else inferred from the forms on screen; the codes are
3150 for what is missing, 3270 for an account to post to (recall), 3180 for what is refused at the moment of saving.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emulator.company.arithmetic import HUNDRED_PERCENT, rounded_quotient, within_limits
from emulator.company.items import STOCKED, TWO_SIDED, purchase_terms, sales_terms
from emulator.company.nouns import ListNoun
from emulator.company.records import Values
from emulator.company.refusals import cannot_save, invalid_reference, refuse
from emulator.company.tax_lines import TAX_LINES

if TYPE_CHECKING:
    from emulator.company.books import Books

Completion = Callable[["Books", Values], None]
"""Fills in and checks the document of a record that is about to be saved, new or changed."""

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

_NO_ITEM_POSTS_TO = frozenset({"AccountsReceivable", "AccountsPayable", "NonPosting"})
"""Account types that need a name, or take no posting: no item may post there (inferred)."""

_TYPES_OF_COST = ("CostOfGoodsSold", "Expense", "OtherExpense")
"""Account types that the cost of what is in stock may post to (switch company.item-account-type)."""


def complete(books: "Books", noun: ListNoun, document: Values, is_new: bool) -> None:
    """Fill in what QuickBooks fills in for this kind, and refuse what lacks what it needs; a tax code is filled in for a new one only.

    Raises:
        Refusal: 3140, 3150, 3180, 3270.
    """
    if is_new and noun.name in _TAXED and "SalesTaxCodeRef" not in document:
        _default_tax_code(books, noun, document)
    completion = COMPLETIONS.get(noun.name)
    if completion is not None:
        completion(books, document)


def _account(books: "Books", document: Values) -> None:
    account_type = document["AccountType"]
    if account_type == "NonPosting" and "SpecialAccountType" not in document:
        raise cannot_save("Account", "Non-posting accounts cannot be added.")
    document.setdefault("CashFlowClassification", _CASH_FLOW[account_type])
    if account_type in ("AccountsReceivable", "AccountsPayable"):
        document.setdefault("SpecialAccountType", account_type)
    if "TaxLineID" in document:
        line = document.pop("TaxLineID")
        if line not in TAX_LINES:
            raise refuse(3140, reference="TaxLine", value=line, object="Account")
        document["TaxLineInfoRet"] = {"TaxLineID": line, "TaxLineName": TAX_LINES[line]}


_TAXED = frozenset({"Customer", "ItemDiscount"}) | TWO_SIDED | STOCKED


def _default_tax_code(books: "Books", noun: ListNoun, document: Values) -> None:
    taxable = noun.name == "Customer" or books.settings["company.item-tax-code-omitted"] == "taxable"
    code = books.defaults.taxable_code if taxable else books.defaults.non_taxable_code
    if code is not None:
        document["SalesTaxCodeRef"] = code.reference


SSN_LENGTH_MAX = 11
"""Characters of a social security number in an answer (documented); a request may hold more, which are cut (our choice)."""


def _employee(books: "Books", document: Values) -> None:
    if document.get("SSN"):
        document["SSN"] = document["SSN"][:SSN_LENGTH_MAX]
    payroll = document.get("EmployeePayrollInfo")
    if payroll and payroll.pop("ClearEarnings", None):
        payroll.pop("Earnings", None)


def _to_do(books: "Books", document: Values) -> None:
    document.setdefault("ReminderDate", books.local_time.today(books.now()).isoformat())


def _refuse_account_of(books: "Books", values: Any, names: tuple[str, ...]) -> None:
    for name in names:
        account = books.records.by_id("account", values[name]["ListID"]) if values.get(name) else None
        if account is not None and account.document["AccountType"] in _NO_ITEM_POSTS_TO:
            raise cannot_save("item list", f"An item cannot post to {account.full_name}.")


def _refuse_other_type(books: "Books", document: Values, name: str, *types: str) -> None:
    """Refuse an account of a type that this element of an item cannot have (switch company.item-account-type)."""
    account = books.records.by_id("account", document[name]["ListID"])
    if account is None or books.settings["company.item-account-type"] != "refused":
        return
    if account.document["AccountType"] not in types:
        raise cannot_save("item list", f"{account.full_name} is not of type {' or '.join(types)}, as {name} must be.")


def _two_sided(books: "Books", document: Values) -> None:
    places = (("SalesOrPurchase", "AccountRef"), ("SalesAndPurchase", "IncomeAccountRef"))
    if not any((document.get(group) or {}).get(name) for group, name in places):
        raise refuse(3270, field="AccountRef")
    for group in ("SalesOrPurchase", "SalesAndPurchase"):
        _refuse_account_of(books, document.get(group) or {}, ("AccountRef", "IncomeAccountRef", "ExpenseAccountRef"))


def _stocked(books: "Books", document: Values) -> None:
    names = ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef")
    for name in names:
        if not document.get(name):
            raise refuse(3270, field=name)
    _refuse_account_of(books, document, names)
    _refuse_other_type(books, document, "COGSAccountRef", *_TYPES_OF_COST)
    _refuse_other_type(books, document, "AssetAccountRef", "OtherCurrentAsset")
    for name in ("SalesPrice", "PurchaseCost"):
        document.setdefault(name, 0)


def _assembly(books: "Books", document: Values) -> None:
    _stocked(books, document)
    document.pop("ClearItemsInGroup", None)
    for line in document.get("ItemInventoryAssemblyLine") or ():
        line.setdefault("Quantity", 100_000)


def _fixed_asset(books: "Books", document: Values) -> None:
    if not document.get("AssetAccountRef"):
        raise cannot_save("item list", "A fixed asset needs an asset account.")
    _refuse_account_of(books, document, ("AssetAccountRef",))
    _refuse_other_type(books, document, "AssetAccountRef", "FixedAsset")


def _discount(books: "Books", document: Values) -> None:
    if not document.get("AccountRef"):
        raise refuse(3270, field="AccountRef")
    _refuse_account_of(books, document, ("AccountRef",))
    if "DiscountRatePercent" not in document:
        document.setdefault("DiscountRate", 0)


def _sales_tax(books: "Books", document: Values) -> None:
    document.setdefault("TaxRate", 0)


def _sales_tax_group(books: "Books", document: Values) -> None:
    for reference in document.get("ItemSalesTaxRef") or ():
        _refuse_kinds(books, reference, {"ItemSalesTaxGroup"}, "ItemSalesTax", "ItemSalesTaxGroup")


def _group(books: "Books", document: Values) -> None:
    document.pop("ClearItemsInGroup", None)
    for line in document.get("ItemGroupLine") or ():
        if line.get("ItemRef"):
            _refuse_kinds(books, line["ItemRef"], {"ItemGroup", "ItemSalesTaxGroup", "ItemSalesTax"}, "Item", "ItemGroup")


def _refuse_kinds(books: "Books", reference: Values, kinds: set[str], word: str, owner: str) -> None:
    item = books.records.by_id("item", reference["ListID"])
    if item is not None and item.kind in kinds:
        raise invalid_reference("ItemRef", word, item.full_name, owner, item.list_id)


def _price_level(books: "Books", document: Values) -> None:
    if "PriceLevelPerItem" in document:
        document.pop("PriceLevelFixedPercentage", None)
    names = ("CustomPrice", "CustomPricePercent")
    _per_item(books, document, "PriceLevelPerItem", "PriceLevelPerItemRet", names, "AdjustRelativeTo")
    document["PriceLevelType"] = "PerItem" if "PriceLevelPerItemRet" in document else "FixedPercentage"
    if document["PriceLevelType"] == "FixedPercentage":
        document.setdefault("PriceLevelFixedPercentage", 0)
        # Only a level per item has a currency (documented: the schema of the answer).
        document.pop("CurrencyRef", None)


def _billing_rate(books: "Books", document: Values) -> None:
    if "BillingRatePerItem" in document:
        document.pop("FixedBillingRate", None)
    names = ("CustomRate", "CustomRatePercent")
    _per_item(books, document, "BillingRatePerItem", "BillingRatePerItemRet", names, "AdjustBillingRateRelativeTo")
    document["BillingRateType"] = "PerItem" if "BillingRatePerItemRet" in document else "FixedRate"


def _per_item(books: "Books", document: Values, asked: str, answered: str, names: tuple[str, str], relative_to: str) -> None:
    """Turn the prices of a list per item into what an answer holds: an adjustment becomes the price that it gives now.

    A list that is sent replaces the one before (inferred from the wording for lines).
    """
    lines = document.pop(asked, None)
    if lines is None:
        return
    custom, custom_percent = names
    before = {line["ItemRef"]["ListID"]: line for line in document.get(answered) or ()}
    result: list[Values] = []
    for line in lines:
        given: Values = {"ItemRef": line["ItemRef"]}
        if line.get("AdjustPercentage") is not None:
            item = books.records.by_id("item", line["ItemRef"]["ListID"])
            assert item is not None
            price = sales_terms(books, item).price or 0
            if line.get(relative_to) == "Cost":
                price = purchase_terms(books, item).price or 0
            elif str(line.get(relative_to)).startswith("CurrentCustom"):
                price = before.get(item.list_id, {}).get(custom, price)
            given[custom] = rounded_quotient(price * (HUNDRED_PERCENT + line["AdjustPercentage"]), HUNDRED_PERCENT)
            within_limits(custom, 0, given[custom])
        else:
            given |= {name: line[name] for name in (custom, custom_percent) if line.get(name) is not None}
        result.append(given)
    document[answered] = result


def _unit_of_measure_set(books: "Books", document: Values) -> None:
    if books.features.preferences.get("units_of_measure") == "single" and document.get("RelatedUnit"):
        raise refuse(3250)
    units = [document["BaseUnit"], *(document.get("RelatedUnit") or ())]
    names = [unit["Name"].casefold() for unit in units]
    if len(set(names)) < len(names):
        raise cannot_save("UnitOfMeasureSet list", "A unit is named twice.")
    for default in document.get("DefaultUnit") or ():
        if default["Unit"].casefold() not in names:
            raise refuse(3140, reference="UnitOfMeasure", value=default["Unit"], object="UnitOfMeasureSet")


def _workers_comp_code(books: "Books", document: Values) -> None:
    entries = document.pop("RateEntry", None)
    if entries is not None:
        known = {entry["EffectiveDate"]: entry for entry in document.get("RateHistory") or ()}
        known |= {entry["EffectiveDate"]: entry for entry in entries}
        document["RateHistory"] = [known[day] for day in sorted(known)]


def _currency(books: "Books", document: Values) -> None:
    document.setdefault("IsUserDefinedCurrency", True)
    standard = {
        "ThousandSeparator": "Comma",
        "ThousandSeparatorGrouping": "XX_XXX_XXX",
        "DecimalPlaces": "2",
        "DecimalSeparator": "Period",
    }
    document["CurrencyFormat"] = {**standard, **(document.get("CurrencyFormat") or {})}


COMPLETIONS: Mapping[str, Completion] = MappingProxyType(
    {
        "Account": _account,
        "Employee": _employee,
        "ToDo": _to_do,
        **dict.fromkeys(sorted(TWO_SIDED), _two_sided),
        "ItemInventory": _stocked,
        "ItemInventoryAssembly": _assembly,
        "ItemFixedAsset": _fixed_asset,
        "ItemDiscount": _discount,
        "ItemSalesTax": _sales_tax,
        "ItemSalesTaxGroup": _sales_tax_group,
        "ItemGroup": _group,
        "PriceLevel": _price_level,
        "BillingRate": _billing_rate,
        "UnitOfMeasureSet": _unit_of_measure_set,
        "WorkersCompCode": _workers_comp_code,
        "Currency": _currency,
    }
)
assert COMPLETIONS.keys() >= STOCKED
