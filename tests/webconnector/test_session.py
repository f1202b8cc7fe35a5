"""The update: every way through it, what the service is asked in which order, and what stays in QuickBooks: nothing."""

import asyncio
import re

import httpx
import pytest

from emulator.desktop import SessionFailure
from emulator.webconnector import switches
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.company_file import lock_value, locked_by
from emulator.webconnector.service import Service, WsgiTransport
from emulator.webconnector.soap import OPERATIONS

from .desk import CUSTOMER, QUERY, START, Scripted, on_desk

BEGIN = ["serverVersion", "clientVersion", "authenticate"]
ONE_REQUEST = [*BEGIN, "sendRequestXML", "receiveResponseXML", "closeConnection"]


def run(service, settings=None, before=None, **more):
    """Run one update; returns the result and the desk. Nothing may stay behind in QuickBooks."""

    async def story(desk):
        if before is not None:
            before(desk)
        result = await desk.update(service, **more)
        assert not list(desk.quickbooks.sessions)
        if result.ended != "died" and desk.quickbooks.process is not None and desk.quickbooks.opening is not None:
            assert not (await desk.extensions()).get("AppLock", "").startswith("LOCKED:SERVER")
        return result, desk

    return on_desk(story, settings)


def test_one_request():
    service = Scripted()
    result, desk = run(service)
    assert (result.ok, result.ended, result.status, result.requests, result.progress) == (True, "done", "Bye", 1, 100)
    assert service.names() == result.operations() == ONE_REQUEST
    assert desk.told == [100]
    hcp, company, country, major, minor = service.calls[3][1][1:]
    assert hcp.startswith('<?xml version="1.0" ?>')
    assert [
        each in hcp
        for each in ('<HostQueryRs requestID="0"', '<CompanyQueryRs requestID="1"', '<PreferencesQueryRs requestID="2"')
    ] == [True] * 3
    assert "<DataExtName>AppLock</DataExtName>" in hcp
    assert (company, country, major, minor) == (result.company, "US", "16", "0")
    ticket, response, hresult, message = service.calls[4][1]
    assert (ticket, hresult, message) == ("ticket-1", "", "")
    assert response.startswith('<?xml version="1.0" ?>')
    assert response.count("<CustomerRet>") == 2


def test_what_stands_in_the_headers():
    service = Scripted()
    run(service)
    assert service.headers[0] == {
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "HTTP_SOAPACTION": '"http://developer.intuit.com/serverVersion"',
        "CONTENT_LENGTH": service.headers[0]["CONTENT_LENGTH"],
        "HTTP_CONNECTION": "Keep-Alive",
    }
    assert ["HTTP_CONNECTION" in each for each in service.headers] == [True, *[False] * 5]


def test_cookies_come_back_within_an_update_only():
    service = Scripted()
    run(service)
    assert service.cookies == ["", *["session=abc"] * 5]
    service.cookies.clear()
    run(service)
    assert service.cookies[0] == ""


def test_many_requests_and_progress():
    service = Scripted(sendRequestXML=[CUSTOMER.format("One"), CUSTOMER.format("Two"), QUERY], receiveResponseXML=[33, 66, 100])
    result, desk = run(service)
    assert desk.told == [33, 66, 100]
    assert {"One", "Two"} <= set(desk.customers)
    assert [call[1][1] == "" for call in service.calls if call[0] == "sendRequestXML"] == [False, True, True]
    assert result.requests == 3


@pytest.mark.parametrize(
    ("answer", "ended", "status"),
    [
        ("none", "no data", "No Data Exchange"),
        ("NONE", "no data", "No Data Exchange"),
        ("nvu", "invalid user", "Invalid password for username"),
        ("Busy", "busy", "Application Busy"),
    ],
)
def test_no_update(answer, ended, status):
    service = Scripted(authenticate=[["", answer]])
    result, desk = run(service)
    assert (result.ended, result.status) == (ended, status)
    assert service.names() == [*BEGIN, "closeConnection"]
    assert [row for row in desk.journal.rows("call") if row.get("application") == "Order Bridge"] == []


