"""Events: which changes are told to whom, in which words, and what becomes of those that nobody can be told of."""

import pytest
from lxml import etree

from emulator.company import Company, CompanyDescription
from emulator.core.files import parse_yaml
from emulator.desktop import EVENTS_MAX, Application, Refused, events
from emulator.qbxml import Choices, Version, decode_answer_set
from emulator.qbxml.writing import encode_events
from emulator.qbxml.xsd import structure_of_rows

from .makers import (
    APPLICATION,
    PATH,
    SUBSCRIBER,
    at_desk,
    data_add,
    document,
    invoice,
    menu_add,
    subscription_set,
    ui_add,
)

BOOKS = r"""
company: {name: Test Company, file: 'C:\Books\Wholesale.QBW', edition: Pro, year: 2024, timezone: America/New_York}
users: [{name: Admin, role: Admin}, {name: Goflow, role: External Accountant}, {name: Anna, role: Full Access}]
lists:
  customers: {given: [{name: Kern Supply}, {name: Kern & Co}]}
  items: {given: [{name: Widget, kind: service, price: "10.00"}]}
"""
OTHER = "Another Program"
OTHER_SUBSCRIBER = "{00000000-0000-0000-0000-000000000001}"
EVERY = [("List", "Customer", each) for each in ("Add", "Modify", "Delete", "Merge")] + [
    ("Txn", "Invoice", each) for each in ("Add", "Modify", "Delete")
]
CUSTOMER = "<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>"


def make_company(clock):
    return Company.create(None, parse_yaml(BOOKS, CompanyDescription, "books.yaml"), clock.now)


class Play:
    """Short ways to act at a desk."""

    def __init__(self, desk):
        self.desk = desk

    async def subscribe(self, *requests, application=APPLICATION, at=None, version="13.0"):
        """Subscribe on a machine; with a file open there it is in force once that is closed (`reopen`)."""
        processor = self.desk.processor(at or self.desk.server)
        await self.desk.perform(processor.open_connection("", application))
        text = await self.desk.perform(processor.process_subscription(subscription_set(*requests, version=version)))
        assert 'statusSeverity="Error"' not in text, text
        await self.desk.perform(processor.close_connection())

    def reopen(self, mode="multi"):
        self.desk.server.log_out()
        self.desk.server.log_in("Goflow", mode)

    async def ask(self, *requests, application=OTHER, path="", at=None, on_error="continueOnError"):
        """Send requests in a session of an application; returns the answers."""
        processor = self.desk.processor(at)
        await self.desk.perform(processor.open_connection("", application))
        ticket = await self.desk.perform(processor.begin_session(path, 2))
        text = await self.desk.perform(processor.process_request(ticket, document(*requests, on_error=on_error)))
        await self.desk.perform(processor.close_connection())
        return decode_answer_set(text, "13.0", strict=True).answers

    def events(self, subscriber=SUBSCRIBER, at=None):
        """Fetch the events; each is checked against the structure, and told as a dict of what lies below DataEvent (or another)."""
        fetched = [each.document for each in (at or self.desk.server).subscriptions.take_events(subscriber)]
        return [told(text) for text in fetched]


def told(text):
    root = etree.fromstring(text.encode())
    [holder] = root
    assert (root.tag, holder.tag) == ("QBXML", "QBXMLEvents")
    structure = structure_of_rows("QBXMLEvents")
    assert structure.validate(holder), structure.error_log
    [event] = holder
    return {"event": event.tag, **{each.tag: {leaf.tag: leaf.text for leaf in each} or each.text for each in event}}


def play(story, **options):
    """Run a story with real books on a virtual clock; other applications are authorised too."""

    async def run(desk, clock):
        desk.office.files[0].authorisations.grant(Application(OTHER, login="even if not running", login_as="Goflow"))
        try:
            return await story(Play(desk), desk, clock)
        finally:
            desk.company.close()

    return at_desk(run, make_company=make_company, **options)


