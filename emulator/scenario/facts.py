"""States that a step can wait for."""

from collections.abc import Callable
from typing import Final

from emulator.world import World

STATES: Final[dict[str, Callable[[World], bool]]] = {
    "queue_empty": lambda world: world.platform.idle() and not world.platform.counts()["held"],
    "disconnected": lambda world: world.platform.status == "Disconnected",
    "connected": lambda world: world.platform.status == "Connected",
}
"""What `until` can wait for."""