def test_delays():
    result, _ = run(Scripted(authenticate=[["t", "", "30", "600"]]))
    assert (result.ended, result.postponed_s, result.every_s_least) == ("postponed", 30, 600)
    result, _ = run(Scripted(authenticate=[["t", "none", "", "600"]]))
    assert (result.ended, result.postponed_s, result.every_s_least) == ("no data", None, 600)


@pytest.mark.parametrize(
    ("texts", "auto_run", "setting", "ended", "why"),
    [
        (("t", "", "soon"), True, "passed over", "done", "no whole number"),
        (("t", "", "0"), True, "passed over", "done", "webconnector.delay-of-zero"),
        (("t", "", "0"), True, "at once", "postponed", ""),
        (("t", "none", "", "0"), True, "passed over", "no data", "webconnector.delay-of-zero"),
        (("t", "", "30"), False, "passed over", "done", "does not run by itself"),
        (("t", "busy", "", "30"), False, "passed over", "busy", "does not run by itself"),
    ],
)
def test_delays_that_count_for_nothing(texts, auto_run, setting, ended, why):
    result, _ = run(Scripted(authenticate=[list(texts)]), {switches.DELAY_OF_ZERO: setting}, auto_run=auto_run)
    assert result.ended == ended
    assert [why in each for each in result.remarks] == ([True] if why else [])
    assert (result.postponed_s, result.every_s_least) == ((None, None) if why else (0, None))


@pytest.mark.parametrize(
    ("text", "codes"), [("", []), ("W:old", []), ("E:too old", [1037]), ("O:2.5", [1037]), ("hello", [1046]), ("X:1", [1046])]
)
def test_client_version(text, codes):
    service = Scripted(clientVersion=[text])
    result, _ = run(service)
    assert result.codes == codes
    assert service.names() == (BEGIN[:2] if codes else ONE_REQUEST)


def test_a_warning_may_end_it():
    result, _ = run(Scripted(clientVersion=["W:old"]), {switches.WARNING_UNATTENDED: "abort"})
    assert result.codes == [Qbwc.VERSION_REFUSED]


def test_a_service_without_the_two_versions():
    fault = (
        500,
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>',
    )
    result, _ = run(Scripted(serverVersion=[fault], clientVersion=[fault]))
    assert (result.ok, result.codes, result.operations()) == (True, [Qbwc.CLIENT_VERSION], ONE_REQUEST)


def test_no_password():
    service = Scripted()
    result, _ = run(service, password="")
    assert (result.codes, service.names()) == ([Qbwc.NO_PASSWORD], BEGIN[:2])


@pytest.mark.parametrize("texts", [[], ["only one"]])
def test_too_few_members(texts):
    service = Scripted(authenticate=[texts])
    result, desk = run(service)
    assert (result.codes, service.names()) == ([Qbwc.AUTHENTICATE], BEGIN)
    assert "Index was outside the bounds of the array" in desk.log.text


@pytest.mark.parametrize("answers", [["NoOp"], [""], ["", "NoOp"], ["", "NoOp", QUERY, ""]])
def test_only_the_first_call_of_a_session_carries_the_first_answer(answers):
    """Whatever it is answered with: the service has heard it."""
    service = Scripted(sendRequestXML=[*answers, QUERY], receiveResponseXML=[50, 100], getLastError=["NoOp"])
    run(service)
    told = [arguments[1] for name, arguments in service.calls if name == "sendRequestXML"]
    assert "<HostQueryRs" in told[0]
    assert len(told) > len(answers)
    assert set(told[1:]) == {""}


def test_no_op_waits_five_seconds():
    service = Scripted(sendRequestXML=["", "NoOp", QUERY], getLastError=["NoOp", "noop"])
    began = []
    result, desk = run(service, before=lambda desk: began.append(desk.clock.elapsed_s()))
    assert service.names() == [*BEGIN, *["sendRequestXML", "getLastError"] * 2, *ONE_REQUEST[3:]]
    assert result.ended == "done"
    assert 10 <= desk.clock.elapsed_s() - began[0] < 12


