"""What a step can look at and wait for: facts of the parts, never what a connector says of itself."""

from collections.abc import Callable
from typing import Final

from emulator.world import World

STATES: Final[dict[str, Callable[[World], bool]]] = {
    "queue_empty": lambda world: world.platform.idle() and not world.platform.counts()["held"],
    "disconnected": lambda world: world.platform.status == "Disconnected",
    "connected": lambda world: world.platform.status == "Connected",
}
"""What `until` can wait for."""

FACTS: Final[dict[str, Callable[[World], object]]] = {
    "platform.status": lambda world: world.platform.status,
    "held": lambda world: world.platform.counts()["held"],
    "posted": lambda world: world.platform.counts()["posted"],
    "refused": lambda world: world.platform.counts()["refused"],
    "mail.count": lambda world: len(world.mails()),
    "quickbooks.mode": lambda world: world.office.files[0].mode or "closed",
    "quickbooks.seats_free": lambda world: world.office.seats_free,
}
"""What a `check` step can look at: facts of the parts, never what a connector says of itself."""

FACT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "platform.status": ("Connected", "Disconnected"),
    "quickbooks.mode": ("single", "multi", "closed"),
}
"""Facts that are words, and the words they can be; the others are numbers."""
