"""BeginSession: which situation gives which code, who is asked, and what a session starts and ends."""

import asyncio

import pytest

from emulator.desktop import Application, Certificate, Code, FileHost, SessionFailure

from .makers import APPLICATION, OTHER_PATH, PATH, FakeCompany, at_desk

SINGLE, MULTI, DO_NOT_CARE = 0, 1, 2


async def begin(desk, path="", mode=DO_NOT_CARE, application=APPLICATION, connection_type=1, flags=0):
    """Open a connection and begin a session; return the processor and the code it failed with (None: it began)."""
    processor = desk.processor()
    if flags:
        await desk.perform(processor.auth_preferences.put_auth_flags(flags))
    await desk.perform(processor.open_connection_2("", application, connection_type))
    try:
        await desk.perform(processor.begin_session(path, mode))
    except SessionFailure as failure:
        return processor, failure
    return processor, None


def code_of(path="", mode=DO_NOT_CARE, prepare=None, **options):
    """Begin one session at a desk and return its code."""
    asked = {name: options.pop(name) for name in ("application", "connection_type", "flags") if name in options}

    async def story(desk, clock):
        if prepare is not None:
            prepare(desk)
        _, failure = await begin(desk, path, mode, **asked)
        assert (failure is None) == bool(desk.server.sessions)
        failed = [row["application"] for row in desk.journal.rows("session-failed")]
        assert failed == ([] if failure is None else [asked.get("application", APPLICATION)])
        return None if failure is None else failure.code

    return at_desk(story, **options)


CLOSED = {"open_as": None}
UNATTENDED = {"open_as": None, "grant": "even if not running"}


def start(desk):
    desk.server.start()


def accounting(mode, user="Anna"):
    return lambda desk: desk.accounting.log_in(user, mode)


def both(*acts):
    return lambda desk: [act(desk) for act in acts]


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        # QuickBooks closed
        (Code.NOT_RUNNING_NO_PATH, {**CLOSED}),
        (Code.COULD_NOT_START, {"path": r"C:\Books\Missing.QBW", **UNATTENDED}),
        (Code.UNKNOWN_APPLICATION, {"path": PATH, "open_as": None, "grant": None}),
        (Code.NO_AUTOMATIC_LOGIN, {"path": PATH, "open_as": None, "grant": None, "unknown_unattended": "0x8004041D"}),
        (Code.NO_AUTOMATIC_LOGIN, {"path": PATH, **CLOSED}),
        (Code.NO_AUTOMATIC_LOGIN, {"path": PATH, "open_as": None, "grant": "ask every time"}),
        (Code.AUTOMATIC_LOGIN_BROKEN, {"path": PATH, **UNATTENDED, "login_as": "Nobody"}),
        (None, {"path": PATH, **UNATTENDED}),
        (None, {"path": PATH, "mode": SINGLE, **UNATTENDED}),
        (Code.COULD_NOT_START, {"path": PATH, "prepare": accounting("single"), **UNATTENDED}),
        ("0x80040410", {"path": PATH, "prepare": accounting("single"), "single_elsewhere": "0x80040410", **UNATTENDED}),
        (Code.COULD_NOT_START, {"path": PATH, "mode": SINGLE, "prepare": accounting("multi"), **UNATTENDED}),
        (Code.USER_ELSEWHERE, {"path": PATH, "prepare": accounting("multi", "Goflow"), **UNATTENDED}),
        (Code.COULD_NOT_START, {"path": PATH, "prepare": accounting("multi"), "seats_max": 1, **UNATTENDED}),
        (
            Code.QUICKBOOKS_SAYS,
            {"path": PATH, "prepare": accounting("multi"), "seats_max": 1, "seats_full": "0x80040421", **UNATTENDED},
        ),
        (Code.COULD_NOT_START, {"path": PATH, "mode": MULTI, "hosting": False, **UNATTENDED}),
        (Code.LAUNCH_GIVEN_UP, {"path": PATH, "connection_type": 3, **CLOSED, "prepare": None}),
        # open without a file
        (Code.NO_FILE_NO_PATH, {"prepare": start, **CLOSED}),
        (Code.COULD_NOT_OPEN_FILE, {"path": r"C:\Books\Missing.QBW", "prepare": start, **UNATTENDED}),
        (None, {"path": PATH, "prepare": start, **UNATTENDED}),
        (Code.NO_AUTOMATIC_LOGIN, {"path": PATH, "prepare": start, **CLOSED}),
        (Code.UNKNOWN_APPLICATION, {"path": PATH, "prepare": start, "open_as": None, "grant": None}),
        (
            Code.NO_AUTOMATIC_LOGIN,
            {"path": PATH, "prepare": start, "open_as": None, "grant": None, "unknown_unattended": "0x8004041D"},
        ),
        (Code.COULD_NOT_START, {"path": PATH, "prepare": both(start, accounting("single")), **UNATTENDED}),
        (Code.USER_ELSEWHERE, {"path": PATH, "prepare": both(start, accounting("multi", "Goflow")), **UNATTENDED}),
        # starting
        (Code.STILL_STARTING, {"prepare": lambda desk: desk.server.start(ready=False), **CLOSED}),
        # file open here
        (None, {}),
        (None, {"path": PATH}),
        (None, {"path": PATH.upper(), "mode": MULTI}),
        (None, {"mode": SINGLE, "open_as": "Goflow", "prepare": lambda desk: desk.server.switch_mode("single")}),
        (Code.OTHER_MODE, {"mode": SINGLE}),
        (Code.OTHER_MODE, {"mode": MULTI, "prepare": lambda desk: desk.server.switch_mode("single")}),
        (Code.OTHER_FILE_OPEN, {"path": OTHER_PATH}),
        (Code.NOT_PERMITTED, {"prepare": lambda desk: desk.office.files[0].authorisations.switch_off(APPLICATION)}),
        (Code.UNKNOWN_APPLICATION, {"grant": None}),
        (Code.INVALID_PARAMETER, {"mode": 3}),
        (None, {"mode": 3, "unknown_file_mode": "do-not-care"}),
        (None, {"flags": 0x8}),
        (Code.NOT_ENTERPRISE, {"flags": 0x2 | 0x4}),
        # dialogs
        (Code.DIALOG_OPEN, {"prepare": lambda desk: desk.server.show_dialog("Backup")}),
    ],
)
def test_situation_and_code(expected, options):
    assert code_of(**options) == expected


