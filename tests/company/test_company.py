"""The company as other rooms see it: made, asked, opened again, two that never mix, and every answer fit for the wire."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.company import Caller, Company, known_nouns, load_description, sample_path
from emulator.core.errors import UserMistake
from emulator.qbxml import (
    MessageSet,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    message_names,
)

from .helpers import Bench, bill, invoice, payment, record_of, request


@pytest.fixture(scope="module")
def sample() -> Company:
    return Company.create(
        None, load_description(sample_path("wholesale_small")), lambda: datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    )


def test_the_sample_company(sample: Company) -> None:
    assert (sample.name, sample.seats, sample.edition) == ("Brightwater Wholesale LLC", 3, "Enterprise")
    assert sample.path_shown.startswith("\\\\FILEHOST\\")
    assert [user["name"] for user in sample.users] == ["Admin", "Goflow", "Accountant"]
    assert len(sample.truth.customers()) == 60
    assert any(":" in row["full_name"] for row in sample.truth.customers())
    assert len(sample.truth.vendors()) >= 15
    assert len(sample.truth.items()) >= 40
    assert sample.truth.problems() == []


def test_the_same_description_makes_the_same_company() -> None:
    description = load_description(sample_path("wholesale_small"))
    one, two = (
        Company.create(None, description, lambda year=year: datetime(year, 5, 1, tzinfo=UTC))
        for year in (2026, 2027)  # type: ignore[misc]
    )
    assert one.stamp == two.stamp
    assert list(one._store.connection.iterdump()) == list(two._store.connection.iterdump())


# The stamp changes with the description, the generator or Faker; then the new one is written here on purpose.
SAMPLE_STAMP = "18312a4129c78d10"


def test_the_stamp_of_the_sample_is_known(sample: Company) -> None:
    assert sample.stamp == SAMPLE_STAMP


WORK = (
    request("Account", "Query", {}),
    request("Customer", "Query", {"MaxReturned": 5}),
    request("Vendor", "Query", {}),
    request("Item", "Query", {}),
    request("Entity", "Query", {"MaxReturned": 70}),
    request("Terms", "Query", {}),
    request("SalesTaxCode", "Query", {}),
    request("Host", "Query", {"IncludeListMetaData": {"IncludeMaxCapacity": True}}, requestID="7"),
    request("Company", "Query", {}),
    request("Preferences", "Query", {}),
    request("Customer", "Add", {"CustomerAdd": {"Name": "New & Co", "BillAddress": {"Addr1": "1 Main", "City": "Troy"}}}),
    request("Invoice", "Add", {"InvoiceAdd": invoice("New & Co", {"ItemRef": {"FullName": "Freight"}, "Quantity": 250000})}),
    request("Bill", "Add", {"BillAdd": bill("New Jersey Division of Taxation", 4567)}),
    request("ReceivePayment", "Add", {"ReceivePaymentAdd": payment("New & Co", 1000, IsAutoApply=True)}),
    request("Invoice", "Query", {"IncludeLineItems": True, "IncludeLinkedTxns": True}),
    request("ReceivePayment", "Query", {"IncludeLineItems": True}),
    request("Bill", "Query", {"IncludeLineItems": True, "IncludeLinkedTxns": True}),
)


@pytest.mark.parametrize("number", ["2.0", "8.0", "13.0", "16.0"])
def test_answers_can_be_written_at_every_version_and_read_back(number: str) -> None:
    company = Company.create(None, load_description(sample_path("wholesale_small")), lambda: datetime(2026, 11, 23, tzinfo=UTC))
    version = Version(number)
    for each in WORK:
        [answer] = company.begin_set(MessageSet(version, requests=[each]), Caller("s")).finish()
        assert not answer.status.failed
        [back] = decode_answer_set(encode_answer_set(version, [answer]), number, strict=True).answers
        assert back.status == answer.status
        assert len(back.records) == len(answer.records)


def test_requests_come_off_the_wire() -> None:
    version = Version("13.0")
    text = encode_request_set(version, "stopOnError", [each for each in WORK if each.operation == "Add"])
    bench = Bench(yaml=sample_path("wholesale_small").read_text(encoding="utf-8"))
    answers = bench.answers(*decode_set(text).requests)
    assert [answer.status.code for answer in answers] == [0, 0, 0, 0]
    assert record_of(answers[1])["BalanceRemaining"] == 3125
    assert bench.truth.problems() == []


def test_a_file_opened_again_answers_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "one.qbw")
    bench.add("Invoice", invoice("Baker"))
    questions = [request(noun, "Query", {}) for noun in ("Customer", "Vendor", "Account", "Item", "Invoice")]
    before = bench.answers(*questions)
    path = bench.company.path
    assert path is not None
    bench.company.close()
    again = Bench(company=Company.open(path, bench.clock, bench.settings))
    assert again.answers(*questions) == before
    again.company.close()


def test_two_companies_never_mix(tmp_path: Path) -> None:
    first, second = Bench(tmp_path / "one.qbw"), Bench()
    first.add("Customer", {"Name": "Only here"})
    first.add("Invoice", invoice("Only here"))
    assert second.query("Customer", FullName=["Only here"]).status.code == 500
    assert second.truth.transactions() == []
    first.company.close()


def test_changed_settings_stay_with_the_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "one.qbw")
    bench.company.close_books(datetime(2026, 10, 31, tzinfo=UTC).date())
    bench.company.grant({"name": "New App", "granted_by": "Admin", "login": "ask every time"})
    bench.company.close()
    again = Company.open(tmp_path / "one.qbw", bench.clock)
    assert str(again.closing_date) == "2026-10-31"
    assert again.apps[-1]["name"] == "New App"
    again.close()


def test_known_nouns_are_nouns_of_qbxml() -> None:
    requests = set(message_names("Rq"))
    for noun, operations in known_nouns().items():
        for operation in operations:
            assert f"{noun}{operation}Rq" in requests


def test_a_description_that_breaks_a_rule_is_our_users_mistake() -> None:
    with pytest.raises(UserMistake, match=r"customer 'twice' cannot be made"):
        Bench(
            yaml="company: {name: X, file: 'C:\\x.qbw'}\nlists: {customers: {given: [{name: Twice}, {name: twice}, {name: Twice}]}}"
        )


def test_preferences_are_kept_and_go_back_with_a_snapshot(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "books")
    before = bench.company.snapshot()
    bench.company.set_preferences({"estimates": False, "sales_tax": False})
    assert not bench.company.has_feature("estimates")
    bench.company.restore(before)
    assert bench.company.has_feature("estimates")
    assert bench.company.has_feature("sales-tax")
    bench.company.set_preferences({"classes": True})
    bench.company.close()
    again = Company.open(tmp_path / "books", lambda: datetime(2026, 11, 23, 14, 30, tzinfo=UTC))
    assert (again.has_feature("classes"), again.preferences["classes"], again.has_feature("estimates")) == (True, True, True)
    again.close()


def test_limits_of_lists_and_iterators_are_set_and_taken_away() -> None:
    bench = Bench()
    counts = bench.company.count_entries()
    bench.company.limit_lists(counts)
    assert bench.ask("Customer", "Add", {"CustomerAdd": {"Name": "One more"}}).status.code == 3180
    bench.company.limit_lists(None)
    assert bench.ask("Customer", "Add", {"CustomerAdd": {"Name": "One more"}}).status.code == 0
    assert bench.company.count_entries()["entity"] == counts["entity"] + 1
    assert bench.company.lose_iterators() == 0
