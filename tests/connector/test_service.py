"""The service on the virtual clock, with a small QuickBooks of our own."""

import asyncio
from typing import Any

import pytest

from emulator.connector import KINDS, IntentLog, LinkFailed, Service
from emulator.connector.service import ServiceLimits
from emulator.connector.switches import SWITCHES
from emulator.core.chance import Chance
from emulator.core.clock import VirtualClock
from emulator.core.documents import Document
from emulator.core.errors import UserMistake
from emulator.core.switches import SwitchSettings
from emulator.core.transport import Call, NoAnswer
from emulator.desktop.results import Code
from emulator.faults import FaultSpec, Plan
from emulator.qbxml import Answer, Status

from .fakes import FILE, START, FakeQuickBooks, Record, in_story, invoice, journal, service

STATUS = Call("GET", "/v1/status")


async def send(running: Service, document: Any) -> tuple[int, dict[str, Any]]:
    answer = await running.answer(Call("POST", "/v1/documents", body=document.as_json()))
    return answer.status, answer.body


async def balance(running: Service, customer: str) -> tuple[int, dict[str, Any]]:
    answer = await running.answer(Call("GET", f"/v1/balance?customer={customer}"))
    return answer.status, answer.body


async def light(running: Service) -> str:
    return (await running.answer(STATUS)).body["light"]


def test_a_document_is_posted_and_told_again_as_already_there() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        status, first = await send(running, invoice())
        assert (status, first["outcome"], first["already"]) == (200, "posted", False)
        status, second = await send(running, invoice())
        assert (status, second["txn_id"], second["already"]) == (200, first["txn_id"], True)
        assert quickbooks.requests == ["InvoiceAddRq", "InvoiceQueryRq"]  # the truth is the company file: it was asked
        await running.exit()
        assert (quickbooks.sessions_begun, quickbooks.sessions_ended) == (1, 1)

    in_story(story)


REFUSALS = [
    (Status(3140, "Error", "There is an invalid reference"), 422, "3140", "refused"),
    (Status(3171, "Error", "on or before the closing date"), 422, "3171", "refused"),
    (Status(3180, "Error", "the credit limit is exceeded"), 422, "3180", "refused"),
    (Status(3180, "Error", "The number G-10023 is already in use."), 422, "3180", "refused"),
    (Status(3180, "Error", "the record could not be locked"), 503, "3180", "intended"),
    (Status(3175, "Error", "it is already in use"), 503, "3175", "intended"),
    (Status(1000, "Error", "internal error when processing"), 503, "unreadable-answer", "unknown"),
]


@pytest.mark.parametrize(("answer", "http", "code", "state"), REFUSALS)
def test_what_quickbooks_says_becomes_of_a_document(answer: Status, http: int, code: str, state: str) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(refuse={"G-10023": answer})
        log = IntentLog()
        running = service(quickbooks, log, clock)
        status, body = await send(running, invoice())
        assert (status, body["code"]) == (http, code)
        assert answer.message in body["reason"]
        assert log.find("k1").state == state
        quickbooks.refuse.clear()
        status, body = await send(running, invoice())  # healed: it goes through, once
        assert (status, len(quickbooks.records)) == (200, 1)
        await running.exit()

    in_story(story)


TAXES_NOT_TOLD = [
    Answer("PreferencesQueryRs", Status(3175, "Error", "The record is locked by another user.")),
    Answer("PreferencesQueryRs", Status(1000, "Error", "internal error when processing")),
    Answer("PreferencesQueryRs", Status(1, "Info", "nothing was found")),
    Answer("PreferencesQueryRs", Status(0, "Info", "Status OK")),
    Answer(
        "PreferencesQueryRs",
        Status(0, "Info", "Status OK"),
        {},
        [("PreferencesRet", {"SalesTaxPreferences": {"PaySalesTax": "Monthly"}})],
    ),
]


