"""What may strike the Web Connector: each kind at each of its points, what the service hears, what stays in the company file."""

import pytest

from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.faults import FaultSpec
from emulator.webconnector import faults
from emulator.webconnector.codes import Qbwc
from emulator.world import World, WorldConfig

from .desk import CUSTOMER, START, Scripted, on_desk

BEGIN = ["serverVersion", "clientVersion", "authenticate"]


def struck(kind, service=None, then=0, **more):
    """Run an update with a fault, and more updates after it; returns the results, the service, the desk and the lock that stays."""
    service = service or Scripted(sendRequestXML=[CUSTOMER.format("One")])

    async def story(desk):
        desk.fault(kind, **more)
        results = [await desk.update(service)]
        lock = (await desk.extensions()).get("AppLock", "")
        results += [await desk.update(service) for _ in range(then)]
        assert not list(desk.quickbooks.sessions)
        desk.hits = {fault.name: (fault.hits, fault.missed) for fault in desk.plan.faults()}
        return results, service, desk, lock

    return on_desk(story)


def test_the_answer_is_lost_and_the_customer_is_there():
    (result,), service, desk, lock = struck("wc-answer-lost", when={"nth": 1})
    assert (result.codes, lock) == ([Qbwc.RECEIVE_RESPONSE], "UNLOCKED")
    assert "One" in desk.customers
    assert service.names() == [*BEGIN, "sendRequestXML", "closeConnection"]
    assert desk.hits == {"wc-answer-lost": (1, 0)}
    (row,) = [row for row in desk.journal.rows("web-connector-call") if row["operation"] == "receiveResponseXML"]
    assert row["faults"] == ["wc-answer-lost"]


@pytest.mark.parametrize("kind", ["wc-answer-lost", "wc-service-died"])
@pytest.mark.parametrize(("ending", "last"), [("close", "closeConnection"), ("silent", "sendRequestXML")])
def test_both_endings(kind, ending, last):
    where = {"operation": "receiveResponseXML"}
    (result,), service, _, _ = struck(kind, where=where, **{"with": {"ending": ending}})
    assert (result.codes, service.names()[-1]) == ([Qbwc.RECEIVE_RESPONSE], last)


CALLED = [*BEGIN, "sendRequestXML", "getLastError", "receiveResponseXML", "closeConnection"]


@pytest.mark.parametrize("operation", CALLED)
@pytest.mark.parametrize(("kind", "point"), [(kind.name, point) for kind in faults.KINDS for point in ("", *kind.points)])
def test_what_is_put_into_force_strikes(kind, point, operation):
    """Of an update that calls every operation each is struck, or the fault is refused with the point where such calls come."""
    service = Scripted(sendRequestXML=["", CUSTOMER.format("One")], getLastError=["NoOp"])
    points = next(each.points for each in faults.KINDS if each.name == kind)
    fields = {"where": {"operation": operation}, "times": 1, **({"point": point} if point else {})}
    if comes_by(point or points[0], operation):
        _, _, desk, _ = struck(kind, service, **fields)
        assert desk.hits == {kind: (1, 0)}
        return
    with pytest.raises(UserMistake, match=f"no operation at {point or points[0]}") as refused:
        struck(kind, service, **fields)
    elsewhere = [each for each in points if comes_by(each, operation)]
    assert [f"`point: {each}` is where" in str(refused.value) for each in elsewhere[:1]] == [True] * len(elsewhere[:1])


def comes_by(point, operation):
    return ONLY_AT.get(point, operation) == operation


ONLY_AT = {
    faults.BEFORE_AUTHENTICATE: "authenticate",
    faults.BEFORE_REQUEST: "sendRequestXML",
    faults.AFTER_PROCESS: "receiveResponseXML",
}


CODES = {
    "serverVersion": [],
    "clientVersion": [1036],
    "authenticate": [1012],
    "sendRequestXML": [1041],
    "receiveResponseXML": [1042],
    "closeConnection": [1044],
}


@pytest.mark.parametrize("operation", CODES)
@pytest.mark.parametrize("point", [faults.BEFORE_CALL, faults.AFTER_CALL])
def test_the_service_dies(operation, point):
    (result,), service, _, lock = struck("wc-service-died", where={"operation": operation}, point=point, times=1)
    assert result.codes == CODES[operation]
    assert (operation in service.names()) is (point == faults.AFTER_CALL)
    assert not lock.startswith("LOCKED")


