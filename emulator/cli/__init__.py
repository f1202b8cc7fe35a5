"""cli: the command `fakebooks`. Each command says what it does with an example; a mistake gets one line that says what to do.

Exit codes are those of `emulator.core.exits`; `exec` passes on its program's own.
"""

from emulator.cli.main import COMMANDS, command, main

__all__ = ["COMMANDS", "command", "main"]
