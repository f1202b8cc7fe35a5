"""What people are told of a refusal: the right cause in the first line, the place, what was expected, the nearest valid form."""

import random
import re
from collections import defaultdict
from functools import cache

import pytest
from lxml import etree

from emulator.company import Explainer
from emulator.company.explaining import EXPLAINED_MAX
from emulator.qbxml import (
    Choices,
    Diagnosis,
    Limits,
    NotValid,
    Version,
    decode_set,
    encode_request_set,
    message_names,
    places_in,
    schema_of,
)
from emulator.qbxml.sample import sample_request

from .broken import NEVER, STRUCTURE, Broken, broken_documents, right, set_of
from .helpers import Bench, invoice


@cache
def bench() -> Bench:
    """The one company that nothing is written to."""
    made = Bench()
    made.add("Invoice", invoice("Abercrombie"))
    return made


@cache
def documents() -> tuple[str, ...]:
    """Right documents, of the records that stand in the company."""
    [customer] = bench().found("Customer", FullName=["Baker"])
    [sold] = bench().found("Invoice")
    return tuple(right(customer["ListID"], customer["EditSequence"], sold["TxnID"], sold["EditSequence"]))


def explained(document: str, bench: Bench) -> list[tuple[int, Diagnosis]]:
    """Return what is told of each refusal, with its code (0: the whole document)."""
    try:
        messages = decode_set(document.encode())
    except NotValid as refused:
        return [(0, refused.diagnosis)]
    explainer = bench.company.explainer(lambda: places_in(document.encode()), Choices())
    assert isinstance(explainer, Explainer)
    told = []
    for number, step in enumerate(bench.company.begin_set(messages, bench.caller)):
        outcome = step.perform().status
        if outcome.severity != "Info":
            told.append((outcome.code, explainer.explain(number, step.request, outcome)))
    return told


def why(body: str, bench: Bench) -> tuple[int, Diagnosis]:
    [told] = explained(set_of(body), bench)
    return told


def test_the_documents_are_right() -> None:
    for document in documents():
        assert explained(document, bench().again()) == []


def test_the_right_cause_stands_in_the_first_line_and_the_right_place(capsys) -> None:
    """Of 100 broken documents at least 95, and 9 of 10 of every kind, have the cause in the first line, and the right place and word.

    The place and the nearest right word are looked at wherever the maker of the document knows them.
    """
    found = broken_documents(list(documents()))
    hits: dict[str, list[Broken]] = defaultdict(list)
    misses: dict[str, list[tuple[Broken, str]]] = defaultdict(list)
    company = bench().again()
    for each in found:
        told = explained(each.document, company)
        if not told:
            company = bench().again()
        first = told[0][1].problem if told else "(nothing is refused)"
        if told and each.is_told_by(told[0][1]):
            hits[each.kind].append(each)
        else:
            misses[each.kind].append((each, f"{told[0][1].place}: {first} ({told[0][1].nearest})" if told else first))
    total, right_ones = len(found), sum(map(len, hits.values()))
    with capsys.disabled():
        print(f"\n{right_ones} of {total} broken documents have the cause in the first line and the right place:")
        for kind in sorted({*hits, *misses}):
            print(f"  {kind}: {len(hits[kind])} of {len(hits[kind]) + len(misses[kind])}")
            for each, first in misses[kind][:3]:
                print(f"    {each.words} {each.place} {each.near}: {first}")
    assert total >= 800
    assert len({*hits, *misses}) >= 45
    assert right_ones >= 0.95 * total
    for kind in misses:
        assert len(hits[kind]) >= 0.9 * (len(hits[kind]) + len(misses[kind])), (kind, misses[kind][0])


