"""Proof: SOAP services that others wrote, unmodified, as they come from PyPI and npm. What they get wrong is in docs/FINDINGS.md.

The packages are installed once into pytest's cache. A machine without a way to the registries skips these tests by name; in CI, where
nothing may be skipped, that is a failure.

Of each service: customers, an invoice, an outage in mid-session, the session after it; judged by the books, not by what the service says.
qbws can write nothing: it asks for one customer, one invoice, one bill, and those are compared with the books.
"""

import fcntl
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from emulator.webconnector import switches
from emulator.webconnector.codes import Qbwc

from .desk import Scripted

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "strangers"
PACKAGES = {
    "qbwc-kit": ["qbwc-kit[server]==0.1.3", "uvicorn==0.54.0"],
    "qwc": ["qwc==0.0.1", "fakeredis[lua]==2.41.0"],
    "quickbooks-js": ["quickbooks-js@1.0.0"],
    "qbws": ["qbws@0.2.1"],
}
LIMIT_S = 30

QBXML = '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
INVOICE = QBXML.format(
    "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef><RefNumber>T-1</RefNumber>"
    "<InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef><Quantity>2</Quantity></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
)
CUSTOMERS = QBXML.format('<CustomerQueryRq requestID="1" iterator="Start"><MaxReturned>20</MaxReturned></CustomerQueryRq>')
REFUSED = QBXML.format("<NoSuchRq/>")


@pytest.fixture
def installed(request):
    """Install a package into the cache, unless it is there; returns the folder."""

    def install(name):
        folder = Path(request.config.cache.mkdir("strangers")) / name
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                _install(name, folder)
                (folder / "done").touch()
        return folder

    return install


INSTALL_TRIES = 4
INSTALL_LIMIT_S = 75
"""How often an install is tried, and how long it may take (machine's seconds; it takes five)."""


def _install(name, folder):
    if any("@" in each for each in PACKAGES[name]):
        if shutil.which("npm") is None:
            pytest.skip(f"{name}: there is no npm here")
        # A registry that stalls is asked again soon, instead of being waited for.
        patience = ["--prefer-offline", "--fetch-timeout", "15000", "--fetch-retries", "4"]
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *patience]
        command += ["--prefix", str(folder), *PACKAGES[name]]
    else:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command = [*pip, "--target", str(folder), *PACKAGES[name]]
    why = ""
    for _ in range(INSTALL_TRIES):
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
        except subprocess.TimeoutExpired:
            why = f"its registry did not answer within {INSTALL_LIMIT_S} s"
            continue
        if not ended.returncode:
            return
        why = ended.stderr[-500:]
    pytest.skip(f"{name} cannot be installed: {why}")


class Stranger:
    """A service of somebody else's in a process of its own."""

    def __init__(self, command, folder, environment):
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.lines = []
        self._new = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for(r"port (\d+)"))

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._new.put(line)
        self._new.put(None)

    def wait_for(self, pattern):
        """Wait for a line and return what its group holds."""
        seen = 0
        while True:
            for line in self.lines[seen:]:
                if found := re.fullmatch(pattern, line):
                    return found.group(1)
            seen = len(self.lines)
            if self._new.get(timeout=LIMIT_S) is None and seen == len(self.lines):
                raise AssertionError("the service ended: " + "\n".join(self.lines[-20:]))

    def said(self, word):
        return [line.removeprefix(f"{word} ") for line in self.lines if line.startswith(f"{word} ")]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(LIMIT_S)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def stranger(tmp_path):
    """Start a service, and stop it at the end."""
    running = []

    def start(command, **environment):
        running.append(Stranger([str(each) for each in command], tmp_path, environment))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def url(service, path):
    return f"http://localhost:{service.port}{path}"


def held(quickbooks):
    """Return the ListIDs of the customers in the books that a query of active ones finds."""
    return sorted(row["list_id"] for row in quickbooks.customers() if row["active"])


