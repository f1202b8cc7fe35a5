"""What a person does in the books for a fault: the Admin at the screen, through the company's own operations.

QuickBooks judges it as it judges every request; what it refuses to a fault that is being put into force is a UserMistake, and a row
`by-hand-refused` when it comes in the middle of a story. Rows of lane `quickbooks`: `typed` (a new record, as in `people/paperwork.py`) and
`by-hand` (any other change); both name the fault.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulator.company import Caller
from emulator.core.errors import UserMistake
from emulator.desktop.causes import Cause
from emulator.desktop.events import tell_written
from emulator.desktop.faults.points import Situation
from emulator.desktop.office import CompanyFile, Office
from emulator.faults import Strike
from emulator.qbxml import VERSIONS, MessageSet, Request, Version, make_request, schema_of
from emulator.qbxml.schema import elements_of

TOUCHED: Final = "touched"
"""Stands for the record that the struck call names; for the first of its list when a fault begins without a call."""

FIRST: Final = "first"
"""Stands for the first active record of a list."""

NAMED_BY: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "party": ("Entity", ("CustomerRef", "VendorRef", "PayeeEntityRef", "EntityRef")),
    "item": ("Item", ("ItemRef",)),
    "account": ("Account", ("AccountRef", "ARAccountRef", "APAccountRef", "BankAccountRef", "DepositToAccountRef")),
}
"""Sort of record -> noun of the query that finds it, and the elements by which a request names it."""

_FIRST_OF: Final = {"party": "Customer", "item": "Item", "account": "Account"}
_NEWEST: Final = Version(VERSIONS[-1])


@dataclass(frozen=True)
class Entry:
    """A record of a list or a transaction: its kind, and what a query tells of it."""

    noun: str
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return how people call it: its full name or its number."""
        return str(self.values.get("FullName") or self.values.get("Name") or self.values.get("RefNumber") or self.identity[1])

    @property
    def identity(self) -> tuple[str, str]:
        """Return the element that identifies it, with its value."""
        name = "TxnID" if "TxnID" in self.values else "ListID"
        return name, str(self.values[name])


