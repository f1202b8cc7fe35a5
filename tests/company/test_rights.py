"""Roles of users: who may write what."""

import pytest

from emulator.company import Caller

from .helpers import SMALL, Bench, bill, invoice

USERS = "users:\n" + "\n".join(
    f"  - {{name: {role.split()[0]}, role: {role}}}"
    for role in ("Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only")
)


@pytest.mark.parametrize(
    ("user", "sells", "buys"),
    [
        ("Admin", 0, 0), ("external", 0, 0), ("Full", 0, 0), ("Sales", 0, 3260), ("Purchases", 3260, 0), ("VIEW", 3260, 3260),
        ("Stranger", 0, 0),
    ],
)  # fmt: skip
def test_roles(user: str, sells: int, buys: int) -> None:
    bench = Bench(yaml=SMALL + USERS)
    caller = Caller("s", user=user)
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice()}, caller).status.code == sells
    assert bench.ask("Bill", "Add", {"BillAdd": bill()}, caller).status.code == buys
    assert bench.ask("Customer", "Query", {}, caller).status.code == 0
    for row in bench.truth.transactions("Invoice"):
        values = {"TxnDelType": "Invoice", "TxnID": row["txn_id"]}
        assert bench.ask("Txn", "Del", values, Caller("s", user="View")).status.code == 3260


def test_ignored_by_the_switch() -> None:
    bench = Bench(yaml=SMALL + USERS, switches={"company.role-rights": "ignored"})
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice()}, Caller("s", user="View")).status.code == 0