def refs(quickbooks):
    return [row["ref"] for row in quickbooks.booked("Invoice")]


# ---- qbwc-kit ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def qbwc_kit(installed, stranger, tmp_path):
    (tmp_path / "invoice.xml").write_text(INVOICE)
    folder = installed("qbwc-kit")
    service = stranger([sys.executable, HERE / "qbwc_kit_server.py", tmp_path / "invoice.xml"], PYTHONPATH=str(folder))
    service.customers = lambda: sorted(each for line in service.said("customers") for each in line.split())
    return service


def test_qbwc_kit_syncs_customers_and_writes_an_invoice(qbwc_kit, webconnector, quickbooks):
    result = webconnector.update(url(qbwc_kit, "/qbwc"))
    assert (result.ok, result.ended, result.remarks) == (True, "done", [])
    assert qbwc_kit.customers() == held(quickbooks)
    assert refs(quickbooks) == ["T-1"]


def test_qbwc_kit_after_an_outage_in_mid_session(qbwc_kit, webconnector, quickbooks):
    """The second session begins at the top, which is right for a query: every customer is there."""
    quickbooks.fault("wc-service-died", where={"operation": "sendRequestXML"}, when={"nth": 2}, **{"with": {"ending": "silent"}})
    first = webconnector.update(url(qbwc_kit, "/qbwc"))
    assert (first.codes, refs(quickbooks)) == ([Qbwc.SEND_REQUEST], [])
    assert webconnector.update(url(qbwc_kit, "/qbwc")).ok
    assert sorted(set(qbwc_kit.customers())) == held(quickbooks)
    assert refs(quickbooks) == ["T-1"]


