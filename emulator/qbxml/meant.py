"""What was probably meant by a name or a text that is wrong; nothing where that would be a guess.

A suggestion that is far off misleads more than none does, and a value that is quietly another one costs money: a name is suggested when it
is a slip of the pen, another form of the same word or what other programs call it; of a value sign and size, day and length of time are
kept, and what is left out of it is said.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from emulator.qbxml.schema import Node
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue, reader_of

# ---- names -------------------------------------------------------------------------------------------------------------------------


def same_but_case(word: str, words: Iterable[str]) -> str:
    """Return the word that differs in upper and lower case alone; "" when none does."""
    folded = word.strip().casefold()
    return next((each for each in words if each.casefold() == folded), "")


def name_meant(given: str, names: Iterable[str], holder: str = "") -> str:
    """Return the name of an element, attribute or request that was meant by another one; "" when none is near enough.

    Args:
        given: what stands there.
        names: what may stand there, in schema order.
        holder: the element around it, for lines that are named after their transaction.
    """
    known = tuple(names)
    if len(given) > NAME_MAX:
        return ""
    return (
        same_but_case(given, known)
        or _called_otherwise(given, known)
        or _line_of_another(given, known, holder)
        or _same_stem(given, known)
        or _slip(given, known)
        or _beginning(given, known, 0.6)
    )


def value_meant(given: str, values: Iterable[str]) -> str:
    """Return the value of a list that was meant by a text; "" when none is near enough."""
    known = tuple(values)
    if len(given) > NAME_MAX:
        return ""
    bare = _APART.sub("", given).casefold()
    same = next((each for each in known if _APART.sub("", each).casefold() == bare), "")
    return same or _slip(given.strip(), known) or _beginning(given.strip(), known, 0.5)


NAME_MAX: Final = 100
"""Characters of the longest name that is looked for; none of the schema has half as many."""

_APART: Final = re.compile(r"[\s_.-]+")
_ENDING: Final = re.compile(r"(?:Add|Mod|Ret|Ref|Rq|Rs|List|s)$")
_OF_REFERENCE: Final = re.compile(r"(?:FullName|ListID|Name|ID|Id)$")
_LINE: Final = re.compile(r"(?:Line|LineGroup)(?:Add|Mod|Ret)$")
_OPERATIONS: Final = (
    (re.compile(r"(?:Create|Insert|New|Post)(?=(?:Rq)?$)"), "Add"),
    (re.compile(r"(?:Update|Change|Modify|Edit)(?=(?:Rq)?$)"), "Mod"),
    (re.compile(r"(?:Search|Get|Find|List|Select|Read)(?=(?:Rq)?$)"), "Query"),
)
_TRANSACTIONS: Final = (
    r"(?:Invoice|Bill|Order|SalesOrder|PurchaseOrder|Estimate|Check|Payment|Transaction|Receipt|SalesReceipt|Credit|CreditMemo|Deposit|"
    r"Journal|JournalEntry|Doc|Document|Charge|Txn)"
)
_OTHER_NAMES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), names)
    for pattern, names in (
        (rf"{_TRANSACTIONS}?Date", ("TxnDate",)),
        (rf"{_TRANSACTIONS}?(?:Number|No|Num)|Reference", ("RefNumber",)),
        (r"(?:Unit|Sales)?Price", ("Rate", "Price", "SalesPrice")),
        (r"(?:Unit|Purchase)?Cost", ("Cost", "PurchaseCost", "Rate")),
        (r"Description", ("Desc", "SalesDesc")),
        (r"Qty|Count|Units", ("Quantity",)),
        (r"Notes?|Comments?", ("Memo", "Note", "Notes")),
        (r"(?:Line)?Total|TotalAmount|LineAmount|Sum", ("Amount", "TotalAmount")),
        (r"(?:Billing)?Address", ("BillAddress", "VendorAddress")),
        (r"ShippingAddress", ("ShipAddress",)),
        (r"(?:Address(?:Line)?|Line|Street)1?", ("Addr1",)),
        (r"Zip(?:Code)?|PostCode", ("PostalCode",)),
        (r"Region|Province", ("State",)),
        (r"PhoneNumber|Telephone", ("Phone",)),
        (r"EmailAddress|Mail", ("Email",)),
        (r"ID", ("ListID", "TxnID")),
        (r"Name", ("FullName",)),
        (r"Client(?:Ref)?", ("CustomerRef",)),
        (r"Supplier(?:Ref)?", ("VendorRef",)),
        (r"Product(?:Ref)?", ("ItemRef",)),
        (r"Limit|Max|Top|MaxResults", ("MaxReturned",)),
    )
)
"""What other programs call an element, and what qbXML does."""


def _called_otherwise(given: str, known: tuple[str, ...]) -> str:
    for pattern, names in _OTHER_NAMES:
        if pattern.fullmatch(given):
            return next((name for name in names if name in known and name != given), "")
    for verb, operation in _OPERATIONS:
        right = verb.sub(operation, given)
        if right != given and (found := same_but_case(right, known)):
            return found
    stem = _OF_REFERENCE.sub("", given)
    return f"{stem}Ref" if stem != given and f"{stem}Ref" in known else ""


def _line_of_another(given: str, known: tuple[str, ...], holder: str) -> str:
    """Return the line of this transaction for that of another one (SalesOrderLineAdd in an InvoiceAdd)."""
    line = _LINE.search(given)
    noun = re.sub(r"(?:Add|Mod)$", "", holder)
    if line is None or noun == holder:
        return ""
    kind = line.group()[:-3] + holder[-3:]
    return f"{noun}{kind}" if f"{noun}{kind}" in known else ""


def _same_stem(given: str, known: tuple[str, ...]) -> str:
    """Return another form of the same word: InvoiceLineAdd for InvoiceLineRet, CustomerRef for Customer."""
    forms = {given.casefold(), _ENDING.sub("", given).casefold()}
    return next((each for each in known if forms & {each.casefold(), _ENDING.sub("", each).casefold()}), "")


def _slip(given: str, known: tuple[str, ...]) -> str:
    """Return the word that becomes the given one by a few wrong letters."""
    folded = {each.casefold(): each for each in reversed(known)}
    alike = difflib.get_close_matches(given.casefold(), folded, 5, 0.7)
    slips = [(_letters_between(given.casefold(), each), place, folded[each]) for place, each in enumerate(alike)]
    best = min(slips, default=(len(given), 0, ""))
    short = len(given) <= 5
    if re.sub(r"\D", "", best[2]) != re.sub(r"\D", "", given):
        # Addr6 is no slip of Addr5.
        return ""
    if best[0] > (1 if short else 2) or (short and best[2][:1].casefold() != given[:1].casefold()):
        return ""
    return best[2]


def _letters_between(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or the wrong way round (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for place, letter in enumerate(one):
        row = [place + 1]
        for at, right in enumerate(other):
            least = min(row[at] + 1, rows[-1][at + 1] + 1, rows[-1][at] + (letter != right))
            if place and at and letter == other[at - 1] and one[place - 1] == right:
                least = min(least, rows[-2][at - 1] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


def _beginning(given: str, known: tuple[str, ...], share: float) -> str:
    """Return the only word that begins with the given one, when that is a good share of it."""
    starts = [each for each in known if each.casefold().startswith(given.casefold()) and len(given) >= share * len(each)]
    return starts[0] if len(starts) == 1 and len(given) >= 4 else ""


# ---- texts -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meant:
    """What a text that does not convert was meant as.

    Attributes:
        text: it converts.
        note: what is not as it was, for people; "" when nothing of its meaning is changed.
    """

    text: str
    note: str = ""


def text_meant(node: Node, text: str, choices: Choices) -> Meant | None:
    """Return what a leaf was meant to hold: the text itself where it is right; None where nobody can know."""
    read = reader_of(node, choices)
    for each in _readings(node, text):
        try:
            value = read(each.text)
        except BadValue:
            continue
        if (value is not None or each.text == text) and (not node.values or each.text in node.values):
            return each
    return None


def _readings(node: Node, text: str) -> Iterator[Meant]:
    """Yield what a text may have meant, the likeliest first."""
    bare = text.strip()
    yield Meant(text)
    yield Meant(bare)
    if node.values:
        yield Meant(value_meant(bare, node.values))
    elif node.type == "BOOLTYPE":
        yield Meant(_WORDS.get(bare.casefold(), bare.casefold()))
    elif node.type == "DATETYPE":
        yield from _days(bare)
    elif node.type == "DATETIMETYPE":
        yield from _moments(bare)
    elif node.type == "TIMEINTERVALTYPE":
        yield from _intervals(bare)
    elif node.type in _DECIMALS:
        yield from _numbers(node, bare)
    elif node.type == "GUIDTYPE":
        yield Meant("{" + bare.strip("{}") + "}")
    elif node.length_max is not None:
        yield Meant(bare[: node.length_max].strip(), f"cut to {node.length_max} characters")


_WORDS: Final = {"yes": "true", "y": "true", "on": "true", "no": "false", "n": "false", "off": "false"}

_MOMENT: Final = re.compile(r"(\S+)[T ]\s*(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|[+-]\d{1,2}:?\d{2})?")
_IN_WORDS: Final = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y %B %d", "%Y %b %d")
_IN_NUMBERS: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})([/.-]?)(\d{1,2})\2(\d{1,2})")


def _days(text: str) -> Iterator[Meant]:
    """Yield the day of a date that is written otherwise; of one that may be two days, that of the United States, and say so."""
    moment = _MOMENT.fullmatch(text)
    text = moment.group(1) if moment else text
    if match := _YEAR_FIRST.fullmatch(text):
        year, apart, month, day = match.groups()
        if apart or len(text) == 8:
            yield Meant(f"{year}-{int(month):02}-{int(day):02}")
    elif match := _IN_NUMBERS.fullmatch(text):
        one, apart, other, year = match.groups()
        first, second = int(one), int(other)
        if apart == "." or first > 12:
            yield Meant(f"{year}-{second:02}-{first:02}")
        else:
            note = "read as month, day, year" if second <= 12 and first != second else ""
            yield Meant(f"{year}-{first:02}-{second:02}", note)
    else:
        words = " ".join(re.split(r"[\s,./-]+", text)).strip()
        for layout in _IN_WORDS:
            try:
                yield Meant(datetime.strptime(words, layout).strftime("%Y-%m-%d"))  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue


def _moments(text: str) -> Iterator[Meant]:
    match = _MOMENT.fullmatch(text)
    if match is None:
        yield from _days(text)
        return
    _, time, zone = match.groups()
    zone = "+00:00" if zone == "Z" else f"{zone[:-2].rstrip(':')}:{zone[-2:]}" if zone else ""
    # A zone stands behind seconds only.
    time = f"{time}:00" if zone and time.count(":") == 1 else time
    for day in _days(text):
        yield Meant(f"{day.text}T{time}{zone}", day.note)


_CLOCK: Final = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_SPAN: Final = re.compile(r"(?:PT?)?(?:(\d+)\s*D)?\s*T?\s*(?:(\d+)\s*H)?\s*(?:(\d+)\s*M)?\s*(?:(\d+)\s*S)?", re.IGNORECASE)


def _intervals(text: str) -> Iterator[Meant]:
    """Yield the same length of time: `8:30` is hours and minutes, as on a time sheet; days become hours."""
    sign = "-" if text.startswith("-") else ""
    bare = text.removeprefix("-").strip()
    if match := _CLOCK.fullmatch(bare):
        hours, minutes, seconds = match.groups()
        yield Meant(f"{sign}PT{int(hours)}H{int(minutes)}M" + (f"{int(seconds)}S" if seconds else ""))
    elif (match := _SPAN.fullmatch(bare)) and any(match.groups()):
        days, hours, minutes, seconds = (int(part) if part else 0 for part in match.groups())
        parts = ((24 * days + hours, "H"), (minutes, "M"), (seconds, "S"))
        yield Meant(f"{sign}PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S"))


_DECIMALS: Final = {"AMTTYPE": 2, "PRICETYPE": 5, "QUANTYPE": 5, "PERCENTTYPE": 5, "INTTYPE": 0, "FLOATTYPE": 5}
_MONEY: Final = re.compile(r"^(?:US)?[$€£¥]|(?:[$€£¥]|\bUSD|\bEUR)$|^(?:USD|EUR)\b")
_IN_THOUSANDS: Final = (
    re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII),
    re.compile(r"\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,}", re.ASCII),
    re.compile(r"\d{1,3}(?:[ \u00a0']\d{3})+(?:[.,]\d*)?", re.ASCII),
)
_COMMA: Final = re.compile(r"\d+,\d*|,\d+", re.ASCII)
_PLAIN: Final = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_ONE_POINT: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?![\d.,])", re.ASCII)
"""As an amount it may be thousands, or have a decimal too many."""

_FRACTION: Final = re.compile(r"(?:(\d{1,9})\s+)?(\d{1,9})/(\d{1,9})", re.ASCII)


def _numbers(node: Node, text: str) -> Iterator[Meant]:
    """Yield the same number as QuickBooks takes it: sign and size are kept, decimals that have no room are rounded, and that is said."""
    number, note = _number(text, node.type)
    if number is None or number.adjusted() > 20:
        return
    if (node.smallest and number < Decimal(node.smallest)) or (node.largest and number > Decimal(node.largest)):
        return
    if node.type == "AMTTYPE" and _ONE_POINT.search(text):
        note = "read with a decimal point"
    places = _DECIMALS[node.type]
    rounded = f"{number:.{places}f}"
    if Decimal(rounded) != number:
        if not places or not Decimal(rounded):
            return
        note = f"rounded to {places} decimals"
    # An amount has two decimals; the others have none that they do not need.
    yield Meant(rounded if node.type == "AMTTYPE" or not places else rounded.rstrip("0").rstrip("."), note)


def _number(text: str, kind: str) -> tuple[Decimal | None, str]:
    """Return the number that a text tells, and what may be doubted of it; None when it tells none."""
    bare = text.replace("\u2212", "-").strip()
    if kind == "PERCENTTYPE":
        bare = bare.removesuffix("%").strip()
    if kind in ("AMTTYPE", "PRICETYPE"):
        bare = _MONEY.sub("", bare).strip()
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip()
    elif bare.endswith("-") or bare.startswith(("-", "+")):
        negative, bare = "-" in (bare[0], bare[-1]), bare.strip("+-").strip()
    if kind in ("AMTTYPE", "PRICETYPE"):
        bare = _MONEY.sub("", bare).strip()
    number, note = _unsigned(bare)
    return (-number if negative and number is not None else number), note


def _unsigned(text: str) -> tuple[Decimal | None, str]:
    """Return the number of digits and signs between them; one comma before three digits may be either, and nothing is read into it."""
    english, german, spaced = _IN_THOUSANDS
    if match := _FRACTION.fullmatch(text):
        whole, over, under = (int(part or 0) for part in match.groups())
        return (_decimal_of(whole + Fraction(over, under)), "") if under else (None, "")
    if english.fullmatch(text):
        doubtful = text.count(",") == 1 and "." not in text
        return (None, "") if doubtful else (_decimal(text.replace(",", "")), "")
    if german.fullmatch(text):
        return _decimal(text.replace(".", "").replace(",", ".")), ""
    if spaced.fullmatch(text):
        return _decimal(re.sub(r"[ \u00a0']", "", text).replace(",", ".")), ""
    if _COMMA.fullmatch(text):
        return _decimal(text.replace(",", ".")), ""
    return (_decimal(text), "") if _PLAIN.fullmatch(text) else (None, "")


def _decimal_of(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
