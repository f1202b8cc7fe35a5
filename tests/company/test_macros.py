"""Macros: every element that may define one names what was made, every element that may use one takes the identity."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from company.conformance import everything as there
from company.conformance.making import Making
from emulator.qbxml import Version, decode_answer_set, decode_set, encode_answer_set, encode_request_set, message_names, schema_of
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.schema import Choice, Model

from .helpers import Bench, line, record_of, request

VERSION = Version("16.0")


def places(attribute: str) -> list[str]:
    """Return `InvoiceAdd/InvoiceLineAdd` for every element of a request that may carry an attribute."""

    def inside(model: Model, path: tuple[str, ...]) -> Iterator[str]:
        for part in model:
            if isinstance(part, Choice):
                for branch in part.branches:
                    yield from inside(branch, path)
            elif part.supported:
                here = (*path, part.name)
                if any(each.name == attribute for each in part.attributes):
                    yield "/".join(here)
                yield from inside(part.children, here)

    found: list[str] = []
    for name in message_names("Rq"):
        message = schema_of("16.0").message(name)
        found += inside(message.children, ()) if message is not None else ()
    return found


def sent(bench: Bench, *requests: Request) -> list[Answer]:
    """Send requests as one document; return the answers, which must be valid."""
    message_set = decode_set(encode_request_set(VERSION, "stopOnError", requests))
    answers = bench.company.begin_set(message_set, bench.caller).finish()
    return decode_answer_set(encode_answer_set(message_set, answers, {}), "16.0", strict=True).answers


def _entries(values: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the elements of a name in an aggregate, wherever it keeps them."""
    plain = values.get(name, ())
    found = list(plain) if isinstance(plain, list) else [plain] if plain else []
    return found + [entry[1] for key, lines in values.items() if "|" in key for entry in lines if entry[0] == name]


@pytest.mark.parametrize("place", places("defMacro"))
def test_what_defines_a_macro(place: str) -> None:
    aggregate, *inner = place.split("/")
    bench = there.everything()
    asked = Making(bench, VERSION, "fullest", 0, 1).request(f"{aggregate}Rq")
    values = asked.values[aggregate]
    element = _entries(values, inner[0])[-1] if inner else values  # type: ignore[arg-type]
    element["@defMacro"] = "TxnLineID:M" if inner else "TxnID:M"  # type: ignore[index,call-overload]
    probe = request(
        "ClearedStatus", "Mod", {"ClearedStatusMod": {"TxnID": None, "TxnID@useMacro": "TxnID:none", "ClearedStatus": "Cleared"}}
    )
    message_set = decode_set(encode_request_set(VERSION, "continueOnError", [asked, probe]))
    run = bench.company.begin_set(message_set, bench.caller)
    [answer, unknown] = run.finish()
    assert (answer.status.severity, unknown.status.code) == ("Info", 9100), answer.status
    [(_name, made)] = answer.written
    assert isinstance(made, dict)
    if not inner:
        assert run._macros == {"TxnID:M": made["TxnID"]}
        return
    [told] = run._macros.values()
    answered = inner[0].removesuffix("Add") + "Ret" if inner[0].endswith("Add") else inner[0]
    assert told in [each["TxnLineID"] for each in _entries(made, answered)]


