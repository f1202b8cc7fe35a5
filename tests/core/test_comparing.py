"""A fact and how it is wanted."""

import pytest

from emulator.core.comparing import holds


@pytest.mark.parametrize(
    ("found", "wanted", "held"),
    [
        (3, 3, True),
        (3, "3", True),
        (3, ">=1", True),
        (0, ">=1", False),
        ("Connected", "connected", True),
        ("x", ">1", False),
        (2, "!=2", False),
    ],
)
def test_holds(found, wanted, held):
    assert holds(found, wanted) is held
