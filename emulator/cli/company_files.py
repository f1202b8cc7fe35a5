"""`fakebooks company`: making company files, looking into them, and comparing them; moving.py has import and export."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.console import OUT
from emulator.cli.generating import generate
from emulator.cli.moving import export, import_
from emulator.cli.opening import CompanyFile, counts, now, opened
from emulator.com.probe.replacing import place_of
from emulator.company import Company, CompanyDescription, described, load_description
from emulator.company.arithmetic import money
from emulator.company.exchange.difference import Difference, Known, difference_of
from emulator.company.exchange.summary import Summary
from emulator.core.errors import UserMistake
from emulator.core.exits import ExitCode

app = typer.Typer(add_completion=False, rich_markup_mode=None)
company = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(company, name="company")

EMPTY: Final = "empty"
"""The shipped company that `new` makes when nobody names one."""

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@company.callback(invoke_without_command=True)
def company_files(context: typer.Context) -> None:
    """Make company files, look into them, move records in and out.

    Example: fakebooks company new shop.fbk --sample wholesale_small
    """
    if context.invoked_subcommand is None:
        OUT.print(context.get_help(), markup=False, soft_wrap=True)


company.command()(generate)


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
        Company.create(file, wanted, now, bare=bare).close()
    else:
        _replace(file, wanted, bare)
    with opened(file) as made:
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
    Company.open(file, now).close()
    try:
        file = place_of(file)
    except OSError as error:
        raise UserMistake(f"cannot write {file} ({error.strerror})", expected="a company file that may be replaced") from None
    coming = file.with_name(file.name + ".coming")
    coming.unlink(missing_ok=True)
    Company.create(coming, wanted, now, bare=bare).close()
    coming.replace(file)


# ---- show ------------------------------------------------------------------------------------------------------------------------


@company.command()
def show(file: CompanyFile, as_json: AsJson = False) -> None:
    """Show what a company file holds, and whether its books balance.

    Example: fakebooks company show shop.fbk
    """
    with opened(file) as found:
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
    table.add_row("lists", Text(counts(summary.lists)))
    table.add_row("transactions", Text(counts(summary.transactions)))
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


company.command(name="import")(import_)
company.command()(export)


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
        with opened(path) as found:
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
