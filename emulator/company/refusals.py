"""How a rule says no: a `Refusal` carries the status of the answer up to the step that performs the request, and no further.

Codes and when they are used: facts of QuickBooks' status table; the wording comes from `emulator.qbxml.status`.
"""

from emulator.qbxml import status
from emulator.qbxml.status import Status


class Refusal(Exception):  # noqa: N818 - it is an answer on its way, not a program error
    """A request is answered with this status and nothing is written."""

    def __init__(self, refused: Status) -> None:
        self.status = refused
        super().__init__(f"{refused.code} {refused.message}")


def refuse(code: int, **slots: object) -> Refusal:
    """Return the refusal for a code; `slots` fill the places of its message."""
    return Refusal(status.of(code, **slots))


def cannot_save(what: str, reason: str) -> Refusal:
    """3180: a rule is broken at the moment of saving; `reason` is the sentence of QuickBooks behind it."""
    return refuse(3180, object=what, quickbooks=reason)
