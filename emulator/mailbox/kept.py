"""Mails that have arrived: read, kept, journalled, saved. `MemoryMailbox` is a whole mailbox without a socket."""

from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from emulator.core.journal import Journal

MAIL_BYTES_MAX: Final = 1024 * 1024
"""Largest mail that is taken (our choice: a notification is a few hundred bytes)."""

MAILS_MAX: Final = 10_000
"""Most mails that are kept (our choice: a story that mails more often is broken, and says so by refusals)."""


class MailboxClosed(ConnectionRefusedError):  # noqa: N818 - it is what happened
    """The mailbox does not take this mail: it is stopped, full, or the mail is too large."""


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived.

    Attributes:
        number: from 1, in the order of arrival; its file is `NNNN.eml`.
        to: the recipients of the envelope.
        sender: the From header.
        subject: the Subject header, decoded.
        text: the text of the message; empty when it has none that can be read.
        message_id: the Message-ID header; two mails with one id are one mail that was delivered twice.
        raw: the bytes.
    """

    number: int
    to: tuple[str, ...]
    sender: str
    subject: str
    text: str
    message_id: str
    raw: bytes


class MemoryMailbox:
    """A mailbox that is handed its mails by a call.

    Args:
        journal: gets a row `mail-received` for each mail.
        folder: where the mails are saved as `NNNN.eml`; None saves none.
        bytes_max: largest mail that is taken.
        mails_max: most mails that are kept.
    """

    def __init__(
        self, journal: Journal, folder: Path | None = None, *, bytes_max: int = MAIL_BYTES_MAX, mails_max: int = MAILS_MAX
    ) -> None:
        self._journal = journal
        self._folder = folder
        self._bytes_max = bytes_max
        self._mails_max = mails_max
        self._mails: list[Mail] = []
        self._open = False

    def start(self) -> "MemoryMailbox":
        """Take mails from now on."""
        self._open = True
        return self

    def stop(self) -> None:
        """Take no more mails; those that came stay readable. Stopping twice is stopping once."""
        self._open = False

    def mails(self) -> list[Mail]:
        """Return the mails, in the order of arrival."""
        return list(self._mails)

    def take(self, message: bytes, recipients: list[str]) -> Mail:
        """Take a mail. Raises MailboxClosed when it is stopped or full, or the mail is too large."""
        if not self._open:
            raise MailboxClosed("the mailbox is not running")
        if len(message) > self._bytes_max:
            raise MailboxClosed(f"the mail is larger than {self._bytes_max} bytes")
        if len(self._mails) >= self._mails_max:
            raise MailboxClosed(f"the mailbox is full ({self._mails_max} mails)")
        mail = read(len(self._mails) + 1, message, recipients)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{mail.number:04}.eml").write_bytes(message)
        self._mails.append(mail)
        self._journal.add("mailbox", "mail-received", to=list(mail.to), subject=mail.subject)
        return mail


def read(number: int, raw: bytes, recipients: list[str]) -> Mail:
    """Return what arrived as a mail; whatever the bytes are, it is one."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return Mail(
        number,
        tuple(recipients),
        _header(message, "From"),
        _header(message, "Subject"),
        _text(message),
        _header(message, "Message-ID"),
        raw,
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = str(message.get(name, ""))
    except (ValueError, IndexError, KeyError, AttributeError, MessageError):
        # The header parser of the standard library falls over some malformed headers; such a header is an empty one.
        return ""
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _text(message: EmailMessage) -> str:
    try:
        body = message.get_body(("plain", "html"))
        content = body.get_content() if body is not None else ""
    except (ValueError, LookupError, KeyError, AttributeError, MessageError):
        return ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""
