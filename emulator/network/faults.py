"""What can go wrong on the path, said once for both twins: the kinds, and what a call has to suffer from those that struck it.

A user-space proxy does to bytes what a router does to packets, with two differences that are told honestly:
- nothing can vanish before a connection stands: the kernel of the proxy's machine accepts it, then the bytes vanish (`blackhole`);
- a port that is really closed (`refuse`) shows nobody who tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from emulator.faults import Fault, Kind, Strike
from emulator.faults.grammar import Parameter

CONNECT: Final = "network.connect"
CALL_ARRIVED: Final = "network.call-arrived"
BEFORE_FORWARD: Final = "network.before-forward"
AFTER_FORWARD: Final = "network.after-forward"
BEFORE_ANSWER: Final = "network.before-answer"
AFTER_ANSWER: Final = "network.after-answer"

POINTS: Final = (CALL_ARRIVED, BEFORE_FORWARD, AFTER_FORWARD, BEFORE_ANSWER, AFTER_ANSWER)
"""In the order of a call. Before-forward: nothing has reached the connector. After-forward: all of the call has. Before-answer: the
connector has answered. After-answer: the platform side has the answer."""

REFUSED: Final = "connection refused"
RESET: Final = "the connection was reset"

KINDS: Final = (
    Kind(
        "refuse",
        "NET01",
        (CONNECT,),
        "refuse",
        "Connections are refused: the port is closed while the fault lasts (without trigger), or the connection that is struck is reset at once.",
        "Counts the failed attempt and backs off.",
        cured_by_reconnect=True,
    ),
    Kind(
        "blackhole",
        "NET02",
        (CALL_ARRIVED,),
        "swallow",
        "Bytes vanish: the connection stands (user space cannot hinder that), the call never reaches the connector, nothing is ever answered.",
        "Gives up at its own limit, counts the failed attempt.",
        cured_by_reconnect=True,
    ),
    Kind(
        "reset-mid",
        "NET03",
        (CALL_ARRIVED,),
        "reset",
        "The connection is reset after some bytes of the request or of the answer.",
        "Takes the outcome for unknown, sends again with the same key.",
        cured_by_reconnect=True,
        parameters={
            "after_bytes": Parameter(20, "bytes that still pass in that direction"),
            "direction": Parameter("answer", "which way the bytes flow", ("request", "answer")),
        },
    ),
    Kind(
        "one-way",
        "NET04",
        (CALL_ARRIVED,),
        "lose-answer",
        "The request arrives and is done, the answer is lost.",
        "Takes the outcome for unknown; the connector asks before it writes again.",
        cured_by_reconnect=True,
        parameters={"then": Parameter("silent", "what the caller sees instead of the answer", ("silent", "reset"))},
    ),
    Kind(
        "slow-line",
        "NET06",
        (CALL_ARRIVED,),
        "delay",
        "The line is slow: request and answer are each late.",
        "Does not give up before QuickBooks' own time has passed.",
        cured_by_reconnect=True,
        parameters={"delay_ms": Parameter(500, "story milliseconds, each way")},
    ),
    Kind(
        "kill-network",
        "NET00",
        POINTS,
        "kill",
        "The machine in the path dies at a step of a call; every connection through it is lost.",
        "As after a reset; the connector asks before it writes again.",
        cured_by_reconnect=True,
    ),
)


@dataclass(frozen=True)
class Treatment:
    """What a call has to suffer from here on. Several faults may strike one call; the hardest wins, delays add up.

    Attributes:
        refused: names of the faults that refuse the connection.
        swallowed: of those that let the call vanish.
        lost: of those that lose the whole answer.
        resets: of those that reset the connection after some bytes.
        delayed: of those that make it late.
        delay_s: story seconds, each way.
        request_bytes: bytes of the request that pass before the reset; None for all.
        answer_bytes: bytes of the answer that pass before the reset; None for all.
        reset: True when the caller of a lost answer sees a reset instead of silence.
        kill: True when the path dies here.
    """

    refused: tuple[str, ...] = ()
    swallowed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    delayed: tuple[str, ...] = ()
    delay_s: float = 0.0
    request_bytes: int | None = None
    answer_bytes: int | None = None
    reset: bool = False
    kill: bool = False


UNTOUCHED: Final = Treatment()


def treatment(strikes: Iterable[Strike]) -> Treatment:
    """Return what these strikes do to a call: the one table behind both twins."""
    refused, swallowed, lost, resets, delayed = [], [], [], [], []
    delay_ms, request_bytes, answer_bytes, reset, kill = 0, None, None, False, False
    for strike in strikes:
        match strike.effect:
            case "refuse":
                refused.append(strike.fault)
            case "swallow":
                swallowed.append(strike.fault)
            case "lose-answer":
                lost.append(strike.fault)
                reset = reset or strike.parameters["then"] == "reset"
            case "delay":
                delayed.append(strike.fault)
                delay_ms += int(strike.parameters["delay_ms"])
            case "reset":
                resets.append(strike.fault)
                passing = int(strike.parameters["after_bytes"])
                if strike.parameters["direction"] == "request":
                    request_bytes = passing if request_bytes is None else min(passing, request_bytes)
                else:
                    answer_bytes = passing if answer_bytes is None else min(passing, answer_bytes)
            case "kill":
                kill = True
            case other:
                raise AssertionError(f"the path has no effect {other!r}")
    return Treatment(
        tuple(refused),
        tuple(swallowed),
        tuple(lost),
        tuple(resets),
        tuple(delayed),
        delay_ms / 1000,
        request_bytes,
        answer_bytes,
        reset,
        kill,
    )


def closes_port(fault: Fault) -> bool:
    """Return whether a fault closes the port as a whole: it refuses, and strikes every connection while it lasts."""
    spec = fault.spec
    when = spec.when
    triggered = when.nth or when.first or when.every or when.probability is not None or spec.times or spec.where or spec.after
    return fault.kind.effect == "refuse" and not fault.lifted and not triggered
