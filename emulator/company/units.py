"""Units of measure: how many base units a quantity means, and what a price per base unit becomes per unit.

An item with a set sells and buys in any unit of it, named by name or abbreviation; a unit that its set lacks, or a unit of an item without a
set, is an invalid reference (3140; reported for options that are not set up). Stock is counted in base units (documented). A line may name
another set than its item's (documented: OverrideUOMSetRef). Ratios are whole 0.00001 base units.
"""

from typing import TYPE_CHECKING

from emulator.company.arithmetic import quantity_of, rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

ONE = 100_000
"""One, in units of 0.00001."""


def units_of(books: "Books", item: Record, override: Values | None = None) -> Record | None:
    """Return the set of units that a line of an item is in: `override` (a stored or said reference), else the item's own."""
    if override is not None:
        return books.references.find("OverrideUOMSetRef", override, item.kind)
    return books.references.held("UnitOfMeasureSetRef", item.document)


def default_unit(units: Record | None, used_for: str) -> str | None:
    """Return the unit that a line is in which names none: the default of its set for `used_for` (Sales, Purchase), or None."""
    defaults = units.document.get("DefaultUnit") or () if units is not None else ()
    return next((each["Unit"] for each in defaults if each["UnitUsedFor"] == used_for), None)


def ratio_in(units: Record | None, unit: str | None, owner: str) -> int:
    """Return base units in one `unit` of a set; without a unit, one. Raises 3140 for a unit that is not of the set."""
    if not unit:
        return ONE
    wanted = unit.casefold()
    if units is not None:
        base = units.document["BaseUnit"]
        if wanted in (base["Name"].casefold(), base["Abbreviation"].casefold()):
            return ONE
        for each in units.document.get("RelatedUnit") or ():
            if wanted in (each["Name"].casefold(), each["Abbreviation"].casefold()):
                return int(each["ConversionRatio"])
    raise refuse(3140, reference="UnitOfMeasure", value=unit, object=owner)


def ratio_of(books: "Books", item: Record, unit: str | None, used_for: str, owner: str, override: Values | None = None) -> int:
    """Return base units in one `unit` of an item, in 0.00001; without a unit the default one for `used_for` (Sales, Purchase).

    `override` is the set that a line names in the place of the item's own.
    """
    units = units_of(books, item, override)
    return ratio_in(units, unit or default_unit(units, used_for), owner)


def in_base_units(quantity: int, ratio: int) -> int:
    """Return a quantity of a unit in base units. Raises 3101 when it is too large to keep."""
    return quantity if ratio == ONE else quantity_of(quantity * ratio, ONE)


def price_per_unit(price: int, ratio: int) -> int:
    """Return the price of a unit from the price of a base unit."""
    return price if ratio == ONE else rounded_quotient(price * ratio, ONE)


def price_in_other_unit(price: int, ratio: int, other_ratio: int) -> int:
    """Return the price of another unit from the price of a unit."""
    return price if ratio == other_ratio else rounded_quotient(price * other_ratio, ratio)