def test_qbwc_kit_writes_twice_after_a_lost_answer(qbwc_kit, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-1."""
    quickbooks.fault("answer-lost", where={"request": "InvoiceAddRq"}, times=1, **{"with": {"how": "fails"}})
    first = webconnector.update(url(qbwc_kit, "/qbwc"))
    assert first.ended == "error"
    assert webconnector.update(url(qbwc_kit, "/qbwc")).ok
    assert refs(quickbooks) == ["T-1", "T-1"]


def test_qbwc_kit_writes_twice_when_it_died_before_the_answer(qbwc_kit, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-1: the same at the other cut, between QuickBooks and receiveResponseXML."""
    pages = 1 + (len(held(quickbooks)) - 1) // 20
    quickbooks.fault("wc-answer-lost", when={"nth": pages + 1})
    assert webconnector.update(url(qbwc_kit, "/qbwc")).codes == [Qbwc.RECEIVE_RESPONSE]
    assert webconnector.update(url(qbwc_kit, "/qbwc")).ok
    assert refs(quickbooks) == ["T-1", "T-1"]


def test_qbwc_kit_and_a_closed_quickbooks(qbwc_kit, webconnector, quickbooks):
    quickbooks._on_loop(quickbooks._running.quickbooks.log_out)
    result = webconnector.update(url(qbwc_kit, "/qbwc"))
    assert (result.codes, result.operations()[-2:]) == ([Qbwc.NO_QUICKBOOKS], ["connectionError", "closeConnection"])


def test_qbwc_kit_and_a_wrong_password(qbwc_kit, webconnector):
    result = webconnector.update(url(qbwc_kit, "/qbwc"), password="wrong")
    assert (result.ended, result.operations()[-1]) == ("invalid user", "closeConnection")


# ---- qwc --------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def qwc(installed, stranger):
    service = stranger([sys.executable, HERE / "qwc_server.py"], PYTHONPATH=str(installed("qwc")))

    def enqueue(*documents):
        for document in documents:
            before = service.lines.count("queued")
            service.process.stdin.write(json.dumps(document) + "\n")
            while service.lines.count("queued") == before:
                assert service._new.get(timeout=LIMIT_S) is not None, service.lines

    def answers():
        before = len(service.said("answers"))
        service.process.stdin.write("answers\n")
        while len(service.said("answers")) == before:
            assert service._new.get(timeout=LIMIT_S) is not None, service.lines
        return json.loads(service.said("answers")[-1])

    service.queue, service.answers = enqueue, answers
    return service


NO_DECLARATION = CUSTOMERS.replace(' encoding="utf-8"', "")


def test_qwc_syncs_customers(qwc, webconnector, quickbooks):
    """Its serverVersion is a SOAP fault, which is passed over."""
    qwc.queue(NO_DECLARATION)
    result = webconnector.update(url(qwc, "/"))
    assert (result.ok, result.ended) == (True, "done")
    assert result.calls[0].failure
    (pages,) = qwc.answers()
    assert sorted(re.findall("<ListID>([^<]+)</ListID>", _customers_only(pages))) == held(quickbooks)


def _customers_only(pages):
    """Leave references out, which have ListIDs too."""
    return re.sub(r"<(\w+Ref)>.*?</\1>", "", "".join(pages), flags=re.DOTALL)


def test_qwc_writes_an_invoice(qwc, webconnector, quickbooks):
    qwc.queue(INVOICE)
    assert webconnector.update(url(qwc, "/")).ok
    assert refs(quickbooks) == ["T-1"]
    ((answer,),) = qwc.answers()
    assert "<InvoiceAddRs" in answer
    assert webconnector.update(url(qwc, "/")).ended == "no data"


def test_qwc_loses_a_job_whose_session_broke(qwc, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-2: the job is taken from its queue at authenticate, and nobody puts it back."""
    qwc.queue(INVOICE)
    quickbooks.fault("wc-service-died", where={"operation": "sendRequestXML"}, times=1, **{"with": {"ending": "close"}})
    assert webconnector.update(url(qwc, "/")).codes == [Qbwc.SEND_REQUEST]
    assert webconnector.update(url(qwc, "/")).ended == "no data"
    assert (refs(quickbooks), qwc.answers()) == ([], [[]])


def test_qwc_carries_on_in_the_next_session_when_its_client_queues_again(qwc, webconnector, quickbooks):
    """A job that was not carried out before the outage is in the books once, and the customers of the books are all told."""
    qwc.queue(INVOICE)
    quickbooks.fault("wc-service-died", where={"operation": "sendRequestXML"}, times=1, **{"with": {"ending": "close"}})
    webconnector.update(url(qwc, "/"))
    qwc.queue(INVOICE)
    assert webconnector.update(url(qwc, "/")).ok
    qwc.queue(NO_DECLARATION)
    assert webconnector.update(url(qwc, "/")).ok
    assert refs(quickbooks) == ["T-1"]
    assert sorted(re.findall("<ListID>([^<]+)</ListID>", _customers_only(qwc.answers()[-1]))) == held(quickbooks)


def test_qwc_never_tells_what_became_of_a_write_whose_answer_was_lost(qwc, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-2: the invoice is in the books, and its client waits for ever."""
    qwc.queue(INVOICE)
    quickbooks.fault("wc-answer-lost", times=1)
    assert webconnector.update(url(qwc, "/")).codes == [Qbwc.RECEIVE_RESPONSE]
    assert webconnector.update(url(qwc, "/")).ended == "no data"
    assert (refs(quickbooks), qwc.answers()) == (["T-1"], [[]])


def test_qwc_is_busy_after_a_session_that_ended_in_silence(qwc, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-3: the next update is turned away, and its closeConnection is what sets the service free."""
    qwc.queue(INVOICE)
    silent = {switches.AFTER_TRANSPORT_ERROR: "silent"}
    quickbooks.fault("wc-service-died", where={"operation": "sendRequestXML"}, times=1)
    webconnector.update(url(qwc, "/"), settings=silent)
    qwc.queue(INVOICE)
    assert webconnector.update(url(qwc, "/")).ended == "busy"
    assert webconnector.update(url(qwc, "/")).ok
    assert refs(quickbooks) == ["T-1"]


def test_qwc_breaks_over_a_refused_document(qwc, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-4: it parses the empty answer of a refusal, and answers receiveResponseXML with a fault."""
    qwc.queue(REFUSED)
    result = webconnector.update(url(qwc, "/"))
    assert result.codes == [Qbwc.RECEIVE_RESPONSE]
    assert qwc.answers() == [[""]]


# ---- quickbooks-js ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def quickbooks_js(installed, stranger, tmp_path, quickbooks):
    folder = installed("quickbooks-js")
    requests = tmp_path / "requests.json"

    def start(*documents, company=None):
        requests.write_text(json.dumps(documents))
        company = quickbooks.company_file if company is None else company
        command = ["node", "--require", HERE / "loopback_only.js", HERE / "quickbooks_js_server.js", requests]
        names = {"QB_USERNAME": "user", "QB_PASSWORD": "password", "QB_COMPANY_FILE": company}
        return stranger(command, NODE_PATH=str(folder / "node_modules"), **names)

    return start


ALL_CUSTOMERS = QBXML.format("<CustomerQueryRq/>")


def test_quickbooks_js_syncs_customers_and_writes_an_invoice(quickbooks_js, webconnector, quickbooks):
    service = quickbooks_js(ALL_CUSTOMERS, INVOICE)
    result = webconnector.update(url(service, "/wsdl"))
    assert (result.ok, result.ended, result.progress) == (True, "done", 100), (result, service.lines)
    first, second = (json.loads(each) for each in service.said("response"))
    assert sorted(re.findall("<ListID>([^<]+)</ListID>", _customers_only([first]))) == held(quickbooks)
    assert "<InvoiceAddRs" in second
    assert refs(quickbooks) == ["T-1"]


def test_quickbooks_js_without_a_company_file(quickbooks_js, webconnector):
    """docs/FINDINGS.md, WC-5: its SOAP library leaves the empty member out, and the Web Connector meets the end of the array."""
    service = quickbooks_js(ALL_CUSTOMERS, company="")
    assert webconnector.update(url(service, "/wsdl")).codes == [Qbwc.AUTHENTICATE]


def test_quickbooks_js_leaves_requests_out_after_an_outage(quickbooks_js, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-6: its counter belongs to the process, so the next session goes on where the last one broke."""
    service = quickbooks_js(INVOICE, ALL_CUSTOMERS)
    quickbooks.fault("wc-service-died", where={"operation": "sendRequestXML"}, point="webconnector.after-call", times=1)
    assert webconnector.update(url(service, "/wsdl")).codes == [Qbwc.SEND_REQUEST]
    result = webconnector.update(url(service, "/wsdl"))
    assert (result.ended, result.requests) == ("done", 1)
    assert refs(quickbooks) == []
    # The session that was told 100 sets the counter back: the next one is whole.
    assert webconnector.update(url(service, "/wsdl")).requests == 2
    assert refs(quickbooks) == ["T-1"]


def test_quickbooks_js_writes_twice_after_a_lost_answer(quickbooks_js, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-1."""
    service = quickbooks_js(INVOICE)
    quickbooks.fault("wc-answer-lost", times=1)
    endings = [webconnector.update(url(service, "/wsdl")).ended for _ in range(3)]
    assert endings[0] == "error"
    assert refs(quickbooks) == ["T-1", "T-1"], endings


# ---- qbws ---------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def qbws(installed, stranger):
    folder = installed("qbws")
    command = ["node", "--require", HERE / "loopback_only.js", HERE / "qbws_server.js"]
    return stranger(command, NODE_PATH=str(folder / "node_modules"))


def test_qbws_asks_its_three_questions(qbws, webconnector, quickbooks):
    """It names a company file that is not there; connectionError is answered with another try."""
    result = webconnector.update(url(qbws, "/wsdl"), user="username")
    assert (result.ended, result.requests, result.codes) == ("done", 3, [Qbwc.NO_QUICKBOOKS]), (result, qbws.lines)
    asked = dict.fromkeys(row["request"] for row in quickbooks.rows() if row.get("request"))
    assert [each for each in asked if each in QBWS_ASKS] == list(QBWS_ASKS)


QBWS_ASKS = ("CustomerQueryRq", "InvoiceQueryRq", "BillQueryRq")


def test_qbws_gives_up_at_the_second_outage(qbws, webconnector):
    """docs/FINDINGS.md, WC-7: it counts connection errors for as long as the process lives, not for a session."""
    assert webconnector.update(url(qbws, "/wsdl"), user="username").ended == "done"
    again = webconnector.update(url(qbws, "/wsdl"), user="username")
    assert (again.ended, again.requests) == ("error", 0)


def test_qbws_does_not_come_back_after_an_outage(qbws, webconnector, quickbooks):
    """docs/FINDINGS.md, WC-7: no session after the first gets any work."""
    quickbooks.fault("wc-service-died", where={"operation": "receiveResponseXML"}, times=1)
    first = webconnector.update(url(qbws, "/wsdl"), user="username")
    assert (first.codes, first.requests) == ([Qbwc.NO_QUICKBOOKS, Qbwc.RECEIVE_RESPONSE], 1)
    later = [webconnector.update(url(qbws, "/wsdl"), user="username") for _ in range(2)]
    assert [(each.ended, each.requests) for each in later] == [("error", 0)] * 2


QBWS_FILE = (
    r"C:\Users\Public\Documents\Intuit\QuickBooks\Sample Company Files\QuickBooks 2014\sample_wholesale-distribution business.qbw"
)
"""The company file that it names, which cannot be set."""


@pytest.fixture
def at_home(quickbooks, webconnector):
    """The company file lies where qbws wants it, with an invoice in it."""
    writes = Scripted(sendRequestXML=[INVOICE.replace(' encoding="utf-8"', "")])
    assert webconnector.update(writes).ok

    def move():
        machine, file = quickbooks._running.quickbooks, quickbooks._file()
        user, mode = machine.opening.user.name, machine.opening.mode
        machine.log_out()
        file.path = QBWS_FILE
        machine.log_in(user, mode)

    quickbooks._on_loop(move)
    (invoice,) = quickbooks.booked("Invoice")
    return invoice


def qbws_told(qbws, kind):
    """Return the ids of the records that it was told, in its own words."""
    return re.findall(f"^<{kind}Ret>\n<(?:ListID|TxnID)>([^<]+)</", "\n".join(qbws.lines), re.MULTILINE)


def test_qbws_is_told_a_customer_and_the_invoice_of_the_books(qbws, webconnector, quickbooks, at_home):
    result = webconnector.update(url(qbws, "/wsdl"), user="username")
    assert (result.ok, result.ended, result.requests) == (True, "done", 3), (result, qbws.lines)
    (customer,) = set(qbws_told(qbws, "Customer"))
    assert customer in held(quickbooks)
    assert set(qbws_told(qbws, "Invoice")) == {at_home["txn_id"]}


def test_qbws_leaves_requests_out_after_an_outage(qbws, webconnector, quickbooks, at_home):
    """docs/FINDINGS.md, WC-6: the session after the outage never asks for the invoice; the one after that is whole."""
    where = {"operation": "sendRequestXML"}
    quickbooks.fault("wc-service-died", where=where, point="webconnector.after-call", when={"nth": 2})
    first, second = (webconnector.update(url(qbws, "/wsdl"), user="username") for _ in range(2))
    assert (first.codes, second.ended, second.requests) == ([Qbwc.SEND_REQUEST], "done", 1)
    assert qbws_told(qbws, "Invoice") == []
    assert webconnector.update(url(qbws, "/wsdl"), user="username").requests == 3
    assert set(qbws_told(qbws, "Invoice")) == {at_home["txn_id"]}
