"""What comes in: documents are accepted, and customers, vendors and products are made - or refused at the gate."""

from dataclasses import dataclass

from emulator.core.chance import Chance
from emulator.core.documents import LIST_KINDS, Document, DocumentKind
from emulator.core.errors import UserMistake, nearest
from emulator.platform.drafts import Draft
from emulator.platform.life import facts
from emulator.platform.link import Link
from emulator.platform.profile import PushMode
from emulator.platform.steps import Context, Rows
from emulator.platform.store import Known


@dataclass(frozen=True)
class Creation:
    """What became of a wish to make (or change) a customer, vendor or product.

    Attributes:
        accepted: whether it was made.
        reason: why not, for people; empty when it was made.
        key: key of the document that takes it to QuickBooks; empty when none does.
    """

    accepted: bool
    reason: str = ""
    key: str = ""


class Intake:
    """The platform side's front desk.

    Args:
        context: the world around the platform side.
        link: its status.
        chance: makes the keys of documents.
    """

    def __init__(self, context: Context, link: Link, chance: Chance) -> None:
        self._context = context
        self._store = context.store
        self._link = link
        self._chance = chance

    @property
    def push_mode(self) -> PushMode:
        """Return whether syncing is automatic or manual."""
        mode: PushMode = self._store.get("push-mode", self._context.profile.push_mode)
        return mode

    def accept(self, rows: Rows, what: Document | Draft) -> Document:
        """Accept a document, inside a step of the caller; a draft gets its key and number. Raises UserMistake for a key used twice."""
        document = self._with_key(what) if isinstance(what, Draft) else what
        before = self._store.kept(document.key)
        if before is not None:
            if before.document != document:
                raise UserMistake(
                    f"key {document.key!r} was given to another document", expected="a key of its own for each document"
                )
            return document
        self._store.accept(document, "waiting")
        rows.add("document-accepted", **facts(document), total_cents=document.total_cents)
        if not self._link.connected:
            self._link.hold(rows, document)
        return document

    def _with_key(self, draft: Draft) -> Document:
        name = self._context.profile.name
        key = self._chance.token("document", name, self._store.positions_used() + 1)
        number = ""
        if draft.is_transaction:
            numbers = self._context.profile.numbers
            counter = int(self._store.get("next-number", numbers.first))
            while self._store.number_taken(number := f"{numbers.prefix}{counter}"):
                counter += 1
            self._store.put("next-number", counter + 1)
        return draft.document(key, number)

    def make(self, what: str, name: str, fields: dict[str, str], *, new: bool) -> Creation:
        """Make a customer, vendor or product, or change one; see PlatformSide.create and .change."""
        kind = _list_kind(what)
        with self._context.step() as rows:
            known = self._store.known(kind, name) if _is_name(name) else None
            reason = self._why_not(kind, name, new=new, exists=known is not None)
            if reason:
                rows.add("creation-refused" if new else "change-refused", what=kind, name=name, reason=reason)
                return Creation(False, reason)
            key = known.key if known is not None else ""
            if new and self.push_mode == "automatic":
                today = self._context.clock.now().date().isoformat()
                key = self.accept(rows, Draft(kind, name, today, fields=fields)).key
            self._store.remember(Known(kind, name, (known.fields if known else {}) | fields, key))
            rows.add("creation-accepted" if new else "change-accepted", what=kind, name=name, key=key)
        return Creation(True, key=key)

    def _why_not(self, what: str, name: str, *, new: bool, exists: bool) -> str:
        """Return why a customer, vendor or product cannot be made or changed now; empty when it can."""
        gated = new or self._context.settings.flag("platform.edits-gated")
        if gated and self.push_mode == "automatic" and not self._link.connected:
            deed = "made" if new else "changed"
            return f"QuickBooks is Disconnected: with automatic syncing no {what} can be {deed} until the connection is back"
        if not _is_name(name):
            return f"a {what} needs a name of one line"
        if new and exists:
            return f"there is a {what} of this name already"
        return "" if new or exists else f"there is no {what} of this name"


def _is_name(name: str) -> bool:
    """Return whether people could have typed it into one field; whether QuickBooks takes it is for QuickBooks to say."""
    return bool(name.strip()) and not any(ord(mark) < 32 or 0xD800 <= ord(mark) <= 0xDFFF for mark in name)


def _list_kind(what: str) -> DocumentKind:
    kinds: tuple[DocumentKind, ...] = ("customer", "vendor", "product")
    assert kinds == LIST_KINDS, "the kinds of list entries are core's"
    for kind in kinds:
        if what == kind:
            return kind
    near = nearest(what, kinds)
    raise UserMistake(f"cannot make a {what!r}", expected=f"{near!r}" if near else f"one of {', '.join(kinds)}")
