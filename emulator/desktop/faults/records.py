"""Faults of lists: records that people rename, switch off, merge away, add or save while a program relies on them."""

from functools import partial
from typing import Any, Final

from emulator.core.errors import UserMistake
from emulator.desktop.faults.by_hand import TOUCHED, Entry, Hand, aggregate_of, takes
from emulator.desktop.faults.points import AFTER_COMMIT, BEFORE_COMMIT, Begin, Effect, End, Needs, Situation
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.faults import Kind, Parameter, Strike

NAME_LENGTHS: Final = {"Customer": 41, "Vendor": 41, "OtherName": 41, "Account": 31}
"""Characters of a name by kind (documented); of items 31."""


def _renamed(noun: str, name: str, more: str) -> str:
    """Return a name with something behind it, as long as the list takes."""
    return f"{name[: NAME_LENGTHS.get(noun, 31) - len(more)]}{more}"


# ---- the record that a reference means ---------------------------------------------------------------------------------------


def _missing_ref(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    record = hand.record()
    before = str(record.values["Name"])
    after = hand.parameter("to") or _renamed(record.noun, before, " (old)")
    hand.change(record, {"Name": after}, f"renames {record.name!r} to {after!r}")
    hand.causes(3120, 3140, about=[record.name])
    return _put_back(hand, record, {"Name": before}, f"gives {after!r} its name {before!r} back")


def _inactive_ref(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    record = hand.record()
    if record.values.get("IsActive") is False:
        raise UserMistake(f"{record.name!r} is inactive already", "", "an active record")
    hand.change(record, {"IsActive": False}, f"makes {record.name!r} inactive")
    hand.causes(3140, about=[record.name, record.identity[1]])
    return _put_back(hand, record, {"IsActive": True}, f"makes {record.name!r} active again")


def _put_back(hand: Hand, record: Entry, changes: dict[str, Any], what: str) -> End:
    def end() -> None:
        hand.attempt(what, partial(hand.change, record, changes, what))

    return end


def _merged_deleted(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    record = hand.record()
    if hand.parameter("how") == "delete":
        values = {"ListDelType": record.noun, "ListID": record.identity[1]}
        hand.write("ListDel", values, f"deletes {record.noun} {record.name!r}", alone=True)
    else:
        _merge(hand, record, _heir(hand, record))
    hand.causes(3120, 3130, 3140, about=[record.name, record.identity[1]])
    # Nothing brings it back.
    return lambda: None


def _heir(hand: Hand, record: Entry) -> Entry:
    """Return the record that another is merged into: the one named, else the first active one of its kind."""
    wanted = hand.parameter("to")
    found = hand.ask(record.noun, FullName=[wanted]) if wanted else hand.ask(record.noun, MaxReturned=100)
    alike = ("AccountType", "CurrencyRef", "UnitOfMeasureSetRef")
    for each in found:
        if each.identity != record.identity and all(each.values.get(name) == record.values.get(name) for name in alike):
            return each
    raise UserMistake(
        f"there is no {record.noun} {wanted!r} to merge {record.name!r} into", "", "another record of the same kind"
    )


def _merge(hand: Hand, record: Entry, heir: Entry) -> None:
    ends = [{"ListID": each.identity[1], "EditSequence": each.values["EditSequence"]} for each in (record, heir)]
    values = {"ListMergeType": record.noun, "MergeFrom": ends[0], "MergeTo": ends[1]}
    hand.write("ListMerge", values, f"merges {record.name!r} into {heir.name!r}", alone=True)


# ---- names ------------------------------------------------------------------------------------------------------------------

_OTHER_KIND: Final = {"Customer": "Vendor", "Vendor": "OtherName", "OtherName": "Vendor", "Employee": "OtherName"}


def _name_taken(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    name, noun, values = name_meant(hand), hand.parameter("kind"), dict[str, Any]()
    request = hand.request
    if request is not None and hand.parameter("name") == TOUCHED:
        asked = aggregate_of(request)
        if asked.get("ParentRef"):
            # Names below another record are its own: only the same kind can stand there.
            noun, values = request.noun, {"ParentRef": asked["ParentRef"]}
    if not noun:
        noun = _clashing(request.noun if request is not None else "Customer")
    if noun == "Account":
        values["AccountType"] = (aggregate_of(request) if request is not None else {}).get("AccountType", "Expense")
    values["IsActive"] = not strike.parameters["inactive"]
    taken = Entry(noun, hand.write(f"{noun}Add", {f"{noun}Add": {"Name": name, **values}}, f"adds {noun} {name!r}"))
    hand.causes(3100, 3180, about=[name])
    away = _renamed(noun, name, " (2)")
    return _put_back(hand, taken, {"Name": away}, f"renames {noun} {name!r} to {away!r}")


def name_meant(hand: Hand) -> str:
    """Return the name that the parameter `name` means. Raises UserMistake when it is that of a call, and none that adds a name is struck."""
    name, request = hand.parameter("name"), hand.request
    if name != TOUCHED:
        return name
    wanted = aggregate_of(request).get("Name") if request is not None and request.operation == "Add" else None
    if not isinstance(wanted, str):
        raise UserMistake("no call that adds a name is struck", "", "`name`, or a trigger that an Add of a list meets")
    return wanted


def _clashing(noun: str) -> str:
    """Return the kind of record that somebody adds under the name that one of this kind is to have."""
    return "ItemSubtotal" if noun.startswith("Item") else _OTHER_KIND.get(noun, noun)


def _list_full(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    limit = int(strike.parameters["limit"])
    limits = {family: limit or count for family, count in hand.company.count_entries().items()}
    hand.company.limit_lists(limits)
    hand.causes(3180, 3250, about=["the list is full"])
    hand.tell(f"has a file that takes {limits.get('entity', 0)} names and {limits.get('item', 0)} items")
    return lambda: hand.company.limit_lists(None)


# ---- the record that is being changed -----------------------------------------------------------------------------------------


def _edit_race(situation: Situation, strike: Strike) -> Operation[None]:
    """Save the record that a Mod is about to change, a second before it: an EditSequence has no finer grain (observed)."""
    assert situation.request is not None
    yield from situation.quickbooks.pass_time(1.0)
    hand, request = Hand(situation.quickbooks.office, strike), situation.request
    asked = aggregate_of(request)
    identity = "TxnID" if "TxnID" in asked else "ListID"
    found = hand.ask(request.noun, **{identity: [asked[identity]]})
    field = next((name for name in ("Memo", "Notes", "Phone") if takes(request.noun, "Mod", name)), "")
    changes = {field: hand.parameter("text")} if field else {}
    for record in found:
        what = f"saves {record.noun} {record.name!r}"
        hand.attempt(what, partial(hand.change, record, changes, what))


def _is_mod(situation: Situation) -> bool:
    request = situation.request
    return request is not None and request.operation == "Mod" and not {"ListID", "TxnID"}.isdisjoint(aggregate_of(request))


NEEDS: Final[Needs] = {"a Mod": ("the request is no Mod of a record", lambda call, _: _is_mod(call))}
"""What kinds of this family need."""

EFFECTS: Final[dict[str, Effect]] = {"edit-race": _edit_race}
"""What each effect of this family does to a call."""

BEGINS: Final[dict[str, Begin]] = {
    "missing-ref": _missing_ref,
    "inactive-ref": _inactive_ref,
    "merged-deleted": _merged_deleted,
    "name-taken": _name_taken,
    "list-full": _list_full,
}
"""What begins the state of each effect of this family."""

_POINTS: Final = (BEFORE_COMMIT, AFTER_COMMIT)
RECORD: Final = {
    "of": Parameter("party", "which list the record stands in", ("party", "item", "account")),
    "record": Parameter(
        TOUCHED,
        "full name; `touched`: the one that the struck call names, or the first of its list when no call is struck; `first`",
    ),
}
"""Parameters that name a record."""

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "edit-race",
        "QB19",
        (BEFORE_COMMIT,),
        "edit-race",
        "Somebody saves the record just before a Mod changes it: the Mod's EditSequence is old, and it is answered 3200.",
        "read the record again, put its change in by its own rules, and try once more; never overwrite what a person saved",
        False,
        {"text": Parameter("looked through", "what the person writes into memo, notes or phone of the record")},
        needs=("a Mod",),
    ),
    Kind(
        "missing-ref",
        "QB23",
        _POINTS,
        "missing-ref",
        "Somebody renames a record that requests name by its full name: they are answered 3140. The end gives it its name back.",
        "send what a document depends on first; park the document with the reason when the name is still unknown",
        False,
        {**RECORD, "to": Parameter("", "the new name; empty: the old one with ` (old)` behind it")},
        lasting=True,
        sets=("the name of {record}",),
    ),
    Kind(
        "inactive-ref",
        "QB24",
        _POINTS,
        "inactive-ref",
        "Somebody makes a record inactive; requests that name it are refused with 3140 as the switches company.inactive-by-name and "
        "company.inactive-by-id say. The end makes it active again.",
        "park the document with the reason, and post it when the record is active again",
        False,
        RECORD,
        lasting=True,
        sets=("whether {record} is active",),
    ),
    Kind(
        "merged-deleted",
        "QB25",
        _POINTS,
        "merged-deleted",
        "Somebody has merged a record into another, or deleted it, in single-user mode: its ListID is gone for good, the end of the "
        "fault does not bring it back.",
        "look the record up again, link its document to what it became or park it, and never make a twin unasked",
        False,
        {
            **RECORD,
            "to": Parameter("", "full name of the record it is merged into; empty: the first other one of its kind"),
            "how": Parameter("merge", "merged, or deleted when nothing uses it", ("merge", "delete")),
        },
        lasting=True,
    ),
    Kind(
        "name-taken",
        "QB26",
        _POINTS,
        "name-taken",
        "Somebody adds a name, as another kind of record, that a program wants to add: it is answered 3100. Customers, vendors, employees "
        "and other names share their names, items theirs, inactive ones too. The end renames that record.",
        "look a name up among all kinds, inactive ones too, before it adds it, and show the clash to people",
        False,
        {
            "name": Parameter(TOUCHED, "the name; `touched`: the one that the struck Add wants"),
            "kind": Parameter(
                "",
                "kind of the record that takes it; empty: another than the wanted one",
                ("", "Customer", "Vendor", "OtherName", "ItemSubtotal", "Account"),
            ),
            "inactive": Parameter(False, "the record that has the name is inactive"),
        },
        lasting=True,
        sets=("the record that has the name {new name}",),
    ),
    Kind(
        "list-full",
        "QB45",
        _POINTS,
        "list-full",
        "The names or the items of the file are at their limit: an Add of one more is refused as the switch company.list-full-code says. "
        "At the end the limit is that of the edition again.",
        "park what needs a new record with the reason, and not try again and again",
        False,
        {
            "limit": Parameter(
                0, "how many names, and how many items, the file takes; 0: as many as there are", least=0, most=10**6
            )
        },
        lasting=True,
        sets=("the limit of lists",),
    ),
)
"""The kinds of fault of this family."""
