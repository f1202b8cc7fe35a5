"""Text packs: difficult names, addresses and memos as data, each with what QuickBooks does with it.

    pack: alphabets
    about: names of the world outside the Windows code page
    texts:
      - {id: polish, field: name, text: "Łódź", references: {damaged: "?ód?"}, raw: {refused: "0x80040400"}, standing: reported}

Files in data/texts/ are shipped; a path ending in .yaml is a pack of one's own. They are the names of customers and vendors (`texts` of a
scenario), the memos of traffic (`texts` of a traffic step), and parameters of tests (`emulator.pytest_plugin.texts`).

What QuickBooks does depends on how a text is written into the document: as character references, as careful clients do (and our
connector), or raw, as itself. What XML must escape is escaped either way; a raw carriage return is a line feed for a parser. What a pack
says holds while the switches stand at their defaults.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emulator.company import CompanyDescription
from emulator.company.description import AddressPart, CustomerPart, VendorPart
from emulator.core.errors import UserMistake, unknown
from emulator.core.files import MistakeAt, load_yaml
from emulator.core.switches import Standing
from emulator.world.catalogue import SWITCH_TABLES

_FOLDER: Final = Path(__file__).parent / "data" / "texts"

TextField = Literal["name", "address", "memo"]
"""Where a text is tried: the Name of a customer or vendor (41 characters), the first line of an address (41), a Memo (4095)."""

LENGTHS: Final[dict[str, int]] = {"name": 41, "address": 41, "memo": 4095}
"""Longest text of each field (documented)."""

Form = Literal["raw", "references"]
"""How a text is written into a document."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repeated(_Part):
    """A long text: `text` so many times."""

    repeat: str = Field(min_length=1)
    times: int = Field(ge=1, le=100_000)


class Damaged(_Part):
    """It is taken, and a query tells another text."""

    damaged: str


class Refused(_Part):
    """It is refused: the request with a status code, or (a code in quotes) the whole document."""

    refused: int | Annotated[str, Field(pattern=r"^0x[0-9A-F]{8}$")]


Outcome = Literal["kept"] | Damaged | Refused
"""What QuickBooks does with a text: a query tells it again as it was, or another one, or it is refused."""


class DifficultText(_Part):
    """One text, and what QuickBooks does with it.

    Attributes:
        id: a name that is unique in all shipped packs.
        field: where it is tried.
        given: the text, or how it is made; see `text`.
        references, raw: what QuickBooks does with it, by how it is written; `raw` is the same as `references` unless it says so.
        standing: how well that is known.
        switch: the switch on which it rests, when there is one.
        about: what is difficult in it.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    field: TextField
    given: str | Repeated = Field(alias="text")
    references: Outcome = "kept"
    raw: Outcome | None = None
    standing: Standing
    switch: str = ""
    about: str = ""

    @property
    def text(self) -> str:
        """Return the text itself."""
        return self.given if isinstance(self.given, str) else self.given.repeat * self.given.times

    def outcome(self, form: Form = "references") -> Outcome:
        """Return what QuickBooks does with it when it is written so."""
        return self.raw if form == "raw" and self.raw is not None else self.references

    def told(self, form: Form = "references") -> str | None:
        """Return what a query tells after it was written so; None when it is refused."""
        outcome = self.outcome(form)
        if isinstance(outcome, Refused):
            return None
        return outcome.damaged if isinstance(outcome, Damaged) else self.text

    @model_validator(mode="after")
    def _damage_is_a_difference(self) -> "DifficultText":
        for outcome in (self.references, self.raw):
            if isinstance(outcome, Damaged) and outcome.damaged == self.text:
                raise ValueError(f"{self.id!r} is damaged to what it is: say kept")
        return self


class TextPack(_Part):
    """A set of difficult texts of one theme."""

    pack: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    about: str
    texts: tuple[DifficultText, ...] = Field(min_length=1)


def shipped_packs() -> tuple[str, ...]:
    """Return the names of the packs that come with FakeBooks."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def pack_of(name: str) -> TextPack:
    """Read the pack that a shipped name, or a path ending in .yaml, means. Raises UserMistake."""
    if name.endswith((".yaml", ".yml")):
        return load_yaml(Path(name), TextPack, _check)
    if name not in shipped_packs():
        raise unknown("text pack", name, shipped_packs())
    return _shipped(name)


@cache
def _shipped(name: str) -> TextPack:
    return load_yaml(_FOLDER / f"{name}.yaml", TextPack, _check)


def texts_of(packs: Iterable[str], field: TextField | None = None) -> list[DifficultText]:
    """Return the texts of packs in their order, of one field or of all. Raises UserMistake for a pack that is none."""
    return [text for name in packs for text in pack_of(name).texts if field in (None, text.field)]


def some_texts_of(packs: Iterable[str], field: TextField | None = None) -> list[DifficultText]:
    """Return the same, of all shipped packs when none is named. Raises UserMistake also when there is none of this field."""
    packs = list(packs) or shipped_packs()
    found = texts_of(packs, field)
    if not found:
        raise UserMistake(
            f"text packs {', '.join(packs)} have no {field}", expected=f"at least one pack with texts of field: {field}"
        )
    return found


def memos_of(packs: Iterable[str]) -> list[str]:
    """Return the memos of packs, as traffic writes them. Raises UserMistake when they have none."""
    return [text.text for text in some_texts_of(packs, "memo")]


def filled(description: CompanyDescription, packs: Sequence[str]) -> CompanyDescription:
    """Return a description with a customer and a vendor more for each name of the packs, as QuickBooks would have kept it.

    A name that is refused, or comes to one that is there already, is passed over; addresses of the packs go round among them.

    Raises:
        UserMistake: the packs have no name.
    """
    if not packs:
        return description
    names = [told for text in some_texts_of(packs, "name") if (told := text.told())]
    addresses = [told for text in texts_of(packs, "address") if (told := text.told())]
    lists = description.lists
    customers, vendors = list(lists.customers.given), list(lists.vendors.given)
    taken = {name.casefold() for name in (*(part.name for part in customers), *(part.name for part in vendors))}
    for number, name in enumerate(names):
        if name.casefold() in taken:
            continue
        taken.add(name.casefold())
        address = AddressPart(lines=[addresses[number % len(addresses)]]) if addresses else None
        # Customers and vendors share one room of names: they take turns.
        if number % 2:
            vendors.append(VendorPart(name=name, address=address))
        else:
            customers.append(CustomerPart(name=name, address=address))
    changed = {
        "customers": lists.customers.model_copy(update={"given": customers}),
        "vendors": lists.vendors.model_copy(update={"given": vendors}),
    }
    return description.model_copy(update={"lists": lists.model_copy(update=changed)})


def _check(pack: TextPack) -> None:
    """Refuse what no single text can know: an id twice, a switch that is none. Raises MistakeAt."""
    switches = [switch.name for table in SWITCH_TABLES.values() for switch in table]
    seen: set[str] = set()
    for number, text in enumerate(pack.texts):
        if text.id in seen:
            raise MistakeAt(("texts", number, "id"), UserMistake(f"id {text.id!r} stands twice", expected="an id of its own"))
        seen.add(text.id)
        if text.switch and text.switch not in switches:
            raise MistakeAt(("texts", number, "switch"), unknown("switch", text.switch, switches))