@pytest.mark.parametrize("not_told", TAXES_NOT_TOLD, ids=lambda answer: f"{answer.status.code}-{len(answer.records)}")
def test_nothing_is_sent_before_quickbooks_tells_whether_it_adds_sales_tax(not_told: Answer) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(taxes=not_told)
        log = IntentLog()
        running = service(quickbooks, log, clock)
        status, body = await send(running, invoice())
        assert (status, body["outcome"], body["code"]) == (503, "unavailable", "unreadable-answer")
        assert "sales tax" in body["reason"]
        assert (quickbooks.requests, quickbooks.records, log.find("k1")) == ([], [], None)
        assert (await send(running, invoice(key="k2", number="B-1", kind="bill")))[
            0
        ] == 200  # bills carry no sales tax and do not wait
        quickbooks.taxes = None
        status, body = await send(running, invoice())
        assert (status, body["already"], quickbooks.requests) == (200, False, ["BillAddRq", "InvoiceAddRq"])
        await running.exit()

    in_story(story)


def test_an_accountants_invoice_with_our_number_is_never_taken_for_ours() -> None:
    async def story(clock: VirtualClock) -> None:
        his = Record("Invoice", "FF-1", "G-10023", "Somebody Else", 990_00, "typed by hand")
        quickbooks = FakeQuickBooks(records=[his])
        log = IntentLog()
        log.intend(invoice())
        log.about_to_send("k1", START)  # killed there, in an earlier life
        running = service(quickbooks, log, clock)
        status, body = await send(running, invoice())
        assert (status, body["already"]) == (200, False)
        assert body["txn_id"] != his.id
        assert len(quickbooks.of_key("k1")) == 1
        assert quickbooks.requests[0] == "InvoiceQueryRq"
        await running.exit()

    in_story(story)


@pytest.mark.parametrize(("setting", "http", "copies"), [("refuse", 422, 1), ("post", 200, 2)])
def test_a_hand_typed_copy_is_a_question_for_people(setting: str, http: int, copies: int) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(records=[Record("Invoice", "FF-1", "G-10023", "Acme Hardware", 12_50, "typed by hand")])
        settings = SwitchSettings([SWITCHES], {"connector.ask-before-first-send": True, "connector.unmarked-twin": setting})
        running = service(quickbooks, IntentLog(), clock, settings=settings)
        for _ in range(2):
            status, _ = await send(running, invoice())
            assert (status, len(quickbooks.records)) == (http, copies)
        await running.exit()

    in_story(story)


def test_an_invoice_of_ours_that_people_changed_is_not_posted_again() -> None:
    async def story(clock: VirtualClock) -> None:
        log = IntentLog()
        log.intend(invoice())
        log.about_to_send("k1", START)
        quickbooks = FakeQuickBooks(records=[Record("Invoice", "FF-1", "G-10023", "Acme Hardware", 13_00, "[key:k1]")])
        running = service(quickbooks, log, clock)
        for _ in range(2):
            status, body = await send(running, invoice())
            assert (status, body["code"], len(quickbooks.records)) == (422, "changed-in-quickbooks", 1)
        await running.exit()

    in_story(story)


CHANGES = [
    ({}, 200, ""),
    ({"number": "G-7"}, 200, ""),
    ({"cents": 99_00}, 422, "amount"),
    ({"party": "Somebody Else"}, 422, "customer"),
    ({"memo": "no mark"}, 422, "key"),
    ({"memo": "[key:k9]"}, 422, "key"),
    ({"memo": "", "cents": 1, "party": "X"}, 422, "customer, amount, key"),
]


@pytest.mark.parametrize(("change", "http", "reason"), CHANGES)
def test_a_posted_invoice_is_ours_when_customer_amount_and_key_agree(change: dict[str, Any], http: int, reason: str) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        await send(running, invoice())
        vars(quickbooks.records[0]).update(change)
        for _ in range(2):
            status, body = await send(running, invoice())
            assert (status, body["txn_id"], len(quickbooks.records)) == (http, quickbooks.records[0].id, 1)
            assert reason in body["reason"]
            assert body["code"] == ("changed-in-quickbooks" if reason else "")
        await running.exit()

    in_story(story)


LISTED = [
    ({}, 200, ""),
    ({"memo": "pays late"}, 200, ""),
    ({"memo": ""}, 200, ""),
    ({"memo": "", "fields": {"Phone": "222"}}, 422, "unmarked-twin"),
    ({"memo": "", "fields": {}}, 422, "unmarked-twin"),
    ({"memo": "[key:k9]"}, 422, "3100"),
    ({"party": "Acme Ltd"}, 422, "changed-in-quickbooks"),
]


