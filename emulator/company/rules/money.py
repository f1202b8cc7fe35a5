"""Money that moves without goods: card refunds, sales tax payments, journal entries, deposits, transfers.

A journal entry must balance, and at most one of its lines may post to receivables or payables (documented on screen, code ours: 3180); that
line is then open like an invoice or bill. A deposit takes payments that wait in undeposited funds to the bank, once each, and other
money beside them.

Foreign money that waits in undeposited funds, an account of the company's own currency, is taken out at what it was put in at.
"""

from typing import TYPE_CHECKING, Final

from emulator.company.addresses import add_blocks
from emulator.company.arithmetic import money, total_within_limits, within_limits
from emulator.company.currencies import written_rate
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, invalid_reference, refuse
from emulator.company.rules.form import Form, Line
from emulator.company.rules.parts import day_of, main_account, of_type, open_item, ref_of, refuse_account_with_name
from emulator.company.rules.payments import ledger_account
from emulator.company.rules.sales import MONEY_ACCOUNTS
from emulator.company.transactions import RECEIVABLE, RECEIVABLE_CREDIT, THIS, Applied, Draft, Transaction, by_id

if TYPE_CHECKING:
    from emulator.company.books import Books

JOURNAL_LINES: Final = "JournalDebitLine|JournalCreditLine"


# ---- card refunds ----------------------------------------------------------------------------------------------------------------


def refund(books: "Books", form: Form) -> Draft:
    """Return the card refund that a form asks for: it pays out open credits of that very customer (documented).

    Raises:
        Refusal: 3120, 3140, 3171, 3180, 3205, 3210, 3270.
    """
    values, find = form.header, books.references
    customer = find.find("CustomerRef", values.get("CustomerRef"), form.kind)
    receivable = main_account(books, "ARAccountRef", "AccountsReceivable", values, form.kind)
    account = find.find_optional("RefundFromAccountRef", values, form.kind) or books.defaults.posting_account("UndepositedFunds")
    of_type(account, form.kind, *MONEY_ACCOUNTS)
    credited: list[tuple[Transaction, Applied]] = []
    for each in values.get("RefundAppliedToTxnAdd") or ():
        credit = by_id(books, each.get("TxnID"))
        usable = credit is not None and credit.open_as == RECEIVABLE_CREDIT and credit.is_open
        if credit is None or not usable or credit.open_name != customer.number:
            raise refuse(3120, value=each.get("TxnID") or "")
        if ledger_account(books, credit) is not receivable:
            raise cannot_save(form.kind, "A credit is paid out on its own receivable account.")
        cents = each.get("RefundAmount") or 0
        used_cents = sum(part.cents for known, part in credited if known.number == credit.number)
        if cents <= 0 or cents + used_cents > credit.open_cents:
            raise refuse(3210, field="RefundAmount", value=money(cents))
        credited.append((credit, Applied(THIS, cents)))
    total_cents = sum(part.cents for _credit, part in credited)
    skipped = frozenset(
        {
            "CustomerRef", "RefundFromAccountRef", "ARAccountRef", "TxnDate", "RefNumber", "ExternalGUID", "RefundAppliedToTxnAdd",
            "@defMacro", "ExchangeRate",
        }
    )  # fmt: skip
    document = find.resolved(values, form.kind, skipped)
    if "Address" not in document and customer.document.get("BillAddress"):
        document["Address"] = customer.document["BillAddress"]
    add_blocks(books, document, (("Address", "AddressBlock"),))
    document["ARAccountRef"] = receivable.reference
    currency = books.currencies.of(customer)
    rate = books.currencies.rate(currency, values)
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    return Draft(
        form.kind,
        customer,
        day_of(books, form),
        ref_of(books, form),
        total_cents,
        document,
        account=account,
        open_as=RECEIVABLE,
        open_cents=total_cents,
        postings=[Posting(account, customer, -total_cents), Posting(receivable, customer, total_cents)],
        credited=credited,
        guid=values.get("ExternalGUID"),
        currency=currency,
        rate=rate,
    )


# ---- sales tax -------------------------------------------------------------------------------------------------------------------


