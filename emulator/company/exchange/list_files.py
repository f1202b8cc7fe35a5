"""Lists as files: CSV with QuickBooks' headings, and IIF.

CSV   one list a file; a line of headings, then a line a record. Read as UTF-8, else as Windows-1252, QuickBooks' own code page
IIF   any lists in one file; tab-separated; `!CUST` and headings, then `CUST` and cells for each record; Windows-1252. A cell that
      holds a comma, a quotation mark or a line break stands in quotation marks, doubled inside (observed)
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emulator.company.exchange.cells import CSV, IIF
from emulator.company.exchange.columns import KEYWORDS, TABLE_OF, TABLES, Table
from emulator.company.exchange.rows import columns_of, heading
from emulator.core.errors import UserMistake, nearest

CODE_PAGE: Final = "cp1252"

_TRANSACTIONS: Final = frozenset({"TRNS", "SPL", "ENDTRNS", "TIMEACT", "BUD"})
_PASSED_OVER: Final = frozenset({"HDR", "CUSTNAMEDICT", "ENDCUSTNAMEDICT", "CUSTITEMDICT", "ENDCUSTITEMDICT", "TIMERHDR"})
"""Keywords of lines that say nothing of a list: about the file, and labels of custom fields."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a list file: its list, its cells by heading, and where they stand.

    Attributes:
        table: its list.
        cells: heading -> text.
        name: of the file.
        number: the line it ends on.
        places: heading -> number of the column, from 1.
        style: CSV or IIF.
    """

    table: Table
    cells: dict[str, str]
    name: str
    number: int
    places: dict[str, int]
    style: str

    def where(self, found: str = "") -> str:
        """Return FILE:LINE, with the column of a heading."""
        place = self.places.get(found)
        return f"{self.name}:{self.number}" + (f", column {place} ({found})" if place else "")


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a list file holds: its records, and the headings that were passed over."""

    lines: list[Line]
    left_out: list[str]


# ---- CSV -------------------------------------------------------------------------------------------------------------------------


def read_csv(content: bytes, name: str, list_name: str = "") -> ListFile:
    """Read a list as QuickBooks exports it. Without `list_name` the headings say which list it is.

    Raises:
        UserMistake: with file, line and column.
    """
    text = _text_of(content, name)
    rows = _rows(text, name, ",")
    headings = next(rows, None)
    if headings is None:
        raise UserMistake("the file is empty", name, "a line of QuickBooks' headings")
    number, names = headings
    names = [each.strip() for each in names]
    table = TABLE_OF[list_name] if list_name else _table_with(names, name)
    known = {heading(column, CSV): column for column in columns_of(table, CSV)}
    places: dict[str, int] = {}
    for place, each in enumerate(names, start=1):
        where = f"{name}:{number}, column {place}"
        if each in places:
            raise UserMistake(f"the heading {each!r} stands there twice", where, "each heading once", "take one away")
        if each and each not in known:
            near = nearest(each, known)
            expected = f"{near!r}" if near else f"headings of the {table.name} list: {', '.join(known)}"
            raise UserMistake(f"unknown heading {each!r}", where, expected, "mend or take away the column")
        places[each] = place
    first = heading(table.name_column, CSV)
    if first not in places:
        raise UserMistake(f"there is no column {first!r}", f"{name}:{number}", f"the heading {first!r}")
    lines = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            what = f"{len(cells)} cells under {len(names)} headings"
            where = f"{name}:{number}, column {min(len(cells), len(names)) + 1}"
            raise UserMistake(what, where, "a cell for each heading", "the file may be cut short: export it again")
        lines.append(Line(table, dict(zip(names, cells, strict=True)), name, number, places, CSV))
    follows = [each for each in names if each in known and known[each].follows]
    return ListFile(lines, follows)


def _table_with(names: list[str], name: str) -> Table:
    """Return the list whose records are named by one of these headings."""
    given = set(names)
    found = [table for table in TABLES if heading(table.name_column, CSV) in given]
    # A customer's headings include those of its type and terms: the list with the most of its headings is meant.
    scored = sorted(found, key=lambda table: -len(given & {heading(column, CSV) for column in columns_of(table, CSV)}))
    if not scored:
        other = next((mark for mark in ";\t|" if any(mark in each for each in names)), None)
        if other is not None:
            what = f"its cells are separated by {other!r}"
            raise UserMistake(what, f"{name}:1", "commas between cells", "export it as a CSV with commas")
        words = ", ".join(repr(heading(table.name_column, CSV)) for table in TABLES)
        near = next(
            (
                each
                for each in (nearest(given_name, [heading(t.name_column, CSV) for t in TABLES]) for given_name in names)
                if each
            ),
            None,
        )
        raise UserMistake("its headings are of no list", f"{name}:1", f"{near!r}" if near else f"one of {words}", "or say --list")
    return scored[0]


