"""BeginSession: the way from a path and a mode to a session, in the order QuickBooks goes it.

1. fault point `quickbooks.before-begin`; a QuickBooks that is going down is waited for; one that a process left over, a hidden second
   instance or another Windows session keeps out of reach fails the call.
2. QuickBooks closed: a path is needed; the certificate; there must be a file that can be opened, the application must be known to it and
   granted "even if not running"; QuickBooks starts without a window (or, when the application asked for its window, waits for a person to
   open the file).
3. QuickBooks starting: refused. The certificate. A modal dialog: waited for.
4. QuickBooks open without a file: a path is needed; file and application as in step 2; the file is opened for the session (or by a
   person, when the application asked for the window).
5. A file is open: the path must be its spelling, the mode its mode; no second application while single-user; the application must be known,
   or the Admin is asked by a prompt that blocks this very call.

That certificate, dialog, other file, mode and grant are looked at in this order is inferred from the order of the library's log strings.

A session in a file that is open borrows the log-in of the user there: its end frees no seat (`desktop.attended-seat`).

Which situation gives which code: public resources of the library and reports of practitioners; what is uncertain is a switch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from emulator.desktop import paths
from emulator.desktop.admission import authorised, check_certificate, known_for_log_in
from emulator.desktop.authorisation import Application
from emulator.desktop.faults import BEFORE_BEGIN, Situation, suffer
from emulator.desktop.installation import Installation
from emulator.desktop.latency import BEGIN_SESSION
from emulator.desktop.office import SINGLE_USER_EDITION, CompanyFile, Mode, Opening
from emulator.desktop.operations import Operation
from emulator.desktop.refusals import Refused
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.sessions import FILE_MODES, MULTI_USER, Session
from emulator.desktop.under_way import CallUnderWay
from emulator.desktop.users import User, Users

EDITION_FLAGS = {
    "Simple Start": (0x1, Code.NOT_SIMPLE_START),
    "Pro": (0x2, Code.NOT_PRO),
    "Premier": (0x4, Code.NOT_PREMIER),
    "Enterprise": (0x8, Code.NOT_ENTERPRISE),
}
"""Bits of PutAuthFlags: editions an application says it supports, and the failure when ours is not among them (public sample programs)."""

FORCE_PROMPT = 0x80000000
"""Bit of PutAuthFlags: show the authorisation prompt although the application is known (public sample programs)."""


@dataclass(frozen=True)
class Wish:
    """What an application asks for.

    Attributes:
        application: its name.
        path: company file, empty for the one that is open.
        mode: the integer it gave.
        with_window: it asked for QuickBooks to be started with its window.
        flags: what it gave to PutAuthFlags; 0 is nothing.
        read_only: what it gave to PutIsReadOnly.
        let_into: the company file of its last session on this connection; who is asked every time is asked once for a connection.
    """

    application: str
    path: str
    mode: int
    with_window: bool = False
    flags: int = 0
    read_only: bool = False
    let_into: CompanyFile | None = None


def begin(quickbooks: Installation, wish: Wish) -> Operation[Session]:
    """Begin a session: wait for the turn, then go through the steps above.

    Raises:
        SessionFailure: with the code of the situation; `detail` says who or what is in the way.
    """
    situation = Situation(quickbooks, _facts(quickbooks, wish))
    call = CallUnderWay("BeginSession", wish.application, quickbooks.office.now(), faults=situation.faults)
    try:
        with quickbooks.under_way(call):
            return (yield from quickbooks.take_turn(call, _begin(situation, wish)))
    except SessionFailure as failure:
        failure.blame(*situation.faults, *_brought_about(quickbooks, wish, failure))
        raise


def _brought_about(quickbooks: Installation, wish: Wish, failure: SessionFailure) -> tuple[str, ...]:
    """Return the faults that closed QuickBooks, or the company file in it, or took the application's grant away."""
    of = quickbooks.office.causes.of
    state = "closed" if quickbooks.process is None else "no-file" if quickbooks.opening is None else ""
    grant = of("grant", wish.application) if failure.code == Code.NO_AUTOMATIC_LOGIN else ()
    return (*of(state, quickbooks.machine), *grant)


