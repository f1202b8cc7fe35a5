"""From documents to qbXML and from answers to what the writer needs. Declared version 13.0: the newest that nearly every QuickBooks in use takes.

The key stands in the record, so that a record found later can be told from a stranger's of the same number: in the memo of an invoice or
bill and in the notes of a customer or vendor as `[key:KEY]`; an item has no text of its own for it, so its ExternalGUID is made from the key.

Declared rules for text (invariant I4):
- numbers, names and references are never cut and never changed: what is too long, or outside the code page in which QuickBooks keeps
  text, is refused with the reason;
- free text of a memo is cut at its end so that the key always fits; descriptions keep what QuickBooks keeps;
- exactly one mark stands in a memo: what looks like the start of one in free text is written with a round bracket (`[key` as `(key`).
  Should people add another, the last one counts.

Declared rule for doubt: a customer or vendor of exactly the document's name, without anybody's key and with the document's fields, is taken for
the one whose sending is in doubt (people edit notes, and QuickBooks keeps no two of one name).

The price of a product is a whole number of 0.00001 in the digits 0 to 9; any other text is refused with the reason, never left out.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from emulator.core.documents import LIST_KINDS, TRANSACTION_KINDS, Document, Line
from emulator.qbxml import Answer, NotValid, Status, decode_answer_set, encode_request_set, make_request
from emulator.qbxml.status import NOTHING_FOUND

VERSION: Final = "13.0"

LENGTHS: Final[dict[str, dict[str, int]]] = {
    "invoice": {"number": 11, "party": 209},
    "bill": {"number": 20, "party": 41},
    "customer": {"party": 41},
    "vendor": {"party": 41},
    "product": {"party": 31},
}
"""Longest texts: numbers 11 and 20, names 41 and 31 (qbXML reference); `party` of a customer or product is one name of its full name,
of an invoice the whole full name (209, qbXML reference)."""

TEXT_LENGTH_MAX: Final = 4095
"""Memos, notes and descriptions (qbXML reference)."""

AMOUNT_CENTS_MAX: Final = 10**13
"""QuickBooks takes at most 13 digits before the point; nobody invoices this much (our choice, well inside)."""

SCALED_MAX: Final = 10**14
"""Quantities and rates in units of 0.00001: at most 10 digits before the point (qbXML reference)."""

CODE_PAGE: Final = "cp1252"
"""QuickBooks keeps text in the Windows code page; the rest becomes question marks (observed once, in a public test)."""

OBJECT_NOT_FOUND: Final = 500
LOCK_CODES: Final = frozenset({3170, 3175, 3176})
"""Somebody works on the record just now (literal samples)."""

SAVING_FAILED: Final = 3180
LOCK_PHRASES: Final = (
    "could not be locked",
    "locked by another",
    "modified by another user",
    "failed to acquire the lock",
    "in use by another",
    "in use in another",
)
"""3180 is a lock with these words and a business refusal (credit limit, empty field, a number that is already in use) with others: same code,
different cure."""

DOUBTFUL_CODES: Final = frozenset({1000, 1010})
"""Internal error, system not available: what became of a write is unknown (practice of careful connectors)."""

SINCE_MARGIN: Final = timedelta(days=1)
"""How much earlier than the sending a search begins: QuickBooks reads times without an offset in its own zone (documented), and clocks differ."""

_MARK_IN_TEXT: Final = re.compile(r"\[(?=key)", re.IGNORECASE)
"""The bracket of what would read as a mark in free text."""

_GUIDS: Final = uuid.UUID("5a3dbb1c-3a5e-5a58-9b51-62f0c1b0a8d1")
"""Name space of the ExternalGUIDs made from keys (ours; must never change)."""


class UnreadableAnswer(Exception):  # noqa: N818 - it is named for what came
    """QuickBooks' answer is not an answer to what was asked: bytes lost or damaged on the way. The outcome of a write is unknown."""


@dataclass(frozen=True)
class Found:
    """A record that QuickBooks has.

    Attributes:
        id: TxnID or ListID.
        number: RefNumber; empty for list entries.
        party: full name of customer or vendor; for list entries its own.
        total_cents: what it comes to without tax; 0 for list entries.
        key: the key it carries, or an empty text.
        values: the record as QuickBooks tells it.
    """

    id: str
    number: str
    party: str
    total_cents: int
    key: str
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)


# ---- rules -----------------------------------------------------------------------------------------------------------------


