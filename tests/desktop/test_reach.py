"""Each result code is reached by what people and programs do: a story for each row of the table, named there."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from emulator.desktop import (
    NOT_REACHED,
    REACHED,
    RESULTS,
    SWITCHES,
    Application,
    Certificate,
    FileHost,
    Preferences,
    RequestProcessor,
    SessionFailure,
    Users,
)

from .makers import APPLICATION, OTHER_PATH, PATH, QUERY, at_desk, document, subscription_set

SINGLE, MULTI, DO_NOT_CARE = 0, 1, 2
Story = Callable[[Any, Any], Awaitable[Any]]
STORIES: dict[str, tuple[Story, dict[str, Any]]] = {}
CLOSED: dict[str, Any] = {"open_as": None}
UNATTENDED = {"open_as": None, "grant": "even if not running"}


def story(**options: Any) -> Callable[[Story], Story]:
    """Name a story, with what its desk is like."""

    def keep(play: Story) -> Story:
        STORIES[play.__name__] = (play, options)
        return play

    return keep


async def connect(desk, kind=1, application=APPLICATION, on=None):
    processor = await desk.perform(RequestProcessor.create(on or desk.server))
    await desk.perform(processor.open_connection_2("", application, kind))
    return processor


async def begin(desk, path="", mode=DO_NOT_CARE, **more):
    processor = await connect(desk, **more)
    return processor, await desk.perform(processor.begin_session(path, mode))


async def ask(desk, text=None):
    processor, ticket = await begin(desk)
    return await desk.perform(processor.process_request(ticket, text or document(QUERY)))


@pytest.mark.parametrize("code", [code for code, reach in REACHED.items() if reach.by == "quickbooks"])
def test_the_story_reaches_its_code(code):
    play, options = STORIES[REACHED[code].story]

    async def told(desk, clock):
        with pytest.raises(SessionFailure) as caught:
            await play(desk, clock)
        return caught.value.code

    assert at_desk(told, **options) == code


def test_every_code_is_in_the_table_once_and_every_story_is_told():
    assert set(REACHED) | set(NOT_REACHED) == set(RESULTS)
    assert not set(REACHED) & set(NOT_REACHED)
    assert {reach.story for reach in REACHED.values() if reach.by == "quickbooks"} == set(STORIES)
    assert all(reach.how.endswith(".") and reach.standing for reach in REACHED.values())
    assert all(NOT_REACHED.values())


@pytest.mark.parametrize(
    "reach", [reach for reach in REACHED.values() if reach.by == "quickbooks"], ids=lambda reach: reach.story
)
def test_no_story_names_a_code_but_by_the_switch_that_it_says(reach):
    play, options = STORIES[reach.story]
    named = {f"desktop.{name.replace('_', '-')}": value for name, value in options.items() if str(value).startswith("0x8")}
    assert named == ({reach.setting: reach.code} if reach.setting else {})
    told = inspect.getsource(play).split("async def", 1)[1]
    for name in re.findall(r"await (_\w+)\(", told):
        told += inspect.getsource(globals()[name])
    assert not re.search(r"0x8|\bCode\b|closed_with|calls_left|refuses_while_busy", told)


def test_a_switch_that_a_story_sets_stands_on_something_else_by_default():
    switches = {switch.name: switch for switch in SWITCHES}
    for reach in REACHED.values():
        if reach.setting:
            assert reach.code in switches[reach.setting].choices
            assert switches[reach.setting].default != reach.code


# ---- the order of calls, and what they are given ----------------------------------------------------------------------------


@story()
async def broken_document(desk, clock):
    await ask(desk, "<nonsense")


@story()
async def request_without_session(desk, clock):
    processor = await connect(desk)
    await desk.perform(processor.process_request("", document(QUERY)))


@story()
async def old_ticket(desk, clock):
    processor, ticket = await begin(desk)
    await desk.perform(processor.end_session(ticket))
    await desk.perform(processor.begin_session("", DO_NOT_CARE))
    await desk.perform(processor.process_request(ticket, document(QUERY)))


@story(answer_kb_max=1)
async def answer_too_large(desk, clock):
    await ask(desk, document(*[QUERY] * 40))


@story()
async def session_without_connection(desk, clock):
    await desk.perform(desk.processor().begin_session("", DO_NOT_CARE))


@story()
async def two_sessions(desk, clock):
    processor, _ = await begin(desk)
    await desk.perform(processor.begin_session("", DO_NOT_CARE))


@story()
async def two_connections(desk, clock):
    processor = await connect(desk)
    await desk.perform(processor.open_connection("", APPLICATION))


@story()
async def rollback_on_error(desk, clock):
    await ask(desk, document(QUERY, on_error="rollbackOnError"))


@story()
async def nameless_application(desk, clock):
    await connect(desk, application="")


@story()
async def version_unknown(desk, clock):
    await ask(desk, document(QUERY, version="99.0"))


@story()
async def file_mode_unknown(desk, clock):
    await begin(desk, mode=3)


@story()
async def subscription_as_request(desk, clock):
    await ask(desk, subscription_set())


@story()
async def preferences_from_remote(desk, clock):
    processor = await connect(desk, kind=2)
    await desk.perform(processor.auth_preferences.put_is_read_only(True))


@story(edition="Simple Start")
async def events_of_simple_start(desk, clock):
    processor = await connect(desk)
    await desk.perform(processor.process_subscription(subscription_set()))


@story()
async def preference_in_session(desk, clock):
    processor, _ = await begin(desk)
    await desk.perform(processor.auth_preferences.put_is_read_only(True))


@story()
async def online_edition(desk, clock):
    await connect(desk, kind=4)


async def _edition(desk, supported):
    processor = desk.processor()
    await desk.perform(processor.auth_preferences.put_auth_flags(supported))
    await desk.perform(processor.open_connection("", APPLICATION))
    await desk.perform(processor.begin_session("", DO_NOT_CARE))


@story(edition="Simple Start")
async def edition_simple_start(desk, clock):
    await _edition(desk, 0xE)


@story(edition="Pro")
async def edition_pro(desk, clock):
    await _edition(desk, 0xD)


@story(edition="Premier")
async def edition_premier(desk, clock):
    await _edition(desk, 0xB)


@story(edition="Enterprise")
async def edition_enterprise(desk, clock):
    await _edition(desk, 0x7)


@story(edition="Simple Start", mode="single")
async def simple_start_multi_user(desk, clock):
    await begin(desk, mode=MULTI)


# ---- QuickBooks, its windows and its files ------------------------------------------------------------------------------------


async def _crash_in_mid_call(desk):
    processor, ticket = await begin(desk)
    desk.server.show_dialog("Backup", hangs=True)
    call = asyncio.create_task(desk.perform(processor.process_request(ticket, document(QUERY))))
    await asyncio.sleep(0)
    desk.server.crash()
    await call


@story()
async def crash_in_mid_call(desk, clock):
    await _crash_in_mid_call(desk)


@story(crash_in_call="0x800706BE")
async def crash_in_mid_call_as_rpc(desk, clock):
    await _crash_in_mid_call(desk)


@story(**UNATTENDED)
async def no_file_at_the_path(desk, clock):
    desk.server.start()
    await begin(desk, r"C:\Books\Moved.QBW")


@story(**UNATTENDED)
async def held_single_elsewhere(desk, clock):
    desk.accounting.log_in("Anna", "single")
    await begin(desk, PATH)


@story()
async def other_file_open(desk, clock):
    await begin(desk, OTHER_PATH)


@story(other_file_open="0x80010105")
async def other_file_open_as_server_fault(desk, clock):
    await begin(desk, OTHER_PATH)


@story()
async def other_mode(desk, clock):
    await begin(desk, mode=SINGLE)


@story()
async def dialog_left_open(desk, clock):
    desk.server.show_dialog("Backup")
    await begin(desk)


@story(**CLOSED)
async def closed_and_no_path(desk, clock):
    await begin(desk)


@story(**CLOSED)
async def no_file_and_no_path(desk, clock):
    desk.server.start()
    await begin(desk)


@story(**CLOSED)
async def quickbooks_starting(desk, clock):
    desk.server.start(ready=False)
    await begin(desk)


@story(**CLOSED)
async def nobody_opens_the_file(desk, clock):
    await begin(desk, PATH, kind=3)


@story(**UNATTENDED)
async def user_elsewhere(desk, clock):
    desk.accounting.log_in("Goflow", "multi")
    await begin(desk, PATH)


@story(**UNATTENDED, seats_max=1, seats_full="0x80040421")
async def seats_full_in_its_words(desk, clock):
    desk.accounting.log_in("Anna", "multi")
    await begin(desk, PATH)


@story(mode="single")
async def second_application_while_single(desk, clock):
    desk.office.files[0].authorisations.grant(Application("Other"))
    await begin(desk, application="Other")
    await begin(desk)


async def _busy(desk):
    processor, ticket = await begin(desk)
    desk.server.show_dialog("Backup", closes_after_s=5)
    first = asyncio.create_task(desk.perform(processor.process_request(ticket, document(QUERY))))
    await asyncio.sleep(0)
    try:
        await begin(desk)
    finally:
        await first


@story(while_busy="0x80010001")
async def busy_rejected(desk, clock):
    await _busy(desk)


@story(while_busy="0x8001010A")
async def busy_retry_later(desk, clock):
    await _busy(desk)


@story()
async def quit_between_calls(desk, clock):
    processor, ticket = await begin(desk)
    desk.server.quit()
    await desk.perform(processor.process_request(ticket, document(QUERY)))


@story()
async def session_after_crash(desk, clock):
    processor, _ = await begin(desk)
    desk.server.crash()
    await desk.perform(processor.begin_session("", DO_NOT_CARE))


# ---- what is installed --------------------------------------------------------------------------------------------------------


async def _damaged(desk, damage):
    desk.server.harm(damage)
    await begin(desk)


@story()
async def quickbooks_not_registered_for_com(desk, clock):
    await _damaged(desk, "components-unreachable")


@story()
async def quickbooks_too_old(desk, clock):
    await _damaged(desk, "without-sdk")


@story()
async def qbxml_parts_gone(desk, clock):
    await _damaged(desk, "qbxml-missing")


@story()
async def installation_broken_off(desk, clock):
    await _damaged(desk, "incomplete")


@story()
async def flavour_without_xml(desk, clock):
    await _damaged(desk, "flavour-without-xml")


@story()
async def licence_not_registered(desk, clock):
    await _damaged(desk, "licence-not-registered")


@story()
async def library_not_registered(desk, clock):
    await _damaged(desk, "other-word-length")


@story()
async def library_file_gone(desk, clock):
    await _damaged(desk, "library-file-missing")


@story()
async def elevation_differs(desk, clock):
    await _damaged(desk, "elevation-differs")


@story()
async def older_interface(desk, clock):
    await _damaged(desk, "older-library")


@story(**UNATTENDED)
async def file_older_than_quickbooks(desk, clock):
    desk.server.install(2025)
    await begin(desk, PATH)


@story(**UNATTENDED)
async def file_newer_than_quickbooks(desk, clock):
    FileHost(desk.office).upgrade(desk.office.file_at(), 2025)
    await begin(desk, PATH)


@story()
async def second_instance(desk, clock):
    desk.server.start_second("Anna", "multi")
    await begin(desk)


@story()
async def library_older_than_quickbooks(desk, clock):
    desk.server.sdk_version = (13, 0)
    await ask(desk, document(QUERY, version="16.0"))


# ---- who may in -----------------------------------------------------------------------------------------------------------------


@story(grant=None)
async def first_connection_without_admin(desk, clock):
    await begin(desk)


@story()
async def program_file_changed(desk, clock):
    desk.office.certificates[APPLICATION] = Certificate("1", intact=False)
    await begin(desk)


@story()
async def certificate_revoked(desk, clock):
    desk.office.certificates[APPLICATION] = Certificate("1", revoked=True)
    await begin(desk)


@story(**UNATTENDED)
async def certificate_expired_unattended(desk, clock):
    desk.office.certificates[APPLICATION] = Certificate("", expires=clock.now() - timedelta(days=1))
    await begin(desk, PATH)


@story(**UNATTENDED)
async def certificate_renewed_unattended(desk, clock):
    desk.office.certificates[APPLICATION] = Certificate("2")
    await begin(desk, PATH)


@story(open_as="Admin")
async def access_unticked(desk, clock):
    Preferences(desk.server).allow(APPLICATION, access=False)
    await begin(desk)


@story()
async def preferences_open_elsewhere(desk, clock):
    desk.accounting.log_in("Admin", "multi")
    Preferences(desk.accounting).open_window()
    await begin(desk)


@story(**CLOSED)
async def log_in_not_granted(desk, clock):
    await begin(desk, PATH)


@story(**UNATTENDED, login_as="Gone")
async def log_in_user_gone(desk, clock):
    await begin(desk, PATH)


@story(grant=None, open_as="Admin")
async def admin_says_no(desk, clock):
    beginning = asyncio.create_task(begin(desk))
    await clock.sleep(5)
    desk.server.answer_prompt("no")
    await beginning


@story()
async def personal_data_without_password(desk, clock):
    Users(desk.office, desk.office.file_at()).change_password("Anna", "sesame")
    desk.office.files[0].authorisations.grant(Application(APPLICATION, personal_data=True))
    added = "<EmployeeAddRq><EmployeeAdd><FirstName>Jo</FirstName><LastName>Low</LastName><SSN>123-45-6789</SSN></EmployeeAdd></EmployeeAddRq>"
    await ask(desk, document(added))
