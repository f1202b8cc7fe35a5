"""Plain words: what a journal row says, as a sentence for people. Terminal and page use this one function.

A template names facts of the row in braces; a part in square brackets is left out when one of its facts is missing. `{total}` is total_cents as an
amount, `{doc}` the kind and number (or name) of a document.
"""

import re
from typing import Any, Final

from emulator.core.journal import Row
from emulator.core.showing import clean

_OPTIONAL: Final = re.compile(r"\[([^\]]*)\]")
_FACT: Final = re.compile(r"\{(\w+)\}")


def sentence(row: Row) -> str:
    """Return what a row says in plain words; a kind nobody has words for is told by its name and its facts."""
    template = TEMPLATES.get(str(row.get("kind", "")))
    if callable(template):
        template = template(row)
    if template is None:
        return _facts(row)
    text = _OPTIONAL.sub(lambda part: "" if _missing(row, part.group(1)) else part.group(1), template)
    return clean(_FACT.sub(lambda found: _fact(row, found.group(1)) or "?", text))


def is_routine(row: Row) -> bool:
    """Return whether a row is part of an ordinary day: it may be folded."""
    if row.get("faults"):
        return False
    kind = row["kind"]
    if kind == "send-ended":
        return bool(row.get("outcome") == "posted")
    if kind == "answered":
        return str(row.get("status", "0")) in ("0", "1")
    if kind == "balance-told":
        return not row.get("unavailable")
    return kind in ROUTINE


def is_trouble(row: Row) -> bool:
    """Return whether a row is something people would call trouble: a fault, a failure, a refusal, a loss."""
    if row.get("faults") or row["kind"] in TROUBLE:
        return True
    return bool(row.get("outcome") in ("refused", "unavailable", "no-answer") or row.get("result") == "refused")


def money(cents: object) -> str:
    """Return cents as an amount (1234567 -> 12,345.67)."""
    return f"{int(str(cents)) / 100:,.2f}" if isinstance(cents, int) else str(cents)


def _missing(row: Row, part: str) -> bool:
    return any(not _fact(row, found) for found in _FACT.findall(part))


def _fact(row: Row, name: str) -> str:
    if name == "total":
        # A list entry has no amount; its 0 would only puzzle.
        return money(row["total_cents"]) if row.get("total_cents") else ""
    if name == "balance":
        return money(row["balance_cents"]) if "balance_cents" in row else ""
    if name == "doc":
        what = str(row.get("number") or row.get("party") or row.get("key") or "")
        return f"{row['document']} {what}" if row.get("document") else what
    if name == "touched":
        return ", ".join(map(str, row.get("faults", ())))
    if name == "receivers":
        receivers = row.get("to", ())
        return str(receivers) if isinstance(receivers, str) else ", ".join(map(str, receivers))
    value = row.get(name, "")
    return "" if value is None else str(value)


def _facts(row: Row) -> str:
    kind = str(row.get("kind", "")).replace("-", " ")
    facts = ", ".join(f"{name} {value}" for name, value in row.items() if name not in ("n", "at", "lane", "kind", "violation"))
    return clean(f"{kind}: {facts}" if facts else kind)


def _accepted(row: Row) -> str:
    return "accepted {doc}[ for {party}][, {total}]" if row.get("number") else "accepted {doc}"


def _send_ended(row: Row) -> str:
    if row.get("outcome") == "posted":
        return "{doc} is in the books"
    if row.get("outcome") == "refused":
        return "QuickBooks refuses {doc}[: {reason}][ ({code})]"
    if row.get("outcome") == "no-answer":
        return "no answer for {doc}[: {reason}]"
    return "{doc} is not posted now[: {reason}][ ({code})]"


def _status_changed(row: Row) -> str:
    who = "the operator sets" if row.get("by") == "operator" else "the platform sets"
    return f"status {{from}} -> {{to}}: {who} it[ ({{cause}})]"


def _balance_told(row: Row) -> str:
    if row.get("unavailable"):
        return "open balance of {customer}: unavailable"
    return "open balance of {customer}: {balance}[ as of {as_of}]"


