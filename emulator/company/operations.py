"""One request in, one answer out: the visible list of what is done for each operation.

value fault of qbxml? -> its status            noun unknown here? -> 3250
Query -> queries / about                       Add, Mod -> lists or rules, in one SQLite transaction
Del, Void -> rules.removal                     a Refusal on the way -> its status, nothing written
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.company import about, lists
from emulator.company.caller import Caller
from emulator.company.iterators import Iterators
from emulator.company.nouns import COMBINED_QUERIES, LISTS, TRANSACTIONS
from emulator.company.opening import open_balance
from emulator.company.queries import Found, Result, only, query
from emulator.company.records import Values
from emulator.company.refusals import Refusal, refuse
from emulator.company.rules import bill_changes, invoice_changes, payments, purchases, removal, sales
from emulator.company.transactions import Transaction, values_of
from emulator.qbxml import status
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

WRITES = frozenset({"Add", "Mod", "Del", "Void", "Merge"})
"""Operations that change the company file."""

NOT_YET = "This edition of FakeBooks does not have this request yet."


class Operations:
    """Performs requests on one company.

    Args:
        books: the open file.
        iterators: the open iterators of all sessions.
    """

    def __init__(self, books: "Books", iterators: Iterators) -> None:
        self._books = books
        self._iterators = iterators

    def perform(self, request: Request, caller: Caller, macros: dict[str, str]) -> Answer:
        """Perform a request; what it writes is committed when this returns. `macros` are the names of the message set."""
        if request.fault is not None:
            return self._answer(request, request.fault)
        try:
            if request.operation in WRITES:
                with self._books.store.atomic():
                    return self._write(request, caller, macros)
            return self._read(request, caller)
        except Refusal as refusal:
            return self._answer(request, refusal.status)

    def answered(self, request: Request, code: int) -> Answer:
        """Return the answer of a request that is not performed."""
        return self._answer(request, status.of(code))

    def _answer(
        self, request: Request, outcome: Status, records: Found | None = None, attributes: dict[str, str] | None = None
    ) -> Answer:
        every = dict(attributes or ())
        if "requestID" in request.attributes:
            every = {"requestID": request.attributes["requestID"], **every}
        return Answer(f"{request.name[:-2]}Rs", outcome, every, records or [])

    def _performed(self, request: Request, records: Found, warnings: list[Status]) -> Answer:
        # An answer has one status: the first warning, from the values or from the rules.
        first = next(iter([*request.warnings, *warnings]), None)
        return self._answer(request, first or status.of(0), records)

    def _read(self, request: Request, caller: Caller) -> Answer:
        noun = request.noun
        if noun in LISTS or noun in TRANSACTIONS or noun in COMBINED_QUERIES:
            result = query(self._books, self._iterators, request, caller)
        elif noun in _ABOUT:
            values = _ABOUT[noun](self._books, caller, request.values)
            keep = frozenset(request.values.get("IncludeRetElement") or ())  # type: ignore[call-overload]
            result = Result(status.of(0), [(f"{noun}Ret", only(values, keep) if keep else values)], {})
        else:
            raise refuse(3250, quickbooks=NOT_YET)
        outcome = result.status
        if request.warnings and outcome.code == 0:
            outcome = request.warnings[0]
        return self._answer(request, outcome, result.records, result.attributes)

    def _write(self, request: Request, caller: Caller, macros: dict[str, str]) -> Answer:
        noun, operation = request.noun, request.operation
        if noun == "Txn":
            return self._remove(request, caller)
        if noun == "List" and operation == "Del" and caller.file_mode == "MultiUser":
            code = int(self._books.settings["company.list-delete-in-multi-user"])
            raise refuse(code, quickbooks=NOT_YET) if code == 3250 else refuse(code)
        known = LISTS.get(noun) or TRANSACTIONS.get(noun)
        if known is None or operation not in known.operations:
            raise refuse(3250, quickbooks=NOT_YET)
        self._books.rights.refuse_write(caller.user, noun)
        values = request.values[f"{noun}{operation}"]
        assert isinstance(values, dict), request.values
        keep = frozenset(request.values.get("IncludeRetElement") or ())  # type: ignore[call-overload]
        warnings: list[Status] = []
        if noun in LISTS:
            if operation == "Add":
                record = lists.add(self._books, LISTS[noun], values)
                open_balance(self._books, record, values)
            else:
                record = lists.modify(self._books, LISTS[noun], values)
            answer = self._books.records.values(record)
        else:
            if macros or _has_macros(values):
                _use_macros(values, macros)
            rules = _ADDERS if operation == "Add" else _CHANGERS
            transaction, warnings = rules[noun](self._books, noun, values)
            if values.get("@defMacro") and transaction.txn_id:
                macros[values["@defMacro"]] = transaction.txn_id
            answer = values_of(self._books, transaction, with_lines=True)
        return self._performed(request, [(f"{noun}Ret", only(answer, keep) if keep else answer)], warnings)

    def _remove(self, request: Request, caller: Caller) -> Answer:
        books = self._books
        kind = str(request.values[f"Txn{request.operation}Type"])
        noun = TRANSACTIONS.get(kind)
        if noun is None or request.operation not in noun.operations:
            raise refuse(3250, quickbooks=NOT_YET)
        books.rights.refuse_write(caller.user, kind)
        txn_id = str(request.values["TxnID"])
        remove = removal.delete if request.operation == "Del" else removal.void
        transaction = remove(books, kind, txn_id)
        records: Found = [(f"Txn{request.operation}Type", kind), ("TxnID", txn_id)]
        if request.operation == "Del":
            records.append(("TimeDeleted", books.local_time.text(books.now())))
        else:
            records.append(("TimeCreated", books.local_time.text(transaction.created)))
            records.append(("TimeModified", books.local_time.text(transaction.modified)))
        if transaction.ref:
            records.append(("RefNumber", transaction.ref))
        return self._performed(request, records, [])


def _has_macros(values: Values) -> bool:
    """Whether a transaction may name an earlier one: only payments and invoices that use credits do (schema)."""
    return "AppliedToTxnAdd" in values or "SetCredit" in values


def _use_macros(values: Values, macros: dict[str, str]) -> None:
    """Put the TxnIDs of earlier Adds of the same message set where `useMacro` asks for them; an unknown name is refused (3120)."""
    for name in [name for name in values if name.endswith("@useMacro")]:
        macro = values[name]
        if macro not in macros:
            raise refuse(3120, value=macro)
        values[name.partition("@")[0]] = macros[macro]
    for value in values.values():
        if isinstance(value, list):
            for each in value:
                inner = each[1] if isinstance(each, tuple) else each
                if isinstance(inner, dict):
                    _use_macros(inner, macros)


_Rule = Callable[["Books", str, Values], tuple[Transaction, list[Status]]]

_CHANGERS: dict[str, _Rule] = {"Invoice": invoice_changes.modify, "Bill": bill_changes.modify}

_ADDERS: dict[str, _Rule] = {
    "Invoice": sales.add,
    "CreditMemo": sales.add,
    "ReceivePayment": payments.add,
    "Bill": purchases.add,
}

_ABOUT: dict[str, Callable[["Books", Caller, Values], Values]] = {
    "Host": about.host,
    "Company": lambda books, _caller, _values: about.company(books),
    "Preferences": lambda books, caller, _values: about.preferences(books, caller),
}
