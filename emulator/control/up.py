"""`fakebooks up`: a world on the real clock with its control API, until somebody ends it."""

import asyncio
import ipaddress
import secrets
import signal
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from emulator import client
from emulator.control.api import THREADS, Api
from emulator.core.clock import RealClock
from emulator.core.serving import Guard, Serving
from emulator.people import ActRefused, perform
from emulator.world import WorldConfig, real_world


def may_call(address: str, callers: Collection[str]) -> bool:
    """Return whether a peer may call the control API: from this machine, or from an address that was asked for."""
    peer = ipaddress.ip_address(address)
    # A server that listens for both families sees a peer of the older one as ::ffff:127.0.0.1.
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return peer.is_loopback or str(peer) in callers


async def keep_up(
    config: WorldConfig,
    folder: Path,
    listen: tuple[str, int],
    control: tuple[str, int],
    scale: float,
    tell: Callable[[dict[str, str]], None],
    by_the_book: bool = True,
    callers: Collection[str] = (),
) -> None:
    """Run all parts until SIGINT or SIGTERM.

    Args:
        config: what the world is made from.
        folder: for the company file, the journal, mails and logs.
        listen: host and port of the fault proxy.
        control: host and port of the control API.
        scale: story seconds per second.
        tell: gets the addresses by name when all serve; the token is among them.
        callers: addresses besides the loopback that may call the control API (with its token); everybody else is turned away before he is
            heard, wherever it listens.
        by_the_book: let the operator connect before; else QuickBooks is closed and the connector off, as after a reboot.

    Raises:
        UserMistake: an address is taken, or the configuration is wrong.
        PartFailed: a part did not start.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    clock = RealClock(datetime.now().astimezone(), scale)
    world = real_world(config, clock, folder, listen)
    token = secrets.token_urlsafe(24)
    api = Api(world, loop, token, Path(config.company).stem)
    serving = Serving(
        api.app,
        host=control[0],
        port=control[1],
        name="the control API",
        threads=THREADS,
        guard=Guard(lambda address: may_call(address, callers)),
    )
    running = before = None
    try:
        await world.start()
        serving.start()
        running = client.Running(serving.url, token)
        before = client.leave_note(running)
        if by_the_book:
            try:
                await perform(world, "operator.reconnect_by_the_book")
            except ActRefused as refused:
                tell({"the operator could not connect": refused.reason})
        tell({"control API": serving.url, "token": token, **world.urls})
        await ended.wait()
    finally:
        if running is not None:
            client.take_note_away(running, before)
        # Its threads may wait for a QuickBooks that hangs; they hand over to this loop, which must run while they end.
        api.close()
        await asyncio.to_thread(serving.stop)
        await world.stop()
        world.let_go()
