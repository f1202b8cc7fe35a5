"""Invoices and credit memos: arithmetic, tax, numbers, dates, postings, refusals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.company.arithmetic import amount_of, percent_of, rate_of, rounded_quotient, within_limits
from emulator.company.numbering import next_number
from emulator.company.refusals import Refusal

from .helpers import Bench, invoice, line, record_of

LINES = "InvoiceLineRet|InvoiceLineGroupRet"


def lines_of(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for _name, each in values[LINES]]


@pytest.mark.parametrize(
    ("given_line", "quantity", "rate", "cents"),
    [
        ({"Quantity": 300_000, "Rate": 250_000}, 300_000, 250_000, 750),
        ({"Quantity": 300_000, "Amount": 1000}, 300_000, 333_333, 1000),
        ({"Quantity": 300_000}, 300_000, 1_050_000, 3150),  # the item's own price
        ({"Rate": 250_000}, None, 250_000, 250),
        ({"Amount": 1234}, None, 1_234_000, 1234),
        ({}, None, 1_050_000, 1050),
        ({"Quantity": 0, "Amount": 500}, 0, None, 500),
        ({"Quantity": 50_000, "Rate": 1_000}, 50_000, 1_000, 1),  # 0.5 x 0.01: half a cent goes up
        ({"Quantity": -100_000, "Rate": 100_000}, -100_000, 100_000, -100),
    ],
)
def test_line_arithmetic(given_line: dict[str, Any], quantity: int | None, rate: int | None, cents: int) -> None:
    saved = Bench().add("Invoice", invoice("Baker", line(**given_line), line(Amount=1000)))
    first = lines_of(saved)[0]
    assert (first.get("Quantity"), first.get("Rate"), first["Amount"]) == (quantity, rate, cents)
    assert saved["Subtotal"] == cents + 1000
    assert first["Desc"] == "A lamp"


@pytest.mark.parametrize(
    ("setting", "cents", "code"),
    [
        ("warn", 1234, 530),
        ("warn", 2000, 530),
        ("warn-when-different", 1234, 530),
        ("warn-when-different", 2000, 0),
        ("silent", 1234, 0),
    ],
)
def test_rate_beside_an_amount_is_ignored(setting: str, cents: int, code: int) -> None:
    bench = Bench(switches={"company.rate-and-amount": setting})
    answer = bench.ask("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line(Quantity=200_000, Rate=1_000_000, Amount=cents))})
    assert answer.status.code == code
    assert lines_of(record_of(answer))[0]["Amount"] == cents


def test_a_percentage_acts_on_the_line_above() -> None:
    saved = Bench().add("Invoice", invoice("Baker", line(Amount=10_000), line("Repair", RatePercent=-1_000_000)))
    assert [each["Amount"] for each in lines_of(saved)] == [10_000, -1000]


@pytest.mark.parametrize(
    ("rate", "cents", "tax"),
    [("8.25", 20, 2), ("6", 18_300, 1098), ("8.25", 3550, 293), ("10", 5, 1), ("10", 4, 0), ("6.625", 100_000, 6625)],
)
def test_sales_tax(rate: str, cents: int, tax: int) -> None:
    bench = Bench(yaml=_yaml(rate))
    saved = bench.add("Invoice", invoice("Abercrombie", line(Amount=cents), line("Repair", Amount=777)))
    assert (saved["Subtotal"], saved["SalesTaxTotal"]) == (cents + 777, tax)
    assert saved["BalanceRemaining"] == cents + 777 + tax
    assert bench.truth.ledger_sums().get("Sales Tax Payable", 0) == -tax


def _yaml(rate: str) -> str:
    from .helpers import SMALL

    return SMALL.replace('rate: "8.25"', f'rate: "{rate}"')


@pytest.mark.parametrize(
    ("header", "line_code", "tax"),
    [
        ({}, None, 87),
        ({}, "Non", 0),
        ({"CustomerSalesTaxCodeRef": {"FullName": "Non"}}, None, 0),
        ({"CustomerSalesTaxCodeRef": {"FullName": "Non"}}, "Tax", 0),
    ],
)
def test_tax_needs_a_taxable_customer_and_a_taxable_line(header: dict[str, Any], line_code: str | None, tax: int) -> None:
    code = {"SalesTaxCodeRef": {"FullName": line_code}} if line_code else {}
    assert Bench().add("Invoice", invoice("Abercrombie", line(**code), **header))["SalesTaxTotal"] == tax


def test_a_job_takes_terms_and_tax_from_its_customer() -> None:
    saved = Bench().add("Invoice", invoice("Abercrombie:Kitchen", TxnDate="2026-11-01"))
    assert (saved["TermsRef"]["FullName"], saved["DueDate"], saved["SalesTaxTotal"]) == ("Net 30", "2026-12-01", 87)


def test_what_an_answer_carries() -> None:
    saved = Bench().add("Invoice", invoice("Baker", line(Quantity=200_000), Memo="Order 7 [key:abc]", PONumber="P-1"))
    assert (saved["Subtotal"], saved["AppliedAmount"], saved["BalanceRemaining"], saved["IsPaid"]) == (2100, 0, 2100, False)
    assert (saved["TxnDate"], saved["DueDate"]) == ("2026-11-23", "2026-11-23")
    assert saved["ARAccountRef"]["FullName"] == "Accounts Receivable"
    assert saved["TxnNumber"] == 1
    assert saved["TimeCreated"] == "2026-11-23T09:30:00-05:00"
    assert saved["Memo"] == "Order 7 [key:abc]"
    assert saved["TxnID"].endswith(f"-{saved['EditSequence']}")
    assert lines_of(saved)[0]["TxnLineID"] != saved["TxnID"]


@pytest.mark.parametrize(
    ("last", "following"),
    [("G-10023", "G-10024"), ("0099", "0100"), ("9", "10"), ("", "1"), ("abc", "1"), ("99999999999", "1"), ("A9", "A10")],
)
def test_next_number(last: str, following: str) -> None:
    assert next_number(last, 11) == following


def test_numbers_follow_the_last_of_their_kind() -> None:
    bench = Bench()
    assert bench.add("Invoice", invoice())["RefNumber"] == "1"
    assert bench.add("Invoice", invoice(RefNumber="G-10023"))["RefNumber"] == "G-10023"
    assert bench.add("CreditMemo", credit("Baker", 100))["RefNumber"] == "1"
    assert "RefNumber" not in bench.add("Invoice", invoice(RefNumber=None))
    assert bench.add("Invoice", invoice())["RefNumber"] == "G-10024"
    assert bench.add("Invoice", invoice(RefNumber="G-10024"))["RefNumber"] == "G-10024"
    assert [row["ref"] for row in bench.truth.transactions("Invoice")].count("G-10024") == 2


@pytest.mark.parametrize(("setting", "code"), [("accepted", 0), ("refused", 3180)])
def test_equal_numbers_of_invoices(setting: str, code: int) -> None:
    bench = Bench(switches={"company.duplicate-invoice-number": setting})
    bench.add("Invoice", invoice("Baker", RefNumber="A1"))
    bench.add("CreditMemo", {**credit("Baker", 100), "RefNumber": "A1"})
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice("Limited", RefNumber="a1")}).status.code == code


def credit(customer: str, cents: int) -> dict[str, Any]:
    return {
        "CustomerRef": {"FullName": customer},
        "CreditMemoLineAdd|CreditMemoLineGroupAdd": [("CreditMemoLineAdd", line(Amount=cents))],
    }


def test_a_pending_invoice_does_not_count() -> None:
    bench = Bench()
    saved = bench.add("Invoice", invoice(IsPending=True))
    assert saved["IsPending"] is True
    assert bench.truth.balance("Baker") == 0
    assert bench.truth.ledger_sums() == {}


def test_a_credit_memo_lowers_the_balance_and_stays_open() -> None:
    bench = Bench()
    saved = bench.add("CreditMemo", credit("Baker", 300))
    assert (saved["TotalAmount"], saved["CreditRemaining"]) == (300, 300)
    assert bench.truth.balance("Baker") == -300
    assert bench.truth.problems() == []


def test_an_invoice_may_use_a_credit_at_once() -> None:
    bench = Bench()
    memo = bench.add("CreditMemo", credit("Baker", 300))
    saved = bench.add("Invoice", invoice(SetCredit=[{"CreditTxnID": memo["TxnID"], "AppliedAmount": 200}]))
    assert (saved["AppliedAmount"], saved["BalanceRemaining"]) == (-200, 850)
    assert bench.found("CreditMemo")[0]["CreditRemaining"] == 100
    assert bench.truth.problems() == []
    more = invoice(SetCredit=[{"CreditTxnID": memo["TxnID"], "AppliedAmount": 101}])
    assert bench.refused("Invoice", more) == 3210


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (invoice("Nobody"), 3140),
        (invoice("Landlord"), 3140),
        (invoice("Baker", line("Nothing")), 3140),
        (invoice("Baker", {"Amount": 5}), 3180),
        (invoice("Baker", line(ClassRef={"FullName": "East"})), 3250),
        (invoice("Baker", line(Amount=-5000)), 3180),
        (invoice("Baker", line(Quantity=10**15, Rate=10**15)), 3101),
        (invoice("Baker", line(Quantity=1, Amount=10**13)), 3101),
        (invoice("Baker", line(OverrideItemAccountRef={"FullName": "Nowhere"})), 3140),
        (invoice("Baker", line(DataExt=[{"OwnerID": "0", "DataExtName": "Color", "DataExtValue": "red"}])), 3180),
        (invoice("Baker", LinkToTxnID=["1-1"]), 3120),
        (invoice("Baker", ARAccountRef={"FullName": "Rent"}), 3180),
        (invoice("Baker", TemplateRef={"FullName": "Mine"}), 3140),
        (invoice("Baker", SetCredit=[{"CreditTxnID": "1-1", "AppliedAmount": 1}]), 3120),
        (invoice("Limited", line(Amount=10_001)), 3180),
        ({"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineGroupAdd", {})]}, 3140),
    ],
)
def test_refused(values: dict[str, Any], code: int) -> None:
    assert Bench().refused("Invoice", values) == code


def test_the_credit_limit_counts_what_is_owed_already() -> None:
    bench = Bench()
    bench.add("Invoice", invoice("Limited", line(Amount=10_000)))
    assert bench.refused("Invoice", invoice("Limited", line(Amount=1))) == 3180
    bench.add("Invoice", invoice("Limited", line(Amount=1), IsPending=True))


@pytest.mark.parametrize(
    ("day", "setting", "code"), [("2026-10-31", "refused", 3171), ("2026-11-01", "refused", 0), ("2026-10-31", "accepted", 0)]
)
def test_closed_books(day: str, setting: str, code: int) -> None:
    from .helpers import SMALL

    bench = Bench(
        yaml=SMALL.replace("started:", "closing_date: 2026-10-31, started:"), switches={"company.closing-date-add": setting}
    )
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice(TxnDate=day)}).status.code == code


def test_date_of_the_last_saved_by_the_switch() -> None:
    bench = Bench(switches={"company.transaction-date-omitted": "last-saved"})
    bench.add("Invoice", invoice(TxnDate="2026-02-03"))
    assert bench.add("Invoice", invoice())["TxnDate"] == "2026-02-03"


def test_a_name_without_an_item_is_a_text_line() -> None:
    saved = Bench().add("Invoice", invoice("Baker", {"Desc": "Thank you"}, line()))
    assert lines_of(saved)[0].keys() == {"TxnLineID", "Desc"}


def test_transaction_counters_are_not_used_up_by_refusals() -> None:
    bench = Bench()
    first = bench.add("Invoice", invoice())
    assert bench.refused("Invoice", invoice("Nobody")) == 3140
    guid = "{12345678-ABCD-ABCD-ABCD-1234567890AB}"
    bench.add("Customer", {"Name": "Has it", "ExternalGUID": guid})
    assert bench.refused("Invoice", invoice(ExternalGUID=guid)) == 3180
    second = bench.add("Invoice", invoice())
    assert second["TxnNumber"] == first["TxnNumber"] + 1
    assert (
        int(second["TxnID"].split("-")[0], 16) == int(first["TxnID"].split("-")[0], 16) + 3
    )  # its own, the hidden one, one line


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_rounding_is_exact_to_half(numerator: int, denominator: int) -> None:
    quotient = rounded_quotient(numerator, denominator)
    assert 2 * abs(numerator - quotient * denominator) <= denominator
    assert rounded_quotient(-numerator, denominator) == -quotient


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_rate_from_an_amount_gives_the_amount_back_for_common_quantities(quantity: int, cents: int) -> None:
    # Half of 0.00001 per unit, times the quantity, is what a rounded rate can miss by.
    assert abs(amount_of(quantity, rate_of(cents, quantity)) - cents) <= quantity // 200_000_000 + 1


def test_percentages() -> None:
    assert percent_of(3550, 825_000) == 293
    assert percent_of(-3550, 825_000) == -293


def test_limits() -> None:
    within_limits("Amount", 10**13 - 1)
    with pytest.raises(Refusal, match="3101"):
        within_limits("Amount", -(10**13))
