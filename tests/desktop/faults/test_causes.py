"""The journal names the fault that lasts in the books when a request is refused because of it, and no other answer."""

import pytest

from desktop.faults.at_the_books import KERN, add_customer, add_invoice, find_customer, played

START_LIST = '<CustomerQueryRq iterator="Start"><MaxReturned>10</MaxReturned></CustomerQueryRq>'
LOCK = (
    "<DataExtAddRq><DataExtAdd><OwnerID>{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}</OwnerID><DataExtName>AppLock</DataExtName>"
    "<OtherDataExtType>Company</OtherDataExtType><DataExtValue>LOCKED:ME:1</DataExtValue></DataExtAdd></DataExtAddRq>"
)

CASES = [
    ("missing-ref", {"record": KERN}, add_invoice(), 3140),
    ("inactive-ref", {"record": KERN}, add_invoice(), 3140),
    ("merged-deleted", {"record": KERN}, add_invoice(), 3140),
    ("name-taken", {"name": "Northwind"}, add_customer("Northwind"), 3100),
    ("list-full", {}, add_customer("Northwind"), 3180),
    ("closed-period", {}, add_invoice(), 3171),
    ("credit-limit", {"record": KERN}, add_invoice(), 3180),
    ("feature-off", {"feature": "estimates"}, "<EstimateQueryRq/>", 3250),
    ("preference-flip", {"which": "inventory"}, "<ItemInventoryQueryRq/>", 3250),
    ("iterator-lost", {}, START_LIST.replace("Start", "Continue").replace(">", ' iteratorID="{0}">', 1), 3391),
    ("stale-app-lock", {}, LOCK, 3180),
]


@pytest.mark.parametrize(("kind", "given", "request_element", "code"), CASES, ids=[case[0] for case in CASES])
def test_a_refusal_names_its_fault(kind, given, request_element, code):
    async def story(program):
        program.fault(kind, given=given, **{"as": "it"})
        assert await program.code(request_element) == code
        # Another mistake with a code of its own, and what goes well, have nothing to do with it.
        assert await program.code(find_customer("Harbor Gift Outlet")) == 0
        assert (
            await program.code("<InvoiceAddRq><InvoiceAdd/></InvoiceAddRq>".replace("/>", ">" + OTHER + "</InvoiceAdd>")) == 3140
        )
        program.lift("it")
        await program.ask(request_element)
        return program.blamed("it"), program.desk.office.causes.in_books

    assert played(story) == ([code], {})


OTHER = "<CustomerRef><FullName>Nobody At All</FullName></CustomerRef><TxnDate>2026-03-03</TxnDate>"


def test_two_faults_name_their_own():
    async def story(program):
        program.fault("inactive-ref", given={"record": KERN}, **{"as": "one"})
        program.fault("inactive-ref", given={"record": "Harbor Gift Outlet"}, **{"as": "other"})
        for customer in ("Harbor Gift Outlet", KERN):
            assert await program.code(add_invoice(customer=customer)) == 3140
        return [row["faults"] for row in program.desk.journal.rows("answered")]

    assert played(story) == [["other"], ["one"]]
