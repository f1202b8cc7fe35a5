"""I20, explained: whatever goes wrong, people can read why: each change of the status, failed attempt, refusal and failure has its reason.

Reads: `status-changed` (cause), and the `reason` of `attempt-failed`, `document-refused`, `creation-refused`, `creation-withdrawn`, `mail-failed`,
`login-refused`; also an `act` that was refused. Inconclusive when there was nothing to explain.
"""

from typing import Final

from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def explained(evidence: Evidence) -> Finding:
    """Judge I20."""
    wrong = Violations("I20")
    for row in evidence.of(*EXPLANATIONS):
        if row["kind"] == "act" and row.get("result") != "refused":
            continue
        wrong.tested += 1
        if not str(row.get(EXPLANATIONS[str(row["kind"])], "")).strip():
            wrong.add(row, f"{str(row['kind']).replace('-', ' ')} without a {EXPLANATIONS[str(row['kind'])]}")
    passed = f"{counted(wrong.tested, 'trouble')}, each with its reason"
    return wrong.finding(passed, "nothing happened that had to be explained")


EXPLANATIONS: Final = {
    "status-changed": "cause",
    "attempt-failed": "reason",
    "document-refused": "reason",
    "creation-refused": "reason",
    "creation-withdrawn": "reason",
    "mail-failed": "reason",
    "login-refused": "reason",
    "act": "reason",
}
"""What must be explained, and the fact that does it."""
