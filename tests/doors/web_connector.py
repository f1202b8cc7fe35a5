"""The door of the Web Connector: a SOAP service whose requests are the documents of a case, polled by one update per case."""

import asyncio
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import httpx
from lxml import etree

from emulator.com.probe.player import Outcome, Step, playing
from emulator.com.probe.writing import Case
from emulator.core.clock import Clock
from emulator.core.switches import SwitchSettings
from emulator.desktop import Driver, QuickBooks
from emulator.webconnector import switches
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.processor import DO_NOT_CARE, LOCAL, OwnProcessor
from emulator.webconnector.qwc import Application
from emulator.webconnector.qwclog import Log
from emulator.webconnector.result import Around
from emulator.webconnector.service import Service
from emulator.webconnector.session import Update
from emulator.webconnector.soap import ENVELOPE, NAMESPACE

_UPDATE: Final = re.compile(r"OpenConnection2? BeginSession( ProcessRequest)*( EndSession( CloseConnection)?)?")
"""The calls that an update makes, in its order. What a case leaves open at its end, the update closes all the same."""

_WAITING: Final = ("ProcessRequest", "wait")


def carries(case: Case) -> bool:
    """Return whether an update makes the very calls of a case.

    It opens a connection to the local QuickBooks, begins one session in whatever mode, processes documents and leaves. A document comes as
    the text of an element, so XML must be able to hold it, and an empty one would mean that there is no more to do.
    """
    calls = [step for step in case.steps if step[0] not in ("keep", "wait")]
    if not _UPDATE.fullmatch(" ".join(step[0] for step in calls)):
        return False
    opened, begun, *others = calls
    return (
        opened[3:] in ((), (LOCAL,))
        and begun[2] == DO_NOT_CARE
        and all(step[1] == "$ticket" for step in others if step[0] != "CloseConnection")
        and all(_is_request(step[2]) for step in others if step[0] == "ProcessRequest")
    )


def _is_request(document: str) -> bool:
    try:
        etree.Element("document").text = document
    except ValueError:
        return False
    return bool(document.strip())


class Scripted(httpx.AsyncBaseTransport):
    """A service for one update, which plays one case: it hands out the documents, and is told what QuickBooks said to them.

    Args:
        steps: of the case.
        run: the name that the records of the run begin with.
        today: the day where QuickBooks is.

    Attributes:
        results: what the steps gave, once all were played.
    """

    def __init__(self, steps: Iterable[tuple[Any, ...]], run: str, today: date) -> None:
        self.results: list[Step] | None = None
        self._calls = playing(steps, run, today)
        self._wanted, self._arguments = next(self._calls)
        self._gave(Outcome(True, None))
        self.id, self.application, *_ = self._arguments
        self._gave(Outcome(True, None))

    def _gave(self, outcome: Outcome) -> None:
        try:
            self._wanted, self._arguments = self._calls.send(outcome)
        except StopIteration as end:
            self._wanted, self._arguments, self.results = "", (), end.value

    def ended(self, left: bool) -> None:
        """Say that the update is over, and whether it left QuickBooks without an error."""
        while self._wanted in ("EndSession", "CloseConnection"):
            self._gave(Outcome(left, None))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call of the update."""
        body = etree.fromstring(await request.aread()).find(f"{{{ENVELOPE}}}Body")
        assert body is not None
        name = etree.QName(body[0]).localname
        answer = await self._answer(name, *(each.text or "" for each in body[0]))
        return httpx.Response(200, stream=httpx.ByteStream(_soap(name, answer)))

    async def _answer(self, operation: str, *arguments: str) -> list[str] | str:
        if operation == "authenticate":
            return ["a ticket", self._arguments[0]]
        if operation == "connectionError":
            _, hresult, message = arguments
            self._gave(Outcome(False, hresult, message))
            return "done"
        if operation == "sendRequestXML":
            if self._wanted == "BeginSession":
                self._gave(Outcome(True, "a ticket"))
            while self._wanted == "wait":
                await asyncio.sleep(*self._arguments)
                self._gave(Outcome(True, None))
            return str(self._arguments[1]) if self._wanted == "ProcessRequest" else ""
        if operation == "receiveResponseXML":
            _, response, hresult, message = arguments
            self._gave(Outcome(False, hresult, message) if hresult else Outcome(True, response))
            return "50" if self._wanted in _WAITING else "100"
        return ""


def _soap(operation: str, result: list[str] | str) -> bytes:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, None: NAMESPACE})
    response = etree.SubElement(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), f"{{{NAMESPACE}}}{operation}Response")
    told = etree.SubElement(response, f"{{{NAMESPACE}}}{operation}Result")
    if isinstance(result, str):
        told.text = result
    else:
        for each in result:
            etree.SubElement(told, f"{{{NAMESPACE}}}string").text = each
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


class Updates:
    """Plays cases, each in an update of its own.

    Args:
        clock: of the Web Connector.
        quickbooks: the one it stands in front of.
    """

    def __init__(self, clock: Clock, quickbooks: QuickBooks) -> None:
        self._driver = Driver(clock)
        self._quickbooks = quickbooks
        self._around = Around(clock, SwitchSettings((switches.SWITCHES,)), Log(clock.now))

    async def play(self, steps: Iterable[tuple[Any, ...]], run: str) -> list[Step]:
        """Play a case; returns what its steps gave, as `player.play` does."""
        scripted = Scripted(steps, run, self._around.clock.now().date())
        application = Application(
            name=scripted.application,
            id=scripted.id,
            url="http://localhost/doors",
            description="the cases of the behaviour suite",
            support="http://localhost/doors",
            user="doors",
            owner="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}",
            file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}",
            display_name=scripted.application,
            unique_name="doors",
        )
        service = Service(application.url, self._around.clock, app=scripted)
        try:
            result = await Update(
                application, "secret", service, OwnProcessor(self._driver, self._quickbooks), self._around
            ).run()
        finally:
            await service.close()
        scripted.ended(Qbwc.END_FAILED not in result.codes)
        assert scripted.results is not None, result
        return scripted.results
