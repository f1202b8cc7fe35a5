"""The values of a transaction's answer (`InvoiceRet` and so on): its document, identity, amounts, lines, and what follows from the rest of
the books: what is left to pay, what has come of an order, what is in stock.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emulator.company.caller import WHOLE, View
from emulator.company.links import applied_to, links_of, refunded
from emulator.company.lists import PERSONAL
from emulator.company.lists import values_of as list_values_of
from emulator.company.records import Values
from emulator.company.rules.inventory import can_build
from emulator.company.rules.orders import in_unit_of_line, is_finished
from emulator.company.transaction_rows import LINKED, TRANSACTIONS
from emulator.company.transactions import THIS, Transaction, part_of_group

if TYPE_CHECKING:
    from emulator.company.books import Books


def values_of(books: "Books", transaction: Transaction, view: View = WHOLE) -> Values:
    """Return the values of a transaction's answer; without identity and links for one that was not saved."""
    noun = TRANSACTIONS[transaction.kind]
    records = books.records
    document = records.fresh(transaction.document) if records.any_renamed else transaction.document
    values: Values = {}
    if transaction.txn_id:
        text = books.local_time.text
        values = {
            "TxnID": transaction.txn_id,
            "TimeCreated": text(transaction.created),
            "TimeModified": text(transaction.modified),
            "EditSequence": str(transaction.modified),
            "TxnNumber": transaction.number,
        }
    values[noun.date] = transaction.date
    values.update(document)
    if noun.party and transaction.entity is not None:
        values[noun.party] = records.reference_of(transaction.entity)
    if noun.account and transaction.account is not None:
        values[noun.account] = records.reference_of(transaction.account)
    if transaction.ref:
        values["RefNumber"] = transaction.ref
    amounts = _AMOUNTS.get(transaction.kind)
    if amounts is not None:
        values.update(amounts(transaction))
    home = _HOME.get(transaction.kind)
    if home is not None and books.currencies.several:
        name, element = home
        currency = records.by_number(transaction.currency) if transaction.currency is not None else None
        values.update(books.currencies.shown(currency, transaction.rate, {element: values[name]}))
    computed = _COMPUTED.get(transaction.kind)
    if computed is not None:
        computed(books, transaction, values)
    if view.lines and transaction.txn_id:
        _lines(books, transaction, values)
    if view.links and transaction.kind in LINKED:
        values["LinkedTxn"] = links_of(books, transaction)
    if not view.personal_data:
        for name in PERSONAL:
            values.pop(name, None)
    if view.owners:
        books.custom_fields.put_on_transaction(transaction, values, view.owners)
    return values


def document_in(kind: str, values: Values) -> Values:
    """Return what of an answer is kept as it was told: all but the identity, the columns of a transaction, its lines and links, and what
    follows from the rest of the books. The other way round from `values_of`.
    """
    noun = TRANSACTIONS[kind]
    others = {"TxnID", "TimeCreated", "TimeModified", "EditSequence", "TxnNumber", "RefNumber", "LinkedTxn", "DataExtRet"}
    others |= {noun.date, noun.party, noun.account, *(line.ret for line in noun.lines), *_FOLLOWS}
    if kind in _AMOUNTS:
        others |= _AMOUNTS[kind](THIS).keys()
    if kind in _HOME:
        others |= {_HOME[kind][1], "CurrencyRef", "ExchangeRate"}
    if kind in _PARTS:
        others.add(_PARTS[kind][0])
    return {name: value for name, value in values.items() if name not in others and value is not None}


def line_in(kind: str, line: Values) -> Values:
    """Return what of a line of an answer is kept as it was told."""
    others = FIGURES_OF_LINES.get(kind, frozenset()) | {"DataExtRet"}
    return {name: value for name, value in line.items() if name not in others and value is not None}


_FOLLOWS = frozenset(
    {
        "UnusedCredits", "IsFullyInvoiced", "IsFullyReceived", "FromAccountBalance", "ToAccountBalance", "QuantityCanBuild",
        "QuantityOnHand", "QuantityOnSalesOrder",
    }
)  # fmt: skip
"""Elements of answers that `_COMPUTED` works out."""

FIGURES_OF_LINES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "SalesOrder": frozenset({"Invoiced"}),
        "PurchaseOrder": frozenset({"ReceivedQuantity", "UnbilledQuantity", "IsBilled"}),
        "InventoryAdjustment": frozenset({"ValueDifference"}),
    }
)
"""Elements of lines that `_LINE_FIGURES` works out."""


def _lines(books: "Books", transaction: Transaction, values: Values) -> None:
    parts = _PARTS.get(transaction.kind)
    if parts is not None:
        name, read = parts
        values[name] = read(books, transaction)
        return
    lines = books.records.fresh(transaction.lines) if books.records.any_renamed else transaction.lines
    if transaction.kind in _LINE_FIGURES:
        _LINE_FIGURES[transaction.kind](books, transaction, lines)
    values.update(lines)


