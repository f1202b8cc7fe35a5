"""What an old version must have is told although it was not asked for, and what it cannot tell is left out, with a warning."""

from dataclasses import replace
from typing import Any

import pytest

from company.helpers import request
from company.proven import Proven, deposit, owed, part, received, ref
from emulator.qbxml import Version, decode_answer_set, encode_answer_set
from emulator.qbxml.messages import Answer, MessageSet

OLDEST = "2.0"
"""The only version at which an answer about deposits must have lines, and money that waits to be deposited a customer (documented)."""


def told(bench: Proven, number: str, noun: str, **values: Any) -> Answer:
    """Ask at a version; the answer must be valid at it."""
    asked = replace(request(noun, "Query", values), version=number)
    message_set = MessageSet(Version(number), requests=[asked])
    performed = bench.company.begin_set(message_set, bench.caller).finish()
    [answer] = decode_answer_set(encode_answer_set(message_set, performed, {}), number, strict=True).answers
    return answer


def shop() -> Proven:
    """Money of a customer in the bank, and money of a customer and of nobody that waits to be deposited."""
    bench = Proven()
    for _ in range(2):
        invoice = owed(bench, 1000)
        paid = received(bench, 1000, part(invoice, 1000))
    bench.add("Deposit", deposit(paid))
    bench.add("Deposit", deposit({"EntityRef": ref("Baker"), "AccountRef": ref("Sales"), "Amount": 700}))
    accounts = {"TransferFromAccountRef": ref("Operating Account"), "TransferToAccountRef": ref("Undeposited Funds")}
    bench.add("Transfer", {**accounts, "Amount": 300})
    return bench


@pytest.mark.parametrize(("number", "has_lines"), [(OLDEST, True), ("3.0", False), ("16.0", False)])
def test_the_lines_of_a_deposit(number: str, has_lines: bool) -> None:
    answer = told(shop(), number, "Deposit")
    assert [("DepositLineRet" in values) for _name, values in answer.records] == [has_lines] * 2  # type: ignore[operator]


@pytest.mark.parametrize(
    ("number", "code", "amounts"), [(OLDEST, 501, [1000]), ("3.0", 0, [1000, 300]), ("16.0", 0, [1000, 300])]
)
def test_money_of_nobody(number: str, code: int, amounts: list[int]) -> None:
    answer = told(shop(), number, "ReceivePaymentToDeposit")
    assert answer.status.code == code
    assert sorted((values["Amount"] for _name, values in answer.records), reverse=True) == amounts  # type: ignore[index]
