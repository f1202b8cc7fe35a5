"""People's acts: what happens, what is refused and why; and random acts against a small model of who may get in."""

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulator.core.clock import run_virtual
from emulator.desktop import Preferences, QuickBooks, Refused, User, Users

from .makers import APPLICATION, PATH, START, at_desk, make_desk


def refused(act):
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason
    assert caught.value.reason == str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "act", "options"),
    [
        ("already-running", lambda desk: desk.server.start(), {}),
        ("file-open-here", lambda desk: desk.server.log_in("Anna", "multi"), {}),
        ("no-such-user", lambda desk: desk.accounting.log_in("Nobody", "multi"), {}),
        ("no-such-file", lambda desk: desk.accounting.log_in("Anna", "multi", r"C:\Books\Missing.QBW"), {}),
        ("held-single", lambda desk: desk.accounting.log_in("Anna", "multi"), {"mode": "single"}),
        ("others-in-file", lambda desk: desk.accounting.log_in("Anna", "single"), {}),
        ("user-elsewhere", lambda desk: desk.accounting.log_in("Goflow", "multi"), {}),
        ("seats-full", lambda desk: desk.accounting.log_in("Anna", "multi"), {"seats_max": 1}),
        ("not-hosted", lambda desk: desk.accounting.log_in("Anna", "multi"), {"hosting": False, "open_as": None}),
        ("no-file-open", lambda desk: desk.accounting.log_out(), {}),
        ("no-file-open", lambda desk: desk.accounting.switch_mode("single"), {}),
        ("not-running", lambda desk: desk.accounting.quit(), {}),
        ("no-dialog", lambda desk: desk.server.close_dialog(), {}),
        ("no-prompt", lambda desk: desk.server.answer_prompt("no"), {}),
    ],
)
def test_refusals_say_why_and_stand_in_the_journal(kind, act, options):
    async def story(desk, clock):
        refusal = refused(lambda: act(desk))
        row = next(row for row in desk.journal.rows() if row["kind"] in ("refused", "login-refused"))
        return refusal.kind, row["why"], row["reason"] == refusal.reason

    assert at_desk(story, **options) == (kind, kind, True)


ACTS_OUTSIDE_A_WINDOW = {
    "log-out": lambda desk: desk.server.log_out(),
    "switch-mode": lambda desk: desk.server.switch_mode("single"),
    "close-for-users": lambda desk: desk.server.close_for_users(),
    "run-utility": lambda desk: desk.server.run_utility("Verify Data"),
    "choose-menu-item": lambda desk: desk.server.choose_menu_item("T"),
    "quit": lambda desk: desk.server.quit(),
    "open-preferences": lambda desk: Preferences(desk.server).open_window(),
    "allow-any": lambda desk: Preferences(desk.server).allow_any(access=False),
}


@pytest.mark.parametrize("act", ACTS_OUTSIDE_A_WINDOW)
@pytest.mark.parametrize("window", ["dialog", "update", "sign-in", "connection-lost", "utility", "preferences", "prompt"])
def test_what_lies_outside_a_modal_window_waits_for_its_end(window, act):
    async def story(desk, clock):
        beginning = None
        if window == "prompt":
            processor = desk.processor()
            await desk.perform(processor.open_connection("", APPLICATION))
            beginning = asyncio.create_task(desk.perform(processor.begin_session("", 2)))
            await clock.sleep(1)
            title = "QuickBooks - Application with No Certificate"
        else:
            opens = {
                "dialog": lambda: desk.server.show_dialog("Backup"),
                "update": lambda: desk.server.ask_at_start("update"),
                "sign-in": lambda: desk.server.ask_at_start("sign-in"),
                "connection-lost": desk.server.lose_share,
                "utility": lambda: desk.server.run_utility("Rebuild Data"),
                "preferences": Preferences(desk.server).open_window,
            }
            opens[window]()
            title = desk.server.dialog.title
        if (window, act) != ("preferences", "allow-any"):
            refusal = refused(lambda: ACTS_OUTSIDE_A_WINDOW[act](desk))
            assert (refusal.kind, repr(title) in refusal.reason) == ("dialog-open", True)
            assert [row["act"] for row in desk.journal.rows("refused")] == [act]
        if beginning is not None:
            desk.server.answer_prompt("whenever the file is open")
            await beginning
        else:
            desk.server.close_dialog()
        desk.server.quit()
        return desk.server.state

    assert at_desk(story, grant=None, open_as="Admin", utility_in_multi_user="both") == "closed"


@pytest.mark.parametrize("answer", ["no", "ask every time", "whenever the file is open", "even if not running"])
def test_a_user_to_log_in_as_goes_with_one_answer_only(answer):
    async def story(desk, clock):
        file = desk.office.files[0]
        Users(desk.office, file).change_password("Goflow", "new")
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        beginning = asyncio.create_task(desk.perform(processor.begin_session("", 2)))
        await clock.sleep(1)
        if answer == "even if not running":
            desk.server.answer_prompt(answer, "Goflow")
        else:
            refusal = refused(lambda: desk.server.answer_prompt(answer, "Goflow"))
            assert (refusal.kind, "'Goflow'" in refusal.reason) == ("no-log-in-by-itself", True)
            assert desk.server.prompt.answer is None
            desk.server.answer_prompt(answer)
        await asyncio.gather(beginning, return_exceptions=True)
        return file.user("Goflow").login_stale

    assert at_desk(story, grant=None, open_as="Admin") is (answer != "even if not running")


