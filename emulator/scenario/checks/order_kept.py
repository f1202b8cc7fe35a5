"""I3, order kept: within a queue, documents come into the books in the order of acceptance, and what another document needs comes before it.

What is compared is the *first* commit of each key. There are two queues: customers, vendors and products go before invoices and bills (the
platform side's rule, so that dependencies come first). A document may be overtaken without blame when it could not be posted (the books
answered about this very document with a status code, or refused it) or when a person sent it by hand.

Reads: `document-accepted`, `committed`, `send-begun`, `send-ended`, `document-refused`. Inconclusive when fewer than two documents were posted.
"""

from emulator.core.documents import LIST_KINDS
from emulator.core.journal import Row
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Violations, counted


def order_kept(evidence: Evidence) -> Finding:
    """Judge I3."""
    wrong = Violations("I3")
    posted = _first_commits(evidence)
    queues: dict[str, list[str]] = {}
    for key, accepted in evidence.accepted.items():
        if key in posted and not _may_be_late(evidence, key, posted[key]):
            queues.setdefault("lists" if accepted.get("document") in LIST_KINDS else "transactions", []).append(key)
    if evidence.settings.flush_order == "oldest-first":
        for keys in queues.values():
            _judge_queue(evidence, wrong, keys, posted)
    _judge_dependencies(evidence, wrong, posted)
    passed = f"{counted(wrong.tested, 'comparison')}: documents came into the books in the order they were accepted"
    return wrong.finding(passed, "fewer than two documents were posted, so there was no order to keep")


def _first_commits(evidence: Evidence) -> dict[str, Row]:
    """Return the first commit of each accepted document: by key, for list entries also by name."""
    found: dict[str, Row] = {}
    names = {
        (str(row["document"]), str(row.get("party", "")).casefold()): key
        for key, row in evidence.accepted.items()
        if row.get("document") in LIST_KINDS
    }
    for row in evidence.of("committed"):
        request = str(row.get("request", ""))
        key = str(row.get("key") or names.get((_list_kind(request), str(row.get("party", "")).casefold()), ""))
        if key in evidence.accepted and "Add" in request:
            found.setdefault(key, row)
    return found


def _list_kind(request: str) -> str:
    for noun, kind in (("Customer", "customer"), ("Vendor", "vendor"), ("Item", "product")):
        if request.startswith(noun):
            return kind
    return ""


def _may_be_late(evidence: Evidence, key: str, commit: Row) -> bool:
    """Return whether a document may be overtaken: not postable for a while by its own fault, or sent by hand."""
    before = [row for row in evidence.about(key, "send-begun") if row["n"] < commit["n"]]
    if before and before[-1].get("by") == "hand":
        return True
    if any(row["n"] < commit["n"] for row in evidence.about(key, "document-refused")):
        return True
    # A status code of QuickBooks is all digits and speaks of this document; a result code (0x...) speaks of the way to the books.
    return any(
        row.get("outcome") in ("refused", "unavailable") and str(row.get("code", "")).isdigit() and row["n"] < commit["n"]
        for row in evidence.about(key, "send-ended")
    )


def _judge_queue(evidence: Evidence, wrong: Violations, keys: list[str], posted: dict[str, Row]) -> None:
    """Compare each document with the latest commit among those accepted before it."""
    latest: str | None = None
    for key in keys:
        if latest is not None:
            wrong.tested += 1
            if posted[key]["n"] < posted[latest]["n"]:
                early, late = _name(evidence.accepted[key]), _name(evidence.accepted[latest])
                wrong.add(posted[key], f"{early} came into the books before {late}, which was accepted before it")
                continue
        latest = key


def _judge_dependencies(evidence: Evidence, wrong: Violations, posted: dict[str, Row]) -> None:
    """Compare each invoice or bill with the customer, vendor or products it needs, as far as the platform accepted them before it."""
    entries: dict[str, str] = {}
    for key, accepted in evidence.accepted.items():
        if accepted.get("document") in LIST_KINDS:
            entries[str(accepted.get("party", "")).casefold()] = key
            continue
        for name in (accepted.get("party", ""), *accepted.get("items", ())):
            needed = entries.get(str(name).casefold())
            if needed is None or key not in posted:
                continue
            wrong.tested += 1
            if needed not in posted or posted[needed]["n"] > posted[key]["n"]:
                first, second = _name(accepted), _name(evidence.accepted[needed])
                wrong.add(posted[key], f"{first} came into the books before {second}, which it needs")


def _name(accepted: Row) -> str:
    return f"{accepted.get('document', 'document')} {accepted.get('number') or accepted.get('party', accepted.get('key'))}"
