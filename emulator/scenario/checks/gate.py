"""I8, gate: with automatic syncing, nothing new is made while Disconnected. It is refused with a reason, and leaves nothing on either side.

What counts is what the platform side did, not only what it says: the document of a new customer, vendor or product that appears while Disconnected
without any `creation-accepted` came in past the gate.

Reads: `creation-refused`, `creation-accepted`, `document-accepted`, `status-changed`, `setting-changed` (push-mode), and the lists of the books.
Inconclusive when nobody tried to make anything while Disconnected with automatic syncing.
"""

from emulator.core.documents import LIST_KINDS
from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def gate(evidence: Evidence) -> Finding:
    """Judge I8."""
    wrong = Violations("I8")
    for row in evidence.of("creation-refused", "creation-accepted"):
        if not _gated(evidence, row):
            continue
        wrong.tested += 1
        what = f"{row.get('what', 'entry')} {row.get('name', '')}"
        if row["kind"] == "creation-accepted":
            wrong.add(row, f"new {what} was accepted while the status was Disconnected")
        elif not str(row.get("reason", "")).strip():
            wrong.add(row, f"new {what} was refused without a reason")
        else:
            _judge_leftovers(evidence, wrong, row, what)
    _judge_past_the_gate(evidence, wrong)
    passed = f"{counted(wrong.tested, 'attempt')} to make something new refused with a reason, with nothing left behind"
    return wrong.finding(passed, "nobody tried to make anything new while Disconnected with automatic syncing")


def _gated(evidence: Evidence, row: Row) -> bool:
    push = str(evidence.setting_at("push-mode", evidence.settings.push_new, row))
    return push == "automatic" and evidence.disconnected_at(row) is not None


def _judge_past_the_gate(evidence: Evidence, wrong: Violations) -> None:
    """Look for documents of new entries that nobody tried, or was allowed, to make."""
    for row in evidence.of("document-accepted"):
        if row.get("document") not in LIST_KINDS or not _gated(evidence, row):
            continue
        asked = [
            each
            for each in evidence.of("creation-accepted", "creation-refused")
            if _same(row["document"], row.get("party"), each)
        ]
        if not any(_gated(evidence, each) for each in asked):  # those are judged with their attempt
            wrong.tested += 1
            wrong.add(
                row, f"new {row['document']} {row.get('party', '')} came in past the gate while the status was Disconnected"
            )


def _judge_leftovers(evidence: Evidence, wrong: Violations, refused: Row, what: str) -> None:
    """Look for anything of a refused entry: on the platform side until it is accepted later, in the books if it never is."""
    name = str(refused.get("name", "")).casefold()
    accepted = [row for row in evidence.of("creation-accepted") if _same(row.get("what"), row.get("name"), refused)]
    later = min((int(row["n"]) for row in accepted if row["n"] > refused["n"]), default=None)
    for row in evidence.of("document-accepted"):
        left = _same(row.get("document"), row.get("party"), refused) and row["n"] > refused["n"]
        # The document of a later acceptance stands directly before its row, in the same step.
        if left and (later is None or row["n"] < later) and evidence.disconnected_at(row):
            wrong.add(row, f"new {what} was refused (row {refused['n']}), and its document is on the platform all the same")
    if not accepted:
        for record in evidence.books:
            if record.kind == refused.get("what") and record.party.casefold() == name and evidence.ours(record):
                wrong.add(record.as_row(), f"new {what} was refused (row {refused['n']}), and stands in the books all the same")


def _same(what: object, name: object, refused: Row) -> bool:
    return what == refused.get("what") and str(name).casefold() == str(refused.get("name", "")).casefold()
