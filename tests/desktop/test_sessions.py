"""The ticket of a session: good until EndSession, and looked at again when a call that waited in line has its turn."""

import asyncio

import pytest

from emulator.desktop import Application, Code

from .makers import APPLICATION, PATH, QUERY, at_desk, code_of, document

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