@pytest.mark.parametrize(("change", "http", "code"), LISTED)
@pytest.mark.parametrize("kind", ["customer", "vendor"])
def test_a_list_entry_in_doubt_that_people_changed(kind: str, change: dict[str, Any], http: int, code: str) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        fates = iter(["lost"])
        quickbooks.script = lambda when, request: next(fates, None) if when == "after" else None
        running = service(quickbooks, IntentLog(), clock)
        wanted = Document("k1", kind, "", "Acme", "2026-11-23", fields={"phone": "111", "city": "Köln"})
        assert (await send(running, wanted))[0] == 503
        vars(quickbooks.records[0]).update(change)
        await clock.sleep(10)
        for _ in range(2):
            status, body = await send(running, wanted)
            assert (status, body["code"], len(quickbooks.records)) == (http, code, 1)
        await running.exit()

    in_story(story)


IN_DOUBT = [
    ({}, 200, "", 1),
    ({"number": "R-1"}, 200, "", 1),
    ({"number": "R-1", "cents": 1}, 422, "changed-in-quickbooks", 1),
    ({"number": "R-1", "party": "Somebody Else"}, 422, "changed-in-quickbooks", 1),
    ({"memo": "no mark"}, 422, "unmarked-twin", 1),
]


@pytest.mark.parametrize(("change", "http", "code", "copies"), IN_DOUBT)
@pytest.mark.parametrize("kind", ["invoice", "bill"])
@pytest.mark.parametrize("another", [False, True])
def test_a_document_in_doubt_that_people_changed(
    kind: str, change: dict[str, Any], http: int, code: str, copies: int, another: bool
) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        if another:
            quickbooks.records.append(Record(kind.title(), "FF-1", "G-10023", "Somebody Else", 990_00, "typed by hand"))
        fates = iter(["lost"])
        quickbooks.script = lambda when, request: next(fates, None) if when == "after" else None
        running = service(quickbooks, IntentLog(), clock)
        assert (await send(running, invoice(kind=kind)))[0] == 503
        ours = quickbooks.records[-1]
        vars(ours).update(change)
        await clock.sleep(10)
        for _ in range(2):
            status, body = await send(running, invoice(kind=kind))
            assert (status, body["code"], len(quickbooks.records)) == (http, code, copies + another)
            assert body["txn_id"] == ours.id
        await running.exit()

    in_story(story)


def test_a_posted_invoice_that_people_deleted_is_not_made_again() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        await send(running, invoice())
        quickbooks.records.clear()
        for _ in range(2):
            status, body = await send(running, invoice())
            assert (status, body["code"], quickbooks.records) == (422, "gone", [])
        await running.exit()

    in_story(story)


def test_a_key_stands_for_one_document() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        await send(running, invoice())
        status, body = await send(running, invoice(cents=99_00))
        assert (status, body["code"], len(quickbooks.records)) == (422, "key-reused", 1)
        await running.exit()

    in_story(story)


def test_doubts_are_settled_before_anything_new_is_written() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        fates = iter(["lost"])
        quickbooks.script = lambda when, request: next(fates, None) if (when, request) == ("after", "InvoiceAddRq") else None
        rows = journal(clock)
        running = service(quickbooks, IntentLog(), clock, journal=rows)
        status, body = await send(running, invoice("k1", "G-1"))
        assert (status, body["code"]) == (503, Code.RPC_FAILED)
        await clock.sleep(10)
        await send(running, invoice("k2", "G-2"))
        assert quickbooks.requests == ["InvoiceAddRq", "InvoiceQueryRq", "InvoiceAddRq"]
        status, body = await send(running, invoice("k1", "G-1"))
        assert (status, body["already"]) == (200, True)
        assert [row["verdict"] for row in rows.rows("asked")] == ["ours", "ours"]
        await running.exit()

    in_story(story)


