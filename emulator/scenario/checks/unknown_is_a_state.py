"""I14, unknown is a state: after a lost answer the connector asks QuickBooks before it writes the same document again.

An answer is lost in two places, and they differ in what the connector knows:

    connector --Add--> QuickBooks        lost here (`answer-withheld`, QuickBooks or connector dies): the connector does not know
    platform --document--> connector     lost here (`answer-lost`, `answer-garbled` on the way back): the connector knows, only the platform
                                         does not

After the first kind a second Add needs a question before it, and so does the answer `posted` when no second Add was made: without a
question it was a guess.
After the second kind the connector may answer from its own record of outcomes; a second Add needs a question all the same.
Whoever loses an answer may die of it and write no row: a document that stands in the books and that the platform sends once more is a loss, too.
A ProcessRequest that failed leaves the outcome unknown as well, whether QuickBooks had written by then or not: only two codes prove that it had not
(the document was refused as a whole).

The question is seen in QuickBooks' lane: a query of the right kind of record that names the document's number, name or key, and that QuickBooks
answered before the document was sent again; or a message set that it answered from its stored outcome.

Reads: `request`, `committed`, `answered`, `answer-withheld`, `session-failed`, `answer-lost`, `answer-garbled`, `call-arrived`, `fault-hit` (deaths
of the connector), `send-begun`, `send-ended`.
Inconclusive when no answer to a write was lost.
"""

from dataclasses import dataclass
from typing import Final

from emulator.core.journal import Row
from emulator.desktop.results import proves_nothing_done
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted

_ON_THE_WAY_BACK: Final = ("answer-lost", "answer-garbled")
"""Rows of a call whose answer the platform side has not, or cannot read."""


@dataclass(frozen=True)
class _Loss:
    """One lost answer to a write: which document, where, and whether the connector knew the outcome."""

    key: str
    row: Row
    known: bool


@dataclass(frozen=True)
class _Question:
    """One question that QuickBooks answered: the request, the number of the row that answered it, and whether a stored outcome did."""

    row: Row
    answered: int
    stored: bool


def unknown_is_a_state(evidence: Evidence) -> Finding:
    """Judge I14."""
    wrong = Violations("I14")
    recoveries = _recoveries(evidence)
    adds = _adds(evidence, recoveries)
    questions = _questions(evidence, recoveries)
    for loss in _losses(evidence, adds):
        wrong.tested += 1
        _judge(evidence, wrong, loss, adds, questions)
    passed = f"{counted(wrong.tested, 'answer')} to writes lost; nothing was written again before QuickBooks was asked"
    return wrong.finding(passed, "no answer to a write was lost")


def _judge(evidence: Evidence, wrong: Violations, loss: _Loss, adds: dict[str, list[Row]], questions: list[_Question]) -> None:
    document = evidence.accepted.get(loss.key, loss.row)
    number = str(document.get("number") or loss.row.get("number") or "")
    again = next((row for row in adds.get(loss.key, ()) if row["n"] > loss.row["n"]), None)
    answered = min(
        (each.answered for each in questions if each.row["n"] > loss.row["n"] and _concerns(each, loss.key, document)),
        default=None,
    )
    name = number or str(document.get("party", loss.key))
    if again is not None:
        if answered is None or answered > again["n"]:
            wrong.add(
                again,
                f"{name} was sent to QuickBooks again after its answer was lost (row {loss.row['n']}), and no question for it had been answered",
            )
        return
    if loss.known:
        return
    told = next(
        (
            row
            for row in evidence.about(loss.key, "send-ended")
            if row["n"] > loss.row["n"] and row.get("outcome") in ("posted", "refused")
        ),
        None,
    )
    if told is not None and (answered is None or answered > told["n"]):
        sentence = f"{name} was answered {told['outcome']} after its answer was lost (row {loss.row['n']}), without a question to QuickBooks: a guess"
        wrong.add(told, sentence)


