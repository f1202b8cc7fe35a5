"""Faults of who may in and who may do what: grants, certificates, rights, a second application, and what is installed.

Most are states that people bring about with an ordinary act and that only people end. The act is done in the Admin's place, and undone when
the fault is lifted, as far as nobody has changed it meanwhile.
"""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Final

from emulator.company import AREAS, LEVELS
from emulator.core.errors import UserMistake, nearest
from emulator.desktop.authorisation import Application
from emulator.desktop.certificates import Certificate
from emulator.desktop.components import DAMAGES
from emulator.desktop.faults.points import BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_PROCESS, CREATE, Begin
from emulator.desktop.faults.states import MACHINE, Parameters, lasting, machine_of, switch_back
from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile, Office
from emulator.desktop.preferences import limit_user
from emulator.desktop.program_files import renewed
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.results import Code
from emulator.desktop.sessions import Session
from emulator.faults import Kind, Parameter

SECOND: Final = "Another Integrated Application"
"""Name of the second application (ours)."""


# ---- what lasts ---------------------------------------------------------------------------------------------------------------


def _permission_cut(office: Office, given: Parameters, undo: ExitStack) -> None:
    """The Admin cuts an area of a user's role."""
    file, area, level = office.file_at(), str(given["area"]), str(given["level"])
    names = users_meant(file, str(given["user"]))
    undo.callback(_grant_as_before, file, _known(file))
    for name in names:
        undo.callback(_put_area_back, office, file, name, area, file.company.areas_of(name).get(area, "full"))
        limit_user(file, name, area, level)
        _note_rights(office, name, area, level)


def _put_area_back(office: Office, file: CompanyFile, name: str, area: str, level: str) -> None:
    areas = {**file.company.areas_of(name), area: level}
    file.company.limit(name, {each: cut for each, cut in areas.items() if cut != "full"})
    _note_rights(office, name, area, level)


def _note_rights(office: Office, name: str, area: str, level: str) -> None:
    office.causes.mark("rights", name)
    office.note("preferences-changed", what="rights", user=name, area=area, level=level)


def _grant_as_before(file: CompanyFile, granted: list[Application]) -> None:
    """Take back that applications must be granted anew, of those that nobody has changed meanwhile."""
    for known in granted:
        now = file.authorisations.of(known.name)
        if now is not None and now.renew and not known.renew:
            file.authorisations.grant(replace(now, renew=False))


def _not_authorised(office: Office, given: Parameters, undo: ExitStack) -> None:
    """The Admin takes the grant of an application away, or it never had one."""
    file, how = office.file_at(), str(given["how"])
    known = [] if how == "nobody" else applications_meant(file, str(given["application"]))
    undo.callback(_tell_put_back, office, "grant")
    if how == "nobody":
        undo.callback(office.causes.mark, "grant")
        undo.callback(file.company.prefer, "no_applications", file.company.no_applications)
        file.company.prefer("no_applications", True)
        office.causes.mark("grant")
    for each in known:
        undo.callback(office.causes.mark, "grant", each.name)
        _take_away(file, each, how)
        # A grant of this version, should another one keep the file when it is put back.
        before = replace(each, year=each.year or file.made_by)
        undo.callback(_put_grant_back, file, before, file.authorisations.of(each.name))
        office.causes.mark("grant", each.name)
    office.note("preferences-changed", what="grant", how=how)
    office.changes.tell()


def _take_away(file: CompanyFile, known: Application, how: str) -> None:
    if how == "unknown":
        file.authorisations.remove(known.name)
    elif how == "switched-off":
        file.authorisations.switch_off(known.name)
    elif how == "no-automatic-login":
        file.authorisations.grant(replace(known, login="whenever the file is open", login_as=""))
    else:
        file.authorisations.grant(replace(known, login="ask every time", login_as=""))


def _put_grant_back(file: CompanyFile, before: Application, ours: Application | None) -> None:
    """Grant an application what it had, unless the Admin has decided about it meanwhile."""
    now = file.authorisations.of(before.name)
    before = replace(before, year=0 if before.year == file.made_by else before.year)
    if now is None or ours is None:
        if now is ours:
            file.authorisations.grant(before)
    elif now == replace(ours, certificate=now.certificate, renew=now.renew, year=now.year):
        # Its certificate, the version of the file, and whether it is to be asked for anew, are other matters.
        file.authorisations.grant(replace(before, certificate=now.certificate, renew=now.renew))


