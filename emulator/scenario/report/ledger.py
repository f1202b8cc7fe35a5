"""The ledger of a story: each document of the platform beside what the books hold of it, with one word for what became of it.

| class | what it means |
|---|---|
| ok | in the books once, as accepted |
| recovered | the same, after an answer was lost and the outcome was found again |
| held, refused | not in the books, and the platform shows it so |
| lost | the platform shows it as posted, or not at all, and it is not in the books |
| duplicated | in the books more than once |
| mutated | in the books with another party, number or amount than accepted |
| unexpected | in the books with a key of the platform that nobody accepted, or though it was refused |
| theirs | made in the story without our doing: people and other programs work in the books too |
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from emulator.core.documents import TRANSACTION_KINDS
from emulator.core.journal import Row
from emulator.scenario.evidence import Booked, Evidence


@dataclass(frozen=True)
class LedgerLine:
    """One line: a document and a record that is it, or either alone.

    Attributes:
        what: the class, a word of the table above.
        accepted: the row of its acceptance, None when the platform never had it.
        record: the record of the books, None when there is none.
        state: what the platform shows at the end; empty without a document.
    """

    what: str
    accepted: Row | None
    record: Booked | None
    state: str = ""


def ledger(evidence: Evidence) -> list[LedgerLine]:
    """Return the ledger: the documents in order of acceptance, then what else stands in the books."""
    lines: list[LedgerLine] = []
    seen: set[str] = set()
    for key, accepted in evidence.accepted.items():
        records = evidence.booked_for(accepted)
        seen.update(record.id for record in records)
        state = evidence.states_at_end.get(key, "nowhere")
        what = _class(evidence, accepted, records, state)
        if not records:
            lines.append(LedgerLine(what, accepted, None, state))
        lines += [LedgerLine(what, accepted, record, state) for record in records]
    lines += _others(evidence, seen)
    return lines


def counts(lines: list[LedgerLine]) -> dict[str, int]:
    """Return how many lines there are of each class."""
    return dict(sorted(Counter(line.what for line in lines).items()))


def _others(evidence: Evidence, seen: set[str]) -> Iterator[LedgerLine]:
    made = {record.id for record in evidence.made_in_story}
    for record in evidence.books:
        if record.id not in seen and (record.key or record.id in made):
            yield LedgerLine("unexpected" if record.key else "theirs", None, record)


def _class(evidence: Evidence, accepted: Row, records: list[Booked], state: str) -> str:
    if not records:
        return "held" if state in ("held", "waiting") else "refused" if state == "refused" else "lost"
    if len(records) > 1:
        return "duplicated"
    if _differs(accepted, records[0], evidence.agreed_cents(records[0])):
        return "mutated"
    if state == "refused" and accepted.get("document") in TRANSACTION_KINDS:
        return "unexpected"
    ended = evidence.about(str(accepted["key"]), "send-ended")
    return "recovered" if any(row.get("outcome") == "no-answer" for row in ended) and state == "posted" else "ok"


def _differs(accepted: Row, record: Booked, cents: int) -> bool:
    if record.kind not in TRANSACTION_KINDS:
        return False
    ours = (str(accepted.get("party", "")).casefold(), str(accepted.get("number", "")), int(accepted.get("total_cents", 0)))
    return ours != (record.party.casefold(), record.number, cents)
