"""What the control API tells of event subscriptions. Called on the world's loop."""

from dataclasses import asdict
from typing import Any

from emulator.core.errors import UserMistake, unknown
from emulator.world import World


def subscriptions_of(world: World) -> list[dict[str, Any]]:
    """Return the event subscriptions of all machines, in the order of the machines and of their making."""
    return [
        {
            "machine": machine,
            "subscriber": each.subscriber,
            "kind": each.kind,
            "application": each.application,
            "callback": each.callback,
            "version": str(each.version),
            "delivery_policy": each.delivery_policy,
            "tracks_lost_events": each.tracks_lost_events,
            "delivers_own_events": each.delivers_own_events,
            "in_force": each.in_force,
            "waiting": len(each.waiting),
            "lost": each.lost,
        }
        for machine, quickbooks in world.quickbooks.items()
        for each in quickbooks.subscriptions
    ]


def take_events(world: World, subscriber: str) -> list[dict[str, Any]]:
    """Return the events that wait for a SubscriberID on all machines, machine by machine, and forget them.

    Raises:
        UserMistake: nobody subscribed under it.
    """
    machines = [each for each in world.quickbooks.values() if each.subscriptions.of(subscriber)]
    if not machines:
        known = sorted({str(each["subscriber"]) for each in subscriptions_of(world)})
        if known:
            raise unknown("subscriber", subscriber, known)
        raise UserMistake(
            f"there is no subscriber {subscriber!r}",
            expected="a SubscriberID that was given to ProcessSubscription",
            advice="nobody has subscribed to events yet",
        )
    taken = [event for each in machines for event in each.subscriptions.take_events(subscriber)]
    return [{**asdict(event), "at": event.at.isoformat(timespec="milliseconds")} for event in taken]
