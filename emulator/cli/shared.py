"""What the commands have in common: how they read addresses and folders, how a mistake ends them."""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from emulator.core.errors import UserMistake
from emulator.core.transport import PORT

LikeOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--like",
        help="Behave like a real QuickBooks: switches, wording and latency, as `fakebooks parity FILE --out` writes them.",
        metavar="FILE",
    ),
]
"""The option that names a likeness."""

SAMPLE_COMPANY: Final = "wholesale_small"
"""The shipped company that is meant when nobody names one."""


def say(text: str, code: int) -> int:
    """Print one line on standard error; returns the exit code it was given."""
    from emulator.cli.console import ERR  # a command that has nothing to say does not wait for it

    ERR.tell(f"fakebooks: {text}")
    return code


def writable(folder: Path) -> None:
    """Make the folder for artefacts now: a story shall not be told for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserMistake(
            f"cannot write to {folder}: {error.strerror}", expected="a folder that can be made, for --out"
        ) from None


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT; an IPv6 address may stand in brackets, as in URLs. Raises UserMistake."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not colon or not port.isdigit() or int(port) > 65535:
        raise UserMistake(f"address {text!r}", expected=f"HOST:PORT, like 127.0.0.1:{PORT}")
    return host or "127.0.0.1", int(port)
