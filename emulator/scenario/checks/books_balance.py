"""I19, books balance: what each customer owes is the sum of the invoices less credits and payments; what is owed to each vendor, the same of bills.

Records that stood in the books when the story began are in the balances it began with.

Reads: the books alone. Inconclusive when no balance was handed in.
"""

from collections.abc import Mapping
from typing import Final

from emulator.scenario.evidence import Booked, Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def books_balance(evidence: Evidence) -> Finding:
    """Judge I19."""
    wrong = Violations("I19")
    for what, signs, told, before in (
        ("customer", RECEIVABLE, evidence.receivables, evidence.receivables_before),
        ("vendor", PAYABLE, evidence.payables, evidence.payables_before),
    ):
        sums = _sums(evidence, signs, before)
        if evidence.receivables or evidence.payables:
            _judge_untold(evidence, wrong, what, signs, {name.casefold() for name in told})
        for name in sorted(told):
            wrong.tested += 1
            due = sums.get(name.casefold(), 0)
            if told[name] != due:
                sentence = f"{what} {name}: the books say {told[name] / 100:,.2f}, the documents come to {due / 100:,.2f}"
                row = {"lane": "quickbooks", "kind": "in-the-books", "document": what, "party": name, "total_cents": told[name]}
                wrong.add(row, sentence)
    passed = f"{counted(wrong.tested, 'balance')}, each the sum of its documents"
    return wrong.finding(passed, "no balance was read from the books")


def _judge_untold(evidence: Evidence, wrong: Violations, what: str, signs: Mapping[str, int], told: set[str]) -> None:
    """Look for documents of this story whose customer or vendor has no balance: the books must tell one of everybody they post to."""
    missing: dict[str, Booked] = {}
    for record in evidence.made_in_story:
        if record.kind in signs and record.party.casefold() not in told:
            missing.setdefault(record.party.casefold(), record)
    for record in missing.values():
        wrong.tested += 1
        sentence = f"{what} {record.party} has {record.kind} {record.number or record.id} in the books, and the books tell no balance of him"
        wrong.add(record.as_row(), sentence)


def _sums(evidence: Evidence, signs: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    sums = {name.casefold(): cents for name, cents in before.items()}
    for record in evidence.made_in_story:
        if record.kind in signs:
            name = record.party.casefold()
            sums[name] = sums.get(name, 0) + signs[record.kind] * record.total_cents
    return sums


RECEIVABLE: Final = {"invoice": 1, "statement-charge": 1, "credit-memo": -1, "payment": -1}
"""Which kinds of records change what a customer owes, and which way (documented: double entry, accounts receivable)."""

PAYABLE: Final = {"bill": 1, "vendor-credit": -1, "bill-payment": -1}
"""The same for what is owed to a vendor."""
