"""`fakebooks company import` and `export`: records in and out of a company file, whole or not at all."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from emulator.cli.console import OUT
from emulator.cli.opening import CompanyFile, counts, opened
from emulator.cli.shared import say, writable
from emulator.com.probe.replacing import put
from emulator.company import Company, CompanyDescription, load_description
from emulator.company.exchange.columns import TABLE_OF
from emulator.company.exchange.list_files import CODE_PAGE, Line, read_csv, read_iif
from emulator.company.exchange.reading import Source, read_answers
from emulator.core.errors import UserMistake, unknown


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


# ---- import ----------------------------------------------------------------------------------------------------------------------


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
            rows = read_csv(content, name, list_name) if kind is InFormat.CSV else read_iif(content, name)
            lines += rows.lines
            left_out |= dict.fromkeys(rows.left_out)
    if sum(map(bool, (answers, lines, described_by))) > 1 or len(described_by) > 1:
        given = "one description" if described_by else "query answers"
        raise UserMistake(f"{given} beside other files", expected="one sort at a time", advice="import the answers first")
    with opened(file) as found, OUT.status("importing"):
        if described_by:
            counted = _add_described(found, described_by[0])
        else:
            counted = found.exchange.restore(answers, leave_balances) if answers else found.exchange.add(lines)
    if left_out:
        OUT.print(f"left out, for it follows from the rest or is not kept: {', '.join(left_out)}", markup=False, soft_wrap=True)
    OUT.print(f"imported: {counts(counted)}", markup=False, soft_wrap=True)


def _add_described(company: Company, description: CompanyDescription) -> Mapping[str, int]:
    try:
        return company.exchange.add_described(description)
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
    with opened(file) as found:
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
        say(f"wrote {len(texts)} lists as CSV into the folder {out}: {', '.join(texts)}", 0)
    elif out is not None:
        [content] = texts.values()
        _write({out: content})
        say(f"wrote {len(content):,} bytes of {_WORDS[out_format]} to {out}", 0)
    else:
        sys.stdout.buffer.write(next(iter(texts.values())))
        sys.stdout.flush()
    if left_out:
        say(f"left out, for it has no place there: {counts(left_out)}; --format qbxml has them", 0)
    if pointed_to:
        say(f"it names records of other lists, which are not in it: {counts(pointed_to)}; export all lists to have them", 0)


_WORDS: Final = {
    OutFormat.QBXML: "qbXML query answers",
    OutFormat.CSV: "CSV",
    OutFormat.IIF: "IIF",
    OutFormat.LEDGER: "CSV, one line a posting",
    OutFormat.YAML: "a description as YAML",
}


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
    for path in contents:
        if path.is_dir():
            raise UserMistake(f"{path} is a folder", "--out", "a file to write", "add a name to it")
        if _is_company_file(path):
            raise UserMistake(f"{path} is a company file", "--out", "a file that may be replaced", "give another name")
    try:
        put(contents)
    except OSError as error:
        raise UserMistake(
            f"cannot write {error.filename} ({error.strerror})", "--out", "a file in a folder that is there"
        ) from None


def _is_company_file(path: Path) -> bool:
    """Return whether a file is a database, as company files are: an export is no reason to lose one."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_DATABASE)) == _DATABASE
    except OSError as error:
        raise UserMistake(
            f"cannot read {path} ({error.strerror})", "--out", "a file that may be replaced", "give another name"
        ) from None


_DATABASE: Final = b"SQLite format 3\0"
