"""Faults of lists: a program feels each with the code that QuickBooks gives, and its end lets the next attempt work."""

import pytest

from desktop.faults.at_the_books import KERN, add_customer, add_invoice, find_customer, played
from emulator.core.errors import UserMistake


def save_customer(record, phone="555-1"):
    identity = f"<ListID>{record['ListID']}</ListID><EditSequence>{record['EditSequence']}</EditSequence>"
    return f"<CustomerModRq><CustomerMod>{identity}<Phone>{phone}</Phone></CustomerMod></CustomerModRq>"


def test_somebody_saves_the_record_just_before():
    async def story(program):
        program.fault("edit-race", times=1)
        record = await program.record(find_customer())
        assert await program.code(save_customer(record)) == 3200
        now = await program.record(find_customer())
        assert (now["Notes"], "Phone" in now) == ("looked through", False)
        assert await program.code(save_customer(now)) == 0
        return program.by_hand("edit-race")

    assert played(story) == ["by-hand"]


def test_somebody_saves_the_document_just_before():
    async def story(program):
        program.fault("edit-race", times=1, where={"request": "InvoiceModRq"})
        made = await program.record(add_invoice())
        identity = f"<TxnID>{made['TxnID']}</TxnID><EditSequence>{made['EditSequence']}</EditSequence>"
        return await program.code(f"<InvoiceModRq><InvoiceMod>{identity}<Memo>mine</Memo></InvoiceMod></InvoiceModRq>")

    assert played(story) == 3200


def test_an_edit_race_needs_a_mod():
    async def story(program):
        fault = program.fault("edit-race")
        await program.record(add_invoice())
        return fault.hits, fault.missed, fault.why_missed

    assert played(story) == (0, 1, "the request is no Mod of a record")


@pytest.mark.parametrize("kind", ["missing-ref", "inactive-ref"])
@pytest.mark.parametrize(
    ("given", "customer", "item"),
    [
        ({}, "Harbor Gift Outlet", "Freight"),
        ({"record": KERN}, KERN, "Freight"),
        ({"of": "item"}, KERN, "Assembly"),
        ({"of": "item", "record": "freight"}, KERN, "Freight"),
    ],
)
def test_a_reference_that_names_nothing_good(kind, given, customer, item):
    async def story(program):
        program.fault(kind, where={"request": "InvoiceAddRq"}, given=given)
        assert await program.code(add_invoice(customer=customer, item=item)) == 3140
        program.lift(kind)
        assert await program.code(add_invoice(customer=customer, item=item)) == 0
        return program.by_hand(kind)

    assert played(story) == ["by-hand", "by-hand"]


def test_an_account_that_has_another_name():
    async def story(program):
        first = (await program.record("<AccountQueryRq><MaxReturned>1</MaxReturned></AccountQueryRq>"))["FullName"]
        program.fault("missing-ref", given={"of": "account", "to": "Elsewhere"})
        codes = [
            await program.code(f"<AccountQueryRq><FullName>{name}</FullName></AccountQueryRq>") for name in (first, "Elsewhere")
        ]
        program.lift("missing-ref")
        return [*codes, await program.code(f"<AccountQueryRq><FullName>{first}</FullName></AccountQueryRq>")]

    assert played(story) == [500, 0, 0]


def test_an_inactive_record_named_by_its_id_is_taken():
    async def story(program):
        customer = await program.record(find_customer())
        program.fault("inactive-ref", given={"record": KERN})
        by_id = add_invoice().replace(f"<FullName>{KERN}</FullName>", f"<ListID>{customer['ListID']}</ListID>")
        return await program.code(by_id), await program.code(add_invoice())

    assert played(story) == (0, 3140)
    assert played(story, {"company.inactive-by-id": "refused"}) == (3140, 3140)


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"record": "Nobody"}, "there is no party 'Nobody' in the books"),
        ({"of": "item", "record": "Nothing"}, "there is no item 'Nothing' in the books"),
    ],
)
@pytest.mark.parametrize("kind", ["missing-ref", "inactive-ref", "merged-deleted"])
def test_a_record_that_is_not_there(kind, given, mistake):
    async def story(program):
        with pytest.raises(UserMistake) as caught:
            program.fault(kind, given=given)
        return caught.value.given, program.desk.plan.faults()

    assert played(story) == (mistake, [])


