"""I11, drains: once the cause is gone, everything that waited goes through, in bounded time and without anybody editing anything.

The cause is gone after the last of: a fault's last hit, its end (if it had struck), and the last return to Connected. A document's time starts
there, or at its acceptance if that is later.

A document that the platform side drops without an answer that refused it has not gone through.

Reads: `document-held`, `document-refused`, `send-ended`, `documents-at-end`, `fault-hit`, `fault-off`, `status-changed`, `document-edited`.
Inconclusive when no document ever had to wait.
"""

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence, seconds_between
from emulator.scenario.verdict import Finding, Violations, counted


def drains(evidence: Evidence) -> Finding:
    """Judge I11."""
    wrong = Violations("I11")
    waited = _had_to_wait(evidence)
    wrong.tested = len(waited)
    for key, accepted in evidence.accepted.items():
        state = evidence.states_at_end.get(key, "nowhere")
        if state in ("held", "waiting"):
            name = f"{accepted.get('document', 'document')} {accepted.get('number') or accepted.get('party', key)}"
            wrong.add(accepted, f"{name} is still {state} at the end")
    _judge_bound(evidence, wrong, waited)
    for row in evidence.of("document-refused"):
        if row.get("key") in waited and not evidence.is_founded(row):
            reason = row.get("reason") or "no reason"
            wrong.add(row, f"{row.get('number') or row['key']} waited and was dropped ({reason}): no answer ever refused it")
    for row in evidence.of("document-edited"):
        if row.get("key") in waited:
            wrong.add(row, f"{row.get('number') or row['key']} had to be edited to go through")
    passed = f"{counted(wrong.tested, 'document')} had to wait; all went through as they were" + _bound_words(evidence)
    return wrong.finding(passed, "no document ever had to wait")


def _bound_words(evidence: Evidence) -> str:
    limit_s = evidence.settings.drain_limit_s
    return "" if limit_s is None else f", within {limit_s:.0f} s after the cause was gone"


def _had_to_wait(evidence: Evidence) -> set[str]:
    """Return the keys of documents that were held, or that were sent in vain."""
    held = {str(row["key"]) for row in evidence.of("document-held")}
    return held | {str(row["key"]) for row in evidence.of("send-ended") if row.get("outcome") in ("no-answer", "unavailable")}


def _judge_bound(evidence: Evidence, wrong: Violations, waited: set[str]) -> None:
    limit_s = evidence.settings.drain_limit_s
    if limit_s is None:
        return
    final = {str(row["key"]): row for row in evidence.of("document-posted", "document-refused")}
    gone = _cause_gone(evidence, max((int(final[key]["n"]) for key in waited if key in final), default=0))
    for key in sorted(waited & final.keys(), key=lambda each: int(final[each]["n"])):
        start = evidence.accepted.get(key, final[key])
        if gone is not None and gone["n"] > start["n"]:
            start = gone
        took_s = seconds_between(start, final[key])
        if took_s > limit_s:
            wrong.add(
                final[key],
                f"{final[key].get('number') or key} took {took_s:.0f} s after the cause was gone, not {limit_s:.0f} s",
            )


def _cause_gone(evidence: Evidence, last: int) -> Row | None:
    """Return the row after which nothing stood in the way any more; what ends after the last document went through stood in nobody's way."""
    struck = {str(row["fault"]) for row in evidence.of("fault-hit")}
    rows = [
        row
        for row in evidence.of("fault-hit", "fault-off", "status-changed")
        if row["n"] < last
        and (row["kind"] != "fault-off" or str(row["fault"]) in struck)
        and (row["kind"] != "status-changed" or row.get("to") == "Connected")
    ]
    return rows[-1] if rows else None
