"""The configuration of a world: what the file at `like` says comes before what the world says itself."""

from datetime import UTC, datetime

import pytest

from emulator.com.likeness import PaceForm, WordingForm
from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.world import SERVER, WorldConfig, virtual_world

START = datetime(2026, 3, 2, 14, tzinfo=UTC)

LIKE = """likeness: 1
switches: {company.credit-limit: ignored, qbxml.bad-enum-value: "3110"}
wording:
  results: {0x80040408: "No."}
  statuses: {0: "Fine", 1: "None"}
  reasons: {"Of {a}.": "{a}!"}
latency: {BeginSession: {seconds: 1}, InvoiceAddRq: {seconds: 2, spread: 0.5}}
complete: true
"""


@pytest.fixture
def like(tmp_path):
    path = tmp_path / "like.yaml"
    path.write_text(LIKE)
    return str(path)


def test_without_a_likeness_it_is_as_it_stands() -> None:
    config = WorldConfig(latency={"other": PaceForm(seconds=1)})
    assert config.alike() is config


def test_what_the_world_says_itself_counts(like) -> None:
    own = WordingForm(statuses={1: "Nothing"}, results={"0x8004040D": "Who?"})
    config = WorldConfig(
        like=like, switches={"company.credit-limit": "refused"}, wording=own, latency={"InvoiceAddRq": PaceForm(seconds=3)}
    ).alike()
    assert config.switches == {"company.credit-limit": "refused", "qbxml.bad-enum-value": "3110"}
    assert config.wording.statuses == {0: "Fine", 1: "Nothing"}
    assert config.wording.results == {"0x80040408": "No.", "0x8004040D": "Who?"}
    assert config.wording.reasons == {"Of {a}.": "{a}!"}
    assert config.latency == {"BeginSession": PaceForm(seconds=1), "InvoiceAddRq": PaceForm(seconds=3)}
    assert config.alike() is config


def test_a_world_is_made_so(like) -> None:
    async def story(clock):
        world = virtual_world(WorldConfig(like=like), clock)
        office = world.machine(SERVER).office
        told = (world.switches["company.credit-limit"], office.wording.statuses[0], world.config.like)
        await world.stop()
        world.let_go()
        return told

    assert run_virtual(story, START) == ("ignored", "Fine", "")


def test_a_likeness_that_is_not_there_is_said_plainly() -> None:
    with pytest.raises(UserMistake, match=r"no/such\.yaml: cannot read it"):
        WorldConfig(like="no/such.yaml").alike()
