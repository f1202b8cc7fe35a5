"""A transaction as an answer tells it (`InvoiceRet`), in the shape in which its Add would ask for it.

An Add has fewer elements than an answer: what it does not have is left out here and laid over what the rules make of the rest. Amounts
win over rates and quantities in the rules, so the figures of lines come out as they were told.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from emulator.company.asked.register import signed
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.rules.form import Form, Line
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import Draft, line_dicts, part_of_group
from emulator.qbxml import VERSIONS, schema_of
from emulator.qbxml.schema import Model, Node, elements_of

if TYPE_CHECKING:
    from emulator.company.books import Books


def form_of_answer(books: "Books", kind: str, values: Values) -> Form:
    """Return the form of the Add that would make the transaction of an answer; links of credits and orders are not in it."""
    noun = TRANSACTIONS[kind]
    elements = _elements(f"{kind}AddRq")[f"{kind}Add"]
    header = _taken(values, elements.children)
    # An Add without a number or date would take the next one, and today.
    header["RefNumber"] = values.get("RefNumber")
    header |= {name: value for name, value in _special_header(kind, values).items() if value is not None}
    lines: dict[str, list[Line]] = {}
    for each in noun.lines:
        header.pop(each.add, None)
        made = [_line(books, kind, name, told, elements.children) for name, told in entries(values.get(each.ret), each.ret)]
        lines[each.ret] = made
    return Form(kind, header, lines, None, header)


def entries(lines: list[Any] | None, key: str) -> Iterator[tuple[str, Values]]:
    """Yield the element and the values of each line of a list, whatever it looks like."""
    for entry in lines or ():
        yield entry if isinstance(entry, tuple) else (key, entry)


def _special_header(kind: str, values: Values) -> Values:
    """Return what an Add calls by another name than the answer."""
    if kind in ("ReceivePayment", "BillPaymentCheck", "BillPaymentCreditCard"):
        parts = [
            {
                "TxnID": part["TxnID"],
                "PaymentAmount": part.get("Amount") or 0,
                **{name: part[name] for name in _DISCOUNT if part.get(name) is not None},
            }
            for part in values.get("AppliedToTxnRet") or ()
            if part.get("TxnType") != "ARRefundCreditCard"  # a refund names the payment that it pays back itself
        ]
        total = {} if kind == "ReceivePayment" else {"Amount": values.get("Amount")}
        return {"AppliedToTxnAdd": parts, **total}
    if kind == "ARRefundCreditCard":
        told = values.get("RefundAppliedToTxnRet") or ()
        return {"RefundAppliedToTxnAdd": [{name: part.get(name) for name in ("TxnID", "RefundAmount")} for part in told]}
    if kind == "Deposit" and values.get("CashBackInfoRet"):
        return {"CashBackInfoAdd": {name: each for name, each in values["CashBackInfoRet"].items() if name != "TxnLineID"}}
    if kind == "BuildAssembly":
        # There was enough of everything when it was built; whether it is pending is told.
        return {"MarkPendingIfRequired": True}
    return {}


_DISCOUNT: Final = ("DiscountAmount", "DiscountAccountRef", "DiscountClassRef")


def _line(books: "Books", kind: str, name: str, told: Values, around: Model) -> Line:
    if kind == "InventoryAdjustment":
        # In the shape of a Mod, which names the differences themselves. Pieces go at average cost unless their value is said.
        valued = told.get("~valued") or not told.get("QuantityDifference")
        names = (*_ADJUSTED, "ValueDifference") if valued else _ADJUSTED
        return Line(name, {each: told[each] for each in names if told.get(each) is not None})
    asked = name.removesuffix("Ret") + "Add" if name.endswith("Ret") else name
    said = _taken(told, _elements_of(around)[asked].children)
    if kind == "Deposit" and told.get("TxnID"):
        said = _deposited(books, told)
    if kind == "TransferInventory":
        said["QuantityToTransfer"] = told.get("QuantityTransferred")
    if told.get("RatePercent") is not None:
        # A percentage acts on what stands above it, also on its tax; an amount beside it would make a flat line of it.
        said.pop("Amount", None)
    line = Line(name, said)
    if line.is_group:
        inner = part_of_group(name)
        line.parts = [_line(books, kind, inner, part, around) for part in told.get(inner) or ()]
    return line


_ADJUSTED: Final = (
    "ItemRef", "QuantityDifference", "SerialNumber", "LotNumber", "ExpirationDateForSerialLotNumber", "InventorySiteLocationRef",
)  # fmt: skip


def _deposited(books: "Books", told: Values) -> Values:
    """Return the line that takes a payment to the bank; its row in the ledger is named where several may be meant."""
    said: Values = {"PaymentTxnID": told["TxnID"]}
    line_id = told.get("PaymentTxnLineID")
    if line_id and books.store.execute("SELECT 1 FROM posting WHERE line_id = ?", (line_id,)).fetchone():
        said["PaymentTxnLineID"] = line_id
    given = (("OverrideMemo", "Memo"), ("OverrideCheckNumber", "CheckNumber"), ("OverrideClassRef", "ClassRef"))
    return said | {asked: told[name] for asked, name in given if told.get(name) is not None}


def _taken(values: Values, model: Model) -> Values:
    """Return those of the values that a content model has too."""
    taken: Values = {}
    for name, node in _elements_of(model).items():
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            taken[name] = _taken(value, node.children)
        elif isinstance(value, list) and node.children:
            taken[name] = [_taken(each, node.children) for each in value if isinstance(each, dict)]
        else:
            taken[name] = value
    return taken


@cache
def _elements(message: str) -> dict[str, Node]:
    found = schema_of(VERSIONS[-1]).message(message)
    assert found is not None, message
    return _elements_of(found.children)


@cache
def _elements_of(model: Model) -> dict[str, Node]:
    """Return the elements of a content model by name, those of its choices too."""
    return elements_of(model)


def lay_over(kind: str, made: dict[str, list[Any]], told: Values, keep: Any) -> bool:
    """Lay the lines of an answer over those that the rules made, in place, so that rows of the ledger stay with their lines.

    Args:
        kind: the noun.
        made: answer key -> lines, as a rule made them.
        told: the values of the answer.
        keep: which part of a line is kept as it was told, see `transaction_answers.line_in`.

    Returns: whether both have the same lines.
    """
    for key, lines in made.items():
        pairs_made = list(line_dicts({key: lines}))
        pairs_told = list(line_dicts({key: told.get(key) or []}))
        if len(pairs_made) != len(pairs_told):
            return False
        for ours, theirs in zip(pairs_made, pairs_told, strict=True):
            nested = {
                name: value for name, value in ours.items() if isinstance(value, list) and value and isinstance(value[0], dict)
            }
            hidden = {name: value for name, value in ours.items() if name.startswith("~")}
            ours.clear()
            ours.update({**keep(kind, theirs), **nested, **hidden})
    return True


@cache
def needed_elements(noun: str) -> frozenset[str]:
    """Return the elements of an answer without which a record cannot be made again: those that its Add must have."""
    message = schema_of(VERSIONS[-1]).message(f"{noun}AddRq")
    if message is None:
        return frozenset()
    made = _elements(f"{noun}AddRq")[f"{noun}Add"]
    answer = schema_of(VERSIONS[-1]).message(f"{noun}QueryRs")
    told = _elements_of(_elements_of(answer.children)[f"{noun}Ret"].children) if answer is not None else {}
    return frozenset(part.name for part in made.children if isinstance(part, Node) and part.minimum and part.name in told)


def standing_as_told(books: "Books", draft: Draft, told: list[Values]) -> list[Posting]:
    """Return the rows of a void transaction as the rows of the ledger tell them: accounts and names, and nothing in them."""
    lines = {line["TxnLineID"]: line for line in line_dicts(draft.lines) if line.get("TxnLineID")}
    held = books.references.held
    rows = []
    for row in told:
        account = books.records.by_id("account", row["AccountRef"].get("ListID") or "")
        if account is None:
            continue
        line = lines.get(row["TxnLineID"])
        if line is not None:
            item, klass = held("ItemRef", line), held("ClassRef", line)
        else:
            # What has no line of its own (a charge) has its item and class on the row that the rules make.
            made = next((each for each in draft.postings if each.account.number == account.number), None)
            item, klass = (made.item, made.klass) if made is not None else (None, None)
        name = held("EntityRef", row)
        rows.append(
            Posting(
                account,
                name,
                0,
                line,
                item,
                0 if item is not None else None,
                klass,
            )
        )
    return rows


def post_as_told(books: "Books", draft: Draft, told: list[Values]) -> None:
    """Let a draft, whose lines have their TxnLineIDs, post to the accounts that the rows of the ledger tell.

    A row belongs to the line of its TxnLineID, the header's to no line. Amounts stay those of the rules; only accounts are taken, and rows
    of nothing that are not told are left out: a Mod that takes the tax away leaves none, an Add without tax would make one.
    """
    of_lines = {str(line.get("TxnLineID")) for line in line_dicts(draft.lines)}
    rows: dict[str, list[tuple[Record, int]]] = {}
    for row in told:
        account = books.records.by_id("account", row["AccountRef"].get("ListID") or "")
        if account is None:
            continue
        line_id = str(row["TxnLineID"])
        cents = signed(books, account.number, row.get("Amount") or 0)
        rows.setdefault(line_id if line_id in of_lines else "", []).append((account, cents))
    untold: list[int] = []
    for place, posting in enumerate(draft.postings):
        mine = rows.get(str(posting.line["TxnLineID"]) if posting.line is not None else "", [])
        alike = [each for each in mine if each[1] == posting.cents]
        found = next((each for each in alike if each[0] is posting.account), alike[0] if alike else None)
        if found is not None:
            mine.remove(found)
            draft.postings[place] = posting._replace(account=found[0])
        elif not posting.cents and not _has_yet_to_be_valued(draft, posting):
            untold.append(place)
    left = {account.number for mine in rows.values() for account, cents in mine if not cents}
    for place in reversed(untold):
        if draft.postings[place].account.number not in left:
            del draft.postings[place]
    for movement in draft.movements:
        if movement.line is None or movement.value_cents is not None or not movement.valued or movement.built_into is not None:
            continue
        # At average cost: the row with the sign of the pieces is the asset, the other one where they come from or go to.
        for account, cents in rows.get(str(movement.line["TxnLineID"]), []):
            if cents and (cents > 0) == (movement.quantity > 0):
                movement.asset = account
            elif cents:
                movement.other = account


def _has_yet_to_be_valued(draft: Draft, posting: Posting) -> bool:
    """Return whether a row has no amount because stock gives it one when it is put away."""
    built = any(movement.built_into is not None for movement in draft.movements)
    return any(movement.line is posting.line for movement in draft.movements) or (built and posting.line is None)
