"""Machines: starting and going down take time, what is left over keeps QuickBooks from starting, windows stand in the way one after the other."""

import asyncio

import pytest

from emulator.desktop import Code, FileHost, Refused, Users

from .makers import OTHER_PATH, PATH, at_desk
from .test_begin_session import MULTI, UNATTENDED, begin


def kind_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.kind


def test_a_start_takes_its_time():
    async def story(desk, clock):
        desk.server.start(takes_s=None)
        seen = [desk.server.state, kind_of(lambda: desk.server.log_in("Goflow", "multi")), (await begin(desk))[1].code]
        await clock.sleep(29)
        seen.append(desk.server.state)
        await clock.sleep(1)
        return [*seen, desk.server.state, desk.server.busy_s]

    assert at_desk(story, open_as=None) == ["starting", "starting", Code.STILL_STARTING, "starting", "no-file", 0.0]
    assert at_desk(story, open_as=None, start_with_window_s=45)[-3:] == ["starting", "starting", pytest.approx(15)]


def test_begin_session_waits_for_a_quickbooks_that_goes_down_and_starts_it_anew():
    async def story(desk, clock):
        desk.server.quit(20)
        seen = [desk.server.state, desk.office.seats_free, kind_of(desk.server.start), kind_of(desk.server.quit)]
        _, failure = await begin(desk, PATH)
        return seen, failure, clock.elapsed_s(), desk.server.state

    seen, failure, passed_s, state = at_desk(story, grant="even if not running")
    assert seen == ["going-down", 3, "going-down", "not-running"]
    assert (failure, state) == (None, "without-window")
    assert passed_s == pytest.approx(50)


def test_begin_session_gives_up_on_one_that_does_not_end():
    async def story(desk, clock):
        desk.server.quit(600)
        failed = (await begin(desk, PATH))[1].code, clock.elapsed_s()
        desk.server.end_process()
        return failed, desk.server.state

    assert at_desk(story, going_down_wait_s=45) == ((Code.COULD_NOT_START, pytest.approx(45)), "closed")


def test_sessions_of_a_quickbooks_that_goes_down_are_cut_off():
    async def story(desk, clock):
        processor, _ = await begin(desk)
        desk.server.quit(20)
        with pytest.raises(Exception, match="0x800706BA"):
            await desk.perform(processor.end_session(processor._conversation.session.ticket))

    at_desk(story)


def test_a_left_over_process_must_be_ended_first():
    async def story(desk, clock):
        desk.server.crash(ghost=True, leftover=True)
        seen = [desk.server.state, desk.office.seats_free, kind_of(desk.server.start), (await begin(desk))[1].code]
        desk.server.end_process()
        desk.server.log_in("Goflow", "multi")
        return [*seen, desk.server.state, kind_of(desk.accounting.end_process)]

    assert at_desk(story) == ["left-over", 2, "left-over", Code.COULD_NOT_START, "file-open", "nothing-to-end"]


@pytest.mark.parametrize(("cut_off", "free"), [(False, 3), (True, 1)])
def test_ending_the_process_gives_the_seats_of_ghosts_back_unless_the_host_hears_nothing(cut_off, free):
    async def story(desk, clock):
        desk.server.crash(ghost=True)
        desk.server.log_in("Anna", "multi")
        assert desk.office.seats_free == 1
        if cut_off:
            FileHost(desk.office).lose_share("SERVER")
        desk.server.end_process()
        return desk.office.seats_free

    assert at_desk(story) == free


def test_a_second_quickbooks_holds_the_file_and_nobody_sees_it():
    async def story(desk, clock):
        desk.server.start_second("Anna", "single")
        seen = [
            kind_of(lambda: desk.server.start_second("Admin", "multi")),
            kind_of(lambda: desk.accounting.log_in("Admin", "multi")),
        ]
        seen += [desk.server.state, (await begin(desk, PATH))[1].code]
        desk.server.end_process()
        return [*seen, desk.office.seats_free]

    assert at_desk(story, **UNATTENDED) == ["already-running", "held-single", "closed", Code.MANY_INSTANCES, 3]


def test_windows_at_the_start_come_one_after_the_other():
    async def story(desk, clock):
        desk.server.ask_at_start("update")
        desk.server.ask_at_start("sign-in")
        titles = []
        desk.server.start()
        titles.append(desk.server.dialog.title)
        refused = kind_of(lambda: desk.server.log_in("Goflow", "multi"))
        desk.server.close_dialog()
        titles.append(desk.server.dialog.title)
        desk.server.close_dialog(later=True)
        titles.append(desk.server.dialog)
        desk.server.quit()
        desk.server.start()
        titles.append(desk.server.dialog.title)
        return titles, refused

    titles, refused = at_desk(story, open_as=None)
    assert titles == ["QuickBooks Update", "Sign in to your Intuit account", None, "Sign in to your Intuit account"]
    assert refused == "dialog-open"


def test_a_start_without_a_window_hangs_on_what_it_asks():
    async def story(desk, clock):
        desk.server.ask_at_start("sign-in")
        return (await begin(desk, PATH))[1].code, desk.server.state, desk.server.at_start

    assert at_desk(story, **UNATTENDED, dialog_without_window="0x80040414") == (Code.DIALOG_OPEN, "closed", ["sign-in"])


def test_people_work_in_another_windows_session():
    async def story(desk, clock):
        desk.server.log_out()
        desk.server.quit()
        desk.server.start(windows_session="rdp-7")
        desk.server.log_in("Goflow", "multi")
        failed = (await begin(desk))[1]
        desk.server.work_in("console")
        return failed.code, "rdp-7" in failed.detail, (await begin(desk))[1]

    assert at_desk(story) == (Code.COULD_NOT_START, True, None)


