"""Documents and answers at which memory would show: what is held grows with what comes in and goes out, and with nothing else."""

import sys
import tracemalloc
from datetime import UTC, datetime

import pytest

from emulator.company import Caller, Company, CompanyDescription, load_description, sample_path
from emulator.core.clock import run_virtual
from emulator.desktop import SessionFailure
from emulator.qbxml import AnswerWriter, decode_answer_set, decode_set
from emulator.world import SERVER, World, WorldConfig, ask_quickbooks

from .sample import invoice, request_set

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.mark.slow
def test_ten_thousand_requests_in_one_document():
    """Every one is answered, in order, and written once; the journal has a row for each."""

    async def story(clock):
        world = World(WorldConfig(), clock, None, None)
        try:
            world.machine(SERVER).log_in("Goflow", "multi")
            body = [
                f'<CustomerAddRq requestID="{number}"><CustomerAdd><Name>C {number}</Name></CustomerAdd></CustomerAddRq>'
                for number in range(10_000)
            ]
            answer = await ask_quickbooks(world, request_set(*body).encode())
            return decode_answer_set(answer, "13.0").answers, len(world.company.truth.customers())
        finally:
            world.let_go()

    answers, customers = run_virtual(story, START)
    assert [answer.attributes["requestID"] for answer in answers] == [str(number) for number in range(10_000)]
    assert {answer.status.code for answer in answers} == {0}
    assert customers > 10_000


def test_more_requests_than_a_document_may_have_are_refused_whole():
    async def story(clock):
        world = World(WorldConfig(), clock, None, None)
        try:
            world.machine(SERVER).log_in("Goflow", "multi")
            with pytest.raises(SessionFailure) as refused:
                await ask_quickbooks(world, request_set("<HostQueryRq/>" * 50_001).encode())
            return str(refused.value.code), refused.value.diagnosis
        finally:
            world.let_go()

    code, diagnosis = run_virtual(story, START)
    assert code == "0x80040400"
    assert "50,000" in diagnosis or "50000" in diagnosis


def held(company: Company, document: str) -> tuple[float, float]:
    """Perform a document; return what was held at most in memory, as a multiple of the larger of document and answer, and after it."""
    caller = Caller("s")
    tracemalloc.start()
    try:
        messages = decode_set(document)
        writer = AnswerWriter(messages)
        for step in company.begin_set(messages, caller):
            writer.add(step.perform())
        answer = writer.document()
        size = sys.getsizeof(
            max(answer, document, key=len)
        )  # one character outside Latin-1 makes every one of a text take two bytes
        peak = tracemalloc.get_traced_memory()[1] / size
        del messages, writer, answer, step
        return peak, tracemalloc.get_traced_memory()[0] / size
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_query_that_matches_a_hundred_thousand_rows():
    """Its records are made while they are written: what is held is the text, its copy in one piece, and the records that are kept anyway."""
    given = load_description(sample_path("wholesale_small")).model_dump()
    given["lists"]["customers"]["generate"] = {"count": 100_000, "seed": 7}
    company = Company.create(None, CompanyDescription.model_validate(given), lambda: START)
    try:
        peak, kept = held(company, request_set("<CustomerQueryRq/>"))
        assert peak < 4
        assert kept < 1
    finally:
        company.close()


@pytest.mark.slow
def test_ten_thousand_invoices_in_one_document():
    company = Company.create(None, load_description(sample_path("wholesale_small")), lambda: START)
    try:
        peak, kept = held(company, request_set(*[invoice(f"N-{number}") for number in range(10_000)]))
        assert peak < 8
        assert kept < 1
        assert company.truth.problems() == []
    finally:
        company.close()
