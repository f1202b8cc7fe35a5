"""Acts about programs: the prompt, the preferences, rights, certificates, what is installed. Each is done once, and refused in words once."""

import asyncio
from datetime import UTC, datetime

import pytest

from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.desktop import Users
from emulator.people import ACTS, ActRefused, perform
from emulator.people.acts import IN_THE_PREFERENCES
from emulator.world import WorldConfig, virtual_world

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
APPLICATION = "FakeBooks Connector"

OFFICE = r"""
company: {name: Office, file: 'C:\QB\Office.QBW', edition: Premier}
licence: {seats: 3}
users: [{name: Admin, role: Admin}, {name: Goflow, role: External Accountant}, {name: Accountant}]
apps: [%s]
"""
KNOWN = "{name: FakeBooks Connector, login: whenever the file is open}"


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    """Worlds of a company that is quickly made: one knows the connector, the other does not."""
    folder = tmp_path_factory.mktemp("office")
    for name, apps in (("known", KNOWN), ("new", "")):
        (folder / f"{name}.yaml").write_text(OFFICE % apps)
    return {name: WorldConfig(company=str(folder / f"{name}.yaml")) for name in ("known", "new")}


def told(config, *acts, then=lambda world: None):
    """Let people act in a fresh world; returns its `act` rows and what `then` sees in it."""

    async def story(clock):
        world = virtual_world(config, clock)
        await world.start()
        try:
            for name, arguments in acts:
                try:
                    await perform(world, name, arguments)
                except ActRefused:
                    continue
            return list(world.journal.rows("act")), then(world)
        finally:
            await world.stop()

    return run_virtual(story, START)


def known(world):
    """Return what the company file knows of the connector."""
    return world.office.files[0].authorisations.of(APPLICATION)


ADMIN = ("admin.log_in", {})
ACCOUNTANT = ("accountant.log_in", {})
OTHER = {"application": "FakeBooks Conector"}
OPEN, CLOSE = ("admin.open_preferences", {}), ("admin.close_preferences", {})
SIGNED = ("operator.renew_certificate", {})
DAMAGED = ("operator.harm_installation", {"damage": "incomplete"})

# act, its arguments, what goes before, what is seen afterwards; then what makes it refused, and a part of the reason.
TABLE = [
    (OPEN, [ADMIN], lambda w: w.office.files[0].authorisations.edited_on == "accounting-pc", [ACCOUNTANT], "Only the Admin"),
    (CLOSE, [ADMIN, OPEN], lambda w: w.machine("accounting-pc").dialog is None, [ADMIN], "not open on accounting-pc"),
    (
        ("admin.allow_application", {}),
        [ADMIN, ("admin.switch_off_application", {})],
        lambda w: known(w).allowed,
        [],
        "Nobody is logged in",
    ),
    (("admin.switch_off_application", {}), [ADMIN], lambda w: not known(w).allowed, [ACCOUNTANT], "not Accountant"),
    (("admin.allow_any", {"access": False}), [ADMIN], lambda w: w.company.no_applications, [], "Nobody is logged in"),
    (
        ("admin.set_login", {"login": "even if not running", "login_as": "Goflow"}),
        [ADMIN],
        lambda w: (known(w).login, known(w).login_as) == ("even if not running", "Goflow"),
        [ACCOUNTANT],
        "Only the Admin",
    ),
    (("admin.set_login", {"login": "ask every time"}), [ADMIN], lambda w: known(w).login == "ask every time", [], "Nobody"),
    (("admin.set_personal_data", {"access": True}), [ADMIN], lambda w: known(w).personal_data, [], "Nobody is logged in"),
    (
        ("admin.remove_application", {}),
        [ADMIN],
        lambda w: known(w) is None,
        [ADMIN, ("admin.remove_application", {})],
        "no application 'FakeBooks Connector'",
    ),
    (
        ("admin.tell_of_certificates", {"on": False}),
        [ADMIN],
        lambda w: not w.company.certificate_notice,
        [ACCOUNTANT],
        "Only the Admin",
    ),
    (
        ("admin.protect_sensitive_data", {"on": True, "new_password": "Complex-1"}),
        [ADMIN],
        lambda w: (w.office.files[0].sensitive_data, Users(w.office, w.office.files[0]).are_complex) == (True, True),
        [ACCOUNTANT],
        "Only the Admin",
    ),
    (
        ("admin.limit_user", {"user": "Goflow", "area": "Banking", "level": "none"}),
        [ADMIN],
        lambda w: w.company.areas_of("Goflow") == {"Banking": "none"},
        [ACCOUNTANT],
        "Only the Admin",
    ),
    (
        DAMAGED,
        [],
        lambda w: w.machine("server").damage == "incomplete",
        [("operator.harm_installation", {"damage": "without-sdk"})],
        "'without-sdk' already",
    ),
    (("operator.repair_installation", {}), [DAMAGED], lambda w: w.machine("server").damage == "", [], "Nothing is wrong"),
    (
        ("operator.expire_certificate", {"in_days": 30.0}),
        [SIGNED],
        lambda w: (w.office.certificates[APPLICATION].expires - w.clock.now()).days == 30,
        [],
        "is not signed",
    ),
    (
        ("operator.revoke_certificate", {}),
        [SIGNED],
        lambda w: w.office.certificates[APPLICATION].revoked,
        [],
        "is not signed",
    ),
]