def breaks_rule(document: Document) -> str:
    """Return why a document can never be written as it is, in a sentence for people; an empty text when it can."""
    lengths = LENGTHS[document.kind]
    if document.kind in TRANSACTION_KINDS and not document.number:
        return f"the {document.kind} has no number"
    if len(document.number) > lengths.get("number", len(document.number)):
        return f"number {document.number!r} has {len(document.number)} characters; QuickBooks takes {lengths['number']} and a number is never cut"
    names = document.party.split(":") if document.kind in ("customer", "product") else [document.party]
    for name in names:
        if not name.strip():
            return f"the {_PARTIES[document.kind]} has no name"
        if len(name) > lengths["party"]:
            return f"name {name!r} has {len(name)} characters; QuickBooks takes {lengths['party']} and a name is never cut"
    for what, text in _exact_texts(document):
        if not _is_kept(text):
            return f"{what} {text!r} has characters that QuickBooks cannot keep"
    if document.kind == "product" and not _price_in(document.fields.get("price", "")):
        return f"price {document.fields['price']!r} is none: expected a whole number in units of 0.00001 of the currency, such as 1250000 for 12.50"
    if document.kind == "bill" and any(not line.item for line in document.lines) and not document.fields.get("account"):
        return "a line without an item needs the field 'account'"
    return ""


def _price_in(text: str) -> bool:
    """Return whether a text is a price, or none was given."""
    return not text or (re.fullmatch(r"[0-9]{1,14}", text) is not None and int(text) < SCALED_MAX)


def _exact_texts(document: Document) -> list[tuple[str, str]]:
    return [("number", document.number), ("name", document.party), *(("item", line.item) for line in document.lines)]


def unkept(text: str) -> bool:
    """Return whether a text has characters that QuickBooks cannot keep in a name or number."""
    return not _is_kept(text)


def _is_kept(text: str) -> bool:
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    # No-break spaces and soft hyphens are kept; tabs and line ends have no place in a name.
    return not any(unicodedata.category(character) == "Cc" for character in text)


def unreadable(document: Document) -> str:
    """Return why a document is no document at all (it is answered with 400): amounts and texts that nothing can hold; else an empty text."""
    amounts = [document.total_cents, *(line.amount_cents for line in document.lines)]
    scaled = [number for line in document.lines for number in (line.quantity, line.rate)]
    if any(abs(amount) >= AMOUNT_CENTS_MAX for amount in amounts) or any(abs(number) >= SCALED_MAX for number in scaled):
        return "a number is larger than any book can hold"
    texts = [document.key, document.memo, document.date, *document.fields.keys(), *document.fields.values()]
    texts += [text for _, text in _exact_texts(document)] + [line.description for line in document.lines]
    if any(not _is_text(text) for text in texts):
        return "a text has characters that no document can carry"
    if not document.key.isascii() or not document.key.isprintable() or "]" in document.key or " " in document.key:
        return f"key {document.key!r}: letters, digits and signs of ASCII, without blanks and brackets"
    return ""


def _is_text(text: str) -> bool:
    """Return whether XML can carry a text: no lone surrogates, no control characters but tab and line ends (XML 1.0)."""
    return all(
        character in "\t\n\r" or " " <= character <= "\ud7ff" or "\ue000" <= character <= "\ufffd" or character >= "\U00010000"
        for character in text
    )


# ---- requests --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Codes:
    """Names of the company's own lists that documents need.

    Attributes:
        product_account: income account of products that name none.
        non_taxable: sales tax code that marks a line as not taxable; empty leaves tax to QuickBooks.
    """

    product_account: str = "Sales"
    non_taxable: str = ""


def add_request(document: Document, codes: Codes = Codes()) -> str:
    """Return the qbXML document that writes a document."""
    name, values = _ADDS[document.kind](document, codes)
    return _request(f"{name}AddRq", {f"{name}Add": values})


def number_question(document: Document) -> str:
    """Return the question by which a document is found again: transactions by number, list entries by full name."""
    if document.kind in TRANSACTION_KINDS:
        return _request(f"{_NOUNS[document.kind]}QueryRq", {"RefNumber": [document.number], "IncludeLineItems": False})
    return _request(f"{_NOUNS[document.kind]}QueryRq", {"FullName": [document.party]})


