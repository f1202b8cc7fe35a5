"""Valid requests of every noun in any order: the books balance after each, a refusal writes nothing, companies do not mix."""

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from company.helpers import Bench, request
from emulator.company import Company
from emulator.company.list_rows import LISTS
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import Version, decode_answer_set, decode_set, encode_answer_set, encode_request_set, schema_of
from emulator.qbxml.messages import Answer, Request

from .everything import everything, invoiced
from .randomly import RandomMaking, change, removals

NEWEST = Version("16.0")
ROWS = {**LISTS, **TRANSACTIONS}
ADDED = [noun for noun, row in ROWS.items() if "Add" in row.operations]
CHANGED = [noun for noun, row in ROWS.items() if "Mod" in row.operations]
ASKED = [noun for noun in ROWS if schema_of("16.0").message(f"{noun}QueryRq") is not None]
SEEDS = st.integers(0, 2**32)


class AnyOrder(RuleBasedStateMachine):
    """Two company files; each step asks one of them for something, and looks at both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.benches: list[Bench] = []
        self.count = 0

    @initialize()
    def open(self) -> None:
        for name in ("one", "other"):
            bench = everything(path=Path(self.folder.name) / f"{name}.qbw")
            invoiced(bench, "Baker", 5_000)
            self.benches.append(bench)

    def teardown(self) -> None:
        for bench in self.benches:
            bench.company.close()
        self.folder.cleanup()

    def perform(self, which: int, asked: Request) -> Answer:
        """Send a request as a document; its answer must be valid, the books in order, and a refusal must have written nothing."""
        bench, other = self.benches[which], self.benches[1 - which]
        bench.clock.advance(seconds=1)
        before, before_other = dump(bench), dump(other)
        message_set = decode_set(encode_request_set(NEWEST, "stopOnError", [asked]))
        answers = bench.company.begin_set(message_set, bench.caller).finish()
        [answer] = decode_answer_set(encode_answer_set(message_set, answers, {}), "16.0", strict=True).answers
        event(f"{asked.name} {answer.status.code}")
        assert answer.status.code != 1000 or asked.values.get("ListDelType") == "UnitOfMeasureSet", answer.status
        if answer.status.failed:
            assert dump(bench) == before
        assert dump(other) == before_other
        assert bench.truth.problems() == []
        assert sum(bench.truth.ledger_sums().values()) == 0
        return answer

    def dice(self, seed: int) -> random.Random:
        self.count += 1
        return random.Random(seed)

    @rule(which=st.integers(0, 1), noun=st.sampled_from(ADDED), seed=SEEDS)
    def add(self, which: int, noun: str, seed: int) -> None:
        making = RandomMaking(self.benches[which], NEWEST, self.dice(seed), self.count)
        self.perform(which, making.request(f"{noun}AddRq"))

    @rule(which=st.integers(0, 1), noun=st.sampled_from(sorted(TRANSACTIONS)), seed=SEEDS)
    def add_transaction(self, which: int, noun: str, seed: int) -> None:
        self.add(which, noun, seed)

    @rule(which=st.integers(0, 1), noun=st.sampled_from(CHANGED), choice=SEEDS, seed=SEEDS)
    def change(self, which: int, noun: str, choice: int, seed: int) -> None:
        bench, dice = self.benches[which], self.dice(seed)
        flags = {"IncludeLineItems": True} if noun in TRANSACTIONS and TRANSACTIONS[noun].lines else {}
        records = bench.found(noun, **flags)
        if records:
            making = RandomMaking(bench, NEWEST, dice, self.count)
            self.perform(which, change(making, f"{noun}ModRq", records[choice % len(records)]))

    @rule(which=st.integers(0, 1), what=st.sampled_from(["TxnDel", "TxnVoid", "ListDel"]), choice=SEEDS)
    def remove(self, which: int, what: str, choice: int) -> None:
        bench = self.benches[which]
        message = schema_of("16.0").message(f"{what}Rq")
        assert message is not None
        kinds, identity = removals(message.children), "ListID" if what == "ListDel" else "TxnID"
        rows = [(kind, each) for kind, each in identities(bench, what) if kind in kinds]
        if rows:
            kind, each = rows[choice % len(rows)]
            self.perform(which, Request(f"{what}Rq", message.noun, message.operation, {}, {f"{what}Type": kind, identity: each}))

    @rule(which=st.integers(0, 1))
    def open_again(self, which: int) -> None:
        bench = self.benches[which]
        questions = [request(noun, "Query", flags_of(noun)) for noun in ASKED]
        before = bench.answers(*questions, caller=bench.caller)
        bench.company.close()
        again = Bench(
            company=Company.open(Path(self.folder.name) / f"{('one', 'other')[which]}.qbw", bench.clock, bench.settings)
        )
        again.clock, again.caller = bench.clock, bench.caller
        self.benches[which] = again
        assert again.answers(*questions, caller=again.caller) == before


def flags_of(noun: str) -> dict[str, Any]:
    """Return the flags that make a query tell all it can."""
    message = schema_of("16.0").message(f"{noun}QueryRq")
    assert message is not None
    flags = ("IncludeLineItems", "IncludeComponentLineItems", "IncludeLinkedTxns")
    return {part.name: True for part in message.children if getattr(part, "name", "") in flags}  # type: ignore[union-attr]


def dump(bench: Bench) -> list[str]:
    """Return the whole file as statements."""
    return list(bench.company._store.connection.iterdump())


def identities(bench: Bench, what: str) -> list[tuple[str, str]]:
    """Return kind and identity of everything that a deletion or void could name."""
    table = (
        "SELECT kind, list_id FROM list_record ORDER BY record"
        if what == "ListDel"
        else "SELECT kind, txn_id FROM txn ORDER BY number"
    )
    return bench.company._store.execute(table).fetchall()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
class TestAnyOrderAtLength(AnyOrder.TestCase):  # type: ignore[misc,name-defined]
    """The same, at length."""

    settings = settings(max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck))
