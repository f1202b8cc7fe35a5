"""I2, nothing twice: at most one record in the books for each document of the platform.

Looked for in three ways, because a connector that writes no key, or a new one at each try, would hide a duplicate from the first:

- by the platform's key;
- by content (kind, party, number, total);
- each record that the connector made is given to the document it was made of: by key, else by number, by name for a list entry, or by amount.
  A record that belongs to no accepted document, or to one that has its record already, is one too many.

Two equal entries that people typed themselves are theirs, not the connector's. What people change in a record afterwards makes it no other
document's: it is compared as it was committed, too.

Reads: the books, `document-accepted` and `committed`. Inconclusive when nothing in the books came through the connector.
"""

from collections.abc import Iterator, Sequence

from emulator.core.documents import TRANSACTION_KINDS
from emulator.core.journal import Row
from emulator.scenario.evidence import Booked, Evidence
from emulator.scenario.verdict import Finding, Violations


def nothing_twice(evidence: Evidence) -> Finding:
    """Judge I2."""
    wrong = Violations("I2")
    wrong.tested = sum(1 for record in evidence.books if evidence.ours(record))
    told: set[str] = set()
    for key, records in evidence.booked_by_key.items():
        if len(records) > 1:
            told.update(record.id for record in records)
            _add(wrong, evidence, records, f"the books hold {_times(records)} {_name(records[0])} with key {key}")
    for records in _alike(evidence.books):
        if len(records) > 1 and any(map(evidence.ours, records)) and not told.issuperset(record.id for record in records):
            amount = f"{records[0].total_cents / 100:,.2f}"
            _add(
                wrong,
                evidence,
                records,
                f"the books hold {_times(records)} {_name(records[0])} of {records[0].party} over {amount}",
            )
            told.update(record.id for record in records)
    _judge_belonging(evidence, wrong, told)
    passed = f"each of {wrong.tested} records made through the connector stands in the books once"
    return wrong.finding(passed, "nothing in the books came through the connector")


def _judge_belonging(evidence: Evidence, wrong: Violations, told: set[str]) -> None:
    """Give each record that the connector made in this story to its document."""
    commits = {str(row.get("id")): row for row in reversed(list(evidence.of("committed")))}
    by_fact = _documents_by_fact(evidence)
    given: dict[str, Booked] = {}
    unmarked: list[Booked] = []
    for record in sorted(
        (record for record in evidence.made_in_story if evidence.ours(record)), key=lambda record: record.created
    ):
        if record.key in evidence.accepted:
            given.setdefault(record.key, record)  # a second one of this key is told already
        elif record.id not in told:
            unmarked.append(record)
    for record in unmarked:
        row = commits.get(record.id, record.as_row())
        candidates = [key for fact in _facts_of(record, commits.get(record.id)) for key in by_fact.get(fact, ())]
        free = next((key for key in candidates if key not in given), None)
        if free is not None:
            given[free] = record
        elif candidates:
            twin = given[candidates[0]]
            wrong.add(row, f"{_name(record)} of {record.party} is in the books a second time: {twin.id}, {record.id}")
        else:
            wrong.add(
                row, f"the connector made {_name(record)} of {record.party} ({record.id}), and no accepted document is like it"
            )


_Fact = tuple[str, str, str, object]
"""What a record is known by, from the surest on: kind, which fact, party, value."""


def _documents_by_fact(evidence: Evidence) -> dict[_Fact, list[str]]:
    found: dict[_Fact, list[str]] = {}
    for key, row in evidence.accepted.items():
        for fact in _facts(str(row.get("document", "")), row):
            found.setdefault(fact, []).append(key)
    return found


def _facts_of(record: Booked, commit: Row | None) -> Iterator[_Fact]:
    """Yield what a record is known by, as it stands and as it was committed."""
    now = record.as_row()
    rows = [now, {**now, **commit}] if commit is not None else [now]
    if record.untaxed_cents is not None:
        rows.append({**now, "total_cents": record.untaxed_cents})
    # Number before amount, in whichever state: an equal amount may be another document's.
    facts = [list(_facts(record.kind, row)) for row in rows]
    for rank in zip(*facts, strict=False):
        yield from rank


def _facts(kind: str, row: Row) -> Iterator[_Fact]:
    party = str(row.get("party", "")).casefold()
    if kind not in TRANSACTION_KINDS:
        yield (kind, "name", party, "")
        return
    # A missing number is a fact of nobody's, kept so that ranks stay beside each other.
    yield (kind, "number", party, str(row.get("number") or row.get("id") or row.get("key")))
    yield (kind, "amount", party, int(row.get("total_cents") or 0))


def _alike(books: Sequence[Booked]) -> list[list[Booked]]:
    groups: dict[tuple[str, str, str, int], list[Booked]] = {}
    for record in books:
        if record.number:
            groups.setdefault((record.kind, record.party.casefold(), record.number, record.total_cents), []).append(record)
    return list(groups.values())


def _add(wrong: Violations, evidence: Evidence, records: list[Booked], sentence: str) -> None:
    """Show the commit of the second record, the one too many; the record itself when the journal has no such row."""
    second = sorted(records, key=lambda record: record.created)[1]
    commit = next((row for row in evidence.of("committed") if row.get("id") == second.id), None)
    wrong.add(commit if commit is not None else second.as_row(), f"{sentence}: {', '.join(record.id for record in records)}")


def _times(records: list[Booked]) -> str:
    return "twice" if len(records) == 2 else f"{len(records)} times"


def _name(record: Booked) -> str:
    return f"{record.kind} {record.number or record.party}"
