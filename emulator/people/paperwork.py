"""What people type into QuickBooks by hand: it goes into the books as their own work, through no application and no session."""

from typing import Any

from emulator.company import Caller
from emulator.desktop import QuickBooks, tell_written
from emulator.people.refusal import ActRefused
from emulator.qbxml import VERSIONS, MessageSet, Version, make_request
from emulator.world import World, directory_of

FIRST = "first"
"""Stands for the first active customer or item of the company, so that a story needs no names of a particular company."""


def type_invoice(world: World, quickbooks: QuickBooks, customer: str, item: str, amount_cents: int, number: str) -> str:
    """Type an invoice of one line and save it; returns the number it got.

    Args:
        world: whose books.
        quickbooks: where somebody is logged in.
        customer, item: full names, or `first`.
        amount_cents: what the line comes to.
        number: what stands in the number field; empty leaves QuickBooks' own proposal, the number after the last one.

    Raises:
        ActRefused: nobody is logged in there, or QuickBooks does not save it, with its own words.
        Refused: a modal window is open there.
    """
    if quickbooks.opening is None:
        raise ActRefused(f"nobody is logged in on {quickbooks.machine}")
    quickbooks.refuse_under_window("type-invoice")
    directory = directory_of(world.company)
    line = {
        "ItemRef": {"FullName": directory["items"][0] if item == FIRST else item},
        "Amount": amount_cents,
    }
    values: dict[str, object] = {
        "CustomerRef": {"FullName": directory["customers"][0] if customer == FIRST else customer},
        "TxnDate": world.clock.now().astimezone(world.timezone).date().isoformat(),
        **({"RefNumber": number} if number else {}),
        "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)],
    }
    record = _saved(world, quickbooks, "InvoiceAdd", values)
    user = quickbooks.opening.user.name
    total_cents = int(record["Subtotal"]) + int(record.get("SalesTaxTotal") or 0)
    facts = {"number": record.get("RefNumber"), "party": record["CustomerRef"]["FullName"], "total_cents": total_cents}
    world.journal.add("quickbooks", "typed", machine=quickbooks.machine, user=user, noun="Invoice", id=record["TxnID"], **facts)
    return str(record.get("RefNumber", ""))


def _saved(world: World, quickbooks: QuickBooks, name: str, values: dict[str, object]) -> dict[str, Any]:
    """Save what was typed; returns the record as it stands in the books."""
    assert quickbooks.opening is not None
    request = make_request(name, {name: values})
    caller = Caller(session=f"typed on {quickbooks.machine}", user=quickbooks.opening.user.name)
    # The newest version: no version limits what people type.
    message_set = MessageSet(Version(VERSIONS[-1]), requests=[request])
    answer = next(iter(world.company.begin_set(message_set, caller))).perform()
    if answer.status.severity == "Error":
        raise ActRefused(answer.status.message)
    tell_written(quickbooks, quickbooks.opening.file, "", request, answer)
    record = answer.records[0][1]
    assert isinstance(record, dict)
    return record
