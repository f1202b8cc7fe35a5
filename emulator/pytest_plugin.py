"""The pytest plug-in: a QuickBooks for each test that asks for one. Loaded by pytest through the entry point `pytest11`.

    def test_my_connector(quickbooks):
        subprocess.run([sys.executable, "my_connector.py"], env=quickbooks.environment, check=True)
        assert len(quickbooks.booked("Invoice")) == 10

Text packs (`fakebooks texts`) are parameters of tests; each text says what QuickBooks does with it:

    from emulator.pytest_plugin import texts

    @pytest.mark.parametrize("text", texts("latin", "alphabets", field="name"))
    def test_names(quickbooks, text):
        my_connector.make_customer(text.text, environment=quickbooks.environment)
        assert text.told() in [customer["full_name"] for customer in quickbooks.customers()]

Each test has its own company file in memory, its own ports and its own journal, so tests run beside each other (pytest-xdist).
A Web Connector service is driven in one line, as an app object (WSGI or ASGI) or by its URL:

    def test_my_service(webconnector, quickbooks):
        result = webconnector.update(my_app, password="secret")
        assert result.ended == "done"
        assert result.operations()[-1] == "closeConnection"
        assert len(quickbooks.booked("Invoice")) == 1

The rooms of FakeBooks are imported when the first test asks for them: a test run that needs none pays nothing.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

Value = TypeVar("Value")

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from emulator.com.exec import Running
    from emulator.company import Snapshot
    from emulator.webconnector.apps import AsgiApp, WsgiApp
    from emulator.webconnector.result import Result
    from emulator.world.texts import TextField


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--fakebooks-company` and `--fakebooks-like`."""
    group = parser.getgroup("fakebooks", "FakeBooks: a simulated QuickBooks Desktop")
    group.addoption(
        "--fakebooks-company",
        default="wholesale_small",
        metavar="NAME|FILE",
        help="company that the fixture `quickbooks` opens: a shipped name, a .yaml file, or a company file, of which each test has a copy "
        "(default: wholesale_small)",
    )
    group.addoption(
        "--fakebooks-like",
        default="",
        metavar="FILE",
        help="have the QuickBooks of tests behave like a real one: switches, wording and latency, as `fakebooks parity FILE --out` writes "
        "them",
    )


class QuickBooksUnderTest:
    """QuickBooks with the sample company open in multi-user mode by user Goflow, every program authorised.

    Attributes:
        environment: environment for a program written for Windows with pywin32: run with it, the program finds this QuickBooks.
        url: address of the COM wire, for other programs.
        company_file: the Windows path of the company file.
    """

    def __init__(self, running: "Running") -> None:
        from emulator.com.exec import environment

        self._running = running
        self.url = running.url
        self.environment: dict[str, str] = environment(running.url, os.environ)
        self.company_file: str = self._on_loop(lambda: self._file().path)

    def _file(self) -> Any:
        return self._running.quickbooks.office.files[0]

    def _on_loop(self, act: Any) -> Any:
        return self._running.on_loop(act)

    def booked(self, kind: str) -> list[dict[str, Any]]:
        """Return the transactions of a kind (`Invoice`, `Bill`, `CreditMemo`, `ReceivePayment`), read from the books.

        Each has txn_id, ref (the number), party, date, amount_cents, open_cents, memo, lines and more.
        """
        found: list[dict[str, Any]] = self._on_loop(lambda: self._file().company.truth.transactions(kind))
        return found

    def customers(self) -> list[dict[str, Any]]:
        """Return the customers and jobs, read from the books: full_name, active, own_cents, total_cents and more."""
        found: list[dict[str, Any]] = self._on_loop(lambda: self._file().company.truth.customers())
        return found

    def events(self, subscriber: str) -> list[str]:
        """Fetch the events that wait for a SubscriberID, as QBXMLEvents documents, the oldest first; they are forgotten.

        A subscription made while the company file is open begins to hear events when it is opened anew (switch
        `desktop.subscription-in-force`): see `reopen`.
        """
        kept = self._running.quickbooks.subscriptions
        return list(self._on_loop(lambda: [event.document for event in kept.take_events(subscriber)]))

    def reopen(self) -> None:
        """A person logs out and in again, in the same mode: the company file is closed and opened, and sessions of programs are cut off."""
        self._on_loop(self._log_out_and_in)

    def _log_out_and_in(self) -> None:
        quickbooks = self._running.quickbooks
        opening = quickbooks.opening
        assert opening is not None
        quickbooks.log_out()
        quickbooks.log_in(opening.user.name, opening.mode, opening.spelling)

    def snapshot(self) -> "Snapshot":
        """Return the present state of the company file, to go back to with `restore` as often as you like; it costs next to nothing."""
        made: Snapshot = self._on_loop(lambda: self._file().company.snapshot())
        return made

    def restore(self, snapshot: "Snapshot") -> None:
        """Bring the company file back to a snapshot: records, balances, the numbers that are given out next, stored outcomes.

        Iterators are gone. Sessions, faults, events and the journal stay as they are.
        """
        self._on_loop(lambda: self._file().company.restore(snapshot))

    def fork(self, path: Path | str) -> None:
        """Write the company as it is now into a company file of its own at `path`, where nothing may be."""
        self._on_loop(lambda: self._file().company.fork(Path(path)).close())

    def fault(self, name: str, /, *, where: Mapping[str, str] | None = None, times: int | None = None, **more: Any) -> str:
        """Put a fault into force and return the name to lift it by.

        Args:
            name: of `fakebooks faults`, such as `answer-lost`.
            where: facts that a call must have: `{"request": "InvoiceAddRq"}`.
            times: it strikes at most this often.
            more: other fields of a fault as in a scenario file: `when`, `point`, `after`, `for_s`, `until`; `name` for `as`, `parameters`
                for `with`.

        Raises:
            UserMistake: there is no such fault, parameter, machine or user (the nearest right word is told), it strikes a part that is not
                here, or it contradicts a fault in force.
        """
        from emulator.core.fitting import fitted
        from emulator.faults import FaultSpec
        from emulator.world import check_part

        spec = fitted(FaultSpec, {"fault": name, "where": where or {}, "times": times, **more})
        plan = self._running.quickbooks.office.plan
        check_part(
            name,
            plan.kinds.values(),
            "this QuickBooks stands alone",
            "a fault of QuickBooks",
            {"web connector": "the fixture `webconnector` has it", "": "`fakebooks up` has all parts"},
        )
        return str(self._on_loop(lambda: plan.add(spec, self._running.quickbooks.office.now()).name))

    def fire(self, name: str, times: int = 1) -> None:
        """Let a fault that is armed by hand (`when={"by_hand": True}`) strike its next calls, or begin when it lasts."""
        self._on_loop(lambda: self._running.quickbooks.office.plan.fire(name, times))

    def lift(self, name: str = "") -> None:
        """End a fault, or all when none is named."""
        plan = self._running.quickbooks.office.plan
        self._on_loop(lambda: plan.lift(name) if name else plan.lift_all())

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that were put into force: name, of, point, hits, missed, rows (numbers in the journal), lifted and more."""
        return list(self._on_loop(lambda: [fault.told() for fault in self._running.quickbooks.office.plan.faults()]))

    def rows(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of the journal (of one kind): what happened, as QuickBooks saw it."""
        return list(self._on_loop(lambda: list(self._running.journal.rows(kind))))


