"""The kinds of fault: the table, and every kind at every of its points: it strikes, it ends, and nothing is left behind."""

import asyncio

import pytest

from desktop.makers import APPLICATION, QUERY, START, at_desk, document, invoice, make_desk
from emulator.core.clock import run_virtual
from emulator.desktop import KINDS, POINTS, Code, RequestProcessor, SessionFailure
from emulator.desktop.faults import BEGINS, EFFECTS
from emulator.desktop.faults.calls import KINDS as CALL_KINDS

PLACES = [(kind.name, point) for kind in CALL_KINDS if not kind.lasting for point in kind.points]


def test_the_table_uses_what_is_there():
    assert len({kind.name for kind in KINDS}) == len({kind.id for kind in KINDS}) == len(KINDS)
    assert {kind.effect for kind in KINDS if not kind.lasting} == set(EFFECTS)
    assert {kind.effect for kind in KINDS if kind.lasting} == set(BEGINS)
    assert {point for kind in KINDS for point in kind.points} == set(POINTS)
    assert all(kind.about and kind.correct for kind in KINDS)


@pytest.mark.parametrize(("kind", "point"), PLACES)
def test_each_kind_strikes_at_each_of_its_points_and_leaves_nothing_behind(kind, point):
    async def story(desk, clock):
        for_ever = {"with": {"seconds": 0.0}} if kind == "hang" else {}
        desk.fault(kind, point=point, times=1, **for_ever)
        outcome = await attempt(desk, clock)
        assert desk.plan.unfired() == []
        touched = [row for row in desk.journal.rows(lane="quickbooks") if kind in row.get("faults", ())]
        # Who gave up left a hung QuickBooks behind; a lost answer keeps only its caller waiting.
        await clock.sleep(0.001)
        assert desk.office.changes.waiting == len(desk.server.line) == (1 if kind == "hang" else 0)
        # People put things right, and the next attempt works.
        if kind == "hang":
            desk.server.quit()
            await clock.sleep(1)
            assert desk.office.changes.waiting == len(desk.server.line) == 0
        if desk.server.dialog is not None:
            desk.server.close_dialog()
        desk.office.clear_ghosts()
        if desk.server.process is None:
            desk.server.log_in("Goflow", "multi")
        assert await attempt(desk, clock) is None
        return outcome, bool(touched)

    outcome, touched = at_desk(story)
    assert outcome == ("gave up" if kind in ("hang", "answer-lost") else EXPECTED[kind])
    assert touched or outcome == "gave up"


EXPECTED = {
    "slow": None,
    "slow-query": None,
    "slows-down": None,
    "session-error": Code.RPC_UNAVAILABLE,
    "rpc-gone": Code.RPC_UNAVAILABLE,
    "ticket-invalid": Code.WRONG_TICKET,
    "answer-twice": None,
    "killed-by-neighbour": Code.INTERNAL_ERROR,
    "crash": Code.INTERNAL_ERROR,
    "modal-dialog": Code.DIALOG_OPEN,
    "record-locked": None,
    "internal-1000": None,
    "outcome-not-stored": None,
}


WITH_ID = document(invoice()).replace("<QBXMLMsgsRq ", '<QBXMLMsgsRq newMessageSetID="set-1" ')


async def attempt(desk, clock):
    """A whole session with one write, by a caller that waits ten minutes; the code it fails with, None when all is well."""
    processor = None
    try:
        async with clock.limit(600):
            processor = await desk.perform(RequestProcessor.create(desk.server))
            await desk.perform(processor.open_connection("", APPLICATION))
            ticket = await desk.perform(processor.begin_session("", 2))
            await desk.perform(processor.process_request(ticket, WITH_ID))
    except SessionFailure as failure:
        return failure.code
    except TimeoutError:
        return "gave up"
    finally:
        if processor is not None:
            await desk.perform(processor.release())
    return None


@pytest.mark.parametrize("kind", [kind.name for kind in CALL_KINDS if "quickbooks.before-begin" in kind.points])
def test_a_fault_before_begin_meets_a_closed_quickbooks(kind):
    async def story(desk, clock):
        desk.fault(kind, point="quickbooks.before-begin", times=1)
        outcome = await attempt(desk, clock)
        return outcome, clock.elapsed_s()

    outcome, elapsed_s = at_desk(story, open_as=None)
    assert outcome == (Code.RPC_UNAVAILABLE if kind in ("session-error", "rpc-gone") else Code.NOT_RUNNING_NO_PATH)
    assert elapsed_s == pytest.approx(30 if kind == "slow" else 0)