@pytest.mark.parametrize(("act", "before", "seen", "hindrance", "reason"), TABLE, ids=[each[0][0] for each in TABLE])
def test_each_act_is_done_once_and_refused_in_words_once(configs, act, before, seen, hindrance, reason):
    rows, as_told = told(configs["known"], *before, act, then=seen)
    assert (rows[-1]["result"], as_told) == ("done", True)
    rows, _ = told(configs["known"], *hindrance, act)
    assert rows[-1]["result"] == "refused"
    assert reason in rows[-1]["reason"]


COMPLEX = ("admin.protect_sensitive_data", {"on": True, "new_password": "Complex-1"})


@pytest.mark.parametrize(
    ("acts", "sensitive", "complex_"),
    [
        ([], False, False),
        ([COMPLEX], True, False),
        ([COMPLEX, ("admin.change_password", {"user": "Goflow", "new_password": "Complex-2"})], True, True),
        ([COMPLEX, ("admin.change_password", {"user": "Goflow", "new_password": "simple"})], True, False),
        ([("admin.protect_sensitive_data", {"on": True, "new_password": "simple"})], False, False),
        ([COMPLEX, ("admin.protect_sensitive_data", {"on": False})], False, False),
    ],
)
def test_a_file_becomes_protected_when_everybodys_password_is_complex(tmp_path, acts, sensitive, complex_):
    def seen(world):
        file = world.office.files[0]
        return file.sensitive_data, Users(world.office, file).are_complex

    path = tmp_path / "simple.yaml"
    path.write_text(OFFICE.replace("name: Goflow,", "name: Goflow, password: easy,") % KNOWN + "complex_password: false\n")
    assert told(WorldConfig(company=str(path)), ADMIN, *acts, then=seen)[1] == (sensitive, complex_)


@pytest.mark.parametrize(("role", "renew"), [("Full Access", True), ("External Accountant", False)])
def test_another_role_makes_the_admin_look_again_at_who_logs_in_as_him(configs, role, renew):
    login = ("admin.set_login", {"login": "even if not running", "login_as": "Goflow"})
    acts = [ADMIN, login, ("admin.add_user", {"user": "Goflow", "role": role})]
    assert told(configs["known"], *acts, then=lambda world: known(world).renew)[1] is renew


def test_every_act_about_programs_is_in_a_table():
    told_here = {name.split(".")[1] for (name, _), *_ in TABLE} | {"renew_certificate", "answer_prompt"}
    assert told_here == {run.__name__ for run in IN_THE_PREFERENCES} | {
        name.split(".")[1] for name in ACTS if name.endswith(("_installation", "_certificate", "_prompt"))
    }


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (("admin.allow_application", OTHER), "did you mean 'FakeBooks Connector'?"),
        (("admin.remove_application", OTHER), "did you mean 'FakeBooks Connector'?"),
        (("admin.set_login", {"login": "even if not running", "login_as": "Goflo"}), "Did you mean 'Goflow'?"),
        (("admin.set_login", {"login": "even if not running"}), "Choose the user"),
        (("admin.limit_user", {"user": "Goflo", "area": "Banking", "level": "none"}), "did you mean 'Goflow'?"),
        (("admin.limit_user", {"user": "Admin", "area": "Banking", "level": "none"}), "cannot be limited"),
    ],
)
def test_a_person_who_errs_reads_the_nearest_right_word(configs, act, reason):
    rows, _ = told(configs["known"], ADMIN, act)
    assert rows[-1]["result"] == "refused"
    assert reason in rows[-1]["reason"]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("admin.limit_user", {"user": "Goflow", "area": "Bankin", "level": "none"}, "'Banking'"),
        ("admin.limit_user", {"user": "Goflow", "area": "Banking", "level": "ful"}, "'full'"),
        ("admin.set_login", {"login": "ask everytime"}, "'ask every time'"),
        ("admin.open_preferences", {"machine": "acounting-pc"}, "'accounting-pc'"),
        ("admin.answer_prompt", {"answer": "whenever file is open"}, "'whenever the file is open'"),
        ("operator.harm_installation", {"damage": "incomplet"}, "'incomplete'"),
        ("operator.repair_installation", {"machine": "servr"}, "'server'"),
        ("operator.renew_certificate", OTHER, "'FakeBooks Connector'"),
        ("operator.revoke_certificate", OTHER, "'FakeBooks Connector'"),
        ("operator.expire_certificate", {"in_days": -1.0}, "expected a number of at least 0"),
    ],
)
def test_wrong_words_in_a_file_are_told_with_the_nearest_right_one(configs, name, arguments, expected):
    with pytest.raises(UserMistake, match=expected):
        told(configs["known"], (name, arguments))


