"""Every kind of report, and what makes it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.reports import (
    aging,
    budgets,
    checks,
    custom_summary,
    details,
    financial,
    jobs,
    payroll,
    stock,
    summary,
    taxes,
    times,
)
from emulator.company.reports.table import Table

if TYPE_CHECKING:
    from emulator.company.books import Books

Maker = Callable[["Books", Values, str], Table]

KINDS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        **financial.KINDS,
        **summary.KINDS,
        **custom_summary.KINDS,
        **stock.KINDS,
        **taxes.KINDS,
        **details.KINDS,
        **checks.KINDS,
        **aging.KINDS,
        **jobs.KINDS,
        **times.KINDS,
        **budgets.KINDS,
        **payroll.KINDS,
    }
)
"""Type of report -> what makes it."""
