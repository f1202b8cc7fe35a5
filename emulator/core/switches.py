"""Switches: every choice made where QuickBooks (or the platform's page) is unknown, with its default, its standing and its source.

A room lists its switches in a table `SWITCHES` in its own `switches.py`; nothing is chosen silently. `fakebooks switches` and
docs/SWITCHES.md print all tables. A world is given a `SwitchSettings`, made from the tables and the settings of its scenario.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.core.errors import UserMistake, nearest

Standing = Literal["documented", "observed", "reported", "inferred", "choice"]
"""How well a fact is known: read in a source, seen in recordings, told by practitioners, concluded by us, or ours until measured."""

Setting = bool | int | str


@dataclass(frozen=True)
class Switch:
    """One choice.

    Attributes:
        name: `room.words-with-hyphens`, as it stands in scenario files and on the command line.
        default: what is done unless somebody says otherwise.
        choices: the settings allowed; empty means any value of the default's type.
        standing: how well the default is known to be what the real one does.
        source: where the default comes from, in a few words.
        about: what the switch decides, one sentence.
        least: the least value of a switch that takes any whole number; the others have no use for it.
    """

    name: str
    default: Setting
    choices: tuple[Setting, ...]
    standing: Standing
    source: str
    about: str
    least: int = 0

    @property
    def expected(self) -> str:
        """Return in a few words what may be set."""
        if self.choices:
            return ", ".join(map(repr, self.choices))
        return f"a whole number of at least {self.least}" if type(self.default) is int else "text"

    def allows(self, setting: Setting) -> bool:
        """Return whether this may be set."""
        if self.choices:
            return setting in self.choices
        # A flag is a number to Python, and none to people.
        return type(setting) is type(self.default) and not (type(setting) is int and setting < self.least)

    def meant(self, setting: Setting) -> Setting:
        """Return what somebody means by a setting: YAML reads 3110 and 0x80040400 as numbers where they are words of this switch."""
        words = [str(setting), f"0x{setting:08X}"] if type(setting) is int else []
        return next((word for word in words if word in self.choices), setting)


class SwitchSettings:
    """The settings in force in one world: the defaults of the tables, and what the world's file overrides.

    Args:
        tables: the `SWITCHES` tables of the rooms in use.
        overrides: switch name to setting; an unknown name or a setting outside the choices is a `UserMistake`.
        where: the file the overrides come from, for the message.
    """

    def __init__(
        self, tables: Iterable[Iterable[Switch]], overrides: Mapping[str, Setting] | None = None, where: str = ""
    ) -> None:
        self.switches: dict[str, Switch] = {switch.name: switch for table in tables for switch in table}
        self._settings: dict[str, Setting] = {name: switch.default for name, switch in self.switches.items()}
        self.overridden: tuple[str, ...] = tuple(sorted(overrides or ()))
        for name, setting in (overrides or {}).items():
            self._settings[name] = self._checked(name, setting, where)

    def _checked(self, name: str, setting: Setting, where: str) -> Setting:
        switch = self.switches.get(name)
        if switch is None:
            near = nearest(name, self.switches)
            raise UserMistake(
                f"there is no switch {name!r}",
                where=where,
                expected=f"{near!r}" if near else "",
                advice="`fakebooks switches` lists them all",
            )
        meant = switch.meant(setting)
        if not switch.allows(meant):
            raise UserMistake(f"switch {name!r} is set to {setting!r}", where=where, expected=switch.expected)
        return meant

    def __getitem__(self, name: str) -> Setting:
        """Return the setting in force. Asking for a switch no table has is our bug: KeyError."""
        return self._settings[name]

    def text(self, name: str) -> str:
        """Return a setting that is text."""
        return str(self._settings[name])

    def flag(self, name: str) -> bool:
        """Return a setting that is on or off."""
        return bool(self._settings[name])

    def number(self, name: str) -> int:
        """Return a setting that is a whole number."""
        setting = self._settings[name]
        assert isinstance(setting, int), name
        return setting
