"""Faults of items and stock: refused with the sentence of the rule, and only what the rule is about."""

import pytest

from desktop.faults.at_the_books import add_customer, add_invoice, played

LAMP = (
    "<ItemInventoryAddRq><ItemInventoryAdd><Name>Desk Lamp</Name><SalesPrice>10.00</SalesPrice><IncomeAccountRef><FullName>Shipping Income"
    "</FullName></IncomeAccountRef><COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef><AssetAccountRef><FullName>"
    "Inventory Asset</FullName></AssetAccountRef></ItemInventoryAdd></ItemInventoryAddRq>"
)


@pytest.mark.parametrize(("kind", "says"), [("not-enough", "not enough"), ("site", "site"), ("lot", "lot"), ("serial", "serial")])
def test_rules_of_stock(kind, says):
    async def story(program):
        await program.record(LAMP)
        program.fault("stock-rules", times=1, given={"kind": kind})
        (answer,) = await program.ask(add_invoice(item="Desk Lamp"))
        assert says in answer.status.message
        assert "Desk Lamp" in answer.status.message
        return answer.status.code, await program.code(add_invoice(item="Desk Lamp"))

    assert played(story) == (3180, 0)


def test_what_satisfies_a_rule_of_stock():
    async def story(program):
        item = await program.record(LAMP)
        program.company.set_preferences({"serial_or_lot": "lot"})
        fault = program.fault("stock-rules", given={"kind": "lot", "status": 3140})
        request = add_invoice(item="Desk Lamp").replace("<FullName>Desk Lamp</FullName>", f"<ListID>{item['ListID']}</ListID>")
        with_lot = request.replace("</Amount>", "</Amount><LotNumber>L-1</LotNumber>")
        codes = [await program.code(each) for each in (with_lot, add_invoice(), add_customer("New"), request)]
        return codes, fault.hits, fault.missed, fault.why_missed

    assert played(story) == ([0, 0, 0, 3140], 1, 3, "no line moves stock against this rule")


def test_the_start_date_of_an_item():
    async def story(program):
        fault = program.fault("item-start-date", given={"date": "2026-03-01", "item": "freight"})
        cases = [("Freight", "2026-02-28"), ("Freight", "2026-03-01"), ("Assembly", "2026-02-28")]
        answers = [(await program.ask(add_invoice(item=item, date=date)))[0].status for item, date in cases]
        program.lift("item-start-date")
        code = await program.code(add_invoice(date="2026-02-28"))
        return [each.code for each in answers], "start date of Freight" in answers[0].message, fault.missed, code

    assert played(story) == ([3180, 0, 0], True, 2, 0)


def test_every_document_is_too_early():
    async def story(program):
        program.fault("item-start-date", times=1)
        return await program.code(add_invoice()), await program.code(add_invoice())

    assert played(story) == (3180, 0)
