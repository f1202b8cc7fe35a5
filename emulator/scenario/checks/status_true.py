"""I5, status true: Disconnected after exactly N failed attempts in a row, never before and never without; every change has its cause.

| change | when it is right |
|---|---|
| to Disconnected, by attempts | directly after the N-th failed attempt in a row, within the status limit |
| to Connected, by attempts | only where the story has auto-heal |
| either way, by the operator | always: it is his word, and a new row of attempts begins |

A posted document ends a row of failed attempts. A refusal and a balance look-up may end one (questions Q2 and Q6): the platform side's own count
tells whether they did.

That count is not believed. The check counts by itself the sendings of the queue, made while Connected, that came to nothing: N of them in a row
must have made the status Disconnected, and each attempt the platform side counts needs a sending or a look-up that failed. Sendings by hand, and
those while Disconnected, do not make it so (question Q11).

Reads: `attempt-failed`, `send-begun`, `send-ended`, `balance-told`, `status-changed`. Inconclusive when nothing was attempted and nothing changed.
"""

from dataclasses import dataclass, field

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence, StorySettings, moment, seconds_between
from emulator.scenario.verdict import Finding, Violations, counted


def status_true(evidence: Evidence) -> Finding:
    """Judge I5."""
    wrong = Violations("I5")
    watch = _Watch(evidence.settings, wrong)
    began_disconnected = bool(evidence.disconnected) and evidence.disconnected[0].row is None
    sendings = _Sendings(evidence.settings, wrong, "Disconnected" if began_disconnected else "Connected")
    for row in evidence.of("attempt-failed", "send-begun", "send-ended", "balance-told", "status-changed"):
        sendings.see(row)
        if row["kind"] != "send-begun":
            watch.see(row)
    watch.end(evidence)
    sendings.end(evidence)
    changes = sum(1 for _ in evidence.of("status-changed"))
    passed = f"the status was right through {counted(wrong.tested, 'outcome')} and {counted(changes, 'change')}"
    return wrong.finding(passed, "nothing was attempted and the status never changed")


@dataclass
class _Watch:
    """Goes through a story row by row, keeping count as the platform side should have."""

    settings: StorySettings
    wrong: Violations
    status: str = ""
    failures: dict[str, int] = field(default_factory=dict)
    may_be_over: bool = False
    due: Row | None = None
    key: str = ""
    last: Row | None = None

    def see(self, row: Row) -> None:
        kind = row["kind"]
        self.wrong.tested += 1
        if kind == "status-changed":
            self._changed(row)
        elif kind == "attempt-failed":
            self._failed(row)
        elif kind == "send-ended":
            self.key = str(row.get("key", "")) if self.settings.attempt_scope == "document" else ""
            if row.get("outcome") == "posted":
                self.failures.pop(self.key, None)
            self.may_be_over |= row.get("outcome") == "refused"
        else:
            self.may_be_over |= not self._is_failed_look_up(row)
        self.last = row

    def _is_failed_look_up(self, row: Row) -> bool:
        """Return whether a look-up is the one whose failed attempt stands just before; one answered `no such customer` got through."""
        last = self.last
        return bool(
            row.get("unavailable") and last is not None and last["kind"] == "attempt-failed" and seconds_between(last, row) < 1.0
        )

    def _failed(self, row: Row) -> None:
        if self.status == "Disconnected":
            self.wrong.add(row, "an attempt was counted while the status was Disconnected")
            return
        if self.due is not None:
            self.wrong.add(
                row,
                f"the status was still Connected after {self.settings.attempts} failed attempts in a row (row {self.due['n']})",
            )
            self.due = None
        expected = self.failures.get(self.key, 0) + 1
        told = int(row.get("failed", expected))
        if told != expected and not (told == 1 and self.may_be_over):
            self.wrong.add(row, f"failed attempt {expected} in a row was counted as {told}")
        self.failures[self.key] = told
        self.may_be_over = False
        if told >= self.settings.attempts:
            self.due = row

    def _changed(self, row: Row) -> None:
        before, after, by = str(row.get("from", "")), str(row.get("to", "")), str(row.get("by", ""))
        if self.status and before != self.status:
            self.wrong.add(row, f"the status changed from {before}, but it was {self.status}")
        if before == after:
            self.wrong.add(row, f"a change from {before} to {after} is none")
        if not str(row.get("cause", "")).strip():
            self.wrong.add(row, f"the status became {after} without a cause")
        if by == "attempts" and after == "Disconnected":
            self._by_attempts(row)
        elif by == "attempts" and not self.settings.auto_heal:
            self.wrong.add(row, "the status became Connected by itself, though the story has no auto-heal")
        elif by not in ("attempts", "operator"):
            self.wrong.add(row, f"nobody stands behind the change to {after} (by {by or 'nobody'})")
        self.status, self.due, self.may_be_over = after, None, False
        self.failures.clear()

    def _by_attempts(self, row: Row) -> None:
        if self.due is None:
            failed = self.failures.get(self.key, 0)
            self.wrong.add(
                row, f"the status became Disconnected after {failed} failed attempts in a row, not {self.settings.attempts}"
            )
        elif seconds_between(self.due, row) > self.settings.status_limit_s:
            late_s = seconds_between(self.due, row)
            self.wrong.add(row, f"the status became Disconnected {late_s:.0f} s after the last attempt failed")

    def end(self, evidence: Evidence) -> None:
        """Look at a change that is still due when the story ends."""
        if self.due is None or evidence.end is None:
            return
        if (evidence.end - moment(self.due)).total_seconds() > self.settings.status_limit_s:
            self.wrong.add(self.due, f"{self.settings.attempts} attempts failed in a row and the status stayed Connected")


