"""Programs run behind the stand-in, and the QuickBooks they meet."""

import os
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from datetime import UTC, datetime

from emulator.com.exec import environment, quickbooks_for_programs
from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import load_company
from emulator.core.switches import SwitchSettings
from emulator.desktop import SWITCHES
from emulator.qbxml import SWITCHES as QBXML_SWITCHES

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SETTINGS = SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, SWITCHES))


def make_company(clock):
    return load_company("wholesale_small", clock.now, SETTINGS)


@contextmanager
def running_quickbooks(**options):
    with quickbooks_for_programs(make_company, settings=SETTINGS, start=START, **options) as running:
        yield running


def python(code, url, *arguments, path=""):
    """Run Python code as a stranger's program; return what it printed. Its failure is the test's."""
    variables = environment(url, {**os.environ, "PYTHONPATH": path})
    program = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert program.returncode == 0, program.stderr
    return program.stdout