def test_somebody_ends_the_program_in_mid_session():
    """The lock is given back and the session ended, so that the next update is not kept out."""

    async def story(desk):
        service = Scripted(sendRequestXML=[""], getLastError=["NoOp"])
        update = asyncio.get_running_loop().create_task(desk.update(service))
        await desk.clock.sleep(12)
        update.cancel()
        await asyncio.gather(update, return_exceptions=True)
        return service.names(), list(desk.quickbooks.sessions), await desk.extensions()

    names, sessions, extensions = on_desk(story)
    assert names.count("getLastError") == 3
    assert (sessions, extensions) == ([], {"AppLock": "UNLOCKED"})


def test_expect_continue():
    async def story(desk):
        service = Scripted()
        line = Service("http://localhost/", desk.clock, None, service, expect_continue=True)
        await line.exchange(OPERATIONS["serverVersion"], [])
        await line.close()
        return service.headers[0]["HTTP_EXPECT"]

    assert on_desk(story) == "100-continue"


def test_an_endless_no_op_ends():
    result, _ = run(Scripted(sendRequestXML=[""], getLastError=["NoOp"]), limit_s=60)
    assert (result.ended, result.operations()[-1]) == ("gave up", "closeConnection")


class Slow(httpx.AsyncBaseTransport):
    """A service that takes its time for some operations: story seconds, by their names."""

    def __init__(self, service, clock, seconds):
        self.service, self.clock, self.seconds = WsgiTransport(service), clock, seconds

    async def handle_async_request(self, request):
        await self.clock.sleep(self.seconds.get(request.headers["SOAPAction"].rsplit("/")[-1].strip('"'), 0))
        return await self.service.handle_async_request(request)


@pytest.mark.parametrize(
    ("slow", "answers", "calls"),
    [
        ("authenticate", {}, [*BEGIN, "closeConnection"]),
        (
            "connectionError",
            {"authenticate": [["t", r"C:\none.qbw"]], "connectionError": [""]},
            [*BEGIN, "connectionError", "closeConnection"],
        ),
        ("sendRequestXML", {}, [*BEGIN, "sendRequestXML", "closeConnection"]),
        (
            "getLastError",
            {"sendRequestXML": [""], "getLastError": ["NoOp"]},
            [*BEGIN, "sendRequestXML", "getLastError", "closeConnection"],
        ),
        ("receiveResponseXML", {"receiveResponseXML": [50]}, ONE_REQUEST),
    ],
)
@pytest.mark.parametrize("quickbooks_s", [0, 2])
def test_a_slow_service_uses_the_limit_up(slow, answers, calls, quickbooks_s):
    """The update ends before the next call, to whomever: QuickBooks is not called hung, and holds no lock."""
    service = Scripted(**answers)

    async def story(desk):
        if quickbooks_s:
            desk.fault("slow", where={"request": "CustomerQueryRq"}, **{"with": {"seconds": quickbooks_s}})
        result = await desk.update(Slow(service, desk.clock, {slow: 4}), limit_s=3)
        elapsed_s = desk.clock.elapsed_s()
        return result, await desk.extensions(), list(desk.quickbooks.sessions), elapsed_s

    result, extensions, sessions, elapsed_s = on_desk(story)
    assert (result.ended, result.status, result.remarks) == ("gave up", "the update took longer than its limit of 3 s", [])
    assert service.names() == calls
    assert result.requests == calls.count("receiveResponseXML")
    assert (extensions.get("AppLock", "UNLOCKED"), sessions) == ("UNLOCKED", [])
    assert elapsed_s < 7


def test_a_service_that_is_slow_and_done():
    service = Scripted()

    async def story(desk):
        return await desk.update(Slow(service, desk.clock, {"receiveResponseXML": 4}), limit_s=3)

    assert on_desk(story).ended == "done"


@pytest.mark.parametrize("request_", ["DataExtDefQueryRq", "DataExtDefAddRq"])
def test_the_limit_is_over_while_the_lock_is_taken(request_):
    """It may be written all the same, and is given back."""

    async def story(desk):
        desk.fault("slow", where={"request": request_}, when={"nth": 1}, **{"with": {"seconds": 4}})
        result = await desk.update(Scripted(), limit_s=3)
        await desk.clock.sleep(60)
        return result, await desk.extensions()

    result, extensions = on_desk(story)
    assert (result.ended, result.remarks) == ("gave up", [])
    assert extensions == {"AppLock": "UNLOCKED"}