def since_question(document: Document, sent_at: datetime) -> str:
    """Return the question by which a document is found whose number or name people have changed.

    It asks for all of its kind that was made or changed since it was sent. It is asked only about what is in doubt, so it reaches back as far
    as the doubt does.
    """
    since = (sent_at.astimezone(UTC) - SINCE_MARGIN).strftime("%Y-%m-%dT%H:%M:%S")
    if document.kind in TRANSACTION_KINDS:
        values: dict[str, object] = {"ModifiedDateRangeFilter": {"FromModifiedDate": since}, "IncludeLineItems": False}
    else:
        values = {"ActiveStatus": "All", "FromModifiedDate": since}
    return _request(f"{_NOUNS[document.kind]}QueryRq", values | {"IncludeRetElement": list(_TOLD[document.kind])})


def id_question(document: Document, record_id: str) -> str:
    """Return the question by which a record is found by the id QuickBooks gave it."""
    if document.kind in TRANSACTION_KINDS:
        return _request(f"{_NOUNS[document.kind]}QueryRq", {"TxnID": [record_id], "IncludeLineItems": False})
    return _request(f"{_NOUNS[document.kind]}QueryRq", {"ListID": [record_id]})


def balance_question(full_name: str) -> str:
    """Return the question for a customer's open balance."""
    return _request("CustomerQueryRq", {"FullName": [full_name]})


def life_sign() -> str:
    """Return the cheapest question there is: what QuickBooks is this."""
    return _request("HostQueryRq", {})


def tax_question() -> str:
    """Return the question for the company's sales tax code that means "not taxable"."""
    return _request("PreferencesQueryRq", {"IncludeRetElement": ["SalesTaxPreferences"]})


def _request(name: str, values: dict[str, object]) -> str:
    return encode_request_set(VERSION, "stopOnError", [make_request(name, values)])


def _invoice(document: Document, codes: Codes) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "CustomerRef": {"FullName": document.party},
        "TxnDate": document.date,
        "RefNumber": document.number,
        "Memo": memo(document),
        "InvoiceLineAdd|InvoiceLineGroupAdd": [
            ("InvoiceLineAdd", _line(line, "Rate") | _taxed(codes)) for line in document.lines
        ],
    }
    return "Invoice", values


def _taxed(codes: Codes) -> dict[str, object]:
    return {"SalesTaxCodeRef": {"FullName": codes.non_taxable}} if codes.non_taxable else {}


def _bill(document: Document, _: Codes) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "VendorRef": {"FullName": document.party},
        "TxnDate": document.date,
        "RefNumber": document.number,
        "Memo": memo(document),
    }
    account = document.fields.get("account", "")
    expenses = [line for line in document.lines if not line.item]
    items = [line for line in document.lines if line.item]
    if expenses:
        values["ExpenseLineAdd"] = [
            {"AccountRef": {"FullName": account}, "Amount": line.amount_cents, "Memo": cut(line.description, TEXT_LENGTH_MAX)}
            for line in expenses
        ]
    if items:
        values["ItemLineAdd|ItemGroupLineAdd"] = [("ItemLineAdd", _line(line, "Cost")) for line in items]
    return "Bill", values


def _line(line: Line, rate_name: str) -> dict[str, object]:
    """Return a line's values. The rate is given where quantity x rate is the amount exactly, else the amount: cents must not be rounded twice."""
    values: dict[str, object] = {"ItemRef": {"FullName": line.item}}
    if line.description:
        values["Desc"] = cut(line.description, TEXT_LENGTH_MAX)
    if line.quantity:
        values["Quantity"] = line.quantity
    # Units of 0.00001 times units of 0.00001 are units of 0.0000000001; a cent is 10**8 of them.
    if line.quantity and line.quantity * line.rate == line.amount_cents * 10**8:
        values[rate_name] = line.rate
    else:
        values["Amount"] = line.amount_cents
    return values


def _customer(document: Document, _: Codes) -> tuple[str, dict[str, object]]:
    name, parent = _split(document.party)
    values: dict[str, object] = {"Name": name}
    if parent:
        values["ParentRef"] = {"FullName": parent}
    _take(document.fields, values, _PERSON)
    _take_address(document.fields, values, "BillAddress")
    values["Notes"] = memo(document)
    return "Customer", values


def _vendor(document: Document, _: Codes) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"Name": document.party}
    _take(document.fields, values, _PERSON)
    _take_address(document.fields, values, "VendorAddress")
    values["Notes"] = memo(document)
    return "Vendor", values


