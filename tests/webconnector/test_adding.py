"""What is looked at when an application is added, and what is written into the company file."""

from dataclasses import replace

import httpx
import pytest

from emulator.desktop import Code, SessionFailure
from emulator.webconnector import switches
from emulator.webconnector.adding import look_at_urls, write_file_id
from emulator.webconnector.qwc import NotAdded
from emulator.webconnector.service import Service

from .desk import APPLICATION, on_desk

OTHER_FILE = "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D22}"


def test_the_file_id_is_written_once():
    async def story(desk):
        wrote = [await write_file_id(APPLICATION, desk.processor(), desk.settings, desk.log) for _ in range(2)]
        return wrote, await desk.extensions(), list(desk.quickbooks.sessions)

    assert on_desk(story) == ([True, False], {"FileID": APPLICATION.file}, [])


def test_another_file_id_is_there():
    async def story(desk):
        await write_file_id(APPLICATION, desk.processor(), desk.settings, desk.log)
        with pytest.raises(NotAdded, match="QBWC1026"):
            await write_file_id(replace(APPLICATION, file=OTHER_FILE), desk.processor(), desk.settings, desk.log)
        return desk.log.text

    assert "QBWC1026" in on_desk(story)


@pytest.mark.parametrize("setting", ["refused", "taken"])
def test_an_application_that_only_reads(setting):
    async def story(desk):
        return await write_file_id(replace(APPLICATION, read_only=True), desk.processor(), desk.settings, desk.log)

    if setting == "taken":
        assert on_desk(story, {switches.READ_ONLY: setting})
    else:
        with pytest.raises(NotAdded, match="QBWC1080"):
            on_desk(story)


def test_quickbooks_is_closed_when_it_is_added():
    async def story(desk):
        desk.quickbooks.log_out()
        with pytest.raises(NotAdded, match="QBWC1008"):
            await write_file_id(APPLICATION, desk.processor(), desk.settings, desk.log)
        return desk.log.text

    log = on_desk(story)
    assert "QBWC1007" in log
    assert "QBWC1008" in log


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("http://localhost/qbwc", 200, ""),
        ("http://localhost/qbwc", 202, ""),
        ("http://localhost/qbwc", 404, "QBWC1003"),
        ("http://localhost/qbwc", 0, "QBWC1004"),
        ("https://localhost/qbwc", 405, "QBWC1048"),
        ("https://localhost/qbwc", 200, ""),
    ],
)
def test_urls_are_looked_at(url, status, code):
    def answer(request):
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, stream=httpx.ByteStream(b""))

    async def story(desk):
        service = Service(url, desk.clock, None, httpx.MockTransport(answer))
        await look_at_urls(replace(APPLICATION, url=url), service, desk.log)
        await service.close()

    if code:
        with pytest.raises(NotAdded, match=code):
            on_desk(story)
    else:
        on_desk(story)


def test_what_can_be_done_is_a_sentence_of_its_own():
    async def story(desk):
        made = desk.processor()

        async def begin(path):
            raise SessionFailure(Code.UNKNOWN_APPLICATION)

        made.begin = begin
        with pytest.raises(NotAdded, match="QBWC1008") as refused:
            await write_file_id(APPLICATION, made, desk.settings, desk.log)
        return str(refused.value)

    told = on_desk(story)
    assert ".;" not in told
    assert ". Its Admin lets" in told
