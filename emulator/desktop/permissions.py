"""What a session may not ask, before the company file is asked: a version above the library, personal data without a password, writes.

| what | answered |
|---|---|
| a qbXML version newer than the request processor library here | `desktop.sdk-older-than-request` |
| personal data, which no complex password protects | 0x80040440 for what names it; queries: `desktop.personal-data-without-password` |
| a write of an application that asked for read-only access | `desktop.read-only-application` |

What the user who is logged in may do is another thing: `company/rights.py`.
"""

from collections.abc import Iterator
from typing import Final

from emulator.company import PERSONAL
from emulator.desktop.installation import Installation
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.sessions import Session
from emulator.desktop.users import Users
from emulator.qbxml import MessageSet, Request, Status, status

WINDOWS: Final = frozenset({"ListDisplay", "TxnDisplay"})
"""Nouns of the requests that open a window and write nothing."""

_HOLDERS: Final = frozenset({"Customer", "Employee", "Entity", "SalesReceipt", "ReceivePayment"})
"""Nouns whose answers can show personal data."""


def above_library(quickbooks: Installation, version: str) -> bool:
    """Return whether a qbXML version (`13.0`) is newer than the request processor library knows."""
    major, minor = version.split(".")
    return (int(major), int(minor)) > quickbooks.sdk_version


def check_document(quickbooks: Installation, session: Session, messages: MessageSet, *, personal_data: bool) -> None:
    """Refuse a document as a whole that this session may not ask; nothing of it has been done then.

    Args:
        quickbooks: where.
        session: whose.
        messages: the document.
        personal_data: the application may see personal data, as far as the Admin is concerned.

    Raises:
        SessionFailure: see the table above.
    """
    settings = quickbooks.office.settings
    if above_library(quickbooks, messages.version.number):
        code = settings.text("desktop.sdk-older-than-request")
        raise SessionFailure(
            code, f"the library is {'.'.join(map(str, quickbooks.sdk_version))}, the document {messages.version}"
        )
    if personal_data and not Users(quickbooks.office, session.opening.file).are_complex:
        refused = settings.text("desktop.personal-data-without-password") == Code.NO_COMPLEX_PASSWORD
        named = next((each.name for each in messages.requests if _is_about_personal_data(each, queries=refused)), "")
        if named:
            raise SessionFailure(Code.NO_COMPLEX_PASSWORD, f"{named} is about personal data")
    code = settings.text("desktop.read-only-application")
    if session.read_only and code.startswith("0x") and any(_writes(each) for each in messages.requests):
        raise SessionFailure(code, "the application asked for read-only access")


def refusal(quickbooks: Installation, session: Session, request: Request) -> Status | None:
    """Return what a single request of this session is refused with, None when it is not."""
    if session.read_only and _writes(request) and quickbooks.office.settings.text("desktop.read-only-application") == "3260":
        return status.of(3260)
    return None


def _writes(request: Request) -> bool:
    """Return whether a request changes the books; a window that is opened changes nothing."""
    return request.operation != "Query" and request.noun not in WINDOWS


def _is_about_personal_data(request: Request, *, queries: bool) -> bool:
    if request.operation == "Query":
        return request.noun.startswith("Payroll") or (queries and request.noun in _HOLDERS)
    return not PERSONAL.isdisjoint(_names(request.values))


def _names(values: object) -> Iterator[str]:
    """Return the names of all elements, at whatever depth."""
    if isinstance(values, dict):
        for name, value in values.items():
            yield name
            yield from _names(value)
    elif isinstance(values, list | tuple):
        for each in values:
            yield from _names(each)
