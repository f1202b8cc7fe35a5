"""Evidence: everything a check may read of a story that is over. The journal, the truth of the books, and the story's settings; nothing else.

Truth is the company file and the journal, never what a connector says of itself (ARCHITECTURE decision 10): a row that tells what the connector
answered counts as what it *said*; whether it is so is looked up in the books.
"""

import heapq
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from emulator.core.documents import TRANSACTION_KINDS
from emulator.core.journal import Row
from emulator.core.rows import Picked


@dataclass(frozen=True)
class Booked:
    """One record of the company file, read from it when the story was over.

    Attributes:
        kind: invoice, bill, customer, vendor, product, or another kind of transaction (credit-memo, payment, vendor-credit, bill-payment).
        id: TxnID or ListID.
        number: RefNumber; empty for list entries.
        party: full name of the customer or vendor; for a list entry its own full name.
        date: YYYY-MM-DD; empty for list entries.
        total_cents: the total; 0 for list entries.
        key: the platform's key from the memo (`emulator.desktop.correlation.key_in`); empty when nobody wrote one.
        memo: the memo as it stands.
        created: story time, written as the journal does.
        by: the application or the person that made it.
        untaxed_cents: the sum of an invoice's lines, before sales tax; None where tax is nothing of its own.
    """

    kind: str
    id: str
    number: str
    party: str
    date: str
    total_cents: int
    key: str
    memo: str = ""
    created: str = ""
    by: str = ""
    untaxed_cents: int | None = None

    def as_row(self) -> Row:
        """Return the record as a counterexample: a row without a number, since the books are read after the last row."""
        return {
            "at": self.created,
            "lane": "quickbooks",
            "kind": "in-the-books",
            "document": self.kind,
            "id": self.id,
            "number": self.number,
            "party": self.party,
            "total_cents": self.total_cents,
            "key": self.key,
            "by": self.by,
        }


@dataclass(frozen=True)
class StorySettings:
    """What the story agreed on; a check measures against it.

    Attributes:
        attempts: N, failed attempts in a row that make the status Disconnected (question Q1).
        notifications_contact: the one address that is told.
        push_new: `automatic` (new customers, vendors, products are gated) or `manual`.
        auto_heal: whether the status may become Connected by itself (question Q3).
        attempt_scope: `global` (failed attempts in a row over everything) or `document` (for each document alone).
        flush_order: `oldest-first` is the order that I3 promises; with `newest-first` only dependencies are compared.
        bills_held: whether bills are held like invoices (question Q4); if not, they are refused while Disconnected.
        unavailable_counts: whether the answer that QuickBooks cannot be reached is a failed attempt (question Q2).
        refusal_counts: whether QuickBooks' refusal of one document is a failed attempt (question Q2).
        taxes: who reckons sales tax on invoices; with `quickbooks` the platform's total is what stands there before tax.
        status_limit_s: story seconds within which a status follows its cause.
        mail_limit_s: story seconds within which the e-mail of an episode must be in the mailbox.
        drain_limit_s: story seconds within which a document must be through once the cause is gone; None: before the story ends.
        connector_machine: where the connector runs; a single-user log-in is tried from *another* machine.
        applications: names under which the connector works with QuickBooks; what they made is ours.
    """

    attempts: int = 3
    notifications_contact: str = ""
    push_new: Literal["automatic", "manual"] = "automatic"
    auto_heal: bool = False
    attempt_scope: Literal["global", "document"] = "global"
    flush_order: Literal["oldest-first", "newest-first"] = "oldest-first"
    bills_held: bool = True
    unavailable_counts: bool = True
    refusal_counts: bool = False
    taxes: Literal["platform", "quickbooks"] = "platform"
    status_limit_s: float = 60.0
    mail_limit_s: float = 600.0
    drain_limit_s: float | None = None
    connector_machine: str = "SERVER"
    applications: tuple[str, ...] = ("Goflow Connector",)


@dataclass(frozen=True)
class Span:
    """A time of status Disconnected.

    Attributes:
        begin: number of the row that began it (0: from the start of the story).
        end: number of the row that ended it; None: until the end of the story.
        by: `attempts` (detected) or `operator`.
        row: the row that began it, None at the start of the story.
    """

    begin: int
    end: int | None
    by: str
    row: Row | None


