"""One update: everything between the service and QuickBooks from serverVersion to closeConnection.

    serverVersion, clientVersion, authenticate --> none, busy, nvu, postponed: closeConnection
      `-> OpenConnection2, BeginSession --> fails: connectionError --> done: closeConnection; else another company file
            `-> lock (AppLock), first queries --> sendRequestXML --> qbXML: ProcessRequest, receiveResponseXML --> 0..99: sendRequestXML
                                                     |                                                          `-> 100: end; below 0: getLastError
                                                     `-> empty, NoOp: getLastError --> NoOp: wait, sendRequestXML; else: end
            end: unlock, EndSession, CloseConnection, closeConnection

Documented in Intuit's guide; the order at the end is observed in public logs; what is neither is a switch (`switches.py`).
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Never

from emulator.desktop import SessionFailure
from emulator.faults import Killed
from emulator.webconnector import switches
from emulator.webconnector.adding import way_in
from emulator.webconnector.at_quickbooks import GOODBYE_LIMIT_S, AtQuickBooks
from emulator.webconnector.codes import Qbwc, sentence
from emulator.webconnector.company_file import failure_text
from emulator.webconnector.faults import AFTER_PROCESS, BEFORE_AUTHENTICATE, BEFORE_CALL, BEFORE_REQUEST, Faults
from emulator.webconnector.processor import Processor
from emulator.webconnector.qwc import Application
from emulator.webconnector.result import Around, Call, Ended, Ends, Result, Teller
from emulator.webconnector.service import CallFailed, Service
from emulator.webconnector.soap import OPERATIONS, PRODUCT_VERSION, Answered, Unreadable

DONE: Final = 100
"""From this answer of receiveResponseXML on there is nothing more to do (documented: 100)."""


class Update:
    """One update of one application.

    Args:
        application: what its .qwc says.
        password: the one that was stored.
        service: the way to it, made for this update.
        processor: the way to QuickBooks.
        around: everything else.
        auto_run: whether the application runs by itself: only then authenticate can put an update off (documented).
    """

    def __init__(
        self,
        application: Application,
        password: str,
        service: Service,
        processor: Processor,
        around: Around,
        *,
        auto_run: bool = True,
    ) -> None:
        self._application = application
        self._password = password
        self._service = service
        self._around = around
        self._auto_run = auto_run
        self._log = around.log
        self._settings = around.settings
        self._faults = Faults(around.plan, around.clock, application.name)
        self._ticket = ""
        self._first_answer = ""
        self.result = Result(application.name)
        self._told = Teller(around.log, self.result)
        self._quickbooks = AtQuickBooks(application, processor, around, self._told)

    async def run(self) -> Result:
        """Run it to its end; returns what became of it. Whatever happens, no session of QuickBooks stays."""
        result = self.result
        try:
            try:
                await self._steps()
            except Ends as end:
                result.ended, result.status = end.ended, end.status
                await self._quickbooks.leave()
                if end.close:
                    await self._close_connection()
        except Killed:
            result.ended, result.status = "died", "the Web Connector died"
        except asyncio.CancelledError:
            # A person ends the program, who shall not have to wait for a stale lock (a choice: the real one is not known to).
            with suppress(TimeoutError):
                async with self._around.clock.limit(GOODBYE_LIMIT_S):
                    await self._quickbooks.leave()
            raise
        except Exception:
            # An app of this process that raises: what went wrong is told, and leaves no lock behind.
            await self._quickbooks.leave()
            raise
        finally:
            # However it ended, also by being cancelled: COM drops the objects of a program that has gone.
            await self._quickbooks.release()
        if why := self._log.why_lost:
            self._told.code("WebServiceManager.DoUpdateSelected", Qbwc.LOG_NOT_WRITABLE, why)
            result.remark(sentence(Qbwc.LOG_NOT_WRITABLE, why))
            # The next update tells of its own lines only.
            self._log.why_lost = ""
        self._note(
            "web-connector-update",
            ended=result.ended,
            requests=result.requests,
            codes=[each.label for each in result.codes] or None,
        )
        return result

    async def _steps(self) -> None:
        await self._server_version()
        await self._client_version()
        company = await self._authenticate()
        await self._connect(company)
        await self._quickbooks.take_lock()
        self._first_answer = await self._quickbooks.first_queries()
        await self._work()

    # ---- before QuickBooks ------------------------------------------------------------------------------------------------------------

    async def _server_version(self) -> None:
        where = "SOAPWebService.do_serverVersion"
        self._log.line(where, "*** Calling serverVersion().")
        try:
            answered = await self._call("serverVersion")
        except CallFailed as failed:
            self._log.line(where, f"Actual error received from web service for serverVersion call: <{failed.reason}>")
            return
        self._log.line(where, f'Received from serverVersion() following parameter:<serverVersionRet="{answered.text}">')

    async def _client_version(self) -> None:
        where = "SOAPWebService.do_clientVersion"
        self._log.line(where, f'*** Calling clientVersion() with following parameter:<productVersion="{PRODUCT_VERSION}">')
        try:
            answered = await self._call("clientVersion", PRODUCT_VERSION)
        except CallFailed as failed:
            self._told.code(where, Qbwc.CLIENT_VERSION, failed.reason)
            if failed.kind != "fault" and self._settings[switches.CLIENT_VERSION_FAILED] == "abort":
                raise Ends("error", sentence(Qbwc.CLIENT_VERSION, failed.reason), close=False) from None
            return
        text = answered.text
        self._log.line(where, f'Received from clientVersion() following parameter:<clientVersionRet="{text}">')
        kind, colon, told = text.partition(":")
        if not text:
            self._log.line(
                where, "This application agrees with the current version of QBWebConnector. Allowing update operation."
            )
        elif not colon or kind.strip().upper() not in ("W", "E", "O"):
            self._told.fail(where, Qbwc.VERSION_SYNTAX, f"clientVersion answered {text!r}", close=False)
        elif kind.strip().upper() == "W" and self._settings[switches.WARNING_UNATTENDED] == "proceed":
            self._log.line(where, f"This application warns: {told}. Nobody is there to be asked. Allowing update operation.")
        else:
            self._told.fail(where, Qbwc.VERSION_REFUSED, told.strip(), close=False)

    async def _authenticate(self) -> str:
        """Return the company file that the service wants, empty for the one that is open."""
        where = "SOAPWebService.do_authenticate"
        user = self._application.user
        self._log.line(where, f"Authenticating to application '{self._application.name}', username = '{user}'")
        if not user or not self._password:
            self._told.fail(where, Qbwc.NO_PASSWORD if user else Qbwc.BAD_CREDENTIALS, close=False)
        given = self._faults.given(BEFORE_AUTHENTICATE, "authenticate")
        if given is not None:
            texts: tuple[str, ...] = ("", given)
            self._record(Call("authenticate", (user,), texts))
        else:
            try:
                texts = (await self._call("authenticate", user, self._password, secret=True)).texts
            except CallFailed as failed:
                self._told.fail(where, Qbwc.AUTHENTICATE, failed.reason, close=False)
        if len(texts) < 2:
            # What .NET says when the second member is looked at (reported).
            self._told.fail(where, Qbwc.AUTHENTICATE, "Index was outside the bounds of the array.", close=False)
        self._log.line(
            where, f'Received from authenticate() following parameters:<authRet[0]="{texts[0]}"> <authRet[1]="{texts[1]}">'
        )
        self._ticket = texts[0]
        self._note_delays(texts)
        word = texts[1].strip().casefold()
        if self.result.postponed_s is not None:
            raise Ends("postponed", "Update postponed by application")
        for each, ended, status in _NO_UPDATE:
            if word == each:
                self._log.line(where, status)
                raise Ends(ended, status)
        return texts[1]

    def _note_delays(self, texts: Sequence[str]) -> None:
        delays = [text.strip() for text in (*texts[2:4], "", "")][:2]
        for delay, name in zip(delays, ("postponed_s", "every_s_least"), strict=True):
            if why := self._why_no_delay(delay):
                self.result.remarks.append(f"authenticate answered {delay!r} where seconds belong; it is passed over{why}")
            elif delay:
                setattr(self.result, name, int(delay))

    def _why_no_delay(self, delay: str) -> str:
        """Return why a delay that authenticate asks for counts for nothing; empty when it counts, or none is asked for."""
        if delay and not re.fullmatch(r"[0-9]{1,9}", delay):
            return ": it is no whole number"
        if delay and not int(delay) and self._settings[switches.DELAY_OF_ZERO] == "passed over":
            return f" (switch {switches.DELAY_OF_ZERO})"
        return ": the application does not run by itself" if delay and not self._auto_run else ""

    # ---- QuickBooks -------------------------------------------------------------------------------------------------------------------

    async def _connect(self, company: str) -> None:
        """Open the connection and begin a session, with as many company files as the service names."""
        where = "SOAPWebService.ProcessRequestXML"
        retries = 0
        while True:
            try:
                await self._quickbooks.begin(company)
                return
            except SessionFailure as met:
                failure = met
            self._told.code(where, Qbwc.NO_QUICKBOOKS, failure_text(failure))
            if advice := way_in(failure):
                self.result.remark(advice)
            answer = await self._connection_error(failure)
            close = self._settings.flag(switches.CLOSE_AFTER_CONNECTION_ERROR)
            if answer.strip().casefold() == "done":
                raise Ends("error", sentence(Qbwc.NO_QUICKBOOKS, failure_text(failure)), close=close)
            retries += 1
            if retries > self._settings.number(switches.CONNECTION_RETRIES_MAX):
                raise Ends("gave up", f"connectionError was never answered with done, after {retries - 1} retries", close=close)
            company = answer

    async def _connection_error(self, failure: SessionFailure) -> str:
        where = "SOAPWebService.do_connectionError"
        self._log.line(where, f'*** Calling connectionError() with following parameters:<hresult="{failure.code}">')
        try:
            answered = await self._call("connectionError", self._ticket, str(failure.code), failure.description())
        except CallFailed as failed:
            self._transport_fails(where, Qbwc.CONNECTION_ERROR, failed)
        self._log.line(where, f'Received from connectionError() following parameter:<connectionErrorRet="{answered.text}">')
        return answered.text

    # ---- requests ---------------------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        """Pass requests and answers on until the service, an error or the limit ends it."""
        while True:
            self._quickbooks.check_limit()
            request = await self._send_request()
            # The service may have used the limit up: QuickBooks is not called then.
            self._quickbooks.check_limit()
            if request is None:
                await self._clock_wait()
                continue
            response, hresult, message = await self._process(request)
            await self._receive_response(response, hresult, message)

    async def _send_request(self) -> str | None:
        """Return the document that the service wants to have done; None after a NoOp."""
        where = "SOAPWebService.do_sendRequestXML"
        if self._faults.given(BEFORE_REQUEST, "sendRequestXML") is not None:
            self._log.line(where, "NoOp was received from the application.")
            return None
        major, minor = self._quickbooks.version
        # Only the first call of a session has it (documented), whatever that is answered with.
        first_answer, self._first_answer = self._first_answer, ""
        self._log.line(where, "*** Calling sendRequestXML() with following parameters:")
        self._log.line(where, f'wcTicket="{self._ticket}"')
        if first_answer:
            self._log.line(where, "HCPResponseXML=")
            self._log.xml(where, first_answer)
        self._log.line(where, f'cfn="{self.result.company}"')
        self._log.line(where, f'qbNationality="{self._quickbooks.country}"')
        self._log.line(where, f'qbXMLMajorVers="{major}"')
        self._log.line(where, f'qbXMLMinorVers="{minor}"')
        try:
            answered = await self._call(
                "sendRequestXML",
                self._ticket,
                first_answer,
                self.result.company,
                self._quickbooks.country,
                str(major),
                str(minor),
            )
        except CallFailed as failed:
            self._transport_fails(where, Qbwc.SEND_REQUEST, failed)
        request = answered.text
        if request.strip() and request.strip().casefold() != "noop":
            self._log.line(where, "Request xml received.")
            return request
        self._log.line(where, "There is no request." if not request.strip() else "NoOp was received from the application.")
        text = await self._last_error()
        if text.strip().casefold() == "noop":
            return None
        if text.strip().casefold() == "interactive mode":
            await self._refuse_interactive()
        # What is no error of anybody ends an update in the same way; the text tells it (documented).
        raise Ends("error" if text.strip() else "done", text)

    async def _process(self, request: str) -> tuple[str, str, str]:
        """Hand a document to QuickBooks; returns what receiveResponseXML is told: answer, HRESULT, message."""
        where = "SOAPWebService.ProcessRequestXML"
        self.result.requests += 1
        self._log.line(where, f"Processing request #{self.result.requests}")
        self._log.line(where, f"REQUEST: received from application: size (bytes) = {len(request.encode('utf-8', 'replace'))}")
        self._log.xml(where, request)
        self._log.line(where, "Sending request to QuickBooks.")
        try:
            response = await self._quickbooks.ask(request)
        except SessionFailure as failure:
            message = failure.description()
            self._log.line(where, f"Sending error message back to application:\nHRESULT = {failure.code}\nMessage: {message}")
            return "", str(failure.code), message
        self._log.line(where, f"RESPONSE: received from QuickBooks: size (bytes) = {len(response.encode())}")
        self._log.xml(where, response)
        return response, "", ""

    async def _receive_response(self, response: str, hresult: str, message: str) -> None:
        where = "SOAPWebService.do_receiveResponseXML"
        self._log.line(
            where, f'*** Calling receiveResponseXML() with following parameters:<hresult="{hresult}"> <message="{message}">'
        )
        try:
            answered = await self._call("receiveResponseXML", self._ticket, response, hresult, message, before=AFTER_PROCESS)
            try:
                percent = answered.integer
            except Unreadable as wrong:
                raise CallFailed(str(wrong), "answer", heard=True) from None
        except CallFailed as failed:
            self._transport_fails(where, Qbwc.RECEIVE_RESPONSE, failed)
        self._log.line(where, f'Received from receiveResponseXML() following parameter:<receiveResponseXMLRet="{percent}">')
        if percent < 0:
            raise Ends("error", await self._last_error())
        self.result.progress = min(percent, DONE)
        self._around.tell(self._application.name, self.result.progress)
        if percent >= DONE:
            raise Ends("done", "")

    async def _last_error(self) -> str:
        where = "SOAPWebService.do_getLastError"
        self._log.line(where, f'*** Calling getLastError() with following parameter:<wcTicket="{self._ticket}">')
        try:
            answered = await self._call("getLastError", self._ticket)
        except CallFailed as failed:
            self._transport_fails(where, Qbwc.LAST_ERROR, failed)
        self._log.line(where, f'Received from getLastError() following parameter:<getLastErrorRet="{answered.text}">')
        return answered.text

    async def _refuse_interactive(self) -> None:
        """Refuse the interactive mode: nobody is there who could open a browser."""
        where = "SOAPWebService.do_getInteractiveURL"
        try:
            await self._call("getInteractiveURL", self._ticket, self._quickbooks.ticket)
            answered = await self._call("interactiveRejected", self._ticket, "Nobody is there to be asked.")
        except CallFailed as failed:
            self._log.line(where, failed.reason)
            raise Ends("error", failed.reason) from None
        raise Ends("error", answered.text)

    async def _clock_wait(self) -> None:
        await self._around.clock.sleep(self._settings.number(switches.NO_OP_WAIT_S))

    # ---- the end ----------------------------------------------------------------------------------------------------------------------

    async def _close_connection(self) -> None:
        where = "SOAPWebService.do_closeConnection"
        self._log.line(where, f'*** Calling closeConnection() with following parameter:<wcTicket="{self._ticket}">')
        try:
            answered = await self._call("closeConnection", self._ticket)
        except CallFailed as failed:
            self._told.code(where, Qbwc.CLOSE_CONNECTION, failed.reason)
            return
        self._log.line(where, f'Received from closeConnection() following parameter:<closeConnectionRet="{answered.text}">')
        # The text of an error is more to the reader than the goodbye after it.
        self.result.status = self.result.status or answered.text

    # ---- calls ------------------------------------------------------------------------------------------------------------------------

    async def _call(self, name: str, *values: str, secret: bool = False, before: str = "") -> Answered:
        """Call an operation of the service. Raises CallFailed."""
        operation = OPERATIONS[name]
        arguments = values[:1] if secret else values
        try:
            if before:
                self._faults.before(before, name)
            self._faults.before(BEFORE_CALL, name)
            answered, _ = await self._service.exchange(operation, values, self._faults.after)
        except CallFailed as failed:
            self._record(Call(name, arguments, failure=failed.reason))
            raise
        if (
            answered.remarks
            and self._settings[switches.NO_NAMESPACE] == "nothing"
            and any("no namespace" in each for each in answered.remarks)
        ):
            answered = Answered((), answered.remarks)
        for each in answered.remarks:
            self.result.remark(each)
        self._record(Call(name, arguments, answered.texts))
        return answered

    def _record(self, call: Call) -> None:
        self.result.calls.append(call)
        self._note("web-connector-call", operation=call.operation, failed=call.failure or None)

    def _note(self, kind: str, **facts: object) -> None:
        if self._around.journal is not None:
            names = self._faults.take_names()
            self._around.journal.add("connector", kind, faults=names, application=self._application.name, **facts)

    def _transport_fails(self, where: str, code: Qbwc, failed: CallFailed) -> Never:
        """End the update after a call in its middle got no answer; whether closeConnection is still called is a switch."""
        ending = self._faults.ending or str(self._settings[switches.AFTER_TRANSPORT_ERROR])
        self._told.fail(where, code, failed.reason, close=ending == "close")


_NO_UPDATE: Final[tuple[tuple[str, Ended, str], ...]] = (
    ("none", "no data", "No Data Exchange"),
    ("nvu", "invalid user", "Invalid password for username"),
    ("busy", "busy", "Application Busy"),
)
"""Second member of authenticate's answer, how the update ends, and the text in the Status column (documented)."""
