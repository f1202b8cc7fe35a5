"""cli: the command `fakebooks`. Each command says what it does with an example; a mistake gets one line that says what to do.

Exit codes are those of `emulator.core.exits`; `exec` passes on its program's own.
"""

import gc
import os
import sys
from contextlib import suppress


def _open_standard_streams() -> None:
    """Put nothing where a standard stream is closed: whatever is opened next would stand there, and get what is meant for the stream."""
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)


def run() -> None:
    """Run the command line and end the process; the entry point of `fakebooks`.

    Nothing that is imported is garbage: to look through it for some costs a fifth of a start, and an end as much again.
    """
    _open_standard_streams()
    gc.disable()
    from emulator.cli import main

    if sys.argv[1:] and sys.argv[1] in main.COMMANDS:
        main.command(sys.argv[1])
    gc.freeze()
    gc.enable()
    try:
        main.main()
    finally:
        gc.freeze()
