"""Result codes: what a call of the request processor fails with when the call as a whole fails (an HRESULT to a COM caller).

An answered request with an error is something else: a status code inside an answer (`emulator.qbxml.status`). Here are the failures that
leave the caller without any answer. Inside the project a failure is one exception, `SessionFailure`; each door turns it once into what its
callers see (an HRESULT, a com_error, an HTTP header).

A write that ended in a failure after it was sent has an unknown outcome: only the refusals of a whole document (`XML_NOT_VALID`,
`NO_ROLLBACK`) prove that nothing was done. `proves_nothing_done` says which.

The wording is ours, around the phrases clients are known to look for (`key_phrases`), and a user may replace it by sentences taken down
from their own QuickBooks (`wording.py`). Numbers and meanings: resources of the public request processor library
(documented), reports of practitioners (reported), plain COM (inferred).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from emulator.core.switches import Standing

Phase = Literal["any", "open", "begin", "process", "preferences", "subscription", "com"]
"""Where a code is met: any call, OpenConnection, BeginSession, ProcessRequest, AuthPreferences, subscriptions, the COM layer itself."""


class Code(StrEnum):
    """The codes by name (names ours, but for those in the log strings of the library). The value is the unsigned number in hexadecimal."""

    XML_NOT_VALID = "0x80040400"
    NO_ACCESS = "0x80040401"
    INTERNAL_ERROR = "0x80040402"
    COULD_NOT_OPEN_FILE = "0x80040403"
    NO_SDK = "0x80040404"
    QBXML_NOT_INSTALLED = "0x80040405"
    FILE_VERSION_UNKNOWN = "0x80040406"
    INSTALLATION_INCOMPLETE = "0x80040407"
    COULD_NOT_START = "0x80040408"
    VERSIONS_DIFFER = "0x80040409"
    OTHER_FILE_OPEN = "0x8004040A"
    FILE_NAME_UNKNOWN = "0x8004040B"
    NO_SESSION = "0x8004040C"
    WRONG_TICKET = "0x8004040D"
    NO_MEMORY = "0x8004040E"
    NO_CONNECTION = "0x8004040F"
    OTHER_MODE = "0x80040410"
    SESSION_ALREADY = "0x80040411"
    CONNECTION_ALREADY = "0x80040412"
    NO_ROLLBACK = "0x80040413"
    DIALOG_OPEN = "0x80040414"
    NO_APPLICATION_NAME = "0x80040415"
    NOT_RUNNING_NO_PATH = "0x80040416"
    NO_FILE_NO_PATH = "0x80040417"
    UNKNOWN_APPLICATION = "0x80040418"
    CERTIFICATE_INVALID = "0x80040419"
    NOT_PERMITTED = "0x8004041A"
    LOCK_FAILED = "0x8004041B"
    INTERNAL_ON_FILE = "0x8004041C"
    NO_AUTOMATIC_LOGIN = "0x8004041D"
    CERTIFICATE_EXPIRED = "0x8004041E"
    FLAVOUR = "0x8004041F"
    DENIED = "0x80040420"
    QUICKBOOKS_SAYS = "0x80040421"
    SHARED_WHILE_SINGLE = "0x80040422"
    VERSION_UNKNOWN = "0x80040423"
    STILL_STARTING = "0x80040424"
    INVALID_PARAMETER = "0x80040425"
    SCRIPTS_REFUSED = "0x80040426"
    NOT_REGISTERED = "0x80040427"
    VERSION_ABOVE_LIBRARY = "0x80040428"
    WRONG_CALL = "0x80040429"
    NOT_FROM_REMOTE = "0x8004042A"
    UNAVAILABLE = "0x8004042B"
    CERTIFICATE_REVOKED = "0x8004042C"
    LAUNCH_GIVEN_UP = "0x8004042D"
    NOT_INSIDE_SESSION = "0x8004042E"
    NO_SUCH_CONNECTION_TYPE = "0x8004042F"
    AUTOMATIC_LOGIN_BROKEN = "0x80040430"
    NOT_SIMPLE_START = "0x80040431"
    NOT_PRO = "0x80040432"
    NOT_PREMIER = "0x80040433"
    NOT_ENTERPRISE = "0x80040434"
    AUTHORISE_AGAIN = "0x80040435"
    SIMPLE_START_MULTI = "0x80040436"
    USER_ELSEWHERE = "0x80040437"
    MANY_INSTANCES = "0x80040438"
    SHARED_BOOKS = "0x80040439"
    NO_COMPLEX_PASSWORD = "0x80040440"  # noqa: S105 - a result code
    PROCESSOR_MISSING = "0x80040308"
    CLASS_NOT_REGISTERED = "0x80040154"
    COM_NOT_INITIALISED = "0x800401F0"
    MODULE_NOT_FOUND = "0x8007007E"
    SERVER_FAULT = "0x80010105"
    CALL_REJECTED = "0x80010001"
    SERVER_BUSY = "0x8001010A"
    NO_AGGREGATION = "0x80040110"
    RPC_UNAVAILABLE = "0x800706BA"
    RPC_FAILED = "0x800706BE"
    DISCONNECTED = "0x80010108"
    WRONG_THREAD = "0x8001010E"
    SERVER_NOT_STARTED = "0x80080005"
    NO_RUNNING_OBJECT = "0x800401E3"
    WRONG_CLASS_NAME = "0x800401F3"
    ACCESS_DENIED = "0x80070005"
    FAILED = "0x80004005"
    NO_INTERFACE = "0x80004002"
    EXCEPTION = "0x80020009"
    WRONG_COUNT = "0x8002000E"
    WRONG_TYPE = "0x80020005"
    NO_SUCH_MEMBER = "0x80020006"


@dataclass(frozen=True)
class Result:
    """A row of the table.

    Attributes:
        code: the number.
        phase: where it is met.
        wording: our sentence, with every key phrase in it.
        key_phrases: what clients look for in the text.
        standing: how well number and meaning are known.
        source: where they come from.
    """

    code: str
    phase: Phase
    wording: str
    key_phrases: tuple[str, ...]
    standing: Standing
    source: str

    @property
    def symbol(self) -> str:
        """Return our name of the code, or the code where we have none."""
        return Code(self.code).name if self.code in RESULTS else self.code

    @property
    def signed(self) -> int:
        """Return the number as COM callers in Python see it (32 bits, signed)."""
        return signed(self.code)


class SessionFailure(Exception):  # noqa: N818 - it is named for what happened to the session
    """A call of the request processor failed as a whole.

    Args:
        code: one of `Code`, or any `0x........` (newer libraries have codes that no source lists).
        detail: what QuickBooks knows beyond the sentence of the code (who holds the file, which path); for `QUICKBOOKS_SAYS` the
            whole text. It stands in the journal and, for codes with room for it, in the description.
        diagnosis: for people and the journal only: what was wrong in a document, element by element. No caller sees it.
        faults: names of the faults that struck the call, or brought about what it met.

    Attributes:
        sentence: what this QuickBooks says in place of our sentence for the code; empty: it says ours.
    """

    def __init__(self, code: str, detail: str = "", diagnosis: str = "", faults: tuple[str, ...] = ()) -> None:
        code = f"0x{code[2:].upper()}"
        self.code = Code(code) if code in RESULTS else code
        self.detail = detail
        self.diagnosis = diagnosis
        self.faults = tuple(dict.fromkeys(faults))
        self.sentence = ""
        super().__init__(f"{self.result.symbol} {self.code}: {detail or self.result.wording}")

    def blame(self, *faults: str) -> None:
        """Name faults that touched the call, beside those that are named already."""
        self.faults = tuple(dict.fromkeys((*self.faults, *faults)))

    @property
    def result(self) -> Result:
        """Return the row of the code."""
        return RESULTS.get(self.code) or Result(
            self.code, "any", "The request processor failed.", (), "choice", "not in any source"
        )

    @property
    def signed(self) -> int:
        """Return the code as a signed number of 32 bits."""
        return signed(self.code)

    def description(self) -> str:
        """Return what a caller reads."""
        if self.code == Code.QUICKBOOKS_SAYS and self.detail:
            return self.detail
        return self.sentence or self.result.wording


def signed(code: str) -> int:
    """Return `0x80040408` as -2147220472: the same 32 bits, read with a sign."""
    number = int(code, 16)
    return number - (1 << 32) if number >= 1 << 31 else number


def proves_nothing_done(code: str) -> bool:
    """Return whether a ProcessRequest that failed with this code has certainly written nothing (the document was refused as a whole)."""
    return code in REFUSED_WHOLE


LIBRARY: Final = "string resources of the public request processor library 13.0"
SYSTEM: Final = "plain COM; no sample from a QuickBooks caller"
CALLERS: Final = "public programs that call QuickBooks"


def _rows() -> tuple[Result, ...]:
    def documented(code: Code, phase: Phase, wording: str, *key_phrases: str) -> Result:
        return Result(code, phase, wording, key_phrases, "documented", LIBRARY)

    def reported(code: Code, wording: str) -> Result:
        return Result(code, "com", wording, (), "reported", CALLERS)

    def inferred(code: Code, wording: str) -> Result:
        return Result(code, "com", wording, (), "inferred", SYSTEM)

    return (
        documented(
            Code.XML_NOT_VALID,
            "process",
            "QuickBooks met an error when parsing the provided XML text stream.",
            "when parsing the provided XML text stream",
        ),
        documented(Code.NO_ACCESS, "begin", "Could not access QuickBooks from this program.", "Could not access QuickBooks"),
        documented(
            Code.INTERNAL_ERROR,
            "any",
            "Unexpected error inside QuickBooks; the file qbsdklog.txt may tell more.",
            "Unexpected error",
            "qbsdklog.txt",
        ),
        documented(
            Code.COULD_NOT_OPEN_FILE,
            "begin",
            "Could not open the specified file with company data.",
            "Could not open the specified",
        ),
        documented(Code.NO_SDK, "begin", "The QuickBooks that is running takes no qbXML."),
        documented(Code.QBXML_NOT_INSTALLED, "begin", "The qbXML parts of QuickBooks are not there."),
        documented(
            Code.FILE_VERSION_UNKNOWN, "begin", "The file's version cannot be told, or a newer QuickBooks has changed the file."
        ),
        documented(Code.INSTALLATION_INCOMPLETE, "begin", "QuickBooks is not installed completely; install it again."),
        documented(Code.COULD_NOT_START, "begin", "Could not start QuickBooks here.", "Could not start QuickBooks"),
        documented(
            Code.VERSIONS_DIFFER,
            "begin",
            "This version of QuickBooks cannot work with the specified company data file.",
            "cannot work with the specified company data file",
        ),
        documented(
            Code.OTHER_FILE_OPEN,
            "any",
            "A company file is already open and it is different from the one asked for, or more than one is open.",
            "already open and it is different",
        ),
        documented(Code.FILE_NAME_UNKNOWN, "begin", "The name of the company file that is open cannot be read."),
        documented(
            Code.NO_SESSION,
            "any",
            "There is no session: BeginSession has not been called or it did not succeed.",
            "has not been called or it did not succeed",
        ),
        documented(Code.WRONG_TICKET, "any", "The ticket parameter is invalid.", "ticket parameter is invalid"),
        documented(Code.NO_MEMORY, "process", "Too little memory is free to finish the request."),
        documented(
            Code.NO_CONNECTION,
            "begin",
            'There is no connection: the "OpenConnection" method has not been called.',
            '"OpenConnection" method has not been called',
        ),
        documented(
            Code.OTHER_MODE,
            "begin",
            "The company file is open in a mode other than the application asked for.",
            "open in a mode other than",
        ),
        documented(Code.SESSION_ALREADY, "begin", "A session is open: EndSession comes before the next BeginSession."),
        documented(
            Code.CONNECTION_ALREADY, "open", "A connection is open: CloseConnection comes before the next OpenConnection."
        ),
        documented(Code.NO_ROLLBACK, "process", 'onError may not be "rollbackOnError" here.', "rollbackOnError"),
        documented(
            Code.DIALOG_OPEN,
            "any",
            "A modal dialog box is showing in QuickBooks; nothing can be done before somebody closes it.",
            "modal dialog box is showing",
        ),
        documented(Code.NO_APPLICATION_NAME, "open", "OpenConnection needs the name of the application."),
        documented(
            Code.NOT_RUNNING_NO_PATH,
            "begin",
            "QuickBooks is not running, so BeginSession needs the name of a company file.",
            "QuickBooks is not running",
        ),
        documented(Code.NO_FILE_NO_PATH, "begin", "No company file is open, so BeginSession needs the name of one."),
        documented(
            Code.UNKNOWN_APPLICATION,
            "begin",
            "This application has not accessed this QuickBooks company data file before; the Admin must be logged in to grant it access.",
            "has not accessed this QuickBooks company data file before",
        ),
        documented(Code.CERTIFICATE_INVALID, "begin", "The application's certificate is not valid."),
        documented(
            Code.NOT_PERMITTED,
            "any",
            "This application does not have permission to access this company file; the preferences for integrated applications say so.",
            "does not have permission to access this",
        ),
        documented(
            Code.LOCK_FAILED, "begin", "Unable to lock the data about applications just now; try again later.", "Unable to lock"
        ),
        documented(Code.INTERNAL_ON_FILE, "begin", "QuickBooks had an error of its own with the company file."),
        documented(
            Code.NO_AUTOMATIC_LOGIN,
            "begin",
            "This application is not allowed to log into this company file by itself; the Admin can allow it.",
            "not allowed to log into this",
        ),
        documented(
            Code.CERTIFICATE_EXPIRED,
            "begin",
            "The application's certificate is expired; somebody must log in and allow it again.",
            "certificate is expired",
        ),
        documented(Code.FLAVOUR, "begin", "This flavour of QuickBooks takes no XML requests."),
        documented(Code.DENIED, "begin", "The QuickBooks user has denied access.", "has denied access"),
        documented(Code.QUICKBOOKS_SAYS, "any", "QuickBooks refused with a message of its own."),
        documented(
            Code.SHARED_WHILE_SINGLE,
            "begin",
            "The file is in single-user mode and there is another application sharing data with QuickBooks.",
            "another application sharing data",
        ),
        documented(
            Code.VERSION_UNKNOWN,
            "process",
            "The version of QBXML that was requested is unknown or not supported.",
            "version of QBXML that was requested",
        ),
        documented(
            Code.STILL_STARTING,
            "begin",
            "QuickBooks did not finish its initialization; try again later.",
            "did not finish its initialization",
        ),
        documented(Code.INVALID_PARAMETER, "any", "A parameter is not valid."),
        documented(Code.SCRIPTS_REFUSED, "open", "Scripts may not call this."),
        documented(Code.NOT_REGISTERED, "begin", "QuickBooks has to be registered first."),
        documented(
            Code.VERSION_ABOVE_LIBRARY, "process", "This request processor is older than the qbXML version of the request."
        ),
        documented(Code.WRONG_CALL, "any", "This message set belongs to another call."),
        documented(Code.NOT_FROM_REMOTE, "any", "This call may not come from another system."),
        documented(Code.UNAVAILABLE, "any", "This call is unavailable in this version."),
        documented(Code.CERTIFICATE_REVOKED, "begin", "The application's certificate was revoked by its authority."),
        documented(
            Code.LAUNCH_GIVEN_UP,
            "begin",
            "QuickBooks was started with its window, the file was not opened in time, and we decided to give up.",
            "we decided to give up",
        ),
        documented(Code.NOT_INSIDE_SESSION, "preferences", "This call cannot be made between BeginSession and EndSession."),
        documented(Code.NO_SUCH_CONNECTION_TYPE, "open", "The requested type of connection could not be found."),
        documented(
            Code.AUTOMATIC_LOGIN_BROKEN,
            "begin",
            "The application is unable to log into this company file by itself; its grant has to be renewed.",
            "unable to log into this",
        ),
        documented(Code.NOT_SIMPLE_START, "begin", "The application does not support Simple Start."),
        documented(Code.NOT_PRO, "begin", "The application does not support QuickBooks Pro."),
        documented(Code.NOT_PREMIER, "begin", "The application does not support QuickBooks Premier."),
        documented(Code.NOT_ENTERPRISE, "begin", "The application does not support QuickBooks Enterprise."),
        documented(
            Code.AUTHORISE_AGAIN,
            "begin",
            "Something has changed, and the Admin must re-authorize the application.",
            "re-authorize",
        ),
        documented(Code.SIMPLE_START_MULTI, "begin", "Multi-user mode was asked for, which Simple Start does not have."),
        documented(
            Code.USER_ELSEWHERE,
            "begin",
            "The user is already logged in from another machine.",
            "already logged in from another machine",
        ),
        documented(
            Code.MANY_INSTANCES, "begin", "Not possible while multiple instances of QuickBooks are running.", "multiple instances"
        ),
        documented(Code.SHARED_BOOKS, "begin", "Not possible while a Shared Books file is read-only."),
        documented(
            Code.NO_COMPLEX_PASSWORD,
            "process",
            "Sensitive data is kept back, because no complex password protects the file.",
            "complex password",
        ),
        reported(Code.PROCESSOR_MISSING, "The qbXML request processor is not installed."),
        reported(Code.CLASS_NOT_REGISTERED, "Class not registered"),
        reported(Code.COM_NOT_INITIALISED, "CoInitialize has not been called."),
        reported(Code.MODULE_NOT_FOUND, "The specified module could not be found."),
        reported(Code.SERVER_FAULT, "The server threw an exception."),
        reported(Code.CALL_REJECTED, "Call was rejected by callee."),
        reported(Code.SERVER_BUSY, "The message filter indicated that the application is busy."),
        reported(Code.NO_AGGREGATION, "Class does not support aggregation"),
        inferred(Code.RPC_UNAVAILABLE, "The RPC server is unavailable."),
        inferred(Code.RPC_FAILED, "The remote procedure call failed."),
        inferred(Code.DISCONNECTED, "The object invoked has disconnected from its clients."),
        inferred(Code.WRONG_THREAD, "The application called an interface that was marshalled for a different thread."),
        inferred(Code.SERVER_NOT_STARTED, "Server execution failed"),
        inferred(Code.NO_RUNNING_OBJECT, "Operation unavailable"),
        inferred(Code.WRONG_CLASS_NAME, "Invalid class string"),
        inferred(Code.ACCESS_DENIED, "Access is denied."),
        inferred(Code.FAILED, "Unspecified error"),
        inferred(Code.NO_INTERFACE, "No such interface supported"),
        inferred(Code.EXCEPTION, "Exception occurred."),
        inferred(Code.WRONG_COUNT, "Invalid number of parameters."),
        inferred(Code.WRONG_TYPE, "Type mismatch."),
        inferred(Code.NO_SUCH_MEMBER, "Unknown name."),
    )


RESULTS: Final[dict[str, Result]] = {row.code: row for row in _rows()}
"""All codes. 0x80040400 to 0x80040439 are complete for library 13.0; newer libraries may have more above 0x80040440 (unknown)."""

REFUSED_WHOLE: Final = frozenset({Code.XML_NOT_VALID, Code.NO_ROLLBACK})
"""Codes of a ProcessRequest that prove that nothing was done: the document was not valid, or asked for rollbackOnError (documented). After
every other code the outcome of a write is unknown, also after an invalid ticket or a lost session: an answer may be lost with any code."""