def hosted(act):
    return lambda desk: act(FileHost(desk.office), desk.office.file_at())


UNOPENABLE = {
    "share lost": hosted(lambda host, file: host.lose_share("SERVER")),
    "under repair": hosted(lambda host, file: host.begin_repair(file, "Rebuild Data")),
    "newer": hosted(lambda host, file: host.upgrade(file, 2099)),
    "older": hosted(lambda host, file: host.upgrade(file, 2001)),
}


@pytest.mark.parametrize(
    ("hindrance", "closed", "running"),
    [
        ("share lost", Code.COULD_NOT_START, Code.COULD_NOT_OPEN_FILE),
        ("under repair", Code.COULD_NOT_START, Code.COULD_NOT_START),
        ("newer", Code.VERSIONS_DIFFER, Code.VERSIONS_DIFFER),
        ("older", Code.FILE_VERSION_UNKNOWN, Code.FILE_VERSION_UNKNOWN),
    ],
)
@pytest.mark.parametrize("grant", [None, "whenever the file is open", "even if not running"])
def test_a_file_that_cannot_be_opened_tells_nothing_of_its_grants(hindrance, closed, running, grant):
    given = {"path": PATH, "open_as": None, "grant": grant}
    assert code_of(prepare=UNOPENABLE[hindrance], **given) == closed
    assert code_of(prepare=both(start, UNOPENABLE[hindrance]), **given) == running


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (Certificate("1", revoked=True), Code.CERTIFICATE_REVOKED),
        (Certificate("1", intact=False), Code.CERTIFICATE_INVALID),
    ],
)
@pytest.mark.parametrize(
    "options",
    [
        {"path": PATH, **CLOSED},
        {"path": r"C:\Books\Missing.QBW", **UNATTENDED},
        {"path": PATH, "connection_type": 3, **CLOSED},
        {"prepare": start, **CLOSED},
        {"prepare": lambda desk: desk.server.show_dialog("Backup")},
        {"path": OTHER_PATH},
        {"mode": SINGLE},
        {"prepare": lambda desk: desk.office.files[0].authorisations.switch_off(APPLICATION)},
    ],
)
def test_the_certificate_is_looked_at_before_windows_files_modes_and_grants(certificate, expected, options):
    options = dict(options)
    before = options.pop("prepare", lambda desk: None)
    sign = lambda desk: desk.office.certificates.update({APPLICATION: certificate})  # noqa: E731 - beside `before`
    assert code_of(prepare=both(before, sign), **options) == expected


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        (Code.NOT_RUNNING_NO_PATH, CLOSED),
        (Code.STILL_STARTING, {"prepare": lambda desk: desk.server.start(ready=False), **CLOSED}),
    ],
)
def test_a_quickbooks_that_does_not_run_looks_at_no_certificate(expected, options):
    options = dict(options)
    before = options.pop("prepare", lambda desk: None)
    sign = lambda desk: desk.office.certificates.update({APPLICATION: Certificate("1", revoked=True)})  # noqa: E731
    assert code_of(prepare=both(before, sign), **options) == expected