def _facts(quickbooks: Installation, wish: Wish) -> dict[str, str]:
    """Return what a fault may ask of the call, as far as it is known before it is carried out."""
    opening = quickbooks.opening
    file = (quickbooks.office.find(wish.path) if wish.path else None) or (opening.file if opening is not None else None)
    facts = {"call": "BeginSession", "machine": quickbooks.machine, "application": wish.application}
    if file is not None:
        facts["company"] = paths.file_name(file.path)
    if opening is not None:
        facts["user"] = opening.user.name
    return facts


def _begin(situation: Situation, wish: Wish) -> Operation[Session]:
    quickbooks = situation.quickbooks
    yield from quickbooks.office.latency.pass_by(quickbooks, BEGIN_SESSION)
    yield from suffer(situation, BEFORE_BEGIN)
    quickbooks.check_installed("begin")
    mode = _mode(quickbooks, wish.mode)
    _check_edition(quickbooks, wish)
    yield from quickbooks.pass_going_down()
    quickbooks.check_reachable()
    if quickbooks.process is None:
        application, opening = yield from _from_closed(quickbooks, wish, mode)
    else:
        if not quickbooks.process.ready:
            faults = quickbooks.office.causes.of("starting", quickbooks.machine)
            raise SessionFailure(Code.STILL_STARTING, f"QuickBooks on {quickbooks.machine} is starting", faults=faults)
        check_certificate(quickbooks, wish.application)
        yield from quickbooks.pass_dialog()
        if quickbooks.opening is None and wish.path and wish.with_window:
            application, opening = yield from _with_window(quickbooks, wish, mode)
        elif quickbooks.opening is None:
            application, opening = _with_file(quickbooks, wish, mode)
        else:
            application = yield from _join(quickbooks, wish, mode)
            opening = quickbooks.opening
    assert quickbooks.process is not None
    number = quickbooks.next_session_number()
    ticket = quickbooks.office.chance.token("ticket", quickbooks.machine, number, digits=32)
    session = Session(ticket, application, quickbooks.process, opening, wish.mode, number, since=quickbooks.office.now())
    session.read_only = wish.read_only
    quickbooks.sessions.append(session)
    quickbooks.office.note(
        "session-begun",
        machine=quickbooks.machine,
        session=number,
        application=wish.application,
        user=opening.user.name,
        file=paths.file_name(opening.file.path),
        mode=opening.mode,
        mode_asked=wish.mode,
        with_path=bool(wish.path),
        attended=quickbooks.process.attended,
        faults=situation.faults,
    )
    quickbooks.office.changes.tell()
    return session


def _mode(quickbooks: Installation, number: int) -> Mode | None:
    if number in FILE_MODES:
        return FILE_MODES[number]
    code = quickbooks.office.settings.text("desktop.unknown-file-mode")
    if code == "do-not-care":
        return None
    raise SessionFailure(code, f"file mode {number} is none of {', '.join(map(str, FILE_MODES))}")


def _check_edition(quickbooks: Installation, wish: Wish) -> None:
    editions = wish.flags & 0xF
    bit, code = EDITION_FLAGS[quickbooks.edition]
    if editions and not editions & bit:
        raise SessionFailure(code)
    if quickbooks.edition == "Simple Start" and wish.mode == MULTI_USER:
        raise SessionFailure(Code.SIMPLE_START_MULTI)


