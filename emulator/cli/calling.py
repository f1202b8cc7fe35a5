"""Which running FakeBooks a command speaks to: one that was named, or the one whose note is found."""

import os

from emulator import client
from emulator.core.errors import UserMistake


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
