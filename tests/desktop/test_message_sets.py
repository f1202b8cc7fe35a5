"""ProcessRequest: what is written and told when all goes well, when the document is wrong, and when a fault strikes at each point."""

import asyncio
from functools import partial

import pytest

from emulator.desktop import Code, SessionFailure
from emulator.qbxml import status
from emulator.qbxml.messages import Answer

from .makers import APPLICATION, OTHER_PATH, QUERY, FakeCompany, at_desk, document, invoice


async def in_session(desk, mode=2):
    processor = desk.processor()
    await desk.perform(processor.open_connection("", APPLICATION))
    return processor, await desk.perform(processor.begin_session("", mode))


async def failing(desk, operation):
    with pytest.raises(SessionFailure) as caught:
        await desk.perform(operation)
    return caught.value.code


def test_the_journal_follows_a_write_from_request_to_answer():
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        answer = await desk.perform(processor.process_request(ticket, document(invoice("G-7", "Kern Supply", "K7", 5000))))
        await desk.perform(processor.close_connection())
        assert "<InvoiceAddRs" in answer
        return list(desk.journal.rows(lane="quickbooks"))

    rows = at_desk(story)
    assert [row["kind"] for row in rows] == [
        "started",
        "logged-in",
        "session-begun",
        "request",
        "committed",
        "answered",
        "library-remark",
        "session-ended",
    ]
    begun, asked, committed, answered = rows[2:6]
    assert (begun["user"], begun["machine"], begun["mode"], begun["mode_asked"]) == ("Goflow", "SERVER", "multi", 2)
    known = {"number": "G-7", "party": "Kern Supply", "key": "K7"}
    assert {name: asked[name] for name in known} == known
    assert asked["total_cents"] == 5000
    assert {name: committed[name] for name in known} == known
    assert committed["id"] == "1-1"
    assert (answered["status"], answered["severity"]) == (0, "Info")


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (Code.XML_NOT_VALID, "<not xml"),
        (Code.XML_NOT_VALID, ""),
        (Code.XML_NOT_VALID, document("<NoSuchThingRq />")),
        (Code.NO_ROLLBACK, document(QUERY, on_error="rollbackOnError")),
        (Code.VERSION_UNKNOWN, document(QUERY, version="99.0")),
        (
            Code.WRONG_CALL,
            '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq></QBXMLSubscriptionMsgsRq></QBXML>',
        ),
    ],
)
def test_a_document_that_is_not_valid_does_nothing(code, wrong):
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        found = await failing(desk, processor.process_request(ticket, wrong))
        failure = next(desk.journal.rows("session-failed"))
        assert failure["diagnosis"]
        assert failure["application"] == APPLICATION
        return found, desk.company.written

    assert at_desk(story) == (code, [])


ONE, TWO = invoice("G-1", key="K1"), invoice("G-2", key="K2")


@pytest.mark.parametrize(
    ("fault", "code", "written"),
    [
        ({"fault": "session-error", "point": "quickbooks.before-process"}, Code.RPC_UNAVAILABLE, 0),
        ({"fault": "session-error", "point": "quickbooks.before-commit"}, Code.RPC_UNAVAILABLE, 0),
        ({"fault": "session-error", "point": "quickbooks.after-commit"}, Code.RPC_UNAVAILABLE, 1),
        ({"fault": "session-error", "point": "quickbooks.after-commit", "where": {"key": "K2"}}, Code.RPC_UNAVAILABLE, 2),
        ({"fault": "session-error", "point": "quickbooks.before-answer"}, Code.RPC_UNAVAILABLE, 2),
        ({"fault": "crash", "point": "quickbooks.before-commit"}, Code.INTERNAL_ERROR, 0),
        ({"fault": "crash"}, Code.INTERNAL_ERROR, 1),
        ({"fault": "crash", "with": {"code": "0x800706BE"}}, Code.RPC_FAILED, 1),
        ({"fault": "answer-lost", "with": {"how": "fails"}}, Code.RPC_FAILED, 2),
        (
            {"fault": "answer-lost", "where": {"number": "G-2"}, "with": {"how": "fails", "code": "0x80010108"}},
            Code.DISCONNECTED,
            2,
        ),
        ({"fault": "modal-dialog"}, Code.DIALOG_OPEN, 0),
        ({"fault": "slow"}, None, 2),
        ({"fault": "modal-dialog", "with": {"closes_after_s": 10.0}}, None, 2),
        ({"fault": "hang", "with": {"seconds": 300.0}}, None, 2),
    ],
)
def test_a_fault_leaves_what_was_committed_before_it(fault, code, written):
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        desk.fault(fault.pop("fault"), times=1, **fault)
        try:
            await desk.perform(processor.process_request(ticket, document(ONE, TWO)))
            found = None
        except SessionFailure as failure:
            found = failure.code
        assert desk.plan.unfired() == []
        assert len(list(desk.journal.rows("committed"))) == written
        return found, len(desk.company.written)

    assert at_desk(story) == (code, written)


def test_an_answer_that_hangs_lets_others_work():
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        desk.fault("answer-lost", times=1)
        with pytest.raises(TimeoutError):
            async with clock.limit(90):
                await desk.perform(processor.process_request(ticket, document(ONE)))
        other, ticket = await in_session(desk)
        await desk.perform(other.process_request(ticket, document(QUERY)))
        await clock.sleep(0.001)
        return (
            desk.company.written,
            [row["kind"] for row in desk.journal.rows() if str(row["kind"]).startswith("answer")],
            desk.office.changes.waiting,
        )

    assert at_desk(story) == (["InvoiceAddRq"], ["answer-withheld", "answered"], 0)


