"""Currencies of a company that keeps several: whose is whose, and at which rate.

A customer, vendor or account has one currency for ever; a transaction has that of its name or main account; the rate is given with it, else
the currency's own (inferred from the forms on screen). A company of one currency has none of this: CurrencyRef is answered 3250 and
an ExchangeRate passes unheard (switch company.exchange-rate-without-currencies).
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from emulator.company.arithmetic import RATE_MAX
from emulator.company.ledger import Posting, home_cents_of
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

HOME_CURRENCY = "US Dollar"
"""Name of the currency of a US company."""

ONE = Decimal(1)


class Currencies:
    """The currencies of one company."""

    def __init__(self, books: "Books") -> None:
        self._books = books
        self.several = "currencies" in books.features.on
        """Whether the company keeps several."""

    @property
    def home(self) -> Record | None:
        """The company's own currency; None where it keeps only one and has no list of them."""
        return self._books.records.by_name("currency", HOME_CURRENCY)

    def is_foreign(self, reference: Values | None) -> bool:
        """Return whether a stored CurrencyRef names another currency than the company's own."""
        return self.several and reference is not None and reference.get("FullName") != HOME_CURRENCY

    def of(self, *records: Record | None) -> Record | None:
        """Return the foreign currency of the first of these records that has one."""
        if not self.several:
            return None
        for record in records:
            reference = record.document.get("CurrencyRef") if record is not None else None
            if reference is not None:
                return self._books.records.by_id("currency", reference["ListID"]) if self.is_foreign(reference) else None
        return None

    def rate(self, currency: Record | None, values: Values) -> Decimal | None:
        """Return home cents for a cent of a currency: the ExchangeRate given, else the currency's own, else one; None for home."""
        if currency is None:
            given = values.get("ExchangeRate")
            if given and self._books.settings["company.exchange-rate-without-currencies"] == "refused":
                raise refuse(3250)
            return None
        text = values.get("ExchangeRate") or currency.document.get("ExchangeRate")
        try:
            rate = Decimal(str(text)) if text else ONE
        except InvalidOperation:
            rate = Decimal(0)
        if rate <= 0:
            raise refuse(3210, field="ExchangeRate", value=text)
        return rate

    def refuse_other(self, kind: str, currency: Record | None, account: Record) -> None:
        """Raise 3180 for an account that is kept in another currency than the transaction's; one in the company's own takes any."""
        own = self.of(account)
        if own is not None and own is not currency:
            raise cannot_save(kind, f"The account {account.full_name} is in another currency.")

    def shown(self, currency: Record | None, rate: Decimal | None, amounts: Values) -> Values:
        """Return CurrencyRef, ExchangeRate and the amounts in home currency of an answer; nothing where there is one currency only.

        Args:
            currency: of the transaction, None for home.
            rate: home cents for a cent of it.
            amounts: name of the element -> cents.
        """
        if not self.several:
            return {}
        shown = currency if currency is not None else self.home
        result: Values = {name: home_cents_of(cents, rate) for name, cents in amounts.items()}
        if shown is not None:
            result["CurrencyRef"] = shown.reference
        result["ExchangeRate"] = written_rate(rate if rate is not None else ONE)
        return result


def written_rate(rate: Decimal) -> str:
    """Return an exchange rate as an answer tells it: without zeros at its end, never with an exponent."""
    return format(rate.normalize(), "f")


def worth(postings: list[Posting], rate: Decimal) -> list[Posting]:
    """Return the rows of a transaction with what they are worth in home currency, making zero.

    The first row, the receivable or the money, is worth exactly its amount at the rate, so that a payment takes off it what it was put on
    at; what rounding leaves over goes to the largest of the others.
    """
    homes = [each.home_cents if each.home_cents is not None else home_cents_of(each.cents, rate) for each in postings]
    if len(postings) > 1:
        largest = max(range(1, len(postings)), key=lambda place: abs(postings[place].cents))
        homes[largest] -= sum(homes)
    return [each._replace(home_cents=cents) for each, cents in zip(postings, homes, strict=True)]


def price_in(price: int, rate: Decimal) -> int:
    """Return a price of the company's own currency in a foreign one, of which one costs `rate`; both in 0.00001. Raises 3101."""
    foreign = price / rate
    if abs(foreign) > RATE_MAX:
        raise refuse(3101, field="Rate")
    return int(foreign.quantize(Decimal(1), rounding=ROUND_HALF_UP))
