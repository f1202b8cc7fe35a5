"""desktop: QuickBooks the application. Who has a company file open where, in which mode; sessions of programs; result codes.

    people's acts --> QuickBooks (one per machine) --> Office (company files, users, seats)
    programs -------> RequestProcessor --> QuickBooks --> company.begin_set
    events   <------- Subscriptions (of one QuickBooks), fetched by whoever subscribed

Nothing here waits, speaks COM or HTTP, or reads the time: calls are generator operations, and a `Driver` runs them.
"""

from emulator.desktop.authorisation import Application, Authorisations
from emulator.desktop.certificates import Certificate
from emulator.desktop.driver import Driver
from emulator.desktop.events import tell_written
from emulator.desktop.faults import KINDS, PATHS, POINTS, own_faults
from emulator.desktop.host import FileHost, Tool
from emulator.desktop.installation import Installation
from emulator.desktop.latency import Pace
from emulator.desktop.office import CompanyFile, Mode, Office, Opening
from emulator.desktop.operations import Changes, Delay, Line, Operation, WaitFor
from emulator.desktop.preferences import Preferences
from emulator.desktop.processes import Dialog
from emulator.desktop.program_files import ProgramFiles
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.reach import NOT_REACHED, REACHED
from emulator.desktop.refusals import Refused
from emulator.desktop.request_processor import RequestProcessor
from emulator.desktop.results import RESULTS, Code, SessionFailure, proves_nothing_done
from emulator.desktop.session_table import TABLE, Call, Stage
from emulator.desktop.subscriptions import EVENTS_MAX, SUBSCRIPTIONS_MAX, EventDocument, Subscription, Subscriptions
from emulator.desktop.switches import SWITCHES
from emulator.desktop.under_way import CallUnderWay
from emulator.desktop.users import User, Users
from emulator.desktop.wording import AS_OURS, Wording

__all__ = [
    "AS_OURS",
    "EVENTS_MAX",
    "KINDS",
    "NOT_REACHED",
    "PATHS",
    "POINTS",
    "REACHED",
    "RESULTS",
    "SUBSCRIPTIONS_MAX",
    "SWITCHES",
    "TABLE",
    "Application",
    "Authorisations",
    "Call",
    "CallUnderWay",
    "Certificate",
    "Changes",
    "Code",
    "CompanyFile",
    "Delay",
    "Dialog",
    "Driver",
    "EventDocument",
    "FileHost",
    "Installation",
    "Line",
    "Mode",
    "Office",
    "Opening",
    "Operation",
    "Pace",
    "Preferences",
    "ProgramFiles",
    "QuickBooks",
    "Refused",
    "RequestProcessor",
    "SessionFailure",
    "Stage",
    "Subscription",
    "Subscriptions",
    "Tool",
    "User",
    "Users",
    "WaitFor",
    "Wording",
    "own_faults",
    "proves_nothing_done",
    "tell_written",
]
