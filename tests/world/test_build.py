"""Worlds: two of them in one process know nothing of each other; what started is stopped again; mistakes are told before anything runs."""

import asyncio
import socket
import threading
from datetime import UTC, datetime

import pytest

from emulator.company import Company, described
from emulator.core.chance import Chance
from emulator.core.clock import RealClock, run_virtual
from emulator.core.errors import UserMistake
from emulator.people import perform
from emulator.world import WorldConfig, balances, directory_of, own_address, real_world, virtual_world

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_two_worlds_in_one_process_never_mix():
    async def story(clock):
        worlds = [virtual_world(WorldConfig(seed=seed), clock) for seed in (1, 2)]
        for world in worlds:
            await world.start()
        await perform(worlds[0], "operator.reconnect_by_the_book")
        for _ in range(3):
            worlds[0].emit("invoice")
        await worlds[0].platform.wait_idle(600)
        found = [
            (len(world.company.truth.transactions()), world.office.seats_free, len(list(world.journal.rows("act"))))
            for world in worlds
        ]
        for world in worlds:
            await world.stop()
            world.let_go()
        return found

    assert run_virtual(story, START) == [(3, 2, 5), (0, 3, 0)]


def test_balances_and_directory_are_read_from_the_books():
    async def story(clock):
        world = virtual_world(WorldConfig(), clock)
        await world.start()
        await perform(world, "operator.reconnect_by_the_book")
        world.emit("invoice")
        world.emit("bill")
        await world.platform.wait_idle(600)
        await world.stop()
        told = balances(world.company), world.company.truth.transactions(), directory_of(world.company)
        world.let_go()
        return told

    told, transactions, directory = run_virtual(story, START)
    by_kind = {row["kind"]: row for row in transactions}
    assert told["receivables"][by_kind["Invoice"]["party"]] == by_kind["Invoice"]["amount_cents"]
    assert told["payables"][by_kind["Bill"]["party"]] == by_kind["Bill"]["amount_cents"]
    assert by_kind["Invoice"]["party"] in directory["customers"]
    assert by_kind["Bill"]["party"] in directory["vendors"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"company": "wholesale_smal"}, "wholesale_small"),
        ({"switches": {"company.no-such": 1}}, "there is no switch"),
        ({"platform": {"profile": "goflo"}}, "goflow"),
        ({"platform": {"notifications_contact": "nobody"}}, "mail address"),
    ],
)
def test_a_wrong_configuration_is_told(config, told):
    async def story(clock):
        virtual_world(WorldConfig.model_validate(config), clock)

    with pytest.raises((UserMistake, ValueError), match=told):
        run_virtual(story, START)


def test_a_taken_port_is_told_and_nothing_is_left_running(tmp_path):
    host = own_address(Chance(0), "a taken port")
    threads = threading.active_count()

    async def story():
        world = real_world(WorldConfig(), RealClock(START, 60), tmp_path, (host, 8891))
        try:
            await world.start()
        finally:
            world.let_go()

    with socket.create_server((host, 8891)), pytest.raises(UserMistake, match=f"{host}:8891: the port is taken"):
        asyncio.run(story())
    assert threading.active_count() <= threads


def test_a_folder_belongs_to_one_world(tmp_path):
    async def story():
        first = real_world(WorldConfig(), RealClock(START, 60), tmp_path, (own_address(Chance(0), "first"), 0))
        try:
            with pytest.raises(UserMistake, match="another FakeBooks works in"):
                real_world(WorldConfig(), RealClock(START, 60), tmp_path, (own_address(Chance(0), "second"), 0))
        finally:
            await first.stop()
            first.let_go()
        second = real_world(WorldConfig(), RealClock(START, 60), tmp_path, (own_address(Chance(0), "second"), 0))
        await second.stop()
        second.let_go()

    asyncio.run(story())


def test_a_company_with_nothing_to_sell_makes_a_world():
    async def story(clock):
        world = virtual_world(WorldConfig(company="empty"), clock)
        await world.start()
        with pytest.raises(UserMistake, match="articles"):
            world.emit("invoice")
        await world.stop()
        world.let_go()

    run_virtual(story, START)


@pytest.mark.slow
def test_a_world_on_the_real_clock_starts_works_and_stops(tmp_path):
    host = own_address(Chance(0), "works")

    async def story():
        world = real_world(WorldConfig(), RealClock(START, 60), tmp_path, (host, 8891))
        try:
            await world.start()
            await perform(world, "operator.reconnect_by_the_book")
            world.emit("invoice")
            posted = await world.wait_until(lambda: world.platform.counts()["posted"] == 1, 60)
            urls = dict(world.urls)
        finally:
            await world.stop()
        booked = len(world.company.truth.transactions("Invoice"))
        world.let_go()
        return posted, booked, urls

    posted, booked, urls = asyncio.run(story())
    assert (posted, booked) == (True, 1)
    assert urls["port 8891"] == f"http://{host}:8891"
    with pytest.raises(OSError), socket.create_connection((host, 8891), 1):  # noqa: PT011 - any refusal will do
        pass


def test_a_company_file_is_copied_for_a_world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Company.create(tmp_path / "shop.fbk", described("wholesale_small"), lambda: START).close()
    before = (tmp_path / "shop.fbk").read_bytes()
    world = virtual_world(WorldConfig(company="shop.fbk"), RealClock(START, 60))
    assert world.company.path is None
    assert world.company.truth.customers()
    world.let_go()
    assert (tmp_path / "shop.fbk").read_bytes() == before
    with pytest.raises(UserMistake, match="texts with the company file"):
        virtual_world(WorldConfig(company="shop.fbk", texts=("latin",)), RealClock(START, 60))


def test_a_company_file_in_the_folder_of_the_world_is_not_thrown_away(tmp_path):
    kept = tmp_path / "state" / "books.sqlite"
    kept.parent.mkdir()
    Company.create(kept, described("empty"), lambda: START).close()
    before = kept.read_bytes()
    with pytest.raises(UserMistake, match="which begins empty"):
        real_world(WorldConfig(company=str(kept)), RealClock(START, 60), tmp_path, ("127.0.0.1", 0))
    assert kept.read_bytes() == before
