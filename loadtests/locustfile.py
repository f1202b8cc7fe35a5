"""Load on port 8891: a platform that sends invoices and bills and asks balances, and a verdict that is read from the books.

    fakebooks up &
    locust -f loadtests/locustfile.py --headless --users 8 --spawn-rate 8 --run-time 10s

It finds the running FakeBooks by its note (or by FAKEBOOKS_CONTROL and FAKEBOOKS_TOKEN) and learns from it where port 8891 is. When the
load ends, every document that was acknowledged must stand in the company file exactly once, unaltered. Exit codes: 0 so it is · 1 so it
is, but some calls failed · 3 nothing was acknowledged · 4 no FakeBooks, or the books could not be read · 10 lost · 11 twice or altered.
A fast connector that duplicates is no pass.

Users send as a platform does: a document that was not taken (503) or whose answer never came is sent again after a pause, with the same
key; and now and then one that was acknowledged is sent once more.

Read with care: the figures are those of a *simulated* QuickBooks, which works on one request at a time, like the real one: capacity is
one over the mean service time, whatever the number of users.
"""

import itertools
import os
import uuid

from locust import HttpUser, events, task
from verdict import NOT_STARTED, judge

from emulator.client import Control, ControlFailed, Running, find_running

SCALE = 100_000
"""Quantities and rates are whole numbers of 0.00001."""

BUSY_PAUSE_S = 0.2
"""How long a user waits after a 503: about the time in which the connector works off what it has in hand."""

DATE = "2026-11-23"
"""Date of every document: what it is plays no part here."""


class Load:
    """What the users of one run share: what there is to sell, and what was acknowledged.

    Args:
        directory: full names of `customers`, `vendors`, `items`.

    Attributes:
        acknowledged: key to document, for those whose sender was told `posted`.
        busy: how often a document was not taken (503).
    """

    def __init__(self, directory: dict[str, list[str]]) -> None:
        self.directory = directory
        self.acknowledged: dict[str, dict[str, object]] = {}
        self.busy = 0
        self._count = itertools.count(1)
        # One run's keys and numbers must not meet those of a run before, on the same company.
        self._run = uuid.uuid4().hex[:8]

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
            "number": f"L{self._run[:4]}{number:06d}",
            "party": parties[number % len(parties)],
            "date": DATE,
            "lines": lines,
            "total_cents": sum(int(str(line["amount_cents"])) for line in lines),
            "memo": "load test",
            "fields": {},
        }


class PlatformWorker(HttpUser):
    """Sends documents, one after the other, and asks a balance now and then, as a platform's workers do."""

    def on_start(self) -> None:
        """Join the load of this run."""
        self.load: Load = self.environment.fakebooks_load
        self.waiting: dict[str, object] | None = None
        self.busy = False

    def wait_time(self) -> float:
        """Return how long to pause (seconds): after a 503 a little, else not at all."""
        busy, self.busy = self.busy, False
        return BUSY_PAUSE_S if busy else 0.0

    @task(8)
    def send_invoice(self) -> None:
        """Send one invoice, or the document that waits."""
        self._send(self.waiting or self.load.document("invoice"))

    @task(2)
    def send_bill(self) -> None:
        """Send one bill, or the document that waits."""
        self._send(self.waiting or self.load.document("bill"))

    @task(1)
    def send_again(self) -> None:
        """Send once more what was acknowledged, as if the answer had been lost."""
        known = self.load.acknowledged
        if known:
            self._send(known[next(reversed(known))], "again")

    @task(2)
    def ask_balance(self) -> None:
        """Ask the open balance of a customer."""
        customer = self.load.directory["customers"][0]
        with self.client.get("/v1/balance", params={"customer": customer}, name="balance", catch_response=True) as answer:
            if answer.status_code == 503:
                self._was_busy(answer)
            elif answer.status_code != 200 or not isinstance(_json(answer).get("balance_cents"), int):
                answer.failure(f"no balance: HTTP {answer.status_code}")

    def _send(self, document: dict[str, object], name: str = "") -> None:
        with self.client.post("/v1/documents", json=document, name=name or document["kind"], catch_response=True) as answer:
            self.waiting = None
            if answer.status_code == 200 and _json(answer).get("outcome") == "posted":
                self.load.acknowledged[str(document["key"])] = document
            elif answer.status_code == 503:
                # No place free, or it is not known what became of it: nobody was told that it stands in the books.
                self.waiting = document
                self._was_busy(answer)
            else:
                if not answer.status_code:
                    # No answer at all: the outcome is unknown, so it is sent again with the same key.
                    self.waiting = document
                    self.busy = True
                answer.failure(f"HTTP {answer.status_code}: {(answer.text or '')[:200]}")

    def _was_busy(self, answer) -> None:
        self.load.busy += 1
        self.busy = True
        answer.success()


def _json(answer) -> dict[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def running_fakebooks() -> Running:
    """Return where FakeBooks is; SystemExit with one line when it is nowhere."""
    url, token = os.environ.get("FAKEBOOKS_CONTROL"), os.environ.get("FAKEBOOKS_TOKEN")
    running = Running(url, token) if url and token else find_running()
    if running is None:
        raise _stop("no running FakeBooks found: start `fakebooks up`, or set FAKEBOOKS_CONTROL and FAKEBOOKS_TOKEN")
    return running


def _stop(sentence: str) -> SystemExit:
    print(f"locustfile: {sentence}")
    return SystemExit(NOT_STARTED)


@events.init.add_listener
def _learn_where(environment, **_: object) -> None:
    running = running_fakebooks()
    with Control(running) as control:
        if not control.ready():
            raise _stop(f"FakeBooks does not answer at {running.url}: start `fakebooks up`")
        try:
            status = control.status()
            environment.fakebooks_load = Load(control.directory(status["company"]))
        except ControlFailed as failed:
            raise _stop(f"FakeBooks at {running.url} refuses: {failed}") from None
    environment.fakebooks_company = status["company"]
    environment.fakebooks_running = running
    environment.host = environment.host or status["urls"]["port 8891"]


@events.quitting.add_listener
def _read_the_books(environment, **_: object) -> None:
    load: Load = environment.fakebooks_load
    try:
        with Control(environment.fakebooks_running) as control:
            verdict = judge(load.acknowledged, control.booked(environment.fakebooks_company))
    except ControlFailed as failed:
        print(f"verdict: none, the books could not be read: {failed}")
        environment.process_exit_code = NOT_STARTED
        return
    print(f"verdict from the books: {verdict.sentence} (not taken at once: {load.busy})")
    # 0 is left to Locust, which says 1 when calls failed.
    environment.process_exit_code = verdict.exit_code or None
