"""Mails: how one is built, and how it is handed to a mail server. Two senders of one face: SMTP, and memory for the virtual clock."""

import asyncio
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Protocol

from emulator.platform.store import OwedMail

SMTP_LIMIT_S: Final = 10.0
"""How long the mail server may take for each step (machine's seconds; our choice)."""


class MailFailed(Exception):  # noqa: N818 - it is what happened, not a program error
    """The mail server did not take a mail.

    Attributes:
        reason: for people, without addresses of machines.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailSender(Protocol):
    """The way to a mail server."""

    async def send(self, message: EmailMessage) -> None:
        """Hand a mail to the mail server; returns when it was taken. Raises MailFailed."""


def build(mail: OwedMail, sender: str) -> EmailMessage:
    """Return the message of a mail that is owed.

    Its Message-ID comes from the episode, so a mail that was handed over again after a kill is known as the same one; its Date is the
    story's time when the episode began.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<episode-{mail.episode}.{mail.at:%Y%m%d%H%M%S}@{sender.partition('@')[2]}>"
    message.set_content(mail.text)
    return message


class SmtpSender:
    """Hands mails to a mail server by SMTP, in a thread: for the real clock only.

    Args:
        host: the mail server.
        port: its port.
        limit_s: how long each step may take, in the machine's seconds.
    """

    def __init__(self, host: str, port: int, limit_s: float = SMTP_LIMIT_S) -> None:
        self._host = host
        self._port = port
        self._limit_s = limit_s

    async def send(self, message: EmailMessage) -> None:
        """Hand a mail over; see MailSender."""
        handing_over = asyncio.ensure_future(asyncio.to_thread(self._send, message))
        try:
            await asyncio.shield(handing_over)
        except asyncio.CancelledError:
            # A thread cannot be stopped. Whoever is stopped meanwhile first learns whether the mail was taken, so that it is not given
            # twice after the next start; the cancellation then takes hold at the next wait.
            task = asyncio.current_task()
            assert task is not None, "coroutines run in tasks"
            try:
                await handing_over
            finally:
                task.cancel()

    def _send(self, message: EmailMessage) -> None:
        try:
            # local_hostname is given so that nothing asks the name service for our own name.
            with smtplib.SMTP(self._host, self._port, local_hostname="platform.example", timeout=self._limit_s) as server:
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise MailFailed(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused:
            raise MailFailed("the mail server refused the recipient") from None
        except smtplib.SMTPServerDisconnected as error:
            # smtplib tells a silence past the limit as a closed connection; its text knows better.
            silent = "timed out" in str(error)
            reason = "did not answer in time" if silent else "closed the connection"
            raise MailFailed(f"the mail server {reason}") from None
        except TimeoutError:
            raise MailFailed("the mail server did not answer in time") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"no talk with the mail server ({type(error).__name__})") from None


class MemorySender:
    """Hands mails to a callable in this process (a mailbox in memory): for the virtual clock.

    Args:
        take: gets the message's bytes and its recipients; raises OSError when it takes no mail.
    """

    def __init__(self, take: Callable[[bytes, list[str]], object]) -> None:
        self._take = take

    async def send(self, message: EmailMessage) -> None:
        """Hand a mail over; see MailSender."""
        try:
            self._take(bytes(message), [str(message["To"])])
        except OSError as error:
            raise MailFailed(f"no talk with the mail server ({type(error).__name__})") from None
