"""I7, hold: while the status is Disconnected the queue sends nothing to port 8891, and no held document is marked refused.

Allowed while Disconnected: calls marked as probes; a document that a person sends by hand (question Q11); and a send that was under way
when the status changed.

Reads: `status-changed`, `send-begun`, `send-ended`, `document-accepted`, `document-held`, `document-refused` (platform) and `call-arrived` (network).
Inconclusive when no document waited while the status was Disconnected.
"""

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def hold(evidence: Evidence) -> Finding:
    """Judge I7."""
    wrong = Violations("I7")
    wrong.tested = len(_waiting_while_disconnected(evidence))
    for row in evidence.of("send-begun"):
        if row.get("by") == "queue" and not row.get("probe") and evidence.disconnected_at(row):
            wrong.add(row, f"the queue sent {row.get('number') or row.get('key')} while the status was Disconnected")
    for row in evidence.of("call-arrived"):
        if _is_document_call(row) and evidence.disconnected_at(row) and not _allowed(evidence, row):
            wrong.add(
                row, f"{row.get('number') or row.get('key') or 'a document'} reached port 8891 while the status was Disconnected"
            )
    for row in evidence.of("document-refused"):
        if evidence.disconnected_at(row) and not _was_answered(evidence, row) and not _is_bill_not_held(evidence, row):
            wrong.add(row, f"{row.get('number') or row.get('key')} was marked refused while it was only held")
    passed = f"{counted(wrong.tested, 'document')} waited while Disconnected; none was sent and none was marked refused"
    return wrong.finding(passed, "no document waited while the status was Disconnected")


def _waiting_while_disconnected(evidence: Evidence) -> set[str]:
    return {str(row["key"]) for row in evidence.of("document-held", "document-accepted") if evidence.disconnected_at(row)}


def _is_document_call(row: Row) -> bool:
    return str(row.get("call", "")).startswith("POST /v1/documents") and not row.get("probe")


def _allowed(evidence: Evidence, arrived: Row) -> bool:
    """Return whether a call while Disconnected was a person's, or was sent before the status changed and is the first to arrive of that send."""
    key = str(arrived.get("key", ""))
    begun = [row for row in evidence.about(key, "send-begun") if row["n"] < arrived["n"]]
    if not begun:
        return False
    if begun[-1].get("by") == "hand":
        return True
    ended = any(begun[-1]["n"] < row["n"] < arrived["n"] for row in evidence.about(key, "send-ended"))
    arrived_before = any(begun[-1]["n"] < row["n"] < arrived["n"] for row in evidence.about(key, "call-arrived"))
    # The send itself was judged by its own row: here it is enough that it began while Connected and this is its one call.
    return not ended and not arrived_before and evidence.disconnected_at(begun[-1]) is None


def _is_bill_not_held(evidence: Evidence, refused: Row) -> bool:
    """Return whether the story agreed that bills fail while Disconnected (question Q4)."""
    accepted = evidence.accepted.get(str(refused["key"]), {})
    return not evidence.settings.bills_held and accepted.get("document") == "bill"


def _was_answered(evidence: Evidence, refused: Row) -> bool:
    """Return whether the books (through the connector) refused the document after it was last held."""
    key = str(refused["key"])
    held = max((row["n"] for row in evidence.about(key, "document-held") if row["n"] < refused["n"]), default=0)
    return any(held < row["n"] < refused["n"] and row.get("outcome") == "refused" for row in evidence.about(key, "send-ended"))
