"""The platform side: attempts, status, mail, hold, gate, hands, balances, restarts. All on the virtual clock."""

import pytest
from platform_bench import SILENT, START, Bench, invoice, refused, run, silence, unavailable

from emulator.core.errors import PartFailed, UserMistake
from emulator.core.transport import KEY_HEADER, NUMBER_HEADER, PROBE_HEADER, CallAnswer, NoAnswer
from emulator.faults import FaultSpec, Killed
from emulator.platform import KINDS, Draft
from emulator.platform.faults import (
    AFTER_ANSWER,
    AFTER_POSTED_STORED,
    AFTER_SEND_STORED,
    AFTER_STATUS_STORED,
    BEFORE_SEND_STORED,
)

FAILURES = {
    "refused": silence(),
    "reset": NoAnswer("the connection was reset", sent=True),
    "unavailable": unavailable(),
    "silent": SILENT,
    "not the protocol": CallAnswer(500, {"error": "oops"}),
    "not even an object": CallAnswer(200, ["posted"]),
    "posted without an id": CallAnswer(200, {"outcome": "posted"}),
    "outcome and status disagree": CallAnswer(503, {"outcome": "refused", "reason": "no"}),
}


def test_documents_go_out_in_order_one_at_a_time_with_their_headers():
    async def story(bench: Bench):
        accepted = [bench.side.emit(invoice()) for _ in range(5)]
        assert await bench.side.wait_idle(60)
        assert bench.connector.posted == [document.key for document in accepted]
        assert [document.number for document in accepted] == ["G-10001", "G-10002", "G-10003", "G-10004", "G-10005"]
        assert len({document.key for document in accepted}) == 5
        assert all(0 < len(document.key) <= 24 for document in accepted)
        assert bench.connector.in_flight_most == 1
        assert bench.side.counts() == {"waiting": 0, "in-flight": 0, "held": 0, "posted": 5, "refused": 0}
        headers = bench.connector.calls[0][1].headers
        assert headers == {KEY_HEADER: accepted[0].key, NUMBER_HEADER: "G-10001"}
        assert bench.side.documents_at_end() == {document.key: "posted" for document in accepted}
        assert bench.kinds("document-accepted", "send-begun", "send-ended", "document-posted")[5:8] == [
            "send-begun",
            "send-ended",
            "document-posted",
        ]

    run(story)


