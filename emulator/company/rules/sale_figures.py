"""The figures of one line of a sale: quantity, rate, percentage, amount, markup.

Documented: quantity and rate give the amount; quantity and amount give the rate; with both rate and amount the rate is ignored with a
warning; an item's own price stands in for what is left out; a percentage acts on the line above. What calculates carries no quantity; the
first tax line works itself out, one below another tax line needs an amount, and the rate of a tax line shows its amount.

A line that a Mod leaves alone keeps its figures as they were rounded, but for a percentage, which acts on the line above as it is now (a tax
line keeps its amount: switch company.tax-line-in-mod). A line of an order or in another unit keeps its rate, carried over into the unit
(inferred). Rates and quantities are whole 0.00001.
"""

from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import amount_of, percent_of, rate_of, warn_of_ignored, within_limits
from emulator.company.items import TAXES
from emulator.company.prices import Price
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save
from emulator.company.rules.form import Line
from emulator.company.units import ONE, price_in_other_unit, price_per_unit
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_NAMES: Final = ("Quantity", "Rate", "RatePercent", "Amount")
_MARKUPS: Final = ("MarkupRate", "MarkupRatePercent")
_ANY_MARKUP: Final = frozenset(_MARKUPS)
CENT: Final = 1000
"""Units of 0.00001 in a cent."""


def figures_of(
    books: "Books", line: Line, price: Price, ratio: int, old_ratio: int, above_cents: int, warnings: list[Status]
) -> Values:
    """Return quantity, rate or percentage, amount and markup of a line, as an answer tells them.

    Args:
        books: the open file.
        line: the line; what stands of it belongs to the same item.
        price: what a base unit of the item costs in this sale.
        ratio: base units in the unit of the line.
        old_ratio: base units in the unit in which the line stands.
        above_cents: the amount that a percentage acts on.
        warnings: gets the warning of a rate that is ignored.
    """
    if not line.stored:
        # Nearly every line is new: nothing that stands is looked at.
        asked, markup = line.said, {} if _ANY_MARKUP.isdisjoint(line.said) else _of(line.said, _MARKUPS)
    else:
        markup, stored = _markup(line), _of(line.stored, _NAMES)
        stands = not line.figures_said and ratio == old_ratio and markup == _of(line.stored, _MARKUPS)
        if stands and "RatePercent" not in stored:
            return {**stored, **markup}
        asked = _asked(line, stored, ratio, old_ratio)
    get = asked.get
    quantity, rate, percent, amount_cents = get("Quantity"), get("Rate"), get("RatePercent"), get("Amount")
    result: Values = {} if quantity is None else {"Quantity": quantity}
    if rate is None and amount_cents is None:
        percent = percent if percent is not None else price.percent
        if percent is not None:
            result |= {"RatePercent": percent, "Amount": percent_of(above_cents, percent), **markup}
            within_limits("Amount", result["Amount"])
            return result
        rate = price_per_unit(price.rate or 0, ratio)
    if amount_cents is None:
        assert rate is not None
        result["Rate"] = rate
        amount_cents = amount_of(quantity if quantity is not None else ONE, rate)
        if markup:
            amount_cents = _marked_up(markup, amount_cents)
    else:
        if rate is not None:
            warn_of_ignored(books, "Rate", rate, quantity, amount_cents, warnings)
        if quantity:
            result["Rate"] = rate_of(amount_cents, quantity)
        elif quantity is None:
            result["Rate"] = amount_cents * CENT
    result["Amount"] = amount_cents
    result.update(markup)
    within_limits("Amount", amount_cents, result.get("Rate", 0))
    return result


