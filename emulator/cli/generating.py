"""`fakebooks company generate`: a large company file, for load and scale."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from emulator.cli.console import ERR, OUT
from emulator.company.large import EDITIONS, TRANSACTIONS_MAX, YEARS_MAX, Size, Told, create_large
from emulator.core.errors import unknown

STEPS_WRITTEN: Final = 10
"""Where no terminal draws a bar, so many lines tell how far a part is."""


def generate(
    file: Annotated[Path, typer.Argument(help="Where the company file goes; nothing may be there.")],
    customers: Annotated[int, typer.Option(help="Customers and jobs, a fifth of them jobs.", min=1)] = 100_000,
    transactions: Annotated[
        int, typer.Option(help="Transactions in all, payments among them.", min=0, max=TRANSACTIONS_MAX)
    ] = 1_000_000,
    vendors: Annotated[int, typer.Option(help="Vendors.", min=1)] = 500,
    items: Annotated[int, typer.Option(help="Items that are bought and sold.", min=1)] = 1_000,
    years: Annotated[
        int, typer.Option(help="Years that the transactions are spread over, from 2019 on.", min=1, max=YEARS_MAX)
    ] = 5,
    seed: Annotated[int, typer.Option(help="Seed of all chance.", min=0, max=2**63 - 1)] = 1,
    edition: Annotated[
        str, typer.Option(help=f"{', '.join(EDITIONS)}: only the last holds more than 14,500 names.")
    ] = "Enterprise",
) -> None:
    """Make a large company file: invoices, sales receipts, credit memos, bills, checks and their payments over years.

    The same options give the same file. The books balance. An interrupt leaves no file.

    Example: fakebooks company generate large.qbw --customers 100000 --transactions 1000000 --seed 7
    """
    if edition not in EDITIONS:
        raise unknown("edition", edition, EDITIONS)
    size = Size(customers, transactions, vendors, items, years, seed, edition)
    with _progress() as told:
        made = create_large(file, size, lambda: datetime.now(UTC), told)
    stamp = made.stamp
    made.close()
    megabytes = file.stat().st_size / 1_000_000
    OUT.print(
        f"{file}: {customers:,} customers, {transactions:,} transactions, {megabytes:,.0f} MB, stamp {stamp}", soft_wrap=True
    )


@contextmanager
def _progress() -> Iterator[Told]:
    """Yield what hears how far the making is: a bar for each part on a terminal, some lines elsewhere."""
    if not ERR.is_terminal:
        yield _in_lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ERR) as bars:
        tasks: dict[str, TaskID] = {}

        def told(part: str, done: int, count: int) -> None:
            if part not in tasks:
                tasks[part] = bars.add_task(part, total=count)
            bars.update(tasks[part], completed=done)

        yield told


def _in_lines() -> Callable[[str, int, int], None]:
    written: dict[str, int] = {}

    def told(part: str, done: int, count: int) -> None:
        step = done * STEPS_WRITTEN // max(count, 1)
        if step > written.get(part, 0):
            written[part] = step
            ERR.print(f"{part}: {done:,} of {count:,}", style="dim")

    return told
