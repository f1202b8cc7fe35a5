"""What is told to people: for each failure what is wrong and what to do about it, in one sentence.

Codes: result codes of the request processor (documented) and our own. The sentences are ours.
"""

from typing import Final

from emulator.connector.link import NO_ANSWER, NO_COM
from emulator.desktop.results import Code

NEEDS_A_PERSON: Final = "needs a person"

REASONS: Final[dict[str, str]] = {
    Code.COULD_NOT_START: "QuickBooks cannot be started or cannot open the company file: log in to QuickBooks on the server as the connector's"
    " user, in multi-user mode, and see whether another user holds the file or all seats are taken",
    Code.NOT_RUNNING_NO_PATH: "QuickBooks is closed: log in to QuickBooks on the server as the connector's user, in multi-user mode",
    Code.NO_FILE_NO_PATH: "QuickBooks is open without a company file: open the company file as the connector's user, in multi-user mode",
    Code.COULD_NOT_OPEN_FILE: "the company file cannot be opened: see that it is where it was and that nobody holds it in single-user mode",
    Code.OTHER_FILE_OPEN: "another company file is open in QuickBooks: close it and open the linked one",
    Code.OTHER_MODE: "the company file is open in another mode than asked for: somebody works in single-user mode; wait until he is done,"
    " or log in in multi-user mode",
    Code.DIALOG_OPEN: "a dialog is open in QuickBooks on the server: go there and close it",
    Code.UNKNOWN_APPLICATION: "QuickBooks does not know this connector: log in as Admin once, start the connector and allow it",
    Code.NOT_PERMITTED: "QuickBooks does not permit this connector: as Admin, Edit - Preferences - Integrated Applications, allow it",
    Code.NO_AUTOMATIC_LOGIN: "this connector may not log in by itself: log the connector's user in to QuickBooks, or as Admin allow access"
    " when QuickBooks is not running",
    Code.AUTOMATIC_LOGIN_BROKEN: "the connector's own log-in no longer works: as Admin allow it again in the preferences",
    Code.DENIED: "a person denied this connector access: as Admin allow it in the preferences",
    Code.AUTHORISE_AGAIN: "something has changed and the Admin must allow this connector again",
    Code.CERTIFICATE_EXPIRED: "the certificate of this connector is expired: as Admin allow it again",
    Code.CERTIFICATE_REVOKED: "the certificate of this connector was revoked: ask its maker for a new version",
    Code.SHARED_WHILE_SINGLE: "another program shares the file in single-user mode: wait until it is done",
    Code.STILL_STARTING: "QuickBooks is still starting: wait",
    Code.USER_ELSEWHERE: "the connector's user is logged in on another machine: log him out there",
    Code.MANY_INSTANCES: "QuickBooks runs more than once on the server: close all and start one",
    Code.VERSIONS_DIFFER: "the company file is of another version of QuickBooks: install the version that fits on the server",
    Code.WRONG_TICKET: "QuickBooks has ended the session: the connector makes a new one",
    Code.NO_SESSION: "QuickBooks has no session: the connector makes a new one",
    Code.RPC_UNAVAILABLE: "QuickBooks is gone: see on the server whether it crashed, and log in again",
    Code.RPC_FAILED: "QuickBooks broke off in the middle of a call: see on the server whether it crashed, and log in again",
    Code.DISCONNECTED: "QuickBooks is gone: see on the server whether it was closed, and log in again",
    Code.CALL_REJECTED: "QuickBooks is busy with a person: it is tried again",
    Code.PROCESSOR_MISSING: "the request processor of QuickBooks is not installed here: install QuickBooks on this machine",
    Code.CLASS_NOT_REGISTERED: "the request processor of QuickBooks is not installed here: install QuickBooks on this machine",
    NO_ANSWER: "QuickBooks does not answer: see on the server whether it shows a dialog, a log-in or an update prompt, or hangs",
    NO_COM: "this Python cannot speak COM: install pywin32, or put the stand-in for it on PYTHONPATH",
}

BUSY: Final = "busy"
NOT_RUNNING: Final = "exiting"
TOO_LATE: Final = "too-late"
OTHER_COMPANY: Final = "other-company"
COMPANY_UNCONFIRMED: Final = "company-unconfirmed"
KEY_REUSED: Final = "key-reused"
GONE: Final = "gone"
CHANGED: Final = "changed-in-quickbooks"
UNMARKED: Final = "unmarked-twin"
RULE: Final = "rule"
LOG: Final = "intent-log"
UNREADABLE: Final = "unreadable-answer"


def sentence(code: str, said: str) -> str:
    """Return what people read of a failure: our advice where we have one, and what QuickBooks said."""
    if code in (OTHER_COMPANY, COMPANY_UNCONFIRMED):
        return said  # ours, and a sentence already: QuickBooks has failed in nothing
    advice = REASONS.get(code)
    if advice is None:
        return f"QuickBooks failed with {code}: {said}"
    return f"{advice} ({code}: {said})" if said else f"{advice} ({code})"