@pytest.mark.parametrize(("service_s", "quickbooks_s"), [(2, 4), (2.9, 3), (0, 4)])
def test_quickbooks_has_too_little_time_left(service_s, quickbooks_s):
    """It was not given as long as a goodbye may take: that it hangs is not known, and the goodbye shows it."""
    service = Scripted()

    async def story(desk):
        desk.fault("slow", where={"request": "CustomerQueryRq"}, **{"with": {"seconds": quickbooks_s}})
        result = await desk.update(Slow(service, desk.clock, {"sendRequestXML": service_s}), limit_s=3)
        return result, await desk.extensions(), list(desk.quickbooks.sessions)

    result, extensions, sessions = on_desk(story)
    assert (result.ended, result.status) == ("gave up", "QuickBooks did not answer before the update's limit of 3 s")
    assert (result.remarks, service.names()[-1]) == ([], "closeConnection")
    assert (extensions, sessions) == ({"AppLock": "UNLOCKED"}, [])


def test_no_request_and_an_error():
    service = Scripted(sendRequestXML=[""], getLastError=["the queue is broken"])
    result, _ = run(service)
    assert (result.ended, result.status) == ("error", "the queue is broken")
    assert service.names()[-2:] == ["getLastError", "closeConnection"]


def test_no_request_and_no_error():
    result, _ = run(Scripted(sendRequestXML=[""], getLastError=[""]))
    assert (result.ended, result.status) == ("done", "Bye")


def test_a_negative_answer():
    service = Scripted(receiveResponseXML=[-101])
    result, _ = run(service)
    assert (result.ended, result.status) == ("error", "it went wrong")
    assert service.names()[-3:] == ["receiveResponseXML", "getLastError", "closeConnection"]


def test_interactive_mode_is_refused():
    service = Scripted(sendRequestXML=[""], getLastError=["Interactive mode"])
    result, _ = run(service)
    assert result.status == "You must come back"
    assert service.names()[-3:] == ["getInteractiveURL", "interactiveRejected", "closeConnection"]


def test_a_document_that_quickbooks_refuses():
    service = Scripted(sendRequestXML=["<not qbxml>", QUERY], receiveResponseXML=[50, 100])
    result, desk = run(service)
    _, response, hresult, message = service.calls[4][1]
    assert (response, hresult) == ("", "0x80040400")
    assert message
    assert result.ended == "done"
    assert f"Sending error message back to application:\nHRESULT = 0x80040400\nMessage: {message}\n" in desk.log.text


@pytest.mark.parametrize(
    "document",
    [
        "\n  <?qbxml version='2.0'?><QBXML><QBXMLMsgsRq onError='continueOnError'><HostQueryRq/></QBXMLMsgsRq></QBXML>",
        "<?xml version='1.0' encoding='ISO-8859-1'?>\n<?qbxml version='6.0'?>"
        "<QBXML><QBXMLMsgsRq onError='stopOnError'><HostQueryRq/></QBXMLMsgsRq></QBXML>",
        "<?xml version='1.0'?><?qbxml version='16.0'?><QBXML><!-- c --><QBXMLMsgsRq onError='stopOnError'><CustomerQueryRq>"
        "<MaxReturned >1</MaxReturned ><IncludeRetElement>ListID</IncludeRetElement></CustomerQueryRq></QBXMLMsgsRq></QBXML>",
    ],
)
def test_documents_of_real_services(document):
    service = Scripted(sendRequestXML=[document])
    run(service)
    assert 'statusCode="0"' in service.calls[4][1][1]


# ---- QuickBooks ---------------------------------------------------------------------------------------------------------------------------


def test_connection_error_and_another_file():
    service = Scripted(authenticate=[["t", r"C:\none.qbw"]], connectionError=[r"C:\neither.qbw", ""])
    result, _ = run(service)
    assert service.names() == [*BEGIN, "connectionError", "connectionError", *ONE_REQUEST[3:]]
    assert (result.ended, result.codes) == ("done", [Qbwc.NO_QUICKBOOKS] * 2)
    assert result.ok
    assert [re.fullmatch("0x8004[0-9A-F]{4}", call[1][1]) is not None for call in service.calls[3:5]] == [True, True]


