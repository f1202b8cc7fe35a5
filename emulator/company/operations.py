"""One request in, one answer out: the visible list of what is done for each operation.

value fault of qbxml? -> its status            feature absent from this file? -> 3250
Query -> queries / asked                       everything else in one SQLite transaction:
Add, Mod -> lists or rules                     Del, Void, Merge and the rest -> the table at the end
a Refusal on the way -> its status, nothing written
anything else raised -> 1000, nothing written, and whoever asked for the set is told
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulator.company import lists, macros, reports
from emulator.company.asked import about, deleted, due, register, stocked
from emulator.company.caller import WHOLE, Caller, View
from emulator.company.displays import display
from emulator.company.iterators import Iterators
from emulator.company.list_rows import COMBINED_QUERIES, LISTS, SPECIAL
from emulator.company.lists.merging import merge
from emulator.company.lists.removal import delete as delete_record
from emulator.company.opening import open_balance
from emulator.company.queries import Found, Result, Source, answered, keep_of, listed, narrowed, query
from emulator.company.records import Record, Values
from emulator.company.refusals import BrokenRule, Refusal, refuse
from emulator.company.rules import removal, table
from emulator.company.rules.cleared import set_cleared
from emulator.company.rules.form import Form
from emulator.company.transaction_answers import values_of
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import Transaction
from emulator.qbxml import status
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.schema import Node, elements_of, schema_of
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

Made = tuple[Found, list[Status]]
"""What a write is answered with: records and warnings."""

Unforeseen = Callable[[Request, Exception], None]
"""Is told of a mistake of our own: the request, and what was raised."""

READS = "Query"
"""The one operation that changes nothing."""

FEATURES: Mapping[str, str] = MappingProxyType(
    {"ItemSites": "sites", "ItemAssembliesCanBuild": "inventory", "SalesTaxPayable": "sales-tax"}
)
"""Nouns that are neither lists nor transactions -> what the file must be able to do."""


class Operations:
    """Performs requests on one company.

    Args:
        books: the open file.
        iterators: the open iterators of all sessions.
    """

    def __init__(self, books: "Books", iterators: Iterators) -> None:
        self._books = books
        self._iterators = iterators

    def perform(
        self,
        request: Request,
        caller: Caller,
        names: dict[str, str],
        unforeseen: Unforeseen | None = None,
    ) -> Answer:
        """Perform a request; what it writes is committed when this returns.

        Args:
            request: as it was read.
            caller: the session behind it.
            names: the macros of the message set.
            unforeseen: see `Company.begin_set`.
        """
        if request.fault is not None:
            return self._answer(request, request.fault)
        try:
            self._refuse_absent(request, caller)
            if request.operation == READS:
                return self._read(request, caller)
            known = dict(names)
            with self._books.store.atomic():
                written, warnings = self._write(request, caller, known)
            names.update(known)
            return self._performed(request, written, warnings)
        except BrokenRule as refusal:
            in_mod = request.operation == "Mod"
            code = int(self._books.settings["company.broken-rule-in-mod-code"])
            return self._answer(request, refusal.with_code(code) if in_mod else refusal.status)
        except Refusal as refusal:
            return self._answer(request, refusal.status)
        except Exception as error:
            if unforeseen is None:
                raise
            unforeseen(request, error)
            return self._answer(request, status.of(1000))

    def answered(self, request: Request, code: int) -> Answer:
        """Return the answer of a request that is not performed."""
        return self._answer(request, status.of(code))

    def _refuse_absent(self, request: Request, caller: Caller) -> None:
        """Refuse what this file or this product does not have, or not now."""
        noun, books = request.noun, self._books
        row = LISTS.get(noun) or TRANSACTIONS.get(noun)
        feature = row.feature if row is not None else FEATURES.get(noun, "")
        if feature and feature not in books.features.on:
            raise refuse(3250)
        if noun == "Lead" and books.settings["company.leads"] == "3231":
            raise refuse(3231)
        if noun == "InventoryAdjustment" and request.operation != READS and caller.file_mode == "MultiUser":
            only_enterprise = books.settings["company.inventory-adjustment-in-multi-user"] == "enterprise-only"
            if only_enterprise and books.facts["edition"] != "Enterprise":
                raise refuse(3162)

    def _answer(
        self, request: Request, outcome: Status, records: Found | None = None, attributes: dict[str, str] | None = None
    ) -> Answer:
        every = dict(attributes or ())
        if "requestID" in request.attributes:
            every = {"requestID": request.attributes["requestID"], **every}
        return Answer(f"{request.name[:-2]}Rs", outcome, every, records or [])

    def _performed(self, request: Request, written: Found, warnings: list[Status]) -> Answer:
        # An answer has one status: the first warning, from the values or from the rules.
        all_warnings = request.warnings or warnings
        answer = self._answer(request, all_warnings[0] if all_warnings else status.of(0), narrowed(written, keep_of(request)))
        answer.written = written
        return answer

    # ---- reading ----

    def _read(self, request: Request, caller: Caller) -> Answer:
        noun = request.noun
        self._books.rights.refuse_read(
            caller.user, noun, str(request.values.get(f"{noun}Type", "")) if noun in reports.REPORTS else ""
        )
        for kind in register.kinds_asked(self._books, request.values) if noun == "Transaction" else ():
            # Documented: without the right to one of its types it fails, although the others are allowed.
            self._books.rights.refuse_read(caller.user, kind)
        if noun in LISTS or noun in TRANSACTIONS or noun in COMBINED_QUERIES:
            result = query(self._books, self._iterators, request, caller)
        elif noun in QUERIES:
            result = QUERIES[noun](self._books, self._iterators, request, caller)
        else:
            raise refuse(1030)
        if noun in COMBINED_QUERIES or noun == "ReceivePaymentToDeposit":
            # An answer has one status (switch company.first-of-two-warnings).
            prefers_missing = self._books.settings["company.first-of-two-warnings"] == "500"
            result = _expressible(result, request, prefers_missing)
        outcome = result.status
        if request.warnings and outcome.code == 0:
            outcome = request.warnings[0]
        return self._answer(request, outcome, result.records, result.attributes)

    # ---- writing ----

    def _write(self, request: Request, caller: Caller, names: dict[str, str]) -> Made:
        noun, operation, books = request.noun, request.operation, self._books
        if noun != "Invoice" or "SetCredit" in _aggregate(request):
            macros.use(request.values, names)
        other = OTHER_WRITES.get((noun, operation))
        if other is not None:
            return other(books, caller, request)
        if noun not in LISTS and noun not in TRANSACTIONS and noun not in SPECIAL:
            raise refuse(1030)
        books.rights.refuse_write(caller.user, noun, operation)
        values = request.values[f"{noun}{operation}"]
        assert isinstance(values, dict), request.values
        if noun in TRANSACTIONS:
            saved, warnings, form = (table.add if operation == "Add" else table.modify)(books, noun, values)
            self._name(saved, form, names)
            answer = values_of(books, saved, _view(caller))
        else:
            if not caller.personal_data and not lists.PERSONAL.isdisjoint(values):
                raise refuse(3261, object="personal data")
            record = _change_list(books, noun, operation, values)
            noun, warnings = record.kind, []
            answer = lists.values_of(books, record, _view(caller))
        return [(f"{noun}Ret", answer)], warnings

    def _name(self, saved: Transaction, form: Form, names: dict[str, str]) -> None:
        """Remember the macros that an Add defines, of itself and of its lines."""
        if macros.DEFINES in form.said:
            macros.define(names, [(form.said, saved.txn_id)])
        for key, asked in form.lines.items():
            if any(macros.DEFINES in line.said for line in asked):
                made = [_inner(entry)["TxnLineID"] for entry in saved.lines[key]]
                macros.define(names, [(line.said, line_id) for line, line_id in zip(asked, made, strict=True)])
        cash_back = form.said.get("CashBackInfoAdd")
        if cash_back:
            macros.define(names, [(cash_back, saved.document["CashBackInfoRet"]["TxnLineID"])])


def _expressible(result: Result, request: Request, prefers_missing: bool) -> Result:
    """Leave out the records that a version cannot tell, and warn of the first (501, documented), or of one that is missing.

    They are those of kinds that it does not have yet, and those that lack what it must have: money of no customer that waits to be
    deposited, at 2.0 (switch company.row-not-expressible).
    """
    known = _records_of(request.version, f"{request.noun}QueryRs")
    if not known:
        return result
    records: list[tuple[str, object]] = []
    left_out: list[tuple[str, object]] = []
    for each in result.records:
        name, values = each
        assert isinstance(values, dict)
        (records if name in known and known[name] <= values.keys() else left_out).append(each)
    if not left_out:
        return result
    name, values = left_out[0]
    assert isinstance(values, dict)
    shown = values.get("FullName") or values.get("Name") or values.get("ListID") or values["TxnID"]
    missing = result.status.code == 500 and prefers_missing
    outcome = result.status if missing else status.of(501, object=name.removesuffix("Ret"), value=shown)
    return Result(outcome, records, result.attributes)


@cache
def _records_of(schema_number: str, name: str) -> dict[str, frozenset[str]]:
    """Return the records that an answer can hold at a version, with the elements that each must have; nothing when it tells them all."""
    message = schema_of(schema_number).message(name)
    assert message is not None, name
    found = elements_of(message.children)
    known = {
        each: frozenset(part.name for part in found[each].children if isinstance(part, Node) and part.minimum)
        for each in message.records
        if each in found
    }
    return {} if len(known) == len(message.records) and not any(known.values()) else known


def _inner(entry: object) -> Values:
    inner = entry[1] if isinstance(entry, tuple) else entry
    assert isinstance(inner, dict)
    return inner


def _view(caller: Caller) -> View:
    return WHOLE if caller.personal_data else View(personal_data=False)


def _change_list(books: "Books", noun: str, operation: str, values: Values) -> Record:
    if operation == "Mod":
        record = lists.modify(books, LISTS[noun], values)
        if noun == "Account" and values.get("OpenBalance"):
            open_balance(books, record, values)
        return record
    if noun in SPECIAL:
        return lists.add_special(books, noun, values)
    record = lists.add(books, LISTS[noun], values)
    open_balance(books, record, values)
    return record


# ---- the other writes --------------------------------------------------------------------------------------------------------------


def _remove(books: "Books", caller: Caller, request: Request) -> Made:
    kind, txn_id = str(request.values[f"Txn{request.operation}Type"]), str(request.values["TxnID"] or "")
    noun = TRANSACTIONS.get(kind)
    if noun is None or request.operation not in noun.operations:
        raise refuse(3120, value=txn_id)
    books.rights.refuse_write(caller.user, kind)
    transaction = (removal.delete if request.operation == "Del" else removal.void)(books, kind, txn_id)
    text = books.local_time.text
    records: list[tuple[str, object]] = [(f"Txn{request.operation}Type", kind), ("TxnID", txn_id)]
    if request.operation == "Del":
        records.append(("TimeDeleted", text(books.now())))
    else:
        records += [("TimeCreated", text(transaction.created)), ("TimeModified", text(transaction.modified))]
    if transaction.ref:
        records.append(("RefNumber", transaction.ref))
    return records, []


def _delete(books: "Books", caller: Caller, request: Request) -> Made:
    kind, list_id = str(request.values["ListDelType"]), str(request.values["ListID"] or "")
    books.rights.refuse_write(caller.user, kind)
    record = delete_record(books, kind, list_id, caller)
    records: list[tuple[str, object]] = [
        ("ListDelType", kind),
        ("ListID", list_id),
        ("TimeDeleted", books.local_time.text(books.now())),
        ("FullName", record.full_name),
    ]
    return records, []


def _merge(books: "Books", caller: Caller, request: Request) -> Made:
    kind = str(request.values["ListMergeType"])
    books.rights.refuse_write(caller.user, kind)
    source, target = merge(books, kind, request.values, caller)
    text = books.local_time.text
    gone = {"ListID": source.list_id, "TimeDeleted": text(books.now()), "FullName": source.full_name}
    stays = {
        "ListID": target.list_id,
        "TimeCreated": text(target.created),
        "TimeModified": text(target.modified),
        "EditSequence": str(target.modified),
        "FullName": target.full_name,
    }
    return [("ListMergeType", kind), ("MergedFrom", gone), ("MergedTo", stays)], []


def _clear(books: "Books", caller: Caller, request: Request) -> Made:
    books.rights.refuse_write(caller.user, "ClearedStatus")
    set_cleared(books, _aggregate(request))
    return [], []


def _display(books: "Books", caller: Caller, request: Request) -> Made:
    display(books, caller, request)
    return [], []


def _extension(books: "Books", caller: Caller, request: Request) -> Made:
    books.rights.refuse_write(caller.user, "DataExt")
    shown = books.custom_fields.write(_aggregate(request), request.operation)
    return [("DataExtDelRet" if request.operation == "Del" else "DataExtRet", shown)], []


def _definition(books: "Books", caller: Caller, request: Request) -> Made:
    books.rights.refuse_write(caller.user, "DataExtDef")
    fields = books.custom_fields
    if request.operation == "Del":
        owner, name = str(request.values["OwnerID"]), request.values["DataExtName"]
        dropped = fields.drop(owner, str(name or ""))
        gone = {"OwnerID": owner, "DataExtName": dropped.name, "TimeDeleted": books.local_time.text(books.now())}
        return [("DataExtDefDelRet", gone)], []
    values = _aggregate(request)
    made = fields.define(values) if request.operation == "Add" else fields.redefine(values)
    return [("DataExtDefRet", made.values)], []


def _map_1099(books: "Books", caller: Caller, request: Request) -> Made:
    books.rights.refuse_write(caller.user, "Form1099CategoryAccountMapping")
    return [("Form1099CategoryAccountMappingRet", about.map_form_1099(books, _aggregate(request)))], []


def _forget_lost_events(books: "Books", caller: Caller, request: Request) -> Made:
    """DataEventRecoveryInfoDel: a subscriber has caught up with the events it lost."""
    del caller
    subscriber = str(request.values["SubscriberID"])
    books.set_lost_events({each: moment for each, moment in books.lost_events.items() if each != subscriber})
    return [], []


def _aggregate(request: Request) -> Values:
    values = request.values[f"{request.noun}{request.operation}"]
    assert isinstance(values, dict)
    return values


Write = Callable[["Books", Caller, Request], Made]

OTHER_WRITES: Mapping[tuple[str, str], Write] = MappingProxyType(
    {
        ("Txn", "Del"): _remove,
        ("Txn", "Void"): _remove,
        ("List", "Del"): _delete,
        ("List", "Merge"): _merge,
        ("ClearedStatus", "Mod"): _clear,
        ("ListDisplay", "Add"): _display,
        ("ListDisplay", "Mod"): _display,
        ("TxnDisplay", "Add"): _display,
        ("TxnDisplay", "Mod"): _display,
        ("DataExt", "Add"): _extension,
        ("DataExt", "Mod"): _extension,
        ("DataExt", "Del"): _extension,
        ("DataExtDef", "Add"): _definition,
        ("DataExtDef", "Mod"): _definition,
        ("DataExtDef", "Del"): _definition,
        ("Form1099CategoryAccountMapping", "Mod"): _map_1099,
        ("DataEventRecoveryInfo", "Del"): _forget_lost_events,
    }
)
"""Writes that are neither an Add nor a Mod of a list or transaction."""


# ---- the other queries -------------------------------------------------------------------------------------------------------------


Query = Callable[["Books", Iterators, Request, Caller], Result]


def _one(name: str, read: Callable[["Books", Caller, Values], Values]) -> Query:
    """A query that is answered with one record."""

    def answer(books: "Books", _iterators: Iterators, request: Request, caller: Caller) -> Result:
        found = [(f"{name}Ret", read(books, caller, request.values))]
        return Result(status.of(0), narrowed(found, keep_of(request)), {})

    return answer


def _list(read: Callable[["Books", Values], list[tuple[str, object]]]) -> Query:
    """A query that is answered with the records at hand."""

    def answer(books: "Books", _iterators: Iterators, request: Request, _caller: Caller) -> Result:
        return listed(request, read(books, request.values))

    return answer


def _pages(source: Callable[["Books", Values], Source]) -> Query:
    """A query that can be read page by page."""

    def answer(books: "Books", iterators: Iterators, request: Request, caller: Caller) -> Result:
        return answered(iterators, request, caller, source(books, request.values))

    return answer


def _report(books: "Books", _iterators: Iterators, request: Request, caller: Caller) -> Result:
    return Result(status.of(0), [("ReportRet", reports.report(books, caller, request))], {})


def _definitions(books: "Books", values: Values) -> list[tuple[str, object]]:
    found = books.custom_fields.definitions(values.get("OwnerID") or (), values.get("AssignToObject") or ())
    return [("DataExtDefRet", each.values) for each in found]


def _lost_events(books: "Books", _caller: Caller, values: Values) -> Values:
    """DataEventRecoveryInfoQuery: when a subscriber began to lose events, if it did."""
    subscriber = str(values["SubscriberID"])
    lost = books.lost_events.get(subscriber)
    return {"SubscriberID": subscriber, **({"DataEventRecoveryTime": books.local_time.text(lost)} if lost is not None else {})}


QUERIES: Mapping[str, Query] = MappingProxyType(
    {
        "Host": _one("Host", about.host),
        "Company": _one("Company", about.company),
        "CompanyActivity": _one("CompanyActivity", about.activity),
        "Preferences": _one("Preferences", about.preferences),
        "AccountTaxLineInfo": _list(about.tax_lines),
        "Form1099CategoryAccountMapping": _one(
            "Form1099CategoryAccountMapping", lambda books, _caller, values: about.form_1099(books, values)
        ),
        "ListDeleted": _list(deleted.lists),
        "TxnDeleted": _list(deleted.transactions),
        "BillToPay": _list(due.bills),
        "SalesTaxPayable": _list(due.sales_tax),
        "ReceivePaymentToDeposit": _list(due.deposits),
        "Transaction": _pages(register.source),
        "ItemSites": _pages(stocked.sites),
        "BarCode": _pages(stocked.bar_codes),
        "ItemAssembliesCanBuild": _list(stocked.can_be_built),
        "DataExtDef": _list(_definitions),
        "DataEventRecoveryInfo": _one("DataEventRecoveryInfo", _lost_events),
        **dict.fromkeys(sorted(reports.REPORTS), _report),
    }
)
"""Queries that are neither of a list nor of one kind of transaction."""


def known_nouns() -> dict[str, tuple[str, ...]]:
    """Return noun -> operations of all that a company answers. For the coverage page."""
    known: dict[str, set[str]] = {noun.name: set(noun.operations) for noun in LISTS.values()}
    for each in TRANSACTIONS.values():
        known[each.name] = set(each.operations & {"Add", "Mod", "Query"})
    for noun in (*COMBINED_QUERIES, *QUERIES):
        known.setdefault(noun, set()).add("Query")
    for noun in SPECIAL:
        known.setdefault(noun, set()).add("Add")
    for noun, operation in OTHER_WRITES:
        known.setdefault(noun, set()).add(operation)
    return {noun: tuple(sorted(known[noun])) for noun in sorted(known)}
