"""What support staff would ask for of a running world: who is in which file where, what stands in the way, what is broken on purpose.

Times are story time, ISO 8601. The keys are the API's (`GET /v1/status`); `fakebooks status` prints them as tables.
"""

from datetime import datetime
from typing import Any

from emulator.desktop import CompanyFile, Office, Opening, QuickBooks, Users
from emulator.desktop.processes import CONSOLE
from emulator.world import World


def status_of(world: World) -> dict[str, Any]:
    """Return everything. Called on the world's loop."""
    office = world.office
    file = office.files[0]
    return {
        "story_time": _text(world.clock.now()),
        "quickbooks": {
            "file": file.path,
            "version": file.made_by,
            "mode": file.mode or "closed",
            "under_repair": file.under_repair or None,
            "hosting": office.hosting,
            "seats": {
                "all": office.seats_max,
                "free": office.seats_free,
                "taken_by": [opening.holder for opening in office.openings],
            },
            "logged_in": [_opening(opening) for opening in office.openings],
            "users": _users(office, file),
            "machines": {name: _machine(quickbooks) for name, quickbooks in world.quickbooks.items()},
        },
        "faults": [
            {
                "name": fault.name,
                "of": fault.kind.name,
                "hits": fault.hits,
                "since": _text(fault.since),
                "until": _text(fault.ends),
            }
            for fault in world.plan.faults()
            if not fault.lifted
        ],
        "platform": {"status": world.platform.status, "documents": world.platform.counts(), "episode": world.platform.episode},
        "mails": len(world.mails()),
        "urls": world.urls,
    }


def _opening(opening: Opening) -> dict[str, Any]:
    return {
        "user": opening.user.name,
        "role": opening.user.role,
        "machine": opening.machine,
        "mode": opening.mode,
        "file": opening.spelling,
        "since": _text(opening.since),
        "ghost": opening.ghost,
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


def _machine(quickbooks: QuickBooks) -> dict[str, Any]:
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
        "calls_in_line": len(quickbooks.line),
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


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
