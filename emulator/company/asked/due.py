"""What waits: BillToPayQuery, SalesTaxPayableQuery, ReceivePaymentToDepositQuery.

Bills to pay (documented: their elements): the open bills of a payee, and the open credits that could be applied to them. Sales tax: what was
taken for each agency and not yet paid, tax by tax. Payments to deposit: rows of undeposited funds that no deposit has taken.
"""

from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.rules.payments import ledger_account
from emulator.company.transactions import PAYABLE, PAYABLE_CREDIT, Transaction, open_parts

if TYPE_CHECKING:
    from emulator.company.books import Books

Records = list[tuple[str, object]]

_HOME: Final = "InHomeCurrency"


def bills(books: "Books", values: Values) -> Records:
    """Return the BillToPayRet of a payee: its bills by due date, then its credits."""
    find = books.references
    payee = find.find("PayeeEntityRef", values.get("PayeeEntityRef"), "BillToPay")
    account = find.find_optional("APAccountRef", values, "BillToPay")
    owed = list(open_parts(books, PAYABLE, [payee.number]))
    if values.get("DueDate"):
        owed = [each for each in owed if (each.due or each.date) <= values["DueDate"]]
    owed.sort(key=lambda each: (each.due or each.date, each.number))
    found: Records = []
    for each, name, amount in [
        *((bill, "BillToPay", "AmountDue") for bill in owed),
        *((credit, "CreditToApply", "CreditRemaining") for credit in open_parts(books, PAYABLE_CREDIT, [payee.number])),
    ]:
        payable = ledger_account(books, each)
        if payable is None or (account is not None and payable is not account):
            continue
        found.append(("BillToPayRet", {name: _waiting(books, each, payable.reference, amount)}))
    return found


def _waiting(books: "Books", each: Transaction, payable: Values, amount: str) -> Values:
    result: Values = {
        "TxnID": each.txn_id,
        "TxnType": each.kind,
        "APAccountRef": payable,
        "TxnDate": each.date,
        amount: each.open_cents,
    }
    if each.ref:
        result["RefNumber"] = each.ref
    if each.due and amount == "AmountDue":
        result["DueDate"] = each.due
    currency = books.records.by_number(each.currency) if each.currency is not None else None
    return {**result, **books.currencies.shown(currency, each.rate, {amount + _HOME: each.open_cents})}


def sales_tax(books: "Books", values: Values) -> Records:
    """Return the SalesTaxPayableRet: agency by agency, tax by tax, what was taken up to a day and not paid."""
    as_of = values.get("AsOfDate") or books.local_time.today(books.now()).isoformat()
    rows = books.store.execute(
        "SELECT posting.entity, posting.item, -sum(home_cents) FROM posting JOIN txn ON number = posting.txn"
        " JOIN list_record ON record = posting.account"
        " WHERE json_extract(list_record.document, '$.SpecialAccountType') = 'SalesTaxPayable' AND date <= ?"
        " GROUP BY posting.entity, posting.item ORDER BY posting.entity, posting.item",
        (as_of,),
    ).fetchall()
    agencies: dict[int | None, list[tuple[int | None, int]]] = {}
    for agency, tax, cents in rows:
        agencies.setdefault(agency, []).append((tax, cents))
    found: Records = []
    for agency, taxes in agencies.items():
        if not any(cents for _tax, cents in taxes):
            continue
        result: Values = {"Amount": sum(cents for _tax, cents in taxes), "SalesTaxPayableLineRet": []}
        if agency is not None:
            result["PayeeEntityRef"] = books.records.by_number(agency).reference
        for tax, cents in taxes:
            line: Values = {"Amount": cents}
            if tax is not None:
                line["ItemSalesTaxRef"] = books.records.by_number(tax).reference
            result["SalesTaxPayableLineRet"].append(line)
        found.append(("SalesTaxPayableRet", result))
    return found


def deposits(books: "Books", _values: Values) -> Records:
    """Return the ReceivePaymentToDepositRet: money that waits in undeposited funds."""
    rows = books.store.execute(
        "SELECT txn_id, posting.line_id, txn.kind, posting.entity, date, ref, posting.cents, posting.home_cents, txn.currency"
        " FROM posting JOIN txn ON number = posting.txn JOIN list_record ON record = posting.account"
        " LEFT JOIN deposited ON deposited.txn = posting.txn AND deposited.line = posting.line"
        " WHERE json_extract(list_record.document, '$.SpecialAccountType') = 'UndepositedFunds' AND posting.cents > 0"
        " AND deposit IS NULL ORDER BY date, posting.txn, posting.line"
    ).fetchall()
    found: Records = []
    for txn_id, line_id, kind, entity, day, ref, cents, home_cents, currency in rows:
        result: Values = {"TxnID": txn_id, "TxnLineID": line_id, "TxnType": kind, "TxnDate": day, "Amount": cents}
        name = books.records.by_number(entity) if entity is not None else None
        if name is not None and name.kind == "Customer":
            result["CustomerRef"] = name.reference
        if ref:
            result["RefNumber"] = ref
        if books.currencies.several:
            shown = books.records.by_number(currency) if currency is not None else books.currencies.home
            result["AmountInHomeCurrency"] = home_cents
            if shown is not None:
                result["CurrencyRef"] = shown.reference
        found.append(("ReceivePaymentToDepositRet", result))
    return found