class Hand:
    """A person at the books of one company file, on account of one fault.

    Args:
        office: where.
        strike: of the fault; its facts say which call is struck, if any.

    Attributes:
        file: the company file.
        user: who does it.

    Raises:
        UserMistake: there is no company file.
    """

    def __init__(self, office: Office, strike: Strike) -> None:
        found = strike.facts.get("situation")
        self.situation: Situation | None = found if isinstance(found, Situation) else None
        session = self.situation.session if self.situation is not None else None
        if session is None and not office.files:
            raise UserMistake("there is no company file on the host", "", "a company file")
        self.file: CompanyFile = session.opening.file if session is not None else office.files[0]
        self.user = next((user.name for user in self.file.users.values() if user.is_admin), "Admin")
        self._office = office
        self._strike = strike

    @property
    def company(self) -> Any:
        """Return what is in the file."""
        return self.file.company

    @property
    def request(self) -> Request | None:
        """Return the request that is struck; None without one."""
        return self.situation.request if self.situation is not None else None

    def parameter(self, name: str) -> str:
        """Return a parameter of the fault as text."""
        return str(self._strike.parameters[name])

    # ---- asking and writing ---------------------------------------------------------------------------------------------

    def ask(self, noun: str, **values: Any) -> list[Entry]:
        """Return what a query finds."""
        answer = self._answer(make_request(f"{noun}Query", values), alone=False)
        return [Entry(name.removesuffix("Ret"), record) for name, record in answer.records if isinstance(record, Mapping)]

    def write(self, name: str, values: Mapping[str, Any], what: str, *, alone: bool = False) -> Mapping[str, Any]:
        """Save something; returns the record as it was written.

        Args:
            name: of the request (`CustomerMod`).
            values: its content.
            what: what the person does, as the journal tells it.
            alone: as in single-user mode, which some changes need.

        Raises:
            UserMistake: QuickBooks does not save it, with its own words.
        """
        request = make_request(name, dict(values))
        answer = self._answer(request, alone)
        if answer.status.failed:
            raise UserMistake(f"QuickBooks does not let {self.user} do it ({what}): {answer.status.message}")
        written = next((record for _, record in answer.written if isinstance(record, Mapping)), {})
        machines = [each for each in self._office.installations if each.shows(self.file)]
        for installation in machines[:1]:
            tell_written(installation, self.file, "", request, answer)
        identity = written.get("TxnID") or written.get("ListID")
        if request.operation == "Add":
            number = written.get("RefNumber") or written.get("FullName") or written.get("Name")
            party = next((written[each]["FullName"] for each in NAMED_BY["party"][1] if each in written), None)
            self._note("typed", noun=request.noun, id=identity, number=number, party=party)
        else:
            self.tell(what, noun=request.noun, operation=request.operation, id=identity)
        return written

    def change(self, entry: Entry, changes: Mapping[str, Any], what: str) -> None:
        """Change a record as it stands now. Raises UserMistake when it is gone, or QuickBooks does not save it."""
        now = self.again(entry)
        name, identity = entry.identity
        values = {name: identity, "EditSequence": now.values["EditSequence"], **changes}
        self.write(f"{entry.noun}Mod", {f"{entry.noun}Mod": values}, what)

    def again(self, entry: Entry) -> Entry:
        """Return a record as it stands now. Raises UserMistake when it is gone."""
        name, identity = entry.identity
        found = self.ask(entry.noun, **{name: [identity]})
        if not found:
            raise UserMistake(f"{entry.noun} {entry.name!r} is gone")
        return found[0]

    def tell(self, what: str, **facts: Any) -> None:
        """Write down what was done to the books."""
        self._note("by-hand", what=what, **facts)

    def causes(self, *codes: int, about: Iterable[str] = ()) -> None:
        """Say what is refused because of it from now on, until the fault ends.

        Args:
            codes: status codes of the refusals.
            about: names or identities that they tell of; nothing: whatever they tell of.
        """
        self._office.causes.in_books[self._strike.fault] = Cause(frozenset(codes), frozenset(each.casefold() for each in about))

    def attempt(self, what: str, act: Callable[[], None]) -> bool:
        """Do something that QuickBooks may refuse; what it says is written down then. Returns whether it was done."""
        try:
            act()
        except UserMistake as refused:
            self._note("by-hand-refused", what=what, reason=refused.given)
            return False
        return True

    # ---- finding --------------------------------------------------------------------------------------------------------

    def record(self) -> Entry:
        """Return the record that the parameters `of` and `record` name. Raises UserMistake when there is none."""
        return self.record_of(self.parameter("of"))

    def record_of(self, sort: str) -> Entry:
        """Return the record of a sort that the parameter `record` names. Raises UserMistake when there is none."""
        wanted = self.parameter("record")
        noun, elements = NAMED_BY[sort]
        if wanted == FIRST or (wanted == TOUCHED and self.request is None):
            found = self.ask(_FIRST_OF[sort], MaxReturned=1)
        elif wanted == TOUCHED:
            assert self.request is not None
            reference = next(references(self.request.values, elements), None)
            if reference is None:
                raise UserMistake(f"{self.request.name} names no {sort}", "", "another call, or a full name as `record`")
            by = "ListID" if reference.get("ListID") else "FullName"
            wanted = str(reference.get(by))
            found = self.ask(noun, **{by: [wanted]})
        else:
            found = self.ask(noun, FullName=[wanted])
        if not found:
            raise UserMistake(f"there is no {sort} {wanted!r} in the books", "", "the full name of one")
        return found[0]

    def _answer(self, request: Request, alone: bool) -> Any:
        caller = Caller(session="by hand", user=self.user, file_mode="SingleUser" if alone else "MultiUser", personal_data=True)
        return next(iter(self.company.begin_set(MessageSet(_NEWEST, requests=[request]), caller))).perform()

    def _note(self, kind: str, **facts: Any) -> None:
        known = {name: value for name, value in facts.items() if value is not None}
        self._office.note(kind, user=self.user, **known, faults=[self._strike.fault])


def references(values: Any, elements: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Yield the references of these names in the values of a request, those of its head first."""
    inside: list[Any] = []
    if isinstance(values, Mapping):
        for name, value in values.items():
            if name in elements and isinstance(value, Mapping) and (value.get("ListID") or value.get("FullName")):
                yield value
            elif isinstance(value, Mapping | list):
                inside.append(value)
    elif isinstance(values, list):
        inside = [each[1] if isinstance(each, tuple) else each for each in values]
    for value in inside:
        yield from references(value, elements)


def aggregate_of(request: Request) -> dict[str, Any]:
    """Return the aggregate of an Add or Mod (`InvoiceAdd`); empty for requests without one."""
    found = request.values.get(f"{request.noun}{request.operation}")
    return found if isinstance(found, dict) else {}


def takes(noun: str, operation: str, element: str) -> bool:
    """Return whether an Add or Mod has an element in its newest form."""
    message = schema_of(VERSIONS[-1]).message(f"{noun}{operation}Rq")
    return message is not None and element in elements_of(elements_of(message.children)[f"{noun}{operation}"].children)
