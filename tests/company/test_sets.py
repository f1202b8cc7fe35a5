"""Message sets: stopOnError, answers without records, and the outcomes kept for error recovery."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator.company import Caller, Company, sets
from emulator.qbxml import Answer, MessageSet, Version, decode_set, encode_answer_set

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


@dataclass
class Sent:
    """What a set was answered with."""

    answers: list[Answer]
    attributes: dict[str, str]


class TestRecovery:
    def run(
        self, bench: Bench, *requests: Any, old: str | None = None, new: str | None = None, caller: Caller | None = None
    ) -> "Sent":
        message_set = MessageSet(Version("16.0"), old_id=old, new_id=new, requests=list(requests), on_error="continueOnError")
        run = bench.company.begin_set(message_set, caller or bench.caller)
        return Sent(run.finish(), run.attributes)

    def code(self, sent: "Sent") -> str:
        return sent.attributes["messageSetStatusCode"]

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
        assert self.code(self.run(bench, old="x" * 25)) == "9004"

    @pytest.mark.parametrize(("setting", "answers"), [("performed", 1), ("dropped", 0)])
    def test_requests_beside_an_old_id_that_is_not_known(self, setting: str, answers: int) -> None:
        bench = Bench(switches={"company.unknown-old-set-with-requests": setting})
        run = self.run(bench, good(), old="nope")
        assert (self.code(run), len(run.answers)) == ("600", answers)

    def test_faulty_content_under_the_same_id(self) -> None:
        bench, sent = Bench(), []
        for amount in ("abc", "xyz", "abc"):
            body = f"<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef/><TotalAmount>{amount}</TotalAmount>"
            body += "<IsAutoApply>true</IsAutoApply></ReceivePaymentAdd></ReceivePaymentAddRq>"
            document = f'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError" newMessageSetID="Q">{body}</QBXMLMsgsRq></QBXML>'
            run = bench.company.begin_set(decode_set(document), bench.caller)
            run.finish()
            sent.append(run.attributes["messageSetStatusCode"])
        assert sent == ["0", "9001", "0"]

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

    @pytest.mark.parametrize("stored", [0, 1, 2])
    def test_what_was_done_before_a_crash_is_all_that_is_answered(self, tmp_path: Path, stored: int) -> None:
        bench = Bench(tmp_path / "one.qbw")
        requests = [good("One"), good("Two"), good("Three")]
        steps = iter(bench.company.begin_set(MessageSet(Version("16.0"), new_id="A", requests=requests), bench.caller))
        for _ in range(stored):
            next(steps).perform()
        bench.company.close()
        again = Bench(company=Company.open(tmp_path / "one.qbw", bench.clock, bench.settings))
        answers = self.run(again, *requests, new="A").answers
        assert [answer.status.code for answer in answers] == [0] * (stored or 3)
        names = [row["name"] for row in again.truth.customers()]
        assert [name in names for name in ("One", "Two", "Three")] == [place < (stored or 3) for place in range(3)]
        again.company.close()

    def test_an_outcome_that_cannot_be_stored(self) -> None:
        bench = Bench()
        run = bench.company.begin_set(MessageSet(Version("16.0"), new_id="A", requests=[good("One"), good("Two")]), bench.caller)
        one, two = run
        assert one.perform().status.code == 0
        run.not_kept()
        assert two.perform().status.code == 0
        assert run.attributes == {"newMessageSetID": "A", "messageSetStatusCode": "9005"}
        assert {"One", "Two"} <= {row["name"] for row in bench.truth.customers()}
        assert self.code(self.run(bench, old="A", new="A")) == "9002"

    def test_an_outcome_that_is_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sets, "SIZE_MAX", 2_000)
        bench = Bench()
        queries = [request("Account", "Query", {}), good("One")]
        sent = self.run(bench, *queries, new="A")
        assert (self.code(sent), [answer.status.code for answer in sent.answers]) == ("9005", [0, 0])
        assert self.code(self.run(bench, old="A", new="A")) == "9002"
        assert self.code(self.run(bench, good("Two"), new="A")) == "0"

    def test_storing_costs_the_same_however_many_answers_there_are(self) -> None:
        bench = Bench()
        run = bench.company.begin_set(
            MessageSet(Version("16.0"), new_id="A", requests=[good(f"N{number}") for number in range(50)]), bench.caller
        )
        sizes = []
        for step in run:
            step.perform(keep=False)
            before = bench.company._store.connection.total_changes
            step.keep()
            sizes.append(bench.company._store.connection.total_changes - before)
        assert sizes == [2] + [1] * 49


class TestErrorRecovery:
    """ErrorRecovery: the identity of what was written, whatever the request wants to see."""

    WORK = (
        request("Customer", "Add", {"CustomerAdd": {"Name": "New"}, "IncludeRetElement": ["Name"]}),
        request("Invoice", "Add", {"InvoiceAdd": invoice("Baker", ExternalGUID="{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}")}),
        request("Customer", "Query", {"FullName": ["Baker"]}),
        bad(),
    )

    def recovery(self, setting: str, **of_set: Any) -> list[dict[str, Any] | None]:
        answers = Bench(switches={"company.error-recovery-element": setting}).answers(
            *self.WORK, on_error="continueOnError", **of_set
        )
        encode_answer_set("16.0", answers)
        return [next((value for name, value in answer.records if name == "ErrorRecovery"), None) for answer in answers]  # type: ignore[misc]

    def test_with_an_id_what_was_written_is_told(self) -> None:
        customer, sale, *rest = self.recovery("with-message-set-id", new_id="A")
        assert customer is not None
        assert customer.keys() == {"ListID", "EditSequence"}
        assert sale is not None
        assert sale.keys() == {"TxnID", "TxnNumber", "EditSequence", "ExternalGUID"}
        assert rest == [None, None]

    @pytest.mark.parametrize(
        ("setting", "of_set", "told"),
        [
            ("with-message-set-id", {}, 0),
            ("always", {}, 2),
            ("never", {"new_id": "A"}, 0),
            ("always", {"response_data": "includeNone"}, 0),
        ],
    )
    def test_when_it_is_there(self, setting: str, of_set: dict[str, Any], told: int) -> None:
        assert sum(each is not None for each in self.recovery(setting, **of_set)) == told


def test_include_ret_element_narrows_the_answer_of_a_write_and_not_what_is_known_of_it() -> None:
    [answer] = Bench().answers(request("Customer", "Add", {"CustomerAdd": {"Name": "New"}, "IncludeRetElement": ["Name"]}))
    assert answer.records == [("CustomerRet", {"Name": "New"})]
    [(_name, whole)] = answer.written
    assert isinstance(whole, dict)
    assert whole.keys() >= {"ListID", "TimeCreated", "EditSequence", "Name", "FullName"}
