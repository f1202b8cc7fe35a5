"""ProcessRequest: a document comes in, its requests are carried out one by one, the answers go out as one document.

    decode --> wait for the turn --> is the session still good? dialog? --> for each request: point, perform (one transaction), point
           --> point before the answer --> encode

A document that is not valid fails as a whole and nothing is done. The journal gets a row when a request arrives (`request`), when
something was written (`committed`; those who subscribed to it are told: `events.py`), when a window was opened for people
(`window-opened`), when FakeBooks itself failed in a request, which is answered 1000 (`internal-error`: what to report to us), when it
was answered (`answered`; `answer-withheld` when nobody gets it), and when the call failed (`session-failed`); see `correlation.py`. Beside
the code of a refusal stands its `diagnosis`, what `fakebooks explain` tells: for people, it never goes over the wire.
"""

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emulator.company import Caller, Explainer, Unforeseen
from emulator.desktop import correlation, paths
from emulator.desktop.admission import check_allowed
from emulator.desktop.events import tell_written
from emulator.desktop.faults import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_COMMIT,
    BEFORE_KEEP,
    BEFORE_PROCESS,
    Situation,
    lose_answer,
    note_causes,
    suffer,
    wait_for_rows,
)
from emulator.desktop.faults.answers import not_spoilt, spoilt
from emulator.desktop.installation import Installation
from emulator.desktop.operations import Operation
from emulator.desktop.permissions import WINDOWS, check_document, refusal
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.sessions import Session
from emulator.desktop.under_way import CallUnderWay
from emulator.desktop.users import Users
from emulator.qbxml import AnswerWriter, MessageSet, NotValid, Request, Status, decode_set, places_in, why_set_answered
from emulator.qbxml.places import Places

BUSINESS_FACTS: Final = ("number", "party", "key")
"""Facts of a request that its later rows repeat."""

RIGHTS: Final = frozenset({3260, 3261, 3262})
"""Status codes of what a user or an application may not do."""


NOT_FOUND: Final = 500
"""Status of a query that names a record that is not there: everyday, and its nearest names take longer to find than its answer."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One answer as it went out: its status, how many records, and for people why it is an error."""

    outcome: Status
    records: int
    diagnosis: str | None = None


def process(quickbooks: Installation, session: Session, document: str | bytes) -> Operation[str]:
    """Carry out a document for a session.

    Raises:
        SessionFailure: the document, the session or QuickBooks is not good, or a fault ended the call. But for the codes of
            `results.REFUSED_WHOLE`, what was written before stays written.
    """
    messages = _decoded(quickbooks, session, document)
    facts = [correlation.facts_of_request(request) for request in messages.requests]
    for each in facts:
        quickbooks.office.note("request", machine=quickbooks.machine, session=session.number, **each)
    situation = Situation(quickbooks, _facts(quickbooks, session), session=session, has_id=bool(messages.new_id))
    first = facts[0] if facts else {}
    known: dict[str, Any] = {name: first[name] for name in ("request", *BUSINESS_FACTS) if name in first}

    def note(failure: SessionFailure) -> None:
        failure.faults = tuple(dict.fromkeys((*failure.faults, *situation.faults)))
        note_failure(quickbooks, "ProcessRequest", failure, session, **known)

    now = quickbooks.office.now()
    call = CallUnderWay("ProcessRequest", session.application.name, now, session.number, known, situation.faults)
    with quickbooks.under_way(call):
        try:
            answer = yield from quickbooks.take_turn(call, _carry_out(situation, session, document, messages, facts))
        except SessionFailure as failure:
            note(failure)
            if situation.lost is None:
                raise
        finally:
            not_spoilt(situation)
        if session.calls_left:
            session.calls_left -= 1
        try:
            if situation.lost is not None:
                # Out of the line: QuickBooks is free for the next, only this caller waits in vain. A failure is lost as an answer is.
                call.progress = "its answer is lost"
                yield from lose_answer(situation, situation.lost)
        except SessionFailure as failure:
            note(failure)
            raise
    return answer


def _facts(quickbooks: Installation, session: Session) -> dict[str, str]:
    """Return what a fault may ask of the call as a whole."""
    return {
        "call": "ProcessRequest",
        "machine": quickbooks.machine,
        "application": session.application.name,
        "user": session.opening.user.name,
        "company": paths.file_name(session.opening.file.path),
    }


def check_ticket(session: Session) -> None:
    """Check that QuickBooks knows a session's ticket still; a call that waited in line may find that it does not (0x8004040D)."""
    if not session.ticket_good:
        raise _ended(session, Code.WRONG_TICKET)