def test_a_session_that_is_lost_as_soon_as_it_began():
    """It is ended before the next attempt, which would meet 0x80040411 otherwise."""
    service = Scripted(connectionError=[""])

    async def story(desk):
        made = desk.processor()
        whole, failures = made.company_file, [SessionFailure("0x8004040A")]

        async def company_file(ticket):
            if failures:
                raise failures.pop()
            return await whole(ticket)

        made.company_file = company_file
        desk.processor = lambda: made
        return await desk.update(service)

    result = on_desk(story)
    assert (result.ended, result.codes) == ("done", [Qbwc.NO_QUICKBOOKS])
    assert service.names() == [*BEGIN, "connectionError", *ONE_REQUEST[3:]]


@pytest.mark.parametrize("word", ["done", "DONE"])
def test_connection_error_done(word):
    service = Scripted(connectionError=[word])
    result, _ = run(service, before=lambda desk: desk.quickbooks.log_out())
    assert service.names() == [*BEGIN, "connectionError", "closeConnection"]
    assert (result.ended, result.codes) == ("error", [Qbwc.NO_QUICKBOOKS])


def test_connection_error_is_not_retried_for_ever():
    service = Scripted(connectionError=[""])
    result, _ = run(service, {switches.CONNECTION_RETRIES_MAX: 3}, before=lambda desk: desk.quickbooks.log_out())
    assert service.names().count("connectionError") == 4
    assert result.ended == "gave up"


def test_no_close_connection_after_connection_error():
    service = Scripted()
    run(service, {switches.CLOSE_AFTER_CONNECTION_ERROR: False}, before=lambda desk: desk.quickbooks.log_out())
    assert service.names()[-1] == "connectionError"


def test_quickbooks_crashes_in_mid_session():
    service = Scripted(sendRequestXML=[QUERY, CUSTOMER.format("One")], receiveResponseXML=[50, -1])
    result, _ = run(service, before=lambda desk: desk.fault("crash", where={"request": "CustomerAddRq"}))
    assert service.calls[6][1][2].startswith("0x800")
    assert (result.ended, result.operations()[-1]) == ("error", "closeConnection")


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_an_answer_of_quickbooks_that_cannot_be_read(nth):
    """One of the Web Connector's own: those that take the lock, the first queries. The update ends with a code, the goodbye is said."""
    service = Scripted()
    result, desk = run(service, before=lambda desk: desk.fault("bad-bytes-out", when={"nth": nth}))
    assert (result.codes, service.names()) == ([Qbwc.FIRST_QUERIES], [*BEGIN, "closeConnection"])
    assert "cannot be read" in desk.log.text


@pytest.mark.parametrize(
    ("point", "remark"), [("quickbooks.before-process", "the lock may stay"), ("quickbooks.before-begin", "QuickBooks hung")]
)
def test_quickbooks_hangs(point, remark):
    """The update ends at its limit, the service is told goodbye, and QuickBooks is asked nothing more."""

    async def story(desk):
        service = Scripted()
        desk.fault("hang", point=point, when={"nth": 4} if point.endswith("process") else {"nth": 1})
        result = await desk.update(service, limit_s=300)
        return result, service.names(), desk.clock.elapsed_s()

    result, names, elapsed_s = on_desk(story)
    assert (result.ended, names[-1]) == ("gave up", "closeConnection")
    assert [remark in each for each in result.remarks] == [True]
    assert 300 <= elapsed_s < 310


@pytest.mark.parametrize(
    ("limit_s", "least_s", "most_s"),
    [(300, 300, 301), (1, 5, 6)],
)
def test_quickbooks_hangs_at_the_unlocking(limit_s, least_s, most_s):
    """The goodbye ends with the update's limit, and is given a few seconds however little is left of that."""
    service = Scripted()

    async def story(desk):
        desk.fault("hang", where={"request": "DataExtModRq"}, when={"nth": 2})
        result = await desk.update(service, limit_s=limit_s)
        return result, desk.clock.elapsed_s()

    result, elapsed_s = on_desk(story)
    assert (result.ended, result.codes, service.names()[-1]) == ("done", [Qbwc.END_FAILED], "closeConnection")
    assert result.remarks == ["QuickBooks hung at the goodbye: the lock may stay in the company file"]
    assert not result.ok
    assert least_s <= elapsed_s < most_s


