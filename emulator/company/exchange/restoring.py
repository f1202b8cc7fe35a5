"""In: query answers of another company file, keeping ListIDs, TxnIDs, edit sequences and times.

    lists        inserted as they are told, under their identities; then every reference must find its record
    transactions the rules work out each anew from what its answer tells, which gives the rows of the ledger, of stock and of orders;
                 what was told is laid over it; payments after what they pay, deposits after payments
    links        credits to what they paid, lines to the orders they fulfil
    proof        every record is read back as a query would tell it, and must tell all that was given

So the books balance by the same rules as ever, and whatever cannot be kept is refused: nothing is taken in by halves. What the answers
do not tell follows from the rules: a line posts to the account of its item, unless TransactionQueryRs tells another.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from emulator.company import lists
from emulator.company.asked import register
from emulator.company.books import Books
from emulator.company.exchange.answers import whole_view
from emulator.company.exchange.proof import first_difference, shown
from emulator.company.exchange.reading import Given, Source
from emulator.company.exchange.relinking import relink
from emulator.company.exchange.returning import form_of_answer, lay_over, needed_elements, post_as_told, standing_as_told
from emulator.company.ledger import Posting
from emulator.company.list_rows import LIST_NOUNS
from emulator.company.nouns import ListNoun
from emulator.company.opening import draft_of_name
from emulator.company.records import Record, Values
from emulator.company.reference_rows import REFERENCES
from emulator.company.refusals import Refusal
from emulator.company.rules import payments
from emulator.company.rules.removal import VOIDED
from emulator.company.rules.table import RULES, save_new
from emulator.company.transaction_answers import FIGURES_OF_LINES, document_in, line_in, values_of
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import Draft, Identity, by_id, line_dicts, save
from emulator.core.errors import UserMistake

BALANCES: Final = frozenset(
    {"Balance", "TotalBalance", "QuantityOnHand", "AverageCost", "QuantityOnOrder", "QuantityOnSalesOrder"}
)
"""Elements of list records that follow from transactions."""

_FOLLOWS_OF_LISTS: Final = BALANCES | {"CurrentRate", "CurrentEffectiveDate", "NextRate", "NextEffectiveDate"}

_NUMBERED: Final = re.compile(r"[0-9A-Fa-f]{1,8}-[0-9]{1,10}").fullmatch
_RELAXED: Final = {
    "company.closing-date-add": "accepted",
    "company.credit-limit": "ignored",
    "company.inactive-by-name": "accepted",
    "company.inactive-by-id": "accepted",
    "company.duplicate-invoice-number": "accepted",
    "company.duplicate-bill-number": "accepted",
}
"""Switches that are about new records: what another file holds has passed its own rules."""


def restore(books: Books, sources: Iterable[Source], leave_balances: bool = False) -> Counter[str]:
    """Take in the records of other files' answers. Call inside `atomic`.

    Args:
        books: the open file; records of the same name or identity must not be in it.
        sources: what `reading.read_answers` gave, all of one company.
        leave_balances: leave out balances and stock that the transactions given do not explain.

    Returns: noun -> how many records came in.

    Raises:
        UserMistake: with file and line of the record that cannot be kept, and why.
    """
    whole = Source()
    for each in sources:
        whole.definitions += each.definitions
        whole.lists += each.lists
        whole.transactions += each.transactions
        whole.rows += each.rows
    restorer = _Restorer(_relaxed(books), whole.rows)
    restorer.definitions(whole.definitions)
    restorer.lists(whole.lists)
    restorer.transactions(whole.transactions)
    restorer.times()
    restorer.prove(BALANCES if leave_balances else frozenset())
    return Counter(each.noun for each in (*whole.lists, *whole.transactions, *whole.definitions))


def _relaxed(books: Books) -> Books:
    """Return the same file seen through rules that let stand what has been saved elsewhere: no closing date, no credit limit."""
    preferences = {**(books.facts.get("preferences") or {}), "auto_apply_credits": False}
    facts = {**books.facts, "closing_date": None, "preferences": preferences}
    settings = {**books.settings, **_RELAXED}
    relaxed = Books(books.store, facts, settings, books.clock_now)
    relaxed.defaults.make_special = lambda special: lists.make_special(relaxed, special)
    return relaxed


class _OtherValue(Exception):  # noqa: N818 - it is no error: another way is tried
    """An adjustment has another value than average cost gives it."""


class _Restorer:
    """Takes records in, in the order of its methods. `rows` are those of the ledger, as TransactionQuery tells them."""

    def __init__(self, books: Books, rows: Iterable[Given]) -> None:
        self._books = books
        self._rows: dict[str, list[Values]] = {}
        for each in rows:
            if each.values.get("TxnLineID") and each.values.get("AccountRef"):
                self._rows.setdefault(str(each.values.get("TxnID")), []).append(each.values)
        self._records: list[tuple[Given, Record]] = []
        self._transactions: list[tuple[Given, Identity]] = []

    # ---- lists ----

    def definitions(self, given: list[Given]) -> None:
        """Take in what data extensions may be kept, under their DataExtIDs."""
        for each in given:
            with _told(each):
                row = self._books.custom_fields.define(each.values).row
                wanted = each.values.get("DataExtID")
                if wanted is not None and wanted != row:
                    self._books.store.execute("UPDATE data_ext_def SET row = ? WHERE row = ?", (wanted, row))

    def lists(self, given: list[Given]) -> None:
        """Take in list records: parents before what is below them, in the order of the schema's lists."""
        for noun in LIST_NOUNS:
            mine = [each for each in given if each.noun == noun.name]
            if noun.hierarchical:
                mine.sort(key=lambda each: str(each.values.get("FullName") or "").count(":"))
            for each in mine:
                self._list_record(noun, each)
        for each, record in self._records:
            self._refuse_dangling(each, each.values, record)
            with _told(each):
                self._extensions(each, "Item" if record.family == "item" else record.kind, record.list_id, "", each.values)
        self._defaults()

    def _list_record(self, noun: ListNoun, given: Given) -> None:
        values, books = given.values, self._books
        if noun.feature not in books.features.on and noun.feature:
            raise UserMistake(
                f"this company has no {noun.feature}",
                given.where,
                "a file that can hold it",
                "make it with `preferences:` that say so",
            )
        _refuse_lacking(given, {"ListID", "TimeCreated", "TimeModified", "EditSequence", noun.name_field or "Name"})
        list_id, created, modified = self._identity(given, "ListID")
        if books.records.by_id(noun.family, list_id) is not None:
            raise UserMistake(f"{noun.name} {list_id} is in the file already", given.where, "a record that is not there", _BARE)
        others = {"ListID", "TimeCreated", "TimeModified", "EditSequence", "IsActive", "DataExtRet", noun.name_field or "Name"}
        if noun.hierarchical:
            others |= {"FullName", "Sublevel", noun.parent_field}
        document = {name: value for name, value in values.items() if name not in others | _FOLLOWS_OF_LISTS and value is not None}
        with _told(given):
            identity = lists.Identity(list_id, created, modified)
            self._records.append((given, lists.restore(books, noun, values, document, identity)))
        for contact in values.get("ContactsRet") or ():
            books.counters.pass_by("ListID contact", int(contact["ListID"], 36) if contact.get("ListID", "-").isalnum() else 0)

    def _identity(self, given: Given, name: str) -> tuple[str, int, int]:
        """Return the identity of a record and its times, in unix seconds."""
        values, local_time = given.values, self._books.local_time
        identity = str(values[name])
        if not _NUMBERED(identity):
            raise UserMistake(f"{name} is {identity!r}", given.where, "an identity such as 80000001-1705327200")
        epoch_s = int(identity.partition("-")[2])
        # One wall clock may stand for two moments in autumn; the identity tells which.
        created = epoch_s if local_time.text(epoch_s) == values["TimeCreated"] else local_time.epoch_s(values["TimeCreated"])
        edit_sequence = str(values["EditSequence"])
        modified = int(edit_sequence) if edit_sequence.isdigit() else local_time.epoch_s(values["TimeModified"])
        if modified >= 2**62:
            raise UserMistake(f"EditSequence is {edit_sequence}", given.where, "unix seconds")
        return identity, created, modified

    def _refuse_dangling(self, given: Given, values: Values, owner: Record | None) -> None:
        """Refuse a reference whose record is not in the file."""
        for name, value in values.items():
            for each in value if isinstance(value, list) else [value]:
                inner = each[1] if isinstance(each, tuple) else each
                if not isinstance(inner, dict):
                    continue
                if name in REFERENCES:
                    self._refuse_unknown(given, name, inner)
                else:
                    self._refuse_dangling(given, inner, owner)

    def _refuse_unknown(self, given: Given, name: str, value: Values) -> None:
        if not value.get("ListID"):
            raise UserMistake(f"{name} has no ListID", given.where, "whole references", "query without IncludeRetElement")
        found = self._books.records.by_id(REFERENCES[name].family, value["ListID"])
        if found is None:
            what = value.get("FullName") or value["ListID"]
            raise UserMistake(
                f"{given.noun} refers to {name} {what!r}, which is not in the file",
                given.where,
                f"{REFERENCES[name].word} {value['ListID']}",
                "import the answers of that list too, at once",
            )

    def _extensions(self, given: Given, kind: str, identity: str, line_id: str, values: Values) -> None:
        for each in values.get("DataExtRet") or ():
            definition = self._books.custom_fields.find(each["OwnerID"], each["DataExtName"])
            if definition is None:
                raise UserMistake(
                    f"data extension {each['DataExtName']!r} has no definition", given.where, "DataExtDefQueryRs", "import it too"
                )
            self._books.store.execute(
                "INSERT INTO data_ext VALUES (?, ?, ?, ?, ?)",
                (definition.row, kind, identity, line_id, each.get("DataExtValue") or ""),
            )

    def _defaults(self) -> None:
        """Say which tax codes the company takes by itself, when the file has none of those it was made with."""
        books, wanted = self._books, {}
        codes = [record for _given, record in self._records if record.kind == "SalesTaxCode"]
        items = [record for _given, record in self._records if record.kind == "ItemSalesTax"]
        for fact, family, found in (
            ("taxable_code", "sales-tax-code", [each for each in codes if each.document.get("IsTaxable")]),
            ("non_taxable_code", "sales-tax-code", [each for each in codes if not each.document.get("IsTaxable")]),
            ("sales_tax_item", "item", items),
        ):
            known = books.facts.get(fact)
            if found and not (known and books.records.by_name(family, known)):
                wanted[fact] = min(found, key=lambda each: each.list_id).name
        books.facts.update(wanted)
        books.store.set_settings(wanted.items())

    # ---- transactions ----

    def transactions(self, given: list[Given]) -> None:
        """Take in transactions: what is owed and sold before payments, payments before deposits; then link them."""
        books = self._books
        for each in given:
            _refuse_lacking(each, {"TxnID", "TimeCreated", "TimeModified", "EditSequence"})
            self._refuse_dangling(each, each.values, None)
        # What has no TxnNumber (mileage) gets one behind all others.
        highest = max((each.values.get("TxnNumber") or 0 for each in given), default=0)
        books.counters.pass_by("TxnNumber", highest)
        order = sorted(given, key=lambda each: (_PHASES.get(each.noun, 0), each.values.get("TxnNumber") or highest + 1))
        for each in order:
            with _told(each):
                self._transaction(each)
        relink(books, [(each.noun, each.values) for each, _identity in self._transactions])
        books.counters.write()

    def _transaction(self, given: Given) -> None:
        values, books = given.values, self._books
        feature = TRANSACTIONS[given.noun].feature
        if feature and feature not in books.features.on:
            raise UserMistake(f"this company has no {feature}", given.where, "a file that can hold it", _PREFERENCES)
        txn_id, created, modified = self._identity(given, "TxnID")
        if by_id(books, txn_id) is not None:
            raise UserMistake(
                f"{given.noun} {txn_id} is in the file already", given.where, "a transaction that is not there", _BARE
            )
        number = values.get("TxnNumber") or books.counters.next("TxnNumber")
        if books.store.execute("SELECT 1 FROM txn WHERE number = ?", (number,)).fetchone():
            raise UserMistake(f"TxnNumber {number} is in the file already", given.where, "a number that is not there", _BARE)
        identity = Identity(number, txn_id, created, modified)
        draft = self._worked_out(given, identity)
        self._count_up(txn_id, draft)
        self._extensions(given, given.noun, txn_id, "", values)
        for line in line_dicts({key: values.get(key) or [] for key in draft.lines}):
            self._extensions(given, given.noun, txn_id, str(line.get("TxnLineID", "")), line)
        self._transactions.append((given, identity))

    def _worked_out(self, given: Given, identity: Identity) -> Draft:
        """Save a transaction as the rules and its answer make it; return its draft.

        An adjustment does not tell whether its pieces went at average cost or at a value of their own: where average cost makes another
        value than what was told, it was said.
        """
        if given.noun != "InventoryAdjustment":
            return self._saved(given, identity)
        lines = given.values.get("InventoryAdjustmentLineRet") or []
        # Counters that are not written yet would go back with what is tried.
        self._books.counters.write()
        try:
            with self._books.store.atomic():
                draft = self._saved(given, identity)
                rows = self._books.store.execute(
                    "SELECT value_cents FROM movement WHERE txn = ? ORDER BY line", (identity.number,)
                ).fetchall()
                others = [
                    line for line, row in zip(lines, rows, strict=False) if line.get("ValueDifference") not in (None, row[0])
                ]
                if others:
                    raise _OtherValue
            return draft
        except _OtherValue:
            pass  # tried again, with their values said
        for line in others:
            line["~valued"] = True
        try:
            return self._saved(given, identity)
        finally:
            for line in others:
                line.pop("~valued")

    def _saved(self, given: Given, identity: Identity) -> Draft:
        draft = self._draft(given)
        draft.identity = identity
        self._as_taxed(given, draft)
        self._lay_over(given, draft)
        self._as_posted(given, draft)
        if given.noun in payments.KINDS and not draft.amount_cents and not draft.applied:
            save(self._books, draft)
        else:
            save_new(self._books, draft)
        return draft

    def _as_taxed(self, given: Given, draft: Draft) -> None:
        """Take the sales tax as it was told: it stays as it was saved when its rate changes later."""
        told, made = given.values.get("SalesTaxTotal"), draft.document.get("SalesTaxTotal")
        if told is None or made is None or told == made or draft.rate is not None:
            return
        rows, more = draft.postings, told - made
        places = [place for place, row in enumerate(rows) if row.line is None and row.item is not None]
        if not places or not rows[0].cents:
            return
        sign = 1 if rows[0].cents > 0 else -1
        tax = rows[places[-1]]
        rows[0] = rows[0]._replace(cents=rows[0].cents + sign * more)
        rows[places[-1]] = tax._replace(cents=tax.cents - sign * more)
        draft.amount_cents += more
        draft.open_cents += more if draft.open_as else 0

    def _as_posted(self, given: Given, draft: Draft) -> None:
        """Post to the accounts that the rows of the ledger tell, where they tell any; what was voided has the rows that are told."""
        told = self._rows.get(str(given.values["TxnID"]))
        rows_missing = bool(self._rows) and given.noun in register.SHOWN and not told
        # The answer of a charge has no memo; its rows have.
        memo = str(given.values.get("Memo") or (told[0].get("Memo") if told else "") or "")
        voided = memo.startswith(VOIDED) or rows_missing
        nothing = not any(row.cents for row in draft.postings)
        moved = any(movement.quantity or movement.value_cents for movement in draft.movements)
        if voided and not moved and nothing:
            draft.movements = []
            draft.postings = standing_as_told(self._books, draft, told or [])
            if memo:
                draft.document.setdefault("Memo", memo)
        elif told:
            post_as_told(self._books, draft, told)
        elif not self._rows and given.noun in _OPENING and nothing and not any(draft.lines.values()):
            # Without the rows, what has no line and comes to nothing is an opening balance that was voided.
            draft.postings = []
        pending = bool(given.values.get("IsPending"))
        if given.noun == "BuildAssembly" and pending != draft.pending:
            self._as_built(given, draft, pending)
        draft.pending = pending
        closed = bool(given.values.get("IsManuallyClosed"))
        for order in draft.orders:
            order.closed = closed or bool(order.line.get("IsManuallyClosed"))

    def _as_built(self, given: Given, draft: Draft, pending: bool) -> None:
        """Let a build be pending, or not, as it was told: what was short of components then may not be now, and the other way round.

        The row of the assembly stands first, without an amount until the components have given theirs; what is pending has none.
        """
        if pending:
            draft.postings = [row for row in draft.postings if row.cents]
            return
        assembly = self._books.references.find("ItemInventoryAssemblyRef", given.values["ItemInventoryAssemblyRef"], given.noun)
        assert draft.account is not None
        row = Posting(draft.account, None, 0, item=assembly, quantity=given.values.get("QuantityToBuild"))
        draft.postings.insert(0, row)

    def _draft(self, given: Given) -> Draft:
        """Return the transaction as the rules make it."""
        values, books, kind = given.values, self._books, given.noun
        noun = TRANSACTIONS[kind]
        has_lines = any(values.get(line.ret) for line in noun.lines)
        amount = next((values[name] for name in _TOTALS if values.get(name) is not None), 0)
        if kind in _OPENING and not has_lines:
            total = values.get("Subtotal") if kind != "Bill" else values.get("AmountDue")
            cents = -(total or 0) if kind == "CreditMemo" else total or 0
            party = books.references.find(noun.party, values.get(noun.party), kind)
            draft = draft_of_name(books, party, cents or 1, values[noun.date])
            draft.ref = values.get("RefNumber") or ""
            return draft if cents else _emptied(draft)
        if kind in payments.KINDS and not amount and not values.get("AppliedToTxnRet"):
            return self._voided_payment(kind, values)
        return RULES[kind](books, form_of_answer(books, kind, values))

    def _voided_payment(self, kind: str, values: Values) -> Draft:
        """Return a payment that was voided: nothing is left of it but its header."""
        books, noun, row = self._books, TRANSACTIONS[kind], payments.KINDS[kind]
        find = books.references
        ref = values.get("RefNumber") or ""
        account = find.find(noun.account, values.get(noun.account), kind)
        party = find.find(noun.party, values.get(noun.party), kind)
        return Draft(kind, party, values[noun.date], ref, 0, {}, account=account, open_as=row.credit)

    def _lay_over(self, given: Given, draft: Draft) -> None:
        """Put what was told in the place of what the rules would have it."""
        kind, values = given.noun, given.values
        if not lay_over(kind, draft.lines, values, line_in):
            raise UserMistake(
                f"the lines of {kind} {values['TxnID']} are not those that its items give", given.where, "lines of its items"
            )
        told = document_in(kind, values)
        for key in draft.lines:
            told.pop(key, None)
        hidden = {name: value for name, value in draft.document.items() if name.startswith("~") or name == "ExchangeRate"}
        guid = {"ExternalGUID": draft.guid} if draft.guid else {}
        draft.document = {**hidden, **told, **guid}
        if draft.due is not None and values.get("DueDate"):
            draft.due = values["DueDate"]

    def _count_up(self, txn_id: str, draft: Draft) -> None:
        """Let the counters go on behind the identities of a transaction, its lines and its header's row."""
        counters = self._books.counters
        own = self._books.settings["company.transaction-line-id-counter"] == "own"
        counters.pass_by("TxnID", int(txn_id.partition("-")[0], 16) + (0 if own else 1))
        for line in line_dicts(draft.lines):
            line_id = str(line.get("TxnLineID") or "")
            if _NUMBERED(line_id):
                counters.pass_by("TxnLineID" if own else "TxnID", int(line_id.partition("-")[0], 16))

    # ---- proof ----

    def times(self) -> None:
        """Give every record its times again, which links and saves behind it have touched."""
        execute = self._books.store.executemany
        rows = [(each.created, each.modified, each.number) for _given, each in self._transactions]
        execute("UPDATE txn SET created = ?, modified = ? WHERE number = ?", rows)
        wanted = [(*self._identity(given, "ListID")[1:], record.number) for given, record in self._records]
        execute("UPDATE list_record SET created = ?, modified = ? WHERE record = ?", wanted)
        self._books.records.forget()

    def prove(self, not_proven: frozenset[str]) -> None:
        """Read every record back and refuse what does not tell all that was given."""
        books = self._books
        view = whole_view(books)
        for given, record in self._records:
            now = lists.values_of(books, books.records.by_number(record.number), view)
            told = {name: value for name, value in given.values.items() if name not in not_proven}
            self._prove(given, told, now)
        for given, identity in self._transactions:
            transaction = by_id(books, identity.txn_id)
            assert transaction is not None, identity
            self._prove(given, given.values, values_of(books, transaction, view))

    def _prove(self, given: Given, told: Values, now: Values) -> None:
        different = first_difference(told, now)
        if different is None:
            return
        place, was, is_now = different
        element = place.split(".")[0]
        advice = "nothing was imported"
        if element in BALANCES:
            advice += "; give the transactions behind it too, or leave it out with --leave-balances"
        elif element in ("TimeCreated", "TimeModified"):
            advice += "; make the file with the `timezone:` of the company that answered"
        elif element in FIGURES_OF_LINES or element == "LinkedTxn":
            advice += "; give all transactions that it is linked to"
        identity = told.get("ListID") or told.get("TxnID")
        raise UserMistake(
            f"{place} of {given.noun} {identity} is {shown(was)} and would become {shown(is_now)}",
            given.where,
            "what the records given make of it",
            advice,
        )


