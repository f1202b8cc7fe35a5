"""The order of calls: the table itself, every misuse through the real object, and random orders against the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.desktop import TABLE, Call, Code, SessionFailure, Stage

from .makers import APPLICATION, QUERY, at_desk, document, subscription_query, subscription_set

CALLS = {
    Call.OPEN_CONNECTION: lambda processor, ticket: processor.open_connection("", APPLICATION),
    Call.BEGIN_SESSION: lambda processor, ticket: processor.begin_session("", 2),
    Call.PROCESS_REQUEST: lambda processor, ticket: processor.process_request(ticket, document(QUERY)),
    Call.END_SESSION: lambda processor, ticket: processor.end_session(ticket),
    Call.CLOSE_CONNECTION: lambda processor, ticket: processor.close_connection(),
    Call.READ_SESSION: lambda processor, ticket: processor.get_current_company_file_name(ticket),
    Call.PUT_PREFERENCE: lambda processor, ticket: processor.auth_preferences.put_is_read_only(True),
    Call.PROCESS_SUBSCRIPTION: lambda processor, ticket: processor.process_subscription(
        subscription_set(subscription_query("Data"))
    ),
    Call.READ_SUBSCRIPTION_VERSIONS: lambda processor, ticket: processor.qbxml_versions_for_subscription(),
}

WAYS = {
    Stage.CLOSED: (),
    Stage.CONNECTED: (Call.OPEN_CONNECTION,),
    Stage.IN_SESSION: (Call.OPEN_CONNECTION, Call.BEGIN_SESSION),
    Stage.LOST: (Call.OPEN_CONNECTION, Call.BEGIN_SESSION),
}


async def make(desk, processor, call, ticket):
    """Make a call; return (code or None, the ticket that holds now)."""
    try:
        value = await desk.perform(CALLS[call](processor, ticket))
    except SessionFailure as failure:
        return failure.code, ticket
    return None, value if call is Call.BEGIN_SESSION else ticket


def test_the_table_is_whole():
    assert set(TABLE) == set(Stage)
    assert all(set(row) == set(Call) for row in TABLE.values())


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("call", Call)
def test_each_row_holds(stage, call):
    async def story(desk, clock):
        processor, ticket = desk.processor(), ""
        for way in WAYS[stage]:
            code, ticket = await make(desk, processor, way, ticket)
            assert code is None
        if stage is Stage.LOST:
            desk.server.crash()
        assert processor.stage is stage
        code, _ = await make(desk, processor, call, ticket)
        return code, processor.stage

    code, after = at_desk(story)
    expected = TABLE[stage][call]
    if isinstance(expected, Code):
        assert (code, after) == (expected, stage)
    elif expected is Stage.LOST:
        assert (code, after) == (Code.RPC_UNAVAILABLE, Stage.LOST)
    else:
        assert (code, after) == (None, expected)


@pytest.mark.parametrize("setting", [Code.DISCONNECTED, Code.RPC_UNAVAILABLE, Code.INTERNAL_ERROR])
@pytest.mark.parametrize("call", [call for call, step in TABLE[Stage.LOST].items() if step is Code.DISCONNECTED])
def test_what_a_dead_connection_fails_with_is_a_switch(setting, call):
    async def story(desk, clock):
        processor, ticket = desk.processor(), ""
        for way in WAYS[Stage.LOST]:
            _, ticket = await make(desk, processor, way, ticket)
        desk.server.crash()
        code, _ = await make(desk, processor, call, ticket)
        return code

    assert at_desk(story, dead_connection=setting.value) == setting


@given(st.lists(st.sampled_from([*Call, "wrong ticket", "crash", "people reopen"]), max_size=25))
def test_any_order_of_calls_does_what_the_table_says(steps):
    async def story(desk, clock):
        processor, ticket, stage = desk.processor(), "", Stage.CLOSED
        for step in steps:
            if step == "crash":
                if desk.server.process is not None:
                    desk.server.crash()
                stage = Stage.LOST if stage is Stage.IN_SESSION else stage
            elif step == "people reopen":
                if desk.server.opening is None:
                    desk.server.log_in("Goflow", "multi")
            elif step == "wrong ticket":
                code, _ = await make(desk, processor, Call.PROCESS_REQUEST, "nonsense")
                expected = TABLE[stage][Call.PROCESS_REQUEST]
                assert code == (expected if isinstance(expected, Code) else Code.WRONG_TICKET)
            else:
                stage, ticket = await checked(desk, processor, step, ticket, stage)
            assert processor.stage is stage
        await desk.perform(processor.release())
        assert desk.server.sessions == []
        assert desk.office.changes.waiting == 0

    at_desk(story)


async def checked(desk, processor, call, ticket, stage):
    expected = TABLE[stage][call]
    closed_quickbooks = desk.server.process is None
    code, ticket = await make(desk, processor, call, ticket)
    if isinstance(expected, Code):
        assert code == expected
    elif expected is Stage.LOST:
        assert code == (Code.RPC_UNAVAILABLE if closed_quickbooks else Code.WRONG_TICKET)
    elif call is Call.BEGIN_SESSION and closed_quickbooks:
        assert code == Code.NOT_RUNNING_NO_PATH
    else:
        assert code is None
        return expected, ticket
    return stage, ticket
