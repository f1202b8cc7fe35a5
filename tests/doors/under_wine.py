"""The doors of Windows programs: the COM door under Wine, called by a C++ program (`tests/com/wine/player.cpp`), x64 and x86."""

import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from com.wine.conftest import Windows

from emulator.com.probe.player import Door, Outcome

Way = Literal["names", "vtable"]

WAYS: Final[tuple[Way, ...]] = ("names", "vtable")

LIMIT_S: Final = 300.0
"""How long all cases may take, and then the end of a program (machine's seconds)."""


class UnderWine(Door):
    """Programs in a prefix that make the calls they are told to make: one by names, one over the vtable, case by case in turn.

    The widths take turns the other way round, so that the two of them play every case both ways.

    Args:
        windows: the prefix.
        width: of the program.
        url: of the wire of QuickBooks.
    """

    name = "Wine"

    def __init__(self, windows: Windows, width: str, url: str) -> None:
        ways = WAYS if width == "x64" else WAYS[::-1]
        # Wine's own processes would hold standard error open; what is answered ends with a line, so nobody waits for the end of that.
        self._programs = [
            subprocess.Popen(
                windows.program_command(width, "player", way),
                env=windows.variables(url),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for way in ways
        ]
        self._holds = False
        self._limit = threading.Timer(LIMIT_S, self._kill)
        self._limit.start()

    def new(self) -> None:
        self._release()
        self._programs.reverse()
        made = self._told("new")
        assert made.ok, made
        self._holds = True

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        return self._told(" ".join([member, *map(_written, arguments)]))

    def close(self) -> None:
        try:
            for program in self._programs:
                # Not its output to the end: Wine's own processes may hold that open.
                assert program.stdin is not None
                program.stdin.close()
                assert program.wait(LIMIT_S) == 0, "a program failed, or took too long"
        finally:
            self._limit.cancel()
            self._kill()
            for program in self._programs:
                assert program.stdout is not None
                program.stdout.close()

    def _kill(self) -> None:
        for program in self._programs:
            program.kill()

    def _release(self) -> None:
        if self._holds:
            self._told("release")
        self._holds = False

    def _told(self, line: str) -> Outcome:
        program = self._programs[0]
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(line.encode("ascii") + b"\n")
        program.stdin.flush()
        answer = program.stdout.readline().decode("ascii").split()
        assert answer, f"the program ended at {line[:200]}"
        if answer[0] == "ok":
            return Outcome(True, _read(answer[1]))
        return Outcome(False, f"0x{answer[1]}", _read(answer[2]))


def _written(value: Any) -> str:
    if isinstance(value, str):
        return "s" + value.encode("utf-16-be", "surrogatepass").hex()
    return f"b{value:d}" if isinstance(value, bool) else f"i{value}"


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be", "surrogatepass")


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "n": lambda _: None,
    "s": _text,
    "i": int,
    "b": lambda told: told == "1",
    "l": lambda told: [_text(each) for each in told.split(",")],
}


def _read(word: str) -> Any:
    return _READ[word[0]](word[1:])
