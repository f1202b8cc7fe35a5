"""Random acts of people, and programs that try to get in, against a small model of who may and with which code.

The model knows nothing of openings, processes and prompts: one row of facts for each machine, a handful for the office, and two lists of
(condition, answer) of which the first that holds is the answer. Time is a number that the test moves: operations are driven by hand, so nothing
sleeps and a wait without end shows itself at once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulator.desktop import Application, Code, Delay, FileHost, QuickBooks, Refused, RequestProcessor, SessionFailure

from .makers import APPLICATION, PATH, START, make_desk

MACHINES = ("SERVER", "PC-1", "PC-2")
NUMBERS = st.integers(0, 6)
NAMES = ("Admin", "Goflow", "Anna")
MODES = ("single", "multi")
FILE_MODES = {0: "single", 1: "multi", 2: None}
SEATS_MAX = 2
START_S, DOWN_S, DIALOG_S, LOST_S, GHOST_S = 30, 20, 20, 60, 40
HANGS = "hangs"


@dataclass
class Row:
    """What the model knows of one machine."""

    runs: bool = False
    ready_at: datetime = START
    gone_at: datetime | None = None
    left_over: bool = False
    dialog: str = ""
    user: str = ""
    mode: str = ""


@dataclass
class Model:
    now: datetime = START
    rows: dict = field(default_factory=lambda: {name: Row() for name in MACHINES})
    ghosts: list = field(default_factory=list)  # (user, mode, machine, until or None)
    cut_off: set = field(default_factory=set)
    hosting: bool = True
    repair: bool = False
    grant: str = ""
    last_mode: str = "multi"

    def look(self):
        """Let happen what time brings."""
        for row in self.rows.values():
            if row.gone_at and self.now >= row.gone_at:
                row.runs, row.gone_at = False, None
        self.ghosts = [each for each in self.ghosts if each[3] is None or self.now < each[3]]

    def inside(self):
        return [(row.user, row.mode, name) for name, row in self.rows.items() if row.user] + [each[:3] for each in self.ghosts]

    def leave(self, machine):
        """Whoever is in the file there is out; a host that cannot be reached does not know."""
        row = self.rows[machine]
        if row.user and machine in self.cut_off:
            self.ghosts.append((row.user, row.mode, machine, self.now + timedelta(seconds=LOST_S)))
        row.user = row.mode = ""

    def end(self, machine):
        self.leave(machine)
        row = self.rows[machine]
        row.runs, row.gone_at, row.dialog = False, None, ""

    def keeps_out(self, user, machine, mode):
        """Why the file does not open; empty when it does."""
        inside = self.inside()
        return first(
            (machine in self.cut_off, "share-lost"),
            (self.repair, "under-repair"),
            (any(each[0] == user for each in inside), "user-elsewhere"),
            (any(each[1] == "single" for each in inside), "held-single"),
            (mode == "single" and inside, "others-in-file"),
            (mode == "multi" and not self.hosting, "not-hosted"),
            (len(inside) >= SEATS_MAX, "seats-full"),
        )

    def log_in(self, user, machine, mode):
        row = self.rows[machine]
        return first(
            (row.user, "file-open-here"),
            (row.gone_at, "going-down"),
            (not row.runs and row.left_over, "left-over"),
            (row.runs and self.now < row.ready_at, "starting"),
            (row.dialog, "dialog-open"),
        ) or self.keeps_out(user, machine, mode)

    def begin(self, path, mode):
        """The code a program on SERVER meets; None: it gets in."""
        row = self.rows["SERVER"]
        granted = first((not self.grant, Code.UNKNOWN_APPLICATION), (self.grant == "open", Code.NO_AUTOMATIC_LOGIN))
        opens_in = mode or next((each[1] for each in self.inside()), self.last_mode)
        held = KEPT_OUT.get(self.keeps_out("Goflow", "SERVER", opens_in), "")
        if not row.runs:
            return first(
                (row.left_over, Code.COULD_NOT_START),
                (not path, Code.NOT_RUNNING_NO_PATH),
                ("SERVER" in self.cut_off, Code.COULD_NOT_START),
                (self.repair, Code.COULD_NOT_START),
                (granted, granted),
                (held, held),
            )
        if self.now < row.ready_at:
            return Code.STILL_STARTING
        if row.dialog:
            return HANGS if row.dialog == "hangs" else Code.DIALOG_OPEN
        if not row.user:
            return first(
                (not path, Code.NO_FILE_NO_PATH),
                ("SERVER" in self.cut_off, Code.COULD_NOT_OPEN_FILE),
                (self.repair, Code.COULD_NOT_START),
                (granted, granted),
                (held, held),
            )
        return first(
            (mode and mode != row.mode, Code.OTHER_MODE),
            (not self.grant and row.user == "Admin", HANGS),
            (not self.grant, Code.UNKNOWN_APPLICATION),
        )


KEPT_OUT = {
    "under-repair": Code.COULD_NOT_START,
    "user-elsewhere": Code.USER_ELSEWHERE,
    "held-single": Code.COULD_NOT_START,
    "others-in-file": Code.COULD_NOT_START,
    "not-hosted": Code.COULD_NOT_START,
    "seats-full": Code.COULD_NOT_START,
}


def first(*answers):
    return next((answer for holds, answer in answers if holds), "")


class Clock:
    def __init__(self, model):
        self.now = lambda: model.now
        # No fault is played here: nobody has anything done later.
        self.later = None


class Office(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = Model()
        self.desk = make_desk(Clock(self.model), seats_max=SEATS_MAX, open_as=None, grant=None)
        self.office, self.file = self.desk.office, self.desk.office.files[0]
        self.host = FileHost(self.office)
        self.machines = {"SERVER": self.desk.server, **{name: QuickBooks(name, self.office) for name in MACHINES[1:]}}

    def pass_s(self, seconds):
        self.model.now += timedelta(seconds=seconds)
        self.model.look()

    def drive(self, operation):
        """Run an operation by hand; its value, its code, or HANGS when it waits for a person."""
        try:
            wait = next(operation)
            while True:
                if isinstance(wait, Delay):
                    self.pass_s(wait.seconds)
                elif not wait.holds():
                    if wait.limit_s is None:
                        operation.close()
                        return HANGS
                    self.pass_s(wait.limit_s)
                wait = operation.send(True if isinstance(wait, Delay) else wait.holds())
        except StopIteration as end:
            return end.value
        except SessionFailure as failure:
            return failure.code

    def pick(self, number, fits):
        """A machine that an act fits, by number; now and then, and when it fits none, any machine."""
        self.model.look()
        fitting = [name for name, row in self.model.rows.items() if fits(row)]
        return fitting[number % len(fitting)] if fitting and number < 6 else MACHINES[number % 3]

    def attempt(self, act, expected):
        """Let somebody act; he is refused exactly when, and exactly why, the model says."""
        self.model.look()
        try:
            act()
            refused = ""
        except Refused as refusal:
            refused = refusal.kind
        assert refused == expected
        return not refused

    # ---- programs

    @initialize(
        grant=st.sampled_from(["", "open", "auto", "auto"]), user=st.sampled_from(["", "Goflow", "Anna"]), admin=st.booleans()
    )
    def begin_somehow(self, grant, user, admin):
        self.authorise(grant)
        if user:
            self.log_in("SERVER", user, "multi")
        if admin:
            self.log_in("PC-1", "Admin", "multi")

    @rule(mode=st.sampled_from(sorted(FILE_MODES)))
    def begin_without_path(self, mode):
        self.begin(False, mode)

    @rule(mode=st.sampled_from(sorted(FILE_MODES)))
    def begin_with_path(self, mode):
        self.begin(True, mode)

    @rule()
    def begin_with_path_and_any_mode(self):
        self.begin(True, 2)

    def begin(self, path, mode):
        model, row = self.model, self.model.rows["SERVER"]
        model.look()
        if row.gone_at:
            # It is waited for; the model needs no more than the time to have passed.
            assert row.gone_at <= model.now + timedelta(seconds=60)
            expected = None
        else:
            expected = model.begin(path, FILE_MODES[mode])
        processor = RequestProcessor(self.desk.server)
        self.drive(processor.open_connection("", APPLICATION))
        was_open = bool(row.user)
        met = self.drive(processor.begin_session(PATH if path else "", mode))
        if expected is None:
            assert not row.gone_at, "it was waited for"
            expected = model.begin(path, FILE_MODES[mode])
        got_in = len(met) == 32
        assert ("" if got_in else met) == expected
        if got_in:
            if not was_open:
                model.last_mode = FILE_MODES[mode] or model.last_mode
                assert self.desk.server.opening.mode == model.last_mode
            self.drive(processor.close_connection())
        assert not self.desk.server.sessions
        assert len(self.desk.server.line) == 0

    @rule(grant=st.sampled_from(["", "open", "auto", "auto"]))
    def authorise(self, grant):
        self.model.grant = grant
        login = {"open": "whenever the file is open", "auto": "even if not running"}
        if grant:
            self.file.authorisations.grant(Application(APPLICATION, login=login[grant], login_as="Goflow"))
        else:
            self.file.authorisations.read_again([])

    # ---- people at a machine

    @rule(machine=st.sampled_from(MACHINES), takes=st.booleans())
    def start(self, machine, takes):
        row = self.model.rows[machine]
        self.model.look()
        expected = first((row.gone_at, "going-down"), (row.runs, "already-running"), (row.left_over, "left-over"))
        if self.attempt(lambda: self.machines[machine].start(takes_s=START_S if takes else 0), expected):
            row.runs, row.ready_at = True, self.model.now + timedelta(seconds=START_S if takes else 0)

    @rule(machine=st.sampled_from(MACHINES), user=st.sampled_from(NAMES), mode=st.sampled_from(MODES))
    def log_in(self, machine, user, mode):
        model, row = self.model, self.model.rows[machine]
        model.look()
        expected = model.log_in(user, machine, mode)
        done = self.attempt(lambda: self.machines[machine].log_in(user.upper(), mode), expected)
        if not row.runs and expected not in ("left-over", "going-down"):
            row.runs, row.ready_at = True, model.now
        if done:
            row.user, row.mode, model.last_mode = user, mode, mode

    @precondition(lambda self: any(row.user for row in self.model.rows.values()))
    @rule(number=NUMBERS)
    def log_out(self, number):
        machine = self.pick(number, lambda row: row.user)
        row = self.model.rows[machine]
        expected = first((not row.user, "no-file-open"), (row.dialog, "dialog-open"))
        if self.attempt(self.machines[machine].log_out, expected):
            self.model.leave(machine)

    @precondition(lambda self: any(row.user for row in self.model.rows.values()))
    @rule(number=NUMBERS, mode=st.sampled_from(MODES))
    def switch_mode(self, number, mode):
        machine = self.pick(number, lambda row: row.user)
        self.model.look()
        row = self.model.rows[machine]
        expected = first(
            (not row.user, "no-file-open"),
            (row.dialog, "dialog-open"),
            (mode == "single" and len(self.model.inside()) > 1, "others-in-file"),
            (mode == "multi" and not self.model.hosting, "not-hosted"),
        )
        if self.attempt(lambda: self.machines[machine].switch_mode(mode), expected):
            row.mode = self.model.last_mode = mode

    @precondition(lambda self: any(row.runs for row in self.model.rows.values()))
    @rule(number=NUMBERS, takes=st.sampled_from([True, True, False]))
    def quit(self, number, takes):
        machine = self.pick(number, lambda row: row.runs)
        self.model.look()
        row = self.model.rows[machine]
        expected = first((not row.runs or row.gone_at, "not-running"), (row.dialog, "dialog-open"))
        if self.attempt(lambda: self.machines[machine].quit(DOWN_S if takes else 0), expected):
            self.model.end(machine)
            if takes:
                row.runs, row.gone_at = True, self.model.now + timedelta(seconds=DOWN_S)

    @precondition(lambda self: any(row.runs for row in self.model.rows.values()))
    @rule(number=NUMBERS, left_over=st.booleans(), ghost=st.booleans(), hold=st.booleans())
    def crash(self, number, left_over, ghost, hold):
        machine = self.pick(number, lambda row: row.runs)
        self.model.look()
        row = self.model.rows[machine]
        if row.runs:
            self.machines[machine].crash(ghost=ghost, ghost_s=GHOST_S if hold else None, leftover=left_over)
            if row.user and ghost:
                until = self.model.now + timedelta(seconds=GHOST_S) if hold else None
                self.model.ghosts.append((row.user, row.mode, machine, until))
                row.user = row.mode = ""
            self.model.end(machine)
            row.left_over = left_over

    @precondition(lambda self: any(row.left_over for row in self.model.rows.values()))
    @rule(number=NUMBERS)
    def end_process(self, number):
        machine = self.pick(number, lambda row: row.left_over)
        self.model.look()
        row = self.model.rows[machine]
        if self.attempt(self.machines[machine].end_process, "" if row.runs or row.left_over else "nothing-to-end"):
            self.model.end(machine)
            row.left_over = False
            if machine not in self.model.cut_off:
                self.model.ghosts = [each for each in self.model.ghosts if each[2] != machine]

    @precondition(lambda self: any(row.runs for row in self.model.rows.values()))
    @rule(number=NUMBERS, hangs=st.booleans())
    def open_dialog(self, number, hangs):
        machine = self.pick(number, lambda row: row.runs)
        self.model.look()
        row = self.model.rows[machine]
        if row.runs and not row.gone_at and self.model.now >= row.ready_at:
            show = partial(self.machines[machine].show_dialog, "Reconcile", hangs=hangs)
            if self.attempt(show, "dialog-open" if row.dialog else ""):
                row.dialog = "hangs" if hangs else "open"

    @precondition(lambda self: any(row.dialog for row in self.model.rows.values()))
    @rule(number=NUMBERS)
    def close_dialog(self, number):
        machine = self.pick(number, lambda row: row.dialog)
        row = self.model.rows[machine]
        if self.attempt(self.machines[machine].close_dialog, "" if row.dialog else "no-dialog"):
            if row.dialog == "lost":
                self.model.leave(machine)
            row.dialog = ""

    @precondition(lambda self: any(row.user for row in self.model.rows.values()))
    @rule(number=NUMBERS)
    def eject(self, number):
        machine = self.pick(number, lambda row: row.user == "Admin")
        self.model.look()
        row = self.model.rows[machine]
        expected = first((not row.user, "no-file-open"), (row.dialog, "dialog-open"), (row.user != "Admin", "not-admin"))
        if self.attempt(self.machines[machine].close_for_users, expected):
            for name in MACHINES:
                if name != machine:
                    self.model.leave(name)
            lost = [each for each in self.model.ghosts if each[2] in self.model.cut_off]
            self.model.ghosts = [(*each[:3], self.model.now + timedelta(seconds=LOST_S)) for each in lost]

    # ---- the host

    @rule(on=st.booleans())
    def host_the_file(self, on):
        self.host.switch_hosting(on)
        self.model.hosting = on

    @rule(machine=st.sampled_from(MACHINES), lost=st.booleans())
    def share(self, machine, lost):
        self.model.look()
        row = self.model.rows[machine]
        if lost:
            if machine not in self.model.cut_off and row.user:
                row.dialog = "lost"
            self.host.lose_share(machine)
            self.model.cut_off.add(machine)
        else:
            self.host.reach_share(machine)
            self.model.cut_off.discard(machine)

    @rule()
    def repair(self):
        self.model.look()
        expected = first((self.model.inside(), "file-in-use"), (self.model.repair, "under-repair"))
        if self.attempt(lambda: self.host.begin_repair(self.file, "Rebuild Data"), expected):
            self.model.repair = True

    @precondition(lambda self: self.model.repair)
    @rule()
    def end_repair(self):
        if self.attempt(lambda: self.host.end_repair(self.file), "" if self.model.repair else "no-repair"):
            self.model.repair = False

    @precondition(lambda self: self.model.ghosts)
    @rule()
    def free_seats(self):
        self.model.look()
        assert self.office.clear_ghosts() == len(self.model.ghosts)
        self.model.ghosts.clear()

    @precondition(lambda self: self.model.rows["SERVER"].gone_at)
    @rule(path=st.booleans())
    def begin_while_it_goes_down(self, path):
        self.begin(path, 2)

    @rule(seconds=st.sampled_from([1, 10, 30, 60]))
    def time_goes_by(self, seconds):
        self.pass_s(seconds)

    @rule(user=st.sampled_from(NAMES), single=st.sampled_from([False, False, True]))
    def log_in_on_the_server(self, user, single):
        self.log_in("SERVER", user, MODES[not single])

    @invariant()
    def whoever_may_get_in_is_whom_the_model_lets_in(self):
        self.model.look()
        for name in MACHINES:
            for user in NAMES:
                for mode in MODES:
                    refusal = self.office.refusal(self.file, self.file.user(user), name, mode)
                    assert (refusal.kind if refusal else "") == self.model.keeps_out(user, name, mode)

    @invariant()
    def the_office_is_as_the_model_says(self):
        self.model.look()
        held = sorted((each.user.name, each.mode, each.machine) for each in self.office.openings)
        assert held == sorted(self.model.inside())
        assert self.file.last_mode == self.model.last_mode
        assert self.office.seats_free == SEATS_MAX - len(held)
        assert len(held) <= SEATS_MAX
        assert len(held) <= 1 or all(mode == "multi" for _, mode, _ in held)
        for name, row in self.model.rows.items():
            state = first(
                (not row.runs and row.left_over, "left-over"),
                (not row.runs, "closed"),
                (row.gone_at, "going-down"),
                (self.model.now < row.ready_at, "starting"),
                (row.user, "file-open"),
            )
            assert self.machines[name].state == (state or "no-file")


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


@pytest.mark.slow
class TestOfficeForLong(Office.TestCase):
    """The same, many more times."""

    settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