def test_the_failure_names_who_is_in_the_way():
    async def story(desk, clock):
        desk.accounting.log_in("Anna", "single")
        _, failure = await begin(desk, PATH)
        return failure.detail

    assert "Anna on ACCOUNTING-PC" in at_desk(story, **UNATTENDED)


def test_another_spelling_of_the_open_path_is_another_file_unless_the_switch_says_otherwise():
    def story(**switches):
        async def run(desk, clock):
            apps = [{"name": APPLICATION}]
            desk.office.add_file(FakeCompany(path_shown=r"\\SERVER\Books\Shared.QBW", apps=apps))
            desk.server.log_in("Admin", "multi", r"\\SERVER\Books\Shared.QBW")
            _, failure = await begin(desk, r"Q:\Shared.QBW")
            return failure.code if failure else None

        return at_desk(run, open_as=None, **switches)

    assert story() == Code.OTHER_FILE_OPEN
    assert story(other_spelling="accepted") is None


def test_an_unattended_session_takes_a_seat_and_frees_it_at_its_end():
    async def story(desk, clock):
        processor, _ = await begin(desk, PATH)
        during = (desk.server.state, desk.office.seats_free, clock.elapsed_s())
        await desk.perform(processor.close_connection())
        return during, (desk.server.state, desk.office.seats_free)

    during, after = at_desk(story, **UNATTENDED)
    assert during == ("without-window", 2, pytest.approx(30))
    assert after == ("closed", 3)


def test_a_session_that_opened_the_file_closes_it_and_leaves_quickbooks_up():
    async def story(desk, clock):
        desk.server.start()
        processor, _ = await begin(desk, PATH)
        assert desk.server.state == "file-open"
        await desk.perform(processor.close_connection())
        return desk.server.state

    assert at_desk(story, **UNATTENDED) == "no-file"


def test_ending_an_attended_session_frees_no_seat():
    async def story(desk, clock):
        processor, _ = await begin(desk)
        await desk.perform(processor.close_connection())
        return desk.office.seats_free, desk.server.state

    assert at_desk(story) == (2, "file-open")


@pytest.mark.parametrize(
    ("last", "setting", "expected"), [("multi", "last", "multi"), ("single", "last", "single"), ("single", "multi", "multi")]
)
def test_do_not_care_opens_as_last_hosted(last, setting, expected):
    async def story(desk, clock):
        desk.accounting.log_in("Anna", last)
        desk.accounting.log_out()
        await begin(desk, PATH)
        return desk.server.opening.mode

    assert at_desk(story, **UNATTENDED, do_not_care_opens=setting) == expected


def test_a_failed_launch_leaves_nothing_running():
    async def story(desk, clock):
        beginning = asyncio.create_task(begin(desk, PATH))
        await clock.sleep(10)
        assert desk.server.state == "without-window"
        desk.accounting.log_in("Anna", "single")
        _, failure = await beginning
        return failure.code, desk.server.state, desk.office.seats_free

    assert at_desk(story, **UNATTENDED) == (Code.COULD_NOT_START, "closed", 2)


@pytest.mark.parametrize("login", ["whenever the file is open", "ask every time"])
def test_a_grant_for_the_presence_of_people_does_not_join_a_session_without_window(login):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application("Other", login=login))
        await begin(desk, PATH)
        _, other = await begin(desk, application="Other")
        return other.code

    assert at_desk(story, **UNATTENDED) == Code.NO_AUTOMATIC_LOGIN


def test_a_second_application_is_kept_out_while_single_user():
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application("Other"))
        await begin(desk)
        _, same = await begin(desk)
        _, other = await begin(desk, application="Other")
        return same, other.code

    assert at_desk(story, mode="single") == (None, Code.SHARED_WHILE_SINGLE)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("no", Code.DENIED), ("whenever the file is open", None), ("even if not running", None), ("ask every time", None)],
)
def test_the_prompt_blocks_until_the_admin_answers(answer, expected):
    async def story(desk, clock):
        beginning = asyncio.create_task(begin(desk))
        await clock.sleep(3600)
        assert not beginning.done()
        desk.server.answer_prompt(answer, "Goflow" if answer == "even if not running" else "")
        _, failure = await beginning
        known = desk.office.files[0].authorisations.of(APPLICATION)
        assert (known.login if known else "no") == answer
        assert [app["login"] for app in desk.company.apps] == ([answer] if known else [])
        assert desk.server.prompt is None
        return failure.code if failure else None

    assert at_desk(story, grant=None, open_as="Admin") == expected


