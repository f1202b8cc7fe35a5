"""What an answer of the connector means to the platform side: values in, values out, no state.

| what came | outcome |
|---|---|
| 200 with a TxnID or ListID | posted |
| 422 with a reason | refused: for good, this document only |
| 503 with a reason | unavailable: not known, send again with the same key |
| anything else that is JSON | unavailable: it is not our protocol, so nothing is known |
| no whole answer | no-answer |
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote

from emulator.core.documents import Document, Reply
from emulator.core.transport import KEY_HEADER, NUMBER_HEADER, PROBE_HEADER, Call, CallAnswer

REASON_LENGTH_MAX: Final = 500
"""What is kept of a reason, in characters (our choice: two or three sentences)."""

Outcome = Literal["posted", "refused", "unavailable", "no-answer"]


@dataclass(frozen=True)
class Sent:
    """How one sending of a document ended.

    Attributes:
        outcome: see the table above.
        reason: for people; empty when posted.
        code: status code or result code behind it, where there is one.
        txn_id: TxnID or ListID of what stands in QuickBooks; empty unless posted.
        already: it was there before this call.
    """

    outcome: Outcome
    reason: str = ""
    code: str = ""
    txn_id: str = ""
    already: bool = False


@dataclass(frozen=True)
class Balance:
    """What a balance look-up told: the right balance, or that none can be told. Never 0 for a customer nobody knows (I13).

    Attributes:
        customer: full name asked for.
        cents: open balance in cents; None when unavailable.
        as_of: moment the connector read it, as it said (ISO 8601); empty when unavailable.
        unavailable: why there is none, for people; empty when there is one.
    """

    customer: str
    cents: int | None = None
    as_of: str = ""
    unavailable: str = ""


def document_call(document: Document) -> Call:
    """Return the call that sends a document."""
    headers = {KEY_HEADER: document.key}
    if document.number:
        headers[NUMBER_HEADER] = document.number
    return Call("POST", "/v1/documents", headers, document.as_json())


def balance_call(customer: str) -> Call:
    """Return the call that asks for a balance."""
    return Call("GET", f"/v1/balance?customer={quote(customer, safe='')}")


def probe_call() -> Call:
    """Return the call that asks for the connector's light, marked as a probe."""
    return Call("GET", "/v1/status", {PROBE_HEADER: "1"})


def read_document_answer(answer: CallAnswer) -> Sent:
    """Return what the answer to a document means."""
    body = answer.body if isinstance(answer.body, dict) else {}
    try:
        reply = Reply.from_json(body)
    except ValueError:
        return _foreign(answer)
    if reply.http_status != answer.status or (reply.outcome == "posted" and not reply.txn_id):
        # Half an agreement is none: taking it for posted could lose the document, taking it for refused could drop it.
        return _foreign(answer)
    if reply.outcome == "posted":
        return Sent("posted", txn_id=plain(reply.txn_id), already=reply.already)
    return Sent(reply.outcome, plain(reply.reason) or f"{reply.outcome} without a reason", plain(reply.code))


def _foreign(answer: CallAnswer) -> Sent:
    return Sent("unavailable", f"the answer (HTTP {answer.status}) is not of the protocol", f"HTTP {answer.status}")


def read_balance_answer(customer: str, answer: CallAnswer) -> tuple[Balance, bool]:
    """Return the balance an answer tells, and whether the answer shows that QuickBooks can be reached."""
    body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    cents, as_of = body.get("balance_cents"), body.get("as_of")
    if answer.status == 200 and isinstance(cents, int) and not isinstance(cents, bool) and _is_moment(as_of):
        return Balance(customer, cents, str(as_of)), True
    if answer.status == 404:
        return Balance(customer, unavailable="QuickBooks knows no customer of this name"), True
    reason = body.get("reason")
    if answer.status == 503 and isinstance(reason, str) and reason:
        return Balance(customer, unavailable=plain(reason)), False
    return Balance(customer, unavailable=f"the answer (HTTP {answer.status}) is not of the protocol"), False


def plain(text: str) -> str:
    """Return a stranger's text as one line that can be stored, journalled and mailed: no control characters, no half characters, not long."""
    whole = text[:REASON_LENGTH_MAX].encode("utf-8", "replace").decode()
    return " ".join("".join(mark if mark.isprintable() else " " for mark in whole).split())


def _is_moment(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_probe_answer(answer: CallAnswer) -> str:
    """Return the light a probe saw: starting, connecting, green, red; or `unknown` for anything else."""
    body = answer.body if isinstance(answer.body, dict) else {}
    light = body.get("light")
    return light if answer.status == 200 and light in ("starting", "connecting", "green", "red") else "unknown"
