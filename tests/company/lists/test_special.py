"""Accounts and items that QuickBooks itself defines, made by SpecialAccountAdd and SpecialItemAdd."""

import pytest

from company.helpers import SMALL, Bench, record_of
from company.proven import Proven, expense, part, purchase, received, ref, sold
from emulator.qbxml import schema_of
from emulator.qbxml.schema import Node


def kinds(noun: str) -> tuple[str, ...]:
    """Return what a request can name."""
    message = schema_of("16.0").message(f"{noun}AddRq")
    assert message is not None
    aggregate = message.children[0]
    assert isinstance(aggregate, Node)
    first = aggregate.children[0]
    assert isinstance(first, Node)
    return tuple(first.values)


@pytest.mark.parametrize("kind", kinds("SpecialAccount"))
def test_the_answer_of_an_account_is_what_the_schema_allows(kind: str) -> None:
    """A name has at most 31 characters; the bench reads every answer strictly."""
    bench = Proven(SMALL)
    bench.ask("SpecialAccount", "Add", {"SpecialAccountAdd": {"SpecialAccountType": kind}})
    [told] = [each for each in bench.found("Account") if each.get("SpecialAccountType") == kind]
    assert len(told["Name"]) <= 31


@pytest.mark.parametrize("kind", kinds("SpecialAccount"))
def test_an_account_that_is_not_there_is_made_once(kind: str) -> None:
    bench = Bench()
    there = [row["name"] for row in bench.truth.accounts() if row["document"].get("SpecialAccountType") == kind]
    answer = bench.ask("SpecialAccount", "Add", {"SpecialAccountAdd": {"SpecialAccountType": kind}})
    if there:
        assert answer.status.code == 3100
        return
    made = record_of(answer)
    assert answer.records[0][0] == "AccountRet"
    assert (made["SpecialAccountType"], made["Balance"], made["IsActive"]) == (kind, 0, True)
    assert bench.found("Account", FullName=[made["Name"]]) == [made]
    assert bench.ask("SpecialAccount", "Add", {"SpecialAccountAdd": {"SpecialAccountType": kind}}).status.code == 3100


@pytest.mark.parametrize(
    ("kind", "ret"),
    [
        ("FinanceCharge", "ItemOtherChargeRet"),
        ("ReimbursableExpenseGroup", "ItemGroupRet"),
        ("ReimbursableExpenseSubtotal", "ItemSubtotalRet"),
    ],
)
def test_an_item_is_made_once(kind: str, ret: str) -> None:
    bench = Bench()
    values = {"SpecialItemType": kind, "ExternalGUID": "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}"}
    answer = bench.ask("SpecialItem", "Add", {"SpecialItemAdd": values})
    assert (answer.status.code, answer.records[0][0]) == (0, ret)
    made = record_of(answer)
    assert made["ExternalGUID"] == values["ExternalGUID"]
    assert bench.ask("SpecialItem", "Add", {"SpecialItemAdd": {"SpecialItemType": kind}}).status.failed
    assert bench.found(ret[:-3], FullName=[made["Name"]]) == [made]


def test_the_table_of_items_is_whole() -> None:
    assert set(kinds("SpecialItem")) == {"FinanceCharge", "ReimbursableExpenseGroup", "ReimbursableExpenseSubtotal"}


@pytest.mark.parametrize("special", ["AccountsReceivable", "SalesTaxPayable", "UndepositedFunds", "AccountsPayable"])
def test_an_account_that_was_deleted_is_made_again_when_it_is_needed(special: str) -> None:
    bench = Proven(SMALL)
    [account] = [each for each in bench.found("Account") if each.get("SpecialAccountType") == special]
    assert bench.ask("List", "Del", {"ListDelType": "Account", "ListID": account["ListID"]}).status.code == 0
    bench.add("Bill", purchase("Bill", expense(100)))
    saved = bench.add("Invoice", sold("Lamp", 1, ItemSalesTaxRef=ref("State Tax"), CustomerSalesTaxCodeRef=ref("Tax")))
    received(bench, 100, part(saved, 100))
    [again] = [each for each in bench.found("Account") if each.get("SpecialAccountType") == special]
    assert again["FullName"] == account["FullName"]
    assert again["ListID"] != account["ListID"]
    assert again["Balance"] != 0


def test_an_account_that_is_inactive_is_not_made_a_second_time() -> None:
    bench = Proven(SMALL)
    bench.changed_item("Account", "Undeposited Funds", IsActive=False)
    assert bench.refused("ReceivePayment", {"CustomerRef": ref("Baker"), "TotalAmount": 100, "IsAutoApply": False}) == 3270
