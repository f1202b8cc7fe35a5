"""Lasting faults of QuickBooks on one machine: not running, slow to start, something it asks, another process in the way.

Each is a state that people reach by an act as well; see `states.py` for how it begins and ends.
"""

from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Final

from emulator.core.errors import UserMistake
from emulator.desktop.faults.points import Begin
from emulator.desktop.faults.states import (
    MACHINE,
    Parameters,
    lasting,
    lasting_kind,
    log_in_again,
    log_in_for_a_while,
    log_out,
    log_out_again,
    machine_of,
    switch_back,
)
from emulator.desktop.office import Mode, Office
from emulator.desktop.paths import file_name, same_spelling
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.refusals import Refused
from emulator.faults import Kind, Parameter
from emulator.faults.kinds import YEAR_S, Form


def _end(quickbooks: QuickBooks, undo: ExitStack) -> None:
    """Close QuickBooks; it is started, and whoever was in the file logs in again, when this is undone."""
    opening = None if quickbooks.opened_by_session else quickbooks.opening

    def start_again() -> None:
        quickbooks.finish_start()
        with suppress(Refused):
            if quickbooks.process is None:
                quickbooks.start()
        if opening is not None:
            log_in_again(quickbooks, opening)

    if quickbooks.process is not None and not quickbooks.process.attended:
        quickbooks.end_process()
    else:
        quickbooks.quit()
    undo.callback(start_again)


