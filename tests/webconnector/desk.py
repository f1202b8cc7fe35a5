"""A QuickBooks with the sample company on the virtual clock, and a SOAP service that answers as it is told."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from lxml import etree

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.company import load_company
from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import KINDS, PATHS, Application, Driver, Office, QuickBooks, own_faults
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.faults import FaultSpec, Plan
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.webconnector import company_file, faults, qwc
from emulator.webconnector.processor import OwnProcessor, Preferences
from emulator.webconnector.qwclog import Level, Log
from emulator.webconnector.result import Around
from emulator.webconnector.service import Limits, Service
from emulator.webconnector.session import Update
from emulator.webconnector.switches import SWITCHES

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
OWNER = "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"
APPLICATION = qwc.Application(
    name="Order Bridge",
    id="",
    url="http://localhost/qbwc",
    description="Orders",
    support="http://localhost/help",
    user="bridge",
    owner=OWNER,
    file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}",
    display_name="Order Bridge",
    unique_name="bridge",
)
QBXML = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
CUSTOMER = QBXML.format("<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>")
QUERY = QBXML.format("<CustomerQueryRq><MaxReturned>2</MaxReturned></CustomerQueryRq>")
NS = "http://developer.intuit.com/"


class Scripted:
    """A SOAP service (WSGI) that answers each operation from a list; the last answer stays. Keeps what it was asked.

    An answer is a text, a list of texts, an integer, or bytes: a whole body. A tuple (status, body) has a status of its own.
    """

    def __init__(self, **answers):
        self.answers = {
            "serverVersion": ["1.0"],
            "clientVersion": [""],
            "authenticate": [["ticket-1", ""]],
            "sendRequestXML": [QUERY],
            "receiveResponseXML": [100],
            "connectionError": ["done"],
            "getLastError": ["it went wrong"],
            "closeConnection": ["Bye"],
            "getInteractiveURL": ["http://localhost/ask"],
            "interactiveRejected": ["You must come back"],
            **answers,
        }
        self.calls = []
        self.headers = []
        self.cookies = []

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read()
        self.headers.append({name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))})
        self.cookies.append(environ.get("HTTP_COOKIE", ""))
        (call,) = etree.fromstring(body).find("{*}Body")
        name = etree.QName(call).localname
        self.calls.append((name, [argument.text or "" for argument in call]))
        answers = self.answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        content = content if isinstance(content, bytes) else soap(name, content)
        start_response(f"{status} OK", [("Content-Type", "text/xml; charset=utf-8"), ("Set-Cookie", "session=abc; path=/")])
        return [content]

    def names(self):
        return [name for name, _ in self.calls]


def soap(name, result):
    inner = "".join(f"<string>{escape(each)}</string>" for each in result) if isinstance(result, list) else escape(str(result))
    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{name}Response xmlns="{NS}"><{name}Result>{inner}</{name}Result></{name}Response></soap:Body></soap:Envelope>'
    ).encode()


class Desk:
    """QuickBooks on one machine, user Goflow logged in, every program authorised."""

    def __init__(self, clock, settings=None):
        self.clock = clock
        tables = (QBXML_SWITCHES, COMPANY_SWITCHES, DESKTOP_SWITCHES, SWITCHES)
        self.settings = SwitchSettings(tables, settings or {})
        self.company = load_company("wholesale_small", clock.now, self.settings)
        self.journal = Journal(clock.now)
        self.plan = Plan(
            KINDS,
            Chance(1),
            self.journal,
            later=clock.later,
            timezone=ZoneInfo(self.company.timezone),
            paths=PATHS,
        )
        faults.join(self.plan)
        self.office = Office(self.settings, self.journal, self.plan, Chance(1), clock.now, seats_max=3)
        own_faults(self.office)
        self.office.add_file(self.company, everyone=Application("", login="even if not running", login_as="Goflow"))
        self.quickbooks = QuickBooks("SERVER", self.office)
        self.quickbooks.log_in("Goflow", "multi")
        self.driver = Driver(clock)
        self.log = Log(clock.now, level=Level.VERBOSE)
        self.told = []

    def processor(self):
        return OwnProcessor(self.driver, self.quickbooks)

    def around(self, **more):
        tell = lambda application, percent: self.told.append(percent)  # noqa: E731
        return Around(self.clock, self.settings, self.log, plan=self.plan, journal=self.journal, tell=tell, **more)

    async def update(
        self, app, password="secret", application=APPLICATION, limits=None, url="", trust=None, auto_run=True, **more
    ):
        application = application if not url else qwc.Application(**{**vars(application), "url": url})
        service = Service(application.url, self.clock, limits or Limits(), app, trust, send_again=more.pop("send_again", True))
        try:
            return await Update(application, password, service, self.processor(), self.around(**more), auto_run=auto_run).run()
        finally:
            await service.close()

    def fault(self, name, **more):
        return self.plan.add(FaultSpec.model_validate({"fault": name, **more}), self.clock.now())

    async def extensions(self, owner=OWNER):
        processor = self.processor()
        await processor.open("", "Looker", Preferences())
        ticket = await processor.begin("")
        try:
            return await company_file.extensions(lambda document: processor.process(ticket, document), owner)
        finally:
            await processor.end(ticket)
            await processor.close()

    def close(self):
        self.customers = [row["full_name"] for row in self.company.truth.customers()]
        self.plan.close()
        self.company.close()


def on_desk(tell, settings=None):
    """Run a story that is told at a desk, on the virtual clock."""

    async def story(clock):
        desk = Desk(clock, settings)
        try:
            return await tell(desk)
        finally:
            desk.close()

    return run_virtual(story, START)