# ---- what follows from the amounts ---------------------------------------------------------------------------------------------


def _invoice(transaction: Transaction) -> Values:
    return {
        "AppliedAmount": transaction.open_cents - transaction.amount_cents,
        "BalanceRemaining": transaction.open_cents,
        "IsPaid": transaction.open_cents == 0,
        "IsPending": transaction.pending,
    }


def _total(transaction: Transaction) -> Values:
    return {"TotalAmount": transaction.amount_cents}


def _pending_total(transaction: Transaction) -> Values:
    return {"TotalAmount": transaction.amount_cents, "IsPending": transaction.pending}


def _credit_memo(transaction: Transaction) -> Values:
    return {**_pending_total(transaction), "CreditRemaining": transaction.open_cents}


def _received(transaction: Transaction) -> Values:
    return {"TotalAmount": transaction.amount_cents, "UnusedPayment": transaction.open_cents, "UnusedCredits": 0}


def _charge(transaction: Transaction) -> Values:
    return {
        "Amount": transaction.amount_cents,
        "BalanceRemaining": transaction.open_cents,
        "IsPaid": transaction.open_cents == 0,
    }


def _bill(transaction: Transaction) -> Values:
    return {
        "AmountDue": transaction.amount_cents,
        "OpenAmount": transaction.open_cents,
        "IsPaid": transaction.open_cents == 0,
    }


def _vendor_credit(transaction: Transaction) -> Values:
    return {"CreditAmount": transaction.amount_cents, "OpenAmount": transaction.open_cents}


def _amount(transaction: Transaction) -> Values:
    return {"Amount": transaction.amount_cents}


def _check(transaction: Transaction) -> Values:
    return {"Amount": transaction.amount_cents, "IsPending": transaction.pending}


def _deposit(transaction: Transaction) -> Values:
    return {"DepositTotal": transaction.amount_cents}


def _build(transaction: Transaction) -> Values:
    return {"IsPending": transaction.pending}


_AMOUNTS: Mapping[str, Callable[[Transaction], Values]] = MappingProxyType(
    {
        "Invoice": _invoice,
        "Estimate": _total,
        "SalesOrder": _total,
        "SalesReceipt": _pending_total,
        "CreditMemo": _credit_memo,
        "ReceivePayment": _received,
        "Charge": _charge,
        "PurchaseOrder": _total,
        "Bill": _bill,
        "ItemReceipt": _total,
        "VendorCredit": _vendor_credit,
        "BillPaymentCheck": _amount,
        "BillPaymentCreditCard": _amount,
        "SalesTaxPaymentCheck": _amount,
        "Check": _check,
        "CreditCardCharge": _amount,
        "CreditCardCredit": _amount,
        "Deposit": _deposit,
        "ARRefundCreditCard": _total,
        "BuildAssembly": _build,
    }
)

_HOME: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Invoice": ("BalanceRemaining", "BalanceRemainingInHomeCurrency"),
        "Estimate": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "SalesOrder": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "SalesReceipt": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "CreditMemo": ("CreditRemaining", "CreditRemainingInHomeCurrency"),
        "ReceivePayment": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "PurchaseOrder": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "Bill": ("AmountDue", "AmountDueInHomeCurrency"),
        "ItemReceipt": ("TotalAmount", "TotalAmountInHomeCurrency"),
        "VendorCredit": ("CreditAmount", "CreditAmountInHomeCurrency"),
        "BillPaymentCheck": ("Amount", "AmountInHomeCurrency"),
        "BillPaymentCreditCard": ("Amount", "AmountInHomeCurrency"),
        "Check": ("Amount", "AmountInHomeCurrency"),
        "CreditCardCharge": ("Amount", "AmountInHomeCurrency"),
        "CreditCardCredit": ("Amount", "AmountInHomeCurrency"),
        "Deposit": ("DepositTotal", "DepositTotalInHomeCurrency"),
        "ARRefundCreditCard": ("TotalAmount", "TotalAmountInHomeCurrency"),
    }
)
"""Kinds that tell an amount in the company's own currency too: the element of the amount, and of the same in home currency."""


# ---- what follows from the rest of the books -------------------------------------------------------------------------------------


def _received_credits(books: "Books", transaction: Transaction, values: Values) -> None:
    """What is open of the customer's other credits (switch company.unused-credits)."""
    if books.settings["company.unused-credits"] == "open-credits" and transaction.entity is not None:
        row = books.store.execute(
            "SELECT sum(open_cents) FROM txn WHERE open_name = ? AND open_as = 'receivable credit' AND open_cents <> 0 AND number <> ?"
            " AND NOT pending",
            (transaction.entity, transaction.number),
        ).fetchone()
        values["UnusedCredits"] = row[0] or 0


