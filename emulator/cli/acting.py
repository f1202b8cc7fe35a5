"""`fakebooks act`: let a person act in a running FakeBooks, as a step `do:` of a story does."""

import json
from typing import Annotated

import typer

from emulator.cli.calling import ServerOption, control_of
from emulator.cli.console import OUT
from emulator.cli.fields import fields_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def act(
    name: Annotated[
        str, typer.Argument(help="What somebody does, like admin.answer_prompt; without it all are listed.", metavar="ACT")
    ] = "",
    words: Annotated[
        list[str] | None, typer.Argument(help="Its arguments; values are YAML.", metavar="ARGUMENT=VALUE ...")
    ] = None,
    server: ServerOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Let a person act in a running `fakebooks up`: log in, switch the mode, close a dialog, answer the authorisation prompt, ...

    The acts are those of the steps `do:` in a scenario file. Who is refused is told why, with exit code 2.

    Example: fakebooks act accountant.switch_mode mode=single
    """
    with control_of(server) as control:
        if not name:
            found = control.acts()
            if as_json:
                print(json.dumps(found, indent=2))
                return
            for each in found:
                arguments = "".join(f" {argument}=..." for argument in each["arguments"])
                OUT.print(f"{each['name']}{arguments}\n    {each['about']}", markup=False, soft_wrap=True)
            return
        told = control.act(name, fields_of(words or []))
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        OUT.print(f"{name}: {told['result']}{', ' + str(told['told']) if told['told'] else ''}", markup=False, soft_wrap=True)
