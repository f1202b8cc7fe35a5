"""A program at a QuickBooks with the sample company: what it asks, and what it is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from desktop.makers import APPLICATION, START, Desk, document, make_desk
from emulator.company import SWITCHES, Company, load_description, sample_path
from emulator.core.clock import VirtualClock, run_virtual
from emulator.core.switches import SwitchSettings
from emulator.qbxml import Answer, decode_answer_set

KERN = "Kern Lighting Warehouse"


@dataclass
class Program:
    """An application in a session of its own.

    Attributes:
        desk: the office, its plan and its journal.
        clock: the story's.
        last: the answer it got last, as it came.
    """

    desk: Desk
    clock: VirtualClock
    ticket: str = ""
    processor: Any = None
    last: str = ""

    @property
    def company(self) -> Company:
        company: Company = self.desk.company
        return company

    async def begin(self) -> None:
        self.processor = self.desk.processor()
        await self.desk.perform(self.processor.open_connection("", APPLICATION))
        self.ticket = await self.desk.perform(self.processor.begin_session("", 2))

    async def ask(self, *requests: str, **more: Any) -> list[Answer]:
        """Send a document; return its answers."""
        self.last = await self.desk.perform(self.processor.process_request(self.ticket, document(*requests, **more)))
        return decode_answer_set(self.last, "13.0").answers

    async def code(self, request: str) -> int:
        """Send one request; return the status code of its answer."""
        (answer,) = await self.ask(request)
        return answer.status.code

    async def record(self, request: str) -> dict[str, Any]:
        """Send one request that must work; return the record it is answered with."""
        (answer,) = await self.ask(request)
        assert answer.status.code == 0, answer.status
        values = answer.records[0][1]
        assert isinstance(values, dict)
        return values

    def fault(self, kind: str, **more: Any) -> Any:
        """Put a fault into force; parameters of the kind as `given`."""
        self.desk.fault(kind, **({"with": more.pop("given")} if "given" in more else {}), **more)
        return self.desk.plan.faults()[-1]

    def blamed(self, fault: str) -> list[int]:
        """Return the status codes of the answers that name a fault in the journal."""
        return [row["status"] for row in self.desk.journal.rows("answered") if fault in row.get("faults", ())]

    def lift(self, name: str) -> None:
        self.desk.plan.lift(name)

    def by_hand(self, fault: str) -> list[str]:
        """Return the kinds of rows that tell what people did for a fault."""
        kinds = ("typed", "by-hand", "by-hand-refused", "iterators-lost")
        return [row["kind"] for row in self.desk.journal.rows() if row["kind"] in kinds and row["faults"] == [fault]]


class _Now:
    """The clock of companies that outlive a story: it tells the time of the story that is played."""

    clock: VirtualClock

    def __call__(self) -> datetime:
        return self.clock.now()


@cache
def _template(*overrides: tuple[str, Any]) -> tuple[Company, _Now]:
    """The sample company, made once: each story has a copy."""
    now = _Now()

    async def made(clock: VirtualClock) -> Company:
        now.clock = clock
        description = load_description(sample_path("wholesale_small"))
        return Company.create(None, description, now, SwitchSettings((SWITCHES,), dict(overrides)))

    return run_virtual(made, START), now


def played(story: Callable[[Program], Awaitable[Any]], settings: dict[str, Any] | None = None) -> Any:
    """Play a story at the books; at its end every fault is lifted, and the books must agree."""
    template, now = _template(*(settings or {}).items())

    async def whole(clock: VirtualClock) -> Any:
        now.clock = clock
        company = template.fork()
        try:
            program = Program(make_desk(clock, make_company=lambda _: company), clock)
            await program.begin()
            result = await story(program)
            program.desk.plan.lift_all()
            assert company.truth.problems() == []
            return result
        finally:
            company.close()

    return run_virtual(whole, START)


def in_office(story: Callable[[Desk, VirtualClock], Awaitable[Any]], **options: Any) -> Any:
    """Play a story at a desk whose company file is the sample company; no program is in a session."""
    template, now = _template()

    async def whole(clock: VirtualClock) -> Any:
        now.clock = clock
        company = template.fork()
        try:
            return await story(make_desk(clock, make_company=lambda _: company, **options), clock)
        finally:
            company.close()

    return run_virtual(whole, START)


def add_invoice(
    number: str = "G-1", *, customer: str = KERN, item: str = "Freight", cents: int = 12500, date: str = "2026-03-02"
) -> str:
    """An InvoiceAddRq with one line."""
    return (
        f"<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef><TxnDate>{date}</TxnDate>"
        f"<RefNumber>{number}</RefNumber><Memo>[key:K1]</Memo><InvoiceLineAdd><ItemRef><FullName>{item}</FullName></ItemRef>"
        f"<Amount>{cents / 100:.2f}</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


def add_customer(name: str) -> str:
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>"


def find_customer(name: str = KERN) -> str:
    return f"<CustomerQueryRq><FullName>{name}</FullName></CustomerQueryRq>"


def find_invoices(number: str) -> str:
    return f"<InvoiceQueryRq><RefNumber>{number}</RefNumber><IncludeLineItems>1</IncludeLineItems></InvoiceQueryRq>"
