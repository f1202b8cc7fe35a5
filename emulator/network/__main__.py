"""`python -m emulator.network --config FILE.json`."""

import sys

from emulator.network.part import main

sys.exit(main())
