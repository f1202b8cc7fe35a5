"""Makes requests from the schema that the rules take: every element filled in, references to what is there, amounts that add up.

`Making(bench, version, size, variant)`: the smallest request holds what the schema demands and what the books demand beyond it, the
fullest everything our edition has; a variant says which branch of each choice is taken.
"""

from collections.abc import Callable
from typing import Any, Literal

from company.helpers import Bench
from emulator.company.list_rows import LISTS
from emulator.company.reference_rows import REFERENCES as KNOWN_REFERENCES
from emulator.qbxml import Version, schema_of
from emulator.qbxml.messages import Request
from emulator.qbxml.schema import Choice, Message, Model, Node

from . import everything
from .everything import GUID, REFERENCES

Size = Literal["smallest", "fullest"]
CENTS = 1000
"""What every free amount is."""

SKIP = object()
"""Says that an element is left out."""

ONE = 100_000


class Making:
    """Makes one request.

    Args:
        bench: the company it is for.
        version: its version.
        size: smallest or fullest.
        variant: which branches of its choices.
        count: makes names and numbers differ from those of other requests.
    """

    def __init__(self, bench: Bench, version: Version, size: Size, variant: int = 0, count: int = 0) -> None:
        self.bench, self.version, self.size, self.variant, self.count = bench, version, size, variant, count
        self.noun = ""
        self.operation = ""

    def request(self, name: str, **values: Any) -> Request:
        """Return a request; `values` are put in the place of what is made (top-level elements of its aggregate)."""
        message = self.message(name)
        self.noun, self.operation = message.noun, message.operation
        content: dict[str, Any] = {}
        self._fill(message.children, content, (name[:-2],))
        content.pop("IncludeRetElement", None)
        aggregate = f"{self.noun}{self.operation}"
        if values:
            content[aggregate] = {**content[aggregate], **values}
        attributes = {"requestID": "7"} if self.size == "fullest" else {}
        return Request(name, message.noun, message.operation, attributes, content)

    def message(self, name: str) -> Message:
        """Return the message of a name; KeyError when the version lacks it."""
        message = schema_of(self.version.schema_number).message(name)
        if message is None:
            raise KeyError(name)
        return message

    def _fill(self, model: Model, values: dict[str, Any], path: tuple[str, ...]) -> None:
        for part in model:
            if isinstance(part, Choice):
                self._choice(part, values, path)
            elif part.supported:
                self._element(part, values, path)

    def _choice(self, choice: Choice, values: dict[str, Any], path: tuple[str, ...]) -> None:
        usable = [
            branch
            for branch in choice.branches
            if all(isinstance(part, Choice) or part.supported for part in branch)
            and not all(isinstance(part, Node) and self._override(part, path) is SKIP for part in branch)
        ]
        if choice.key:
            # Lines of all kinds, once each; the smallest has one of the first kind when there must be one.
            nodes = [branch[0] for branch in usable if isinstance(branch[0], Node)]
            if self.size == "smallest" and not (choice.minimum or self._needed(choice.key, path)):
                return
            nodes = nodes if self.size == "fullest" else nodes[:1]
            if path[-1] == "JournalEntryAdd":
                nodes = [branch[0] for branch in usable if isinstance(branch[0], Node)]  # it must balance
            lines = [(node.name, self._value(node, (*path, node.name))) for node in nodes]
            if lines:
                values[choice.key] = lines
            return
        taken = usable[self.variant % len(usable)] if usable else ()
        wanted = choice.minimum or self.size == "fullest"
        wanted = wanted or any(isinstance(part, Node) and self._needed(part.name, path) for part in taken)
        if wanted:
            needed = [
                branch for branch in usable if any(isinstance(part, Node) and self._needed(part.name, path) for part in branch)
            ]
            self._fill(needed[0] if needed and self.size == "smallest" else taken, values, path)

    def _needed(self, name: str, path: tuple[str, ...]) -> bool:
        return name in NEEDED.get(path[-1], ())

    def _override(self, node: Node, path: tuple[str, ...]) -> Any:
        for key in (f"{path[-1]}.{node.name}", node.name):
            if key in OVERRIDES:
                value = OVERRIDES[key]
                return value(self) if callable(value) else value
        return None

    def _element(self, node: Node, values: dict[str, Any], path: tuple[str, ...]) -> None:
        needed = self._needed(node.name, path)
        if self.size == "smallest" and not node.minimum and not needed:
            return
        override = self._override(node, path)
        if override is SKIP and not (needed and self.size == "smallest"):
            return
        inner = (*path, node.name)
        value = override if override is not None and override is not SKIP else self._value(node, inner)
        if value is SKIP:
            return
        values[node.name] = value if not node.repeats or isinstance(value, list) else [value]

    def _value(self, node: Node, path: tuple[str, ...]) -> Any:
        if not node.type:
            if node.name in KNOWN_REFERENCES:
                full_name = REFERENCES.get(node.name)
                return {"FullName": full_name} if full_name else SKIP
            if node.name in ("ParentRef", "ParentSiteRef"):
                return SKIP if self.size == "smallest" else self._parent()
            values: dict[str, Any] = {}
            self._fill(node.children, values, path)
            return values
        return MADE[node.type](self, node)

    def _parent(self) -> Any:
        rows = self.bench.truth.records(self.noun)
        mine = f"N{self.count - 100} & Co" if self.operation == "Mod" else ""
        tops = [row for row in rows if ":" not in row["full_name"] and row["full_name"] != mine]
        if self.noun == "Account":
            tops = [row for row in tops if row["document"]["AccountType"] == "Bank"]
        return {"FullName": tops[0]["full_name"]} if tops else SKIP

    def text(self, node: Node) -> str:
        """Return a text for an element: as long as it may be in the fullest, but for names."""
        if self.size == "smallest":
            return f"t{self.count}"
        base = f"Zoë & Söhne <{self.count}> 'q' \"{node.name}\""
        return base[: node.length_max] if node.length_max else base


