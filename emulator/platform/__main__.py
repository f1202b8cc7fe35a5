"""Run the platform side as a process; see part.py."""

import sys

from emulator.platform.part import main

sys.exit(main())
