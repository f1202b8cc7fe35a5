"""platform: plays the platform side - documents, one queue, attempts, status, gate, notification mail, settings.

It talks to whatever connector answers at port 8891 and knows nothing of QuickBooks. What is one platform's own is a profile: data.
"""

from emulator.platform.drafts import Draft
from emulator.platform.faults import KINDS, PATHS
from emulator.platform.intake import Creation
from emulator.platform.mail import MailFailed, MailSender, MemorySender, SmtpSender
from emulator.platform.profile import Profile, load_profile
from emulator.platform.sending import Balance, Sent
from emulator.platform.side import PlatformSide
from emulator.platform.store import Store
from emulator.platform.switches import SWITCHES
from emulator.platform.traffic import Article, Traffic
from emulator.platform.transport import HttpTransport

__all__ = [
    "KINDS",
    "PATHS",
    "SWITCHES",
    "Article",
    "Balance",
    "Creation",
    "Draft",
    "HttpTransport",
    "MailFailed",
    "MailSender",
    "MemorySender",
    "PlatformSide",
    "Profile",
    "Sent",
    "SmtpSender",
    "Store",
    "Traffic",
    "load_profile",
]