def _name(making: Making) -> str:
    if making.noun == "SalesTaxCode":
        return f"{making.count // 100 % 1000:03}"
    if making.noun == "Currency" or making.noun in LISTS:
        return f"N{making.count} & Co"
    return f"N{making.count}"


def _cents(making: Making, node: Node) -> int:
    del making, node
    return CENTS


MADE: dict[str, Callable[[Making, Node], Any]] = {
    "STRTYPE": lambda making, node: making.text(node),
    "IDTYPE": lambda _making, _node: "80000001-1",
    "BOOLTYPE": lambda _making, _node: True,
    "DATETYPE": lambda _making, _node: "2026-11-20",
    "DATETIMETYPE": lambda _making, _node: "2026-11-20T10:00:00-05:00",
    "AMTTYPE": _cents,
    "PRICETYPE": lambda _making, _node: 1_000_000,
    "QUANTYPE": lambda _making, _node: ONE,
    "PERCENTTYPE": lambda _making, _node: 500_000,
    "INTTYPE": lambda _making, node: int(node.smallest) if node.smallest else 3,
    "FLOATTYPE": lambda _making, _node: "1",
    "GUIDTYPE": lambda making, _node: f"{{8F3C1B52-0A47-4D6E-9B1C-{making.count:012X}}}",
    "ENUMTYPE": lambda making, node: (
        node.values[making.variant % len(node.values)] if making.size == "fullest" else node.values[0]
    ),
    "TIMEINTERVALTYPE": lambda _making, _node: "PT8H30M",
    "UUIDTYPE": lambda _making, _node: GUID,
    "MACROTYPE": lambda _making, _node: "TxnID:1",
}


def _applied(kind: str) -> Callable[[Making], Any]:
    def make(making: Making) -> list[dict[str, Any]]:
        bench = making.bench
        party = REFERENCES["CustomerRef"] if kind == "receivable" else "Lamp Factory"
        target = (
            everything.invoiced(bench, party, 3 * CENTS) if kind == "receivable" else everything.billed(bench, party, 3 * CENTS)
        )
        part: dict[str, Any] = {"TxnID": target, "PaymentAmount": CENTS}
        if making.size == "fullest":
            credit = everything.credited if kind == "receivable" else everything.vendor_credit
            part |= {
                "SetCredit": [{"CreditTxnID": credit(bench, party, CENTS), "AppliedAmount": CENTS}],
                "DiscountAmount": CENTS,
                "DiscountAccountRef": {"FullName": "Sales Discounts"},
            }
        return [part]

    return make


