"""cli: the command `fakebooks`. Each command says what it does with an example; a mistake gets one line that says what to do.

Exit codes are those of `emulator.core.exits`; `exec` passes on its program's own.
"""

import gc
import sys


def run() -> None:
    """Run the command line and end the process; the entry point of `fakebooks`.

    Nothing that is imported is garbage: to look through it for some costs a fifth of a start, and an end as much again.
    """
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
