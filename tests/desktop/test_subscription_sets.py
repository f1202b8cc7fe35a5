"""Subscription requests: what each is answered, what is kept, and every switch that decides one of the answers."""

import pytest

from emulator.desktop import SUBSCRIPTIONS_MAX
from emulator.qbxml import VERSIONS, decode_answer_set, schema_of

from .makers import (
    APPLICATION,
    CALLBACK,
    SUBSCRIBER,
    at_desk,
    data_add,
    menu_add,
    subscription_del,
    subscription_query,
    subscription_set,
    ui_add,
)

OTHER = "{00000000-0000-0000-0000-000000000001}"
CUSTOMER_ADD = ("List", "Customer", "Add")
ADDS = {"Data": data_add(CUSTOMER_ADD, ("Txn", "Invoice", "Delete")), "UI": ui_add("Open", "Close"), "UIExtension": menu_add("a")}


def answered(text, version="13.0"):
    """The answers of a subscription document, checked against the schema."""
    assert text.count("QBXMLSubscriptionMsgsRs") in (1, 2)
    return decode_answer_set(text, version, strict=True).answers


def told(*documents, version="13.0", **options):
    """Send documents in one connection; returns the answers of the last one."""

    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        for document in documents[:-1]:
            await desk.perform(processor.process_subscription(document))
        return answered(await desk.perform(processor.process_subscription(documents[-1])), version)

    return at_desk(story, **options)


def codes(*documents, **options):
    return [answer.status.code for answer in told(*documents, **options)]


@pytest.mark.parametrize("kind", ADDS)
def test_a_subscription_is_made_told_and_ended(kind):
    made, asked, ended, gone = (
        told(*documents)[-1]
        for documents in (
            [subscription_set(ADDS[kind])],
            [subscription_set(ADDS[kind]), subscription_set(subscription_query(kind))],
            [subscription_set(ADDS[kind]), subscription_set(subscription_del(kind))],
            [subscription_set(ADDS[kind]), subscription_set(subscription_del(kind)), subscription_set(subscription_query(kind))],
        )
    )
    assert (made.status.code, made.status.severity, made.records) == (0, "Info", asked.records)
    [(name, values)] = made.records
    assert name == asked.name.replace("QueryRs", "Ret")
    assert values["SubscriberID"] == SUBSCRIBER
    assert values["TimeCreated"] == "2026-03-02T17:00:00+00:00"
    assert values["COMCallbackInfo"]["AppName"] == APPLICATION
    assert (ended.name, ended.status.code, list(ended.records)) == ("SubscriptionDelRs", 0, [])
    assert (gone.status.code, gone.status.severity, list(gone.records)) == (500, "Warn", [])


def test_what_was_left_out_is_told_with_its_default():
    [(_, values)] = told(subscription_set(data_add(CUSTOMER_ADD)))[0].records
    assert (values["TrackLostEvents"], values["DeliverOwnEvents"], values["DeliveryPolicy"]) == ("None", False, "DeliverAlways")
    assert values["ListEventSubscription"] == [{"ListEventType": ["Customer"], "ListEventOperation": ["Add"]}]
    assert "TimeLastProcessed" not in values
    [(_, values)] = told(subscription_set(data_add(track="All"), version="3.0"), version="3.0")[0].records
    assert values["TrackLostEvents"] == "All"
    assert "DeliverOwnEvents" not in values  # since 4.0


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([ADDS["Data"], ADDS["Data"]], 3180),
        ([ADDS["Data"], ADDS["Data"].replace(SUBSCRIBER, SUBSCRIBER.lower())], 3180),
        ([ADDS["Data"], ADDS["UI"]], 0),
        ([ADDS["Data"], data_add(CUSTOMER_ADD, subscriber=OTHER)], 0),
        ([ADDS["Data"], subscription_query("UI")], 500),
        ([ADDS["Data"], subscription_query("Data", OTHER)], 500),
        ([ADDS["Data"], subscription_query("Data", SUBSCRIBER.lower())], 0),
        ([ADDS["Data"], subscription_del("UI")], 3120),
        ([ADDS["Data"], subscription_del("Data", OTHER)], 3120),
        ([ADDS["Data"], subscription_del("Data"), subscription_del("Data")], 3120),
        ([ADDS["Data"], subscription_del("Data"), ADDS["Data"]], 0),
        ([data_add(subscriber="{12}")], 3065),
        ([data_add(callback=CALLBACK.replace(APPLICATION, ""))], 3150),
        ([menu_add("")], 3150),
        ([data_add(callback=CALLBACK.replace(APPLICATION, "A" * 129))], 3070),
    ],
)
def test_what_a_request_is_answered(documents, expected):
    assert codes(*map(subscription_set, documents)) == [expected]


