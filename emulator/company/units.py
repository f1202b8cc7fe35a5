"""Units of measure: how many base units a quantity means, and what a price per base unit becomes per unit.

An item with a set sells and buys in any unit of it, named by name or abbreviation (3140 otherwise); stock is counted in base units.
Ratios are whole 0.00001 base units.
"""

from typing import TYPE_CHECKING

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

ONE = 100_000
"""One, in units of 0.00001."""


def ratio_of(books: "Books", item: Record, unit: str | None, used_for: str, owner: str) -> int:
    """Return base units in one `unit` of an item, in 0.00001; without a unit the default one for `used_for` (Sales, Purchase)."""
    reference = item.document.get("UnitOfMeasureSetRef")
    if reference is None:
        if unit:
            raise refuse(3140, reference="UnitOfMeasure", value=unit, object=owner)
        return ONE
    units = books.records.by_id("unit-of-measure-set", reference["ListID"])
    assert units is not None, reference
    if not unit:
        defaults = units.document.get("DefaultUnit") or ()
        unit = next((each["Unit"] for each in defaults if each["UnitUsedFor"] == used_for), None)
        if unit is None:
            return ONE
    wanted = unit.casefold()
    base = units.document["BaseUnit"]
    if wanted in (base["Name"].casefold(), base["Abbreviation"].casefold()):
        return ONE
    for each in units.document.get("RelatedUnit") or ():
        if wanted in (each["Name"].casefold(), each["Abbreviation"].casefold()):
            return int(each["ConversionRatio"])
    raise refuse(3140, reference="UnitOfMeasure", value=unit, object=owner)


def in_base_units(quantity: int, ratio: int) -> int:
    """Return a quantity of a unit in base units."""
    return quantity if ratio == ONE else rounded_quotient(quantity * ratio, ONE)


def price_per_unit(price: int, ratio: int) -> int:
    """Return the price of a unit from the price of a base unit."""
    return price if ratio == ONE else rounded_quotient(price * ratio, ONE)