def _asked(line: Line, stored: Values, ratio: int, old_ratio: int) -> Values:
    """Return quantity, rate, percentage and amount of a line that stands in the shape of an Add.

    The amount is worked out anew when quantity, unit or rate are said without it.
    """
    said = _of(line.said, _NAMES)
    quantity = _of(stored, ("Quantity",))
    if not said.keys().isdisjoint({"Rate", "RatePercent", "Amount"}) or line.said.get("PriceLevelRef") is not None:
        return {**quantity, **said}
    if "RatePercent" in stored:
        # Cleared, the percentage leaves its amount behind (our choice).
        kept = "RatePercent" if "RatePercent" not in line.said else "Amount"
        return {**quantity, kept: stored[kept], **said}
    rate = {"Rate": price_in_other_unit(stored["Rate"], old_ratio, ratio)} if "Rate" in stored else {}
    return {**quantity, **rate, **said}


def calculated_figures(
    books: "Books", kind: str, item: Record, line: Line, price: Price, above_cents: int, below_tax: bool, warnings: list[Status]
) -> Values:
    """Return rate or percentage and amount of a discount, a payment or a tax, as an answer tells them.

    A discount and a payment lower the sale, however their sign is written (switch company.discount-sign).

    Args:
        books: the open file.
        kind: the noun of the sale.
        item: what calculates.
        line: the line; what stands of it belongs to the same item.
        price: the item's own rate or percentage.
        above_cents: the amount that a percentage acts on.
        below_tax: whether the line above is a tax line.
        warnings: gets the warning of a rate that is ignored.
    """
    if line.said.get("Quantity") is not None:
        raise cannot_save(kind, f"The item {item.full_name} takes no quantity.")
    asked = _of(line.said, _NAMES)
    if line.stored and not line.figures_said:
        percent_stands = line.value("RatePercent") is not None
        asked = _of(line.stored, ("RatePercent",) if percent_stands else ("Amount",))
    rate, percent, amount_cents = (asked.get(name) for name in ("Rate", "RatePercent", "Amount"))
    if rate is not None and amount_cents is not None:
        warn_of_ignored(books, "Rate", rate, None, amount_cents, warnings)
    elif rate is not None:
        amount_cents = amount_of(ONE, rate)
    if item.kind in TAXES:
        if amount_cents is None:
            percent = percent if percent is not None else 0 if below_tax else price.percent or 0
            amount_cents = percent_of(above_cents, percent)
        result: Values = {"Rate": amount_cents * CENT, "Amount": amount_cents}
    elif amount_cents is None and (percent is not None or price.percent is not None):
        percent = percent if percent is not None else price.percent
        assert percent is not None
        result = {"RatePercent": percent, "Amount": percent_of(above_cents, percent)}
    else:
        amount_cents = amount_cents if amount_cents is not None else amount_of(ONE, price.rate or 0)
        result = {"Rate": amount_cents * CENT, "Amount": amount_cents}
        if item.kind == "ItemPayment":
            del result["Rate"]
    lowers = item.kind not in TAXES and books.settings["company.discount-sign"] == "lowers"
    if lowers and result["Amount"] > 0 and (above_cents >= 0 or "RatePercent" not in result):
        result = {name: -value for name, value in result.items()}
    within_limits("Amount", result["Amount"])
    return result


def _of(values: Values, names: tuple[str, ...]) -> Values:
    return {name: values[name] for name in names if values.get(name) is not None}


def _markup(line: Line) -> Values:
    """Return the markup of a line of an estimate: what is said, else what stands; a price level takes its place (schema: a choice)."""
    said = _of(line.said, _MARKUPS)
    if said or line.said.get("PriceLevelRef") is not None:
        return said
    return {name: value for name, value in _of(line.stored, _MARKUPS).items() if name not in line.said}


def _marked_up(markup: Values, amount_cents: int) -> int:
    """Return an amount with its markup (inferred: a markup raises the amount, the rate is the cost)."""
    if "MarkupRatePercent" in markup:
        return amount_cents + percent_of(amount_cents, markup["MarkupRatePercent"])
    return amount_cents + amount_of(ONE, markup.get("MarkupRate", 0))
