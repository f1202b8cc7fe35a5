"""How each result code is reached: by what people and programs do, or why it is not.

Every code of the table in `results.py` stands here once. A reached one names its story: the test of that name brings the state about and
makes the call; no story names the code to anything that would then repeat it, but for the six of a situation whose default is another
code: they say which switch must stand on it (`setting`). Stories of `program` play in a stranger's Python, behind the
stand-in of pywin32 or on the wire. How well a code itself is known says its row in `results.py`; that the situation gives the code is
documented or inferred as the switch or module that a story rests on says.
"""

from dataclasses import dataclass
from typing import Final, Literal

from emulator.core.switches import Standing
from emulator.desktop.results import RESULTS, Code


@dataclass(frozen=True)
class Reach:
    """How one code is reached.

    Attributes:
        code: the code.
        story: the name of the story that reaches it.
        how: what people and programs do, one sentence.
        by: who plays it: `quickbooks` in process, `program` behind a door.
        setting: the switch that has to stand on this code, which is not its default; empty: defaults reach it.
    """

    code: Code
    story: str
    how: str
    by: Literal["quickbooks", "program"] = "quickbooks"
    setting: str = ""

    @property
    def standing(self) -> Standing:
        """Return how well the code is known."""
        return RESULTS[self.code].standing


def _program(code: Code, story: str, how: str, setting: str = "") -> Reach:
    return Reach(code, story, how, "program", setting)


