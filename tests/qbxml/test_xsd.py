"""The structure pass: every message compiles at every version, and every mistake in the structure is refused and explained."""

import time
from collections import Counter

import pytest
from lxml import etree

from emulator.qbxml import (
    VERSIONS,
    NotValid,
    Version,
    decode_set,
    encode_answer_set,
    encode_request_set,
    message_names,
    schema_of,
)
from emulator.qbxml.explain import explain
from emulator.qbxml.sample import sample_answer, sample_request, variants
from emulator.qbxml.xsd import structure_of, structure_of_rows, write_xsd

from .helpers import answers_at, requests_at
from .mutants import mutants

KINDS = {
    "unknown element", "unknown attribute", "text", "swapped", "dropped", "once too often", "other branch", "element in a leaf",
    "bad value of a list",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("number", VERSIONS)
def test_every_message_compiles_at_every_version(number) -> None:
    schema = schema_of(Version(number).schema_number)
    names = [name for ending in ("Rq", "Rs") for name in message_names(ending) if schema.message(name) is not None]
    assert len(names) >= 182
    for name in names:
        for value_lists in (True, False):
            etree.XMLSchema(etree.fromstring(write_xsd(schema.message(name), value_lists=value_lists)))


@pytest.mark.parametrize("name", ["SignonMsgsRq", "SignonMsgsRs", "QBXMLEvents"])
def test_what_stands_around_the_messages_compiles(name) -> None:
    assert not structure_of_rows(name).validate(etree.fromstring(f"<{name}/>"))


def test_the_first_invoice_does_not_pay_for_all_messages() -> None:
    schema = schema_of("12.0")
    started = time.perf_counter()
    etree.XMLSchema(etree.fromstring(write_xsd(schema.message("InvoiceAddRq"))))
    assert time.perf_counter() - started < 0.5  # measured: 0.002


@pytest.mark.slow
def test_structural_mistakes_in_a_request_are_refused_and_explained() -> None:
    _mistakes_in_requests("13.0", [name for name in requests_at("13.0") if name.startswith(("Invoice", "Bill", "Customer"))])


@pytest.mark.slow
@pytest.mark.parametrize("number", ["1.0", "2.1", "4.0", "6.0", "9.0", "12.0", "16.0"])
def test_every_structural_mistake_in_a_request_is_refused_and_explained(number) -> None:
    kinds = _mistakes_in_requests(number, requests_at(number))
    assert sum(kinds.values()) > 3_000


def _mistakes_in_requests(number, names):
    version = Version(number)
    kinds, done = Counter(), set()
    for name in names:
        for variant in variants(version, name):
            text = encode_request_set(version, "stopOnError", [sample_request(version, name, "fullest", variant)])
            kinds += _refused_and_explained(_only_message(text), version, name, done)
    assert set(kinds) == KINDS
    return kinds


@pytest.mark.slow
@pytest.mark.parametrize("number", ["3.0", "16.0"])
def test_every_structural_mistake_in_an_answer_is_refused_and_explained(number) -> None:
    version = Version(number)
    kinds, done = Counter(), set()
    for name in answers_at(number):
        text = encode_answer_set(version, [sample_answer(version, name, "fullest")])
        kinds += _refused_and_explained(_only_message(text), version, name, done)
    assert set(kinds) == KINDS


def _only_message(text):
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_blank_text=True))
    return root[0][0]


def _refused_and_explained(element, version, name, done):
    """Each mutant: libxml2 refuses it, our own reading finds the place. The right one is taken by both."""
    message = schema_of(version.schema_number).message(name)
    structure = structure_of(version.schema_number, name)
    kinds = Counter()
    for kind, path in mutants(element, message.children, f"QBXML/{name}", done):
        kinds[kind] += 1
        what = f"{kind} in {path} at {version}"
        assert not structure.validate(element), what
        diagnosis = explain(element, message, "QBXML")
        assert diagnosis is not None, what
        assert diagnosis.path == path, f"{what}: {diagnosis}"
        assert str(diagnosis)
    assert structure.validate(element), structure.error_log
    assert explain(element, message, "QBXML") is None
    return kinds


@pytest.mark.parametrize("number", [pytest.param(v, marks=() if v in ("2.0", "12.0") else pytest.mark.slow) for v in VERSIONS])
def test_a_message_with_newer_elements_is_refused(number) -> None:
    version, newest = Version(number), Version("16.0")
    refused = 0
    for name in requests_at(number):
        old_request, new_request = sample_request(version, name, "fullest"), sample_request(newest, name, "fullest")
        old_text = encode_request_set(version, "stopOnError", [new_request])
        new_text = encode_request_set(newest, "stopOnError", [new_request]).replace('version="16.0"', f'version="{number}"')
        if version.number not in ("1.0", "1.1") and old_text == new_text:
            continue
        if old_request.values == new_request.values or version.number in ("1.0", "1.1"):
            continue  # the sample differs in values only, or the version is declared in another way
        with pytest.raises(NotValid) as caught:
            decode_set(new_text)
        assert caught.value.result == "0x80040400"
        refused += 1
    assert refused > 0 or number in ("1.0", "1.1", "14.0", "15.0", "16.0", "13.0")


def test_a_request_that_the_version_does_not_have_yet() -> None:
    text = encode_request_set("16.0", "stopOnError", [sample_request(Version("16.0"), "InventorySiteQueryRq", "smallest")])
    with pytest.raises(NotValid) as caught:
        decode_set(text.replace("16.0", "9.0"))
    assert caught.value.result == "0x80040400"
    assert "since 10.0" in caught.value.diagnosis.problem


def test_the_diagnosis_of_a_newer_element_says_so() -> None:
    text = encode_request_set("13.0", "stopOnError", [sample_request(Version("13.0"), "InvoiceAddRq", "fullest")])
    with pytest.raises(NotValid) as caught:
        decode_set(text.replace("13.0", "5.0"))
    assert "is newer than the declared version: it exists since qbXML " in caught.value.diagnosis.problem
