"""The description of a file: it makes the same lists again, and gives its records to a file that exists."""

import pytest

from company.helpers import SMALL, Bench, Clock
from company.proven import SHOP, Proven
from emulator.company import Company, CompanyDescription, described
from emulator.company.exchange.difference import difference_of
from emulator.core.errors import UserMistake
from emulator.core.files import parse_yaml

EMPTY = "company: {name: Shop, file: 'C:\\QB\\Shop.QBW'}\n"


def read(text: str) -> CompanyDescription:
    return parse_yaml(text, CompanyDescription, "shop.yaml")


@pytest.mark.parametrize("description", [SMALL, SHOP], ids=["small", "shop"])
def test_it_makes_the_same_lists_again(description):
    one = Company.create(None, read(description), Clock())
    text, left_out = one.exchange.description()
    assert not left_out
    other = Company.create(None, read(text), Clock())
    difference = difference_of(one.exchange.known(), other.exchange.known())
    assert not difference, difference


def test_a_shipped_company_makes_itself_again():
    one = Company.create(None, described("wholesale_small"), Clock())
    text, _ = one.exchange.description()
    other = Company.create(None, read(text), Clock())
    assert {name: one.exchange.csv(name) for name in one.exchange.list_names()} == {
        name: other.exchange.csv(name) for name in other.exchange.list_names()
    }


def test_what_it_has_no_word_for_is_counted():
    bench = Proven()
    bench.add("ItemSubtotal", {"Name": "Sum"})
    price = {
        "Price": 12_345,
        "AccountRef": {"FullName": bench.company.truth.items()[0]["document"]["SalesOrPurchase"]["AccountRef"]["FullName"]},
    }
    bench.add("ItemService", {"Name": "By the gram", "SalesOrPurchase": price})
    text, left_out = bench.company.exchange.description()
    assert left_out == {"ItemSubtotal": 1, "ItemService": 1}
    assert "By the gram" not in text


def test_its_records_are_added_to_a_file_that_exists():
    bench = Bench()
    before = len(bench.company.truth.customers())
    text = EMPTY + "lists: {customers: {given: [{name: Cole}, {name: Roof, parent: Cole}]}, payment_methods: [Barter]}\n"
    assert bench.company.exchange.add_described(read(text)) == {"Customer": 2, "PaymentMethod": 1}
    assert len(bench.company.truth.customers()) == before + 2


@pytest.mark.parametrize(
    ("lists", "says"),
    [
        ("{customers: {given: [{name: Cole}, {name: Baker}]}}", "customer 'Baker' cannot be made"),
        ("{terms: [{name: Net 30}]}", "standardterms 'Net 30' cannot be made"),
        ("{vendors: {given: [{name: Cole, terms: Net 99}]}}", "vendor 'Cole' cannot be made"),
    ],
)
def test_what_breaks_a_rule_leaves_nothing(lists, says):
    bench = Bench()
    before = bench.company.exchange.answers()
    with pytest.raises(UserMistake, match=says):
        bench.company.exchange.add_described(read(EMPTY + f"lists: {lists}\n"))
    assert bench.company.exchange.answers() == before
