"""Adding an application: what is looked at, and what is written into the company file (documented, in this order)."""

from collections.abc import Callable
from typing import Final

from emulator.core.switches import SwitchSettings
from emulator.desktop import Code, SessionFailure
from emulator.webconnector import company_file, switches
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.company_file import FILE_ID, NotStored, failure_text
from emulator.webconnector.processor import Preferences, Processor
from emulator.webconnector.qwc import Application, NotAdded
from emulator.webconnector.qwclog import Log
from emulator.webconnector.service import CallFailed, Service

SUPPORT_STATUSES: Final = (200, 202)
"""What AppSupport must be answered with (documented)."""

FIRST_VERSION: Final = (1, 0)
"""The first version of qbXML (documented)."""

WRONG_METHOD: Final = 405
"""What a service answers that takes no GET; the real one then says that the certificate was not verified (reported)."""


async def look_at_urls(application: Application, service: Service, log: Log) -> None:
    """Fetch CertURL (or AppURL) and AppSupport, as the real one does when an application is added.

    The certificate is looked at for https only (inferred: there is none otherwise).

    Raises:
        NotAdded: QBWC1048, QBWC1003, QBWC1004, or QBWC1035: localhost is meant, and no address is found for it.
    """
    certificate = application.certificate_url or application.url
    if certificate.startswith("https:"):
        try:
            status = await service.get(certificate)
        except CallFailed as failed:
            raise _refused(log, Qbwc.LOCALHOST if failed.kind == "localhost" else Qbwc.CERTIFICATE, failed.reason) from None
        if status == WRONG_METHOD:
            raise _refused(log, Qbwc.CERTIFICATE, f"GET {certificate} is answered {status}")
    try:
        status = await service.get(application.support)
    except CallFailed as failed:
        code = Qbwc.LOCALHOST if failed.kind == "localhost" else Qbwc.SUPPORT_FAILED
        raise _refused(log, code, f"{application.support}: {failed.reason}") from None
    if status not in SUPPORT_STATUSES:
        raise _refused(log, Qbwc.SUPPORT_STATUS, f"{application.support} is answered {status}")


async def write_file_id(application: Application, processor: Processor, settings: SwitchSettings, log: Log) -> bool:
    """Write the FileID of an application into the company file that is open, unless it is there; returns whether it was written.

    QuickBooks is met in two sessions (inferred: the guide has codes of their own for reaching it, and for reaching it to look for the
    FileID): what it can, and the FileID.

    Raises:
        NotAdded: QuickBooks cannot be reached (QBWC1008 and QBWC1023, after two attempts each), tells no version (QBWC1021), has another
            FileID under this OwnerID (QBWC1026), the application only reads (QBWC1080), or looking and writing fail (QBWC1025, QBWC1027).
    """
    ticket = await _begun_twice(application, processor, log, (Qbwc.CONNECT_FAILED, Qbwc.CONNECT_FAILED_TWICE))
    try:
        if company_file.highest(await processor.versions(ticket)) < FIRST_VERSION:
            raise _refused(log, Qbwc.PROCESSOR_VERSION, "QuickBooks names none")
    except SessionFailure as failure:
        raise _refused(log, Qbwc.PROCESSOR_VERSION, failure_text(failure)) from None
    finally:
        await _left(ticket, processor, log)
    ticket = await _begun_twice(application, processor, log, (Qbwc.SEARCH_CONNECT_FAILED, Qbwc.SEARCH_CONNECT_FAILED_TWICE))

    async def ask(document: str) -> str:
        return await processor.process(ticket, document)

    try:
        try:
            found = (await company_file.extensions(ask, application.owner)).get(FILE_ID, "")
        except (SessionFailure, NotStored) as failure:
            raise _refused(log, Qbwc.FILE_ID_SEARCH, failure_text(failure)) from None
        if found.upper() == application.file:
            return False
        if found:
            raise _refused(log, Qbwc.FILE_ID_IN_USE, f"{found} is there, and {application.file} was to be added")
        if application.read_only and settings[switches.READ_ONLY] == "refused":
            raise _refused(log, Qbwc.READ_ONLY, application.name)
        try:
            await company_file.write_extension(ask, application.owner, FILE_ID, application.file)
        except (SessionFailure, NotStored) as failure:
            raise _refused(log, Qbwc.FILE_ID_WRITE, failure_text(failure)) from None
        return True
    finally:
        await _left(ticket, processor, log)


