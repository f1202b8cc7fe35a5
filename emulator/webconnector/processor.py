"""The way from the Web Connector to QuickBooks: the request processor of this process, or of a running FakeBooks over its wire.

Every call raises `SessionFailure` when it fails as a whole. A FakeBooks that has ended is a QuickBooks that cannot be started (0x80040408).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import httpx

from emulator.core.errors import PartFailed, words_of
from emulator.desktop import Code, Driver, QuickBooks, RequestProcessor, SessionFailure

LOCAL: Final = 1
"""localQBD (type library)."""

DO_NOT_CARE: Final = 2
"""File mode of BeginSession: whatever mode the file is in (reported: the Web Connector opens so)."""


@dataclass(frozen=True)
class Preferences:
    """What an application asks for before its session; a zero is not put (AuthPreferences).

    Attributes:
        read_only: IsReadOnly. unattended, personal_data, auth_flags: numbers of the type library.
    """

    read_only: bool = False
    unattended: int = 0
    personal_data: int = 0
    auth_flags: int = 0


class Processor(Protocol):
    """A request processor of one program."""

    async def open(self, application_id: str, application: str, preferences: Preferences) -> None:
        """OpenConnection2, then the preferences."""

    async def begin(self, path: str) -> str:
        """BeginSession in whatever mode; returns the ticket."""

    async def company_file(self, ticket: str) -> str:
        """GetCurrentCompanyFileName."""

    async def versions(self, ticket: str) -> list[str]:
        """QBXMLVersionsForSession."""

    async def process(self, ticket: str, document: str) -> str:
        """ProcessRequest."""

    async def end(self, ticket: str) -> None:
        """EndSession."""

    async def close(self) -> None:
        """CloseConnection."""

    async def release(self) -> None:
        """Let go of the object, as a program that has gone does; never fails."""


class OwnProcessor:
    """The request processor of a QuickBooks in this process, on either clock.

    Args:
        driver: performs the operations.
        quickbooks: of the machine the Web Connector runs on.
    """

    def __init__(self, driver: Driver, quickbooks: QuickBooks) -> None:
        self._driver = driver
        self._quickbooks = quickbooks
        self._made: RequestProcessor | None = None

    async def open(self, application_id: str, application: str, preferences: Preferences) -> None:
        """See Processor."""
        perform = self._driver.perform
        self._made = await perform(RequestProcessor.create(self._quickbooks))
        await perform(self._made.open_connection_2(application_id, application, LOCAL))
        wanted = self._made.auth_preferences
        if preferences.read_only:
            await perform(wanted.put_is_read_only(True))
        if preferences.unattended:
            await perform(wanted.put_unattended_mode_pref(preferences.unattended))
        if preferences.personal_data:
            await perform(wanted.put_personal_data_pref(preferences.personal_data))
        if preferences.auth_flags:
            await perform(wanted.put_auth_flags(preferences.auth_flags))

    async def begin(self, path: str) -> str:
        """See Processor."""
        return await self._driver.perform(self._processor.begin_session(path, DO_NOT_CARE))

    async def company_file(self, ticket: str) -> str:
        """See Processor."""
        return await self._driver.perform(self._processor.get_current_company_file_name(ticket))

    async def versions(self, ticket: str) -> list[str]:
        """See Processor."""
        return await self._driver.perform(self._processor.qbxml_versions_for_session(ticket))

    async def process(self, ticket: str, document: str) -> str:
        """See Processor."""
        return await self._driver.perform(self._processor.process_request(ticket, document))

    async def end(self, ticket: str) -> None:
        """See Processor."""
        await self._driver.perform(self._processor.end_session(ticket))

    async def close(self) -> None:
        """See Processor."""
        await self._driver.perform(self._processor.close_connection())

    async def release(self) -> None:
        """See Processor."""
        if self._made is not None:
            await self._driver.perform(self._made.release("the Web Connector let go of it"))
            self._made = None

    @property
    def _processor(self) -> RequestProcessor:
        assert self._made is not None, "open() comes first"
        return self._made


WIRE_LIMIT_S: Final = 600.0
"""How long a call over the wire may take (machine's seconds): a dialog may have to be closed first."""

PATIENCE_S: Final = 5.0
"""How long a call over the wire may take before a person is told that it is waited for (machine's seconds)."""

ALIVE_EVERY_S: Final = 2.0
"""How often the wire is told that this program lives (machine's seconds)."""


class WireProcessor:
    """The request processor of a running FakeBooks, over its HTTP wire.

    Args:
        url: of the wire (`fakebooks up` prints it).
        machine: whose QuickBooks; empty: the first.
        waits: hears of each call, by its name, that is not answered within `PATIENCE_S`: a window may be open in QuickBooks.
    """

    def __init__(self, url: str, machine: str = "", waits: Callable[[str], None] = lambda call: None) -> None:
        self._url = url.rstrip("/")
        self._waits = waits
        self._machine = machine
        self._client = httpx.AsyncClient(timeout=WIRE_LIMIT_S, trust_env=False, verify=self._url.lower().startswith("https:"))
        self._object = ""
        self._name = ""
        self._living: asyncio.Task[None] | None = None

    async def open(self, application_id: str, application: str, preferences: Preferences) -> None:
        """See Processor."""
        if not self._name:
            greeting = await self._post("hello", {"machine": self._machine} if self._machine else {})
            self._name = str(greeting.json()["client"])
            self._living = asyncio.get_running_loop().create_task(self._tell_alive())
        made = await self._post("new", {"client": self._name, "progid": "QBXMLRP2.RequestProcessor", "thread": "1"})
        self._object = made.text
        await self._call("OpenConnection2", appID=application_id, appName=application, connPref=LOCAL)
        if preferences.read_only:
            await self._call("AuthPreferences.PutIsReadOnly", isReadOnly=1)
        if preferences.unattended:
            await self._call("AuthPreferences.PutUnattendedModePref", unattendedModePref=preferences.unattended)
        if preferences.personal_data:
            await self._call("AuthPreferences.PutPersonalDataPref", personalDataPref=preferences.personal_data)
        if preferences.auth_flags:
            await self._call("AuthPreferences.PutAuthFlags", authFlags=preferences.auth_flags)

    async def begin(self, path: str) -> str:
        """See Processor."""
        return await self._call("BeginSession", qbFileName=path, reqFileMode=DO_NOT_CARE)

    async def company_file(self, ticket: str) -> str:
        """See Processor."""
        return await self._call("GetCurrentCompanyFileName", ticket=ticket)

    async def versions(self, ticket: str) -> list[str]:
        """See Processor."""
        return (await self._call("QBXMLVersionsForSession", ticket=ticket)).splitlines()

    async def process(self, ticket: str, document: str) -> str:
        """See Processor."""
        return await self._call("ProcessRequest", body=document, ticket=ticket)

    async def end(self, ticket: str) -> None:
        """See Processor."""
        await self._call("EndSession", ticket=ticket)

    async def close(self) -> None:
        """See Processor."""
        await self._call("CloseConnection")

    async def release(self) -> None:
        """See Processor."""
        if self._object:
            name, self._object = self._object, ""
            try:
                await self._post("release", {"object": name})
            except (SessionFailure, PartFailed):
                return

    async def let_go(self) -> None:
        """Close the line itself."""
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)
        await self.release()
        await self._client.aclose()

    async def _tell_alive(self) -> None:
        """Say that this program lives: the wire drops the objects of one that is silent, and a service may take its time."""
        while True:
            await asyncio.sleep(ALIVE_EVERY_S)
            with suppress(SessionFailure, PartFailed):
                await self._post("alive", {"client": self._name})

    async def _call(self, member: str, body: str = "", **arguments: Any) -> str:
        waits = asyncio.get_running_loop().call_later(PATIENCE_S, self._waits, member)
        try:
            return (await self._post(member, {"object": self._object, "thread": "1", **arguments}, body)).text
        finally:
            waits.cancel()

    async def _post(self, what: str, arguments: dict[str, Any], body: str = "") -> httpx.Response:
        try:
            answer = await self._client.post(f"{self._url}/com/{what}?{urlencode(arguments)}", content=body.encode())
        except httpx.HTTPError as error:
            why = words_of(error)
            if self._object:
                # QuickBooks has gone, as far as a program can see.
                raise SessionFailure(Code.RPC_UNAVAILABLE, f"the wire of QuickBooks broke: {why}") from None
            raise SessionFailure(Code.COULD_NOT_START, f"no FakeBooks answers at {self._url}: {why}") from None
        code = answer.headers.get("X-Com-HResult")
        if code:
            raise SessionFailure(code, answer.text)
        if answer.status_code != httpx.codes.OK:
            raise PartFailed(f"{self._url} answers {answer.status_code}: it is no wire of QuickBooks")
        return answer
