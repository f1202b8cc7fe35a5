"""What of qbXML is answered, what the tests have shown of it, and what is known to be missing.

    tests that ran (tests/recording.py) --> scripts/make_coverage.py --> data/coverage.json --+--> `fakebooks coverage`, docs/COVERAGE.md
                                                            data/gaps.toml (written by hand) --+
                                                   --> data/touched.json --> `fakebooks explain NAME`: status codes, switches

A request is answered when a test that passed got an answer without an error at every version of qbXML that has it; one that our edition
lacks is answered 1030, as by QuickBooks (switch `qbxml.unsupported-requests`). It is answered in full when tests have also looked at what
it does, and no gap is known.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Final

from emulator.core.switches import Switch
from emulator.qbxml import VERSIONS, schema_of, status
from emulator.qbxml.schema import public_requests
from emulator.qbxml.shape import request_named, versions_of
from emulator.qbxml.status import StatusRow
from emulator.world.catalogue import SWITCH_TABLES

SHALLOW: Final = frozenset({"bent", "every version", "doors", "codes"})
"""Kinds of tests that do not look at what a request does to the books, or finds in them."""

TESTED: Final = {
    "round trip": "smallest and fullest are taken at every version, and what was said is told again after Add, Mod and deletion",
    "every version": "taken at every version that has it, every kind it can name too; each answer valid at its version",
    "bent": "bent in one place (order, a missing or unknown element, length, value, version), refused with the right code",
    "books": "postings, balances, stock and links after it, worked out by hand",
    "lists": "names, levels, limits, changes, merging, deletion",
    "asked": "what it finds, worked out by hand",
    "special": "data extensions, windows for people",
    "filters": "every filter, pages, metaData, sort order",
    "sets": "message sets: error recovery, macros, onError",
    "events": "subscriptions, and the events that follow",
    "codes": "provokes status codes",
    "doors": "in process and behind the stand-in, with the same answer",
}
"""What a kind of tests shows."""


@dataclass(frozen=True)
class Gap:
    """Something that is known to be missing.

    Attributes:
        requests: patterns of request names (`*ReportQueryRq`).
        missing: what, one sentence.
        reason: why it is.
    """

    requests: tuple[str, ...]
    missing: str
    reason: str

    def concerns(self, request: str) -> bool:
        """Return whether it is one of a request's."""
        return any(fnmatchcase(request, pattern) for pattern in self.requests)


@dataclass(frozen=True)
class Row:
    """What is known of one request.

    Attributes:
        request: `InvoiceAddRq`.
        since: first version that has it.
        supported: the edition we play has it.
        unanswered: versions at which no test had it answered.
        tested: kinds of tests it has passed, in the order of TESTED.
        gaps: known ones.
    """

    request: str
    since: str
    supported: bool
    unanswered: tuple[str, ...]
    tested: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def answered(self) -> bool:
        """Return whether it is answered as QuickBooks would, at every version."""
        return not self.unanswered

    @property
    def full(self) -> bool:
        """Return whether tests have looked at what it does, and nothing is known to be missing."""
        return self.answered and not self.gaps and not SHALLOW.issuperset(self.tested)


@cache
def rows() -> tuple[Row, ...]:
    """Return what is known of every public request."""
    known: dict[str, Any] = json.loads((files(__package__) / "data/coverage.json").read_text(encoding="utf-8"))
    return tuple(_row(name, known.get(name, {})) for name in public_requests())


@cache
def gaps() -> tuple[Gap, ...]:
    """Return every known gap, in the order of the file."""
    text = (files(__package__) / "data/gaps.toml").read_text(encoding="utf-8")
    return tuple(Gap(tuple(each["requests"]), each["missing"], each["reason"]) for each in tomllib.loads(text)["gap"])


def row_of(request: str) -> Row:
    """Return what is known of one request, with or without its `Rq`. Raises UserMistake for one that is none."""
    name = request_named(request)
    return next(row for row in rows() if row.request == name)


ANY_REQUEST: Final = "*"
"""Stands in the record for what is read when a company file is opened, which may touch any request."""


@cache
def _touched() -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = json.loads((files(__package__) / "data/touched.json").read_text(encoding="utf-8"))
    return found


def codes_of(request: str) -> tuple[StatusRow, ...]:
    """Return the status codes that tests saw a request answered with, with what the table knows of each."""
    return tuple(status.table()[code] for code in _touched().get(request, {}).get("codes", ()))


def switches_of(request: str) -> tuple[Switch, ...]:
    """Return the switches that touch a request; of ANY_REQUEST those read when a company file is opened.

    They are those that were read while tests had it performed, and of those that nothing reads (there is one choice only) the ones whose
    words name its noun.
    """
    names = set(_touched().get(request, {}).get("switches", ()))
    noun = "" if request == ANY_REQUEST else _noun_in_words(request)
    return tuple(
        switch
        for table in SWITCH_TABLES.values()
        for switch in table
        if switch.name in names or (noun and switch.name not in _ever_read() and _names(switch, noun))
    )


@cache
def _ever_read() -> frozenset[str]:
    return frozenset(name for facts in _touched().values() for name in facts.get("switches", ()))


def _noun_in_words(request: str) -> str:
    """Return `sales order` of `SalesOrderAddRq`."""
    message = schema_of(VERSIONS[-1]).message(request)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", message.noun).lower() if message is not None else ""


def _names(switch: Switch, noun: str) -> bool:
    words = f"{switch.name.partition('.')[2].replace('-', ' ')} {switch.about}".lower()
    return re.search(rf"\b{re.escape(noun)}s?\b", words) is not None


def _row(name: str, known: dict[str, Any]) -> Row:
    since = versions_of(name)[0]
    message = schema_of(VERSIONS[-1]).message(name)
    supported = message is None or message.supported
    unanswered = known.get("unanswered", versions_of(name)) if supported else []
    tested = tuple(kind for kind in TESTED if kind in known.get("tested", ()))
    return Row(name, since, supported, tuple(unanswered), tested, tuple(gap for gap in gaps() if gap.concerns(name)))