def _questions(evidence: Evidence, recoveries: set[int]) -> list[_Question]:
    """Return the questions that were answered, each with its answer; one whose answer was lost, or whose session failed, told nothing."""
    found: list[_Question] = []
    waiting: dict[tuple[object, object], list[Row]] = {}
    for row in evidence.of("request", "answered", "set-answered", "answer-withheld", "session-failed"):
        session = (row.get("machine"), row.get("session"))
        asked = waiting.setdefault(session, [])
        if row["kind"] == "request":
            if "QueryRq" in str(row.get("request", "")) or row["n"] in recoveries:
                asked.append(row)
        elif row["kind"] in ("answer-withheld", "session-failed"):
            asked.clear()
        else:
            stored = row["kind"] == "set-answered"
            these = [each for each in asked if stored or each.get("request") == row.get("request")]
            # Requests of one message set are answered in their order.
            for each in these if stored else these[:1]:
                found.append(_Question(each, int(row["n"]), each["n"] in recoveries))
                asked.remove(each)
    return found


def _recoveries(evidence: Evidence) -> set[int]:
    """Return the numbers of requests that QuickBooks answered from a message set's stored outcome: it wrote nothing, so they were questions."""
    found: set[int] = set()
    arrived: list[int] = []
    for row in evidence.of("request", "committed", "answered", "set-answered", "answer-withheld", "session-failed"):
        if row["kind"] == "request":
            arrived.append(int(row["n"]))
        elif row["kind"] == "set-answered":
            found.update(arrived)
            arrived = []
        else:
            arrived = []
    return found


