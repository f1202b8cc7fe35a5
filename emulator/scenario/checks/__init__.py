"""checks: the invariants, each judged from the journal and the truth of the books, never from what a connector says of itself.

Each is a function from `Evidence` to `Finding`: it can fail, and it is inconclusive when there was nothing to look at. `CHECKS` lists them all;
`judge` runs those a story names.
"""

from collections.abc import Iterable

from emulator.core.errors import UserMistake, nearest
from emulator.scenario.checks.books_balance import books_balance
from emulator.scenario.checks.check import Check
from emulator.scenario.checks.drains import drains
from emulator.scenario.checks.explained import explained
from emulator.scenario.checks.gate import gate
from emulator.scenario.checks.hold import hold
from emulator.scenario.checks.nothing_lost import nothing_lost
from emulator.scenario.checks.nothing_twice import nothing_twice
from emulator.scenario.checks.one_mail import one_mail
from emulator.scenario.checks.order_kept import order_kept
from emulator.scenario.checks.own_document import own_document
from emulator.scenario.checks.poison import poison
from emulator.scenario.checks.single_user import single_user
from emulator.scenario.checks.status_true import status_true
from emulator.scenario.checks.true_reads import true_reads
from emulator.scenario.checks.unknown_is_a_state import unknown_is_a_state
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding

__all__ = ["CHECKS", "Check", "check_for", "judge"]


def check_for(name: str, where: str = "") -> Check:
    """Return a check by its id (case does not matter). Raises UserMistake for one that nobody judges, with the nearest right id."""
    found = next((check for check in CHECKS if check.id.casefold() == name.casefold()), None)
    if found is None:
        ids = [check.id for check in CHECKS]
        near = nearest(name, ids)
        raise UserMistake(
            f"no check judges {name!r}", where, f"{near!r} or another of {', '.join(ids)}" if near else ", ".join(ids)
        )
    return found


def judge(evidence: Evidence, names: Iterable[str]) -> list[Finding]:
    """Judge the invariants a story names, in the order of the table."""
    wanted = {check_for(name).id for name in names}
    return [check.judge(evidence) for check in CHECKS if check.id in wanted]


CHECKS = (
    Check("I1", "nothing lost", "every accepted document is posted, held, or refused with a visible reason", nothing_lost),
    Check("I2", "nothing twice", "at most one record in the books for each document", nothing_twice),
    Check("I3", "order kept", "posted in the order of acceptance, and what a document needs comes before it", order_kept),
    Check(
        "I5", "status true", "Disconnected after exactly N failed attempts in a row, and every change has its cause", status_true
    ),
    Check("I6", "one e-mail", "one e-mail to the contact for each detected episode, and no other", one_mail),
    Check("I7", "hold", "while Disconnected nothing is sent by the queue and nothing held is refused", hold),
    Check("I8", "gate", "while Disconnected nothing new is made with automatic syncing, and nothing half-made is left", gate),
    Check(
        "I10",
        "single-user possible",
        "single-user log-in works once all are out, and is refused with a reason before",
        single_user,
    ),
    Check("I11", "drains", "once the cause is gone everything that waited goes through as it is", drains),
    Check("I12", "poison isolated", "a refused document is not tried for ever, and those behind it go through", poison),
    Check("I13", "no false reads", "an open balance is right, or unavailable", true_reads),
    Check(
        "I14",
        "unknown is a state",
        "after a lost answer QuickBooks is asked before anything is written again",
        unknown_is_a_state,
    ),
    Check("I19", "books balance", "balances are the sums of the documents", books_balance),
    Check("I20", "explained", "every change, failure and refusal has a reason people can read", explained),
    Check("I22", "own document", "what is held as posted is this very document in the books", own_document),
)
"""All invariants that are judged, in the order of reports."""
