"""Who may in: the prompt and what it shows, certificates, the preferences, and what changes in the middle of a session."""

import asyncio
from datetime import timedelta

import pytest

from emulator.desktop import Application, Certificate, Code, FileHost, Preferences, Refused, SessionFailure, Users

from .makers import APPLICATION, OTHER_PATH, PATH, QUERY, FakeCompany, at_desk, code_of, document, invoice

FORCE_PROMPT = 0x80000000
UNATTENDED = {"open_as": None, "grant": "even if not running"}


async def begin(desk, path="", mode=2, application=APPLICATION, flags=0):
    processor = desk.processor()
    if flags:
        await desk.perform(processor.auth_preferences.put_auth_flags(flags))
    await desk.perform(processor.open_connection("", application))
    return processor, await desk.perform(processor.begin_session(path, mode))


async def entered(desk, path=""):
    """Begin a session and end it with its connection; return the code it failed with."""
    processor = desk.processor()
    await desk.perform(processor.open_connection("", APPLICATION))
    try:
        await desk.perform(processor.begin_session(path, 2))
    except SessionFailure as failure:
        return failure.code
    finally:
        await desk.perform(processor.close_connection())
    return None


def signed(desk, **fields):
    desk.office.certificates[APPLICATION] = Certificate(**fields)


async def prompted(desk, clock, answer="whenever the file is open", login_as="", **more):
    """Begin a session that the Admin is asked about; return what the prompt showed and what came of the call."""
    beginning = asyncio.create_task(code_of(begin(desk)))
    await clock.sleep(60)
    assert not beginning.done()
    shown = desk.server.prompt.certificate
    desk.server.answer_prompt(answer, login_as, **more)
    return shown, await beginning


# ---- the prompt ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "asked"), [("ask every time", True), ("whenever the file is open", False)])
def test_ask_every_time_asks_for_each_connection(login, asked):
    async def story(desk, clock):
        for _ in range(2):
            beginning = asyncio.create_task(code_of(begin(desk)))
            await clock.sleep(1)
            assert (desk.server.prompt is not None) is asked
            if asked:
                desk.server.answer_prompt("ask every time")
            assert await beginning is None
        return desk.office.files[0].authorisations.of(APPLICATION).login

    assert at_desk(story, grant=login, open_as="Admin") == login


@pytest.mark.parametrize(
    ("between", "asked"),
    [
        ("nothing", False),
        ("the connection is closed", True),
        ("another file", True),
        ("the program forces it", True),
    ],
)
def test_ask_every_time_asks_once_for_one_connection(between, asked):
    async def story(desk, clock):
        processor = desk.processor()
        if between == "the program forces it":
            await desk.perform(processor.auth_preferences.put_auth_flags(FORCE_PROMPT))
        await desk.perform(processor.open_connection("", APPLICATION))
        shown = []
        for turn in range(2):
            beginning = asyncio.create_task(desk.perform(processor.begin_session("", 2)))
            await clock.sleep(1)
            shown.append(desk.server.prompt is not None)
            if shown[-1]:
                desk.server.answer_prompt("ask every time")
            await desk.perform(processor.end_session(await beginning))
            if between == "the connection is closed":
                await desk.perform(processor.close_connection())
                await desk.perform(processor.open_connection("", APPLICATION))
            if between == "another file" and turn == 0:
                grant = {"name": APPLICATION, "login": "ask every time", "login_as": ""}
                desk.office.add_file(FakeCompany(path_shown=OTHER_PATH, apps=[grant]))
                desk.server.log_out()
                desk.server.log_in("Admin", "multi", OTHER_PATH)
        return shown

    assert at_desk(story, grant="ask every time", open_as="Admin") == [True, asked]


def test_the_application_may_force_the_prompt_also_with_a_signed_number():
    async def story(desk, clock):
        for flags in (FORCE_PROMPT, FORCE_PROMPT - 2**32):
            beginning = asyncio.create_task(code_of(begin(desk, flags=flags)))
            await clock.sleep(1)
            desk.server.answer_prompt("no")
            assert await beginning == Code.DENIED
        return len(list(desk.journal.rows("prompt")))

    assert at_desk(story, open_as="Admin") == 2


@pytest.mark.parametrize("setting", ["0x80040420", "0x80040418"])
def test_a_known_application_that_must_be_asked_about_without_the_admin(setting):
    async def story(desk, clock):
        return await code_of(begin(desk))

    assert at_desk(story, grant="ask every time", known_without_admin=setting) == setting


