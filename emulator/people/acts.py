"""Acts: each is one thing a person does, by name, with arguments; procedures are acts made of acts.

Who acts: the *operator* (the customer's IT person, at the server and in the platform's settings), the *accountant* (on an accounting PC),
the *admin* (of the company file), the *clerk* (types orders on the platform side). What is done at any QuickBooks is in `at_quickbooks.py`,
what is done to the file and its host in `at_host.py`, what is done about programs in `at_preferences.py`. Source of the procedures: the
page's "Disconnecting the App" and "Reconnecting the App".

An act is done or refused, and both are rows of the journal. A refusal carries the reason the person would read on the screen. Passwords
that people type stand in no row.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from emulator.core.errors import UserMistake, nearest
from emulator.core.fitting import check_fits
from emulator.desktop.refusals import Refused
from emulator.people import at_host, at_preferences, at_quickbooks, paperwork
from emulator.people.at_quickbooks import Mode
from emulator.people.refusal import ActRefused
from emulator.world import ACCOUNTING_PC, SERVER, World


@dataclass(frozen=True)
class Act:
    """One act.

    Attributes:
        name: `who.what`.
        about: what it does, one sentence.
        run: does it in a world; raises ActRefused.
    """

    name: str
    about: str
    run: Callable[..., Awaitable[str | None]]

    @property
    def arguments(self) -> dict[str, inspect.Parameter]:
        """Return its arguments by name, without the world."""
        parameters = inspect.signature(self.run).parameters
        return {name: parameter for name, parameter in parameters.items() if name != "world"}


async def perform(world: World, name: str, arguments: dict[str, Any] | None = None, where: str = "") -> str | None:
    """Let a person act, and write down what came of it.

    Args:
        world: where.
        name: an act of ACTS.
        arguments: of the act, by name.
        where: the place in the file, for mistakes.

    Returns:
        what the act has to tell (the number of a typed invoice, say), or None.

    Raises:
        UserMistake: unknown act or argument, with the nearest right word.
        ActRefused: the person was refused; the journal has it too.
    """
    act, given = checked(name, arguments or {}, where)
    who, what = name.split(".", 1)
    written = {argument: value for argument, value in given.items() if "password" not in argument}
    try:
        told = await act.run(world, **given)
    except (ActRefused, Refused) as refused:
        world.journal.add(
            "people", "act", who=who, act=what, result="refused", reason=refused.reason, faults=refused.faults, **written
        )
        raise ActRefused(refused.reason, refused.faults) from None
    world.journal.add("people", "act", who=who, act=what, result="done", told=told, **written)
    return told


def checked(name: str, arguments: dict[str, Any], where: str = "") -> tuple[Act, dict[str, Any]]:
    """Return the act and its arguments; raises UserMistake like `perform`, so that a file is refused before its story begins."""
    act = ACTS.get(name)
    if act is None:
        near = nearest(name, ACTS)
        raise UserMistake(f"nobody can {name!r}", where, f"{near!r}" if near else f"one of {', '.join(sorted(ACTS))}")
    for argument in arguments:
        if argument not in act.arguments:
            near = nearest(argument, act.arguments)
            expected = f"{near!r}" if near else f"one of {', '.join(act.arguments) or 'no arguments'}"
            raise UserMistake(f"{name} has no argument {argument!r}", where, expected)
    for argument, value in arguments.items():
        _check_value(act, argument, value, where)
    for argument, parameter in act.arguments.items():
        if parameter.default is inspect.Parameter.empty and argument not in arguments:
            raise UserMistake(f"{name} needs {argument!r}", where, f"the argument {argument!r} under `with`")
    return act, arguments


def _check_value(act: Act, argument: str, value: Any, where: str) -> None:
    """Refuse a value that the argument's type does not take, with what it takes."""
    annotation = get_type_hints(act.run, include_extras=True)[argument]
    check_fits(annotation, value, f"{argument} of {act.name}", where)


# ---- the operator, at the server and in the platform's settings -------------------------------------------------------------


async def set_status(world: World, status: Literal["Connected", "Disconnected"]) -> None:
    """Settings → Accounting: set the QuickBooks status to Connected or Disconnected."""
    world.platform.set_status(status, by="operator")


