"""Faults of texts, answers, iterators and of the lock of the Web Connector: felt by a program, over when they are lifted."""

from datetime import UTC, datetime

import pytest

from desktop.faults.at_the_books import add_customer, add_invoice, find_customer, find_invoices, played
from emulator.core.errors import UserMistake
from emulator.desktop import Code, SessionFailure
from emulator.desktop.faults.answers import lock_value
from emulator.qbxml import NotValid


@pytest.mark.parametrize(
    ("given", "request_element", "field"),
    [
        ({}, add_invoice("G-1"), "RefNumber"),
        ({"limit": 6}, add_invoice("G-10023"), "RefNumber"),
        ({"field": "Memo"}, add_invoice(), "Memo"),
        ({}, add_customer("Northwind"), "Name"),
        (
            {"field": "City"},
            add_customer("Northwind").replace("</Name>", "</Name><BillAddress><City>Newark</City></BillAddress>"),
            "City",
        ),
    ],
)
def test_a_text_is_too_long(given, request_element, field):
    async def story(program):
        program.fault("too-long", times=1, given=given)
        (answer,) = await program.ask(request_element)
        return answer.status.code, field in answer.status.message, await program.code(request_element)

    assert played(story) == (3070, True, 0)


@pytest.mark.parametrize("given", [{"limit": 11}, {"field": "Other"}])
def test_no_text_is_too_long(given):
    async def story(program):
        fault = program.fault("too-long", given=given)
        return await program.code(add_invoice()), fault.hits, fault.why_missed

    assert played(story) == (0, 0, "the request has no such text")


def test_characters_that_are_refused():
    async def story(program):
        program.fault("bad-chars-in", times=1)
        with pytest.raises(SessionFailure) as caught:
            await program.ask(add_invoice())
        assert program.company.truth.transactions("Invoice") == []
        return caught.value.code, await program.code(add_invoice())

    assert played(story) == (Code.XML_NOT_VALID, 0)


@pytest.mark.parametrize(
    ("given", "memo"),
    [
        ({"field": "Memo"}, "[key:K??"),
        ({"field": "Memo", "chars": "\N{SLICE OF PIZZA}"}, "[key:K??"),
        ({"field": "Memo", "chars": "€"}, "[key:K1€"),
        ({"field": "Memo", "chars": "Ω" * 20}, "[???????"),
    ],
)
def test_characters_that_are_damaged(given, memo):
    async def story(program):
        program.fault("bad-chars-in", times=1, point="quickbooks.before-commit", given=given)
        await program.record(add_invoice())
        return (await program.record(find_invoices("G-1")))["Memo"]

    assert played(story) == memo


def test_a_damaged_text_of_one_character():
    async def story(program):
        program.fault("bad-chars-in", times=1, point="quickbooks.before-commit")
        await program.record(add_customer("A"))
        return await program.code(find_customer("?"))

    assert played(story) == 0


@pytest.mark.parametrize("given", [{}, {"pos": 0}, {"pos": 200, "byte": 0x0B}])
def test_a_byte_that_no_xml_may_hold(given):
    async def story(program):
        program.fault("bad-bytes-out", times=1, given=given)
        with pytest.raises(NotValid):
            await program.ask("<CustomerQueryRq/>")
        assert len(await program.ask("<CustomerQueryRq/>")) == 1

    played(story)


def test_an_answer_that_is_too_short():
    async def story(program):
        fault = program.fault("bad-bytes-out", when={"byte": 1_000_000})
        assert await program.code(find_customer()) == 0
        return fault.hits, fault.missed, fault.why_missed == f"the answer has {len(program.last.encode())} bytes"

    assert played(story) == (0, 1, True)


def test_the_byte_of_a_trigger():
    async def story(program):
        return program.fault("bad-bytes-out", when={"byte": 7}, expect_hits="any").parameters["pos"]

    assert played(story) == 7


START_LIST = '<CustomerQueryRq iterator="Start"><MaxReturned>10</MaxReturned></CustomerQueryRq>'


def next_page(answer):
    return f'<CustomerQueryRq iterator="Continue" iteratorID="{answer.attributes["iteratorID"]}"><MaxReturned>10</MaxReturned></CustomerQueryRq>'


