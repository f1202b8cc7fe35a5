"""A bench that proves the books after every request, and short ways to buy, pay and keep stock with it."""

from typing import Any

from emulator.company import Caller
from emulator.qbxml import Version, decode_answer_set, decode_set, encode_answer_set, encode_request_set
from emulator.qbxml.messages import Answer, Request

from .helpers import Bench, record_of

ONE = 100_000
"""One piece, in units of 0.00001."""

SHOP = r"""
company: {name: Shop, file: 'C:\QB\Shop.QBW', edition: Enterprise, timezone: America/New_York, started: 2024-01-15T09:00:00}
preferences: {classes: true, sites: true}
lists:
  accounts:
    given:
      - {name: Other Receivables, type: AccountsReceivable}
      - {name: Other Payables, type: AccountsPayable}
      - {name: Shrinkage, type: Expense}
  customers: {given: [{name: Abercrombie}, {name: Kitchen, parent: Abercrombie}, {name: Bath, parent: Abercrombie}, {name: Baker}]}
  vendors: {given: [{name: Lamp Factory, terms: Net 15}, {name: Landlord}]}
  items:
    given:
      - {name: Lamp, price: "10.50", cost: "4.00", description: A lamp}
      - {name: Repair, kind: service, price: "45.00", description: Repair, taxable: false}
      - {name: Bolt, kind: inventory, price: "2.00", cost: "0.50", description: A bolt}
      - {name: Nut, kind: inventory, price: "1.00", cost: "0.25"}
  sales_taxes: [{name: State Tax, rate: "8.25", vendor: Tax Agency}, {name: City Tax, rate: "1", vendor: City Hall}]
  classes: [East, West]
  sites: [North, South]
"""

EXPENSES = "ExpenseLineAdd"
ITEMS = "ItemLineAdd|ItemGroupLineAdd"
ITEMS_MOD = "ItemLineMod|ItemGroupLineMod"
ITEMS_RET = "ItemLineRet|ItemGroupLineRet"
ORDERED = "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd"
ORDERED_MOD = "PurchaseOrderLineMod|PurchaseOrderLineGroupMod"
ORDERED_RET = "PurchaseOrderLineRet|PurchaseOrderLineGroupRet"

Values = dict[str, Any]
Row = tuple[str, int] | tuple[str, int, str] | tuple[str, int, str, str]


NEWEST = Version("16.0")