def _sales_order(books: "Books", transaction: Transaction, values: Values) -> None:
    values["IsFullyInvoiced"] = is_finished(books, transaction)


def _purchase_order(books: "Books", transaction: Transaction, values: Values) -> None:
    values["IsFullyReceived"] = is_finished(books, transaction)


def _transfer(books: "Books", transaction: Transaction, values: Values) -> None:
    assert transaction.account is not None
    source = books.records.by_number(transaction.account)
    target = books.records.by_id("account", transaction.document["TransferToAccountRef"]["ListID"])
    values["FromAccountBalance"] = list_values_of(books, source)["Balance"]
    if target is not None:
        values["ToAccountBalance"] = list_values_of(books, target)["Balance"]


def _built(books: "Books", transaction: Transaction, values: Values) -> None:
    assembly = books.records.by_id("item", transaction.document["ItemInventoryAssemblyRef"]["ListID"])
    assert assembly is not None
    values["QuantityCanBuild"] = can_build(books, assembly)
    values["QuantityOnHand"] = books.stock.of(assembly.number).quantity
    values["QuantityOnSalesOrder"] = books.stock.on_sales_order(assembly.number)


def _mileage(_books: "Books", _transaction: Transaction, values: Values) -> None:
    values.pop("TxnNumber", None)


_COMPUTED: Mapping[str, Callable[["Books", Transaction, Values], None]] = MappingProxyType(
    {
        "ReceivePayment": _received_credits,
        "SalesOrder": _sales_order,
        "PurchaseOrder": _purchase_order,
        "Transfer": _transfer,
        "BuildAssembly": _built,
        "VehicleMileage": _mileage,
    }
)

_PARTS: Mapping[str, tuple[str, Callable[["Books", Transaction], list[Values]]]] = MappingProxyType(
    {
        "ReceivePayment": ("AppliedToTxnRet", applied_to),
        "BillPaymentCheck": ("AppliedToTxnRet", applied_to),
        "BillPaymentCreditCard": ("AppliedToTxnRet", applied_to),
        "ARRefundCreditCard": ("RefundAppliedToTxnRet", refunded),
    }
)
"""Kinds whose lines are what they are applied to: the element, and what reads it."""


# ---- figures of lines ------------------------------------------------------------------------------------------------------------


def _each(lines: Values) -> list[Values]:
    found: list[Values] = []
    for each in lines.values():
        for entry in each:
            name, line = entry if isinstance(entry, tuple) else ("", entry)
            if "Group" in name:
                found += line.get(part_of_group(name), ())
            else:
                found.append(line)
    return found


def _ordered(books: "Books", transaction: Transaction) -> dict[str, tuple[int, int]]:
    rows = books.store.execute("SELECT line_id, quantity, done FROM order_line WHERE txn = ?", (transaction.number,)).fetchall()
    return {line_id: (quantity, done) for line_id, quantity, done in rows}


def _invoiced_lines(books: "Books", transaction: Transaction, lines: Values) -> None:
    state = _ordered(books, transaction)
    for line in _each(lines):
        if line.get("TxnLineID") in state:
            quantity, done = state[line["TxnLineID"]]
            line["Invoiced"] = in_unit_of_line(line, done, quantity)


def _received_lines(books: "Books", transaction: Transaction, lines: Values) -> None:
    """How much of each line has come, and how much of that was billed: what came by an item receipt is unbilled."""
    state = _ordered(books, transaction)
    billed = dict(
        books.store.execute(
            "SELECT order_line, sum(quantity) FROM fulfilment JOIN txn ON txn = number WHERE order_txn = ? AND kind = 'Bill'"
            " GROUP BY order_line",
            (transaction.number,),
        ).fetchall()
    )
    for line in _each(lines):
        if line.get("TxnLineID") in state:
            quantity, done = state[line["TxnLineID"]]
            by_bill = billed.get(line["TxnLineID"], 0)
            line["ReceivedQuantity"] = in_unit_of_line(line, done, quantity)
            line["UnbilledQuantity"] = in_unit_of_line(line, done - by_bill, quantity)
            line["IsBilled"] = by_bill >= quantity


def _adjusted_lines(books: "Books", transaction: Transaction, lines: Values) -> None:
    """The value of what moved at average cost follows from the history of the item."""
    rows = books.store.execute("SELECT value_cents FROM movement WHERE txn = ? ORDER BY line", (transaction.number,)).fetchall()
    for line, row in zip(_each(lines), rows, strict=False):
        line["ValueDifference"] = row[0]
    for line in _each(lines):
        line.setdefault("ValueDifference", 0)


_LINE_FIGURES: Mapping[str, Callable[["Books", Transaction, Any], None]] = MappingProxyType(
    {"SalesOrder": _invoiced_lines, "PurchaseOrder": _received_lines, "InventoryAdjustment": _adjusted_lines}
)