@pytest.mark.parametrize("by_call", [False, True])
def test_an_iterator_is_lost(by_call):
    async def story(program):
        (first,) = await program.ask(START_LIST)
        program.fault("iterator-lost", when={"nth": 1} if by_call else {})
        lost = await program.code(next_page(first))
        (again,) = await program.ask(START_LIST)
        return lost, await program.code(next_page(again)), program.by_hand("iterator-lost")

    assert played(story) == (3391, 0, ["iterators-lost"])


def test_an_iterator_that_idles():
    async def story(program):
        program.fault("iterator-lost", given={"idle_s": 600.0})
        (first,) = await program.ask(START_LIST)
        codes = []
        for pause_s in (500, 500, 601):
            await program.clock.sleep(pause_s)
            codes.append(await program.code(next_page(first)))
        program.lift("iterator-lost")
        (first,) = await program.ask(START_LIST)
        await program.clock.sleep(3600)
        return [*codes, await program.code(next_page(first))]

    assert played(story) == [0, 0, 3391, 0]


def test_too_many_iterators():
    async def story(program):
        program.fault("iterator-lost", given={"max_open": 2})
        codes = [await program.code(START_LIST) for _ in range(3)]
        program.lift("iterator-lost")
        return [*codes, await program.code(START_LIST)]

    assert played(story) == [0, 0, 3390, 0]


def test_the_value_of_a_lock():
    # Observed: 636190683248801537 in a log of 2017-01-03 19:25:24 UTC.
    assert lock_value("PC", datetime(2017, 1, 3, 19, 25, 24, 880153, tzinfo=UTC)) == "LOCKED:PC:636190683248801530"


OWNER = "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"
LOCK = f"<OwnerID>{OWNER}</OwnerID><DataExtName>AppLock</DataExtName><OtherDataExtType>Company</OtherDataExtType>"
DEFINE = (
    f"<DataExtDefAddRq><DataExtDefAdd><OwnerID>{OWNER}</OwnerID><DataExtName>AppLock</DataExtName><DataExtType>STR255TYPE</DataExtType>"
    "<AssignToObject>Company</AssignToObject></DataExtDefAdd></DataExtDefAddRq>"
)


def write_lock(operation, value):
    inside = f"{LOCK}<DataExtValue>{value}</DataExtValue>"
    return f"<DataExt{operation}Rq><DataExt{operation}>{inside}</DataExt{operation}></DataExt{operation}Rq>"


async def lock_of(program):
    company = await program.record(f"<CompanyQueryRq><OwnerID>{OWNER}</OwnerID></CompanyQueryRq>")
    return [each["DataExtValue"] for each in company.get("DataExtRet", ())]


def test_a_lock_is_left_behind():
    async def story(program):
        program.fault("stale-app-lock", given={"host": "OLD-PC"})
        left = await lock_of(program)
        assert left == [lock_value("OLD-PC", datetime(2026, 3, 2, 16, 0, tzinfo=UTC))]
        # Another cannot be added beside it.
        code = await program.code(write_lock("Add", "LOCKED:ME:1"))
        program.lift("stale-app-lock")
        return code, await lock_of(program), await program.code(write_lock("Add", "LOCKED:ME:1"))

    assert played(story) == (3180, [], 0)


def test_a_lock_in_the_place_of_what_stood_there():
    async def story(program):
        assert [await program.code(each) for each in (DEFINE, write_lock("Add", "free"))] == [0, 0]
        program.fault("stale-app-lock")
        (left,) = await lock_of(program)
        program.lift("stale-app-lock")
        return left.startswith("LOCKED:SERVER:"), await lock_of(program)

    assert played(story) == (True, ["free"])


def test_a_lock_that_a_program_has_cleared_stays_cleared():
    async def story(program):
        program.fault("stale-app-lock")
        assert await program.code(write_lock("Mod", "LOCKED:ME:2")) == 0
        program.lift("stale-app-lock")
        return await lock_of(program)

    assert played(story) == ["LOCKED:ME:2"]


def test_an_unknown_company():
    async def story(program):
        program.desk.office.files.clear()
        with pytest.raises(UserMistake, match="there is no company file"):
            program.fault("stale-app-lock")

    played(story)