def _product(document: Document, codes: Codes) -> tuple[str, dict[str, object]]:
    name, parent = _split(document.party)
    values: dict[str, object] = {"Name": name}
    if parent:
        values["ParentRef"] = {"FullName": parent}
    sale: dict[str, object] = {"AccountRef": {"FullName": document.fields.get("account") or codes.product_account}}
    if document.fields.get("description") or document.memo:
        sale["Desc"] = cut(document.fields.get("description") or document.memo, TEXT_LENGTH_MAX)
    if document.fields.get("price"):
        sale["Price"] = int(document.fields["price"])
    values["SalesOrPurchase"] = sale
    values["ExternalGUID"] = external_guid(document.key)
    return ("ItemService" if document.fields.get("type") == "service" else "ItemNonInventory"), values


def _split(full_name: str) -> tuple[str, str]:
    parent, _, name = full_name.rpartition(":")
    return name, parent


def _take(fields: Mapping[str, str], values: dict[str, object], names: Mapping[str, tuple[str, int]]) -> None:
    for name, (element, length_max) in names.items():
        if fields.get(name):
            values[element] = cut(fields[name], length_max)


def _take_address(fields: Mapping[str, str], values: dict[str, object], element: str) -> None:
    address: dict[str, object] = {}
    _take(fields, address, _ADDRESS)
    if address:
        values[element] = address


def memo(document: Document) -> str:
    """Return the text that carries the key: what the platform says, cut so that the key fits."""
    mark = f"[key:{document.key}]"
    words = cut(_MARK_IN_TEXT.sub("(", document.memo), TEXT_LENGTH_MAX - len(mark) - 1).rstrip()
    return f"{words} {mark}" if words else mark


def cut(text: str, length_max: int) -> str:
    """Return the beginning of a text that QuickBooks has room for: it counts units of UTF-16 (inferred), of which an emoji has two."""
    if len(text) * 2 <= length_max or text.isascii():
        return text[:length_max]
    return text.encode("utf-16-le")[: 2 * length_max].decode("utf-16-le", "ignore")


def external_guid(key: str) -> str:
    """Return the GUID that stands for a key, as QuickBooks writes GUIDs: braces, upper case."""
    return "{" + str(uuid.uuid5(_GUIDS, key)).upper() + "}"


# ---- answers ---------------------------------------------------------------------------------------------------------------


def read(text: str) -> Answer:
    """Return the one answer of an answer document. Raises UnreadableAnswer."""
    try:
        answers = decode_answer_set(text, VERSION).answers
    except (NotValid, ValueError) as damage:
        raise UnreadableAnswer(f"QuickBooks' answer cannot be read: {damage}") from None
    if len(answers) != 1:
        raise UnreadableAnswer(f"QuickBooks gave {len(answers)} answers to one request")
    return answers[0]


def record_id(answer: Answer) -> str:
    """Return TxnID or ListID of the record in an answer to a write. Raises UnreadableAnswer when there is none."""
    for _, record in answer.records:
        if isinstance(record, dict):
            found = record.get("TxnID") or record.get("ListID")
            if found:
                return str(found)
    raise UnreadableAnswer("QuickBooks says it is done and shows no record")


def found(document: Document, answer: Answer) -> list[Found]:
    """Return the records of an answer to a question about a document.

    Raises:
        UnreadableAnswer: the answer is an error, so nothing is known.
    """
    if answer.status.code in (NOTHING_FOUND, OBJECT_NOT_FOUND):
        return []
    if answer.status.failed:
        raise UnreadableAnswer(f"QuickBooks does not answer the question: {answer.status.code} {answer.status.message}")
    return [_found(document, record) for _, record in answer.records if isinstance(record, dict)]


def _found(document: Document, record: dict[str, Any]) -> Found:
    if document.kind in LIST_KINDS:
        key = _key_in(str(record.get("Notes") or ""))
        if record.get("ExternalGUID") == external_guid(document.key):
            key = document.key
        return Found(str(record["ListID"]), "", str(record.get("FullName") or record.get("Name") or ""), 0, key, record)
    party = record.get("CustomerRef" if document.kind == "invoice" else "VendorRef") or {}
    total = record.get("Subtotal" if document.kind == "invoice" else "AmountDue")
    return Found(
        id=str(record["TxnID"]),
        number=str(record.get("RefNumber") or ""),
        party=str(party.get("FullName") or ""),
        total_cents=int(total or 0),
        key=_key_in(str(record.get("Memo") or "")),
        values=record,
    )


def fields_agree(document: Document, record: Found) -> bool:
    """Return whether a list entry has every field that a document would write, besides its name and the notes that carry the key."""
    _, wanted = _ADDS[document.kind](document, Codes())
    return _is_within(
        {name: value for name, value in wanted.items() if name not in ("Name", "ParentRef", "Notes")}, record.values
    )


