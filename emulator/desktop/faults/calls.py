"""Faults of single calls: what they do to a call that passes a point, and the kinds of them."""

from collections.abc import Callable
from typing import Final

from emulator.desktop.faults.points import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_BEGIN,
    BEFORE_COMMIT,
    BEFORE_KEEP,
    BEFORE_PROCESS,
    Effect,
    Situation,
)
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.desktop.results import Code, SessionFailure
from emulator.faults import Kind, Parameter, Strike
from emulator.qbxml import status


def lose_answer(situation: Situation, strike: Strike) -> Operation[None]:
    """Keep the answer from the caller for ever, or fail in its place: the call never returns as the answer it was."""
    if strike.parameters["how"] == "fails":
        raise SessionFailure(str(strike.parameters["code"]), "the answer was lost")
    yield from situation.quickbooks.wait(lambda: False, for_caller=True)


def _delay(situation: Situation, strike: Strike) -> Operation[None]:
    yield from situation.quickbooks.pass_time(float(strike.parameters["seconds"]))


def _error(situation: Situation, strike: Strike) -> Operation[None]:
    raise SessionFailure(str(strike.parameters["code"]), "a fault of the harness")
    yield  # an operation, though it waits for nothing


def _answer_lost(situation: Situation, strike: Strike) -> Operation[None]:
    # QuickBooks does not know that nobody will hear it: it works on to the end of the document.
    situation.lost = strike
    yield from ()


def _hang(situation: Situation, strike: Strike) -> Operation[None]:
    if situation.quickbooks.process is None:
        return
    seconds = float(strike.parameters["seconds"])
    yield from situation.quickbooks.wait(lambda: False, seconds or None)


def _crash(situation: Situation, strike: Strike) -> Operation[None]:
    quickbooks = situation.quickbooks
    if quickbooks.process is None:
        return
    ghost_s = float(strike.parameters["ghost_s"])
    quickbooks.crash(ghost=bool(strike.parameters["ghost"]), ghost_s=ghost_s or None, faults=(strike.fault,))
    code = str(strike.parameters["code"]) or quickbooks.office.settings.text("desktop.crash-in-call")
    raise SessionFailure(code, f"QuickBooks on {quickbooks.machine} crashed")
    yield  # an operation, though it waits for nothing


def _dialog(situation: Situation, strike: Strike) -> Operation[None]:
    quickbooks = situation.quickbooks
    if quickbooks.process is None:
        return
    if quickbooks.dialog is None:
        closes_after_s = float(strike.parameters["closes_after_s"])
        hangs = strike.parameters["effect"] == "hang"
        quickbooks.show_dialog(str(strike.parameters["title"]), hangs=hangs, closes_after_s=closes_after_s or None)
    yield from quickbooks.pass_dialog()


def _refuse(situation: Situation, strike: Strike) -> Operation[None]:
    """Answer a request with an error: before it was carried out it will not be; afterwards only the answer is wrong."""
    assert situation.request is not None
    noun = situation.request.noun.lower()
    value = situation.facts.get("number") or situation.facts.get("party") or noun
    says = str(strike.parameters.get("quickbooks_says", ""))
    slots = {"object": noun, "value": value} | ({"quickbooks": says} if says else {})
    refused = status.of(int(strike.parameters["status"]), **slots)
    if situation.answer is None:
        situation.request.fault = refused
    else:
        situation.answer.status = refused
        situation.answer.records = []
    yield from ()


def _not_stored(situation: Situation, strike: Strike) -> Operation[None]:
    situation.kept = False
    yield from ()


EFFECTS: Final[dict[str, Effect]] = {
    "delay": _delay,
    "error": _error,
    "answer-lost": _answer_lost,
    "hang": _hang,
    "crash": _crash,
    "dialog": _dialog,
    "refuse": _refuse,
    "not-stored": _not_stored,
}
"""What each effect of this family does."""

BEGINS: Final[dict[str, Callable[[Office, Strike], Callable[[], None]]]] = {}
"""What begins the state of each effect of this family: none, they are over with the call."""

