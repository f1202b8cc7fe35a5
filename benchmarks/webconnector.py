"""What the Web Connector costs: `python benchmarks/webconnector.py [--requests N] [--rounds N] [--json]`.

One cycle is an update of N requests: serverVersion, clientVersion, authenticate, N times sendRequestXML and receiveResponseXML,
closeConnection, against a service in a process of its own that answers at once. Three clients take turns, and what is told is the ratio
of their medians:

    bare client            the same bodies over one connection (httpx, as the Web Connector has it); the answers are read and thrown away
    web connector          an update that writes QWCLog.txt; QuickBooks answers at once with the same answers, so what is left is the Web Connector
    with QuickBooks        the same update; the sample company answers (a CustomerQuery of one record)

Target: the Web Connector at most 2 times the bare client. The exit code is 0 whatever comes out: figures are judged by people.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import httpx
from lxml import etree
from rich.console import Console
from rich.table import Table

from emulator.core.clock import RealClock
from emulator.core.serving import Serving
from emulator.core.switches import SwitchSettings
from emulator.webconnector import qwc, soap, switches
from emulator.webconnector.processor import OwnProcessor, Preferences, Processor
from emulator.webconnector.qwclog import Log
from emulator.webconnector.result import Around
from emulator.webconnector.service import USER_AGENT, Service
from emulator.webconnector.session import Update
from emulator.world import SERVER, World, WorldConfig

QUERY = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq requestID="1">'
    "<MaxReturned>1</MaxReturned></CustomerQueryRq></QBXMLMsgsRq></QBXML>"
)
MILLISECONDS = 1000


@dataclass(frozen=True)
class Figure:
    """One line of the result: milliseconds of one cycle, and the ratio to the bare client's."""

    name: str
    median_ms: float
    ratio: float
    rounds: int


# ---- the service, in a process of its own -------------------------------------------------------------------------------------------


