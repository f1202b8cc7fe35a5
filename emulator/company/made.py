"""Sample companies that are shipped made: what a shipped description comes to, row by row, beside it in `fixtures/made/`.

To make the sample company from its description takes a quarter of a second (reading YAML, drawing names, 180 Adds); to insert the rows
takes some milliseconds. Every QuickBooks that is started for a test would pay the difference.

The rows stand for the description only while nothing that goes into them is otherwise: the description and the format of company files are
those they were made from, every switch is at its default, and the story begins after the company did. Else the company is made anew, and
comes to the same. `scripts/make_samples.py` writes the files; a test holds them to what the description comes to.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from emulator.company.fixtures import FOLDER
from emulator.company.migrations import FORMAT
from emulator.company.store import Store
from emulator.company.switches import SWITCHES
from emulator.core.switches import Setting

SAMPLES: Final = ("wholesale_small",)
"""The shipped descriptions that are shipped made: what everything starts from when nobody names a company."""


@dataclass(frozen=True)
class Rows:
    """What a sample comes to.

    Attributes:
        started: when the company began, aware.
        write: writes the rows into a new company file; called inside `atomic`.
    """

    started: datetime
    write: Callable[[Store], None]


def path_of_rows(name: str) -> Path:
    """Return the file with the rows of a sample."""
    return FOLDER / "made" / f"{name}.json"


def rows_of(name: str, settings: Mapping[str, Setting], now: datetime) -> Rows | None:
    """Return the rows of a sample; None when it has to be made from its description.

    Args:
        name: as the user named the company.
        settings: the switches of this room that are in force.
        now: the present moment of the story, aware.
    """
    if name not in SAMPLES or any(settings[switch.name] != switch.default for switch in SWITCHES):
        return None
    made = _made(name)
    if made is None or now < (started := datetime.fromisoformat(made["started"])):
        return None

    def write(store: Store) -> None:
        for table, rows in made["rows"].items():
            [columns, *values] = rows
            marks = ", ".join("?" * len(columns))
            store.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)

    return Rows(started, write)


@lru_cache
def _made(name: str) -> Mapping[str, Any] | None:
    """Read the rows of a sample, which are the same whenever they are read; None when its description is another than they were made from."""
    made = json.loads(path_of_rows(name).read_bytes())
    return made if made["made_from"] == _made_from(name) else None


def told(name: str, store: Store, started: datetime) -> str:
    """Return the text of the file with the rows of a sample.

    Args:
        name: of the sample.
        store: a company file made from its description, with every switch at its default, and as yet untouched.
        started: when the company began, aware.
    """
    lines = [f'"made_from": {json.dumps(_made_from(name))}', f'"started": {json.dumps(started.isoformat())}']
    tables = [f"{json.dumps(table)}: [\n{_lines(rows)}\n]" for table, rows in _tables(store)]
    return "{" + ",\n".join([*lines, '"rows": {\n' + ",\n".join(tables) + "\n}"]) + "}\n"


def _tables(store: Store) -> Iterator[tuple[str, list[Any]]]:
    """Yield every table that is not empty: its name, and its rows behind a row of its columns. What making a file writes by itself is none."""
    for (table,) in store.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'migration' ORDER BY name"
    ).fetchall():
        found = store.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in found.description]
        values = found.fetchall()
        if values:
            yield table, [columns, *values]


def _lines(rows: list[Any]) -> str:
    return ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def _made_from(name: str) -> dict[str, Any]:
    return {"format": FORMAT, "description": hashlib.sha256((FOLDER / f"{name}.yaml").read_bytes()).hexdigest()}