def _from_closed(quickbooks: Installation, wish: Wish, mode: Mode | None) -> Operation[tuple[Application, Opening]]:
    """Step 2."""
    office = quickbooks.office
    if not wish.path:
        raise SessionFailure(Code.NOT_RUNNING_NO_PATH)
    check_certificate(quickbooks, wish.application)
    if wish.with_window:
        return (yield from _with_window(quickbooks, wish, mode))
    file = _file(quickbooks, wish.path)
    application = known_for_log_in(quickbooks, file, wish.application)
    _check_may_open(quickbooks, file, application, mode)
    process = quickbooks.launch(attended=False)
    try:
        yield from quickbooks.pass_time(office.settings.number("desktop.start-without-window-s") + quickbooks.start_takes_s)
        yield from quickbooks.pass_dialog()
        # People may have moved the file, or removed the user, while QuickBooks started.
        file = _file(quickbooks, wish.path)
        opening = _open(quickbooks, file, application, mode, wish.path)
    except SessionFailure:
        quickbooks.abandon_launch(process)
        raise
    return application, opening


def _with_window(quickbooks: Installation, wish: Wish, mode: Mode | None) -> Operation[tuple[Application, Opening]]:
    """Start QuickBooks with its window, if it does not run, and wait for a person to open the file."""
    if quickbooks.process is None:
        quickbooks.launch(attended=True)
    limit_s = quickbooks.office.settings.number("desktop.launch-wait-s")
    if not (yield from quickbooks.wait(lambda: quickbooks.opening is not None, limit_s)):
        raise SessionFailure(Code.LAUNCH_GIVEN_UP)
    application = yield from _join(quickbooks, wish, mode)
    assert quickbooks.opening is not None
    return application, quickbooks.opening


def _with_file(quickbooks: Installation, wish: Wish, mode: Mode | None) -> tuple[Application, Opening]:
    """Step 4."""
    if not wish.path:
        raise SessionFailure(Code.NO_FILE_NO_PATH)
    file = _file(quickbooks, wish.path)
    application = known_for_log_in(quickbooks, file, wish.application)
    return application, _open(quickbooks, file, application, mode, wish.path)


def _join(quickbooks: Installation, wish: Wish, mode: Mode | None) -> Operation[Application]:
    """Step 5."""
    opening = quickbooks.opening
    assert opening is not None
    _check_path(quickbooks, wish.path, opening)
    _check_shared(quickbooks, wish, mode, opening)
    forced, asked = bool(wish.flags & FORCE_PROMPT), wish.let_into is opening.file
    application = yield from authorised(quickbooks, opening, wish.application, forced=forced, asked=asked)
    # The mode may have been switched while the prompt was up.
    _check_shared(quickbooks, wish, mode, opening)
    return application


def _check_shared(quickbooks: Installation, wish: Wish, mode: Mode | None, opening: Opening) -> None:
    """Fail when the open file is in another mode than asked for, or in single-user mode and in use by another application."""
    if mode is not None and mode != opening.mode:
        detail = f"{opening.holder} has the file open in {opening.mode}-user mode"
        raise SessionFailure(Code.OTHER_MODE, detail, faults=opening.faults)
    sharing = _names(session.application.name for session in quickbooks.sessions if session.application.name != wish.application)
    if opening.mode == "single" and sharing:
        by_fault = quickbooks.office.causes.of("second-application", quickbooks.machine)
        raise SessionFailure(Code.SHARED_WHILE_SINGLE, f"in use by {sharing}", faults=by_fault)


def _check_path(quickbooks: Installation, path: str, opening: Opening) -> None:
    if not path or paths.same_spelling(path, opening.spelling):
        return
    spelling_accepted = quickbooks.office.settings.text("desktop.other-spelling") == "accepted"
    if spelling_accepted and quickbooks.office.find(path) is opening.file:
        return
    detail = f"open here: {paths.file_name(opening.spelling)}; asked for: {paths.file_name(path)}"
    raise SessionFailure(quickbooks.office.settings.text("desktop.other-file-open"), detail, faults=opening.faults)


