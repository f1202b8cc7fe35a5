"""QWCLog.txt: the real layout, its three levels, the file that is full, the file that cannot be written."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from emulator.core.errors import UserMistake
from emulator.webconnector import qwclog
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.qwclog import Level, Log, append

from .desk import Scripted, on_desk

AT = datetime(2021, 7, 1, 19, 32, 3, tzinfo=UTC)
LINE = re.compile(r"^\d{8}\.\d\d:\d\d:\d\d UTC\t: QBWebConnector\.\w+\.\w+\(\) : .+$")


def test_the_head():
    assert Log(lambda: AT).text.splitlines() == [
        "Log file initialized at Thursday, July 1, 2021 - 7:32 PM UTC",
        "Timestamp format used: YYYYMMDD.HH:MM:SS UTC",
        "QBWebConnector 2.3 has been initialized with its logging status to level = DEBUG.",
        "Please restart QBWebConnector for any change in log level to take effect. Use file menu to clear log.",
    ]


def test_lines():
    log = Log(lambda: AT)
    log.line("SOAPWebService.do_serverVersion", "*** Calling serverVersion().")
    log.code("SOAPWebService.do_authenticate", Qbwc.AUTHENTICATE, "It broke.")
    log.xml("SOAPWebService.ProcessRequestXML", "<?xml" + "x" * 100)
    assert log.text.splitlines()[4:] == [
        "20210701.19:32:03 UTC\t: QBWebConnector.SOAPWebService.do_serverVersion() : *** Calling serverVersion().",
        "20210701.19:32:03 UTC\t: QBWebConnector.SOAPWebService.do_authenticate() : QBWC1012: Authentication failed. It broke.",
        "20210701.19:32:03 UTC\t: QBWebConnector.SOAPWebService.ProcessRequestXML() : XML dump follows: -",
        "<?xml" + "x" * 45 + "......",
    ]


@pytest.mark.parametrize(
    ("level", "shown"), [(Level.NONE, ""), (Level.DEBUG, "x" * 50 + "......\n"), (Level.VERBOSE, "x" * 100 + "\n")]
)
def test_levels(level, shown):
    log = Log(lambda: AT, level=level)
    log.xml("A.b", "x" * 100)
    assert log.text.endswith(shown)
    assert (log.text == "") is (level is Level.NONE)


def test_the_file_is_appended_to_and_put_aside(tmp_path, monkeypatch):
    path = tmp_path / "QWCLog.txt"
    header = Log(lambda: AT).text
    for _ in range(2):
        Log(lambda: AT, path)
    assert path.read_text() == header * 2
    monkeypatch.setattr(qwclog, "FILE_BYTES_MAX", 10)
    third = Log(lambda: AT, path)
    assert (path.read_text(), (tmp_path / "QWCLogOld.txt").read_text()) == (header, header * 2)
    # What is in the file is not in memory as well.
    assert third.text == ""


@pytest.mark.parametrize(("size", "kept", "aside"), [(None, 3, None), (10, 13, None), (11, 3, 11)])
def test_a_log_is_put_behind_another(tmp_path, monkeypatch, size, kept, aside):
    monkeypatch.setattr(qwclog, "FILE_BYTES_MAX", 10)
    path, old, more = tmp_path / "QWCLog.txt", tmp_path / "QWCLogOld.txt", tmp_path / "more.txt"
    more.write_bytes(b"new")
    if size is not None:
        path.write_bytes(b"x" * size)
    qwclog.append(more, path)
    assert path.read_bytes() == b"x" * (kept - 3) + b"new"
    assert (old.stat().st_size if old.exists() else None) == aside


def test_many_that_put_it_aside_at_once_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(qwclog, "FILE_BYTES_MAX", 10_000)
    path = tmp_path / "QWCLog.txt"
    path.write_bytes(b"x" * 10_001)
    parts = [tmp_path / f"{number}.txt" for number in range(8)]
    for number, part in enumerate(parts):
        part.write_bytes(str(number).encode() * 1_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda part: qwclog.append(part, path), parts))
    assert (tmp_path / "QWCLogOld.txt").read_bytes() == b"x" * 10_001
    # One behind the other, none of them torn.
    assert sorted(re.findall(r"(\d)\1{999}", path.read_text())) == list("01234567")


def test_a_full_file_that_cannot_be_put_aside_goes_on(tmp_path, monkeypatch):
    path = tmp_path / "QWCLog.txt"
    (tmp_path / "QWCLogOld.txt").mkdir()
    header = Log(lambda: AT, path).text or path.read_text()
    monkeypatch.setattr(qwclog, "FILE_BYTES_MAX", 10)
    Log(lambda: AT, path)
    assert path.read_text() == header * 2


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(UserMistake, match="QBWC1005"):
        Log(lambda: AT, tmp_path / "none" / "QWCLog.txt")
    with pytest.raises(UserMistake, match="QBWC1033"):
        Log(lambda: AT, tmp_path)


def test_a_log_that_is_lost_in_mid_update(tmp_path):
    """The update goes to its end without it, the company file is unlocked, the service hears goodbye; that it was lost is told."""
    path = tmp_path / "QWCLog.txt"
    service = Scripted()

    def app(environ, start_response):
        if environ["HTTP_SOAPACTION"].endswith('/sendRequestXML"'):
            path.unlink()
            path.mkdir()
        return service(environ, start_response)

    async def story(desk):
        desk.log = Log(desk.clock.now, path)
        result = await desk.update(app)
        path.rmdir()
        assert (await desk.update(Scripted())).ok
        return result, await desk.extensions()

    result, extensions = on_desk(story)
    assert (result.ended, result.ok, result.codes) == ("done", False, [Qbwc.LOG_NOT_WRITABLE])
    assert [str(path) in each for each in result.remarks] == [True]
    assert (service.names()[-1], extensions) == ("closeConnection", {"AppLock": "UNLOCKED"})


def test_an_update_in_the_log():
    async def story(desk):
        await desk.update(Scripted())
        return desk.log.text

    log = on_desk(story)
    assert "secret" not in log
    wanted = [
        "SOAPWebService.do_serverVersion",
        "SOAPWebService.do_clientVersion",
        "SOAPWebService.do_authenticate",
        "CompanyFileLock.getLock",
        "SOAPWebService.do_sendRequestXML",
        "SOAPWebService.ProcessRequestXML",
        "SOAPWebService.do_receiveResponseXML",
        "CompanyFileLock.unsetLock",
        "SOAPWebService.update",
        "SOAPWebService.DisconnectFromQB",
        "SOAPWebService.do_closeConnection",
    ]
    lines = [line for line in log.splitlines() if "QBWebConnector." in line and "\t" in line]
    assert all(LINE.match(line) for line in lines)
    methods = [line.split("QBWebConnector.")[1].split("()")[0] for line in lines]
    assert list(dict.fromkeys(methods)) == wanted


def test_a_pipe_that_nobody_reads_is_refused(tmp_path):
    """Opening it would wait for a reader."""
    os.mkfifo(tmp_path / "QWCLog.txt")
    (tmp_path / "more").write_text("x")
    with pytest.raises(OSError, match="No such device"):
        append(tmp_path / "more", tmp_path / "QWCLog.txt")