def test_the_box_of_personal_data_is_kept():
    async def story(desk, clock):
        _, code = await prompted(desk, clock, personal_data=True)
        assert code is None
        return desk.company.apps[0]["personal_data"], desk.office.files[0].authorisations.of(APPLICATION).personal_data

    assert at_desk(story, grant=None, open_as="Admin") == (True, True)


def test_a_prompt_without_the_tick_takes_no_personal_data_away():
    async def story(desk, clock):
        for ticked in (True, False):
            _, code = await prompted(desk, clock, "ask every time", personal_data=ticked)
            assert code is None
        return desk.office.files[0].authorisations.of(APPLICATION).personal_data

    assert at_desk(story, grant=None, open_as="Admin")


@pytest.mark.parametrize("login_as", ["", "Nobody"])
def test_a_log_in_by_itself_needs_a_user(login_as):
    async def story(desk, clock):
        beginning = asyncio.create_task(code_of(begin(desk)))
        await clock.sleep(1)
        with pytest.raises(Refused) as refused:
            desk.server.answer_prompt("even if not running", login_as)
        desk.server.answer_prompt("even if not running", "Goflow")
        assert await beginning is None
        return refused.value.kind, desk.company.apps[0]["login_as"]

    assert at_desk(story, grant=None, open_as="Admin") == ("no-such-user", "Goflow")


@pytest.mark.parametrize(("setting", "code"), [("0x80040414", Code.DIALOG_OPEN), ("queue", None)])
def test_others_while_the_prompt_is_up(setting, code):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application("Other"))
        first = asyncio.create_task(code_of(begin(desk)))
        await clock.sleep(1)
        second = asyncio.create_task(code_of(begin(desk, application="Other")))
        await clock.sleep(300)
        assert second.done() is (setting != "queue")
        desk.server.answer_prompt("whenever the file is open")
        assert await first is None
        found = await second
        return found, len(list(desk.journal.rows("session-failed")))

    assert at_desk(story, grant=None, open_as="Admin", others_during_prompt=setting) == (code, int(code is not None))


def test_others_come_in_once_the_prompt_is_answered():
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application("Other"))
        first = asyncio.create_task(code_of(begin(desk)))
        await clock.sleep(1)
        second = asyncio.create_task(code_of(begin(desk, application="Other")))
        await clock.sleep(10)
        desk.server.answer_prompt("no")
        return await first, await second

    assert at_desk(story, grant=None, open_as="Admin") == (Code.DENIED, None)


# ---- certificates ---------------------------------------------------------------------------------------------------------------

STATES = {
    "valid": ({"serial": "1"}, None, False),
    "far": ({"serial": "1", "days": 40}, None, False),
    "expiring": ({"serial": "1", "days": 7}, None, True),
    "expired": ({"serial": "1", "days": -7}, None, True),
    "revoked": ({"serial": "1", "revoked": True}, Code.CERTIFICATE_REVOKED, False),
    "invalid": ({"serial": "1", "intact": False}, Code.CERTIFICATE_INVALID, False),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("told", [True, False])
def test_the_states_of_a_certificate_while_a_person_is_there(state, told):
    fields, expected, notice = STATES[state]

    async def story(desk, clock):
        given = dict(fields)
        days = given.pop("days", None)
        desk.office.files[0].authorisations.grant(Application(APPLICATION, certificate="1"))
        desk.company.certificate_notice = told
        signed(desk, **given, expires=None if days is None else clock.now() + timedelta(days=days))
        assert await code_of(begin(desk)) == expected
        return [row["certificate"] for row in desk.journal.rows("certificate-notice")]

    assert at_desk(story) == ([state] if notice and told else [])


@pytest.mark.parametrize(("days", "notices"), [(30, 1), (5, 0)])
def test_how_early_a_certificate_expires_is_a_switch(days, notices):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application(APPLICATION, certificate="1"))
        signed(desk, serial="1", expires=clock.now() + timedelta(days=7))
        await begin(desk)
        return len(list(desk.journal.rows("certificate-notice")))

    assert at_desk(story, expiring_days=days) == notices


def test_a_renewed_certificate_is_asked_about_once():
    async def story(desk, clock):
        signed(desk, serial="2")
        shown = await prompted(desk, clock)
        assert await code_of(begin(desk)) is None
        return shown, desk.company.apps[0]["certificate"]

    assert at_desk(story, open_as="Admin") == (("renewed", None), "2")


def test_the_prompt_shows_the_certificate():
    async def story(desk, clock):
        signed(desk, serial="1", expires=clock.now() - timedelta(days=1))
        return await prompted(desk, clock)

    assert at_desk(story, grant=None, open_as="Admin") == ("expired", None)


