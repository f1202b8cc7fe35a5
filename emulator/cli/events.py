"""`fakebooks events`: who subscribed to events of a running FakeBooks, and the events that wait for a subscriber."""

import json
from typing import Annotated, Any

import typer

from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import OUT

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def events(
    subscriber: Annotated[
        str, typer.Argument(help="A SubscriberID, with or without its braces; without one all are listed.")
    ] = "",
    server: ServerOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Fetch the events that wait for a subscriber of a running `fakebooks up`, or list the subscriptions.

    The real QuickBooks calls a COM object of the subscriber with each QBXMLEvents document. Here the documents wait: this prints them, the oldest
    first, and forgets them.

    Example: fakebooks events {8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}
    """
    with control_of(server) as control:
        found = control.take_events(subscriber) if subscriber else control.subscriptions()
    if as_json:
        print(json.dumps(found, indent=2))
    elif subscriber:
        print("\n".join(event["document"].strip() for event in found), end="\n" if found else "")
    else:
        _show(found)


def _show(subscriptions: list[dict[str, Any]]) -> None:
    """Print one line for each; no table, which would cut SubscriberIDs off on a narrow terminal."""
    for each in subscriptions:
        in_force = "" if each["in_force"] else ", in force once the company file is closed"
        told = f"{each['waiting']} waiting, {each['lost']} lost{in_force}"
        line = f"{each['subscriber']} {each['kind']} on {each['machine']} for {each['application']}: {told}"
        OUT.print(line, markup=False, soft_wrap=True)
    if not subscriptions:
        OUT.print("nobody has subscribed to events")
