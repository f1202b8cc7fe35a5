"""Descriptions: what is a mistake, and how it is told."""

from pathlib import Path
from typing import get_args

import pytest

from emulator.company import Company, CompanyDescription, load_description, sample_path
from emulator.company.description import AccountPart, cents_of
from emulator.company.fixtures import names
from emulator.company.lists import SPECIAL_ACCOUNT_NAMES
from emulator.core.errors import UserMistake
from emulator.core.files import parse_yaml

from .helpers import Bench, Clock, invoice

HEAD = "company: {name: X, file: 'C:\\QB\\x.qbw'}\n"


@pytest.mark.parametrize("name", names())
def test_every_shipped_description_makes_a_company(name: str) -> None:
    bench = Bench(yaml=sample_path(name).read_text(encoding="utf-8"))
    assert load_description(sample_path(name)).company.name == bench.company.name
    assert bench.truth.problems() == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("company: {name: X, file: 'C:\\x.qbw'}\nlicense: {seats: 3}", (2, 1), "'licence'"),
        (HEAD + "users:\n  - {name: A, role: Administrator}", (3, 21), "role"),
        (HEAD + "lists:\n  customers:\n    generate: {count: -1}", (4, 23), "count"),
        ("company:\n  name: X\n  file: x.qbw", (3, 9), "Windows path"),
        ("company:\n  name: X\n  file: 'C:\\x.qbw'\n  timezone: America/NewYork", (4, 13), "IANA"),
        ("company:\n  name: X\n  file: 'C:\\x.qbw'\n  edition: Enterprize", (4, 12), "'Enterprise'"),
        (HEAD + "lists:\n  items:\n    given:\n      - {name: Lamp, price: 1.2.3}", (5, 29), "amount"),
        (HEAD + "licence: {seats: 0}", (2, 18), "seats"),
        ("company: {name: X}", (1, 1), "'file'"),
        (HEAD + "lists: {accounts: {given: [{name: Till, type: Bank, special: PetyCash}]}}", (2, 62), "'PettyCash'"),
    ],
)
def test_mistakes(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(UserMistake) as caught:
        parse_yaml(text, CompanyDescription, "company.yaml")
    assert caught.value.where == "company.yaml:{}, column {}".format(*place)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("lists", "place", "words"),
    [
        ("  classes: [East]\n  terms: [{name: Net 15}, {name: NET 15}]", (4, 34), "already in use"),
        ("  customers:\n    given:\n      - name: Bob\n        terms: Net 3O", (6, 16), "Expected 'Net 30'"),
        ("  customers: {given: [{name: Ada, parent: Bob}]}", (3, 43), '"Bob"'),
        ("  sales_taxes: [{name: Tax A, rate: 5, vendor: Ada}]\n  customers: {given: [{name: ada}]}", (4, 30), "already in use"),
        ("  accounts: {given: [{name: Rent, type: Expense, special: UndepositedFunds}]}", (3, 29), "already in use"),
        ("  items: {given: [{name: Lamp, income_account: Sale}]}", (3, 48), "Expected 'Sales'"),
        (
            "  customers: {given: [{name: Ada, credit_limit: 10}]}\n"
            "  items: {given: [{name: Lamp, price: 100}]}\n"
            "history: {months: 1}",
            (5, 1), "credit limit",
        ),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told_with_its_place(tmp_path: Path, lists: str, place: tuple[int, int], words: str) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(f"{HEAD}lists:\n{lists}\n")
    with pytest.raises(UserMistake) as caught:
        Company.create(None, load_description(path), Clock())
    assert caught.value.where == "{}:{}, column {}".format(path, *place), caught.value
    assert words in str(caught.value)


def test_every_special_account_has_a_word() -> None:
    words = get_args(AccountPart.model_fields["special"].annotation)
    assert set(words) == {"", *SPECIAL_ACCOUNT_NAMES}


def test_where_it_stands_is_no_part_of_a_description(tmp_path: Path) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(HEAD)
    assert load_description(path) == parse_yaml(HEAD, CompanyDescription, "other.yaml")


def test_an_unknown_sample_tells_the_nearest() -> None:
    with pytest.raises(UserMistake, match="wholesale_small"):
        sample_path("wholesale_smal")


def test_generated_lists_depend_on_their_seed_alone() -> None:
    plan = HEAD + "lists: {customers: {generate: {count: 200, seed: %d, odd_names: 0.5, jobs: 0.3}}}"
    one, same, other = (Bench(yaml=plan % seed) for seed in (3, 3, 4))
    assert one.company.stamp == same.company.stamp != other.company.stamp
    found = [row["name"] for row in one.truth.customers()]
    assert len(found) == 200
    assert max(map(len, found)) <= 41
    assert all(name.encode("cp1252") for name in found)
    assert any("&" in name for name in found)
    assert any(not name.isascii() for name in found)


def test_money() -> None:
    assert [cents_of(text) for text in ("12.50", "0.01", "-3", "1234567.8")] == [1250, 1, -300, 123456780]


def test_history_is_made_by_the_rules_and_ends_before_the_story() -> None:
    bench = Bench(yaml=sample_path("month_end").read_text(encoding="utf-8"))
    rows = bench.truth.transactions()
    assert {row["kind"] for row in rows} == {"Invoice", "Bill", "ReceivePayment"}
    assert len(rows) > 300
    assert max(row["date"] for row in rows) < "2026-11-23"
    assert any(row["open_cents"] == 0 for row in rows if row["kind"] == "Invoice")
    assert any(row["open_cents"] for row in rows if row["kind"] == "Invoice")
    assert (
        bench.ask(
            "Invoice", "Add", {"InvoiceAdd": invoice(bench.truth.customers()[0]["full_name"], TxnDate="2026-08-31")}
        ).status.code
        == 3171
    )
    again = Bench(yaml=sample_path("month_end").read_text(encoding="utf-8"))
    assert again.company.stamp == bench.company.stamp


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        (
            "lists: {customers: {given: [{name: A, credit_limit: '1.00'}]}, items: {given: [{name: Lamp, price: '10.50'}]}}\n"
            "history: {months: 1}",
            "credit limit",
        ),
        ("lists: {accounts: {template: none}, items: {given: [{name: Bolt, kind: inventory}]}}", "CostOfGoodsSold"),
    ],
    ids=["history", "accounts"],
)
def test_a_rule_that_a_description_breaks_is_a_mistake_of_its_writer(lists: str, words: str) -> None:
    with pytest.raises(UserMistake, match="the company cannot be made") as caught:
        Bench(yaml=HEAD + lists)
    assert words in str(caught.value)
