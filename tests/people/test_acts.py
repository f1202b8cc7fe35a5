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


@pytest.mark.parametrize(
    ("acts", "result", "reason"),
    [
        ([CONNECT], "done", ""),
        ([("operator.log_in_goflow", {"mode": "single"})], "done", ""),
        ([("operator.log_in_goflow", {}), ("operator.log_in_goflow", {})], "refused", "logged in on server"),
        ([("operator.log_in_goflow", {"user": "Nobody"})], "refused", "no user 'Nobody'"),
        ([("operator.log_in_goflow", {"user": "Goflo"})], "refused", "did you mean 'Goflow'?"),
        ([("operator.start_quickbooks", {}), ("operator.close_dialog", {})], "refused", "No dialog"),
        ([("operator.start_quickbooks", {}), ("operator.log_in_goflow", {})], "done", ""),
        ([("operator.open_log_in_window", {"user": "Goflow"}), ("operator.close_dialog", {})], "done", ""),
        ([("operator.open_log_in_window", {"user": "Goflow"}), ("operator.log_in_goflow", {})], "done", ""),
        ([("operator.log_in_goflow", {}), ("operator.close_file", {}), ("operator.quit_quickbooks", {})], "done", ""),
        ([("operator.quit_quickbooks", {})], "refused", "not running"),
        (
            [
                ("operator.log_in_goflow", {}),
                ("operator.quit_quickbooks", {"takes_s": 20.0}),
                ("operator.start_quickbooks", {}),
            ],
            "refused",
            "going down",
        ),
        (
            [("operator.log_in_goflow", {}), ("operator.quit_quickbooks", {"takes_s": 20.0}), ("operator.log_in_goflow", {})],
            "done",
            "",
        ),
        ([("operator.end_process", {})], "refused", "No QuickBooks process"),
        ([("operator.log_in_goflow", {}), ("operator.end_process", {})], "done", ""),
        ([("operator.start_second", {"user": "Admin"}), ("operator.end_process", {})], "done", ""),
        ([("accountant.open_dialog", {})], "refused", "not running"),
        ([("accountant.log_in", {}), ("accountant.open_dialog", {}), ("accountant.close_dialog", {})], "done", ""),
        ([("operator.switch_hosting", {"on": False}), ("accountant.log_in", {})], "refused", "hosting is switched off"),
        ([("operator.unplug_share", {"machine": "accounting-pc"}), ("accountant.log_in", {})], "refused", "does not reach"),
        ([("operator.unplug_share", {}), ("operator.plug_in_share", {}), ("accountant.log_in", {})], "done", ""),
        (
            [("operator.move_file", {"to": r"C:\QB\New.QBW"}), ("accountant.log_in", {"file": r"C:\QB\Old.QBW"})],
            "refused",
            "New.QBW",
        ),
        ([CONNECT, ("operator.move_file", {"to": r"C:\QB\New.QBW"})], "refused", "Goflow on server"),
        (
            [("operator.install_quickbooks", {"machine": "accounting-pc", "year": 2019}), ("accountant.log_in", {})],
            "refused",
            "2019",
        ),
        ([("operator.map_drive", {"letter": "Q:", "target": r"C:\QB"})], "done", ""),
        ([("operator.map_drive", {"letter": "Q", "target": r"C:\\QB"})], "refused", "no drive letter"),
        ([("operator.map_drive", {"letter": "Q:", "target": "QB"})], "refused", "no share or folder"),
        ([("operator.move_file", {"to": "QB"})], "refused", "no path of a file"),
        ([("operator.free_seats", {})], "done", ""),
        ([("admin.log_in", {}), ("admin.close_for_users", {})], "done", ""),
        ([("accountant.log_in", {}), ("admin.close_for_users", {})], "refused", "Only the Admin"),
        ([("admin.answer_prompt", {"answer": "no"})], "refused", "No application asks"),
        ([("admin.repair_file", {"tool": "Rebuild Data"}), ("accountant.log_in", {})], "refused", "Rebuild Data"),
        ([("admin.repair_file", {}), ("admin.end_repair", {}), ("accountant.log_in", {})], "done", ""),
        ([("admin.end_repair", {})], "refused", "Nothing is working"),
        ([("admin.back_up_file", {"name": "friday"}), ("admin.restore_file", {"name": "fridai"})], "refused", "'friday'"),
        ([("admin.upgrade_file", {"year": 2025}), ("accountant.log_in", {})], "refused", "QuickBooks 2025"),
        ([("admin.condense_file", {"before": "2025-01-01"})], "done", ""),
        ([("admin.add_user", {"user": "Mia", "role": "Sales"}), ("accountant.log_in", {"user": "Mia"})], "done", ""),
        ([("admin.remove_user", {"user": "Admin"})], "refused", "only Admin"),
        ([("admin.remove_user", {"user": "Accountan"})], "refused", "'Accountant'"),
        ([("admin.change_password", {"user": "Goflow", "new_password": "x"}), ("operator.log_in_goflow", {})], "done", ""),
        (
            [
                ("admin.change_password", {"user": "Goflow", "new_password": "x", "tell_others": False}),
                ("operator.log_in_goflow", {}),
            ],
            "refused",
            "is not right",
        ),
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
        ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": "5"}, "valid integer"),
        ("operator.disconnect_by_the_book", {"skip": ["log_out"]}, "expected 'log_out_goflow'"),
        ("accountant.log_in", {"machine": "acounting-pc"}, "'accounting-pc'"),
    ],
)
def test_mistakes_name_the_right_word(name, arguments, expected):
    with pytest.raises(UserMistake, match=expected):
        told((name, arguments))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("operator.start_quickbooks", {"machine": "servr"}, "'server'"),
        ("operator.unplug_share", {"machine": "acounting-pc"}, "'accounting-pc'"),
        ("admin.add_user", {"user": "Mia", "role": "Sale"}, "'Sales'"),
        ("admin.repair_file", {"tool": "File Doktor"}, "'File Doctor'"),
        ("admin.condense_file", {"before": "soon"}, "a day"),
        ("operator.start_quickbooks", {"takes_s": -1.0}, "greater than or equal to 0"),
        ("operator.quit_quickbooks", {"takes_s": 1e300}, "less than or equal to"),
        ("admin.upgrade_file", {"year": 1999}, "2002"),
        ("admin.add_user", {"user": ""}, "at least 1"),
        ("admin.clos_for_users", {}, "'admin.close_for_users'"),
    ],
)
def test_wrong_words_are_told_with_the_nearest_right_one(name, arguments, expected):
    with pytest.raises(UserMistake, match=expected):
        told((name, arguments))


