"""What is not known of how QuickBooks reads and writes qbXML, and what we chose; and the same as plain fields for the hot path."""

from dataclasses import dataclass

from emulator.core.switches import Switch, SwitchSettings


@dataclass(frozen=True, slots=True)
class Choices:
    """The switches of this room as fields, looked up once per world instead of once per element.

    The defaults here and in `SWITCHES` are the same; a test compares them. A switch that has one choice only has no field.
    """

    bad_enum_value: str = "0x80040400"
    private_requests: str = "0x80040400"
    unsupported_requests: str = "1030"
    unsupported_fields: str = "530-dropped"
    no_version_line: str = "0x80040400"
    namespace_declarations: str = "0x80040400"
    raw_outside_code_page: str = "0x80040400"
    references_outside_code_page: str = "question-mark"
    character_of_two_units: str = "two"
    iso_8859_1_bytes: str = "windows-1252"
    contradicting_encoding: str = "bytes-win"
    utf_16_without_mark: str = "taken"
    encoding_declared_in_text: str = "ignored"
    blanks_at_ends: str = "kept"
    number_out_of_range: str = "format-code"
    answer_characters: str = "plain"
    decimal_comma: bool = False

    @classmethod
    def of(cls, settings: SwitchSettings) -> "Choices":
        """Read the fields from the switch settings of a world."""
        return cls(**{field: settings[name] for field, name in FIELDS.items()})  # type: ignore[arg-type]


SWITCHES = (
    Switch(
        "qbxml.bad-enum-value", "0x80040400", ("0x80040400", "3110"), "choice", "the XSD restricts the value, the status exists too",
        "A value that is not in the list of an ENUMTYPE: the whole document is refused, or the request is answered 3110.",
    ),
    Switch(
        "qbxml.private-requests", "0x80040400", ("0x80040400", "1030"), "choice", "in the 16.0 schema files, not in the reference",
        "Requests that only the maker's programs may send: unknown elements, or answered 1030.",
    ),
    Switch(
        "qbxml.unsupported-requests", "1030", ("1030", "0x80040400"), "inferred", "meaning of status 1030 in the status table",
        "A public request our edition lacks (sales tax returns): answered 1030, or refused as an unknown element.",
    ),
    Switch(
        "qbxml.unsupported-fields", "530-dropped", ("530-dropped", "530-kept", "dropped"), "inferred", "meaning of status 530",
        "A field of another edition: dropped or kept, with or without warning 530 on the answer.",
    ),
    Switch(
        "qbxml.no-version-line", "0x80040400", ("0x80040400", "0x80040423"), "choice", "not documented",
        "A document without a <?qbxml?> line and without a DOCTYPE.",
    ),
    Switch(
        "qbxml.namespace-declarations",
        "0x80040400",
        ("0x80040400", "ignored"),
        "choice",
        "qbXML has no namespaces",
        "A declaration (xmlns:xsi on the root, as some serialisers write it) that nothing uses; a used one is always refused.",
    ),
    Switch(
        "qbxml.raw-outside-code-page", "0x80040400", ("0x80040400", "question-mark", "kept"), "choice", "damage reported by users",
        "Characters outside Windows-1252 written as they are: the document is refused, they become ?, or they survive.",
    ),
    Switch(
        "qbxml.references-outside-code-page", "question-mark", ("question-mark", "kept"), "reported", "one public test of 2015",
        "Characters outside Windows-1252 written as character references.",
    ),
    Switch(
        "qbxml.character-of-two-units", "two", ("two", "one"), "inferred", "Windows converts and counts units of UTF-16; no recording",
        "A character beyond U+FFFF, such as an emoji: it becomes two question marks and counts as two in the length of a text, or as one.",
    ),
    Switch(
        "qbxml.iso-8859-1-bytes", "windows-1252", ("windows-1252", "as-declared"), "choice", "how Windows programs write smart quotes",
        "Bytes 0x80 to 0x9F of a document that declares ISO-8859-1: smart quotes and dashes, or the control characters that they are in that "
        "encoding, which are outside the Windows code page.",
    ),
    Switch(
        "qbxml.contradicting-encoding", "bytes-win", ("bytes-win", "0x80040400"), "choice", "not documented",
        "A document whose byte order mark, or whose bytes, are of another encoding than it declares: read as what it is, or refused.",
    ),
    Switch(
        "qbxml.utf-16-without-mark", "taken", ("taken", "0x80040400"), "choice", "XML demands the mark, parsers do without",
        "A document of UTF-16 bytes without a byte order mark.",
    ),
    Switch(
        "qbxml.encoding-declared-in-text", "ignored", ("ignored", "known-only"), "inferred",
        "UTF-8 and ISO-8859-1 are declared in daily use (observed) in what COM carries as UTF-16",
        "The encoding that text handed over by COM declares: it says nothing, or a name that is not known refuses the document.",
    ),
    Switch(
        "qbxml.blanks-at-ends", "kept", ("kept", "trimmed"), "choice", "not documented",
        "Blanks at the beginning and the end of a text. A name of blanks alone is missing (3150) either way.",
    ),
    Switch(
        "qbxml.number-out-of-range", "format-code", ("format-code", "3210"), "choice", "not documented",
        "A number below the smallest or above the largest value of its field (MaxReturned 0): the code of its format, or 3210.",
    ),
    Switch(
        "qbxml.answer-characters", "plain", ("plain", "references"), "choice", "recordings hold ASCII only",
        "How an answer writes characters that are not ASCII: as they are, or as decimal references.",
    ),
    Switch(
        "qbxml.decimal-comma", False, (False, True), "reported", "machines with such regional settings",
        "Numbers in answers carry a comma instead of a point.",
    ),
    Switch(
        "qbxml.amount-code", "3040", ("3040",), "reported", "two programs",
        "What an amount that is not a number, too long, or of other than none or two decimals is answered.",
    ),
    Switch("qbxml.percentage-code", "3050", ("3050",), "reported", "practitioners", "What a percentage that is not a number is answered."),
    Switch("qbxml.quantity-code", "3060", ("3060",), "reported", "practitioners", "What a quantity that is not a number is answered."),
    Switch("qbxml.guid-code", "3065", ("3065",), "reported", "practitioners", "What a GUID that is not of the form is answered."),
    Switch("qbxml.number-code", "3085", ("3085",), "reported", "practitioners", "What a plain number that is not one is answered."),
    Switch(
        "qbxml.empty-required-element", "3150", ("3150",), "choice", "that it is required is documented (the schema), the code is not",
        "What an empty element is answered that an Add, or an aggregate that a Mod sends, must have: that it is missing. In an optional "
        "choice it may stay empty.",
    ),
    Switch(
        "qbxml.version-fifteen", "as-16.0", ("as-16.0",), "choice", "15.0 is accepted (documented), its schema cannot be told from 16.0's",
        "Which schema a document of version 15.0 is read with.",
    ),
    Switch(
        "qbxml.second-version-line", "ignored", ("ignored",), "choice", "not documented",
        "What a second version line, or a DOCTYPE after one, says of the version.",
    ),
)  # fmt: skip
"""Every choice of this room."""

DECIDED = frozenset(switch.name for switch in SWITCHES if len(switch.choices) == 1)
"""Switches that record a decision without another choice yet: nothing to look up for them."""

FIELDS = {field: "qbxml." + field.replace("_", "-") for field in Choices.__dataclass_fields__}
"""Field of `Choices` to name of its switch."""
