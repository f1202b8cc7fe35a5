"""mailbox: where the notifications contact's mails arrive - a real SMTP sink, and its twin in memory for the virtual clock."""

from emulator.mailbox.kept import Mail, MailboxClosed, MemoryMailbox
from emulator.mailbox.sink import Mailbox

__all__ = ["Mail", "Mailbox", "MailboxClosed", "MemoryMailbox"]
