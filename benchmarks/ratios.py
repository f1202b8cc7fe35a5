"""How fast FakeBooks is, as ratios within one run: `python benchmarks/ratios.py [--rounds N] [--starts N] [--json] [--profile]`.

Two documents, an InvoiceAdd of five lines and a CustomerQuery by ListID, each two ways:

    in process             decode -> company -> encode: no session, no seat, no journal
    request processor      the same through a session of QuickBooks, with its rules and its journal, as every door does it

against the *floor*, what the same bytes cost without any QuickBooks: lxml parses them, an XSD checks the request, every element is
looked at, the tree is serialised, and SQLite inserts it into a table in memory and commits. Figures of microseconds differ from machine to
machine and from minute to minute; so floor and subject take turns, call by call, and what is told is the ratio of their medians.

Then the start: a bare Python, our imports, and `fakebooks exec` until the program it starts is running, against the bare Python.

Measures only: there is no target in it, and its exit code is 0.
"""

import argparse
import asyncio
import cProfile
import io
import json
import os
import platform
import pstats
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from lxml import etree
from rich.console import Console
from rich.table import Table

from emulator.company import Caller
from emulator.core.clock import RealClock
from emulator.desktop import RequestProcessor
from emulator.qbxml import AnswerWriter, decode_answer_set, decode_set, encode_request_set, make_request
from emulator.qbxml.xsd import structure_of
from emulator.world import DO_NOT_CARE, SERVER, World, WorldConfig

VERSION = "13.0"
LINES = 5
PROFILE_LINES = 25
PROFILE_CALLS = 300
WIDTH = 130
"""Columns of a table that goes into a file."""

NANOSECONDS_PER_MICROSECOND = 1000
NANOSECONDS_PER_MILLISECOND = 1_000_000

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Figure:
    """One line of the result.

    Attributes:
        name: what was measured. unit: of `median`, `p90` and `floor`.
        median, p90: of the subject's calls. floor: median of the floor's calls, which took turns with them.
        ratio: median by floor.
        calls: how many calls of each there were.
    """

    name: str
    unit: str
    median: float
    p90: float
    floor: float
    ratio: float
    calls: int


def main(arguments: list[str]) -> int:
    """Measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300, help="calls of each subject, and of its floor")
    parser.add_argument(
        "--starts", type=int, default=5, help="processes started for each line about the start; 0 leaves them out"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument(
        "--profile", action="store_true", help="print where the time goes in process (cProfile), and nothing else"
    )
    given = parser.parse_args(arguments)
    if given.rounds < 1 or given.starts < 0:
        parser.error("expected at least one round, and no negative number of starts")
    if given.profile:
        asyncio.run(profile())
        return 0
    figures = [*asyncio.run(requests(given.rounds)), *(starts(given.starts) if given.starts else ())]
    show = show_json if given.json else show_table
    show(figures)
    return 0


# ---- the two documents --------------------------------------------------------------------------------------------------------


def invoice(world: World) -> str:
    """Return an InvoiceAdd of five lines, for the first customer of the company."""
    truth = world.company.truth
    items = [row["full_name"] for row in truth.items() if row["kind"] in ("ItemService", "ItemNonInventory")]
    customer = next(row["full_name"] for row in truth.customers() if row["active"])
    lines = [
        ("InvoiceLineAdd", {"ItemRef": {"FullName": items[number % len(items)]}, "Desc": f"line {number}", "Quantity": 200_000})
        for number in range(LINES)
    ]
    header = {"CustomerRef": {"FullName": customer}, "TxnDate": "2026-11-23", "RefNumber": "B-1", "Memo": "benchmark"}
    values = {"InvoiceAdd": {**header, "InvoiceLineAdd|InvoiceLineGroupAdd": lines}}
    return encode_request_set(VERSION, "stopOnError", [make_request("InvoiceAdd", values)])


def customer_query(world: World) -> str:
    """Return a CustomerQuery for one customer by its ListID."""
    list_id = next(row["list_id"] for row in world.company.truth.customers() if row["active"])
    return encode_request_set(VERSION, "stopOnError", [make_request("CustomerQuery", {"ListID": [list_id]})])


DOCUMENTS = {
    f"InvoiceAdd, {LINES} lines": ("InvoiceAddRq", invoice),
    "CustomerQuery by ListID": ("CustomerQueryRq", customer_query),
}
"""What is sent: its name in the table, its request, and who makes it."""


# ---- floor and subjects -------------------------------------------------------------------------------------------------------


def floor(document: bytes, request: str) -> Call:
    """Return the floor for a document: parse, validate, walk, serialise, insert and commit."""
    books = sqlite3.connect(":memory:")
    books.execute("CREATE TABLE document (id INTEGER PRIMARY KEY, content BLOB)")
    books.commit()
    structure = structure_of(VERSION, request)

    async def call() -> object:
        root = etree.fromstring(document)
        assert structure.validate(root[0][0])
        seen = [(element.tag, element.text, tuple(element.attrib.items())) for element in root.iter()]
        text = etree.tostring(root)
        books.execute("INSERT INTO document (content) VALUES (?)", (text,))
        books.commit()
        return seen

    return call


def in_process(world: World, document: bytes) -> Call:
    """Return the subject without a session: decode, company, encode."""
    caller = Caller("benchmark", "Benchmark")

    async def call() -> str:
        messages = decode_set(document)
        run = world.company.begin_set(messages, caller)
        writer = AnswerWriter(messages)
        for step in run:
            writer.add(step.perform())
        return writer.document(run.attributes)

    return call


@asynccontextmanager
async def session(world: World):
    """Begin a session of the connector's application; yields processor and ticket."""
    world.machine(SERVER).log_in(world.config.connector.user, "multi")
    processor, perform = RequestProcessor(world.machine(SERVER)), world.driver.perform
    await perform(processor.open_connection_2("", world.config.connector.application, 1))
    ticket = await perform(processor.begin_session("", DO_NOT_CARE))
    try:
        yield processor, ticket
    finally:
        await perform(processor.end_session(ticket))
        await perform(processor.close_connection())


