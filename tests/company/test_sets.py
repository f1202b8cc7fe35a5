"""Message sets: stopOnError, answers without records, and the outcomes kept for error recovery."""

from pathlib import Path
from typing import Any

import pytest

from emulator.company import Caller, Company
from emulator.qbxml import MessageSet, Version, encode_answer_set

from .helpers import Bench, invoice, line, request


def good(name: str = "New") -> Any:
    return request("Customer", "Add", {"CustomerAdd": {"Name": name}})


def bad() -> Any:
    return request("Customer", "Add", {"CustomerAdd": {"Name": "Baker"}})


def missing() -> Any:
    return request("Customer", "Query", {"FullName": ["nobody"]})


@pytest.mark.parametrize(
    ("on_error", "codes"),
    [("stopOnError", [500, 0, 3100, 3231, 3231]), ("continueOnError", [500, 0, 3100, 0, 0])],
)
def test_the_rest_of_a_set(on_error: str, codes: list[int]) -> None:
    bench = Bench()
    answers = bench.answers(missing(), good("One"), bad(), good("Two"), good("Three"), on_error=on_error)
    assert [answer.status.code for answer in answers] == codes
    assert ("Two" in [row["name"] for row in bench.truth.customers()]) == (on_error == "continueOnError")


def test_steps_say_whether_they_write() -> None:
    bench = Bench()
    run = bench.company.begin_set(MessageSet(Version("16.0"), requests=[missing(), bad(), good()]), bench.caller)
    writes = []
    for step in run:
        writes.append(step.writes)
        step.perform()
    assert writes == [False, True, False]  # the last one is not tried


def test_request_ids_come_back() -> None:
    bench = Bench()
    one = good()
    one.attributes["requestID"] = "7"
    answers = bench.answers(one, bad())
    assert [answer.attributes for answer in answers] == [{"requestID": "7"}, {}]


def test_include_none_answers_without_records() -> None:
    assert [answer.records for answer in Bench().answers(good(), response_data="includeNone")] == [[]]


class TestRecovery:
    def run(
        self, bench: Bench, *requests: Any, old: str | None = None, new: str | None = None, caller: Caller | None = None
    ) -> Any:
        message_set = MessageSet(Version("16.0"), old_id=old, new_id=new, requests=list(requests), on_error="continueOnError")
        run = bench.company.begin_set(message_set, caller or bench.caller)
        for step in run:
            step.perform()
        return run

    def code(self, run: Any) -> str:
        return str(run.attributes["messageSetStatusCode"])

    def test_without_ids_there_are_no_attributes(self) -> None:
        assert self.run(Bench(), good()).attributes == {}

    def test_a_set_sent_again_is_answered_from_the_store(self) -> None:
        bench = Bench()
        work = request("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line(), line("Repair"))})
        first = self.run(bench, work, bad(), new="A")
        assert first.attributes == {"newMessageSetID": "A", "messageSetStatusCode": "0"}
        for old in (None, "A"):
            again = self.run(bench, work, bad(), old=old, new="A")
            assert again.answers == first.answers
        asked = self.run(bench, old="A", new="A")
        assert asked.answers == first.answers
        version = Version("16.0")
        assert encode_answer_set(version, asked.answers, {}) == encode_answer_set(version, first.answers, {})
        assert len(bench.truth.transactions()) == 1

    def test_other_content_under_the_same_id(self) -> None:
        bench = Bench()
        self.run(bench, good("One"), new="A")
        run = self.run(bench, good("Two"), new="A")
        assert (self.code(run), run.answers) == ("9001", [])
        assert "Two" not in [row["name"] for row in bench.truth.customers()]

    def test_nothing_stored(self) -> None:
        assert self.code(self.run(Bench(), old="A", new="A")) == "9002"

    def test_an_id_that_is_too_long(self) -> None:
        bench = Bench()
        run = self.run(bench, good(), new="{12345678-1234-1234-1234-123456789012}")
        assert (self.code(run), run.answers) == ("9004", [])
        assert self.code(self.run(bench, good(), new="x" * 24)) == "0"

    def test_forgetting(self) -> None:
        bench = Bench()
        self.run(bench, good(), new="A")
        assert self.code(self.run(bench, old="A")) == "0"
        assert self.code(self.run(bench, old="A")) == "600"
        assert self.code(self.run(bench, old="A", new="A")) == "9002"

    def test_forgetting_one_and_working_under_another(self) -> None:
        bench = Bench()
        self.run(bench, good("One"), new="A")
        assert self.code(self.run(bench, good("Two"), old="A", new="B")) == "0"
        assert self.code(self.run(bench, old="A", new="A")) == "9002"
        assert len(self.run(bench, old="B", new="B").answers) == 1

    def test_forgetting_all_of_one_application(self) -> None:
        bench = Bench()
        other = Caller("s2", "Other Application")
        for name in ("A", "B"):
            self.run(bench, good(name), new=name)
        self.run(bench, good("C"), new="A", caller=other)
        assert self.code(self.run(bench, old="ClearAllMessageSets")) == "0"
        assert self.code(self.run(bench, old="B", new="B")) == "9002"
        assert self.code(self.run(bench, old="A", new="A", caller=other)) == "0"

    def test_by_the_switch_forgetting_all_forgets_nothing(self) -> None:
        bench = Bench(switches={"company.clear-all-message-sets": "plain-id"})
        self.run(bench, good("A"), new="A")
        assert self.code(self.run(bench, old="ClearAllMessageSets")) == "600"
        assert self.code(self.run(bench, old="A", new="A")) == "0"

    def test_the_stored_answer_covers_what_was_done_before_a_crash(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path / "one.qbw")
        requests = [good("One"), good("Two"), good("Three")]
        run = bench.company.begin_set(MessageSet(Version("16.0"), new_id="A", requests=requests), bench.caller)
        steps = iter(run)
        next(steps).perform()
        next(steps).perform(keep=False)  # QuickBooks dies after the commit, before the answer is stored
        bench.company.close()
        again = Bench(company=Company.open(tmp_path / "one.qbw", bench.clock, bench.settings))
        stored = self.run(again, old="A", new="A")
        assert [answer.status.code for answer in stored.answers] == [0]
        assert {"One", "Two"} <= {row["name"] for row in again.truth.customers()}
        again.company.close()
