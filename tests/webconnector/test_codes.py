"""Every code of the table is given in the state that it stands for, or stands in the list of those that are never given, with the reason."""

import os
import socket
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from emulator.core.errors import UserMistake
from emulator.desktop import SessionFailure
from emulator.webconnector import qwc
from emulator.webconnector.adding import look_at_urls, write_file_id
from emulator.webconnector.codes import MEANINGS, NEVER_GIVEN, Qbwc
from emulator.webconnector.qwclog import Log
from emulator.webconnector.registry import Registry
from emulator.webconnector.scheduler import Connector
from emulator.webconnector.service import Service

from .desk import APPLICATION, START, Scripted, on_desk
from .test_qwc import file

PAGE = (200, b"<html>Welcome</html>")
FAILS = SessionFailure("0x800706BA")


# ---- the states: each returns what a person is told -----------------------------------------------------------------------------------------


def reading(**changes):
    """A .qwc is read."""
    return lambda folder: qwc.read(file(changes))


def looking(status=200, error=None, url=APPLICATION.url):
    """Its URLs are looked at."""

    def answer(request):
        if error is not None:
            raise httpx.ConnectError("no") from error
        return httpx.Response(status, stream=httpx.ByteStream(b""))

    async def story(desk):
        await look_at_urls(replace(APPLICATION, url=url), Service(url, desk.clock, None, httpx.MockTransport(answer)), desk.log)

    return lambda folder: on_desk(story)


def adding(break_=lambda desk, processor: None, application=APPLICATION):
    """Its FileID is written into the company file."""

    async def story(desk):
        processor = desk.processor()
        break_(desk, processor)
        try:
            await write_file_id(application, processor, desk.settings, desk.log)
        except UserMistake as told:
            return f"{desk.log.text}{told}"
        return desk.log.text

    return lambda folder: on_desk(story)


def updating(before=lambda desk: None, password="secret", user="bridge", **answers):
    """An update runs."""

    async def story(desk):
        before(desk)
        await desk.update(Scripted(**answers), password=password, application=replace(APPLICATION, user=user))
        return desk.log.text

    return lambda folder: on_desk(story)


def fails(name, call=1):
    """The n-th call of a member of the request processor fails."""

    def break_(desk, processor):
        whole, calls = getattr(processor, name), []

        async def member(*given):
            calls.append(given)
            if len(calls) == call:
                raise FAILS
            return await whole(*given)

        setattr(processor, name, member)

    return break_


def no_quickbooks(desk, *_):
    desk.quickbooks.log_out()


def closed_between_the_sessions(desk, processor):
    whole = processor.close

    async def close():
        await whole()
        desk.quickbooks.log_out()

    processor.close = close


def session_that_does_not_end(desk):
    made = desk.processor()
    fails("end")(desk, made)
    desk.processor = lambda: made


def another_file_id(folder):
    async def story(desk):
        await write_file_id(replace(APPLICATION, file=APPLICATION.owner), desk.processor(), desk.settings, desk.log)
        await write_file_id(APPLICATION, desk.processor(), desk.settings, desk.log)

    return on_desk(story)


def registered(act, name=""):
    """A registry with an application in it is used, after something took the place of one of its files."""

    def state(folder):
        registry = Registry(folder / "state")
        registry.add(APPLICATION, "secret", START)
        if name:
            path = registry.folder / name.format(os.getpid())
            path.unlink(missing_ok=True)
            path.mkdir()
        act(registry)

    return state


def a_registry_that_cannot_be(folder):
    (folder / "state").write_text("")
    Registry(folder / "state")


def scheduled(removed, **answers):
    """The schedule runs an application, which somebody may have taken out meanwhile."""

    def state(folder):
        registry = Registry(folder / "state")
        registry.add(replace(APPLICATION, every_s=60), "secret", START)

        class OneOf(Connector):
            def due_next(self):
                entry = super().due_next()
                if removed and entry is not None:
                    registry.remove(entry.key)
                return entry

            @asynccontextmanager
            async def service(self, entry):
                yield Service(entry.application.url, self.around.clock, None, Scripted(**answers))

        async def story(desk):
            @asynccontextmanager
            async def processor(application):
                yield desk.processor()

            await OneOf(registry, processor, desk.around()).run(lambda *_: None, 1)
            return desk.log.text

        return on_desk(story)

    return state


