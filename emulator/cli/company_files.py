"""`fakebooks company`: making company files, looking into them, and moving records in and out."""

import csv
import io
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.generating import generate
from emulator.cli.shared import OUT, say, writable
from emulator.company import Company, CompanyDescription, described, load_description
from emulator.company.arithmetic import money
from emulator.company.exchange.columns import TABLE_OF
from emulator.company.exchange.difference import Difference, Known, difference_of
from emulator.company.exchange.list_files import CODE_PAGE, Line, read_csv, read_iif
from emulator.company.exchange.restoring import Source, read_answers
from emulator.company.exchange.summary import Summary
from emulator.core.errors import UserMistake, unknown
from emulator.core.exits import ExitCode

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
    CSV = "csv"
    IIF = "iif"
    LEDGER = "ledger"
    YAML = "yaml"


class InFormat(StrEnum):
    """What `import` reads."""

    QBXML = "qbxml"
    CSV = "csv"
    IIF = "iif"
    YAML = "yaml"


@company.callback(invoke_without_command=True)
def company_files(context: typer.Context) -> None:
    """Make company files, look into them, move records in and out.

    Example: fakebooks company new shop.fbk --sample wholesale_small
    """
    if context.invoked_subcommand is None:
        OUT.print(context.get_help(), markup=False, soft_wrap=True)


company.command()(generate)


def _now() -> datetime:
    return datetime.now().astimezone()


@contextmanager
def _opened(path: Path) -> Iterator[Company]:
    found: Company | None = None
    try:
        found = Company.open(path, _now)
        yield found
    except sqlite3.OperationalError as error:
        raise UserMistake(f"{path} cannot be read or written ({error})", "company file", "", "nothing was changed") from None
    except sqlite3.DatabaseError as error:
        raise UserMistake(f"{path} is damaged ({error})", "company file", "a whole file", "restore it from a copy") from None
    finally:
        if found is not None:
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
        raise typer.Exit(ExitCode.FAIL)


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


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items()) or "none"


# ---- import ----------------------------------------------------------------------------------------------------------------------


@company.command(name="import")
def import_(
    file: CompanyFile,
    sources: Annotated[list[Path], typer.Argument(help="Files to bring in.", metavar="SOURCE...")],
    in_format: Annotated[InFormat | None, typer.Option("--format", help="What they are, when their names do not say it.")] = None,
    list_name: Annotated[str, typer.Option("--list", help="The list that a CSV holds, such as Customer.")] = "",
    leave_balances: Annotated[
        bool, typer.Option(help="Leave out balances and stock that the transactions given do not explain.")
    ] = False,
) -> None:
    """Bring records into a company file: all of them, or nothing when one cannot be kept.

    qbXML query answers (.xml) keep ListIDs, TxnIDs, edit sequences and times; they go into a file made with `new --bare`. The records of
    lists as CSV or IIF, and those under `lists:` of a description (.yaml), are added by the rules of Add requests with new identities.

    Example: fakebooks company import shop.fbk customers.csv items.csv
    """
    if list_name and list_name not in TABLE_OF:
        raise unknown("list", list_name, TABLE_OF)
    contents = [(source, _read(source)) for source in sources]
    answers: list[Source] = []
    lines: list[Line] = []
    described_by: list[CompanyDescription] = []
    left_out: dict[str, None] = {}
    for source, content in contents:
        kind = _format_of(source, content, in_format)
        if kind is InFormat.QBXML:
            answers.append(read_answers(content, str(source)))
            left_out |= dict.fromkeys(sorted(answers[-1].left_out))
        elif kind is InFormat.YAML:
            described_by.append(load_description(source))
        else:
            name = str(source)
            found = read_csv(content, name, list_name) if kind is InFormat.CSV else read_iif(content, name)
            lines += found.lines
            left_out |= dict.fromkeys(found.left_out)
    if sum(map(bool, (answers, lines, described_by))) > 1 or len(described_by) > 1:
        given = "one description" if described_by else "query answers"
        raise UserMistake(f"{given} beside other files", expected="one sort at a time", advice="import the answers first")
    with _opened(file) as opened, OUT.status("importing"):
        if described_by:
            counted = _add_described(opened, described_by[0])
        else:
            counted = opened.exchange.restore(answers, leave_balances) if answers else opened.exchange.add(lines)
    if left_out:
        OUT.print(f"left out, for it follows from the rest or is not kept: {', '.join(left_out)}", markup=False, soft_wrap=True)
    OUT.print(f"imported: {_counts(counted)}", markup=False, soft_wrap=True)