def texts(*packs: str, field: "TextField | None" = None) -> "list[ParameterSet]":
    """Return difficult texts as parameters of a test, with their ids.

    Args:
        packs: names of `fakebooks texts`, or paths of .yaml files; all that are shipped when none is named.
        field: name, address or memo alone.

    Each is a `DifficultText`: `text`, `field`, `outcome(form)` and `told(form)`, where form is how the program under test writes it: as
    character references (the default) or raw.

    Raises:
        UserMistake: there is no such pack, or no text of this field in it (a test without parameters would be passed over in silence).
    """
    from emulator.world import some_texts_of

    return [pytest.param(text, id=text.id) for text in some_texts_of(packs, field)]


class WebConnectorUnderTest:
    """A Web Connector on the machine of `quickbooks`: its updates work on the same books, and its faults are in the same plan.

    Attributes:
        log: QWCLog.txt of all updates so far, with all of the XML.
    """

    def __init__(self, running: "Running") -> None:
        from emulator.core.clock import RealClock
        from emulator.core.switches import SwitchSettings
        from emulator.desktop import Driver
        from emulator.webconnector import faults, qwc, switches
        from emulator.webconnector.adding import FileIds
        from emulator.webconnector.processor import OwnProcessor
        from emulator.webconnector.qwclog import Log

        self._running = running
        self.log = ""
        quickbooks = running.quickbooks
        clock = RealClock(quickbooks.office.now())
        make_processor = lambda: OwnProcessor(Driver(clock), quickbooks)  # noqa: E731 - it is no function of its own
        self._file_ids = FileIds(make_processor, SwitchSettings([switches.SWITCHES]), Log(clock.now))
        running.on_loop(lambda: faults.join(quickbooks.office.plan))
        # Now, so that a fault that a test puts into force strikes an update and not this.
        self._wait(self._file_ids.write(qwc.unnamed("http://localhost/", "")))

    def _wait(self, work: Coroutine[Any, Any, Value]) -> Value:
        from emulator.core.errors import UserMistake
        from emulator.webconnector.apps import AppRaised

        if self._running.is_loop_thread():
            work.close()
            raise UserMistake(
                "an update was asked for within an app that is called by an update, on the thread that both would need",
                where="webconnector.update",
                expected="a call from the test",
                advice="in an ASGI app: await asyncio.to_thread(webconnector.update, ...)",
            )
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running.loop).result()
        except AppRaised as of_app:
            raise of_app.raised from None

    def update(
        self,
        service: "WsgiApp | AsgiApp | str",
        *,
        user: str | None = None,
        password: str = "password",  # noqa: S107 - of a service under test
        qwc: Path | str | None = None,
        settings: Mapping[str, Any] | None = None,
        trust: Path | None = None,
        limit_s: float = 60.0,
        auto_run: bool = True,
    ) -> "Result":
        """Run one update and return what became of it: `ended`, `status`, `codes`, `calls` (with `operations()`), `requests`, `remarks`.

        What QuickBooks saw is in `quickbooks.rows()`, the text of the log in `log`.

        Args:
            service: a WSGI or ASGI app object, or the URL of a service.
            user: what authenticate is given; None stands for the UserName of the .qwc, or `user` without one.
            password: the same.
            qwc: the .qwc file of the service; its AppURL gives way to `service`.
            settings: switches of the Web Connector. A NoOp waits no time here unless webconnector.no-op-wait-s says so.
            trust: certificates (PEM) of authorities to trust besides the machine's own.
            limit_s: seconds after which an update is ended between two calls.
            auto_run: whether the application runs by itself (Auto-Run is ticked): authenticate can put off only such an update.

        A WSGI app is called on a thread of its own, so it may wait, and ask `quickbooks`; an ASGI app on the thread of QuickBooks.

        Raises:
            UserMistake: the service, the .qwc, a switch or a file cannot be used; or the app does not keep the rules of WSGI or ASGI.
            Exception: what an app raised, as it is.
        """
        _check_service(service)
        return self._wait(self._update(service, user, password, qwc, dict(settings or {}), trust, limit_s, auto_run))

    async def _update(
        self,
        service: "WsgiApp | AsgiApp | str",
        user: str | None,
        password: str,
        file: Path | str | None,
        settings: dict[str, Any],
        trust: Path | None,
        limit_s: float,
        auto_run: bool,
    ) -> "Result":
        from emulator.core.clock import RealClock
        from emulator.core.switches import SwitchSettings
        from emulator.desktop import Driver
        from emulator.webconnector import qwc, switches
        from emulator.webconnector.processor import OwnProcessor
        from emulator.webconnector.qwclog import Level, Log
        from emulator.webconnector.result import Around
        from emulator.webconnector.service import Limits, Service, app_transport
        from emulator.webconnector.session import Update

        url = service if isinstance(service, str) else "http://localhost/"
        application = qwc.load(Path(file)) if file is not None else qwc.unnamed(url, "user")
        if user is not None:
            application = replace(application, user=user)
        in_force = SwitchSettings([switches.SWITCHES], {switches.NO_OP_WAIT_S: 0, **settings})
        quickbooks, journal = self._running.quickbooks, self._running.journal
        clock = RealClock(quickbooks.office.now())
        log = Log(clock.now, level=Level.VERBOSE)
        around = Around(clock, in_force, log, quickbooks.machine, quickbooks.office.plan, journal, limit_s=limit_s)
        driver = Driver(clock)
        limits = Limits(in_force.number(switches.SOAP_LIMIT_S))
        line = Service(
            url if isinstance(service, str) else application.url,
            clock,
            limits,
            None if isinstance(service, str) else app_transport(service, limits.answer_bytes, aside=True),
            trust,
            expect_continue=in_force.flag(switches.EXPECT_CONTINUE),
            send_again=in_force[switches.STALE_CONNECTION] == "sent again",
        )
        try:
            await self._file_ids.write(application)
            return await Update(application, password, line, OwnProcessor(driver, quickbooks), around, auto_run=auto_run).run()
        finally:
            await line.close()
            self.log += log.text