GIVEN = {
    Qbwc.DOMAINS_DIFFER: reading(AppSupport="http://other.example.net/"),
    Qbwc.URL_IS_ADDRESS: reading(AppURL="https://10.0.0.5/"),
    Qbwc.SUPPORT_IS_ADDRESS: reading(AppSupport="http://10.0.0.5/"),
    Qbwc.SUPPORT_STATUS: looking(404),
    Qbwc.SUPPORT_FAILED: looking(error=ConnectionRefusedError()),
    Qbwc.LOG_MISSING: lambda folder: Log(lambda: START, folder / "none" / "QWCLog.txt"),
    Qbwc.START_FAILED: a_registry_that_cannot_be,
    Qbwc.CONNECT_FAILED: adding(fails("begin")),
    Qbwc.CONNECT_FAILED_TWICE: adding(no_quickbooks),
    Qbwc.NOT_HTTPS: reading(AppURL="http://bridge.example.com/"),
    Qbwc.NOT_REGISTERED: registered(lambda registry: registry.get("other")),
    Qbwc.AUTHENTICATE: updating(authenticate=[PAGE]),
    Qbwc.NO_QUICKBOOKS: updating(no_quickbooks),
    Qbwc.FIRST_QUERIES: updating(lambda desk: desk.fault("session-error", times=1)),
    Qbwc.END_FAILED: updating(session_that_does_not_end),
    Qbwc.LIST_NOT_UPDATED: registered(lambda registry: registry.remove("bridge"), "applications.json.{}.new"),
    Qbwc.NOTHING_TO_SELECT: lambda folder: Registry(folder).chosen([]),
    Qbwc.PROCESSOR_VERSION: adding(fails("versions")),
    Qbwc.SEARCH_CONNECT_FAILED: adding(fails("begin", 2)),
    Qbwc.SEARCH_CONNECT_FAILED_TWICE: adding(closed_between_the_sessions),
    Qbwc.FILE_ID_SEARCH: adding(lambda desk, _: desk.fault("session-error", where={"request": "CompanyQueryRq"})),
    Qbwc.FILE_ID_IN_USE: another_file_id,
    Qbwc.FILE_ID_WRITE: adding(lambda desk, _: desk.fault("internal-1000", where={"request": "DataExtModRq"})),
    Qbwc.PASSWORD_NOT_KEPT: registered(lambda registry: registry.add(APPLICATION, "new", START), "passwords.json.{}.new"),
    Qbwc.PASSWORD_NOT_READ: registered(lambda registry: registry.password("bridge"), "passwords.json"),
    Qbwc.NO_PASSWORD: updating(password=""),
    Qbwc.ENDED_WITH_ERROR: scheduled(False, receiveResponseXML=[-1]),
    Qbwc.SCHEDULED_NOT_REGISTERED: scheduled(True),
    Qbwc.LOG_NOT_WRITABLE: lambda folder: Log(lambda: START, folder),
    Qbwc.AUTH_FLAGS: reading(AuthFlags="all"),
    Qbwc.LOCALHOST: looking(error=socket.gaierror("no such name")),
    Qbwc.CLIENT_VERSION: updating(clientVersion=[PAGE]),
    Qbwc.VERSION_REFUSED: updating(clientVersion=["E:too old"]),
    Qbwc.NOT_ADDED: reading(FileID="{1}"),
    Qbwc.BAD_CREDENTIALS: updating(user=""),
    Qbwc.SEND_REQUEST: updating(sendRequestXML=[PAGE]),
    Qbwc.RECEIVE_RESPONSE: updating(receiveResponseXML=[PAGE]),
    Qbwc.LAST_ERROR: updating(sendRequestXML=[""], getLastError=[PAGE]),
    Qbwc.CLOSE_CONNECTION: updating(closeConnection=[PAGE]),
    Qbwc.CONNECTION_ERROR: updating(no_quickbooks, connectionError=[PAGE]),
    Qbwc.VERSION_SYNTAX: updating(clientVersion=["hello"]),
    Qbwc.CERTIFICATE: looking(405, url="https://localhost/"),
    Qbwc.QB_TYPE: reading(QBType="QBOE"),
    Qbwc.READ_ONLY: adding(application=replace(APPLICATION, read_only=True)),
}


@pytest.mark.parametrize("code", Qbwc, ids=lambda code: code.label)
def test_every_code_is_given(code, tmp_path):
    try:
        told = str(GIVEN[code](tmp_path))
    except UserMistake as mistake:
        told = str(mistake)
    assert f"{code.label}: {MEANINGS[code].wording}" in told


def test_every_code_is_given_or_there_is_a_reason():
    assert set(MEANINGS) == set(Qbwc) | set(NEVER_GIVEN)
    assert not set(Qbwc) & set(NEVER_GIVEN)


def test_an_application_that_is_taken_out(tmp_path):
    registry = Registry(tmp_path)
    for each in (APPLICATION, replace(APPLICATION, unique_name="other", file=APPLICATION.owner)):
        registry.add(each, "secret", START)
    assert registry.remove("BRIDGE").application == APPLICATION
    assert [each.key for each in registry.entries()] == ["other"]
    assert "bridge" not in (tmp_path / "passwords.json").read_text()
