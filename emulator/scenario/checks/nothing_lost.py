"""I1, nothing lost: every document the platform accepted is, at the end, posted, held, or refused with a reason people can see.

A refusal is believed only when something stands behind it: an answer that refused the document, or an agreed rule. And what stands in the books
must not be shown as waiting or refused, unless the last sending of it had no answer: then nobody can know better yet.

Reads: `document-accepted`, `documents-at-end` (or the last thing the platform said of each document), `document-refused`, `send-begun`,
`send-ended`, and the books.
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
        return _wrongly_refused(evidence, key, accepted, name)
    if state in ("held", "waiting"):
        stands = evidence.stands_as_ours(accepted)
        if stands is not None and not _in_doubt(evidence, key):
            return f"{name} is shown as {state}, but it stands in the books as {stands.id}, and its last sending was answered or never made"
        return ""
    return f"{name} was accepted and is nowhere at the end: not posted, not held, not refused"


def _wrongly_refused(evidence: Evidence, key: str, accepted: Row, name: str) -> str:
    stands = evidence.stands_as_ours(accepted)
    if stands is not None:
        return f"{name} is shown as refused, but it stands in the books as {stands.id}"
    told = [row for row in evidence.about(key, "document-refused") if str(row.get("reason", "")).strip()]
    if not told:
        return f"{name} is shown as refused without a reason"
    if not any(map(evidence.is_founded, told)):
        return f"{name} was dropped by the platform side ({told[-1]['reason']}): no answer ever refused it"
    return ""


def _in_doubt(evidence: Evidence, key: str) -> bool:
    """Return whether the last sending of a document ended without an answer that says what became of it, or has not ended."""
    sends = sorted((*evidence.about(key, "send-begun"), *evidence.about(key, "send-ended")), key=lambda row: int(row["n"]))
    return bool(sends) and sends[-1].get("outcome") not in ("posted", "refused")


def _taken_away(evidence: Evidence, key: str) -> bool:
    return any(str(row.get("id")) in evidence.taken_away for row in evidence.about(key, "committed"))
