"""The event subscriptions of the QuickBooks on one machine: who is told of what, and the event documents that wait to be fetched.

    ProcessSubscription --> subscription_sets.py --> Subscriptions <-- events.py (what happens in QuickBooks)
                                                          |
                                       take_events <------+  Python, the control API, `fakebooks events`

A subscription belongs to the installation, not to a session, a company file or one run of QuickBooks: it stays until SubscriptionDel
(documented). There is one of each kind for a subscriber (documented by the maker's sample programs).

The real QuickBooks calls the `inform` method of a COM object that the program has registered; what it hands over is a QBXMLEvents
document. We cannot start a stranger's COM object: the documents wait here, for whoever fetches them. So DeliveryPolicy is recorded and
told back, and DeliverAlways and DeliverOnlyIfRunning are queued alike (switch `desktop.delivery-policy`).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from emulator.qbxml import Version

SubscriptionKind = Literal["Data", "UI", "UIExtension"]
"""The kinds of subscriptions, in the words of SubscriptionDel."""

EVENTS_MAX: Final = 1_000
"""Event documents that wait for one subscription (ours). Beyond it an event is lost, as one that nobody could be told of."""

SUBSCRIPTIONS_MAX: Final = 100
"""Subscriptions of one machine (ours). Beyond it an Add is answered 3180."""


@dataclass(frozen=True)
class EventDocument:
    """One QBXMLEvents document that was fetched.

    Attributes:
        number: counts the events queued on one machine from 1.
        at: story time of the event.
        machine: whose QuickBooks tells it.
        kind: of the subscription.
        document: the XML text, as `inform` of the real callback gets it.
    """

    number: int
    at: datetime
    machine: str
    kind: SubscriptionKind
    document: str


@dataclass(eq=False)
class Subscription:
    """One subscription.

    Attributes:
        kind: which events it is about.
        subscriber: the SubscriberID, in upper case.
        application: the name that the program which subscribed gave to OpenConnection.
        version: qbXML version of the Add; events are told in it, and only a SubscriptionDel of that version deletes it (documented).
        values: the content of the Add, told back by a Query.
        created: story time of the Add.
        in_force: False until the company file that was open at the Add is closed (switch `desktop.subscription-in-force`).
        told: when an event was last queued; None: never.
        waiting: event documents nobody has fetched yet, the oldest first.
        lost: how many events it should have had and did not get.
    """

    kind: SubscriptionKind
    subscriber: str
    application: str
    version: Version
    values: dict[str, Any]
    created: datetime
    in_force: bool
    told: datetime | None = None
    waiting: "deque[EventDocument]" = field(default_factory=deque)
    lost: int = 0

    def __post_init__(self) -> None:
        self._wants = frozenset(_wants(self.values))

    def wants(self, family: str, type_: str, operation: str) -> bool:
        """Return whether it asks for such an event.

        Args:
            family: `List`, `Txn`, `CompanyFile` or `Menu`.
            type_: the type in the words of qbXML (`Customer`, `Invoice`), the tag of a menu item, empty for the company file.
            operation: `Add`, `Modify`, `Delete`, `Merge`; `Open`, `Close`; empty for a menu item.
        """
        return (family, type_, operation) in self._wants

    @property
    def callback(self) -> str:
        """Return the name of the application that is to be called back."""
        return str(self.values["COMCallbackInfo"]["AppName"])

    @property
    def delivery_policy(self) -> str:
        """Return `DeliverAlways`, `DeliverOnlyIfRunning`, or nothing for a menu extension, which has none."""
        return str(self.values.get("DeliveryPolicy", ""))

    @property
    def tracks_lost_events(self) -> bool:
        """Return whether the company file is to keep since when events are lost (TrackLostEvents All; None is the default: documented)."""
        return self.values.get("TrackLostEvents") == "All"

    @property
    def delivers_own_events(self) -> bool:
        """Return whether it also asks for what its own application does (DeliverOwnEvents; false when left out)."""
        return bool(self.values.get("DeliverOwnEvents", False))


class Subscriptions:
    """All subscriptions of one installation.

    Args:
        machine: its machine.
    """

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._kept: dict[tuple[SubscriptionKind, str], Subscription] = {}
        self._queued = 0

    def __iter__(self) -> Iterator[Subscription]:
        return iter(tuple(self._kept.values()))

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, kind: SubscriptionKind, subscriber: str) -> Subscription | None:
        """Return the subscription of a kind for a SubscriberID, None if there is none."""
        return self._kept.get((kind, subscriber.upper()))

    def of(self, subscriber: str) -> list[Subscription]:
        """Return the subscriptions of a SubscriberID, at most one of each kind. Case and the braces around it do not matter."""
        wanted = subscriber.strip().strip("{}").upper()
        return [each for each in self if each.subscriber.strip("{}") == wanted]

    def add(self, subscription: Subscription) -> None:
        """Keep a new subscription. The caller has seen to it that there is room, and none of its kind and subscriber."""
        key = (subscription.kind, subscription.subscriber)
        assert key not in self._kept
        assert len(self._kept) < SUBSCRIPTIONS_MAX
        self._kept[key] = subscription

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription, and the events that wait for it."""
        del self._kept[(subscription.kind, subscription.subscriber)]

    def come_into_force(self) -> None:
        """The company file is closed: from now on every subscription there is hears events."""
        for each in self:
            each.in_force = True

    def queue(self, subscription: Subscription, document: str, at: datetime) -> bool:
        """Keep an event document until it is fetched; returns False when as many wait as may, and it is dropped."""
        if len(subscription.waiting) >= EVENTS_MAX:
            return False
        self._queued += 1
        subscription.waiting.append(EventDocument(self._queued, at, self._machine, subscription.kind, document))
        subscription.told = at
        return True

    def take_events(self, subscriber: str) -> list[EventDocument]:
        """Return the events that wait for a SubscriberID, in the order they happened, and forget them."""
        taken: list[EventDocument] = []
        for each in self.of(subscriber):
            taken += each.waiting
            each.waiting.clear()
        return sorted(taken, key=lambda event: event.number)


def _wants(values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for family in ("List", "Txn"):
        for block in values.get(f"{family}EventSubscription", ()):
            for operation in block[f"{family}EventOperation"]:
                yield from ((family, type_, operation) for type_ in block[f"{family}EventType"])
    for operation in values.get("CompanyFileEventSubscription", {}).get("CompanyFileEventOperation", ()):
        yield "CompanyFile", "", operation
    if "MenuExtensionSubscription" in values:
        yield from (("Menu", str(item["EventTag"]), "") for item in _menu_items(values["MenuExtensionSubscription"]))


def _menu_items(extension: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a menu extension: one item, or those of its submenu."""
    items: list[dict[str, Any]] = extension["Submenu"]["MenuItem"] if "Submenu" in extension else [extension["MenuItem"]]
    return items
