"""`fakebooks texts`: the text packs, and what QuickBooks does with each of their texts."""

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Column, Table
from rich.text import Text

from emulator.cli.console import OUT
from emulator.world import Damaged, DifficultText, Outcome, Refused, TextPack, pack_of, shipped_packs

app = typer.Typer(add_completion=False, rich_markup_mode=None)

SHOWN_MAX: Final = 44
"""How much of a text the table shows; `--json` has the whole."""


@app.command()
def texts(
    pack: Annotated[
        str, typer.Argument(help="One pack: a shipped name, or a .yaml file. Without one all that are shipped.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List difficult names, addresses and memos for tests, and what QuickBooks does with each: kept, damaged to what, or refused.

    A program may write a text as character references, or raw, as itself: what becomes of it can differ.

    Example: fakebooks texts alphabets
    """
    packs = [pack_of(name) for name in ([pack] if pack else shipped_packs())]
    if as_json:
        print(json.dumps([_facts(each) for each in packs], indent=2))
        return
    for each in packs:
        OUT.print(f"{each.pack}: {each.about}", markup=False)
        table = Table(
            Column("id", no_wrap=True),
            "field",
            "text",
            "as references",
            "raw",
            "standing",
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
        )
        for text in each.texts:
            same = text.outcome("raw") == text.outcome()
            raw = "the same" if same else _in_words(text.outcome("raw"))
            references = _in_words(text.outcome())
            table.add_row(text.id, text.field, Text(_shown(text.text)), Text(references), Text(raw), text.standing)
        OUT.print(table)
        OUT.print()


def _in_words(outcome: Outcome) -> str:
    if isinstance(outcome, Damaged):
        return f"damaged: {_shown(outcome.damaged)}"
    return f"refused: {outcome.refused}" if isinstance(outcome, Refused) else "kept"


def _shown(text: str) -> str:
    """Return a text on one line: what cannot be seen as its escape, blanks at the ends between quotes, a long one cut."""
    seen = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    if len(seen) > SHOWN_MAX:
        return f"{seen[: SHOWN_MAX - 20]}… ({len(text)} characters)"
    return f"'{seen}'" if seen != seen.strip() or not seen else seen


def _facts(pack: TextPack) -> dict[str, Any]:
    return {"pack": pack.pack, "about": pack.about, "texts": [_text_facts(text) for text in pack.texts]}


def _text_facts(text: DifficultText) -> dict[str, Any]:
    facts: dict[str, Any] = {"id": text.id, "field": text.field, "text": text.text}
    for form in ("references", "raw"):
        outcome = text.outcome("raw" if form == "raw" else "references")
        facts[form] = (
            {"outcome": outcome} if outcome == "kept" else {"outcome": type(outcome).__name__.lower(), **_fields(outcome)}
        )
    return facts | {"standing": text.standing, "switch": text.switch, "about": text.about}


def _fields(outcome: Outcome) -> dict[str, Any]:
    """Return what a query tells, or the code of the refusal."""
    if isinstance(outcome, Damaged):
        return {"told": outcome.damaged}
    return {"code": str(outcome.refused)} if isinstance(outcome, Refused) else {}
