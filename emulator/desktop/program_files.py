"""The program files of applications: what their makers and authorities change of the certificates they are signed with.

    renewed --> another serial number; the Admin is asked again      expires --> in so many days      revoked --> for good

What a state does to a session stands in `certificates.py`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from emulator.desktop.certificates import Certificate
from emulator.desktop.refusals import Refused

if TYPE_CHECKING:
    from emulator.desktop.office import Office


class ProgramFiles:
    """The program files of one office, by the names that the applications give to OpenConnection.

    Args:
        office: keeps what each is signed with (`Office.certificates`).
    """

    def __init__(self, office: "Office") -> None:
        self._office = office

    def renew(self, application: str) -> None:
        """Install the program with a new certificate; one that was not signed is signed from now on."""
        before = self._office.certificates.get(application)
        self._put(application, renewed("" if before is None else before.serial), "renewed")

    def expire(self, application: str, in_days: float = 0.0) -> None:
        """Let the certificate run out in so many days. Raises Refused when the program is not signed."""
        ends = self._office.now() + timedelta(days=in_days)
        certificate = replace(self._signed("expire-certificate", application), expires=ends)
        self._put(application, certificate, "expires", until=ends.isoformat())

    def revoke(self, application: str) -> None:
        """The authority takes the certificate back. Raises Refused when the program is not signed."""
        self._put(application, replace(self._signed("revoke-certificate", application), revoked=True), "revoked")

    def _signed(self, act: str, application: str) -> Certificate:
        certificate = self._office.certificates.get(application)
        if certificate is None:
            reason = f"The program of {application!r} is not signed; renew its certificate first."
            raise self._office.note_refused(act, Refused("not-signed", reason), application=application)
        return certificate

    def _put(self, application: str, certificate: Certificate, what: str, **facts: object) -> None:
        self._office.certificates[application] = certificate
        self._office.causes.mark("certificate", application)
        self._office.note("certificate-changed", application=application, certificate=what, **facts)
        self._office.changes.tell()


def renewed(serial: str) -> Certificate:
    """Return a certificate with another serial number than one has; the first one of a program that has none."""
    return Certificate(f"{serial}, renewed" if serial else "1")
