"""I1, nothing lost: every document the platform accepted is, at the end, posted, held, or refused with a reason people can see.

Reads: `document-accepted`, `documents-at-end` (or the last thing the platform said of each document), `document-refused`, and the books.
Inconclusive when no document was accepted.
"""

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def nothing_lost(evidence: Evidence) -> Finding:
    """Judge I1. `posted` is believed only when the record stands in the books; `waiting` counts as held: it is in the queue and not lost."""
    wrong = Violations("I1")
    for key, accepted in evidence.accepted.items():
        wrong.tested += 1
        sentence = _lost(evidence, key, accepted)
        if sentence:
            wrong.add(accepted, sentence)
    passed = f"{counted(wrong.tested, 'accepted document')}: all posted, held, or refused with a reason"
    return wrong.finding(passed, "the platform accepted no document")


def _lost(evidence: Evidence, key: str, accepted: Row) -> str:
    """Return what is wrong with one document, empty when it is where it should be."""
    name = f"{accepted.get('document', 'document')} {accepted.get('number') or accepted.get('party', key)}"
    state = evidence.states_at_end.get(key)
    booked = evidence.booked_for(accepted)
    if state == "posted":
        return "" if booked or _taken_away(evidence, key) else f"{name} is shown as posted, but it is not in the books"
    if state == "refused":
        if booked and accepted.get("document") in ("invoice", "bill"):
            return f"{name} is shown as refused, but it stands in the books as {booked[0].id}"
        if not any(str(row.get("reason", "")).strip() for row in evidence.about(key, "document-refused")):
            return f"{name} is shown as refused without a reason"
        return ""
    if state in ("held", "waiting"):
        return ""
    return f"{name} was accepted and is nowhere at the end: not posted, not held, not refused"


def _taken_away(evidence: Evidence, key: str) -> bool:
    return any(str(row.get("id")) in evidence.taken_away for row in evidence.about(key, "committed"))