@pytest.mark.parametrize("left", [b"garbage " * 999, b""])
def test_after_a_lost_log_everything_is_asked_first(left: bytes, tmp_path: Any) -> None:
    path = tmp_path / "intents.db"
    path.write_bytes(left)

    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(records=[Record("Invoice", "AA-1", "G-10023", "Acme Hardware", 12_50, "order [key:k1]")])
        log = IntentLog(path)
        running = service(quickbooks, log, clock, company_file=FILE)
        status, body = await send(running, invoice())
        assert (status, body["txn_id"], body["already"]) == (200, "AA-1", True)
        await running.exit()
        log.close()

    in_story(story)


@pytest.mark.parametrize("kind", ["customer", "vendor", "product"])
def test_list_entries_are_made_once_and_a_taken_name_is_shown(kind: str) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        fates = iter(["lost"])
        quickbooks.script = lambda when, request: next(fates, None) if when == "after" else None
        running = service(quickbooks, IntentLog(), clock)
        wanted = Document("k1", kind, "", "Acme", "2026-11-23")
        status, _ = await send(running, wanted)
        assert status == 503
        await clock.sleep(10)
        status, body = await send(running, wanted)
        assert (status, body["already"], len(quickbooks.records)) == (200, True, 1)
        status, body = await send(running, Document("k2", kind, "", "Acme", "2026-11-23"))
        assert (status, body["code"]) == (422, "3100")
        await running.exit()

    in_story(story)


# ---- light, places, life ---------------------------------------------------------------------------------------------------


def test_the_light_tells_the_link_and_the_pauses_grow() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(begin_failure=LinkFailed(Code.NOT_RUNNING_NO_PATH, "QuickBooks is not running"))
        rows = journal(clock)
        running = service(quickbooks, IntentLog(), clock, journal=rows)
        assert await light(running) == "connecting"
        status, body = await send(running, invoice())
        assert (status, body["code"]) == (503, Code.NOT_RUNNING_NO_PATH)
        assert "log in" in body["reason"]
        assert await light(running) == "red"
        await clock.sleep(600)
        quickbooks.begin_failure = None
        await clock.sleep(61)
        assert await light(running) == "green"  # by itself
        assert (await send(running, invoice()))[0] == 200
        assert [row["light"] for row in rows.rows("light-changed")] == ["connecting", "red", "green"]
        await running.exit()

    in_story(story)


def test_a_quickbooks_that_goes_away_is_noticed_without_a_call() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock, limits=ServiceLimits(life_sign_s=60))
        await clock.sleep(30)
        assert await light(running) == "green"
        quickbooks.script = lambda when, request: "lost"
        quickbooks.begin_failure = LinkFailed(Code.COULD_NOT_START, "no")
        await clock.sleep(62)
        assert await light(running) == "red"
        await running.exit()
        assert quickbooks.sessions_begun == 1

    in_story(story)


def test_never_a_word_to_another_company() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        log = IntentLog()
        running = service(quickbooks, log, clock)
        await send(running, invoice("k1", "G-1"))
        await running.exit()
        quickbooks.path = r"C:\Somebody\Elses.QBW"
        running = service(quickbooks, log, clock)
        status, body = await send(running, invoice("k2", "G-2"))
        assert (status, body["code"], len(quickbooks.records)) == (503, "other-company", 1)
        assert await light(running) == "red"
        quickbooks.path = FILE.lower()
        await clock.sleep(61)
        assert (await send(running, invoice("k2", "G-2")))[0] == 200
        await running.exit()
        assert quickbooks.sessions_begun == quickbooks.sessions_ended

    in_story(story)


