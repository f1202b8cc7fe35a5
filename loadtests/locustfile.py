"""Load on port 8891: a platform that sends invoices and bills and asks balances, and a verdict that is read from the books.

    fakebooks up &
    locust -f loadtests/locustfile.py --headless --users 8 --spawn-rate 8 --run-time 10s

It finds the running FakeBooks by its note (or by FAKEBOOKS_CONTROL and FAKEBOOKS_TOKEN) and learns from it where port 8891 is. When the
load ends, every document that was acknowledged must stand in the company file exactly once: exit code 10 when one is lost, 11 when one
stands there twice. A fast connector that duplicates is no pass.

Read with care: the figures are those of a *simulated* QuickBooks, which works on one request at a time, like the real one: capacity is
one over the mean service time, whatever the number of users.
"""

import itertools
import os
import uuid
from collections import Counter

from locust import HttpUser, constant, events, task

from emulator.client import Control, ControlFailed, Running, find_running

LOST, DUPLICATED, NOT_STARTED = 10, 11, 4
"""Exit codes, as of every command of FakeBooks."""

SCALE = 100_000
"""Quantities and rates are whole numbers of 0.00001."""


class Books:
    """What the users of one run share: where FakeBooks is, what there is to sell, and what was acknowledged.

    Attributes:
        acknowledged: keys of the documents whose sender was told `posted`.
    """

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self._count = itertools.count(1)
        # One run's keys and numbers must not meet those of a run before, on the same company.
        self._run = uuid.uuid4().hex[:8]
        self.directory: dict[str, list[str]] = {}

    def document(self, kind: str) -> dict[str, object]:
        """Return the next invoice or bill, as JSON for port 8891."""
        number = next(self._count)
        parties = self.directory["customers" if kind == "invoice" else "vendors"]
        items = self.directory["items"]
        lines = [
            {
                "item": items[(number + position) % len(items)],
                "description": f"load line {position}",
                "quantity": position * SCALE,
                "rate": 250 * SCALE // 100,
                "amount_cents": 250 * position,
            }
            for position in range(1, 2 + number % 5)
        ]
        return {
            "key": f"{self._run}-{number}",
            "kind": kind,
            "number": f"L{self._run[:3]}{number:06d}",
            "party": parties[number % len(parties)],
            "date": "2026-11-23",
            "lines": lines,
            "total_cents": sum(int(str(line["amount_cents"])) for line in lines),
            "memo": "load test",
            "fields": {},
        }


def running_fakebooks() -> Running:
    """Return where FakeBooks is; SystemExit with one line when it is nowhere."""
    url, token = os.environ.get("FAKEBOOKS_CONTROL"), os.environ.get("FAKEBOOKS_TOKEN")
    running = Running(url, token) if url and token else find_running()
    if running is None:
        raise SystemExit("no running FakeBooks found: start `fakebooks up`, or set FAKEBOOKS_CONTROL and FAKEBOOKS_TOKEN")
    return running


class PlatformWorker(HttpUser):
    """Sends documents, one after the other, and asks a balance now and then, as a platform's workers do."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Take the books of this run."""
        self.books: Books = self.environment.fakebooks_books

    @task(8)
    def send_invoice(self) -> None:
        """Send one invoice."""
        self._send("invoice")

    @task(2)
    def send_bill(self) -> None:
        """Send one bill."""
        self._send("bill")

    @task(2)
    def ask_balance(self) -> None:
        """Ask the open balance of a customer."""
        customer = self.books.directory["customers"][0]
        with self.client.get("/v1/balance", params={"customer": customer}, name="balance", catch_response=True) as answer:
            if answer.status_code != 200 or not isinstance(answer.json().get("balance_cents"), int):
                answer.failure(f"no balance: HTTP {answer.status_code}")

    def _send(self, kind: str) -> None:
        document = self.books.document(kind)
        with self.client.post("/v1/documents", json=document, name=kind, catch_response=True) as answer:
            if answer.status_code == 200 and answer.json().get("outcome") == "posted":
                self.books.acknowledged.append(str(document["key"]))
            elif answer.status_code == 503:
                # No place free: it was not taken, and nobody was told that it was. A platform sends it again later.
                answer.success()
            else:
                answer.failure(f"HTTP {answer.status_code}: {answer.text[:200]}")


@events.init.add_listener
def _learn_where(environment, **_: object) -> None:
    running = running_fakebooks()
    with Control(running) as control:
        if not control.ready():
            raise SystemExit(f"FakeBooks does not answer at {running.url}: start `fakebooks up`")
        status = control.status()
        environment.fakebooks_books = Books()
        environment.fakebooks_books.directory = control.directory(status["company"])
    environment.fakebooks_company = status["company"]
    environment.fakebooks_running = running
    environment.host = environment.host or status["urls"]["port 8891"]


@events.quitting.add_listener
def _read_the_books(environment, **_: object) -> None:
    acknowledged = environment.fakebooks_books.acknowledged
    try:
        with Control(environment.fakebooks_running) as control:
            found = Counter(record["key"] for record in control.booked(environment.fakebooks_company) if record["key"])
    except ControlFailed as failed:
        print(f"verdict: none, the books could not be read: {failed}")
        environment.process_exit_code = NOT_STARTED
        return
    lost = [key for key in acknowledged if not found[key]]
    twice = [key for key, times in found.items() if times > 1]
    print(f"verdict from the books: {len(acknowledged)} acknowledged, {len(lost)} lost, {len(twice)} booked twice")
    if twice:
        environment.process_exit_code = DUPLICATED
    elif lost or not acknowledged:
        environment.process_exit_code = LOST
