"""Acts at any QuickBooks, at the company file and its host: done or refused with a reason, the nearest word for a wrong one, no password in a row."""

from datetime import UTC, datetime

import pytest

from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.desktop import Code, RequestProcessor, SessionFailure
from emulator.people import ActRefused, perform
from emulator.world import WorldConfig, virtual_world

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
CONNECT = ("operator.reconnect_by_the_book", {})

OFFICE = r"""
company: {name: Office, file: 'C:\QB\Office.QBW', edition: Premier}
licence: {seats: 3}
users: [{name: Admin, role: Admin}, {name: Goflow, role: External Accountant}, {name: Accountant}]
apps: [{name: FakeBooks Connector, login: whenever the file is open}]
lists:
  customers: {given: [{name: Baker}]}
  items: {given: [{name: Lamp, price: "10.50"}]}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A world of a company that is quickly made."""
    path = tmp_path_factory.mktemp("office") / "office.yaml"
    path.write_text(OFFICE)
    return WorldConfig(company=str(path))


def told(config, *acts):
    """Let people act in a fresh world; returns its `act` rows and the world."""

    async def story(clock):
        world = virtual_world(config, clock)
        await world.start()
        try:
            for name, arguments in acts:
                try:
                    await perform(world, name, arguments)
                except ActRefused:
                    continue
            return list(world.journal.rows("act")), world
        finally:
            await world.stop()

    return run_virtual(story, START)


ALONE = ("accountant.log_in", {"mode": "single"})


@pytest.mark.parametrize(
    ("acts", "result", "reason"),
    [
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
        ([("accountant.verify_data", {})], "refused", "Nobody is logged in on accounting-pc"),
        (
            [("accountant.log_in", {}), ("accountant.verify_data", {})],
            "refused",
            "Verify Data needs the company file in single-user",
        ),
        ([ALONE, ("accountant.verify_data", {})], "done", ""),
        ([ALONE, ("accountant.open_dialog", {}), ("accountant.verify_data", {})], "refused", "'Recording Transaction' is open"),
        ([ALONE, ("accountant.rebuild_data", {}), CONNECT], "refused", "Rebuild Data is working on the company file"),
        ([ALONE, ("accountant.rebuild_data", {}), ("accountant.close_dialog", {}), CONNECT], "refused", "single-user mode"),
        ([ALONE, ("accountant.rebuild_data", {}), ("accountant.close_file", {})], "refused", "'Rebuild Data' is open"),
        (
            [ALONE, ("accountant.rebuild_data", {}), ("accountant.close_dialog", {}), ("accountant.close_file", {}), CONNECT],
            "done",
            "",
        ),
        ([ALONE, ("accountant.rebuild_data", {}), ("accountant.end_process", {}), CONNECT], "done", ""),
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
    ],
)
def test_an_act_is_done_or_refused_with_its_reason(config, acts, result, reason):
    rows, _ = told(config, *acts)
    assert rows[-1]["result"] == result
    assert reason in rows[-1].get("reason", "")


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("operator.start_quickbooks", {"machine": "servr"}, "'server'"),
        ("operator.unplug_share", {"machine": "acounting-pc"}, "'accounting-pc'"),
        ("admin.add_user", {"user": "Mia", "role": "Sale"}, "'Sales'"),
        ("admin.repair_file", {"tool": "File Doktor"}, "'File Doctor'"),
        ("admin.condense_file", {"before": "soon"}, "a day"),
        ("operator.start_quickbooks", {"takes_s": -1.0}, "expected a number of at least 0"),
        ("operator.quit_quickbooks", {"takes_s": 1e300}, "expected a number of at most"),
        ("admin.upgrade_file", {"year": 1999}, "2002"),
        ("admin.add_user", {"user": ""}, "at least 1"),
        ("admin.clos_for_users", {}, "'admin.close_for_users'"),
    ],
)
def test_wrong_words_are_told_with_the_nearest_right_one(config, name, arguments, expected):
    with pytest.raises(UserMistake, match=expected):
        told(config, (name, arguments))


def test_passwords_that_people_type_stand_in_no_row(config):
    secret = "Tell-Nobody-7"

    _, world = told(
        config,
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


def test_a_restored_backup_takes_the_books_and_the_users_back(config):
    _, world = told(
        config,
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


def test_a_restarted_server_runs_nothing_until_people_start_it(config):
    async def story(clock):
        world = virtual_world(config, clock)
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


@pytest.mark.parametrize(
    ("setting", "act", "result"),
    [
        ("none", "verify_data", "refused"),
        ("verify", "verify_data", "done"),
        ("verify", "rebuild_data", "refused"),
        ("both", "rebuild_data", "done"),
    ],
)
def test_which_utilities_run_in_multi_user_mode_is_a_switch(config, setting, act, result):
    changed = config.model_copy(update={"switches": {"desktop.utility-in-multi-user": setting}})
    rows, _ = told(changed, ("accountant.log_in", {}), (f"accountant.{act}", {}))
    assert rows[-1]["result"] == result


def test_a_call_meets_the_window_of_a_utility_until_it_is_through(config):
    async def story(clock):
        world = virtual_world(config, clock)
        await world.start()
        processor = RequestProcessor(world.machine("server"))

        async def begin():
            try:
                ticket = await world.driver.perform(processor.begin_session("", 2))
            except SessionFailure as failure:
                return str(failure.code)
            await world.driver.perform(processor.end_session(ticket))
            return "begun"

        try:
            await world.driver.perform(processor.open_connection("", "FakeBooks Connector"))
            await perform(world, "operator.log_in_goflow", {"mode": "single"})
            await perform(world, "operator.verify_data", {"takes_s": 300.0})
            seen = [await begin(), world.office.tool_at_work(world.office.files[0])]
            await clock.sleep(300)
            return [*seen, await begin(), world.office.tool_at_work(world.office.files[0])]
        finally:
            await world.stop()

    assert run_virtual(story, START) == [Code.DIALOG_OPEN, "Verify Data", "begun", ""]