def check_alive(quickbooks: Installation, session: Session) -> None:
    """Check that a session's ticket, QuickBooks and file are still there: when a call comes, and again when it has its turn.

    Raises:
        SessionFailure: the ticket is no longer good, QuickBooks has gone (crash, quit), the file was closed or exchanged, or access was
            taken away.
    """
    text = quickbooks.office.settings.text
    check_ticket(session)
    if not session.process.alive:
        running = quickbooks.process is not None and quickbooks.process.alive
        faults = (*session.opening.faults, *quickbooks.office.causes.of("closed", quickbooks.machine))
        code = session.opening.closed_with or text("desktop.restarted-before-call" if running else "desktop.gone-before-call")
        # The Admin closed the file for users: that QuickBooks without a window ended with it makes no difference (a choice like the code).
        raise _ended(session, Code.NO_FILE_NO_PATH if code == "situation" else code, faults)
    opening = quickbooks.opening
    if opening is not session.opening:
        _check_other_opening(quickbooks, session)
    check_allowed(quickbooks, session.opening.file, session.application.name)


def _ended(session: Session, code: str, faults: Iterable[str] = ()) -> SessionFailure:
    """Return the failure of a call in a session that has ended; it names the faults that ended it, and what they ended it with."""
    return SessionFailure(code, faults=tuple(dict.fromkeys((*session.faults, *faults))))


def caller_of(quickbooks: Installation, session: Session) -> Caller:
    """Return what the company file is told of a session; what the Admin changes of its grant counts at once."""
    return Caller(
        session=session.ticket,
        application=session.application.name,
        user=session.opening.user.name,
        file_mode="SingleUser" if session.opening.mode == "single" else "MultiUser",
        automatic_login=not session.process.attended,
        personal_data=session.granted.personal_data and Users(quickbooks.office, session.opening.file).are_complex,
    )


def note_failure(
    quickbooks: Installation,
    call: str,
    failure: SessionFailure,
    session: Session | None = None,
    application: str | None = None,
    **facts: Any,
) -> None:
    """Write the journal row of a call that failed.

    Args:
        quickbooks: where.
        call: the member of the interface.
        failure: what it failed with.
        session: in which session, if in one.
        application: which program made the call; empty: that of the session. Nobody knows it before OpenConnection.
        facts: of the first request of the document, when it was read.
    """
    quickbooks.office.note(
        "session-failed",
        machine=quickbooks.machine,
        session=session.number if session else None,
        application=application or (session.application.name if session else None),
        call=call,
        code=str(failure.code),
        symbol=failure.result.symbol,
        reason=failure.detail or failure.result.wording,
        diagnosis=failure.diagnosis or None,
        faults=failure.faults,
        **facts,
    )


def _decoded(quickbooks: Installation, session: Session, document: str | bytes) -> MessageSet:
    try:
        check_alive(quickbooks, session)
        return decode_set(document, quickbooks.office.limits, quickbooks.office.choices)
    except NotValid as wrong:
        failure = SessionFailure(wrong.result, diagnosis=str(wrong.diagnosis))
        note_failure(quickbooks, "ProcessRequest", failure, session)
        raise failure from None
    except SessionFailure as failure:
        note_failure(quickbooks, "ProcessRequest", failure, session)
        raise


def _check_other_opening(quickbooks: Installation, session: Session) -> None:
    text = quickbooks.office.settings.text
    code = session.opening.closed_with or text("desktop.file-closed-under-session")
    faults = (*session.opening.faults, *quickbooks.office.causes.of("no-file", quickbooks.machine))
    if quickbooks.opening is None:
        raise SessionFailure(Code.NO_FILE_NO_PATH if code == "situation" else code, "the file was closed", faults=faults)
    if quickbooks.opening.file is session.opening.file:
        if text("desktop.same-file-opened-again") == "works":
            session.opening = quickbooks.opening
            return
        raise SessionFailure(text("desktop.same-file-opened-again"), "the file was closed and opened again", faults=faults)
    detail = f"open now: {paths.file_name(quickbooks.opening.spelling)}; session: {paths.file_name(session.opening.spelling)}"
    raise SessionFailure(Code.OTHER_FILE_OPEN if code == "situation" else code, detail, faults=faults)