def short(found):
    """Type, operation, id present, number of each data event."""
    rows = []
    for each in found:
        inner = each.get("ListEvent") or each.get("TxnEvent")
        family = "List" if "ListEvent" in each else "Txn"
        rows.append((inner[f"{family}EventType"], inner[f"{family}EventOperation"], inner.get("RefNumber")))
    return rows


# ---- what is told -----------------------------------------------------------------------------------------------------------


def test_an_event_says_what_happened_where():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        [answer] = await do.ask(invoice("G-1"))
        [waiting] = desk.server.subscriptions.take_events(SUBSCRIBER)
        return waiting, answer.records[0][1]["TxnID"]

    waiting, txn_id = play(story)
    assert waiting.document.splitlines() == [
        '<?xml version="1.0" ?>',
        '<?qbxml version="13.0" ?>',
        "<QBXML>",
        "<QBXMLEvents>",
        "<DataEvent>",
        f"<CompanyFilePath>{PATH}</CompanyFilePath>",
        "<HostInfo>",
        "<ProductName>QuickBooks Desktop Pro 2024</ProductName>",
        "<MajorVersion>34</MajorVersion>",
        "<MinorVersion>0</MinorVersion>",
        "<Country>US</Country>",
        "</HostInfo>",
        "<TxnEvent>",
        "<TxnEventType>Invoice</TxnEventType>",
        "<TxnEventOperation>Add</TxnEventOperation>",
        f"<TxnID>{txn_id}</TxnID>",
        "<RefNumber>G-1</RefNumber>",
        "</TxnEvent>",
        "</DataEvent>",
        "</QBXMLEvents>",
        "</QBXML>",
    ]
    assert (waiting.machine, waiting.kind, waiting.number) == ("SERVER", "Data", 1)


def test_every_operation_on_lists_and_transactions():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen("single")
        one, two, bill = await do.ask(CUSTOMER.format("One"), CUSTOMER.format("Two"), invoice("G-1"))
        one, two, bill = (each.records[0][1] for each in (one, two, bill))
        do.events()
        changed, _ = await do.ask(
            f"<CustomerModRq><CustomerMod><ListID>{one['ListID']}</ListID><EditSequence>{one['EditSequence']}</EditSequence>"
            "<Phone>1</Phone></CustomerMod></CustomerModRq>",
            f"<InvoiceModRq><InvoiceMod><TxnID>{bill['TxnID']}</TxnID><EditSequence>{bill['EditSequence']}</EditSequence>"
            "<RefNumber>G-2</RefNumber></InvoiceMod></InvoiceModRq>",
        )
        ends = [
            f"<{end}><ListID>{each['ListID']}</ListID><EditSequence>{each['EditSequence']}</EditSequence></{end}>"
            for end, each in (("MergeFrom", changed.records[0][1]), ("MergeTo", two))
        ]
        await do.ask(
            f"<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>{bill['TxnID']}</TxnID></TxnVoidRq>",
            f"<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>{bill['TxnID']}</TxnID></TxnDelRq>",
            f"<ListMergeRq><ListMergeType>Customer</ListMergeType>{''.join(ends)}<SameShipAddrOk>true</SameShipAddrOk></ListMergeRq>",
            f"<ListDelRq><ListDelType>Customer</ListDelType><ListID>{two['ListID']}</ListID></ListDelRq>",
        )
        found = do.events()
        return short(found), found, one["ListID"], two["ListID"]

    rows, found, one, two = play(story)
    assert rows == [
        ("Customer", "Modify", None),
        ("Invoice", "Modify", "G-2"),
        ("Invoice", "Modify", "G-2"),
        ("Invoice", "Delete", "G-2"),
        ("Customer", "Merge", None),
        ("Customer", "Delete", None),
    ]
    assert found[4]["ListEvent"] == {
        "ListEventType": "Customer",
        "ListEventOperation": "Merge",
        "ListID": one,
        "AfterMergeListID": two,
    }
    assert found[5]["ListEvent"]["ListID"] == two


