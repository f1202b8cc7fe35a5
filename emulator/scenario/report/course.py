"""The course of a story: what stood how, from which row to which. Drawn by the page as strips over a common clock."""

from dataclasses import dataclass, field

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence


@dataclass(frozen=True)
class Change:
    """From this row on, something stands like this."""

    n: int
    value: str


@dataclass(frozen=True)
class DocumentStory:
    """What became of one document.

    Attributes:
        key, document, number, party, total_cents: as accepted.
        accepted, posted: numbers of the rows; posted is None when it never was.
        attempts: how often it was sent.
        state: posted, held, waiting, refused, or `nowhere`.
        id: what it is in the books.
    """

    key: str
    document: str
    number: str
    party: str
    total_cents: int
    accepted: int
    posted: int | None
    attempts: int
    state: str
    id: str


def documents(evidence: Evidence) -> list[DocumentStory]:
    """Return what became of each accepted document, in order of acceptance."""
    return [_document(evidence, key, row) for key, row in evidence.accepted.items()]


def _document(evidence: Evidence, key: str, accepted: Row) -> DocumentStory:
    posted = evidence.about(key, "document-posted")
    booked = evidence.booked_for(accepted)
    return DocumentStory(
        key=key,
        document=str(accepted.get("document", "")),
        number=str(accepted.get("number", "")),
        party=str(accepted.get("party", "")),
        total_cents=int(accepted.get("total_cents", 0)),
        accepted=int(accepted["n"]),
        posted=int(posted[0]["n"]) if posted else None,
        attempts=len(evidence.about(key, "send-begun")),
        state=evidence.states_at_end.get(key, "nowhere"),
        id=str((posted[0].get("id") if posted else "") or (booked[0].id if booked else "")),
    )


def held_counts(evidence: Evidence) -> list[Change]:
    """Return how many documents were held, at each change: from their holding until they are sent (or are through)."""
    held: set[str] = set()
    changes: list[Change] = [Change(1, "0")]
    for row in evidence.of("document-held", "send-begun", "document-posted", "document-refused"):
        before = len(held)
        key = str(row.get("key", ""))
        if row["kind"] == "document-held":
            held.add(key)
        else:
            held.discard(key)
        if len(held) != before:
            changes.append(Change(int(row["n"]), str(len(held))))
    return changes


def statuses(evidence: Evidence) -> list[Change]:
    """Return the status, Connected or Disconnected, at each change."""
    changes = [Change(int(row["n"]), str(row.get("to", ""))) for row in evidence.of("status-changed")]
    first = next((str(row.get("from", "")) for row in evidence.of("status-changed")), "Connected")
    return [Change(1, first), *changes]


@dataclass
class _File:
    """Who has the company file open, as people see it."""

    modes: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        if not self.modes:
            return "closed"
        if "single" in self.modes.values():
            return "single-user"
        return f"multi-user, {len(self.modes)} in"


def file_modes(evidence: Evidence) -> list[Change]:
    """Return how the company file was open at each change: closed, single-user, or multi-user with how many log-ins."""
    file = _File()
    changes = [Change(1, "closed")]
    for row in evidence.of("logged-in", "logged-out", "mode-switched", "closed"):
        machine = str(row.get("machine", ""))
        if row["kind"] in ("logged-in", "mode-switched"):
            file.modes[machine] = str(row.get("mode", "multi"))
        elif not row.get("ghost"):
            file.modes.pop(machine, None)
        if file.words != changes[-1].value:
            changes.append(Change(int(row["n"]), file.words))
    return changes
