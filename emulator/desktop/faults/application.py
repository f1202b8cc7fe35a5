"""Lasting faults of QuickBooks the application and the file host: states that people cause, and that only people or time end."""

from collections.abc import Callable
from typing import Final

from emulator.desktop.faults.points import BEFORE_BEGIN, BEFORE_PROCESS, Effect
from emulator.desktop.office import Office
from emulator.faults import Kind, Strike


def _hosting_off(office: Office, _: Strike) -> Callable[[], None]:
    hosted, office.hosting = office.hosting, False
    office.changes.tell()

    def end() -> None:
        office.hosting = hosted
        office.changes.tell()

    return end


EFFECTS: Final[dict[str, Effect]] = {}
"""What each effect of this family does to a call: none, they last."""

BEGINS: Final[dict[str, Callable[[Office, Strike], Callable[[], None]]]] = {"hosting-off": _hosting_off}
"""What begins the state of each effect of this family."""

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "hosting-off",
        "QB55",
        (BEFORE_BEGIN, BEFORE_PROCESS),
        "hosting-off",
        "Multi-user hosting is off on the file host: nobody can open the company file in multi-user mode.",
        "report that QuickBooks cannot be opened, back off, hold",
        False,
        lasting=True,
        sets=("hosting",),
    ),
)
"""The kinds of fault of this family."""