def _check_service(service: Any) -> None:
    """Raises UserMistake: it is neither an app object nor the URL of a service."""
    from urllib.parse import urlsplit

    from emulator.core.errors import UserMistake

    expected = "a WSGI or ASGI app object, or a URL like http://127.0.0.1:8000/soap"
    if isinstance(service, str):
        try:
            parts = urlsplit(service)
            is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_url = False
        if not is_url:
            raise UserMistake(f"the service {service!r} is no URL", where="webconnector.update", expected=expected)
    elif not callable(service):
        raise UserMistake(
            f"the service {service!r} is a {type(service).__name__}", where="webconnector.update", expected=expected
        )


@pytest.fixture
def quickbooks(request: pytest.FixtureRequest) -> "Iterator[QuickBooksUnderTest]":
    """A QuickBooks of this test's own; see `QuickBooksUnderTest`."""
    from emulator.com.exec import quickbooks_for_programs
    from emulator.com.likeness import load_likeness

    company = str(request.config.getoption("--fakebooks-company"))
    like = str(request.config.getoption("--fakebooks-like"))
    with quickbooks_for_programs(company, like=load_likeness(Path(like)) if like else None) as running:
        yield QuickBooksUnderTest(running)


@pytest.fixture
def webconnector(quickbooks: QuickBooksUnderTest) -> WebConnectorUnderTest:
    """A Web Connector in front of this test's QuickBooks; see `WebConnectorUnderTest`."""
    return WebConnectorUnderTest(quickbooks._running)
