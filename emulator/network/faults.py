"""What can go wrong on the path, said once for both twins: the kinds, and what a call has to suffer from those that struck it.

A user-space proxy does to bytes what a router does to packets, with two differences that are told honestly:
- nothing can vanish before a connection stands: the kernel of the proxy's machine accepts it, then the bytes vanish (`blackhole`);
- a port that is really closed (`refuse`) shows nobody who tried.
"""

from dataclasses import dataclass
from typing import Final

from emulator.faults import Fault, Kind, Parameter, Path, Strike
from emulator.faults.kinds import BYTES_MOST, YEAR_S

CONNECT: Final = "network.connect"
CALL_ARRIVED: Final = "network.call-arrived"
BEFORE_FORWARD: Final = "network.before-forward"
AFTER_FORWARD: Final = "network.after-forward"
BEFORE_ANSWER: Final = "network.before-answer"
AFTER_ANSWER: Final = "network.after-answer"

POINTS: Final = (CALL_ARRIVED, BEFORE_FORWARD, AFTER_FORWARD, BEFORE_ANSWER, AFTER_ANSWER)
"""In the order of a call. Before-forward: nothing has reached the connector. After-forward: all of the call has. Before-answer: the
connector has answered. After-answer: the platform side has the answer."""

PATHS: Final = (Path((CONNECT,), ()), Path(POINTS, ("call", "number", "key", "probe")), Path((CONNECT, *POINTS), ()))
"""The ways of a connection, of which nothing is known before it stands; of the calls on it; of both together."""

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
        ends_call=(CONNECT,),
    ),
    Kind(
        "blackhole",
        "NET02",
        (CALL_ARRIVED,),
        "swallow",
        "Bytes vanish: the connection stands (user space cannot hinder that), the call never reaches the connector, nothing is ever answered.",
        "Gives up at its own limit, counts the failed attempt.",
        cured_by_reconnect=True,
        ends_call=(CALL_ARRIVED,),
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
            "after_bytes": Parameter(20, "bytes that still pass in that direction", least=0, most=BYTES_MOST),
            "direction": Parameter("answer", "which way the bytes flow", ("request", "answer")),
        },
        needs=("the end of the answer",),
        sets=("end of the answer",),
        byte="after_bytes",
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
        needs=("the end of the answer",),
        sets=("end of the answer",),
    ),
    Kind(
        "garbled",
        "NET07",
        (CALL_ARRIVED,),
        "garble",
        "The body of the request or of the answer is cut short at a byte, or has another byte there; as a message it seems whole.",
        "Refuses the whole message and does nothing by it; the outcome of a garbled answer is unknown.",
        cured_by_reconnect=True,
        parameters={
            "at_byte": Parameter(
                10, "byte of the body, from 0, before which it ends or which is another one", least=0, most=BYTES_MOST
            ),
            "how": Parameter("cut", "the body ends there, or has a byte there that no JSON has (0x00)", ("cut", "altered")),
            "direction": Parameter("answer", "which message is garbled", ("request", "answer")),
        },
        needs=("the end of the answer",),
        sets=("end of the answer",),
        byte="at_byte",
    ),
    Kind(
        "slow-line",
        "NET06",
        (CALL_ARRIVED,),
        "delay",
        "The line is slow: request and answer are each late.",
        "Does not give up before QuickBooks' own time has passed.",
        cured_by_reconnect=True,
        parameters={"delay_ms": Parameter(500, "story milliseconds, each way", least=0, most=YEAR_S * 1000)},
        nothing_at=({"delay_ms": 0},),
    ),
    Kind(
        "kill-network",
        "NET00",
        POINTS,
        "kill",
        "The machine in the path dies at a step of a call; every connection through it is lost.",
        "As after a reset; the connector asks before it writes again.",
        cured_by_reconnect=True,
        ends_call=POINTS,
    ),
)


@dataclass(frozen=True)
class Garbling:
    """What becomes of a body.

    Attributes:
        at_byte: where, counted from 0.
        cut: it ends there; else it has NO_JSON there.
        direction: `request` or `answer`.
    """

    at_byte: int
    cut: bool
    direction: str


NO_JSON: Final = b"\0"
"""A byte that stands nowhere in JSON, so that no reader takes an altered text for the true one: the protocol has no checksum of its own."""


@dataclass(frozen=True)
class Treatment:
    """What a call has to suffer from here on. Several faults may strike one call; the hardest wins, delays add up.

    Attributes:
        refused: names of the faults that refuse the connection.
        swallowed: of those that let the call vanish.
        lost: of those that lose the whole answer.
        resets: of those that reset the connection after some bytes.
        garbled: of those that garble a body.
        garbling: what becomes of that body.
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
    garbled: tuple[str, ...] = ()
    garbling: Garbling | None = None
    delayed: tuple[str, ...] = ()
    delay_s: float = 0.0
    request_bytes: int | None = None
    answer_bytes: int | None = None
    reset: bool = False
    kill: bool = False


UNTOUCHED: Final = Treatment()


def treatment(strike: Strike) -> Treatment:
    """Return what a strike does to a call: the one table behind both twins."""
    name, parameters = (strike.fault,), strike.parameters
    match strike.effect:
        case "refuse":
            return Treatment(refused=name)
        case "swallow":
            return Treatment(swallowed=name)
        case "lose-answer":
            return Treatment(lost=name, reset=parameters["then"] == "reset")
        case "delay":
            return Treatment(delayed=name, delay_s=int(parameters["delay_ms"]) / 1000)
        case "reset" if parameters["direction"] == "request":
            return Treatment(resets=name, request_bytes=int(parameters["after_bytes"]))
        case "reset":
            return Treatment(resets=name, answer_bytes=int(parameters["after_bytes"]))
        case "garble":
            garbling = Garbling(int(parameters["at_byte"]), parameters["how"] == "cut", str(parameters["direction"]))
            return Treatment(garbled=name, garbling=garbling)
        case "kill":
            return Treatment(kill=True)
        case other:
            raise AssertionError(f"the path has no effect {other!r}")


ENDS: Final = frozenset({"refuse", "swallow", "kill"})
"""Effects after which nothing else can strike the call at this point."""


def closes_port(fault: Fault) -> bool:
    """Return whether a fault closes the port as a whole: it refuses, and strikes every connection while it lasts."""
    spec = fault.spec
    when = spec.when
    triggered = not when.always or spec.times or spec.where or spec.after
    return fault.kind.effect == "refuse" and not fault.lifted and not triggered
