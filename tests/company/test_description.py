"""Descriptions: what is a mistake, and how it is told."""

import pytest

from emulator.company import CompanyDescription, load_description, sample_path
from emulator.company.description import cents_of
from emulator.company.fixtures import names
from emulator.core.errors import UserMistake
from emulator.core.files import parse_yaml

from .helpers import Bench, invoice

HEAD = "company: {name: X, file: 'C:\\QB\\x.qbw'}\n"


@pytest.mark.parametrize("name", names())
def test_every_shipped_description_makes_a_company(name: str) -> None:
    bench = Bench(yaml=sample_path(name).read_text(encoding="utf-8"))
    assert load_description(sample_path(name)).company.name == bench.company.name
    assert bench.truth.problems() == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("company: {name: X, file: 'C:\\x.qbw'}\nlicense: {seats: 3}", 2, "'licence'"),
        (HEAD + "users:\n  - {name: A, role: Administrator}", 3, "role"),
        (HEAD + "lists:\n  customers:\n    generate: {count: -1}", 4, "count"),
        ("company:\n  name: X\n  file: x.qbw", 3, "Windows path"),
        ("company:\n  name: X\n  file: 'C:\\x.qbw'\n  timezone: America/NewYork", 4, "IANA"),
        ("company:\n  name: X\n  file: 'C:\\x.qbw'\n  edition: Enterprize", 4, "'Enterprise'"),
        (HEAD + "lists:\n  items:\n    given:\n      - {name: Lamp, price: 1.2.3}", 5, "amount"),
        (HEAD + "licence: {seats: 0}", 2, "seats"),
        ("company: {name: X}", 1, "'file'"),
    ],
)
def test_mistakes(text: str, line: int, words: str) -> None:
    with pytest.raises(UserMistake) as caught:
        parse_yaml(text, CompanyDescription, "company.yaml")
    assert caught.value.where == f"company.yaml:{line}"
    assert words in str(caught.value)


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