def sales_tax_payment(books: "Books", form: Form) -> Draft:
    """Return the check to a tax agency that a form asks for.

    Raises:
        Refusal: 3140, 3171, 3180, 3205, 3210, 3270.
    """
    values, find = form.header, books.references
    agency = find.find("PayeeEntityRef", values.get("PayeeEntityRef"), form.kind)
    if agency.kind != "Vendor":
        raise invalid_reference("PayeeEntityRef", "Vendor", agency.full_name, form.kind, agency.list_id)
    account = of_type(find.find("BankAccountRef", values.get("BankAccountRef"), form.kind), form.kind, "Bank")
    payable = books.defaults.posting_account("SalesTaxPayable")
    lines: list[Values] = []
    postings: list[Posting] = []
    for line in form.lines["SalesTaxPaymentCheckLineRet"]:
        asked = line.whole()
        tax = find.find_optional("ItemSalesTaxRef", asked, f"{form.kind} line")
        is_new = not line.stored  # what was right when it was paid stays right
        if is_new and tax is not None and (tax.document.get("TaxVendorRef") or {}).get("ListID") != agency.list_id:
            raise invalid_reference("ItemSalesTaxRef", "ItemSalesTax", tax.full_name, f"{form.kind} line", tax.list_id)
        result: Values = {"TxnLineID": line.line_id, "Amount": asked.get("Amount") or 0}
        if tax is not None:
            result["ItemSalesTaxRef"] = tax.reference
        lines.append(result)
        postings.append(Posting(payable, agency, result["Amount"], result, tax))
    total_cents = sum(line["Amount"] for line in lines)
    total_within_limits(form.kind, "Amount", total_cents)
    skipped = frozenset({"PayeeEntityRef", "TxnDate", "BankAccountRef", "RefNumber", "ExternalGUID", "IsPending", "@defMacro"})
    lists = frozenset({"SalesTaxPaymentCheckLineAdd"})
    document = find.resolved(values, form.kind, skipped | lists)
    if form.is_new and "Address" not in document and agency.document.get("VendorAddress"):
        document["Address"] = agency.document["VendorAddress"]
    add_blocks(books, document, (("Address", "AddressBlock"),))
    document["IsToBePrinted"] = bool(values.get("IsToBePrinted")) and not form.said.get("RefNumber")
    return Draft(
        form.kind,
        agency,
        day_of(books, form),
        ref_of(books, form),
        total_cents,
        document,
        account=account,
        lines={"SalesTaxPaymentCheckLineRet": lines},
        postings=[Posting(account, agency, -total_cents), *postings],
        guid=values.get("ExternalGUID") if form.is_new else None,
    )


# ---- journal entries -------------------------------------------------------------------------------------------------------------


def journal(books: "Books", form: Form) -> Draft:
    """Return the journal entry that a form asks for.

    Raises:
        Refusal: 3101, 3140, 3171, 3180, 3210, 3250.
    """
    values = form.header
    given = books.references.find_optional("CurrencyRef", values, form.kind)
    currency = given if given is not None and books.currencies.is_foreign(given.reference) else None
    rate = books.currencies.rate(currency, values)
    lines: list[tuple[str, Values]] = []
    postings: list[Posting] = []
    for line in form.lines[JOURNAL_LINES]:
        side, result = _journal_line(books, form.kind, line, currency, postings)
        lines.append((side, result))
    if not lines:
        raise cannot_save(form.kind, "The transaction is empty.")
    if sum(posting.cents for posting in postings):
        raise cannot_save(form.kind, "The transaction is not in balance.")
    total_cents = sum(posting.cents for posting in postings if posting.cents > 0)
    within_limits("Amount", total_cents)
    document: Values = {"IsAdjustment": bool(values.get("IsAdjustment"))}
    if books.currencies.several:
        for name in ("IsHomeCurrencyAdjustment", "IsAmountsEnteredInHomeCurrency"):
            if values.get(name) is not None:
                document[name] = bool(values[name])
    if given is not None:
        document["CurrencyRef"] = given.reference
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    draft = Draft(
        form.kind,
        None,
        day_of(books, form),
        ref_of(books, form),
        total_cents,
        document,
        account=postings[0].account if postings else None,
        lines={JOURNAL_LINES: list(lines)},
        postings=postings,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
    )
    open_item(draft, postings)
    return draft


def _journal_line(books: "Books", kind: str, line: Line, currency: Record | None, postings: list[Posting]) -> tuple[str, Values]:
    """Work out one line; return its element and answer values."""
    owner, find = f"{kind} line", books.references
    asked = line.whole(frozenset({"@defMacro"}))
    side = line.name
    said_side = asked.pop("JournalLineType", None)
    if said_side is not None:
        side = f"Journal{said_side}Line"
    elif side not in JOURNAL_LINES.split("|"):
        raise refuse(3150, field="JournalLineType")
    account = find.find_optional("AccountRef", asked, owner)
    cents = asked.get("Amount") or 0
    if account is None and cents:
        raise cannot_save(kind, "A line with an amount needs an account.")
    result: Values = {"TxnLineID": line.line_id, **find.resolved(asked, owner)}
    if account is not None:
        result["Amount"] = cents
        name = find.find_optional("EntityRef", asked, owner)
        refuse_account_with_name(books, kind, account, name, currency)
        klass = find.find_optional("ClassRef", asked, owner)
        postings.append(Posting(account, name, cents if side == "JournalDebitLine" else -cents, result, klass=klass))
    return side, result


