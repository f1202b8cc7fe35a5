"""The connector of a world: in memory on the virtual clock, a process of its own on the real one; the same to whoever starts and exits it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from emulator.connector import IntentLog, MemoryLink, Service
from emulator.connector.link import Login
from emulator.core.clock import Clock, RealClock
from emulator.core.processes import PartProcess
from emulator.core.switches import SwitchSettings
from emulator.core.transport import PORT, Call, CallAnswer, NoAnswer
from emulator.desktop import Driver, QuickBooks, RequestProcessor
from emulator.faults import Plan, raise_killed
from emulator.platform import HttpTransport
from emulator.world.config import ConnectorConfig


class ConnectorControl(Protocol):
    """What a person at the server can do with the connector, whatever it is made of."""

    async def start(self) -> None:
        """Start it, with one click; starting a running one does nothing."""

    async def exit(self) -> None:
        """Exit it from the notifications tray."""

    async def light(self) -> str:
        """Return what the icon shows: starting, connecting, green, red; `off` when it does not run."""


class ConnectorInMemory:
    """Our connector in this process, for the virtual clock. Its intent log outlives it, as a file outlives a process.

    Args:
        config: its name, and its deliberate flaws.
        quickbooks: QuickBooks on its machine.
        driver: performs its calls.
        clock: time.
        settings: the switches in force.
        plan: the faults that may strike it.
    """

    def __init__(
        self, config: ConnectorConfig, quickbooks: QuickBooks, driver: Driver, clock: Clock, settings: SwitchSettings, plan: Plan
    ) -> None:
        self._config = config
        self._quickbooks = quickbooks
        self._driver = driver
        self._clock = clock
        self._settings = settings
        self._plan = plan
        self._log = IntentLog(None)
        self._service: Service | None = None

    def _made(self) -> Service:
        login = Login(self._config.application, "", self._config.mode)
        link = MemoryLink(self._driver, lambda: RequestProcessor(self._quickbooks), login)
        flaws = self._config.flaws
        return Service(link, self._log, self._clock, settings=self._settings, plan=self._plan, die=raise_killed, flaws=flaws)

    async def start(self) -> None:
        """Start it; after a kill a new one, on the same intent log."""
        if self._service is None or self._service.killed:
            self._service = self._made()
        self._service.start()

    async def exit(self) -> None:
        """Exit it."""
        if self._service is not None and not self._service.killed:
            await self._service.exit()

    async def light(self) -> str:
        """Return what its icon shows."""
        if self._service is None or not self._service.running:
            return "off"
        return str(self._service.tray.light)

    def listening(self) -> bool:
        """Return whether anybody listens on the machine's port 8891."""
        return self._service is not None and self._service.running

    async def answer(self, call: Call) -> CallAnswer:
        """Answer a call to port 8891 as the machine does: refused while no connector runs."""
        if self._service is None:
            raise NoAnswer("connection refused", sent=False)
        return await self._service.answer(call)

    async def close(self) -> None:
        """Exit it for good."""
        await self.exit()
        self._log.close()


class ConnectorAsProcess:
    """Our connector as a process: it reaches QuickBooks by the names of pywin32, as it would on Windows.

    Args:
        config: its name, and its deliberate flaws.
        clock: the story's clock; the process gets the same.
        host: its machine's address; the port is 8891.
        state: folder for its intent log and what it prints.
        switches: settings that differ from the defaults.
    """

    def __init__(
        self, config: ConnectorConfig, clock: RealClock, host: str, state: Path, switches: Mapping[str, bool | int | str]
    ) -> None:
        self.host = host
        self.url = f"http://{host}:{PORT}"
        self._status = HttpTransport(self.url, clock)
        settings = {
            "host": host,
            "port": PORT,
            "intent_log": str(state / "connector-intents.sqlite"),
            "application": config.application,
            "mode": config.mode,
            "flaws": sorted(config.flaws),
            "switches": {name: setting for name, setting in switches.items() if name.startswith("connector.")},
            "clock": {"start": clock.start.isoformat(), "scale": clock.scale, "anchor_unix_s": clock.anchor_unix_s},
        }
        self.process = PartProcess("emulator.connector", settings, state / "connector.log", os.environ)

    async def start(self) -> None:
        """Start the process; returns when it serves."""
        await self.process.start()

    async def exit(self) -> None:
        """End the process, as Exit in the tray does."""
        await self.process.stop()

    async def close(self) -> None:
        """Exit it for good."""
        await self.exit()
        await self._status.close()

    async def light(self) -> str:
        """Return what its icon shows, asked past the network."""
        if not self.process.running:
            return "off"
        try:
            answer = await self._status.call(Call("GET", "/v1/status"), LIGHT_LIMIT_S)
        except NoAnswer:
            return "off"
        return str(answer.body.get("light", "")) if isinstance(answer.body, dict) else ""


LIGHT_LIMIT_S: Final = 10.0
"""Story seconds for a look at the connector's icon."""
