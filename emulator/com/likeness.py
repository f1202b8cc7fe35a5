"""Likeness: in what one QuickBooks differs from FakeBooks, as a file that makes FakeBooks like it. `fakebooks parity FILE --out` writes it.

likeness: 1
of: QuickBooks Enterprise 2024, library 16.0
switches: {qbxml.bad-enum-value: "3110"}
wording:
  results: {"0x80040408": "Could not start QuickBooks."}
latency:
  CustomerQueryRq: {seconds: 0.21, spread: 0.4}
complete: true
"""

import re
import string
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.core.errors import UserMistake, unknown
from emulator.core.files import MistakeAt, load_yaml
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import RESULTS, Pace, Wording
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.desktop.latency import BEGIN_SESSION, OTHER, SECONDS_MAX
from emulator.desktop.wording import fields_of
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.qbxml import status
from emulator.qbxml.schema import public_requests

TABLES: Final = (QBXML_SWITCHES, COMPANY_SWITCHES, DESKTOP_SWITCHES)
"""The switches that a request processor may show."""

VERSION: Final = 1

SENTENCE_MAX: Final = 2000
"""Characters of a sentence (ours; the longest known one has some 400)."""

Sentence = Annotated[str, Field(max_length=SENTENCE_MAX)]


def _code(value: Any) -> Any:
    """Return a result code in its one form, as it stands in `RESULTS`, however it was written; what is no code stays as it is.

    YAML reads `0x80040408` without quotes as a number; programs also write it with small letters, and as the signed number that COM has.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    written = str(value)
    number = int(written, 0) if _NUMBER.fullmatch(written) else 2**32
    return f"0x{number % 2**32:08X}" if -(2**31) <= number < 2**32 else written


_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,8}|-?[1-9][0-9]{0,9}")


def _status(value: Any) -> Any:
    """Return a status code as the number that it is taken for; what is none stays as it is."""
    try:
        return _WHOLE.validate_python(value)
    except ValidationError:
        return value


_WHOLE: Final = TypeAdapter(int)


def _once(codes: Any, part: str, what: str, form: Callable[[Any], Any]) -> Any:
    """Refuse a code that is told twice in two ways of writing it: one of two sentences would be lost. Raises MistakeAt, as `check_manner`."""
    before: dict[Any, Any] = {}
    for code in codes if isinstance(codes, dict) else ():
        same = form(code)
        if same in before:
            told = UserMistake(
                f"the {what} {same} is told twice", expected="one sentence for it", advice="take one of the two away"
            )
            raise MistakeAt(("wording", part, code), told, first=("wording", part, before[same]))
        before[same] = code
    return codes


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordingForm(_Part):
    """A `Wording` as a file has it; its fields are those of `Wording`."""

    results: dict[Annotated[str, BeforeValidator(_code)], Annotated[Sentence, Field(min_length=1)]] = Field(default_factory=dict)
    statuses: dict[int, Sentence] = Field(default_factory=dict)
    reasons: dict[Sentence, Sentence] = Field(default_factory=dict)

    @field_validator("results", mode="before")
    @classmethod
    def _results_once(cls, codes: Any) -> Any:
        return _once(codes, "results", "result code", _code)

    @field_validator("statuses", mode="before")
    @classmethod
    def _statuses_once(cls, codes: Any) -> Any:
        return _once(codes, "statuses", "status code", _status)

    def made(self) -> Wording:
        """Return what it says."""
        return Wording(self.results, self.statuses, self.reasons)

    def under(self, other: "WordingForm") -> "WordingForm":
        """Return this one with another one's sentences before its own."""
        return WordingForm(
            results=self.results | other.results, statuses=self.statuses | other.statuses, reasons=self.reasons | other.reasons
        )


class PaceForm(_Part):
    """A `Pace` as a file has it; its fields are those of `Pace`."""

    seconds: float = Field(0.0, ge=0, le=SECONDS_MAX)
    spread: float = Field(0.0, ge=0, le=5)
    per_row_s: float = Field(0.0, ge=0, le=SECONDS_MAX)

    def made(self) -> Pace:
        """Return what it says."""
        return Pace(self.seconds, self.spread, self.per_row_s)


