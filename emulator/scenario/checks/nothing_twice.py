"""I2, nothing twice: at most one record in the books for each document of the platform.

Looked for in two ways, because a connector that writes no key (or a new one at each try) would hide a duplicate from the first: by the
platform's key, and by content (kind, party, number, total). Two equal entries that people typed themselves are theirs, not the connector's.

Reads: the books alone. Inconclusive when nothing in the books came through the connector.
"""

from collections.abc import Sequence

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
    passed = f"each of {wrong.tested} records made through the connector stands in the books once"
    return wrong.finding(passed, "nothing in the books came through the connector")


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
