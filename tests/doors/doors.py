"""The doors of the behaviour suite: how each one plays cases (`emulator.com.probe.cases`, `sample.py`), and which of them it carries.

To add a door, write a function that takes cases by name and returns what the steps of each gave (lists of `Step`), with GROUND played first,
in a fresh QuickBooks of `quickbooks()`; a door that reaches a QuickBooks call by call gives a `player.Door` to `played_through` and is done.
Put it into DOORS; one that cannot make every call says by a rule which cases it carries (`Row.carries`). `test_suite.py` then asks of it
the same answers, byte for byte, as in process.
"""

import asyncio
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from com.wine.conftest import Windows

from emulator.com.exec import Running, environment, quickbooks_for_programs
from emulator.com.interface import MEMBERS
from emulator.com.ours import COMPANY, DAY, HOUR, RUN, answers
from emulator.com.probe.player import Door, Outcome, Step, play
from emulator.com.probe.writing import GROUND, Case
from emulator.core.clock import RealClock

from . import web_connector
from .under_wine import UnderWine

START: Final = datetime.combine(DAY, HOUR)

Played = dict[str, list[Step]]


@contextmanager
def quickbooks() -> Iterator[Running]:
    """A QuickBooks as the one in process is: the same company, the same day."""
    with quickbooks_for_programs(COMPANY, start=START) as running:
        yield running


def played_through(door: Door, cases: Mapping[str, Case]) -> Played:
    try:
        play(door, GROUND, RUN, DAY)
        return {name: play(door, case.steps, RUN, DAY) for name, case in cases.items()}
    finally:
        door.close()


# ---- in process -------------------------------------------------------------------------------------------------------------


def in_process(cases: Mapping[str, Case]) -> Played:
    return answers(cases)


# ---- the HTTP wire, by hand -------------------------------------------------------------------------------------------------


class Wire(Door):
    """A client of the wire that is not the stand-in: what any language can write."""

    name = "wire"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._client = json.loads(self._post("/com/hello", {"machine": ""}).value)["client"]
        self._object = ""

    def new(self) -> None:
        self._release()
        self._object = self._post(
            "/com/new", {"client": self._client, "progid": "QBXMLRP2.RequestProcessor", "thread": "1"}
        ).value

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        named = {name: given for (name, _), given in zip(MEMBERS[member].arguments, arguments, strict=True)}
        body = named.pop("inputRequest", "")
        told = {name: int(given) if isinstance(given, bool) else given for name, given in named.items()}
        return self._post("/com/" + quote(member), {"object": self._object, "thread": "1", **told}, body)

    def close(self) -> None:
        self._release()
        self._http.close()

    def _release(self) -> None:
        if self._object:
            self._post("/com/release", {"object": self._object})

    def _post(self, path: str, arguments: Mapping[str, Any], body: str = "") -> Outcome:
        self._http.request("POST", f"{path}?{urlencode(arguments)}", body.encode("utf-8", "surrogatepass"))
        response = self._http.getresponse()
        text = response.read().decode()
        code = response.headers.get("X-Com-HResult")
        if code is not None:
            return Outcome(False, code, text)
        kinds: dict[str, Callable[[str], Any]] = {
            "none": lambda _: None,
            "integer": int,
            "boolean": lambda each: each == "1",
            "list": lambda each: each.split("\n"),
        }
        return Outcome(True, kinds.get(response.headers["X-Com-Type"], str)(text))


def over_the_wire(cases: Mapping[str, Case]) -> Played:
    with quickbooks() as running:
        return played_through(Wire(running.url), cases)


# ---- the pywin32 stand-in ---------------------------------------------------------------------------------------------------

PROGRAM = f"""
import datetime, json, sys
from emulator.com.probe.player import play
from emulator.com.probe.pywin32 import Pywin32
from emulator.com.probe.writing import GROUND
door, today = Pywin32(), datetime.date({DAY.year}, {DAY.month}, {DAY.day})
play(door, GROUND, {RUN!r}, today)
json.dump({{name: play(door, steps, {RUN!r}, today) for name, steps in json.load(sys.stdin).items()}}, sys.stdout)
"""


def behind_the_standin(cases: Mapping[str, Case]) -> Played:
    """Play cases in a program of its own that believes it has pywin32."""
    with quickbooks() as running:
        program = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            env=environment(running.url, {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}),
            input=json.dumps({name: case.steps for name, case in cases.items()}),
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert program.returncode == 0, program.stderr
    return {name: [Step(*step) for step in steps] for name, steps in json.loads(program.stdout).items()}


# ---- Windows programs -------------------------------------------------------------------------------------------------------


def under_wine(cases: Mapping[str, Case], windows: Windows, width: str) -> Played:
    with quickbooks() as running:
        return played_through(UnderWine(windows, width, running.url), cases)


# ---- the Web Connector ------------------------------------------------------------------------------------------------------


def by_the_web_connector(cases: Mapping[str, Case]) -> Played:
    """Play cases in updates, on the loop of QuickBooks."""

    async def story(running: Running) -> Played:
        updates = web_connector.Updates(RealClock(START), running.quickbooks)
        await updates.play(GROUND, RUN)
        return {name: await updates.play(case.steps, RUN) for name, case in cases.items()}

    with quickbooks() as running:
        return asyncio.run_coroutine_threadsafe(story(running), running.loop).result()


# ---- all of them ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A door.

    Attributes:
        play: plays cases; where there is a width, it is given the prefix and the width as well.
        carries: says of a case whether this door can make its calls.
        width: of the Windows program that is run; empty: none, and Wine is not needed.
    """

    play: Callable[..., Played]
    carries: Callable[[Case], bool] = lambda _: True
    width: str = ""


DOORS: Final[Mapping[str, Row]] = {
    "in process": Row(in_process),
    "wire": Row(over_the_wire),
    "stand-in": Row(behind_the_standin),
    "Wine x64": Row(under_wine, width="x64"),
    "Wine x86": Row(under_wine, width="x86"),
    "Web Connector": Row(by_the_web_connector, web_connector.carries),
}
