"""How FakeBooks scales: `python benchmarks/large.py [--customers N] [--transactions N] [--file PATH] [--rounds N] [--json]`.

A large company is generated (100,000 customers and 1,000,000 transactions unless told otherwise; `--file` keeps it, or takes the one that is
there), and beside it one of the same lists but a few customers and no transactions: the *empty* one. Then, within one run:

    opening         the large file, the empty one beside it
    InvoiceAdd      of five lines, decode -> company -> encode, large against empty, call by call in turn
    pages of 100    customers by ListID, by FullName, by name filters, by a range of TimeModified; invoices by RefNumber, by a range of
                    RefNumbers, by a range of TimeModified: the answer in the company, and with its qbXML document written
    iterator        pages of 100 customers and invoices: the first, early ones, late ones
    memory          peak of a process of its own that opens the large file, does all of the above, page by page through all of it,
                    and asks for all customers in one answer
    snapshot        snapshot, restore and fork of a company of 10,000 records, in memory and as a file
    journal         growth of memory over 1,000,000 rows

Measures only: there is no target in it, and its exit code is 0.
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from emulator.company import Caller, Company
from emulator.company.large import Size, create_large
from emulator.qbxml import AnswerWriter, decode_set, encode_request_set, make_request

VERSION = "13.0"
LINES = 5
PAGE = 100
WIDTH = 130
KIB = 1024
NANOSECONDS_PER_MILLISECOND = 1_000_000
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
SMALL_RECORDS = 10_000
JOURNAL_ROWS = 1_000_000


@dataclass(frozen=True)
class Figure:
    """One line of the result: a figure, and beside it (when there is one) what it is compared with, and by how much it is more."""

    name: str
    unit: str
    figure: float
    worst: float | None = None
    beside: float | None = None
    ratio: float | None = None


def main(arguments: list[str]) -> int:
    """Measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000, help="customers of the large company")
    parser.add_argument("--transactions", type=int, default=1_000_000, help="its transactions")
    parser.add_argument("--records", type=int, default=SMALL_RECORDS, help="records of the company for snapshots")
    parser.add_argument("--rows", type=int, default=JOURNAL_ROWS, help="rows of the journal")
    parser.add_argument("--file", type=Path, help="where the large company is, or goes and stays")
    parser.add_argument("--rounds", type=int, default=100, help="calls of each subject")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if min(given.rounds, given.customers, given.records) < 1 or min(given.transactions, given.rows) < 0:
        parser.error("expected at least one round, one customer, one record, and no negative numbers")
    if given.memory_of is not None:
        print(peak_mb_of(given.memory_of))
        return 0
    with tempfile.TemporaryDirectory(prefix="fakebooks-large-") as folder:
        figures = list(measured(given, Path(folder)))
    (show_json if given.json else show_table)(figures)
    return 0