class Likeness(_Part):
    """What a file says.

    Attributes:
        likeness: version of the form.
        of: which QuickBooks it is like, for people.
        switches: what is set otherwise than by default.
        wording: what is said otherwise.
        latency: how long calls take, by request, `BeginSession` or `other`.
        complete: stands at the end, so that half a file is known for one.
    """

    UNKNOWN_FIELD: ClassVar[str] = "`fakebooks parity FILE --out likeness.yaml` makes such a file of a parity file"

    likeness: int = 0
    of: str = ""
    switches: dict[str, Setting] = Field(default_factory=dict)
    wording: WordingForm = WordingForm()
    latency: dict[str, PaceForm] = Field(default_factory=dict)
    complete: bool = False

    @model_validator(mode="before")
    @classmethod
    def _of_our_version(cls, given: Any) -> Any:
        """Refuse another version before its fields: what they should be, only that version knows. Raises MistakeAt."""
        version = given.get("likeness") if isinstance(given, dict) else None
        if isinstance(version, int) and not isinstance(version, bool):
            _check_version(version)
        return given

    def settings(self) -> SwitchSettings:
        """Return the switches in force of a QuickBooks that is like this one."""
        return SwitchSettings(TABLES, self.switches)

    def paces(self) -> dict[str, Pace]:
        """Return how long its calls take."""
        return paces_of(self.latency)


def load_likeness(path: Path) -> Likeness:
    """Read such a file. Raises UserMistake: what is wrong, with file, line and column; half a file and one of another kind are said to be."""
    return load_yaml(path, Likeness, _check)


def paces_of(latency: Mapping[str, PaceForm]) -> dict[str, Pace]:
    """Return the latency that a file says."""
    return {name: pace.made() for name, pace in latency.items()}


def check_manner(wording: WordingForm, latency: Mapping[str, PaceForm]) -> None:
    """Refuse codes, fields and requests that there are not. Raises MistakeAt, with the place from the top of the file."""
    for result in wording.results:
        if result not in RESULTS:
            raise MistakeAt(("wording", "results", result), unknown("result code", result, RESULTS))
    codes = [str(code) for code in status.table() if code not in status.NEVER_SENT]
    for code, sentence in wording.statuses.items():
        if str(code) not in codes:
            raise MistakeAt(("wording", "statuses", code), unknown("status code", str(code), codes))
        _check_fields(("wording", "statuses", code), sentence, fields_of(status.table()[code].text))
    for ours, theirs in wording.reasons.items():
        _check_fields(("wording", "reasons", ours), ours, None)
        _check_fields(("wording", "reasons", ours), theirs, fields_of(ours))
    requests = [*public_requests(), BEGIN_SESSION, OTHER]
    for name in latency:
        if name not in requests:
            raise MistakeAt(("latency", name), unknown("request", name, requests))


def _check_fields(place: tuple[str | int, ...], sentence: str, known: Iterable[str] | None) -> None:
    """Refuse a sentence with other fields than are known (None: any names), or fields that are more than a name. Raises MistakeAt."""
    try:
        parsed = list(string.Formatter().parse(sentence))
    except ValueError as error:
        told = UserMistake(f"the sentence {sentence!r}: {error}", expected="braces in pairs around a field, {{ and }} for braces")
        raise MistakeAt(place, told) from None
    for _, name, form, conversion in parsed:
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise MistakeAt(place, UserMistake(f"the field {{{name}}} of {sentence!r}", expected="a name in braces, and no more"))
        if known is not None and name not in known:
            raise MistakeAt(place, unknown("field", name, known))


def _check_version(version: int) -> None:
    if version != VERSION:
        given = f"it is a likeness of version {version}" if version else "it is no likeness of a QuickBooks"
        raise MistakeAt(
            ("likeness",), UserMistake(given, expected=f"`likeness: {VERSION}` at its top", advice=Likeness.UNKNOWN_FIELD)
        )


def _check(found: Likeness) -> None:
    _check_version(found.likeness)
    if not found.complete:
        told = UserMistake(
            "it is half a file", expected="`complete: true` at its end", advice="write it, or copy it, again, whole"
        )
        raise MistakeAt((), told)
    for name, setting in found.switches.items():
        try:
            SwitchSettings(TABLES, {name: setting})
        except UserMistake as wrong:
            raise MistakeAt(("switches", name), wrong) from None
    check_manner(found.wording, found.latency)