@pytest.mark.parametrize(("setting", "expected"), [("0x80040435", "0x80040435"), ("0x8004041D", "0x8004041D"), ("works", None)])
def test_renewed_without_a_person(setting, expected):
    async def story(desk, clock):
        signed(desk, serial="2")
        return await code_of(begin(desk, PATH))

    assert at_desk(story, **UNATTENDED, renewed_unattended=setting) == expected


@pytest.mark.parametrize(("setting", "expected"), [("0x8004041E", "0x8004041E"), ("works", None)])
def test_expired_without_a_person(setting, expected):
    async def story(desk, clock):
        signed(desk, serial="", expires=clock.now() - timedelta(days=1))
        return await code_of(begin(desk, PATH))

    assert at_desk(story, **UNATTENDED, expired_unattended=setting) == expected


def test_a_notice_is_given_once_a_session_also_without_a_person():
    async def story(desk, clock):
        signed(desk, serial="", expires=clock.now() + timedelta(days=1))
        await begin(desk, PATH)
        await begin(desk, PATH)
        return len(list(desk.journal.rows("certificate-notice")))

    assert at_desk(story, **UNATTENDED) == 2


# ---- the preferences ------------------------------------------------------------------------------------------------------------


async def ask(desk, processor, ticket, text=None):
    return await code_of(desk.perform(processor.process_request(ticket, text or document(QUERY))))


@pytest.mark.parametrize("everybody", [True, False])
def test_access_is_taken_away_in_mid_session_and_given_back(everybody):
    async def story(desk, clock):
        processor, ticket = await begin(desk)
        admin = Preferences(desk.server)
        switch = (
            (lambda access: admin.allow_any(access=access))
            if everybody
            else lambda access: admin.allow(APPLICATION, access=access)
        )
        switch(False)
        codes = [await ask(desk, processor, ticket), await code_of(begin(desk))]
        switch(True)
        return codes, await ask(desk, processor, ticket), desk.company.no_applications

    assert at_desk(story, open_as="Admin") == ([Code.NOT_PERMITTED] * 2, None, False)


def test_the_admin_changes_what_an_application_may():
    async def story(desk, clock):
        admin = Preferences(desk.server)
        admin.set_login(APPLICATION, "even if not running", "Goflow")
        admin.set_personal_data(APPLICATION, access=True)
        admin.tell_of_certificates(told=False)
        known = desk.company.apps[0]
        assert (known["login"], known["login_as"], known["personal_data"]) == ("even if not running", "Goflow", True)
        assert not desk.company.certificate_notice
        processor, ticket = await begin(desk)
        admin.set_personal_data(APPLICATION, access=False)
        await ask(desk, processor, ticket)
        assert not desk.company.callers[-1].personal_data
        admin.remove(APPLICATION)
        assert desk.company.apps == []
        beginning = asyncio.create_task(code_of(begin(desk)))
        await clock.sleep(1)
        return desk.server.prompt is not None, desk.server.eject(), await beginning

    assert at_desk(story, open_as="Admin") == (True, None, Code.NO_FILE_NO_PATH)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda admin: admin.allow("Goflow Conector"), "no-such-application"),
        (lambda admin: admin.set_login(APPLICATION, "even if not running", "Nobody"), "no-such-user"),
        (lambda admin: admin.limit("Nobody", "Banking", "none"), "no-such-user"),
        (lambda admin: admin.limit("Admin", "Banking", "none"), "not-admin"),
        (lambda admin: admin.limit("Goflow", "Bankin", "none"), "no-such-area"),
        (lambda admin: admin.limit("Goflow", "Banking", "some"), "no-such-area"),
        (lambda admin: admin.close_window(), "no-dialog"),
    ],
)
def test_what_cannot_be_changed(act, kind):
    async def story(desk, clock):
        before = list(desk.company.apps)
        with pytest.raises(Refused) as refused:
            act(Preferences(desk.server))
        assert desk.company.apps == before
        assert refused.value.reason.endswith((".", "?"))
        return refused.value.kind

    assert at_desk(story, open_as="Admin") == kind


@pytest.mark.parametrize(("open_as", "kind"), [("Goflow", "not-admin"), (None, "no-file-open")])
def test_only_the_admin_changes_preferences(open_as, kind):
    async def story(desk, clock):
        with pytest.raises(Refused) as refused:
            Preferences(desk.server).allow(APPLICATION, access=False)
        return refused.value.kind

    assert at_desk(story, open_as=open_as) == kind


