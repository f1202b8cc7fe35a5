"""`python -m emulator.com.probe`, and what a packed probe runs."""

from __future__ import annotations

import sys

try:
    from .program import main
except KeyboardInterrupt:  # it takes a while to import
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