def test_passwords_that_people_type_stand_in_no_row():
    secret = "Tell-Nobody-7"

    _, world = told(
        ("admin.change_password", {"user": "Goflow", "new_password": secret}),
        ("operator.log_in_goflow", {"password": secret + "!"}),
        ("operator.log_in_goflow", {"password": secret}),
        ("admin.change_password", {"user": "Goflow", "new_password": "Another-7", "old_password": secret}),
    )
    rows = list(world.journal.rows())
    assert secret not in str(rows)
    assert "Another-7" not in str(rows)
    assert secret not in str(world.company.users) + str(world.office.files)
    assert [row["kind"] for row in rows if row["kind"] in ("logged-in", "login-refused")] == ["login-refused", "logged-in"]


def test_a_restored_backup_takes_the_books_and_the_users_back():
    _, world = told(
        ("admin.back_up_file", {"name": "friday"}),
        ("admin.add_user", {"user": "Mia"}),
        ("accountant.log_in", {"user": "Mia"}),
        ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": 100}),
        ("accountant.log_out", {}),
        ("admin.restore_file", {"name": "friday"}),
        ("accountant.log_in", {"user": "Mia"}),
        ("accountant.log_in", {}),
        ("accountant.type_invoice", {"customer": "first", "item": "first", "amount_cents": 200}),
    )
    typed = list(world.journal.rows("typed"))
    assert typed[0]["number"] == typed[1]["number"]
    assert [row["result"] for row in world.journal.rows("act")][6] == "refused"


def test_a_restarted_server_runs_nothing_until_people_start_it():
    async def story(clock):
        world = virtual_world(WorldConfig(), clock)
        await world.start()
        try:
            await perform(world, *CONNECT)
            await perform(world, "operator.restart_server")
            down = world.machine("server").state, await world.connector.light(), world.office.seats_free
            await perform(world, "operator.restart_server", {"down_s": 1})
            await perform(world, *CONNECT)
            return down, await world.connector.light()
        finally:
            await world.stop()

    (state, light, seats_free), after = run_virtual(story, START)
    assert (state, light, seats_free, after) == ("closed", "off", 3, "green")
