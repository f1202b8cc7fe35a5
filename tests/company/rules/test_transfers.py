"""Transfers of money, and checks that pay sales tax."""

from typing import Any

import pytest

from company.proven import Proven, Values, owed, ref

TAX = "Sales Tax Payable"


def moving(cents: int | None = 500, source: str = "Operating Account", target: str = "Savings", **more: Any) -> Values:
    amount = {} if cents is None else {"Amount": cents}
    return {"TransferFromAccountRef": ref(source), "TransferToAccountRef": ref(target), **more, **amount}


def test_a_transfer_and_its_mods() -> None:
    bench = Proven()
    made = bench.add("Transfer", moving(ClassRef=ref("East"), Memo="a"))
    assert bench.rows(made) == [("Operating Account", -500, "", "East"), ("Savings", 500, "", "East")]
    assert (made["FromAccountBalance"], made["ToAccountBalance"]) == (-500, 500)
    after = bench.changed("Transfer", made, Memo=None, ClassRef={})
    assert (after.keys() & {"Memo", "ClassRef"}, bench.rows(made)) == (set(), [("Operating Account", -500), ("Savings", 500)])
    bench.changed("Transfer", made, TransferToAccountRef=ref("Company Card"), Amount=200)
    assert bench.rows(made) == [("Operating Account", -200), ("Company Card", 200)]
    assert bench.unchanged("Transfer", made, Amount=None) == 3150
    assert bench.unchanged("Transfer", made, TransferFromAccountRef={}) == 3150
    assert bench.unchanged("Transfer", made, TransferFromAccountRef=ref("Company Card")) == 3180


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (moving(target="Operating Account"), 3180),
        (moving(target="Rent"), 3180),
        (moving(source="Accounts Receivable"), 3180),
        (moving(-1), 3210),
        (moving(None), 3150),
        ({**moving(), "TransferFromAccountRef": {}}, 3150),
        (moving(target="Nowhere"), 3140),
    ],
)
def test_refused(values: Values, code: int) -> None:
    assert Proven().refused("Transfer", values) == code


# ---- sales tax -------------------------------------------------------------------------------------------------------------------


def taxed(bench: Proven, cents: int, kind: str = "Invoice", tax: str = "State Tax", **header: Any) -> Values:
    """Save a sale of so many cents that are taxed."""
    line = {"ItemRef": ref("Lamp"), "Amount": cents, "SalesTaxCodeRef": ref("Tax")}
    values = {"CustomerRef": ref("Baker"), "ItemSalesTaxRef": ref(tax), "CustomerSalesTaxCodeRef": ref("Tax"), **header}
    return bench.add(kind, {**values, f"{kind}LineAdd|{kind}LineGroupAdd": [(f"{kind}LineAdd", line)]})


def paying_tax(*lines: tuple[str, int], agency: str = "Tax Agency", **header: Any) -> Values:
    asked = [{"Amount": cents, **({"ItemSalesTaxRef": ref(tax)} if tax else {})} for tax, cents in lines]
    number = {} if "IsToBePrinted" in header else {"RefNumber": "1"}
    known = {"PayeeEntityRef": ref(agency), "TxnDate": "2026-11-23", "BankAccountRef": ref("Operating Account")}
    return {**known, **number, **header, "SalesTaxPaymentCheckLineAdd": asked}


def payable(bench: Proven, **values: Any) -> dict[str, list[tuple[str, int]]]:
    """Return agency -> its taxes and what is payable of them."""
    return {
        each["PayeeEntityRef"]["FullName"]: [
            (line.get("ItemSalesTaxRef", {}).get("FullName", ""), line["Amount"]) for line in each["SalesTaxPayableLineRet"]
        ]
        for each in bench.found("SalesTaxPayable", **values)
    }


def test_what_is_payable_before_and_after_a_payment() -> None:
    bench = Proven()
    taxed(bench, 10_000, TxnDate="2026-10-01")
    taxed(bench, 2_000, TxnDate="2026-11-01")
    taxed(bench, 4_000, tax="City Tax")
    taxed(bench, 1_000, "CreditMemo")
    owed(bench, 5_000)
    assert payable(bench) == {"Tax Agency": [("State Tax", 825 + 165 - 83)], "City Hall": [("City Tax", 40)]}
    assert payable(bench, AsOfDate="2026-10-31") == {"Tax Agency": [("State Tax", 825)]}
    paid = bench.add("SalesTaxPaymentCheck", paying_tax(("State Tax", 825)))
    assert (paid["Amount"], bench.rows(paid)) == (825, [("Operating Account", -825, "Tax Agency"), (TAX, 825, "Tax Agency")])
    assert payable(bench) == {"Tax Agency": [("State Tax", 82)], "City Hall": [("City Tax", 40)]}
    assert payable(bench, AsOfDate="2026-11-01") == {"Tax Agency": [("State Tax", 990)]}
    bench.add("SalesTaxPaymentCheck", paying_tax(("State Tax", 82)))
    bench.add("SalesTaxPaymentCheck", paying_tax(("City Tax", 45), ("City Tax", -5), agency="City Hall"))
    assert bench.query("SalesTaxPayable").status.code == 1
    assert bench.books().get(TAX, 0) == 0
    bench.removed("Del", "SalesTaxPaymentCheck", paid)
    assert payable(bench) == {"Tax Agency": [("State Tax", 825)]}
    bench.add("SalesTaxPaymentCheck", paying_tax(("", 825)))  # of no tax in particular
    assert payable(bench) == {"Tax Agency": [("", -825), ("State Tax", 825)]}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (paying_tax(("State Tax", 5), RefNumber="1" * 12), 3070),
        (paying_tax(("City Tax", 5)), 3140),
        (paying_tax(("State Tax", 5), agency="Baker"), 3140),
        (paying_tax(("State Tax", -5)), 3180),
        (paying_tax(("State Tax", 5), BankAccountRef=ref("Company Card")), 3180),
        (paying_tax(("Lamp", 5)), 3140),
    ],
)
def test_refused_payments_of_tax(values: Values, code: int) -> None:
    assert Proven().refused("SalesTaxPaymentCheck", values) == code


def test_mods_of_a_payment_of_tax() -> None:
    bench = Proven()
    paid = bench.add("SalesTaxPaymentCheck", paying_tax(("State Tax", 825), IsToBePrinted=True))
    assert ("RefNumber" in paid, paid["IsToBePrinted"]) == (False, True)
    after = bench.changed(
        "SalesTaxPaymentCheck", paid, RefNumber="9", Memo="m", BankAccountRef=ref("Savings"), TxnDate="2026-11-22"
    )
    assert (after["RefNumber"], after["IsToBePrinted"], after["Amount"]) == ("9", False, 825)
    assert bench.rows(paid) == [("Savings", -825, "Tax Agency"), (TAX, 825, "Tax Agency")]
    assert payable(bench) == {"Tax Agency": [("State Tax", -825)]}
    assert bench.changed_item("ItemSalesTax", "State Tax", TaxVendorRef=ref("City Hall")).status.code == 0
    bench.changed("SalesTaxPaymentCheck", paid, Memo="the tax has another agency now")
    for changes, code in (({"BankAccountRef": {}}, 3150), ({"TxnDate": None}, 3150), ({"BankAccountRef": ref("Rent")}, 3180)):
        assert bench.unchanged("SalesTaxPaymentCheck", paid, **changes) == code
