"""How long calls take: by request, drawn by the seed, and cut short when QuickBooks goes."""

import asyncio

import pytest

from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.desktop import Pace, SessionFailure
from emulator.desktop.latency import Latency

from .makers import APPLICATION, QUERY, START, document, invoice, make_desk


def at_a_slow_desk(story, paces, seed=1):
    async def run(clock):
        desk = make_desk(clock)
        desk.office.latency = Latency(paces, Chance(seed))
        return await story(desk, clock)

    return run_virtual(run, START)


async def took_s(clock, desk, operation):
    began_s = clock.elapsed_s()
    value = await desk.perform(operation)
    return clock.elapsed_s() - began_s, value


def times(paces, *documents, seed=1):
    """Story seconds of BeginSession, and of each document."""

    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        began_s, ticket = await took_s(clock, desk, processor.begin_session("", 2))
        return began_s, [(await took_s(clock, desk, processor.process_request(ticket, each)))[0] for each in documents]

    return at_a_slow_desk(story, paces, seed)


@pytest.mark.parametrize(
    ("paces", "begin_s", "documents_s"),
    [
        ({}, 0, [0, 0]),
        ({"BeginSession": Pace(seconds=1.5)}, 1.5, [0, 0]),
        ({"CompanyQueryRq": Pace(seconds=2)}, 0, [2, 2]),
        ({"CompanyQueryRq": Pace(seconds=2), "other": Pace(seconds=0.5)}, 0, [2, 2.5]),
        ({"InvoiceAddRq": Pace(seconds=1, per_row_s=0.25)}, 0, [0, 1.25]),
    ],
)
def test_each_request_of_a_document_takes_its_time(paces, begin_s, documents_s) -> None:
    begun_s, told_s = times(paces, document(QUERY), document(QUERY, invoice()))
    assert begun_s == pytest.approx(begin_s)
    assert told_s == pytest.approx(documents_s)


def test_times_are_drawn_by_the_seed() -> None:
    paces = {"CompanyQueryRq": Pace(seconds=1, spread=0.5)}
    drawn = [times(paces, *[document(QUERY)] * 3, seed=seed)[1] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 3


def test_a_crash_cuts_the_time_short() -> None:
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session("", 2))
        call = asyncio.ensure_future(desk.perform(processor.process_request(ticket, document(invoice()))))
        await clock.sleep(5)
        desk.server.crash()
        with pytest.raises(SessionFailure):
            await call
        return clock.elapsed_s(), desk.kinds()

    elapsed_s, kinds = at_a_slow_desk(story, {"InvoiceAddRq": Pace(seconds=60)})
    assert elapsed_s == pytest.approx(5)
    assert "committed" not in kinds