class FileIds:
    """The FileIDs of the applications that work with a company which was made for one command or test, and has none of them yet.

    Args:
        make_processor: makes the way to its QuickBooks.
        settings, log: as for `write_file_id`.
    """

    def __init__(self, make_processor: Callable[[], Processor], settings: SwitchSettings, log: Log) -> None:
        self._make_processor = make_processor
        self._settings = settings
        self._log = log
        self._refused: dict[tuple[str, str], NotAdded | None] = {}

    async def write(self, application: Application) -> None:
        """Write the FileID of an application, the first time it is asked for. Raises NotAdded, each time again."""
        pair = application.owner, application.file
        if pair not in self._refused:
            self._refused[pair] = None
            try:
                await write_file_id(application, self._make_processor(), self._settings, self._log)
            except NotAdded as refused:
                self._refused[pair] = refused
        if (why := self._refused[pair]) is not None:
            raise why


async def _left(ticket: str, processor: Processor, log: Log) -> None:
    try:
        await processor.end(ticket)
        await processor.close()
    except SessionFailure as failure:
        log.code("SOAPWebService.DisconnectFromQB", Qbwc.END_FAILED, failure_text(failure))
    await processor.release()


async def _begun_twice(application: Application, processor: Processor, log: Log, codes: tuple[Qbwc, Qbwc]) -> str:
    """Begin a session; a second attempt follows the first that fails (documented)."""
    wanted = Preferences(False, application.unattended, application.personal_data, application.auth_flags)
    for code in codes:
        try:
            await processor.open(application.id, application.name, wanted)
            return await processor.begin("")
        except SessionFailure as failure:
            log.code("WebServiceManager.connectToQB", code, failure_text(failure))
            await processor.release()
            last = failure
    raise NotAdded(codes[-1], failure_text(last), advice=way_in(last))


def _refused(log: Log, code: Qbwc, detail: str) -> NotAdded:
    log.code("WebServiceManager.addApplication", code, detail)
    expected, advice = _NEXT.get(code, ("", ""))
    return NotAdded(code, detail, expected=expected, advice=advice)


_LET_IN: Final = (
    "its Admin lets an application in that is new to the company file: he logs in to QuickBooks there and answers the prompt. In a running "
    "FakeBooks: `fakebooks act operator.log_out_goflow`, `fakebooks act admin.log_in machine=server`, this command once more, and while it "
    "waits `fakebooks act admin.answer_prompt 'answer=whenever the file is open'`"
)


def way_in(failure: SessionFailure) -> str:
    """Return what people can do about a session that could not begin, beyond what QuickBooks says of it; empty when that is all."""
    if failure.code == Code.COULD_NOT_START:
        return failure.detail
    return _LET_IN if failure.code == Code.UNKNOWN_APPLICATION else ""


_NO_LOOK: Final = "--no-look adds it all the same"
_NEXT: Final[dict[Qbwc, tuple[str, str]]] = {
    Qbwc.CERTIFICATE: (
        "a certificate of the host's own name, by an authority this machine knows",
        f"--trust names others; {_NO_LOOK}",
    ),
    Qbwc.SUPPORT_STATUS: ("200 or 202", f"name a page that is there as AppSupport; {_NO_LOOK}"),
    Qbwc.SUPPORT_FAILED: ("a page that answers 200 or 202", f"start the service; {_NO_LOOK}"),
    Qbwc.LOCALHOST: ("an address for localhost", "/etc/hosts has it as a rule"),
    Qbwc.FILE_ID_IN_USE: ("the FileID that is there, or an OwnerID of the application's own", "make a new OwnerID for the .qwc"),
    Qbwc.READ_ONLY: ("IsReadOnly false, so that its FileID can be written", ""),
}
"""What is expected instead, and what to do next."""