@pytest.mark.parametrize(("setting", "expected"), [("0x8004041B", "0x8004041B"), ("passes", None)])
@pytest.mark.parametrize("closes", ["window", "dialog", "file"])
def test_the_window_of_the_preferences_locks_the_list_elsewhere(setting, expected, closes):
    async def story(desk, clock):
        desk.accounting.log_in("Admin", "multi")
        admin = Preferences(desk.accounting)
        admin.open_window()
        during = await code_of(begin(desk))
        {"window": admin.close_window, "dialog": desk.accounting.close_dialog, "file": desk.accounting.eject}[closes]()
        return during, await code_of(begin(desk))

    assert at_desk(story, permissions_being_edited=setting) == (expected, None)


@pytest.mark.parametrize("ghost", [False, True])
def test_the_lock_of_the_preferences_ends_with_the_process(ghost):
    async def story(desk, clock):
        desk.accounting.log_in("Admin", "multi")
        with desk.office.causes.by("F-1"):
            Preferences(desk.accounting).open_window()
        with pytest.raises(SessionFailure) as failure:
            await begin(desk)
        desk.accounting.crash(ghost=ghost)
        return failure.value.code, failure.value.faults, await code_of(begin(desk))

    assert at_desk(story) == (Code.LOCK_FAILED, ("F-1",), None)


def test_the_preferences_are_open_on_one_machine_at_a_time():
    async def story(desk, clock):
        Users(desk.office, desk.office.files[0]).add("Anna", "Admin")
        desk.accounting.log_in("Anna", "multi")
        first, second = Preferences(desk.server), Preferences(desk.accounting)
        first.open_window()
        seen = []
        for act in (second.open_window, lambda: second.allow(APPLICATION, access=False), lambda: second.allow_any(access=False)):
            with pytest.raises(Refused) as refused:
                act()
            seen.append((refused.value.kind, "SERVER" in refused.value.reason))
        assert desk.accounting.dialog is None
        first.close_window()
        second.open_window()
        return seen, desk.office.files[0].authorisations.edited_on

    assert at_desk(story, open_as="Admin") == ([("preferences-open", True)] * 3, "ACCOUNTING-PC")


@pytest.mark.parametrize(("setting", "expected"), [("works", None), ("0x80040435", "0x80040435"), ("0x80040430", "0x80040430")])
@pytest.mark.parametrize("what", ["area", "role"])
def test_the_rights_of_the_user_of_a_log_in_were_changed(what, setting, expected):
    async def story(desk, clock):
        desk.accounting.log_in("Admin", "multi")
        admin = Preferences(desk.accounting)
        if what == "area":
            admin.limit("Goflow", "Banking", "none")
            assert desk.company.areas_of("Goflow") == {"Banking": "none"}
        else:
            users = Users(desk.office, desk.office.file_at())
            users.add("Goflow", "External Accountant")
            assert await entered(desk, PATH) is None
            users.add("Goflow", "Sales")
        changed = await entered(desk, PATH)
        admin.set_login(APPLICATION, "even if not running", "Goflow")
        return changed, await entered(desk, PATH)

    assert at_desk(story, **UNATTENDED, user_rights_changed=setting) == (expected, None)


@pytest.mark.parametrize(("setting", "unattended"), [("asked-again", Code.AUTHORISE_AGAIN), ("kept", None)])
def test_after_an_upgrade_of_the_file_the_admin_is_asked_again(setting, unattended):
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.file_at()
        year = file.made_by
        host.upgrade(file, year + 1)
        desk.server.install(year + 1)
        by_itself = await entered(desk, PATH)
        desk.server.log_in("Goflow", "multi")
        without_admin = await entered(desk)
        desk.server.log_out()
        desk.server.log_in("Admin", "multi")
        beginning = asyncio.create_task(entered(desk))
        await clock.sleep(5)
        is_asked = desk.server.prompt is not None
        if is_asked:
            desk.server.answer_prompt("even if not running", "Goflow")
        assert await beginning is None
        desk.server.quit()
        assert await entered(desk, PATH) is None
        # The copy that was made before the upgrade knows the applications as before.
        host.upgrade(file, year + 2)
        host.upgrade(file, year + 1)
        assert await entered(desk, PATH) is None
        return by_itself, without_admin, is_asked

    asked = setting == "asked-again"
    expected = unattended, Code.DENIED if asked else None, asked
    assert at_desk(story, **UNATTENDED, grants_after_upgrade=setting) == expected