def test_a_call_that_names_no_such_record_is_missed():
    async def story(program):
        fault = program.fault("inactive-ref", when={"first": 5}, given={"of": "item"})
        assert await program.code(add_customer("New")) == 0
        missed = fault.missed, fault.why_missed
        assert await program.code(add_invoice()) == 3140
        return missed, fault.hits

    assert played(story) == ((1, "CustomerAddRq names no item"), 1)


def test_a_merged_record_stays_merged():
    async def story(program):
        await program.record(add_invoice())
        customer = await program.record(find_customer())
        by_id = add_invoice("G-2").replace(f"<FullName>{KERN}</FullName>", f"<ListID>{customer['ListID']}</ListID>")
        program.fault("merged-deleted", given={"record": KERN, "to": "Harbor Gift Outlet"})
        assert await program.code(by_id) == 3140
        program.lift("merged-deleted")
        assert await program.code(by_id) == 3140
        (moved,) = program.company.truth.transactions("Invoice")[-1:]
        assert await program.code(add_invoice("G-2", customer="Harbor Gift Outlet")) == 0
        return moved["party"], program.by_hand("merged-deleted")

    assert played(story) == ("Harbor Gift Outlet", ["by-hand"])


def test_the_touched_record_is_merged_into_the_first_other_one():
    async def story(program):
        program.fault("merged-deleted", when={"nth": 1})
        return await program.code(add_invoice()), await program.code(find_customer())

    assert played(story) == (3140, 500)


def test_a_deleted_record_is_gone():
    async def story(program):
        await program.record(add_customer("Unused"))
        program.fault("merged-deleted", given={"record": "Unused", "how": "delete"})
        return await program.code(find_customer("Unused")), await program.code(add_customer("Unused"))

    assert played(story) == (500, 0)


def test_what_is_used_cannot_be_deleted():
    async def story(program):
        await program.record(add_invoice())
        with pytest.raises(UserMistake, match="QuickBooks does not let Admin do it"):
            program.fault("merged-deleted", given={"record": KERN, "how": "delete"})
        return await program.code(add_invoice("G-2"))

    assert played(story) == 0


@pytest.mark.parametrize(
    ("given", "request_element"),
    [
        ({}, add_customer("Northwind")),
        ({"inactive": True}, add_customer("Northwind")),
        ({"kind": "OtherName"}, add_customer("Northwind")),
        ({}, add_customer("Northwind").replace("Customer", "Vendor")),
        (
            {},
            add_customer("Northwind")
            .replace("Customer", "ItemService")
            .replace(
                "</ItemServiceAdd>",
                "<SalesOrPurchase><AccountRef><FullName>Shipping Income</FullName></AccountRef></SalesOrPurchase></ItemServiceAdd>",
            ),
        ),
        ({}, add_customer("Northwind").replace("</Name>", f"</Name><ParentRef><FullName>{KERN}</FullName></ParentRef>")),
        ({}, "<AccountAddRq><AccountAdd><Name>Northwind</Name><AccountType>Bank</AccountType></AccountAdd></AccountAddRq>"),
    ],
)
def test_a_name_that_somebody_has_taken(given, request_element):
    async def story(program):
        program.fault("name-taken", when={"nth": 1}, given=given)
        assert await program.code(request_element) == 3100
        program.lift("name-taken")
        assert await program.code(request_element) == 0
        return program.by_hand("name-taken")

    assert played(story) == ["typed", "by-hand"]


def test_a_name_that_is_given_is_taken_at_once():
    async def story(program):
        program.fault("name-taken", given={"name": "Northwind"})
        with pytest.raises(UserMistake, match="no call that adds a name is struck"):
            program.fault("name-taken", **{"as": "another"})
        return await program.code(add_customer("northwind"))

    assert played(story) == 3100


def test_a_full_list():
    async def story(program):
        program.fault("list-full")
        vendor = add_customer("B").replace("Customer", "Vendor")
        codes = [await program.code(each) for each in (add_customer("A"), vendor, add_invoice())]
        program.lift("list-full")
        return codes, await program.code(add_customer("A"))

    assert played(story) == ([3180, 3180, 0], 0)
    assert played(story, {"company.list-full-code": 3250}) == ([3250, 3250, 0], 0)


def test_a_list_with_room_for_one_more():
    async def story(program):
        names = program.company.count_entries()["entity"]
        program.fault("list-full", given={"limit": names + 1})
        return [await program.code(add_customer(name)) for name in ("A", "B")]

    assert played(story) == [0, 3180]