def _certificate(office: Office, given: Parameters, undo: ExitStack) -> None:
    """The certificate of an application's program file comes into a state."""
    file, state, days = office.file_at(), str(given["state"]), float(given["days"])
    applications = applications_meant(file, str(given["application"]))
    undo.callback(_tell_put_back, office, "certificate")
    for known in applications:
        before, certificate = office.certificates.get(known.name), _in_state(office, state, known, days)
        undo.callback(office.causes.mark, "certificate", known.name)
        _put_certificate(office, known.name, certificate)
        undo.callback(_put_certificate_back, office, known.name, before, certificate)
        if certificate is not None and state != "renewed" and known.certificate != certificate.serial:
            # The Admin allowed the program with this certificate; only `renewed` is one that he has not seen.
            undo.callback(_put_serial, file, known.name, certificate.serial, known.certificate)
            file.authorisations.grant(replace(known, certificate=certificate.serial))
        office.causes.mark("certificate", known.name)
    office.note("certificate-changed", certificate=state)
    office.changes.tell()


def _in_state(office: Office, state: str, known: Application, days: float) -> Certificate | None:
    serial = known.certificate or "1"
    if state == "none":
        return None
    if state == "renewed":
        return renewed(serial)
    if state in ("expiring", "expired"):
        ends = office.now() + timedelta(days=days if state == "expiring" else -days)
        return Certificate(serial, expires=ends)
    return Certificate(serial, revoked=state == "revoked", intact=state != "invalid")


def _put_certificate(office: Office, name: str, certificate: Certificate | None) -> None:
    if certificate is None:
        office.certificates.pop(name, None)
    else:
        office.certificates[name] = certificate


def _put_certificate_back(office: Office, name: str, before: Certificate | None, ours: Certificate | None) -> None:
    """Sign a program as it was, unless it has got another certificate meanwhile."""
    if office.certificates.get(name) == ours:
        _put_certificate(office, name, before)


def _put_serial(file: CompanyFile, name: str, ours: str, before: str) -> None:
    """Put the serial number of a grant back, unless the Admin has allowed the application anew meanwhile."""
    known = file.authorisations.of(name)
    if known is not None and known.certificate == ours:
        file.authorisations.grant(replace(known, certificate=before))


def _tell_put_back(office: Office, what: str) -> None:
    office.note("preferences-changed", what=what, how="put back")
    office.changes.tell()


def _second_application(office: Office, given: Parameters, undo: ExitStack) -> None:
    """Another integrated application has a session in the file, which is in single-user mode."""
    quickbooks = machine_of(office, given["machine"])
    opening, process = quickbooks.opening, quickbooks.process
    if opening is None or process is None:
        raise UserMistake(f"no company file is open on {quickbooks.machine}", expected="a machine on which somebody is logged in")
    others = [each.holder for each in opening.file.openings if each is not opening]
    if others:
        raise UserMistake(
            f"the file cannot be in single-user mode: {', '.join(others)} has it open", expected="a file with one user in it"
        )
    if opening.mode != "single":
        undo.callback(switch_back, quickbooks, opening, opening.mode)
        quickbooks.switch_mode("single")
    # Not by BeginSession: the other application is no program of this world, the file need not know it, and whether it would be let in is not
    # the question; what counts is that it is there.
    number = quickbooks.next_session_number()
    ticket = office.chance.token("ticket", quickbooks.machine, number, digits=32)
    session = Session(ticket, Application(str(given["application"])), process, opening, 2, number)
    undo.callback(_end_second, quickbooks, session)
    quickbooks.sessions.append(session)
    _note_second(quickbooks, session, "session-begun", mode="single")


def _end_second(quickbooks: QuickBooks, session: Session) -> None:
    quickbooks.end_session(session)
    _note_second(quickbooks, session, "session-ended")


def _note_second(quickbooks: Installation, session: Session, kind: str, **facts: str) -> None:
    office = quickbooks.office
    office.causes.mark("second-application", quickbooks.machine)
    office.note(kind, machine=quickbooks.machine, session=session.number, application=session.application.name, **facts)
    office.changes.tell()


