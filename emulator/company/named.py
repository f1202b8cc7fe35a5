"""Companies by name: a shipped description, a description of one's own, or a company file, as commands, scenarios and tests name them.

A company file that is named so is looked at, never worked in: what is opened is a copy (decision 0012).
"""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.company.company import Company, settings_of
from emulator.company.fixtures import names, path_of
from emulator.company.made import rows_of
from emulator.company.store import Store
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting, SwitchSettings

if TYPE_CHECKING:
    from emulator.company.description import CompanyDescription


def described(name: str) -> "CompanyDescription":
    """Read the description that a shipped name, or a path ending in .yaml, means. Raises UserMistake."""
    if is_company_file(name):
        raise UserMistake(f"{name} is a company file", expected="a shipped company, or a .yaml description")
    return _described(Path(name)) if name.endswith(_DESCRIPTIONS) else _shipped(name)


@lru_cache
def _shipped(name: str) -> "CompanyDescription":
    """Read a shipped description; it is the same whenever it is read."""
    return _described(path_of(name))


def _described(path: Path) -> "CompanyDescription":
    # Loaded when a description is read: a sample that is shipped made needs no models of descriptions, and no YAML.
    from emulator.company.description import load_description

    return load_description(path)


def is_company_file(name: str) -> bool:
    """Return whether a company file is meant: by the ending of the name, or because there is such a file, and neither a description."""
    if name.endswith(_DESCRIPTIONS) or name in names():
        return False
    return name.lower().endswith(_COMPANY_FILES) or Path(name).is_file()


_DESCRIPTIONS: Final = (".yaml", ".yml")
_COMPANY_FILES: Final = (".fbk", ".qbw")


def load_company(
    name: str, clock_now: Callable[[], datetime], switches: SwitchSettings | None = None, path: Path | None = None
) -> Company:
    """Make a company from what `name` means, in memory or as a file at `path`. Raises UserMistake."""
    if is_company_file(name):
        return copied_company(Path(name), clock_now, switches, path)
    settings, now = settings_of(switches), clock_now()
    if path is not None or name.endswith(_DESCRIPTIONS):
        return Company.filled(path, _writes(name, settings, now), clock_now, switches)
    made = _made(name, tuple(sorted(settings.items())), _moment_of(name, settings, now))
    return Company(Store.copied(made), clock_now, settings)


@lru_cache(maxsize=16)
def _made(name: str, settings: tuple[tuple[str, Setting], ...], moment: datetime) -> Store:
    """Make a shipped company, in memory, for others to be copied from: to make one takes up to fifty times as long as to copy it."""
    return Store.create(None, _writes(name, dict(settings), moment))


def _writes(name: str, settings: Mapping[str, Setting], now: datetime) -> Callable[[Store], None]:
    """Return what writes a company into a new store: the rows it is shipped as, or else what its description comes to."""
    if (rows := rows_of(name, settings, now)) is not None:
        return rows.write
    from emulator.company.fill import fill

    description = described(name)
    return lambda new: fill(new, description, settings, now)


def _moment_of(name: str, settings: Mapping[str, Setting], now: datetime) -> datetime:
    """Return a moment at which a shipped company comes to the same as now; one and the same wherever that can be told."""
    if (rows := rows_of(name, settings, now)) is not None:
        return rows.started
    from emulator.company.fill import moment_of

    return moment_of(described(name), now)


def copied_company(
    of: Path, clock_now: Callable[[], datetime], switches: SwitchSettings | None = None, path: Path | None = None
) -> Company:
    """Return a copy of a company file, open, in memory or as a file at `path`; the file is closed again as it was.

    A file of an older format is brought to the present one, as by every opening.

    Raises:
        UserMistake: it cannot be opened (see `Company.open`), or is damaged.
    """
    original = Company.open(of, clock_now, switches)
    try:
        return original.fork(path)
    except sqlite3.DatabaseError as error:
        raise UserMistake(f"{of} is damaged ({error})", "company file", "a whole file", "restore it from a copy") from None
    finally:
        original.close()