def serve(requests: int) -> None:
    """Serve until standard input ends; prints the port."""
    asked = 0

    def app(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        nonlocal asked
        action = str(environ["HTTP_SOAPACTION"]).strip('"').rpartition("/")[2]
        environ["wsgi.input"].read()  # type: ignore[attr-defined]
        if action == "authenticate":
            asked = 0
        asked += action == "receiveResponseXML"
        percent = 100 if asked >= requests else asked * 99 // requests
        results = {
            "authenticate": "<string>t</string><string></string>",
            "sendRequestXML": escape(QUERY),
            "receiveResponseXML": str(percent),
        }
        body = (
            f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body><{action}Response xmlns="{soap.NAMESPACE}"><{action}Result>'
            f"{results.get(action, '')}</{action}Result></{action}Response></s:Body></s:Envelope>"
        ).encode()
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    serving = Serving(app).start()
    try:
        print(serving.port, flush=True)
        sys.stdin.read()
    finally:
        serving.stop()


# ---- the clients ----------------------------------------------------------------------------------------------------------------------


class Kept:
    """A QuickBooks that gives the answers it gave before, at once."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._answers: dict[str, str] = {}
        self._company, self._versions = "", [""]

    async def open(self, application_id: str, application: str, preferences: Preferences) -> None:
        """See Processor."""
        if not self._answers:
            await self._processor.open(application_id, application, preferences)

    async def begin(self, path: str) -> str:
        """See Processor."""
        if not self._answers:
            self._ticket = await self._processor.begin(path)
            self._company = await self._processor.company_file(self._ticket)
            self._versions = await self._processor.versions(self._ticket)
        return "ticket"

    async def company_file(self, ticket: str) -> str:
        """See Processor."""
        return self._company

    async def versions(self, ticket: str) -> list[str]:
        """See Processor."""
        return self._versions

    async def process(self, ticket: str, document: str) -> str:
        """See Processor."""
        # The time stands in the value of the lock.
        key = document if "AppLock" not in document else "lock"
        if key not in self._answers:
            self._answers[key] = await self._processor.process(self._ticket, document)
        return self._answers[key]

    async def end(self, ticket: str) -> None:
        """See Processor."""

    async def close(self) -> None:
        """See Processor."""

    async def release(self) -> None:
        """See Processor."""


class Bodies(Service):
    """A way to the service that keeps what goes over it, for the bare client."""

    def __init__(self, url: str, clock: RealClock) -> None:
        super().__init__(url, clock)
        self.sent: list[tuple[str, bytes]] = []

    async def exchange(self, operation, values, alter=None):  # type: ignore[no-untyped-def]
        """See Service."""
        self.sent.append((operation.action, soap.envelope(operation, values)))
        return await super().exchange(operation, values, alter)


async def bare(client: httpx.AsyncClient, url: str, sent: list[tuple[str, bytes]]) -> None:
    """Send the bodies of an update, one after the other."""
    for action, body in sent:
        headers = {"User-Agent": USER_AGENT, "Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        answer = await client.post(url, content=body, headers=headers)
        assert answer.status_code == httpx.codes.OK
        etree.fromstring(answer.content)


async def measure(url: str, rounds: int, log: Path) -> list[Figure]:
    """Let the clients take turns."""
    clock = RealClock(datetime.now().astimezone())
    # Two companies: the first cycle of `kept` is never finished in the one it asks.
    worlds = [World(WorldConfig(company="wholesale_small"), clock, None, None) for _ in range(2)]
    for world in worlds:
        world.machine(SERVER).log_in(world.config.connector.user, "multi")
    own, kept_from = (OwnProcessor(world.driver, world.machine(SERVER)) for world in worlds)
    kept = Kept(kept_from)
    name = worlds[0].config.connector.application
    application = qwc.Application(**{**vars(qwc.unnamed(url, "user")), "name": name})
    settings = SwitchSettings([switches.SWITCHES])

    async def update(processor: Processor, service: Service) -> None:
        around = Around(clock, settings, Log(clock.now, log))
        try:
            result = await Update(application, "password", service, processor, around).run()
        finally:
            await service.close()
        assert result.ok, result

    bodies = Bodies(url, clock)
    await update(kept, bodies)
    async with httpx.AsyncClient(timeout=None, trust_env=False) as client:
        subjects: dict[str, Callable[[], Awaitable[None]]] = {
            "bare client": lambda: bare(client, url, bodies.sent),
            "web connector": lambda: update(kept, Service(url, clock)),
            "with QuickBooks": lambda: update(own, Service(url, clock)),
        }
        taken: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(rounds):
            for name, act in subjects.items():
                began = time.perf_counter()
                await act()
                taken[name].append((time.perf_counter() - began) * MILLISECONDS)
    for world in worlds:
        world.let_go()
    medians = {name: statistics.median(each) for name, each in taken.items()}
    return [Figure(name, median, median / medians["bare client"], rounds) for name, median in medians.items()]


def main(arguments: list[str]) -> int:
    """Measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100, help="requests of one cycle")
    parser.add_argument("--rounds", type=int, default=10, help="cycles of each client")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.requests < 1 or given.rounds < 1:
        parser.error("expected at least one request and one round")
    if given.serve:
        serve(given.requests)
        return 0
    command = [sys.executable, __file__, "--serve", "--requests", str(given.requests)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdin is not None
        assert service.stdout is not None
        port = int(service.stdout.readline())
        try:
            with TemporaryDirectory() as folder:
                figures = asyncio.run(measure(f"http://127.0.0.1:{port}/", given.rounds, Path(folder) / "QWCLog.txt"))
        finally:
            service.stdin.close()
    if given.json:
        print(json.dumps({"requests": given.requests, "figures": [asdict(each) for each in figures]}, indent=2))
        return 0
    table = Table(title=f"one update of {given.requests} requests", title_justify="left")
    for name in ("client", "median", "ratio"):
        table.add_column(name, justify="left" if name == "client" else "right")
    for each in figures:
        table.add_row(each.name, f"{each.median_ms:.1f} ms", f"{each.ratio:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