def test_a_long_dialog_makes_calls_fail_and_then_is_gone():
    async def story(desk, clock):
        desk.fault("modal-dialog", times=1, **{"with": {"closes_after_s": 90.0}})
        first = await attempt(desk, clock)
        await clock.sleep(60)
        second = await attempt(desk, clock)
        return first, second, round(clock.elapsed_s())

    assert at_desk(story) == (Code.DIALOG_OPEN, None, 90)


def test_a_crash_may_leave_a_ghost_that_the_host_notices_later():
    async def story(desk, clock):
        desk.fault("crash", times=1, **{"with": {"ghost": True, "ghost_s": 300.0}})
        await attempt(desk, clock)
        seats = [desk.office.seats_free]
        await clock.sleep(301)
        return [*seats, desk.office.seats_free]

    assert at_desk(story) == [2, 3]


def test_the_same_seed_gives_the_same_journal():
    def journal():
        async def story(clock):
            desk = make_desk(clock)
            desk.fault("session-error", point="quickbooks.before-answer", when={"probability": 0.5}, expect_hits="any")
            for _ in range(10):
                await attempt(desk, clock)
                await clock.sleep(7)
            return desk.journal.bytes()

        return run_virtual(story, START)

    assert journal() == journal()


@pytest.mark.parametrize(
    ("fault", "statuses", "written"),
    [
        ({"fault": "record-locked"}, [3175, 0], 1),
        ({"fault": "record-locked", "with": {"status": 3180, "quickbooks_says": "Locked by Anna."}}, [3180, 0], 1),
        ({"fault": "record-locked", "where": {"number": "G-2"}}, [0, 3175], 1),
        ({"fault": "internal-1000"}, [1000, 0], 1),
        ({"fault": "internal-1000", "point": "quickbooks.after-commit"}, [1000, 0], 2),
    ],
)
def test_answers_with_an_error(fault, statuses, written):
    async def story(desk, clock):
        fields = dict(fault)
        desk.fault(fields.pop("fault"), times=1, **fields)
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session("", 2))
        both = document(invoice("G-1"), invoice("G-2"), on_error="continueOnError")
        answer = await desk.perform(processor.process_request(ticket, both))
        assert all(text in answer for text in fault.get("with", {}).values() if isinstance(text, str))
        return [row["status"] for row in desk.journal.rows("answered")], len(desk.company.written)

    assert at_desk(story) == (statuses, written)


def test_queries_are_struck_too():
    async def story(desk, clock):
        desk.fault("session-error", where={"request": "CompanyQueryRq"}, point="quickbooks.before-commit")
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session("", 2))
        await desk.perform(processor.process_request(ticket, document(invoice())))
        with pytest.raises(SessionFailure):
            await desk.perform(processor.process_request(ticket, document(QUERY)))
        return [row["hit"] for row in desk.journal.rows("fault-hit")]

    assert at_desk(story) == [1]


# ---- sessions that end, and calls that are slow -------------------------------------------------------------------------------


async def begun(desk):
    """A processor in a session, and its ticket."""
    processor = desk.processor()
    await desk.perform(processor.open_connection("", APPLICATION))
    return processor, await desk.perform(processor.begin_session("", 2))


async def codes(desk, processor, ticket, count):
    """The codes of so many calls, None for one that was answered."""
    found = []
    for _ in range(count):
        try:
            await desk.perform(processor.process_request(ticket, document(QUERY)))
            found.append(None)
        except SessionFailure as failure:
            found.append(failure.code)
    return found


@pytest.mark.parametrize("after_n", [0, 1, 3])
def test_a_ticket_stops_being_good_after_so_many_calls_until_a_new_session(after_n):
    async def story(desk, clock):
        desk.fault("ticket-invalid", times=1, **{"with": {"after_n": after_n}})
        processor, ticket = await begun(desk)
        assert await codes(desk, processor, ticket, 5) == [None] * after_n + [Code.WRONG_TICKET] * (5 - after_n)
        failed = list(desk.journal.rows("session-failed"))
        assert len(failed) == 5 - after_n
        # The way out is a new connection: the object knows of a session that QuickBooks does not know.
        for call in (processor.end_session(ticket), processor.begin_session("", 2)):
            with pytest.raises(SessionFailure):
                await desk.perform(call)
        assert all(row["faults"] == ["ticket-invalid"] for row in failed)
        await desk.perform(processor.close_connection())
        assert desk.server.sessions == []
        other, ticket = await begun(desk)
        assert await codes(desk, other, ticket, 1) == [None]

    at_desk(story)


