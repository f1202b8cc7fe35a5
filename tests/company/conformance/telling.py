"""Compares what was asked for with what an answer tells: every element that was said must be told, where the answer has a place for it."""

from typing import Any

ACTS_ONCE = frozenset(
    {
        "OpenBalance", "OpenBalanceDate", "QuantityOnHand", "TotalValue", "InventoryDate", "LinkToTxnID", "LinkToTxn", "SetCredit", "DataExt",
        "OverrideItemAccountRef", "PriceLevelRef", "IsAutoApply", "MarkPendingIfRequired", "RefundAppliedToTxnAdd", "AppliedToTxnAdd",
        "InventoryAdjustmentLineAdd", "PriceLevelPerItem", "BillingRatePerItem", "CreditCardNumber", "RateEntry", "BarCode", "OverrideMemo",
        "OverrideCheckNumber", "OverrideClassRef", "ClearEarnings", "ForceUOMChange", "CashBackInfoAdd", "TaxLineID", "PaymentTxnID", "Locations",
        "LeadContacts", "Contacts", "AdditionalNotes", "CreditCardTxnInfo", "CreditCardTxnInfoMod", "EditSequence", "SSN", "LocationsMod",
        "LeadContactsMod", "ContactsMod", "AdditionalNotesMod", "ApplyAccountRefToExistingTxns", "ApplyIncomeAccountRefToExistingTxns",
        "ApplyCOGSAccountRefToExistingTxns", "ApplyExpenseAccountRefToExistingTxns", "CashBackInfoMod",
        "AppliedToTxnMod", "ExchangeRate", "CurrencyRef", "IsPending",
    }
)  # fmt: skip
"""Elements that do something, or are told in another form that tests of their own look at."""

RENAMED = {"QuantityToTransfer": "QuantityTransferred"}


def missing(asked: Any, told: Any, places: frozenset[str], path: str = "") -> list[str]:
    """Return the paths of what was asked for and is not told, where the answer has a place for it.

    `places` are the elements that the answer of this version can hold.
    """
    found: list[str] = []
    for name, value in asked.items():
        if name in ACTS_ONCE or name.startswith("@") or value is None:
            continue
        where = f"{path}/{name}"
        answered = _answered(name, told)
        if answered is None:
            if not places.isdisjoint(_candidates(name)):
                found.append(where)
            continue
        found += _differences(where, value, answered, places)
    return found


def _candidates(name: str) -> tuple[str, ...]:
    """Return the keys under which an answer may tell an element."""
    as_told = "|".join(part.removesuffix("Add") + "Ret" for part in name.split("|"))
    return RENAMED.get(name, name), as_told, name.removesuffix("Mod")


def _answered(name: str, told: dict[str, Any]) -> Any:
    return next((told[candidate] for candidate in _candidates(name) if candidate in told), None)


def _differences(where: str, value: Any, answered: Any, places: frozenset[str]) -> list[str]:
    if isinstance(value, dict) and isinstance(answered, dict):
        if set(value) <= {"FullName", "ListID"}:
            same = all(answered.get(key) == text for key, text in value.items())
            return [] if same else [f"{where}: {value} is told as {answered}"]
        return missing(value, answered, places, where)
    if isinstance(value, list):
        if len(value) > len(answered):
            return [f"{where}: {len(value)} lines are told as {len(answered)}"]
        found: list[str] = []
        for place, (one, other) in enumerate(zip(value, answered, strict=False)):
            one_value, other_value = (each[1] if isinstance(each, tuple) else each for each in (one, other))
            found += _differences(f"{where}[{place}]", one_value, other_value, places)
        return found
    return [] if value == answered else [f"{where}: {value!r} is told as {answered!r}"]
