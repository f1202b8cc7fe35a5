"""The links: deadlines, errors and threads of COM, with a small pywin32 of the test's own; the same face in memory."""

import asyncio
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest

from emulator.connector.link import THREAD_NAME, ComLink, Limits, LinkFailed, Login, MemoryLink
from emulator.core.clock import RealClock, VirtualClock
from emulator.desktop import Driver
from emulator.desktop.operations import Changes, WaitFor
from emulator.desktop.results import Code, SessionFailure

from .fakes import START, in_story


class ComError(Exception):
    """pywintypes.com_error: (hresult, text, excepinfo, argument)."""


class Windows:
    """What the fake pywin32 records; one for each test."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.threads: set[int] = set()
        self.initialised: list[int] = []
        self.left: list[int] = []
        self.process: Callable[[str], str] = lambda document: f"<{document}>"
        self.begin: Callable[[], None] = lambda: None

    def note(self, call: str) -> None:
        self.calls.append(call)
        self.threads.add(threading.get_ident())


class Processor:
    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    def OpenConnection2(self, application_id: str, application: str, kind: int) -> None:  # noqa: N802
        self._windows.note(f"open {application} {kind}")

    def BeginSession(self, path: str, mode: int) -> str:  # noqa: N802
        self._windows.note(f"begin {path!r} {mode}")
        self._windows.begin()
        return "ticket"

    def GetCurrentCompanyFileName(self, ticket: str) -> str:  # noqa: N802
        return r"C:\A.QBW"

    def ProcessRequest(self, ticket: str, document: str) -> str:  # noqa: N802
        self._windows.note("process")
        return self._windows.process(document)

    def EndSession(self, ticket: str) -> None:  # noqa: N802
        self._windows.note("end")

    def CloseConnection(self) -> None:  # noqa: N802
        self._windows.note("close")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    made = Windows()
    pythoncom, pywintypes = types.ModuleType("pythoncom"), types.ModuleType("pywintypes")
    package, client = types.ModuleType("win32com"), types.ModuleType("win32com.client")
    pythoncom.CoInitialize = lambda: made.initialised.append(threading.get_ident())  # type: ignore[attr-defined]
    pythoncom.CoUninitialize = lambda: made.left.append(threading.get_ident())  # type: ignore[attr-defined]
    pywintypes.com_error = ComError  # type: ignore[attr-defined]
    client.Dispatch = lambda name: Processor(made)  # type: ignore[attr-defined]
    package.client = client  # type: ignore[attr-defined]
    for module in (pythoncom, pywintypes, package, client):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return made


def com(story: Callable[[ComLink], Any]) -> None:
    async def main() -> None:
        # Limits are never shorter than the floor of the clock, 1.5 s of the machine.
        link = ComLink(RealClock(START, 100), Login("Test", r"C:\A.QBW", "multi-user"), Limits(1, 1, 1))
        await story(link)
        await link.end()

    asyncio.run(main())


def test_all_of_com_happens_in_one_thread(windows: Windows) -> None:
    async def story(link: ComLink) -> None:
        assert await link.begin() == r"C:\A.QBW"
        assert await link.process("a") == "<a>"
        await link.end()
        await link.end()

    com(story)
    for thread in [each for each in threading.enumerate() if each.name == THREAD_NAME]:
        thread.join(10)  # it ends by itself, a moment after the link has let go of it
    assert windows.calls == ["open Test 1", r"begin 'C:\\A.QBW' 1", "process", "end", "close"]
    assert len(windows.threads) == 1
    assert windows.initialised == windows.left == list(windows.threads)
    assert threading.get_ident() not in windows.threads


ERRORS = [
    (
        (-2147352567, "Exception occurred.", (0, "QBXMLRP2", "Could not start QuickBooks.", None, 0, -2147220472), None),
        "0x80040408",
    ),
    ((-2147023174, "The RPC server is unavailable.", None, None), "0x800706BA"),
    ((-2147221005, "Invalid class string", None, None), "0x800401F3"),
]


@pytest.mark.parametrize(("arguments", "code"), ERRORS)
def test_the_code_of_a_com_error(arguments: tuple[Any, ...], code: str, windows: Windows) -> None:
    async def story(link: ComLink) -> None:
        def fail(*_: object) -> str:
            raise ComError(*arguments)

        windows.begin = fail
        with pytest.raises(LinkFailed) as failed:
            await link.begin()
        assert (failed.value.code, failed.value.outcome_unknown) == (code, False)
        windows.begin = lambda: None
        await link.begin()
        windows.process = fail
        with pytest.raises(LinkFailed) as failed:
            await link.process("a")
        assert (failed.value.code, failed.value.outcome_unknown) == (code, True)
        assert failed.value.reason

    com(story)
    assert windows.calls.count("close") == 2


def test_a_refused_document_has_certainly_done_nothing(windows: Windows) -> None:
    async def story(link: ComLink) -> None:
        def fail(_: str) -> str:
            raise ComError(-2147352567, "", (0, "", "parsing", None, 0, -2147220480), None)

        await link.begin()
        windows.process = fail
        with pytest.raises(LinkFailed) as failed:
            await link.process("a")
        assert (failed.value.code, failed.value.outcome_unknown) == (Code.XML_NOT_VALID, False)

    com(story)


def test_a_call_that_hangs_is_given_up_and_its_thread_is_never_used_again(windows: Windows) -> None:
    hanging = threading.Event()

    async def story(link: ComLink) -> None:
        await link.begin()
        windows.process = lambda _: "late" if hanging.wait(20) else "never"
        with pytest.raises(LinkFailed) as failed:
            await link.process("a")
        assert (failed.value.code, failed.value.outcome_unknown) == ("no-answer", True)
        with pytest.raises(LinkFailed):
            await link.process("b")  # there is no session any more
        windows.process = lambda document: f"<{document}>"
        await link.begin()
        assert await link.process("c") == "<c>"
        assert len(windows.threads) == 2
        hanging.set()

    com(story)


def test_without_pywin32_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythoncom", None)

    async def story(link: ComLink) -> None:
        with pytest.raises(LinkFailed) as failed:
            await link.begin()
        assert failed.value.code == "no-com"

    com(story)


class MemoryProcessor:
    """A request processor that hangs or fails on demand."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails: str = ""
        self.hangs = False

    def _call(self, name: str, value: str) -> Any:
        self.calls.append(name)
        if self.hangs and name == "process":
            yield WaitFor(Changes(), lambda: False)
        if self.fails and name == "process":
            raise SessionFailure(self.fails)
        yield from ()
        return value

    def open_connection_2(self, *_: object) -> Any:
        return self._call("open", "")

    def begin_session(self, *_: object) -> Any:
        return self._call("begin", "ticket")

    def get_current_company_file_name(self, *_: object) -> Any:
        return self._call("path", "C:")

    def process_request(self, *_: object) -> Any:
        return self._call("process", "answer")

    def end_session(self, *_: object) -> Any:
        return self._call("end", "")

    def close_connection(self) -> Any:
        return self._call("close", "")

    def release(self, why: str = "") -> Any:
        return self._call("release", "")


