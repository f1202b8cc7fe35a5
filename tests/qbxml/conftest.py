"""What the tests of this room share."""

import pytest

from emulator.qbxml import VERSIONS, Version

from .helpers import FAST_VERSIONS


@pytest.fixture(params=[pytest.param(v, marks=() if v in FAST_VERSIONS else pytest.mark.slow) for v in VERSIONS])
def version(request: pytest.FixtureRequest) -> Version:
    return Version(request.param)
