"""Faults of what the file is set to: felt with QuickBooks' own code, and their end lets the next attempt work."""

from datetime import date

import pytest

from desktop.faults.at_the_books import KERN, add_invoice, played
from emulator.core.errors import UserMistake
from emulator.desktop.faults.preferences import SWITCHED


def test_closed_books():
    async def story(program):
        program.fault("closed-period", given={"date": "2026-02-28"})
        codes = [await program.code(add_invoice(date=date)) for date in ("2026-02-28", "2026-03-01")]
        program.lift("closed-period")
        return [*codes, await program.code(add_invoice(date="2026-02-28"))], program.by_hand("closed-period")

    assert played(story) == ([3171, 0, 0], ["by-hand", "by-hand"])


def test_books_closed_today_by_a_call():
    async def story(program):
        program.company.close_books(None)
        program.fault("closed-period", when={"nth": 2}, for_s=60.0)
        codes = [await program.code(add_invoice(number)) for number in ("G-1", "G-2")]
        program.lift("closed-period")
        return codes, await program.code(add_invoice("G-2")), program.company.closing_date

    assert played(story) == ([0, 3171], 0, None)


def test_a_closing_date_goes_back_to_where_it_was():
    async def story(program):
        program.company.close_books(date(2025, 12, 31), password=False)
        program.fault("closed-period")
        program.lift("closed-period")
        assert not program.company.closing_date_has_password
        return await program.code(add_invoice(date="2025-12-31")), await program.code(add_invoice(date="2026-01-01"))

    assert played(story) == (3171, 0)


def test_a_closing_date_without_a_password():
    async def story(program):
        program.fault("closed-period", given={"password": False})
        return await program.code(add_invoice())

    assert played(story) == 3171
    assert played(story, {"company.closing-date-without-password": "accepted"}) == 0


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("March", "date of 'closed-period' is 'March'; expected a day like 2026-03-31"),
        ("2026-02-30", "date of the fault is '2026-02-30'"),
    ],
)
def test_a_wrong_date_is_refused(date, told):
    async def story(program):
        with pytest.raises(UserMistake, match=told):
            program.fault("closed-period", given={"date": date})

    played(story)


@pytest.mark.parametrize("when", [{}, {"nth": 1}])
def test_a_credit_limit(when):
    async def story(program):
        program.fault("credit-limit", when=when, given={"limit_cents": 10_000, **({} if when else {"record": KERN})})
        (answer,) = await program.ask(add_invoice())
        below = await program.code(add_invoice(cents=10_000))
        program.lift("credit-limit")
        return answer.status.code, "credit limit" in answer.status.message, below, await program.code(add_invoice("G-2"))

    assert played(story) == (3180, True, 0, 0)


def test_only_customers_have_a_credit_limit():
    async def story(program):
        vendor = program.company.truth.vendors()[0]["full_name"]
        with pytest.raises(UserMistake, match="is a Vendor"):
            program.fault("credit-limit", given={"record": vendor})

    played(story)


ASKS = {
    "inventory": "<ItemInventoryQueryRq/>",
    "sales-tax": "<SalesTaxCodeQueryRq/>",
    "classes": "<ClassQueryRq/>",
    "units": "<UnitOfMeasureSetQueryRq/>",
    "sites": "<InventorySiteQueryRq/>",
    "price-levels": "<PriceLevelQueryRq/>",
    "estimates": "<EstimateQueryRq/>",
    "sales-orders": "<SalesOrderQueryRq/>",
    "payroll": "<PayrollItemWageQueryRq/>",
}


@pytest.mark.parametrize("feature", sorted(ASKS))
def test_a_feature_that_is_switched_off(feature):
    async def story(program):
        name, on, _ = SWITCHED[feature]
        program.company.set_preferences({name: on})
        before = await program.code(ASKS[feature])
        program.fault("feature-off", given={"feature": feature})
        off = await program.code(ASKS[feature])
        with pytest.raises(UserMistake):
            program.fault("feature-off", given={"feature": feature}, **{"as": "again"})
        program.lift("feature-off")
        return before in (0, 1), off, await program.code(ASKS[feature]) == before

    assert played(story) == (True, 3250, True)


def test_a_feature_that_is_off_already():
    async def story(program):
        with pytest.raises(UserMistake, match="payroll is off already"):
            program.fault("feature-off", given={"feature": "payroll"})

    played(story)


def test_lots_are_switched_off():
    line = "<LotNumber>L-1</LotNumber>"

    async def story(program):
        program.company.set_preferences({"serial_or_lot": "lot"})
        program.fault("feature-off", given={"feature": "lots"})
        request = add_invoice().replace("</Amount>", f"</Amount>{line}")
        codes = [await program.code(request)]
        program.lift("feature-off")
        return [*codes, await program.code(request)]

    assert played(story) == [3250, 0]


def test_sales_tax_is_switched_off():
    taxed = add_invoice(customer="Counter Sales", item="Assembly", cents=100_00)

    async def story(program):
        named = taxed.replace("<Memo>", "<ItemSalesTaxRef><FullName>NJ Sales Tax</FullName></ItemSalesTaxRef><Memo>")
        made = await program.record(taxed)
        before = made["SalesTaxTotal"]
        program.fault("preference-flip")
        identity = f"<TxnID>{made['TxnID']}</TxnID><EditSequence>{made['EditSequence']}</EditSequence>"
        changed = await program.record(f"<InvoiceModRq><InvoiceMod>{identity}<Memo>seen</Memo></InvoiceMod></InvoiceModRq>")
        assert changed["SalesTaxTotal"] == before
        off = await program.record(taxed)
        refused = await program.code(named)
        program.lift("preference-flip")
        after = (await program.record(named))["SalesTaxTotal"]
        return before, off.get("SalesTaxTotal", 0), refused, after

    assert played(story) == (663, 0, 3250, 663)


@pytest.mark.parametrize(
    ("which", "off", "back"), [("inventory", 3250, True), ("sales-tax", 3250, True), ("currencies", 0, False)]
)
def test_a_preference_flips(which, off, back):
    asks = {**ASKS, "currencies": "<CurrencyQueryRq/>"}[which]

    async def story(program):
        before = await program.code(asks)
        program.fault("preference-flip", given={"which": which})
        code = await program.code(asks)
        assert await program.code(add_invoice()) == 0
        program.lift("preference-flip")
        return code in (0, 1) if off == 0 else code == off, (await program.code(asks) == before) is back

    assert played(story) == (True, True)


def test_several_currencies_are_never_switched_off():
    async def story(program):
        program.fault("preference-flip", given={"which": "currencies"})
        program.lift("preference-flip")
        with pytest.raises(UserMistake, match="keeps them for ever"):
            program.fault("preference-flip", given={"which": "currencies"}, **{"as": "again"})

    played(story)


def test_an_edition_without_the_feature():
    async def story(program):
        program.company._books.facts["edition"] = "Pro"
        program.company.set_preferences({"sites": True})
        with pytest.raises(UserMistake, match="sites is off already"):
            program.fault("feature-off", given={"feature": "sites"})

    played(story)