def test_the_prompt_goes_away_with_the_file():
    async def story(desk, clock):
        beginning = asyncio.create_task(begin(desk))
        await clock.sleep(1)
        # Nobody can log out behind the prompt; the file may be closed from elsewhere.
        desk.server.eject()
        return (await beginning)[1].code

    assert at_desk(story, grant=None, open_as="Admin") == Code.NO_FILE_NO_PATH


@pytest.mark.parametrize(("mode", "expected"), [(MULTI, Code.OTHER_MODE), (DO_NOT_CARE, Code.SHARED_WHILE_SINGLE)])
def test_the_mode_is_looked_at_again_when_the_prompt_has_been_answered(mode, expected):
    async def story(desk, clock):
        desk.office.files[0].authorisations.grant(Application("P3"))
        await begin(desk, mode=MULTI, application="P3")
        beginning = asyncio.create_task(begin(desk, mode=mode, application="P8"))
        await clock.sleep(10)
        # People cannot while the prompt is up; a fault may.
        with desk.office.causes.by("F-1"):
            desk.server.switch_mode("single")
        desk.server.answer_prompt("whenever the file is open")
        _, failure = await beginning
        return failure and failure.code, [each.application.name for each in desk.server.sessions]

    assert at_desk(story, grant=None, open_as="Admin") == (expected, ["P3"])


def test_the_prompt_may_have_a_limit():
    async def story(desk, clock):
        return (await begin(desk))[1].code, clock.elapsed_s()

    assert at_desk(story, grant=None, open_as="Admin", prompt_wait_s=60) == (Code.DIALOG_OPEN, pytest.approx(60))


@pytest.mark.parametrize("grant", ["whenever the file is open", "even if not running"])
def test_who_asks_for_the_window_waits_for_a_person_also_when_quickbooks_runs_without_a_file(grant):
    async def story(desk, clock):
        desk.server.start()
        left_alone = (await begin(desk, PATH, connection_type=3))[1].code, desk.server.state
        beginning = asyncio.create_task(begin(desk, PATH, connection_type=3))
        await clock.sleep(10)
        desk.server.log_in("Anna", "multi")
        processor, failure = await beginning
        assert failure is None
        await desk.perform(processor.close_connection())
        return *left_alone, desk.server.opening.user.name

    assert at_desk(story, open_as=None, grant=grant) == (Code.LAUNCH_GIVEN_UP, "no-file", "Anna")


def test_a_person_opens_the_file_that_was_launched_with_a_window():
    async def story(desk, clock):
        beginning = asyncio.create_task(begin(desk, PATH, connection_type=3))
        await clock.sleep(30)
        desk.server.log_in("Goflow", "multi")
        return (await beginning)[1]

    assert at_desk(story, open_as=None) is None


def test_a_dialog_closed_in_time_lets_the_call_through():
    async def story(desk, clock):
        desk.server.show_dialog("Backup")
        beginning = asyncio.create_task(begin(desk))
        await clock.sleep(15)
        desk.server.close_dialog()
        return (await beginning)[1], clock.elapsed_s()

    assert at_desk(story) == (None, pytest.approx(15))


def test_a_crash_in_mid_wait_ends_the_call():
    async def story(desk, clock):
        desk.server.show_dialog("Backup", hangs=True)
        beginning = asyncio.create_task(begin(desk))
        await clock.sleep(500)
        desk.server.crash()
        return (await beginning)[1].code, len(desk.server.line)

    assert at_desk(story) == (Code.INTERNAL_ERROR, 0)


def test_tickets_are_seeded_and_differ():
    async def story(desk, clock):
        tickets = []
        for _ in range(3):
            processor = desk.processor()
            await desk.perform(processor.open_connection("", APPLICATION))
            tickets.append(await desk.perform(processor.begin_session("", DO_NOT_CARE)))
        assert not any(ticket in str(list(desk.journal.rows())) for ticket in tickets)
        return tickets

    assert at_desk(story) == at_desk(story)
    assert len(set(at_desk(story))) == 3