@pytest.mark.parametrize(
    ("answer", "granted"),
    [
        ({"answer": "no"}, None),
        ({"answer": "ask every time"}, ("ask every time", "", False)),
        ({"answer": "whenever the file is open", "personal_data": True}, ("whenever the file is open", "", True)),
        ({"answer": "even if not running", "login_as": "Goflow"}, ("even if not running", "Goflow", False)),
    ],
)
def test_the_admin_looks_out_for_the_prompt_and_answers_it(configs, answer, granted):
    """The connector was never authorised; its call waits for the answer."""

    def seen(world):
        now = known(world)
        return now and (now.login, now.login_as, now.personal_data)

    acts = [
        ("admin.log_in", {"machine": "server"}),
        ("operator.start_connector", {}),
        ("admin.answer_prompt", {**answer, "waits_s": 120.0}),
        *([("operator.wait_for_green", {})] if granted else []),
    ]
    rows, as_told = told(configs["new"], *acts, then=seen)
    assert [row["result"] for row in rows] == ["done"] * len(acts)
    assert as_told == granted


def test_no_other_window_opens_over_the_prompt(configs):
    async def story(clock):
        world = virtual_world(configs["new"], clock)
        await world.start()
        try:
            await perform(world, "admin.log_in", {"machine": "server"})
            await perform(world, "operator.start_connector")
            await world.wait_until(lambda: world.machine("server").prompt is not None, 120.0)
            with pytest.raises(ActRefused, match="is open in QuickBooks on server"):
                await perform(world, "operator.open_dialog")
            return world.machine("server").dialog
        finally:
            await world.stop()

    assert run_virtual(story, START) is None


def test_an_answer_to_no_prompt_is_refused_after_the_wait(configs):
    def since_s(world):
        return (world.clock.now() - START).total_seconds()

    rows, took_s = told(configs["new"], ("admin.answer_prompt", {"answer": "no", "waits_s": 60.0}), then=since_s)
    assert "No application asks" in rows[-1]["reason"]
    assert 60 <= took_s < 70


def test_each_certificate_is_another_one(configs):
    def serial(world):
        return world.office.certificates[APPLICATION].serial

    serials = [told(configs["known"], *[SIGNED] * times, then=serial)[1] for times in (1, 2, 3)]
    assert len(set(serials)) == 3


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([("operator.revoke_certificate", {})], "0x8004042C"),
        ([("admin.switch_off_application", {"machine": "server"})], "0x8004041A"),
        ([("operator.harm_installation", {"damage": "incomplete"})], "0x80040407"),
    ],
)
def test_what_people_change_fails_the_next_session(configs, acts, code):
    """The connector tries again by itself and meets the code."""

    async def story(clock):
        world = virtual_world(configs["known"], clock)
        await world.start()
        try:
            await perform(world, *SIGNED)
            await perform(world, "admin.log_in", {"machine": "server"})
            await perform(world, "operator.start_connector")
            await perform(world, "admin.answer_prompt", {"answer": "whenever the file is open", "waits_s": 120.0})
            await perform(world, "operator.wait_for_green")
            await perform(world, "operator.exit_connector")
            for act in acts:
                await perform(world, *act)
            await perform(world, "operator.start_connector")
            await asyncio.sleep(300)
            return {row.get("code") for row in world.journal.rows("session-failed")}
        finally:
            await world.stop()

    assert code in run_virtual(story, START)
