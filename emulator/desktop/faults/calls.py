"""Faults of single calls: what they do to a call that passes a point, and the kinds of them."""

import math
from typing import Final

from emulator.desktop.faults import slowness
from emulator.desktop.faults.points import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_BEGIN,
    BEFORE_COMMIT,
    BEFORE_KEEP,
    BEFORE_PROCESS,
    CODE,
    CODE_OR_EMPTY,
    Effect,
    Situation,
)
from emulator.desktop.operations import Operation
from emulator.desktop.processes import Process
from emulator.desktop.results import Code, SessionFailure
from emulator.faults import Kind, Parameter, Strike
from emulator.faults.kinds import YEAR_S
from emulator.qbxml import status


def lose_answer(situation: Situation, strike: Strike) -> Operation[None]:
    """Keep the answer from the caller for ever, or fail in its place: the call never returns as the answer it was."""
    if strike.parameters["how"] == "fails":
        raise SessionFailure(str(strike.parameters["code"]), "the answer was lost")
    yield from situation.quickbooks.wait(lambda: False, for_caller=True)


def _delay(situation: Situation, strike: Strike) -> Operation[None]:
    # What the rows of the answer cost is waited for when they are known: before the answer leaves.
    situation.slow.append(strike)
    yield from _hold(situation, strike, slowness.delay_s(strike, situation.quickbooks.office.chance))


def wait_for_rows(situation: Situation) -> Operation[None]:
    """Let the time pass that the rows of the answer cost by the faults that have struck its call."""
    for strike in situation.slow:
        yield from _hold(situation, strike, slowness.rows_delay_s(strike, situation.rows))


def _hold(situation: Situation, strike: Strike, seconds: float) -> Operation[None]:
    """Hold a call for so many story seconds (inf: for ever); no longer than its fault is in force, and QuickBooks lives."""
    if seconds:
        yield from situation.quickbooks.wait(strike.released, None if seconds == math.inf else seconds)


def _slow_down(situation: Situation, strike: Strike) -> Operation[None]:
    process = situation.quickbooks.process
    assert process is not None
    process.slowness_s = min(process.slowness_s + float(strike.parameters["more_s"]), float(strike.parameters["most_s"]))
    yield from _hold(situation, strike, process.slowness_s)


def _error(situation: Situation, strike: Strike) -> Operation[None]:
    raise SessionFailure(str(strike.parameters["code"]), "a fault of the harness")
    yield  # an operation, though it waits for nothing


def _rpc_gone(situation: Situation, strike: Strike) -> Operation[None]:
    """Cut the wire between the program and QuickBooks: QuickBooks notices that its caller is gone, the session is dead for both."""
    code, session = str(strike.parameters["code"]), situation.session
    if session is not None:
        situation.quickbooks.end_session(session)
        session.process = Process(attended=session.process.attended, alive=False)
        session.faults = (strike.fault,)
    raise SessionFailure(code, "the connection to QuickBooks broke")
    yield  # an operation, though it waits for nothing


def _ticket_invalid(situation: Situation, strike: Strike) -> Operation[None]:
    session = situation.session
    assert session is not None
    after_n = int(strike.parameters["after_n"])
    session.faults = (strike.fault,)
    session.calls_left = after_n
    if after_n == 0:
        raise SessionFailure(Code.WRONG_TICKET)
    yield from ()


def _answer_twice(situation: Situation, strike: Strike) -> Operation[None]:
    situation.twice = True
    yield from ()


def _answer_lost(situation: Situation, strike: Strike) -> Operation[None]:
    # QuickBooks does not know that nobody will hear it: it works on to the end of the document.
    situation.lost = strike
    yield from ()


def _hang(situation: Situation, strike: Strike) -> Operation[None]:
    yield from _hold(situation, strike, float(strike.parameters["seconds"]) or math.inf)


def _crash(situation: Situation, strike: Strike) -> Operation[None]:
    quickbooks = situation.quickbooks
    ghost_s = float(strike.parameters["ghost_s"])
    quickbooks.crash(ghost=bool(strike.parameters["ghost"]), ghost_s=ghost_s or None, faults=(strike.fault,))
    code = str(strike.parameters["code"]) or quickbooks.office.settings.text("desktop.crash-in-call")
    raise SessionFailure(code, f"QuickBooks on {quickbooks.machine} crashed")
    yield  # an operation, though it waits for nothing


