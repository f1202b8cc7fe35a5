"""The control API over a world in this process: every route, and what each says to what it cannot take."""

from datetime import datetime
from urllib.parse import quote

import pytest
from loops import world_on_a_loop

from emulator.company import Company
from emulator.control import api
from emulator.control.api import JOURNAL_ROWS_MAX, Api
from emulator.desktop import RequestProcessor
from emulator.people import ACTS
from emulator.world import FAULT_KINDS, memos_of

TOKEN = "a token, as long as it takes"
COMPANY = "wholesale_small"
ENVELOPE = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
HOST = ENVELOPE.format("<HostQueryRq/>")


class Client:
    """The API as a program calls it, without sockets."""

    def __init__(self, made, world, on_loop):
        self._http = made.app.test_client()
        self.world = world
        self.on_loop = on_loop

    def call(self, method, path, token=TOKEN, **options):
        """Return status and JSON body (or text)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.open(path, method=method, headers=headers, **options)
        return answer.status_code, answer.get_json() if answer.is_json else answer.text

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, **options):
        return self.call("POST", path, **options)

    def act(self, name, **arguments):
        return self.post(f"/v1/acts/{name}", json=arguments)


@pytest.fixture
def client():
    """A world and its API."""
    with world_on_a_loop() as (world, on_loop):
        yield Client(Api(world, on_loop.loop, TOKEN, COMPANY), world, on_loop)


ROUTES = [
    ("GET", "/v1/status"),
    ("POST", f"/v1/companies/{COMPANY}/ask"),
    ("GET", f"/v1/companies/{COMPANY}/booked"),
    ("GET", f"/v1/companies/{COMPANY}/directory"),
    ("POST", f"/v1/companies/{COMPANY}/snapshots"),
    ("GET", f"/v1/companies/{COMPANY}/snapshots"),
    ("POST", f"/v1/companies/{COMPANY}/forks"),
    ("POST", f"/v1/companies/{COMPANY}/snapshots/any"),
    ("DELETE", f"/v1/companies/{COMPANY}/snapshots/any"),
    ("GET", "/v1/journal"),
    ("GET", "/v1/acts"),
    ("POST", "/v1/acts/operator.start_connector"),
    ("GET", "/v1/faults"),
    ("POST", "/v1/faults"),
    ("GET", "/v1/fault-kinds"),
    ("POST", "/v1/faults/any/fire"),
    ("DELETE", "/v1/faults/any"),
    ("DELETE", "/v1/faults"),
    ("GET", "/v1/subscriptions"),
    ("POST", "/v1/subscriptions/any/events"),
    ("POST", "/v1/platform/documents"),
    ("POST", "/v1/platform/creations"),
]


def test_no_route_is_open_without_the_token(client):
    for method, path in [*ROUTES, ("GET", "/nothing/there")]:
        for token in ("", "wrong", TOKEN + "x", TOKEN[:-1], "ümlaut"):
            status, told = client.call(method, path, token=token)
            assert (status, told["error"]) == (401, "the token is missing or wrong"), (method, path, token)
    assert client.get("/readyz", token="") == (200, {"ready": True})
    assert list(client.world.journal.rows(lane="people")) == []


def test_every_route_is_in_the_table_of_the_module_and_of_this_test(client):
    rules = {
        (method, rule.rule.replace("<name>", "NAME").replace("<snapshot>", "SNAPSHOT"))
        for rule in client._http.application.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST", "DELETE", "PUT", "PATCH"}
        if rule.endpoint != "static"
    }
    tested = {
        (
            method,
            path.replace("snapshots/any", "snapshots/SNAPSHOT")
            .replace(COMPANY, "NAME")
            .replace("operator.start_connector", "NAME")
            .replace("any", "NAME"),
        )
        for method, path in [*ROUTES, ("GET", "/readyz")]
    }
    assert rules == tested
    assert all(rule in (api.__doc__ or "") for _, rule in rules)


def test_status_is_what_support_staff_asks_for(client):
    status, told = client.get("/v1/status")
    assert status == 200
    assert told["company"] == COMPANY
    assert [file["mode"] for file in told["quickbooks"]["files"]] == ["closed"]
    assert told["quickbooks"]["logged_in"] == []
    assert client.act("operator.reconnect_by_the_book")[0] == 200
    told = client.get("/v1/status")[1]
    assert [file["mode"] for file in told["quickbooks"]["files"]] == ["multi"]
    assert [(each["user"], each["machine"]) for each in told["quickbooks"]["logged_in"]] == [("Goflow", "server")]
    assert told["quickbooks"]["seats"]["free"] == told["quickbooks"]["seats"]["all"] - 1
    assert told["platform"]["status"] == "Connected"


def test_ask_through_it(client):
    closed = client.post(f"/v1/companies/{COMPANY}/ask", data=HOST)
    assert closed[0] == 409
    assert closed[1]["code"].startswith("0x8004")
    client.act("operator.log_in_goflow")
    status, answer = client.post(f"/v1/companies/{COMPANY}/ask", data=HOST)
    assert status == 200
    assert '<HostQueryRs statusCode="0"' in answer
    status, told = client.post(f"/v1/companies/{COMPANY}/ask", data=HOST.replace("HostQueryRq", "HostQeryRq"))
    assert status == 409
    assert told["code"] == "0x80040400"
    assert "HostQueryRq" in told["diagnosis"]


@pytest.mark.parametrize("what", ["ask", "booked", "directory"])
def test_an_unknown_company(client, what):
    told = client.call("POST" if what == "ask" else "GET", f"/v1/companies/wholesale_smal/{what}")
    assert told == (400, {"error": "there is no company 'wholesale_smal'", "expected": "'wholesale_small'"})


def test_books_and_directory(client):
    directory = client.get(f"/v1/companies/{COMPANY}/directory")[1]
    assert all(directory[name] for name in ("customers", "vendors", "items"))
    before = client.get(f"/v1/companies/{COMPANY}/booked")[1]["booked"]
    client.act("accountant.log_in")
    typed = client.act(
        "accountant.type_invoice", customer=directory["customers"][0], item=directory["items"][0], amount_cents=1234, number="H-1"
    )
    assert typed[0] == 200, typed
    [new] = [each for each in client.get(f"/v1/companies/{COMPANY}/booked")[1]["booked"] if each not in before]
    assert (new["kind"], new["number"], new["party"]) == ("invoice", "H-1", directory["customers"][0])


def test_back_to_a_snapshot(client):
    snapshots = f"/v1/companies/{COMPANY}/snapshots"
    directory = client.get(f"/v1/companies/{COMPANY}/directory")[1]
    client.act("accountant.log_in")

    def booked():
        return client.get(f"/v1/companies/{COMPANY}/booked")[1]["booked"]

    before = booked()
    status, told = client.call("POST", snapshots)
    assert status == 200
    for number in ("H-1", "H-2"):
        client.act(
            "accountant.type_invoice",
            customer=directory["customers"][0],
            item=directory["items"][0],
            amount_cents=1234,
            number=number,
        )
        assert booked() != before
        assert client.call("POST", f"{snapshots}/{told['snapshot']}") == (200, {"snapshot": told["snapshot"], "restored": True})
        assert booked() == before
    assert client.call("DELETE", f"{snapshots}/{told['snapshot']}")[0] == 200
    for method in ("POST", "DELETE"):
        status, refused = client.call(method, f"{snapshots}/{told['snapshot']}")
        assert (status, refused["error"]) == (400, f"there is no snapshot {told['snapshot']!r}")


def test_the_snapshots_that_are_kept(client):
    snapshots = f"/v1/companies/{COMPANY}/snapshots"
    assert client.get(snapshots) == (200, {"snapshots": []})
    taken = [client.call("POST", snapshots)[1]["snapshot"] for _ in range(3)]
    client.call("DELETE", f"{snapshots}/{taken[1]}")
    told = client.get(snapshots)[1]["snapshots"]
    assert [each["snapshot"] for each in told] == [taken[0], taken[2]]
    now = client.get("/v1/status")[1]["story_time"]
    assert all(each["story_time"][:10] == now[:10] for each in told)


def test_a_fork_at_a_path(client, tmp_path):
    forks, path = f"/v1/companies/{COMPANY}/forks", tmp_path / "fork.fbk"
    assert client.post(forks, json={"path": str(path)}) == (200, {"path": str(path)})
    fork = Company.open(path, client.world.clock.now)
    assert fork.truth.customers() == client.world.company.truth.customers()
    fork.close()
    before = path.read_bytes()
    for wrong in (str(path), "fork2.fbk", "", None, 7, f"{path}\0x", str(tmp_path / "nowhere" / "x.fbk")):
        status, told = client.post(forks, json={"path": wrong})
        assert status == 400, wrong
        assert told["expected"]
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir() if "fork" in each.name) == ["fork.fbk"]


def test_too_many_snapshots(client, monkeypatch):
    monkeypatch.setattr(api, "SNAPSHOTS_MAX", 1)
    assert client.call("POST", f"/v1/companies/{COMPANY}/snapshots")[0] == 200
    status, told = client.call("POST", f"/v1/companies/{COMPANY}/snapshots")
    assert (status, told["advice"]) == (400, "let one go")


def test_the_journal_in_pages(client):
    client.act("operator.log_in_goflow")
    rows = client.get("/v1/journal")[1]["rows"]
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    paged, since = [], 0
    while page := client.get(f"/v1/journal?since={since}")[1]["rows"][:2]:
        paged += page
        since = page[-1]["n"]
    assert paged == rows
    for number in range(JOURNAL_ROWS_MAX):
        client.world.journal.add("harness", "step", step=f"many {number}")
    page = client.get("/v1/journal")[1]["rows"]
    assert len(page) == JOURNAL_ROWS_MAX
    rest = client.get(f"/v1/journal?since={page[-1]['n']}")[1]["rows"]
    assert [row["n"] for row in page + rest] == list(range(1, len(rows) + JOURNAL_ROWS_MAX + 1))
    for wrong in ("-1", "x", "1.5"):
        assert client.get(f"/v1/journal?since={wrong}") == (
            400,
            {"error": f"since={wrong!r}", "expected": "a row number, like 7"},
        )


def test_acts(client):
    told = client.get("/v1/acts")[1]["acts"]
    assert [each["name"] for each in told] == list(ACTS)
    assert all(each["about"] for each in told)
    assert client.act("operator.log_in_goflow") == (200, {"result": "done", "told": None})
    refused = client.act("accountant.switch_mode", mode="single")
    assert refused[0] == 409
    assert refused[1]["result"] == "refused"
    assert [(row["act"], row["result"]) for row in client.world.journal.rows("act")] == [
        ("log_in_goflow", "done"),
        ("switch_mode", "refused"),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("operator.reconect_by_the_book", {}, "'operator.reconnect_by_the_book'"),
        ("nobody.does_this", {}, "one of "),
        ("operator.set_status", {"stats": "Connected"}, "'status'"),
        ("operator.set_status", {}, "the argument 'status' under `with`"),
    ],
)
def test_an_act_nobody_can_do(client, name, arguments, expected):
    status, told = client.act(name, **arguments)
    assert status == 400
    assert told["expected"].startswith(expected)


def test_the_catalogue_is_the_codes_own(client):
    kinds = client.get("/v1/fault-kinds")[1]["kinds"]
    assert [kind["name"] for kind in kinds] == [kind.name for table in FAULT_KINDS.values() for kind in table]
    slow = next(kind for kind in kinds if kind["name"] == "slow")
    assert (slow["id"], slow["part"], slow["parameters"]["seconds"]["default"]) == ("COM03", "quickbooks", 30.0)


def test_a_fault_is_fired_by_hand_and_all_are_lifted_at_once(client):
    armed = {"fault": "session-error", "as": "now", "when": {"by_hand": True}, "where": {"call": "ProcessRequest"}}
    assert client.post("/v1/faults", json=armed)[0] == 200
    client.act("operator.log_in_goflow")

    def ask():
        return client.post(f"/v1/companies/{COMPANY}/ask", data=HOST)[0]

    assert ask() == 200
    status, told = client.post("/v1/faults/now/fire", json={"times": 2})
    assert (status, told["fired"], told["hits"]) == (200, 2, 0)
    assert [ask(), ask(), ask()] == [409, 409, 200]
    [listed] = client.get("/v1/faults")[1]["faults"]
    hits = [row["n"] for row in client.get("/v1/journal")[1]["rows"] if row["kind"] == "fault-hit"]
    assert (listed["hits"], listed["rows"]) == (2, hits)
    assert client.call("DELETE", "/v1/faults") == (200, {"lifted": ["now"]})
    assert client.call("DELETE", "/v1/faults") == (200, {"lifted": []})
    assert client.post("/v1/faults/now/fire")[0] == client.post("/v1/faults/nw/fire")[0] == 400
    assert client.post("/v1/faults/now/fire", json={"times": 0})[0] == 400
    assert client.post("/v1/faults/now/fire", json={"time": 2})[0] == 400


def test_faults_come_and_go(client):
    assert client.get("/v1/faults") == (200, {"faults": []})
    fault = {"fault": "session-error", "as": "refuse", "where": {"request": "HostQueryRq"}}
    status, told = client.post("/v1/faults", json=fault)
    assert (status, told["name"], told["of"]) == (200, "refuse", "session-error")
    client.act("operator.log_in_goflow")
    assert client.post(f"/v1/companies/{COMPANY}/ask", data=HOST)[0] == 409
    [listed] = client.get("/v1/faults")[1]["faults"]
    assert (listed["hits"], listed["lifted"]) == (1, False)
    assert client.call("DELETE", "/v1/faults/refuse") == (200, {"name": "refuse", "lifted": True})
    assert client.post(f"/v1/companies/{COMPANY}/ask", data=HOST)[0] == 200
    assert client.get("/v1/faults")[1]["faults"][0]["lifted"] is True


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"fault": "answer-lots"}, "'answer-lost'"),
        ({"fault": "answer-lost", "wen": {"nth": 1}}, "'when'"),
        ({"fault": "answer-lost", "when": {"nth": 0}}, "a number of at least 1"),
        ({"fault": "answer-lost", "when": {"nth": "two"}}, "a whole number"),
        ({"fault": "answer-lost", "when": 3}, "fields with their values (between, by_hand, "),
        ({"fault": "answer-lost", "where": 3}, "fields with their values"),
        ({"fault": "answer-lost", "expect_hits": "anny"}, "'any'; one of at least once, any"),
        ({"fault": "slow", "with": {"seconds": [1]}}, "true or false or a whole number or a number or text"),
        ({"fault": 7}, "text"),
        ({"fault": "answer-lost", "when": {"nth": 1, "first": 2}}, ""),
        ({"fault": "answer-lost", "point": "quickbooks.nowhere"}, "one of "),
        ({"fault": "answer-lost", "when": {"nht": 1}}, "'nth'"),
        ({"fault": "answer-lost", "where": {"machine": "sever"}}, "'server'"),
        ({"fault": "answer-lost", "where": {"user": "goflo"}}, "'Goflow'"),
        ({"fault": "answer-lost", "where": {"request": "InvoicAddRq"}}, "'InvoiceAddRq'"),
        ({"fault": "answer-lost", "where": {"machin": "server"}}, "'machine'"),
        ({"fault": "answer-lost", "when": {"while": {"seats": 0}}}, "'seats_free'"),
        ({"fault": "answer-lost", "when": {"byte": 7}}, "another trigger"),
        ({"fault": "kill-platform"}, ""),
        ({}, "the field 'fault'"),
    ],
)
def test_a_fault_that_does_not_exist(client, fault, expected):
    status, told = client.post("/v1/faults", json=fault)
    assert status == 400
    assert told["error"]
    assert told.get("expected", "").startswith(expected)
    assert client.get("/v1/faults")[1]["faults"] == []


SUBSCRIBER = "{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}"
SUBSCRIBE = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq><DataEventSubscriptionAddRq><DataEventSubscriptionAdd>'
    f"<SubscriberID>{SUBSCRIBER}</SubscriberID><COMCallbackInfo><AppName>Handler</AppName><ProgID>A.B</ProgID></COMCallbackInfo>"
    "<DeliveryPolicy>DeliverAlways</DeliveryPolicy><TxnEventSubscription><TxnEventType>Invoice</TxnEventType>"
    "<TxnEventOperation>Add</TxnEventOperation></TxnEventSubscription></DataEventSubscriptionAdd></DataEventSubscriptionAddRq>"
    "</QBXMLSubscriptionMsgsRq></QBXML>"
)


def subscribe(client, machine="accounting-pc"):
    """A program on a machine subscribes to new invoices."""
    processor = RequestProcessor(client.world.machine(machine))

    async def go():
        await client.world.driver.perform(processor.open_connection("", "Watcher"))
        await client.world.driver.perform(processor.process_subscription(SUBSCRIBE))

    client.on_loop(go())


def test_events_are_listed_fetched_and_forgotten(client):
    assert client.get("/v1/subscriptions") == (200, {"subscriptions": []})
    subscribe(client)
    client.act("accountant.log_in")
    client.act("accountant.type_invoice", customer="first", item="first", amount_cents=1234, number="H-1")
    [told] = client.get("/v1/subscriptions")[1]["subscriptions"]
    assert told == {
        "machine": "accounting-pc",
        "subscriber": SUBSCRIBER,
        "kind": "Data",
        "application": "Watcher",
        "callback": "Handler",
        "version": "13.0",
        "delivery_policy": "DeliverAlways",
        "tracks_lost_events": False,
        "delivers_own_events": False,
        "in_force": True,
        "waiting": 1,
        "lost": 0,
    }
    status, answer = client.post(f"/v1/subscriptions/{quote(SUBSCRIBER)}/events")
    [event] = answer["events"]
    assert (status, event["machine"], event["kind"], event["number"]) == (200, "accounting-pc", "Data", 1)
    assert "<RefNumber>H-1</RefNumber>" in event["document"]
    assert datetime.fromisoformat(event["at"]) <= client.world.clock.now()
    assert client.post(f"/v1/subscriptions/{SUBSCRIBER.strip('{}').lower()}/events") == (200, {"events": []})
    assert client.get("/v1/subscriptions")[1]["subscriptions"][0]["waiting"] == 0


def test_a_typed_invoice_is_an_event_where_it_was_typed(client):
    for machine in ("server", "accounting-pc"):
        subscribe(client, machine)
    client.act("operator.log_in_goflow")
    client.act("accountant.log_in")
    client.act("accountant.type_invoice", customer="first", item="first", amount_cents=1234)
    client.act("accountant.type_invoice", customer="Nobody at all", item="first", amount_cents=1234)
    assert [(each["machine"], each["waiting"], each["lost"]) for each in client.get("/v1/subscriptions")[1]["subscriptions"]] == [
        ("server", 0, 1),
        ("accounting-pc", 1, 0),
    ]


def test_a_subscriber_nobody_knows(client):
    path = "/v1/subscriptions/{}/events"
    told = client.post(path.format("any"))
    assert told[0] == 400
    assert told[1]["error"] == "there is no subscriber 'any'"
    assert told[1]["advice"] == "nobody has subscribed to events yet"
    subscribe(client)
    status, told = client.post(path.format(SUBSCRIBER.replace("8327", "8328").strip("{}")))
    assert (status, told["expected"]) == (400, f"'{SUBSCRIBER}'")


def test_lifting_what_is_not_there(client):
    client.post("/v1/faults", json={"fault": "answer-lost", "as": "drop"})
    status, told = client.call("DELETE", "/v1/faults/drp")
    assert status == 400
    assert "drop" in told["expected"]


def test_the_platform_side_takes_documents(client):
    assert client.post("/v1/platform/documents", json={"emit": "bill", "count": 2}) == (200, {"accepted": 2})
    assert client.post("/v1/platform/documents", json={}) == (200, {"accepted": 1})
    accepted = [row["document"] for row in client.world.journal.rows("document-accepted")]
    assert accepted == ["bill", "bill", "invoice"]
    for wrong in ({"emit": "invoise"}, {"count": 0}, {"cuont": 1}, {"count": 1001}):
        assert client.post("/v1/platform/documents", json=wrong)[0] == 400
    assert len(list(client.world.journal.rows("document-accepted"))) == 3


def test_documents_have_the_memos_of_text_packs(client, monkeypatch):
    said = []
    monkeypatch.setattr(client.world, "emit", lambda kind, text: said.append((kind, text)))
    memos = memos_of(["latin"])
    given = {"count": len(memos) + 1, "texts": ["latin"]}
    assert client.post("/v1/platform/documents", json=given) == (200, {"accepted": len(memos) + 1})
    assert said == [("invoice", memo) for memo in [*memos, memos[0]]]
    status, told = client.post("/v1/platform/documents", json={"texts": ["latn"]})
    assert (status, "latin" in told["expected"]) == (400, True)


def test_somebody_makes_a_customer(client):
    status, told = client.post("/v1/platform/creations", json={"what": "customer", "name": "New Customer"})
    assert status == 200
    assert told
    assert client.post("/v1/platform/creations", json={"what": "castle", "name": "X"})[0] == 400
    assert client.post("/v1/platform/creations", json={"what": "customer"})[0] == 400


@pytest.mark.parametrize("path", ["/v1/acts/operator.start_connector", "/v1/faults", "/v1/platform/documents"])
@pytest.mark.parametrize("body", ["{", "[]", "7", '"text"', "\x00", "[" * 100_000])
def test_a_body_that_is_no_json_object(client, path, body):
    status, told = client.post(path, data=body)
    assert status == 400
    assert told["error"].startswith("the body is no JSON")
    assert told["expected"].startswith("a JSON object, like ")
    assert len(told["error"]) < 200
    assert list(client.world.journal.rows("act")) == []


def test_what_is_not_there_and_what_is_too_large(client):
    assert client.get("/v1/nothing")[0] == 404
    assert client.call("DELETE", "/v1/status")[0] == 405
    for status in (404, 405):
        told = client.get("/v1/nothing") if status == 404 else client.call("DELETE", "/v1/status")
        assert told[1]["error"]
    status, told = client.post(f"/v1/companies/{COMPANY}/ask", data=b"x" * (64 * 1024 * 1024 + 1))
    assert status == 413
    assert told["error"]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"]
)
def test_a_json_body_is_taken_with_whatever_content_type(client, content_type):
    options = {"data": '{"fault": "hosting-off", "as": "off"}'} | ({"content_type": content_type} if content_type else {})
    status, told = client.post("/v1/faults", **options)
    assert (status, told["name"]) == (200, "off")


@pytest.mark.parametrize(
    ("path", "body", "error", "expected"),
    [
        ("/v1/faults", {"fault": "slow", "when": {"nth": 0}}, "when.nth is 0", "a number of at least 1"),
        ("/v1/faults", {"fault": "slow", "when": {"nth": 1, "first": 2}}, "only one of nth, first", ""),
        ("/v1/faults", {"fault": "slow", "until": {"at": "soon"}}, "until.at is 'soon'", "a time of day like"),
        ("/v1/faults/x/fire", {"times": "2"}, "times is '2'", "a whole number"),
        ("/v1/faults/x/fire", {"time": 2}, "unknown field 'time'", "'times'"),
        ("/v1/platform/documents", {"emit": "bil"}, "emit is 'bil'", "'bill'; one of invoice, bill"),
        ("/v1/platform/documents", {"count": "x" * 10_000}, "count is 'xxx", "a whole number"),
        ("/v1/platform/creations", {"what": "customer"}, "'name' is missing", "the field 'name'"),
        ("/v1/platform/creations", {"what": "customer", "name": ""}, "name is ''", "text of at least 1 characters"),
        ("/v1/acts/operator.restart_server", {"down_s": -1}, "down_s of operator.restart_server is -1", "a number of at least 0"),
        (
            "/v1/acts/accountant.type_invoice",
            {"amount_cents": "5"},
            "amount_cents of accountant.type_invoice is '5'",
            "a whole number",
        ),
        (
            "/v1/acts/operator.wait_for_green",
            {"limit_s": -1},
            "limit_s of operator.wait_for_green is -1",
            "a number of at least 0",
        ),
        ("/v1/acts/admin.log_in", {"password": "\ud83d"}, "the body has half a character: '\\ud83d'", "whole characters"),
        ("/v1/acts/admin.add_user", {"user": ""}, "user of admin.add_user is ''", "text of at least 1 characters"),
        (
            "/v1/acts/admin.add_user",
            {"user": "X", "role": "Salse"},
            "role of admin.add_user is 'Salse'",
            "'Sales'; one of Admin, ",
        ),
        (
            "/v1/acts/operator.disconnect_by_the_book",
            {"skip": ["log_out"]},
            "skip of operator.disconnect_by_the_book is",
            "'log_out_goflow'",
        ),
    ],
)
def test_every_mistake_says_what_where_and_what_was_expected(client, path, body, error, expected):
    status, told = client.post(path, json=body)
    assert status == 400
    assert told["error"].startswith(error), told
    assert told.get("expected", "").startswith(expected), told
    assert "Input should" not in str(told)
    assert len(told["error"]) < 200
