"""One behaviour suite through both twins: the path in memory and the path on sockets."""

import asyncio
import json
from pathlib import Path

import pytest

from emulator.core.transport import CallAnswer, NoAnswer
from emulator.faults import Plan
from emulator.network import KINDS
from emulator.network.faults import AFTER_ANSWER, AFTER_FORWARD, BEFORE_ANSWER, POINTS

from .rig import PROBE, Rig, play, post

TURNED_AWAY = ("connection refused", "the connection was reset")
"""A reset at accept: which of the two a caller sees depends on how far he has come."""

ALL = pytest.mark.parametrize("twin", ["memory", "sockets"])


async def no_answer(rig: Rig, *, limit_s: float = 600, **call: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await rig.call(post(**call), limit_s)
    return caught.value


async def answered(rig: Rig, **call: str) -> CallAnswer:
    return await rig.call(post(**call), 600)


@ALL
def test_a_path_without_faults_passes_everything_and_tells_of_it(twin: str) -> None:
    async def story(rig: Rig) -> None:
        assert (await answered(rig)).body["outcome"] == "posted"
        await rig.call(PROBE, 600)
        await rig.until(lambda: len(rig.rows("answer-passed")) == 2)
        first = {"call": "POST /v1/documents", "key": "k1", "number": "G-1"}
        probe = {"call": "GET /v1/status", "probe": True}
        assert rig.rows("call-arrived") == [first, probe]
        assert rig.rows("call-passed") == [first, probe]
        assert rig.rows("answer-passed") == [{**first, "status": 200}, {**probe, "status": 200}]

    play(twin, story)


@ALL
def test_refuse_closes_the_port_and_lifting_opens_it(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("refuse")
        for _ in range(2):
            none = await no_answer(rig)
            assert (none.sent, none.reason) == (False, "connection refused")
        assert rig.got == []
        rig.plan.lift("refuse")
        assert (await answered(rig)).status == 200
        assert rig.plan.unfired() == []

    play(twin, story)


@ALL
def test_refuse_with_a_trigger_resets_the_calls_it_strikes(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("refuse", when={"nth": 2})
        assert (await answered(rig)).status == 200
        assert (await no_answer(rig)).reason in TURNED_AWAY
        assert (await answered(rig)).status == 200
        assert rig.rows("call-refused") == [{"faults": ["refuse"]}]
        assert len(rig.rows("call-arrived")) == 2

    play(twin, story)


@ALL
def test_refuse_strikes_a_call_that_is_under_way(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.gate.clear()
        waiting = asyncio.ensure_future(no_answer(rig))
        await rig.until(lambda: rig.got == ["k1"])
        rig.fault("refuse")
        assert (await waiting).sent
        assert rig.rows("answer-lost") == [{"call": "POST /v1/documents", "key": "k1", "number": "G-1", "faults": ["refuse"]}]
        rig.gate.set()

    play(twin, story)


@ALL
def test_a_fault_ends_when_its_time_is_over_although_nobody_calls(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("refuse", for_s=10)
        assert not (await no_answer(rig)).sent
        await rig.clock.sleep(10.5)
        await rig.until(lambda: rig.plan.faults()[0].lifted)
        assert (await answered(rig)).status == 200

    play(twin, story)


@ALL
def test_a_blackhole_swallows_calls_and_lifting_frees_who_waits(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("blackhole", where={"number": "G-2"})
        waiting = asyncio.ensure_future(no_answer(rig, number="G-2"))
        await rig.until(lambda: len(rig.rows("call-swallowed")) == 1)
        assert (await answered(rig, key="k3", number="G-3")).status == 200
        assert not waiting.done()
        before_s = rig.clock.elapsed_s()
        rig.plan.lift("blackhole")
        assert (await waiting).sent
        assert rig.clock.elapsed_s() - before_s < 60
        assert rig.got == ["k3"]
        assert rig.rows("call-swallowed")[0]["faults"] == ["blackhole"]

    play(twin, story)


@ALL
def test_a_blackhole_lasts_until_the_caller_gives_up(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("blackhole", times=1)
        none = await no_answer(rig, limit_s=30)
        assert (none.sent, none.reason) == (True, "no answer within 30 s")
        assert (await answered(rig)).status == 200

    play(twin, story)


@ALL
def test_a_blackhole_swallows_the_answer_of_a_call_under_way(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.gate.clear()
        waiting = asyncio.ensure_future(no_answer(rig))
        await rig.until(lambda: rig.got == ["k1"])
        rig.fault("blackhole")
        rig.gate.set()
        await rig.until(lambda: len(rig.rows("answer-lost")) == 1)
        rig.plan.lift("blackhole")
        assert (await waiting).sent

    play(twin, story)


@ALL
@pytest.mark.parametrize(("after_bytes", "direction", "reaches"), [(20, "request", 0), (20, "answer", 1), (0, "answer", 1)])
def test_reset_mid_cuts_one_direction_after_some_bytes(twin: str, after_bytes: int, direction: str, reaches: int) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("reset-mid", times=1, **{"with": {"after_bytes": after_bytes, "direction": direction}})
        assert (await no_answer(rig)).sent
        assert len(rig.got) == reaches
        kind = "call-cut" if direction == "request" else "answer-lost"
        assert [row["faults"] for row in rig.rows(kind)] == [["reset-mid"]]
        assert (await answered(rig)).status == 200

    play(twin, story)


@ALL
@pytest.mark.parametrize("how", ["cut", "altered"])
@pytest.mark.parametrize(("direction", "at_byte"), [("request", 0), ("request", 8), ("answer", 0), ("answer", 20)])
def test_a_garbled_message_arrives_and_nobody_takes_it_for_a_whole_one(twin: str, how: str, direction: str, at_byte: int) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("garbled", times=1, **{"when": {"byte": at_byte}, "with": {"how": how, "direction": direction}})
        call = {"call": "POST /v1/documents", "key": "k1", "number": "G-1"}
        if direction == "request":
            refused = await answered(rig)
            assert (refused.status, refused.body) == (400, {"reason": "the body is not JSON"})
            assert rig.got == []
        else:
            none = await no_answer(rig)
            assert (none.sent, none.reason) == (True, "the answer (HTTP 200) is cut or garbled: it is no whole JSON")
            assert rig.got == ["k1"]
        kind = "call-garbled" if direction == "request" else "answer-garbled"
        assert rig.rows(kind) == [{**call, "faults": ["garbled"]}]
        [fault] = rig.plan.faults()
        assert (fault.hits, fault.missed, fault.lifted) == (1, 0, True)
        assert (await answered(rig)).status == 200

    play(twin, story)


@ALL
@pytest.mark.parametrize("kind", ["reset-mid", "garbled"])
@pytest.mark.parametrize("direction", ["request", "answer"])
def test_nothing_strikes_at_a_byte_beyond_the_end(twin: str, direction: str, kind: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault(kind, **{"when": {"byte": 100_000}, "with": {"direction": direction}})
        assert (await answered(rig)).status == 200
        [fault] = rig.plan.faults()
        await rig.until(lambda: fault.missed == 1)
        assert (fault.hits, fault.why_missed) == (0, "the call ended before that byte")

    play(twin, story)


@ALL
@pytest.mark.parametrize("direction", ["request", "answer"])
def test_one_byte_less_is_garbled_and_the_last_one_counts(twin: str, direction: str) -> None:
    async def story(rig: Rig) -> None:
        body = json.dumps(post().body if direction == "request" else {"outcome": "posted", "call": "/v1/documents"})
        rig.fault("garbled", **{"as": "beyond", "when": {"byte": len(body)}, "with": {"direction": direction}})
        assert (await answered(rig)).status == 200
        await rig.until(lambda: rig.plan.faults()[0].missed == 1)
        rig.plan.lift("beyond")
        rig.fault("garbled", **{"as": "last", "when": {"byte": len(body) - 1}, "with": {"direction": direction}})
        if direction == "request":
            assert (await answered(rig)).status == 400
        else:
            assert (await no_answer(rig)).sent

    play(twin, story)


@ALL
@pytest.mark.parametrize("then", ["silent", "reset"])
def test_one_way_lets_the_call_arrive_and_loses_the_answer(twin: str, then: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("one-way", **{"with": {"then": then}})
        waiting = asyncio.ensure_future(no_answer(rig))
        await rig.until(lambda: len(rig.rows("answer-lost")) == 1)
        if then == "silent":
            assert not waiting.done()
            rig.plan.lift("one-way")
        assert (await waiting).sent
        assert rig.got == ["k1"]
        assert rig.kinds() == ["call-arrived", "call-passed", "answer-lost"]

    play(twin, story)


@ALL
def test_a_slow_line_is_late_both_ways_and_lifting_ends_the_wait(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("slow-line", **{"with": {"delay_ms": 2000}})
        before_s = rig.clock.elapsed_s()
        assert (await answered(rig)).status == 200
        assert 4 <= rig.clock.elapsed_s() - before_s < 60
        assert rig.rows("call-passed")[0]["faults"] == ["slow-line"]
        rig.plan.lift("slow-line")
        rig.fault("slow-line", **{"as": "slower", "with": {"delay_ms": 3_600_000}})
        waiting = asyncio.ensure_future(answered(rig))
        await rig.until(lambda: len(rig.rows("call-arrived")) == 2)
        rig.plan.lift("slower")
        assert (await waiting).status == 200
        assert rig.clock.elapsed_s() < 120

    play(twin, story)


@ALL
@pytest.mark.parametrize("point", POINTS)
def test_the_path_dies_at_every_step_and_begins_anew(twin: str, point: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("kill-network", point=point, times=1)
        if point == AFTER_ANSWER:
            assert (await answered(rig)).status == 200  # the answer was through
            await rig.until(lambda: rig.deaths == 1)
        else:
            assert (await no_answer(rig)).sent
        assert rig.deaths == 1
        reached = point in (AFTER_FORWARD, BEFORE_ANSWER, AFTER_ANSWER)
        if reached:
            await rig.until(lambda: rig.got == ["k1"])
        assert rig.got == (["k1"] if reached else [])
        assert not (await no_answer(rig)).sent  # nobody listens
        await rig.path.start()
        assert (await answered(rig)).status == 200

    play(twin, story)


@ALL
def test_a_death_cuts_every_call_under_way(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.gate.clear()
        waiting = [asyncio.ensure_future(no_answer(rig, key=f"k{n}")) for n in range(3)]
        await rig.until(lambda: len(rig.got) == 3)
        rig.fault("kill-network", where={"key": "k9"})
        await no_answer(rig, key="k9")
        assert all(none.sent for none in await asyncio.gather(*waiting))
        rig.gate.set()

    play(twin, story)


@ALL
def test_stopping_cuts_every_call_under_way(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.gate.clear()
        waiting = asyncio.ensure_future(no_answer(rig))
        await rig.until(lambda: rig.got == ["k1"])
        await rig.path.stop()
        assert (await waiting).sent
        await rig.path.stop()
        rig.gate.set()

    play(twin, story)


@ALL
def test_a_caller_that_gives_up_is_told_of(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.gate.clear()
        assert (await no_answer(rig, limit_s=30)).reason == "no answer within 30 s"
        await rig.until(lambda: len(rig.rows("call-given-up")) == 1)
        rig.gate.set()

    play(twin, story)


@ALL
def test_strangers_are_refused_before_a_byte_is_read(twin: str) -> None:
    async def story(rig: Rig) -> None:
        assert (await no_answer(rig)).reason in TURNED_AWAY
        assert rig.kinds() == ["stranger-refused"]
        assert rig.got == []

    play(twin, story, allowed=["198.51.100.7"])


@ALL
def test_friends_are_let_in(twin: str) -> None:
    async def story(rig: Rig) -> None:
        assert (await answered(rig)).status == 200

    play(twin, story, allowed=["127.0.0.1"])


@ALL
def test_two_faults_strike_one_call(twin: str) -> None:
    async def story(rig: Rig) -> None:
        rig.fault("slow-line", **{"with": {"delay_ms": 500}})
        rig.fault("one-way", **{"with": {"then": "reset"}})
        assert (await no_answer(rig)).sent
        assert rig.rows("answer-lost")[0]["faults"] == ["one-way"]
        assert [fault.hits for fault in rig.plan.faults()] == [1, 1]

    play(twin, story)


def test_every_kind_is_tested_here_and_says_what_is_right() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for kind in KINDS:
        assert f'"{kind.name}"' in text
        assert kind.about.endswith(".")
        assert kind.correct.endswith(".")
        assert kind.points
    assert Plan is not None
