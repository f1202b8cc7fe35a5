"""I12, poison isolated: a document that QuickBooks refuses for good is not tried for ever, and those behind it go through.

Reads: `document-refused`, `send-begun`, `document-accepted`, `documents-at-end`. Inconclusive when nothing was refused.
"""

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def poison(evidence: Evidence) -> Finding:
    """Judge I12. A person may send a refused document again as often as he likes; the queue may not."""
    wrong = Violations("I12")
    refused: dict[str, Row] = {}
    for row in evidence.of("document-refused"):
        refused.setdefault(str(row["key"]), row)
    for key, row in refused.items():
        wrong.tested += 1
        name = row.get("number") or key
        for sent in evidence.about(key, "send-begun"):
            if sent["n"] > row["n"] and sent.get("by") == "queue":
                wrong.add(sent, f"{name} was sent by the queue again after QuickBooks refused it (row {row['n']})")
                break
    if refused and not _anything_went_on(evidence, refused):
        first = next(iter(refused.values()))
        wrong.add(first, f"nothing went through any more after {first.get('number') or first['key']} was refused")
    passed = f"{counted(wrong.tested, 'document')} refused, none tried again by the queue, and what came after went through"
    return wrong.finding(passed, "QuickBooks refused no document")


def _anything_went_on(evidence: Evidence, refused: dict[str, Row]) -> bool:
    """Tell whether the queue went on: something was posted after the first refusal, or nothing else was there to post."""
    first = min(int(row["n"]) for row in evidence.of("document-refused"))
    if any(int(row["n"]) > first for row in evidence.of("document-posted")):
        return True
    return not any(evidence.states_at_end.get(key) == "waiting" for key in evidence.accepted if key not in refused)