def _not_running(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    if quickbooks.process is not None:
        _end(quickbooks, undo)


def _slow_start(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks, start_s = machine_of(office, given["machine"]), float(given["start_s"])
    undo.callback(quickbooks.finish_start)
    undo.callback(quickbooks.slow_starts, quickbooks.start_takes_s)
    quickbooks.slow_starts(start_s)


def _wrong_or_no_file(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    path = str(given["open_file"])
    if path:
        office.file_at(path)
    opening = log_out(quickbooks, undo)
    if path:
        user = opening.user.name if opening is not None else str(given["user"])
        log_in_for_a_while(quickbooks, user, opening.mode if opening is not None else "multi", undo, path)
    elif opening is None:
        quickbooks.log_out()


def _other_mode(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    opening = quickbooks.opening
    if opening is None:
        log_in_for_a_while(quickbooks, str(given["by"]), "single", undo)
        return
    before = opening.mode
    quickbooks.switch_mode("single" if before == "multi" else "multi")
    undo.callback(switch_back, quickbooks, opening, before)


def _login_prompt(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    opening = quickbooks.opening
    if quickbooks.process is not None:
        _end(quickbooks, undo)
    user = opening.user.name if opening is not None else str(given["user"])
    quickbooks.open_log_in_window(user)

    def cancel() -> None:
        if quickbooks.dialog is not None and quickbooks.dialog.kind == "log-in":
            quickbooks.close_dialog()

    undo.callback(cancel)


def _update_prompt(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks, restart_s = machine_of(office, given["machine"]), float(given["restart_s"])
    if given["how"] == "restart":
        _end(quickbooks, undo)
        quickbooks.start(takes_s=restart_s)
        office.causes.mark("starting", quickbooks.machine)
    else:
        undo.callback(quickbooks.no_more_asking, "update")
        quickbooks.ask_at_start("update")
    if given["revokes"]:
        for file in office.files:
            for name in file.authorisations.names():
                known = file.authorisations.of(name)
                if known is not None and known.login == "even if not running":
                    undo.callback(file.authorisations.grant, known)
                    file.authorisations.grant(replace(known, login="whenever the file is open"))
                    office.causes.mark("grant", name)
                    undo.callback(office.causes.mark, "grant", name)


def _vendor_sign_in(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    undo.callback(quickbooks.no_more_asking, "sign-in")
    quickbooks.ask_at_start("sign-in")


def _other_path_spelling(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    drive = str(given["drive"])
    opening = quickbooks.opening
    if opening is None:
        # Says to whoever asked for it that nobody is logged in there.
        quickbooks.log_out()
        return
    path, name = opening.file.path, file_name(opening.file.path)
    spelling = f"{drive}\\{name}"
    if same_spelling(opening.spelling, spelling):
        raise UserMistake(f"the company file is open by {opening.spelling} already", expected="another drive letter")
    if drive not in office.drives:
        office.drives[drive] = path[: -len(name) - 1]
        undo.callback(office.drives.pop, drive)
    log_out(quickbooks, undo)
    quickbooks.log_in(opening.user.name, opening.mode, spelling).brought_by = opening.brought_by

    def log_out_here() -> None:
        # Whoever has it open by this spelling now: another fault may have had him log in once more.
        if quickbooks.opening is not None and same_spelling(quickbooks.opening.spelling, spelling):
            log_out_again(quickbooks, quickbooks.opening)

    undo.callback(log_out_here)


def _other_windows_session(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    undo.callback(quickbooks.work_in, quickbooks.windows_session)
    quickbooks.work_in(str(given["session"]))


def _second_instance(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    mode: Mode = "single" if given["mode"] == "single" else "multi"
    second = quickbooks.start_second(str(given["user"]), mode)

    def end() -> None:
        if quickbooks.second is second:
            office.close(second)
            quickbooks.second = None

    undo.callback(end)


def _leftover_process(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    opening = None if quickbooks.opened_by_session else quickbooks.opening

    def end() -> None:
        if quickbooks.leftover:
            quickbooks.end_process()
            if opening is not None:
                log_in_again(quickbooks, opening)

    undo.callback(end)
    quickbooks.leave_process()


BEGINS: Final[dict[str, Begin]] = {
    "not-running": lasting(_not_running),
    "slow-start": lasting(_slow_start),
    "wrong-or-no-file": lasting(_wrong_or_no_file),
    "other-mode": lasting(_other_mode),
    "login-prompt": lasting(_login_prompt),
    "update-prompt": lasting(_update_prompt),
    "vendor-sign-in": lasting(_vendor_sign_in),
    "other-path-spelling": lasting(_other_path_spelling),
    "other-windows-session": lasting(_other_windows_session),
    "second-instance": lasting(_second_instance),
    "leftover-process": lasting(_leftover_process),
}
"""What begins the state of each effect of this family."""


def _kind(name: str, number: str, about: str, correct: str, cured: bool, sets: tuple[str, ...], **parameters: Parameter) -> Kind:
    """Return a lasting kind of a machine, whose effect is its own."""
    return lasting_kind(name, number, about, correct, cured, sets, machine=MACHINE, **parameters)


_PROCESS: Final = "the process of QuickBooks on {machine}"
_OPEN_FILE: Final = "the file that is open on {machine}"

_USER = Parameter("Admin", "user of the company file")

KINDS: Final[tuple[Kind, ...]] = (
    _kind(
        "not-running",
        "QB01",
        "Somebody has closed QuickBooks on a machine: 0x80040416 without a path, and with one what the application's grant gives.",
        "say that QuickBooks is closed, back off, count it as a failed attempt, hold what it has to send",
        True,
        (_PROCESS,),
    ),
    _kind(
        "slow-start",
        "QB02",
        "QuickBooks takes longer to start; meanwhile BeginSession fails with 0x80040424, or a start without a window takes so much longer.",
        "wait within its own limit, not start a second one, not show green early",
        True,
        ("how long QuickBooks takes to start on {machine}",),
        start_s=Parameter(45.0, "story seconds a start takes longer than usual", least=0, most=YEAR_S),
    ),
    _kind(
        "wrong-or-no-file",
        "QB03",
        "QuickBooks has no company file open (0x80040417), or another one (0x8004040A for a path, the wrong books without one).",
        "never write before it has compared the identity of the company, after each BeginSession",
        True,
        (_OPEN_FILE,),
        open_file=Parameter("", "path of the other company file that is opened; empty: none is"),
        user=Parameter("Admin", "who opens it when nobody is logged in"),
    ),
    _kind(
        "other-mode",
        "QB04",
        "The company file is open in the other mode than before on a machine: 0x80040410 here, or held single-user from elsewhere.",
        "take it for an outage, say who has the file where, go on by itself afterwards",
        True,
        ("the mode of the file on {machine}",),
        by=Parameter("Admin", "who opens the file in single-user mode when nobody is logged in there"),
    ),
    _kind(
        "login-prompt",
        "QB07",
        "QuickBooks was started anew and its log-in window waits for a password that nobody types.",
        "say that a person must log in, and not take it for a time-out",
        False,
        (_PROCESS,),
        user=_USER,
    ),
    _kind(
        "update-prompt",
        "QB08",
        "QuickBooks offers an update in a modal window, now and at each start, or restarts for it; applications may lose their automatic log-in.",
        "live through it, and ask once for the authorisation to be given again",
        False,
        (
            "the update that is offered on {prompted machine}",
            "the process of QuickBooks on {restarted machine}",
            "the grant of {revoked application}",
        ),
        how=Parameter("prompt", "a window, or a restart after which nobody is logged in", ("prompt", "restart")),
        restart_s=Parameter(120.0, "story seconds the restart takes", least=0, most=YEAR_S),
        revokes=Parameter(False, "applications may no longer log in by themselves"),
    ),
    _kind(
        "vendor-sign-in",
        "QB44",
        "The window of the Intuit account, or of a subscription that ran out, stands in the way at each start until somebody signs in.",
        "say that a person must sign in, and not start QuickBooks over and over",
        False,
        ("the sign-in that is asked for on {machine}",),
    ),
    _kind(
        "other-path-spelling",
        "QB47",
        "The company file is open by another spelling of its path, a drive letter: BeginSession with the usual one fails with 0x8004040A.",
        "say so, and never open the file a second time",
        True,
        (_OPEN_FILE,),
        drive=Parameter(
            "Q:",
            "drive letter; it is mapped to the folder of the file unless it is mapped already",
            form=Form("[A-Za-z]:", "a drive letter with its colon, like Q:"),
        ),
    ),
    _kind(
        "other-windows-session",
        "QB48",
        "QuickBooks runs in another Windows session of the machine than its programs, which cannot reach it.",
        "name it, and ask for a person",
        False,
        ("the Windows session of {machine}",),
        session=Parameter("rdp-1", "name of the Windows session"),
    ),
    _kind(
        "second-instance",
        "COM05",
        "A second QuickBooks was started as administrator; nobody sees it, and it has the company file open.",
        "notice it and say so, and end nothing that it did not start",
        False,
        ("the second QuickBooks on {machine}",),
        user=_USER,
        mode=Parameter("multi", "mode it has the file open in", ("multi", "single")),
    ),
    _kind(
        "leftover-process",
        "COM08",
        "QuickBooks died and its process stayed behind: it does not start until somebody ends the process.",
        "say so, and not end the process without being allowed to",
        False,
        (_PROCESS,),
    ),
)
"""The kinds of fault of this family."""
