"""The SMTP sink: a mail server on loopback that keeps every mail and delivers none (aiosmtpd in a thread)."""

import asyncio
import socket
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from emulator.core.errors import PartFailed
from emulator.core.journal import Journal
from emulator.core.serving import cannot_bind
from emulator.mailbox.kept import MAIL_BYTES_MAX, MAILS_MAX, Mail, MailboxClosed, MemoryMailbox

START_LIMIT_S: Final = 10.0
"""How long the server may take until it answers (machine's seconds; it takes milliseconds)."""

RECIPIENTS_MAX: Final = 100
"""Most recipients of one mail (the least that RFC 5321 asks a server to take)."""


class _Controller(Controller):
    """aiosmtpd's controller on a listening socket of ours, so that port 0 works and is known before anything connects."""

    def __init__(self, listening: socket.socket, **settings: Any) -> None:
        super().__init__(**settings)
        self._listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


class _Handler:
    """Takes what SMTP clients say and answers with reply codes of RFC 5321."""

    def __init__(self, mailbox: MemoryMailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        """Take a mail."""
        content = envelope.content
        assert isinstance(content, bytes), "the server decodes nothing"
        try:
            self._mailbox.take(content, [str(each) for each in envelope.rcpt_tos])
        except MailboxClosed:
            return "452 4.2.2 the mailbox takes no more mails"
        return "250 OK"


class Mailbox:
    """The mail server of a world on the real clock.

    Args:
        journal: gets a row `mail-received` for each mail.
        folder: where the mails are saved as `NNNN.eml`; None saves none.
        host: address to bind.
        port: 0 lets the system choose.
        bytes_max: largest mail that is taken.
        mails_max: most mails that are kept.
    """

    def __init__(
        self,
        journal: Journal,
        folder: Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        bytes_max: int = MAIL_BYTES_MAX,
        mails_max: int = MAILS_MAX,
    ) -> None:
        self._kept = MemoryMailbox(journal, folder, bytes_max=bytes_max, mails_max=mails_max)
        self._bytes_max = bytes_max
        self.host = host
        self.port = port
        self._controller: _Controller | None = None

    def start(self) -> "Mailbox":
        """Serve; returns when mails are taken. A mailbox that was stopped starts again at the same port.

        Raises:
            UserMistake: the address is taken or is not of this machine.
            PartFailed: the server did not come up.
        """
        assert self._controller is None, "started twice"
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((self.host, self.port))
        except OSError as error:
            listening.close()
            raise cannot_bind(str(error), "the mail server", self.host, self.port) from None
        self.port = int(listening.getsockname()[1])
        controller = _Controller(
            listening,
            handler=_Handler(self._kept),
            hostname=self.host,
            port=self.port,
            ready_timeout=START_LIMIT_S,
            data_size_limit=self._bytes_max,
            server_hostname="mailbox.example",
            ident="FakeBooks mailbox",
            loop=asyncio.new_event_loop(),
        )
        self._kept.start()
        try:
            controller.start()
        except (OSError, TimeoutError) as error:
            listening.close()
            raise PartFailed(f"the mail server did not start: {error}") from error
        self._controller = controller
        return self

    def stop(self) -> None:
        """Stop serving; the mails stay readable. Stopping twice is stopping once."""
        self._kept.stop()
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def mails(self) -> list[Mail]:
        """Return the mails, in the order of arrival."""
        return self._kept.mails()