def _carry_out(
    situation: Situation, session: Session, document: str | bytes, messages: MessageSet, facts: list[dict[str, Any]]
) -> Operation[str]:
    """The part of a ProcessRequest that has QuickBooks to itself."""
    quickbooks = situation.quickbooks
    check_alive(quickbooks, session)
    about_call, first = situation.facts, facts[0] if facts else {}
    situation.facts = {**about_call, **first}
    yield from suffer(situation, BEFORE_PROCESS)
    yield from quickbooks.pass_dialog()
    check_alive(quickbooks, session)
    opening = session.opening
    check_document(quickbooks, session, messages, personal_data=session.granted.personal_data)
    note_own_mistake = _failure_noter(quickbooks, session)
    run = opening.file.company.begin_set(messages, caller_of(quickbooks, session), note_own_mistake)
    writer = AnswerWriter(messages, quickbooks.office.choices)
    office = quickbooks.office

    def find_places() -> Places:
        return places_in(document, office.limits, office.choices)

    explainer = opening.file.company.explainer(find_places, office.choices)
    told = [(_Told(answer.status, writer.add(answer)), known) for answer, known in zip(run.stored, facts, strict=False)]
    # No step at all when the set is answered from its stored outcome, or refused as a whole.
    for number, (step, known) in enumerate(zip(run, facts, strict=False)):
        situation.request, situation.answer = step.request, None
        situation.facts = {**about_call, **known}
        situation.twice = False
        yield from office.latency.pass_by(quickbooks, step.request.name)
        yield from suffer(situation, BEFORE_COMMIT)
        step.request.fault = step.request.fault or refusal(quickbooks, session, step.request)
        answer = situation.answer = step.perform(keep=False)
        # Before it is kept: a set that is asked for again is told what was told then.
        answer.status = office.wording.told(answer.status)
        note_causes(situation)
        if step.writes and not answer.status.failed:
            if step.request.noun in WINDOWS:
                _note_window(quickbooks, session, step.request)
            else:
                _note_committed(situation, session, known, correlation.facts_of_written(answer))
                tell_written(quickbooks, opening.file, session.application.name, step.request, answer)
        situation.kept = True
        yield from suffer(situation, BEFORE_KEEP)
        if situation.kept:
            step.keep()
        else:
            run.not_kept()
        yield from suffer(situation, AFTER_COMMIT)
        answer.status = office.wording.told(answer.status)
        run.stopped = run.stopped or (answer.status.failed and messages.on_error == "stopOnError")
        # Explained and written at once: a long answer reads its records while it is written, as they stand now.
        why = _explained(explainer, number, step.request, answer.status, note_own_mistake) if _is_told(answer.status) else None
        for _ in range(1 + situation.twice):
            each = _Told(answer.status, writer.add(answer), why)
            told.append((each, known))
            situation.rows += each.records
        yield from office.latency.pass_rows(quickbooks, step.request.name, each.records)
    situation.facts = {**about_call, **first}
    yield from suffer(situation, BEFORE_ANSWER)
    yield from wait_for_rows(situation)
    if run.attributes:
        code = run.attributes.get("messageSetStatusCode")
        quickbooks.office.note(
            "set-answered",
            machine=quickbooks.machine,
            session=session.number,
            status=code,
            diagnosis=_why_set_answered(code, messages, find_places),
        )
    for each, known in told:
        by_rights = office.causes.of("rights", opening.user.name) if each.outcome.code in RIGHTS else ()
        quickbooks.office.note(
            "answered" if situation.lost is None else "answer-withheld",
            machine=quickbooks.machine,
            session=session.number,
            request=known["request"],
            status=each.outcome.code,
            severity=each.outcome.severity,
            diagnosis=each.diagnosis,
            records=each.records or None,
            faults=tuple(dict.fromkeys((*situation.faults, *by_rights))),
            **{name: known[name] for name in BUSINESS_FACTS if name in known},
        )
    answers = writer.document(run.attributes)
    kilobytes_max = office.settings.number("desktop.answer-kb-max")
    if kilobytes_max and len(answers) > kilobytes_max * 1024:
        raise SessionFailure(Code.NO_MEMORY, f"the answer has more than {kilobytes_max} kB")
    return spoilt(situation, answers)


def _is_told(outcome: Status) -> bool:
    """Whether the journal says why: of every refusal and warning but 500, with which a program learns that a record is not there yet."""
    return outcome.failed or (outcome.severity == "Warn" and outcome.code != NOT_FOUND)


def _why_set_answered(code: str | None, messages: MessageSet, find_places: Callable[[], Places]) -> str | None:
    if code is None or code == "0":
        return None
    why = why_set_answered(code, messages, find_places())
    return str(why) if why is not None else None


def _explained(explainer: Explainer, number: int, request: Request, outcome: Status, unforeseen: Unforeseen) -> str | None:
    """Return why a request is refused. What is done to explain it must not fail the call, whatever is wrong with us."""
    try:
        return str(explainer.explain(number, request, outcome))
    except Exception as error:
        unforeseen(request, error)
        return None


def _failure_noter(quickbooks: Installation, session: Session) -> Callable[[Request, Exception], None]:
    """Return what writes down a mistake of our own within a request: what was raised and where (a traceback without its paths)."""

    def note(request: Request, error: Exception) -> None:
        where = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)]
        quickbooks.office.note(
            "internal-error",
            machine=quickbooks.machine,
            session=session.number,
            request=request.name,
            error=f"{type(error).__name__}: {error}",
            traceback=where,
        )

    return note


def _note_window(quickbooks: Installation, session: Session, request: Request) -> None:
    """Write down that a window was opened: which form, and of which record (none: of a new one)."""
    shown = request.values.get("ListID") or request.values.get("TxnID")
    form = request.values[f"{request.noun}{request.operation}Type"]
    quickbooks.office.note("window-opened", machine=quickbooks.machine, session=session.number, form=form, id=shown)


def _note_committed(situation: Situation, session: Session, asked: Mapping[str, Any], written: Mapping[str, Any]) -> None:
    assert situation.request is not None
    situation.quickbooks.office.note(
        "committed",
        machine=situation.quickbooks.machine,
        session=session.number,
        user=session.opening.user.name,
        noun=situation.request.noun,
        operation=situation.request.operation,
        faults=situation.faults,
        **{**asked, **written},
    )