@pytest.mark.parametrize(
    ("wants", "requests", "expected"),
    [
        ([("List", "Customer", "Add")], [CUSTOMER.format("A"), invoice()], [("Customer", "Add", None)]),
        ([("Txn", "Invoice", "Add")], [CUSTOMER.format("A"), invoice("G-7")], [("Invoice", "Add", "G-7")]),
        ([("Txn", "Bill", "Add"), ("Txn", "Invoice", "Delete")], [CUSTOMER.format("A"), invoice()], []),
        ([("List", "Customer", "Add")], [CUSTOMER.format("A:B"), CUSTOMER.format("Kern Supply")], []),
        ([], [CUSTOMER.format("A")], []),
        ([("List", "Customer", "Add")], ["<CustomerQueryRq/>", "<HostQueryRq/>"], []),
    ],
)
def test_only_what_was_asked_for_and_only_what_was_written(wants, requests, expected):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*wants))
        do.reopen()
        await do.ask(*requests)
        return short(do.events())

    assert play(story) == expected


def test_types_and_operations_of_one_block_go_together():
    block = (
        "<ListEventSubscription><ListEventType>Vendor</ListEventType><ListEventType>Customer</ListEventType>"
        "<ListEventOperation>Delete</ListEventOperation><ListEventOperation>Add</ListEventOperation></ListEventSubscription>"
    )

    async def story(do, desk, clock):
        await do.subscribe(data_add().replace("</DataEventSubscriptionAdd>", block + "</DataEventSubscriptionAdd>"))
        do.reopen()
        await do.ask(CUSTOMER.format("A"), "<VendorAddRq><VendorAdd><Name>V</Name></VendorAdd></VendorAddRq>")
        return short(do.events())

    assert play(story) == [("Customer", "Add", None), ("Vendor", "Add", None)]


@pytest.mark.parametrize(
    "asked",
    [
        document(invoice("G-1")).replace('onError="stopOnError"', 'onError="stopOnError" responseData="includeNone"'),
        document(invoice("G-1").replace("</InvoiceAdd>", "</InvoiceAdd><IncludeRetElement>TimeCreated</IncludeRetElement>")),
        document(invoice("G-1")).replace('onError="stopOnError"', 'onError="stopOnError" newMessageSetID="set-1"'),
    ],
    ids=["no records", "one element", "with an id"],
)
def test_what_the_program_wants_to_see_of_its_answer_changes_nothing(asked):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        processor = desk.processor()
        await desk.perform(processor.open_connection("", OTHER))
        ticket = await desk.perform(processor.begin_session("", 2))
        answers = [await desk.perform(processor.process_request(ticket, asked)) for _ in range(2 if "set-1" in asked else 1)]
        [committed] = desk.journal.rows("committed")
        return answers, short(do.events()), committed, desk.company.truth.transactions("Invoice")

    answers, found, committed, [booked] = play(story)
    assert found == [("Invoice", "Add", "G-1")]  # a set answered from its stored outcome writes nothing, and tells nothing
    assert committed["id"] == booked["txn_id"]
    assert ("<TxnID>" in answers[0]) is ("set-1" in asked)
    assert ("<TimeCreated>" in answers[0]) is ("includeNone" not in asked)
    assert answers[0] == answers[-1]


def test_events_come_in_the_version_of_the_subscription_and_are_forgotten_once_fetched():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY), version="5.0")
        do.reopen()
        await do.ask(CUSTOMER.format("A"))
        [first] = desk.server.subscriptions.take_events(SUBSCRIBER.strip("{}").lower())
        return first.document, do.events()

    text, again = play(story)
    assert text.splitlines()[1] == '<?qbxml version="5.0" ?>'
    assert again == []