def _file(quickbooks: Installation, path: str) -> CompanyFile:
    """Return the file at a path, when it can be opened at all: one that cannot tells nothing of its users and applications either."""
    office = quickbooks.office
    file = office.find(path)
    if file is None:
        faults = (*office.causes.of("share", quickbooks.machine), *office.causes.of("path", path))
        raise SessionFailure(_path_unknown(quickbooks), f"there is no {paths.file_name(path)}", faults=faults)
    refusal = office.file_refusal(file, quickbooks.machine)
    if refusal is not None:
        raise _failure(quickbooks, refusal)
    return file


def _path_unknown(quickbooks: Installation) -> str:
    """Return the code of a path where no file is: who looked for it, the library or a QuickBooks that runs, makes the difference."""
    setting = "path-unknown-closed" if quickbooks.process is None else "path-unknown-running"
    return quickbooks.office.settings.text(f"desktop.{setting}")


def _mode_to_open(quickbooks: Installation, file: CompanyFile, mode: Mode | None) -> Mode:
    """Return the mode to open the file in; an application that does not care gets what the switch says."""
    if mode is not None:
        return mode
    if quickbooks.edition == SINGLE_USER_EDITION:
        return "single"
    setting = quickbooks.office.settings.text("desktop.do-not-care-opens")
    if setting == "single":
        return "single"
    return "multi" if setting == "multi" else file.mode or file.last_mode


def _check_may_open(quickbooks: Installation, file: CompanyFile, application: Application, mode: Mode | None) -> None:
    """Fail before QuickBooks is started for nothing."""
    user = file.user(application.login_as)
    assert user is not None
    _check_log_in(quickbooks, file, user)
    refusal = quickbooks.office.refusal(file, user, quickbooks.machine, _mode_to_open(quickbooks, file, mode))
    if refusal is not None:
        raise _failure(quickbooks, refusal)


def _open(quickbooks: Installation, file: CompanyFile, application: Application, mode: Mode | None, spelling: str) -> Opening:
    user = file.user(application.login_as)
    if user is None:
        raise SessionFailure(Code.AUTOMATIC_LOGIN_BROKEN, f"the file has no user {application.login_as!r}")
    _check_log_in(quickbooks, file, user)
    try:
        return quickbooks.open_for_session(file, user, _mode_to_open(quickbooks, file, mode), spelling)
    except Refused as refused:
        raise _failure(quickbooks, refused) from None


def _check_log_in(quickbooks: Installation, file: CompanyFile, user: User) -> None:
    """Fail when the stored log-in of an application is no longer good: the user's password was changed since, or has expired."""
    code = quickbooks.office.settings.text("desktop.automatic-log-in-password")
    if code != "works" and (user.login_stale or Users(quickbooks.office, file).is_expired(user)):
        faults = quickbooks.office.causes.of("password", user.name)
        raise SessionFailure(code, f"the password of {user.name} has been changed or has expired", faults=faults)


def _failure(quickbooks: Installation, refused: Refused) -> SessionFailure:
    if refused.kind == "no-multi-user":
        return SessionFailure(Code.SIMPLE_START_MULTI, refused.reason)
    if refused.kind == "share-lost":
        # A share that is not reached is a path that is not there (reported: mapped drive gone, file moved).
        return SessionFailure(_path_unknown(quickbooks), refused.reason, faults=refused.faults)
    code = quickbooks.office.settings.text(f"desktop.{REFUSED_AS[refused.kind]}")
    return SessionFailure(code, refused.reason, faults=refused.faults)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


REFUSED_AS = {
    "held-single": "single-elsewhere",
    "others-in-file": "single-elsewhere",
    "user-elsewhere": "user-elsewhere",
    "seats-full": "seats-full",
    "not-hosted": "not-hosted",
    "under-repair": "under-repair",
    "file-newer": "file-newer",
    "file-older": "file-older",
}
"""A refusal of the file host, and the switch that says which code it becomes; two that have no switch of their own: `_failure`."""