@pytest.mark.slow
def test_the_cause_of_documents_that_nobody_wrote() -> None:
    """The same over requests drawn by lot, filled from the schema: those that are refused have the cause in the first line."""
    lot, version = random.Random(7), Version("16.0")
    messages = [message for name in message_names("Rq") if (message := schema_of("16.0").message(name)) is not None]
    names = [message.name for message in messages if message.supported and message.kind != "subscription"]
    hits, misses = 0, []
    for name in lot.sample(names, 60):
        document = encode_request_set(version, "stopOnError", [sample_request(version, name, "fullest", lot.randrange(3))])
        if document.count("<") > 160:
            continue
        for make in STRUCTURE:
            made = list(make(document))
            for each in lot.sample(made, min(6, len(made))):
                told = refusal_of(each.document)
                if told is not None and each.is_told_by(told):
                    hits += 1
                elif told is not None:
                    misses.append((each.kind, each.words, told.problem))
    assert hits > 1000
    assert len(misses) <= 0.05 * (hits + len(misses)), misses[:5]


def refusal_of(document: str) -> Diagnosis | None:
    """Return why a document is refused as a whole; None when it is taken: what the schema does not need may well be left out."""
    try:
        decode_set(document)
    except NotValid as refused:
        return refused.diagnosis
    return None


def test_the_place_is_where_the_element_stands() -> None:
    """Line and column are those of the element that is told as found, and a form that is shown is XML."""
    places, forms = 0, 0
    for each in broken_documents(list(documents()[:2])):
        company = bench().again()
        for _, told in explained(each.document, company):
            if told.column and re.fullmatch(r"<\w+>", told.found):
                there = each.document.splitlines()[told.line - 1][told.column - 1 :]
                assert there.startswith(told.found[:-1]), (each, told)
                places += 1
            if told.form.startswith("<") and "</" in told.form and "more lines" not in told.form:
                etree.fromstring(told.form)
                forms += 1
    assert places > 100
    assert forms > 100


REFUSED = [
    pytest.param(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Abercromby</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>",
        3140,
        "<CustomerRef> names the Customer 'Abercromby', which is not in this company file",
        ("'Abercrombie'", "'Abercrombie:Kitchen'"),
        "<CustomerRef>\n  <FullName>Abercrombie</FullName>\n</CustomerRef>",
        id="missing reference",
    ),
    pytest.param(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Abercrombie:Kichen</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>",
        3140,
        "<CustomerRef> names the Customer 'Abercrombie:Kichen', which is not in this company file",
        ("'Abercrombie:Kitchen'", "'Abercrombie'"),
        "<CustomerRef>\n  <FullName>Abercrombie:Kitchen</FullName>\n</CustomerRef>",
        id="missing job",
    ),
    pytest.param(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Landlord</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>",
        3140,
        "<CustomerRef> names 'Landlord', which is a Vendor and no Customer",
        None,
        "",
        id="another kind",
    ),
    pytest.param(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Gone</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>",
        3140,
        "<CustomerRef> names the Customer 'Gone', which is not active",
        None,
        None,
        id="inactive",
    ),
    pytest.param(
        "<CustomerAddRq><CustomerAdd><Name>Zyx</Name><ParentRef><FullName>Bakers</FullName></ParentRef></CustomerAdd></CustomerAddRq>",
        3130,
        "<ParentRef> names the Customer 'Bakers', which is not in this company file",
        ("'Baker'",),
        "<ParentRef>\n  <FullName>Baker</FullName>\n</ParentRef>",
        id="missing parent",
    ),
    pytest.param(
        f"<CustomerAddRq><CustomerAdd><Name>{'x' * 42}</Name></CustomerAdd></CustomerAddRq>",
        3070,
        "<Name> holds 42 characters, and may hold 41",
        ("at most 41 characters",),
        f"<Name>{'x' * 41}</Name> <!-- cut to 41 characters -->",
        id="too long",
    ),
    pytest.param(
        "<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>80000006-1705327200</TxnID></TxnDelRq>",
        3120,
        "<TxnID> names '80000006-1705327200', and there is no such Invoice in this company file; "
        "it is the ListID of the Template 'Custom Sales Receipt', the Account 'Prepaid Expenses', the Customer 'Baker'",
        None,
        "",
        id="identity of something else",
    ),
    pytest.param(
        "<CustomerAddRq><CustomerAdd><Name>Baker</Name></CustomerAdd></CustomerAddRq>",
        3100,
        "the name 'Baker' is taken by the Customer with ListID 80000006-1705327200",
        ("a name that is free", "a CustomerMod of 80000006-1705327200"),
        "",
        id="name taken",
    ),
]