@pytest.mark.parametrize(
    ("characters", "path"), [("plain", "Caf\u00e9 &amp; &lt;Co&gt;"), ("references", "Caf&#233; &amp; &lt;Co&gt;")]
)
def test_a_document_of_events_is_escaped_like_an_answer(characters, path):
    told = {"CompanyFilePath": "Caf\u00e9 & <Co>", "EventTag": "a"}
    text = encode_events(Version("13.0"), [("UIExtensionEvent", told)], choices=Choices(answer_characters=characters))
    assert f"<CompanyFilePath>{path}</CompanyFilePath>" in text


def test_void_has_a_switch():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        [answer] = await do.ask(invoice())
        txn = answer.records[0][1]["TxnID"]
        await do.ask(f"<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>{txn}</TxnID></TxnVoidRq>")
        return [operation for _, operation, _ in short(do.events())]

    assert play(story) == ["Add", "Modify"]
    assert play(story, void_event="none") == ["Add"]


# ---- whose doing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "callback", "writer", "own", "expected"),
    [
        ("either", APPLICATION, APPLICATION, "", 0),
        ("either", APPLICATION, APPLICATION, "false", 0),
        ("either", APPLICATION, APPLICATION, "true", 1),
        ("either", APPLICATION, OTHER, "", 1),
        ("either", OTHER, OTHER, "", 0),
        ("subscriber", OTHER, OTHER, "", 1),
        ("subscriber", OTHER, APPLICATION, "", 0),
        ("callback", OTHER, OTHER, "", 0),
        ("callback", OTHER, APPLICATION, "", 1),
    ],
)
def test_ones_own_changes(setting, callback, writer, own, expected):
    shown = f"<COMCallbackInfo><AppName>{callback}</AppName><ProgID>A.B</ProgID></COMCallbackInfo>"

    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY, own=own, track="All", callback=shown))
        do.reopen()
        await do.ask(CUSTOMER.format("A"), application=writer)
        [subscription] = desk.server.subscriptions
        return len(do.events()), subscription.lost, desk.company.lost_events_since(SUBSCRIBER)

    assert play(story, own_application=setting) == (expected, 0, "")


def test_several_subscribers_each_get_their_own():
    async def story(do, desk, clock):
        desk.office.files[0].authorisations.grant(Application("Third"))
        await do.subscribe(data_add(("List", "Customer", "Add")))
        await do.subscribe(data_add(("Txn", "Invoice", "Add"), subscriber=OTHER_SUBSCRIBER), application=OTHER)
        do.reopen()
        await do.ask(CUSTOMER.format("A"), invoice("G-1"), application="Third")
        return short(do.events()), short(do.events(OTHER_SUBSCRIBER))

    assert play(story) == ([("Customer", "Add", None)], [("Invoice", "Add", "G-1")])


@pytest.mark.parametrize(
    ("setting", "allowed", "expected"),
    [
        ("taken-as-given", True, 1),
        ("taken-as-given", False, 1),
        ("known-applications", True, 1),
        ("known-applications", False, 0),
    ],
)
def test_who_may_be_told(setting, allowed, expected):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        if not allowed:
            desk.office.files[0].authorisations.switch_off(APPLICATION)
        await do.ask(CUSTOMER.format("A"))
        return len(do.events())

    assert play(story, subscription_grant=setting) == expected


def test_a_program_the_file_does_not_know():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY), application="Stranger")
        do.reopen()
        await do.ask(CUSTOMER.format("A"))
        return len(do.events())

    assert play(story) == 1
    assert play(story, subscription_grant="known-applications") == 0


# ---- when ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "open_as", "expected"),
    [("next-opening", "Goflow", [0, 1]), ("at-once", "Goflow", [1, 1]), ("next-opening", None, [1, 1])],
)
def test_when_a_subscription_comes_into_force(setting, open_as, expected):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY, track="All"))
        if open_as is None:
            desk.server.log_in("Goflow", "multi")
        counts = []
        for name in ("A", "B"):
            await do.ask(CUSTOMER.format(name))
            counts.append(len(do.events()))
            do.reopen()
        return counts, desk.company.lost_events_since(SUBSCRIBER)

    assert play(story, open_as=open_as, subscription_in_force=setting) == (expected, "")


