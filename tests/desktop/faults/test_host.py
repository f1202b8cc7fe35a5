"""Faults that take back or summarise what is in the company file: a program finds its own documents gone, and the books agree."""

import pytest

from desktop.faults.at_the_books import KERN, add_invoice, find_invoices, played
from emulator.core.errors import UserMistake
from emulator.desktop import FileHost

PAYMENT = (
    f"<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>{KERN}</FullName></CustomerRef><TxnDate>{{day}}</TxnDate>"
    "<TotalAmount>125.00</TotalAmount><DepositToAccountRef><FullName>{bank}</FullName></DepositToAccountRef><AppliedToTxnAdd><TxnID>{txn}</TxnID><PaymentAmount>125.00</PaymentAmount></AppliedToTxnAdd>"
    "</ReceivePaymentAdd></ReceivePaymentAddRq>"
)


async def anew(program):
    """Whoever has put the file right is back in it; the program begins a new session."""
    await program.desk.perform(program.processor.release())
    await program.begin()


def test_a_restored_backup_takes_back_what_was_posted_since():
    async def story(program):
        file = program.desk.office.files[0]
        FileHost(program.desk.office).back_up(file, "noon")
        before = await program.record(add_invoice("G-1"))
        program.fault("restored-backup")
        await anew(program)
        gone = await program.code(find_invoices("G-1"))
        program.lift("restored-backup")
        again = await program.record(add_invoice("G-2"))
        (row,) = program.desk.journal.rows("restored")
        return gone, row["faults"], row["backup"], before["TxnID"].split("-")[0] == again["TxnID"].split("-")[0]

    assert played(story) == (500, ["restored-backup"], "noon", True)


def test_the_newest_backup_is_meant_and_a_wrong_name_gets_the_nearest():
    async def story(program):
        host, file = FileHost(program.desk.office), program.desk.office.files[0]
        with pytest.raises(UserMistake, match=r"there is no backup of the company file; expected a backup; .*back_up"):
            program.fault("restored-backup")
        for name in ("noon", "evening", "noon"):
            host.back_up(file, name)
        with pytest.raises(UserMistake, match=r"no backup 'evning' .*expected 'evening'"):
            program.fault("restored-backup", given={"backup": "evning"})
        program.fault("restored-backup")
        (row,) = program.desk.journal.rows("restored")
        return row["backup"]

    assert played(story) == "noon"


def test_a_condensed_file_knows_nothing_of_old_numbers_and_keeps_every_balance():
    async def story(program):
        old = await program.record(add_invoice("G-1", date="2025-03-02"))
        banks = [each for each in program.company.truth.accounts() if each["document"]["AccountType"] == "Bank"]
        await program.record(PAYMENT.format(day="2025-03-09", txn=old["TxnID"], bank=banks[0]["full_name"]))
        await program.record(add_invoice("G-2", date="2026-03-02"))
        balances = {each["full_name"]: each["own_cents"] for each in program.company.truth.accounts()}
        program.fault("condensed-file")
        await anew(program)
        found = [await program.code(find_invoices(number)) for number in ("G-1", "G-2")]
        now = {each["full_name"]: each["own_cents"] for each in program.company.truth.accounts()}
        return found, now == balances, [row["faults"] for row in program.desk.journal.rows("condensed")]

    assert played(story) == ([500, 0], True, [["condensed-file"]])


def test_a_day_that_is_none_is_told():
    async def story(program):
        with pytest.raises(UserMistake, match="until is '2026-13-01'; expected a day"):
            program.fault("condensed-file", given={"until": "2026-13-01"})

    played(story)
