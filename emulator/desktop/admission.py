"""Who may in: what BeginSession finds in the company file about an application, and who is asked when it finds nothing.

    certificate revoked / changed file                           0x8004042C / 0x80040419 (before the file is looked at)
    nobody may access the file, or this application may not      0x8004041A
    the Admin has the window of these preferences open elsewhere  `desktop.permissions-being-edited`
    QuickBooks runs for no person                                needs the grant "even if not running", a user who is there and unchanged
    unknown, "ask every time", renewed certificate, forced       the prompt: blocks this very call until the Admin answers

Only the Admin sees the prompt (documented), and only in a window.
"""

from dataclasses import dataclass

from emulator.desktop.authorisation import Application
from emulator.desktop.certificates import UNSIGNED, CertificateState, state_of
from emulator.desktop.installation import Installation, Prompt
from emulator.desktop.office import CompanyFile, Opening
from emulator.desktop.operations import Operation
from emulator.desktop.results import Code, SessionFailure


@dataclass(frozen=True)
class _Finding:
    """What is known of an application before anybody is asked; `upgraded`: an older QuickBooks kept the file when it was allowed."""

    known: Application | None
    certificate: CertificateState
    serial: str
    faults: tuple[str, ...]

    upgraded: bool

    @property
    def renewed(self) -> bool:
        """Return whether it has another certificate than when the Admin allowed it."""
        return self.known is not None and self.known.certificate != self.serial


def known_for_log_in(quickbooks: Installation, file: CompanyFile, name: str) -> Application:
    """Return an application that may log in by itself.

    Raises:
        SessionFailure: it may not: 0x8004041A, 0x8004041D, 0x80040430 (the user is gone), or what the switches say, of an application that
            the file does not know `desktop.unknown-unattended`.
    """
    found = _found(quickbooks, file, name)
    if found.known is None:
        raise SessionFailure(quickbooks.office.settings.text("desktop.unknown-unattended"), faults=found.faults)
    if found.known.login != "even if not running":
        raise SessionFailure(Code.NO_AUTOMATIC_LOGIN, faults=found.faults)
    _check_log_in(quickbooks, file, found.known, found)
    _notice(quickbooks, file, name, found)
    return found.known


def authorised(quickbooks: Installation, opening: Opening, name: str, *, forced: bool, asked: bool) -> Operation[Application]:
    """Return what the file knows of an application; asks the Admin when it knows nothing or he is to be asked again.

    Args:
        quickbooks: where the file is open.
        opening: the file, and who has it open.
        name: of the application.
        forced: the application asks for the prompt itself.
        asked: this connection has had a session in the file already.

    Raises:
        SessionFailure: another user's presence fails with 0x80040418 for an application the file does not know, else as
            `desktop.known-without-admin` says. Without a window a grant that needs a person is 0x8004041D (documented).
    """
    assert quickbooks.process is not None
    found = _found(quickbooks, opening.file, name)
    known, attended = found.known, quickbooks.process.attended
    if known is not None and not attended:
        if known.login != "even if not running":
            # Nobody has the file open but another application; both other grants are for the presence of a person.
            raise SessionFailure(Code.NO_AUTOMATIC_LOGIN, faults=found.faults)
        _check_log_in(quickbooks, opening.file, known, found)
    asks = (
        known is None
        or (known.login == "ask every time" and not asked)
        or forced
        or (attended and (found.renewed or found.upgraded))
    )
    if known is not None and not asks:
        _notice(quickbooks, opening.file, name, found)
        return known
    if not (opening.user.is_admin and attended):
        setting = "known-without-admin" if known is not None else "unknown-unattended"
        code = quickbooks.office.settings.text(f"desktop.{setting}")
        raise SessionFailure(Code.UNKNOWN_APPLICATION if known is None and attended else code, faults=found.faults)
    prompt = yield from _asked(quickbooks, opening, name, found)
    # What the Admin ticked before is not asked again: it stands in the preferences.
    personal_data = prompt.personal_data or (known is not None and known.personal_data)
    assert prompt.answer is not None
    assert prompt.answer != "no"
    granted = Application(
        name, opening.user.name, prompt.answer, prompt.login_as, personal_data=personal_data, certificate=found.serial
    )
    opening.file.authorisations.grant(granted)
    _notice(quickbooks, opening.file, name, found)
    return granted