def _set_credit(making: Making) -> list[dict[str, Any]]:
    return [{"CreditTxnID": everything.credited(making.bench, REFERENCES["CustomerRef"], 500), "AppliedAmount": 500}]


def _link_line(kind: str) -> Callable[[Making], Any]:
    def make(making: Making) -> Any:
        order = everything.ordered(making.bench, kind)
        [(_name, each)] = order[f"{kind}LineRet|{kind}LineGroupRet"]
        return {"TxnID": order["TxnID"], "TxnLineID": each["TxnLineID"]}

    return make


def _link(kind: str) -> Callable[[Making], Any]:
    return lambda making: [everything.ordered(making.bench, kind)["TxnID"]]


def _data_ext(making: Making) -> Any:
    return [{"OwnerID": "0", "DataExtName": "Color", "DataExtValue": f"red {making.count}"}]


def _deposit_line(making: Making) -> Any:
    payment = {"PaymentTxnID": everything.paid(making.bench, "Baker", CENTS)}
    other = {"AccountRef": {"FullName": "Interest Income"}, "Amount": CENTS}
    if making.size == "smallest":
        return [payment]
    payment |= {"OverrideMemo": "memo", "OverrideCheckNumber": "77", "OverrideClassRef": {"FullName": "West"}}
    other |= {
        "EntityRef": {"FullName": "Baker"}, "Memo": "interest", "CheckNumber": "78", "PaymentMethodRef": {"FullName": "Check"},
        "ClassRef": {"FullName": "East"},
    }  # fmt: skip
    return [payment, other]


def _refunded(making: Making) -> Any:
    credit = everything.credited(making.bench, REFERENCES["CustomerRef"], CENTS)
    return [{"TxnID": credit, "RefundAmount": CENTS}]


