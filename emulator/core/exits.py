"""The one table of exit codes, of every command and of every part that runs as a process."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What a command or a part tells the shell when it ends."""

    PASS = 0
    FAIL = 1
    WRONG_USE = 2
    INCONCLUSIVE = 3
    NOT_STARTED = 4
    NOT_REPRODUCED = 5
    LOST = 10
    DUPLICATED_OR_MUTATED = 11
    NOT_DRAINED = 12
    NOT_REPEATABLE = 13
    GENERATOR_LIMITED = 14
    SLO_BREACH = 99


SIGNAL_BASE: Final = 128
"""What a signal ended is told as 128 + signal, as shells do."""