@pytest.mark.parametrize("login", ["ask every time", "whenever the file is open"])
def test_the_preferences_take_a_user_to_log_in_as_with_one_choice_only(login):
    async def story(desk, clock):
        before = desk.office.files[0].authorisations.of(APPLICATION)
        refusal = refused(lambda: Preferences(desk.server).set_login(APPLICATION, login, "Goflow"))
        assert (refusal.kind, "'Goflow'" in refusal.reason) == ("no-log-in-by-itself", True)
        assert desk.office.files[0].authorisations.of(APPLICATION) == before

    at_desk(story, open_as="Admin")


@pytest.mark.parametrize("how", ["file closed by others", "window closed"])
def test_the_window_of_the_preferences_ends_with_what_it_is_about(how):
    async def story(desk, clock):
        Preferences(desk.server).open_window()
        if how == "window closed":
            Preferences(desk.server).close_window()
        else:
            desk.office.close_all(desk.office.openings)
        return desk.server.dialog, desk.office.files[0].authorisations.edited_on

    assert at_desk(story, open_as="Admin") == (None, "")


@pytest.mark.parametrize("ends", ["crash", "end_process"])
def test_a_window_does_not_keep_quickbooks_from_being_ended(ends):
    async def story(desk, clock):
        desk.server.show_dialog("Backup", hangs=True)
        getattr(desk.server, ends)()
        return desk.server.state

    assert at_desk(story) == "closed"


def test_a_fault_acts_in_peoples_place_also_behind_a_window():
    async def story(desk, clock):
        desk.server.show_dialog("Backup")
        with desk.office.causes.by("F-1"):
            desk.server.switch_mode("single")
        return desk.server.opening.mode

    assert at_desk(story) == "single"


def test_a_refused_single_user_switch_names_the_user_in_the_way():
    async def story(desk, clock):
        desk.accounting.log_in("Anna", "multi")
        return refused(lambda: desk.accounting.switch_mode("single"))

    refusal = at_desk(story)
    assert refusal.kind == "others-in-file"
    assert refusal.holders == ("Goflow on SERVER",)
    assert "Goflow on SERVER" in refusal.reason


def test_disconnecting_by_the_book_lets_accounting_in():
    async def story(desk, clock):
        refused(lambda: desk.accounting.log_in("Anna", "single"))
        desk.server.log_out()
        desk.accounting.log_in("Anna", "single")
        refused(lambda: desk.server.log_in("Goflow", "multi"))
        desk.accounting.switch_mode("multi")
        desk.server.log_in("Goflow", "multi")
        return desk.server.state, desk.office.seats_free

    assert at_desk(story) == ("file-open", 1)


@pytest.mark.parametrize(("setting", "is_refused"), [("other-users-block", False), ("sessions-block-too", True)])
def test_whether_a_session_blocks_the_single_user_switch(setting, is_refused):
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session("", 2))
        try:
            desk.server.switch_mode("single")
        except Refused as refusal:
            return refusal.kind == "application-in-session"
        return False

    assert at_desk(story, single_user_switch=setting) is is_refused


@pytest.mark.parametrize("mode", ["single", "multi"])
def test_the_mode_a_file_was_switched_to_is_the_one_it_was_last_open_in(mode):
    async def story(desk, clock):
        desk.server.switch_mode(mode)
        desk.server.quit()
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session(PATH, 2))
        return desk.server.opening.mode

    other = {"single": "multi", "multi": "single"}[mode]
    assert at_desk(story, grant="even if not running", mode=other) == mode


def test_closing_under_a_session_warns_first():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session("", 2))
        desk.server.log_out()
        return [row["reason"] for row in desk.journal.rows("warned")]

    assert at_desk(story) == [f"in use by {APPLICATION}"]
    assert at_desk(story, close_warns=False) == []


def test_a_crash_frees_the_seat_or_leaves_a_ghost():
    def story(**ghost):
        async def run(desk, clock):
            desk.server.crash(**ghost)
            before = desk.office.seats_free
            await clock.sleep(600)
            return desk.server.state, before, desk.office.seats_free

        return at_desk(run)

    assert story() == ("closed", 3, 3)
    assert story(ghost=True) == ("closed", 2, 2)
    assert story(ghost=True, ghost_s=300) == ("closed", 2, 3)


def test_a_ghost_keeps_its_user_out_until_it_is_cleared():
    async def story(desk, clock):
        desk.server.crash(ghost=True)
        kind = refused(lambda: desk.server.log_in("Goflow", "multi")).kind
        cleared = desk.office.clear_ghosts("SERVER")
        desk.server.log_in("Goflow", "multi")
        return kind, cleared

    assert at_desk(story) == ("user-elsewhere", 1)