def _add_described(opened: Company, description: CompanyDescription) -> Mapping[str, int]:
    try:
        return opened.exchange.add_described(description)
    except UserMistake as mistake:
        advice = f"{mistake.advice}; nothing was imported"
        raise UserMistake(mistake.given, mistake.where, mistake.expected, advice) from None


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise UserMistake(f"cannot read {source} ({error.strerror})", expected="a file", advice="check the path") from None


_ENDINGS: Final = {
    ".xml": InFormat.QBXML,
    ".qbxml": InFormat.QBXML,
    ".csv": InFormat.CSV,
    ".iif": InFormat.IIF,
    ".yaml": InFormat.YAML,
    ".yml": InFormat.YAML,
}


def _format_of(source: Path, content: bytes, wanted: InFormat | None) -> InFormat:
    """Return what a source is: as asked, by its ending, else by how it begins."""
    if not content.strip():
        raise UserMistake("the file is empty", str(source), "records to import")
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = wanted or _ENDINGS.get(source.suffix.lower())
    if found is None and start.startswith(b"<"):
        found = InFormat.QBXML
    if found is None and start.startswith(b"!"):
        found = InFormat.IIF
    if found is None:
        raise UserMistake("its name does not say what it is", str(source), f"--format with one of {', '.join(InFormat)}")
    return found


# ---- export ----------------------------------------------------------------------------------------------------------------------


