"""Writes down which requests the tests had answered, when FAKEBOOKS_RECORD names a folder: what docs/COVERAGE.md is made from.

Beside it stand the status codes each request was answered with, and the switches that were read while it was performed: what
`fakebooks explain NAME` tells.

Only a test that passed counts. What was asked is seen where QuickBooks performs a request: in the company file, and in the subscriptions.
Tests that ask by lot are left out, so that the same tests always give the same record. `scripts/make_coverage.py` reads the folder.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from emulator.company.books import Books
from emulator.company.sets import SetRun
from emulator.desktop import subscription_sets
from emulator.world.coverage import ANY_REQUEST

VARIABLE: Final = "FAKEBOOKS_RECORD"

KINDS: Final = {
    "tests/company/conformance/test_round_trips.py": "round trip",
    "tests/company/conformance/test_other_requests.py": "every version",
    "tests/company/conformance/test_mutants.py": "bent",
    "tests/company/rules/": "books",
    "tests/company/test_sales.py": "books",
    "tests/company/test_purchases.py": "books",
    "tests/company/test_payments.py": "books",
    "tests/company/test_stock.py": "books",
    "tests/company/test_numbering.py": "books",
    "tests/company/test_prices.py": "books",
    "tests/company/test_units.py": "books",
    "tests/company/test_currencies.py": "books",
    "tests/company/test_opening.py": "books",
    "tests/company/lists/": "lists",
    "tests/company/test_lists.py": "lists",
    "tests/company/test_changes.py": "lists",
    "tests/company/asked/": "asked",
    "tests/company/reports/": "asked",
    "tests/company/test_custom_fields.py": "special",
    "tests/company/test_displays.py": "special",
    "tests/company/test_queries.py": "filters",
    "tests/company/test_filters.py": "filters",
    "tests/company/test_status_codes.py": "codes",
    "tests/company/test_sets.py": "sets",
    "tests/company/test_macros.py": "sets",
    "tests/desktop/test_subscription_sets.py": "events",
    "tests/desktop/test_events.py": "events",
    "tests/doors/": "doors",
}
"""Beginning of a test's path -> what its passing says of a request."""


class Recorder:
    """A pytest plugin; one for each worker.

    Args:
        folder: gets one file per worker.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: set[tuple[str, str, bool]] = set()
        self._found: set[tuple[str, str, str, bool]] = set()
        self._told: set[tuple[str, int]] = set()
        self._read: set[tuple[str, str]] = set()
        self._codes: set[tuple[str, int]] = set()
        self._switches: set[tuple[str, str]] = set()
        self._reading: set[str] = set()
        self._watch()

    def _watch(self) -> None:
        perform, perform_subscription = SetRun._perform, subscription_sets._performed
        open_books, reading = Books.__init__, self._reading

        def opened(books: Books, store: Any, facts: Any, settings: Any, clock_now: Any) -> None:
            reading.clear()
            open_books(books, store, facts, _Noted(settings, reading), clock_now)
            self._read |= {(ANY_REQUEST, name) for name in reading}

        def performed(run: SetRun, request: Any) -> Any:
            self._reading.clear()
            answer = perform(run, request)
            self._read |= {(request.name, name) for name in self._reading}
            self._told.add((request.name, answer.status.code))
            self._asked.add((request.name, run._set.version.schema_number, not answer.status.failed))
            return answer

        def performed_subscription(quickbooks: Any, application: str, version: Any, request: Any) -> Any:
            outcome, found = perform_subscription(quickbooks, application, version, request)
            self._asked.add((request.name, version.schema_number, not outcome.failed))
            self._told.add((request.name, outcome.code))
            return outcome, found

        Books.__init__ = opened  # type: ignore[method-assign]
        SetRun._perform = performed  # type: ignore[method-assign]
        subscription_sets._performed = performed_subscription

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = (yield).get_result()
        if report.when == "call":
            kind = next((kind for start, kind in KINDS.items() if item.nodeid.startswith(start)), "")
            if kind and report.passed:
                self._found |= {(kind, *asked) for asked in self._asked}
                name = getattr(item, "callspec", None) and item.callspec.params.get("name")  # type: ignore[attr-defined]
                if kind == "bent" and name:
                    self._found.add((kind, name, "", False))
            if report.passed:
                self._codes |= self._told
                self._switches |= self._read
            for each in (self._asked, self._told, self._read):
                each.clear()

    def pytest_sessionfinish(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        worker = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
        kept = {"asked": sorted(self._found), "codes": sorted(self._codes), "switches": sorted(self._switches)}
        (self._folder / f"{worker}.json").write_text(json.dumps(kept), encoding="utf-8")


class _Noted(dict[str, Any]):
    """Settings that say which of them are read."""

    def __init__(self, settings: Mapping[str, Any], reading: set[str]) -> None:
        super().__init__(settings)
        self._reading = reading

    def __getitem__(self, name: str) -> Any:
        self._reading.add(name)
        return super().__getitem__(name)
