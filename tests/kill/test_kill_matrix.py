"""Each part killed at each point it declares: judged from the books and the journal, nothing is lost and nothing stands twice.

The points are read from the parts' own tables of faults, so that a new point is tested by itself.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.connector import KINDS as CONNECTOR_KINDS
from emulator.connector.faults import AFTER_SEND, BEFORE_REPLY
from emulator.connector.flaws import NEVER_ASKS
from emulator.core.chance import Chance
from emulator.core.journal import Row
from emulator.faults import Kind
from emulator.network import KINDS as NETWORK_KINDS
from emulator.network.faults import BEFORE_ANSWER
from emulator.platform import KINDS as PLATFORM_KINDS
from emulator.platform.faults import AFTER_ANSWER, AFTER_STATUS_STORED
from emulator.scenario.checks import judge
from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding, Verdict

from .town import PARTS, QUICKBOOKS_ROWS, Fault, Plot, Town, town

DOCUMENTS = {"invoice": "I2", "bill": "B1", "customer": "C1"}
"""Keys of the documents that are struck: the second invoice, the bill, the new customer (whom QuickBooks knows by name alone)."""

MUST_PASS = ("I1", "I2", "I3", "I22")
"""A story in which one of these had nothing to look at has shown nothing."""


def points_of(part: str) -> tuple[str, ...]:
    tables: dict[str, tuple[Kind, ...]] = {"connector": CONNECTOR_KINDS, "network": NETWORK_KINDS, "platform": PLATFORM_KINDS}
    return next(kind.points for kind in tables[part] if kind.name == f"kill-{part}")


def kill(part: str, point: str, key: str = DOCUMENTS["invoice"]) -> Fault:
    return {"fault": f"kill-{part}", "point": point, "where": {"key": key}, "times": 1}


def at(part: str, kind: str, key: str = DOCUMENTS["invoice"]) -> Callable[[Row], str]:
    """Return a killer who strikes when QuickBooks writes this kind of row about the document."""
    return lambda row: part if (row["kind"], row.get("key")) == (kind, key) else ""


def storm(seed: int) -> Callable[[Row], str]:
    """Return a killer who strikes once over every document, at a part and a moment drawn by lot."""
    chance = Chance(seed)

    def killer(row: Row) -> str:
        key = row.get("key")
        if key is None or row["kind"] != chance.pick(QUICKBOOKS_ROWS, "when", key):
            return ""
        return chance.pick(PARTS, "whom", key)

    return killer


LOST_ANSWER: Fault = {"fault": "reset-mid", "where": {"key": DOCUMENTS["invoice"]}, "times": 1}
"""The answer to the struck document is cut off after a few bytes, on its way to the platform side; the document stands in the books."""

OUTAGES: dict[str, Plot] = {
    AFTER_STATUS_STORED: Plot({"network": [[LOST_ANSWER]], "platform": [[kill("platform", AFTER_STATUS_STORED)]]}, attempts=1)
}
"""Points that are reached only when something else has gone wrong before, and what."""


def lived(folder: Path, plot: Plot) -> tuple[Town, Evidence]:
    with town(folder, plot) as story:
        asyncio.run(story.live())
        return story, story.evidence()


def verdicts(evidence: Evidence, *more: str) -> dict[str, Finding]:
    return {finding.check: finding for finding in judge(evidence, (*MUST_PASS, "I14", *more))}


def sent_again_though_booked(evidence: Evidence) -> bool:
    """Tell whether the platform side sent something that stood in the books already: then an answer was lost, and I14 has something to judge."""
    return any(
        begun["n"] > commit["n"]
        for key in evidence.accepted
        for commit in evidence.about(key, "committed")
        for begun in evidence.about(key, "send-begun")
    )


def proves(story: Town, evidence: Evidence, *more: str) -> None:
    """Assert that every document stands in the books once, as it was accepted, and that the checks say so too."""
    if sent_again_though_booked(evidence):
        more = (*more, "I14")
    findings = verdicts(evidence, *more)
    assert not [finding for finding in findings.values() if finding.verdict is Verdict.FAIL], findings
    for name in (*MUST_PASS, *more):
        assert findings[name].verdict is Verdict.PASS, findings[name]
    keys = [document.key for document in story.documents]
    assert evidence.states_at_end == dict.fromkeys(keys, "posted")
    for document in story.documents:
        records = [record for record in evidence.books if record.key == document.key]
        assert [(each.kind, each.number, each.party, each.total_cents) for each in records] == [
            (document.kind, document.number, document.party, document.total_cents)
        ], document.key


def deaths(story: Town) -> dict[str, int]:
    return {name: part.deaths for name, part in story.parts.items() if part.deaths}


def hits(evidence: Evidence, part: str) -> list[tuple[str, Any]]:
    return [(row["point"], row.get("key")) for row in evidence.of("fault-hit") if row["point"].startswith(f"{part}.")]


MATRIX = [(part, point) for part in PARTS for point in points_of(part)]


def test_every_part_declares_points() -> None:
    assert {part for part, _ in MATRIX} == set(PARTS)
    assert len(MATRIX) >= 15


def test_killed_between_quickbooks_answer_and_its_own_memory(tmp_path: Path) -> None:
    """The one case of the matrix that runs with the fast tests."""
    story, evidence = lived(tmp_path, Plot({"connector": [[kill("connector", AFTER_SEND)]]}))
    assert deaths(story) == {"connector": 1}
    assert sent_again_though_booked(evidence)
    proves(story, evidence)


@pytest.mark.slow
@pytest.mark.parametrize(("part", "point"), MATRIX)
def test_a_part_killed_at_each_of_its_points(part: str, point: str, tmp_path: Path) -> None:
    plot = OUTAGES.get(point, Plot({part: [[kill(part, point)]]}))
    story, evidence = lived(tmp_path, plot)
    assert deaths(story) == {part: 1}
    assert hits(evidence, part) == [(point, DOCUMENTS["invoice"])]
    proves(story, evidence, *(("I5", "I6", "I7") if plot.attempts == 1 else ()))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bill", "customer"])
@pytest.mark.parametrize("point", points_of("connector"))
def test_other_kinds_of_documents_are_asked_about_in_their_own_ways(point: str, kind: str, tmp_path: Path) -> None:
    story, evidence = lived(tmp_path, Plot({"connector": [[kill("connector", point, DOCUMENTS[kind])]]}))
    assert deaths(story) == {"connector": 1}
    assert hits(evidence, "connector") == [(point, DOCUMENTS[kind])]
    proves(story, evidence)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["request", "committed"])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_killed_from_outside_while_quickbooks_is_at_work(part: str, moment: str, tmp_path: Path) -> None:
    """No point of a part lies here: its call is under way, and QuickBooks finishes it for a caller that is dead."""
    story, evidence = lived(tmp_path, Plot(killer=at(part, moment)))
    assert deaths(story) == {part: 1}
    assert sent_again_though_booked(evidence)
    proves(story, evidence)


@pytest.mark.slow
def test_a_connector_killed_at_every_point_of_one_document_life_after_life(tmp_path: Path) -> None:
    points = points_of("connector")
    # Each life is killed at the next point it meets of those that are left: what an earlier life has done is not done again.
    lives = [[kill("connector", point) | {"as": point} for point in points[first:]] for first in range(len(points))]
    story, evidence = lived(tmp_path, Plot({"connector": lives}))
    assert deaths(story) == {"connector": len(points)}
    struck = [point for point, _ in hits(evidence, "connector")]
    assert struck[:4] == list(points[:4])
    assert set(struck[4:]) == {BEFORE_REPLY}
    proves(story, evidence)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_killed_again_while_quickbooks_is_asked_what_became_of_it(part: str, tmp_path: Path) -> None:
    def killer(row: Row) -> str:
        return part if (row["kind"], row["request"]) == ("request", "InvoiceQueryRq") else ""

    story, evidence = lived(tmp_path, Plot({"connector": [[kill("connector", AFTER_SEND)]]}, killer=killer))
    assert Counter(deaths(story)) == Counter(["connector", part])
    proves(story, evidence)


@pytest.mark.slow
def test_all_three_killed_over_one_document(tmp_path: Path) -> None:
    plot = Plot(
        {
            "connector": [[kill("connector", AFTER_SEND)]],
            "network": [[kill("network", BEFORE_ANSWER)]],
            "platform": [[kill("platform", AFTER_ANSWER)]],
        }
    )
    story, evidence = lived(tmp_path, plot)
    assert deaths(story) == {"connector": 1, "network": 1, "platform": 1}
    proves(story, evidence)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_of_kills(seed: int, tmp_path: Path) -> None:
    story, evidence = lived(tmp_path, Plot(killer=storm(seed), kills_max=6))
    assert len(story.kills) == len(story.documents)
    assert deaths(story) == Counter(story.kills)
    proves(story, evidence)


CANARIES = {
    "after QuickBooks answered": Plot({"connector": [[kill("connector", AFTER_SEND)]]}, flaws=(NEVER_ASKS,)),
    "while QuickBooks is at work": Plot(killer=at("connector", "committed"), flaws=(NEVER_ASKS,)),
}
"""A connector that sends again without asking, killed between sending and outcome."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", CANARIES)
def test_a_connector_that_does_not_ask_is_caught(moment: str, tmp_path: Path) -> None:
    story, evidence = lived(tmp_path, CANARIES[moment])
    assert deaths(story) == {"connector": 1}
    findings = verdicts(evidence)
    for name in ("I2", "I14"):
        assert findings[name].verdict is Verdict.FAIL, findings[name]
    copies = [record for record in evidence.books if record.key == DOCUMENTS["invoice"]]
    assert len(copies) == 2
    with pytest.raises(AssertionError):
        proves(story, evidence)