@pytest.mark.parametrize(
    ("code", "unknown"),
    [(Code.RPC_FAILED, True), (Code.XML_NOT_VALID, False), (Code.WRONG_TICKET, True), (Code.DIALOG_OPEN, True)],
)
def test_in_memory_a_failure_tells_whether_the_outcome_is_known(code: str, unknown: bool) -> None:
    async def story(clock: VirtualClock) -> None:
        processor = MemoryProcessor()
        link = MemoryLink(Driver(clock), lambda: processor, Login())  # type: ignore[arg-type,return-value]
        await link.begin()
        processor.fails = code
        with pytest.raises(LinkFailed) as failed:
            await link.process("a")
        assert (failed.value.code, failed.value.outcome_unknown) == (code, unknown)
        await link.end()
        await link.end()
        assert processor.calls == ["open", "begin", "path", "process", "end", "close", "release"]

    in_story(story)


def test_in_memory_a_hang_ends_at_the_limit() -> None:
    async def story(clock: VirtualClock) -> None:
        processor = MemoryProcessor()
        link = MemoryLink(Driver(clock), lambda: processor, Login(), Limits(process_s=33))  # type: ignore[arg-type,return-value]
        await link.begin()
        processor.hangs = True
        with pytest.raises(LinkFailed) as failed:
            await link.process("a")
        assert (failed.value.code, failed.value.outcome_unknown, clock.elapsed_s()) == ("no-answer", True, 33)
        assert processor.calls[-2:] == ["process", "release"]  # the object is dropped, nobody waits for a goodbye
        await link.begin()
        await link.vanish()
        assert processor.calls[-4:] == ["open", "begin", "path", "release"]

    in_story(story)