def _act(row: Row) -> str:
    facts = [f"{name} {value}" for name, value in row.items() if name not in _ACT_FACTS]
    told = f" ({', '.join(facts)})" if facts else ""
    if row.get("result") == "refused":
        told += f" - refused: {row.get('reason', 'no reason')}"
    # What a person gave may hold brackets or braces: no part of a template.
    return "{who}: " + re.sub(r"[][{}]", "", str(row.get("act", "?")).replace("_", " ") + told)


def _closed(row: Row) -> str:
    return "QuickBooks crashes[ on {machine}]" if row.get("crashed") else "QuickBooks closes[ on {machine}]"


def _end(row: Row) -> str:
    states: dict[str, Any] = row.get("states", {})
    counts: dict[str, int] = {}
    for state in states.values():
        counts[str(state)] = counts.get(str(state), 0) + 1
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    # Braces and brackets in a state's name would be taken for a part of the template.
    return f"at the end: {re.sub(r'[][{}]', '', told) or 'no documents'}"


_ACT_FACTS: Final = frozenset({"n", "at", "lane", "kind", "who", "act", "result", "reason", "told", "faults", "violation"})

TEMPLATES: Final[dict[str, Any]] = {
    "document-accepted": _accepted,
    "document-held": "holds {doc}",
    "document-posted": "{doc} is posted[ as {id}]",
    "document-refused": "{doc} is marked refused[: {reason}]",
    "send-begun": "sends {doc}[ ({by})]",
    "send-ended": _send_ended,
    "attempt-failed": "failed attempt {failed}[ of {of}][: {reason}]",
    "status-changed": _status_changed,
    "mail-given": "e-mail to {receivers}[: {subject}]",
    "mail-failed": "the e-mail could not be handed over[: {reason}]",
    "mail-received": "e-mail for {receivers}[: {subject}]",
    "creation-refused": "new {what} {name} refused[: {reason}]",
    "creation-accepted": "new {what} {name} accepted",
    "creation-withdrawn": "new {what} {name} is withdrawn[: {reason}]",
    "change-accepted": "change of {what} {name} accepted",
    "change-refused": "change of {what} {name} refused[: {reason}]",
    "document-edited": "{doc} is edited",
    "setting-changed": "setting {setting}: {from} -> {to}",
    "probe-ended": "probe: {light}",
    "balance-told": _balance_told,
    "documents-at-end": _end,
    "call-arrived": "call[ {call}] arrives at port 8891[ ({number})]",
    "call-passed": "call[ {call}] is passed to the connector[ ({number})]",
    "answer-passed": "answer[ {status}] is passed back",
    "answer-lost": "the answer[ for {number}] is lost on the way back[ ({touched})]",
    "answer-garbled": "the answer[ for {number}] is garbled on the way back[ ({touched})]",
    "call-garbled": "the call[ about {number}] is garbled on the way[ ({touched})]",
    "call-refused": "connection refused[ ({touched})]",
    "call-swallowed": "the call disappears[ ({touched})]",
    "stranger-refused": "a stranger is turned away[ ({source})]",
    "started": "QuickBooks starts[ on {machine}]",
    "closed": _closed,
    "logged-in": "{user} logs in[ on {machine}][, {mode}-user mode]",
    "logged-out": "{user} logs out[ on {machine}]",
    "login-refused": "{user} may not log in[ on {machine}][, {mode}-user mode][: {reason}]",
    "session-begun": "session of {application}[ as {user}]",
    "session-ended": "session[ of {application}] ends",
    "session-failed": "{call}[ of {application}] fails[: {code}][ {reason}]",
    "request": "{request}[ {number}][ for {party}][, {total}]",
    "committed": "written to the books: {request}[ {number}][ for {party}][ as {id}]",
    "window-opened": "a window opens[ on {machine}]: {form}[ {id}]",
    "internal-error": "FakeBooks itself fails in {request}[: {error}]",
    "answered": "answers {request}[: {status}][ {message}]",
    "answer-withheld": "the answer never leaves QuickBooks[ ({touched})]",
    "refused": "{act} is refused[ on {machine}][: {reason}]",
    "warned": "QuickBooks warns[ on {machine}] before {act}[: {reason}]",
    "typed": "{user} types {noun} {number}[ for {party}][, {total}][, {id}]",
    "by-hand": "{user} {what}",
    "by-hand-refused": "{user} {what}: QuickBooks does not let them[: {reason}]",
    "iterators-lost": "QuickBooks forgets {iterators} open iterators[; those that idle for {idle_s} s][; one session may hold {open_max}]",
    "ready": "QuickBooks is ready[ on {machine}]",
    "mode-switched": "{user} switches to {mode}-user mode[ on {machine}]",
    "dialog-opened": "dialog [{title} ]opens[ on {machine}]",
    "dialog-closed": "dialog [{title} ]is closed[ on {machine}]",
    "prompt": "{application} asks for access[ on {machine}]",
    "prompt-answered": "access for {application}: {answer}",
    "library-remark": "the library remarks: {remark}",
    "certificate-notice": "the certificate of {application} is {certificate}",
    "preferences-changed": "preferences are changed[ on {machine}]: {what}[ of {application}][ of {user}][, {area}: {level}]",
    "installation-damaged": "the installation[ on {machine}] is damaged: {damage}",
    "installation-repaired": "the installation[ on {machine}] is repaired[ ({damage})]",
    "set-answered": "answers a message set[: {status}]",
    "subscription": "{application}: {request}[ for {subscriber}][: {status}]",
    "event": "event for {subscriber}: {event}[ {type}][ {operation}][ {number}][ {id}]",
    "event-lost": "{subscriber} loses an event: {event}[ {type}][ {operation}][ {number}][ {id}][: {why}]",
    "outcome-asked": "asks what became of a message set[ ({number})]",
    "asked": "the connector asked for {number}[: {verdict}]",
    "exited": "the connector is exited",
    "killed": "the connector is killed",
    "light-changed": "the dot turns {light}[: {reason}]",
    "port-closed": "port 8891 is closed[ ({touched})]",
    "call-cut": "the call is cut off[ ({touched})]",
    "call-given-up": "the caller gives up[ ({number})]",
    "clock-skipped": "{seconds} quiet seconds are jumped over",
    "traffic-over": "the traffic of step {step} is over",
    "step-failed": "step {step} is not as expected[: {reason}]",
    "act": _act,
    "scenario-begun": "scenario {scenario} begins, seed {seed}",
    "scenario-ended": "the story ends",
    "step": "step {step}[: {about}]",
    "fault-on": "fault {fault} is on[ ({of})][ at {point}]",
    "fault-hit": "fault {fault} strikes[ (hit {hit})][: {number}]",
    "fault-off": "fault {fault} is over[ after {hits} hits]",
    "fault-released": "fault {fault} is lifted: what it may still hold goes on",
    "in-the-books": "in the books: {document} {number} of {party}, {total}[ as {id}][, made by {by}]",
}
"""Template per kind, or a function that picks one by the row."""


ROUTINE: Final = frozenset(
    {
        "document-accepted", "document-held", "document-posted", "send-begun", "call-arrived", "call-passed", "answer-passed", "request",
        "committed", "session-begun", "session-ended", "set-answered", "asked", "traffic-over", "subscription", "event",
        "window-opened",
    }
)  # fmt: skip
"""Kinds of an ordinary day; `send-ended`, `answered` and `balance-told` depend on what they say."""

TROUBLE: Final = frozenset(
    {
        "attempt-failed", "document-refused", "creation-refused", "creation-withdrawn", "mail-failed", "answer-lost", "answer-withheld",
        "call-garbled", "answer-garbled", "call-refused", "call-swallowed", "call-cut", "port-closed", "stranger-refused", "login-refused",
        "refused", "session-failed", "internal-error", "step-failed", "killed", "certificate-notice", "installation-damaged", "fault-on",
        "fault-hit", "fault-off", "fault-released",
    }
)  # fmt: skip
"""Kinds that are trouble whatever they say."""