@pytest.mark.parametrize("link_kept", [True, False])
def test_after_a_lost_log_the_file_that_is_open_is_not_written_to(link_kept: bool, tmp_path: Any) -> None:
    path = tmp_path / "intents.db"

    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        log = IntentLog(path)
        running = service(quickbooks, log, clock)
        assert (await send(running, invoice("k1", "G-1")))[0] == 200
        await running.exit()
        log.close()
        path.write_bytes(b"garbage " * 999)
        if not link_kept:
            path.with_name(path.name + ".company").unlink()
        quickbooks.path = r"C:\Somebody\Elses.QBW"
        log = IntentLog(path)
        running = service(quickbooks, log, clock)
        status, body = await send(running, invoice("k2", "G-2"))
        code = "other-company" if link_kept else "company-unconfirmed"
        assert (status, body["code"], len(quickbooks.records)) == (503, code, 1)
        assert link_kept or "company_file" in body["reason"]
        assert (await light(running), log.company) == ("red", FILE if link_kept else "")
        await running.exit()
        quickbooks.path = FILE
        running = service(quickbooks, log, clock, company_file="" if link_kept else FILE)
        assert (await send(running, invoice("k1", "G-1")))[1]["already"] is True
        assert (await send(running, invoice("k2", "G-2")))[0] == 200
        assert (len(quickbooks.records), log.company) == (2, FILE)
        await running.exit()
        log.close()

    in_story(story)


def test_places_are_bounded_and_order_entry_keeps_its_own() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(records=[Record("Customer", "C-1", "", "Acme", 123_45)], answer_s=1.0)
        running = service(quickbooks, IntentLog(), clock, limits=ServiceLimits(documents_max=3, balances_max=1, life_sign_s=0))
        await clock.sleep(2)
        async with asyncio.TaskGroup() as group:
            sends = [group.create_task(send(running, invoice(f"k{n}", f"G-{n}"))) for n in range(5)]
            await asyncio.sleep(0)
            balances = [group.create_task(balance(running, "Acme")) for _ in range(2)]
            await asyncio.sleep(0)
            assert await light(running) == "green"  # at once, whatever waits
            assert clock.elapsed_s() == 2
        assert [task.result()[0] for task in sends] == [200, 200, 200, 503, 503]
        assert [task.result()[1].get("code") for task in sends][3:] == ["busy", "busy"]
        assert [task.result()[0] for task in balances] == [200, 503]
        assert balances[0].result()[1]["balance_cents"] == 123_45
        await running.exit()

    in_story(story)


def test_a_balance_is_right_or_not_told() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(records=[Record("Customer", "C-1", "", "Acme & Söhne", -5)])
        running = service(quickbooks, IntentLog(), clock)
        assert (await balance(running, "Acme%20%26%20S%C3%B6hne"))[1]["balance_cents"] == -5
        assert (await balance(running, "Nobody"))[0] == 404
        assert (await balance(running, ""))[0] == 400
        quickbooks.answer_s = 30
        before_s = clock.elapsed_s()
        assert (await balance(running, "Acme"))[0] == 503
        assert clock.elapsed_s() - before_s == pytest.approx(5)
        await running.exit()

    in_story(story)


def test_a_write_goes_on_when_its_caller_gives_up() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(answer_s=20)
        running = service(quickbooks, IntentLog(), clock)
        with pytest.raises(TimeoutError):
            async with clock.limit(25):
                await send(running, invoice())
        assert quickbooks.records == []
        status, body = await send(running, invoice())
        assert (status, body["already"], len(quickbooks.records)) == (200, True, 1)
        await running.exit()

    in_story(story)


@pytest.mark.parametrize(("answer_s", "state", "records"), [(5, "posted", 1), (300, "sent", 0)])
def test_exit_finishes_the_write_or_leaves_it_in_doubt_and_ends_the_session(answer_s: float, state: str, records: int) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        log = IntentLog()
        running = service(quickbooks, log, clock)
        await clock.sleep(1)
        quickbooks.answer_s = answer_s
        sending = asyncio.ensure_future(send(running, invoice()))
        await clock.sleep(1)
        await running.exit()
        assert (await asyncio.gather(sending, return_exceptions=True)) is not None
        assert (log.find("k1").state, len(quickbooks.records)) == (state, records)
        assert quickbooks.sessions_begun == quickbooks.sessions_ended
        with pytest.raises(NoAnswer) as refused:
            await send(running, invoice())
        assert not refused.value.sent
        quickbooks.answer_s = 0.1
        again = service(quickbooks, log, clock)
        assert (await send(again, invoice()))[0] == 200
        assert len(quickbooks.records) == 1
        await again.exit()

    in_story(story)