@pytest.mark.parametrize("how", ["page", "half", "other namespace", "document type", "nothing"])
def test_garbled_answers(how):
    (result,), _, _, _ = struck("wc-garbled-answer", where={"operation": "sendRequestXML"}, **{"with": {"how": how}})
    assert result.codes == [Qbwc.SEND_REQUEST]


def test_an_http_status():
    (result,), _, desk, _ = struck("wc-http-status", where={"operation": "authenticate"})
    assert result.codes == [Qbwc.AUTHENTICATE]
    assert "HTTP status 404; an HTML page came" in desk.log.text


@pytest.mark.parametrize("how", ["other host", "expired", "old protocol"])
def test_tls(how):
    (result,), service, _, _ = struck("wc-tls-bad", **{"with": {"how": how}})
    assert (result.codes, service.names()) == ([Qbwc.CLIENT_VERSION, Qbwc.AUTHENTICATE], [])


@pytest.mark.parametrize(("kind", "ended"), [("wc-busy", "busy"), ("wc-invalid-user", "invalid user")])
def test_no_update(kind, ended):
    (result, again), service, _, _ = struck(kind, times=1, then=1)
    assert (result.ended, again.ended) == (ended, "done")
    assert service.names()[:3] == ["serverVersion", "clientVersion", "closeConnection"]


def test_no_op():
    (result,), service, desk, _ = struck("wc-no-op", when={"first": 2})
    assert result.ended == "done"
    assert desk.clock.elapsed_s() >= 10
    assert service.names() == [*BEGIN, "sendRequestXML", "receiveResponseXML", "closeConnection"]
    # The service was not called at all: the first call that it hears is the first of the session.
    assert "<HostQueryRs" in service.calls[3][1][1]


@pytest.mark.parametrize(
    ("point", "where", "locked", "done"),
    [
        (faults.BEFORE_AUTHENTICATE, {}, False, False),
        (faults.BEFORE_REQUEST, {}, True, False),
        (faults.BEFORE_CALL, {"operation": "sendRequestXML"}, True, False),
        (faults.AFTER_CALL, {"operation": "sendRequestXML"}, True, False),
        (faults.AFTER_PROCESS, {}, True, True),
        (faults.AFTER_CALL, {"operation": "receiveResponseXML"}, True, True),
        (faults.BEFORE_CALL, {"operation": "closeConnection"}, False, True),
    ],
)
def test_it_dies(point, where, locked, done):
    (result,), service, desk, lock = struck("wc-died", point=point, where=where, times=1)
    assert result.ended == "died"
    assert lock.startswith("LOCKED:SERVER:") is locked
    assert ("One" in desk.customers) is done
    assert "closeConnection" not in service.names()


def test_the_lock_of_a_dead_one_is_taken_over_when_it_is_old():
    service = Scripted()

    async def story(desk):
        desk.fault("wc-died", point=faults.AFTER_PROCESS, times=1)
        results = [await desk.update(service), await desk.update(service)]
        await desk.clock.sleep(700)
        return [*results, await desk.update(service)]

    assert [result.ended for result in on_desk(story)] == ["died", "error", "done"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"where": {"operation": "sendRequest"}}, "expected 'sendRequestXML'"),
        ({"where": {"request": "InvoiceAddRq"}}, "there is no fact of a call"),
        ({"point": "quickbooks.before-commit"}, "webconnector.before-call"),
        ({"with": {"ending": "loud"}}, "loud"),
    ],
)
def test_what_a_fault_may_ask(more, told):
    with pytest.raises(UserMistake, match=told):
        struck("wc-service-died", **more)


def test_a_world_has_no_web_connector():
    async def story(clock):
        world = World(WorldConfig(), clock, None, None)
        try:
            world.plan.add(FaultSpec(fault="wc-busy"), clock.now())
        finally:
            world.let_go()

    with pytest.raises(UserMistake, match="a program of its own beside this world"):
        run_virtual(story, START)


def test_joining_twice():
    async def story(desk):
        faults.join(desk.plan)
        desk.fault("wc-busy")
        return (await desk.update(Scripted())).ended

    assert on_desk(story) == "busy"


def test_kinds_are_whole():
    assert len({kind.id for kind in faults.KINDS}) == len({kind.name for kind in faults.KINDS}) == len(faults.KINDS)
    assert {point for kind in faults.KINDS for point in kind.points} == set(faults.POINTS)
    assert all(kind.about.endswith(".") for kind in faults.KINDS)
