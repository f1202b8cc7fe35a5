"""Why a request is answered with an error status, with what the company file knows: the names that are near, the current EditSequence.

It reads and never writes, and what it says goes to people (journal, `fakebooks explain`), never over the wire.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from lxml import etree

from emulator.company.features import FIELDS_OF
from emulator.company.list_rows import COMBINED_QUERIES, LISTS
from emulator.company.nouns import Reference
from emulator.company.reference_rows import REFERENCES
from emulator.company.references import names_of
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import by_id
from emulator.core.errors import nearest_names
from emulator.qbxml.answered import Concern, concern_of, in_plain_words, why_answered
from emulator.qbxml.diagnosis import Diagnosis, shown
from emulator.qbxml.messages import Request
from emulator.qbxml.places import Places
from emulator.qbxml.status import Status
from emulator.qbxml.switches import Choices

if TYPE_CHECKING:
    from emulator.company.books import Books

EXPLAINED_MAX: Final = 100
"""Requests of one document that are explained in full; of the others the sentence of the answer is told, so that no document costs much."""


_IN_XML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What a name must be written as in a form. (The standard library's `escape` comes with a web client, whose import every start would pay.)"""

NAMED_MAX: Final = 3
"""Names that are told."""


class Explainer:
    """Explains the error statuses of one document.

    Args:
        books: the open file.
        places: tells where things stand in the document; called when there is something to explain.
        choices: the switches of qbXML.
    """

    def __init__(self, books: "Books", places: Callable[[], Places], choices: Choices) -> None:
        self._books = books
        self._find_places = places
        self._places: Places | None = None
        self._choices = choices
        self._explained = 0
        self._failed: tuple[int, Request] | None = None
        self._names: dict[tuple[str, Collection[str]], list[str]] = {}

    def explain(self, number: int, request: Request, outcome: Status) -> Diagnosis:
        """Return why a request is answered with an error status or a warning.

        Args:
            number: of the request in its message set, from 0; requests come in their order.
            request: the request.
            outcome: what it is answered with.
        """
        if outcome.code == 3231 and self._failed is not None:
            number_before, before = self._failed
            told = (
                f"not processed, because request {number_before + 1} ({before.name}) failed before it and onError is stopOnError"
            )
            return Diagnosis(told, request.line, f"QBXML/QBXMLMsgsRq/{request.name}")
        if outcome.failed:
            self._failed = (number, request)
        self._explained += 1
        if self._explained > EXPLAINED_MAX:
            return Diagnosis(in_plain_words(outcome), request.line, f"QBXML/QBXMLMsgsRq/{request.name}")
        if self._places is None:
            self._places = self._find_places()
        concern = concern_of(outcome, request, number, self._places)
        known = Explainer._reference if "reference" in outcome.slots else _KNOWN.get(outcome.code)
        return (known(self, concern) if known is not None else None) or why_answered(concern, self._choices)

    # ---- what the file knows of each code ----

    def _reference(self, concern: Concern) -> Diagnosis | None:
        """3140: a reference that names nothing, or nothing that may stand there; filters of queries and reports name records as well."""
        reference = REFERENCES.get(str(concern.element.tag)) or REFERENCES.get(str(concern.outcome.slots.get("element")))
        return self._missing(concern, reference) if reference is not None else None

    def _parent(self, concern: Concern) -> Diagnosis | None:
        """3130: a parent that is not in the list."""
        noun = LISTS.get(str(concern.outcome.slots.get("list", "")))
        if noun is None or not len(concern.element):
            return None
        return self._missing(concern, Reference(noun.family, frozenset({noun.name}), noun.name))

    def _missing(self, concern: Concern, reference: Reference) -> Diagnosis | None:
        books, element = self._books, concern.element
        value = str(concern.outcome.slots.get("value") or "")
        given = {value, str(concern.outcome.slots.get("identity") or "")} - {""}
        leaf = next((each for each in element if (each.text or "") in given), None)
        if value and leaf is None:
            return None
        by_id, text = leaf is not None and str(leaf.tag).startswith("ListID"), (leaf.text or "") if leaf is not None else ""
        names, own, word = self._names_of(reference), f"<{element.tag}>", reference.word
        near = self._near(text, names) if not by_id else []
        record = books.records.by_id(reference.family, text) if by_id else books.records.by_name(reference.family, text)
        if not text:
            told = f"{own} names nothing"
        elif record is None:
            other = self._is_other(text) if by_id else self._is_elsewhere(text, reference)
            told = f"{own} names the {word} {shown(text)}, which is not in this company file" + other
        elif reference.kinds and record.kind not in reference.kinds:
            told = f"{own} names {shown(text)}, which is {_a(record.kind)} and no {word}"
        elif not record.active:
            told = f"{own} names the {word} {shown(text)}, which is not active"
        else:
            return None
        if not names:
            told += f"; it has no {word} at all"
        expected = tuple(map(repr, near)) or tuple(f"{_a(word)} there is, such as {name!r}" for name in names[:1])
        form = _reference_form(element, near[0]) if near else ""
        return concern.diagnosis(told, expected, near[0] if near else "", form)

    def _near(self, text: str, names: list[str]) -> list[str]:
        """Return the names that somebody may have meant: the same without more blanks, or such as look alike."""
        bare = " ".join(text.split())
        same = [name for name in names if name.casefold() == bare.casefold()] if bare != text else []
        return same or nearest_names(bare, names, NAMED_MAX)

    def _is_elsewhere(self, name: str, reference: Reference) -> str:
        """Say which record of another list has a name, or that blanks alone are wrong with it; "" when it is nowhere."""
        bare = " ".join(name.split())
        if bare != name and self._books.records.by_name(reference.family, bare) is not None:
            return f": it is written {bare!r}, without more blanks or line ends"
        for family in dict.fromkeys(noun.family for noun in LISTS.values()):
            found = self._books.records.by_name(family, bare) if family != reference.family else None
            if found is not None:
                return f"; {found.full_name!r} is {_a(found.kind)}"
        return ""

    def _names_of(self, reference: Reference) -> list[str]:
        """Return the names of a list in its order, active ones only."""
        key = (reference.family, reference.kinds)
        if key not in self._names:
            self._names[key] = names_of(self._books.store, reference.family, reference.kinds)
        return self._names[key]

    def _is_other(self, identity: str) -> str:
        """Say what an identity belongs to; "" when it belongs to nothing."""
        # Each family of lists counts its own identities, so that one may belong to several records.
        rows = self._books.store.execute(
            "SELECT kind, full_name FROM list_record WHERE list_id = ? ORDER BY record LIMIT ?", (identity, NAMED_MAX)
        ).fetchall()
        if rows:
            return "; it is the ListID of " + ", ".join(f"the {kind} {name!r}" for kind, name in rows)
        transaction = by_id(self._books, identity) if identity else None
        return f"; it is the TxnID of the {transaction.kind} of {transaction.date}" if transaction is not None else ""

    def _not_found(self, concern: Concern) -> Diagnosis | None:
        """500: a query names a record that is not there."""
        text, noun = concern.text, concern.request.noun
        if len(concern.element) or not text:
            return None
        told = f"<{concern.element.tag}> names {shown(text)}, and there is no such {noun} in this company file"
        if concern.element.tag not in ("FullName", "Name"):
            return concern.diagnosis(told + self._is_other(text), self._latest(noun))
        records = self._family_of(noun)
        if records is None:
            return None
        near = self._near(text, self._names_of(records))
        told += self._is_elsewhere(text, records)
        form = f"<{concern.element.tag}>{near[0].translate(_IN_XML)}</{concern.element.tag}>" if near else ""
        return concern.diagnosis(told, tuple(map(repr, near)), near[0] if near else "", form)

    @staticmethod
    def _family_of(noun: str) -> Reference | None:
        """Return what a query of a list looks through; None for one that is no list."""
        if noun in LISTS:
            return Reference(LISTS[noun].family, frozenset({noun}), noun)
        family, _iterates = COMBINED_QUERIES.get(noun, ("", False))
        return Reference(family, frozenset(), noun) if family else None

    def _object(self, concern: Concern) -> Diagnosis | None:
        """3120: the record that is to be changed, deleted or linked is not there."""
        value = str(concern.outcome.slots.get("value") or "")
        if not value or len(concern.element):
            return None
        noun = self._meant(concern)
        expected = self._latest(noun)
        told = f"<{concern.element.tag}> names {value!r}, and there is no such {noun or 'record'} in this company file"
        return concern.diagnosis(told + self._is_other(value), expected)

    def _meant(self, concern: Concern) -> str:
        """Return the noun a request is about: of a Mod its own, of a deletion the one it names; "" when it may be any."""
        request = concern.request
        if concern.element.tag not in ("ListID", "TxnID"):
            return ""
        if request.noun in LISTS or request.noun in TRANSACTIONS:
            itself = request.operation == "Mod" and concern.element.getparent() is concern.places.request(concern.number)[0]
            return request.noun if itself else ""
        return str(request.values.get(f"{request.noun}{request.operation}Type") or "")

    def _latest(self, noun: str) -> tuple[str, ...]:
        """Return identities of records of a noun that are there, the newest first."""
        store = self._books.store
        if noun in LISTS:
            rows = store.execute(
                "SELECT list_id, full_name FROM list_record WHERE kind = ? ORDER BY record DESC LIMIT ?", (noun, NAMED_MAX)
            )
        elif noun in TRANSACTIONS:
            rows = store.execute("SELECT txn_id, ref FROM txn WHERE kind = ? ORDER BY number DESC LIMIT ?", (noun, NAMED_MAX))
        else:
            return ()
        return tuple(f"{identity} ({name})" if name else str(identity) for identity, name in rows)

    def _edit_sequence(self, concern: Concern) -> Diagnosis | None:
        """3200: somebody changed the record since."""
        holder = concern.element.getparent()
        if concern.element.tag != "EditSequence" or holder is None:
            return None
        list_id, txn_id = _text_in(holder, "ListID"), _text_in(holder, "TxnID")
        if txn_id:
            transaction = by_id(self._books, txn_id)
            modified = transaction.modified if transaction is not None else None
        else:
            # Identities are counted within a family of lists: the same one may stand in another family too.
            noun = LISTS.get(concern.request.noun) or LISTS.get(str(concern.request.values.get("ListMergeType")))
            record = self._books.records.by_id(noun.family, list_id) if noun is not None else None
            modified = record.modified if record is not None else None
        if modified is None:
            return None
        current, given = str(modified), shown(concern.text) if concern.text else "empty"
        told = f"<EditSequence> is {given}, and that of the record is {current}: it was changed since it was read"
        return concern.diagnosis(told, (current,), current, f"<EditSequence>{current}</EditSequence>")

    def _name_taken(self, concern: Concern) -> Diagnosis | None:
        """3100: the name is in use."""
        noun, value = LISTS.get(concern.request.noun), str(concern.outcome.slots.get("value") or "")
        if noun is None or not value:
            return None
        parent = next((each for each in concern.places.request(concern.number).iter(noun.parent_field)), None)
        above = _text_in(parent, "FullName") if parent is not None else ""
        found = self._books.records.by_name(noun.family, f"{above}:{value}" if above else value)
        if found is None:
            return None
        told = f"the name {value!r} is taken by the {found.kind} with ListID {found.list_id}"
        return concern.diagnosis(told, ("a name that is free", f"a {found.kind}Mod of {found.list_id}"))

    def _feature(self, concern: Concern) -> Diagnosis | None:
        """3250: a feature that the file does not have."""
        root, features = concern.places.request(concern.number), self._books.features
        used = next(
            (each for each in root.iter() if each.tag in features.fields_off and ("".join(map(str, each.itertext()))).strip()),
            None,
        )
        if used is not None:
            feature = next(name for name, fields in FIELDS_OF.items() if used.tag in fields and not features.has(name))
            told = f"<{used.tag}> needs the feature {feature!r}, which is off in this company file or not in its edition"
            return concern.diagnosis(told, (f"no <{used.tag}>", f"the preference {feature!r} on"), at=used)
        noun = LISTS.get(concern.request.noun) or TRANSACTIONS.get(concern.request.noun)
        if noun is None or features.has(noun.feature):
            return None
        told = (
            f"{concern.request.noun} needs the feature {noun.feature!r}, which is off in this company file or not in its edition"
        )
        return concern.diagnosis(told, (f"the preference {noun.feature!r} on",))


_KNOWN: Final[dict[int, Callable[[Explainer, Concern], Diagnosis | None]]] = {
    3100: Explainer._name_taken,
    3120: Explainer._object,
    3130: Explainer._parent,
    500: Explainer._not_found,
    3200: Explainer._edit_sequence,
    3250: Explainer._feature,
}


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "AEIO" else f"a {word}"


def _text_in(element: etree._Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _reference_form(element: etree._Element, full_name: str) -> str:
    made = etree.Element(str(element.tag))
    etree.SubElement(made, "FullName").text = full_name
    etree.indent(made, "  ")
    return etree.tostring(made, encoding="unicode")