async def exit_connector(world: World) -> None:
    """Right-click the connector's icon in the notifications tray, and click Exit."""
    await world.connector.exit()


async def start_connector(world: World) -> None:
    """Start the connector app with one click."""
    await world.connector.start()


async def log_out_goflow(world: World, machine: str = SERVER) -> None:
    """Log the connector's user out of QuickBooks on the server, and close QuickBooks there."""
    quickbooks = world.machine(machine)
    quickbooks.log_out()
    quickbooks.quit()


async def log_in_goflow(
    world: World, mode: Mode = "multi", user: str = "", machine: str = SERVER, password: str | None = None
) -> None:
    """Log the connector's user in to QuickBooks on the server, in multi-user mode unless told otherwise."""
    await at_quickbooks.log_in(world, machine, mode, user or world.config.connector.user, password)


async def disconnect_by_the_book(
    world: World, skip: list[Literal["set_status", "exit_connector", "log_out_goflow"]] | None = None
) -> None:
    """Set the status to Disconnected, exit the connector, log its user out of QuickBooks. `skip` leaves steps out."""
    steps = {"set_status": {"status": "Disconnected"}, "exit_connector": {}, "log_out_goflow": {}}
    await _procedure(world, steps, skip or [])


async def reconnect_by_the_book(
    world: World, skip: list[Literal["log_in_goflow", "start_connector", "wait_for_green", "set_status"]] | None = None
) -> None:
    """Log the user in to QuickBooks in multi-user mode, start the connector, wait for green, set the status. `skip` leaves steps out."""
    steps = {
        "log_in_goflow": {"mode": "multi"},
        "start_connector": {},
        "wait_for_green": {},
        "set_status": {"status": "Connected"},
    }
    await _procedure(world, steps, skip or [])


async def wait_for_green(world: World, limit_s: at_quickbooks.Seconds = 300.0) -> None:
    """Watch the icon in the notifications tray until it shows the green dot."""
    if not await world.until_green(limit_s):
        raise ActRefused(f"the dot did not turn green: {await world.connector.light()}")


async def restart_server(world: World, down_s: at_quickbooks.Seconds = 120.0) -> None:
    """Restart the server: the connector and QuickBooks end, and neither is started again by itself."""
    await world.connector.exit()
    quickbooks = world.machine(SERVER)
    with suppress(Refused):
        quickbooks.end_process()
    await world.clock.sleep(down_s)


async def restart_router(world: World) -> None:
    """Restart the router that forwards port 8891; one that works goes on working."""
    if world.network.traffic.dead:
        await world.network.start()


async def _procedure(world: World, steps: dict[str, dict[str, Any]], skip: Sequence[str]) -> None:
    for step, arguments in steps.items():
        if step not in skip:
            await perform(world, f"operator.{step}", arguments)


# ---- the accountant ---------------------------------------------------------------------------------------------------------


async def type_invoice(
    world: World, customer: str, item: str, amount_cents: int, number: str = "", machine: str = "accounting-pc"
) -> str:
    """Type an invoice by hand; without a number QuickBooks gives it the one after the last."""
    return paperwork.type_invoice(world, world.machine(machine), customer, item, amount_cents, number)


async def choose_menu_item(world: World, tag: str, machine: str = "accounting-pc") -> None:
    """Choose the menu item that a program has added to QuickBooks with this EventTag; the program is told of it."""
    world.machine(machine).choose_menu_item(tag)


# ---- the clerk --------------------------------------------------------------------------------------------------------------


async def ask_balance(world: World, customer: str) -> str:
    """Look at a customer's open balance while typing a wholesale order; tells the balance in cents."""
    balance = await world.platform.balance(customer)
    if balance.cents is None:
        raise ActRefused(f"unavailable: {balance.unavailable}")
    return str(balance.cents)


async def send_by_hand(world: World, number: str) -> str:
    """Press the button that sends one document now; tells what came of it."""
    document = next((each for each in world.platform.held if each.number == number), None)
    if document is None:
        raise ActRefused(f"no document {number} is held")
    sent = await world.platform.send_by_hand(document.key)
    if sent.outcome != "posted":
        raise ActRefused(sent.reason)
    return sent.outcome