@pytest.mark.parametrize("member", ["end", "close"])
@pytest.mark.parametrize("break_", [None, "process"])
def test_quickbooks_hangs_at_the_goodbye(member, break_):
    service = Scripted(**({} if break_ is None else {"sendRequestXML": [b"<html/>"]}))

    async def story(desk):
        made = desk.processor()

        async def hangs(*_):
            await desk.clock.sleep(100_000)

        setattr(made, member, hangs)
        desk.processor = lambda: made
        result = await desk.update(service, limit_s=10)
        return result, desk.clock.elapsed_s()

    result, elapsed_s = on_desk(story)
    assert (result.codes[-1], result.remarks) == (Qbwc.END_FAILED, ["QuickBooks hung at the goodbye"])
    assert service.names()[-1] == "closeConnection"
    assert 10 <= elapsed_s < 11


def test_without_a_limit_a_slow_goodbye_is_waited_for():
    async def story(desk):
        desk.fault("slow", where={"request": "DataExtModRq"}, when={"nth": 2}, **{"with": {"seconds": 100}})
        result = await desk.update(Scripted())
        return result, await desk.extensions()

    result, extensions = on_desk(story)
    assert (result.ok, result.remarks, extensions) == (True, [], {"AppLock": "UNLOCKED"})


# ---- the lock -----------------------------------------------------------------------------------------------------------------------------


def test_the_lock_is_taken_and_given_back():
    seen = []

    async def story(desk):
        service = Scripted()
        ask = service.__call__

        def look(environ, start_response):
            seen.append([row["DataExtValue"] for row in extension_rows(desk)])
            return ask(environ, start_response)

        await desk.update(look)
        return await desk.extensions()

    after = on_desk(story)
    assert seen[:3] == [[], [], []]
    assert re.fullmatch(r"LOCKED:SERVER:\d{18}", seen[3][0])
    assert after == {"AppLock": "UNLOCKED"}


def extension_rows(desk):
    from emulator.company import Caller
    from emulator.qbxml import MessageSet, Version, make_request

    request = make_request("CompanyQuery", {"OwnerID": ["{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"]})
    (answer,) = desk.company.begin_set(MessageSet(Version("16.0"), requests=[request]), Caller("looker")).finish()
    return answer.records[0][1].get("DataExtRet", [])


def test_ticks():
    value = lock_value("PC", START.replace(year=2017, month=1, day=3, hour=19, minute=25, second=24))
    # Observed in a public log at that time: 636190683248801537.
    assert value == "LOCKED:PC:636190683240000000"
    assert locked_by(value) == ("PC", START.replace(year=2017, month=1, day=3, hour=19, minute=25, second=24))
    assert [locked_by(each) for each in ("", "UNLOCKED", "LOCKED:PC:x", "LOCKED:PC:" + "9" * 30)] == [None] * 4


@pytest.mark.parametrize(
    ("host", "age_s", "ended"), [("SERVER", 3600.0, "done"), ("SERVER", 10.0, "error"), ("OTHER", 3600.0, "error")]
)
def test_a_lock_that_somebody_left(host, age_s, ended):
    service = Scripted()

    async def story(desk):
        desk.fault("stale-app-lock", **{"with": {"host": host, "age_s": age_s}})
        return await desk.update(service), desk.log.text

    result, log = on_desk(story)
    assert result.ended == ended
    assert service.names()[-1] == "closeConnection"
    assert ("Got Lock" in log) is (ended == "done")
    assert ("taken over" in log) is (ended == "done")


# ---- answers that are none ------------------------------------------------------------------------------------------------------------------

PAGE = (200, b"<!DOCTYPE html><html><body>Welcome</body></html>")


