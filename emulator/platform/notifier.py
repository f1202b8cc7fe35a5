"""Gives the mails that are owed to the mail server, one after the other, and again with growing pauses until each is taken.

Exactly one mail for each episode (I6): a mail is owed from the transaction that changed the status, and is no longer owed when the mail
server has taken it. A kill between these two moments hands it over again with the same Message-ID; nothing can do better than that.
"""

from emulator.faults import Plan
from emulator.platform.faults import BEFORE_MAIL
from emulator.platform.mail import MailFailed, MailSender, build
from emulator.platform.steps import Context, Pulse
from emulator.platform.store import OwedMail


class Notifier:
    """The platform side's mail desk.

    Args:
        context: the world around the platform side.
        mail: the way to the mail server.
        plan: asked before each handing over.
        pulse: beats when a mail may be owed; beaten when one is given.
    """

    def __init__(self, context: Context, mail: MailSender, plan: Plan, pulse: Pulse) -> None:
        self._context = context
        self._mail = mail
        self._plan = plan
        self._pulse = pulse

    async def run(self) -> None:
        """Give mails until cancelled."""
        notifications = self._context.profile.notifications
        pause_s = notifications.retry_first_s
        while True:
            owed = self._context.store.owed()
            if owed is None:
                pause_s = notifications.retry_first_s
                await self._pulse.wait()
            elif await self._give(owed):
                pause_s = notifications.retry_first_s
            else:
                await self._context.clock.sleep(pause_s)
                pause_s = min(pause_s * 2, notifications.retry_longest_s)

    async def _give(self, owed: OwedMail) -> bool:
        """Hand one mail over; returns whether it was taken."""
        message = build(owed, self._context.profile.notifications.sender)
        copies, faults = 1, []
        for strike in self._plan.strikes(BEFORE_MAIL, self._context.clock.now(), episode=owed.episode):
            faults.append(strike.fault)
            trouble = strike.parameters["trouble"]
            if trouble == "refused":
                self._failed(owed, "the mail server refused the connection", faults)
                return False
            if trouble == "slow":
                await self._context.clock.sleep(float(strike.parameters["delay_s"]))
            copies += trouble == "double"
        try:
            for _ in range(copies):
                await self._mail.send(message)
        except MailFailed as failure:
            self._failed(owed, failure.reason, faults)
            return False
        self._context.store.given(owed.episode)
        self._context.journal.add(
            "platform", "mail-given", episode=owed.episode, to=owed.recipient, subject=owed.subject, faults=faults
        )
        self._pulse.beat()
        return True

    def _failed(self, owed: OwedMail, reason: str, faults: list[str]) -> None:
        self._context.journal.add("platform", "mail-failed", episode=owed.episode, reason=reason, faults=faults)
