"""Reading the books for the checks: every record of the company file as `Booked`, and the balances before and after."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from emulator.company import Company
from emulator.core.journal import Row, stamp
from emulator.desktop.correlation import key_in
from emulator.scenario.evidence import Booked, Evidence, StorySettings
from emulator.scenario.model import Scenario
from emulator.world import SERVER, World, balances

KINDS: Final = {
    "Invoice": "invoice",
    "Bill": "bill",
    "CreditMemo": "credit-memo",
    "ReceivePayment": "payment",
    "Customer": "customer",
    "Vendor": "vendor",
}
"""Nouns of QuickBooks and what the platform side calls them; any item is a `product`."""


def evidence_of(world: World, scenario: Scenario, rows: Sequence[Row]) -> Evidence:
    """Return what the checks of a story may read: its journal, its books, and what it agreed on."""
    after, before = balances(world.company), world.balances_before
    settings = StorySettings(
        attempts=world.switches.number("platform.attempts"),
        notifications_contact=world.profile.notifications.contact,
        push_new=world.profile.push_mode,
        auto_heal=world.switches.flag("platform.auto-heal"),
        attempt_scope=world.switches["platform.attempt-scope"],  # type: ignore[arg-type]  # the switch's choices are the literal's
        flush_order=world.switches["platform.flush-order"],  # type: ignore[arg-type]  # as above
        bills_held=world.switches.flag("platform.bills-held"),
        unavailable_counts=world.switches.flag("platform.unavailable-counts"),
        taxes=world.switches["connector.taxes"],  # type: ignore[arg-type]  # as above
        refusal_counts=world.switches.flag("platform.refusal-counts"),
        drain_limit_s=scenario.drain_within.total_seconds(),
        connector_machine=SERVER,
        applications=(scenario.connector.application,),
    )
    return Evidence(
        rows,
        booked(world.company, rows),
        settings,
        receivables=after["receivables"],
        payables=after["payables"],
        receivables_before=before["receivables"],
        payables_before=before["payables"],
    )


def booked(company: Company, rows: Sequence[Row] = ()) -> list[Booked]:
    """Return every transaction and every customer, vendor and item of a company file.

    Args:
        company: the open file.
        rows: a journal; tells under whose name a record was made (the file does not keep it): the application of its session, or a person.
    """
    makers = _makers(rows)
    truth = company.truth
    transactions = [_transaction(row, makers) for row in truth.transactions()]
    entries = [
        _entry(KINDS.get(row["kind"], "product"), row, makers) for row in (*truth.customers(), *truth.vendors(), *truth.items())
    ]
    return transactions + entries


def _makers(rows: Sequence[Row]) -> dict[str, str]:
    """Return, for each record that the journal saw made, the application of the session it was made in, or the person that typed it."""
    applications: dict[tuple[object, object], str] = {}
    makers: dict[str, str] = {}
    for row in rows:
        session = (row.get("machine"), row.get("session"))
        if row["kind"] == "session-begun":
            applications[session] = str(row.get("application", ""))
        elif row["kind"] in ("committed", "typed"):
            # A later change of a record by somebody else does not make it his.
            makers.setdefault(
                str(row.get("id")), str(row.get("application") or applications.get(session) or row.get("user") or "")
            )
    return makers


def _transaction(row: dict[str, Any], makers: dict[str, str]) -> Booked:
    return Booked(
        kind=KINDS.get(row["kind"], row["kind"]),
        id=row["txn_id"],
        number=row["ref"] or "",
        party=row["party"],
        date=row["date"],
        total_cents=row["amount_cents"],
        key=key_in(row["memo"] or ""),
        memo=row["memo"] or "",
        created=stamp(datetime.fromtimestamp(row["created"], UTC)),
        by=makers.get(row["txn_id"], ""),
        untaxed_cents=_sum_of_lines(row["lines"]) if row["kind"] == "Invoice" else None,
    )


def _sum_of_lines(lines: dict[str, list[Any]]) -> int | None:
    """Return what an invoice comes to before sales tax; None for one without lines (an opening balance)."""
    parts = [part for name, line in lines.get("InvoiceLineRet|InvoiceLineGroupRet", ()) for part in _parts(name, line)]
    return sum(int(part.get("Amount") or 0) for part in parts) if parts else None


def _parts(name: str, line: dict[str, Any]) -> list[dict[str, Any]]:
    return list(line.get("InvoiceLineRet", ())) if name == "InvoiceLineGroupRet" else [line]


def _entry(kind: str, row: dict[str, Any], makers: dict[str, str]) -> Booked:
    notes = str(row["document"].get("Notes") or "")
    return Booked(kind, row["list_id"], "", row["full_name"], "", 0, key_in(notes), notes, by=makers.get(row["list_id"], ""))