def _emptied(draft: Draft) -> Draft:
    """Return the draft of an opening balance that was voided."""
    draft.amount_cents = draft.open_cents = 0
    draft.postings = [row._replace(cents=0) for row in draft.postings]
    return draft


@contextmanager
def _told(given: Given) -> Iterator[None]:
    """Turn a refusal inside it into a mistake that names file and line."""
    try:
        yield
    except Refusal as refusal:
        name = given.values.get("FullName") or given.values.get("Name") or given.values.get("TxnID") or ""
        raise UserMistake(
            f"{given.noun} {name} cannot be kept: {refusal.status.code} {refusal.status.message}",
            given.where,
            "",
            "nothing was imported",
        ) from None


def _refuse_lacking(given: Given, needed: set[str]) -> None:
    """Refuse an answer that tells too little of a record, such as one with IncludeRetElement."""
    for name in sorted(needed | needed_elements(given.noun)):
        if given.values.get(name) is None:
            raise UserMistake(f"{given.noun} has no {name}", given.where, "whole records", "query without IncludeRetElement")


_PHASES: Final = {"ReceivePayment": 1, "BillPaymentCheck": 1, "BillPaymentCreditCard": 1, "ARRefundCreditCard": 2, "Deposit": 3}
"""Kinds that need others to be there: a lower number goes first."""

_OPENING: Final = frozenset({"Invoice", "CreditMemo", "Bill"})
"""Kinds that have no lines when they are opening balances."""

_TOTALS: Final = ("TotalAmount", "Amount")
_BARE: Final = "import into a file made with `fakebooks company new --bare`"
_PREFERENCES: Final = "make it with `preferences:` that say so"
