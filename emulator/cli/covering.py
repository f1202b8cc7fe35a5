"""`fakebooks coverage`: which requests of qbXML are answered, what the tests have shown of them, what is known to be missing."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.console import OUT
from emulator.world import coverage
from emulator.world.coverage import TESTED, Gap, Row

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(name="coverage")
def show(
    request: Annotated[str, typer.Argument(help="One request, with or without its Rq; without one the whole.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: public, answered, full, gaps, requests.")] = False,
) -> None:
    """Tell how many of the public requests of qbXML are answered, how many in full, and every known gap with its reason.

    Answered: as QuickBooks would, at every version that has the request. In full: tests have looked at what it does, and no gap is known.

    Example: fakebooks coverage InvoiceAdd
    """
    rows = [coverage.row_of(request)] if request else list(coverage.rows())
    gaps = [gap for gap in coverage.gaps() if any(gap in row.gaps for row in rows)]
    if as_json:
        print(json.dumps(_facts(rows, gaps), indent=2))
    elif request:
        _show_row(rows[0])
    else:
        _show_all(rows, gaps)


def _facts(rows: list[Row], gaps: list[Gap]) -> dict[str, Any]:
    return {
        "public": len(rows),
        "answered": sum(row.answered for row in rows),
        "full": sum(row.full for row in rows),
        "gaps": [
            {**asdict(gap), "requests": [row.request for row in rows if gap.concerns(row.request)]} for gap in gaps
        ],
        "requests": [
            {
                "request": row.request,
                "since": row.since,
                "answered": row.answered,
                "unanswered_at": row.unanswered,
                "tested": row.tested,
                "full": row.full,
            }
            for row in rows
        ],
    }  # fmt: skip


def _show_row(row: Row) -> None:
    answered = "yes, 1030: our edition lacks it" if not row.supported else "yes" if row.answered else "no"
    OUT.print(f"{row.request}, since qbXML {row.since}")
    OUT.print(f"  answered: {answered}" + (f", not at {', '.join(row.unanswered)}" if row.unanswered else ""), markup=False)
    OUT.print(f"  in full: {'yes' if row.full else 'no'}")
    for kind in row.tested:
        OUT.print(f"  {kind}: {TESTED[kind]}", markup=False)
    for gap in row.gaps:
        OUT.print(f"  missing: {gap.missing} {gap.reason}", markup=False)


def _show_all(rows: list[Row], gaps: list[Gap]) -> None:
    full = sum(row.full for row in rows)
    answered = sum(row.answered for row in rows)
    OUT.print(f"{len(rows)} public requests of qbXML: {answered} answered at every version that has them, {full} in full")
    lacking = [row for row in rows if not row.answered]
    if lacking:
        OUT.print("not answered: " + ", ".join(row.request for row in lacking), markup=False)
    untested = [row.request for row in rows if not row.full and not row.gaps]
    if untested:
        OUT.print("not looked at in depth: " + ", ".join(untested), markup=False)
    table = Table("known gap", "why", "requests", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for gap in gaps:
        table.add_row(Text(gap.missing), Text(gap.reason), Text(", ".join(gap.requests)))
    OUT.print(table)