@pytest.mark.parametrize(
    ("operation", "code", "ended_with"),
    [
        ("authenticate", 1012, "authenticate"),
        ("sendRequestXML", 1041, "closeConnection"),
        ("receiveResponseXML", 1042, "closeConnection"),
        ("closeConnection", 1044, "closeConnection"),
    ],
)
@pytest.mark.parametrize("body", [PAGE, (404, b"not here"), (500, b""), (200, b"\x00\xff")])
def test_answers_that_are_none(operation, code, ended_with, body):
    service = Scripted(**{operation: [body]})
    result, desk = run(service)
    assert (result.codes, service.names()[-1]) == ([code], ended_with)
    assert f"QBWC{code}" in desk.log.text


@pytest.mark.parametrize("answer", ["33.3", "", "fine"])
def test_an_answer_that_is_no_whole_number(answer):
    result, _ = run(Scripted(receiveResponseXML=[answer]))
    assert (result.codes, result.operations()[-1]) == ([Qbwc.RECEIVE_RESPONSE], "closeConnection")


@pytest.mark.parametrize("answer", ["99999999999999999999", "-99999999999", "2147483648", "9" * 5000])
def test_an_answer_that_no_int_holds(answer):
    result, _ = run(Scripted(receiveResponseXML=[answer]))
    assert result.codes == [Qbwc.RECEIVE_RESPONSE]
    assert "is out of the range of a 32-bit int" in result.status
    assert len(result.status) < 200


def test_get_last_error_fails():
    result, _ = run(Scripted(sendRequestXML=[""], getLastError=[PAGE]))
    assert (result.codes, result.operations()[-1]) == ([Qbwc.LAST_ERROR], "closeConnection")


def test_connection_error_fails():
    result, _ = run(Scripted(connectionError=[PAGE]), before=lambda desk: desk.quickbooks.log_out())
    assert result.codes == [Qbwc.NO_QUICKBOOKS, Qbwc.CONNECTION_ERROR]


def test_client_version_fails():
    result, _ = run(Scripted(clientVersion=[PAGE]))
    assert (result.codes, result.ended, result.ok) == ([Qbwc.CLIENT_VERSION], "done", True)
    result, _ = run(Scripted(clientVersion=[PAGE]), {switches.CLIENT_VERSION_FAILED: "abort"})
    assert result.operations() == BEGIN[:2]


@pytest.mark.parametrize(
    ("answers", "before", "codes", "ok"),
    [
        ({"authenticate": [["t", r"C:\none.qbw"]], "connectionError": [""]}, None, [1013], True),
        ({"clientVersion": [PAGE], "authenticate": [["t", r"C:\none.qbw"]], "connectionError": [""]}, None, [1036, 1013], True),
        ({"clientVersion": [PAGE], "authenticate": [["", "none"]]}, None, [1036], True),
        ({}, lambda desk: desk.quickbooks.log_out(), [1013], False),
        ({"authenticate": [["t", r"C:\none.qbw"]], "connectionError": [""], "receiveResponseXML": [-1]}, None, [1013], False),
        ({"closeConnection": [PAGE]}, None, [1044], False),
    ],
    ids=["retried", "retried, no clientVersion", "no data", "never", "retried, then an error", "no goodbye"],
)
def test_what_was_met_on_the_way_and_overcome_is_no_error(answers, before, codes, ok):
    """What counts is how the update ended; the codes are told all the same."""
    result, _ = run(Scripted(**answers), before=before)
    assert (result.codes, result.ok) == (codes, ok)


def test_the_silent_ending():
    service = Scripted(sendRequestXML=[PAGE])
    run(service, {switches.AFTER_TRANSPORT_ERROR: "silent"})
    assert service.names()[-1] == "sendRequestXML"


def test_a_result_in_no_namespace():
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><q:authenticateResponse xmlns:q="http://developer.intuit.com/">'
        b"<authenticateResult><string>t</string><string></string></authenticateResult></q:authenticateResponse></s:Body></s:Envelope>"
    )
    result, _ = run(Scripted(authenticate=[body]))
    assert (result.ended, len(result.remarks)) == ("done", 1)
    result, _ = run(Scripted(authenticate=[body]), {switches.NO_NAMESPACE: "nothing"})
    assert result.codes == [Qbwc.AUTHENTICATE]