@pytest.mark.parametrize(("body", "code", "problem", "expected", "form"), REFUSED)
def test_what_the_company_file_knows(body, code, problem, expected, form) -> None:
    found, told = why(body, bench())
    assert (found, told.problem) == (code, problem)
    assert told.line == 5
    assert told.column > 1
    assert expected is None or told.expected == expected
    assert form is None or told.form == form


def in_invoice(customer: str, item: str = "<FullName>Lamp</FullName>", terms: str = "") -> str:
    return (
        f"<InvoiceAddRq><InvoiceAdd>\n<CustomerRef>{customer}</CustomerRef>\n{terms}\n"
        f"<InvoiceLineAdd>\n<ItemRef>{item}</ItemRef></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


SAME = "80000006-1705327200"
"""A ListID that a customer has, and no terms: each family of lists counts its own."""

REFERENCES = [
    (
        in_invoice("<FullName>Abercrombie</FullName>", "<FullName>Abercrombie</FullName>"),
        "ItemRef", 9, "<ItemRef> names the Item 'Abercrombie', which is not in this company file; 'Abercrombie' is a Customer", "",
    ),
    (
        in_invoice(f"<ListID>{SAME}</ListID>", terms=f"<TermsRef><ListID>{SAME}</ListID></TermsRef>"),
        "TermsRef", 7, f"<TermsRef> names the Terms '{SAME}', which is not in this company file; it is the ListID of", "",
    ),
    (
        in_invoice("<FullName>Lamp</FullName>"),
        "CustomerRef", 6, "<CustomerRef> names the Customer 'Lamp', which is not in this company file; 'Lamp' is an ItemNonInventory", "",
    ),
    (
        in_invoice("<FullName> Abercrombie\n</FullName>"),
        "CustomerRef", 6, "is written 'Abercrombie', without more blanks", "Abercrombie",
    ),
    (in_invoice("<FullName>Abercrombie</FullName>", "<FullName>Lmap</FullName>"), "ItemRef", 9, "the Item 'Lmap'", "Lamp"),
    (in_invoice("<FullName>Abercrombie</FullName>", "<FullName>Leimp</FullName>"), "ItemRef", 9, "the Item 'Leimp'", ""),
    (
        "<InvoiceQueryRq>\n<EntityFilter><FullName>Bakers</FullName></EntityFilter></InvoiceQueryRq>",
        "EntityFilter", 6, "<EntityFilter> names the Customer 'Bakers'", "Baker",
    ),
    (
        "<CustomDetailReportQueryRq><CustomDetailReportType>CustomTxnDetail</CustomDetailReportType>\n"
        "<ReportAccountFilter><FullName>Rents</FullName></ReportAccountFilter><SummarizeRowsBy>Account</SummarizeRowsBy>"
        "<IncludeColumn>Amount</IncludeColumn></CustomDetailReportQueryRq>",
        "ReportAccountFilter", 6, "<ReportAccountFilter> names the Account 'Rents'", "Rent",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "element", "line", "problem", "near"), REFERENCES)
def test_a_reference_is_told_where_it_stands(body, element, line, problem, near) -> None:
    """What refused the request knows the element: the same text may stand in others, where it is right."""
    code, told = why(body, bench())
    assert code == 3140
    assert (told.path.split("/")[-1], told.line, told.nearest) == (element, line, near)
    assert problem in told.problem
    assert "\n" not in told.problem


@pytest.mark.parametrize(
    ("body", "problem", "near"),
    [
        ("<CustomerQueryRq>\n<FullName>Bakers</FullName></CustomerQueryRq>", "there is no such Customer", "Baker"),
        ("<ItemQueryRq>\n<FullName>Bakers</FullName></ItemQueryRq>", "there is no such Item in this company file", ""),
        ("<ItemQueryRq>\n<FullName>Baker</FullName></ItemQueryRq>", "'Baker' is a Customer", ""),
        (f"<InvoiceQueryRq>\n<TxnID>{SAME}</TxnID></InvoiceQueryRq>", "it is the ListID of", ""),
    ],
)
def test_a_query_of_what_is_not_there(body, problem, near) -> None:
    code, told = why(body, bench())
    assert (code, told.line, told.column, told.nearest) == (500, 6, 1, near)
    assert problem in told.problem


ADDRESS = "".join(f"<Addr{number}>{number}</Addr{number}>" for number in range(1, 6))
ELSEWHERE = [
    (
        f"<CustomerAddRq><CustomerAdd><Name>Zyx</Name>\n<BillAddress>{ADDRESS}<City>x</City></BillAddress></CustomerAdd></CustomerAddRq>",
        3205, "CustomerAdd/BillAddress", "five lines",
    ),
    (
        '<CustomerQueryRq>\n</CustomerQueryRq>'.replace(
            "Rq>\n", 'Rq iterator="Continue"\n iteratorID="x"><MaxReturned>5</MaxReturned>'
        ),
        3391, "CustomerQueryRq@iteratorID", "the last answer",
    ),
    ("<CustomerAddRq><CustomerAdd>\n<Name>a:b</Name></CustomerAdd></CustomerAddRq>", 3090, "CustomerAdd/Name", "without a colon"),
    ("<CustomerAddRq><CustomerAdd>\n<Name> </Name></CustomerAdd></CustomerAddRq>", 3150, "CustomerAdd/Name", "a text"),
    (
        "<CustomerAddRq><CustomerAdd>\n<Name>a</Name><ParentRef><FullName>Landlord</FullName></ParentRef></CustomerAdd></CustomerAddRq>",
        3130, "CustomerAdd/ParentRef", "a Customer there is",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "path", "expected"), ELSEWHERE)
def test_what_is_told_stands_at_its_element(body, code, path, expected) -> None:
    found, told = why(body, bench())
    assert found == code
    assert told.path.endswith(path)
    assert expected in told.expected_words


def test_a_stale_edit_sequence_is_told_with_the_current_one() -> None:
    [customer] = bench().found("Customer", FullName=["Baker"])
    body = f"<CustomerModRq><CustomerMod><ListID>{customer['ListID']}</ListID><EditSequence>1</EditSequence></CustomerMod></CustomerModRq>"
    code, told = why(body, bench())
    assert (code, told.nearest) == (3200, customer["EditSequence"])
    assert told.form == f"<EditSequence>{customer['EditSequence']}</EditSequence>"
    [sold] = bench().found("Invoice")
    body = f"<InvoiceModRq><InvoiceMod><TxnID>{sold['TxnID']}</TxnID><EditSequence>1</EditSequence></InvoiceMod></InvoiceModRq>"
    code, told = why(body, bench())
    assert (code, told.nearest) == (3200, sold["EditSequence"])


def test_a_request_that_is_passed_over_names_the_one_that_failed() -> None:
    bad = f"<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>{NEVER}</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>"
    first, second = explained(set_of(f"<CustomerQueryRq/>{bad}<CustomerQueryRq/>"), bench())
    assert (first[0], second[0]) == (3140, 3231)
    assert second[1].problem == "not processed, because request 2 (InvoiceAddRq) failed before it and onError is stopOnError"


def test_a_document_with_very_many_refusals_costs_little() -> None:
    """Only the first ones are explained in full."""
    one = "<CustomerQueryRq/><ListDelRq><ListDelType>Customer</ListDelType><ListID>8-1</ListID></ListDelRq>"
    text = set_of(one * (EXPLAINED_MAX + 5)).replace("stopOnError", "continueOnError")
    told = explained(text, bench())
    assert len(told) == EXPLAINED_MAX + 5
    assert told[EXPLAINED_MAX - 1][1].column
    assert not told[EXPLAINED_MAX][1].column
    assert told[EXPLAINED_MAX][1].problem.startswith("List elements can be deleted in single-user mode only.")


def test_the_document_is_read_once_more_with_the_same_limits() -> None:
    document = set_of("<HostQueryRq/><CustomerQueryRq/>").encode()
    places = places_in(document, Limits(), Choices())
    assert [places.request(number).tag for number in (0, 1)] == ["HostQueryRq", "CustomerQueryRq"]
    assert places.place(0, places.request(0)) == (5, 1)
    assert places.place(1, places.request(1)) == (5, 1 + len("<HostQueryRq/>"))