def test_it_stays_when_the_program_and_quickbooks_have_gone():
    async def story(desk, clock):
        for act in (desk.server.quit, desk.server.start, lambda: desk.server.log_in("Goflow", "multi"), desk.server.crash):
            processor = desk.processor()
            await desk.perform(processor.open_connection("", APPLICATION))
            text = await desk.perform(processor.process_subscription(subscription_set(subscription_query("Data"), ADDS["Data"])))
            await desk.perform(processor.close_connection())
            act()
        other = desk.processor(desk.accounting)
        await desk.perform(other.open_connection("", APPLICATION))
        elsewhere = await desk.perform(other.process_subscription(subscription_set(subscription_query("Data"))))
        return [[each.status.code for each in answered(each)] for each in (text, elsewhere)]

    assert at_desk(story) == [[0, 3180], [500]]


@pytest.mark.parametrize(("add", "delete", "expected"), [("5.0", "5.0", 0), ("5.0", "13.0", 3120), ("16.0", "15.0", 3120)])
def test_only_a_deletion_of_the_same_version_finds_it(add, delete, expected):
    assert codes(subscription_set(ADDS["Data"], version=add), subscription_set(subscription_del("Data"), version=delete)) == [
        expected
    ]


@pytest.mark.parametrize(("setting", "expected"), [("goes-on", [3065, 0]), ("stops", [3065, 3231])])
def test_requests_after_a_failing_one(setting, expected):
    document = subscription_set(data_add(subscriber="{12}"), ADDS["UI"])
    assert codes(document, subscription_set_on_error=setting) == expected


@pytest.mark.parametrize("setting", ["goes-on", "stops"])
def test_a_warning_stops_nothing(setting):
    assert codes(subscription_set(subscription_query("Data"), ADDS["Data"]), subscription_set_on_error=setting) == [500, 0]


@pytest.mark.parametrize(
    ("switch", "setting", "document", "expected"),
    [
        ("subscription_unknown_query", "500", subscription_query("Data"), (500, "Warn")),
        ("subscription_unknown_query", "1", subscription_query("Data"), (1, "Info")),
        ("subscription_unknown_delete", "3120", subscription_del("Data"), (3120, "Error")),
        ("subscription_unknown_delete", "0", subscription_del("Data"), (0, "Info")),
    ],
)
def test_what_finds_nothing(switch, setting, document, expected):
    [answer] = told(subscription_set(document), **{switch: setting})
    assert (answer.status.code, answer.status.severity) == expected


@pytest.mark.parametrize("number", [number for number in VERSIONS if schema_of(number).message("SubscriptionDelRq")])
def test_every_request_is_taken_at_every_version_that_has_it(number):
    """Each kind is added, told and ended; every answer is valid at the version."""
    for kind, add in ADDS.items():
        document = subscription_set(
            add, subscription_query(kind), subscription_del(kind), subscription_query(kind), version=number
        )
        assert [answer.status.code for answer in told(document, version=number)] == [0, 0, 0, 500]


def test_one_too_many_is_refused():
    def add(number):
        return data_add(CUSTOMER_ADD, subscriber=f"{{00000000-0000-0000-0000-{number:012d}}}")

    full = subscription_set(*map(add, range(SUBSCRIPTIONS_MAX)))
    assert codes(full) == [0] * SUBSCRIPTIONS_MAX
    assert codes(full, subscription_set(add(SUBSCRIPTIONS_MAX))) == [3180]
    room = subscription_set(subscription_del("Data", "{00000000-0000-0000-0000-000000000000}"))
    assert codes(full, room, subscription_set(add(SUBSCRIPTIONS_MAX))) == [0]


def test_a_request_id_comes_back_and_each_request_is_written_down():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        document = subscription_set(data_add(CUSTOMER_ADD, attributes=' requestID="7"'), data_add(subscriber="{12}"))
        text = await desk.perform(processor.process_subscription(document))
        rows = [(row["request"], row.get("subscriber"), row["status"]) for row in desk.journal.rows("subscription")]
        return [each.attributes for each in answered(text)], rows

    attributes, rows = at_desk(story)
    assert attributes == [{"requestID": "7"}, {}]
    assert rows == [("DataEventSubscriptionAddRq", SUBSCRIBER, 0), ("DataEventSubscriptionAddRq", None, 3065)]
