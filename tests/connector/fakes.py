"""A small QuickBooks for tests of the connector alone: it keeps records, records truth, and loses answers on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.connector.link import LinkFailed
from emulator.connector.service import Service, ServiceLimits
from emulator.core.clock import Clock, VirtualClock, run_virtual
from emulator.core.documents import Document, Line
from emulator.core.journal import Journal
from emulator.desktop.results import Code
from emulator.qbxml import Answer, Request, Status, decode_set, encode_answer_set, status

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)

FILE = r"\\SERVER\Books\Wholesale.QBW"


@dataclass
class Record:
    noun: str
    id: str
    number: str
    party: str
    cents: int
    memo: str = ""
    guid: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class FakeQuickBooks:
    """Truth. `script` decides what becomes of each call: None lets it pass."""

    records: list[Record] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    sessions_begun: int = 0
    sessions_ended: int = 0
    sessions_lost: int = 0
    script: Callable[[str, str], str | None] = lambda when, request: None
    refuse: dict[str, Status] = field(default_factory=dict)
    begin_failure: LinkFailed | None = None
    taxes: Answer | None = None  # what it answers when asked for its preferences
    path: str = FILE
    answer_s: float = 0.1
    busy: int = 0

    def of_key(self, key: str) -> list[Record]:
        return [record for record in self.records if f"[key:{key}]" in record.memo]

    def perform(self, request: Request) -> Answer:
        name = request.name.removesuffix("Rq") + "Rs"
        if request.name == "HostQueryRq":
            return Answer(name, status.of(0), {}, [("HostRet", {"ProductName": "Fake"})])
        if request.name == "PreferencesQueryRq" and self.taxes is not None:
            return self.taxes
        if request.name == "PreferencesQueryRq":
            taxes = {"DefaultNonTaxableSalesTaxCodeRef": {"FullName": "Non"}}
            return Answer(name, status.of(0), {}, [("PreferencesRet", {"SalesTaxPreferences": taxes})])
        if request.operation == "Query":
            found = [record for record in self.records if self._matches(record, request)]
            if not found:
                return Answer(name, status.of(1))
            return Answer(name, status.of(0), {}, [(f"{record.noun}Ret", self._values(record)) for record in found])
        values: Any = request.values[f"{request.noun}Add"]
        record = self._record(request.noun, values)
        refusal = self.refuse.get(record.number or record.party)
        if refusal is not None:
            return Answer(name, refusal)
        if record.noun not in ("Invoice", "Bill") and any(each.party == record.party for each in self.records):
            return Answer(name, status.of(3100, name=record.party))
        self.records.append(record)
        return Answer(name, status.of(0), {}, [(f"{record.noun}Ret", self._values(record))])

    def _record(self, noun: str, values: dict[str, Any]) -> Record:
        lines = values.get("InvoiceLineAdd|InvoiceLineGroupAdd") or values.get("ItemLineAdd|ItemGroupLineAdd") or []
        cents = sum(self._cents(line) for _, line in lines) + sum(line["Amount"] for line in values.get("ExpenseLineAdd", []))
        party = values.get("CustomerRef") or values.get("VendorRef") or {"FullName": values.get("Name", "")}
        return Record(
            noun,
            f"{len(self.records) + 1:X}-1700000000",
            values.get("RefNumber", ""),
            party["FullName"],
            cents,
            values.get("Memo") or values.get("Notes", ""),
            values.get("ExternalGUID", ""),
            {name: values[name] for name in ("Phone", "BillAddress", "VendorAddress") if name in values},
        )

    def _cents(self, line: dict[str, Any]) -> int:
        if "Amount" in line:
            return int(line["Amount"])
        return int(line["Quantity"] * line.get("Rate", line.get("Cost", 0)) // 10**8)

    def _matches(self, record: Record, request: Request) -> bool:
        items = ("ItemService", "ItemNonInventory")
        if record.noun != request.noun and not (request.noun == "Item" and record.noun in items):
            return False
        values: Any = request.values
        if "ModifiedDateRangeFilter" in values or "FromModifiedDate" in values:
            return True  # all of a story is within a day
        ids = values.get("TxnID") or values.get("ListID")
        return (
            record.id in ids
            if ids
            else record.number in values["RefNumber"]
            if "RefNumber" in values
            else record.party.casefold() in [name.casefold() for name in values["FullName"]]
        )

    def _values(self, record: Record) -> dict[str, object]:
        match record.noun:
            case "Invoice":
                facts = {"CustomerRef": {"FullName": record.party}, "Subtotal": record.cents}
                return {"TxnID": record.id, "RefNumber": record.number, "Memo": record.memo, **facts}
            case "Bill":
                facts = {"VendorRef": {"FullName": record.party}, "AmountDue": record.cents}
                return {"TxnID": record.id, "RefNumber": record.number, "Memo": record.memo, **facts}
            case "Customer":
                return {
                    "ListID": record.id,
                    "FullName": record.party,
                    "Notes": record.memo,
                    "TotalBalance": record.cents,
                    **record.fields,
                }
            case "Vendor":
                return {"ListID": record.id, "Name": record.party, "Notes": record.memo, **record.fields}
        return {"ListID": record.id, "FullName": record.party, "ExternalGUID": record.guid}


class FakeLink:
    """A link to a FakeQuickBooks."""

    def __init__(self, quickbooks: FakeQuickBooks, clock: Clock) -> None:
        self.quickbooks = quickbooks
        self.clock = clock
        self.in_session = False

    async def begin(self) -> str:
        await self.end()
        await self.clock.sleep(self.quickbooks.answer_s)
        if self.quickbooks.begin_failure is not None:
            raise self.quickbooks.begin_failure
        self.in_session = True
        self.quickbooks.sessions_begun += 1
        return self.quickbooks.path

    async def process(self, document: str) -> str:
        quickbooks = self.quickbooks
        (request,) = decode_set(document).requests
        assert request.fault is None, request.fault
        if not self.in_session:
            raise LinkFailed(Code.NO_SESSION, "no session")
        if request.name == "PreferencesQueryRq":  # asked once in a connector's life; no script is about it
            return encode_answer_set("13.0", [quickbooks.perform(request)])
        quickbooks.busy += 1
        assert quickbooks.busy == 1, "two calls at once"
        try:
            await self.clock.sleep(quickbooks.answer_s)
            quickbooks.requests.append(request.name)
            self._strike("before", request.name)
            answer = quickbooks.perform(request)
            self._strike("after", request.name)
        finally:
            quickbooks.busy -= 1
        return encode_answer_set("13.0", [answer])

    def _strike(self, when: str, request: str) -> None:
        effect = self.quickbooks.script(when, request)
        if effect == "lost":
            self.in_session = False
            self.quickbooks.sessions_lost += 1
            raise LinkFailed(Code.RPC_FAILED, "the call failed", outcome_unknown=True)
        if effect == "ticket":
            self.in_session = False
            self.quickbooks.sessions_lost += 1
            raise LinkFailed(Code.WRONG_TICKET, "the ticket is invalid", outcome_unknown=True)

    async def vanish(self) -> None:
        self.quickbooks.sessions_lost += self.in_session
        self.in_session = False

    async def end(self) -> None:
        if self.in_session:
            self.quickbooks.sessions_ended += 1
        self.in_session = False


def invoice(key: str = "k1", number: str = "G-10023", party: str = "Acme Hardware", cents: int = 12_50, **more: Any) -> Document:
    line = Line("Widget", "a widget", 100_000, cents * 1000, cents)
    return Document(key, more.pop("kind", "invoice"), number, party, "2026-11-23", (line,), cents, **more)


def in_story(make: Callable[[VirtualClock], Any]) -> Any:
    """Run a coroutine on the virtual clock."""
    return run_virtual(make, START)


def service(quickbooks: FakeQuickBooks, log: Any, clock: Clock, **more: Any) -> Service:
    more.setdefault("limits", ServiceLimits(life_sign_s=0))
    made = Service(FakeLink(quickbooks, clock), log, clock, **more)
    made.start()
    return made


def journal(clock: Clock) -> Journal:
    return Journal(clock.now)
