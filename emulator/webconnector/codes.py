"""The Web Connector's own error codes (QBWC1000 ...): what each means, and how well that is known.

Documented ones are those of appendix A of Intuit's programmer's guide 2.0 (1000 to 1046 and 1048; the guide has no 1047). Later ones are
told by practitioners. The wording is ours. Codes that this Web Connector never gives (`NEVER_GIVEN`) are in the table all the same, so that
a reader of a real log finds them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from emulator.core.switches import Standing


class Qbwc(IntEnum):
    """The codes that this Web Connector gives, by name (names ours)."""

    DOMAINS_DIFFER = 1000
    URL_IS_ADDRESS = 1001
    SUPPORT_IS_ADDRESS = 1002
    SUPPORT_STATUS = 1003
    SUPPORT_FAILED = 1004
    LOG_MISSING = 1005
    START_FAILED = 1006
    CONNECT_FAILED = 1007
    CONNECT_FAILED_TWICE = 1008
    NOT_HTTPS = 1010
    NOT_REGISTERED = 1011
    AUTHENTICATE = 1012
    NO_QUICKBOOKS = 1013
    FIRST_QUERIES = 1014
    END_FAILED = 1015
    LIST_NOT_UPDATED = 1017
    NOTHING_TO_SELECT = 1018
    PROCESSOR_VERSION = 1021
    SEARCH_CONNECT_FAILED = 1022
    SEARCH_CONNECT_FAILED_TWICE = 1023
    FILE_ID_SEARCH = 1025
    FILE_ID_IN_USE = 1026
    FILE_ID_WRITE = 1027
    PASSWORD_NOT_KEPT = 1028
    PASSWORD_NOT_READ = 1029
    NO_PASSWORD = 1030
    ENDED_WITH_ERROR = 1031
    SCHEDULED_NOT_REGISTERED = 1032
    LOG_NOT_WRITABLE = 1033
    AUTH_FLAGS = 1034
    LOCALHOST = 1035
    CLIENT_VERSION = 1036
    VERSION_REFUSED = 1037
    NOT_ADDED = 1039
    BAD_CREDENTIALS = 1040
    SEND_REQUEST = 1041
    RECEIVE_RESPONSE = 1042
    LAST_ERROR = 1043
    CLOSE_CONNECTION = 1044
    CONNECTION_ERROR = 1045
    VERSION_SYNTAX = 1046
    CERTIFICATE = 1048
    QB_TYPE = 1065
    READ_ONLY = 1080

    @property
    def label(self) -> str:
        """Return the code as logs have it: `QBWC1012`."""
        return f"QBWC{int(self)}"


@dataclass(frozen=True)
class Meaning:
    """A row of the table.

    Attributes:
        number: of the code.
        wording: our sentence.
        standing: how well number and meaning are known.
    """

    number: int
    wording: str
    standing: Standing


def _rows() -> Iterator[Meaning]:
    documented: dict[int, str] = {
        1000: "AppURL and AppSupport are of different domains.",
        1001: "AppURL names an IP address instead of a host.",
        1002: "AppSupport names an IP address instead of a host.",
        1003: "AppSupport was answered with something other than 200 or 202.",
        1004: "AppSupport could not be fetched.",
        1005: "The start failed: the log file is missing.",
        1006: "The start failed.",
        1007: "QuickBooks could not be reached; once more.",
        1008: "QuickBooks could not be reached the second time either.",
        1009: "QuickBooks could not be reached, and the user gave up.",
        1010: "AppURL is neither https nor on this machine.",
        1011: "The application is not registered.",
        1012: "Authentication failed.",
        1013: "QuickBooks could not be reached for the update; the application is told by connectionError.",
        1014: "The query of host, company and preferences failed.",
        1015: "EndSession or CloseConnection failed.",
        1016: "No application is selected.",
        1017: "The list of applications was not brought up to date.",
        1018: "There is no application to select.",
        1019: "There is no application to deselect.",
        1020: "Scheduled updates wait; leave all the same?",
        1021: "The version of the request processor could not be found out.",
        1022: "QuickBooks could not be reached to look for the FileID; once more.",
        1023: "QuickBooks could not be reached to look for the FileID, the second time.",
        1024: "QuickBooks could not be reached to look for the FileID, and the user gave up.",
        1025: "Looking for the FileID in the company file failed.",
        1026: "The FileID was not added: the company file has another one of this OwnerID.",
        1027: "Adding the FileID to the company file failed.",
        1028: "The password could not be encrypted.",
        1029: "The password could not be decrypted.",
        1030: "No password is stored for the application.",
        1031: "The update ended with an error.",
        1032: "The scheduled application is not registered.",
        1033: "The log file cannot be written.",
        1034: "AuthFlags could not be set.",
        1035: "localhost does not resolve.",
        1036: "clientVersion failed.",
        1037: "The application refuses this version of the Web Connector.",
        1038: "The master key was cancelled.",
        1039: "The application could not be added.",
        1040: "User name or password is bad.",
        1041: "sendRequestXML failed.",
        1042: "receiveResponseXML failed.",
        1043: "getLastError failed.",
        1044: "closeConnection failed.",
        1045: "connectionError failed.",
        1046: "clientVersion was answered in no known form.",
        1048: "The certificate of the application could not be verified.",
    }
    reported: dict[int, str] = {
        1065: "QBType is neither QBFS nor QBPOS.",
        1080: "An application that only reads cannot be added: its FileID must be written.",
        1085: "The log file cannot be used, or the last attempt of the application went wrong (sources disagree).",
    }
    yield from (Meaning(number, wording, "documented") for number, wording in documented.items())
    yield from (Meaning(number, wording, "reported") for number, wording in reported.items())


MEANINGS: Final[dict[int, Meaning]] = {row.number: row for row in _rows()}
"""Every code that is known."""


NEVER_GIVEN: Final[dict[int, str]] = {
    1009: "a person gives up in a window; here the second attempt always follows the first",
    1016: "an update is asked for with no box ticked; a command names its applications, or means all of them",
    1019: "the button that takes all ticks away; there are no boxes here",
    1020: "a question when the window is closed while updates are scheduled; `run` ends when it is told to",
    1024: "a person gives up in a window; here the second attempt always follows the first",
    1038: "a person closes the window of the master key; passwords are kept in a file of the user's own here",
    1085: "two sources, two meanings: the log, for which there is QBWC1033, or the last attempt, for which there are the codes of its calls",
}
"""Codes that this Web Connector never gives, and why."""


def sentence(code: Qbwc, detail: str = "") -> str:
    """Return a code with its sentence, and what was seen: `QBWC1012: Authentication failed. ...`."""
    return " ".join(filter(None, [f"{code.label}: {MEANINGS[code].wording}", detail]))