# ---- what is lost -----------------------------------------------------------------------------------------------------------------


def recovery(kind):
    return f"<DataEventRecoveryInfo{kind}Rq><SubscriberID>{SUBSCRIBER}</SubscriberID></DataEventRecoveryInfo{kind}Rq>"


@pytest.mark.parametrize(("track", "kept"), [("All", True), ("None", False), ("", False)])
def test_without_a_window_events_are_lost(track, kept):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY, track=track))
        await do.ask(CUSTOMER.format("A"), path=PATH)
        lost_at = clock.now()
        await clock.sleep(3600)
        await do.ask(CUSTOMER.format("B"), path=PATH)
        assert do.events() == []
        desk.server.log_in("Goflow", "multi")
        [asked] = await do.ask(recovery("Query"))
        await do.ask(CUSTOMER.format("C"))
        await do.ask(recovery("Del"))
        await do.ask(CUSTOMER.format("D"))
        rows = [(row["operation"], row["why"]) for row in desk.journal.rows("event-lost")]
        return (
            asked.records[0][1].get("DataEventRecoveryTime"),
            [each.get("DataEventRecoveryTime") for each in do.events()],
            lost_at,
            rows,
        )

    asked, in_events, lost_at, rows = play(story, open_as=None)
    assert rows == [("Add", "no QuickBooks with a window could tell it")] * 2
    # New York's wall clock, with the offset the company file writes.
    since = lost_at.strftime("2026-03-02T12:%M:%S-05:00") if kept else None
    assert asked == since
    assert in_events == [since, None]


@pytest.mark.parametrize("setting", ["lost", "delivered"])
@pytest.mark.parametrize("open_here", [True, False])
def test_changes_made_on_another_machine(setting, open_here):
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY, track="All"))
        desk.server.log_out()
        if open_here:
            desk.server.log_in("Goflow", "multi")
        desk.accounting.log_in("Anna", "multi")
        await do.ask(CUSTOMER.format("A"), at=desk.accounting)
        return len(do.events()), bool(desk.company.lost_events_since(SUBSCRIBER))

    told_here = setting == "delivered" and open_here
    assert play(story, events_from_other_machines=setting) == (int(told_here), not told_here)


def test_too_many_events_that_nobody_fetches():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY, track="All"))
        do.reopen()
        await do.ask(*(CUSTOMER.format(f"C{number}") for number in range(EVENTS_MAX + 2)))
        [subscription] = desk.server.subscriptions
        state = (len(subscription.waiting), subscription.lost, bool(desk.company.lost_events_since(SUBSCRIBER)))
        whys = {row["why"] for row in desk.journal.rows("event-lost")}
        do.events()
        await do.ask(CUSTOMER.format("after"))
        [after] = do.events()
        return state, whys, "DataEventRecoveryTime" in after

    assert play(story) == ((EVENTS_MAX, 2, True), {"too many events wait"}, True)


# ---- the screen ---------------------------------------------------------------------------------------------------------------------


def test_opening_and_closing_the_company_file():
    async def story(do, desk, clock):
        await do.subscribe(ui_add("Open", "Close"))
        desk.server.log_in("Goflow", "multi")
        desk.server.log_out()
        desk.server.log_in("Goflow", "multi")
        desk.server.quit()
        desk.server.log_in("Goflow", "multi")
        desk.server.crash()
        await do.ask(path=PATH)  # QuickBooks starts without a window
        desk.server.start()
        await do.ask(path=PATH)  # and opens the file in its window for a session
        return [
            (each["event"], each["CompanyFilePath"], each["HostInfo"]["Country"], *each["CompanyFileEvent"].values())
            for each in do.events()
        ]

    opened, closed = ("UIEvent", PATH, "US", "Open", "false", "false"), ("UIEvent", PATH, "US", "Close")
    by_itself = (*opened[:-1], "true")
    assert play(story, open_as=None) == [opened, closed, opened, closed, opened, by_itself, closed]


