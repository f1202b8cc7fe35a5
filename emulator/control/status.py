"""What support staff would ask for of a running world: who is in which file where, what stands in the way, what is broken on purpose.

Times are story time, ISO 8601. The keys are the API's (`GET /v1/status`); `fakebooks status` prints them as tables.
"""

from datetime import datetime
from typing import Any

from emulator.desktop import CallUnderWay, CompanyFile, Installation, Office, Opening, Users
from emulator.desktop.processes import CONSOLE
from emulator.world import World


def status_of(world: World) -> dict[str, Any]:
    """Return everything. Called on the world's loop."""
    office = world.office
    return {
        "story_time": _text(world.clock.now()),
        "quickbooks": {
            "files": [_file(office, file) for file in office.files],
            "hosting": office.hosting,
            "seats": {
                "all": office.seats_max,
                "free": office.seats_free,
                "taken_by": [opening.holder for opening in office.openings],
            },
            "logged_in": [_opening(office, opening) for opening in office.openings],
            "machines": {each.machine: _machine(each) for each in office.installations},
        },
        "faults": [fault.told() for fault in world.plan.faults() if not fault.lifted],
        "platform": {"status": world.platform.status, "documents": world.platform.counts(), "episode": world.platform.episode},
        "mails": len(world.mails()),
        "urls": world.urls,
    }


def _file(office: Office, file: CompanyFile) -> dict[str, Any]:
    return {
        "file": file.path,
        "version": file.made_by,
        "mode": file.mode or "closed",
        "under_repair": office.tool_at_work(file) or None,
        "backups": list(file.backups),
        "users": _users(office, file),
    }


def _opening(office: Office, opening: Opening) -> dict[str, Any]:
    here = next((each for each in office.installations if each.opening is opening), None)
    return {
        "user": opening.user.name,
        "role": opening.user.role,
        "machine": opening.machine,
        "mode": opening.mode,
        "file": opening.spelling,
        "since": _text(opening.since),
        "ghost": opening.ghost,
        "unseen": any(each.second is opening for each in office.installations),
        "for_application": here is not None and here.opened_by_session,
    }


def _users(office: Office, file: CompanyFile) -> list[dict[str, Any]]:
    """Return who may use the file; of passwords only whether there is one and whether it has expired."""
    users = Users(office, file)
    inside = {opening.user.name: opening.machine for opening in file.openings}
    return [
        {
            "name": user.name,
            "role": user.role,
            "password": "expired" if users.is_expired(user) else "set" if user.password else "none",
            "on": inside.get(user.name),
        }
        for user in file.users.values()
    ]


def _machine(quickbooks: Installation) -> dict[str, Any]:
    dialog, process, second = quickbooks.dialog, quickbooks.process, quickbooks.second
    session = process.windows_session if process is not None else quickbooks.windows_session
    return {
        "state": quickbooks.state,
        "version": quickbooks.year,
        "edition": quickbooks.edition,
        "dialog": dialog.title if dialog is not None else None,
        "prompt": quickbooks.prompt.application if quickbooks.prompt is not None else None,
        "asks_at_start": list(quickbooks.at_start),
        "left_over_process": quickbooks.leftover,
        "second_quickbooks": second.holder if second is not None else None,
        "windows_session": None if session == CONSOLE else session,
        "reaches_host": quickbooks.machine not in quickbooks.office.share_lost,
        "damage": quickbooks.damage or None,
        "file": quickbooks.opening.file.path if quickbooks.opening is not None else None,
        "calls": [_call(quickbooks, each) for each in quickbooks.calls],
        "sessions": [
            {
                "application": each.application.name,
                "number": each.number,
                "user": each.opening.user.name,
                "mode_asked": each.mode_asked,
                "since": _text(each.since),
            }
            for each in quickbooks.sessions
        ],
    }


def _call(quickbooks: Installation, call: CallUnderWay) -> dict[str, Any]:
    return {
        "call": call.call,
        "application": call.application,
        "session": call.session,
        **call.facts,
        "since": _text(call.since),
        "progress": call.progress,
        "waits_for": _waits_for(quickbooks, call) or None,
        "faults": list(call.faults),
    }


def _waits_for(quickbooks: Installation, call: CallUnderWay) -> str:
    """Tell people what keeps a call; empty when nothing is known to."""
    if call.progress == "waits for its turn":
        before = next((each for each in quickbooks.calls if each.progress == "is carried out"), None)
        return f"its turn, behind {before.application}" if before is not None else "its turn"
    if call.progress == "its answer is lost":
        return "an answer that is lost"
    if quickbooks.prompt is not None and quickbooks.prompt.application == call.application:
        return "the Admin, whom the authorisation prompt asks"
    if quickbooks.dialog is not None:
        return f"somebody who closes {quickbooks.dialog.title!r}"
    return "QuickBooks, which hangs or is slow" if call.faults else ""


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
