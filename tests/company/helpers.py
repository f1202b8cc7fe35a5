"""A company under test: one maker with every option defaulted, and short ways to ask it."""

import sqlite3
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from emulator.company import SWITCHES, Caller, Company, CompanyDescription
from emulator.company.company import settings_of
from emulator.company.store import Store
from emulator.core.files import parse_yaml
from emulator.core.switches import Setting, SwitchSettings
from emulator.qbxml import decode_set
from emulator.qbxml.messages import Answer, MessageSet, Request
from emulator.qbxml.versions import Version

MONDAY = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)

SMALL = r"""
company: {name: Test Company, file: 'C:\QB\Test.QBW', timezone: America/New_York, started: 2024-01-15T09:00:00}
lists:
  customers:
    given:
      - {name: Abercrombie, terms: Net 30, taxable: true}
      - {name: Kitchen, parent: Abercrombie, taxable: true}
      - {name: Baker}
      - {name: Limited, credit_limit: "100.00"}
      - {name: Gone, active: false}
  vendors: {given: [{name: Lamp Factory, terms: Net 15}, {name: Landlord}]}
  items:
    given:
      - {name: Lamp, price: "10.50", cost: "4.00", description: A lamp}
      - {name: Repair, kind: service, price: "45.00", description: Repair, taxable: false}
  sales_taxes: [{name: State Tax, rate: "8.25"}]
"""


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class Bench:
    """A company with short ways to ask it. Without a path it is in memory."""

    def __init__(
        self,
        path: Path | None = None,
        switches: dict[str, Setting] | None = None,
        yaml: str = SMALL,
        now: datetime = MONDAY,
        company: Company | None = None,
    ) -> None:
        self.clock = Clock(now)
        self.settings = SwitchSettings([SWITCHES], switches)
        if company is None and path is None:
            company = copied(_template(yaml, now, frozen(switches)), self.clock, self.settings)
        self.company = company or Company.create(path, _description(yaml), self.clock, self.settings)
        self.caller = Caller("session-1", "Test Application")
        self.truth = self.company.truth

    def again(self) -> Self:
        """Return another bench that stands where this one does; each goes its own way from here."""
        other = copy(self)
        other.clock = Clock(self.clock.now)
        other.company = copied(self.company._store, other.clock, self.settings)
        other.truth = other.company.truth
        return other

    def answers(self, *requests: Request, caller: Caller | None = None, **of_set: Any) -> list[Answer]:
        return self.company.begin_set(
            MessageSet(Version("16.0"), requests=list(requests), **of_set), caller or self.caller
        ).finish()

    def ask(self, noun: str, operation: str, values: dict[str, Any], caller: Caller | None = None, **attributes: str) -> Answer:
        [answer] = self.answers(request(noun, operation, values, **attributes), caller=caller)
        return answer

    def document(self, body: str, caller: Caller | None = None) -> list[Answer]:
        """Perform requests written as qbXML, the way they come from outside."""
        text = f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">{body}</QBXMLMsgsRq></QBXML>'
        return self.company.begin_set(decode_set(text), caller or self.caller).finish()

    def add(self, noun: str, values: dict[str, Any]) -> dict[str, Any]:
        """Add a record that must be accepted; return its values."""
        answer = self.ask(noun, "Add", {f"{noun}Add": values})
        assert answer.status.severity != "Error", answer.status
        return record_of(answer)

    def refused(self, noun: str, values: dict[str, Any], operation: str = "Add") -> int:
        """Ask for what must be refused; return the code. Nothing may have been written."""
        before = list(self.company._store.connection.iterdump())
        answer = self.ask(noun, operation, {f"{noun}{operation}": values})
        assert answer.status.severity == "Error", answer
        assert answer.records == []
        assert list(self.company._store.connection.iterdump()) == before
        return answer.status.code

    def query(self, noun: str, caller: Caller | None = None, attributes: dict[str, str] | None = None, **values: Any) -> Answer:
        return self.ask(noun, "Query", values, caller, **(attributes or {}))

    def found(self, noun: str, **values: Any) -> list[dict[str, Any]]:
        return [record for _name, record in self.query(noun, **values).records]  # type: ignore[misc]


Frozen = tuple[tuple[str, Any], ...]


def frozen(options: Mapping[str, Any] | None) -> Frozen:
    """Return options as what a cache can go by."""
    return tuple(sorted((options or {}).items()))


@lru_cache
def _description(yaml: str) -> CompanyDescription:
    return parse_yaml(yaml, CompanyDescription, "test.yaml")


@lru_cache
def _template(yaml: str, now: datetime, switches: Frozen) -> Store:
    """Making a company takes longer than a test's requests, and most benches are of the same few: each is made once."""
    company = Company.create(None, _description(yaml), Clock(now), SwitchSettings([SWITCHES], dict(switches)))
    return company._store


def copied(store: Store, clock: Clock, settings: SwitchSettings) -> Company:
    """Return a company in memory that stands where the file does, and goes its own way from there."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    store.connection.backup(connection)
    return Company(Store(connection, None), clock, settings_of(settings))


def request(noun: str, operation: str, values: dict[str, Any], **attributes: str) -> Request:
    return Request(f"{noun}{operation}Rq", noun, operation, attributes, values)  # type: ignore[arg-type]


def record_of(answer: Answer) -> dict[str, Any]:
    [(_name, values)] = answer.records
    assert isinstance(values, dict)
    return values


def invoice(customer: str = "Baker", *lines: dict[str, Any], **header: Any) -> dict[str, Any]:
    """Values of an InvoiceAdd; without lines, one lamp for 10.50."""
    each = lines or ({"ItemRef": {"FullName": "Lamp"}},)
    return {
        "CustomerRef": {"FullName": customer},
        **header,
        "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line) for line in each],
    }


def line(item: str = "Lamp", **parts: Any) -> dict[str, Any]:
    return {"ItemRef": {"FullName": item}, **parts}


def bill(vendor: str = "Landlord", cents: int = 1000, account: str = "Rent", **header: Any) -> dict[str, Any]:
    return {
        "VendorRef": {"FullName": vendor},
        **header,
        "ExpenseLineAdd": [{"AccountRef": {"FullName": account}, "Amount": cents}],
    }


def payment(customer: str, cents: int, *applied: dict[str, Any], **header: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"CustomerRef": {"FullName": customer}, "TotalAmount": cents, **header}
    if applied:
        values["AppliedToTxnAdd"] = list(applied)
    elif "IsAutoApply" not in values:
        values["IsAutoApply"] = False
    return values
