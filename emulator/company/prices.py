"""Price levels: the price of an item for a customer or a line that names a level (documented: fixed percentage, or prices per item)."""

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record

HUNDRED_PERCENT = 10_000_000
"""Units of 0.00001 percent."""


def price_at(level: Record | None, item: Record, price: int | None) -> int | None:
    """Return the price of an item at a level, in 0.00001; the item's own where the level says nothing of it."""
    if level is None or price is None:
        return price
    percent = level.document.get("PriceLevelFixedPercentage")
    if percent is not None:
        return rounded_quotient(price * (HUNDRED_PERCENT + percent), HUNDRED_PERCENT)
    for line in level.document.get("PriceLevelPerItemRet") or ():
        if line["ItemRef"]["ListID"] == item.list_id:
            if line.get("CustomPrice") is not None:
                return int(line["CustomPrice"])
            return rounded_quotient(price * line["CustomPricePercent"], HUNDRED_PERCENT)
    return price
