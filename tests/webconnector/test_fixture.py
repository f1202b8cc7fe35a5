"""The fixture `webconnector`, as a user's test suite would use it."""

import pytest

pytest_plugins = ["pytester"]

USERS_TEST = '''
    import threading
    from asyncio import CancelledError
    from contextvars import ContextVar
    import pytest
    from lxml import etree
    from emulator.core.errors import UserMistake
    from emulator.core.serving import Serving

    NS = "http://developer.intuit.com/"
    ADD = """<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><InvoiceAddRq><InvoiceAdd>
    <CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef><RefNumber>T-1</RefNumber>
    <InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef><Quantity>2</Quantity></InvoiceLineAdd>
    </InvoiceAdd></InvoiceAddRq></QBXMLMsgsRq></QBXML>"""

    def answer(body):
        (call,) = etree.fromstring(body).find("{*}Body")
        name = etree.QName(call).localname
        results = {"authenticate": "<string>t</string><string></string>", "sendRequestXML": ADD.replace("&", "&amp;").replace("<", "&lt;"),
            "receiveResponseXML": "100", "closeConnection": "Bye", "serverVersion": "1", "clientVersion": "", "getLastError": ""}
        return (f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><{name}Response xmlns="{NS}"><{name}Result>'
            f"{results[name]}</{name}Result></{name}Response></s:Body></s:Envelope>").encode()

    def wsgi(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [answer(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))]

    async def asgi(scope, receive, send):
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/xml")]})
        await send({"type": "http.response.body", "body": answer(body)})

    @pytest.mark.parametrize("app", [wsgi, asgi])
    def test_an_app(webconnector, quickbooks, app):
        result = webconnector.update(app)
        assert (result.ok, result.status, result.requests) == (True, "Bye", 1)
        assert result.operations()[-1] == "closeConnection"
        assert [row["ref"] for row in quickbooks.booked("Invoice")] == ["T-1"]
        assert [row["operation"] for row in quickbooks.rows("web-connector-call")] == result.operations()
        assert "InvoiceAddRs" in webconnector.log

    def test_a_url(webconnector, quickbooks):
        serving = Serving(wsgi).start()
        try:
            assert webconnector.update(serving.url).ok
        finally:
            serving.stop()
        assert len(quickbooks.booked("Invoice")) == 1

    @pytest.mark.parametrize("asynchronous", [False, True])
    def test_an_app_that_raises_leaves_no_lock(webconnector, quickbooks, asynchronous):
        """What it raised is the test's to see; the company file is free for the next update."""
        broken = {"now": True}

        def raising(environ, start_response):
            if broken["now"] and "receiveResponseXML" in environ["HTTP_SOAPACTION"]:
                raise KeyError("of the app")
            return wsgi(environ, start_response)

        async def raising_later(scope, receive, send):
            if broken["now"] and any(b"receiveResponseXML" in value for _, value in scope["headers"]):
                raise KeyError("of the app")
            await asgi(scope, receive, send)

        app = raising_later if asynchronous else raising
        with pytest.raises(KeyError, match="of the app"):
            webconnector.update(app)
        broken["now"] = False
        assert webconnector.update(app).ok

    @pytest.mark.parametrize("kind", ["large", "slow"])
    @pytest.mark.parametrize("asynchronous", [False, True])
    def test_an_answer_without_end(webconnector, quickbooks, asynchronous, kind):
        """Refused for its size, or for its time: by then it has neither filled the memory nor held the test up."""
        chunk = b"x" * (2**20 if kind == "large" else 1)

        def endless(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/xml")])
            while True:
                yield chunk

        async def endless_later(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

        settings = {"webconnector.soap-limit-s": 30 if kind == "large" else 1}
        result = webconnector.update(endless_later if asynchronous else endless, settings=settings)
        assert result.ended == "error"
        assert ("larger than" if kind == "large" else "timed out") in webconnector.log

    @pytest.mark.parametrize("asynchronous", [False, True])
    @pytest.mark.parametrize("ending", [SystemExit(3), KeyboardInterrupt(), StopIteration(1), OSError(2, "x"), TimeoutError(), CancelledError()])
    def test_an_app_that_ends_itself_does_not_end_quickbooks(webconnector, quickbooks, asynchronous, ending):
        def ends(environ, start_response):
            raise ending

        async def ends_later(scope, receive, send):
            raise ending

        # A coroutine cannot raise StopIteration: Python makes another error of it.
        expected = RuntimeError if asynchronous and isinstance(ending, StopIteration) else type(ending)
        with pytest.raises(expected):
            webconnector.update(ends_later if asynchronous else ends)
        assert webconnector.update(wsgi).ok

    def test_an_app_that_never_comes_back(webconnector, quickbooks):
        """Neither the update nor the end of the test run waits for it."""
        result = webconnector.update(lambda environ, start_response: threading.Event().wait(), settings={"webconnector.soap-limit-s": 1})
        assert result.ended == "error"

    def test_an_app_has_one_thread_and_one_context(webconnector, quickbooks):
        seen, mark = [], ContextVar("mark", default=0)

        def app(environ, start_response):
            mark.set(mark.get() + 1)
            for chunk in wsgi(environ, start_response):
                seen.append((threading.get_ident(), mark.get()))
                yield chunk
                seen.append((threading.get_ident(), mark.get()))

        assert webconnector.update(app).ok
        assert len({thread for thread, _ in seen}) == 1
        assert [number for _, number in seen[::2]] == [number for _, number in seen[1::2]]

    def test_an_app_may_write_and_say_latin_1(webconnector, quickbooks):
        def app(environ, start_response):
            write = start_response("200 OK", [("Content-Type", "text/xml"), ("X-Name", "Jos\u00e9")])
            write(answer(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
            return []

        assert webconnector.update(app).ok

    def test_an_app_may_ask_the_books(webconnector, quickbooks):
        def asking(environ, start_response):
            asked.append(len(quickbooks.customers()))
            return wsgi(environ, start_response)

        async def asking_later(scope, receive, send):
            asked.append(len(quickbooks.customers()))
            await asgi(scope, receive, send)

        asked = []
        assert webconnector.update(asking).ok and webconnector.update(asking_later).ok
        assert set(asked) == {len(quickbooks.customers())}

    def test_an_update_within_an_update(webconnector, quickbooks):
        """Of a WSGI app it finds the company file locked; an ASGI app would stop the thread that both need, and is told so."""
        def inner(environ, start_response):
            if "receiveResponseXML" in environ["HTTP_SOAPACTION"]:
                told.append(webconnector.update(wsgi).status)
            return wsgi(environ, start_response)

        async def inner_later(scope, receive, send):
            webconnector.update(wsgi)

        told = []
        assert webconnector.update(inner).ok
        assert [text.partition(" by ")[0] for text in told] == ["The company file is locked"]
        with pytest.raises(UserMistake, match="a call from the test"):
            webconnector.update(inner_later)

    @pytest.mark.parametrize("service", ["notaurl", "http://", "ftp://x/", "http://[", 5, None])
    def test_what_is_no_service_is_refused(webconnector, service):
        with pytest.raises(UserMistake, match="expected a WSGI or ASGI app object, or a URL"):
            webconnector.update(service)

    def no_start(environ, start_response):
        return [b"x"]

    def no_start_and_nothing(environ, start_response):
        return []

    def nothing(environ, start_response):
        start_response("200 OK", [])

    def texts(environ, start_response):
        start_response("200 OK", [])
        return ["x"]

    def a_text(environ, start_response):
        start_response("200 OK", [])
        return "x"

    def a_number(environ, start_response):
        start_response(200, [])
        return [b"x"]

    def headers(environ, start_response):
        start_response("200 OK", [("Content-Length", 1)])
        return [b"x"]

    def odd_status(environ, start_response):
        start_response("2000 OK", [])
        return [b"x"]

    def no_pairs(environ, start_response):
        start_response("200 OK", {"a": "b"})
        return [b"x"]

    def no_headers(environ, start_response):
        start_response("200 OK", None)
        return [b"x"]

    def odd_header(environ, start_response):
        start_response("200 OK", [("A\\r\\nB", "x")])
        return [b"x"]

    async def no_asgi_headers(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": None})

    async def text_headers(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [("a", "b")]})

    async def silent(scope, receive, send):
        pass

    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def body_first(scope, receive, send):
        await send({"type": "http.response.body", "body": b"x"})

    async def text_body(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": "x"})

    async def twice(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})
        await send({"type": "http.response.body", "body": b"x"})

    async def no_message(scope, receive, send):
        await send("http.response.start")

    APPS = [no_start, no_start_and_nothing, nothing, texts, a_text, a_number, headers, odd_status, no_pairs, no_headers, odd_header,
        no_asgi_headers, text_headers, silent, half, body_first, text_body, twice, no_message]

    @pytest.mark.parametrize("app", APPS)
    def test_an_app_that_does_not_keep_the_rules_is_told(webconnector, quickbooks, app):
        with pytest.raises(UserMistake, match="the app does not keep the rules of (WSGI|ASGI): it gave .*; expected "):
            webconnector.update(app)
        assert webconnector.update(wsgi).ok

    def test_a_quickbooks_that_hangs(webconnector, quickbooks):
        quickbooks.fault("hang", point="quickbooks.before-begin", times=1)
        result = webconnector.update(wsgi, limit_s=1)
        assert (result.ended, result.operations()[-1]) == ("gave up", "closeConnection")

    def test_a_qwc_of_ones_own(webconnector, quickbooks, tmp_path):
        file = tmp_path / "own.qwc"
        file.write_text("<QBWCXML><AppName>Own</AppName><AppID/><AppURL>http://localhost/</AppURL><AppDescription/><AppSupport>http://localhost/"
            "</AppSupport><UserName>me</UserName><OwnerID>{57F3B9B6-86F1-4FCC-B1FF-966DE1813D29}</OwnerID>"
            "<FileID>{57F3B9B6-86F1-4FCC-B1FF-966DE1813D28}</FileID><QBType>QBFS</QBType></QBWCXML>")
        for user, sent in ((None, "me"), ("another", "another")):
            result = webconnector.update(wsgi, qwc=file, user=user)
            assert (result.application, result.calls[2].arguments) == ("Own", (sent,))
        file.write_text(file.read_text().replace("QBFS", "QBPOS"))
        with pytest.raises(UserMistake, match="Point of Sale"):
            webconnector.update(wsgi, qwc=file)
        assert "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D28}" in webconnector.log

    def test_a_lost_answer(webconnector, quickbooks):
        quickbooks.fault("wc-answer-lost", times=1)
        results = [webconnector.update(wsgi) for _ in range(2)]
        assert [[code.label for code in result.codes] for result in results] == [["QBWC1042"], []]
        # A service that sends again what it does not know to be done books it twice.
        assert [row["ref"] for row in quickbooks.booked("Invoice")] == ["T-1", "T-1"]
'''


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_users_suite(pytester, workers):
    pytester.makepyfile(USERS_TEST)
    result = pytester.runpytest_subprocess("-q", "-W", "error", *workers)
    result.assert_outcomes(passed=54)
