"""The two ways to QuickBooks: the same update over the wire of a running FakeBooks and within this process."""

import asyncio

import httpx
import pytest

from emulator.com.exec import quickbooks_for_programs
from emulator.core.clock import RealClock
from emulator.core.switches import SwitchSettings
from emulator.desktop import Driver, SessionFailure
from emulator.faults import FaultSpec
from emulator.webconnector import processor, switches
from emulator.webconnector.adding import write_file_id
from emulator.webconnector.processor import OwnProcessor, Preferences, WireProcessor
from emulator.webconnector.qwclog import Log
from emulator.webconnector.result import Around
from emulator.webconnector.service import Service
from emulator.webconnector.session import Update

from .desk import APPLICATION, QUERY, START, Scripted


@pytest.fixture(scope="module")
def running():
    with quickbooks_for_programs("wholesale_small") as made:
        yield made


async def update(made, service):
    clock = RealClock(START)
    settings, log = SwitchSettings([switches.SWITCHES]), Log(clock.now)
    line = Service(APPLICATION.url, clock, None, service)
    try:
        await write_file_id(APPLICATION, made, settings, log)
        return await Update(APPLICATION, "secret", line, made, Around(clock, settings, log)).run()
    finally:
        await line.close()


def test_both_ways_give_the_same(running):
    over_wire, inside = Scripted(), Scripted()

    async def wire():
        made = WireProcessor(running.url)
        try:
            return await update(made, over_wire)
        finally:
            await made.let_go()

    first = asyncio.run(wire())

    async def own():
        return await update(OwnProcessor(Driver(RealClock(START)), running.quickbooks), inside)

    second = asyncio.run_coroutine_threadsafe(own(), running.loop).result()
    assert (first.ok, second.ok) == (True, True)
    assert [call for call in over_wire.calls if call[0] != "sendRequestXML"] == [
        call for call in inside.calls if call[0] != "sendRequestXML"
    ]
    assert first.company == second.company
    assert (running.wire.objects, running.on_loop(lambda: list(running.quickbooks.sessions))) == (0, [])


def test_preferences_and_failures_over_the_wire(running):
    async def story():
        made = WireProcessor(running.url, "SERVER")
        try:
            await made.open("", "Bridge", Preferences(True, 2, 3, 15))
            with pytest.raises(SessionFailure) as failed:
                await made.begin(r"C:\none.qbw")
            return str(failed.value.code)
        finally:
            await made.let_go()

    assert asyncio.run(story()).startswith("0x8004")


def test_it_says_that_it_lives(running, monkeypatch):
    """A service may take longer than the wire waits for a silent program."""
    monkeypatch.setattr(processor, "ALIVE_EVERY_S", 0.01)
    heard = []
    alive = running.wire._alive
    monkeypatch.setitem(running.wire._handlers, "alive", lambda asked: heard.append(1) or alive(asked))

    async def story():
        made = WireProcessor(running.url)
        try:
            await made.open("", "Bridge", Preferences())
            while len(heard) < 2:
                await asyncio.sleep(0)
        finally:
            await made.let_go()

    asyncio.run(asyncio.wait_for(story(), 20))


def test_the_wire_breaks_in_mid_session():
    """A QuickBooks that goes away under a session is told to the service, like any other failure."""
    with quickbooks_for_programs("wholesale_small") as going:
        service = Scripted(receiveResponseXML=[-1])

        async def story():
            made = WireProcessor(going.url)
            told = service.__call__

            def app(environ, start_response):
                if environ["HTTP_SOAPACTION"].endswith('sendRequestXML"'):
                    made._url = "http://127.0.0.1:1"
                return told(environ, start_response)

            try:
                return await update(made, app)
            finally:
                await made.let_go()

        result = asyncio.run(story())
    assert service.calls[4][1][2] == "0x800706BA"
    assert (result.ended, service.names()[-1]) == ("error", "closeConnection")
    assert "the lock may stay" in result.remarks[0]


def test_nobody_is_at_the_wire():
    """A FakeBooks that has ended is a QuickBooks that cannot be started; one that was started again is found by the next attempt."""
    service = Scripted(connectionError=["", "done"])

    async def story():
        clock = RealClock(START)
        settings = SwitchSettings([switches.SWITCHES])
        line, made = Service(APPLICATION.url, clock, None, service), WireProcessor("http://127.0.0.1:1")
        try:
            return await Update(APPLICATION, "secret", line, made, Around(clock, settings, Log(clock.now))).run()
        finally:
            await made.let_go()
            await line.close()

    result = asyncio.run(story())
    assert service.names()[3:] == ["connectionError", "connectionError", "closeConnection"]
    assert service.calls[3][1][1] == "0x80040408"
    assert (result.ended, [each.partition(": ")[0] for each in result.remarks]) == (
        "error",
        ["no FakeBooks answers at http://127.0.0.1:1"],
    )


@pytest.mark.parametrize("began", [False, True])
def test_what_became_of_the_wire_is_told_in_words(began):
    """Also when the error itself says nothing."""

    async def story():
        made = WireProcessor("http://127.0.0.1:1")
        made._object = "1" if began else ""

        def broken(request):
            raise httpx.ReadError("") from ConnectionResetError(104, "Connection reset by peer")

        await made._client.aclose()
        made._client = httpx.AsyncClient(transport=httpx.MockTransport(broken))
        try:
            with pytest.raises(SessionFailure, match=r"Connection reset by peer$"):
                await made.begin("")
        finally:
            made._object = ""
            await made.let_go()

    asyncio.run(story())


def test_a_person_is_told_what_is_waited_for(running, monkeypatch):
    """The call that QuickBooks takes its time for, as while a window is open in it, and no other."""
    monkeypatch.setattr(processor, "PATIENCE_S", 0.2)
    plan, waited = running.quickbooks.office.plan, []
    slow = {"fault": "slow", "times": 1, "with": {"seconds": 0.6}}
    running.on_loop(lambda: plan.add(FaultSpec.model_validate(slow), running.quickbooks.office.now()))

    async def story():
        made = WireProcessor(running.url, waits=waited.append)
        try:
            await made.open("", "Bridge", Preferences())
            ticket = await made.begin("")
            for _ in range(2):
                await made.process(ticket, QUERY)
            await made.end(ticket)
        finally:
            await made.let_go()

    asyncio.run(asyncio.wait_for(story(), 20))
    assert waited == ["ProcessRequest"]
