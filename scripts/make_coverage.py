"""Make docs/COVERAGE.md from tests that really ran: `python scripts/make_coverage.py [--check] [FOLDER]`.

    FAKEBOOKS_RECORD=FOLDER make test; FAKEBOOKS_RECORD=FOLDER make test-slow     the tests write down what they had answered
    python scripts/make_coverage.py FOLDER                                        data/coverage.json, data/touched.json and the page

Without a folder the page is made from the record that is kept. With `--check` nothing is written: exit code 1 when the record or the page is
not what the tests, the schema and the list of gaps say.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from emulator.qbxml.schema import public_requests
from emulator.world import coverage
from emulator.world.coverage import TESTED, Row

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "emulator/world/data/coverage.json"
TOUCHED = ROOT / "emulator/world/data/touched.json"
PAGE = ROOT / "docs/COVERAGE.md"

MADE = "<!-- Made by scripts/make_coverage.py from tests that ran and from emulator/world/data/gaps.toml. -->"


def main(arguments: list[str]) -> int:
    """Write the record and the page, or check them; returns the exit code."""
    check = "--check" in arguments
    folders = [argument for argument in arguments if argument != "--check"]
    if len(folders) > 1 or any(folder.startswith("-") for folder in folders):
        print(__doc__)
        return 2
    stale = []
    if folders:
        found = list(Path(folders[0]).glob("*.json"))
        if not found:
            print(f"no records in {folders[0]}; run the tests with FAKEBOOKS_RECORD={folders[0]}")
            return 2
        records = [json.loads(each.read_text(encoding="utf-8")) for each in found]
        stale += _write(KEPT, _recorded(records), check)
        if not check:
            # Not looked at by --check: what a file keeps in memory is read once, and which test comes first differs from run to run.
            stale += _write(TOUCHED, touched(records), check)
        coverage.rows.cache_clear()
    stale += _write(PAGE, page(), check)
    for path in stale:
        print(f"{path.relative_to(ROOT)} is {'not fresh' if check else 'written'}")
    return 1 if check and stale else 0


def _write(path: Path, text: str, check: bool) -> list[Path]:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    if not check:
        path.write_text(text, encoding="utf-8")
    return [path]


def _recorded(records: list[dict[str, Any]]) -> str:
    """Return the record as it is kept: request -> kinds of tests, and versions at which it was not answered."""
    tested: dict[str, set[str]] = defaultdict(set)
    answered: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for kind, request, version, good in record["asked"]:
            if good:
                answered[request].add(version)
            if good or kind in ("bent", "codes"):
                tested[request].add(kind)
    lines = []
    for name in public_requests():
        missing = [version for version in coverage.versions_of(name) if version not in answered[name]]
        kinds = [kind for kind in TESTED if kind in tested[name]]
        lines.append(f"  {json.dumps(name)}: {json.dumps({'tested': kinds, 'unanswered': missing})}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def touched(records: list[dict[str, Any]]) -> str:
    """Return what is kept of the codes and switches: request -> status codes seen, switches read while it was performed."""
    codes: dict[str, set[int]] = defaultdict(set)
    switches: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for request, code in record["codes"]:
            codes[request].add(code)
        for request, name in record["switches"]:
            switches[request].add(name)
    lines = [
        f"  {json.dumps(name)}: {json.dumps({'codes': sorted(codes[name]), 'switches': sorted(switches[name])})}"
        for name in (coverage.ANY_REQUEST, *public_requests())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def page() -> str:
    """Return the page."""
    rows = coverage.rows()
    answered, full = sum(row.answered for row in rows), sum(row.full for row in rows)
    abroad = sum(not row.supported for row in rows)
    lines = [
        "# Coverage",
        "",
        MADE,
        "",
        f"qbXML 16.0 has {len(rows)} public requests. {answered} are answered as QuickBooks of the US edition would"
        f" ({abroad} of them 1030, for it does not have them), at every version that has them; {full} in full:"
        " tests have looked at what they do, and nothing is known to be missing. `fakebooks coverage` tells the same.",
        "",
        "## What the tests show",
        "",
        *_table(("tested", "what it shows"), [(kind, about) for kind, about in TESTED.items()]),
        "",
        "## Known gaps",
        "",
        *_table(
            ("requests", "what is missing", "why"),
            [(", ".join(f"`{pattern}`" for pattern in gap.requests), gap.missing, gap.reason) for gap in coverage.gaps()],
        ),
        "",
        "## Every request",
        "",
        *_table(("request", "since", "answered", "tested", "in full"), [_cells(row) for row in rows]),
        "",
    ]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    answered = "yes" if row.answered else f"not at {', '.join(row.unanswered)}"
    if not row.supported:
        answered = "1030"
    gap = "; ".join(gap.missing for gap in row.gaps)
    return row.request, row.since, answered, ", ".join(row.tested), "yes" if row.full else gap or "no"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
