"""The ticket of a session: good until EndSession, and looked at again when a call that waited in line has its turn."""

import asyncio

import pytest

from emulator.desktop import Application, Code

from .makers import APPLICATION, OTHER_PATH, PATH, QUERY, FakeCompany, at_desk, code_of, document

UNATTENDED = {"open_as": None, "grant": "even if not running"}


async def begun(desk, application):
    processor = desk.processor()
    await desk.perform(processor.open_connection("", application))
    return processor, await desk.perform(processor.begin_session(PATH, 2))


@pytest.mark.parametrize(
    ("end", "expected"), [("EndSession", Code.WRONG_TICKET), ("CloseConnection", Code.WRONG_TICKET), ("dropped", None)]
)
@pytest.mark.parametrize(("alone", "options"), [(True, {}), (False, {}), (False, UNATTENDED)])
def test_a_session_that_is_ended_under_a_waiting_call_ends_its_ticket(end, expected, alone, options):
    async def story(desk, clock):
        processor, ticket = await begun(desk, APPLICATION)
        calls = []
        if not alone:
            desk.office.files[0].authorisations.grant(Application("Other", login="even if not running", login_as="Goflow"))
            other, others = await begun(desk, "Other")
        desk.server.show_dialog("Backup", hangs=True, closes_after_s=5)
        if not alone:
            # The other program's call is served; ours waits in line behind it.
            calls.append(asyncio.create_task(code_of(desk.perform(other.process_request(others, document(QUERY))))))
            await asyncio.sleep(0)
        calls.append(asyncio.create_task(code_of(desk.perform(processor.process_request(ticket, document(QUERY))))))
        await clock.sleep(1)
        ends = {
            "EndSession": lambda: processor.end_session(ticket),
            "CloseConnection": processor.close_connection,
            "dropped": processor.release,
        }
        await desk.perform(ends[end]())
        return [await call for call in calls]

    assert at_desk(story, **options) == [None] * (not alone) + [expected]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("situation", Code.NO_FILE_NO_PATH), ("0x8004040D", Code.WRONG_TICKET), ("0x800706BA", Code.RPC_UNAVAILABLE)],
)
@pytest.mark.parametrize("options", [{}, UNATTENDED])
def test_a_session_whose_file_the_admin_closed_for_users_meets_the_same_with_and_without_a_window(setting, expected, options):
    async def story(desk, clock):
        desk.accounting.log_in("Admin", "multi")
        processor, ticket = await begun(desk, APPLICATION)
        desk.accounting.close_for_users()
        return await code_of(desk.perform(processor.process_request(ticket, document(QUERY))))

    assert at_desk(story, **options, closed_for_users=setting) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("situation", Code.NO_FILE_NO_PATH), ("0x8004040D", Code.WRONG_TICKET), ("0x800706BA", Code.RPC_UNAVAILABLE)],
)
@pytest.mark.parametrize("other_file", [False, True])
def test_a_session_whose_file_a_person_closed(setting, expected, other_file):
    async def story(desk, clock):
        desk.office.add_file(FakeCompany(path_shown=OTHER_PATH))
        processor, ticket = await begun(desk, APPLICATION)
        desk.server.log_out()
        if other_file:
            desk.server.log_in("Anna", "multi", OTHER_PATH)
        return await code_of(desk.perform(processor.process_request(ticket, document(QUERY))))

    if other_file and setting == "situation":
        expected = Code.OTHER_FILE_OPEN
    assert at_desk(story, file_closed_under_session=setting) == expected
