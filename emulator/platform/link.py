"""The status of the integration: Connected or Disconnected, what changes it, and what a change does to the documents.

| from | event | to | what happens besides |
|---|---|---|---|
| Connected | attempt failed, fewer than N in a row | Connected | counted |
| Connected | attempt failed, the N-th in a row | Disconnected | an episode begins; waiting documents are held; one mail is owed |
| Connected | something got through | Connected | the count is 0 again |
| Connected | the operator says Disconnected | Disconnected | an episode begins; waiting documents are held; no mail |
| Disconnected | the operator says Connected | Connected | held documents wait again, in order; the count is 0 |
| Disconnected | got through, with auto-heal, in an episode of failed attempts | Connected | the same |

Everything here happens inside a step of the caller: status, documents and the mail owed are kept together or not at all.
"""

from typing import Final, Literal

from emulator.core.documents import Document
from emulator.platform.steps import Context, Rows
from emulator.platform.store import OwedMail

Status = Literal["Connected", "Disconnected"]
By = Literal["attempts", "operator"]

_FAILED: Final = "failed:"
"""Settings that hold the counts of failed attempts: `failed:` for the whole, `failed:KEY` for one document."""

BILL_NOT_HELD: Final = "QuickBooks is Disconnected and bills are not held"


class Link:
    """The platform side's view of its connection to QuickBooks."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._settings = context.settings

    @property
    def status(self) -> Status:
        """Return the status in force; a new platform side is Connected."""
        status: Status = self._store.get("status", "Connected")
        return status

    @property
    def connected(self) -> bool:
        """Return whether documents go out by themselves."""
        return self.status == "Connected"

    @property
    def episode(self) -> int:
        """Return the number of the latest disconnection episode, from 1; 0 when there was none."""
        return int(self._store.get("episode", 0))

    @property
    def contact(self) -> str:
        """Return who is told of a disconnection."""
        return str(self._store.get("contact", self._context.profile.notifications.contact))

    def failed_before(self, key: str = "") -> int:
        """Return how many attempts failed in a row so far, as far as they count for this document."""
        return int(self._store.get(self._count_name(key), 0))

    def _count_name(self, key: str) -> str:
        return _FAILED + (key if self._settings["platform.attempt-scope"] == "document" else "")

    def succeeded(self, key: str = "") -> None:
        """Note that something got through while Connected: failed attempts are no longer in a row."""
        if self.failed_before(key):
            self._store.drop(self._count_name(key))

    def failed(self, rows: Rows, reason: str, key: str = "") -> bool:
        """Count a failed attempt; returns True when it was the last one and the status is Disconnected now."""
        assert self.connected, "attempts made while Disconnected do not count"
        attempts = self._settings.number("platform.attempts")
        failed = self.failed_before(key) + 1
        rows.add("attempt-failed", failed=failed, of=attempts, reason=reason)
        if failed < attempts:
            self._store.put(self._count_name(key), failed)
            return False
        episode = self._change(rows, "Disconnected", f"{attempts} failed attempts in a row; the last: {reason}", "attempts")
        self._hold_waiting(rows)
        self._owe_mail(episode, attempts, reason)
        return True

    def set(self, rows: Rows, status: Status, cause: str) -> bool:
        """Set the status by the operator's hand; returns False when it was so already."""
        if status == self.status:
            return False
        self._change(rows, status, cause, "operator")
        if status == "Disconnected":
            self._hold_waiting(rows)
        else:
            self._release()
        return True

    def heal(self, rows: Rows, cause: str) -> bool:
        """Return to Connected because something got through, where auto-heal is on. What the operator disconnected stays so."""
        if (
            self.connected
            or not self._settings.flag("platform.auto-heal")
            or self._store.get("disconnected-by", "") != "attempts"
        ):
            return False
        self._change(rows, "Connected", cause, "attempts")
        self._release()
        return True

    def hold(self, rows: Rows, document: Document) -> None:
        """Keep one document back because the status is Disconnected."""
        assert not self.connected, "nothing is held while Connected"
        if document.kind == "bill" and not self._settings.flag("platform.bills-held"):
            self._store.mark(document.key, "refused", reason=BILL_NOT_HELD)
            rows.add("document-refused", key=document.key, number=document.number, reason=BILL_NOT_HELD)
            return
        self._store.mark(document.key, "held")
        rows.add("document-held", key=document.key, number=document.number)

    def _change(self, rows: Rows, status: Status, cause: str, by: By) -> int:
        before = self.status
        assert before != status, "a change changes something"
        episode = self.episode + (status == "Disconnected")
        self._store.put("status", status)
        self._store.put("episode", episode)
        self._store.put("disconnected-by", by if status == "Disconnected" else "")
        self._store.drop(_FAILED)
        rows.add("status-changed", **{"from": before, "to": status}, cause=cause, by=by, episode=episode)
        return episode

    def _hold_waiting(self, rows: Rows) -> None:
        for kept in self._store.in_state("waiting"):
            self.hold(rows, kept.document)

    def _release(self) -> None:
        for kept in self._store.in_state("held"):
            self._store.mark(kept.document.key, "waiting")

    def _owe_mail(self, episode: int, attempts: int, reason: str) -> None:
        notifications = self._context.profile.notifications
        now = self._context.clock.now()
        words = {
            "platform": self._context.profile.title,
            "attempts": attempts,
            "reason": reason,
            "held": self._store.counts()["held"],
            "since": f"{now:%Y-%m-%d %H:%M:%S}",
            "episode": episode,
        }
        subject = " ".join(notifications.subject.format(**words).split())
        self._store.owe(OwedMail(episode, self.contact, subject, notifications.text.format(**words), now))
