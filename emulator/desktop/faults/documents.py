"""Faults of documents: what an accountant does to those that a program posted, and what he types beside them."""

from collections.abc import Mapping
from typing import Any, Final

from emulator.core.errors import UserMistake
from emulator.desktop.faults.by_hand import FIRST, NAMED_BY, Entry, Hand, aggregate_of, takes
from emulator.desktop.faults.points import AFTER_COMMIT, BEFORE_COMMIT, Effect, Needs, Situation
from emulator.desktop.operations import Operation
from emulator.faults import Kind, Parameter, Strike
from emulator.faults.kinds import CENTS_MOST
from emulator.qbxml import SCALE

# ---- a document that was posted --------------------------------------------------------------------------------------------------


def _human_edit(situation: Situation, strike: Strike) -> Operation[None]:
    """Edit, void or delete the document that the struck request has written."""
    hand = Hand(situation.quickbooks.office, strike)
    assert situation.answer is not None
    (document,) = [
        Entry(name.removesuffix("Ret"), values)
        for name, values in situation.answer.written
        if isinstance(values, Mapping) and name.endswith("Ret")
    ][:1]
    op = hand.parameter("op")
    what = f"{_DOES[op]} {document.noun} {document.name!r}"
    if op in ("void", "delete"):
        operation = {"void": "Void", "delete": "Del"}[op]
        values = {f"Txn{operation}Type": document.noun, "TxnID": document.identity[1]}
        hand.attempt(what, lambda: _quietly(hand.write(f"Txn{operation}", values, what)))
    else:
        hand.attempt(what, lambda: hand.change(document, _edited(hand, document, op), what))
    yield from ()


_DOES: Final = {"amount": "changes the amount of", "memo": "changes the memo of", "void": "voids", "delete": "deletes"}


def _quietly(_: object) -> None:
    """Take no notice of what was written."""


def _edited(hand: Hand, document: Entry, op: str) -> dict[str, Any]:
    """Return what an edit changes. Raises UserMistake for a document that has not what it changes."""
    if op == "memo":
        if not takes(document.noun, "Mod", "Memo"):
            raise UserMistake(f"{document.noun} has no memo that can be changed")
        return {"Memo": hand.parameter("memo")}
    lines = hand.ask(document.noun, TxnID=[document.identity[1]], IncludeLineItems=True)
    by_cents = int(hand.parameter("by_cents"))
    for name, value in (lines[0].values if lines else {}).items():
        if "LineRet" not in name or not isinstance(value, list):
            continue
        changed, found = _changed_lines(name, value, by_cents)
        if found:
            return {name.replace("Ret", "Mod"): changed}
    raise UserMistake(f"{document.noun} {document.name!r} has no line with an amount")


def _changed_lines(name: str, lines: list[Any], by_cents: int) -> tuple[list[Any], bool]:
    """Return all lines of a list as a Mod keeps them, the first with an amount changed; and whether there is one."""
    changed, found = list[Any](), False
    for each in lines:
        kind, line = each if isinstance(each, tuple) else (name, each)
        kept: dict[str, Any] = {"TxnLineID": line["TxnLineID"]}
        if not found and "Group" not in kind and isinstance(line.get("Amount"), int):
            kept["Amount"], found = line["Amount"] + by_cents, True
        changed.append((kind.replace("Ret", "Mod"), kept) if isinstance(each, tuple) else kept)
    return changed, found


# ---- a document that somebody types beside it --------------------------------------------------------------------------------------


def _same_number(situation: Situation, strike: Strike) -> Operation[None]:
    _type_beside(situation, strike, _number_of(situation))
    yield from ()


def _next_number(situation: Situation, strike: Strike) -> Operation[None]:
    _type_beside(situation, strike, None)
    yield from ()


def _number_of(situation: Situation) -> str:
    """Return the number of the document that the struck Add writes, or has written."""
    for _, record in situation.answer.written if situation.answer is not None else ():
        if isinstance(record, Mapping) and record.get("RefNumber"):
            return str(record["RefNumber"])
    assert situation.request is not None
    return str(aggregate_of(situation.request).get("RefNumber") or "")


_NOT_TYPED: Final = frozenset({"RefNumber", "ExternalGUID", "LinkToTxnID", "SetCredit", "@defMacro"})
"""Elements of an Add that the accountant's own document has not: they tie it to others, or identify it."""


def _type_beside(situation: Situation, strike: Strike, number: str | None) -> None:
    """Type a document like the struck one for another party: under that number, or under QuickBooks' own proposal."""
    request = situation.request
    assert request is not None
    hand = Hand(situation.quickbooks.office, strike)
    values = {name: value for name, value in aggregate_of(request).items() if name not in _NOT_TYPED}
    if takes(request.noun, "Add", "Memo"):
        values["Memo"] = "typed by hand"
    if number is not None:
        values["RefNumber"] = number
    said = f"numbered {number}" if number else "with the number that QuickBooks proposes"
    what = f"types {request.noun} {said}"

    def type_it() -> None:
        for element in NAMED_BY["party"][1]:
            if element in values:
                values[element] = {"FullName": _other_party(hand, values[element])}
        hand.write(f"{request.noun}Add", {f"{request.noun}Add": values}, what)

    hand.attempt(what, type_it)


