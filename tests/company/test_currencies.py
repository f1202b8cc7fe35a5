"""Sales in a foreign currency: what is told, what is posted in home currency, what the rates of exchange differ by."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.company.currencies import price_in, worth
from emulator.company.ledger import Posting
from emulator.core.switches import Setting

from .helpers import line
from .proven import ONE, Proven, Values, owed, part, received, ref, using
from .rules.selling import (
    POSTING,
    SALES,
    SIGN,
    charge,
    group,
    lines_of,
    on_hand,
    postings,
    refused,
    sell,
    shop,
    state,
)

EURO = {"CurrencyRef": ref("Euro")}
AT = {"ExchangeRate": "1.25"}
HOME = {
    "Invoice": "BalanceRemainingInHomeCurrency", "CreditMemo": "CreditRemainingInHomeCurrency",
    **dict.fromkeys(("SalesReceipt", "Estimate", "SalesOrder"), "TotalAmountInHomeCurrency"),
}  # fmt: skip


def abroad(switches: dict[str, Setting] | None = None, **preferences: bool) -> Proven:
    """Return a shop with customers, accounts and a price level in euros; the list says 1.16 for one."""
    bench = shop(switches, currencies=True, **preferences)
    bench.add("Customer", {"Name": "Müller", **EURO, "SalesTaxCodeRef": ref("Tax"), "ItemSalesTaxRef": ref("Flat")})
    bench.add("Customer", {"Name": "Umbau", "ParentRef": ref("Müller"), **EURO, "SalesTaxCodeRef": ref("Non")})
    bench.add("Account", {"Name": "Euro Bank", "AccountType": "Bank", **EURO})
    bench.add("Account", {"Name": "Euro Receivables", "AccountType": "AccountsReceivable", **EURO})
    per_item = [{"ItemRef": ref("Lamp"), "CustomPrice": 9 * ONE}]
    bench.add("PriceLevel", {"Name": "In Euros", "PriceLevelPerItem": per_item, **EURO})
    return bench


def home(cents: int, rate: str) -> int:
    return int((cents * Decimal(rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def books(bench: Proven, account: str) -> int:
    return int(bench.books().get(account, 0))


@pytest.mark.parametrize("kind", SALES)
class TestASale:
    def test_is_in_the_currency_of_its_customer(self, kind: str) -> None:
        bench = abroad()
        before = bench.books()
        saved = sell(bench, kind, "Müller", line("Bolt", Quantity=10 * ONE, Rate=2 * ONE), **AT)
        assert (saved["Subtotal"], saved["SalesTaxTotal"]) == (2000, 165)
        assert (saved["CurrencyRef"]["FullName"], saved["ExchangeRate"], saved[HOME[kind]]) == ("Euro", "1.25", 2706)
        assert {**bench.one(kind, saved), "LinkedTxn": []} == {**saved, "LinkedTxn": []}
        if kind not in POSTING:
            assert bench.books() == before
            return
        sign = SIGN[kind]
        main, *others = postings(bench, saved)
        assert main[2] == sign * 2706
        assert [row[:3] for row in others] == [
            ("Sales:Wholesale", "Müller", -sign * 2500),
            ("Sales Tax Payable", "State Office", -sign * 206),
            ("Cost of Goods Sold", "Müller", sign * 500),  # costs are in home currency
            ("Inventory Asset", None, -sign * 500),
        ]
        balance = 0 if kind == "SalesReceipt" else sign * 2165
        assert bench.name("Customer", "Müller")["Balance"] == balance  # in euros

    def test_takes_the_rate_of_its_currency(self, kind: str) -> None:
        assert sell(abroad(), kind, "Müller", line("Repair", Amount=1000))["ExchangeRate"] == "1.16"

    def test_at_home_tells_the_home_currency(self, kind: str) -> None:
        bench = abroad()
        saved = sell(bench, kind, "Baker", line("Repair", Amount=1000), **AT)
        assert (saved["CurrencyRef"]["FullName"], saved["ExchangeRate"], saved[HOME[kind]]) == ("US Dollar", "1", 1000)

    @pytest.mark.parametrize("rate", ["0", "-1", "0.0"])
    def test_no_rate(self, kind: str, rate: str) -> None:
        assert refused(abroad(), kind, "Müller", ExchangeRate=rate) == 3210

    @pytest.mark.parametrize(
        ("customer", "said", "rate"),
        [
            ("Müller", {}, 840_000),  # 10.50 at 1.25
            ("Müller:Umbau", {}, 840_000),
            ("Müller", {"PriceLevelRef": ref("Wholesale")}, 756_000),
            ("Müller", {"PriceLevelRef": ref("Special")}, 720_000),  # 9.00 in home currency
            ("Müller", {"PriceLevelRef": ref("In Euros")}, 900_000),
            ("Baker", {"PriceLevelRef": ref("In Euros")}, 1_050_000),
            ("Müller", {"Rate": 1_050_000}, 1_050_000),
            ("Baker", {}, 1_050_000),
        ],
    )
    def test_prices(self, kind: str, customer: str, said: Values, rate: int) -> None:
        """Inferred: items are priced in home currency, and converted; a price level may be in a currency of its own."""
        assert lines_of(sell(abroad(), kind, customer, line("Lamp", **said), **AT))[0]["Rate"] == rate

    def test_prices_as_they_are_by_the_switch(self, kind: str) -> None:
        bench = abroad({"company.foreign-item-price": "as-is"})
        assert lines_of(sell(bench, kind, "Müller", line("Lamp"), **AT))[0]["Rate"] == 1_050_000

    def test_changed(self, kind: str) -> None:
        bench = abroad()
        saved = sell(bench, kind, "Müller", line("Bolt", Quantity=10 * ONE, Rate=2 * ONE), group(), **AT)
        after = bench.changed(kind, saved, Memo="x")
        assert (after["ExchangeRate"], lines_of(after)) == ("1.25", lines_of(saved))
        after = bench.changed(kind, saved, ExchangeRate="1.5")
        total = after["Subtotal"] + after["SalesTaxTotal"]
        assert (after["ExchangeRate"], after[HOME[kind]], lines_of(after)) == ("1.5", home(total, "1.5"), lines_of(saved))
        after = bench.changed(kind, saved, CustomerRef=ref("Baker"))
        assert (after["CurrencyRef"]["FullName"], after["ExchangeRate"]) == ("US Dollar", "1")
        assert bench.truth.balance("Müller") == 0

    @pytest.mark.parametrize("operation", ["Del", "Void"])
    def test_undone(self, kind: str, operation: str) -> None:
        if operation == "Void" and kind not in POSTING:
            return
        bench = abroad()
        before = state(bench)
        saved = sell(bench, kind, "Müller", line("Bolt", Quantity=10 * ONE), **AT)
        bench.removed(operation, kind, saved)
        if operation == "Void":
            stands = bench.sql(
                "SELECT DISTINCT cents, home_cents, coalesce(quantity, 0) FROM posting WHERE txn = ?", saved["TxnNumber"]
            )
            assert stands == [(0, 0, 0)]  # its rows stay, with nothing in them
            bench.removed("Del", kind, saved)
        assert state(bench) == before


class TestAccounts:
    """Our choice: an account of another foreign currency is refused (3180), one in home currency takes any."""

    @pytest.mark.parametrize(
        ("kind", "customer", "header"),
        [
            ("Invoice", "Baker", {"ARAccountRef": ref("Euro Receivables")}),
            ("CreditMemo", "Baker", {"ARAccountRef": ref("Euro Receivables")}),
            ("SalesReceipt", "Baker", {"DepositToAccountRef": ref("Euro Bank")}),
        ],
    )
    def test_refused(self, kind: str, customer: str, header: Values) -> None:
        bench = abroad()
        assert refused(bench, kind, customer, **header) == 3180
        assert refused(bench, kind, customer, line("Lamp", OverrideItemAccountRef=ref("Euro Bank"))) == 3180

    def test_of_a_charge(self) -> None:
        bench = abroad()
        values = {"CustomerRef": ref("Baker"), "ItemRef": ref("Repair"), "ARAccountRef": ref("Euro Receivables")}
        assert bench.refused("Charge", values) == 3180

    @pytest.mark.parametrize(("kind", "account"), [("Invoice", "Euro Receivables"), ("SalesReceipt", "Euro Bank")])
    def test_in_the_currency_of_the_sale(self, kind: str, account: str) -> None:
        bench = abroad()
        name = "ARAccountRef" if kind == "Invoice" else "DepositToAccountRef"
        sell(bench, kind, "Müller", line("Repair", Amount=1000), **{name: ref(account)}, **AT)
        assert books(bench, account) == 1250
        assert bench.name("Account", account)["Balance"] == 1000

    def test_a_receipt_of_nobody_is_in_the_currency_of_its_account(self) -> None:
        bench = abroad()
        values = {
            "DepositToAccountRef": ref("Euro Bank"), **AT,
            "SalesReceiptLineAdd|SalesReceiptLineGroupAdd": [("SalesReceiptLineAdd", line("Repair", Amount=1000))],
        }  # fmt: skip
        saved = bench.add("SalesReceipt", values)
        assert (saved["CurrencyRef"]["FullName"], saved["TotalAmountInHomeCurrency"]) == ("Euro", 1250)


class TestPaid:
    """Inferred: what the rates of invoice and payment differ by is gain or loss of exchange."""

    @pytest.mark.parametrize(
        ("kind", "rate", "gain"),
        [
            ("Invoice", "1.5", 250), ("Invoice", "1.25", 0), ("Invoice", "1.1", -150),
            ("Charge", "1.5", 340), ("Charge", "1.16", 0), ("Charge", "1.1", -60),  # a charge names no rate
        ],
    )  # fmt: skip
    def test_at_another_rate(self, kind: str, rate: str, gain: int) -> None:
        bench = abroad()
        saved = charge(bench, "Müller", Amount=1000) if kind == "Charge" else owed(bench, 1000, "Müller", **AT)
        received(bench, 1000, part(saved, 1000), customer="Müller", ExchangeRate=rate)
        assert bench.one(kind, saved)["IsPaid"] is True
        assert (books(bench, "Accounts Receivable"), bench.truth.balance("Müller")) == (0, 0)
        assert books(bench, "Undeposited Funds") == home(1000, rate)
        assert books(bench, "Exchange Gain or Loss") == -gain

    def test_the_rate_of_what_is_linked_stays(self) -> None:
        """Our choice: 3180."""
        bench = abroad()
        saved, memo = owed(bench, 1000, "Müller", **AT), owed(bench, 500, "Müller", kind="CreditMemo", **AT)
        received(bench, 300, part(saved, 300), customer="Müller", **AT)
        bench.changed("Invoice", saved, SetCredit=[using(memo, 200)])
        for kind, each in (("Invoice", saved), ("CreditMemo", memo)):
            assert bench.unchanged(kind, each, ExchangeRate="1.3") == 3180
            assert bench.changed(kind, each, ExchangeRate="1.25", Memo="x")["Memo"] == "x"

    def test_credits_and_limit_are_in_the_currency_of_the_customer(self) -> None:
        bench = abroad(auto_apply_credits=True)
        [now] = bench.found("Customer", FullName=["Müller"])
        changes = {"ListID": now["ListID"], "EditSequence": now["EditSequence"], "CreditLimit": 1000}
        assert bench.ask("Customer", "Mod", {"CustomerMod": changes}).status.code == 0
        owed(bench, 200, "Müller", kind="CreditMemo", **AT)
        assert refused(bench, "Invoice", "Müller", line("Repair", Amount=1201), **AT) == 3180
        saved = owed(bench, 1200, "Müller", **AT)
        assert (saved["AppliedAmount"], saved["BalanceRemaining"], saved[HOME["Invoice"]]) == (-200, 1000, 1250)


def test_without_several_currencies() -> None:
    """CurrencyRef is recorded as 3250; what a rate does is a switch."""
    assert shop().refused("Customer", {"Name": "Müller", **EURO}) == 3250
    saved = sell(shop(), "Invoice", "Baker", **AT)
    assert saved.keys().isdisjoint({"CurrencyRef", "ExchangeRate", HOME["Invoice"]})
    assert refused(shop({"company.exchange-rate-without-currencies": "refused"}), "Invoice", "Baker", **AT) == 3250


RATES = st.decimals("0.0001", "9999", places=4).map(lambda rate: format(rate.normalize(), "f"))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Lamp", "Repair", "Bolt"]), st.integers(1, 9), st.integers(1, 10**6)), min_size=1, max_size=5
    ),
    RATES,
    RATES,
)
def test_what_is_paid_is_gone_whatever_the_rates(goods: list[tuple[str, int, int]], rate: str, other_rate: str) -> None:
    """The invoice is worth its total at its rate, the money the total at the other; the books hold nothing of either afterwards."""
    bench = abroad()
    lines = [line(item, Quantity=count * ONE, Amount=cents) for item, count, cents in goods]
    saved = sell(bench, "Invoice", "Müller", *lines, ExchangeRate=rate)
    total = saved["BalanceRemaining"]
    assert saved[HOME["Invoice"]] == books(bench, "Accounts Receivable") == home(total, rate)
    assert bench.truth.balance("Müller") == total
    paid = received(bench, total, part(saved, total), customer="Müller", ExchangeRate=other_rate)
    assert books(bench, "Accounts Receivable") == 0
    assert books(bench, "Undeposited Funds") == home(total, other_rate)
    assert books(bench, "Exchange Gain or Loss") == home(total, rate) - home(total, other_rate)
    assert on_hand(bench) == 1000 - sum(count for item, count, _cents in goods if item == "Bolt")
    bench.removed("Del", "ReceivePayment", paid)
    assert books(bench, "Accounts Receivable") == home(total, rate)


@given(st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=6), st.decimals("0.0001", "9999", places=4))
def test_worth(cents: list[int], rate: Decimal) -> None:
    """Rows make zero, the first is worth its amount, no other is off by more than rounding brings together."""
    rows: list[Any] = [Posting(None, None, -sum(cents)), *(Posting(None, None, each) for each in cents)]  # type: ignore[arg-type]
    homes = [row.home_cents or 0 for row in worth(rows, rate)]
    assert sum(homes) == 0
    assert homes[0] == home(-sum(cents), str(rate))
    assert all(abs(one - home(each, str(rate))) <= len(cents) for one, each in zip(homes[1:], cents, strict=True))


def test_a_price_in_another_currency() -> None:
    assert [price_in(1_050_000, Decimal(rate)) for rate in ("1", "1.25", "3")] == [1_050_000, 840_000, 350_000]