def check_allowed(quickbooks: Installation, file: CompanyFile, name: str) -> None:
    """Fail when the preferences do not let an application in, also in the middle of its session (0x8004041A, documented)."""
    known = file.authorisations.of(name)
    if file.company.no_applications or (known is not None and not known.allowed):
        raise SessionFailure(Code.NOT_PERMITTED, faults=quickbooks.office.causes.of("grant", name))


def check_certificate(quickbooks: Installation, name: str) -> CertificateState:
    """Return the state of an application's certificate. Raises SessionFailure for one that is no good (0x8004042C, 0x80040419)."""
    office = quickbooks.office
    state = state_of(office.certificates.get(name), office.now(), office.settings.number("desktop.expiring-days"))
    faults = office.causes.of("certificate", name)
    if state == "revoked":
        raise SessionFailure(Code.CERTIFICATE_REVOKED, faults=faults)
    if state == "invalid":
        raise SessionFailure(Code.CERTIFICATE_INVALID, faults=faults)
    return state


def _found(quickbooks: Installation, file: CompanyFile, name: str) -> _Finding:
    office = quickbooks.office
    # It may have been revoked while the call waited for a dialog.
    state = check_certificate(quickbooks, name)
    check_allowed(quickbooks, file, name)
    editing = file.authorisations.edited_on
    code = office.settings.text("desktop.permissions-being-edited")
    if editing and editing != quickbooks.machine and code != "passes":
        detail = f"the Admin has the preferences of applications open on {editing}"
        raise SessionFailure(code, detail, faults=office.causes.of("preferences-open", editing))
    certificate = office.certificates.get(name)
    by_certificate = office.causes.of("certificate", name)
    known = file.authorisations.of(name)
    serial = UNSIGNED if certificate is None else certificate.serial
    faults = (*office.causes.of("grant", name), *by_certificate)
    older = known is not None and 0 < known.year < file.made_by
    return _Finding(known, state, serial, faults, older and office.settings.text("desktop.grants-after-upgrade") != "kept")


def _check_log_in(quickbooks: Installation, file: CompanyFile, known: Application, found: _Finding) -> None:
    """Fail when an application that logs in by itself may not any more, because something has changed since it was allowed."""
    settings = quickbooks.office.settings
    if file.user(known.login_as) is None:
        raise SessionFailure(Code.AUTOMATIC_LOGIN_BROKEN, f"the file has no user {known.login_as!r}", faults=found.faults)
    changed = settings.text("desktop.user-rights-changed")
    if known.renew and changed != "works":
        raise SessionFailure(changed, f"user {known.login_as} was changed", faults=found.faults)
    if found.upgraded:
        raise SessionFailure(Code.AUTHORISE_AGAIN, "the company file was upgraded", faults=found.faults)
    expired = settings.text("desktop.expired-unattended")
    if found.certificate == "expired" and expired != "works":
        raise SessionFailure(expired, faults=found.faults)
    renewed = settings.text("desktop.renewed-unattended")
    if found.renewed and renewed != "works":
        raise SessionFailure(renewed, "the certificate is another one than the Admin allowed", faults=found.faults)


def _asked(quickbooks: Installation, opening: Opening, name: str, found: _Finding) -> Operation[Prompt]:
    """Show the prompt and wait for the answer; return it when it is not a No."""
    office = quickbooks.office
    shown: CertificateState | str = "renewed" if found.renewed else found.certificate
    prompt = quickbooks.prompt = Prompt(name, certificate=shown)
    office.note("prompt", machine=quickbooks.machine, application=name, certificate=shown, faults=found.faults)
    office.changes.tell()
    limit_s = office.settings.number("desktop.prompt-wait-s") or None
    try:
        # The prompt also goes away when the file is closed under it.
        yield from quickbooks.wait(lambda: prompt.answer is not None or quickbooks.opening is not opening, limit_s)
    finally:
        quickbooks.prompt = None
    if quickbooks.opening is not opening:
        raise SessionFailure(Code.NO_FILE_NO_PATH)
    if prompt.answer is None:
        raise SessionFailure(Code.DIALOG_OPEN, "nobody answered the authorisation prompt", faults=found.faults)
    if prompt.answer == "no":
        raise SessionFailure(Code.DENIED, faults=found.faults)
    return prompt


def _notice(quickbooks: Installation, file: CompanyFile, name: str, found: _Finding) -> None:
    """Write down that people are told of a certificate that runs out, when their preferences ask for it."""
    if found.certificate in ("expiring", "expired") and file.company.certificate_notice:
        quickbooks.office.note(
            "certificate-notice", machine=quickbooks.machine, application=name, certificate=found.certificate, faults=found.faults
        )