def _adjusted(making: Making) -> Any:
    kinds: list[dict[str, Any]] = [
        {"QuantityAdjustment": {"QuantityDifference": ONE}},
        {"ValueAdjustment": {"QuantityDifference": ONE, "ValueDifference": 55}},
        {"QuantityAdjustment": {"NewQuantity": 50 * ONE}},
        {"ValueAdjustment": {"NewQuantity": 60 * ONE, "NewValue": 4000}},
        {"SerialNumberAdjustment": {"AddSerialNumber": f"S{making.count}"}},
    ]
    old = making.version.number in ("2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "7.0", "8.0", "9.0", "10.0")
    kinds = kinds[:1] if making.size == "smallest" else kinds[:2] if old else kinds
    return [{"ItemRef": {"FullName": "Bolt"}, **kind} for kind in kinds]


def _tax_lines(making: Making) -> Any:
    line: dict[str, Any] = {"Amount": CENTS}
    return [{"ItemSalesTaxRef": {"FullName": "State Tax"}, **line}] if making.size == "fullest" else [line]


def _list_obj(making: Making) -> Any:
    del making
    return {"FullName": "Baker"}


OVERRIDES: dict[str, Any] = {
    # names
    "Name": _name,
    "Initial": lambda making: f"I{making.count}"[:5],
    "LeadAdd.FullName": lambda making: f"Lead {making.count}",
    "LeadMod.FullName": lambda making: f"Lead {making.count}",
    "BaseUnit.Name": "piece", "BaseUnit.Abbreviation": "pc", "RelatedUnit.Name": "box", "RelatedUnit.Abbreviation": "bx",
    "DefaultUnit.Unit": "piece",
    "CurrencyCode": lambda making: f"X{chr(65 + making.count // 26 % 26)}{chr(65 + making.count % 26)}",
    "AccountNumber": lambda making: f"9{making.count % 100_000:05d}" if making.noun == "Account" else f"A{making.count}",
    # what a list record refers to in a way of its own
    "TaxLineID": 1001, "SpecialAccountType": "PettyCash", "OpenBalance": CENTS, "OpenBalanceDate": "2026-11-20",
    "AccountType": lambda making: "Bank", "ItemFixedAssetAdd.AssetAccountRef": {"FullName": "Furniture and Equipment"},
    "ItemFixedAssetMod.AssetAccountRef": {"FullName": "Furniture and Equipment"}, "BarCodeValue": lambda making: f"B{making.count}",
    "ItemGroupLine.UnitOfMeasure": SKIP, "UnitOfMeasure": SKIP, "OverrideUOMSetRef": SKIP, "ClearEarnings": SKIP, "ClearItemsInGroup": SKIP,
    "ForceUOMChange": SKIP, "EmployeePayrollInfo.ClassRef": {"FullName": "East"}, "AdjustRelativeTo": "StandardPrice",
    "ItemSalesTaxGroupAdd.ItemSalesTaxRef": [{"FullName": "State Tax"}], "ItemSalesTaxGroupMod.ItemSalesTaxRef": [{"FullName": "State Tax"}],
    "ItemInventoryAssemblyLine.ItemInventoryRef": {"FullName": "Bolt"}, "IsActive": True,
    "BillAddress.Addr4": SKIP, "BillAddress.Addr5": SKIP, "ShipAddress.Addr4": SKIP, "ShipAddress.Addr5": SKIP, "VendorAddress.Addr4": SKIP,
    "VendorAddress.Addr5": SKIP, "OtherNameAddress.Addr4": SKIP, "OtherNameAddress.Addr5": SKIP, "SiteAddress.Addr4": SKIP,
    "SiteAddress.Addr5": SKIP, "Address.Addr4": SKIP, "Address.Addr5": SKIP, "CreditLimit": 100_000_000,
    "QuantityOnHand": 10 * ONE, "TotalValue": 900, "ItemService": SKIP, "CurrencyRef": {"FullName": "US Dollar"},
    "FiscalYear": 2026,
    # transactions
    "TemplateRef": {"FullName": "Intuit Product Invoice"}, "IsPending": False, "IsManuallyClosed": False, "IsActivePending": False,
    "RefNumber": lambda making: f"R{making.count}"[:11], "IsToBePrinted": False, "ExchangeRate": "1", "RatePercent": SKIP, "Amount": None,
    "InventorySiteLocationRef": SKIP, "SerialNumber": SKIP, "LotNumber": SKIP, "ExpirationDateForSerialLotNumber": SKIP,
    "MarkupRate": SKIP, "MarkupRatePercent": SKIP, "LinkToTxn": SKIP, "DataExt": _data_ext, "OptionForPriceRuleConflict": SKIP,
    "SetCredit": _set_credit, "LinkToTxnID": SKIP, "Override": SKIP, "CreateChangeOrder": SKIP,
    "BillAdd.LinkToTxnID": _link("PurchaseOrder"), "ItemReceiptAdd.LinkToTxnID": _link("PurchaseOrder"),
    "InvoiceAdd.LinkToTxnID": _link("SalesOrder"),
    "ReceivePaymentAdd.AppliedToTxnAdd": _applied("receivable"), "ReceivePaymentAdd.TotalAmount": CENTS, "IsAutoApply": SKIP,
    "BillPaymentCheckAdd.AppliedToTxnAdd": _applied("payable"), "BillPaymentCreditCardAdd.AppliedToTxnAdd": _applied("payable"),
    "ReceivePaymentMod.AppliedToTxnMod": _applied("receivable"), "ReceivePaymentMod.TotalAmount": CENTS, "ChargeMod.Amount": SKIP,
    "BillPaymentCheckMod.AppliedToTxnMod": _applied("payable"), "BillPaymentCheckMod.Amount": SKIP, "ApplyCheckToTxnMod": SKIP,
    "RefundAppliedToTxnAdd": _refunded, "ApplyCheckToTxnAdd": SKIP, "SalesTaxPaymentCheckLineAdd": _tax_lines,
    "SalesTaxPaymentCheckAdd.PayeeEntityRef": {"FullName": "Tax Agency"}, "InventoryAdjustmentLineAdd": _adjusted,
    "InventoryAdjustmentAdd.InventorySiteRef": SKIP, "InventoryAdjustmentMod.InventorySiteRef": SKIP,
    "DepositLineAdd": _deposit_line, "IsHomeCurrencyAdjustment": SKIP,
    "IsAmountsEnteredInHomeCurrency": False, "JournalDebitLine.EntityRef": {"FullName": "Baker"},
    "TransferInventoryLineAdd.ItemRef": {"FullName": "Bolt"},
    "JournalDebitLine.TxnLineID": SKIP, "JournalCreditLine.TxnLineID": SKIP, "JournalDebitLine.Amount": CENTS,
    "JournalCreditLine.Amount": CENTS, "CashBackInfoMod.AccountRef": {"FullName": "Reserve"}, "CashBackInfoMod.Amount": 100,
    "CashBackInfoAdd.AccountRef": {"FullName": "Reserve"}, "CashBackInfoAdd.Amount": 100,
    "CheckAdd.AccountRef": {"FullName": "Operating Account"}, "CheckMod.AccountRef": {"FullName": "Operating Account"},
    "CreditCardChargeAdd.AccountRef": {"FullName": "Company Card"}, "CreditCardChargeMod.AccountRef": {"FullName": "Company Card"},
    "CreditCardCreditAdd.AccountRef": {"FullName": "Company Card"}, "CreditCardCreditMod.AccountRef": {"FullName": "Company Card"},
    "MarkPendingIfRequired": True, "RemovePending": SKIP, "TripStartDate": "2026-11-19", "OdometerStart": 100 * ONE,
    "OdometerEnd": 150 * ONE, "OverrideItemAccountRef": {"FullName": "Sales:Retail"}, "InventorySiteRef": SKIP,
    "TransferInventoryAdd.InventorySiteRef": SKIP, "BuildAssemblyAdd.InventorySiteRef": SKIP, "ExpenseLineAdd.Amount": CENTS,
    "TransferAdd.Amount": CENTS, "ChargeAdd.Amount": SKIP, "InvoiceLineAdd.PriceLevelRef": {"FullName": "Wholesale"}, "BillableStatus": SKIP,
    "PurchaseOrderAdd.ShipToEntityRef": {"FullName": "Baker"}, "TransferInventoryLineAdd.SerialNumber": SKIP,
    # other requests
    "DataExtName": lambda making: f"Ext {making.count}", "DataExtListRequire": False, "DataExtTxnRequire": False,
    "AssignToObject": lambda making: ["Customer", "Invoice"], "ListObjRef": _list_obj,
}  # fmt: skip
"""Element, or parent and element -> what stands there: a value, a function of the making, or SKIP."""

for _name_of_line in (
    "InvoiceLineAdd", "EstimateLineAdd", "SalesOrderLineAdd", "SalesReceiptLineAdd", "CreditMemoLineAdd", "ItemLineAdd",
    "PurchaseOrderLineAdd",
):  # fmt: skip
    # Beside a rate the amount is worked out; both together are warned of.
    OVERRIDES[f"{_name_of_line}.Amount"] = SKIP
OVERRIDES = {key: value for key, value in OVERRIDES.items() if value is not None}

NEEDED: dict[str, tuple[str, ...]] = {
    "EmployeeAdd": ("FirstName",),
    "ItemInventoryAdd": ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"),
    "ItemInventoryAssemblyAdd": ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"),
    "ItemFixedAssetAdd": ("AssetAccountRef",),
    "ItemDiscountAdd": ("AccountRef",),
    "SalesOrPurchase": ("AccountRef",),
    "TransferAdd": ("TransferFromAccountRef", "TransferToAccountRef", "Amount"),
    "TransferInventoryAdd": ("TransferInventoryLineAdd",),
    "TransferInventoryLineAdd": ("ItemRef", "QuantityToTransfer"),
    "ReceivePaymentAdd": ("TotalAmount", "AppliedToTxnAdd"),
    "ChargeAdd": ("ItemRef",),
    "JournalDebitLine": ("AccountRef", "Amount"),
    "JournalCreditLine": ("AccountRef", "Amount"),
    "InvoiceLineAdd": ("ItemRef",),
    "DepositAdd": ("DepositLineAdd",),
}
"""What the books demand beyond the schema: aggregate -> elements."""
