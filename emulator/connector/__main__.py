"""`python -m emulator.connector --config FILE.json`."""

import sys

from emulator.connector.part import main

sys.exit(main())
