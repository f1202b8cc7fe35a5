"""Lasting faults of the application and the file host: each begins, is felt, ends, and leaves things as they were."""

import pytest

from desktop.makers import at_desk
from emulator.desktop import Refused


def test_hosting_off_keeps_multi_user_out_until_it_is_lifted():
    async def story(desk, clock):
        desk.server.log_out()
        desk.fault("hosting-off")
        assert desk.plan.unfired() == []
        with pytest.raises(Refused) as refused:
            desk.server.log_in("Goflow", "multi")
        desk.plan.lift("hosting-off")
        desk.server.log_in("Goflow", "multi")
        return refused.value.kind

    assert at_desk(story) == "not-hosted"
