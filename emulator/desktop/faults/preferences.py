"""Faults of what the file is set to: its closing date, credit limits, features and preferences, changed by people."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from emulator.core.errors import UserMistake
from emulator.desktop.faults.by_hand import TOUCHED, Hand
from emulator.desktop.faults.points import AFTER_COMMIT, BEFORE_BEGIN, BEFORE_COMMIT, BEFORE_PROCESS, Begin, End
from emulator.desktop.office import Office
from emulator.faults import Kind, Parameter, Strike
from emulator.faults.kinds import CENTS_MOST, DAY_OR_EMPTY


def _closed_period(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    text = hand.parameter("date")
    try:
        day = date.fromisoformat(text) if text else office.now().astimezone(ZoneInfo(hand.company.timezone)).date()
    except ValueError:
        raise UserMistake(f"date of the fault is {text!r}", "", "a date like 2026-03-31, or nothing for today") from None
    company = hand.company
    before, had_password = company.closing_date, company.closing_date_has_password
    company.close_books(day, password=bool(strike.parameters["password"]))
    hand.tell(f"closes the books until {day}")
    hand.causes(3161, 3171)

    def end() -> None:
        company.close_books(before, password=had_password)
        hand.tell(f"closes the books until {before}" if before else "takes the closing date away")

    return end


def _credit_limit(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    customer = hand.record_of("party")
    if customer.noun != "Customer":
        raise UserMistake(f"{customer.name!r} is a {customer.noun}", "", "a customer, who can have a credit limit")
    before = customer.values.get("CreditLimit")
    limit_cents = int(strike.parameters["limit_cents"])
    hand.change(customer, {"CreditLimit": limit_cents}, f"gives {customer.name!r} a credit limit of {limit_cents} cents")
    hand.causes(3180, about=[f"the credit limit of {customer.name} would"])
    what = f"gives {customer.name!r} the credit limit of before"

    def end() -> None:
        hand.attempt(what, partial(hand.change, customer, {"CreditLimit": before}, what))

    return end


SWITCHED: Final[Mapping[str, tuple[str, Any, Any]]] = {
    "inventory": ("inventory", True, False),
    "sales-tax": ("sales_tax", True, False),
    "classes": ("classes", True, False),
    "units": ("units_of_measure", "multiple", "none"),
    "sites": ("sites", True, False),
    "lots": ("serial_or_lot", "lot", "none"),
    "price-levels": ("price_levels", True, False),
    "estimates": ("estimates", True, False),
    "sales-orders": ("sales_orders", True, False),
    "payroll": ("payroll", True, False),
    "currencies": ("currencies", True, False),
}
"""Feature -> preference of the file that switches it, what it is on, what it is off."""

_DEFAULT_ON: Final = frozenset({"inventory", "sales-tax", "price-levels", "estimates", "sales-orders"})


def _feature_off(office: Office, strike: Strike) -> End:
    hand, feature = Hand(office, strike), str(strike.parameters["feature"])
    if not hand.company.has_feature(feature):
        raise UserMistake(f"{feature} is off already in this file", "", "a feature that is on")
    return _switched(hand, feature, on=False)


def _preference_flip(office: Office, strike: Strike) -> End:
    hand, which = Hand(office, strike), str(strike.parameters["which"])
    is_on = hand.company.has_feature(which)
    if which == "currencies" and is_on:
        raise UserMistake("a file that keeps several currencies keeps them for ever", "", "another preference")
    back = _switched(hand, which, on=not is_on)
    return (lambda: None) if which == "currencies" else back


def _switched(hand: Hand, feature: str, *, on: bool) -> End:
    """Switch a feature on or off; returns what puts the preference back as it was."""
    name, when_on, when_off = SWITCHED[feature]
    before = hand.company.preferences.get(name, when_on if feature in _DEFAULT_ON else when_off)
    company = hand.company
    company.set_preferences({name: when_on if on else when_off})
    if company.has_feature(feature) is not on:
        company.set_preferences({name: before})
        raise UserMistake(f"the edition of this file has no {feature}", "", "a feature of its edition")
    hand.tell(f"switches {feature} {'on' if on else 'off'} in the preferences")
    if not on:
        hand.causes(3250)

    def end() -> None:
        company.set_preferences({name: before})
        hand.tell(f"switches {feature} {'off' if on else 'on'} again in the preferences")

    return end


BEGINS: Final[dict[str, Begin]] = {
    "closed-period": _closed_period,
    "credit-limit": _credit_limit,
    "feature-off": _feature_off,
    "preference-flip": _preference_flip,
}
"""What begins the state of each effect of this family."""

_POINTS: Final = (BEFORE_COMMIT, AFTER_COMMIT, BEFORE_PROCESS, BEFORE_BEGIN)

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "closed-period",
        "QB21",
        _POINTS,
        "closed-period",
        "Somebody closes the books: what is dated on or before that day is refused with 3171. The end takes the closing date away, or "
        "back to where it was.",
        "refuse the document where people see it, with the date, and keep the others moving",
        False,
        {
            "date": Parameter(
                "", "the closing date, YYYY-MM-DD; empty: the day of the story on which it is set", form=DAY_OR_EMPTY
            ),
            "password": Parameter(
                True, "it has a password; without one the switch company.closing-date-without-password decides"
            ),
        },
        lasting=True,
        sets=("the closing date",),
    ),
    Kind(
        "credit-limit",
        "QB22",
        (BEFORE_COMMIT, AFTER_COMMIT),
        "credit-limit",
        "Somebody gives a customer a credit limit: an invoice that goes over it is refused with 3180 and a sentence of business. The end "
        "gives the customer the limit of before.",
        "refuse the document where people see it; tell it by its text from a lock, which has the same code",
        False,
        {
            "record": Parameter(TOUCHED, "the customer: full name; `touched`: the one of the struck call; `first`"),
            "limit_cents": Parameter(0, "the limit, cents", least=0, most=CENTS_MOST),
        },
        lasting=True,
        sets=("the credit limit of customer {customer}",),
    ),
    Kind(
        "feature-off",
        "QB33",
        _POINTS,
        "feature-off",
        "Somebody switches a feature off: requests that use it are answered 3250. The end switches it on again.",
        "stop asking for it, and say what cannot be posted any more",
        False,
        {"feature": Parameter("inventory", "the feature", tuple(name for name in SWITCHED if name != "currencies"))},
        lasting=True,
        sets=("the preference of {feature}",),
    ),
    Kind(
        "preference-flip",
        "QB50",
        _POINTS,
        "preference-flip",
        "Somebody switches sales tax, inventory or several currencies: on when it was off, off when it was on. The end switches it back; "
        "several currencies are never switched off again.",
        "park what does not fit any more, with the field that is refused, and look at the preferences again",
        False,
        {"which": Parameter("sales-tax", "the preference", ("sales-tax", "inventory", "currencies"))},
        lasting=True,
        sets=("the preference of {which}",),
    ),
)
"""The kinds of fault of this family."""
