"""Chance is a function of seed and key: no stream, no order, no process in it."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.chance import Chance

KEYS = st.lists(st.one_of(st.text(), st.integers()), max_size=4)


@given(st.integers(), KEYS)
def test_the_same_key_tells_the_same(seed, key):
    assert Chance(seed).number(*key) == Chance(seed).number(*key)
    assert 0.0 <= Chance(seed).unit(*key) < 1.0


@given(st.integers(), KEYS, st.integers(-1000, 1000), st.integers(0, 1000))
def test_between_stays_between(seed, key, low, width):
    assert low <= Chance(seed).between(low, low + width, *key) <= low + width


def test_another_seed_tells_otherwise():
    assert [Chance(1).unit("fault", n) for n in range(20)] != [Chance(2).unit("fault", n) for n in range(20)]


def test_units_are_spread_evenly():
    units = [Chance(7).unit("fault", n) for n in range(4000)]
    assert all(350 < sum(low / 10 <= unit < (low + 1) / 10 for unit in units) < 450 for low in range(10))


def test_it_does_not_depend_on_the_hash_seed_of_the_process():
    program = "from emulator.core.chance import Chance; print(Chance(5).token('a', 1))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1")
    }
    assert len(told) == 1
