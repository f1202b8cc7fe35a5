"""Price levels: the price of an item for a customer or a line that names a level (documented: fixed percentage, or prices per item).

The customer's level gives the default price of a new line, a line's own level takes its place, and no line tells which one it was
(documented). A level per item of a foreign currency holds prices in that currency (documented: its CurrencyRef) and says nothing of sales in
another one (switch company.price-level-of-other-currency). Prices and percentages are whole 0.00001.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from emulator.company.arithmetic import HUNDRED_PERCENT, rounded_quotient
from emulator.company.currencies import price_in
from emulator.company.items import Terms
from emulator.company.records import Record

if TYPE_CHECKING:
    from emulator.company.books import Books


class Price(NamedTuple):
    """What a base unit of an item costs, or the percentage of the line above that it costs; None where nothing is said."""

    rate: int | None
    percent: int | None


def price_of(
    books: "Books", item: Record, terms: Terms, level: Record | None, currency: Record | None, exchange: Decimal | None
) -> Price:
    """Return the price of an item in a sale.

    Args:
        books: the open file.
        item: what is sold.
        terms: what the item says of being sold.
        level: the price level of line or customer.
        currency: of the sale, None for home.
        exchange: home cents for a cent of it. Items are priced in home currency; in a foreign sale their price is converted (switch
            company.foreign-item-price).
    """
    if level is None:
        return Price(_converted(books, terms.price, exchange), terms.percent)
    fixed_percent = level.document.get("PriceLevelFixedPercentage")
    if fixed_percent is not None:
        price = _changed(terms.price, HUNDRED_PERCENT + fixed_percent)
        return Price(_converted(books, price, exchange), terms.percent)
    of_level = books.currencies.of(level)
    if of_level is None or of_level is currency:
        for line in level.document.get("PriceLevelPerItemRet") or ():
            if line["ItemRef"]["ListID"] == item.list_id:
                if line.get("CustomPrice") is not None:
                    own = int(line["CustomPrice"])
                    return Price(own if of_level is not None else _converted(books, own, exchange), None)
                # For an item that costs a percentage it is another percentage; for one with a price, a part of it.
                if terms.percent is not None:
                    return Price(None, int(line["CustomPricePercent"]))
                return Price(_converted(books, _changed(terms.price, line["CustomPricePercent"]), exchange), None)
    return Price(_converted(books, terms.price, exchange), terms.percent)


def _changed(price: int | None, percent: int) -> int | None:
    return rounded_quotient(price * percent, HUNDRED_PERCENT) if price is not None else None


def _converted(books: "Books", price: int | None, exchange: Decimal | None) -> int | None:
    if price is None or exchange is None or books.settings["company.foreign-item-price"] != "converted":
        return price
    return price_in(price, exchange)
