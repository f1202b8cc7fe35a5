"""Message-set ids with the real company: what an application learns when it sends the same set again after the answer was lost."""

import pytest
from doors.sample import DAY_OF_WORK

from emulator.company import load_company
from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.journal import Journal
from emulator.desktop import KINDS, Driver, Office, QuickBooks, RequestProcessor, SessionFailure
from emulator.faults import FaultSpec, Plan

from .makers import START, make_settings

APPLICATION = "Goflow Connector"
ADD = (
    "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef><RefNumber>{}</RefNumber>"
    "<InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef><Amount>12.50</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
)


def message_set(requests, ids):
    return f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq {ids} onError="stopOnError">{requests}</QBXMLMsgsRq></QBXML>'


class Bench:
    """A QuickBooks with the sample company, on which faults can be set; each `send` is a session of its own."""

    def __init__(self, clock):
        self.journal, chance, settings = Journal(clock.now), Chance(1), make_settings()
        self.company = load_company("wholesale_small", clock.now, settings)
        self.plan = Plan(KINDS, chance, self.journal)
        office = Office(settings, self.journal, self.plan, chance, clock.now)
        office.add_file(self.company)
        self.quickbooks, self.driver, self.clock = QuickBooks("SERVER", office), Driver(clock), clock

    def fault(self, kind, **spec):
        self.plan.add(FaultSpec(fault=kind, times=1, **spec), self.clock.now())

    async def send(self, document):
        """Return the answer, or nothing when the call failed."""
        if self.quickbooks.process is None:
            self.quickbooks.log_in("Goflow", "multi")
        processor = RequestProcessor(self.quickbooks)
        await self.driver.perform(processor.open_connection("", APPLICATION))
        ticket = await self.driver.perform(processor.begin_session("", 2))
        try:
            return await self.driver.perform(processor.process_request(ticket, document))
        except SessionFailure:
            return ""
        finally:
            await self.driver.perform(processor.release())

    def written(self, kind=None):
        return len(self.company.truth.transactions(kind))


def played(story):
    async def whole(clock):
        bench = Bench(clock)
        try:
            return await story(bench)
        finally:
            bench.company.close()

    return run_virtual(whole, START)


@pytest.mark.parametrize(
    ("point", "written_at_first", "written_after_the_resend"),
    [
        ("quickbooks.before-commit", 0, 2),
        # The one window that the ids do not cover: in the books, and its answer not stored.
        ("quickbooks.before-keep", 1, 3),
        ("quickbooks.after-commit", 1, 1),
        ("quickbooks.before-answer", 2, 2),
    ],
)
def test_resending_a_set_under_its_id_after_a_crash(point, written_at_first, written_after_the_resend):
    async def story(bench):
        bench.fault("crash", point=point)
        document = message_set(ADD.format("G-1") + ADD.format("G-2"), 'newMessageSetID="batch-1"')
        counts, answers = [], []
        for _ in range(2):
            answers.append(await bench.send(document))
            counts.append(bench.written("Invoice"))
        return counts, answers, [row["kind"] for row in bench.journal.rows(lane="quickbooks")]

    (before, after), (first, second), kinds = played(story)
    assert (before, after) == (written_at_first, written_after_the_resend)
    assert first == ""
    assert 'messageSetStatusCode="0"' in second
    assert kinds.count("set-answered") == 1


ON_EACH_SIDE = [("quickbooks.before-commit", 0), ("quickbooks.before-keep", 1), ("quickbooks.after-commit", 1)]


@pytest.mark.parametrize("place", range(len(DAY_OF_WORK) - 2))
@pytest.mark.parametrize(("point", "more"), ON_EACH_SIDE)
def test_a_crash_on_each_side_of_each_commit(point, more, place):
    """Orders, invoices, credits, payments and deposits: in the books is what was committed before, whole, and nothing else."""

    async def story(bench):
        before = bench.written()
        name = DAY_OF_WORK[place].split("Rq")[0].lstrip("<") + "Rq"
        bench.fault("crash", point=point, where={"request": name})
        first = await bench.send(message_set("".join(DAY_OF_WORK), "").replace("13.0", "16.0"))
        return first, bench.written() - before, bench.company.truth.problems(), len(list(bench.journal.rows("committed")))

    first, written, problems, told = played(story)
    assert first == ""
    assert (written, told, problems) == (place + more, place + more, [])


def test_an_outcome_that_cannot_be_stored_leaves_what_was_written():
    async def story(bench):
        bench.fault("outcome-not-stored", point="quickbooks.before-keep")
        document = message_set(ADD.format("G-1") + ADD.format("G-2"), 'newMessageSetID="batch-1"')
        first = await bench.send(document)
        asked = await bench.send(message_set("", 'oldMessageSetID="batch-1" newMessageSetID="batch-1"'))
        return first, asked, bench.written("Invoice")

    first, asked, written = played(story)
    assert ('messageSetStatusCode="9005"' in first, first.count('statusCode="0"')) == (True, 2)
    assert 'messageSetStatusCode="9002"' in asked
    assert written == 2


def test_an_internal_error_after_the_commit_stops_the_set_and_leaves_the_write():
    async def story(bench):
        bench.fault("internal-1000", point="quickbooks.after-commit")
        await bench.send(message_set(ADD.format("G-1") + ADD.format("G-2"), ""))
        written = [each["ref"] for each in bench.company.truth.transactions("Invoice")]
        return written, [row["status"] for row in bench.journal.rows("answered")], len(list(bench.journal.rows("committed")))

    assert played(story) == (["G-1"], [1000, 3231], 1)
