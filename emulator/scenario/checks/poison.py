"""I12, poison isolated: a document that QuickBooks refuses for good is not tried for ever, and those behind it go through.

A status code of QuickBooks that comes back again and again is a refusal too, whatever the connector calls it: a document answered `unavailable` with
the same one more than ANSWERS_MAX times is tried for ever.

Reads: `document-refused`, `send-begun`, `send-ended`, `document-accepted`, `documents-at-end`, `status-changed`. Inconclusive when nothing was
refused and nothing was tried for ever.
"""

from collections import Counter
from typing import Final

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
    _judge_tried_for_ever(evidence, wrong)
    passed = f"{counted(wrong.tested, 'document')} refused, none tried again by the queue, and what came after went through"
    return wrong.finding(passed, "QuickBooks refused no document")


def _anything_went_on(evidence: Evidence, refused: dict[str, Row]) -> bool:
    """Return whether the queue went on: something was posted after the first refusal, or nothing else was there to post.

    What is held while the status is Disconnected waits for somebody to set it Connected, not for the refused one.
    """
    first = min(int(row["n"]) for row in evidence.of("document-refused"))
    if any(int(row["n"]) > first for row in evidence.of("document-posted")):
        return True
    spans = evidence.disconnected
    connected = not spans or spans[-1].end is not None
    stuck = ("waiting", "held") if connected else ("waiting",)
    return not any(evidence.states_at_end.get(key) in stuck for key in evidence.accepted if key not in refused)


def _judge_tried_for_ever(evidence: Evidence, wrong: Violations) -> None:
    answers: Counter[tuple[str, str]] = Counter()
    for row in evidence.of("send-ended"):
        # A status code of QuickBooks is all digits and speaks of this document; a result code (0x...) speaks of the way to the books.
        if row.get("outcome") == "unavailable" and str(row.get("code", "")).isdigit():
            again = (str(row["key"]), str(row["code"]))
            answers[again] += 1
            if answers[again] == ANSWERS_MAX + 1:
                name = row.get("number") or row["key"]
                wrong.add(
                    row, f"{name} was answered with status {row['code']} more than {ANSWERS_MAX} times, and is tried for ever"
                )


ANSWERS_MAX: Final = 20
"""How often one document may be answered with the same status code before it counts as poison (our choice: minutes at the usual spacing)."""