@dataclass
class _Sendings:
    """Counts failed sendings by what was sent, not by what the platform side says it counted.

    Attributes:
        begun: how each document was sent last: by the queue or by hand, and whether the status was Connected then.
        failures: sendings in a row that came to nothing, by document where the scope is the document.
        silent: the sending after which the status had to become Disconnected.
        behind: the failed sending that the next failed attempt may be.
        unexplained: a failed attempt with no sending behind it: a look-up must be told as failed next.
    """

    settings: StorySettings
    wrong: Violations
    status: str
    begun: dict[str, tuple[str, bool]] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    silent: Row | None = None
    behind: Row | None = None
    unexplained: Row | None = None

    def see(self, row: Row) -> None:
        kind = row["kind"]
        if kind == "status-changed":
            self._changed(row)
        elif kind == "send-begun":
            self._due(row)
            self.begun[str(row["key"])] = (str(row.get("by", "")), self.status == "Connected")
        elif kind == "send-ended":
            self._ended(row)
        elif kind == "attempt-failed":
            self._nobody_failed()
            if self.behind is None:
                self.unexplained = row
            self.behind = None
        else:
            if not row.get("unavailable"):
                # It got through; whether that ends the row of failures is question Q6.
                self.failures.clear()
            else:
                self.unexplained = None

    def _changed(self, row: Row) -> None:
        self.status = str(row.get("to", ""))
        self.failures.clear()
        self.silent = self.behind = None

    def _ended(self, row: Row) -> None:
        self._nobody_failed()
        self.behind = None
        key, outcome = str(row.get("key", "")), row.get("outcome")
        counted = self._counts(str(outcome))
        scope = key if self.settings.attempt_scope == "document" else ""
        if not counted:
            if outcome in ("posted", "refused"):
                self.failures.pop(scope, None)
            return
        if self.status != "Connected":
            return
        self.behind = row
        by, connected = self.begun.get(key, ("queue", True))
        if by == "hand" or not connected:
            return
        self._due(row)
        self.failures[scope] = self.failures.get(scope, 0) + 1
        if self.failures[scope] == self.settings.attempts:
            self.silent = row

    def _counts(self, outcome: str) -> bool:
        return (
            outcome == "no-answer"
            or (outcome == "unavailable" and self.settings.unavailable_counts)
            or (outcome == "refused" and self.settings.refusal_counts)
        )

    def _due(self, row: Row) -> None:
        """The status must have changed before anything else is sent."""
        if self.silent is not None and row["n"] > self.silent["n"]:
            first = f"{self.settings.attempts} sendings in a row came to nothing (the last in row {self.silent['n']})"
            sentence = f"{first}, and more was sent while Connected"
            self.wrong.add(row, sentence)
            self.silent = None

    def _nobody_failed(self) -> None:
        if self.unexplained is not None:
            self.wrong.add(self.unexplained, "a failed attempt was counted, and no sending and no look-up had failed")
            self.unexplained = None

    def end(self, evidence: Evidence) -> None:
        """Look at what is still due when the story ends."""
        self._nobody_failed()
        if self.silent is None or evidence.end is None:
            return
        if (evidence.end - moment(self.silent)).total_seconds() > self.settings.status_limit_s:
            self.wrong.add(
                self.silent, f"{self.settings.attempts} sendings in a row came to nothing and the status stayed Connected"
            )
