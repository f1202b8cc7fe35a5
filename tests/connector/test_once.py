"""Nothing lost, nothing twice: whatever is lost, killed and sent again, every document ends in the books exactly once."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.connector import KINDS, IntentLog
from emulator.connector.faults import POINTS
from emulator.core.chance import Chance
from emulator.core.clock import Clock
from emulator.core.documents import Document
from emulator.core.transport import Call, NoAnswer
from emulator.faults import FaultSpec, Plan
from emulator.network import KINDS as NETWORK_KINDS
from emulator.network import MemoryPath
from emulator.network.faults import POINTS as NETWORK_POINTS

from .fakes import FakeQuickBooks, Record, in_story, invoice, journal, service


@dataclass
class Story:
    """What goes wrong, and in the end: the truth.

    `calls` is what becomes of each call to QuickBooks in turn; `kills` are (point, n-th write there).
    """

    documents: list[Document]
    calls: list[str | None] = field(default_factory=list)
    kills: list[tuple[str, int]] = field(default_factory=list)
    strangers: list[Record] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)
    network: list[dict[str, Any]] = field(default_factory=list)
    flaws: frozenset[str] = frozenset()
    sends_max: int = 60
    again: int = 0
    quickbooks: FakeQuickBooks = field(default_factory=FakeQuickBooks)
    outcomes: dict[str, dict] = field(default_factory=dict)
    kills_seen: int = 0

    def run(self) -> "Story":
        in_story(self._played)
        return self

    async def _played(self, clock: Clock) -> None:
        fates = iter(self.calls)
        fate: dict[str, str | None] = {}

        def script(when: str, request: str) -> str | None:
            if when == "before":
                fate["now"] = next(fates, None)
            wanted = fate["now"]
            return (
                {"lost-before": "lost", "ticket": "ticket"}.get(wanted or "")
                if when == "before"
                else {"lost-after": "lost", "ticket-after": "ticket"}.get(wanted or "")
            )

        self.quickbooks.script = script
        self.quickbooks.records += self.strangers
        rows = journal(clock)
        plan = Plan([*KINDS, *NETWORK_KINDS], Chance(1), rows)
        for number, (point, nth) in enumerate(self.kills):
            plan.add(
                FaultSpec.model_validate({"fault": "kill-connector", "as": f"k{number}", "point": point, "when": {"nth": nth}}),
                clock.now(),
            )
        for number, point in enumerate(self.exits):
            plan.add(
                FaultSpec.model_validate({"fault": "exit-mid-request", "as": f"e{number}", "point": point, "times": 1}),
                clock.now(),
            )
        for number, spec in enumerate(self.network):
            plan.add(FaultSpec.model_validate({**spec, "as": f"n{number}"}), clock.now())
        log = IntentLog()
        running = service(self.quickbooks, log, clock, plan=plan, flaws=self.flaws)
        path = MemoryPath(lambda call: running.answer(call), plan, clock, rows)
        for document in [*self.documents, *self.documents[: self.again]]:
            for _ in range(self.sends_max):
                if not running.running:
                    self.kills_seen += running.killed
                    await running.exit()
                    running = service(self.quickbooks, log, clock, plan=plan, flaws=self.flaws)
                try:
                    answer = await path.call(Call("POST", "/v1/documents", body=document.as_json()), 30)
                except NoAnswer:
                    if path.traffic.dead:
                        await path.start()
                    continue
                if answer.status == 400:
                    continue  # the call came garbled: no outcome, and the platform side sends it again
                self.outcomes[document.key] = answer.body
                if answer.body["outcome"] in ("posted", "refused"):
                    break
                await clock.sleep(70)
        await path.stop()
        await running.exit()

    def assert_true(self) -> None:
        for document in self.documents:
            ours = self.quickbooks.of_key(document.key)
            assert len(ours) == 1, f"{document.key}: {len(ours)} times in the books; {self.outcomes.get(document.key)}"
            assert (ours[0].number, ours[0].party, ours[0].cents) == (document.number, document.party, document.total_cents)
            assert self.outcomes[document.key]["outcome"] == "posted"
            assert self.outcomes[document.key]["txn_id"] == ours[0].id
        for stranger in self.strangers:
            assert stranger in self.quickbooks.records


def documents(count: int) -> list[Document]:
    return [invoice(f"k{n}", f"G-{100 + n}", cents=1000 + n) for n in range(count)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("nth", [1, 2])
def test_a_kill_at_every_point_loses_nothing_and_doubles_nothing(point: str, nth: int) -> None:
    story = Story(documents(3), kills=[(point, nth)], again=1).run()
    assert story.kills_seen == 1
    story.assert_true()


@pytest.mark.parametrize("fate", ["lost-before", "lost-after", "ticket", "ticket-after"])
@pytest.mark.parametrize("call", range(5))
def test_a_lost_call_is_asked_about_before_it_is_sent_again(fate: str, call: int) -> None:
    Story(documents(3), calls=[*[None] * call, fate]).run().assert_true()


@pytest.mark.parametrize("point", POINTS)
def test_an_exit_at_every_point_loses_nothing_and_doubles_nothing(point: str) -> None:
    story = Story(documents(3), exits=[point], again=1).run()
    story.assert_true()
    assert story.quickbooks.sessions_begun == story.quickbooks.sessions_ended >= 2


FATES = st.lists(st.sampled_from([None, None, "lost-before", "lost-after", "ticket", "ticket-after"]), max_size=25)
KILLS = st.lists(st.tuples(st.sampled_from(POINTS), st.integers(1, 6)), max_size=4, unique=True)
STRANGERS = st.lists(
    st.builds(
        lambda n, party, cents, memo: Record("Invoice", f"F{n}-1600000000", f"G-{100 + n % 3}", party, cents, memo),
        st.integers(1, 99),
        st.sampled_from(["Acme Hardware", "Somebody Else"]),
        st.integers(5000, 5002),
        st.sampled_from(["", "by hand", "[key:another]"]),
    ),
    max_size=3,
    unique_by=lambda record: record.id,
)


NETWORK = st.lists(
    st.one_of(
        st.builds(lambda nth: {"fault": "refuse", "when": {"nth": nth}}, st.integers(1, 8)),
        st.builds(lambda nth: {"fault": "blackhole", "when": {"nth": nth}}, st.integers(1, 8)),
        st.builds(
            lambda nth, then: {"fault": "one-way", "when": {"nth": nth}, "with": {"then": then}},
            st.integers(1, 8),
            st.sampled_from(["silent", "reset"]),
        ),
        st.builds(
            lambda nth, way, after: {
                "fault": "reset-mid",
                "when": {"nth": nth},
                "with": {"direction": way, "after_bytes": after},
            },
            st.integers(1, 8),
            st.sampled_from(["request", "answer"]),
            st.integers(0, 400),
        ),
        st.builds(
            lambda nth, way, how, at: {
                "fault": "garbled",
                "when": {"nth": nth, "byte": at},
                "with": {"direction": way, "how": how},
            },
            st.integers(1, 8),
            st.sampled_from(["request", "answer"]),
            st.sampled_from(["cut", "altered"]),
            st.integers(0, 400),
        ),
        st.builds(lambda delay: {"fault": "slow-line", "with": {"delay_ms": delay}}, st.integers(0, 3_000)),
        st.builds(lambda point: {"fault": "kill-network", "point": point, "times": 1}, st.sampled_from(NETWORK_POINTS)),
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls=FATES, kills=KILLS, network=NETWORK, exits=st.lists(st.sampled_from(POINTS), max_size=2))
def test_any_schedule_of_network_and_connector_faults_ends_well(
    calls: list[str | None], kills: list[tuple[str, int]], network: list[dict[str, Any]], exits: list[str]
) -> None:
    Story(documents(3), calls=calls, kills=kills, network=network, exits=exits, again=1).run().assert_true()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls=FATES, kills=KILLS, strangers=STRANGERS, again=st.integers(0, 3))
def test_any_schedule_of_losses_kills_and_strangers_ends_well(
    calls: list[str | None], kills: list[tuple[str, int]], strangers: list[Record], again: int
) -> None:
    Story(documents(3), calls=calls, kills=kills, strangers=strangers, again=again).run().assert_true()


@pytest.mark.parametrize("flaw", ["never-asks", "number-alone"])
def test_canary_a_wrong_connector_is_caught(flaw: str) -> None:
    strangers = [Record("Invoice", "F1-1600000000", "G-100", "Somebody Else", 7777, "by hand")]
    story = Story(documents(2), calls=["lost-before" if flaw == "number-alone" else "lost-after"], strangers=strangers)
    story.flaws = frozenset({flaw})
    story.run()
    with pytest.raises(AssertionError):
        story.assert_true()
    correct = Story(documents(2), calls=story.calls, strangers=strangers).run()
    correct.assert_true()
