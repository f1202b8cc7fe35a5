"""A whole day's story as a journal and books, made by hand-written code: an outage, a lost answer, a poison document, an evening in single-user mode.

Tests take it as it is (every check must pass on it), or spoil one thing in it (one check must fail).
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.core.journal import Row, stamp
from emulator.scenario.evidence import Booked, Evidence, StorySettings

CONTACT = "ops@example.test"
APPLICATION = "Goflow Connector"
SETTINGS = StorySettings(attempts=3, notifications_contact=CONTACT, drain_limit_s=3600)


@dataclass
class Day:
    """A story in the making. The methods append rows, and records to the books, as the parts of a world would."""

    now: datetime = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    rows: list[Row] = field(default_factory=list)
    books: list[Booked] = field(default_factory=list)
    settings: StorySettings = SETTINGS
    states: dict[str, str] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    episodes: int = 0
    count: int = 0

    def add(self, lane: str, kind: str, *, pass_s: float = 0.2, **facts: Any) -> Row:
        self.now += timedelta(seconds=pass_s)
        row = {"n": len(self.rows) + 1, "at": stamp(self.now), "lane": lane, "kind": kind, **facts}
        self.rows.append(row)
        return row

    def at(self, hour: int, minute: int = 0) -> None:
        """Let the story go on to a time in New York (UTC-5 in November)."""
        self.now = max(self.now, datetime(2026, 11, 23, hour, minute, tzinfo=UTC) + timedelta(hours=5))

    def evidence(self) -> Evidence:
        for number, row in enumerate(self.rows, 1):
            row["n"] = number
        receivables: dict[str, int] = {}
        for record in self.books:
            if record.kind == "invoice":
                receivables[record.party] = receivables.get(record.party, 0) + record.total_cents
        payables: dict[str, int] = {}
        for record in self.books:
            if record.kind == "bill":
                payables[record.party] = payables.get(record.party, 0) + record.total_cents
        return Evidence(self.rows, tuple(self.books), self.settings, receivables, payables, self.before)

    # platform

    def accept(self, document: str = "invoice", party: str = "Acme Hardware", total_cents: int | None = None) -> str:
        self.count += 1
        key = f"K{self.count:06d}"
        number = {"invoice": f"G-{10000 + self.count}", "bill": f"PO-{500 + self.count}"}.get(document, "")
        total = 0 if not number else (1000 + 37 * self.count if total_cents is None else total_cents)
        self.documents[key] = {"document": document, "number": number, "party": party, "total_cents": total}
        self.add("platform", "document-accepted", key=key, pass_s=20, **self.documents[key])
        self.states[key] = "waiting"
        return key

    def hold(self, key: str) -> None:
        self.states[key] = "held"
        self.add("platform", "document-held", key=key, number=self.documents[key]["number"])

    def begin(self, key: str, by: str = "queue") -> None:
        self.add("platform", "send-begun", key=key, number=self.documents[key]["number"], by=by, failed_before=0)

    def end(self, key: str, outcome: str, **facts: Any) -> None:
        number = self.documents[key]["number"]
        self.add("platform", "send-ended", key=key, number=number, outcome=outcome, **facts)
        if outcome == "posted":
            self.states[key] = "posted"
            self.add(
                "platform", "document-posted", key=key, number=number, id=facts["txn_id"], already=facts.get("already", False)
            )
        if outcome == "refused":
            self.states[key] = "refused"
            self.add("platform", "document-refused", key=key, number=number, reason=facts["reason"])

    def fail(self, failed: int, reason: str = "no answer within 30 s") -> None:
        self.add("platform", "attempt-failed", failed=failed, of=3, reason=reason)

    def status(self, to: str, by: str, cause: str) -> None:
        self.episodes += to == "Disconnected"
        before = "Connected" if to == "Disconnected" else "Disconnected"
        facts = {"from": before, "to": to, "cause": cause, "by": by, "episode": self.episodes}
        self.add("platform", "status-changed", **facts)
        if to == "Disconnected" and by == "attempts":
            self.add("platform", "mail-given", episode=self.episodes, to=[CONTACT], subject="QuickBooks is disconnected")
            self.add("mailbox", "mail-received", to=[CONTACT], subject="QuickBooks is disconnected")

    # network and QuickBooks

    def arrive(self, key: str) -> None:
        self.add("network", "call-arrived", call="POST /v1/documents", key=key, number=self.documents[key]["number"])
        self.add("network", "call-passed", call="POST /v1/documents", key=key, number=self.documents[key]["number"])

    def book(self, key: str, *, answered: bool = True, faults: tuple[str, ...] = ()) -> str:
        facts = dict(self.documents[key])
        document = facts.pop("document")
        noun = {"invoice": "Invoice", "bill": "Bill", "customer": "Customer", "vendor": "Vendor", "product": "ItemInventory"}[
            document
        ]
        facts |= {"request": f"{noun}AddRq", "key": key}
        identity = f"{len(self.books) + 1:X}-{1700000000 + len(self.books)}"
        self.add("quickbooks", "request", application=APPLICATION, **facts)
        self.add("quickbooks", "committed", id=identity, pass_s=1.5, **facts)
        memo = f"order [key:{key}]"
        date = "2026-11-23" if facts["number"] else ""
        self.books.append(
            Booked(
                document,
                identity,
                facts["number"],
                facts["party"],
                date,
                facts["total_cents"],
                key,
                memo,
                stamp(self.now),
                APPLICATION,
            )
        )
        if answered:
            self.add("quickbooks", "answered", request=f"{noun}AddRq", status="0", key=key)
        else:
            self.add("quickbooks", "answer-withheld", request=f"{noun}AddRq", key=key, faults=list(faults))
        return identity

    def ask(self, key: str) -> None:
        number = self.documents[key]["number"]
        self.add("quickbooks", "request", request="InvoiceQueryRq", number=number, application=APPLICATION)
        self.add("quickbooks", "answered", request="InvoiceQueryRq", status="0")

    def post(self, key: str, by: str = "queue") -> None:
        self.begin(key, by)
        self.arrive(key)
        identity = self.book(key)
        self.add("network", "answer-passed", status=200)
        self.end(key, "posted", txn_id=identity)

    def act(self, who: str, act: str, result: str = "done", **facts: Any) -> None:
        self.add("people", "act", who=who, act=act, result=result, pass_s=30, **facts)

    def fault(self, name: str, of: str, point: str) -> None:
        self.add("faults", "fault-on", fault=name, of=of, point=point, faults=[name])

    def hit(self, name: str, point: str, hit: int, **facts: Any) -> None:
        self.add("faults", "fault-hit", fault=name, point=point, hit=hit, faults=[name], **facts)

    def off(self, name: str, hits: int) -> None:
        self.add("faults", "fault-off", fault=name, hits=hits, faults=[name])


def good_day(invoices: int = 8) -> Day:
    """Return the day on which everything goes wrong that may, and nothing that must not. `invoices`: traffic in each part of the day."""
    day = Day()
    day.add("harness", "scenario-begun", scenario="whole_day", seed=20261123)
    morning(day, invoices)
    lost_answer(day)
    outage(day, invoices)
    lost_on_the_way_back(day)
    poison(day)
    evening(day, invoices)
    day.add("platform", "documents-at-end", states=dict(day.states))
    day.add("harness", "scenario-ended")
    return day


def morning(day: Day, invoices: int) -> None:
    day.add("quickbooks", "started", machine="SERVER")
    day.add("quickbooks", "logged-in", user="Goflow", machine="SERVER", mode="multi", file="Wholesale.QBW")
    day.add("quickbooks", "session-begun", application=APPLICATION, user="Goflow", machine="SERVER", mode="multi")
    day.post(day.accept("customer", "Zoë & Sons <Tools>"))
    day.add("platform", "creation-accepted", what="customer", name="Zoë & Sons <Tools>", key="K000001")
    day.post(day.accept("invoice", "Zoë & Sons <Tools>"))
    for each in range(invoices):
        day.post(day.accept("bill" if each % 5 == 4 else "invoice", "Bolt Works" if each % 5 == 4 else "Acme Hardware"))
    owed = sum(record.total_cents for record in day.books if record.kind == "invoice" and record.party == "Acme Hardware")
    day.add("platform", "balance-told", customer="Acme Hardware", balance_cents=owed)


def lost_answer(day: Day) -> None:
    """QuickBooks posts an invoice, its answer is lost; the connector asks, finds it, and answers with what it found."""
    day.at(9, 40)
    day.fault("lost", "answer-lost", "quickbooks.before-answer")
    key = day.accept()
    day.begin(key)
    day.arrive(key)
    day.hit("lost", "quickbooks.before-answer", 1, request="InvoiceAddRq", number=day.documents[key]["number"])
    identity = day.book(key, answered=False, faults=("lost",))
    day.end(key, "no-answer", reason="no answer within 30 s")
    day.off("lost", 1)
    day.fail(1)
    day.begin(key)
    day.arrive(key)
    day.ask(key)
    day.add("network", "answer-passed", status=200)
    day.end(key, "posted", txn_id=identity, already=True)


def outage(day: Day, invoices: int) -> None:
    """Port 8891 is closed from 10:00 to 13:00: N attempts, one mail, held documents, gate; then set Connected and drained."""
    day.at(10)
    day.fault("drop", "blackhole", "network.call-arrived")
    held = [day.accept() for _ in range(3)]
    for failed in (1, 2, 3):
        day.begin(held[0])
        day.hit("drop", "network.call-arrived", failed)
        day.add("network", "call-swallowed", key=held[0], faults=["drop"])
        day.end(held[0], "no-answer", reason="no answer within 30 s")
        day.fail(failed)
    day.status("Disconnected", "attempts", "3 failed attempts: no answer within 30 s")
    for key in held:
        day.hold(key)
    day.add("platform", "creation-refused", what="vendor", name="New Vendor", reason="QuickBooks is disconnected", pass_s=60)
    for _ in range(invoices):
        held.append(day.accept())
        day.hold(held[-1])
    day.add("platform", "balance-told", customer="Acme Hardware", unavailable=True)
    day.at(13)
    day.off("drop", 3)
    day.act("Operator", "set-status", status="Connected")
    day.status("Connected", "operator", "set by the operator")
    for key in held:
        day.post(key)
    day.post(day.accept("vendor", "New Vendor"))
    day.add("platform", "creation-accepted", what="vendor", name="New Vendor", key=f"K{day.count:06d}")


def lost_on_the_way_back(day: Day) -> None:
    """The connector answers, the network loses it; sent again, the connector tells the outcome it knows."""
    day.at(14)
    day.fault("cut", "cut-answer", "network.before-answer")
    key = day.accept()
    day.begin(key)
    day.arrive(key)
    identity = day.book(key)
    day.hit("cut", "network.before-answer", 1)
    day.add("network", "answer-lost", key=key, faults=["cut"])
    day.off("cut", 1)
    day.end(key, "no-answer", reason="connection reset")
    day.fail(1, "connection reset")
    day.begin(key)
    day.arrive(key)
    day.add("network", "answer-passed", status=200)
    day.end(key, "posted", txn_id=identity, already=True)


def poison(day: Day) -> None:
    """QuickBooks refuses one invoice for good; the next one goes through."""
    day.at(16)
    key = day.accept(party="Closed Period Inc")
    day.begin(key)
    day.arrive(key)
    facts = {"request": "InvoiceAddRq", "key": key, "number": day.documents[key]["number"]}
    day.add("quickbooks", "request", application=APPLICATION, party="Closed Period Inc", **facts)
    day.add("quickbooks", "answered", request="InvoiceAddRq", status="3171", message="closed period", key=key)
    day.add("network", "answer-passed", status=422)
    day.end(key, "refused", code="3171", reason="the period is closed")
    day.post(day.accept())


def evening(day: Day, invoices: int) -> None:
    """Disconnect by the book with one step late, single-user work from another machine, reconnect by the book."""
    day.at(18)
    day.act("Operator", "set-status", status="Disconnected")
    day.status("Disconnected", "operator", "set by the operator")
    day.act("Operator", "exit-connector")
    day.add("quickbooks", "session-ended", application=APPLICATION)
    reason = "Single-user mode is not possible while other users are in the company file: Goflow on SERVER."
    refused = {"user": "Admin", "machine": "ACCOUNTING-PC", "mode": "single", "reason": reason}
    day.add("quickbooks", "login-refused", pass_s=60, **refused)
    day.act("Accountant", "log-in", result="refused", reason=reason)
    day.add("quickbooks", "logged-out", user="Goflow", machine="SERVER")
    day.act("Operator", "log-out")
    day.add("quickbooks", "logged-in", user="Admin", machine="ACCOUNTING-PC", mode="single", file="Wholesale.QBW")
    held = []
    for _ in range(invoices):
        held.append(day.accept())
        day.hold(held[-1])
    day.at(19, 30)
    day.add("quickbooks", "logged-out", user="Admin", machine="ACCOUNTING-PC")
    day.add("quickbooks", "logged-in", user="Goflow", machine="SERVER", mode="multi", file="Wholesale.QBW")
    day.add("quickbooks", "session-begun", application=APPLICATION, user="Goflow", machine="SERVER", mode="multi")
    day.act("Operator", "set-status", status="Connected")
    day.status("Connected", "operator", "set by the operator")
    for key in held:
        day.post(key)


def spoil(day: Day, position: int, lane: str, kind: str, **facts: Any) -> None:
    """Plant a row before a position of the journal, at its neighbour's time."""
    at = day.rows[min(position, len(day.rows) - 1)]["at"]
    day.rows.insert(position, {"n": 0, "at": at, "lane": lane, "kind": kind, **facts})


def find(day: Day, kind: str, nth: int = 0, **facts: Any) -> int:
    """Return the position of the nth row of a kind that has these facts."""
    wanted = facts.items()
    return [position for position, row in enumerate(day.rows) if row["kind"] == kind and wanted <= row.items()][nth]


def change_record(day: Day, position: int, **changes: Any) -> None:
    """Change one record of the books."""
    day.books[position] = replace(day.books[position], **changes)