def _dialog(situation: Situation, strike: Strike) -> Operation[None]:
    quickbooks = situation.quickbooks
    closes_after_s = float(strike.parameters["closes_after_s"])
    hangs = strike.parameters["effect"] == "hang"
    title = str(strike.parameters["title"])
    quickbooks.show_dialog(
        title, hangs=hangs, closes_after_s=closes_after_s or None, faults=(strike.fault,), released=strike.released
    )
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
    "slow-down": _slow_down,
    "rpc-gone": _rpc_gone,
    "ticket-invalid": _ticket_invalid,
    "answer-twice": _answer_twice,
    "error": _error,
    "answer-lost": _answer_lost,
    "hang": _hang,
    "crash": _crash,
    "dialog": _dialog,
    "refuse": _refuse,
    "not-stored": _not_stored,
}
"""What each effect of this family does."""

_CODE_ABOUT = "result code the call fails with"
_WHOLE: Final = (BEFORE_PROCESS, BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_KEEP, AFTER_COMMIT, BEFORE_ANSWER)
_IN_SESSION: Final = tuple(point for point in _WHOLE if point != BEFORE_BEGIN)

_UNWRITTEN: Final = {BEFORE_COMMIT: ("a document written", "a numbered document")}
"""What a request has not that was refused before it was carried out."""

