"""What a person meets who may not do what he tried in QuickBooks or on the file host."""

from typing import Literal

RefusalKind = Literal[
    "already-running",
    "not-running",
    "starting",
    "going-down",
    "left-over",
    "nothing-to-end",
    "file-open-here",
    "no-file-open",
    "no-such-file",
    "no-such-user",
    "no-such-role",
    "no-such-machine",
    "no-such-backup",
    "held-single",
    "others-in-file",
    "file-in-use",
    "user-elsewhere",
    "seats-full",
    "not-hosted",
    "no-multi-user",
    "share-lost",
    "under-repair",
    "no-repair",
    "file-newer",
    "file-older",
    "path-taken",
    "preferences-open",
    "not-a-path",
    "name-taken",
    "not-a-name",
    "wrong-password",
    "password-expired",
    "password-too-simple",
    "application-in-session",
    "runs-without-window",
    "dialog-open",
    "no-dialog",
    "no-prompt",
    "no-log-in-by-itself",
    "not-admin",
    "no-such-menu-item",
    "no-such-application",
    "no-such-area",
    "no-such-damage",
    "not-signed",
    "not-single",
]


class Refused(Exception):  # noqa: N818 - QuickBooks refuses; nothing went wrong in the program
    """QuickBooks does not let a person do something, and says why.

    Args:
        kind: which rule refused.
        reason: one readable sentence, as a person would see it on the screen; it names who is in the way.
        holders: those who are in the way, as `USER on MACHINE`.
        faults: names of the faults that brought it about.
    """

    def __init__(self, kind: RefusalKind, reason: str, holders: tuple[str, ...] = (), faults: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.reason = reason
        self.holders = holders
        self.faults = faults
        super().__init__(reason)
