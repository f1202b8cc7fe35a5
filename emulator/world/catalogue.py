"""Everything there is to set and to break, by room: the tables of all switches and of all kinds of faults."""

from typing import Final

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.connector import SWITCHES as CONNECTOR_SWITCHES
from emulator.connector.faults import KINDS as CONNECTOR_KINDS
from emulator.core.switches import Switch
from emulator.desktop import KINDS as DESKTOP_KINDS
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.faults import Kind
from emulator.network import KINDS as NETWORK_KINDS
from emulator.platform import KINDS as PLATFORM_KINDS
from emulator.platform import SWITCHES as PLATFORM_SWITCHES
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

SWITCH_TABLES: Final[dict[str, tuple[Switch, ...]]] = {
    "qbxml": tuple(QBXML_SWITCHES),
    "company": tuple(COMPANY_SWITCHES),
    "desktop": tuple(DESKTOP_SWITCHES),
    "connector": tuple(CONNECTOR_SWITCHES),
    "platform": tuple(PLATFORM_SWITCHES),
}
"""Every switch there is, by room."""

FAULT_KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "quickbooks": tuple(DESKTOP_KINDS),
    "connector": tuple(CONNECTOR_KINDS),
    "network": tuple(NETWORK_KINDS),
    "platform": tuple(PLATFORM_KINDS),
}
"""Every kind of fault there is, by the part that does it."""

WHERE_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "quickbooks": ("machine", "application", "call", "request", "number", "party", "key", "total_cents"),
    "connector": ("document", "number", "party", "key"),
    "network": ("call", "number", "key", "probe"),
    "platform": ("document", "number", "party", "key", "episode"),
}
"""What a fault's `where` can ask for, by the part that does it: the facts of the calls that pass its points."""