def test_only_the_operation_that_was_asked_for_and_only_here():
    async def story(do, desk, clock):
        await do.subscribe(ui_add("Close"))
        await do.subscribe(ui_add("Open"), at=desk.accounting)
        do.reopen()
        do.reopen()
        there = do.events(at=desk.accounting)
        desk.accounting.log_in("Anna", "multi")
        return [[each["CompanyFileEvent"]["CompanyFileEventOperation"] for each in found] for found in (do.events(), there)], len(
            do.events(at=desk.accounting)
        )

    # The first closing came before the subscription was in force.
    assert play(story) == ([["Close"], []], 1)


@pytest.mark.parametrize("tags", [["one"], ["one", "two"]])
def test_a_menu_item_is_chosen(tags):
    async def story(do, desk, clock):
        await do.subscribe(menu_add(*tags))
        for act in (lambda: None, do.reopen):
            act()
            try:
                desk.server.choose_menu_item(tags[-1])
            except Refused as refused:
                why = refused.kind
        with pytest.raises(Refused, match="has an item with the EventTag 'three'"):
            desk.server.choose_menu_item("three")
        with pytest.raises(Refused, match="Nobody is logged in"):
            desk.accounting.choose_menu_item(tags[-1])
        return why, [(each["event"], each["EventTag"], each["CompanyFilePath"]) for each in do.events()]

    assert play(story) == ("no-such-menu-item", [("UIExtensionEvent", tags[-1], PATH)])


def test_events_of_all_kinds_come_in_the_order_they_happened():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY), ui_add("Open", "Close"), menu_add("m"))
        do.reopen()
        await do.ask(CUSTOMER.format("A"))
        desk.server.choose_menu_item("m")
        desk.server.log_out()
        return [each["event"] for each in do.events()]

    assert play(story) == ["UIEvent", "DataEvent", "UIExtensionEvent", "UIEvent"]


def test_events_are_written_down_and_the_subscription_tells_when_it_was_last_told():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        await do.ask(invoice("G-1"))
        [subscription] = desk.server.subscriptions
        [row] = desk.journal.rows("event")
        return {
            name: row[name] for name in ("subscriber", "event", "type", "operation", "number")
        }, subscription.told == clock.now()

    row, told_now = play(story)
    assert row == {"subscriber": SUBSCRIBER, "event": "DataEvent", "type": "Invoice", "operation": "Add", "number": "G-1"}
    assert told_now


@pytest.mark.parametrize("operation", events.OPERATIONS)
def test_the_operations_of_events_are_those_of_the_schema(operation):
    assert events.OPERATIONS[operation] in ("Add", "Modify", "Delete", "Merge")


def test_a_window_for_people_is_noted_and_nothing_is_told_as_written():
    async def story(do, desk, clock):
        await do.subscribe(data_add(*EVERY))
        do.reopen()
        customer = desk.company.truth.customers()[0]
        await do.ask(
            "<TxnDisplayAddRq><TxnDisplayAddType>Invoice</TxnDisplayAddType></TxnDisplayAddRq>",
            f"<ListDisplayModRq><ListDisplayModType>Customer</ListDisplayModType><ListID>{customer['list_id']}</ListID></ListDisplayModRq>",
        )
        opened = [(row["form"], row.get("id")) for row in desk.journal.rows("window-opened")]
        return opened, customer["list_id"], list(desk.journal.rows("committed")), do.events()

    opened, customer, committed, told = play(story)
    assert opened == [("Invoice", None), ("Customer", customer)]
    assert (committed, told) == ([], [])