_CRASH: Final = {
    "ghost": Parameter(False, "the seat stays taken"),
    "ghost_s": Parameter(0.0, "story seconds until the host notices; 0: not by itself", least=0, most=YEAR_S),
    "code": Parameter(
        "", "result code of the call that was under way; empty: as the switch desktop.crash-in-call says", form=CODE_OR_EMPTY
    ),
}

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "slow",
        "COM03",
        _WHOLE,
        "delay",
        "A call takes longer: by a constant, or by a time drawn for each call from a distribution, and by more for each row of its answer.",
        "have a time limit for each class of call, and not take a slow answer for a lost one too early",
        False,
        slowness.PARAMETERS,
        nothing_at=({"preset": "none"}, {"preset": "", "seconds": 0.0, "per_row_s": 0.0}),
    ),
    Kind(
        "slow-query",
        "QB31",
        (BEFORE_ANSWER,),
        "delay",
        "An answer takes a time for each of its rows; lists of tens of thousands of rows take minutes.",
        "ask page by page, put what people wait for first, and have a limit that grows with what is asked for",
        False,
        slowness.QUERY_PARAMETERS,
        nothing_at=({"seconds": 0.0, "per_row_s": 0.0},),
    ),
    Kind(
        "slows-down",
        "QB49",
        (BEFORE_PROCESS,),
        "slow-down",
        "Every request takes a little longer than the one before, until QuickBooks is restarted.",
        "keep its deadlines, and tell people that QuickBooks gets slow before they are missed",
        False,
        {
            "more_s": Parameter(
                0.05, "by how much longer each request takes than the one before, story seconds", least=0, most=YEAR_S
            ),
            "most_s": Parameter(120.0, "longest that a request takes longer, story seconds", least=0, most=YEAR_S),
        },
        needs=("QuickBooks",),
        nothing_at=({"more_s": 0.0}, {"most_s": 0.0}),
    ),
    Kind(
        "session-error",
        "COM09",
        _WHOLE,
        "error",
        "A call fails with a result code, the session lives on; after a commit the write has happened all the same.",
        "begin a new session, and ask what became of a write before it is sent again",
        True,
        {"code": Parameter(str(Code.RPC_UNAVAILABLE), _CODE_ABOUT, form=CODE)},
        ends_call=_WHOLE,
    ),
    Kind(
        "rpc-gone",
        "COM02",
        _WHOLE,
        "rpc-gone",
        "The connection to QuickBooks breaks in a call: the call fails, the session is dead, QuickBooks itself lives on.",
        "close, begin a new session, and ask what became of a write before it is sent again",
        True,
        {"code": Parameter(str(Code.RPC_UNAVAILABLE), _CODE_ABOUT, (str(Code.RPC_UNAVAILABLE), str(Code.RPC_FAILED)))},
        ends_call=_WHOLE,
    ),
    Kind(
        "ticket-invalid",
        "COM04",
        (BEFORE_PROCESS,),
        "ticket-invalid",
        "The ticket of a session stops being good: every later call with it fails with 0x8004040D, until a new session is begun.",
        "begin one new session and go on; give up when that one fails too",
        True,
        {
            "after_n": Parameter(
                0, "documents of the session that are still answered, the one that is struck among them", least=0, most=10**6
            )
        },
        needs=("a ticket",),
        sets=("ticket",),
        ends_call=(BEFORE_PROCESS,),
        ends_with={"after_n": 0},
    ),
    Kind(
        "answer-lost",
        "COM07",
        (AFTER_COMMIT, BEFORE_ANSWER, BEFORE_COMMIT),
        "answer-lost",
        "The document is carried out and its answer never arrives, also when the fault is lifted: it is lost.",
        "take the outcome as unknown and ask (message-set id, or number with party, amount and key) before it sends the write again",
        True,
        {
            "how": Parameter("hangs", "the call never returns, or fails with `code`", ("hangs", "fails")),
            "code": Parameter(str(Code.RPC_FAILED), "result code when it fails", form=CODE),
        },
        needs=("an answer",),
        sets=("fate of the answer",),
    ),
    Kind(
        "answer-twice",
        "COM10",
        (AFTER_COMMIT,),
        "answer-twice",
        "A request is carried out once and answered twice in its document.",
        "go by the request's own id, and take two answers of one request for one record",
        False,
        needs=("one answer",),
        sets=("number of answers",),
    ),
    Kind(
        "hang",
        "QB10",
        (BEFORE_COMMIT, BEFORE_BEGIN, BEFORE_PROCESS, AFTER_COMMIT, BEFORE_ANSWER),
        "hang",
        "QuickBooks does not answer, and serves nobody else, until it is ended or the time is over.",
        "keep its own deadline, take the outcome of a write as unknown, start no second call beside the first",
        False,
        {"seconds": Parameter(300.0, "story seconds; 0: until somebody ends QuickBooks", least=0, most=YEAR_S)},
        needs=("QuickBooks",),
    ),
    Kind(
        "crash",
        "QB09",
        (AFTER_COMMIT, BEFORE_COMMIT, BEFORE_KEEP, BEFORE_BEGIN, BEFORE_PROCESS, BEFORE_ANSWER),
        "crash",
        "QuickBooks dies in the middle of a call; session and connection are dead, the seat is freed or stays taken.",
        "close, open a new session when QuickBooks is back, and ask before a write is sent again",
        True,
        _CRASH,
        needs=("QuickBooks",),
        ends_call=_IN_SESSION,
    ),
    Kind(
        "killed-by-neighbour",
        "QB53",
        (BEFORE_COMMIT, AFTER_COMMIT, BEFORE_KEEP, BEFORE_PROCESS, BEFORE_ANSWER),
        "crash",
        "Another tool ends QuickBooks in the middle of a session, as its remedy for something of its own; the seat stays taken for a while.",
        "as after a crash; say which user still holds a seat, and not fight the other tool by starting QuickBooks over and over",
        True,
        _CRASH
        | {
            "ghost": Parameter(True, "the seat stays taken"),
            "ghost_s": Parameter(120.0, _CRASH["ghost_s"].about, least=0, most=YEAR_S),
        },
        needs=("QuickBooks",),
        ends_call=_IN_SESSION,
    ),
    Kind(
        "modal-dialog",
        "QB06",
        (BEFORE_PROCESS, BEFORE_BEGIN),
        "dialog",
        "A modal dialog opens in QuickBooks; calls fail with 0x80040414 after a wait, or hang, until a person closes it or the fault is lifted.",
        "show a light of its own kind (`a dialog is open`), ask for a person, and not restart over and over",
        False,
        {
            "title": Parameter("Recording Transaction", "what the dialog says"),
            "effect": Parameter("error", "the call gives up after its wait, or waits for ever", ("error", "hang")),
            "closes_after_s": Parameter(
                0.0, "story seconds until somebody closes it; 0: when a person's act does", least=0, most=YEAR_S
            ),
        },
        needs=("QuickBooks", "no dialog"),
        sets=("dialog",),
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
        needs=("no refusal",),
        denies=_UNWRITTEN,
        sets=("status of the request",),
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
        needs=("no refusal",),
        denies=_UNWRITTEN,
        sets=("status of the request",),
    ),
    Kind(
        "outcome-not-stored",
        "QB56",
        (BEFORE_KEEP,),
        "not-stored",
        "What a request wrote is in the books, and the outcome of its message set cannot be stored: the set is answered 9005.",
        "take the answer as it is, and not rely on the id of the set when it is lost",
        False,
        needs=("an id", "a stored outcome"),
        sets=("stored outcome",),
    ),
)
"""The kinds of fault that strike a call."""
