"""What people do at a machine with QuickBooks: start and end it, log in and out, open and close windows, answer what it asks.

Every act names the machine; who does it on which machine unless told otherwise stands in the table of acts (`acts.py`).
"""

from typing import Annotated, Literal

from pydantic import Field

from emulator.desktop import QuickBooks
from emulator.desktop.components import DamageName
from emulator.people.refusal import ActRefused
from emulator.world import World

Mode = Literal["single", "multi"]

Seconds = Annotated[float, Field(ge=0, le=31_536_000)]
"""Story seconds, a year at most."""


async def start_quickbooks(world: World, machine: str, takes_s: Seconds | None = None, windows_session: str = "") -> None:
    """Start QuickBooks and leave it starting: it takes `desktop.start-with-window-s` story seconds, or `takes_s`."""
    world.machine(machine).start(takes_s=takes_s, windows_session=windows_session)


async def open_log_in_window(world: World, machine: str, user: str) -> None:
    """Choose the company file in QuickBooks and leave the log-in window waiting for the password."""
    quickbooks = world.machine(machine)
    await _ready(world, quickbooks)
    quickbooks.open_log_in_window(user)


async def log_in(
    world: World, machine: str, mode: Mode = "multi", user: str = "Accountant", password: str | None = None, file: str = ""
) -> None:
    """Open the company file in QuickBooks; who has a password knows it, or types the one given. A slow start is waited for."""
    quickbooks = world.machine(machine)
    await _ready(world, quickbooks)
    quickbooks.log_in(user, mode, file, password)


async def log_out(world: World, machine: str) -> None:
    """Log out of QuickBooks, and close it."""
    quickbooks = world.machine(machine)
    quickbooks.log_out()
    quickbooks.quit()


async def close_file(world: World, machine: str) -> None:
    """Close the company file; QuickBooks stays open without one."""
    world.machine(machine).log_out()


async def switch_mode(world: World, mode: Mode, machine: str) -> None:
    """Switch the open company file to single-user or multi-user mode."""
    world.machine(machine).switch_mode(mode)


async def quit_quickbooks(world: World, machine: str, takes_s: Seconds = 0.0) -> None:
    """Close QuickBooks, whether or not a file is open; it goes down for `takes_s` story seconds."""
    world.machine(machine).quit(takes_s)


async def end_process(world: World, machine: str) -> None:
    """End every QuickBooks process of the machine in the task manager: one that hangs, was left over, or that nobody sees."""
    world.machine(machine).end_process()


async def start_second(world: World, machine: str, user: str, mode: Mode = "multi") -> None:
    """Start QuickBooks a second time as administrator and open the company file in it; nobody sees it afterwards."""
    world.machine(machine).start_second(user, mode)


async def open_dialog(
    world: World,
    machine: str,
    title: str = "Recording Transaction",
    hangs: bool = False,
    closes_after_s: Seconds | None = None,
) -> None:
    """Open a modal window in QuickBooks and leave it open."""
    quickbooks = world.machine(machine)
    quickbooks.need_running("open-dialog")
    quickbooks.refuse_under_window("open-dialog")
    quickbooks.show_dialog(title, hangs=hangs, closes_after_s=closes_after_s)


async def close_dialog(world: World, machine: str, later: bool = False) -> None:
    """Close the window that is open in QuickBooks; `later` puts off what it asks at its start (update, sign-in) to the next one."""
    world.machine(machine).close_dialog(later=later)


async def verify_data(world: World, machine: str, takes_s: Seconds | None = None) -> None:
    """Have QuickBooks verify the open company file; it takes `takes_s` story seconds, or until somebody closes the window."""
    world.machine(machine).run_utility("Verify Data", takes_s)


async def rebuild_data(world: World, machine: str, takes_s: Seconds | None = None) -> None:
    """Have QuickBooks rebuild the open company file; it takes `takes_s` story seconds, or until somebody closes the window."""
    world.machine(machine).run_utility("Rebuild Data", takes_s)


async def close_for_users(world: World, machine: str) -> str:
    """Close the company file for all other users, as the Admin; tells how many were in it."""
    return str(world.machine(machine).close_for_users())


async def harm_installation(world: World, damage: DamageName, machine: str) -> None:
    """Something of what is installed for programs breaks, or is found to be wrong: an update broken off, a library gone."""
    quickbooks = world.machine(machine)
    if quickbooks.damage:
        raise ActRefused(f"QuickBooks on {machine} is {quickbooks.damage!r} already; repair the installation first.")
    quickbooks.harm(damage)


async def repair_installation(world: World, machine: str) -> None:
    """Repair what is installed for programs."""
    quickbooks = world.machine(machine)
    if not quickbooks.damage:
        raise ActRefused(f"Nothing is wrong with the installation of QuickBooks on {machine}.")
    quickbooks.repair()


async def _ready(world: World, quickbooks: QuickBooks) -> None:
    """A person waits for QuickBooks to go down or to start; starts it first where starts are slow."""
    if quickbooks.process is None and quickbooks.start_takes_s:
        quickbooks.start()
    while (left_s := quickbooks.busy_s) > 0:
        await world.clock.sleep(left_s)
        if quickbooks.process is None and quickbooks.start_takes_s:
            quickbooks.start()
