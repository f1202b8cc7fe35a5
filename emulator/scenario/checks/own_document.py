"""I22, own document: what the platform holds as posted is, in the books, this very document: same party, same amount, same key.

Where QuickBooks reckons the sales tax (switch connector.taxes), the amount is the one before tax: that is what the platform knows.

A number alone proves nothing: an accountant's invoice may carry ours, typed by hand or given by QuickBooks as the one after the last.

Reads: `document-posted` (and `send-ended` for its id), `document-accepted`, and the books. Inconclusive when nothing was posted.
"""

from emulator.core.documents import TRANSACTION_KINDS
from emulator.core.journal import Row
from emulator.scenario.evidence import Booked, Evidence
from emulator.scenario.verdict import Finding, Violations


def own_document(evidence: Evidence) -> Finding:
    """Judge I22."""
    wrong = Violations("I22")
    for row in evidence.of("document-posted"):
        key = str(row["key"])
        wrong.tested += 1
        identity = str(row.get("id") or _told_id(evidence, key, row))
        if identity in evidence.taken_away:
            continue
        record = evidence.booked_by_id.get(identity)
        accepted = evidence.accepted.get(key)
        if record is None:
            wrong.add(row, f"{row.get('number') or key} is held as posted as {identity or 'nothing'}, which is not in the books")
        elif accepted is not None:
            sentence = _not_ours(accepted, record, key, evidence.agreed_cents(record))
            if sentence:
                wrong.add(row, f"{row.get('number') or key} was taken for {identity}, {sentence}")
    passed = f"each of {wrong.tested} posted documents is in the books with its own party, amount and key"
    return wrong.finding(passed, "nothing was posted")


def _told_id(evidence: Evidence, key: str, posted: Row) -> str:
    told = [row for row in evidence.about(key, "send-ended") if row["n"] < posted["n"] and row.get("txn_id")]
    return str(told[-1]["txn_id"]) if told else ""


def _not_ours(accepted: Row, record: Booked, key: str, cents: int) -> str:
    """Return how a record differs from the document it was taken for, empty when it is that document."""
    made = f" (made by {record.by})" if record.by else ""
    if record.kind != accepted.get("document"):
        return f"which is a {record.kind}{made}"
    if record.party.casefold() != str(accepted.get("party", "")).casefold():
        return f"which is for {record.party}, not {accepted.get('party')}{made}"
    if cents != int(accepted.get("total_cents", 0)):
        return f"which comes to {cents / 100:,.2f}, not {int(accepted.get('total_cents', 0)) / 100:,.2f}{made}"
    # A list entry has no memo in which a key must stand; its name is what it is known by.
    if record.key != key and (record.key or record.kind in TRANSACTION_KINDS):
        return f"which carries {'the key ' + record.key if record.key else 'no key'}{made}"
    return ""
