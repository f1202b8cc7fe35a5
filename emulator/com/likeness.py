"""Likeness: in what one QuickBooks differs from FakeBooks, as a file that makes FakeBooks like it. `fakebooks parity FILE --out` writes it.

likeness: 1
of: QuickBooks Enterprise 2024, library 16.0
switches: {qbxml.bad-enum-value: "3110"}
wording:
  results: {"0x80040408": "Could not start QuickBooks."}
latency:
  CustomerQueryRq: {seconds: 0.21, spread: 0.4}
complete: true
"""

from pathlib import Path
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.core.errors import UserMistake
from emulator.core.files import MistakeAt, load_yaml
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import AS_OURS, Pace, Wording, check_paces
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

TABLES: Final = (QBXML_SWITCHES, COMPANY_SWITCHES, DESKTOP_SWITCHES)
"""The switches that a request processor may show."""

VERSION: Final = 1


class Likeness(BaseModel):
    """What a file says.

    Attributes:
        likeness: version of the form.
        of: which QuickBooks it is like, for people.
        switches: what is set otherwise than by default.
        wording: what is said otherwise.
        latency: how long calls take, by request, `BeginSession` or `other`.
        complete: stands at the end, so that half a file is known for one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    UNKNOWN_FIELD: ClassVar[str] = "`fakebooks parity FILE --out likeness.yaml` makes such a file of a parity file"

    likeness: int = 0
    of: str = ""
    switches: dict[str, Setting] = Field(default_factory=dict)
    wording: Wording = AS_OURS
    latency: dict[str, Pace] = Field(default_factory=dict)
    complete: bool = False

    def settings(self) -> SwitchSettings:
        """Return the switches in force of a QuickBooks that is like this one."""
        return SwitchSettings(TABLES, self.switches)


AS_OURSELVES: Final = Likeness(likeness=VERSION, complete=True)
"""A QuickBooks that is as FakeBooks is."""


def load_likeness(path: Path) -> Likeness:
    """Read such a file. Raises UserMistake: what is wrong, with file, line and column; half a file and one of another kind are said to be."""
    return load_yaml(path, Likeness, _check)


def check_manner(wording: Wording, latency: dict[str, Pace]) -> None:
    """Refuse codes, fields and requests that there are not. Raises MistakeAt, with the place from the top of the file."""
    for name, check in (("wording", wording.check), ("latency", lambda: check_paces(latency))):
        try:
            check()
        except MistakeAt as wrong:
            raise MistakeAt((name, *wrong.place), wrong.mistake) from None


def _check(found: Likeness) -> None:
    if found.likeness != VERSION:
        given = f"it is a likeness of version {found.likeness}" if found.likeness else "it is no likeness of a QuickBooks"
        raise MistakeAt(
            ("likeness",), UserMistake(given, expected=f"`likeness: {VERSION}` at its top", advice=Likeness.UNKNOWN_FIELD)
        )
    if not found.complete:
        told = UserMistake(
            "it is half a file", expected="`complete: true` at its end", advice="write it, or copy it, again, whole"
        )
        raise MistakeAt((), told)
    for name, setting in found.switches.items():
        try:
            SwitchSettings(TABLES, {name: setting})
        except UserMistake as wrong:
            raise MistakeAt(("switches", name), wrong) from None
    check_manner(found.wording, found.latency)