def _component_missing(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    undo.callback(_make_whole, quickbooks, quickbooks.damage)
    quickbooks.harm(str(given["what"]))


def _make_whole(quickbooks: Installation, before: str) -> None:
    """Repair the installation, as far as it was whole before."""
    quickbooks.repair()
    if before:
        quickbooks.harm(before)


def _one_at_a_time(office: Office, given: Parameters, undo: ExitStack) -> None:
    quickbooks = machine_of(office, given["machine"])
    undo.callback(_answer_second, quickbooks, quickbooks.refuses_while_busy)
    _answer_second(quickbooks, str(given["others"]))


def _answer_second(quickbooks: Installation, others: str) -> None:
    quickbooks.refuses_while_busy = others
    quickbooks.office.causes.mark("busy", quickbooks.machine)


def users_meant(file: CompanyFile, name: str) -> list[str]:
    """Return the users meant: one, or everybody but the Admin. Raises UserMistake when there is none."""
    names = [each.name for each in file.users.values() if not each.is_admin]
    found = [each for each in names if each.casefold() == name.casefold()] if name else names
    if not found:
        near = nearest(name, names)
        expected = f"{near!r}" if near else f"one of {', '.join(names) or 'none: the Admin cannot be limited'}"
        raise UserMistake(f"no user {name!r} can be limited", expected=expected)
    return found


def _known(file: CompanyFile) -> list[Application]:
    """Return what the file knows of each application."""
    known = [file.authorisations.of(each) for each in file.authorisations.names()]
    return [each for each in known if each is not None]


def applications_meant(file: CompanyFile, name: str) -> list[Application]:
    """Return the applications meant: one, or all that the file knows. Raises UserMistake when there is none."""
    names = file.authorisations.names()
    found = [each for each in _known(file) if name in ("", each.name)]
    if not found:
        near = nearest(name, names)
        raise UserMistake(
            f"the company file knows no application {name!r}",
            expected=f"{near!r}" if near else f"one of {', '.join(names) or 'none'}",
        )
    return found


BEGINS: Final[dict[str, Begin]] = {
    "cut-permission": lasting(_permission_cut),
    "take-grant": lasting(_not_authorised),
    "change-certificate": lasting(_certificate),
    "second-session": lasting(_second_application),
    "damage-installation": lasting(_component_missing),
    "serve-one": lasting(_one_at_a_time),
}
"""What begins the state of each lasting effect of this family."""

_APPLICATION: Final = Parameter("", "name of the application; empty: all that the company file knows")

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "permission-cut",
        "QB14",
        (BEFORE_COMMIT, BEFORE_PROCESS, BEFORE_BEGIN),
        "cut-permission",
        "The Admin cuts an area of a user's role: requests of the area are answered 3260 while that user is logged in.",
        "refuse the document with the reason where people see it, and not try again",
        False,
        {
            "user": Parameter("", "name of the user; empty: everybody but the Admin"),
            "area": Parameter("Sales and Receivables", "the area", AREAS),
            "level": Parameter("none", "how far the user may still go", LEVELS[:-1]),
        },
        lasting=True,
        sets=("the rights of {limited user} in {area}",),
    ),
    Kind(
        "not-authorised",
        "QB15",
        (BEFORE_BEGIN, BEFORE_PROCESS),
        "take-grant",
        "The company file does not let the application in: unknown 0x80040418, access switched off 0x8004041A (also in mid-session), no log-in "
        "by itself 0x8004041D, asked about each time 0x80040420.",
        "ask for a person, with the steps the Admin has to take; not try over and over",
        False,
        {
            "how": Parameter(
                "switched-off",
                "what the Admin did, or never did",
                ("unknown", "switched-off", "no-automatic-login", "ask-every-time", "nobody"),
            ),
            "application": _APPLICATION,
        },
        lasting=True,
        sets=("the grant of {refused application}",),
    ),
    Kind(
        "certificate",
        "QB16",
        (BEFORE_BEGIN,),
        "change-certificate",
        "The certificate of the program: revoked 0x8004042C, a changed file 0x80040419, renewed (the Admin is asked again), expiring or expired "
        "(works with a notice; without a person 0x8004041E).",
        "tell people early; an expired certificate is no outage while somebody has the file open",
        False,
        {
            "state": Parameter("revoked", "its state", ("none", "valid", "renewed", "expiring", "expired", "revoked", "invalid")),
            "days": Parameter(7.0, "days until it ends, or since it has", least=0, most=3660),
            "application": _APPLICATION,
        },
        lasting=True,
        sets=("the certificate of {application}",),
    ),
    Kind(
        "second-application",
        "QB46",
        (BEFORE_BEGIN, BEFORE_PROCESS),
        "second-session",
        "Another integrated application has a session while the file is in single-user mode: BeginSession fails with 0x80040422.",
        "wait and try again, a bounded number of times",
        False,
        {"application": Parameter(SECOND, "its name"), "machine": MACHINE},
        lasting=True,
        sets=("the mode of the file on {machine}",),
    ),
    Kind(
        "component-missing",
        "COM01",
        (CREATE, BEFORE_BEGIN),
        "damage-installation",
        "Something that programs need is not installed, for the other word length, or broken: the object cannot be made, or no session begun.",
        "fail at its start with what to do, not once per document",
        False,
        {"what": Parameter("library-not-registered", "what is wrong", tuple(DAMAGES)), "machine": MACHINE},
        lasting=True,
        sets=("the installation of {machine}",),
    ),
    Kind(
        "one-at-a-time",
        "COM06",
        (BEFORE_BEGIN, BEFORE_PROCESS),
        "serve-one",
        "While QuickBooks serves one call, others wait in line or are refused.",
        "have one writer with a fair queue of its own, and take a refusal for `try again`",
        False,
        {
            "others": Parameter(
                str(Code.SERVER_BUSY),
                "what others meet: `queue`, or the code they are refused with",
                ("queue", str(Code.CALL_REJECTED), str(Code.SERVER_BUSY)),
            ),
            "machine": MACHINE,
        },
        lasting=True,
        sets=("the answer to a second call on {machine}",),
        nothing_at=({"others": "queue"},),
    ),
)
"""The kinds of fault of this family."""
