"""All pairs of kinds of fault in one world: both strike and both are accounted for, or the second is refused when it is asked for.

How calls are made that let both strike: see `stage.py`. A fault that strikes calls does so at its default point; rounds go on until it has.
A lasting one is put into force last, because a state of things (QuickBooks is not running) may leave no call for others to strike.
"""

from itertools import combinations_with_replacement

import pytest

from emulator.core.errors import UserMistake

from .stage import KINDS, on_stage

PAIRS = list(combinations_with_replacement(KINDS, 2))
ROUNDS_MAX = 4


async def both(stage, pair, *, constant):
    """Let both of a pair strike, or be refused; says which."""
    stage.pairs += 1
    stage.whole = not all(point.startswith("quickbooks.") for kind in pair for point in KINDS[kind].points)
    first, second = (f"{stage.pairs}-{number}-{kind}" for number, kind in enumerate(pair))
    kinds = dict(zip((first, second), pair, strict=True))
    lasting = [name for name in kinds if KINDS[kinds[name]].lasting]
    calls = [name for name in kinds if name not in lasting]
    faults, mistake = [], None
    for name in (*calls, *lasting):
        if name in lasting:
            await rounds(stage, faults)
            await stage.put_right()
        more = {} if constant or name in lasting else {"times": 1}
        more["with"] = stage.given(kinds[name], name)
        try:
            faults.append(stage.add(kinds[name], name, **more))
        except UserMistake as refused:
            mistake = refused
        if mistake is not None:
            # Refused with both names and what to do. A lasting one may also miss what it needs: somebody logged in, beside one that lasts or
            # one that crashes QuickBooks at every call.
            told = str(mistake)
            assert len(faults) == 1, told
            assert (first in told and second in told) or (name in lasting and (constant or len(lasting) == 2)), told
            assert mistake.advice or mistake.expected
            assert name not in {fault.name for fault in stage.world.plan.faults()}
            return "refused"
    await rounds(stage, faults)
    accounted(stage, faults, constant=constant)
    return "struck"


async def rounds(stage, faults):
    mail = any(fault.point.endswith("before-mail") for fault in faults)
    for _ in range(ROUNDS_MAX):
        if all(fault.hits for fault in faults):
            return
        await stage.round(mail=mail)


def accounted(stage, faults, *, constant):
    """The account and the journal say the same.

    What needs a certain request (a Mod, a document with a number) may wait in vain beside one that ends every call before it comes; the
    account says of each call why not.
    """
    rows = {fault.name: [] for fault in faults}
    for row in stage.world.journal.rows("fault-hit"):
        if row["fault"] in rows:
            rows[row["fault"]].append(row["n"])
    for fault in faults:
        in_vain = constant and fault.kind.needs and fault.missed and fault.missed == fault.seen and fault.why_missed
        assert fault.hits >= 1 or in_vain, f"{fault.name} never struck: {fault.told()}"
        assert len(rows[fault.name]) == fault.hits
        assert fault.rows == rows[fault.name]


async def pairs_with(stage, kind):
    for pair in (pair for pair in PAIRS if pair[0] == kind):
        struck = await both(stage, pair, constant=False)
        await stage.clear()
        assert struck == "struck" or any(KINDS[each].lasting for each in pair), pair
        # Two that last have no calls to strike once or always.
        if not all(KINDS[each].lasting for each in pair):
            await both(stage, pair, constant=True)
            await stage.clear()


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS])
def test_both_of_a_pair_strike_or_are_refused(kind):
    on_stage(lambda stage: pairs_with(stage, kind))


@pytest.mark.parametrize(
    "pair", [("crash", "answer-lost"), ("blackhole", "slow"), ("record-locked", "mail-trouble"), ("edit-race", "inactive-ref")]
)
def test_some_pairs(pair):
    """What stands for all of them in the fast set."""

    async def play(stage):
        assert await both(stage, pair, constant=False) == "struck"
        await stage.clear()
        await both(stage, pair, constant=True)

    on_stage(play)
