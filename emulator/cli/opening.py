"""What the commands about company files have in common: how they open one, and how they count what is in it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from emulator.company import Company
from emulator.core.errors import UserMistake

CompanyFile = Annotated[Path, typer.Argument(help="The company file.", metavar="FILE")]


def now() -> datetime:
    """Return the time of this machine, in its zone."""
    return datetime.now().astimezone()


@contextmanager
def opened(path: Path) -> Iterator[Company]:
    """Open a company file for one command; what is wrong with it is told as a mistake."""
    found: Company | None = None
    try:
        found = Company.open(path, now)
        yield found
    except sqlite3.OperationalError as error:
        raise UserMistake(f"{path} cannot be read or written ({error})", "company file", "", "nothing was changed") from None
    except sqlite3.DatabaseError as error:
        raise UserMistake(f"{path} is damaged ({error})", "company file", "a whole file", "restore it from a copy") from None
    finally:
        if found is not None:
            found.close()


def counts(found: Mapping[str, int]) -> str:
    """Return `3 Customer, 1 Invoice`."""
    return ", ".join(f"{count} {name}" for name, count in found.items()) or "none"