@dataclass(frozen=True)
class Evidence:
    """What a check may read.

    Args:
        rows: the journal, numbered, in order.
        books: every record of the company file that the story could have made or met.
        settings: the story's settings.
        receivables: balance of each customer in cents, as the books tell it; payables: the same of each vendor.
        receivables_before, payables_before: what they were when the story began (0 where a name is missing).
    """

    rows: Sequence[Row]
    books: Sequence[Booked] = ()
    settings: StorySettings = field(default_factory=StorySettings)
    receivables: Mapping[str, int] = field(default_factory=dict)
    payables: Mapping[str, int] = field(default_factory=dict)
    receivables_before: Mapping[str, int] = field(default_factory=dict)
    payables_before: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def _places(self) -> "dict[str, array[int]]":
        """Where the rows of each kind are: a journal may hold a million."""
        found: dict[str, array[int]] = {}
        for place, row in enumerate(self.rows):
            found.setdefault(str(row["kind"]), array("Q")).append(place)
        return found

    def of(self, *kinds: str) -> Iterator[Row]:
        """Yield the rows of these kinds, in order."""
        return (self.rows[place] for place in heapq.merge(*(self._places.get(kind, ()) for kind in dict.fromkeys(kinds))))

    @cached_property
    def accepted(self) -> dict[str, Row]:
        """Return the first `document-accepted` row of each key, in order of acceptance."""
        found: dict[str, Row] = {}
        for row in self.of("document-accepted"):
            found.setdefault(str(row["key"]), row)
        return found

    @cached_property
    def by_key(self) -> dict[str, dict[str, Sequence[Row]]]:
        """Return, for each key, its rows by kind."""
        found: dict[str, dict[str, array[int]]] = {}
        for place, row in enumerate(self.rows):
            if row.get("key"):
                found.setdefault(str(row["key"]), {}).setdefault(str(row["kind"]), array("Q")).append(place)
        return {key: {kind: Picked(self.rows, places) for kind, places in kinds.items()} for key, kinds in found.items()}

    def about(self, key: str, kind: str) -> Sequence[Row]:
        """Return the rows of one kind about one document."""
        return self.by_key.get(key, {}).get(kind, ())

    @cached_property
    def states_at_end(self) -> dict[str, str]:
        """Return the state of each document at the end: posted, held, waiting or refused, as the platform side shows it.

        From the last `documents-at-end` row; a platform side that writes none is judged by the last thing it said of each document.
        """
        told = self._places.get("documents-at-end")
        if told:
            states: dict[str, Any] = self.rows[told[-1]].get("states", {})
            return {str(key): str(state) for key, state in states.items()}
        found: dict[str, str] = {}
        for row in self.of("document-held", "document-posted", "document-refused", "send-begun"):
            found[str(row["key"])] = _STATES[str(row["kind"])]
        return found

    @cached_property
    def booked_by_key(self) -> dict[str, list[Booked]]:
        """Return the records that carry each key."""
        found: dict[str, list[Booked]] = {}
        for record in self.books:
            if record.key:
                found.setdefault(record.key, []).append(record)
        return found

    @cached_property
    def booked_by_id(self) -> dict[str, Booked]:
        """Return the records by id."""
        return {record.id: record for record in self.books}

    def booked_for(self, accepted: Row) -> list[Booked]:
        """Return the records that are this document: by key; a list entry (whose key nobody may have written) by kind and name."""
        found = self.booked_by_key.get(str(accepted["key"]), [])
        if found or accepted.get("document") in TRANSACTION_KINDS:
            return found
        return self._entries.get((str(accepted.get("document", "")), str(accepted.get("party", "")).casefold()), [])

    @cached_property
    def _entries(self) -> dict[tuple[str, str], list[Booked]]:
        found: dict[tuple[str, str], list[Booked]] = {}
        for record in self.books:
            if record.kind not in TRANSACTION_KINDS:
                found.setdefault((record.kind, record.party.casefold()), []).append(record)
        return found

    def stands_as_ours(self, accepted: Row) -> Booked | None:
        """Return the record that the connector made of a document, None when there is none.

        By the key; a list entry without one by its name, if the connector made it and no other document of that name is posted.
        """
        key, kind = str(accepted["key"]), str(accepted.get("document", ""))
        named = [record for record in self.booked_for(accepted) if record.key == key or (not record.key and self.ours(record))]
        if not named or named[0].key == key or kind in TRANSACTION_KINDS:
            return named[0] if named else None
        name = str(accepted.get("party", "")).casefold()
        others = (row for other, row in self.accepted.items() if other != key and self.states_at_end.get(other) == "posted")
        taken = any(row.get("document") == kind and str(row.get("party", "")).casefold() == name for row in others)
        return None if taken else named[0]

    def is_founded(self, refused: Row) -> bool:
        """Return whether something stands behind a `document-refused` row: an answer that refused it, or the agreed rule about bills (question Q4).

        What the platform side drops by itself, for its age or for any cause of its own, is not refused but lost.
        """
        key = str(refused["key"])
        if not self.settings.bills_held and self.accepted.get(key, {}).get("document") == "bill":
            return True
        return any(
            row["n"] < refused["n"]
            and row.get("outcome") == "refused"
            and str(row.get("reason") or row.get("code") or "").strip()
            for row in self.about(key, "send-ended")
        )

    def ours(self, record: Booked) -> bool:
        """Return whether the connector made a record: it carries a key of the platform, or was made under the connector's name."""
        return bool(record.key) or record.by in self.settings.applications

    def agreed_cents(self, record: Booked) -> int:
        """Return the amount of a record that must be the platform's total: with tax, or before it where QuickBooks reckons the tax."""
        if self.settings.taxes == "quickbooks" and record.untaxed_cents is not None:
            return record.untaxed_cents
        return record.total_cents

    @cached_property
    def made_in_story(self) -> list[Booked]:
        """Return the records that the story made: later than its first row, or by somebody who acted in it. The others stood there before."""
        begin = str(self.rows[0]["at"]) if self.rows else ""
        return [record for record in self.books if record.by or record.created > begin]

    @cached_property
    def taken_away(self) -> set[str]:
        """Return the ids of records that were deleted, voided or merged by a request: what is gone so is not lost."""
        return {
            str(row["id"]) for row in self.of("committed") if row.get("id") and _TAKES_AWAY.search(str(row.get("request", "")))
        }

    @cached_property
    def disconnected(self) -> list[Span]:
        """Return the times of status Disconnected, in order."""
        spans: list[Span] = []
        for row in self.of("status-changed"):
            number = int(row["n"])
            if not spans and row.get("from") == "Disconnected":
                spans.append(Span(0, None, "operator", None))
            if row.get("to") == "Disconnected" and (not spans or spans[-1].end is not None):
                spans.append(Span(number, None, str(row.get("by", "")), row))
            elif row.get("to") == "Connected" and spans and spans[-1].end is None:
                last = spans[-1]
                spans[-1] = Span(last.begin, number, last.by, last.row)
        return spans

    def disconnected_at(self, row: Row) -> Span | None:
        """Return the time of Disconnected that a row lies in, None when the status was Connected then."""
        position = bisect_right(self._begins, int(row["n"])) - 1
        if position < 0:
            return None
        span = self.disconnected[position]
        return span if span.end is None or int(row["n"]) < span.end else None

    @cached_property
    def _begins(self) -> list[int]:
        return [span.begin for span in self.disconnected]

    def setting_at(self, name: str, default: str, row: Row) -> str:
        """Return a setting of the platform side as it was at a row: `push-mode` or `contact`; `setting-changed` rows tell of changes."""
        value = default
        for changed in self.of("setting-changed"):
            if changed.get("setting") != name:
                continue
            if changed["n"] >= row["n"]:
                break
            value = str(changed.get("to", ""))
        return value

    @cached_property
    def end(self) -> datetime | None:
        """Return when the story ended, None for an empty journal."""
        return moment(self.rows[-1]) if self.rows else None


def moment(row: Row) -> datetime:
    """Return the story time of a row."""
    return datetime.fromisoformat(str(row["at"]))


def seconds_between(earlier: Row, later: Row) -> float:
    """Return the story seconds from one row to another."""
    return (moment(later) - moment(earlier)).total_seconds()


_STATES: Final = {"document-held": "held", "document-posted": "posted", "document-refused": "refused", "send-begun": "waiting"}

_TAKES_AWAY: Final = re.compile(r"Del|Void|Merge")
"""Names of requests that take a record away: TxnDelRq, ListDelRq, TxnVoidRq, ListMergeRq (documented: qbXML reference)."""
