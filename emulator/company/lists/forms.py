"""What a request says of a record, in the form an answer has it: references looked up, parts renamed, identities given.

Contacts, notes, and the locations and contacts of a lead get identities of their own in an answer; a list of them that is sent
replaces the one before (inferred from the wording for lines).
"""

from typing import TYPE_CHECKING

from emulator.company.addresses import add_blocks
from emulator.company.identity import contact_id
from emulator.company.nouns import ListNoun
from emulator.company.records import Values
from emulator.company.wholeness import refuse_incomplete

if TYPE_CHECKING:
    from emulator.company.books import Books

IDENTITY = frozenset({"ListID", "EditSequence", "IsActive", "ExternalGUID"})
"""Elements that are columns of a record, not part of its document; its name and parent are too."""

CONTACT_LENGTH_MAX = 41
"""Characters of the Contact of an answer (documented)."""

MAIN_ADDRESS_LENGTH_MAX = 32
"""Characters of the MainAddress of a lead's location (documented)."""

_EXCLUSIVE = (
    ("SalesOrPurchase", "SalesAndPurchase"),
    ("Price", "PricePercent"),
    ("DiscountRate", "DiscountRatePercent"),
    ("PriceLevelFixedPercentage", "PriceLevelPerItemRet"),
    ("FixedBillingRate", "BillingRatePerItemRet"),
    ("CustomerRef", "EmployeeRef", "LeadRef", "VendorRef"),
    ("Rate", "RatePercent"),
)
"""Elements of which a record has one only: the one that is sent takes the others' place (inferred from the schema's choices)."""


def document_of(books: "Books", noun: ListNoun, values: Values, start: Values) -> Values:
    """Return `start` with what the aggregate of a request says, in the form of an answer."""
    skip = IDENTITY | noun.not_kept | {noun.name_field, noun.parent_field}
    start.update(books.references.resolved(values, noun.name, skip))
    for asked, answered in noun.answer_names.items():
        if asked in start:
            aggregate = start.pop(asked)
            value = aggregate.get("BarCodeValue") if asked == "BarCode" else aggregate
            if value is not None:
                start[answered] = value
    _identified_parts(books, start)
    if values.get("ExternalGUID"):
        start["ExternalGUID"] = values["ExternalGUID"]
    add_blocks(books, start, noun.address_blocks)
    return start


def _identified_parts(books: "Books", document: Values) -> None:
    """Give contacts, notes and what else has an identity of its own in answers the form they have there."""
    now = books.now()
    stamp = books.local_time.text(now)
    for asked in ("Contacts", "ContactsMod"):
        contacts = document.pop(asked, None)
        if contacts:
            document["ContactsRet"] = [
                {
                    "TimeCreated": stamp,
                    "TimeModified": stamp,
                    **contact,
                    "ListID": contact.get("ListID") or contact_id(books.counters.next("ListID contact")),
                    "EditSequence": str(now),
                    "Contact": " ".join(contact[name] for name in ("FirstName", "LastName") if contact.get(name))[
                        :CONTACT_LENGTH_MAX
                    ],
                }
                for contact in contacts
            ]
    for asked in ("AdditionalNotes", "AdditionalNotesMod"):
        notes = document.pop(asked, None)
        if notes:
            today = books.local_time.today(now).isoformat()
            document["AdditionalNotesRet"] = _numbered(notes, "NoteID", {"Date": today})
    for asked in ("Locations", "LocationsMod"):
        locations = document.pop(asked, None)
        if locations:
            document["LocationsRet"] = _numbered(locations, "LocationID", {})
            for location in document["LocationsRet"]:
                # What the main address holds is published nowhere: the printed address is our reading.
                address = location.get("LeadAddress") or {}
                printed = ", ".join(str(part) for part in address.values()) or location["Location"]
                location["MainAddress"] = printed[:MAIN_ADDRESS_LENGTH_MAX]
    for asked in ("LeadContacts", "LeadContactsMod"):
        people = document.pop(asked, None)
        if people:
            document["LeadContactsRet"] = _numbered(people, "LeadContactID", {})


def _numbered(parts: list[Values], identity: str, more: Values) -> list[Values]:
    """Number the parts of a record from 1, keeping the numbers that a Mod names."""
    taken = {part[identity] for part in parts if part.get(identity) is not None}
    free = (number for number in range(1, len(parts) + len(taken) + 1) if number not in taken)
    return [{**more, **part, identity: part[identity] if part.get(identity) is not None else next(free)} for part in parts]


def merged(books: "Books", noun: ListNoun, before: Values, values: Values) -> Values:
    """Return the document of a record changed by the values of a Mod, in which everything empty is None (`references.emptied`).

    Raises:
        Refusal: 3140, 3150, 3250.
    """
    after = dict(before)
    changed = document_of(books, noun, values, {})
    for name in values:
        if values[name] is None:
            after.pop(noun.answer_names.get(name, name), None)
    replaces = books.settings["company.mod-aggregate"] == "replaced"
    _drop_others(after, changed)
    for name, value in changed.items():
        is_aggregate = isinstance(value, dict) and isinstance(before.get(name), dict) and not name.endswith("Ref")
        if is_aggregate and not replaces:
            whole = dict(before[name])
            _drop_others(whole, value)
            after[name] = {**whole, **value}
        else:
            after[name] = value
    for name, value in values.items():
        answered = noun.answer_names.get(name, name)
        if isinstance(value, dict) and isinstance(after.get(answered), dict):
            for part, part_value in value.items():
                if part_value is None:
                    after[answered] = {key: kept for key, kept in after[answered].items() if key != part}
            refuse_incomplete(noun.name, answered, after[answered])
    add_blocks(books, after, noun.address_blocks)
    # What an answer always carries goes back to what an Add without it has.
    for name, default in noun.defaults.items():
        after.setdefault(name, default)
    return after


def _drop_others(values: Values, changed: Values) -> None:
    for names in _EXCLUSIVE:
        if any(name in changed for name in names):
            for name in names:
                if name not in changed:
                    values.pop(name, None)
