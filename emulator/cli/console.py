"""Where the commands print. Apart from what else they share: it imports rich, which a program under `fakebooks exec` must not wait for."""

import os
from typing import Final

from rich.console import Console

from emulator.core.showing import one_line


class _Console(Console):
    """A console whose reader may leave (`| head`): the command goes on in silence, and its exit code says what it would have said."""

    def tell(self, text: str) -> None:
        """Print a text as one line, whatever it holds: nothing in it is markup, is wrapped, or steers the terminal."""
        self.print(one_line(text), markup=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Print into nothing from now on."""
        self.quiet = True
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2 if self.stderr else 1)
        os.close(nothing)


# Words between colons are words: `:bomb:` in a name is no picture.
OUT: Final = _Console(highlight=False, emoji=False)
ERR: Final = _Console(stderr=True, highlight=False, emoji=False)
