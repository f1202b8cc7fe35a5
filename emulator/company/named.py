"""Companies by name: a shipped description, or a file of one's own, as commands, scenarios and tests name them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from emulator.company.company import Company
from emulator.company.description import CompanyDescription, load_description
from emulator.company.fixtures import path_of
from emulator.core.switches import SwitchSettings


def described(name: str) -> CompanyDescription:
    """Read the description that a shipped name, or a path ending in .yaml, means. Raises UserMistake."""
    return load_description(Path(name) if name.endswith((".yaml", ".yml")) else path_of(name))


def load_company(name: str, clock_now: Callable[[], datetime], switches: SwitchSettings, path: Path | None = None) -> Company:
    """Make a company from what `name` means, in memory or as a file at `path`. Raises UserMistake."""
    return Company.create(path, described(name), clock_now, switches)