# ---- deposits --------------------------------------------------------------------------------------------------------------------

DEPOSIT_LINES: Final = "DepositLineRet"


def deposit(books: "Books", form: Form) -> Draft:
    """Return the deposit that a form asks for.

    Raises:
        Refusal: 3101, 3120, 3140, 3171, 3180, 3270.
    """
    values, find = form.header, books.references
    account = find.find("DepositToAccountRef", values.get("DepositToAccountRef"), form.kind)
    of_type(account, form.kind, "Bank", "OtherCurrentAsset")
    currency = books.currencies.of(account)
    rate = books.currencies.rate(currency, values)
    if not form.lines[DEPOSIT_LINES]:
        raise cannot_save(form.kind, "The transaction is empty.")
    lines: list[Values] = []
    postings: list[Posting] = []
    deposits: list[tuple[int, int, Values]] = []
    for line in form.lines[DEPOSIT_LINES]:
        asked = line.whole()
        if asked.get("PaymentTxnID") or (line.stored.get("TxnID") and "AccountRef" not in line.said):
            lines.append(_payment_line(books, form, line, asked, currency, postings, deposits))
        else:
            lines.append(_money_line(books, form.kind, line, asked, currency, postings))
    total_cents = -sum(posting.cents for posting in postings)
    document = find.resolved({name: values[name] for name in ("Memo",) if name in values}, form.kind)
    cash_back = _cash_back(books, form, postings)
    if cash_back is not None:
        document["CashBackInfoRet"] = cash_back
        total_cents -= cash_back["Amount"]
    total_within_limits(form.kind, "DepositTotal", total_cents)
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    draft = Draft(
        form.kind,
        None,
        day_of(books, form),
        "",
        total_cents,
        document,
        account=account,
        lines={DEPOSIT_LINES: list(lines)},
        postings=[Posting(account, None, total_cents), *postings],
        deposits=deposits,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
    )
    open_item(draft, postings)
    return draft


def _payment_line(
    books: "Books",
    form: Form,
    line: Line,
    asked: Values,
    currency: Record | None,
    postings: list[Posting],
    deposits: list[tuple[int, int, Values]],
) -> Values:
    """Work out a line that takes a payment from undeposited funds, at what it is worth there (switch company.deposit-of-foreign-money)."""
    txn_id = asked.get("PaymentTxnID") or asked.get("TxnID")
    # What was said of the payment before stays only while it is the same payment.
    stored: Values = {} if line.said.get("PaymentTxnID", txn_id) != line.stored.get("TxnID") else line.stored
    line_id = line.said.get("PaymentTxnLineID") or stored.get("PaymentTxnLineID")
    itself = form.before.number if form.before is not None else 0
    row = books.store.execute(
        "SELECT posting.txn, posting.line, posting.line_id, posting.account, posting.entity, posting.cents, posting.home_cents,"
        " posting.class"
        " FROM posting JOIN txn ON number = posting.txn JOIN list_record ON record = posting.account"
        " LEFT JOIN deposited ON deposited.txn = posting.txn AND deposited.line = posting.line"
        " WHERE txn_id = ?1 AND json_extract(list_record.document, '$.SpecialAccountType') = 'UndepositedFunds'"
        " AND posting.cents > 0 AND (?2 IS NULL OR posting.line_id = ?2) AND (deposit IS NULL OR deposit = ?3)"
        " ORDER BY posting.line LIMIT 1",
        (txn_id, line_id, itself),
    ).fetchone()
    if row is None or any((row[0], row[1]) == (number, place) for number, place, _values in deposits):
        raise refuse(3120, value=txn_id or "")
    number, place, payment_line, account_number, entity, cents, home_cents, klass = row
    payment = by_id(books, txn_id)
    assert payment is not None
    if currency is None:
        cents = home_cents
    elif payment.currency != currency.number:
        raise cannot_save(form.kind, "A payment in another currency cannot be deposited to this account.")
    account = books.records.by_number(account_number)
    name = books.records.by_number(entity) if entity is not None else None
    given_class = books.references.find_optional("OverrideClassRef", line.said, form.kind)
    if given_class is None and "OverrideClassRef" not in line.said:
        given_class = books.references.find_optional("ClassRef", stored, form.kind)
    payment_class = books.records.by_number(klass) if klass is not None else None
    result: Values = {
        "TxnLineID": line.line_id,
        "TxnType": payment.kind,
        "TxnID": payment.txn_id,
        "PaymentTxnLineID": payment_line,
        "AccountRef": account.reference,
        "Amount": cents,
    }
    if name is not None:
        result["EntityRef"] = name.reference
    memo = line.said.get("OverrideMemo", stored.get("Memo")) or payment.document.get("Memo")
    number_shown = line.said.get("OverrideCheckNumber", stored.get("CheckNumber")) or payment.ref
    result |= {name: value for name, value in (("Memo", memo), ("CheckNumber", number_shown)) if value}
    method = payment.document.get("PaymentMethodRef")
    if method:
        result["PaymentMethodRef"] = method
    shown_class = given_class or payment_class
    if shown_class is not None:
        result["ClassRef"] = shown_class.reference
    postings.append(Posting(account, name, -cents, result, klass=shown_class, home_cents=-home_cents))
    deposits.append((number, place, result))
    return result


