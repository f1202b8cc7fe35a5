"""Message-set ids with the real company: what an application learns when it sends the same set again after the answer was lost."""

import pytest

from emulator.company import Company, load_description, sample_path
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
    async def story(clock):
        journal, chance, settings = Journal(clock.now), Chance(1), make_settings()
        company = Company.create(None, load_description(sample_path("wholesale_small")), clock.now, settings)
        plan = Plan(KINDS, chance, journal)
        office = Office(settings, journal, plan, chance, clock.now)
        office.add_file(company)
        quickbooks, driver = QuickBooks("SERVER", office), Driver(clock)
        plan.add(FaultSpec(fault="crash", point=point, times=1), clock.now())
        document = message_set(ADD.format("G-1") + ADD.format("G-2"), 'newMessageSetID="batch-1"')
        counts, answers = [], []
        for _ in range(2):
            quickbooks.log_in("Goflow", "multi")
            processor = RequestProcessor(quickbooks)
            await driver.perform(processor.open_connection("", APPLICATION))
            ticket = await driver.perform(processor.begin_session("", 2))
            try:
                answers.append(await driver.perform(processor.process_request(ticket, document)))
            except SessionFailure:
                answers.append("")
            await driver.perform(processor.release())
            counts.append(len(company.truth.transactions("Invoice")))
        kinds = [row["kind"] for row in journal.rows(lane="quickbooks")]
        company.close()
        return counts, answers, kinds

    (before, after), (first, second), kinds = run_virtual(story, START)
    assert (before, after) == (written_at_first, written_after_the_resend)
    assert first == ""
    assert 'messageSetStatusCode="0"' in second
    assert kinds.count("set-answered") == 1


def test_an_internal_error_after_the_commit_stops_the_set_and_leaves_the_write():
    async def story(clock):
        journal, chance, settings = Journal(clock.now), Chance(1), make_settings()
        company = Company.create(None, load_description(sample_path("wholesale_small")), clock.now, settings)
        plan = Plan(KINDS, chance, journal)
        office = Office(settings, journal, plan, chance, clock.now)
        office.add_file(company)
        quickbooks, driver = QuickBooks("SERVER", office), Driver(clock)
        plan.add(FaultSpec(fault="internal-1000", point="quickbooks.after-commit", times=1), clock.now())
        quickbooks.log_in("Goflow", "multi")
        processor = RequestProcessor(quickbooks)
        await driver.perform(processor.open_connection("", APPLICATION))
        ticket = await driver.perform(processor.begin_session("", 2))
        await driver.perform(processor.process_request(ticket, message_set(ADD.format("G-1") + ADD.format("G-2"), "")))
        written = [each["ref"] for each in company.truth.transactions("Invoice")]
        company.close()
        return written, [row["status"] for row in journal.rows("answered")], len(list(journal.rows("committed")))

    assert run_virtual(story, START) == (["G-1"], [1000, 3231], 1)