class Proven(Bench):
    """A bench alone in its file: everything goes round as qbXML, and after every message set the books must be in order."""

    def __init__(self, yaml: str = SHOP, **more: Any) -> None:
        super().__init__(yaml=yaml, **more)
        self.caller = Caller("session-1", "Test Application", file_mode="SingleUser")

    def answers(self, *requests: Request, caller: Caller | None = None, **of_set: Any) -> list[Answer]:
        assert not of_set
        self.clock.advance(seconds=1)
        message_set = decode_set(encode_request_set(NEWEST, "continueOnError", requests))
        performed = self.company.begin_set(message_set, caller or self.caller).finish()
        told = decode_answer_set(encode_answer_set(message_set, performed, {}), NEWEST.number, strict=True)
        self.prove()
        return told.answers

    def prove(self) -> None:
        assert self.truth.problems() == []
        assert [(sentence, row) for sentence, sql in _PROOFS for row in self.sql(sql)] == []

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        return self.company._store.execute(statement, parameters).fetchall()

    # ---- asking ----

    def one(self, noun: str, saved: Values | str, **flags: Any) -> Values:
        """Return a transaction as a query tells it now, with everything it can tell."""
        txn_id = saved if isinstance(saved, str) else saved["TxnID"]
        [found] = self.found(noun, TxnID=[txn_id], IncludeLineItems=True, IncludeLinkedTxns=True, **flags)
        return found

    def item(self, name: str) -> Values:
        [found] = self.found("Item", FullName=[name])
        return found

    def name(self, noun: str, name: str) -> Values:
        [found] = self.found(noun, FullName=[name])
        return found

    def rows(self, saved: Values) -> list[Row]:
        """Return the ledger rows of a transaction: (account, cents), then its name and its class where it has them."""
        found = self.sql(
            "SELECT account.full_name, cents, coalesce(named.full_name, ''), coalesce(class.full_name, '') FROM posting"
            " JOIN txn ON number = txn JOIN list_record AS account ON account.record = posting.account"
            " LEFT JOIN list_record AS named ON named.record = posting.entity"
            " LEFT JOIN list_record AS class ON class.record = posting.class WHERE txn_id = ? ORDER BY line",
            saved["TxnID"],
        )
        return [row if row[3] else row[:3] if row[2] else row[:2] for row in found]

    def books(self) -> Values:
        """Return what the ledger adds up to, accounts that come to nothing left out."""
        return {account: cents for account, cents in self.truth.ledger_sums().items() if cents}

    def moved_since(self, before: Values) -> Values:
        """Return what has changed in the sums of the ledger since `books`."""
        after = self.books()
        names = sorted({*before, *after})
        return {name: after.get(name, 0) - before.get(name, 0) for name in names if after.get(name, 0) != before.get(name, 0)}

    # ---- changing ----

    def change(self, noun: str, saved: Values, **changes: Any) -> Answer:
        """Ask for a Mod of a transaction as it stands now."""
        now = self.one(noun, saved)
        return self.ask(noun, "Mod", {f"{noun}Mod": {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], **changes}})

    def changed(self, noun: str, saved: Values, **changes: Any) -> Values:
        answer = self.change(noun, saved, **changes)
        assert answer.status.severity != "Error", answer.status
        return record_of(answer)

    def unchanged(self, noun: str, saved: Values, **changes: Any) -> int:
        """Ask for a Mod that must be refused, and must write nothing; return the code."""
        now = self.one(noun, saved)
        return self.refused(noun, {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], **changes}, "Mod")

    def remove(self, operation: str, kind: str, saved: Values) -> int:
        """Delete (Del) or void (Void) a transaction; return the code."""
        asked = {f"Txn{operation}Type": kind, "TxnID": saved["TxnID"]}
        return self.ask("Txn", operation, asked).status.code

    def removed(self, operation: str, kind: str, saved: Values) -> None:
        assert self.remove(operation, kind, saved) == 0

    def changed_item(self, kind: str, name: str, **changes: Any) -> Answer:
        """Ask for a Mod of a list record that FullName names."""
        [now] = self.found(kind, FullName=[name])
        return self.ask(kind, "Mod", {f"{kind}Mod": {"ListID": now["ListID"], "EditSequence": now["EditSequence"], **changes}})


_PROOFS = (
    (
        "what is open of a line on receivables or payables is not its amount less what was applied",
        "SELECT txn_id, kind, open_cents, posted, applied FROM (SELECT txn.*, abs((SELECT coalesce(sum(cents), 0) FROM posting"
        "  JOIN list_record ON record = posting.account WHERE txn = number AND subtype IN ('AccountsReceivable', 'AccountsPayable')))"
        "  AS posted, coalesce((SELECT sum(cents + CASE WHEN target = number THEN discount_cents ELSE 0 END) FROM application"
        "  WHERE target = number OR source = number), 0) AS applied FROM txn) WHERE kind IN ('JournalEntry', 'Check', 'Deposit',"
        " 'CreditCardCharge', 'CreditCardCredit') AND open_as <> '' AND open_cents <> posted - applied",
    ),
    (
        "the asset accounts do not hold the value of the stock",
        "SELECT full_name, value_cents, posted FROM stock JOIN list_record ON record = item LEFT JOIN ("
        " SELECT posting.item, sum(home_cents) AS posted FROM posting JOIN list_record ON record = account"
        "  WHERE subtype = 'OtherCurrentAsset' GROUP BY posting.item) AS kept USING (item) WHERE value_cents <> coalesce(posted, 0)",
    ),
    (
        "the asset account of an item does not hold the value of its stock",
        "SELECT kept.full_name, value_cents, posted FROM stock JOIN list_record AS kept ON kept.record = stock.item LEFT JOIN ("
        " SELECT posting.item AS of_item, list_id AS on_account, sum(home_cents) AS posted FROM posting JOIN list_record ON record = account"
        "  GROUP BY posting.item, account) ON of_item = stock.item AND on_account = json_extract(kept.document, '$.AssetAccountRef.ListID')"
        " WHERE value_cents <> coalesce(posted, 0)",
    ),
    (
        "a deposit has another amount than what it took",
        "SELECT deposited.txn, deposited.line, taken.cents, taken.home_cents, given.cents, given.home_cents FROM deposited"
        " LEFT JOIN posting AS taken ON taken.txn = deposited.txn AND taken.line = deposited.line"
        " LEFT JOIN posting AS given ON given.txn = deposit AND given.line_id = deposit_line"
        " LEFT JOIN txn AS bank ON bank.number = deposit WHERE taken.account IS NOT given.account"
        " OR coalesce(taken.home_cents, 0) <> -coalesce(given.home_cents, 0) OR coalesce("
        "  CASE WHEN bank.currency IS NULL THEN taken.home_cents ELSE taken.cents END, 0) <> -coalesce(given.cents, 0)",
    ),
    (
        "a line fulfils what is no line of an order",
        "SELECT fulfilment.order_txn, fulfilment.order_line FROM fulfilment LEFT JOIN order_line"
        " ON order_line.txn = fulfilment.order_txn AND order_line.line_id = fulfilment.order_line"
        " WHERE order_line.txn IS NULL",
    ),
)
"""What must hold beyond `Truth.problems`: a sentence, and the rows that break it."""


