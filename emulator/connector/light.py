"""The light in the tray: starting, connecting, green, red with the reason. It tells what the connector knows of its link to QuickBooks."""

from collections.abc import Callable
from typing import Final, Literal

Light = Literal["starting", "connecting", "green", "red"]

OFF: Final = "the connector is not running"


class Tray:
    """The light and its reason.

    Args:
        changed: called with light and reason whenever they change.
    """

    def __init__(self, changed: Callable[[Light, str], None]) -> None:
        self._changed = changed
        self.light: Light = "starting"
        self.reason = ""

    def show(self, light: Light, reason: str = "") -> None:
        """Show a light; green needs no reason, red never goes without."""
        assert light != "red" or reason, "a red light says why"
        if (light, reason) != (self.light, self.reason):
            self.light, self.reason = light, reason
            self._changed(light, reason)
