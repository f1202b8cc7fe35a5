"""Purchases and their payments in a foreign currency: amounts in it, the ledger in the company's own, gain or loss when it is paid."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import ONE, Proven, Values, billed, expense, goods, ordered, part, paying, purchase, received, ref, using

from .test_postings_of_purchases import SIGN, TOTAL

YAML = r"""
company: {name: Abroad, file: 'C:\QB\Abroad.QBW', timezone: America/New_York}
preferences: {currencies: true}
lists:
  currencies: [{name: US Dollar, code: USD}, {name: Euro, code: EUR, rate: "1.25"}]
  accounts: {given: [{name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}]}
  customers: {given: [{name: Baker}]}
  vendors: {given: [{name: Landlord}]}
  items:
    given:
      - {name: Lamp, price: "10.50", cost: "4.00"}
      - {name: Bolt, kind: inventory, price: "2.00", cost: "0.50"}
"""
PAYABLE, GAIN = "Accounts Payable", "Exchange Gain or Loss"


def abroad(**more: str) -> Proven:
    bench = Proven(yaml=YAML, switches=more)
    bench.add("Vendor", {"Name": "Usine", "CurrencyRef": ref("Euro")})
    for name, account_type in (("Banque", "Bank"), ("Carte", "CreditCard")):
        bench.add("Account", {"Name": name, "AccountType": account_type, "CurrencyRef": ref("Euro")})
    return bench


def bought(kind: str, *lines: Values, rate: str = "1.5", **header: object) -> Values:
    account = {"Check": {"AccountRef": ref("Banque")}}.get(kind, {"AccountRef": ref("Carte")} if "CreditCard" in kind else {})
    return purchase(kind, *lines, party="Usine", ExchangeRate=rate, **account, **header)


def home(cents: int, rate: str) -> int:
    return int((cents * Decimal(rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize("kind", SIGN)
def test_each_kind(kind: str) -> None:
    bench, sign = abroad(), SIGN[kind]
    made = bench.add(kind, bought(kind, expense(1_000), goods("Bolt", 10)))
    # The cost of the item is in home currency: 0.50 are 0.33333 euros.
    assert (made[TOTAL[kind]], made["CurrencyRef"]["FullName"], Decimal(made["ExchangeRate"])) == (1_333, "Euro", Decimal("1.5"))
    rows = bench.sql("SELECT full_name, cents, home_cents FROM posting JOIN list_record ON record = account ORDER BY line")
    assert [row[1:] for row in rows] == [(-sign * 1_333, -sign * 2_000), (sign * 1_000, sign * 1_500), (sign * 333, sign * 500)]
    assert bench.item("Bolt")["AverageCost"] == ONE // 2
    bench.changed(kind, made, ExchangeRate="2")
    assert bench.books()["Inventory Asset"] == sign * 666


def test_prices_as_they_are_by_the_switch() -> None:
    bench = abroad(**{"company.foreign-item-price": "as-is"})
    assert bench.add("Bill", bought("Bill", goods("Bolt", 10)))["AmountDue"] == 500
    order = bench.add("PurchaseOrder", {**ordered(goods("Lamp", 1), vendor="Usine"), "ExchangeRate": "1.5"})
    assert order["TotalAmount"] == 400


@pytest.mark.parametrize(("rate", "gain"), [("1.5", 0), ("1.75", 250), ("1.25", -250)])
@pytest.mark.parametrize("kind", ["BillPaymentCheck", "BillPaymentCreditCard"])
def test_paid_at_another_rate(kind: str, rate: str, gain: int) -> None:
    """What the rates differ by is a loss (a debit) when the payment is dearer than the bill was."""
    bench = abroad()
    bill = bench.add("Bill", bought("Bill", expense(1_000)))
    account = {"BankAccountRef": ref("Banque")} if kind == "BillPaymentCheck" else {"CreditCardAccountRef": ref("Carte")}
    bench.add(kind, {**paying(part(bill, 1_000), vendor="Usine", kind=kind, ExchangeRate=rate), **account})
    assert (bench.truth.balance("Usine"), bench.books().get(PAYABLE, 0), bench.books().get(GAIN, 0)) == (0, 0, gain)


def test_what_is_linked_keeps_its_rate() -> None:
    bench = abroad()
    bill, credit = (bench.add(kind, bought(kind, expense(1_000))) for kind in ("Bill", "VendorCredit"))
    paid = paying(
        part(bill, 300, SetCredit=[using(credit, 200)]), vendor="Usine", ExchangeRate="1.5", BankAccountRef=ref("Banque")
    )
    bench.add("BillPaymentCheck", paid)
    for kind, each in (("Bill", bill), ("VendorCredit", credit)):
        assert bench.unchanged(kind, each, ExchangeRate="1.3") == 3180
        bench.changed(kind, each, ExchangeRate="1.5", Memo="x")


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("Bill", bought("Bill", expense(5), rate="0"), 3210),
        ("Bill", bought("Bill", expense(5), rate="-1"), 3210),
        ("Bill", {**purchase("Bill", expense(5), party="Landlord"), "APAccountRef": ref("Euro Payables")}, 3180),
    ],
)
def test_refused(kind: str, values: Values, code: int) -> None:
    bench = abroad()
    bench.add("Account", {"Name": "Euro Payables", "AccountType": "AccountsPayable", "CurrencyRef": ref("Euro")})
    assert bench.refused(kind, values) == code


RATES = st.decimals("0.0001", "9999", places=4).map(lambda rate: format(rate.normalize(), "f"))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Lamp", "Bolt"]), st.integers(1, 9), st.integers(1, 10**6)), min_size=1, max_size=5),
    RATES,
    RATES,
)
def test_what_is_paid_is_gone_whatever_the_rates(lines: list[tuple[str, int, int]], rate: str, other_rate: str) -> None:
    bench = abroad()
    bill = bench.add("Bill", bought("Bill", *[goods(item, count, Amount=cents) for item, count, cents in lines], rate=rate))
    total = bill["AmountDue"]
    assert -bench.books().get(PAYABLE, 0) == home(total, rate)
    paid = bench.add(
        "BillPaymentCheck", paying(part(bill, total), vendor="Usine", ExchangeRate=other_rate, BankAccountRef=ref("Banque"))
    )
    books = bench.books()
    assert (books.get(PAYABLE, 0), -books.get("Banque", 0)) == (0, home(total, other_rate))
    assert books.get(GAIN, 0) == home(total, other_rate) - home(total, rate)
    bench.removed("Del", "BillPaymentCheck", paid)
    bench.removed("Del", "Bill", bill)
    assert bench.books() == {}


def test_bills_to_pay_are_told_in_both_currencies() -> None:
    bench = abroad()
    bench.add("Bill", bought("Bill", expense(1_000)))
    billed(bench, 500, "Landlord")
    [told] = bench.found("BillToPay", PayeeEntityRef=ref("Usine"))
    assert (told["BillToPay"]["AmountDue"], told["BillToPay"]["AmountDueInHomeCurrency"]) == (1_000, 1_500)


def test_money_that_waits_is_told_in_its_currency() -> None:
    bench = abroad()
    bench.add("Customer", {"Name": "Client", "CurrencyRef": ref("Euro")})
    for customer, more in (("Client", {"ExchangeRate": "1.5"}), ("Baker", {})):
        received(bench, 1_000, customer=customer, **more)
    told = [
        (each["CurrencyRef"]["FullName"], each["Amount"], each["AmountInHomeCurrency"])
        for each in bench.found("ReceivePaymentToDeposit")
    ]
    assert told == [("Euro", 1_000, 1_500), ("US Dollar", 1_000, 1_000)]
