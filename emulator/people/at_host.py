"""What people do to the company file and its host: users and passwords, hosting, the share, the file's place, backups, repairs, versions.

The operator looks after machines and network, the Admin after the file. `file` is the path of a company file; empty for the first.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from emulator.core.errors import UserMistake
from emulator.desktop import FileHost, Tool, Users
from emulator.world import World

Year = Annotated[int, Field(ge=2002, le=2030)]
"""Version of QuickBooks, as in the description of a company."""

UserName = Annotated[str, Field(min_length=1, max_length=29)]

Role = Literal["Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only"]


async def switch_hosting(world: World, on: bool) -> None:
    """Switch multi-user hosting on the file host on or off."""
    FileHost(world.office).switch_hosting(on)


async def unplug_share(world: World, machine: str = "") -> None:
    """Cut a machine off from the share of the file host; without a name all of them."""
    FileHost(world.office).lose_share(_known(world, machine))


async def plug_in_share(world: World, machine: str = "") -> None:
    """Connect a machine with the share again; without a name all of them."""
    FileHost(world.office).reach_share(_known(world, machine))


async def map_drive(world: World, letter: str, target: str) -> None:
    """Map a drive letter, like Q:, to a share or folder on all machines."""
    FileHost(world.office).map_drive(letter, target)


async def move_file(world: World, to: str, file: str = "") -> None:
    """Move or rename the company file; `to` is its new path."""
    FileHost(world.office).move(world.office.file_at(file), to)


async def install_quickbooks(world: World, machine: str, year: Year) -> None:
    """Install another version of QuickBooks on a machine, like 2025."""
    world.machine(machine).install(year)


async def free_seats(world: World, machine: str = "") -> str:
    """Restart the database service of the file host: seats of a QuickBooks that has died are free again; tells how many."""
    return str(world.office.clear_ghosts(_known(world, machine) or None))


async def upgrade_file(world: World, year: Year, file: str = "") -> None:
    """Bring the company file to another version of QuickBooks; only that version opens it then."""
    FileHost(world.office).upgrade(world.office.file_at(file), year)


async def back_up_file(world: World, name: str, file: str = "") -> None:
    """Make a backup of the company file under a name."""
    FileHost(world.office).back_up(world.office.file_at(file), name)


async def restore_file(world: World, name: str, file: str = "") -> None:
    """Put a backup in the place of the company file; what was written since is gone."""
    FileHost(world.office).restore(world.office.file_at(file), name)


async def repair_file(world: World, tool: Tool = "Verify Data", file: str = "") -> None:
    """Begin to verify, rebuild or repair the company file; nobody can open it until the end."""
    FileHost(world.office).begin_repair(world.office.file_at(file), tool)


async def end_repair(world: World, file: str = "") -> None:
    """End what verifies, rebuilds or repairs the company file."""
    FileHost(world.office).end_repair(world.office.file_at(file))


async def condense_file(world: World, before: str, file: str = "") -> str:
    """Condense the company file: closed transactions before a day (2024-01-01) go, an entry keeps the balances; tells how many went."""
    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise UserMistake(f"before {before!r}", "admin.condense_file", "a day, like 2024-01-01") from None
    return str(FileHost(world.office).condense(world.office.file_at(file), day)[0])


async def add_user(world: World, user: UserName, role: Role = "Full Access", password: str = "", file: str = "") -> None:
    """Add a user to the company file, or give one another role."""
    Users(world.office, world.office.file_at(file)).add(user, role, password)


async def remove_user(world: World, user: str, file: str = "") -> None:
    """Remove a user from the company file."""
    Users(world.office, world.office.file_at(file)).remove(user)


async def change_password(
    world: World, user: str, new_password: str, old_password: str | None = None, tell_others: bool = True, file: str = ""
) -> None:
    """Change a user's password; with `tell_others` false those who log in as this user do not learn of it."""
    Users(world.office, world.office.file_at(file)).change_password(user, new_password, old_password, told=tell_others)


def _known(world: World, machine: str) -> str:
    """Return the name of a machine that is there, or nothing. Raises UserMistake, with the nearest name."""
    return world.machine(machine).machine if machine else ""
