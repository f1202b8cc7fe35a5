"""How much longer a slow call takes: the distributions, the presets, the seed."""

from statistics import median

import pytest

from emulator.core.chance import Chance
from emulator.desktop.faults.slowness import PARAMETERS, PRESETS, delay_s, rows_delay_s
from emulator.faults import Strike

DEFAULTS = {name: parameter.default for name, parameter in PARAMETERS.items()}


def drawn(seed=1, count=400, **given):
    return [delay_s(Strike("slow", "delay", DEFAULTS | given, number), Chance(seed)) for number in range(1, count + 1)]


def test_a_constant_is_the_same_for_each_call():
    assert set(drawn(seconds=2.0)) == {2.0}


def test_a_uniform_one_lies_around_its_middle():
    found = drawn(distribution="uniform", seconds=2.0, spread=0.5)
    assert 1.0 <= min(found) < 1.1
    assert 2.9 < max(found) <= 3.0
    assert len(set(found)) == len(found)


def test_a_lognormal_one_has_its_median_and_a_long_tail():
    found = drawn(distribution="lognormal", seconds=2.0, spread=1.0)
    assert 1.7 < median(found) < 2.3
    assert max(found) > 10
    assert min(found) > 0


@pytest.mark.parametrize(("preset", "middle_s"), [("none", 0.0), ("typical", 0.4), ("slow", 4.0)])
def test_presets(preset, middle_s):
    found = drawn(preset=preset)
    assert 0.85 * middle_s <= median(found) <= 1.15 * middle_s
    rows_s = rows_delay_s(Strike("slow", "delay", DEFAULTS | {"preset": preset}), 30_000)
    assert rows_s == pytest.approx(min(30_000 * PRESETS[preset]["per_row_s"], 600.0))


def test_the_seed_decides():
    given = {"distribution": "lognormal", "seconds": 2.0}
    assert drawn(seed=1, **given) == drawn(seed=1, **given) != drawn(seed=2, **given)
