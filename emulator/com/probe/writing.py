"""Short ways to write the documents of the cases. The records of a run have names that begin with %run%; nothing else is touched."""

from __future__ import annotations

import re
from itertools import count
from typing import Any, Iterator, Mapping, NamedTuple

APPLICATION = "FakeBooks Probe"

OPEN = ("OpenConnection", "", APPLICATION)
BEGIN = ("BeginSession", "", 2)
END = ("EndSession", "$ticket")
CLOSE = ("CloseConnection",)


class Case(NamedTuple):
    """A case.

    Attributes:
        group: what it is about.
        steps: what is done (see `player`).
        looks: what of the answers is compared besides codes (see `reading`).
    """

    group: str
    steps: list[tuple[Any, ...]]
    looks: tuple[str, ...] = ()


def message_set(*requests: str, version: str = "13.0", on_error: str = "continueOnError", more: str = "") -> str:
    """Return a document. `more` is attributes of the set."""
    return (
        f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLMsgsRq {more}onError="{on_error}">'
        f"{''.join(requests)}</QBXMLMsgsRq></QBXML>"
    )


def subscription_set(*requests: str, version: str = "13.0") -> str:
    """Return a document for ProcessSubscription."""
    return (
        f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLSubscriptionMsgsRq>'
        f"{''.join(requests)}</QBXMLSubscriptionMsgsRq></QBXML>"
    )


def process(document: str) -> tuple[Any, ...]:
    """Return the step that processes a document."""
    return ("ProcessRequest", "$ticket", document)


def session(*steps: Any) -> list[tuple[Any, ...]]:
    """Return steps within a session of their own; a text is a request, or a document, that is processed."""
    return [OPEN, BEGIN, *[_step(each) for each in steps], END, CLOSE]


def _step(given: Any) -> tuple[Any, ...]:
    if not isinstance(given, str):
        return tuple(given)
    return process(given if given.startswith("<?xml") else message_set(given))


def keep(name: str, element: str) -> tuple[Any, ...]:
    """Return the step that remembers an element of the last answer."""
    return ("keep", name, element)


def add(noun: str, content: str) -> str:
    """Return an Add of a noun."""
    return f"<{noun}AddRq><{noun}Add>{content}</{noun}Add></{noun}AddRq>"


def mod(noun: str, content: str) -> str:
    """Return a Mod of a noun."""
    return f"<{noun}ModRq><{noun}Mod>{content}</{noun}Mod></{noun}ModRq>"


def query(noun: str, content: str = "", attributes: str = "") -> str:
    """Return a query of a noun."""
    return f"<{noun}QueryRq{' ' * bool(attributes)}{attributes}>{content}</{noun}QueryRq>"


def ref(element: str, name: str) -> str:
    """Return a reference to a record of the run: `ref("CustomerRef", "Plain")`."""
    return f"<{element}><FullName>%run% {name}</FullName></{element}>"


def customer(name: str, more: str = "") -> str:
    """Return a CustomerAdd; the name is in the run."""
    return add("Customer", f"<Name>%run% {name}</Name>{more}")


def invoice(name: str, amount: str = "12.00", head: str = "", item: str = "Work", line: str = "") -> str:
    """Return an InvoiceAdd for a customer of the run, with one line."""
    return add(
        "Invoice",
        f"{ref('CustomerRef', name)}{head}<InvoiceLineAdd>{ref('ItemRef', item)}{line or f'<Amount>{amount}</Amount>'}</InvoiceLineAdd>",
    )


_INVOICE = re.compile(r"<InvoiceAdd\b.*?</InvoiceAdd>")
_BEFORE_NUMBER = re.compile(r".*?</CustomerRef>(?:<TxnDate>[^<]*</TxnDate>)?")


def numbered(cases: Mapping[str, Case]) -> dict[str, Case]:
    """Return cases in which every invoice has a RefNumber: of the run's own, where none is written.

    The number that QuickBooks gives may be one that another case has used, and a QuickBooks may refuse a number twice.
    """
    numbers = count(1)
    return {name: case._replace(steps=[_numbered(step, numbers) for step in case.steps]) for name, case in cases.items()}


def _numbered(step: tuple[Any, ...], numbers: Iterator[int]) -> tuple[Any, ...]:
    def with_number(found: re.Match[str]) -> str:
        text = found.group()
        head = _BEFORE_NUMBER.match(text)
        if head is None or "<RefNumber>" in text:
            return text
        return f"{head.group()}<RefNumber>%run%{next(numbers):03}</RefNumber>{text[head.end() :]}"

    return tuple(_INVOICE.sub(with_number, each) if isinstance(each, str) else each for each in step)


def payment(name: str, amount: str, head: str = "", applied: str = "<IsAutoApply>false</IsAutoApply>") -> str:
    """Return a ReceivePaymentAdd, which applies itself to nothing unless told."""
    return add("ReceivePayment", f"{ref('CustomerRef', name)}{head}<TotalAmount>{amount}</TotalAmount>{applied}")


def bill(amount: str = "20.00", head: str = "") -> str:
    """Return a BillAdd with one line of expense."""
    line = f"<ExpenseLineAdd>{ref('AccountRef', 'Expense')}<Amount>{amount}</Amount></ExpenseLineAdd>"
    return add("Bill", f"{ref('VendorRef', 'Vendor')}{head}{line}")


def item_in_stock(name: str, more: str = "") -> str:
    """Return an ItemInventoryAdd that sells at 10.00 and costs 4.00."""
    return add(
        "ItemInventory",
        f"<Name>%run% {name}</Name><SalesPrice>10.00</SalesPrice>{ref('IncomeAccountRef', 'Sales')}<PurchaseCost>4.00</PurchaseCost>"
        f"{ref('COGSAccountRef', 'Cost')}{ref('AssetAccountRef', 'Stock')}{more}",
    )


def delete(kind: str, name: str) -> str:
    """Return a TxnDel of a transaction that was kept: `delete("Invoice", "first")`."""
    return f"<TxnDelRq><TxnDelType>{kind}</TxnDelType><TxnID>%{name}%</TxnID></TxnDelRq>"


def account(name: str, kind: str) -> str:
    """Return an AccountAdd."""
    return add("Account", f"<Name>%run% {name}</Name><AccountType>{kind}</AccountType>")


GROUND = session(
    message_set(
        account("Sales", "Income"),
        account("Cost", "CostOfGoodsSold"),
        account("Expense", "Expense"),
        account("Stock", "OtherCurrentAsset"),
        account("Bank", "Bank"),
        add(
            "ItemService",
            "<Name>%run% Work</Name><SalesTaxCodeRef><FullName>Non</FullName></SalesTaxCodeRef><SalesOrPurchase><Price>10.00</Price>"
            f"{ref('AccountRef', 'Sales')}</SalesOrPurchase>",
        ),
        customer("Plain"),
        add("Vendor", "<Name>%run% Vendor</Name>"),
    )
)
"""What the cases stand on; it is made first."""
