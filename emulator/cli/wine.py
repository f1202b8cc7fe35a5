"""`fakebooks wine`: a Windows of Wine's, or a real one, in which programs find QuickBooks."""

import os
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from emulator.cli.console import ERR, OUT
from emulator.com.exec import ENVIRONMENT_VARIABLE, Streams
from emulator.com.wine.prefix import (
    NAME,
    WIDTHS,
    default_prefix,
    find_wine,
    is_fresh,
    missing_of,
    module_of,
    set_up,
    warm,
    wine_command,
    wine_environment,
)
from emulator.com.wine.registry import registering, unregistering
from emulator.com.wine.streams import piped
from emulator.core.errors import UserMistake

app = typer.Typer(add_completion=False, rich_markup_mode=None)
wine = typer.Typer(add_completion=False, rich_markup_mode=None)
app.add_typer(wine, name="wine")


@wine.callback(invoke_without_command=True)
def windows(context: typer.Context) -> None:
    """Prepare a Windows in which programs find QuickBooks: a prefix of Wine, or files for a real one.

    Example: fakebooks wine setup
    """
    if context.invoked_subcommand is None:
        OUT.print(context.get_help(), markup=False, soft_wrap=True)


@wine.command()
def setup(
    prefix: Annotated[Path | None, typer.Option(help="The Wine prefix; the default is in your state folder.")] = None,
) -> None:
    """Make a Wine prefix with QuickBooks in it, or refresh one.

    `exec --wine` does this by itself; here it can be done beforehand, or to a prefix of yours.

    Example: fakebooks wine setup --prefix ~/.wine
    """
    found = find_wine()
    folder = prefix or default_prefix(os.environ)
    set_up(folder, found, os.environ)
    OUT.print(
        f"{folder}: programs find QuickBooks ({' and '.join(found.widths)}), by Wine at {found.loader}",
        markup=False,
        soft_wrap=True,
    )
    if missing_of(found):
        OUT.print(missing_of(found), markup=False, soft_wrap=True)


@wine.command()
def reg(
    folder: Annotated[Path, typer.Argument(help="Where to write: a new or empty folder.")],
    at: Annotated[str, typer.Option(help="Where the folder will be on the Windows machine.")] = "C:\\fakebooks",
) -> None:
    r"""Write what a native Windows needs: the modules, register.reg and unregister.reg, for one user and without an administrator.

    There: reg import register.reg, and set FAKEBOOKS_COM to the address of the wire.

    Example: fakebooks wine reg windows --at D:\fakebooks
    """
    at = at.rstrip("\\")
    if len(at) < 2 or not (at[1] == ":" or at.startswith("\\\\")) or set('"<>|?*\r\n') & set(at):
        raise UserMistake(f"{at!r}", where="--at", expected="a whole Windows path, like C:\\fakebooks")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserMistake(f"{folder} is not empty", expected="a new or empty folder")
    for width in WIDTHS:
        (folder / width).mkdir(parents=True)
        shutil.copyfile(module_of(width), folder / width / NAME)
    for name, text in (("register.reg", registering(at)), ("unregister.reg", unregistering())):
        # Regedit reads UTF-16 with a byte order mark.
        (folder / name).write_bytes(text.encode("utf-16"))
    OUT.print(
        f"{folder}: copy it to {at}, there: reg import {at}\\register.reg, and set {ENVIRONMENT_VARIABLE}",
        markup=False,
        soft_wrap=True,
    )


class WindowsPrograms:
    """What runs Windows programs for `fakebooks exec --wine`: Wine and a prefix, made when it is not there or is an older FakeBooks'.

    Raises UserMistake when there is no Wine, or the command is nothing that it runs.
    """

    def __init__(self, prefix: Path | None, command: Sequence[str]) -> None:
        self._wine = find_wine()
        self._prefix = prefix or default_prefix(os.environ)
        # Before a prefix is made, which takes long; and again afterwards, for names that only a prefix has.
        wine_command(self._wine, command, self._prefix, os.environ)
        if not is_fresh(self._prefix, self._wine):
            ERR.print(f"fakebooks: preparing {self._prefix} for Windows programs, once", markup=False, soft_wrap=True)
            set_up(self._prefix, self._wine, os.environ)

    def command(self, command: Sequence[str]) -> list[str]:
        """Return the command line for a Windows program."""
        return wine_command(self._wine, command, self._prefix, os.environ)

    def warm(self) -> AbstractContextManager[None]:
        """Return what starts Wine while QuickBooks is started."""
        return warm(self._prefix, self._wine, os.environ)

    def streams(self) -> AbstractContextManager[Streams]:
        """Return what gives a program our standard streams."""
        return piped()

    def environment(self, url: str) -> dict[str, str]:
        """Return its environment."""
        return wine_environment(self._prefix, os.environ, url)
