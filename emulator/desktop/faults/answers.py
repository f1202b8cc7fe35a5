"""Faults of what goes through QuickBooks: texts that do not fit, answers that cannot be read, iterators and locks that are lost or left."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from emulator.desktop.faults.by_hand import Hand, aggregate_of
from emulator.desktop.faults.points import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_BEGIN,
    BEFORE_COMMIT,
    BEFORE_PROCESS,
    Begin,
    Effect,
    End,
    Needs,
    Situation,
)
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.desktop.results import Code, SessionFailure
from emulator.faults import Kind, Parameter, ParameterValue, Strike
from emulator.faults.kinds import BYTES_MOST, YEAR_S
from emulator.qbxml import Request, status

Parameters = Mapping[str, ParameterValue]

# ---- texts that come in ---------------------------------------------------------------------------------------------------------------

_FIRST_FIELDS: Final = ("RefNumber", "Name", "Memo", "Notes")
"""Texts of an Add or Mod that are looked at first when a fault names none."""

_NO_TEXTS: Final = frozenset({"ListID", "TxnID", "TxnLineID", "EditSequence", "TxnDate", "ExternalGUID", "OwnerID"})
"""Elements of a request that are no texts of people."""


def _texts(request: Request) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the texts of an Add or Mod as (where it stands, element): what identifies it first, then its head and its addresses."""
    asked = aggregate_of(request)
    for name in sorted(asked, key=lambda name: name not in _FIRST_FIELDS):
        value = asked[name]
        if isinstance(value, str) and value and name not in _NO_TEXTS:
            yield asked, name
        elif isinstance(value, dict) and not name.endswith("Ref"):
            yield from ((value, part) for part, text in value.items() if isinstance(text, str) and text and part not in _NO_TEXTS)


def _text_of(request: Request | None, parameters: Parameters) -> tuple[dict[str, Any], str] | None:
    """Return where the text stands that a fault is about; None when the request has none, or none so long."""
    if request is None:
        return None
    field, limit = str(parameters["field"]), int(parameters.get("limit", 0))
    return next(
        ((place, name) for place, name in _texts(request) if field in ("", name) and len(place[name]) > limit),
        None,
    )


def _too_long(situation: Situation, strike: Strike) -> Operation[None]:
    found = _text_of(situation.request, strike.parameters)
    assert found is not None
    assert situation.request is not None
    place, name = found
    situation.request.fault = status.of(3070, field=name, value=place[name])
    yield from ()


def _bad_chars_in(situation: Situation, strike: Strike) -> Operation[None]:
    """Let a document, or a text of a request, have characters outside the Windows code page."""
    characters = str(strike.parameters["chars"])
    if situation.request is None:
        raise SessionFailure(Code.XML_NOT_VALID, f"a character outside the Windows code page: {characters}")
    found = _text_of(situation.request, strike.parameters)
    assert found is not None
    place, name = found
    two = situation.quickbooks.office.choices.character_of_two_units == "two"
    marks = "".join(_kept(character, two=two) for character in characters)
    # In place of the last ones, so that the text is no longer than it was.
    text = place[name]
    place[name] = f"{text[: max(len(text) - len(marks), 1)]}{marks}"[: len(text)] if len(text) > 1 else marks[:1]
    yield from ()


def _kept(character: str, *, two: bool) -> str:
    """Return what QuickBooks keeps of a character that came as a reference (switch qbxml.character-of-two-units)."""
    try:
        return character.encode("cp1252").decode("cp1252")
    except UnicodeEncodeError:
        return "??" if two and ord(character) > 0xFFFF else "?"


# ---- answers that go out --------------------------------------------------------------------------------------------------------------


def _bad_bytes_out(situation: Situation, strike: Strike) -> Operation[None]:
    situation.spoilt = strike
    yield from ()