# ---- what is asked for -----------------------------------------------------------------------------------------------------------


def ref(name: str) -> Values:
    return {"FullName": name}


def expense(cents: int, account: str = "Rent", **more: Any) -> Values:
    return {"AccountRef": ref(account), "Amount": cents, **more}


def goods(item: str = "Lamp", pieces: float | None = None, cost: float | None = None, **more: Any) -> Values:
    """One item line: so many pieces, at a cost in currency."""
    line: Values = {"ItemRef": ref(item), **more}
    if pieces is not None:
        line["Quantity"] = round(pieces * ONE)
    if cost is not None:
        line["Cost"] = round(cost * ONE)
    return line


PARTY = {
    "Bill": ("VendorRef", "Lamp Factory"),
    "ItemReceipt": ("VendorRef", "Lamp Factory"),
    "VendorCredit": ("VendorRef", "Lamp Factory"),
    "Check": ("PayeeEntityRef", "Lamp Factory"),
    "CreditCardCharge": ("PayeeEntityRef", "Lamp Factory"),
    "CreditCardCredit": ("PayeeEntityRef", "Lamp Factory"),
}
"""Kind of purchase -> the element that names the other side, and who it is."""

PAID_FROM = {"Check": "Operating Account", "CreditCardCharge": "Company Card", "CreditCardCredit": "Company Card"}


def purchase(kind: str, *lines: Values, party: str = "", **header: Any) -> Values:
    """Values of the Add of any purchase; a line with an AccountRef is an expense, any other an item or item group."""
    name, usual = PARTY[kind]
    values: Values = {name: ref(party or usual), **header}
    if kind in PAID_FROM:
        values.setdefault("AccountRef", ref(PAID_FROM[kind]))
    expenses = [line for line in lines if "AccountRef" in line]
    items = [("ItemGroupLineAdd" if "ItemGroupRef" in line else "ItemLineAdd", line) for line in lines if line not in expenses]
    return {**values, **({EXPENSES: expenses} if expenses else {}), **({ITEMS: items} if items else {})}


def ordered(*lines: Values, vendor: str = "Lamp Factory", **header: Any) -> Values:
    """Values of a PurchaseOrderAdd; `Cost` of a line stands for its rate."""
    asked = [{("Rate" if name == "Cost" else name): value for name, value in line.items()} for line in lines]
    return {
        "VendorRef": ref(vendor),
        **header,
        ORDERED: [("PurchaseOrderLineGroupAdd" if "ItemGroupRef" in line else "PurchaseOrderLineAdd", line) for line in asked],
    }


def adjusted(*lines: Values, account: str = "Shrinkage", **header: Any) -> Values:
    """Values of an InventoryAdjustmentAdd."""
    return {"AccountRef": ref(account), **header, "InventoryAdjustmentLineAdd": list(lines)}


def by_pieces(item: str, pieces: float, **more: Any) -> Values:
    return {"ItemRef": ref(item), "QuantityAdjustment": {"QuantityDifference": round(pieces * ONE), **more}}


def by_value(item: str, cents: int, pieces: float = 0) -> Values:
    change = {"QuantityDifference": round(pieces * ONE), "ValueDifference": cents}
    return {"ItemRef": ref(item), "ValueAdjustment": change}


