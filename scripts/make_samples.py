"""Write the rows of the sample companies that are shipped made: `python scripts/make_samples.py [--check]`.

    emulator/company/fixtures/made/NAME.json   what the description NAME.yaml comes to (see emulator/company/made.py)

A maintainer runs it after a change of a shipped description, of the format of company files, or of how companies are made. With `--check`
nothing is written: exit code 1 when a file is not what its description comes to (a test runs it so).
"""

import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from emulator.company import Company, described
from emulator.company.made import SAMPLES, path_of_rows, told

A_DAY = datetime(2030, 1, 1, tzinfo=UTC)
"""Any day after the samples began: they come to the same on all of them."""


def main(arguments: list[str]) -> int:
    """Write the files, or check them; returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = 0
    for name in SAMPLES:
        path, text = path_of_rows(name), made(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{path.name} {'is not what its description comes to' if arguments else 'is written'}")
        if not arguments:
            path.write_text(text, encoding="utf-8")
    return 1 if arguments and stale else 0


def made(name: str) -> str:
    """Return the rows of a sample, made from its description."""
    description = described(name)
    started = description.company.started.replace(tzinfo=ZoneInfo(description.company.timezone))
    company = Company.create(None, description, lambda: A_DAY)
    try:
        return told(name, company._store, started)
    finally:
        company.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