def spoilt(situation: Situation, document: str) -> str:
    """Return an answer with a character in it that no XML may hold, as a fault asks; the answer itself without a fault.

    The fault has struck when the answer is so long.
    """
    strike = situation.spoilt
    if strike is None:
        return document
    situation.spoilt = None
    settle = situation.quickbooks.office.plan.settle
    raw, position = document.encode(), int(strike.parameters["pos"])
    if position > len(raw):
        settle(strike, f"the answer has {len(raw)} bytes", **situation.facts)
        return document
    settle(strike, **situation.facts)
    before = raw[: len(raw) // 2 if position < 0 else position].decode(errors="ignore")
    return f"{before}{chr(int(strike.parameters['byte']))}{document[len(before) :]}"


def not_spoilt(situation: Situation) -> None:
    """Say that an answer that was to be spoilt never left: its call has ended."""
    if situation.spoilt is not None:
        strike, situation.spoilt = situation.spoilt, None
        situation.quickbooks.office.plan.settle(strike, "the call ended before its answer left", **situation.facts)


# ---- iterators ------------------------------------------------------------------------------------------------------------------------


def _iterator_lost(office: Office, strike: Strike) -> End:
    hand = Hand(office, strike)
    idle_s, open_max = float(strike.parameters["idle_s"]), int(strike.parameters["max_open"])
    company = hand.company
    lost = 0 if idle_s else company.lose_iterators()
    company.limit_iterators(idle_s or None, open_max or None)
    office.note("iterators-lost", iterators=lost, idle_s=idle_s or None, open_max=open_max or None, faults=[strike.fault])
    hand.causes(3390, 3391)
    return partial(company.limit_iterators, None, None)


# ---- the lock of the Web Connector ------------------------------------------------------------------------------------------------------

_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_LOCK: Final = "AppLock"


def lock_value(host: str, moment: datetime) -> str:
    """Return what a Web Connector writes when it takes a company file: `LOCKED:<host>:<ticks>` (observed).

    Ticks are those of .NET: tenths of a microsecond since the year 1, UTC.
    """
    return f"LOCKED:{host}:{(moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 10}"


def _stale_app_lock(office: Office, strike: Strike) -> End:
    hand, owner = Hand(office, strike), str(strike.parameters["owner"]).upper()
    key = {"OwnerID": owner, "DataExtName": _LOCK}
    where = {**key, "OtherDataExtType": "Company"}
    if not any(each.values.get("DataExtName") == _LOCK for each in hand.ask("DataExtDef", OwnerID=[owner])):
        hand.write(
            "DataExtDefAdd",
            {"DataExtDefAdd": {**key, "DataExtType": "STR255TYPE", "AssignToObject": ["Company"]}},
            "makes the lock",
        )
    before = _lock_of(hand, owner)
    age = timedelta(seconds=float(strike.parameters["age_s"]))
    value = lock_value(str(strike.parameters["host"]), office.now() - age)
    hand.causes(3180, about=[_LOCK])
    _write_lock(hand, where, value if before is not None else None, value)

    def end() -> None:
        # Somebody may have taken it away meanwhile, as he should.
        if _lock_of(hand, owner) != value:
            return
        what = "takes the lock of the Web Connector away"
        hand.attempt(what, lambda: _write_lock(hand, where, before, before))

    return end


def _lock_of(hand: Hand, owner: str) -> str | None:
    (company,) = hand.ask("Company", OwnerID=[owner])
    return next(
        (str(each["DataExtValue"]) for each in company.values.get("DataExtRet", ()) if each["DataExtName"] == _LOCK), None
    )


def _write_lock(hand: Hand, where: Mapping[str, str], changed_to: str | None, value: str | None) -> None:
    """Write the value of the lock: changed when there is one, taken away for None, else added."""
    if value is None:
        hand.write("DataExtDel", {"DataExtDel": dict(where)}, "takes the lock of the Web Connector away")
        return
    operation = "Add" if changed_to is None else "Mod"
    hand.write(f"DataExt{operation}", {f"DataExt{operation}": {**where, "DataExtValue": value}}, f"leaves the lock {value}")


# ---- the table ------------------------------------------------------------------------------------------------------------------------

NEEDS: Final[Needs] = {
    "such a text": (
        "the request has no such text",
        lambda call, given: call.request is None or _text_of(call.request, given) is not None,
    ),
    "a whole answer": ("the answer is spoilt already", lambda call, _: call.spoilt is None),
}
"""What kinds of this family need."""

EFFECTS: Final[dict[str, Effect]] = {
    "too-long": _too_long,
    "bad-chars-in": _bad_chars_in,
    "bad-bytes-out": _bad_bytes_out,
}
"""What each effect of this family does to a call."""

BEGINS: Final[dict[str, Begin]] = {"iterator-lost": _iterator_lost, "stale-app-lock": _stale_app_lock}
"""What begins the state of each effect of this family."""

_FIELD: Final = Parameter(
    "", "element of the Add or Mod, or of an address in it; empty: RefNumber, Name, Memo, Notes, or the first text"
)

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "too-long",
        "QB27",
        (BEFORE_COMMIT,),
        "too-long",
        "QuickBooks takes a text only to a shorter length than the program thought: the request is refused with 3070.",
        "refuse the document, or cut the text as people were told it would; never cut a number",
        False,
        {"field": _FIELD, "limit": Parameter(0, "characters that are still taken; 0: not even one", least=0, most=10**6)},
        needs=("no refusal", "such a text"),
        sets=("status of the request",),
    ),
    Kind(
        "bad-chars-in",
        "QB28",
        (BEFORE_PROCESS, BEFORE_COMMIT),
        "bad-chars-in",
        "A document has characters outside the Windows code page. As raw bytes (before the document) it is refused whole with 0x80040400; as "
        "character references (before a request) they are stored as question marks.",
        "write other letters for them as people were told it would, and keep a record from which they can be found again",
        False,
        {"chars": Parameter("→\N{GREEK CAPITAL LETTER OMEGA}", "the characters"), "field": _FIELD},
        needs=("such a text",),
        ends_call=(BEFORE_PROCESS,),
    ),
    Kind(
        "bad-bytes-out",
        "QB29",
        (BEFORE_ANSWER,),
        "bad-bytes-out",
        "An answer holds a byte that no XML may hold; a parser stops there. What was written stays written.",
        "fail this page or document and not the whole run, take no part of a list for all of it, and ask what became of a write",
        False,
        {
            "pos": Parameter(-1, "before which byte of the answer it stands; -1: in the middle", least=-1, most=BYTES_MOST),
            "byte": Parameter(0x1A, "the byte", (0x00, 0x01, 0x08, 0x0B, 0x19, 0x1A, 0x1F)),
        },
        needs=("a whole answer",),
        sets=("bytes of the answer",),
        byte="pos",
    ),
    Kind(
        "iterator-lost",
        "QB30",
        (BEFORE_COMMIT, BEFORE_BEGIN, BEFORE_PROCESS, AFTER_COMMIT),
        "iterator-lost",
        "QuickBooks forgets the iterators that are open, or those that idle for too long: the next page is answered 3391; with `max_open` one "
        "session may hold so many and one more is answered 3390. At the end new ones live as ever; lost ones do not come back.",
        "begin the list anew, take no record twice, and never take the pages it has for the whole list",
        False,
        {
            "idle_s": Parameter(
                0.0, "story seconds that an iterator may idle; 0: those that are open are lost at once", least=0, most=YEAR_S
            ),
            "max_open": Parameter(
                0, "iterators that one session may hold; 0: as ever (switch company.iterators-open-max)", least=0, most=10**6
            ),
        },
        lasting=True,
        sets=("the limits of iterators",),
    ),
    Kind(
        "stale-app-lock",
        "QB54",
        (BEFORE_BEGIN, BEFORE_PROCESS, BEFORE_COMMIT, AFTER_COMMIT),
        "stale-app-lock",
        "A Web Connector has died and left its lock on the company file: the data extension AppLock of its OwnerID. The end takes it away.",
        "clear a lock of its own that is older than its limit, say so, and leave the lock of another machine to people",
        False,
        {
            "owner": Parameter("{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}", "OwnerID of the program"),
            "host": Parameter("SERVER", "name of the machine that left it"),
            "age_s": Parameter(3600.0, "how old it is, story seconds", least=0, most=YEAR_S),
        },
        lasting=True,
        sets=("the AppLock of {owner}",),
    ),
)
"""The kinds of fault of this family."""
