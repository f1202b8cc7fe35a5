"""Events: what happens in QuickBooks is told to those who subscribed to it, or is lost to them.

    a write is committed, a file is opened or closed, a menu item is chosen
        --> which subscriptions ask for it? --> its own application's doing? --> can its QuickBooks tell it?
        --> yes: one QBXMLEvents document in the queue        no: lost; with TrackLostEvents All the company file keeps since when

Documented: events come from changes by people and by programs; only from a QuickBooks with a window, never from one that runs unattended;
one that was lost shows in the next event of that subscriber as DataEventRecoveryTime, until DataEventRecoveryInfoDel. A change is told by
the QuickBooks it was made in; for subscribers on other machines it is lost (the maker's sample program says so of recovery times; switch
`desktop.events-from-other-machines`). A subscription not in force yet is told nothing and loses nothing.

What an event names: the record that was saved, deleted or merged, by the type lists of qbXML; a type that is not in them has no events.
Other records that a write touches (the invoice of a payment) have none (switch `desktop.events-of-touched-records`). A void is a Modify
(switch `desktop.void-event`). In a merge ListID is the record that is gone, AfterMergeListID the one in its place (inferred from the names).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from emulator.desktop.office import CompanyFile
from emulator.desktop.subscriptions import Subscription
from emulator.qbxml import Answer, Request, encode_events

if TYPE_CHECKING:
    from emulator.desktop.installation import Installation

OPERATIONS: Final = {"Add": "Add", "Mod": "Modify", "Del": "Delete", "Void": "Modify", "Merge": "Merge"}
"""Operation of a request, and the one of its event."""


@dataclass(frozen=True)
class Change:
    """What a write did, in the words of an event.

    Attributes:
        family: a list entry or a transaction.
        type: `Customer`, `Invoice`.
        operation: `Add`, `Modify`, `Delete`, `Merge`.
        id: its ListID or TxnID.
        number: RefNumber of a transaction, empty when it has none.
        merged_into: ListID of the record that took its place in a merge, else empty.
    """

    family: Literal["List", "Txn"]
    type: str
    operation: str
    id: str
    number: str = ""
    merged_into: str = ""

    def values(self) -> dict[str, Any]:
        """Return the ListEvent or TxnEvent, in schema order."""
        told = {f"{self.family}EventType": self.type, f"{self.family}EventOperation": self.operation, f"{self.family}ID": self.id}
        if self.number:
            told["RefNumber"] = self.number
        if self.merged_into:
            told["AfterMergeListID"] = self.merged_into
        return told


def change_of(request: Request, answer: Answer) -> Change | None:
    """Return what a write did; None when events do not tell of such things (extensions, displays, cleared marks)."""
    operation = OPERATIONS.get(request.operation)
    for name, values in answer.written if operation else ():
        if name == "ListMergeType":
            told: Any = dict(answer.written)
            return Change("List", str(values), "Merge", told["MergedFrom"]["ListID"], merged_into=told["MergedTo"]["ListID"])
        if name in ("ListDelType", "TxnDelType", "TxnVoidType"):
            return _change(str(values), str(operation), dict(answer.written))
        if name.endswith("Ret") and isinstance(values, Mapping):
            return _change(name[:-3], str(operation), values)
    return None


def tell_written(quickbooks: "Installation", file: CompanyFile, application: str, request: Request, answer: Answer) -> None:
    """Tell of a write that was committed.

    Args:
        quickbooks: where it was made.
        file: what it was written to.
        application: who wrote: the name given to OpenConnection; empty for a person at the screen.
        request: what was asked.
        answer: its answer.
    """
    change = change_of(request, answer)
    if change is None or (request.operation == "Void" and quickbooks.office.settings.text("desktop.void-event") == "none"):
        return
    from_elsewhere = quickbooks.office.settings.text("desktop.events-from-other-machines") == "delivered"
    for installation in quickbooks.office.installations:
        can_tell = installation.shows(file) and (installation is quickbooks or from_elsewhere)
        for subscription in installation.subscriptions:
            if subscription.wants(change.family, change.type, change.operation) and _is_due(
                installation, subscription, file, application
            ):
                _tell_change(installation, subscription, file, change, can_tell)


def tell_company_file(quickbooks: "Installation", operation: Literal["Open", "Close"], *, automatic_login: bool = False) -> None:
    """Tell that a company file was opened, or is about to be closed, in a QuickBooks with a window.

    Args:
        quickbooks: where; the file is open in it.
        operation: which.
        automatic_login: an application's session opened it. Told of an Open only, with IsNewCompany (switch
            `desktop.open-event-new-company`).
    """
    told: dict[str, Any] = {"CompanyFileEventOperation": operation}
    if operation == "Open":
        told |= {"IsNewCompany": False, "IsAutomaticLogin": automatic_login}
    for subscription in quickbooks.subscriptions:
        if subscription.wants("CompanyFile", "", operation):
            _tell_shown(quickbooks, subscription, "UIEvent", {"CompanyFileEvent": told}, operation)


def tell_menu_item(quickbooks: "Installation", tag: str) -> bool:
    """Tell that somebody chose the menu item with an EventTag; returns False when no subscription has added such an item."""
    asked = [each for each in quickbooks.subscriptions if each.in_force and each.wants("Menu", tag, "")]
    for subscription in asked:
        _tell_shown(quickbooks, subscription, "UIExtensionEvent", {"EventTag": tag}, tag)
    return bool(asked)


def _change(type_: str, operation: str, values: Mapping[str, Any]) -> Change | None:
    if values.get("TxnID"):
        return Change("Txn", type_, operation, str(values["TxnID"]), str(values.get("RefNumber") or ""))
    return Change("List", type_, operation, str(values["ListID"])) if values.get("ListID") else None


def _is_due(installation: "Installation", subscription: Subscription, file: CompanyFile, application: str) -> bool:
    """Return whether a subscription has a right to an event that it asks for."""
    setting = installation.office.settings.text
    if not subscription.in_force:
        return False
    if application and not subscription.delivers_own_events:
        names = {"subscriber": {subscription.application}, "callback": {subscription.callback}}
        own = names.get(setting("desktop.own-application"), {subscription.application, subscription.callback})
        if application in own:
            return False
    if setting("desktop.subscription-grant") == "known-applications":
        known = file.authorisations.of(subscription.application)
        return known is not None and known.allowed
    return True


def _tell_change(
    installation: "Installation", subscription: Subscription, file: CompanyFile, change: Change, can_tell: bool
) -> None:
    facts = {"type": change.type, "operation": change.operation, "id": change.id, "number": change.number or None}
    if can_tell:
        told: dict[str, Any] = {f"{change.family}Event": change.values()}
        since = file.company.lost_events_since(subscription.subscriber)
        if since:
            told["DataEventRecoveryTime"] = since
        if _queued(installation, subscription, "DataEvent", told, facts):
            return
    subscription.lost += 1
    if subscription.tracks_lost_events:
        file.company.note_lost_events(subscription.subscriber)
    why = "too many events wait" if can_tell else "no QuickBooks with a window could tell it"
    _note(installation, "event-lost", subscription, "DataEvent", {**facts, "why": why})


def _tell_shown(quickbooks: "Installation", subscription: Subscription, event: str, told: dict[str, Any], what: str) -> None:
    """Tell what happened on the screen; nobody keeps track of such an event that is lost (TrackLostEvents is for data)."""
    facts = {"operation": what}
    if subscription.in_force and not _queued(quickbooks, subscription, event, told, facts):
        subscription.lost += 1
        _note(quickbooks, "event-lost", subscription, event, {**facts, "why": "too many events wait"})


def _queued(
    installation: "Installation", subscription: Subscription, event: str, told: dict[str, Any], facts: Mapping[str, Any]
) -> bool:
    """Write an event document and have it wait; False when it must be dropped."""
    opening = installation.opening
    assert opening is not None, "an event comes from an open company file"
    where = {"CompanyFilePath": opening.spelling, "HostInfo": opening.file.company.host_info}
    document = encode_events(subscription.version, [(event, {**where, **told})], choices=installation.office.choices)
    if not installation.subscriptions.queue(subscription, document, installation.office.now()):
        return False
    _note(installation, "event", subscription, event, facts)
    return True


def _note(installation: "Installation", kind: str, subscription: Subscription, event: str, facts: Mapping[str, Any]) -> None:
    installation.office.note(kind, machine=installation.machine, subscriber=subscription.subscriber, event=event, **facts)
