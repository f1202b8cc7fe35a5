"""`fakebooks company`: making company files, looking into them, and moving records in and out."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.shared import OUT
from emulator.company import Company, CompanyDescription, described, load_description
from emulator.company.exchange.ledger import money
from emulator.company.exchange.restoring import read_answers
from emulator.company.exchange.summary import Summary
from emulator.core.errors import UserMistake

app = typer.Typer(add_completion=False, rich_markup_mode=None)
company = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(company, name="company")

EMPTY: Final = "empty"
"""The shipped company that `new` makes when nobody names one."""

CompanyFile = Annotated[Path, typer.Argument(help="The company file.", metavar="FILE")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


class OutFormat(StrEnum):
    """What `export` writes."""

    QBXML = "qbxml"
    LEDGER = "ledger"


class InFormat(StrEnum):
    """What `import` reads."""

    QBXML = "qbxml"


@company.callback(invoke_without_command=True)
def company_files(context: typer.Context) -> None:
    """Make company files, look into them, move records in and out.

    Example: fakebooks company new shop.fbk --sample wholesale_small
    """
    if context.invoked_subcommand is None:
        OUT.print(context.get_help(), markup=False, soft_wrap=True)


def _now() -> datetime:
    return datetime.now().astimezone()


@contextmanager
def _opened(path: Path) -> Iterator[Company]:
    found = Company.open(path, _now)
    try:
        yield found
    finally:
        found.close()


# ---- new -------------------------------------------------------------------------------------------------------------------------


@company.command()
def new(
    file: CompanyFile,
    description: Annotated[Path | None, typer.Option(help="A company description (YAML).")] = None,
    sample: Annotated[str, typer.Option(help="A shipped company instead.")] = "",
    seed: Annotated[
        int | None, typer.Option(help="Seed of everything generated, instead of the description's own.", min=0, max=2**31 - 1)
    ] = None,
    bare: Annotated[bool, typer.Option(help="Make no lists: the records are to be imported from query answers.")] = False,
    force: Annotated[bool, typer.Option(help="Replace a company file that is there.")] = False,
) -> None:
    """Make a company file from a description, or from a shipped company.

    Example: fakebooks company new shop.fbk --sample wholesale_small --seed 7
    """
    if description is not None and sample:
        raise UserMistake("both --description and --sample", expected="one of them")
    wanted = load_description(description) if description is not None else described(sample or EMPTY)
    if seed is not None:
        wanted = _seeded(wanted, seed)
    if not (file.exists() and force):
        Company.create(file, wanted, _now, bare=bare).close()
    else:
        _replace(file, wanted, bare)
    with _opened(file) as made:
        _show_summary(made.exchange.summary())


def _seeded(wanted: CompanyDescription, seed: int) -> CompanyDescription:
    """Return a description with one seed in every place that has one."""
    parts = wanted.lists
    lists = {
        name: part.model_copy(update={"generate": part.generate.model_copy(update={"seed": seed})})
        for name, part in (("customers", parts.customers), ("vendors", parts.vendors), ("items", parts.items))
        if part.generate is not None
    }
    history = wanted.history.model_copy(update={"seed": seed})
    return wanted.model_copy(update={"lists": parts.model_copy(update=lists), "history": history})


def _replace(file: Path, wanted: CompanyDescription, bare: bool) -> None:
    """Put a new company in the place of one that nobody has open; what cannot be made leaves the old one."""
    # Only a company file is replaced, and opening it is the way to know that nobody else has it open.
    Company.open(file, _now).close()
    coming = file.with_name(file.name + ".coming")
    coming.unlink(missing_ok=True)
    Company.create(coming, wanted, _now, bare=bare).close()
    coming.replace(file)


# ---- show ------------------------------------------------------------------------------------------------------------------------


@company.command()
def show(file: CompanyFile, as_json: AsJson = False) -> None:
    """Show what a company file holds, and whether its books balance.

    Example: fakebooks company show shop.fbk
    """
    with _opened(file) as found:
        summary = found.exchange.summary()
    if as_json:
        print(json.dumps({**asdict(summary), "balances": summary.balances}, indent=2))
    else:
        _show_summary(summary)
    if not summary.balances:
        raise typer.Exit(1)


def _show_summary(summary: Summary) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("company", Text(summary.name))
    table.add_row("file", Text(summary.file))
    table.add_row("edition", f"{summary.edition} {summary.year}")
    table.add_row("format", str(summary.format))
    table.add_row("lists", Text(_counts(summary.lists)))
    table.add_row("transactions", Text(_counts(summary.transactions)))
    if summary.last_date:
        table.add_row("dates", f"{summary.first_date} to {summary.last_date}")
    if summary.closing_date:
        table.add_row("closed until", summary.closing_date)
    table.add_row("books", "balance" if summary.balances else Text("\n".join(summary.problems)))
    OUT.print(table)
    if summary.accounts:
        accounts = Table("account", "type", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        accounts.add_column("debit", justify="right")
        accounts.add_column("credit", justify="right")
        for row in summary.accounts:
            cents = row["cents"]
            sides = (money(cents), "") if cents > 0 else ("", money(-cents))
            accounts.add_row(Text(row["account"]), row["type"], *sides)
        OUT.print()
        OUT.print(accounts)


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items()) or "none"


# ---- import ----------------------------------------------------------------------------------------------------------------------


@company.command(name="import")
def import_(
    file: CompanyFile,
    sources: Annotated[list[Path], typer.Argument(help="Files to bring in.", metavar="SOURCE...")],
    in_format: Annotated[InFormat | None, typer.Option("--format", help="What they are, when their names do not say it.")] = None,
    leave_balances: Annotated[
        bool, typer.Option(help="Leave out balances and stock that the transactions given do not explain.")
    ] = False,
) -> None:
    """Bring records into a company file: all of them, or nothing when one cannot be kept.

    qbXML query answers (.xml) keep ListIDs, TxnIDs, edit sequences and times; they go into a file made with `new --bare`.

    Example: fakebooks company import shop.fbk answers.xml
    """
    contents = [(source, _read(source)) for source in sources]
    for source, content in contents:
        _format_of(source, content, in_format)
    with _opened(file) as found:
        answers = [read_answers(content, str(source)) for source, content in contents]
        with OUT.status("importing"):
            counted = found.exchange.restore(answers, leave_balances)
    left_out = sorted({name for each in answers for name in each.left_out})
    if left_out:
        OUT.print(f"left out: {', '.join(left_out)} (the company itself, and reports)", markup=False, soft_wrap=True)
    OUT.print(f"imported: {_counts(counted)}", markup=False, soft_wrap=True)


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise UserMistake(f"cannot read {source} ({error.strerror})", expected="a file", advice="check the path") from None


_ENDINGS: Final = {".xml": InFormat.QBXML, ".qbxml": InFormat.QBXML}


def _format_of(source: Path, content: bytes, wanted: InFormat | None) -> InFormat:
    """Return what a source is: as asked, by its ending, else by how it begins."""
    if not content.strip():
        raise UserMistake("the file is empty", str(source), "records to import")
    found = wanted or _ENDINGS.get(source.suffix.lower())
    if found is None and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = InFormat.QBXML
    if found is None:
        kinds = ", ".join(InFormat)
        raise UserMistake("its name does not say what it is", str(source), f"--format with one of {kinds}")
    return found


# ---- export ----------------------------------------------------------------------------------------------------------------------


@company.command()
def export(
    file: CompanyFile,
    out_format: Annotated[OutFormat, typer.Option("--format", help="What to write.")] = OutFormat.QBXML,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output when left out.")] = None,
) -> None:
    """Write what a company file holds.

    qbxml: query answers of all lists and transactions. ledger: a CSV with one line a posting.

    Example: fakebooks company export shop.fbk --format ledger --out ledger.csv
    """
    with _opened(file) as found:
        text = found.exchange.answers() if out_format is OutFormat.QBXML else _csv_of(found.exchange.ledger())
    _write(out, text.encode())


def _csv_of(rows: Iterator[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _write(out: Path | None, content: bytes) -> None:
    """Write a file whole or not at all; None is standard output."""
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    coming = out.with_name(out.name + ".coming")
    try:
        with coming.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        coming.replace(out)
    except OSError as error:
        coming.unlink(missing_ok=True)
        raise UserMistake(f"cannot write {out} ({error.strerror})", "--out", "a file in a folder that is there") from None
