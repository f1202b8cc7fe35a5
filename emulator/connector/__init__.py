"""connector: our reference connector, correct: HTTP on port 8891 towards the platform side, one QuickBooks worker, an intent log.

It runs on Windows against the real QuickBooks too: its real link speaks the names of pywin32 and nothing else. Deliberately wrong variants
(`flaws.py`) prove that checks bite.

    call -> service (bounded places) -> writer (intent log, question before resend) -> session (connect, back off) -> link -> QuickBooks
"""

from emulator.connector.faults import KINDS
from emulator.connector.intents import IntentLog
from emulator.connector.link import ComLink, LinkFailed, MemoryLink, QuickBooksLink
from emulator.connector.service import Service
from emulator.connector.switches import SWITCHES

__all__ = ["KINDS", "SWITCHES", "ComLink", "IntentLog", "LinkFailed", "MemoryLink", "QuickBooksLink", "Service"]
