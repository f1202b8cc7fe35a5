"""Windows that a request opens: what can be shown, and what is refused."""

from typing import Any

import pytest

from emulator.company import Caller

from .conformance.everything import billed, everything, invoiced


def asked(noun: str, operation: str, values: dict[str, Any], caller: Caller | None = None, **switches: str) -> int:
    bench = everything(switches=switches)
    ids = {"INVOICE": invoiced(bench, "Baker", 100), "BILL": billed(bench, "Landlord", 100)}
    ids |= {
        row["full_name"].upper(): row["list_id"] for noun in ("Customer", "Vendor", "Item") for row in bench.truth.records(noun)
    }
    before = list(bench.company._store.connection.iterdump())
    code = bench.ask(noun, operation, {name: ids.get(str(value), value) for name, value in values.items()}, caller).status.code
    assert list(bench.company._store.connection.iterdump()) == before
    return code


@pytest.mark.parametrize(
    ("noun", "operation", "values", "code"),
    [
        ("ListDisplay", "Add", {"ListDisplayAddType": "Customer"}, 0),
        ("ListDisplay", "Mod", {"ListDisplayModType": "Customer", "ListID": "BAKER"}, 0),
        ("ListDisplay", "Mod", {"ListDisplayModType": "Item", "ListID": "LAMP"}, 0),
        ("ListDisplay", "Mod", {"ListDisplayModType": "Vendor", "ListID": "BAKER"}, 3120),
        ("ListDisplay", "Mod", {"ListDisplayModType": "Customer", "ListID": "80000099-1"}, 3120),
        ("TxnDisplay", "Add", {"TxnDisplayAddType": "Invoice"}, 0),
        ("TxnDisplay", "Add", {"TxnDisplayAddType": "Invoice", "EntityRef": {"FullName": "Baker"}}, 0),
        ("TxnDisplay", "Add", {"TxnDisplayAddType": "Invoice", "EntityRef": {"FullName": "Nobody"}}, 3140),
        ("TxnDisplay", "Mod", {"TxnDisplayModType": "Invoice", "TxnID": "INVOICE"}, 0),
        ("TxnDisplay", "Mod", {"TxnDisplayModType": "Invoice", "TxnID": "BILL"}, 3120),
        ("TxnDisplay", "Mod", {"TxnDisplayModType": "Bill", "TxnID": "1-1"}, 3120),
    ],
)
def test_what_can_be_shown(noun: str, operation: str, values: dict[str, Any], code: int) -> None:
    assert asked(noun, operation, values) == code


@pytest.mark.parametrize(("setting", "code"), [("refused", 3250), ("ignored", 0)])
def test_nobody_is_there_to_see_it(setting: str, code: int) -> None:
    unattended = Caller("s", automatic_login=True)
    switches = {"company.display-without-window": setting}
    assert asked("TxnDisplay", "Add", {"TxnDisplayAddType": "Invoice"}, unattended, **switches) == code