@company.command()
def export(
    file: CompanyFile,
    out_format: Annotated[OutFormat, typer.Option("--format", help="What to write.")] = OutFormat.QBXML,
    list_name: Annotated[
        str, typer.Option("--list", help="One list (csv, iif), such as Customer; all of them when left out.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="The file to write, for all lists as csv the folder; standard output when left out.")
    ] = None,
) -> None:
    """Write what a company file holds.

    qbxml: query answers of all lists and transactions. csv: lists with QuickBooks' headings, one file each. iif: lists in one file.
    ledger: a CSV with one line a posting. yaml: a description that makes the same lists again.

    Example: fakebooks company export shop.fbk --format csv --out lists
    """
    if list_name and list_name not in TABLE_OF:
        raise unknown("list", list_name, TABLE_OF)
    if list_name and out_format not in (OutFormat.CSV, OutFormat.IIF):
        raise UserMistake(f"--list with --format {out_format}", expected="--format csv or iif")
    if out_format is OutFormat.CSV and not list_name and out is None:
        raise UserMistake("all lists as CSV without --out", expected="--out FOLDER, or --list with one of them")
    left_out: Mapping[str, int] = {}
    pointed_to: Mapping[str, int] = {}
    with _opened(file) as found:
        exchange = found.exchange
        names = [list_name] if list_name else exchange.list_names()
        if out_format is OutFormat.CSV:
            texts = {name: exchange.csv(name).encode() for name in names}
        elif out_format is OutFormat.IIF:
            texts = {"": _in_code_page(exchange.iif(names))}
        elif out_format is OutFormat.YAML:
            text, left_out = exchange.description()
            texts = {"": text.encode()}
        else:
            text = exchange.answers() if out_format is OutFormat.QBXML else _csv_of(exchange.ledger())
            texts = {"": text.encode()}
        if out_format in (OutFormat.CSV, OutFormat.IIF):
            left_out = exchange.not_in_lists(list_name)
            pointed_to = exchange.pointed_to(list_name) if list_name else {}
    if out_format is OutFormat.CSV and not list_name:
        assert out is not None
        writable(out)
        _write({out / f"{name}.csv": content for name, content in texts.items()})
    elif out is not None:
        _write({out: next(iter(texts.values()))})
    else:
        sys.stdout.buffer.write(next(iter(texts.values())))
        sys.stdout.flush()
    if left_out:
        say(f"left out, for it has no place there: {_counts(left_out)}; --format qbxml has them", 0)
    if pointed_to:
        say(f"it names records of other lists, which are not in it: {_counts(pointed_to)}; export all lists to have them", 0)


def _in_code_page(text: str) -> bytes:
    try:
        return text.encode(CODE_PAGE)
    except UnicodeEncodeError as error:
        line = text[text.rfind("\n", 0, error.start) + 1 :].partition("\n")[0]
        given = f"{text[error.start]!r} in the record {' '.join(line.split()[:4])!r}"
        raise UserMistake(given, "--format iif", "characters of Windows-1252", "use --format csv or qbxml") from None


def _csv_of(rows: Iterator[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write files, all of them whole or none at all. Those that are there are replaced, a company file never."""
    coming: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            if path.is_dir():
                raise UserMistake(f"{path} is a folder", "--out", "a file to write", "add a name to it")
            if _is_company_file(path):
                raise UserMistake(f"{path} is a company file", "--out", "a file that may be replaced", "give another name")
            coming[path] = path.with_name(path.name + ".coming")
            with coming[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path, written in coming.items():
            written.replace(path)
    except OSError as error:
        raise UserMistake(f"cannot write {path} ({error.strerror})", "--out", "a file in a folder that is there") from None
    finally:
        for written in coming.values():
            with suppress(OSError):
                written.unlink(missing_ok=True)


def _is_company_file(path: Path) -> bool:
    """Return whether a file is a database, as company files are: an export is no reason to lose one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_DATABASE)) == _DATABASE


_DATABASE: Final = b"SQLite format 3\0"


# ---- diff ------------------------------------------------------------------------------------------------------------------------


@company.command()
def diff(
    file: CompanyFile,
    other: Annotated[Path, typer.Argument(help="The company file to compare it with.", metavar="OTHER")],
    as_json: AsJson = False,
) -> None:
    """Say what differs between two company files: records added, removed and changed, by ListID and TxnID, with their elements.

    Ends with 1 when they differ.

    Example: fakebooks company diff before.fbk after.fbk
    """
    known = []
    for path in (file, other):
        with _opened(path) as found:
            known.append(found.exchange.known())
    difference = difference_of(*known)
    if as_json:
        rows = {
            "added": [_record(each) for each in difference.added],
            "removed": [_record(each) for each in difference.removed],
            "changed": [
                {**_record(each.record), "fields": {place: list(texts) for place, texts in each.fields.items()}}
                for each in difference.changed
            ],
        }
        print(json.dumps(rows, indent=2))
    else:
        _show_difference(difference)
    if difference:
        raise typer.Exit(ExitCode.FAIL)


def _record(known: Known) -> dict[str, str]:
    return {"noun": known.noun, "id": known.identity, "name": known.name}


def _show_difference(difference: Difference) -> None:
    if not difference:
        OUT.print("no difference")
        return
    table = Table("", "record", "element", "was", "is", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for sign, records in (("-", difference.removed), ("+", difference.added)):
        for known in records:
            table.add_row(sign, _title(known))
    for change in difference.changed:
        shown: str | Text = _title(change.record)
        for place, (was, is_now) in change.fields.items():
            table.add_row("~", shown, Text(place), Text(was or ""), Text(is_now or ""))
            shown = ""
    OUT.print(table)
    counts = (len(difference.added), len(difference.removed), len(difference.changed))
    OUT.print("{} added, {} removed, {} changed".format(*counts))


def _title(known: Known) -> Text:
    return Text(" ".join(part for part in (known.noun, known.identity, known.name) if part))
