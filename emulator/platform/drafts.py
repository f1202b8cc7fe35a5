"""A draft: a document before the platform side has accepted it. It has no key and no number yet."""

from dataclasses import dataclass, field

from emulator.core.documents import TRANSACTION_KINDS, Document, DocumentKind, Line


@dataclass(frozen=True)
class Draft:
    """What a person or an order makes, to become a document when it is accepted.

    Attributes:
        kind: invoice, bill, customer, vendor, product.
        party: full name of the customer or vendor; for a product its name.
        date: YYYY-MM-DD.
        lines: lines of a transaction; none for list entries.
        memo: free text for people.
        fields: further fields of list entries.
    """

    kind: DocumentKind
    party: str
    date: str
    lines: tuple[Line, ...] = ()
    memo: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def is_transaction(self) -> bool:
        """Return whether it becomes an invoice or a bill, which have a number."""
        return self.kind in TRANSACTION_KINDS

    def document(self, key: str, number: str) -> Document:
        """Return the document with its key and number; its total is the sum of its lines."""
        total_cents = sum(line.amount_cents for line in self.lines)
        return Document(
            key, self.kind, number, self.party, self.date, self.lines, total_cents, memo=self.memo, fields=dict(self.fields)
        )
