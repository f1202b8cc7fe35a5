"""AuthPreferences: what was asked for is told back in the session, and whether the grant covers it."""

import pytest

from emulator.desktop import Application, Code, SessionFailure

from .makers import APPLICATION, at_desk


async def asked(desk, read_only, unattended, personal_data):
    processor = desk.processor()
    wanted = processor.auth_preferences
    await desk.perform(wanted.put_is_read_only(read_only))
    await desk.perform(wanted.put_unattended_mode_pref(unattended))
    await desk.perform(wanted.put_personal_data_pref(personal_data))
    await desk.perform(processor.open_connection("", APPLICATION))
    ticket = await desk.perform(processor.begin_session("", 2))
    told = (
        await desk.perform(wanted.get_is_read_only(ticket)),
        await desk.perform(wanted.get_unattended_mode_pref(ticket)),
        await desk.perform(wanted.get_personal_data_pref(ticket)),
    )
    assert told == (read_only, unattended, personal_data)
    return await desk.perform(wanted.was_auth_preferences_obeyed(ticket))


@pytest.mark.parametrize(
    ("wish", "grant", "obeyed"),
    [
        ((False, 2, 3), Application(APPLICATION), True),
        ((True, 2, 2), Application(APPLICATION), True),
        ((False, 1, 3), Application(APPLICATION), False),
        ((False, 1, 3), Application(APPLICATION, login="even if not running", login_as="Goflow"), True),
        ((False, 2, 1), Application(APPLICATION), False),
        ((False, 2, 1), Application(APPLICATION, personal_data=True), True),
    ],
)
def test_what_was_asked_for(wish, grant, obeyed):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(grant)
        return await asked(desk, *wish)

    assert at_desk(story) is obeyed


@pytest.mark.parametrize(
    ("setter", "wrong"), [("put_unattended_mode_pref", 3), ("put_unattended_mode_pref", 0), ("put_personal_data_pref", 4)]
)
def test_values_that_do_not_exist(setter, wrong):
    async def story(desk, clock):
        with pytest.raises(SessionFailure) as caught:
            await desk.perform(getattr(desk.processor().auth_preferences, setter)(wrong))
        return caught.value.code

    assert at_desk(story) == Code.INVALID_PARAMETER


def test_closing_the_connection_forgets_them():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.auth_preferences.put_auth_flags(0x2))
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.close_connection())
        await desk.perform(processor.open_connection("", APPLICATION))
        return await desk.perform(processor.begin_session("", 2))

    assert at_desk(story)
