"""The notification: built well, handed over by SMTP to a real sink, and each trouble of the mail server is MailFailed."""

import asyncio
import socket
import threading
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from emulator.core.journal import Journal
from emulator.mailbox import Mailbox, MemoryMailbox
from emulator.platform import MailFailed, MemorySender, SmtpSender
from emulator.platform.mail import build
from emulator.platform.store import OwedMail

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OWED = OwedMail(3, "ina@wholesale.example", "Goflow: getrennt ☹", "Zeile eins\nZeile zwei: Grüße\n", MOMENT)


def journal() -> Journal:
    return Journal(lambda: MOMENT)


def test_a_mail_says_what_is_owed():
    message = message_from_bytes(bytes(build(OWED, "from@platform.example")), policy=default)
    assert message["To"] == "ina@wholesale.example"
    assert message["From"] == "from@platform.example"
    assert message["Subject"] == "Goflow: getrennt ☹"
    assert message["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert message["Message-ID"] == "<episode-3.20260302090000@platform.example>"
    assert message.get_content() == OWED.text
    assert bytes(build(OWED, "a@b")) == bytes(build(OWED, "a@b"))


@pytest.mark.parametrize("real", [True, False])
def test_both_senders_reach_both_mailboxes_alike(real, tmp_path):
    rows = journal()
    mailbox = (Mailbox if real else MemoryMailbox)(rows, tmp_path / "mail").start()
    try:
        sender = SmtpSender(mailbox.host, mailbox.port) if real else MemorySender(mailbox.take)
        asyncio.run(sender.send(build(OWED, "from@platform.example")))
    finally:
        mailbox.stop()
    (mail,) = mailbox.mails()
    assert (mail.number, mail.to, mail.sender) == (1, ("ina@wholesale.example",), "from@platform.example")
    assert (mail.subject, mail.text) == (OWED.subject, OWED.text)
    assert mail.message_id == "<episode-3.20260302090000@platform.example>"
    (row,) = rows.rows("mail-received")
    assert (row["lane"], row["to"], row["subject"]) == ("mailbox", ["ina@wholesale.example"], OWED.subject)
    assert (tmp_path / "mail" / "0001.eml").read_bytes() == mail.raw
    with pytest.raises(MailFailed):
        asyncio.run(sender.send(build(OWED, "from@platform.example")))


def test_a_mail_server_that_hangs_up():
    with socket.socket() as hanging_up:
        hanging_up.bind(("127.0.0.1", 0))
        hanging_up.listen()
        thread = threading.Thread(target=lambda: hanging_up.accept()[0].close())
        thread.start()
        with pytest.raises(MailFailed, match=r"closed|talk"):
            asyncio.run(SmtpSender("127.0.0.1", hanging_up.getsockname()[1]).send(build(OWED, "a@b")))
        thread.join()


@pytest.mark.parametrize("taken", [True, False])
def test_stopped_while_a_mail_is_handed_over_it_learns_whether_it_was_taken(taken):
    begun, go_on = threading.Event(), threading.Event()
    learnt: list[str] = []

    class Slow(SmtpSender):
        def _send(self, message):
            begun.set()
            assert go_on.wait(10)
            if not taken:
                raise MailFailed("no")

    async def give() -> None:
        try:
            await Slow("127.0.0.1", 1).send(build(OWED, "a@b"))
            learnt.append("taken")
        except MailFailed:
            learnt.append("not taken")
        await asyncio.sleep(0)
        learnt.append("went on")

    async def main() -> None:
        task = asyncio.ensure_future(give())
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert learnt == ["taken" if taken else "not taken"]


def test_troubles_of_a_mail_server():
    full = Mailbox(journal(), mails_max=0).start()
    try:
        with pytest.raises(MailFailed, match="452"):
            asyncio.run(SmtpSender(full.host, full.port).send(build(OWED, "a@b")))
    finally:
        full.stop()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(MailFailed, match="in time"):
            asyncio.run(SmtpSender("127.0.0.1", silent.getsockname()[1], limit_s=0.2).send(build(OWED, "a@b")))