def measured(given: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    """Make the companies and measure everything."""
    large = given.file or folder / "large.qbw"
    if not large.exists():
        begun = time.perf_counter()
        generated(large, Size(customers=given.customers, transactions=given.transactions))
        yield Figure("generate the large company", "s", round(time.perf_counter() - begun, 1))
    empty = folder / "empty.qbw"
    generated(empty, Size(customers=5, transactions=0))
    yield Figure("large company file", "MB", round(large.stat().st_size / 1_000_000))
    yield opening(large, empty, given.rounds)
    yield invoices(large, empty, given.rounds)
    with closing(Company.open(large, lambda: NOW)) as company:
        yield from pages(company, given.rounds)
        yield from iterators(company, given.rounds)
    peak = subprocess.run([sys.executable, __file__, "--memory-of", large], check=True, capture_output=True, text=True).stdout
    yield Figure("memory: peak of a process that does all this", "MB", float(peak))
    yield from snapshots(given.records, folder, given.rounds)
    yield Figure(f"journal: growth of memory over {given.rows:,} rows", "MB", grown_mb_by(given.rows))


def generated(path: Path, size: Size) -> None:
    """Make a company file, telling how far it is."""
    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(part: str, done: int, count: int) -> None:
            tasks[part] = tasks[part] if part in tasks else bars.add_task(part, total=count)
            bars.update(tasks[part], completed=done)

        create_large(path, size, lambda: NOW, told).close()


# ---- requests -------------------------------------------------------------------------------------------------------------------


def performed(company: Company, document: bytes) -> int:
    """Perform a document in the company and make its records; returns how many there are."""
    [answer] = company.begin_set(decode_set(document), Caller("benchmark", "Benchmark")).finish()
    assert answer.status.code == 0, answer.status
    return len(answer.records)


def written(company: Company, document: bytes) -> str:
    """Perform a document and return the answer document."""
    messages = decode_set(document)
    run = company.begin_set(messages, Caller("benchmark", "Benchmark"))
    writer = AnswerWriter(messages)
    for step in run:
        answer = step.perform()
        assert answer.status.code == 0, answer.status
        writer.add(answer)
    return writer.document(run.attributes)


def asking(request: str, values: dict[str, Any], **attributes: str) -> bytes:
    """Return a document of one request."""
    return encode_request_set(VERSION, "stopOnError", [make_request(request, values, **attributes)]).encode("ascii")


def invoice(company: Company) -> bytes:
    """Return an InvoiceAdd of five lines for a customer in the middle."""
    execute = company._store.execute
    customers = [row[0] for row in execute("SELECT full_name FROM list_record WHERE kind = 'Customer'").fetchall()]
    items = [row[0] for row in execute("SELECT full_name FROM list_record WHERE kind = 'ItemNonInventory' LIMIT ?", (LINES,))]
    lines = [
        ("InvoiceLineAdd", {"ItemRef": {"FullName": items[place]}, "Desc": f"line {place}", "Quantity": 200_000})
        for place in range(LINES)
    ]
    header = {"CustomerRef": {"FullName": customers[len(customers) // 2]}, "TxnDate": "2023-11-23", "Memo": "benchmark"}
    return asking("InvoiceAdd", {"InvoiceAdd": {**header, "InvoiceLineAdd|InvoiceLineGroupAdd": lines}})


# ---- what is measured -----------------------------------------------------------------------------------------------------------


def opening(large: Path, empty: Path, rounds: int) -> Figure:
    """Open and close both files in turn."""
    times: dict[Path, list[float]] = {large: [], empty: []}
    for _ in range(max(rounds // 5, 1)):
        for path, taken in times.items():
            taken.append(took_ms(lambda path=path: Company.open(path, lambda: NOW).close()))
    return compared("open and close", times[large], times[empty])


def invoices(large: Path, empty: Path, rounds: int) -> Figure:
    """Add invoices in both companies in turn; each commit goes to the file."""
    with closing(Company.open(large, lambda: NOW)) as ours, closing(Company.open(empty, lambda: NOW)) as bare:
        documents = {ours: invoice(ours), bare: invoice(bare)}
        times: dict[Company, list[float]] = {ours: [], bare: []}
        for number in range(rounds + rounds // 10 + 1):
            for company in (ours, bare) if number % 2 else (bare, ours):
                times[company].append(took_ms(lambda company=company: written(company, documents[company])))
        skipped = rounds // 10 + 1
        return compared(f"InvoiceAdd, {LINES} lines", times[ours][skipped:], times[bare][skipped:])


def queries(company: Company) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the queries that are answered with a page of 100, out of the middle of the company."""
    execute = company._store.execute
    where = "FROM list_record WHERE kind = 'Customer' AND active ORDER BY"
    count = execute("SELECT count(*) FROM list_record WHERE kind = 'Customer' AND active").fetchone()[0]
    rows = execute(f"SELECT list_id, full_name, name, modified {where} sort_key LIMIT ? OFFSET ?", (PAGE, count // 2)).fetchall()
    [[since]] = execute(f"SELECT modified {where} record LIMIT 1 OFFSET ?", (count // 2,)).fetchall()
    sold = "FROM txn WHERE kind = 'Invoice' ORDER BY number LIMIT ? OFFSET ?"
    all_sold = execute("SELECT count(*) FROM txn WHERE kind = 'Invoice'").fetchone()[0]
    refs = execute(f"SELECT ref, modified, date {sold}", (PAGE, all_sold // 2)).fetchall()
    page = {"MaxReturned": PAGE}
    text = company._books.local_time.text
    span = {"FromModifiedDate": text(refs[0][1]), "ToModifiedDate": text(refs[0][1] + 7 * 86_400)}
    return {
        "customers by ListID": ("CustomerQuery", {"ListID": [row[0] for row in rows]}),
        "customers by FullName": ("CustomerQuery", {"FullName": [row[1] for row in rows]}),
        "customers by NameFilter StartsWith": (
            "CustomerQuery", {**page, "NameFilter": {"MatchCriterion": "StartsWith", "Name": rows[0][1][:2]}},
        ),
        "customers by NameFilter Contains": (
            "CustomerQuery", {**page, "NameFilter": {"MatchCriterion": "Contains", "Name": rows[0][1].split()[0]}},
        ),
        "customers by NameRangeFilter": ("CustomerQuery", {**page, "NameRangeFilter": {"FromName": rows[0][1]}}),
        "customers by range of TimeModified": ("CustomerQuery", {**page, "FromModifiedDate": text(since)}),
        "customers, no filter": ("CustomerQuery", page),
        "invoices by RefNumber": ("InvoiceQuery", {"RefNumber": [row[0] for row in refs]}),
        "invoices by RefNumberFilter StartsWith": (
            "InvoiceQuery", {**page, "RefNumberFilter": {"MatchCriterion": "StartsWith", "RefNumber": refs[0][0][:3]}},
        ),
        "invoices by RefNumberRangeFilter": (
            "InvoiceQuery", {**page, "RefNumberRangeFilter": {"FromRefNumber": refs[0][0], "ToRefNumber": refs[-1][0]}},
        ),
        "invoices by range of TimeModified, a week": ("InvoiceQuery", {**page, "ModifiedDateRangeFilter": span}),
        "invoices by TimeModified since the middle": (
            "InvoiceQuery", {**page, "ModifiedDateRangeFilter": {"FromModifiedDate": span["FromModifiedDate"]}},
        ),
        "invoices by TxnDate": ("InvoiceQuery", {**page, "TxnDateRangeFilter": {"FromTxnDate": refs[0][2]}}),
        "invoices, no filter": ("InvoiceQuery", page),
    }  # fmt: skip


def pages(company: Company, rounds: int) -> Iterator[Figure]:
    """Measure pages of 100."""
    for name, (request, values) in queries(company).items():
        document = asking(request, values)
        assert 0 < performed(company, document) <= PAGE
        inside = [took_ms(lambda document=document: performed(company, document)) for _ in range(max(rounds // 5, 1))]
        whole = [took_ms(lambda document=document: written(company, document)) for _ in range(max(rounds // 5, 1))]
        median = statistics.median(inside)
        yield Figure(
            f"page of {PAGE}: {name}", "ms", round(median, 2), round(max(inside), 2), round(statistics.median(whole), 2), None
        )


def iterators(company: Company, rounds: int) -> Iterator[Figure]:
    """Measure pages of iterators: the one that starts it, early ones, and late ones, which are compared."""
    for request in ("CustomerQuery", "InvoiceQuery"):
        values = {"MaxReturned": PAGE}
        begun = time.perf_counter_ns()
        [answer] = company.begin_set(decode_set(asking(request, values, iterator="Start")), Caller("benchmark", "B")).finish()
        start_ms = (time.perf_counter_ns() - begun) / NANOSECONDS_PER_MILLISECOND
        times: list[float] = []
        goes_on = asking(request, values, iterator="Continue", iteratorID=answer.attributes["iteratorID"])
        left = int(answer.attributes["iteratorRemainingCount"])
        while left:
            begun = time.perf_counter_ns()
            [answer] = company.begin_set(decode_set(goes_on), Caller("benchmark", "B")).finish()
            times.append((time.perf_counter_ns() - begun) / NANOSECONDS_PER_MILLISECOND)
            left = int(answer.attributes["iteratorRemainingCount"])
        yield Figure(f"iterator over {request.removesuffix('Query')}s: first page", "ms", round(start_ms, 2))
        tenth = max(len(times) // 10, 1)
        if times:
            yield compared(
                f"iterator over {request.removesuffix('Query')}s: late pages against early ones", times[-tenth:], times[:tenth]
            )


def peak_mb_of(path: Path) -> float:
    """Do all that is measured with a company, and return the peak of this process's memory in MB."""
    with closing(Company.open(path, lambda: NOW)) as company:
        document = invoice(company)
        for _ in range(100):
            written(company, document)
        for request, values in queries(company).values():
            written(company, asking(request, values))
        written(company, asking("CustomerQuery", {"ActiveStatus": "All"}))
        for _ in iterators(company, 1):
            pass
    return peak_mb()


def peak_mb() -> float:
    """Return the most memory that this process has had; what `getrusage` tells begins with that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.partition("VmHWM:")[2].split()[0]) * KIB / 1_000_000, 1)


def snapshots(records: int, folder: Path, rounds: int) -> Iterator[Figure]:
    """Measure snapshot, restore and fork of a company, half of its records customers and half transactions, in memory and as a file.

    An invoice is added between snapshot and restore. A fork is compared with the bare copy of as many bytes.
    """
    for place, path in (("in memory", None), ("as a file", folder / "records.qbw")):
        size = Size(customers=max(records // 2, 1), transactions=records // 2, vendors=100, items=200)
        with closing(create_large(path, size, lambda: NOW)) as company:
            document = invoice(company)
            content = company._store.connection.serialize()
            times: dict[str, list[float]] = {name: [] for name in ("snapshot", "restore", "fork", "copy")}
            kept: list[object] = []
            first = took_ms(lambda company=company, kept=kept: kept.append(company.snapshot()))
            yield Figure(f"snapshot of {records:,} records {place}: the first of an opening", "ms", round(first, 3))
            for number in range(max(rounds // 5, 1)):
                copy, beside = folder / f"fork{place}{number}", folder / f"copy{place}{number}"
                times["snapshot"].append(took_ms(lambda company=company, kept=kept: kept.append(company.snapshot())))
                written(company, document)
                times["restore"].append(took_ms(lambda company=company, kept=kept: company.restore(kept[-1])))
                forked: list[Company] = []
                times["fork"].append(
                    took_ms(
                        lambda company=company, forked=forked, path=path, copy=copy: forked.append(company.fork(path and copy))
                    )
                )
                forked[0].close()
                times["copy"].append(
                    took_ms(
                        lambda content=content, path=path, beside=beside: (
                            bytearray(content) if path is None else beside.write_bytes(content)
                        )
                    )
                )
                for each in (copy, beside):
                    each.unlink(missing_ok=True)
            for name in ("snapshot", "restore"):
                yield Figure(
                    f"{name} of {records:,} records {place}",
                    "ms",
                    round(statistics.median(times[name]), 3),
                    round(max(times[name]), 3),
                )
            yield compared(f"fork of {records:,} records {place} against a bare copy of its bytes", times["fork"], times["copy"])


def grown_mb_by(rows: int) -> float:
    """Return by how many MB the peak of a process grows that adds so many rows to a journal and reads them all."""
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from emulator.core.journal import Journal\n"
        "def peak(): return int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
        "journal, before = Journal(lambda: datetime(2026, 11, 23, tzinfo=UTC)), peak()\n"
        "for number in range(int(sys.argv[1])):\n"
        "    journal.add('network', 'call-answered', number=number, key=f'invoice-{number}', text='x' * 40, status=200)\n"
        "assert sum(1 for _ in journal.rows('call-answered')) == len(journal)\n"
        "print(peak() - before)\n"
    )
    grown = subprocess.run([sys.executable, "-c", program, str(rows)], check=True, capture_output=True, text=True).stdout
    return round(int(grown) * KIB / 1_000_000, 1)


def took_ms(call: Callable[[], object]) -> float:
    """Return the milliseconds of a call."""
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / NANOSECONDS_PER_MILLISECOND


def compared(name: str, ours: list[float], beside: list[float]) -> Figure:
    """Return the medians of two series, and their ratio."""
    median, base = statistics.median(ours), statistics.median(beside)
    return Figure(name, "ms", round(median, 3), round(max(ours), 3), round(base, 3), round(median / base, 2))


# ---- telling --------------------------------------------------------------------------------------------------------------------


def show_table(figures: list[Figure]) -> None:
    """Print the figures for people."""
    table = Table("what", "median", "worst", "beside", "ratio", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for each in figures:
        cells = ["" if value is None else f"{value:,} {each.unit}" for value in (each.figure, each.worst, each.beside)]
        table.add_row(each.name, *cells, "" if each.ratio is None else f"{each.ratio:.2f}")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)
    console.print(
        "beside: of pages the same with its document written; else the empty company, the early pages, the bare copy.",
        soft_wrap=True,
    )


def show_json(figures: list[Figure]) -> None:
    """Print the figures and what they were measured on, as JSON."""
    machine = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    print(json.dumps({"machine": machine, "figures": [asdict(figure) for figure in figures]}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
