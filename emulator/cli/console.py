"""Where the commands print. Apart from what else they share: it imports rich, which a program under `fakebooks exec` must not wait for."""

import os
from typing import Final

from rich.console import Console


class _Console(Console):
    """A console whose reader may leave (`| head`): the command goes on in silence, and its exit code says what it would have said."""

    def on_broken_pipe(self) -> None:
        """Print into nothing from now on."""
        self.quiet = True
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2 if self.stderr else 1)
        os.close(nothing)


OUT: Final = _Console(highlight=False)
ERR: Final = _Console(stderr=True, highlight=False)
