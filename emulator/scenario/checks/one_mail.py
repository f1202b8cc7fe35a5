"""I6, one e-mail: exactly one to the notifications contact for each episode that was detected; none for a blip, none when the operator disconnects.

What counts is what the mailbox received, not what the platform side says it sent.

Reads: `status-changed`, `setting-changed` (contact), `mail-received`, `attempt-failed`. Inconclusive when no attempt failed and the status never
became Disconnected (then no mail was due, and none could have been wrong), and when the story ends without the mail of its last episode, before it
had to be there.
"""

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence, moment, seconds_between
from emulator.scenario.verdict import Finding, Verdict, Violations, counted


def one_mail(evidence: Evidence) -> Finding:
    """Judge I6. Mails and episodes are paired in order; a mail that comes before its episode, or a second one before the next, belongs to none."""
    wrong = Violations("I6")
    episodes = [row for row in evidence.of("status-changed") if row.get("to") == "Disconnected" and row.get("by") == "attempts"]
    wrong.tested = sum(1 for row in evidence.of("status-changed") if row.get("to") == "Disconnected") + _blips(evidence)
    mails = list(evidence.of("mail-received"))
    unmailed = list(episodes)
    for mail in mails:
        # The latest episode that has begun and has no mail; an older one whose mail is late is caught by its limit.
        begun = [row for row in unmailed if row["n"] < mail["n"]]
        if not begun:
            wrong.add(mail, f"an e-mail to {_receivers(mail)} that no episode called for")
            continue
        unmailed.remove(begun[0])
        _judge_mail(evidence, wrong, begun[0], mail)
    undecided = ""
    for episode in unmailed:
        if evidence.end is not None and (evidence.end - moment(episode)).total_seconds() > evidence.settings.mail_limit_s:
            wrong.add(episode, f"nobody was told of episode {episode.get('episode', '?')}")
        else:
            undecided = (
                f"the story ends before the e-mail of episode {episode.get('episode', '?')} had to be there, and it is not"
            )
    blips = _blips(evidence)
    by_hand = wrong.tested - len(episodes) - blips
    others_told = f"none for {counted(blips, 'blip')} and {counted(by_hand, 'disconnect')} by the operator"
    told = f"{counted(len(mails), 'e-mail')} for {counted(len(episodes), 'detected episode')}"
    passed = f"{told}, to the contact only; {others_told}"
    finding = wrong.finding(passed, "no attempt failed and the status never became Disconnected")
    if undecided and finding.verdict is Verdict.PASS:
        return Finding("I6", Verdict.INCONCLUSIVE, undecided)
    return finding


def _judge_mail(evidence: Evidence, wrong: Violations, episode: Row, mail: Row) -> None:
    contact = evidence.setting_at("contact", evidence.settings.notifications_contact, episode)
    receivers = mail.get("to", [])
    receivers = [receivers] if isinstance(receivers, str) else list(receivers)
    if [str(each).casefold() for each in receivers] != [contact.casefold()]:
        wrong.add(mail, f"the e-mail went to {_receivers(mail)}, and the contact is {contact}")
    late_s = seconds_between(episode, mail)
    if late_s > evidence.settings.mail_limit_s:
        wrong.add(mail, f"the e-mail came {late_s:.0f} s after the status became Disconnected")


def _receivers(mail: Row) -> str:
    receivers = mail.get("to", [])
    return receivers if isinstance(receivers, str) else ", ".join(map(str, receivers)) or "nobody"


def _blips(evidence: Evidence) -> int:
    """Return how many rows of failed attempts ended without a change of the status."""
    blips, failing = 0, False
    for row in evidence.of("attempt-failed", "status-changed"):
        if row["kind"] == "status-changed":
            failing = False
        elif int(row.get("failed", 1)) == 1:
            blips += failing
            failing = True
    return blips + failing
