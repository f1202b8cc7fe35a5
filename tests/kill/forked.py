"""Parts as processes that begin as a fork of one that has imported their rooms already: they are killed two hundred times here.

What runs in them is `python -m emulator.ROOM` all the same, with its words, its environment and pipes of its own. That it starts from nothing
is tried by everything else that starts parts.
"""

import asyncio
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, cast

from emulator.core.processes import PartProcess

FORKS: Final = get_context("forkserver")
FORKS.set_forkserver_preload(["emulator.connector.part", "emulator.network.part", "emulator.platform.part", "httpcore"])


def run(
    module: str, words: Sequence[str], variables: Mapping[str, str], stdin: Connection, stdout: Connection, output: str
) -> None:
    """Be `python -m MODULE WORDS`; called in the fork."""
    os.dup2(stdin.fileno(), 0)
    os.dup2(stdout.fileno(), 1)
    os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    stdin.close()
    stdout.close()
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode, buffering=1) for number, mode in enumerate("rww"))  # noqa: SIM115, PTH123
    os.environ.clear()
    os.environ.update(variables)
    sys.path[:0] = [each for each in variables.get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


class Forked:
    """A process that was forked, with so much of `asyncio.subprocess.Process` as `PartProcess` looks at."""

    def __init__(self, process: BaseProcess, ours: Sequence[Connection], stdout: asyncio.StreamReader) -> None:
        self._process = process
        self._ours = ours
        self.stdout = stdout
        self.pid = process.pid
        self.returncode: int | None = None
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        code = self._process.exitcode
        assert code is not None
        self._process.close()
        for each in self._ours:
            each.close()
        self.returncode = code
        self._ended.set_result(code)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


class ForkedPart(PartProcess):
    """A part whose lives are forks."""

    async def _begun(self, words: Sequence[str], variables: Mapping[str, str]) -> Any:
        (their_in, our_in), (our_out, their_out) = FORKS.Pipe(duplex=False), FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=run, args=(self.module, words, variables, their_in, their_out, str(self.output)))
        process.start()
        their_in.close()
        their_out.close()
        reader = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(our_out.fileno()), "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return Forked(process, (our_in, our_out, cast(Connection, transport)), reader)
