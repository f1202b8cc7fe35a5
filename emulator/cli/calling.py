"""Which running FakeBooks a command speaks to: one that was named, or the one whose note is found; and what it says when it refuses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, TypeAlias

import typer

from emulator import client
from emulator.core.errors import PartFailed, UserMistake

ServerOption: TypeAlias = Annotated[
    str, typer.Option("--server", help="URL of the control API of a running FakeBooks (`fakebooks up` prints it).")
]
"""The option that names a running FakeBooks."""

SERVER_FAILED: Final = 500
"""HTTP statuses from here on say that it was not the caller's mistake."""


@contextmanager
def control_of(server: str) -> Iterator[client.Control]:
    """Yield the control API of a running FakeBooks: the named one, or the one that left a note.

    Raises:
        UserMistake: none runs here, or it refused a call.
        PartFailed: it does not answer.
    """
    running = named_server(server) if server else client.find_running()
    if running is None:
        raise UserMistake("no FakeBooks runs here", expected="a running `fakebooks up`, or the URL of one after --server")
    if not answers(running):
        raise PartFailed(f"no FakeBooks answers at {running.url}; start one with `fakebooks up`")
    with client.Control(running) as control:
        try:
            yield control
        except client.ControlFailed as failed:
            raise failure_of(failed, running) from None


def failure_of(failed: client.ControlFailed, running: client.Running) -> UserMistake | PartFailed:
    """Return what to raise for a call that failed: the mistake in what was asked for, or that FakeBooks does not answer any more."""
    if not failed.status or failed.status >= SERVER_FAILED:
        return PartFailed(str(failed))
    told = {name: str(failed.told.get(name, "")) for name in ("expected", "advice")}
    return UserMistake(str(failed), running.url, **told)


def named_server(url: str) -> client.Running:
    """Return the server somebody named; its token comes from the environment or from the note of the FakeBooks that runs there.

    Raises:
        UserMistake: it is no URL, or no token is known for it.
    """
    if not url.startswith(("http://", "https://")):
        raise UserMistake(f"--server {url!r}", expected="a URL, like http://127.0.0.1:8890", advice="`fakebooks up` prints it")
    if not client.is_url(url):
        raise UserMistake(f"--server {url!r} is no URL", expected="a URL, like http://127.0.0.1:8890")
    noted = client.find_running()
    token = os.environ.get("FAKEBOOKS_TOKEN") or (noted.token if noted is not None and noted.url == url.rstrip("/") else "")
    if not token:
        raise UserMistake(f"no token for {url}", expected="FAKEBOOKS_TOKEN in the environment", advice="`fakebooks up` prints it")
    return client.Running(url.rstrip("/"), token)


def answers(running: client.Running) -> bool:
    """Return whether a FakeBooks answers there."""
    with client.Control(running) as control:
        return control.ready()
