"""timeline.html: a whole story on one self-contained page (no external asset, opens from a file, prints, light and dark).

The page is a template (timeline.html, timeline.css, timeline.js beside this module) and one block of data. All text reaches the page either escaped
by the template or as JSON that the script writes with `textContent`, so no name in a story can become markup or script.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from emulator.core.journal import LANES
from emulator.core.showing import clean
from emulator.scenario.evidence import moment
from emulator.scenario.report import course
from emulator.scenario.report.story import Story
from emulator.scenario.report.terminal import name_of
from emulator.scenario.report.words import is_routine, is_trouble, sentence
from emulator.scenario.verdict import Finding, Verdict

_HERE = Path(__file__).parent


def timeline_page(story: Story) -> str:
    """Return the page of a story."""
    findings = [_finding(finding) for finding in story.findings]
    return (
        _templates()
        .get_template("timeline.html")
        .render(
            story=story,
            name=clean(story.scenario),
            about=clean(story.about),
            repeat_line=clean(story.repeat_line),
            choices="" if story.switches is None else clean(story.choices.sentence),
            began=_when(story, 0),
            ended=_when(story, -1),
            zone=clean(story.timezone),
            findings=findings,
            rows_count=len(story.evidence.rows),
            documents_count=len(story.evidence.accepted),
            symbols=SYMBOLS,
            css=Markup((_HERE / "timeline.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            script=Markup((_HERE / "timeline.js").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            data=Markup(_json(page_data(story))),  # noqa: S704 - escaped by _json
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _json(values: Any) -> str:
    """Return JSON that may stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _when(story: Story, position: int) -> str:
    if not story.evidence.rows:
        return ""
    return story.local(story.evidence.rows[position]).strftime("%a %d %b %Y %H:%M:%S")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.check,
        "anchor": f"f-{finding.check.replace(' ', '-')}",
        "name": name_of(finding.check),
        "verdict": str(finding.verdict),
        "sentence": clean(finding.sentence),
        "tested": finding.tested,
        "first": finding.first_row,
        "counterexamples": [
            {"n": row.get("n"), "violation": clean(row["violation"]), "sentence": sentence(row)}
            for row in finding.counterexamples
        ],
    }


def page_data(story: Story) -> dict[str, Any]:
    """Return what the page's script draws. Rows are short lists (see `columns`), and equal texts are kept once: a day must stay below 150 KB."""
    rows = story.evidence.rows
    violated: dict[int, list[str]] = {}
    for finding in story.findings:
        for row in finding.counterexamples:
            if "n" in row and finding.check not in violated.setdefault(int(row["n"]), []):
                violated[int(row["n"])].append(finding.check)
    present = {str(row["lane"]) for row in rows}
    lanes: list[str] = [lane for lane in LANES if lane in present]
    kinds = sorted({str(row["kind"]) for row in rows})
    texts: dict[str, int] = {}
    lane_places = {lane: place for place, lane in enumerate(lanes)}
    kind_places = {kind: place for place, kind in enumerate(kinds)}
    start_ms = _ms(rows[0]) if rows else 0
    return {
        "zone": story.timezone,
        "start": start_ms,
        "lanes": lanes,
        "kinds": kinds,
        "columns": ["ms after start", "lane", "kind", "text", "weight: 0 ordinary, 1 notable, 2 trouble"],
        "rows": [
            [
                _ms(row) - start_ms,
                lane_places[str(row["lane"])],
                kind_places[str(row["kind"])],
                texts.setdefault(sentence(row), len(texts)),
                2 if is_trouble(row) else 0 if is_routine(row) else 1,
            ]
            for row in rows
        ],
        "texts": list(texts),
        "violated": {str(n): checks for n, checks in violated.items()},
        "faults": [
            {
                "name": clean(fault.name),
                "of": clean(fault.of),
                "from": int(fault.on["n"]),
                "to": int(fault.off["n"]) if fault.off else len(rows),
                "hits": len(fault.hits),
            }
            for fault in story.faults
        ],
        "down": [[max(span.begin, 1), span.end or len(rows), span.by] for span in story.evidence.disconnected],
        "status": _changes(course.statuses(story.evidence)),
        "mode": _changes(course.file_modes(story.evidence)),
        "held": _changes(course.held_counts(story.evidence)),
        "documents": [
            [
                each.document,
                clean(each.number),
                clean(each.party),
                each.total_cents,
                each.accepted,
                each.posted,
                each.attempts,
                each.state,
                each.id,
            ]
            for each in course.documents(story.evidence)
        ],
    }


def _changes(changes: list[course.Change]) -> list[list[int | str]]:
    return [[change.n, clean(change.value)] for change in changes]


def _ms(row: dict[str, Any]) -> int:
    return round(moment(row).timestamp() * 1000)


SYMBOLS = {str(Verdict.PASS): "✓", str(Verdict.FAIL): "✗", str(Verdict.INCONCLUSIVE): "?"}
"""Beside each colour stands a sign: a light must tell without colours too."""
