"""Artefacts: the files a run leaves for people and for CI.

    out/junit.xml
    out/SCENARIO/journal.jsonl   every row
    out/SCENARIO/timeline.html   the whole story on one page
    out/SCENARIO/ledger.csv      each document beside what the books hold of it
    out/SCENARIO/summary.json    verdicts, counterexamples, faults and their hits, the switches it rests on
    out/SCENARIO/repro.sh        the one command that repeats the run
    out/SCENARIO/mail/*.eml      written by the mailbox while the story went on

Each file is whole or not there: it is written beside its place and then moved.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from emulator.core.journal import line
from emulator.core.showing import clean
from emulator.scenario.report.html import timeline_page
from emulator.scenario.report.junit import junit_xml
from emulator.scenario.report.ledger import LedgerLine, counts, ledger
from emulator.scenario.report.story import Story


def write_story(story: Story, folder: Path) -> list[Path]:
    """Write a story's files into its folder (made if need be), and return them. The journal must be closed before."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    # Row by row: a journal may be longer than the memory is large.
    journal = _write(folder / "journal.jsonl", _hashed((line(row) for row in story.evidence.rows), digest.update))
    lines = ledger(story.evidence)
    summary = json.dumps(summary_of(story, lines, digest.hexdigest()), ensure_ascii=False, indent=2) + "\n"
    files = {
        "timeline.html": timeline_page(story),
        "ledger.csv": ledger_csv(lines),
        "summary.json": summary,
        "repro.sh": repro_script(story),
    }
    written = [_write(folder / name, [content.encode("utf-8", "backslashreplace")]) for name, content in files.items()]
    (folder / "repro.sh").chmod(0o755)
    return [journal, *written]


def _hashed(lines: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for each in lines:
        update(each)
        yield each


def write_junit(stories: Sequence[Story], out: Path) -> Path:
    """Write out/junit.xml for all stories of a run."""
    out.mkdir(parents=True, exist_ok=True)
    return _write(out / "junit.xml", [junit_xml(stories)])


def summary_of(story: Story, lines: list[LedgerLine], journal_sha256: str) -> dict[str, Any]:
    """Return summary.json: what a script wants to know of a run. The journal's SHA-256 tells whether two runs were the same."""
    return {
        "scenario": story.scenario,
        "file": story.file,
        "seed": story.seed,
        "clock": story.clock,
        "verdict": str(story.verdict),
        "exit_code": story.exit_code.value,
        "repeat": story.repeat_line,
        "rows": len(story.evidence.rows),
        "journal_sha256": journal_sha256,
        "documents": counts(lines),
        "findings": [finding.as_json() for finding in story.findings],
        "switches": story.choices.as_json(),
        "faults": [
            {"name": fault.name, "of": fault.of, "point": fault.point, "hits": len(fault.hits), "hit_rows": list(fault.hits)}
            for fault in story.faults
        ],
    }


def ledger_csv(lines: Iterable[LedgerLine]) -> str:
    """Return ledger.csv. Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for each in lines:
        accepted = each.accepted or {}
        record = each.record
        table.writerow(
            [
                each.what,
                each.state,
                _cell(accepted.get("key") or (record.key if record else "")),
                _cell(accepted.get("document") or (record.kind if record else "")),
                _cell(accepted.get("number") or (record.number if record else "")),
                _cell(accepted.get("party") or (record.party if record else "")),
                accepted.get("total_cents", ""),
                record.total_cents if record else "",
                _cell(record.party) if record else "",
                _cell(record.number) if record else "",
                record.date if record else "",
                record.id if record else "",
                record.created if record else "",
                _cell(record.by) if record else "",
            ]
        )
    return text.getvalue()


def repro_script(story: Story) -> str:
    """Return repro.sh: a shell script of one command."""
    return f"#!/bin/sh\n# {clean(story.scenario)}, seed {story.seed}: {story.verdict}\nexec {clean(story.repeat_line)}\n"


def _cell(value: object) -> str:
    text = clean(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _write(path: Path, parts: Iterable[bytes]) -> Path:
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        file.writelines(parts)
    return beside.replace(path)


COLUMNS: Final = (
    "class", "state", "key", "document", "number", "party", "accepted_cents", "booked_cents", "booked_party", "booked_number", "date",
    "id", "created", "by",
)  # fmt: skip
"""Columns of ledger.csv; amounts in cents."""