def test_another_version_does_not_open_the_file():
    async def story(desk, clock):
        desk.accounting.install(2023)
        older = kind_of(lambda: desk.accounting.log_in("Anna", "multi"))
        desk.accounting.quit()
        desk.accounting.install(2025)
        newer = kind_of(lambda: desk.accounting.log_in("Anna", "multi"))
        desk.accounting.quit()
        desk.accounting.install(2024)
        desk.accounting.log_in("Anna", "multi")
        return older, newer

    assert at_desk(story) == ("file-newer", "file-older")


def test_no_version_is_installed_under_a_running_quickbooks():
    async def story(desk, clock):
        desk.server.log_out()
        seen = [kind_of(lambda: desk.server.install(2025)), desk.server.year]
        desk.server.quit()
        desk.server.leftover = True
        seen.append(kind_of(lambda: desk.server.install(2025)))
        desk.server.end_process()
        desk.server.install(2025)
        return [*seen, desk.server.year]

    assert at_desk(story) == ["already-running", 2024, "left-over", 2025]


def test_the_wrong_password_leaves_the_log_in_window_open():
    async def story(desk, clock):
        users = Users(desk.office, desk.office.files[0])
        users.change_password("Goflow", "right")
        wrong = kind_of(lambda: desk.server.log_in("Goflow", "multi", password="wrong"))
        seen = [wrong, desk.server.dialog.kind, desk.server.dialog.user, (await begin(desk, mode=MULTI))[1].code]
        desk.server.log_in("Goflow", "multi", password="right")
        return [*seen, desk.server.dialog]

    assert at_desk(story, open_as=None) == ["wrong-password", "log-in", "Goflow", Code.DIALOG_OPEN, None]


@pytest.mark.parametrize(("setting", "refused"), [("anybody", False), ("admin", True)])
def test_who_may_switch_the_mode(setting, refused):
    async def story(desk, clock):
        if refused:
            assert kind_of(lambda: desk.server.switch_mode("single")) == "not-admin"
            desk.server.log_out()
            desk.server.log_in("Admin", "multi")
        desk.server.switch_mode("single")
        return desk.server.opening.mode

    assert at_desk(story, mode_switch=setting) == "single"


def test_the_admin_closes_the_file_for_everybody_else():
    async def story(desk, clock):
        refused = kind_of(desk.server.close_for_users)
        desk.accounting.log_in("Admin", "multi")
        ejected = desk.accounting.close_for_users()
        desk.accounting.switch_mode("single")
        return refused, ejected, desk.server.state, kind_of(lambda: desk.server.log_in("Goflow", "multi"))

    assert at_desk(story) == ("not-admin", 1, "no-file", "held-single")


def test_closing_the_file_for_users_frees_the_seats_of_ghosts_and_of_hidden_instances():
    async def story(desk, clock):
        desk.accounting.start_second("Anna", "multi")
        desk.accounting.log_in("Admin", "multi")
        desk.server.crash(ghost=True)
        return desk.office.seats_free, desk.accounting.close_for_users(), desk.office.seats_free, desk.accounting.second

    assert at_desk(story) == (0, 2, 2, None)


def test_a_session_without_window_is_cut_off_when_the_file_is_closed_for_it():
    async def story(desk, clock):
        processor, _ = await begin(desk, PATH, MULTI)
        desk.accounting.log_in("Admin", "multi")
        desk.accounting.close_for_users()
        with pytest.raises(Exception, match="0x80040417"):
            await desk.perform(processor.end_session(processor._conversation.session.ticket))
        return desk.server.state, desk.office.seats_free

    assert at_desk(story, **UNATTENDED) == ("closed", 2)


def test_simple_start_has_no_multi_user_mode():
    async def story(desk, clock):
        seen = [kind_of(lambda: desk.server.log_in("Goflow", "multi")), (await begin(desk, PATH, MULTI))[1].code]
        processor, failure = await begin(desk, PATH)
        seen += [failure, desk.server.opening.mode]
        await desk.perform(processor.close_connection())
        desk.server.log_in("Goflow", "single")
        return [*seen, kind_of(lambda: desk.server.switch_mode("multi"))]

    met = at_desk(story, **UNATTENDED, edition="Simple Start")
    assert met == ["no-multi-user", Code.SIMPLE_START_MULTI, None, "single", "no-multi-user"]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda desk, file: Users(desk.office, file).remove("Goflow"), Code.AUTOMATIC_LOGIN_BROKEN),
        (lambda desk, file: FileHost(desk.office).move(file, OTHER_PATH), Code.COULD_NOT_OPEN_FILE),
        (lambda desk, file: FileHost(desk.office).lose_share("SERVER"), Code.COULD_NOT_OPEN_FILE),
        (lambda desk, file: FileHost(desk.office).begin_repair(file, "File Doctor"), Code.COULD_NOT_START),
        (lambda desk, file: Users(desk.office, file).change_password("Goflow", "new"), Code.AUTHORISE_AGAIN),
        (lambda desk, file: desk.accounting.log_in("Goflow", "multi"), Code.USER_ELSEWHERE),
        (lambda desk, file: desk.server.end_process(), Code.INTERNAL_ERROR),
    ],
)
def test_what_happens_while_quickbooks_starts_for_a_session(act, code):
    async def story(desk, clock):
        beginning = asyncio.create_task(begin(desk, PATH))
        await clock.sleep(10)
        act(desk, desk.office.files[0])
        _, failure = await beginning
        return failure.code, desk.server.state

    assert at_desk(story, **UNATTENDED) == (code, "closed")