def test_a_broken_connection_ends_the_session_and_leaves_quickbooks_alive():
    async def story(desk, clock):
        desk.fault("rpc-gone", times=1, point="quickbooks.after-commit")
        processor, ticket = await begun(desk)
        assert await codes(desk, processor, ticket, 1) == [Code.RPC_UNAVAILABLE]
        [again] = await codes(desk, processor, ticket, 1)
        assert again is not None
        assert [row["faults"] for row in desk.journal.rows("session-failed")] == [["rpc-gone"], ["rpc-gone"]]
        assert (desk.server.state, desk.server.sessions) == ("file-open", [])
        await desk.perform(processor.close_connection())
        other, ticket = await begun(desk)
        assert await codes(desk, other, ticket, 1) == [None]

    at_desk(story)


@pytest.mark.parametrize("code", [Code.CALL_REJECTED, Code.SERVER_BUSY])
def test_a_second_call_is_refused_or_waits(code):
    async def story(desk, clock):
        first, ticket = await begun(desk)
        second, other = await begun(desk)
        desk.fault("slow", point="quickbooks.before-process", **{"with": {"seconds": 60.0}}, where={"request": "CompanyQueryRq"})

        async def both():
            calls = [codes(desk, first, ticket, 1), codes(desk, second, other, 1)]
            return [each[0] for each in await asyncio.gather(*calls)]

        assert await both() == [None, None]
        assert clock.elapsed_s() == 120
        desk.fault("one-at-a-time", **{"with": {"others": str(code)}})
        assert await both() == [None, code]
        [row] = desk.journal.rows("session-failed")
        assert row["faults"] == ["one-at-a-time"]
        desk.plan.lift("one-at-a-time")
        assert await both() == [None, None]

    at_desk(story)


def test_it_slows_down_until_it_is_restarted():
    async def story(desk, clock):
        desk.fault("slows-down", **{"with": {"more_s": 2.0, "most_s": 5.0}})

        async def took():
            processor, ticket = await begun(desk)
            began_s = clock.elapsed_s()
            await codes(desk, processor, ticket, 1)
            await desk.perform(processor.release())
            return clock.elapsed_s() - began_s

        assert [round(await took()) for _ in range(4)] == [2, 4, 5, 5]
        desk.server.quit()
        desk.server.log_in("Goflow", "multi")
        assert round(await took()) == 2

    at_desk(story)


@pytest.mark.parametrize(
    ("fault", "parameters", "seconds"),
    [
        ("slow", {"seconds": 4.0}, 4.0),
        ("slow", {"seconds": 4.0, "per_row_s": 0.5}, 4.0 + 2 * 0.5),
        ("slow", {"seconds": 4.0, "most_s": 3.0}, 3.0),
        ("slow-query", {"seconds": 1.0, "per_row_s": 0.25}, 1.0 + 2 * 0.25),
    ],
)
def test_a_slow_answer_takes_a_time_for_the_call_and_one_for_each_row(fault, parameters, seconds):
    async def story(desk, clock):
        desk.fault(fault, **{"with": parameters})
        processor, ticket = await begun(desk)
        await desk.perform(processor.process_request(ticket, document(invoice("G-1"), invoice("G-2"))))
        return clock.elapsed_s()

    assert at_desk(story) == pytest.approx(seconds)


def test_both_answers_of_a_request_are_valid_also_of_a_query():
    async def story(desk, clock):
        desk.fault("answer-twice")
        processor, ticket = await begun(desk)
        answer = await desk.perform(processor.process_request(ticket, document(QUERY, invoice())))
        assert (answer.count("<CompanyQueryRs "), answer.count("<InvoiceAddRs ")) == (2, 2)
        assert len(desk.company.written) == 1

    at_desk(story)


def test_when_an_answer_is_lost_a_failure_behind_it_is_lost_too():
    async def story(desk, clock):
        desk.fault("answer-lost", point="quickbooks.before-commit")
        desk.fault("session-error", point="quickbooks.before-answer")
        assert await attempt(desk, clock) == "gave up"
        assert [fault.hits for fault in desk.plan.faults()] == [1, 1]
        assert desk.company.written == ["InvoiceAddRq"]

    at_desk(story)