def _money_line(books: "Books", kind: str, line: Line, asked: Values, currency: Record | None, postings: list[Posting]) -> Values:
    """Work out a line of other money: what an account gives."""
    owner, find = f"{kind} line", books.references
    asked = {name: value for name, value in asked.items() if name not in ("TxnType", "TxnID", "PaymentTxnLineID", "@defMacro")}
    account = find.find("AccountRef", asked.get("AccountRef"), owner)
    name = find.find_optional("EntityRef", asked, owner)
    refuse_account_with_name(books, kind, account, name, currency)
    klass = find.find_optional("ClassRef", asked, owner)
    result: Values = {"TxnLineID": line.line_id, **find.resolved(asked, owner), "Amount": asked.get("Amount") or 0}
    postings.append(Posting(account, name, -result["Amount"], result, klass=klass))
    return result


def _cash_back(books: "Books", form: Form, postings: list[Posting]) -> Values | None:
    """Return the cash that is kept of a deposit, posting it."""
    asked = form.said.get("CashBackInfoAdd") or form.said.get("CashBackInfoMod")
    stored: Values = (form.before.document.get("CashBackInfoRet") or {}) if form.before is not None else {}
    if "CashBackInfoMod" in form.said and asked is None:
        return None
    whole = {**stored, **{name: value for name, value in (asked or {}).items() if value is not None}}
    if not whole:
        return None
    account: Record = books.references.find("AccountRef", whole.get("AccountRef"), form.kind)
    of_type(account, form.kind, *MONEY_ACCOUNTS)
    cents = whole.get("Amount") or 0
    # Its TxnLineID is given by hand: cash back is no line of a list.
    result: Values = {
        "TxnLineID": whole.get("TxnLineID") or books.new_line_id(),
        "AccountRef": account.reference,
        "Amount": cents,
    }
    if whole.get("Memo"):
        result["Memo"] = whole["Memo"]
    postings.append(Posting(account, None, cents, result))
    return result


# ---- transfers -------------------------------------------------------------------------------------------------------------------


def transfer(books: "Books", form: Form) -> Draft:
    """Return the transfer between two accounts that a form asks for.

    It names one amount and no rate, so both accounts must be in one currency (switch company.transfer-between-currencies); between two
    foreign ones it is worth what the currency's own rate says, as it was when it was made.

    Raises:
        Refusal: 3101, 3140, 3150, 3171, 3180, 3210.
    """
    values, find = form.header, books.references
    accounts: list[Record] = []
    for name in ("TransferFromAccountRef", "TransferToAccountRef"):
        account = find.find_optional(name, values, form.kind)
        if account is None:
            raise refuse(3150, field=name)
        accounts.append(of_type(account, form.kind, *MONEY_ACCOUNTS))
    source, target = accounts
    if source is target:
        raise cannot_save(form.kind, "A transfer needs two accounts.")
    currency = books.currencies.of(source)
    if books.currencies.of(target) is not currency:
        raise cannot_save(form.kind, f"The accounts {source.full_name} and {target.full_name} are in different currencies.")
    kept = form.before is not None and currency is not None and form.before.currency == currency.number
    rate = books.currencies.rate(currency, values if kept else {})
    cents = values.get("Amount")
    if cents is None:
        raise refuse(3150, field="Amount")
    within_limits("Amount", cents)
    if cents < 0:
        raise refuse(3210, field="Amount", value=money(cents))
    klass = find.find_optional("ClassRef", values, form.kind)
    document: Values = {"TransferToAccountRef": target.reference, "Amount": cents}
    document |= find.resolved({name: values[name] for name in ("ClassRef", "Memo") if name in values}, form.kind)
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    return Draft(
        form.kind,
        None,
        day_of(books, form),
        "",
        cents,
        document,
        account=source,
        postings=[Posting(source, None, -cents, klass=klass), Posting(target, None, cents, klass=klass)],
        currency=currency,
        rate=rate,
    )
