"""Certificates: what an application's program file is signed with, and in which state that is when the application connects.

| state | what becomes of a session |
|---|---|
| none | the prompt says so; works |
| valid | works |
| expiring | works, with a notice (`desktop.expiring-days`) |
| expired | works while a person has QuickBooks open, with a notice when the preferences ask for it; else `desktop.expired-unattended` |
| renewed | not the one the Admin allowed: he is asked again; without a window `desktop.renewed-unattended` |
| revoked | 0x8004042C |
| invalid | 0x80040419: the program file was changed after it was signed |

Source: the states are those of the prompt's windows (in-product help, documented), the codes library resources (documented); which state
gives which code is inferred from their sentences.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

CertificateState = Literal["none", "valid", "expiring", "expired", "revoked", "invalid"]
"""What QuickBooks finds when it looks at a certificate; that it is another one than before shows beside the grant only."""


@dataclass(frozen=True)
class Certificate:
    """What a program file is signed with.

    Attributes:
        serial: its serial number; another one is a renewed certificate.
        expires: when it runs out (story time); None: not in this story.
        revoked: its authority has taken it back.
        intact: False when the file was changed after it was signed.
    """

    serial: str
    expires: datetime | None = None
    revoked: bool = False
    intact: bool = True


UNSIGNED: Final = ""
"""What stands in a grant for the serial number of a program without a certificate."""


def state_of(certificate: Certificate | None, now: datetime, expiring_days: int) -> CertificateState:
    """Return the state of a certificate.

    Args:
        certificate: None for a program that is not signed.
        now: story time.
        expiring_days: how many days before its end it counts as expiring.
    """
    if certificate is None:
        return "none"
    if not certificate.intact:
        return "invalid"
    if certificate.revoked:
        return "revoked"
    if certificate.expires is None or now < certificate.expires - timedelta(days=expiring_days):
        return "valid"
    return "expiring" if now < certificate.expires else "expired"
