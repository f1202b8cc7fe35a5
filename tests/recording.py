"""Writes down which requests the tests had answered, when FAKEBOOKS_RECORD names a folder: what docs/COVERAGE.md is made from.

Only a test that passed counts. What was asked is seen where QuickBooks performs a request: in the company file, and in the subscriptions.
Tests that ask by lot are left out, so that the same tests always give the same record. `scripts/make_coverage.py` reads the folder.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from emulator.company.sets import SetRun
from emulator.desktop import subscription_sets

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
        self._watch()

    def _watch(self) -> None:
        perform, perform_subscription = SetRun._perform, subscription_sets._performed

        def performed(run: SetRun, request: Any) -> Any:
            answer = perform(run, request)
            self._asked.add((request.name, run._set.version.schema_number, not answer.status.failed))
            return answer

        def performed_subscription(quickbooks: Any, application: str, version: Any, request: Any) -> Any:
            outcome, found = perform_subscription(quickbooks, application, version, request)
            self._asked.add((request.name, version.schema_number, not outcome.failed))
            return outcome, found

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
            self._asked.clear()

    def pytest_sessionfinish(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        worker = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
        (self._folder / f"{worker}.json").write_text(json.dumps(sorted(self._found)), encoding="utf-8")