def write_csv(table: Table, rows: Iterator[list[str]]) -> str:
    """Return a list as a CSV with QuickBooks' headings."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading(column, CSV) for column in columns_of(table, CSV)])
    writer.writerows(rows)
    return out.getvalue()


# ---- IIF -------------------------------------------------------------------------------------------------------------------------


def read_iif(content: bytes, name: str) -> ListFile:
    """Read the lists of an IIF file.

    Raises:
        UserMistake: with file, line and column.
    """
    text = _text_of(content, name, code_page_only=True)
    headings: dict[str, list[str]] = {}
    lines: list[Line] = []
    left_out: dict[str, None] = {}
    for number, cells in _rows(text, name, "\t"):
        keyword = cells[0].strip()
        if not any(cell.strip() for cell in cells):
            continue
        plain = keyword.removeprefix("!").upper()
        where = f"{name}:{number}"
        if plain in _TRANSACTIONS:
            given = f"{keyword} is a line of a transaction, and transactions do not come in from IIF"
            advice = "take its lines away, or take transactions from query answers (qbXML); nothing was imported"
            raise UserMistake(given, f"{where}, column 1", "lists alone, such as CUST or VEND", advice)
        if plain in _PASSED_OVER:
            continue
        if plain not in KEYWORDS:
            near = nearest(plain, KEYWORDS)
            expected = f"{near!r}" if near else f"one of {', '.join(KEYWORDS)}"
            raise UserMistake(f"unknown keyword {keyword!r}", f"{where}, column 1", expected, "take the line away")
        if keyword.startswith("!"):
            headings[plain] = _headings_of(KEYWORDS[plain], cells, where, left_out)
            continue
        if plain not in headings:
            raise UserMistake(f"{keyword} before its headings", where, f"a line !{plain} with headings above it")
        lines.append(_iif_line(KEYWORDS[plain], headings[plain], cells, name, number))
    if not headings:
        raise UserMistake("it has no line of headings", name, "an IIF file: lines such as !CUST and CUST", "export it again")
    last = text.rstrip("\n")
    if lines and not text.endswith("\n") and last.count("\t", last.rfind("\n") + 1) < len(headings[lines[-1].table.keyword]):
        raise UserMistake("the last line is cut short", lines[-1].where(), "a whole file", "export it again")
    return ListFile(lines, list(left_out))


def _headings_of(table: Table, cells: list[str], where: str, left_out: dict[str, None]) -> list[str]:
    """Return the headings of a list. Those that we do not keep are passed over, as QuickBooks does (inferred), and told."""
    names = [each.strip().upper() for each in cells[1:]]
    known = {heading(column, IIF): column for column in columns_of(table, IIF)}
    first = heading(table.name_column, IIF)
    if first not in names:
        raise UserMistake(f"!{table.keyword} has no heading {first}", where, f"the heading {first}")
    for place, each in enumerate(names, start=2):
        if each in known and names.index(each) != place - 2 and not known[each].follows:
            raise UserMistake(f"the heading {each} stands there twice", f"{where}, column {place}", "each heading once")
        near = nearest(each, known) if each and each not in known and each not in OTHER_HEADINGS else None
        if near is not None and _is_slip(each, near):
            raise UserMistake(f"unknown heading {each!r}", f"{where}, column {place}", repr(near), "mend the heading")
        if each and each not in ("REFNUM", "TIMESTAMP") and (each not in known or known[each].follows):
            left_out[f"{table.keyword} {each}"] = None
    return names


def _is_slip(given: str, near: str) -> bool:
    """Return whether a heading is a known one with one letter wrong, or two that changed places: then it was meant."""
    if given.rstrip("0123456789") == near.rstrip("0123456789"):
        return False
    others = sum(one != other for one, other in zip(given, near, strict=False)) + abs(len(given) - len(near))
    return others <= 1 or sorted(given) == sorted(near)


OTHER_HEADINGS: Final = frozenset(
    {
        "OBAMOUNT", "SCD", "DELCOUNT", "USEID", "TAXCODE", "CURRENCY", "TOTVALUE", "TAXDIST", "EXTRA", "DEP_TYPE", "ISPASSEDTHRU", "ISNEW",
        "CC", "S1ADDR1", "PRICELEVEL", "VENDOR", "LOCATION", "NOTES", "NOTE", "SALEDATE", "BALANCEREC", "TAXID", "LIMIT",
    }
)  # fmt: skip
"""Headings of QuickBooks' own files that we do not keep."""