def test_a_hang_keeps_everybody_waiting_until_quickbooks_is_ended():
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        other, other_ticket = await in_session(desk)
        desk.fault("hang", times=1, **{"with": {"seconds": 0.0}})
        calls = [
            asyncio.create_task(failing(desk, processor.process_request(ticket, document(ONE)))),
            asyncio.create_task(failing(desk, other.process_request(other_ticket, document(TWO)))),
        ]
        await clock.sleep(3600)
        assert not any(call.done() for call in calls)
        desk.server.quit()
        return await asyncio.gather(*calls), desk.company.written

    codes, written = at_desk(story)
    assert codes == [Code.INTERNAL_ERROR, Code.RPC_UNAVAILABLE]
    assert written == []


def test_a_caller_that_gives_up_has_written_all_the_same():
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        desk.fault("slow", times=1, point="quickbooks.before-commit", **{"with": {"seconds": 120.0}})
        with pytest.raises(TimeoutError):
            async with clock.limit(90):
                await desk.perform(processor.process_request(ticket, document(ONE)))
        at_timeout = len(desk.company.written)
        await desk.perform(processor.release())
        other, other_ticket = await in_session(desk)
        await desk.perform(other.process_request(other_ticket, document(QUERY)))
        return at_timeout, desk.company.written, round(clock.elapsed_s()), desk.driver.abandoned

    # The question of the next session waits in line behind the slow write, and so learns of it.
    assert at_desk(story) == (0, ["InvoiceAddRq"], 120, 0)


def test_one_request_at_a_time_in_order_of_arrival():
    async def story(desk, clock):
        sessions = [await in_session(desk) for _ in range(4)]
        desk.fault("slow", **{"with": {"seconds": 10.0}})
        ended = []

        async def call(number):
            processor, ticket = sessions[number]
            await desk.perform(processor.process_request(ticket, document(invoice(f"G-{number}"))))
            ended.append((number, round(clock.elapsed_s())))

        await asyncio.gather(*map(call, range(4)))
        return ended

    assert at_desk(story) == [(0, 10), (1, 20), (2, 30), (3, 40)]


@pytest.mark.parametrize(
    ("what", "switches", "expected"),
    [
        ("log out", {}, Code.NO_FILE_NO_PATH),
        ("log out", {"file_closed_under_session": "0x8004040D"}, Code.WRONG_TICKET),
        ("other file", {}, Code.OTHER_FILE_OPEN),
        ("other file", {"file_closed_under_session": "0x800706BA"}, Code.RPC_UNAVAILABLE),
        ("same file again", {}, Code.WRONG_TICKET),
        ("same file again", {"same_file_opened_again": "works"}, None),
        ("quit", {}, Code.RPC_UNAVAILABLE),
        ("quit", {"gone_before_call": "0x80010108"}, Code.DISCONNECTED),
        ("restart", {}, Code.WRONG_TICKET),
        ("restart", {"restarted_before_call": "0x800706BA"}, Code.RPC_UNAVAILABLE),
        ("switched off", {}, Code.NOT_PERMITTED),
        ("switch mode", {}, None),
    ],
)
def test_what_people_do_under_a_session(what, switches, expected):
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        server = desk.server
        if what == "switched off":
            desk.office.files[0].authorisations.switch_off(APPLICATION)
        elif what == "switch mode":
            server.switch_mode("single")
        elif what in ("quit", "restart"):
            server.quit()
        else:
            server.log_out()
        if what == "other file":
            other = desk.office.add_file(FakeCompany(path_shown=OTHER_PATH))
            server.log_in("Admin", "multi", other.path)
        elif what in ("same file again", "restart"):
            server.log_in("Goflow", "multi")
        try:
            await desk.perform(processor.process_request(ticket, document(QUERY)))
        except SessionFailure as failure:
            return failure.code
        return None

    assert at_desk(story, **switches) == expected


def test_the_company_is_told_who_calls_and_when_the_session_ends():
    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        await desk.perform(processor.process_request(ticket, document(QUERY)))
        await desk.perform(processor.end_session(ticket))
        return desk.company.callers[0], desk.company.ended == [ticket]

    caller, ended = at_desk(story)
    assert (caller.application, caller.user, caller.file_mode, caller.automatic_login) == (
        APPLICATION,
        "Goflow",
        "MultiUser",
        False,
    )
    assert ended


def test_a_mistake_of_our_own_is_answered_1000_and_written_down():
    def begin_set(company, messages, caller, unforeseen):
        run = FakeCompany.begin_set(company, messages, caller)

        def perform(keep=True):
            try:
                return {}["missing"]
            except KeyError as error:
                unforeseen(run.steps[0].request, error)
                return Answer("InvoiceAddRs", status.of(1000))

        run.steps[0].perform = perform
        return run

    async def story(desk, clock):
        processor, ticket = await in_session(desk)
        desk.company.begin_set = partial(begin_set, desk.company)
        answer = await desk.perform(processor.process_request(ticket, document(invoice(), QUERY, on_error="continueOnError")))
        return answer, list(desk.journal.rows("internal-error")), list(desk.journal.rows("answered"))

    answer, [wrong], answered = at_desk(story)
    assert 'statusCode="1000"' in answer
    assert [row["status"] for row in answered] == [1000, 1]
    assert (wrong["request"], wrong["error"]) == ("InvoiceAddRq", "KeyError: 'missing'")
    assert wrong["traceback"][-1].startswith("test_message_sets.py:")