def test_a_slow_start_is_finished_once():
    async def story(desk, clock):
        desk.accounting.start(ready=False)
        states = [desk.accounting.state]
        refused(lambda: desk.accounting.log_in("Anna", "multi"))
        desk.accounting.finish_start()
        desk.accounting.finish_start()
        return [*states, desk.accounting.state]

    assert at_desk(story) == ["starting", "no-file"]


def test_people_cannot_use_a_quickbooks_without_a_window():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session(PATH, 1))
        return [refused(act).kind for act in (desk.server.start, desk.server.quit, lambda: desk.server.log_in("Anna", "multi"))]

    assert at_desk(story, open_as=None, grant="even if not running") == ["runs-without-window"] * 3


def test_a_dialog_that_somebody_closes_is_gone_in_time():
    async def story(desk, clock):
        desk.server.show_dialog("Backup", closes_after_s=60)
        before = desk.server.dialog
        await clock.sleep(60)
        return before is not None, desk.server.dialog

    assert at_desk(story) == (True, None)


def test_only_the_admin_answers_the_prompt():
    async def story(desk, clock):
        from emulator.desktop.installation import Prompt

        desk.server.prompt = Prompt(APPLICATION)
        return refused(lambda: desk.server.answer_prompt("whenever the file is open")).kind

    assert at_desk(story) == "not-admin"


MACHINES = ("SERVER", "PC-1", "PC-2", "PC-3")
NAMES = ("Admin", "Goflow", "Anna")
MODES = ("single", "multi")
SEATS_MAX = 2


class People(RuleBasedStateMachine):
    """People log in and out, switch modes, quit and crash, on four machines, with two seats.

    The model: machine -> (user, mode) of each who is in, ghosts apart. Whether an act must succeed follows from it in one expression.
    """

    def __init__(self):
        super().__init__()

        async def make(clock):
            return make_desk(clock, seats_max=SEATS_MAX, open_as=None)

        self.desk = run_virtual(make, START)
        self.desk.office.now = lambda: START
        self.desk.journal._now = lambda: START
        self.machines = {name: QuickBooks(name, self.desk.office) for name in MACHINES}
        self.inside = {}
        self.ghosts = []

    def others(self, machine):
        return [each for name, each in self.inside.items() if name != machine] + self.ghosts

    def attempt(self, act, allowed):
        if allowed:
            act()
        else:
            refused(act)
        return allowed

    @rule(machine=st.sampled_from(MACHINES), user=st.sampled_from(NAMES), mode=st.sampled_from(MODES))
    def log_in(self, machine, user, mode):
        everyone = [*self.inside.values(), *self.ghosts]
        allowed = (
            machine not in self.inside
            and len(everyone) < SEATS_MAX
            and all(other_mode == "multi" and other != user for other, other_mode in everyone)
            and (mode == "multi" or not everyone)
        )
        if self.attempt(lambda: self.machines[machine].log_in(user.lower(), mode), allowed):
            self.inside[machine] = (user, mode)

    @rule(machine=st.sampled_from(MACHINES))
    def log_out(self, machine):
        if self.attempt(self.machines[machine].log_out, machine in self.inside):
            del self.inside[machine]

    @rule(machine=st.sampled_from(MACHINES), mode=st.sampled_from(MODES))
    def switch_mode(self, machine, mode):
        allowed = machine in self.inside and (mode == "multi" or not self.others(machine))
        if self.attempt(lambda: self.machines[machine].switch_mode(mode), allowed):
            self.inside[machine] = (self.inside[machine][0], mode)

    @rule(machine=st.sampled_from(MACHINES))
    def quit(self, machine):
        if self.attempt(self.machines[machine].quit, self.machines[machine].process is not None):
            self.inside.pop(machine, None)

    @precondition(lambda self: any(each.process for each in self.machines.values()))
    @rule(ghost=st.booleans())
    def crash(self, ghost):
        machine = next(name for name, each in self.machines.items() if each.process)
        self.machines[machine].crash(ghost=ghost)
        gone = self.inside.pop(machine, None)
        if ghost and gone:
            self.ghosts.append(gone)

    @rule()
    def clear_ghosts(self):
        assert self.desk.office.clear_ghosts() == len(self.ghosts)
        self.ghosts.clear()

    @invariant()
    def the_office_agrees_with_the_model(self):
        held = sorted((opening.user.name, opening.mode) for opening in self.desk.office.openings)
        assert held == sorted([*self.inside.values(), *self.ghosts])
        assert self.desk.office.seats_free == SEATS_MAX - len(held)
        assert len(held) <= 1 or all(mode == "multi" for _, mode in held)
        assert {name for name, each in self.machines.items() if each.state == "file-open"} == set(self.inside)


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_admin_is_known_by_role():
    assert User("Somebody", "Admin").is_admin
    assert not User("Admin", "Full Access").is_admin