def _adds(evidence: Evidence, recoveries: set[int]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in evidence.of("request"):
        if row["n"] not in recoveries and (key := _key_of_add(evidence, row)):
            found.setdefault(key, []).append(row)
    return found


def _key_of_add(evidence: Evidence, row: Row) -> str:
    """Return which document a request adds; empty when it adds none. An item carries no key: it is known by its name."""
    request = str(row.get("request", ""))
    if "AddRq" not in request:
        return ""
    if row.get("key") or not request.startswith("Item"):
        return str(row.get("key") or "")
    name = str(row.get("party", "")).casefold()
    products = ((key, each) for key, each in evidence.accepted.items() if each.get("document") == "product")
    return next((key for key, each in products if str(each.get("party", "")).casefold() == name), "")


def _losses(evidence: Evidence, adds: dict[str, list[Row]]) -> list[_Loss]:
    """Return the lost answers to writes, in order; one loss is told once however many rows tell of it."""
    found: dict[tuple[str, int], _Loss] = {}
    add: Row | None = None
    call: Row | None = None
    # Faults that strike where a kill can strike, and are none: somebody chooses Exit, say.
    harmless = {row["fault"] for row in evidence.of("fault-on") if not str(row.get("of", "kill-")).startswith("kill-")}
    for row in evidence.of("request", "call-arrived", "answer-withheld", "session-failed", *_ON_THE_WAY_BACK, "fault-hit"):
        kind = row["kind"]
        if kind == "request":
            key = _key_of_add(evidence, row)
            add = {**row, "key": key} if key else None
        elif kind == "call-arrived":
            call = row if str(row.get("call", "")).startswith("POST /v1/documents") else None
        else:
            known = _knows(row)
            if known is None or row.get("fault") in harmless:
                continue
            key = str(row.get("key") or ((call if known else add) or {}).get("key", ""))
            first = next((each for each in reversed(adds.get(key, ())) if each["n"] < row["n"]), None)
            if first is not None and not (known and _refused_at(evidence, key, first, row)):
                # Unknown outweighs known: QuickBooks' answer lost, then the platform's, is still a write the connector knows nothing of.
                earlier = found.get((key, int(first["n"])))
                if earlier is None or (earlier.known and not known):
                    found[(key, int(first["n"]))] = _Loss(key, row, known)
    for row in _unanswered(evidence):
        key = str(row["key"])
        add = next((each for each in reversed(adds.get(key, ())) if each["n"] < row["n"]), row)
        earlier = found.get((key, int(add["n"])))
        if earlier is None or earlier.known:
            found[(key, int(add["n"]))] = _Loss(key, row, known=False)
    for row in _sent_once_more(evidence):
        key = str(row["key"])
        add = next((each for each in reversed(adds.get(key, ())) if each["n"] < row["n"]), row)
        found.setdefault((key, int(add["n"])), _Loss(key, row, known=True))
    return sorted(found.values(), key=lambda loss: int(loss.row["n"]))


def _refused_at(evidence: Evidence, key: str, add: Row, lost: Row) -> bool:
    """Return whether QuickBooks had refused the write before its answer was lost on the way to the platform: nothing was written, and it is known."""
    answers = [row for row in evidence.about(key, "answered") if add["n"] < row["n"] < lost["n"]]
    return bool(answers) and answers[-1].get("severity") == "Error"


def _knows(row: Row) -> bool | None:
    """Return whether the connector knew the outcome when this row took an answer away; None when the row took none away."""
    if row["kind"] == "answer-withheld":
        return False
    if row["kind"] == "session-failed":
        write = row.get("call") == "ProcessRequest" and "AddRq" in str(row.get("request", ""))
        return None if not write or proves_nothing_done(str(row.get("code", ""))) else False
    if row["kind"] in _ON_THE_WAY_BACK:
        return True
    return DEATHS.get(str(row.get("point", "")))


def _unanswered(evidence: Evidence) -> list[Row]:
    """Return the writes that stand in the books and were never answered: QuickBooks died, or its file was closed, between the two."""
    answered = [row for row in evidence.of("answered") if row.get("key")]
    if not answered:
        return []
    found = []
    for rows in evidence.by_key.values():
        written: Row | None = None
        for row in sorted((row for kind in ("request", "committed", "answered") for row in rows.get(kind, ())), key=_number):
            if row["kind"] == "committed":
                written = row
            elif row["kind"] == "answered":
                written = None
            elif written is not None and "AddRq" in str(row.get("request", "")):
                found.append(written)
                written = None
        if written is not None:
            found.append(written)
    return found


def _sent_once_more(evidence: Evidence) -> list[Row]:
    """Return the first commit of each document that the platform sent again after it stood in the books: it had not learnt of it.

    So a loss is found also where nothing tells of it: a part was killed from outside, or is somebody else's and writes no journal.
    """
    found = []
    for key in evidence.accepted:
        commit = next((row for row in evidence.about(key, "committed") if "Add" in str(row.get("request", ""))), None)
        if commit is not None and any(row["n"] > commit["n"] for row in evidence.about(key, "send-begun")):
            found.append(commit)
    return found


def _number(row: Row) -> int:
    return int(row["n"])


def _concerns(question: _Question, key: str, document: Row) -> bool:
    """Return whether a question is about a document: the right kind of record, by its key, its number, or for a list entry its name."""
    if not question.stored and not _is_of_its_kind(str(question.row.get("request", "")), document):
        return False
    if question.row.get("key") == key:
        return True
    fact = "number" if document.get("number") else "party"
    asked = str(question.row.get(fact, "")).casefold()
    return bool(asked) and asked == str(document.get(fact, "")).casefold()


def _is_of_its_kind(query: str, document: Row) -> bool:
    noun = query.removesuffix("QueryRq")
    kind = str(document.get("document", ""))
    if not kind:
        # Nobody accepted it: its own request tells what it is.
        return noun == str(document.get("request", "")).removesuffix("AddRq") or noun in ("Transaction", "Entity")
    return noun in QUESTIONS.get(kind, ()) or (kind == "product" and noun.startswith("Item"))


QUESTIONS: Final = {
    "invoice": ("Invoice", "Transaction"),
    "bill": ("Bill", "Transaction"),
    "customer": ("Customer", "Entity"),
    "vendor": ("Vendor", "Entity"),
    "product": ("Item",),
}
"""Which queries can find which document (documented: qbXML reference); a product is found by ItemQuery and the query of any kind of item."""

DEATHS: Final = {
    "connector.after-send": False,
    "connector.after-outcome": True,
    "connector.before-reply": True,
}
"""Points at which only a death of the connector can strike after a write, and whether it had stored the outcome by then."""
