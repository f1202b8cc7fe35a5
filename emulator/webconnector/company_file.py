"""What the Web Connector keeps in the company file: data extensions of the company under the OwnerID of the application.

- `FileID`: the FileID of the .qwc, written once when the application is added (documented).
- `AppLock`: `LOCKED:<machine>:<.NET ticks>` while an update works with the file (observed); what it holds afterwards is the switch
  webconnector.unlocked-value.

That they are data extensions of the company, queried by CompanyQuery with the OwnerID and changed by DataExtMod, is observed; that the
Web Connector defines them first is inferred, since a value needs a definition.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

from emulator.desktop import SessionFailure
from emulator.qbxml import Answer, NotValid, decode_answer_set
from emulator.webconnector.xml import NotXml, parse

APP_LOCK: Final = "AppLock"
FILE_ID: Final = "FileID"
QBXML_VERSION: Final = "13.0"
"""What the Web Connector itself asks at (observed)."""

EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
TICKS_IN_MICROSECOND: Final = 10

Ask = Callable[[str], Awaitable[str]]
"""Sends a document to QuickBooks and returns the answer; raises SessionFailure."""


class NotStored(Exception):  # noqa: N818 - it is named for what happened
    """QuickBooks refused one of the Web Connector's own requests; the text is what it said."""


class NotRead(NotStored):
    """The answer to one of them cannot be read: whether it was carried out is not known."""


def lock_value(machine: str, now: datetime) -> str:
    """Return what is written when a company file is locked: machine and ticks of .NET, tenths of a microsecond since the year 1, UTC."""
    return f"LOCKED:{machine}:{(now.astimezone(UTC) - EPOCH) // timedelta(microseconds=1) * TICKS_IN_MICROSECOND}"


def locked_by(value: str) -> tuple[str, datetime] | None:
    """Return who holds a lock and since when; None when the value is none of a lock that is held."""
    word, _, rest = value.partition(":")
    machine, _, ticks = rest.rpartition(":")
    if word != "LOCKED" or not ticks.isascii() or not ticks.isdigit() or len(ticks) > len(str(TICKS_MAX)):
        return None
    if int(ticks) > TICKS_MAX:
        return None
    return machine, EPOCH + timedelta(microseconds=int(ticks) // TICKS_IN_MICROSECOND)


TICKS_MAX: Final = 3155378975999999999
"""Ticks of the last moment that a .NET date can hold."""


def first_queries(owner: str) -> str:
    """Return the document of the first queries: host, company with the data extensions of the application, preferences (documented)."""
    return _document(
        f'<HostQueryRq requestID="0" /><CompanyQueryRq requestID="1"><OwnerID>{owner}</OwnerID></CompanyQueryRq>'
        '<PreferencesQueryRq requestID="2" />',
        on_error="continueOnError",
    )


def failed_queries(answer: str) -> list[str]:
    """Return what went wrong in the answer to the first queries. Raises NotStored."""
    answers = _answers(answer)
    return [f"{each.name} {each.status.code}: {each.status.message}" for each in answers if each.status.severity == "Error"]


async def extensions(ask: Ask, owner: str) -> dict[str, str]:
    """Return the data extensions of the company under an OwnerID, by name. Raises NotStored."""
    answer = await ask(_document(f'<CompanyQueryRq requestID="1"><OwnerID>{owner}</OwnerID></CompanyQueryRq>'))
    _checked(answer)
    found = {}
    for each in _root(answer).iter("DataExtRet"):
        if (each.findtext("OwnerID") or "").upper() == owner.upper():
            found[each.findtext("DataExtName") or ""] = each.findtext("DataExtValue") or ""
    return found


async def write_extension(ask: Ask, owner: str, name: str, value: str) -> None:
    """Write a data extension of the company, defining it when it is new. Raises NotStored."""
    key = f"<OwnerID>{owner}</OwnerID><DataExtName>{name}</DataExtName>"
    change = (
        f'<DataExtModRq requestID="1"><DataExtMod>{key}<OtherDataExtType>Company</OtherDataExtType>'
        f"<DataExtValue>{_escaped(value)}</DataExtValue></DataExtMod></DataExtModRq>"
    )
    define = (
        f'<DataExtDefAddRq requestID="0"><DataExtDefAdd>{key}<DataExtType>STR255TYPE</DataExtType>'
        "<AssignToObject>Company</AssignToObject></DataExtDefAdd></DataExtDefAddRq>"
    )
    there = await ask(_document(f'<DataExtDefQueryRq requestID="0"><OwnerID>{owner}</OwnerID></DataExtDefQueryRq>'))
    names = {each.findtext("DataExtName") for each in _root(there).iter("DataExtDefRet")}
    _checked(await ask(_document(change if name in names else define + change)))


def _checked(answer: str) -> None:
    for each in _answers(answer):
        if each.status.severity == "Error":
            raise NotStored(f"{each.status.code}: {each.status.message}")


def _answers(answer: str) -> list[Answer]:
    try:
        return list(decode_answer_set(answer).answers)
    except NotValid as wrong:
        raise NotRead(f"the answer of QuickBooks cannot be read: {wrong}") from None


def _root(answer: str) -> etree._Element:
    try:
        return parse(answer.encode())
    except (NotXml, UnicodeError) as wrong:
        raise NotRead(f"the answer of QuickBooks cannot be read: {wrong}") from None


def _document(requests: str, on_error: str = "stopOnError") -> str:
    return (
        f'<?xml version="1.0"?><?qbxml version="{QBXML_VERSION}"?><QBXML><QBXMLMsgsRq onError="{on_error}">{requests}'
        "</QBXMLMsgsRq></QBXML>"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def country_of(answer: str) -> str:
    """Return the country of the answer to HostQuery, as sendRequestXML tells it; US when it is not said. Raises NotStored."""
    return str(_root(answer).findtext(".//HostRet/Country") or "US")


def highest(versions: list[str]) -> tuple[int, int]:
    """Return the highest qbXML version of the plain ones (`CA3.0` and the like are left out); (0, 0) of none."""
    plain = [each.split(".") for each in versions if each.replace(".", "").isdigit()]
    return max(((int(major), int(minor)) for major, minor in plain), default=(0, 0))


def failure_text(failure: SessionFailure | NotStored) -> str:
    """Return a failure of QuickBooks as one line."""
    return f"{failure.code} {failure.description()}" if isinstance(failure, SessionFailure) else str(failure)
