"""`python -m emulator.connector --config FILE.json`."""

import os
import sys
import threading

from emulator.connector.link import THREAD_NAME
from emulator.connector.part import main

THREAD_END_S = 1.0
"""Machine's seconds for a thread to leave COM in good order."""

code = main()
for thread in [each for each in threading.enumerate() if each.name == THREAD_NAME]:
    thread.join(THREAD_END_S)
    if thread.is_alive():
        # A call hangs in COM, perhaps for ever, and what COM does at the end of a process would wait for it. All that is ours is closed.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
sys.exit(code)
