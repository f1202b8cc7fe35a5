"""`fakebooks up`: all parts until Ctrl-C."""

import asyncio
import ipaddress
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from emulator.cli.console import OUT
from emulator.cli.shared import SAMPLE_COMPANY, LikeOption, address_of, writable
from emulator.control.up import keep_up
from emulator.core.errors import UserMistake
from emulator.core.transport import PORT
from emulator.world import WorldConfig

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def up(
    company: Annotated[
        str, typer.Option(help="A shipped company, a .yaml file, or a company file, of which a copy is opened.")
    ] = SAMPLE_COMPANY,
    listen: Annotated[
        str, typer.Option(help="HOST:PORT of the fault proxy: the port the platform side calls.")
    ] = f"127.0.0.1:{PORT}",
    control: Annotated[str, typer.Option(help="HOST:PORT of the control API; port 0 lets the system choose.")] = "127.0.0.1:8890",
    control_from: Annotated[
        list[str] | None,
        typer.Option(help="Address of another host that may call the control API with its token; without it only this one may."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the company file, the journal, mails and logs.")] = Path("out"),
    seed: Annotated[int, typer.Option(help="Seed of all chance.", min=0, max=2**63 - 1)] = 1,
    scale: Annotated[float, typer.Option(help="Story seconds per second.", min=0.001, max=3600)] = 1.0,
    like: LikeOption = None,
) -> None:
    """Run all parts until Ctrl-C: QuickBooks, our connector behind port 8891, the platform side, the mail server, the control API.

    The connector is started by the book: user Goflow is logged in, the dot is green, the platform side is Connected.

    Example: fakebooks up --listen 127.0.0.1:8891
    """
    config = WorldConfig(seed=seed, company=company, like=str(like or "")).alike()
    callers = [_ip_address(each) for each in control_from or ()]
    writable(out)
    asyncio.run(keep_up(config, out / "up", address_of(listen), address_of(control), scale, _show_urls, callers=callers))


def _ip_address(text: str) -> str:
    """Return an address as sockets tell it. Raises UserMistake."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise UserMistake(f"--control-from {text!r}", expected="an IP address, like 192.168.1.20") from None


def _show_urls(urls: dict[str, str]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, url in urls.items():
        table.add_row(name, url)
    OUT.print(table)
    OUT.print("running until Ctrl-C", style="dim")
