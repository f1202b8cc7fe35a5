"""`python -m emulator.com.probe`, and what a packed probe runs."""

from __future__ import annotations

import sys

from .program import main

if __name__ == "__main__":
    sys.exit(main())
