"""The mailbox: whatever arrives is kept, within its limits; starting, stopping and starting again work."""

import smtplib
import socket
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.errors import UserMistake
from emulator.core.journal import Journal
from emulator.mailbox import Mailbox, MailboxClosed, MemoryMailbox
from emulator.mailbox.kept import read

PLAIN = b"From: a@b\r\nTo: c@d\r\nSubject: hello\r\n\r\nline one\r\nline two\r\n"


def journal() -> Journal:
    return Journal(lambda: datetime(2026, 3, 2, tzinfo=UTC))


def send(mailbox: Mailbox, content: bytes = PLAIN, to: tuple[str, ...] = ("c@d",)) -> None:
    with smtplib.SMTP(mailbox.host, mailbox.port, local_hostname="test", timeout=10) as server:
        server.sendmail("a@b", list(to), content)


@pytest.fixture
def mailbox():
    mailbox = Mailbox(journal(), bytes_max=20_000, mails_max=3).start()
    yield mailbox
    mailbox.stop()


def test_mails_are_kept_in_order_with_all_recipients(mailbox):
    send(mailbox)
    send(mailbox, PLAIN.replace(b"hello", b"again"), ("x@y", "z@y"))
    assert [(mail.number, mail.subject, mail.to) for mail in mailbox.mails()] == [
        (1, "hello", ("c@d",)),
        (2, "again", ("x@y", "z@y")),
    ]
    assert mailbox.mails()[0].text == "line one\nline two\n"


def test_too_large_and_too_many_are_refused(mailbox):
    with pytest.raises(smtplib.SMTPResponseException) as caught:
        send(mailbox, PLAIN + b"x" * 70 + b"\r\n" + b"y" * 30_000)
    assert caught.value.smtp_code in (500, 552)
    for _ in range(3):
        send(mailbox)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(mailbox)
    assert refused.value.smtp_code == 452
    with smtplib.SMTP(mailbox.host, mailbox.port, local_hostname="test") as server:
        server.ehlo()
        server.mail("a@b")
        codes = [server.rcpt(f"r{place}@d")[0] for place in range(101)]
    assert codes == [250] * 100 + [452]
    assert len(mailbox.mails()) == 3


def test_nonsense_on_the_line_hurts_nobody(mailbox):
    with socket.create_connection((mailbox.host, mailbox.port)) as line:
        line.sendall(b"\xff\xfe nonsense\r\n" + b"GET / HTTP/1.1\r\n\r\n" + b"x" * 5000)
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            continue
    send(mailbox)
    assert len(mailbox.mails()) == 1


def test_stopped_it_refuses_and_started_again_it_is_where_it_was(mailbox):
    send(mailbox)
    before = threading.active_count()
    mailbox.stop()
    mailbox.stop()
    assert threading.active_count() == before - 1
    with pytest.raises(OSError, match="refused"):
        send(mailbox)
    port = mailbox.port
    mailbox.start()
    assert mailbox.port == port
    send(mailbox)
    assert len(mailbox.mails()) == 2


def test_a_taken_port_is_said_to_be_taken(mailbox):
    with pytest.raises(UserMistake, match="taken"):
        Mailbox(journal(), port=mailbox.port).start()
    with pytest.raises(UserMistake, match="mail server"):
        Mailbox(journal(), host="192.0.2.1").start()


def test_a_mailbox_that_never_started_stops():
    Mailbox(journal()).stop()


def test_the_twin_in_memory_has_the_same_limits(tmp_path):
    mailbox = MemoryMailbox(journal(), tmp_path, bytes_max=100, mails_max=2)
    with pytest.raises(MailboxClosed, match="not running"):
        mailbox.take(PLAIN, ["c@d"])
    mailbox.start()
    mailbox.take(PLAIN, ["c@d"])
    with pytest.raises(MailboxClosed, match="larger"):
        mailbox.take(b"x" * 101, ["c@d"])
    mailbox.take(PLAIN, ["c@d"])
    with pytest.raises(MailboxClosed, match="full"):
        mailbox.take(PLAIN, ["c@d"])
    mailbox.stop()
    assert len(mailbox.mails()) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001.eml", "0002.eml"]


CASES = {
    "html only": (b"Content-Type: text/html\r\n\r\n<b>x</b>", "", "<b>x</b>"),
    "two parts": (
        b'Subject: s\r\nContent-Type: multipart/alternative; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html\r\n\r\n<p>\r\n'
        b"--B\r\nContent-Type: text/plain\r\n\r\nplain\r\n--B--\r\n",
        "s",
        "plain",
    ),
    "encoded subject": (b"Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\r\nx", "Grüße", "x"),
    "raw bytes in the subject": (b"Subject: Gr\xfc\xdfe\r\n\r\nx", "Gr??e", "x"),
    "unknown charset": (b"Subject: s\r\nContent-Type: text/plain; charset=klingon\r\n\r\nx", "s", ""),
    "nothing": (b"", "", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_what_mails_say(case):
    raw, subject, text = CASES[case]
    mail = read(1, raw, [])
    assert mail.subject.replace("\ufffd", "?") == subject
    assert mail.text == text


HEADERS = st.sampled_from([b"Subject", b"From", b"Content-Type", b"Content-Transfer-Encoding", b"Message-ID", b"To"])


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=60)), max_size=6), st.binary(max_size=200))
def test_any_bytes_are_a_mail(headers, body):
    raw = b"".join(name + b": " + value.replace(b"\n", b" ") + b"\r\n" for name, value in headers) + b"\r\n" + body
    mail = read(1, raw, ["a@b"])
    assert mail.raw == raw
    (mail.subject + mail.text + mail.sender + mail.message_id).encode()


PIECES = (
    *("text/", "multipart/mixed", "; charset=", "utf-7", "utf-8", "=?utf-8?q?", "?=", "boundary=", "base64"),
    *("<", ">", "@", ",", '"', ";", "(", "\\", "%"),
)
WORDS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@given(st.lists(st.tuples(HEADERS, WORDS), max_size=6), WORDS)
def test_any_structured_nonsense_is_a_mail(headers, body):
    raw = b"".join(name + b": " + value.encode() + b"\r\n" for name, value in headers) + b"\r\n" + body.encode()
    mail = read(1, raw, [])
    (mail.subject + mail.text + mail.sender + mail.message_id).encode()
