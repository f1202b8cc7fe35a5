"""ProcessSubscription: a document of subscription requests comes in, each is carried out, the answers go out as one document.

| request | what it does | answered |
|---|---|---|
| DataEvent-, UIEvent-, UIExtensionSubscriptionAdd | subscribes | 0 and the Ret; 3180 when there is one of its kind and SubscriberID |
| ...Query | tells the subscription | 0 and the Ret; else as `desktop.subscription-unknown-query` says |
| SubscriptionDel | ends it, what waits for it is dropped | 0; else as `desktop.subscription-unknown-delete` says |

That a second Add is answered 3180, and that there is one of each kind for a SubscriberID, the maker's sample programs document. None of this
needs a session, a company file or a QuickBooks that runs (documented there too), so nothing is waited for. A SubscriptionDel finds only what
was subscribed in the qbXML version of its own document (documented). An Add with an empty element is answered 3150 (our choice), one too
many (`SUBSCRIPTIONS_MAX`) 3180. Whether requests after a failing one are carried out: `desktop.subscription-set-on-error`.

QuickBooks asks the Admin before it tells a program of events, the next time it starts (documented); here the subscription itself counts
as his consent, or his grant to the application does (switch `desktop.subscription-grant`, read in `events.py`).
"""

from typing import Any, Final, get_args

from emulator.desktop.installation import Installation
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.subscriptions import SUBSCRIPTIONS_MAX, Subscription, SubscriptionKind
from emulator.qbxml import (
    VERSIONS,
    Answer,
    MessageSet,
    NotValid,
    Request,
    Status,
    Version,
    decode_set,
    encode_answer_set,
    schema_of,
    status,
)

NOUNS: Final[dict[str, SubscriptionKind]] = {
    "DataEventSubscription": "Data",
    "UIEventSubscription": "UI",
    "UIExtensionSubscription": "UIExtension",
}
"""What each kind of subscription is called in requests."""

assert set(NOUNS.values()) == set(get_args(SubscriptionKind))


def process(quickbooks: Installation, application: str, document: str | bytes) -> str:
    """Carry out a document of subscription requests and return the answer document.

    Args:
        quickbooks: whose subscriptions.
        application: the name the program gave to OpenConnection.
        document: the XML text; bytes are taken in the encoding they declare.

    Raises:
        SessionFailure: the document is not valid, belongs to ProcessRequest (0x80040429), or this edition has no events (0x8004042B,
            documented: Simple Start has none).
    """
    if quickbooks.edition == "Simple Start":
        raise SessionFailure(Code.UNAVAILABLE, "QuickBooks Simple Start has no events")
    office = quickbooks.office
    try:
        messages = decode_set(document, office.limits, office.choices, subscription=True)
    except NotValid as wrong:
        raise SessionFailure(wrong.result, diagnosis=str(wrong.diagnosis)) from None
    stops = office.settings.text("desktop.subscription-set-on-error") == "stops"
    answers: list[Answer] = []
    for request in messages.requests:
        stopped = stops and any(answer.status.failed for answer in answers)
        answers.append(_carried_out(quickbooks, application, messages, request, stopped))
    return encode_answer_set(messages, answers, choices=office.choices)


def versions() -> list[str]:
    """Return the qbXML versions that have subscription requests: 3.0 and newer (inferred for QBXMLVersionsForSubscription)."""
    return [version for version in VERSIONS if any(schema_of(version).requests(subscription=True))]


def _carried_out(quickbooks: Installation, application: str, messages: MessageSet, request: Request, stopped: bool) -> Answer:
    """Carry out one request, write it down, and return its answer."""
    outcome, found = _performed(quickbooks, application, messages.version, request) if not stopped else (status.of(3231), None)
    outcome = quickbooks.office.wording.told(outcome)
    quickbooks.office.note(
        "subscription",
        machine=quickbooks.machine,
        application=application,
        request=request.name,
        subscriber=_subscriber(request) or None,
        status=outcome.code,
        in_force=found.in_force if found is not None else None,
    )
    attributes = {name: text for name, text in request.attributes.items() if name == "requestID"}
    records = [] if found is None else [(f"{request.noun}Ret", _told(found))]
    return Answer(f"{request.name[:-2]}Rs", outcome, attributes, records)


def _performed(
    quickbooks: Installation, application: str, version: Version, request: Request
) -> tuple[Status, Subscription | None]:
    """Return the status of a request, and the subscription its answer shows."""
    if request.fault is not None:
        return request.fault, None
    done = next(iter(request.warnings), status.of(0))
    if request.operation == "Add":
        refused, made = _added(quickbooks, application, version, request)
        return refused or done, made
    subscriber = _subscriber(request)
    if request.operation == "Query":
        found = quickbooks.subscriptions.find(NOUNS[request.noun], subscriber)
        return (done, found) if found is not None else (_unknown(quickbooks, "query", subscriber), None)
    kind: SubscriptionKind = request.values["SubscriptionType"]  # type: ignore[assignment]  # the schema lists the three
    found = quickbooks.subscriptions.find(kind, subscriber)
    if found is None or str(found.version) != str(version):
        return _unknown(quickbooks, "delete", subscriber), None
    quickbooks.subscriptions.remove(found)
    return done, None


def _added(
    quickbooks: Installation, application: str, version: Version, request: Request
) -> tuple[Status | None, Subscription | None]:
    values: Any = request.values[f"{request.noun}Add"]
    empty = _empty_element(values)
    if empty:
        return status.of(3150, field=empty), None
    kept, office = quickbooks.subscriptions, quickbooks.office
    kind, subscriber = NOUNS[request.noun], str(values["SubscriberID"])
    if kept.find(kind, subscriber) is not None:
        return status.of(3180, object=request.noun, quickbooks="This event subscription exists already."), None
    if len(kept) >= SUBSCRIPTIONS_MAX:
        return status.of(3180, object=request.noun, quickbooks=f"There are {SUBSCRIPTIONS_MAX} subscriptions already."), None
    at_once = office.settings.text("desktop.subscription-in-force") == "at-once"
    in_force = at_once or quickbooks.opening is None
    made = Subscription(kind, subscriber, application, version, values, office.now(), in_force)
    kept.add(made)
    return None, made


def _told(subscription: Subscription) -> dict[str, Any]:
    """Return what an answer shows of a subscription; the codec brings it into order and leaves out what the version does not have."""
    told = {**subscription.values, "TimeCreated": subscription.created.isoformat(timespec="seconds")}
    if subscription.told is not None:
        told["TimeLastProcessed"] = subscription.told.isoformat(timespec="seconds")
    if subscription.kind == "Data":
        told["TrackLostEvents"] = "All" if subscription.tracks_lost_events else "None"
        told["DeliverOwnEvents"] = subscription.delivers_own_events
    return told


def _unknown(quickbooks: Installation, what: str, subscriber: str) -> Status:
    """Return the status of a query or deletion that finds nothing."""
    name = {"query": "desktop.subscription-unknown-query", "delete": "desktop.subscription-unknown-delete"}[what]
    return status.of(int(quickbooks.office.settings.text(name)), value=subscriber)


def _subscriber(request: Request) -> str:
    """Return the SubscriberID of a request; empty when its values could not be read."""
    inner: Any = request.values.get(f"{request.noun}Add", request.values)
    return str(inner.get("SubscriberID") or "")


def _empty_element(values: dict[str, Any]) -> str:
    """Return the name of the first element that is empty, at whatever depth; nothing when none is."""
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            found = name if each is None else _empty_element(each) if isinstance(each, dict) else ""
            if found:
                return found
    return ""