def _is_within(wanted: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        there = record.get(name)
        if isinstance(value, Mapping):
            if not isinstance(there, Mapping) or not _is_within(value, there):
                return False
        elif _as_kept(str(there or "")) != _as_kept(str(value)):
            return False
    return True


def _as_kept(text: str) -> str:
    """Return a text as QuickBooks keeps it, blanks at its ends aside; how many question marks stand for a lost character is not known."""
    return re.sub(r"\?+", "?", text.encode(CODE_PAGE, "replace").decode(CODE_PAGE)).strip()


def _key_in(text: str) -> str:
    _, mark, rest = text.rpartition("[key:")
    return rest.partition("]")[0] if mark and "]" in rest else ""


def is_locked(status: Status) -> bool:
    """Return whether a refusal only means that somebody works on the record just now."""
    words = status.message.casefold()
    return status.code in LOCK_CODES or (status.code == SAVING_FAILED and any(phrase in words for phrase in LOCK_PHRASES))


def balance_cents(answer: Answer, field: str) -> int | None:
    """Return a customer's open balance, None when QuickBooks knows no such customer. Raises UnreadableAnswer."""
    if answer.status.code in (NOTHING_FOUND, OBJECT_NOT_FOUND):
        return None
    for _, record in answer.records:
        if isinstance(record, dict) and isinstance(record.get(field), int):
            return int(record[field])
    raise UnreadableAnswer(f"QuickBooks tells no {field}: {answer.status.code} {answer.status.message}")


def non_taxable_code(answer: Answer) -> str:
    """Return the company's code for "not taxable"; empty when QuickBooks tells its preferences and sales tax is off in them.

    Raises:
        UnreadableAnswer: the answer is an error or shows no preferences, so nothing is known. It never means "off": QuickBooks would add
            tax to what is sent without a code.
    """
    preferences = [record for name, record in answer.records if name == "PreferencesRet" and isinstance(record, dict)]
    if answer.status.failed or len(preferences) != 1:
        raise UnreadableAnswer(
            f"QuickBooks does not tell whether it adds sales tax; nothing is sent before it does: {answer.status.code} {answer.status.message}"
        )
    taxes = preferences[0].get("SalesTaxPreferences")
    if taxes is None:
        return (
            ""  # inferred: the reference lets QuickBooks leave this part out, and there is nothing to tell while sales tax is off
        )
    code = taxes.get("DefaultNonTaxableSalesTaxCodeRef") if isinstance(taxes, dict) else None
    name = code.get("FullName") if isinstance(code, dict) else None
    if not name:
        raise UnreadableAnswer(
            "QuickBooks adds sales tax and does not tell its code for what is not taxable; nothing is sent before it does"
        )
    return str(name)


# ---- tables ----------------------------------------------------------------------------------------------------------------

_PARTIES: Final = {"invoice": "customer", "bill": "vendor", "customer": "customer", "vendor": "vendor", "product": "product"}
_NOUNS: Final = {"invoice": "Invoice", "bill": "Bill", "customer": "Customer", "vendor": "Vendor", "product": "Item"}

_TOLD: Final = {
    "invoice": ("TxnID", "RefNumber", "CustomerRef", "Subtotal", "Memo"),
    "bill": ("TxnID", "RefNumber", "VendorRef", "AmountDue", "Memo"),
    "customer": ("ListID", "Name", "FullName", "Notes"),
    "vendor": ("ListID", "Name", "Notes"),
    "product": ("ListID", "Name", "FullName", "ExternalGUID"),
}
"""What a search needs of each record; the rest would only be long."""

_PERSON: Final = {
    "company": ("CompanyName", 41),
    "first_name": ("FirstName", 25),
    "last_name": ("LastName", 25),
    "phone": ("Phone", 21),
    "email": ("Email", 1023),
    "contact": ("Contact", 41),
}
_ADDRESS: Final = {
    "address": ("Addr1", 41),
    "address_2": ("Addr2", 41),
    "city": ("City", 31),
    "state": ("State", 21),
    "postal_code": ("PostalCode", 13),
    "country": ("Country", 31),
}
"""Fields of list entries that are taken over, element and length (qbXML reference); they are free text, and cut at their length."""

_ADDS: Final[dict[str, Callable[[Document, Codes], tuple[str, dict[str, object]]]]] = {
    "invoice": _invoice,
    "bill": _bill,
    "customer": _customer,
    "vendor": _vendor,
    "product": _product,
}
