"""Lasting faults that other people cause: users who are in the way, seats, passwords, the Admin.

Each is a state that people reach by an act as well; see `states.py` for how it begins and ends.
"""

from contextlib import ExitStack
from typing import Final

from emulator.core.errors import UserMistake
from emulator.desktop.faults.points import CODE_OR_EMPTY, Begin
from emulator.desktop.faults.states import (
    FILE,
    MACHINE,
    OTHER_MACHINE,
    Parameters,
    lasting,
    lasting_kind,
    log_in_again,
    log_in_for_a_while,
    log_out,
    machine_of,
    quietly,
)
from emulator.desktop.office import CompanyFile, Office, Opening
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.users import User, Users, no_such_user
from emulator.faults import Kind, Parameter
from emulator.faults.kinds import YEAR_S

ELSEWHERE: Final = "another-pc"
"""A machine of the customer that is none of the world's, for people who are only in the way."""

SECRET: Final = "Changed by somebody 1"  # noqa: S105 - of a simulated user
"""The password that nobody was told."""


def _switch_refused(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"], other=True)
    if quickbooks.opening is None:
        log_in_for_a_while(quickbooks, str(given["by"]), "multi", undo)


def _seats_full(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    users = Users(office, file)
    for number in range(1, office.seats_free - int(given["free"]) + 1):
        user = users.add(f"{given['holders']} {number}", "Full Access")
        undo.callback(_remove, users, user)
        opening = office.open(file, user, f"{ELSEWHERE}-{number}", "multi", file.path)
        undo.callback(_close, office, opening)
    office.note("seats-taken", free=office.seats_free)


def _user_elsewhere(office: Office, given: Parameters, undo: ExitStack) -> None:
    here = machine_of(office, given["machine"])
    file = office.file_at(str(given["file"]))
    user = user_meant(here, file, str(given["user"]))
    for each in office.installations:
        assert isinstance(each, QuickBooks)
        if each.opening is not None and each.opening.file is file and each.opening.user.name == user.name:
            log_out(each, undo)
    opening = office.open(file, user, ELSEWHERE, "multi", file.path)
    undo.callback(_close, office, opening)
    office.note("logged-in", machine=ELSEWHERE, user=user.name, mode="multi")


def _ghost_session(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    opening, hold_s = quickbooks.opening, float(given["hold_s"])
    if opening is None:
        # Says to whoever asked for it that nobody is logged in there.
        quickbooks.log_out()
        return
    undo.callback(log_in_again, quickbooks, opening)
    undo.callback(_close, office, opening)
    quickbooks.crash(ghost=True, ghost_s=hold_s or None)


def _password_changed(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    user = user_meant(machine_of(office, given["machine"]), file, str(given["user"]))
    users = Users(office, file)
    users.change_password(user.name, SECRET, told=False)
    undo.callback(_put_back, users, file, user)


def _password_expired(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    user = user_meant(machine_of(office, given["machine"]), file, str(given["user"]))
    users, before = Users(office, file), file.sensitive_data
    users.let_expire(user.name)
    undo.callback(setattr, file, "sensitive_data", before)
    undo.callback(_put_back, users, file, user)


def _put_back(users: Users, file: CompanyFile, before: User) -> None:
    """Make a user what he was, unless people have given him another password meanwhile."""
    now = file.user(before.name)
    if now is not None and (not now.password_known or users.is_expired(now)):
        users.put_back(before)


def _admin_closes(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    admin = next((user for user in file.users.values() if user.is_admin), None)
    if admin is None:
        raise UserMistake("the company file has no Admin", expected="a user with the role Admin")
    inside = [(each, each.opening) for each in office.installations if each.opening is not None and each.opening.file is file]
    quickbooks = next((each for each, opening in inside if opening.user.is_admin), None)
    if quickbooks is None:
        quickbooks = machine_of(office, given["machine"], other=True)
        log_out(quickbooks, undo)
        log_in_for_a_while(quickbooks, admin.name, "multi", undo, file.path)
    assert isinstance(quickbooks, QuickBooks)
    ejected = [(each, opening) for each, opening in inside if each is not quickbooks and not each.opened_by_session]

    def back() -> None:
        for each, opening in ejected:
            assert isinstance(each, QuickBooks)
            log_in_again(each, opening)

    undo.callback(back)
    undo.callback(quietly, lambda: quickbooks.switch_mode("multi"))
    quickbooks.close_for_users(str(given["code"]))
    if given["then"] == "single-user":
        quickbooks.switch_mode("single")


def user_meant(here: QuickBooks, file: CompanyFile, name: str) -> User:
    """Return the user a fault is about: the one named, or the one who is logged in on the machine."""
    if not name and here.opening is not None:
        name = here.opening.user.name
    if not name:
        raise UserMistake(f"nobody is logged in on {here.machine}", expected="the name of a user under `user`")
    user = file.user(name)
    if user is None:
        raise no_such_user(file, name)
    return user


def _close(office: Office, opening: Opening) -> None:
    if opening in opening.file.openings:
        opening.file.openings.remove(opening)
        office.changes.tell()


def _remove(users: Users, user: User) -> None:
    quietly(lambda: users.remove(user.name))


BEGINS: Final[dict[str, Begin]] = {
    "switch-refused": lasting(_switch_refused),
    "seats-full": lasting(_seats_full),
    "user-elsewhere": lasting(_user_elsewhere),
    "ghost-session": lasting(_ghost_session),
    "password-changed": lasting(_password_changed),
    "password-expired": lasting(_password_expired),
    "admin-closes-for-users": lasting(_admin_closes),
}
"""What begins the state of each effect of this family."""


_USER = Parameter("", "user of the company file; empty: who is logged in on the machine")

KINDS: Final[tuple[Kind, ...]] = (
    lasting_kind(
        "switch-refused",
        "QB05",
        "Somebody stays logged in to the company file, so nobody can switch it to single-user mode.",
        "end its session when it is told to exit; the seat is free when its user is logged out",
        False,
        ("who is logged in on {other machine}",),
        machine=OTHER_MACHINE,
        by=Parameter("Admin", "who logs in there, in multi-user mode, when nobody is"),
    ),
    lasting_kind(
        "seats-full",
        "QB11",
        "Other people take the seats of the licence: log-ins are refused, and with them sessions that need a seat.",
        "say so, hold what it has to send, try again gently, and take nobody's seat",
        False,
        ("the seats",),
        file=FILE,
        free=Parameter(0, "seats that are left free", least=0, most=1000),
        holders=Parameter("Temporary", "what the people in the way are called; a number follows"),
    ),
    lasting_kind(
        "user-elsewhere",
        "QB12",
        "The user of the connector is signed in on another machine, so he cannot sign in here (0x80040437).",
        "say on which machine, and hold",
        False,
        ("where {user} is signed in",),
        machine=MACHINE,
        user=_USER,
        file=FILE,
    ),
    lasting_kind(
        "ghost-session",
        "QB13",
        "QuickBooks died and the file host did not notice: its seat stays taken, and its user counts as signed in.",
        "not take its own seat for free after a crash, and say which user has it",
        False,
        ("the process of QuickBooks on {machine}",),
        machine=MACHINE,
        hold_s=Parameter(0.0, "story seconds until the host notices; 0: when somebody frees the seat", least=0, most=YEAR_S),
    ),
    lasting_kind(
        "password-changed",
        "QB17",
        "The password of a user was changed and nobody was told: the next log-in fails, of people and of applications that log in by themselves.",
        "ask for a person; never ask the platform for a password",
        False,
        ("the password of {user}",),
        machine=MACHINE,
        user=_USER,
        file=FILE,
    ),
    lasting_kind(
        "password-expired",
        "QB43",
        "The password of a user is older than the file's rule allows: the next log-in fails until it is changed.",
        "ask for a person; never ask the platform for a password",
        False,
        ("the password of {user}",),
        machine=MACHINE,
        user=_USER,
        file=FILE,
    ),
    lasting_kind(
        "admin-closes-for-users",
        "QB42",
        "The Admin closes the company file for all other users and keeps it for himself; QuickBooks stays open without a file.",
        "take it for an outage, and ask for a person when the file does not come back",
        False,
        ("who may be in {file}",),
        machine=OTHER_MACHINE,
        file=FILE,
        code=Parameter(
            "",
            "what the next call of a session fails with; empty: as the switch desktop.closed-for-users says",
            form=CODE_OR_EMPTY,
        ),
        then=Parameter(
            "single-user", "what the Admin does next: switches to single-user mode, or nothing", ("single-user", "nothing")
        ),
    ),
)
"""The kinds of fault of this family."""
