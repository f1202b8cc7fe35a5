"""Parts as processes of their own: started until they say `ready`, stopped by SIGTERM, killed by SIGKILL.

A part is a module with a `--config FILE.json`; it prints one line `ready {"url": ...}` when it serves. What it prints besides goes to a file.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from emulator.core.errors import PartFailed
from emulator.core.parts import PARENT_HOLDS_STDIN

START_LIMIT_S: Final = 20.0
"""How long a part may take until it is ready (machine's seconds; importing takes half a second, a busy CI several)."""

STOP_LIMIT_S: Final = 10.0
"""How long a part may take to end after SIGTERM before it is killed (machine's seconds)."""

KILLED: Final = -signal.SIGKILL
"""Return code of a process that was killed."""


class PartProcess:
    """One part in a process of its own; it can be started again after it ended.

    Args:
        module: run as `python -m module`.
        config: written to a JSON file beside `output` for each start.
        output: what the process prints, both streams, appended; errors of a start quote its end.
        variables: environment of the process; default is ours.
        options: further words of its command line.
    """

    def __init__(
        self,
        module: str,
        config: dict[str, Any],
        output: Path,
        variables: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.module = module
        self.config = config
        self.output = output
        self.options = tuple(options)
        self.variables = dict(os.environ if variables is None else variables)
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Return the system's number of the process while it runs: for a kill at a moment that no coroutine could meet."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def return_code(self) -> int | None:
        """Return how it ended (minus the signal that ended it); None while it runs or before its first start."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start it; returns when it is ready. Starting a running one does nothing.

        Raises:
            PartFailed: it ended, or was not ready in time; tells what it printed last.
        """
        if self.running:
            return
        self.output.parent.mkdir(parents=True, exist_ok=True)
        config_path = self.output.with_suffix(".json")
        config_path.write_text(json.dumps(self.config, default=str), encoding="utf-8")
        self._process = await self._begun(
            ("--config", str(config_path), *self.options), {**self.variables, "PYTHONUNBUFFERED": "1", PARENT_HOLDS_STDIN: "1"}
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_LIMIT_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self.kill()
            raise PartFailed(f"{self.module} was not ready within {START_LIMIT_S:g} s: {self._last_words()}") from None
        if not line.startswith(b"ready "):
            await self._process.wait()
            raise PartFailed(f"{self.module} did not start: {line.decode(errors='replace').strip() or self._last_words()}")
        self.url = str(json.loads(line.removeprefix(b"ready ")).get("url", ""))

    async def _begun(self, words: Sequence[str], variables: Mapping[str, str]) -> asyncio.subprocess.Process:
        """Return the process, begun with these words after the module's name; its standard input and output are pipes of ours."""
        with self.output.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                env=variables,
            )

    async def wait(self) -> int:
        """Wait until it has ended; returns its return code."""
        assert self._process is not None, "not started"
        return await self._process.wait()

    async def stop(self) -> int | None:
        """End it by SIGTERM, after STOP_LIMIT_S by SIGKILL; returns its return code. Stopping what does not run does nothing."""
        if self._process is None or self._process.returncode is not None:
            return self.return_code
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                return await self._process.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int | None:
        """Kill it, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        return self.return_code

    def _last_words(self) -> str:
        try:
            lines = self.output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"
