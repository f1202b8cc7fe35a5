"""What a verdict rests on: the switches of its world. A verdict that rests on a switch says so.

A switch stands at its default, or was set otherwise by the scenario or the platform's profile. Where QuickBooks itself is not known, the default
is what practitioners report or what we chose (standing `reported` or `choice`): a story that passes passes under these.
"""

from dataclasses import dataclass
from typing import Any, Final

from emulator.core.switches import Setting, SwitchSettings


@dataclass(frozen=True)
class Otherwise:
    """A switch that is not set to its default."""

    name: str
    setting: Setting
    default: Setting


@dataclass(frozen=True)
class Choices:
    """The switches a report tells of.

    Attributes:
        otherwise: those set otherwise than by default, by name.
        unknown: names of those about QuickBooks, of standing `reported` or `choice`, that stand at their defaults.
    """

    otherwise: tuple[Otherwise, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Return both in one sentence, with where to read on."""
        told = ", ".join(f"{each.name} = {each.setting}" for each in self.otherwise) or "none"
        count = len(self.unknown)
        return (
            f"switches set otherwise than by default: {told}; {count} choice{'' if count == 1 else 's'} where QuickBooks is unknown"
            f" stand{'s' if count == 1 else ''} at the default ({ADVICE})"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the switches as JSON values."""
        return {
            "otherwise": {each.name: {"setting": each.setting, "default": each.default} for each in self.otherwise},
            "unknown_at_default": list(self.unknown),
            "read_on": ADVICE,
        }


def choices_of(settings: SwitchSettings | None) -> Choices:
    """Return what a world's switches come to; of a story that was handed none, nothing."""
    if settings is None:
        return Choices()
    switches = sorted(settings.switches.values(), key=lambda switch: switch.name)
    otherwise = [
        Otherwise(each.name, settings[each.name], each.default) for each in switches if settings[each.name] != each.default
    ]
    unknown = [
        each.name
        for each in switches
        if each.standing in UNKNOWN and not each.name.startswith(OURS) and settings[each.name] == each.default
    ]
    return Choices(tuple(otherwise), tuple(unknown))


ADVICE: Final = "`fakebooks switches` explains them"

UNKNOWN: Final = ("reported", "choice")
"""Standings of a default that was neither read in a source, nor seen in recordings, nor concluded from either."""

OURS: Final = ("platform.", "connector.", "network.", "mailbox.", "people.")
"""Rooms whose switches are about the platform's page and about our own parts, not about QuickBooks."""
