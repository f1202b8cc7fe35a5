"""Acts of people: every one has help, is done or refused with a reason, and leaves one row; procedures leave out the steps they are told to."""

from datetime import UTC, datetime

import pytest

from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.people import ACTS, ActRefused, perform
from emulator.world import WorldConfig, virtual_world

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def told(*acts, prepare=()):
    """Let people act in a fresh world; returns its `act` rows and the world."""

    async def story(clock):
        world = virtual_world(WorldConfig(), clock)
        await world.start()
        try:
            for name, arguments in (*prepare, *acts):
                try:
                    await perform(world, name, arguments)
                except ActRefused:
                    continue
            return list(world.journal.rows("act")), world
        finally:
            await world.stop()

    return run_virtual(story, START)


def last(*acts, prepare=()):
    rows, _ = told(*acts, prepare=prepare)
    return rows[-1]


CONNECT = ("operator.reconnect_by_the_book", {})
SINGLE = ("accountant.log_in", {"mode": "single"})


def test_every_act_says_what_it_does():
    assert all(act.about.endswith(".") or "." in act.about for act in ACTS.values())
    assert all(
        name == act.name and name.split(".")[0] in ("operator", "accountant", "admin", "clerk") for name, act in ACTS.items()
    )


def test_no_argument_has_the_name_of_a_column_of_the_row():
    taken = {"who", "act", "result", "reason", "told", "faults", "lane", "kind", "at", "story", "seq"}
    assert {name for name, act in ACTS.items() if taken & set(act.arguments)} == set()


@pytest.mark.parametrize(
    ("acts", "result", "reason"),
    [
        ([CONNECT], "done", ""),
        ([("operator.log_in_goflow", {"mode": "single"})], "done", ""),
        ([("operator.log_in_goflow", {}), ("operator.log_in_goflow", {})], "refused", "logged in on server"),
        ([("operator.log_in_goflow", {"user": "Nobody"})], "refused", "no user 'Nobody'"),
        ([("operator.log_out_goflow", {})], "refused", "Nobody is logged in"),
        ([("operator.start_connector", {}), ("operator.wait_for_green", {"limit_s": 30})], "refused", "did not turn green"),
        ([CONNECT, SINGLE], "refused", "Goflow on server"),
        ([CONNECT, ("operator.disconnect_by_the_book", {}), SINGLE], "done", ""),
        ([CONNECT, ("operator.disconnect_by_the_book", {"skip": ["log_out_goflow"]}), SINGLE], "refused", "Goflow on server"),
        ([CONNECT, ("operator.disconnect_by_the_book", {"skip": ["exit_connector"]}), SINGLE], "done", ""),
        ([SINGLE, ("operator.log_in_goflow", {})], "refused", "single-user"),
        ([("accountant.log_in", {}), ("accountant.switch_mode", {"mode": "single"})], "done", ""),
        (
            [("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": 1})],
            "refused",
            "nobody is logged in",
        ),
        (
            [("accountant.log_in", {}), ("accountant.type_invoice", {"customer": "Nobody", "item": "first", "amount_cents": 1})],
            "refused",
            "invalid reference",
        ),
        (
            [
                ("accountant.log_in", {}),
                ("accountant.open_dialog", {"title": "Reconcile"}),
                ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": 1}),
            ],
            "refused",
            "'Reconcile' is open",
        ),
        ([("accountant.choose_menu_item", {"tag": "a"})], "refused", "Nobody is logged in"),
        ([("accountant.log_in", {}), ("accountant.choose_menu_item", {"tag": "a"})], "refused", "an item with the EventTag 'a'"),
        ([("clerk.ask_balance", {"customer": "Kern Lighting Warehouse"})], "refused", "unavailable"),
        ([CONNECT, ("clerk.ask_balance", {"customer": "Kern Lighting Warehouse"})], "done", ""),
        ([CONNECT, ("clerk.ask_balance", {"customer": "Nobody at all"})], "refused", "unavailable"),
        ([CONNECT, ("clerk.send_by_hand", {"number": "G-1"})], "refused", "no document G-1"),
    ],
)
def test_an_act_is_done_or_refused_with_its_reason(acts, result, reason):
    row = last(*acts)
    assert row["result"] == result
    assert reason in row.get("reason", "")


def test_a_typed_invoice_gets_the_number_after_the_last_one():
    typed = ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": 1200})
    rows, world = told(("accountant.log_in", {}), ("accountant.type_invoice", {**typed[1], "number": "G-41"}), typed, prepare=[])
    assert [row["told"] for row in rows if row["act"] == "type_invoice"] == ["G-41", "G-42"]
    assert [(row["ref"], row["memo"]) for row in world.company.truth.transactions("Invoice")] == [("G-41", ""), ("G-42", "")]


def test_a_procedure_leaves_a_row_for_each_step():
    rows, _ = told(CONNECT)
    assert [row["act"] for row in rows] == [
        "log_in_goflow",
        "start_connector",
        "wait_for_green",
        "set_status",
        "reconnect_by_the_book",
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("operator.set_statu", {}, "'operator.set_status'"),
        ("operator.set_status", {}, "needs 'status'"),
        ("operator.set_status", {"status": "Conected"}, "expected 'Connected'"),
        ("accountant.switch_mode", {"mode": "multy"}, "expected 'multi'"),
        ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": "5"}, "expected a whole number"),
        ("operator.disconnect_by_the_book", {"skip": ["log_out"]}, "expected 'log_out_goflow'"),
        ("accountant.log_in", {"machine": "acounting-pc"}, "'accounting-pc'"),
    ],
)
def test_mistakes_name_the_right_word(name, arguments, expected):
    with pytest.raises(UserMistake, match=expected):
        told((name, arguments))
