"""What is read of a text, by how each of its characters is written: the model that generated tests compare with."""

import codecs

from hypothesis import strategies as st

from emulator.qbxml import Choices
from emulator.qbxml.escapes import escape

SWITCHED = [
    Choices(raw_outside_code_page=raw, references_outside_code_page=references, character_of_two_units=units)
    for raw in ("0x80040400", "question-mark", "kept")
    for references in ("question-mark", "kept")
    for units in ("two", "one")
]
CODECS = {
    "utf-8": (b"", "utf-8"),
    "UTF-8": (codecs.BOM_UTF8, "utf-8"),
    "ISO-8859-1": (b"", "cp1252"),
    "windows-1252": (b"", "cp1252"),
    "us-ascii": (b"", "ascii"),
    "utf-16": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "Utf-16": (b"", "utf-16-le"),
    "uTF-16": (b"", "utf-16-be"),
}
"""What is declared, the byte order mark, and the codec of the bytes. Names are told apart by case alone: QuickBooks does not look at it."""

FORMS = ("raw", "decimal", "hexadecimal", "zeros", "CDATA")
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "&<>\"'éß€“”–™ \u00a0\u00ad\u200b\u0301Łódźλж漢😀\t\n;#x"
)


def in_code_page(character):
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def in_codec(character, codec):
    try:
        return bool(character.encode(codec))
    except UnicodeEncodeError:
        return False


def written(character, form):
    if form == "raw":
        return escape(character)
    if form == "CDATA":
        return f"<![CDATA[{character}]]>"
    number = ord(character)
    return {"decimal": f"&#{number};", "hexadecimal": f"&#x{number:X};", "zeros": f"&#x000000000000{number:x};"}[form]


def model(pairs, choices):
    """What is read of (character, form) pairs; None when the document is refused."""
    read = ""
    for character, form in pairs:
        setting = choices.raw_outside_code_page if form in ("raw", "CDATA") else choices.references_outside_code_page
        if in_code_page(character) or setting == "kept":
            read += character
        elif setting == "question-mark":
            read += "??" if ord(character) > 0xFFFF and choices.character_of_two_units == "two" else "?"
        else:
            return None
    return read
