"""What all tests share: a skip for want of a system package is a failure in CI, where .ci/run has installed it; see also recording.py."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from recording import VARIABLE, Recorder

# CI tries the same examples every time: what fails there fails for everybody, and the record of what was answered stays the same.
settings.register_profile("same-examples", derandomize=True)
if os.environ.get("FAKEBOOKS_NO_SKIPS"):
    settings.load_profile("same-examples")


def pytest_configure(config):
    if os.environ.get(VARIABLE):
        config.pluginmanager.register(Recorder(Path(os.environ[VARIABLE])))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("FAKEBOOKS_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be skipped: {report.longrepr}"