# ---- read-only, personal data, what is in the row of a failure --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "code", "statuses", "written"),
    [("recorded", None, [0, 1], 1), ("3260", None, [3260, 1], 0), ("0x8004041A", "0x8004041A", [], 0)],
)
def test_a_write_of_an_application_that_asked_for_read_only_access(setting, code, statuses, written):
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.auth_preferences.put_is_read_only(True))
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session("", 2))
        assert await desk.perform(processor.auth_preferences.get_is_read_only(ticket))
        asked = document(invoice(), QUERY, on_error="continueOnError")
        assert await ask(desk, processor, ticket, asked) == code
        assert await ask(desk, processor, ticket) is None
        return [row["status"] for row in desk.journal.rows("answered")], len(desk.company.written)

    assert at_desk(story, read_only_application=setting) == ([*statuses, 1], written)


@pytest.mark.parametrize(("setting", "query"), [("left-out", None), ("0x80040440", "0x80040440")])
@pytest.mark.parametrize("protected", [True, False])
def test_personal_data_needs_a_complex_password(setting, query, protected):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application(APPLICATION, personal_data=True))
        desk.company.complex_password = protected
        processor, ticket = await begin(desk)
        codes = [
            await ask(desk, processor, ticket, document(each))
            for each in (
                "<EmployeeQueryRq />",
                "<EmployeeAddRq><EmployeeAdd><LastName>Low</LastName><SSN>123-45-6789</SSN></EmployeeAdd></EmployeeAddRq>",
                "<PayrollSummaryReportQueryRq><PayrollSummaryReportType>PayrollSummary</PayrollSummaryReportType></PayrollSummaryReportQueryRq>",
                "<EmployeeAddRq><EmployeeAdd><LastName>Low</LastName></EmployeeAdd></EmployeeAddRq>",
                QUERY,
            )
        ]
        assert all(caller.personal_data is protected for caller in desk.company.callers)
        return codes

    refused = Code.NO_COMPLEX_PASSWORD
    assert at_desk(story, personal_data_without_password=setting) == (
        [None] * 5 if protected else [query, refused, refused, None, None]
    )


@pytest.mark.parametrize("mode", [0, 1, 3])
def test_the_row_of_a_failed_session_keeps_the_mode_that_came(mode):
    async def story(desk, clock):
        await code_of(begin(desk, r"C:\Books\Other.QBW", mode))
        [row] = desk.journal.rows("session-failed")
        return row["mode_asked"], row["with_path"]

    assert at_desk(story) == (mode, True)


def test_what_an_object_leaves_is_remarked_as_the_library_does():
    async def story(desk, clock):
        processor, _ = await begin(desk)
        await desk.perform(processor.release())
        return [row["remark"] for row in desk.journal.rows("library-remark")]

    assert at_desk(story) == ['"EndSession" has not been called', '"CloseConnection" has not been called']


# ---- busy, sizes and versions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "expected"), [("queue", None), ("0x80010001", "0x80010001"), ("0x8001010A", "0x8001010A")])
def test_others_while_one_call_is_served(setting, expected):
    async def story(desk, clock):
        (one, first), (other, second) = await begin(desk), await begin(desk)
        desk.server.show_dialog("Backup", closes_after_s=5)
        both = [asyncio.create_task(ask(desk, *each)) for each in ((one, first), (other, second))]
        codes = await asyncio.gather(*both)
        assert len(desk.server.line) == 0
        return codes, await ask(desk, other, second)

    assert at_desk(story, while_busy=setting) == ([None, expected], None)


@pytest.mark.parametrize(("kilobytes", "expected"), [(0, None), (1, Code.NO_MEMORY), (100, None)])
def test_an_answer_that_is_too_large_comes_after_the_work(kilobytes, expected):
    async def story(desk, clock):
        processor, ticket = await begin(desk)
        code = await ask(desk, processor, ticket, document(invoice(), *[QUERY] * 40))
        return code, len(desk.company.written)

    assert at_desk(story, answer_kb_max=kilobytes) == (expected, 1)


@pytest.mark.parametrize("setting", ["0x80040428", "0x80040423"])
def test_a_library_older_than_quickbooks(setting):
    async def story(desk, clock):
        desk.server.sdk_version = (13, 0)
        processor, ticket = await begin(desk)
        versions = await desk.perform(processor.qbxml_versions_for_session(ticket))
        told = await desk.perform(processor.major_version()), await desk.perform(processor.minor_version())
        assert (versions[-1], told) == ("13.0", (13, 0))
        assert await ask(desk, processor, ticket, document(QUERY, version="13.0")) is None
        return await ask(desk, processor, ticket, document(QUERY, version="14.0"))

    assert at_desk(story, sdk_older_than_request=setting) == setting


@pytest.mark.parametrize("setting", ["0x8004040A", "0x80010105"])
def test_the_face_of_another_open_file(setting):
    async def story(desk, clock):
        return await code_of(begin(desk, r"C:\Books\Other.QBW"))

    assert at_desk(story, other_file_open=setting) == setting
