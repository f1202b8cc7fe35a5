"""Faults of items and stock: rules that QuickBooks keeps when it saves a document, and whose code is published nowhere.

The books of FakeBooks do not keep these rules (stock may go below zero; what it is not known for stands in switches), so the answer is
replaced before the request is carried out: nothing is written. That it is 3180, the code of what cannot be saved, is inferred.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from emulator.desktop.faults.by_hand import Hand, aggregate_of, references
from emulator.desktop.faults.points import BEFORE_COMMIT, Effect, Needs, Situation
from emulator.desktop.operations import Operation
from emulator.faults import Kind, Parameter, ParameterValue, Strike
from emulator.faults.kinds import DAY_OR_EMPTY
from emulator.qbxml import status

Parameters = Mapping[str, ParameterValue]

_SENTENCES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "not-enough": ("There is not enough of {item} on hand.", ()),
    "site": ("A site is needed for {item}.", ("InventorySiteRef",)),
    "lot": ("A lot number is needed for {item}.", ("LotNumber",)),
    "serial": ("A serial number is needed for {item}.", ("SerialNumber",)),
}
"""Rule -> the sentence of QuickBooks (our words), and the elements of a line that satisfy it."""

STOCKED: Final = frozenset({"ItemInventory", "ItemInventoryAssembly"})
_KEEPS_STOCK: Final = (
    "Invoice",
    "SalesReceipt",
    "CreditMemo",
    "SalesOrder",
    "InventoryAdjustment",
    "BuildAssembly",
    "TransferInventory",
)


def _lines(request: Any) -> Iterator[Mapping[str, Any]]:
    for name, value in aggregate_of(request).items():
        if "Line" in name and isinstance(value, list):
            yield from (
                line for line in (each[1] if isinstance(each, tuple) else each for each in value) if isinstance(line, Mapping)
            )


def _kind_of_item(situation: Situation, reference: Mapping[str, Any]) -> tuple[str, str]:
    """Return kind and full name of an item that a line names; empty kind when there is none."""
    hand = Hand(situation.quickbooks.office, Strike("", "", {}, facts={"situation": situation}))
    by = "ListID" if reference.get("ListID") else "FullName"
    found = hand.ask("Item", **{by: [reference.get(by)]})
    return (found[0].noun, found[0].name) if found else ("", "")


def _against_rule(situation: Situation, given: Parameters) -> str:
    """Return the item of the first line that a rule of stock would refuse; empty when no line is."""
    request = situation.request
    if request is None or request.operation not in ("Add", "Mod") or request.noun not in _KEEPS_STOCK:
        return ""
    satisfied = _SENTENCES[str(given["kind"])][1]
    for line in _lines(request):
        if any(line.get(name) for name in satisfied):
            continue
        for reference in references(line, ("ItemRef", "ItemInventoryAssemblyRef")):
            kind, name = _kind_of_item(situation, reference)
            if kind in STOCKED:
                return name
    return ""


def _before_start(situation: Situation, given: Parameters) -> str:
    """Return the item that a document is too early for; empty when it is not."""
    request = situation.request
    if request is None or request.operation not in ("Add", "Mod") or "TxnID" in request.values:
        return ""
    now = situation.quickbooks.office.now()
    assert situation.session is not None
    zone = ZoneInfo(situation.session.opening.file.company.timezone)
    day = str(aggregate_of(request).get("TxnDate") or now.astimezone(zone).date())
    if given["date"] and day >= str(given["date"]):
        return ""
    for line in _lines(request):
        for reference in references(line, ("ItemRef", "ItemInventoryAssemblyRef")):
            wanted = str(given["item"])
            kind, name = _kind_of_item(situation, reference)
            if kind and wanted.casefold() in ("", name.casefold()):
                return name
    return ""


def _refuse(situation: Situation, strike: Strike, sentence: str) -> None:
    assert situation.request is not None
    slots = {"object": situation.request.noun, "quickbooks": sentence}
    situation.request.fault = status.of(int(strike.parameters["status"]), **slots)


def _stock_rules(situation: Situation, strike: Strike) -> Operation[None]:
    item = _against_rule(situation, strike.parameters)
    _refuse(situation, strike, _SENTENCES[str(strike.parameters["kind"])][0].format(item=item))
    yield from ()


def _item_start_date(situation: Situation, strike: Strike) -> Operation[None]:
    item = _before_start(situation, strike.parameters)
    _refuse(situation, strike, f"The document is dated before the start date of {item}.")
    yield from ()


NEEDS: Final[Needs] = {
    "stock on a line": ("no line moves stock against this rule", lambda call, given: bool(_against_rule(call, given))),
    "a document too early": (
        "no item of the request starts after its date",
        lambda call, given: bool(_before_start(call, given)),
    ),
}
"""What kinds of this family need."""

EFFECTS: Final[dict[str, Effect]] = {"stock-rules": _stock_rules, "item-start-date": _item_start_date}
"""What each effect of this family does to a call."""

_STATUS: Final = Parameter(3180, "status code of the answer", (3180, 3140, 3210))

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "item-start-date",
        "QB38",
        (BEFORE_COMMIT,),
        "item-start-date",
        "A document is dated before the start date of an item on it: it is refused.",
        "park the document with the reason, and not give it another date unasked",
        False,
        {
            "date": Parameter("", "the start date, YYYY-MM-DD; empty: after the date of every document", form=DAY_OR_EMPTY),
            "item": Parameter("", "full name of the item; empty: the first on the document"),
            "status": _STATUS,
        },
        needs=("no refusal", "a document too early"),
        sets=("status of the request",),
    ),
    Kind(
        "stock-rules",
        "QB51",
        (BEFORE_COMMIT,),
        "stock-rules",
        "A document with stock on it is refused: there is not enough on hand, or the file now asks for a site, a lot or a serial number.",
        "park the document with the reason, and leave it to people to buy, to count or to choose",
        False,
        {"kind": Parameter("not-enough", "which rule", tuple(_SENTENCES)), "status": _STATUS},
        needs=("no refusal", "stock on a line"),
        sets=("status of the request",),
    ),
)
"""The kinds of fault of this family."""
