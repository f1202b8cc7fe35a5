"""Generated stories: emit, failures, refusals, set status, kills, balances, mail trouble - against a model of a few lines.

After each step the story waits until nothing happens by itself any more; then platform side and model must agree (I1, I3, I5, I6, I7, I8).
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platform_bench import Bench, invoice, refused, run, silence, unavailable

from emulator.faults import FaultSpec
from emulator.platform.faults import AFTER_ANSWER, AFTER_POSTED_STORED, AFTER_SEND_STORED, BEFORE_SEND_STORED

ATTEMPTS = 3
SETTLED_S = 2000.0
"""Longer than N attempts with their spacing, and than the longest pause of the mail desk."""

POINTS = (BEFORE_SEND_STORED, AFTER_SEND_STORED, AFTER_ANSWER, AFTER_POSTED_STORED)

steps = st.one_of(
    st.tuples(st.just("emit"), st.sampled_from(["invoice", "bill"])),
    st.tuples(st.just("disconnect in flight"), st.booleans()),
    st.tuples(st.just("create"), st.sampled_from(["customer", "vendor", "product"])),
    st.tuples(st.just("port"), st.sampled_from(["open", "closed", "quickbooks closed"])),
    st.tuples(st.just("fail then work"), st.integers(1, ATTEMPTS + 1)),
    st.tuples(st.just("refuse next"), st.just("")),
    st.tuples(st.just("set status"), st.sampled_from(["Connected", "Disconnected"])),
    st.tuples(st.just("kill"), st.sampled_from(POINTS)),
    st.tuples(st.just("stop and start"), st.just("")),
    st.tuples(st.just("balance"), st.just("")),
    st.tuples(st.just("mail server"), st.sampled_from(["up", "down"])),
    st.tuples(st.just("by hand"), st.integers(0, 5)),
)


@dataclass
class Model:
    """What must be true when nothing moves."""

    connected: bool = True
    works: bool = True
    refuse_next: int = 0
    fail_next: int = 0
    failed: int = 0
    queue: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    mails: int = 0

    def settle(self) -> None:
        """Let everything happen that happens by itself."""
        while self.connected and self.queue:
            self.attempt(self.queue[0])

    def answer(self) -> str:
        if self.fail_next:
            self.fail_next -= 1
            return "failed"
        if not self.works:
            return "failed"
        if self.refuse_next:
            self.refuse_next -= 1
            return "refused"
        return "posted"

    def attempt(self, key: str) -> None:
        outcome = self.answer()
        if outcome == "failed":
            self.count()
            return
        self.queue.remove(key)
        (self.posted if outcome == "posted" else self.refused).append(key)
        if self.connected:
            self.failed = 0

    def count(self) -> None:
        if self.connected:
            self.failed += 1
            if self.failed == ATTEMPTS:
                self.connected, self.failed, self.mails = False, 0, self.mails + 1


async def settle(bench: Bench) -> None:
    """Wait until nothing happens by itself; whatever kills the platform side meanwhile, it is started again."""
    for _ in range(20):
        await bench.clock.sleep(SETTLED_S)
        if not _dead(bench):
            return
        await bench.side.stop()
        bench.restart()
    raise AssertionError("it is killed for ever")


def _dead(bench: Bench) -> bool:
    return bench.side._life._death is not None


def script(bench: Bench, model: Model) -> None:
    """Let the scripted connector do what the model expects of it."""
    bench.connector.script = [silence()] * model.fail_next + [refused()] * (model.refuse_next if model.works else 0)
    bench.connector.otherwise = None if model.works else unavailable()


async def play(bench: Bench, model: Model, step: tuple[str, object], number: int) -> None:
    what, how = step
    if what == "emit":
        model.queue.append(bench.side.emit(invoice(kind=how)).key)
    elif what == "disconnect in flight" and model.connected and model.works and not kills(bench):
        bench.connector.script = [silence()] * how
        key = bench.side.emit(invoice()).key
        await bench.clock.sleep(0.1)
        bench.side.set_status("Disconnected")
        model.connected, model.failed = False, 0
        (model.queue if how else model.posted).append(key)
        await bench.clock.sleep(10)
    elif what == "create":
        creation = bench.side.create(how, f"name {number}")
        assert creation.accepted is model.connected
        if creation.accepted:
            model.queue.append(creation.key)
    elif what == "port":
        model.works = how == "open"
    elif what == "fail then work":
        model.works, model.fail_next = True, how
    elif what == "refuse next":
        model.refuse_next = 1
    elif what == "set status":
        assert bench.side.set_status(how) is (model.connected != (how == "Connected"))
        if model.connected != (how == "Connected"):
            model.connected, model.failed = how == "Connected", 0
    elif what == "kill" and how not in {fault.point for fault in bench.plan.faults()}:
        bench.plan.add(
            FaultSpec.model_validate({"fault": "kill-platform", "as": f"kill {how}", "point": how, "times": 1}), bench.clock.now()
        )
    elif what == "stop and start":
        await bench.side.stop()
        bench.restart()
    elif what == "mail server":
        bench.mail_down = how == "down"


@settings(max_examples=50, deadline=None)
@given(st.lists(steps, max_size=25))
def test_any_story_agrees_with_the_model(story_steps):
    agree(story_steps)


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(st.lists(steps, max_size=40))
def test_many_long_stories_agree_with_the_model(story_steps):
    agree(story_steps)


def agree(story_steps: list[tuple[str, object]]) -> None:
    async def story(bench: Bench):
        model = Model()
        for number, step in enumerate(story_steps):
            calls = len(bench.connector.calls)
            quiet = not model.connected and step != ("set status", "Connected")
            await play(bench, model, step, number)
            script(bench, model)
            if step[0] == "balance":
                await balance(bench, model)
            if step[0] == "by hand" and not any(not fault.lifted for fault in bench.plan.faults()):
                await by_hand(bench, model, step[1])
            elif quiet:
                await settle(bench)
                assert len(bench.connector.calls) == calls  # I7: not one call while Disconnected
            await settle(bench)
            if kills(bench):
                # A kill may waste an answer of the script; who settles with the port as it is now must still agree.
                resolve(bench, model)
            else:
                model.settle()
            model.fail_next = model.refuse_next = 0
            script(bench, model)
            await settle(bench)
            check(bench, model)
        bench.mail_down = False
        await settle(bench)
        check(bench, model)
        assert len(bench.mails) == model.mails
        # I11: with the cause gone and the status set, the queue drains in order.
        model.works, model.connected = True, True
        script(bench, model)
        bench.side.set_status("Connected")
        await settle(bench)
        model.settle()
        check(bench, model)
        assert bench.side.counts()["held"] == bench.side.counts()["waiting"] == 0

    run(story)


def kills(bench: Bench) -> bool:
    return any(fault.hits for fault in bench.plan.faults()) or any(not fault.lifted for fault in bench.plan.faults())


def resolve(bench: Bench, model: Model) -> None:
    """After a kill take over what depends on when it struck; `check` still proves order, hold, count and mails from the journal."""
    model.connected = bench.side.status == "Connected"
    model.failed = bench.store.get("failed:", 0)
    model.mails = sum(row["by"] == "attempts" and row["to"] == "Disconnected" for row in bench.journal.rows("status-changed"))
    for key in list(model.queue):
        state = bench.side.document(key).state
        if state in ("posted", "refused"):
            model.queue.remove(key)
            (model.posted if state == "posted" else model.refused).append(key)


async def balance(bench: Bench, model: Model) -> None:
    connected = model.connected
    bench.connector.balances = {"Adler": 1}
    told = await bench.side.balance("Adler")
    assert told.cents in (None, 1)
    if not connected:
        assert told.cents is None
        return
    outcome = model.answer()
    if outcome == "failed":
        model.count()
    else:
        model.failed = 0


async def by_hand(bench: Bench, model: Model, place: int) -> None:
    if place >= len(model.queue) or model.connected:
        return
    key = model.queue[place]
    outcome = model.answer()
    sent = await bench.side.send_by_hand(key)
    assert (sent.outcome in ("posted", "refused")) is (outcome != "failed")
    if outcome != "failed":
        model.queue.remove(key)
        (model.posted if outcome == "posted" else model.refused).append(key)


def check(bench: Bench, model: Model) -> None:
    side = bench.side
    assert side.status == ("Connected" if model.connected else "Disconnected")
    assert bench.store.get("failed:", 0) == model.failed
    # I1: everything accepted is in exactly one state, the right one.
    states = {row["key"]: side.document(row["key"]).state for row in bench.journal.rows("document-accepted")}
    expected = dict.fromkeys(model.queue, "waiting" if model.connected else "held")
    expected |= dict.fromkeys(model.posted, "posted") | dict.fromkeys(model.refused, "refused")
    assert states == expected
    # I3: what stands there stands there in order, once.
    assert bench.connector.posted == model.posted
    # I5: each Disconnected by attempts comes right after exactly N failed attempts in a row.
    failed = 0
    for row in bench.journal.rows(lane="platform"):
        if row["kind"] == "attempt-failed":
            failed += 1
            assert (row["failed"], row["of"]) == (failed, ATTEMPTS)
            assert failed <= ATTEMPTS
        elif row["kind"] == "status-changed":
            assert (failed == ATTEMPTS) is (row["by"] == "attempts")
            failed = 0
        elif row["kind"] in ("document-posted", "document-refused", "balance-told") and row.get("unavailable") is None:
            failed = 0
    # I6: one mail for each episode, in order, when the server takes mails; none before.
    episodes = [
        row["episode"] for row in bench.journal.rows("status-changed") if row["by"] == "attempts" and row["to"] == "Disconnected"
    ]
    given_for = [row["episode"] for row in bench.journal.rows("mail-given")]
    assert given_for == episodes[: len(given_for)]
    assert len(episodes) == model.mails
    if not bench.mail_down:
        assert given_for == episodes
    assert len(bench.mails) == len(given_for)