def _other_party(hand: Hand, party: Mapping[str, Any]) -> str:
    """Return who stands on the accountant's document, by full name."""
    wanted, by = hand.parameter("party"), "ListID" if party.get("ListID") else "FullName"
    known = hand.ask("Entity", **{by: [party.get(by)]})
    if not known:
        raise UserMistake(f"there is no {party.get(by)!r} in the books")
    own = known[0]
    if wanted == "same":
        return own.name
    found = hand.ask(own.noun, MaxReturned=50) if wanted in (FIRST, "other") else hand.ask(own.noun, FullName=[wanted])
    others = [each for each in found if wanted != "other" or each.identity != own.identity]
    if not others:
        raise UserMistake(f"there is no {own.noun} for {wanted!r} in the books")
    return others[0].name


# ---- a cent ---------------------------------------------------------------------------------------------------------------------------


def _cent_off(situation: Situation, strike: Strike) -> Operation[None]:
    """Round the first line with an amount otherwise, before the request is carried out: the books hold what the answer says."""
    assert situation.request is not None
    line = line_with_amount(situation.request)
    assert line is not None
    off = int(strike.parameters["off_cents"])
    if not isinstance(line.get("Amount"), int):
        line["Amount"] = _product(line)
    line["Amount"] += off
    # With an amount of its own the rate would be worked out anew, or ignored with a warning.
    for name in ("Rate", "RatePercent", "Cost"):
        line.pop(name, None)
    yield from ()


def line_with_amount(request: Any) -> dict[str, Any] | None:
    """Return the first line of an Add or Mod that says what it comes to; None when no line does."""
    for name, value in aggregate_of(request).items():
        if "Line" not in name or not isinstance(value, list):
            continue
        for each in value:
            line = each[1] if isinstance(each, tuple) else each
            if isinstance(line, dict) and (isinstance(line.get("Amount"), int) or _product(line)):
                return line
    return None


def _product(line: Mapping[str, Any]) -> int:
    """Return quantity times rate in cents, half a cent away from zero; 0 when one of them is not given."""
    quantity, rate = line.get("Quantity"), line.get("Rate", line.get("Cost"))
    if not isinstance(quantity, int) or not isinstance(rate, int):
        return 0
    unit = SCALE * SCALE // 100
    cents = (abs(quantity * rate) + unit // 2) // unit
    return cents if quantity * rate >= 0 else -cents


def _has_document(situation: Situation) -> bool:
    """Return whether a document stands in the books that the struck request has written."""
    written = situation.answer.written if situation.answer is not None else ()
    return any(name.endswith("Ret") and isinstance(values, Mapping) and "TxnID" in values for name, values in written)


def _has_number(situation: Situation) -> bool:
    """Return whether the struck request adds a document with a number, or has added one."""
    request = situation.request
    if request is None or request.operation != "Add" or (situation.answer is not None and not _has_document(situation)):
        return False
    return takes(request.noun, "Add", "RefNumber") and bool(_number_of(situation))


NEEDS: Final[Needs] = {
    "a document written": ("the request has written no document", lambda call, _: _has_document(call)),
    "a numbered document": ("the request adds no document with a number", lambda call, _: _has_number(call)),
    "a line with an amount": (
        "the request has no line with an amount",
        lambda call, _: call.request is not None and line_with_amount(call.request) is not None,
    ),
}
"""What kinds of this family need."""

EFFECTS: Final[dict[str, Effect]] = {
    "human-edit": _human_edit,
    "same-number": _same_number,
    "next-number": _next_number,
    "cent-off": _cent_off,
}
"""What each effect of this family does to a call."""

_PARTY: Final = {
    "party": Parameter(
        "other", "who stands on it: `other`, the first one of that kind but the program's; `same`; `first`; a full name"
    )
}

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "human-edit",
        "QB20",
        (AFTER_COMMIT,),
        "human-edit",
        "An accountant edits, voids or deletes a document as soon as a program has posted it. It stays so.",
        "not make a deleted document again, and tell people where the books and the platform differ",
        False,
        {
            "op": Parameter("amount", "what is done to the document", tuple(_DOES)),
            "by_cents": Parameter(
                100, "by how much the first line with an amount changes, cents", least=-CENTS_MOST, most=CENTS_MOST
            ),
            "memo": Parameter("changed by hand", "the new memo"),
        },
        needs=("a document written",),
    ),
    Kind(
        "same-number-accepted",
        "QB37",
        (AFTER_COMMIT, BEFORE_COMMIT),
        "same-number",
        "Somebody types a second document with the number of the program's: QuickBooks saves both, as the switches "
        "company.duplicate-invoice-number and company.duplicate-bill-number say. It stays.",
        "see to it itself that its numbers are its own, and never take a number alone for its document",
        False,
        _PARTY,
        needs=("a numbered document",),
    ),
    Kind(
        "ui-number-collision",
        "QB41",
        (AFTER_COMMIT,),
        "next-number",
        "The accountant's next document gets the number after the program's last one, by QuickBooks' own proposal. It stays.",
        "ask by customer, amount and key, not by number alone, before it takes a document for its own",
        False,
        _PARTY,
        needs=("a numbered document",),
    ),
    Kind(
        "cent-off",
        "QB40",
        (BEFORE_COMMIT,),
        "cent-off",
        "QuickBooks rounds otherwise than expected: a line, and with it the document and its tax, comes to a cent more or less.",
        "compare the totals that come back with its own, and report a difference instead of posting a correction",
        False,
        {
            "off_cents": Parameter(
                1, "by how much the first line with an amount differs, cents", least=-CENTS_MOST, most=CENTS_MOST
            )
        },
        needs=("a line with an amount",),
        nothing_at=({"off_cents": 0},),
    ),
)
"""The kinds of fault of this family."""
