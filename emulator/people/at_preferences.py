"""What people do about programs: the authorisation prompt, the preferences of integrated applications, rights of users, certificates.

The Admin answers the prompt and changes the preferences, at a machine where he is logged in; the operator installs program files with
new certificates. `application` is the name an application gives to OpenConnection; empty for that of the connector.
"""

from typing import Annotated

from pydantic import Field

from emulator.company.rights import Area, Level
from emulator.core.errors import unknown
from emulator.desktop import Preferences, ProgramFiles
from emulator.desktop.authorisation import Answer, Grant
from emulator.people.at_quickbooks import Seconds
from emulator.world import World

Days = Annotated[float, Field(ge=0, le=3650)]
"""Story days, ten years at most."""


async def answer_prompt(
    world: World, answer: Answer, machine: str, login_as: str = "", personal_data: bool = False, waits_s: Seconds = 0.0
) -> None:
    """Answer the prompt with which an application asks for access; only the Admin can, who looks out for it for `waits_s` story seconds."""
    quickbooks = world.machine(machine)
    if waits_s:
        await world.wait_until(lambda: quickbooks.prompt is not None, waits_s)
    quickbooks.answer_prompt(answer, login_as, personal_data=personal_data)


async def open_preferences(world: World, machine: str) -> None:
    """Open the preferences of integrated applications and leave the window open; it is modal."""
    Preferences(world.machine(machine)).open_window()


async def close_preferences(world: World, machine: str) -> None:
    """Close the window of the preferences."""
    Preferences(world.machine(machine)).close_window()


async def allow_application(world: World, machine: str, application: str = "") -> None:
    """Tick that an application has access to the company file."""
    Preferences(world.machine(machine)).allow(_named(world, application))


async def switch_off_application(world: World, machine: str, application: str = "") -> None:
    """Untick the access of an application: its sessions fail at their next call."""
    Preferences(world.machine(machine)).allow(_named(world, application), access=False)


async def allow_any(world: World, access: bool, machine: str) -> None:
    """Untick or tick that no application may access this company file; `access` false ticks it."""
    Preferences(world.machine(machine)).allow_any(access=access)


async def set_login(world: World, login: Grant, machine: str, login_as: str = "", application: str = "") -> None:
    """Set when an application may work; for `even if not running` also the user it logs in as."""
    Preferences(world.machine(machine)).set_login(_named(world, application), login, login_as)


async def set_personal_data(world: World, access: bool, machine: str, application: str = "") -> None:
    """Tick or untick that an application may read personal data, like social security numbers."""
    Preferences(world.machine(machine)).set_personal_data(_named(world, application), access=access)


async def remove_application(world: World, machine: str, application: str = "") -> None:
    """Take an application out of the list; the Admin is asked about it like about a new one."""
    Preferences(world.machine(machine)).remove(_named(world, application))


async def tell_of_certificates(world: World, on: bool, machine: str) -> None:
    """Tick or untick the notice of certificates that run out."""
    Preferences(world.machine(machine)).tell_of_certificates(told=on)


async def protect_sensitive_data(world: World, on: bool, machine: str, new_password: str = "") -> None:
    """Have the file keep sensitive data: from then on passwords must be complex and run out; the Admin gives himself a new one."""
    Preferences(world.machine(machine)).protect_sensitive_data(on=on, new_password=new_password)


async def limit_user(world: World, user: str, area: Area, level: Level, machine: str) -> None:
    """Set how far a user may go in an area of QuickBooks; `full` takes nothing away."""
    Preferences(world.machine(machine)).limit(user, area, level)


async def renew_certificate(world: World, application: str = "") -> None:
    """Install an application's program with a new certificate; the Admin has allowed the one before."""
    ProgramFiles(world.office).renew(_program(world, application))


async def expire_certificate(world: World, application: str = "", in_days: Days = 0.0) -> None:
    """Let the certificate of an application's program run out, in so many days."""
    ProgramFiles(world.office).expire(_program(world, application), in_days)


async def revoke_certificate(world: World, application: str = "") -> None:
    """The authority takes the certificate of an application's program back."""
    ProgramFiles(world.office).revoke(_program(world, application))


def _named(world: World, application: str) -> str:
    return application or world.config.connector.application


def _program(world: World, application: str) -> str:
    """Return the name of an application whose program is in this office. Raises UserMistake, with the nearest name."""
    name = _named(world, application)
    listed = {each for file in world.office.files for each in file.authorisations.names()}
    programs = sorted({world.config.connector.application, *listed, *world.office.certificates})
    if name not in programs:
        raise unknown("application", name, programs)
    return name