_CODE_ABOUT = "result code the call fails with"

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "slow",
        "COM03",
        (BEFORE_PROCESS, BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_KEEP, AFTER_COMMIT, BEFORE_ANSWER),
        "delay",
        "A call takes longer.",
        "have a time limit for each class of call, and not take a slow answer for a lost one too early",
        False,
        {"seconds": Parameter(30.0, "how much longer, in story seconds")},
    ),
    Kind(
        "session-error",
        "COM02",
        (BEFORE_PROCESS, BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_KEEP, AFTER_COMMIT, BEFORE_ANSWER),
        "error",
        "A call fails with a result code; after a commit the write has happened all the same.",
        "begin a new session, and ask what became of a write before it is sent again",
        True,
        {"code": Parameter(str(Code.RPC_UNAVAILABLE), _CODE_ABOUT)},
    ),
    Kind(
        "answer-lost",
        "COM07",
        (AFTER_COMMIT, BEFORE_ANSWER, BEFORE_COMMIT),
        "answer-lost",
        "The document is carried out and its answer never arrives.",
        "take the outcome as unknown and ask (message-set id, or number with party, amount and key) before it sends the write again",
        True,
        {
            "how": Parameter("hangs", "the call never returns, or fails with `code`", ("hangs", "fails")),
            "code": Parameter(str(Code.RPC_FAILED), "result code when it fails"),
        },
    ),
    Kind(
        "hang",
        "QB10",
        (BEFORE_COMMIT, BEFORE_BEGIN, BEFORE_PROCESS, AFTER_COMMIT, BEFORE_ANSWER),
        "hang",
        "QuickBooks does not answer, and serves nobody else, until it is ended or the time is over.",
        "keep its own deadline, take the outcome of a write as unknown, start no second call beside the first",
        False,
        {"seconds": Parameter(300.0, "story seconds; 0: until somebody ends QuickBooks")},
    ),
    Kind(
        "crash",
        "QB09",
        (AFTER_COMMIT, BEFORE_COMMIT, BEFORE_KEEP, BEFORE_BEGIN, BEFORE_PROCESS, BEFORE_ANSWER),
        "crash",
        "QuickBooks dies in the middle of a call; session and connection are dead, the seat is freed or stays taken.",
        "close, open a new session when QuickBooks is back, and ask before a write is sent again",
        True,
        {
            "ghost": Parameter(False, "the seat stays taken"),
            "ghost_s": Parameter(0.0, "story seconds until the host notices; 0: not by itself"),
            "code": Parameter("", "result code of the call that was under way; empty: as the switch desktop.crash-in-call says"),
        },
    ),
    Kind(
        "modal-dialog",
        "QB06",
        (BEFORE_PROCESS, BEFORE_BEGIN),
        "dialog",
        "A modal dialog opens in QuickBooks; calls fail with 0x80040414 after a wait, or hang, until a person closes it.",
        "show a light of its own kind (`a dialog is open`), ask for a person, and not restart over and over",
        False,
        {
            "title": Parameter("Recording Transaction", "what the dialog says"),
            "effect": Parameter("error", "the call gives up after its wait, or waits for ever", ("error", "hang")),
            "closes_after_s": Parameter(0.0, "story seconds until somebody closes it; 0: when a person's act does"),
        },
    ),
    Kind(
        "record-locked",
        "QB18",
        (BEFORE_COMMIT,),
        "refuse",
        "A request is refused because somebody has the record, or one that belongs to it, open.",
        "try again later, a bounded number of times; it is no error for good, although 3180 is also the code of some that are",
        False,
        {
            "status": Parameter(3175, "status code of the answer", (3170, 3175, 3176, 3180)),
            "quickbooks_says": Parameter("The record is locked by another user.", "what QuickBooks itself adds to the message"),
        },
    ),
    Kind(
        "internal-1000",
        "QB32",
        (BEFORE_COMMIT, AFTER_COMMIT),
        "refuse",
        "A request is answered with an internal error; after a commit the write has happened all the same.",
        "take the outcome of a write as unknown and ask before it is sent again",
        False,
        {"status": Parameter(1000, "status code of the answer", (1000,))},
    ),
    Kind(
        "outcome-not-stored",
        "QB40",
        (BEFORE_KEEP,),
        "not-stored",
        "What a request wrote is in the books, and the outcome of its message set cannot be stored: the set is answered 9005.",
        "take the answer as it is, and not rely on the id of the set when it is lost",
        False,
    ),
)
"""The kinds of fault that strike a call."""