def _iif_line(table: Table, names: list[str], cells: list[str], name: str, number: int) -> Line:
    values = cells[1:]
    over = [place for place, cell in enumerate(values[len(names) :], start=len(names) + 2) if cell.strip()]
    if over:
        raise UserMistake("a cell without a heading", f"{name}:{number}, column {over[0]}", f"at most {len(names)} cells")
    # Empty cells at the end of a line may be left out (observed).
    values += [""] * (len(names) - len(values))
    found: dict[str, str] = {}
    places: dict[str, int] = {}
    for place, (each, cell) in enumerate(zip(names, values, strict=False), start=2):
        if each and each not in found:
            found[each], places[each] = cell, place
    return Line(table, found, name, number, places, IIF)


def write_iif(parts: Iterator[tuple[Table, list[list[str]]]], product: str, now: datetime) -> str:
    """Return lists as one IIF file. `product` is the QuickBooks it comes from."""
    out = [
        _tabbed(["!HDR", "PROD", "VER", "REL", "IIFVER", "DATE", "TIME", "ACCNTNT", "ACCNTNTSPLITTIME"]),
        _tabbed(["HDR", product, "FakeBooks", "", "1", now.date().isoformat(), str(int(now.timestamp())), "N", "0"]),
    ]
    for table, rows in parts:
        out.append(_tabbed([f"!{table.keyword}", *(heading(column, IIF) for column in columns_of(table, IIF))]))
        out += [_tabbed([table.keyword, *row]) for row in rows]
    return "".join(out)


def _tabbed(cells: list[str]) -> str:
    return "\t".join(_quoted(cell) for cell in cells) + "\r\n"


def _quoted(cell: str) -> str:
    if not any(mark in cell for mark in ',"\t\n\r'):
        return cell
    return '"' + cell.replace('"', '""') + '"'


# ---- both ------------------------------------------------------------------------------------------------------------------------


def _rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file with the number they end on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                given = f"a cell of more than {csv.field_size_limit():,} characters"
                raise UserMistake(
                    given, f"{name}:{first}", "cells of a list", "shorten it, or close its quotation mark"
                ) from None
            given = f"not readable ({error}); the record begins in line {first}"
            advice = "close the quotation mark, or export the file again: it may be cut short"
            raise UserMistake(given, f"{name}:{reader.line_num}", "whole lines of cells", advice) from None
        if cells:
            yield reader.line_num, cells


def _text_of(content: bytes, name: str, code_page_only: bool = False) -> str:
    """Return the text of a list file; what is in another encoding than it can be is refused with its line."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:2]:
        raise UserMistake("it is UTF-16", f"{name}:1", _encodings(code_page_only), "save it as one of these")
    control = _CONTROL(content)
    if control is not None:
        place = control.start()
        given = f"the byte {content[place]:#04x} at character {place - content.rfind(_LINE_END, 0, place)} is no text"
        advice = "take it away; if there are many, the file is UTF-16 or damaged: save it again"
        raise UserMistake(given, f"{name}:{content.count(_LINE_END, 0, place) + 1}", _encodings(code_page_only), advice)
    utf8 = _decoded(content.removeprefix(b"\xef\xbb\xbf"), "utf-8")
    if isinstance(utf8, str) and (not code_page_only or utf8.isascii()):
        return utf8
    if code_page_only and isinstance(utf8, str):
        place = next(place for place, each in enumerate(utf8) if not each.isascii())
        line_number = utf8.count("\n", 0, place) + 1
        raise UserMistake("it is UTF-8", f"{name}:{line_number}", "Windows-1252", "save it in that code page (ANSI)")
    text = _decoded(content, CODE_PAGE)
    if isinstance(text, str):
        return text
    line_number = content.count(b"\n", 0, text) + 1
    column = text - content.rfind(b"\n", 0, text)
    given = f"the byte {content[text]:#04x} at character {column} is no character"
    raise UserMistake(given, f"{name}:{line_number}", _encodings(code_page_only), "save it in that encoding")


_LINE_END: Final = b"\n"

_CONTROL: Final = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]").search
"""Characters that no request (XML 1.0) can carry, and so no record can have."""


def _decoded(content: bytes, encoding: str) -> str | int:
    """Return the text, or the place of the first byte that is none."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start


def _encodings(code_page_only: bool) -> str:
    return "text in Windows-1252" if code_page_only else "text in UTF-8 or Windows-1252"
