"""`fakebooks status`: everything support staff ask for, as tables and as JSON, of a world whose people and faults are at work."""

import asyncio
import json

import pytest

from emulator.cli.console import OUT
from emulator.company import Company, described
from emulator.desktop import RequestProcessor
from emulator.faults import FaultSpec
from emulator.people import perform

HOST = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
)


def told(fakebooks):
    code, out, err = fakebooks("status", "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_an_idle_world(world, fakebooks):
    code, out, err = fakebooks("status")
    assert (code, err) == (0, "")
    for part in (
        "closed",
        "hosting     on",
        "0 of ",
        "nobody is logged in",
        "no application has a session",
        "no call is under way",
        "no fault is in force",
    ):
        assert part in out, out
    machines = told(fakebooks)["quickbooks"]["machines"]
    assert {name: each["state"] for name, each in machines.items()} == {"server": "closed", "accounting-pc": "closed"}


def test_a_world_at_work(world, on_loop, fakebooks, monkeypatch):
    async def work():
        await perform(world, "operator.log_in_goflow")
        processor = RequestProcessor(world.machine("server"))
        await world.driver.perform(processor.open_connection("", "FakeBooks Connector"))
        await world.driver.perform(processor.begin_session("", 2))
        await perform(world, "accountant.log_in")
        await perform(world, "accountant.open_dialog", {"title": "Reconcile"})
        await perform(world, "admin.change_password", {"user": "Goflow", "new_password": "Tell-Nobody-7"})
        world.plan.add(FaultSpec(fault="vendor-sign-in"), world.clock.now())

    on_loop(work())
    monkeypatch.setattr(OUT, "_width", 200)
    code, out, err = fakebooks("status")
    assert (code, err) == (0, "")
    for part in (
        "multi",
        "2 of ",
        "Goflow on server, Accountant on accounting-pc",
        "Reconcile",
        "FakeBooks Connector",
        "vendor-sign-in",
    ):
        assert part in out, out
    assert "Sign in to your Intuit account" in out
    quickbooks = told(fakebooks)["quickbooks"]
    assert [(each["user"], each["machine"], each["mode"]) for each in quickbooks["logged_in"]] == [
        ("Goflow", "server", "multi"),
        ("Accountant", "accounting-pc", "multi"),
    ]
    assert all(each["since"] for each in quickbooks["logged_in"])
    [session] = quickbooks["machines"]["server"]["sessions"]
    assert (session["application"], session["user"], session["mode_asked"]) == ("FakeBooks Connector", "Goflow", 2)
    assert {each["name"]: each["password"] for each in quickbooks["files"][0]["users"]}["Goflow"] == "set"
    assert "Tell-Nobody-7" not in json.dumps(told(fakebooks))
    assert [(each["of"], each["hits"]) for each in told(fakebooks)["faults"]] == [("vendor-sign-in", 1)]


def test_what_stands_in_the_way_is_named(world, on_loop, fakebooks, monkeypatch):
    async def work():
        world.plan.add(FaultSpec.model_validate({"fault": "second-instance", "with": {"user": "Admin"}}), world.clock.now())
        world.plan.add(FaultSpec(fault="leftover-process"), world.clock.now())
        world.plan.add(FaultSpec.model_validate({"fault": "share-lost", "with": {"machine": "accounting-pc"}}), world.clock.now())

    on_loop(work())
    monkeypatch.setattr(OUT, "_width", 200)
    _, out, _ = fakebooks("status")
    for part in ("left-over", "hidden second QuickBooks: Admin on server", "does not reach the file host"):
        assert part in out, out


SECOND = r"C:\QB\Second.QBW"


def test_every_company_file_is_shown(world, on_loop, fakebooks, monkeypatch):
    first = described("wholesale_small")
    description = first.model_copy(update={"company": first.company.model_copy(update={"file": SECOND})})
    second = Company.create(None, description, world.clock.now, world.switches)

    async def work():
        world.office.add_file(second)
        await perform(world, "operator.log_in_goflow")
        await perform(world, "accountant.log_in", {"file": SECOND, "mode": "single"})

    on_loop(work())
    monkeypatch.setattr(OUT, "_width", 200)
    try:
        _, out, _ = fakebooks("status")
        lines = out.splitlines()
        first = next(line for line in lines if line.startswith(world.office.files[0].path))
        other = next(line for line in lines if line.startswith(SECOND))
        assert ("multi-user" in first, "single-user" in other) == (True, True), out
        accountant = next(line for line in lines if line.startswith("Accountant"))
        assert "Second.QBW" in accountant
        assert "single-user" in accountant
    finally:
        on_loop(perform(world, "accountant.log_out"))
        second.close()


def test_a_call_that_is_held_and_those_behind_it(world, on_loop, fakebooks, monkeypatch):
    async def begin():
        processor = RequestProcessor(world.machine("server"))
        await world.driver.perform(processor.open_connection("", "FakeBooks Connector"))
        return processor, await world.driver.perform(processor.begin_session("", 2))

    async def work():
        await perform(world, "operator.log_in_goflow")
        first, second = await begin(), await begin()
        world.plan.add(FaultSpec.model_validate({"fault": "hang", "times": 1, "with": {"seconds": 0}}), world.clock.now())
        calls = []
        for processor, ticket in (first, second):
            calls.append(asyncio.ensure_future(world.driver.perform(processor.process_request(ticket, HOST))))
            await asyncio.sleep(0)
        return calls

    async def end(calls):
        world.machine("server").end_process()
        return await asyncio.gather(*calls, return_exceptions=True)

    calls = on_loop(work())
    monkeypatch.setattr(OUT, "_width", 200)
    _, out, _ = fakebooks("status")
    held, behind = told(fakebooks)["quickbooks"]["machines"]["server"]["calls"]
    assert (held["call"], held["request"], held["progress"], held["faults"]) == (
        "ProcessRequest",
        "HostQueryRq",
        "is carried out",
        ["hang"],
    )
    assert (behind["progress"], behind["waits_for"]) == ("waits for its turn", "its turn, behind FakeBooks Connector")
    assert held["since"] <= behind["since"]
    for part in ("ProcessRequest HostQueryRq", "its turn, behind", "QuickBooks, which hangs or is slow"):
        assert part in out, out
    on_loop(end(calls))
    assert told(fakebooks)["quickbooks"]["machines"]["server"]["calls"] == []


def test_a_call_that_a_window_keeps(world, on_loop, fakebooks):
    async def work():
        await perform(world, "operator.log_in_goflow")
        await perform(world, "operator.open_dialog", {"title": "Reconcile", "hangs": True})
        processor = RequestProcessor(world.machine("server"))
        await world.driver.perform(processor.open_connection("", "FakeBooks Connector"))
        call = asyncio.ensure_future(world.driver.perform(processor.begin_session("", 2)))
        await asyncio.sleep(0)
        return call

    async def end(call):
        await perform(world, "operator.close_dialog")
        return await call

    call = on_loop(work())
    [kept] = told(fakebooks)["quickbooks"]["machines"]["server"]["calls"]
    assert (kept["call"], kept["waits_for"]) == ("BeginSession", "somebody who closes 'Reconcile'")
    on_loop(end(call))
    assert told(fakebooks)["quickbooks"]["machines"]["server"]["calls"] == []


@pytest.mark.parametrize(
    ("fault", "state", "until"),
    [
        ({"fault": "hosting-off"}, "in force", "lifted by hand"),
        ({"fault": "hosting-off", "when": {"by_hand": True}}, "armed: fire it", "lifted by hand"),
        ({"fault": "slow", "when": {"by_hand": True}, "times": 3}, "armed: fire it", "struck 3 times"),
        ({"fault": "slow", "when": {"probability": 0}}, "does nothing, as if there were no fault", "lifted by hand"),
        ({"fault": "vendor-sign-in", "where": {"call": "BeginSession"}}, "not begun", "lifted by hand"),
        ({"fault": "slow", "until": {"at": "2100-01-01T00:00:00+00:00"}}, "in force", "2100-01-01 00:00:00"),
    ],
)
def test_how_a_fault_stands_and_what_ends_it(world, on_loop, fakebooks, monkeypatch, fault, state, until):
    async def add():
        world.plan.add(FaultSpec.model_validate(fault), world.clock.now())

    on_loop(add())
    monkeypatch.setattr(OUT, "_width", 200)
    _, out, _ = fakebooks("status")
    line = out.splitlines()[-1]
    assert state in line
    assert line.rstrip().endswith(until)
    listed = fakebooks("fault", "list")[1]
    assert f": {state}, " in listed
    assert listed.rstrip().endswith(f"until {until}")


def test_nobody_runs(fakebooks, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    code, out, err = fakebooks("status")
    assert (code, out) == (2, "")
    assert "no FakeBooks runs here" in err
