"""Lasting faults of the application, of people and of the file host: each begins, is felt with its code, ends, and leaves things as they were."""

import pytest

from desktop.makers import OTHER_PATH, PATH, FakeCompany, at_desk
from desktop.test_begin_session import DO_NOT_CARE, MULTI, begin
from emulator.company.passwords import hashed
from emulator.core.errors import UserMistake
from emulator.desktop import KINDS, Code, FileHost, Refused, SessionFailure, Users
from emulator.desktop.faults import application, host, people
from emulator.faults import FaultSpec

UNATTENDED = {"open_as": None, "grant": "even if not running"}
ATTENDED_GRANTED = {"grant": "even if not running"}
ADMIN = {"with": {"user": "Admin"}}
GOFLOW = {"with": {"user": "Goflow"}}

FELT = [
    # kind, how it is asked for, what the wish is, the desk, the code
    ("not-running", {}, {}, {}, Code.NOT_RUNNING_NO_PATH),
    ("not-running", {}, {"path": PATH}, {}, Code.NO_AUTOMATIC_LOGIN),
    ("wrong-or-no-file", {}, {}, {}, Code.NO_FILE_NO_PATH),
    ("wrong-or-no-file", {"with": {"open_file": OTHER_PATH}}, {"path": PATH}, {}, Code.OTHER_FILE_OPEN),
    ("other-mode", {}, {"mode": MULTI}, {}, Code.OTHER_MODE),
    ("other-mode", {"with": {"machine": "ACCOUNTING-PC"}}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
    ("login-prompt", {}, {}, {}, Code.DIALOG_OPEN),
    ("login-prompt", {}, {}, {"log_in_window": "no-file"}, Code.NO_FILE_NO_PATH),
    ("login-prompt", ADMIN, {"path": PATH}, UNATTENDED, Code.DIALOG_OPEN),
    ("update-prompt", {}, {}, {}, Code.DIALOG_OPEN),
    ("update-prompt", {"with": {"how": "restart"}}, {}, {}, Code.STILL_STARTING),
    ("update-prompt", {"with": {"revokes": True}}, {"path": PATH}, UNATTENDED, Code.NO_AUTOMATIC_LOGIN),
    ("vendor-sign-in", {}, {}, {}, Code.DIALOG_OPEN),
    ("vendor-sign-in", {}, {"path": PATH}, {**UNATTENDED, "dialog_without_window": "0x80040414"}, Code.DIALOG_OPEN),
    ("other-path-spelling", {"with": {"drive": "R:"}}, {"path": PATH}, {}, Code.OTHER_FILE_OPEN),
    ("other-windows-session", {}, {}, {}, Code.COULD_NOT_START),
    ("other-windows-session", {}, {}, {"other_windows_session": "0x80040401"}, Code.NO_ACCESS),
    ("second-instance", ADMIN, {}, {}, Code.MANY_INSTANCES),
    ("second-instance", ADMIN, {}, {"second_instance": "0x80040408"}, Code.COULD_NOT_START),
    ("leftover-process", {}, {}, {}, Code.COULD_NOT_START),
    ("leftover-process", {}, {}, {"left_over_process": "0x80040402"}, Code.INTERNAL_ERROR),
    ("leftover-process", {}, {"path": PATH}, {**UNATTENDED, "left_over_process": "0x80080005"}, Code.SERVER_NOT_STARTED),
    ("seats-full", {}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
    ("user-elsewhere", GOFLOW, {"path": PATH}, UNATTENDED, Code.USER_ELSEWHERE),
    ("user-elsewhere", {}, {}, {}, Code.NO_FILE_NO_PATH),
    ("ghost-session", {}, {"path": PATH}, ATTENDED_GRANTED, Code.USER_ELSEWHERE),
    ("password-changed", GOFLOW, {"path": PATH}, UNATTENDED, Code.AUTHORISE_AGAIN),
    (
        "password-changed",
        GOFLOW,
        {"path": PATH},
        {**UNATTENDED, "automatic_log_in_password": "0x80040430"},
        Code.AUTOMATIC_LOGIN_BROKEN,
    ),
    ("password-changed", GOFLOW, {"path": PATH}, {**UNATTENDED, "automatic_log_in_password": "works"}, None),
    ("password-expired", GOFLOW, {"path": PATH}, UNATTENDED, Code.AUTHORISE_AGAIN),
    ("file-moved", {}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
    ("file-moved", {}, {"path": PATH}, {}, Code.COULD_NOT_OPEN_FILE),
    ("file-upgraded", {}, {"path": PATH}, UNATTENDED, Code.VERSIONS_DIFFER),
    ("file-upgraded", {}, {"path": PATH}, {**UNATTENDED, "file_newer": "0x80040406"}, Code.FILE_VERSION_UNKNOWN),
    ("file-upgraded", {"with": {"year": 2019}}, {"path": PATH}, UNATTENDED, Code.FILE_VERSION_UNKNOWN),
    ("file-upgraded", {"with": {"year": 2019}}, {"path": PATH}, {**UNATTENDED, "file_older": "0x80040409"}, Code.VERSIONS_DIFFER),
    ("file-upgraded", {"with": {"year": 2019}}, {"path": PATH}, {**UNATTENDED, "file_older": "0x80040408"}, Code.COULD_NOT_START),
    ("repair-running", {}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
    ("repair-running", {}, {"path": PATH}, {**UNATTENDED, "under_repair": "0x80040403"}, Code.COULD_NOT_OPEN_FILE),
    ("admin-closes-for-users", {}, {}, {}, Code.NO_FILE_NO_PATH),
    ("admin-closes-for-users", {}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
    ("hosting-off", {}, {"path": PATH, "mode": MULTI}, UNATTENDED, Code.COULD_NOT_START),
    ("share-lost", {}, {}, {}, Code.DIALOG_OPEN),
    ("share-lost", {}, {}, {"share_lost_under_file": "crash"}, Code.NOT_RUNNING_NO_PATH),
    ("share-lost", {"with": {"machine": "SERVER"}}, {"path": PATH}, UNATTENDED, Code.COULD_NOT_START),
]


def ask(desk, kind, how):
    with_ = how.get("with", {})
    desk.plan.add(FaultSpec.model_validate({"fault": kind, "with": with_}), desk.office.now())


@pytest.mark.parametrize(("kind", "how", "wish", "options", "code"), FELT, ids=[f"{each[0]}-{n}" for n, each in enumerate(FELT)])
def test_a_fault_is_felt_named_and_lifted(kind, how, wish, options, code):
    async def story(desk, clock):
        desk.office.add_file(FakeCompany(path_shown=OTHER_PATH))
        opening = desk.server.opening
        before = None if opening is None else (opening.user.name, opening.mode, opening.spelling)
        ask(desk, kind, how)
        wanted = {"mode": DO_NOT_CARE, "path": "", **wish}
        first, failure = await begin(desk, **wanted)
        assert (failure.code if failure else None) == code
        if failure is not None:
            assert next(reversed(list(desk.journal.rows("session-failed"))))["faults"] == [kind]
        else:
            await desk.perform(first.close_connection())
        desk.plan.lift(kind)
        assert desk.plan.unfired() == []
        assert not desk.office.share_lost
        now = desk.server.opening
        assert before is None or (now.user.name, now.mode, now.spelling) == before
        _, failure = await begin(desk, **wanted)
        return failure

    assert at_desk(story, **options) is None


def test_every_kind_of_these_families_is_felt_in_a_test():
    here = {"slow-start", "switch-refused", "restored-backup", "condensed-file"} | {row[0] for row in FELT}
    assert {kind.name for kind in (*application.KINDS, *people.KINDS, *host.KINDS)} == here
    assert all(
        kind.lasting and kind.correct and kind.about.endswith(".") for kind in (*application.KINDS, *people.KINDS, *host.KINDS)
    )
    assert len({kind.id for kind in KINDS}) >= len({kind.name for kind in KINDS}) - 1


def test_a_slow_start_is_waited_for():
    async def story(desk, clock):
        ask(desk, "slow-start", {})
        desk.server.start()
        _, failure = await begin(desk)
        with pytest.raises(Refused, match="still starting"):
            desk.server.log_in("Goflow", "multi")
        await clock.sleep(45)
        desk.server.log_in("Goflow", "multi")
        _, after = await begin(desk)
        return failure.code, failure.faults, after

    assert at_desk(story, open_as=None) == (Code.STILL_STARTING, ("slow-start",), None)


def test_a_slow_start_without_a_window_takes_longer():
    async def story(desk, clock):
        ask(desk, "slow-start", {})
        await begin(desk, PATH)
        return clock.elapsed_s()

    assert at_desk(story, **UNATTENDED) == pytest.approx(75)


def test_somebody_else_in_the_file_keeps_it_from_single_user_mode():
    async def story(desk, clock):
        ask(desk, "switch-refused", {"with": {"by": "Anna"}})
        with pytest.raises(Refused) as refused:
            desk.server.switch_mode("single")
        desk.plan.lift("switch-refused")
        desk.server.switch_mode("single")
        return refused.value.holders, refused.value.kind

    assert at_desk(story) == (("Anna on ACCOUNTING-PC",), "others-in-file")


def test_people_cannot_log_in_with_a_password_that_nobody_told_them():
    async def story(desk, clock):
        ask(desk, "password-changed", {})
        desk.server.log_out()
        kinds = []
        for fault in ("password-changed", "password-expired"):
            with pytest.raises(Refused) as refused:
                desk.server.log_in("Goflow", "multi")
            kinds.append((refused.value.kind, refused.value.faults))
            desk.plan.lift(fault)
            if fault == "password-changed":
                ask(desk, "password-expired", GOFLOW)
        desk.server.log_in("Goflow", "multi")
        return kinds

    assert at_desk(story) == [("wrong-password", ("password-changed",)), ("password-expired", ("password-expired",))]


@pytest.mark.parametrize(
    ("kind", "how", "said"),
    [
        ("not-running", {"with": {"machine": "SERVERR"}}, "'SERVER'"),
        ("share-lost", {"with": {"machine": "SERVERR"}}, "'SERVER'"),
        ("user-elsewhere", {"with": {"user": "Goflo"}}, "'Goflow'"),
        ("wrong-or-no-file", {"with": {"open_file": r"C:\Books\Wholesal.QBW"}}, "Wholesale.QBW"),
        ("slow-start", {"with": {"start_s": 1e300}}, "start_s of 'slow-start' is 1e+300; expected at most"),
        ("update-prompt", {"with": {"restart_s": -1.0}}, "restart_s of 'update-prompt' is -1.0; expected at least 0"),
        ("ghost-session", {"with": {"hold_s": float("nan")}}, "hold_s of 'ghost-session' is nan"),
        ("file-moved", {"with": {"new": "nowhere"}}, "no path of a file"),
        ("ghost-session", {"with": {"machine": "ACCOUNTING-PC"}}, "Nobody is logged in"),
        ("other-path-spelling", {"with": {"machine": "ACCOUNTING-PC"}}, "Nobody is logged in"),
        ("second-instance", GOFLOW, "already signed in"),
        ("seats-full", {}, "single-user"),
        ("password-changed", {"with": {"machine": "ACCOUNTING-PC"}}, "nobody is logged in"),
        ("user-elsewhere", {"with": {"user": "Anna"}}, "single-user"),
        ("switch-refused", {"with": {"by": "Golfow"}}, "did you mean 'Goflow'?"),
    ],
)
def test_what_the_world_has_not_is_refused_and_nothing_has_changed(kind, how, said):
    def look(desk):
        file = desk.office.files[0]
        held = [(each.holder, each.mode) for each in file.openings]
        return held, file.path, sorted(file.users), desk.server.state, desk.accounting.state, dict(desk.office.drives)

    async def story(desk, clock):
        before = look(desk)
        with pytest.raises(UserMistake) as wrong:
            ask(desk, kind, how)
        assert look(desk) == before
        assert desk.plan.faults() == []
        # What to do is said once.
        assert "?; expected" not in str(wrong.value)
        assert str(wrong.value).count("could do it") <= 1
        return str(wrong.value)

    assert said in at_desk(story, mode="single")


def test_what_people_do_to_one_company_file_leaves_those_in_another_alone():
    async def story(desk, clock):
        desk.office.add_file(FakeCompany(path_shown=OTHER_PATH))
        of_other = {"file": OTHER_PATH, "machine": "ACCOUNTING-PC"}
        inside = []
        for kind, given in (("admin-closes-for-users", of_other), ("user-elsewhere", {**of_other, "user": "Admin"})):
            ask(desk, kind, {"with": given})
            inside.append([[(each.holder, each.mode) for each in file.openings] for file in desk.office.files])
            desk.plan.lift(kind)
        return inside, [file.openings[0].holder for file in desk.office.files if file.openings]

    here = [("Admin on SERVER", "multi")]
    assert at_desk(story, open_as="Admin") == (
        [[here, [("Admin on ACCOUNTING-PC", "single")]], [here, [("Admin on another-pc", "multi")]]],
        ["Admin on SERVER"],
    )


def test_a_code_may_be_given_for_those_the_admin_ejects():
    def met(**options):
        code = options.pop("code", "")

        async def story(desk, clock):
            processor, _ = await begin(desk)
            ask(desk, "admin-closes-for-users", {"with": {"code": code, "then": "nothing"}})
            with pytest.raises(SessionFailure) as failed:
                await desk.perform(processor.get_current_company_file_name(processor._conversation.session.ticket))
            return failed.value.code, failed.value.faults

        return at_desk(story, **options)

    assert met() == (Code.NO_FILE_NO_PATH, ("admin-closes-for-users",))
    assert met(closed_for_users="0x8004040D")[0] == Code.WRONG_TICKET
    assert met(closed_for_users="0x800706BA")[0] == Code.RPC_UNAVAILABLE
    assert met(code="0x800706BA")[0] == Code.RPC_UNAVAILABLE


def test_what_people_have_put_right_meanwhile_stays():
    """Lifting a fault undoes what the fault did, not what people did about it."""

    async def story(desk, clock):
        keeper, file, users = FileHost(desk.office), desk.office.files[0], Users(desk.office, desk.office.files[0])
        ask(desk, "password-expired", GOFLOW)
        users.change_password("Goflow", "Complex-1")
        ask(desk, "file-moved", {})
        keeper.move(file, r"D:\Kept.QBW")
        ask(desk, "file-upgraded", {})
        keeper.upgrade(file, 2030)
        desk.server.install(2030)
        ask(desk, "other-mode", {"with": {"by": "Anna"}})
        desk.server.log_out()
        desk.server.log_in("Admin", "multi")
        desk.plan.lift_all()
        return file.path, file.made_by, desk.server.opening.holder, desk.server.opening.mode, file.user("Goflow").password

    assert at_desk(story, open_as=None) == (r"D:\Kept.QBW", 2030, "Admin on SERVER", "multi", hashed("Goflow", "Complex-1"))


def test_a_trigger_begins_a_state_in_the_middle_of_a_call():
    async def story(desk, clock):
        desk.fault("leftover-process", when={"nth": 2})
        first, _ = await begin(desk)
        await desk.perform(first.close_connection())
        _, second = await begin(desk)
        desk.plan.lift("leftover-process")
        return second.code, second.faults, (await begin(desk))[1]

    assert at_desk(story) == (Code.COULD_NOT_START, ("leftover-process",), None)