@pytest.mark.parametrize("attempts", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", FAILURES)
def test_exactly_n_failures_disconnect_with_one_mail(attempts, kind):
    async def story(bench: Bench):
        accepted = [bench.side.emit(invoice()) for _ in range(3)]
        assert await bench.side.wait_idle(10_000)
        assert bench.side.status == "Disconnected"
        assert bench.side.episode == 1
        assert bench.connector.document_calls() == [accepted[0].key] * attempts
        failed = list(bench.journal.rows("attempt-failed"))
        assert [(row["failed"], row["of"]) for row in failed] == [(k + 1, attempts) for k in range(attempts)]
        (change,) = bench.journal.rows("status-changed")
        assert (change["from"], change["to"], change["by"], change["episode"]) == ("Connected", "Disconnected", "attempts", 1)
        assert bench.states() == ["held"] * 3
        assert [row["number"] for row in bench.journal.rows("document-held")] == [document.number for document in accepted]
        assert len(bench.mails) == 1
        # Nothing happens by itself however long it lasts, and new documents are held too.
        calls = len(bench.connector.calls)
        bench.side.emit(invoice())
        await bench.clock.sleep(100_000)
        assert len(bench.connector.calls) == calls
        assert len(bench.mails) == 1
        assert bench.states() == ["held"] * 4

    run(story, script=[FAILURES[kind]] * 50, attempts=attempts)


@pytest.mark.parametrize("attempts", [2, 3, 5])
@pytest.mark.parametrize("kind", FAILURES)
def test_a_blip_of_fewer_failures_changes_nothing(attempts, kind):
    async def story(bench: Bench):
        for _ in range(2):  # twice: success has reset the count
            bench.connector.script = [FAILURES[kind]] * (attempts - 1)
            bench.side.emit(invoice())
            assert await bench.side.wait_idle(10_000)
        assert bench.side.status == "Connected"
        assert bench.states() == ["posted"] * 2
        assert bench.mails == []
        assert bench.kinds("status-changed", "document-held") == []
        assert [row["failed"] for row in bench.journal.rows("attempt-failed")] == [*range(1, attempts)] * 2

    run(story, attempts=attempts)


def test_attempts_are_spaced():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        await bench.side.wait_idle(1000)
        assert [moment for moment, _ in bench.connector.calls] == pytest.approx([0, 40.5, 81])

    run(story, script=[silence()] * 3, attempt_spacing_s=40)


def test_attempts_count_globally_balances_with_documents():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        await bench.clock.sleep(1)
        assert (await bench.side.balance("Adler")).unavailable == "connection refused"
        assert bench.side.status == "Connected"
        await bench.side.balance("Adler")
        assert bench.side.status == "Disconnected"
        assert len(bench.mails) == 0  # the mail desk has not run yet in this moment
        assert await bench.side.wait_idle(100)
        assert len(bench.mails) == 1
        assert bench.states() == ["held"]

    run(story, script=[silence()] * 9)


@pytest.mark.parametrize("counts", [True, False])
def test_whether_unavailable_counts_is_a_switch(counts):
    async def story(bench: Bench):
        bench.side.emit(invoice())
        await bench.clock.sleep(1000)
        assert bench.side.status == ("Disconnected" if counts else "Connected")
        assert bench.states() == (["held"] if counts else ["posted"])

    run(story, script=[unavailable()] * 4, unavailable_counts=counts)


def test_attempt_scope_document_ignores_balances():
    async def story(bench: Bench):
        for _ in range(5):
            await bench.side.balance("Adler")
        assert bench.side.status == "Connected"
        bench.side.emit(invoice())
        await bench.side.wait_idle(100)
        assert bench.side.status == "Disconnected"
        assert len(bench.connector.document_calls()) == 3

    run(story, script=[silence()] * 9, attempt_scope="document")


def test_a_refusal_blocks_nobody_is_not_repeated_and_no_attempt():
    async def story(bench: Bench):
        keys = [bench.side.emit(invoice()).key for _ in range(6)]
        assert await bench.side.wait_idle(1000)
        assert bench.side.status == "Connected"
        assert bench.states() == ["refused", "refused", "refused", "refused", "posted", "posted"]
        assert bench.connector.document_calls() == keys
        assert bench.side.document(keys[0]).reason == "closed period"
        (row, *_) = bench.journal.rows("document-refused")
        assert (row["key"], row["number"], row["reason"]) == (keys[0], "G-10001", "closed period")
        assert bench.kinds("attempt-failed") == []

    run(story, script=[refused()] * 4)


def test_a_refusal_ends_a_row_of_failures():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        bench.side.emit(invoice())
        await bench.side.wait_idle(1000)
        assert bench.side.status == "Connected"
        assert bench.states() == ["refused", "posted"]

    run(story, script=[silence(), silence(), refused(), silence(), silence()])


def test_refusals_count_where_the_switch_says_so():
    async def story(bench: Bench):
        for _ in range(4):
            bench.side.emit(invoice())
        await bench.side.wait_idle(1000)
        assert bench.side.status == "Disconnected"
        assert bench.states() == ["refused"] * 3 + ["held"]

    run(story, script=[refused()] * 9, refusal_counts=True)


def test_the_operator_disconnects_without_a_mail_and_connects_in_order():
    async def story(bench: Bench):
        assert bench.side.set_status("disconnected", by="Ina")
        assert not bench.side.set_status("Disconnected")
        keys = [bench.side.emit(invoice(kind=kind)).key for kind in ("invoice", "bill", "invoice")]
        await bench.clock.sleep(10_000)
        assert [document.key for document in bench.side.held] == keys
        assert bench.connector.calls == []
        assert bench.side.set_status("Connected")
        assert not bench.side.set_status("Connected")
        assert await bench.side.wait_idle(1000)
        assert bench.connector.posted == keys
        assert bench.mails == []
        changes = [(row["to"], row["by"], row["cause"], row["episode"]) for row in bench.journal.rows("status-changed")]
        assert changes == [("Disconnected", "operator", "set by Ina", 1), ("Connected", "operator", "set by operator", 1)]

    run(story)


@pytest.mark.parametrize("answer", [None, silence(), refused(), SILENT])
def test_the_operator_disconnects_while_a_document_is_in_flight(answer):
    async def story(bench: Bench):
        bench.side.emit(invoice())
        bench.side.emit(invoice())
        await bench.clock.sleep(0.2)
        bench.side.set_status("Disconnected")
        await bench.clock.sleep(1000)
        first = "posted" if answer is None else "refused" if isinstance(answer, CallAnswer) else "held"
        assert bench.states() == [first, "held"]
        assert bench.kinds("attempt-failed") == []
        bench.connector.script = []
        bench.side.set_status("Connected")
        assert await bench.side.wait_idle(1000)
        assert bench.states() == ["refused" if first == "refused" else "posted", "posted"]

    run(story, script=[answer] if answer is not None else [])


def test_connected_by_force_while_the_port_is_closed_is_a_second_episode():
    async def story(bench: Bench):
        keys = [bench.side.emit(invoice()).key for _ in range(3)]
        assert await bench.side.wait_idle(1000)
        bench.side.set_status("Connected")
        assert await bench.side.wait_idle(1000)
        assert bench.side.status == "Disconnected"
        assert bench.side.episode == 2
        assert bench.connector.document_calls() == [keys[0]] * 6
        assert [document.key for document in bench.side.held] == keys
        assert len(bench.mails) == 2
        assert [row["episode"] for row in bench.journal.rows("mail-given")] == [1, 2]
        bench.connector.otherwise = None
        bench.connector.script = []
        bench.side.set_status("Connected")
        assert await bench.side.wait_idle(1000)
        assert bench.connector.posted == keys

    run(story, script=[silence()] * 100)


@pytest.mark.parametrize("held", [True, False])
def test_bills_are_held_or_fail_by_switch(held):
    async def story(bench: Bench):
        bench.side.emit(invoice())
        bench.side.emit(invoice(kind="bill"))
        await bench.side.wait_idle(1000)
        bench.side.emit(invoice(kind="bill"))
        assert bench.states() == (["held"] * 3 if held else ["held", "refused", "refused"])
        assert ("bills are not held" in bench.store.in_state("held", "refused")[-1].reason) is not held

    run(story, script=[silence()] * 9, bills_held=held)


@pytest.mark.parametrize("what", ["customer", "vendor", "product"])
@pytest.mark.parametrize("mode", ["automatic", "manual"])
@pytest.mark.parametrize("by", ["nobody", "operator", "attempts"])
def test_the_gate(what, mode, by):
    async def story(bench: Bench):
        bench.side.set_push_mode(mode)
        if by == "operator":
            bench.side.set_status("Disconnected")
        elif by == "attempts":
            bench.connector.script = [silence()] * 3
            bench.side.emit(invoice())
            await bench.side.wait_idle(1000)
        before = sum(bench.side.counts().values())
        creation = bench.side.create(what, "Neue & Söhne", {"company": "N"})
        gated = mode == "automatic" and by != "nobody"
        assert creation.accepted is not gated
        emitted = sum(bench.side.counts().values()) - before
        assert emitted == (mode == "automatic" and not gated)
        assert (bench.store.known(what, "NEUE & SÖHNE") is None) is gated
        rows = list(bench.journal.rows("creation-refused")) + list(bench.journal.rows("creation-accepted"))
        assert [(row["what"], row["name"]) for row in rows] == [(what, "Neue & Söhne")]
        assert bool(creation.key) == bool(emitted)
        if gated:
            assert "Disconnected" in creation.reason
            assert creation.reason == rows[0]["reason"]
            bench.side.set_status("Connected")
            assert bench.side.create(what, "Neue & Söhne").accepted

    run(story)


def test_a_new_customer_is_posted_before_its_invoice():
    async def story(bench: Bench):
        customer = bench.side.create("customer", "Neue", {"company": "Neue GmbH"})
        invoice_key = bench.side.emit(invoice("Neue")).key
        assert await bench.side.wait_idle(100)
        assert bench.connector.posted == [customer.key, invoice_key]
        body = bench.connector.calls[0][1].body
        assert (body["kind"], body["party"], body["number"], body["fields"]) == (
            "customer",
            "Neue",
            "",
            {"company": "Neue GmbH"},
        )
        (row,) = [row for row in bench.journal.rows("send-begun") if row["key"] == customer.key]
        assert "number" not in row

    run(story)


def test_a_name_quickbooks_refuses_is_not_left_half_made():
    async def story(bench: Bench):
        assert bench.side.create("vendor", "Acme").accepted
        assert await bench.side.wait_idle(100)
        assert bench.store.known("vendor", "Acme") is None
        (row,) = bench.journal.rows("creation-withdrawn")
        assert (row["what"], row["name"], row["reason"]) == ("vendor", "Acme", "name taken")
        assert bench.side.create("vendor", "Acme").accepted

    run(story, script=[refused("name taken", "3100")])


def test_names_taken_empty_or_of_two_lines_are_refused():
    async def story(bench: Bench):
        assert bench.side.create("product", "Widget").accepted
        assert "already" in bench.side.create("product", "widget").reason
        for name in ("", "  ", "two\nlines", "half \ud800"):
            assert "name" in bench.side.create("product", name).reason
        with pytest.raises(UserMistake, match="customer"):
            bench.side.create("custommer", "A")

    run(story)


@pytest.mark.parametrize("gated", [True, False])
def test_changes_are_gated_by_switch_only(gated):
    async def story(bench: Bench):
        bench.side.create("customer", "Adler", {"company": "A", "city": "Ulm"})
        await bench.side.wait_idle(100)
        bench.side.set_status("Disconnected")
        assert bench.side.change("customer", "adler", {"company": "B"}).accepted is not gated
        assert bench.store.known("customer", "Adler").fields == {"company": "A" if gated else "B", "city": "Ulm"}
        assert not bench.side.change("customer", "Nobody", {}).accepted

    run(story, edits_gated=gated)


def test_manual_mode_keeps_invoices_back_only_by_switch():
    async def story(bench: Bench):
        bench.side.set_push_mode("manual")
        key = bench.side.emit(invoice()).key
        assert await bench.side.wait_idle(100)
        assert bench.connector.calls == []
        assert (await bench.side.send_by_hand(key)).outcome == "posted"
        bench.side.emit(invoice())
        bench.side.set_push_mode("automatic")
        assert await bench.side.wait_idle(100)
        assert bench.states() == ["posted", "posted"]

    run(story, manual_mode="everything")


def test_newest_first_still_sends_list_entries_first():
    async def story(bench: Bench):
        bench.side.set_status("Disconnected")
        keys = [bench.side.emit(draft).key for draft in (invoice(), invoice(), Draft("customer", "Z", "2026-03-02"))]
        bench.side.set_status("Connected")
        assert await bench.side.wait_idle(100)
        assert bench.connector.posted == [keys[2], keys[1], keys[0]]

    run(story, flush_order="newest-first")


# By hand -------------------------------------------------------------------------------------------------------------------------


def test_by_hand_while_disconnected_is_tried_once_and_not_counted():
    async def story(bench: Bench):
        bench.side.set_status("Disconnected")
        keys = [bench.side.emit(invoice()).key for _ in range(2)]
        bench.connector.script = [silence("no route")] * 5
        for _ in range(5):
            sent = await bench.side.send_by_hand(keys[1])
            assert (sent.outcome, sent.reason) == ("no-answer", "no route")
        assert bench.states() == ["held", "held"]
        assert bench.kinds("attempt-failed") == []
        assert (await bench.side.send_by_hand(keys[1])).outcome == "posted"
        assert bench.side.status == "Disconnected"
        assert (await bench.side.send_by_hand(keys[1])).already
        assert bench.states() == ["held", "posted"]
        assert {row["by"] for row in bench.journal.rows("send-begun")} == {"hand"}
        assert len(bench.connector.calls) == 6
        with pytest.raises(UserMistake):
            await bench.side.send_by_hand("nothing")

    run(story)


def test_by_hand_can_be_refused_by_switch():
    async def story(bench: Bench):
        bench.side.set_status("Disconnected")
        key = bench.side.emit(invoice()).key
        assert (await bench.side.send_by_hand(key)).outcome == "unavailable"
        assert bench.connector.calls == []

    run(story, by_hand_while_disconnected="refuse")


def test_a_refused_document_can_be_sent_again_by_hand():
    async def story(bench: Bench):
        key = bench.side.emit(invoice()).key
        await bench.side.wait_idle(100)
        assert (await bench.side.send_by_hand(key)).outcome == "no-answer"
        assert bench.side.document(key).state == "refused"
        assert bench.side.document(key).reason == "closed period"
        assert (await bench.side.send_by_hand(key)).outcome == "posted"
        assert bench.states() == ["posted"]

    run(story, script=[refused(), silence()])


def test_hand_and_queue_never_send_at_once():
    async def story(bench: Bench):
        keys = [bench.side.emit(invoice()).key for _ in range(3)]
        await bench.clock.sleep(0.1)
        assert (await bench.side.send_by_hand(keys[0])).outcome == "posted"
        assert await bench.side.wait_idle(100)
        assert sorted(bench.connector.document_calls()) == sorted(keys)
        assert bench.connector.in_flight_most == 1

    run(story)


# Balances and probes -------------------------------------------------------------------------------------------------------------

NO_BALANCE = {
    "unknown customer": (CallAnswer(404, {"reason": "no such"}), True),
    "unavailable": (unavailable(), False),
    "nothing there": (silence(), False),
    "silent": (SILENT, False),
    "no number": (CallAnswer(200, {"balance_cents": None, "as_of": "2026-03-02T09:00:00Z"}), False),
    "true is no number": (CallAnswer(200, {"balance_cents": True, "as_of": "2026-03-02T09:00:00Z"}), False),
    "text": (CallAnswer(200, {"balance_cents": "0.00", "as_of": "2026-03-02T09:00:00Z"}), False),
    "no moment": (CallAnswer(200, {"balance_cents": 0}), False),
    "no date": (CallAnswer(200, {"balance_cents": 0, "as_of": "yesterday"}), False),
    "no object": (CallAnswer(200, 0), False),
}


@pytest.mark.parametrize("case", NO_BALANCE)
def test_a_balance_is_right_or_unavailable_within_its_limit(case):
    answer, reached = NO_BALANCE[case]

    async def story(bench: Bench):
        began_s = bench.clock.elapsed_s()
        balance = await bench.side.balance("Adler Books")
        assert bench.clock.elapsed_s() - began_s <= 5
        assert balance.cents is None
        assert balance.unavailable
        (row,) = bench.journal.rows("balance-told")
        assert "balance_cents" not in row
        assert row["unavailable"] == balance.unavailable
        assert bool(bench.kinds("attempt-failed")) is not reached

    run(story, script=[answer])


def test_a_balance_that_is_known():
    async def story(bench: Bench):
        bench.connector.balances = {"M%C3%BCller%20%26%20Co%3AJob%201": -1250}
        balance = await bench.side.balance("Müller & Co:Job 1")
        assert (balance.cents, balance.as_of, balance.unavailable) == (-1250, "2026-03-02T09:00:00Z", "")
        (row,) = bench.journal.rows("balance-told")
        assert (row["balance_cents"], row["as_of"]) == (-1250, "2026-03-02T09:00:00Z")

    run(story)


@pytest.mark.parametrize("ask", ["ask", "unavailable"])
def test_a_balance_while_disconnected(ask):
    async def story(bench: Bench):
        bench.connector.balances = {"Adler": 500}
        bench.side.set_status("Disconnected")
        assert (await bench.side.balance("Adler")).cents == (500 if ask == "ask" else None)
        assert len(bench.connector.calls) == (ask == "ask")
        bench.connector.script = [silence()] * 5
        for _ in range(5):
            assert (await bench.side.balance("Adler")).unavailable
        assert bench.kinds("attempt-failed") == []

    run(story, balance_while_disconnected=ask)


def test_failed_balances_do_not_count_where_the_switch_says_so():
    async def story(bench: Bench):
        for _ in range(9):
            await bench.side.balance("Adler")
        assert bench.side.status == "Connected"

    run(story, script=[silence()] * 9, failed_balance_counts=False)


@pytest.mark.parametrize("auto_heal", [True, False])
@pytest.mark.parametrize("by", ["attempts", "operator"])
def test_probes_heal_only_what_attempts_disconnected_and_only_by_switch(auto_heal, by):
    async def story(bench: Bench):
        if by == "attempts":
            bench.connector.script = [silence()] * 3
        else:
            bench.side.set_status("Disconnected")
        bench.side.emit(invoice())
        await bench.clock.sleep(300)
        healed = auto_heal and by == "attempts"
        assert bench.side.status == ("Connected" if healed else "Disconnected")
        assert bench.states() == (["posted"] if healed else ["held"])
        probes = [call for _, call in bench.connector.calls if call.path == "/v1/status"]
        assert probes
        assert all(call.headers == {PROBE_HEADER: "1"} for call in probes)
        assert len(bench.connector.document_calls()) == (3 if by == "attempts" else 0) + healed

    run(story, probes=True, auto_heal=auto_heal)


def test_probes_that_fail_or_see_red_heal_nothing():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        await bench.clock.sleep(400)
        assert bench.side.status == "Disconnected"
        lights = [row["light"] for row in bench.journal.rows("probe-ended")]
        assert lights[:3] == ["connection refused", "red", "unknown"]

    red = CallAnswer(200, {"light": "red", "reason": "closed"})
    run(story, script=[silence()] * 4 + [red, CallAnswer(200, "green")] + [red] * 9, probes=True, auto_heal=True)


def test_a_document_sent_by_hand_heals_with_auto_heal():
    async def story(bench: Bench):
        keys = [bench.side.emit(invoice()).key for _ in range(2)]
        await bench.side.wait_idle(100)
        assert (await bench.side.send_by_hand(keys[1])).outcome == "posted"
        assert bench.side.status == "Connected"
        assert await bench.side.wait_idle(100)
        assert bench.states() == ["posted", "posted"]

    run(story, script=[silence()] * 3, auto_heal=True)


# Mail ----------------------------------------------------------------------------------------------------------------------------


def test_the_mail_goes_to_the_contact_of_that_moment_and_says_why():
    async def story(bench: Bench):
        bench.side.set_contact("first@example.com")
        bench.side.emit(invoice())
        assert not await bench.side.wait_idle(30)  # the mail server is down: the mail is still owed
        bench.side.set_contact("second@example.com")
        bench.mail_down = False
        assert await bench.side.wait_idle(1000)
        text = bench.mails[0].decode()
        assert "To: first@example.com" in text
        assert "Subject: Goflow: QuickBooks is disconnected" in text
        assert "Date: Mon, 02 Mar 2026 09:00:2" in text
        assert "no route" in text
        assert "Documents held: 1" in text
        (row,) = bench.journal.rows("mail-given")
        assert (row["episode"], row["to"], row["subject"]) == (1, "first@example.com", "Goflow: QuickBooks is disconnected")
        for wrong in ("nobody", "a@b@c", "a b@c", "a@b\nBcc: x@y"):
            with pytest.raises(UserMistake):
                bench.side.set_contact(wrong)

    async def main(bench: Bench):
        bench.mail_down = True
        await story(bench)

    run(main, script=[silence("no route")] * 3)


def test_a_mail_server_that_is_down_for_hours_loses_nothing_and_is_not_stormed():
    async def story(bench: Bench):
        bench.mail_down = True
        bench.side.emit(invoice())
        await bench.clock.sleep(6 * 3600)
        tries = len(list(bench.journal.rows("mail-failed")))
        assert 20 <= tries <= 35
        bench.side.set_status("Connected")  # a second episode begins meanwhile
        await bench.clock.sleep(3600)
        assert bench.side.episode == 2
        bench.mail_down = False
        assert await bench.side.wait_idle(3600)
        assert [row["episode"] for row in bench.journal.rows("mail-given")] == [1, 2]
        assert len(bench.mails) == 2

    run(story, script=[silence()] * 100)


@pytest.mark.parametrize(("trouble", "mails"), [("refused", 1), ("slow", 1), ("double", 2)])
def test_mail_trouble(trouble, mails):
    async def story(bench: Bench):
        bench.side.emit(invoice())
        assert await bench.side.wait_idle(1000)
        assert len(bench.mails) == mails
        assert len(list(bench.journal.rows("mail-given"))) == 1

    fault = FaultSpec.model_validate({"fault": "mail-trouble", "times": 1, "with": {"trouble": trouble}})
    run(story, script=[silence()] * 3, faults=[fault])


# Kills ---------------------------------------------------------------------------------------------------------------------------

POINTS = (BEFORE_SEND_STORED, AFTER_SEND_STORED, AFTER_ANSWER, AFTER_POSTED_STORED)


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("on_disk", [True, False])
def test_killed_at_each_step_and_started_again(point, nth, on_disk, tmp_path):
    from emulator.platform import Store

    async def story(bench: Bench):
        if on_disk:
            bench.store = Store(tmp_path / "platform.db")
            bench.make().start()
        keys = [bench.side.emit(invoice()).key for _ in range(3)]
        assert isinstance(await bench.side.ended(), Killed)
        with pytest.raises(PartFailed):
            bench.side.emit(invoice())
        with pytest.raises(PartFailed):
            await bench.side.wait_idle(10)
        calls = len(bench.connector.calls)
        await bench.clock.sleep(100)
        assert len(bench.connector.calls) == calls  # the dead do nothing
        await bench.side.stop()
        if on_disk:
            bench.store.close()
            bench.store = Store(tmp_path / "platform.db")
        bench.restart()
        later = bench.side.emit(invoice())
        assert await bench.side.wait_idle(100)
        assert bench.connector.posted == [*keys, later.key]
        assert later.number == "G-10004"
        sent_twice = point == AFTER_ANSWER
        assert len(bench.connector.calls) == 4 + sent_twice
        assert bench.side.counts()["posted"] == 4
        assert bench.plan.unfired() == []
        if on_disk:
            await bench.side.stop()
            bench.store.close()

    fault = FaultSpec.model_validate({"fault": "kill-platform", "point": point, "when": {"nth": nth}, "times": 1})
    run(story, faults=[fault], start=not on_disk)


def test_killed_when_the_status_is_stored_still_mails_once():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        assert isinstance(await bench.side.ended(), Killed)
        assert bench.mails == []
        bench.restart()
        assert await bench.side.wait_idle(100)
        assert bench.side.status == "Disconnected"
        assert len(bench.mails) == 1
        assert len(list(bench.journal.rows("status-changed"))) == 1
        assert bench.states() == ["held"]

    fault = FaultSpec.model_validate({"fault": "kill-platform", "point": AFTER_STATUS_STORED, "times": 1})
    run(story, faults=[fault], script=[silence()] * 3)


def test_killed_between_failures_still_counts_exactly_n():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        await bench.side.ended()
        bench.restart()
        assert await bench.side.wait_idle(100)
        assert [row["failed"] for row in bench.journal.rows("attempt-failed")] == [1, 2, 3]
        assert len(bench.mails) == 1

    fault = FaultSpec.model_validate({"fault": "kill-platform", "point": AFTER_ANSWER, "when": {"nth": 2}, "times": 1})
    run(story, faults=[fault], script=[silence()] * 9)


def test_killed_while_sending_by_hand_a_held_document_stays_held():
    async def story(bench: Bench):
        bench.side.set_status("Disconnected")
        key = bench.side.emit(invoice()).key
        with pytest.raises(Killed):
            await bench.side.send_by_hand(key)
        bench.restart()
        assert await bench.side.wait_idle(100)
        assert bench.states() == ["held"]
        assert len(bench.connector.calls) == 1
        bench.side.set_status("Connected")
        assert await bench.side.wait_idle(100)
        assert bench.connector.posted == [key]

    run(story, faults=[FaultSpec.model_validate({"fault": "kill-platform", "point": AFTER_ANSWER, "times": 1})])


def test_killed_when_the_operator_sets_the_status():
    async def story(bench: Bench):
        with pytest.raises(Killed):
            bench.side.set_status("Disconnected")
        assert isinstance(await bench.side.ended(), Killed)
        bench.restart()
        assert bench.side.status == "Disconnected"

    run(story, faults=[FaultSpec.model_validate({"fault": "kill-platform", "point": AFTER_STATUS_STORED, "times": 1})])


def test_stopped_in_mid_call_and_started_again():
    async def story(bench: Bench):
        key = bench.side.emit(invoice()).key
        await bench.clock.sleep(0.1)
        assert bench.side.documents_at_end() == {key: "waiting"}
        await bench.side.stop()
        await bench.side.stop()
        assert bench.states() == ["in-flight"]
        bench.side.start()
        assert await bench.side.wait_idle(100)
        assert bench.connector.posted == [key]
        assert len(bench.connector.document_calls()) == 2

    run(story)


def test_an_error_of_ours_is_told_not_swallowed():
    async def story(bench: Bench):
        async def broken(call, limit_s):
            raise ZeroDivisionError("a bug in a transport")

        bench.connector.call = broken  # type: ignore[method-assign]
        bench.side.emit(invoice())
        assert isinstance(await bench.side.ended(), ZeroDivisionError)
        with pytest.raises(PartFailed, match="ZeroDivisionError"):
            await bench.side.stop()

    with pytest.raises(PartFailed, match="ZeroDivisionError"):
        run(story)


# Faults of the platform side -----------------------------------------------------------------------------------------------------


def test_impatient_sends_again_with_the_same_key():
    async def story(bench: Bench):
        bench.connector.takes_s = 4
        key = bench.side.emit(invoice()).key
        assert await bench.side.wait_idle(100)
        assert bench.connector.document_calls() == [key, key]
        assert bench.connector.calls[1][0] == pytest.approx(12)  # 2 s and the spacing

    run(story, faults=[FaultSpec.model_validate({"fault": "impatient", "times": 1})])


def test_two_workers_send_one_document_twice():
    async def story(bench: Bench):
        keys = [bench.side.emit(invoice()).key for _ in range(2)]
        assert await bench.side.wait_idle(100)
        assert bench.connector.document_calls() == [keys[0], keys[0], keys[1]]
        assert bench.connector.in_flight_most == 2
        assert bench.connector.posted == keys

    run(story, faults=[FaultSpec.model_validate({"fault": "two-workers", "times": 1})])


def test_every_kind_of_this_room_says_what_must_hold():
    assert len({kind.name for kind in KINDS}) == len({kind.id for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind.about.endswith(".")
        assert kind.correct
        assert all(point.startswith("platform.") for point in kind.points)


# Small things --------------------------------------------------------------------------------------------------------------------


def test_a_document_with_a_key_is_accepted_once():
    async def story(bench: Bench):
        document = invoice().document("KEY-1", "G-10001")
        assert bench.side.emit(document) == bench.side.emit(document)
        with pytest.raises(UserMistake, match="KEY-1"):
            bench.side.emit(invoice(cents=1).document("KEY-1", "G-10001"))
        assert bench.side.emit(invoice()).number == "G-10002"  # the number was taken
        assert await bench.side.wait_idle(100)
        assert len(bench.connector.calls) == 2

    run(story)


def test_wrong_words_get_the_right_ones():
    async def story(bench: Bench):
        with pytest.raises(UserMistake, match="Connected"):
            bench.side.set_status("Conected")
        with pytest.raises(UserMistake, match="automatic or manual"):
            bench.side.set_push_mode("auto")
        bench.side.set_push_mode("manual")
        assert bench.side.push_mode == "manual"
        (row,) = bench.journal.rows("setting-changed")
        assert (row["from"], row["to"]) == ("automatic", "manual")

    run(story)


def test_waiting_for_idleness_has_a_limit():
    async def story(bench: Bench):
        bench.connector.takes_s = 50
        bench.side.emit(invoice())
        began_s = bench.clock.elapsed_s()
        assert not await bench.side.wait_idle(20)
        assert bench.clock.elapsed_s() - began_s == pytest.approx(20)
        assert await bench.side.wait_idle(100)

    run(story)


def test_the_same_story_writes_the_same_journal():
    async def story(bench: Bench):
        for _ in range(4):
            bench.side.emit(invoice())
        bench.side.create("customer", "Neue")
        await bench.side.balance("Adler")
        await bench.side.wait_idle(1000)
        bench.side.set_status("Connected")
        await bench.side.wait_idle(1000)
        bench.side.documents_at_end()
        return bench.journal.bytes()

    script = [None, silence(), silence(), refused(), silence(), silence(), silence()]
    assert run(story, script=list(script)) == run(story, script=list(script))
    assert START.isoformat()[:10].encode() in run(story, script=list(script))


def test_hostile_reasons_are_kept_as_one_plain_line():
    async def story(bench: Bench):
        bench.side.emit(invoice())
        bench.side.emit(invoice())
        assert await bench.side.wait_idle(1000)
        (row,) = bench.journal.rows("document-refused")
        assert row["reason"] == "line one line two ? end"
        assert bench.side.status == "Disconnected"
        assert len(bench.mails) == 1

    nasty = "line one\r\nline two \ud800 end\x00"
    run(story, script=[refused(nasty)] + [unavailable("x\ud800\r\nBcc: all@example.com" * 100)] * 3)
