"""The request processor beside its table: switches, what the library tells of itself, and two threads on one object."""

import asyncio

import pytest

from emulator.desktop import Code, SessionFailure, Stage
from emulator.qbxml import VERSIONS

from .makers import APPLICATION, PATH, QUERY, at_desk, document, subscription_query, subscription_set

SUBSCRIPTION = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq></QBXMLSubscriptionMsgsRq></QBXML>'


async def outcome(desk, operation):
    try:
        return await desk.perform(operation)
    except SessionFailure as failure:
        return failure.code


@pytest.mark.parametrize(
    ("setting", "first", "second", "expected"),
    [
        ("refused", ("", "A"), ("", "A"), Code.CONNECTION_ALREADY),
        ("accepted", ("", "A"), ("", "A"), None),
        ("accepted", ("1", "A"), ("2", "A"), Code.CONNECTION_ALREADY),
        ("accepted", ("", "A"), ("", "B"), Code.CONNECTION_ALREADY),
    ],
)
def test_opening_twice(setting, first, second, expected):
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection(*first))
        return await outcome(desk, processor.open_connection(*second))

    assert at_desk(story, open_twice_same_application=setting) == expected


@pytest.mark.parametrize(("setting", "expected"), [("accepted", None), ("0x8004040F", Code.NO_CONNECTION)])
def test_closing_what_is_not_open(setting, expected):
    async def story(desk, clock):
        return await outcome(desk, desk.processor().close_connection())

    assert at_desk(story, close_without_connection=setting) == expected


@pytest.mark.parametrize(
    ("connection_type", "wanted", "expected"),
    [
        (1, SUBSCRIPTION, '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLSubscriptionMsgsRs />\n</QBXML>\n'),
        (2, SUBSCRIPTION, Code.NOT_FROM_REMOTE),
        (1, document(QUERY), Code.WRONG_CALL),
        (1, "<nonsense", Code.XML_NOT_VALID),
        (1, SUBSCRIPTION.replace("13.0", "99.0"), Code.VERSION_UNKNOWN),
        (1, subscription_set(subscription_query("Data"), version="2.1"), Code.XML_NOT_VALID),
    ],
)
@pytest.mark.parametrize("open_as", ["Goflow", None])
def test_subscriptions(connection_type, wanted, expected, open_as):
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection_2("", APPLICATION, connection_type))
        versions = await outcome(desk, processor.qbxml_versions_for_subscription())
        assert versions == (Code.NOT_FROM_REMOTE if connection_type == 2 else list(VERSIONS[VERSIONS.index("3.0") :]))
        found = await outcome(desk, processor.process_subscription(wanted))
        failed = [row["call"] for row in desk.journal.rows("session-failed")]
        refused = isinstance(expected, Code)
        assert failed == ["QBXMLVersionsForSubscription"] * (connection_type == 2) + ["ProcessSubscription"] * refused
        return found

    assert at_desk(story, open_as=open_as) == expected


def test_simple_start_has_no_events():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        return await outcome(desk, processor.process_subscription(SUBSCRIPTION))

    assert at_desk(story, edition="Simple Start") == Code.UNAVAILABLE


def test_the_last_error_is_the_text_of_the_last_failure():
    async def story(desk, clock):
        processor = desk.processor()
        texts = [await desk.perform(processor.get_qb_last_error())]
        await outcome(desk, processor.begin_session("", 2))
        texts.append(await desk.perform(processor.get_qb_last_error()))
        await desk.perform(processor.open_connection("", APPLICATION))
        await outcome(desk, processor.begin_session(r"C:\Elsewhere.QBW", 2))
        texts.append(await desk.perform(processor.get_qb_last_error()))
        return texts

    nothing, not_open, other_file = at_desk(story)
    assert nothing == ""
    assert "OpenConnection" in not_open
    assert "already open" in other_file


def test_the_path_is_told_as_it_was_spelled():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        ticket = await desk.perform(processor.begin_session(PATH.upper(), 2))
        return await desk.perform(processor.get_current_company_file_name(ticket))

    assert at_desk(story, open_as=None, grant="even if not running") == PATH.upper()
    assert at_desk(story) == PATH


def test_two_threads_begin_on_one_object():
    async def story(desk, clock):
        desk.server.show_dialog("Backup")
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        both = [asyncio.create_task(outcome(desk, processor.begin_session("", 2))) for _ in range(2)]
        await clock.sleep(5)
        desk.server.close_dialog()
        first, second = await asyncio.gather(*both)
        return len(first), second, len(desk.server.sessions)

    assert at_desk(story) == (32, Code.SESSION_ALREADY, 1)


def test_an_object_dropped_in_mid_call_leaves_nothing():
    async def story(desk, clock):
        desk.server.show_dialog("Backup")
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        beginning = asyncio.create_task(outcome(desk, processor.begin_session("", 2)))
        await clock.sleep(5)
        await desk.perform(processor.release())
        desk.server.close_dialog()
        code = await beginning
        return code, len(desk.server.sessions), processor.stage

    assert at_desk(story) == (Code.NO_CONNECTION, 0, Stage.CLOSED)


def test_a_dropped_object_is_remarked():
    async def story(desk, clock):
        processor = desk.processor()
        await desk.perform(processor.open_connection("", APPLICATION))
        await desk.perform(processor.begin_session("", 2))
        await desk.perform(processor.release())
        await desk.perform(processor.release())
        return [row["why"] for row in desk.journal.rows("session-ended")]

    assert at_desk(story) == ["the object was dropped"]
