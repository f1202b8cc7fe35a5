"""Makers: one per object, every option with a default, so that what a test sets is what it is about."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.core.chance import Chance
from emulator.core.clock import Clock, VirtualClock, run_virtual
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import KINDS, SWITCHES, Code, Driver, Office, QuickBooks, RequestProcessor, SessionFailure, own_faults
from emulator.desktop.operations import Operation
from emulator.faults import FaultSpec, Plan
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.qbxml import Answer, MessageSet, Request, status

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PATH = r"C:\Books\Wholesale.QBW"
OTHER_PATH = r"C:\Books\Other.QBW"
SHARE = r"\\SERVER\Books"
APPLICATION = "Goflow Connector"
USERS = tuple(
    {"name": name, "role": role}
    for name, role in (("Admin", "Admin"), ("Goflow", "External Accountant"), ("Anna", "Full Access"))
)


@dataclass
class FakeStep:
    """A step of FakeCompany: an Add is written down, a Query is answered with what was added."""

    company: "FakeCompany"
    run: "FakeRun"
    request: Request

    @property
    def writes(self) -> bool:
        return self.request.operation != "Query"

    def perform(self, keep: bool = True) -> Answer:
        return self._answer()

    def keep(self) -> None:
        """This company keeps no outcomes."""

    def _answer(self) -> Answer:
        if self.request.fault is not None:
            return Answer(self.request.name[:-2] + "Rs", self.request.fault, {}, [])
        if self.writes:
            self.company.written.append(self.request.name)
            values = self.request.values.get(self.request.name[:-2], {})
            number = values.get("RefNumber", "") if isinstance(values, dict) else ""
            record = {"TxnID": f"{len(self.company.written):X}-1", "RefNumber": number, "Subtotal": 12345}
            records = [(self.request.noun + "Ret", record)]
            return Answer(self.request.name[:-2] + "Rs", status.of(0), {}, records, records)
        return Answer(self.request.name[:-2] + "Rs", status.of(1), {}, [])


@dataclass
class FakeRun:
    steps: list["FakeStep"] = field(default_factory=list)
    stored: list[Answer] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    def __iter__(self) -> Iterator[FakeStep]:
        return iter(self.steps)

    def not_kept(self) -> None:
        self.attributes["messageSetStatusCode"] = "9005"


class FakeExplainer:
    """Explains nothing beyond the sentence of the answer."""

    def explain(self, number: int, request: Request, outcome: status.Status) -> str:
        return f"request {number}: {outcome.message}"


@dataclass
class FakeCompany:
    """A company file that only remembers which requests it carried out: for tests of what lies around it."""

    written: list[str] = field(default_factory=list)
    callers: list[Any] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    apps: list[dict[str, Any]] = field(default_factory=list)
    users: tuple[dict[str, str], ...] = USERS
    path_shown: str = PATH
    no_applications: bool = False
    certificate_notice: bool = True
    complex_password: bool = True
    areas: dict[str, dict[str, str]] = field(default_factory=dict)
    host_info: dict[str, str] = field(
        default_factory=lambda: {
            "ProductName": "QuickBooks Desktop Pro 2024",
            "MajorVersion": "34",
            "MinorVersion": "0",
            "Country": "US",
        }
    )
    losers: list[str] = field(default_factory=list)
    year: int = 2024
    has_sensitive_data: bool = False
    restored: list[Any] = field(default_factory=list)
    condensed: Any = None

    def begin_set(self, messages: MessageSet, caller: Any, unforeseen: Any = None) -> FakeRun:
        self.callers.append(caller)
        run = FakeRun()
        run.steps = [FakeStep(self, run, request) for request in messages.requests]
        return run

    def explainer(self, places: Any, choices: Any) -> FakeExplainer:
        return FakeExplainer()

    def grant(self, fields: Mapping[str, Any]) -> None:
        self.apps = [each for each in self.apps if each["name"] != fields["name"]] + [dict(fields)]

    def keep_users(self, users: Any) -> None:
        self.users = tuple(dict(each) for each in users)

    def condense(self, before: Any) -> tuple[int, int]:
        self.condensed = before
        return 7, 1

    def snapshot(self) -> Any:
        return self.users, list(self.apps)

    def restore(self, snapshot: Any) -> None:
        self.users, self.apps = snapshot[0], list(snapshot[1])
        self.restored.append(snapshot)

    def forget_grant(self, name: str) -> None:
        self.apps = [each for each in self.apps if each["name"] != name]

    def prefer(self, name: str, value: bool) -> None:
        setattr(self, name, value)

    def areas_of(self, user: str) -> dict[str, str]:
        return dict(self.areas.get(user.casefold(), {}))

    def limit(self, user: str, areas: Mapping[str, str]) -> None:
        self.areas[user.casefold()] = dict(areas)

    def end_session(self, session: str) -> None:
        self.ended.append(session)

    def note_lost_events(self, subscriber: str) -> None:
        self.losers.append(subscriber)

    def lost_events_since(self, subscriber: str) -> str:
        return "2026-03-02T17:00:00+00:00" if subscriber in self.losers else ""


@dataclass
class Desk:
    """An office with its file, and what tests look at."""

    office: Office
    company: Any
    journal: Journal
    plan: Plan
    driver: Driver
    server: QuickBooks
    accounting: QuickBooks

    def processor(self, quickbooks: QuickBooks | None = None) -> RequestProcessor:
        return RequestProcessor(quickbooks or self.server)

    async def perform(self, operation: Operation[Any]) -> Any:
        return await self.driver.perform(operation)

    def fault(self, kind: str, **more: Any) -> None:
        self.plan.add(FaultSpec(fault=kind, **more), self.office.now())

    def kinds(self) -> list[str]:
        return [row["kind"] for row in self.journal.rows(lane="quickbooks")]


def make_settings(**overrides: Any) -> SwitchSettings:
    """Settings of all rooms below; overrides are switches of desktop with `_` for `-`."""
    named = {"desktop." + name.replace("_", "-"): setting for name, setting in overrides.items()}
    return SwitchSettings((QBXML_SWITCHES, COMPANY_SWITCHES, SWITCHES), named)


def make_desk(
    clock: Clock,
    *,
    seats_max: int = 3,
    hosting: bool = True,
    grant: str | None = "whenever the file is open",
    login_as: str = "Goflow",
    open_as: str | None = "Goflow",
    mode: Any = "multi",
    edition: str = "Enterprise",
    make_company: Callable[[Clock], Any] = lambda clock: FakeCompany(),
    **switches: Any,
) -> Desk:
    """An office with one file on SERVER, two QuickBooks, one application; QuickBooks on SERVER has the file open unless open_as is None."""
    journal = Journal(clock.now)
    chance = Chance(1)
    plan = Plan(KINDS, chance, journal, later=clock.later)
    settings = make_settings(**switches)
    office = Office(settings, journal, plan, chance, clock.now, seats_max=seats_max, hosting=hosting, drives={"Q:": SHARE})
    own_faults(office)
    company = make_company(clock)
    if grant is not None:
        company.grant({"name": APPLICATION, "login": grant, "login_as": login_as})
    office.add_file(company)
    server = QuickBooks("SERVER", office, edition)
    if open_as is not None:
        server.log_in(open_as, "single" if edition == "Simple Start" else mode)
    return Desk(office, company, journal, plan, Driver(clock), server, QuickBooks("ACCOUNTING-PC", office))


def at_desk(story: Callable[[Desk, VirtualClock], Awaitable[Any]], **options: Any) -> Any:
    """Run a story at a desk on a virtual clock and return what it returns."""

    async def run(clock: VirtualClock) -> Any:
        return await story(make_desk(clock, **options), clock)

    return run_virtual(run, START)


def document(*requests: str, on_error: str = "stopOnError", version: str = "13.0") -> str:
    """A qbXML document with these request elements."""
    body = "".join(requests)
    return (
        f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLMsgsRq onError="{on_error}">{body}</QBXMLMsgsRq></QBXML>'
    )


def invoice(number: str = "G-1", customer: str = "Kern Supply", key: str = "K1", cents: int = 12345) -> str:
    """An InvoiceAddRq with one line."""
    return (
        f"<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef><TxnDate>2026-03-02</TxnDate>"
        f"<RefNumber>{number}</RefNumber><Memo>order 7 [key:{key}]</Memo><InvoiceLineAdd><ItemRef><FullName>Widget</FullName></ItemRef>"
        f"<Amount>{cents / 100:.2f}</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


QUERY = "<CompanyQueryRq />"

SUBSCRIBER = "{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}"
CALLBACK = (
    f"<COMCallbackInfo><AppName>{APPLICATION}</AppName><CLSID>{{62447F81-C195-446F-8201-94F0614E49D5}}</CLSID></COMCallbackInfo>"
)


def subscription_set(*requests: str, version: str = "13.0") -> str:
    """A document of subscription requests."""
    body = "".join(requests)
    return f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLSubscriptionMsgsRq>{body}</QBXMLSubscriptionMsgsRq></QBXML>'


def data_add(
    *wants: tuple[str, str, str],
    subscriber: str = SUBSCRIBER,
    track: str = "",
    own: str = "",
    callback: str = CALLBACK,
    attributes: str = "",
) -> str:
    """A DataEventSubscriptionAddRq; `wants` are (List or Txn, type, operation)."""
    track = track and f"<TrackLostEvents>{track}</TrackLostEvents>"
    own = own and f"<DeliverOwnEvents>{own}</DeliverOwnEvents>"
    blocks = "".join(
        f"<{family}EventSubscription><{family}EventType>{kind}</{family}EventType>"
        f"<{family}EventOperation>{operation}</{family}EventOperation></{family}EventSubscription>"
        for family, kind, operation in sorted(wants)
    )
    return (
        f"<DataEventSubscriptionAddRq{attributes}><DataEventSubscriptionAdd><SubscriberID>{subscriber}</SubscriberID>{callback}"
        f"<DeliveryPolicy>DeliverAlways</DeliveryPolicy>{track}{own}{blocks}</DataEventSubscriptionAdd></DataEventSubscriptionAddRq>"
    )


def ui_add(*operations: str, subscriber: str = SUBSCRIBER) -> str:
    """A UIEventSubscriptionAddRq for openings and closings of the company file."""
    asked = "".join(f"<CompanyFileEventOperation>{each}</CompanyFileEventOperation>" for each in operations)
    return (
        f"<UIEventSubscriptionAddRq><UIEventSubscriptionAdd><SubscriberID>{subscriber}</SubscriberID>{CALLBACK}"
        f"<DeliveryPolicy>DeliverOnlyIfRunning</DeliveryPolicy><CompanyFileEventSubscription>{asked}</CompanyFileEventSubscription>"
        "</UIEventSubscriptionAdd></UIEventSubscriptionAddRq>"
    )


def menu_add(*tags: str, subscriber: str = SUBSCRIBER) -> str:
    """A UIExtensionSubscriptionAddRq: one menu item, or a submenu of several."""
    items = "".join(f"<MenuItem><MenuText>{tag}</MenuText><EventTag>{tag}</EventTag></MenuItem>" for tag in tags)
    inside = items if len(tags) == 1 else f"<Submenu>{items}</Submenu>"
    return (
        f"<UIExtensionSubscriptionAddRq><UIExtensionSubscriptionAdd><SubscriberID>{subscriber}</SubscriberID>{CALLBACK}"
        f"<MenuExtensionSubscription><AddToMenu>Customers</AddToMenu>{inside}</MenuExtensionSubscription></UIExtensionSubscriptionAdd>"
        "</UIExtensionSubscriptionAddRq>"
    )


def subscription_query(kind: str, subscriber: str = SUBSCRIBER) -> str:
    """A query of one subscription; kinds are Data, UI, UIExtension."""
    noun = {"Data": "DataEvent", "UI": "UIEvent", "UIExtension": "UIExtension"}[kind]
    return f"<{noun}SubscriptionQueryRq><SubscriberID>{subscriber}</SubscriberID></{noun}SubscriptionQueryRq>"


def subscription_del(kind: str, subscriber: str = SUBSCRIBER) -> str:
    """A SubscriptionDelRq."""
    return f"<SubscriptionDelRq><SubscriberID>{subscriber}</SubscriberID><SubscriptionType>{kind}</SubscriptionType></SubscriptionDelRq>"


async def code_of(call: Awaitable[Any]) -> Code | str | None:
    """Await a call; return the code it failed with, None when it worked."""
    try:
        await call
    except SessionFailure as failure:
        return failure.code
    return None