_ALL: Final = (
    Reach(Code.XML_NOT_VALID, "broken_document", "A program sends a document that is no XML."),
    Reach(
        Code.NO_ACCESS,
        "quickbooks_not_registered_for_com",
        "The library does not reach QuickBooks, whose installation is damaged.",
    ),
    Reach(Code.INTERNAL_ERROR, "crash_in_mid_call", "QuickBooks dies while it works on a document."),
    Reach(Code.COULD_NOT_OPEN_FILE, "no_file_at_the_path", "QuickBooks is open without a file and the path names none."),
    Reach(Code.NO_SDK, "quickbooks_too_old", "A QuickBooks is installed that is too old for programs."),
    Reach(Code.QBXML_NOT_INSTALLED, "qbxml_parts_gone", "QuickBooks' own qbXML parts are gone."),
    Reach(
        Code.FILE_VERSION_UNKNOWN,
        "file_older_than_quickbooks",
        "A newer QuickBooks is installed, and nobody has brought the company file to its version.",
    ),
    Reach(Code.INSTALLATION_INCOMPLETE, "installation_broken_off", "An installation was broken off."),
    Reach(Code.COULD_NOT_START, "held_single_elsewhere", "Somebody on another machine has the file in single-user mode."),
    Reach(
        Code.VERSIONS_DIFFER,
        "file_newer_than_quickbooks",
        "The Admin has brought the company file to a newer QuickBooks than the one here.",
    ),
    Reach(Code.OTHER_FILE_OPEN, "other_file_open", "A person has another company file open here."),
    Reach(Code.NO_SESSION, "request_without_session", "A program sends a document before BeginSession."),
    Reach(Code.WRONG_TICKET, "old_ticket", "A program uses the ticket of a session that has ended."),
    Reach(Code.NO_MEMORY, "answer_too_large", "The answer is larger than desktop.answer-kb-max allows."),
    Reach(Code.NO_CONNECTION, "session_without_connection", "A program calls BeginSession before OpenConnection."),
    Reach(Code.OTHER_MODE, "other_mode", "A person has the file open in the other mode."),
    Reach(Code.SESSION_ALREADY, "two_sessions", "A program calls BeginSession twice."),
    Reach(Code.CONNECTION_ALREADY, "two_connections", "A program calls OpenConnection twice."),
    Reach(Code.NO_ROLLBACK, "rollback_on_error", "A program asks for rollbackOnError."),
    Reach(Code.DIALOG_OPEN, "dialog_left_open", "A person leaves a modal dialog open."),
    Reach(Code.NO_APPLICATION_NAME, "nameless_application", "A program gives no name to OpenConnection."),
    Reach(Code.NOT_RUNNING_NO_PATH, "closed_and_no_path", "QuickBooks is closed and the program names no file."),
    Reach(Code.NO_FILE_NO_PATH, "no_file_and_no_path", "QuickBooks is open without a file and the program names none."),
    Reach(
        Code.UNKNOWN_APPLICATION,
        "first_connection_without_admin",
        "A program connects for the first time and the Admin is not there.",
    ),
    Reach(Code.CERTIFICATE_INVALID, "program_file_changed", "The program file was changed after it was signed."),
    Reach(Code.NOT_PERMITTED, "access_unticked", "The Admin unticks the access of the application."),
    Reach(
        Code.LOCK_FAILED, "preferences_open_elsewhere", "The Admin has the preferences of applications open on another machine."
    ),
    Reach(Code.NO_AUTOMATIC_LOGIN, "log_in_not_granted", "QuickBooks is closed and the application may not log in by itself."),
    Reach(
        Code.CERTIFICATE_EXPIRED, "certificate_expired_unattended", "The certificate has expired and nobody has QuickBooks open."
    ),
    Reach(Code.FLAVOUR, "flavour_without_xml", "A flavour of QuickBooks is installed that takes no requests."),
    Reach(Code.DENIED, "admin_says_no", "The Admin answers the prompt with No."),
    Reach(
        Code.QUICKBOOKS_SAYS,
        "seats_full_in_its_words",
        "All seats are taken, and desktop.seats-full says that QuickBooks tells it in its own words.",
        setting="desktop.seats-full",
    ),
    Reach(
        Code.SHARED_WHILE_SINGLE,
        "second_application_while_single",
        "Another application has a session in the file, which is single-user.",
    ),
    Reach(Code.VERSION_UNKNOWN, "version_unknown", "A program declares a qbXML version that does not exist."),
    Reach(Code.STILL_STARTING, "quickbooks_starting", "A person has just started QuickBooks."),
    Reach(Code.INVALID_PARAMETER, "file_mode_unknown", "A program gives a file mode that does not exist."),
    Reach(Code.NOT_REGISTERED, "licence_not_registered", "Nobody registered QuickBooks in time."),
    Reach(
        Code.VERSION_ABOVE_LIBRARY,
        "library_older_than_quickbooks",
        "The library on the machine is older than the version of the document.",
    ),
    Reach(Code.WRONG_CALL, "subscription_as_request", "A program sends a subscription to ProcessRequest."),
    Reach(Code.NOT_FROM_REMOTE, "preferences_from_remote", "A program with a remote connection sets its preferences."),
    Reach(Code.UNAVAILABLE, "events_of_simple_start", "A program subscribes to events of Simple Start, which has none."),
    Reach(Code.CERTIFICATE_REVOKED, "certificate_revoked", "The authority takes the program's certificate back."),
    Reach(
        Code.LAUNCH_GIVEN_UP,
        "nobody_opens_the_file",
        "A program has QuickBooks started with its window and nobody opens the file.",
    ),
    Reach(Code.NOT_INSIDE_SESSION, "preference_in_session", "A program sets its preferences inside of a session."),
    Reach(Code.NO_SUCH_CONNECTION_TYPE, "online_edition", "A program asks for a connection to the Online Edition."),
    Reach(Code.AUTOMATIC_LOGIN_BROKEN, "log_in_user_gone", "The user that the application logs in as does not exist any more."),
    Reach(
        Code.NOT_SIMPLE_START, "edition_simple_start", "Simple Start is installed, which the program says it does not support."
    ),
    Reach(Code.NOT_PRO, "edition_pro", "Pro is installed, which the program says it does not support."),
    Reach(Code.NOT_PREMIER, "edition_premier", "Premier is installed, which the program says it does not support."),
    Reach(Code.NOT_ENTERPRISE, "edition_enterprise", "Enterprise is installed, which the program says it does not support."),
    Reach(
        Code.AUTHORISE_AGAIN,
        "certificate_renewed_unattended",
        "The program was updated with a new certificate and nobody has QuickBooks open.",
    ),
    Reach(Code.SIMPLE_START_MULTI, "simple_start_multi_user", "A program asks Simple Start for multi-user mode."),
    Reach(Code.USER_ELSEWHERE, "user_elsewhere", "The user that the application logs in as works on another machine."),
    Reach(
        Code.MANY_INSTANCES,
        "second_instance",
        "A person starts QuickBooks a second time, as administrator, and leaves it running where nobody sees it.",
    ),
    Reach(
        Code.NO_COMPLEX_PASSWORD,
        "personal_data_without_password",
        "A user has set a simple password, and a program writes personal data.",
    ),
    Reach(Code.CLASS_NOT_REGISTERED, "library_not_registered", "The library is not registered, or for the other word length."),
    Reach(Code.MODULE_NOT_FOUND, "library_file_gone", "The file of the library is gone."),
    Reach(
        Code.SERVER_FAULT,
        "other_file_open_as_server_fault",
        "Another file is open here, and desktop.other-file-open gives it COM's face.",
        setting="desktop.other-file-open",
    ),
    Reach(
        Code.CALL_REJECTED,
        "busy_rejected",
        "Another program's call is served, and desktop.while-busy refuses.",
        setting="desktop.while-busy",
    ),
    Reach(
        Code.SERVER_BUSY,
        "busy_retry_later",
        "Another program's call is served, and desktop.while-busy refuses.",
        setting="desktop.while-busy",
    ),
    Reach(Code.RPC_UNAVAILABLE, "quit_between_calls", "A person quits QuickBooks between two calls of a session."),
    Reach(
        Code.RPC_FAILED,
        "crash_in_mid_call_as_rpc",
        "QuickBooks dies during a call, and desktop.crash-in-call gives it COM's face.",
        setting="desktop.crash-in-call",
    ),
    Reach(Code.DISCONNECTED, "session_after_crash", "A program begins a session on the connection that died with QuickBooks."),
    Reach(Code.ACCESS_DENIED, "elevation_differs", "QuickBooks runs as administrator and the program does not."),
    Reach(Code.NO_INTERFACE, "older_interface", "The library is older than the interface that the program asks for."),
    _program(Code.COM_NOT_INITIALISED, "thread_outside_com", "A thread of a program makes an object and has not entered COM."),
    _program(
        Code.WRONG_THREAD,
        "object_on_other_thread",
        "An object is used on another thread, and desktop.object-on-other-thread refuses.",
        "desktop.object-on-other-thread",
    ),
    _program(Code.SERVER_NOT_STARTED, "machine_without_quickbooks", "A program runs on a machine that has no QuickBooks."),
    _program(Code.NO_RUNNING_OBJECT, "running_object", "A program looks for a running request processor."),
    _program(Code.WRONG_CLASS_NAME, "class_name_unknown", "A program makes an object of a class that does not exist."),
    _program(Code.EXCEPTION, "late_bound_failure", "A late-bound call fails: the code itself stands in excepinfo."),
    _program(Code.WRONG_COUNT, "argument_left_out", "A program leaves an argument out."),
    _program(Code.WRONG_TYPE, "argument_of_other_type", "A program gives text that is no number for a number."),
    _program(Code.NO_SUCH_MEMBER, "member_unknown", "A program calls a member that the interface does not have."),
)

REACHED: Final = {reach.code: reach for reach in _ALL}
"""The codes that are reached, and how."""

NOT_REACHED: Final = {
    Code.FILE_NAME_UNKNOWN: "no source says when the name of an open file cannot be read",
    Code.INTERNAL_ON_FILE: "no source says which error of QuickBooks with its file it stands for; a damaged file is not played",
    Code.SCRIPTS_REFUSED: "which program is an untrusted script host cannot be seen from here",
    Code.SHARED_BOOKS: "Shared Books files are not played",
    Code.PROCESSOR_MISSING: "only callers of QBFC see it (documented), and QBFC is not played",
    Code.NO_AGGREGATION: "only class factories of event receivers meet it; events are fetched here",
    Code.FAILED: "no source names a situation for it",
}
"""The codes that are not reached, and why."""
