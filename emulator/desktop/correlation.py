"""Correlation: what the journal says of a request so that checks can follow one document from the platform side to the books.

| fact | meaning | from |
|---|---|---|
| request | `InvoiceAddRq` | the request |
| number | RefNumber written or asked for | the request |
| party | full name of customer, vendor or entity; of a list entry its own name | the request |
| key | the platform's key, `[key:...]` in the memo | the request |
| total_cents | what the document comes to | the answer's record; else the lines of the request |
| id | TxnID or ListID of what was written | the answer's record |
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.qbxml import Answer, Request

KEY: Final = re.compile(r"\[key:([^\]\s]{1,64})\]")
"""How a connector marks a transaction as the platform's document (our own convention). A connector writes it at the end: the last one counts,
since the words before it come from people and may hold anything."""

SCALE: Final = 100_000
"""Units in one whole quantity or rate."""

PARTY_FIELDS: Final = ("CustomerRef", "VendorRef", "PayeeEntityRef", "EntityRef")
MEMO_FIELDS: Final = ("Memo", "Notes", "Desc")


def facts_of_request(request: Request) -> dict[str, Any]:
    """Return the facts of a request as it came."""
    facts: dict[str, Any] = {"request": request.name}
    for values in _levels(request.values):
        _add(facts, "number", _first(values.get("RefNumber")))
        _add(facts, "party", _party(values))
        _add(facts, "key", _key(values))
    if request.operation not in ("Query", "Del", "Void"):
        _add(facts, "total_cents", _sum_of_lines(request.values))
    return facts


def facts_of_written(answer: Answer) -> dict[str, Any]:
    """Return the facts of what a write left in the books; empty for a query and for a refusal."""
    facts: dict[str, Any] = {}
    for name, values in answer.written:
        if not isinstance(values, Mapping):
            # A deletion is answered with leaves.
            _add(facts, "id" if name in ("TxnID", "ListID") else "", values)
            continue
        _add(facts, "id", values.get("TxnID"))
        _add(facts, "id", values.get("ListID"))
        _add(facts, "number", values.get("RefNumber"))
        _add(facts, "party", _party(values))
        _add(facts, "key", _key(values))
        _add(facts, "total_cents", _total(values))
    return facts


def _levels(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the aggregate of a request and the one inside it (`InvoiceAdd`), never the lines."""
    yield values
    for value in values.values():
        if isinstance(value, Mapping):
            yield value


def _add(facts: dict[str, Any], name: str, value: Any) -> None:
    if name and value is not None and name not in facts:
        facts[name] = value


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _party(values: Mapping[str, Any]) -> str | None:
    for name in PARTY_FIELDS:
        reference = values.get(name)
        if isinstance(reference, Mapping):
            found = _first(reference.get("FullName")) or _first(reference.get("ListID"))
            return None if found is None else str(found)
    named = _first(values.get("FullName")) or values.get("Name")
    return named if isinstance(named, str) else None


def _key(values: Mapping[str, Any]) -> str | None:
    for name in MEMO_FIELDS:
        memo = values.get(name)
        found = key_in(memo) if isinstance(memo, str) else ""
        if found:
            return found
    return None


def key_in(memo: str) -> str:
    """Return the platform's key that a memo carries as `[key:KEY]`, the last one if there are several; empty when it carries none."""
    marks = KEY.findall(memo)
    return str(marks[-1]) if marks else ""


def _total(values: Mapping[str, Any]) -> int | None:
    if isinstance(values.get("Subtotal"), int):
        tax = values.get("SalesTaxTotal")
        return int(values["Subtotal"]) + (tax if isinstance(tax, int) else 0)
    for name in ("TotalAmount", "AmountDue", "Amount"):
        if isinstance(values.get(name), int):
            return int(values[name])
    return None


def _sum_of_lines(values: Mapping[str, Any]) -> int | None:
    lines = [line for level in _levels(values) for name, value in level.items() if "Line" in name for line in _lines(value)]
    amounts = [_amount(line) for line in lines]
    return sum(amount for amount in amounts if amount is not None) if any(amount is not None for amount in amounts) else None


def _lines(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else ():
        line = each[1] if isinstance(each, tuple) else each
        if isinstance(line, Mapping):
            yield line


def _amount(line: Mapping[str, Any]) -> int | None:
    amount = line.get("Amount")
    if isinstance(amount, int):
        return amount
    quantity, rate = line.get("Quantity"), line.get("Rate", line.get("Cost"))
    if isinstance(quantity, int) and isinstance(rate, int):
        # Units of 0.00001 x 0.00001 of the currency to cents, halves away from zero.
        product = quantity * rate
        cents = (abs(product) + SCALE * SCALE // 200) // (SCALE * SCALE // 100)
        return cents if product >= 0 else -cents
    return None
