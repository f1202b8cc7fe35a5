"""Documents: the plain values that the platform side and the connector exchange through port 8891.

The real wire protocol of the first user's platform is not public (question Q9: a plug-in); this is our own: JSON over HTTP.

| call | answer |
|---|---|
| POST /v1/documents, body a document | 200 posted · 422 refused (for good) · 503 unavailable (not known: send again, same key) |
| GET /v1/balance?customer=FULL NAME | 200 {"balance_cents", "as_of"} · 404 · 503 |
| GET /v1/status | 200 {"light", "reason"} |

Amounts are whole cents; quantities and rates are whole numbers of 0.00001, as QuickBooks keeps five decimals.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

SCALE: Final = 100_000
"""Units in one whole quantity or one currency unit of rate."""

DocumentKind = Literal["invoice", "bill", "customer", "vendor", "product"]
TRANSACTION_KINDS: Final = ("invoice", "bill")
LIST_KINDS: Final = ("customer", "vendor", "product")

KEY_LENGTH_MAX: Final = 24
"""A key fits a newMessageSetID of QuickBooks (24 characters, documented), so that a connector may use it as one."""


@dataclass(frozen=True)
class Line:
    """One line of an invoice or a bill.

    Attributes:
        item: the full name of the QuickBooks item.
        description: free text.
        quantity: units of 0.00001.
        rate: units of 0.00001 of the currency, for one.
        amount_cents: what the line comes to.
    """

    item: str
    description: str
    quantity: int
    rate: int
    amount_cents: int


@dataclass(frozen=True)
class Document:
    """What the platform side wants to stand in QuickBooks.

    Attributes:
        key: made once by the platform side, unique for ever; the same document is always sent with the same key.
        kind: invoice, bill (transactions); customer, vendor, product (list entries).
        number: what people see on it (RefNumber of a transaction); empty for list entries.
        party: full name of the customer or vendor; for a product its name.
        date: YYYY-MM-DD.
        total_cents: sum of the lines; 0 for list entries.
        memo: free text for people.
        fields: further fields of list entries (company, address, price in units of 0.00001, account ...).
    """

    key: str
    kind: DocumentKind
    number: str
    party: str
    date: str
    lines: tuple[Line, ...] = ()
    total_cents: int = 0
    memo: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Document":
        """Return the document that `as_json` told of; raises ValueError with the field's name when it is not one."""
        try:
            lines = tuple(_line(each) for each in values.get("lines", ()))
            document = cls(
                key=_text(values, "key"),
                kind=_kind(values),
                number=_text(values, "number"),
                party=_text(values, "party"),
                date=_text(values, "date"),
                lines=lines,
                total_cents=_whole(values, "total_cents"),
                memo=_text(values, "memo"),
                fields={str(name): str(value) for name, value in dict(values.get("fields", {})).items()},
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a document: {error}") from error
        if not 0 < len(document.key) <= KEY_LENGTH_MAX:
            raise ValueError(f"key {document.key!r}: 1 to {KEY_LENGTH_MAX} characters")
        if sum(line.amount_cents for line in lines) != document.total_cents:
            raise ValueError(f"total_cents {document.total_cents} is not the sum of the lines")
        return document


def _text(values: dict[str, Any], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {value!r}")
    return value


def _whole(values: dict[str, Any], name: str) -> int:
    value = values[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    return value


def _kind(values: dict[str, Any]) -> DocumentKind:
    for kind in ("invoice", "bill", "customer", "vendor", "product"):
        if values["kind"] == kind:
            return kind
    raise TypeError(f"kind must be one of {', '.join((*TRANSACTION_KINDS, *LIST_KINDS))}, not {values['kind']!r}")


def _line(values: dict[str, Any]) -> Line:
    return Line(
        item=_text(values, "item"),
        description=_text(values, "description"),
        quantity=_whole(values, "quantity"),
        rate=_whole(values, "rate"),
        amount_cents=_whole(values, "amount_cents"),
    )


Outcome = Literal["posted", "refused", "unavailable"]


@dataclass(frozen=True)
class Reply:
    """What a connector answers to a document.

    Attributes:
        outcome: posted (it stands in QuickBooks now), refused (QuickBooks will never take it as it is), unavailable (try again, same key).
        txn_id: TxnID or ListID of what stands there; empty unless posted.
        already: True when it was there before this call.
        code: status code or result code behind a refusal, for people.
        reason: one sentence for people.
    """

    outcome: Outcome
    txn_id: str = ""
    already: bool = False
    code: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the reply as JSON values."""
        return asdict(self)

    @property
    def http_status(self) -> int:
        """Return the HTTP status that carries it."""
        return {"posted": 200, "refused": 422, "unavailable": 503}[self.outcome]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Reply":
        """Return the reply; raises ValueError when the values are none."""
        outcome = values.get("outcome")
        if outcome not in ("posted", "refused", "unavailable"):
            raise ValueError(f"not a reply: outcome {outcome!r}")
        return cls(
            outcome=outcome,
            txn_id=str(values.get("txn_id", "")),
            already=bool(values.get("already", False)),
            code=str(values.get("code", "")),
            reason=str(values.get("reason", "")),
        )