def _by_default(run: Callable[..., Awaitable[str | None]], **defaults: Any) -> Callable[..., Awaitable[str | None]]:
    """Return an act with other defaults: the machine it is done at, the user who does it."""

    @functools.wraps(run)
    async def done(world: World, **given: Any) -> str | None:
        return await run(world, **(defaults | given))

    signature = inspect.signature(run)
    changed = [
        parameter.replace(default=defaults.get(name, parameter.default), kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        if name != "world"
    ]
    done.__signature__ = signature.replace(parameters=[signature.parameters["world"], *changed])  # type: ignore[attr-defined]
    return done


AT_ANY_QUICKBOOKS = (
    at_quickbooks.start_quickbooks,
    at_quickbooks.open_log_in_window,
    at_quickbooks.close_file,
    at_quickbooks.switch_mode,
    at_quickbooks.quit_quickbooks,
    at_quickbooks.end_process,
    at_quickbooks.start_second,
    at_quickbooks.open_dialog,
    at_quickbooks.close_dialog,
    at_quickbooks.verify_data,
    at_quickbooks.rebuild_data,
)
"""What the operator does at the server, and the accountant at an accounting PC, unless another machine is named."""

IN_THE_PREFERENCES = (
    at_preferences.open_preferences,
    at_preferences.close_preferences,
    at_preferences.allow_application,
    at_preferences.switch_off_application,
    at_preferences.allow_any,
    at_preferences.set_login,
    at_preferences.set_personal_data,
    at_preferences.remove_application,
    at_preferences.tell_of_certificates,
    at_preferences.protect_sensitive_data,
    at_preferences.limit_user,
)
"""What the Admin does at the machine where he is logged in."""

_RUNS: dict[str, tuple[Callable[..., Awaitable[str | None]], ...]] = {
    "operator": (
        set_status,
        exit_connector,
        start_connector,
        log_out_goflow,
        log_in_goflow,
        disconnect_by_the_book,
        reconnect_by_the_book,
        wait_for_green,
        restart_router,
        restart_server,
        *(_by_default(run, machine=SERVER) for run in AT_ANY_QUICKBOOKS),
        at_host.switch_hosting,
        at_host.unplug_share,
        at_host.plug_in_share,
        at_host.map_drive,
        at_host.move_file,
        at_host.install_quickbooks,
        at_host.free_seats,
        _by_default(at_quickbooks.harm_installation, machine=SERVER),
        _by_default(at_quickbooks.repair_installation, machine=SERVER),
        at_preferences.renew_certificate,
        at_preferences.expire_certificate,
        at_preferences.revoke_certificate,
    ),
    "accountant": (
        _by_default(at_quickbooks.log_in, machine=ACCOUNTING_PC),
        _by_default(at_quickbooks.log_out, machine=ACCOUNTING_PC),
        *(_by_default(run, machine=ACCOUNTING_PC) for run in AT_ANY_QUICKBOOKS),
        type_invoice,
        choose_menu_item,
    ),
    "admin": (
        _by_default(at_quickbooks.log_in, machine=ACCOUNTING_PC, user="Admin"),
        _by_default(at_quickbooks.log_out, machine=ACCOUNTING_PC),
        _by_default(at_quickbooks.switch_mode, machine=ACCOUNTING_PC),
        _by_default(at_preferences.answer_prompt, machine=SERVER),
        *(_by_default(run, machine=ACCOUNTING_PC) for run in IN_THE_PREFERENCES),
        _by_default(at_quickbooks.close_for_users, machine=ACCOUNTING_PC),
        at_host.upgrade_file,
        at_host.back_up_file,
        at_host.restore_file,
        at_host.repair_file,
        at_host.end_repair,
        at_host.condense_file,
        at_host.add_user,
        at_host.remove_user,
        at_host.change_password,
    ),
    "clerk": (ask_balance, send_by_hand),
}

ACTS: dict[str, Act] = {
    f"{who}.{run.__name__}": Act(f"{who}.{run.__name__}", (run.__doc__ or "").strip(), run)
    for who, runs in _RUNS.items()
    for run in runs
}
"""Every act, by name."""
