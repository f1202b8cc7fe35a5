"""Traffic: seeded, exact, and the n-th of a kind does not depend on what else was made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platform_bench import START, run

from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.documents import SCALE, Document
from emulator.core.errors import UserMistake
from emulator.platform import Article, Traffic

ARTICLES = (Article("Widget", "a widget", 1999, 850), Article("Tools:Saw", "a saw", 12_345, 9_999))


def with_traffic(use: Callable[[Traffic], object], seed: int = 1, customers=("A", "B"), vendors=("V",), **settings: object):
    async def main(clock):
        return use(Traffic(Chance(seed), customers, vendors, ARTICLES, clock, **settings))

    return run_virtual(main, START)


@given(st.integers(), st.integers(0, 10**6), st.sampled_from(["invoice", "bill"]))
def test_amounts_sum_exactly(seed, occurrence, kind):
    draft = with_traffic(lambda traffic: getattr(traffic, kind)(occurrence), seed)
    document = draft.document("K", "G-1")
    assert Document.from_json(document.as_json()) == document
    assert document.total_cents > 0
    assert document.party in (("A", "B") if kind == "invoice" else ("V",))
    for line in document.lines:
        assert line.quantity * line.rate == line.amount_cents * SCALE * SCALE // 100


def test_the_same_seed_makes_the_same_and_another_another():
    def some(traffic):
        return [traffic.invoice(place) for place in range(20)]

    assert with_traffic(some) == with_traffic(lambda traffic: [traffic.bill(1), *some(traffic)][1:])
    assert with_traffic(some) != with_traffic(some, seed=2)


def test_the_date_is_that_of_the_business():
    late = timezone(timedelta(hours=-10))
    assert with_traffic(lambda traffic: traffic.invoice(1)).date == "2026-03-02"
    assert with_traffic(lambda traffic: traffic.invoice(1), timezone=late).date == "2026-03-01"
    assert datetime(2026, 3, 2, 9, tzinfo=UTC) == START


def test_nobody_to_sell_to_is_a_mistake():
    with pytest.raises(UserMistake, match="invoice"):
        with_traffic(lambda traffic: traffic.invoice(1), customers=())
    with pytest.raises(UserMistake, match="bill"):
        with_traffic(lambda traffic: traffic.bill(1), vendors=())


def test_a_flow_mixes_both_kinds_and_takes_its_time():
    async def story(bench):
        traffic = Traffic(Chance(1), ["A"], ["V"], ARTICLES, bench.clock)
        accepted = await traffic.flow(bench.side.emit, invoices=6, bills=3, every_s=60)
        assert [document.kind[0] for document in accepted] == list("iibiibiib") or len(accepted) == 9
        assert sum(document.kind == "bill" for document in accepted) == 3
        assert accepted[0].kind == "invoice"
        assert bench.clock.elapsed_s() == pytest.approx(540)
        assert await bench.side.wait_idle(60)
        assert bench.connector.posted == [document.key for document in accepted]
        assert await traffic.flow(bench.side.emit, invoices=0, every_s=60) == []

    run(story)
