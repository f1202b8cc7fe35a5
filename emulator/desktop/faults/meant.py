"""What the parameters of a lasting fault mean in an office, so that two faults about the same are known (`Kind.sets`).

A parameter may be left empty (the first machine, who is logged in, all applications), or written in several ways (a path, capitals): here it
gets the one name that all faults about this thing share. What an office has not is no name at all: the fault cannot begin, and says why.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from emulator.core.errors import UserMistake
from emulator.desktop.faults.access import applications_meant, users_meant
from emulator.desktop.faults.by_hand import Hand
from emulator.desktop.faults.people import ELSEWHERE, user_meant
from emulator.desktop.faults.records import name_meant
from emulator.desktop.faults.states import machine_of
from emulator.desktop.office import Office
from emulator.desktop.refusals import Refused
from emulator.faults import Strike


def meant(office: Office, word: str, strike: Strike) -> list[str]:
    """Return what a word in braces stands for, for a fault with these parameters."""
    try:
        return list(MEANT[word](office, strike))
    except (Refused, UserMistake):
        return []


def _machine(office: Office, strike: Strike) -> list[str]:
    return [machine_of(office, strike.parameters["machine"]).machine]


def _other_machine(office: Office, strike: Strike) -> list[str]:
    return [machine_of(office, strike.parameters["machine"], other=True).machine]


def _machines(office: Office, strike: Strike) -> list[str]:
    return _machine(office, strike) if strike.parameters["machine"] else [each.machine for each in office.installations]


def _restarted(office: Office, strike: Strike) -> list[str]:
    return _machine(office, strike) if strike.parameters["how"] == "restart" else []


def _prompted(office: Office, strike: Strike) -> list[str]:
    return _machine(office, strike) if strike.parameters["how"] == "prompt" else []


def _revoked(office: Office, strike: Strike) -> list[str]:
    names = [name for file in office.files for name in file.authorisations.names()]
    return names if strike.parameters["revokes"] else []


def _granted(office: Office, strike: Strike) -> list[str]:
    return ["every application"] if strike.parameters["how"] == "nobody" else _applications(office, strike)


def _applications(office: Office, strike: Strike) -> list[str]:
    return [each.name for each in applications_meant(office.file_at(), str(strike.parameters["application"]))]


def _file(office: Office, strike: Strike) -> list[str]:
    # By the path that stands in the file: it stays when the file is moved.
    return [str(office.file_at(str(strike.parameters["file"])).company.path_shown)]


def _user(office: Office, strike: Strike) -> list[str]:
    given = strike.parameters
    file, here = office.file_at(str(given["file"])), machine_of(office, given["machine"])
    if not given["user"] and here.opening is None:
        # Who was logged in here may be one whom another fault has signed in elsewhere.
        return [each.user.name for each in file.openings if each.machine == ELSEWHERE]
    return [user_meant(here, file, str(given["user"])).name]


def _limited_user(office: Office, strike: Strike) -> list[str]:
    return users_meant(office.file_at(), str(strike.parameters["user"]))


def _record(office: Office, strike: Strike) -> list[str]:
    # By its identity: it stays when the record gets another name.
    record = Hand(office, strike).record()
    return [f"{record.noun} {record.identity[1]}"]


def _customer(office: Office, strike: Strike) -> list[str]:
    return [Hand(office, strike).record_of("party").identity[1]]


def _new_name(office: Office, strike: Strike) -> list[str]:
    return [name_meant(Hand(office, strike))]


MEANT: Final[Mapping[str, Callable[[Office, Strike], Iterable[str]]]] = {
    "machine": _machine,
    "other machine": _other_machine,
    "each machine": _machines,
    "restarted machine": _restarted,
    "prompted machine": _prompted,
    "file": _file,
    "user": _user,
    "limited user": _limited_user,
    "application": _applications,
    "refused application": _granted,
    "revoked application": _revoked,
    "record": _record,
    "customer": _customer,
    "new name": _new_name,
}
"""Word in braces -> what finds it; `second-application` says with `application` how its own is called, and sets nothing of that word."""