def test_a_macro_of_a_refused_request_is_not_kept() -> None:
    bench = there.everything()
    lines = [("InvoiceLineAdd", {**line("Repair"), "@defMacro": "TxnLineID:L"}) for _ in range(2)]
    bad = {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": lines, "@defMacro": "TxnID:I"}
    good = {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": lines[:1], "@defMacro": "TxnID:I"}
    message_set = decode_set(
        encode_request_set(VERSION, "continueOnError", [request("Invoice", "Add", {"InvoiceAdd": each}) for each in (bad, good)])
    )
    answers = bench.company.begin_set(message_set, bench.caller).finish()
    assert [answer.status.code for answer in answers] == [9100, 0]
    assert len(bench.truth.transactions("Invoice")) == 1


def test_a_line_that_is_passed_over_gives_its_name_to_nobody() -> None:
    bench = there.everything()
    order = bench.add(
        "SalesOrder",
        {
            "CustomerRef": {"FullName": "Baker"},
            "SalesOrderLineAdd|SalesOrderLineGroupAdd": [("SalesOrderLineAdd", line("Repair"))],
            "IsManuallyClosed": True,
        },
    )
    [(_name, ordered)] = order["SalesOrderLineRet|SalesOrderLineGroupRet"]
    link = {"LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": ordered["TxnLineID"]}, "@defMacro": "TxnLineID:A"}
    lines = [("InvoiceLineAdd", link), ("InvoiceLineAdd", {**line("Lamp"), "@defMacro": "TxnLineID:B"})]
    asked = {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": lines}
    message_set = decode_set(encode_request_set(VERSION, "continueOnError", [request("Invoice", "Add", {"InvoiceAdd": asked})]))
    run = bench.company.begin_set(message_set, bench.caller)
    [answer] = run.finish()
    assert answer.status.code == 570
    [(_name, lamp)] = record_of(answer)["InvoiceLineRet|InvoiceLineGroupRet"]
    assert run._macros == {"TxnLineID:B": lamp["TxnLineID"]}


def uses(bench: Bench) -> dict[str, tuple[str, dict[str, Any], Any]]:
    """Return place -> (request name, its values, identity that stands there); the books are the same for the same bench."""
    customer, vendor = there.REFERENCES["CustomerRef"], there.REFERENCES["PayeeEntityRef"]
    party = {"CustomerRef": {"FullName": customer}}
    credit, invoice = there.credited(bench, customer, 1_000), there.invoiced(bench, customer, 3_000)
    bill, vendor_credit = there.billed(bench, vendor, 3_000), there.vendor_credit(bench, vendor, 1_000)
    paid = there.paid(bench, "Baker", 1_000)
    order = there.ordered(bench, "PurchaseOrder")
    group = {"ItemGroupRef": {"FullName": "Set"}}
    sold = bench.add(
        "SalesReceipt",
        {
            **party,
            "SalesReceiptLineAdd|SalesReceiptLineGroupAdd": [
                ("SalesReceiptLineAdd", line("Lamp")),
                ("SalesReceiptLineGroupAdd", group),
            ],
        },
    )
    bought = bench.add(
        "PurchaseOrder",
        {
            "VendorRef": {"FullName": vendor},
            "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd": [("PurchaseOrderLineGroupAdd", group)],
        },
    )
    machine = bench.add("BuildAssembly", {"ItemInventoryAssemblyRef": {"FullName": "Machine"}, "QuantityToBuild": 100_000})
    to_vendor = {"PayeeEntityRef": {"FullName": vendor}, "BankAccountRef": {"FullName": "Operating Account"}, "RefNumber": "77"}
    by_card = {"PayeeEntityRef": {"FullName": vendor}, "CreditCardAccountRef": {"FullName": "Company Card"}}
    payment = bench.add(
        "ReceivePayment", {**party, "TotalAmount": 500, "AppliedToTxnAdd": [{"TxnID": invoice, "PaymentAmount": 500}]}
    )
    payment_of_bill = bench.add("BillPaymentCheck", {**to_vendor, "AppliedToTxnAdd": [{"TxnID": bill, "PaymentAmount": 500}]})
    written = bench.add(
        "Check",
        {
            "AccountRef": {"FullName": "Operating Account"},
            "PayeeEntityRef": {"FullName": customer},
            "ExpenseLineAdd": [
                {"AccountRef": {"FullName": "Accounts Receivable"}, "Amount": 300, "CustomerRef": {"FullName": customer}}
            ],
        },
    )
    banked = bench.add(
        "Deposit",
        {
            "DepositToAccountRef": {"FullName": "Operating Account"},
            "DepositLineAdd": [{"AccountRef": {"FullName": "Interest Income"}, "Amount": 100}],
        },
    )

    def known(made: dict[str, Any]) -> dict[str, Any]:
        return {"TxnID": made["TxnID"], "EditSequence": made["EditSequence"]}

    [(_, po_line)] = order["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
    [(_, po_group)] = bought["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
    [(_, sr_line), (_, sr_group)] = sold["SalesReceiptLineRet|SalesReceiptLineGroupRet"]
    po_inner, sr_inner = po_group["PurchaseOrderLineRet"][0], sr_group["SalesReceiptLineRet"][0]
    set_credit = {"CreditTxnID": credit, "AppliedAmount": 400}
    set_vendor_credit = {"CreditTxnID": vendor_credit, "AppliedAmount": 400}
    on_invoice, on_bill = {"TxnID": invoice, "PaymentAmount": 400}, {"TxnID": bill, "PaymentAmount": 400}
    invoiced = next(row for row in bench.found("Invoice") if row["TxnID"] == invoice)
    po_lines, sr_lines = "PurchaseOrderLineMod|PurchaseOrderLineGroupMod", "SalesReceiptLineMod|SalesReceiptLineGroupMod"
    by_receivable = {"AccountRef": {"FullName": "Accounts Receivable"}, "Amount": 300, "CustomerRef": {"FullName": customer}}
    check = {"AccountRef": {"FullName": "Operating Account"}, "PayeeEntityRef": {"FullName": customer}}
    extension = {"OwnerID": "0", "DataExtName": "Color", "TxnDataExtType": "Invoice", "TxnID": invoice, "DataExtValue": "red"}
    bench.ask("DataExtDef", "Mod", {"DataExtDefMod": {"OwnerID": "0", "DataExtName": "Color", "AssignToObject": ["Invoice"]}})
    sides = [
        ("JournalDebitLine", {"AccountRef": {"FullName": "Operating Account"}, "Amount": 10}),
        ("JournalCreditLine", {"AccountRef": {"FullName": "Rent"}, "Amount": 10}),
    ]
    entry = bench.add("JournalEntry", {"JournalDebitLine|JournalCreditLine": sides})
    [(_, entry_line), _] = entry["JournalDebitLine|JournalCreditLine"]
    clear = {"TxnID": payment["TxnID"], "ClearedStatus": "Cleared"}
    return {
        "InvoiceAdd/SetCredit/CreditTxnID": (
            "InvoiceAddRq",
            {**party, "SetCredit": [set_credit], "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line("Repair"))]},
            credit,
        ),
        "InvoiceMod/SetCredit/CreditTxnID": ("InvoiceModRq", {**known(invoiced), "SetCredit": [set_credit]}, credit),
        "ReceivePaymentAdd/AppliedToTxnAdd/TxnID": (
            "ReceivePaymentAddRq",
            {**party, "TotalAmount": 400, "AppliedToTxnAdd": [on_invoice]},
            invoice,
        ),
        "ReceivePaymentAdd/AppliedToTxnAdd/SetCredit/CreditTxnID": (
            "ReceivePaymentAddRq",
            {**party, "TotalAmount": 400, "AppliedToTxnAdd": [{**on_invoice, "SetCredit": [set_credit]}]},
            credit,
        ),
        "ReceivePaymentMod/AppliedToTxnMod/SetCredit/CreditTxnID": (
            "ReceivePaymentModRq",
            {**known(payment), "TotalAmount": 500, "AppliedToTxnMod": [{**on_invoice, "SetCredit": [set_credit]}]},
            credit,
        ),
        "BillPaymentCheckAdd/AppliedToTxnAdd/TxnID": ("BillPaymentCheckAddRq", {**to_vendor, "AppliedToTxnAdd": [on_bill]}, bill),
        "BillPaymentCheckAdd/AppliedToTxnAdd/SetCredit/CreditTxnID": (
            "BillPaymentCheckAddRq",
            {**to_vendor, "AppliedToTxnAdd": [{**on_bill, "SetCredit": [set_vendor_credit]}]},
            vendor_credit,
        ),
        "BillPaymentCheckMod/AppliedToTxnMod/SetCredit/CreditTxnID": (
            "BillPaymentCheckModRq",
            {**known(payment_of_bill), "AppliedToTxnMod": [{**on_bill, "SetCredit": [set_vendor_credit]}]},
            vendor_credit,
        ),
        "BillPaymentCreditCardAdd/AppliedToTxnAdd/TxnID": (
            "BillPaymentCreditCardAddRq",
            {**by_card, "AppliedToTxnAdd": [on_bill]},
            bill,
        ),
        "BillPaymentCreditCardAdd/AppliedToTxnAdd/SetCredit/CreditTxnID": (
            "BillPaymentCreditCardAddRq",
            {**by_card, "AppliedToTxnAdd": [{**on_bill, "SetCredit": [set_vendor_credit]}]},
            vendor_credit,
        ),
        "ARRefundCreditCardAdd/RefundAppliedToTxnAdd/TxnID": (
            "ARRefundCreditCardAddRq",
            {**party, "RefundAppliedToTxnAdd": [{"TxnID": credit, "RefundAmount": 300}]},
            credit,
        ),
        "CheckAdd/ApplyCheckToTxnAdd/TxnID": (
            "CheckAddRq",
            {**check, "ApplyCheckToTxnAdd": [{"TxnID": credit, "Amount": 300}], "ExpenseLineAdd": [by_receivable]},
            credit,
        ),
        "CheckMod/ApplyCheckToTxnMod/TxnID": (
            "CheckModRq",
            {**known(written), "ApplyCheckToTxnMod": [{"TxnID": credit, "Amount": 300}]},
            credit,
        ),
        "ClearedStatusMod/TxnID": ("ClearedStatusModRq", clear, payment["TxnID"]),
        "ClearedStatusMod/TxnLineID": (
            "ClearedStatusModRq",
            {"TxnID": entry["TxnID"], "TxnLineID": entry_line["TxnLineID"], "ClearedStatus": "Cleared"},
            entry_line["TxnLineID"],
        ),
        "DataExtAdd/TxnID": ("DataExtAddRq", extension, invoice),
        "BuildAssemblyMod/TxnID": ("BuildAssemblyModRq", {**known(machine), "Memo": "m"}, machine["TxnID"]),
        "PurchaseOrderMod/TxnID": ("PurchaseOrderModRq", {**known(order), "Memo": "m"}, order["TxnID"]),
        "PurchaseOrderMod/PurchaseOrderLineMod/TxnLineID": (
            "PurchaseOrderModRq",
            {**known(order), po_lines: [("PurchaseOrderLineMod", {"TxnLineID": po_line["TxnLineID"], "Desc": "m"})]},
            po_line["TxnLineID"],
        ),
        "PurchaseOrderMod/PurchaseOrderLineGroupMod/TxnLineID": (
            "PurchaseOrderModRq",
            {**known(bought), po_lines: [("PurchaseOrderLineGroupMod", {"TxnLineID": po_group["TxnLineID"]})]},
            po_group["TxnLineID"],
        ),
        "PurchaseOrderMod/PurchaseOrderLineGroupMod/PurchaseOrderLineMod/TxnLineID": (
            "PurchaseOrderModRq",
            {
                **known(bought),
                po_lines: [
                    (
                        "PurchaseOrderLineGroupMod",
                        {
                            "TxnLineID": po_group["TxnLineID"],
                            "PurchaseOrderLineMod": [{"TxnLineID": po_inner["TxnLineID"], "Desc": "m"}],
                        },
                    )
                ],
            },
            po_inner["TxnLineID"],
        ),
        "SalesReceiptMod/TxnID": ("SalesReceiptModRq", {**known(sold), "Memo": "m"}, sold["TxnID"]),
        "SalesReceiptMod/SalesReceiptLineMod/TxnLineID": (
            "SalesReceiptModRq",
            {**known(sold), sr_lines: [("SalesReceiptLineMod", {"TxnLineID": sr_line["TxnLineID"], "Desc": "m"})]},
            sr_line["TxnLineID"],
        ),
        "SalesReceiptMod/SalesReceiptLineGroupMod/TxnLineID": (
            "SalesReceiptModRq",
            {**known(sold), sr_lines: [("SalesReceiptLineGroupMod", {"TxnLineID": sr_group["TxnLineID"]})]},
            sr_group["TxnLineID"],
        ),
        "SalesReceiptMod/SalesReceiptLineGroupMod/SalesReceiptLineMod/TxnLineID": (
            "SalesReceiptModRq",
            {
                **known(sold),
                sr_lines: [
                    (
                        "SalesReceiptLineGroupMod",
                        {
                            "TxnLineID": sr_group["TxnLineID"],
                            "SalesReceiptLineMod": [{"TxnLineID": sr_inner["TxnLineID"], "Desc": "m"}],
                        },
                    )
                ],
            },
            sr_inner["TxnLineID"],
        ),
        "DepositAdd/DepositLineAdd/PaymentTxnID": (
            "DepositAddRq",
            {"DepositToAccountRef": {"FullName": "Operating Account"}, "DepositLineAdd": [{"PaymentTxnID": paid}]},
            paid,
        ),
        "DepositAdd/DepositLineAdd/PaymentTxnLineID": (
            "DepositAddRq",
            {
                "DepositToAccountRef": {"FullName": "Operating Account"},
                "DepositLineAdd": [{"PaymentTxnID": paid, "PaymentTxnLineID": _line_of(bench, paid)}],
            },
            _line_of(bench, paid),
        ),
        "DepositMod/DepositLineMod/PaymentTxnID": (
            "DepositModRq",
            {**known(banked), "DepositLineMod": [{"TxnLineID": "-1", "PaymentTxnID": paid}]},
            paid,
        ),
        "DepositMod/DepositLineMod/PaymentTxnLineID": (
            "DepositModRq",
            {
                **known(banked),
                "DepositLineMod": [{"TxnLineID": "-1", "PaymentTxnID": paid, "PaymentTxnLineID": _line_of(bench, paid)}],
            },
            _line_of(bench, paid),
        ),
    }


def _line_of(bench: Bench, txn_id: str) -> str:
    [found] = [row for row in bench.found("ReceivePaymentToDeposit") if row["TxnID"] == txn_id]
    return str(found["TxnLineID"])


def with_macro(values: Any, path: tuple[str, ...], identity: str) -> None:
    """Put `useMacro` in the place of an identity, at a path of elements."""
    if len(path) == 1:
        if values.get(path[0]) == identity:
            values[path[0]] = None
            values[f"{path[0]}@useMacro"] = "TxnID:M"
        return
    entries = values[path[0]] if isinstance(values.get(path[0]), dict) else _entries(values, path[0])
    for each in [entries] if isinstance(entries, dict) else entries:
        with_macro(each, path[1:], identity)


USES = places("useMacro")


def test_the_table_of_uses_is_whole() -> None:
    assert sorted(uses(there.everything())) == sorted(set(USES))


@pytest.mark.parametrize("place", sorted(set(USES)))
def test_what_uses_a_macro(place: str) -> None:
    answers = []
    for by_macro in (False, True):
        bench = there.everything()
        name, values, identity = uses(bench)[place]
        aggregate = name[:-2]
        values = copy.deepcopy(values)
        if by_macro:
            with_macro(values, tuple(place.split("/")[1:]), identity)
            assert "useMacro" in str(values)
        message = schema_of("16.0").message(name)
        assert message is not None
        asked = Request(name, message.noun, message.operation, {}, {aggregate: values})
        run = bench.company.begin_set(decode_set(encode_request_set(VERSION, "stopOnError", [asked])), bench.caller)
        run._macros["TxnID:M"] = identity
        answers += run.finish()
    assert answers[0].status.code == 0, answers[0].status
    assert answers[0] == answers[1]


def test_a_whole_set_by_macros() -> None:
    """An invoice, a credit memo and what is paid of the one by the other, in one document."""
    bench = there.everything()
    party = {"CustomerRef": {"FullName": "Baker"}}
    one = {**party, "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line("Repair", Amount=5_000))]}
    credit = {**party, "CreditMemoLineAdd|CreditMemoLineGroupAdd": [("CreditMemoLineAdd", line("Repair", Amount=2_000))]}
    applied = {
        "TxnID@useMacro": "TxnID:Invoice",
        "TxnID": None,
        "PaymentAmount": 3_000,
        "SetCredit": [{"CreditTxnID@useMacro": "TxnID:Credit", "CreditTxnID": None, "AppliedAmount": 2_000}],
    }
    answers = sent(
        bench,
        request("Invoice", "Add", {"InvoiceAdd": {**one, "@defMacro": "TxnID:Invoice"}}),
        request("CreditMemo", "Add", {"CreditMemoAdd": {**credit, "@defMacro": "TxnID:Credit"}}),
        request("ReceivePayment", "Add", {"ReceivePaymentAdd": {**party, "TotalAmount": 3_000, "AppliedToTxnAdd": [applied]}}),
    )
    assert [answer.status.code for answer in answers] == [0, 0, 0]
    [invoice] = bench.found("Invoice")
    assert (invoice["IsPaid"], invoice["BalanceRemaining"]) == (True, 0)
    assert bench.truth.balance("Baker") == 0
