"""The data: what is there, that it is sound, and how a version is resolved from it."""

import json
from importlib.resources import files

import pytest

from emulator.qbxml import VERSIONS, Version, message_names, schema_of
from emulator.qbxml.schema import Choice, first_version, is_private, rows_of
from emulator.qbxml.values import _READERS


def models(model):
    """Every content model in it, itself first."""
    yield model
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                yield from models(branch)
        elif not part.type:
            yield from models(part.children)


def names(model):
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                yield from names(branch)
        else:
            yield part.name


def messages(number):
    schema = schema_of(Version(number).schema_number)
    return [message for end in ("Rq", "Rs") for name in message_names(end) if (message := schema.message(name)) is not None]


@pytest.mark.parametrize("name", ["messages.json", "groups.json", "enums.json", "document.json", "status_codes.json"])
def test_a_data_file_is_json_with_one_entry_per_line(name) -> None:
    text = (files("emulator.qbxml") / "data" / name).read_text(encoding="utf-8")
    entries = json.loads(text)
    assert len(text.splitlines()) == len(entries) + 2
    assert all(json.loads("{" + line.rstrip(",") + "}") for line in text.splitlines()[1:-1])


def test_all_268_requests_and_their_answers_are_there() -> None:
    requests, answers = message_names("Rq"), message_names("Rs")
    assert len(requests) == len(answers) == 268
    assert [name[:-1] for name in requests] == [name[:-1] for name in answers]
    assert sum(map(is_private, requests)) == 29


@pytest.mark.parametrize(
    ("number", "count"),
    [
        ("1.0", 182),
        ("2.0", 262),
        ("3.0", 342),
        ("4.0", 354),
        ("7.0", 418),
        ("10.0", 464),
        ("12.0", 472),
        ("13.0", 478),
        ("16.0", 478),
    ],
)
def test_how_many_messages_a_version_has(number, count) -> None:
    assert len(messages(number)) == count


@pytest.mark.parametrize("number", [pytest.param(v, marks=() if v in ("2.0", "16.0") else pytest.mark.slow) for v in VERSIONS])
def test_every_content_model_is_sound(number) -> None:
    for message in messages(number):
        for model in models(message.children):
            found = list(names(model))
            assert len(found) == len(set(found)), f"{message.name} names an element twice: an XSD would be ambiguous"
            for part in model:
                assert part.maximum is None or 0 <= part.minimum <= part.maximum
                if isinstance(part, Choice):
                    assert part.branches
                    assert all(part.branches)
                    assert bool(part.key) == (part.maximum is None)
                else:
                    assert not part.type or part.type in _READERS
                    assert (part.type == "ENUMTYPE") == bool(part.values)


def node(number, message, *path):
    found = schema_of(Version(number).schema_number).message(message)
    model = found.children
    for step in path:
        part = next((each for each in flat(model) if each.name == step), None)
        if part is None:
            return None
        model = part.children
    return part


def flat(model):
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                yield from flat(branch)
        else:
            yield part


@pytest.mark.parametrize(
    ("message", "path", "has", "lacks"),
    [
        ("InvoiceAddRq", ["InvoiceAdd", "TemplateRef"], ["3.0", "16.0"], ["1.0", "2.1"]),
        ("InvoiceAddRq", ["InvoiceAdd", "ExternalGUID"], ["9.0", "10.0"], ["8.0"]),
        ("InvoiceAddRq", ["InvoiceAdd", "SetCredit"], ["10.0"], ["9.0"]),
        ("InvoiceAddRq", ["InvoiceAdd", "InvoiceLineAdd", "SerialNumber"], ["11.0"], ["10.0"]),
        ("BillModRq", ["BillMod", "ClassRef"], [], ["16.0"]),
        ("TimeTrackingAddRq", ["TimeTrackingAdd", "IsBillable"], ["1.0", "2.0", "2.1", "5.0"], ["6.0", "16.0"]),
        (
            "EmployeeAddRq",
            ["EmployeeAdd", "EmployeePayrollInfo", "IsUsingTimeDataToCreatePaychecks"],
            ["2.0", "4.1"],
            ["5.0", "13.0"],
        ),
        ("EmployeeQueryRs", ["EmployeeRet", "EmployeePayrollInfo", "IsUsingTimeDataToCreatePaychecks"], ["3.0"], ["5.0"]),
        ("EntityQueryRs", ["EmployeeRet", "EmployeePayrollInfo", "IsUsingTimeDataToCreatePaychecks"], ["3.0"], ["5.0"]),
        ("TimeTrackingQueryRs", ["TimeTrackingRet", "IsBilled"], ["4.0"], ["6.0"]),
    ],
)
def test_which_versions_have_an_element(message, path, has, lacks) -> None:
    for number in has:
        assert node(number, message, *path) is not None, number
    for number in lacks:
        assert node(number, message, *path) is None, number


def test_15_is_16() -> None:
    assert schema_of(Version("15.0").schema_number) is schema_of("16.0")


HISTORY = [
    ("CustomerAddRq", ["CustomerAdd", "Email"], "length_max", {"1.0": 99, "4.1": 99, "5.0": 1023, "16.0": 1023}),
    ("ReceivePaymentAddRq", ["ReceivePaymentAdd", "RefNumber"], "length_max", {"2.0": 11, "2.1": 20, "3.0": 20}),
    ("DataExtAddRq", ["DataExtAdd", "DataExtName"], "length_max", {"4.1": 31, "5.0": None, "6.0": 31}),
    ("ItemInventoryAddRq", ["ItemInventoryAdd", "COGSAccountRef"], "minimum", {"6.0": 1, "7.0": 0}),
    ("DepositAddRq", ["DepositAdd", "DepositLineAdd"], "minimum", {"7.0": 1, "8.0": 0}),
    ("ItemSalesTaxGroupAddRq", ["ItemSalesTaxGroupAdd", "ItemSalesTaxRef"], "minimum", {"2.0": 0, "2.1": 1}),
]


@pytest.mark.parametrize(("message", "path", "fact", "by_version"), HISTORY)
def test_what_was_different_once(message, path, fact, by_version) -> None:
    assert {number: getattr(node(number, message, *path), fact) for number in by_version} == by_version


def test_values_that_came_later() -> None:
    old, new = node("3.0", "TxnDelRq", "TxnDelType"), node("16.0", "TxnDelRq", "TxnDelType")
    assert "BuildAssembly" in new.values
    assert "BuildAssembly" not in old.values
    assert not {"PayrollPriorPayment", "PayrollLiabilityAdjustment"} & set(new.values)


def test_what_is_carried_beside_structure() -> None:
    assert node("13.0", "CustomerQueryRq", "ActiveStatus").default == "ActiveOnly"
    assert node("13.0", "CustomerQueryRq", "MaxReturned").smallest == "1"
    assert node("13.0", "InvoiceAddRq", "InvoiceAdd", "RefNumber").length_max == 11
    assert node("13.0", "InvoiceAddRq", "InvoiceAdd", "IsTaxIncluded").supported is False
    assert node("13.0", "InvoiceQueryRs", "InvoiceRet", "TxnID").always
    assert first_version("InventorySiteAddRq") == "10.0"
    assert first_version("NoSuchRq") is None
    assert rows_of("SignonMsgsRq")
    assert rows_of("QBXMLEvents")


def test_iterators_are_where_they_belong() -> None:
    with_iterator = [m.name for m in messages("16.0") if any(a.name == "iterator" for a in m.attributes)]
    assert len(with_iterator) == 46
    assert "InventoryAdjustmentQueryRq" in with_iterator
    assert "AccountQueryRq" not in with_iterator
