"""I10, single-user possible: when all are out of the file, a single-user log-in from another machine is done; before, it is refused with a reason.

The check keeps its own list of who is in the company file, from the log-ins, log-outs, sessions and deaths that QuickBooks' lane shows.

Reads: `logged-in`, `logged-out`, `login-refused`, `closed`, `session-begun`, `session-ended`, and that everything committed stands in the books.
Inconclusive when nobody tried single-user mode on a machine other than the connector's.
"""

from dataclasses import dataclass, field

from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def single_user(evidence: Evidence) -> Finding:
    """Judge I10."""
    wrong = Violations("I10")
    inside = _Inside()
    refusals = 0
    for row in evidence.of("logged-in", "logged-out", "login-refused", "closed", "session-begun", "session-ended"):
        machine = str(row.get("machine", "")).casefold()
        elsewhere = machine != evidence.settings.connector_machine.casefold()
        if row["kind"] in ("logged-in", "login-refused") and row.get("mode") == "single" and elsewhere:
            wrong.tested += 1
            refusals += row["kind"] == "login-refused"
            _judge(wrong, row, inside.others(machine))
        inside.see(row, machine)
    if wrong.tested:
        _judge_books(evidence, wrong)
    passed = f"{counted(wrong.tested, 'single-user log-in')} from another machine: {wrong.tested - refusals} done, {refusals} refused with a reason"
    return wrong.finding(passed, "nobody tried a single-user log-in from another machine")


def _judge(wrong: Violations, row: Row, others: list[str]) -> None:
    names = ", ".join(others)
    if row["kind"] == "logged-in":
        if others:
            wrong.add(row, f"single-user log-in was done while others were in the file: {names}")
    elif not others:
        wrong.add(row, f"single-user log-in was refused though nobody was in the file: {row.get('reason', 'no reason')}")
    elif not str(row.get("reason", "")).strip():
        wrong.add(row, f"single-user log-in was refused without a reason ({names} was in the file)")


def _judge_books(evidence: Evidence, wrong: Violations) -> None:
    """Nothing may be damaged: what was committed stands in the books, unless somebody took it away."""
    for row in evidence.of("committed"):
        identity = str(row.get("id", ""))
        gone = identity and identity not in evidence.booked_by_id and identity not in evidence.taken_away
        if gone and "Add" in str(row.get("request", "")):
            wrong.add(row, f"{row.get('number') or identity} was committed and is not in the books any more")


@dataclass
class _Inside:
    """Who has the company file open: by machine, a person, or an application that opened it by itself."""

    people: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, list[str]] = field(default_factory=dict)

    def others(self, machine: str) -> list[str]:
        """Return who is in the file on other machines."""
        people = [f"{user} on {where}" for where, user in self.people.items() if where != machine]
        programs = [
            f"{names[0]} on {where}"
            for where, names in self.sessions.items()
            if names and where not in self.people and where != machine
        ]
        return people + programs

    def see(self, row: Row, machine: str) -> None:
        kind = row["kind"]
        if kind == "logged-in":
            self.people[machine] = str(row.get("user", "somebody"))
        elif kind == "logged-out":
            self.people.pop(machine, None)
            self.sessions.pop(machine, None)
        elif kind == "closed" and not row.get("ghost"):
            # A ghost is an opening that outlives its QuickBooks: its seat and the file stay taken.
            self.people.pop(machine, None)
            self.sessions.pop(machine, None)
        elif kind == "session-begun":
            self.sessions.setdefault(machine, []).append(str(row.get("application", "a program")))
        elif kind == "session-ended" and self.sessions.get(machine):
            self.sessions[machine].pop()
