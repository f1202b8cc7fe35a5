"""`fakebooks status`: everything support staff ask for, as tables and as JSON, of a world whose people and faults are at work."""

import json

from emulator.cli.shared import OUT
from emulator.desktop import RequestProcessor
from emulator.faults import FaultSpec
from emulator.people import perform


def told(fakebooks):
    code, out, err = fakebooks("status", "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_an_idle_world(world, fakebooks):
    code, out, err = fakebooks("status")
    assert (code, err) == (0, "")
    for part in (
        "mode          closed",
        "hosting       on",
        "0 of ",
        "nobody is logged in",
        "no application has a session",
        "no fault",
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
    assert {each["name"]: each["password"] for each in quickbooks["users"]}["Goflow"] == "set"
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


def test_nobody_runs(fakebooks, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    code, out, err = fakebooks("status")
    assert (code, out) == (2, "")
    assert "no FakeBooks runs here" in err
