"""Asking QuickBooks of a world one document, through a session of its own."""

from pathlib import Path
from typing import Final

from emulator.core.clock import Clock
from emulator.core.errors import UserMistake
from emulator.desktop import Refused, RequestProcessor
from emulator.world.config import SERVER, WorldConfig
from emulator.world.world import World


async def answer_alone(company: str, document: bytes, clock: Clock, like: Path | None = None) -> str:
    """Ask one document of a company of its own, in this process, as the QuickBooks of a likeness would answer; for `fakebooks ask` without a server.

    Raises:
        UserMistake: the company, or the likeness.
        SessionFailure: the whole document was refused.
    """
    world = World(WorldConfig(company=company, like=str(like or "")), clock, None, None)
    try:
        try:
            world.machine(SERVER).log_in(world.config.connector.user, "multi")
        except Refused as refused:
            raise UserMistake(f"QuickBooks cannot be opened: {refused.reason}", company) from None
        return await ask_quickbooks(world, document)
    finally:
        world.let_go()


async def ask_quickbooks(world: World, document: bytes) -> str:
    """Send a document through a session of its own on the server and return the answer. Raises SessionFailure."""
    processor = RequestProcessor(world.machine(SERVER))
    perform = world.driver.perform
    await perform(processor.open_connection_2("", world.config.connector.application, 1))
    try:
        ticket = await perform(processor.begin_session("", DO_NOT_CARE))
        try:
            return await perform(processor.process_request(ticket, document))
        finally:
            await perform(processor.end_session(ticket))
    finally:
        await perform(processor.close_connection())


DO_NOT_CARE: Final = 2
"""File mode of BeginSession: whatever mode the file is in (type library)."""