def new_world() -> World:
    """Return a world in memory with the sample company; only its QuickBooks is used."""
    return World(WorldConfig(), RealClock(datetime.now().astimezone()), None, None)


# ---- measuring ----------------------------------------------------------------------------------------------------------------


async def requests(rounds: int) -> list[Figure]:
    """Measure both documents both ways."""
    figures = []
    for name, (request, make) in DOCUMENTS.items():
        world = new_world()
        try:
            document = make(world).encode("ascii")
            bottom = floor(document, request)
            async with session(world) as (processor, ticket):

                async def through_session(world=world, processor=processor, ticket=ticket, document=document) -> str:
                    return await world.driver.perform(processor.process_request(ticket, document))

                for way, subject in (("in process", in_process(world, document)), ("request processor", through_session)):
                    await _must_succeed(subject)
                    figures.append(await _compared(f"{name}: {way}", subject, bottom, rounds))
        finally:
            world.let_go()
    return figures


async def _must_succeed(subject: Call) -> None:
    """What is refused is fast; it must not be what is measured."""
    [answer] = decode_answer_set(str(await subject()), VERSION).answers
    assert answer.status.code == 0, answer.status
    assert answer.records


async def _compared(name: str, subject: Call, bottom: Call, rounds: int) -> Figure:
    times: dict[Call, list[float]] = {subject: [], bottom: []}
    for number in range(rounds + rounds // 10):
        # Who goes first changes from round to round, so that neither profits from what the other left in the caches.
        for call in (subject, bottom) if number % 2 else (bottom, subject):
            begun = time.perf_counter_ns()
            await call()
            times[call].append((time.perf_counter_ns() - begun) / NANOSECONDS_PER_MICROSECOND)
    # The first tenth warms up.
    return _figure(name, "µs", times[subject][rounds // 10 :], times[bottom][rounds // 10 :])


def _figure(name: str, unit: str, subject: list[float], bottom: list[float]) -> Figure:
    median, base = statistics.median(subject), statistics.median(bottom)
    p90 = sorted(subject)[(len(subject) * 9) // 10]
    return Figure(name, unit, round(median, 1), round(p90, 1), round(base, 1), round(median / base, 2), len(subject))


def starts(count: int) -> Iterator[Figure]:
    """Measure starts: imports, and `fakebooks exec` until its program runs and until all is over."""
    bare = [sys.executable, "-c", "pass"]
    command = [sys.executable, "-c", "from emulator.cli import run; run()", "exec", "--"]
    subjects: dict[str, Callable[[], float]] = {
        "import emulator.qbxml": lambda: _took_ms([sys.executable, "-c", "import emulator.qbxml"]),
        "import emulator.cli.main": lambda: _took_ms([sys.executable, "-c", "import emulator.cli.main"]),
        "fakebooks exec: QuickBooks ready": lambda: _ready_ms([*command, "date", "+%s%N"]),
        "fakebooks exec -- true: all of it": lambda: _took_ms([*command, "true"]),
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    floors: list[float] = []
    for _ in range(count):
        floors.append(_took_ms(bare))
        for name, measure in subjects.items():
            times[name].append(measure())
    for name, taken in times.items():
        yield _figure(f"start: {name}", "ms", taken, floors)


def _took_ms(command: list[str]) -> float:
    begun = time.perf_counter_ns()
    subprocess.run(command, check=True)
    return (time.perf_counter_ns() - begun) / NANOSECONDS_PER_MILLISECOND


def _ready_ms(command: list[str]) -> float:
    """Return the milliseconds until the program at the end of a command tells the time (it is started when QuickBooks is ready)."""
    begun = time.time_ns()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return (int(told) - begun) / NANOSECONDS_PER_MILLISECOND


async def profile() -> None:
    """Print where the time goes in process."""
    for name, (_, make) in DOCUMENTS.items():
        world = new_world()
        try:
            call = in_process(world, make(world).encode("ascii"))
            await _must_succeed(call)
            profiler = cProfile.Profile()
            profiler.enable()
            for _ in range(PROFILE_CALLS):
                await call()
            profiler.disable()
        finally:
            world.let_go()
        text = io.StringIO()
        pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(PROFILE_LINES)
        print(f"{name}: {PROFILE_CALLS} times\n{text.getvalue().strip()}\n")


# ---- telling ------------------------------------------------------------------------------------------------------------------


def show_table(figures: list[Figure]) -> None:
    """Print the figures for people."""
    table = Table("what", "median", "90 of 100 below", "floor", "ratio", "calls", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for figure in figures:
        cells = [f"{each:,.1f} {figure.unit}" for each in (figure.median, figure.p90, figure.floor)]
        table.add_row(figure.name, *cells, f"{figure.ratio:.2f}", str(figure.calls))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)
    console.print(
        "floor: lxml parse, XSD, walk, serialise, SQLite insert and commit of the same bytes; of starts: a bare Python.",
        soft_wrap=True,
    )


def show_json(figures: list[Figure]) -> None:
    """Print the figures and what they were measured on, as JSON."""
    machine = {
        "python": platform.python_version(),
        "libxml": ".".join(map(str, etree.LIBXML_VERSION)),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    print(json.dumps({"machine": machine, "figures": [asdict(figure) for figure in figures]}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