def test_a_thousand_failures_leave_nothing_behind() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        await clock.sleep(1)
        tasks = len(asyncio.all_tasks())
        quickbooks.script = lambda when, request: "lost" if when == "before" else None
        for _ in range(1000):
            assert (await send(running, invoice()))[0] == 503
            await clock.sleep(61)
        quickbooks.script = lambda when, request: None
        await clock.sleep(61)
        assert (await send(running, invoice()))[0] == 200
        assert len(asyncio.all_tasks()) == tasks
        await running.exit()
        assert quickbooks.sessions_begun == quickbooks.sessions_ended + quickbooks.sessions_lost <= 2200
        assert len(quickbooks.records) == 1

    in_story(story)


CALLS = [
    (Call("GET", "/"), 404),
    (Call("GET", "/v2/documents"), 404),
    (Call("PUT", "/v1/documents", body={}), 405),
    (Call("POST", "/v1/documents", body=None), 400),
    (Call("POST", "/v1/documents", body=[1]), 400),
    (Call("POST", "/v1/documents", body={"key": 1}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "kind": "salad"}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "lines": "abc"}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "fields": 7}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "total_cents": 1}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "key": "x" * 25}), 400),
    (Call("POST", "/v1/documents", body={**invoice().as_json(), "memo": "\ud800"}), 400),
    (Call("GET", "/v1/balance?customer=%00"), 400),
    (Call("GET", "/v1/balance?customer=" + "x" * 999), 400),
]


@pytest.mark.parametrize(("call", "status"), CALLS)
def test_garbage_is_answered_with_a_sentence(call: Call, status: int) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        answer = await running.answer(call)
        assert answer.status == status
        assert answer.body["reason"]
        assert quickbooks.requests == []
        await running.exit()

    in_story(story)


FLAWED = [("green-light", "light"), ("zero-balance", "balance"), ("cuts-number", "number")]


@pytest.mark.parametrize(("flaw", "what"), FLAWED)
def test_named_flaws_do_what_they_say(flaw: str, what: str) -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks(begin_failure=None if what == "number" else LinkFailed(Code.COULD_NOT_START, "no"))
        running = service(quickbooks, IntentLog(), clock, flaws=frozenset({flaw}))
        match what:
            case "light":
                assert await light(running) == "green"
            case "balance":
                assert (await balance(running, "Acme"))[1]["balance_cents"] == 0
            case "number":
                await send(running, invoice(number="G-1234567890"))
                assert quickbooks.records[0].number == "G-123456789"
        await running.exit()

    in_story(story)


def test_a_wrong_light_is_a_fault_of_its_own() -> None:
    async def story(clock: VirtualClock) -> None:
        plan = Plan(KINDS, Chance(1), journal(clock))
        quickbooks = FakeQuickBooks(begin_failure=LinkFailed(Code.COULD_NOT_START, "no"))
        running = service(quickbooks, IntentLog(), clock, plan=plan)
        await clock.sleep(5)
        assert await light(running) == "red"
        plan.add(FaultSpec.model_validate({"fault": "CON09"}), clock.now())
        assert await light(running) == "green"
        plan.lift_all()
        assert await light(running) == "red"
        await running.exit()

    in_story(story)


def test_a_double_click_and_a_start_during_exit() -> None:
    async def story(clock: VirtualClock) -> None:
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        running.start()
        await clock.sleep(5)
        assert quickbooks.sessions_begun == 1
        quickbooks.answer_s = 5
        sending = asyncio.ensure_future(send(running, invoice()))
        await clock.sleep(1)
        exiting = asyncio.ensure_future(running.exit())
        await clock.sleep(1)
        running.start()
        await exiting
        assert (await sending)[0] == 200
        await clock.sleep(10)
        assert await light(running) == "green"
        assert (await send(running, invoice()))[1]["already"] is True
        await running.exit()
        assert quickbooks.sessions_begun == quickbooks.sessions_ended == 2

    in_story(story)


def test_an_unknown_flaw_is_a_mistake() -> None:
    async def story(clock: VirtualClock) -> None:
        with pytest.raises(UserMistake, match="never-asks"):
            service(FakeQuickBooks(), IntentLog(), clock, flaws=frozenset({"never-ask"}))

    in_story(story)