def sold(item: str, pieces: float, customer: str = "Baker", kind: str = "Invoice", **header: Any) -> Values:
    """Values of the Add of a sale of one item."""
    line = {"ItemRef": ref(item), "Quantity": round(pieces * ONE)}
    return {"CustomerRef": ref(customer), **header, f"{kind}LineAdd|{kind}LineGroupAdd": [(f"{kind}LineAdd", line)]}


def owed(bench: Bench, cents: int, customer: str = "Baker", kind: str = "Invoice", **header: Any) -> Values:
    """Save an invoice (or credit memo) over an amount without tax."""
    line = {"ItemRef": ref("Repair"), "Amount": cents}
    lines = {f"{kind}LineAdd|{kind}LineGroupAdd": [(f"{kind}LineAdd", line)]}
    return bench.add(kind, {"CustomerRef": ref(customer), **header, **lines})


def billed(bench: Bench, cents: int, vendor: str = "Lamp Factory", kind: str = "Bill", **header: Any) -> Values:
    """Save a bill (or vendor credit) over an amount."""
    return bench.add(kind, purchase(kind, expense(cents), party=vendor, **header))


def part(target: Values, cents: int | None = None, **more: Any) -> Values:
    """One AppliedToTxn."""
    return {"TxnID": target["TxnID"], **({} if cents is None else {"PaymentAmount": cents}), **more}


def using(credit: Values, cents: int) -> Values:
    """One SetCredit."""
    return {"CreditTxnID": credit["TxnID"], "AppliedAmount": cents}


def discount(cents: int, account: str = "Sales Discounts", **more: Any) -> Values:
    return {"DiscountAmount": cents, "DiscountAccountRef": ref(account), **more}


def received(bench: Bench, cents: int | None, *parts: Values, customer: str = "Baker", **header: Any) -> Values:
    """Save a received payment."""
    values: Values = {"CustomerRef": ref(customer), **header}
    if cents is not None:
        values["TotalAmount"] = cents
    return bench.add("ReceivePayment", {**({"AppliedToTxnAdd": list(parts)} if parts else {"IsAutoApply": False}), **values})


def paying(*parts: Values, vendor: str = "Lamp Factory", kind: str = "BillPaymentCheck", **header: Any) -> Values:
    """Values of the Add of a payment of bills."""
    by_check = kind == "BillPaymentCheck"
    account = {"BankAccountRef": ref("Operating Account")} if by_check else {"CreditCardAccountRef": ref("Company Card")}
    number = {"RefNumber": "1001"} if by_check and "IsToBePrinted" not in header else {}
    return {"PayeeEntityRef": ref(vendor), **account, **number, **header, "AppliedToTxnAdd": list(parts)}


def journal(*lines: tuple[int, str] | tuple[int, str, str], **header: Any) -> Values:
    """Values of a JournalEntryAdd: lines are (cents, account, name), debits positive."""
    entries = []
    for cents, account, *name in lines:
        side = "JournalDebitLine" if cents > 0 else "JournalCreditLine"
        entries.append(
            (side, {"AccountRef": ref(account), "Amount": abs(cents), **({"EntityRef": ref(name[0])} if name else {})})
        )
    return {**header, "JournalDebitLine|JournalCreditLine": entries}


def deposit(*lines: Values, account: str = "Operating Account", **header: Any) -> Values:
    """Values of a DepositAdd; a line is a payment that was saved, or one in the shape of the request."""
    asked = [{"PaymentTxnID": line["TxnID"]} if "TxnID" in line else line for line in lines]
    return {"DepositToAccountRef": ref(account), **header, "DepositLineAdd": asked}


def assembly(bench: Bench, name: str, **parts: float) -> Values:
    """Add an assembly of so many pieces of each item."""
    accounts = {
        "IncomeAccountRef": ref("Sales"),
        "COGSAccountRef": ref("Cost of Goods Sold"),
        "AssetAccountRef": ref("Inventory Asset"),
    }
    lines = [{"ItemInventoryRef": ref(item), "Quantity": round(pieces * ONE)} for item, pieces in parts.items()]
    return bench.add("ItemInventoryAssembly", {"Name": name, **accounts, "ItemInventoryAssemblyLine": lines})


def built(name: str, pieces: float, **header: Any) -> Values:
    """Values of a BuildAssemblyAdd."""
    return {"ItemInventoryAssemblyRef": ref(name), **header, "QuantityToBuild": round(pieces * ONE)}
