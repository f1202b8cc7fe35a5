"""Facts of a world: of its parts, never what a connector says of itself. A step of a story checks them, a fault waits for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emulator.world.world import World

FACTS: "Final[dict[str, Callable[[World], object]]]" = {
    "platform.status": lambda world: world.platform.status,
    "held": lambda world: world.platform.counts()["held"],
    "posted": lambda world: world.platform.counts()["posted"],
    "refused": lambda world: world.platform.counts()["refused"],
    "mail.count": lambda world: len(world.mails()),
    "quickbooks.mode": lambda world: world.office.files[0].mode or "closed",
    "quickbooks.seats_free": lambda world: world.office.seats_free,
}
"""What can be looked at. A fault can also wait for what QuickBooks tells by itself (`desktop.faults.STATES`)."""

FACT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "platform.status": ("Connected", "Disconnected"),
    "quickbooks.mode": ("single", "multi", "closed"),
}
"""Facts that are words, and the words they can be; the others are numbers."""
