"""What may strike the connector itself, and where: one point between each two steps of a write."""

from typing import Final

from emulator.faults import Kind, Path

BEFORE_INTENT: Final = "connector.before-intent"
AFTER_INTENT: Final = "connector.after-intent"
BEFORE_SEND: Final = "connector.before-send"
AFTER_SEND: Final = "connector.after-send"
AFTER_OUTCOME: Final = "connector.after-outcome"
BEFORE_REPLY: Final = "connector.before-reply"

POINTS: Final = (BEFORE_INTENT, AFTER_INTENT, BEFORE_SEND, AFTER_SEND, AFTER_OUTCOME, BEFORE_REPLY)
"""In the order of a write. After-send: QuickBooks has answered and the outcome is not stored yet."""

LIGHT: Final = "connector.light"
"""Somebody looks at the light."""

PATHS: Final = (Path(POINTS, ("document", "number", "party", "key")), Path((LIGHT,), ()))
"""The ways of calls: a write, and a look at the light."""

KINDS: Final = (
    Kind(
        "kill-connector",
        "CON01",
        POINTS,
        "kill",
        "The connector's process is killed at a step of a write.",
        "Writes the intent before it sends, asks QuickBooks at the next start, loses nothing and posts nothing twice.",
        cured_by_reconnect=True,
        ends_call=POINTS,
    ),
    Kind(
        "exit-mid-request",
        "CON02",
        POINTS,
        "exit",
        "Somebody chooses Exit in the tray while a write is at this step.",
        "Finishes the write or leaves it as unknown, ends its session, asks before it sends again.",
        cured_by_reconnect=True,
        needs=("a connector that stays",),
        sets=("exit",),
    ),
    Kind(
        "wrong-light",
        "CON09",
        (LIGHT,),
        "green",
        "The light says green whatever the link does (a fault of the connector that the harness must catch).",
        "The platform side counts failed calls, it does not believe the light.",
        cured_by_reconnect=True,
        sets=("light",),
    ),
)
