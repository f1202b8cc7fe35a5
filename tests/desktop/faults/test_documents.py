"""Faults of documents: what accountants do to a program's documents and beside them; the books agree, and the program can find out."""

import pytest

from desktop.faults.at_the_books import KERN, add_customer, add_invoice, find_invoices, played


@pytest.mark.parametrize(
    ("op", "expected"),
    [("amount", (126_00, "[key:K1]")), ("memo", (125_00, "changed by hand")), ("void", (0, "[key:K1]"))],
)
def test_a_document_is_changed_after_it_was_posted(op, expected):
    async def story(program):
        program.fault("human-edit", times=1, given={"op": op})
        posted = await program.record(add_invoice())
        assert posted["Subtotal"] == 125_00
        found = await program.record(find_invoices("G-1"))
        return (found["Subtotal"], found["Memo"]), program.by_hand("human-edit")

    seen, rows = played(story)
    assert seen[0] == expected[0]
    assert expected[1] in seen[1]
    assert rows == ["by-hand"]


def test_a_document_is_deleted_after_it_was_posted():
    async def story(program):
        program.fault("human-edit", times=1, given={"op": "delete"})
        await program.record(add_invoice())
        return await program.code(find_invoices("G-1")), await program.code(add_invoice())

    assert played(story) == (500, 0)


def test_the_amount_of_a_bill_is_changed_and_its_other_lines_stay():
    async def story(program):
        vendor = program.company.truth.vendors()[0]["full_name"]
        account = program.company.truth.postings((await program.record(add_invoice()))["TxnID"])[1][0]
        line = f"<ExpenseLineAdd><AccountRef><FullName>{account}</FullName></AccountRef><Amount>20.00</Amount></ExpenseLineAdd>"
        head = f"<VendorRef><FullName>{vendor}</FullName></VendorRef><RefNumber>B-1</RefNumber>"
        program.fault("human-edit", times=1, given={"by_cents": -500})
        await program.record(f"<BillAddRq><BillAdd>{head}{line}{line}</BillAdd></BillAddRq>")
        return program.company.truth.transactions("Bill")[-1]["amount_cents"]

    assert played(story) == 35_00


def test_what_cannot_be_changed_by_hand_is_told():
    async def story(program):
        program.fault("human-edit", **{"as": "edit"}, times=1)
        payment = "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>{}</FullName></CustomerRef><TotalAmount>5.00</TotalAmount>"
        await program.record(payment.format(KERN) + "<IsAutoApply>1</IsAutoApply></ReceivePaymentAdd></ReceivePaymentAddRq>")
        (row,) = program.desk.journal.rows("by-hand-refused")
        return row["reason"].startswith("ReceivePayment"), row["faults"]

    assert played(story) == (True, ["edit"])


def test_a_list_is_no_document():
    async def story(program):
        edit = program.fault("human-edit")
        typed = program.fault("same-number-accepted", point="quickbooks.before-commit")
        await program.record(add_customer("New"))
        return edit.why_missed, typed.why_missed

    assert played(story) == ("the request has written no document", "the request adds no document with a number")


@pytest.mark.parametrize("point", ["quickbooks.before-commit", "quickbooks.after-commit"])
def test_somebody_types_a_document_with_the_same_number(point):
    async def story(program):
        program.fault("same-number-accepted", times=1, point=point)
        mine = await program.record(add_invoice())
        (answer,) = await program.ask(find_invoices("G-1"))
        found = [values for _, values in answer.records]
        (row,) = program.desk.journal.rows("typed")
        others = [each for each in found if each["TxnID"] != mine["TxnID"]]
        assert [each["TxnID"] for each in others] == [row["id"]]
        return len(found), others[0]["CustomerRef"]["FullName"] == KERN, others[0]["Memo"], row["number"]

    assert played(story) == (2, False, "typed by hand", "G-1")


@pytest.mark.parametrize(("party", "expected"), [("same", KERN), ("Harbor Gift Outlet", "Harbor Gift Outlet")])
def test_for_whom_the_second_document_is(party, expected):
    async def story(program):
        program.fault("same-number-accepted", times=1, given={"party": party})
        await program.record(add_invoice())
        return program.company.truth.transactions("Invoice")[-1]["party"]

    assert played(story) == expected


def test_an_equal_number_is_refused_to_people_too():
    async def story(program):
        program.fault("same-number-accepted", times=1)
        await program.record(add_invoice())
        return program.by_hand("same-number-accepted"), await program.code(add_invoice("G-2"))

    assert played(story, {"company.duplicate-invoice-number": "refused"}) == (["by-hand-refused"], 0)


def test_a_typed_document_takes_the_next_number():
    async def story(program):
        program.fault("ui-number-collision", times=1)
        await program.record(add_invoice("G-10023"))
        (answer,) = await program.ask(find_invoices("G-10024"))
        theirs = answer.records[0][1]
        assert await program.code(add_invoice("G-10024")) == 0
        (answer,) = await program.ask(find_invoices("G-10024"))
        return theirs["Memo"], len(answer.records), program.by_hand("ui-number-collision")

    assert played(story) == ("typed by hand", 2, ["typed"])


@pytest.mark.parametrize("off", [1, -1])
def test_a_cent_more_or_less(off):
    async def story(program):
        program.fault("cent-off", times=1, given={"off_cents": off})
        line = "<Quantity>3</Quantity><Rate>0.333</Rate>"
        made = [await program.record(add_invoice(f"G-{n}").replace("<Amount>125.00</Amount>", line)) for n in (1, 2)]
        return [each["Subtotal"] for each in made]

    assert played(story) == [100 + off, 100]


def test_a_cent_in_the_amount_of_a_line():
    async def story(program):
        fault = program.fault("cent-off")
        await program.record(add_customer("New"))
        made = await program.record(add_invoice())
        return made["Subtotal"], fault.missed, fault.why_missed

    assert played(story) == (125_01, 1, "the request has no line with an amount")
