"""Escaping as QuickBooks does it: quotation marks and apostrophes in element text too (observed)."""

import re


def escape(text: str) -> str:
    """Escape the text of an element. What XML cannot carry becomes a question mark."""
    return text.translate(_ESCAPES) if is_special(text) else text


def escape_attribute(text: str) -> str:
    """The same for attributes, where line ends and tabs must survive as well."""
    return text.translate(_ATTRIBUTE_ESCAPES) if _ATTRIBUTE_SPECIAL(text) else text


# Surrogate halves and most control characters have no form in XML; a carriage return only survives as a reference.
_ESCAPES: dict[int, str] = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "?")
_ESCAPES |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&apos;", ord("\r"): "&#13;"}
_ATTRIBUTE_ESCAPES = _ESCAPES | {ord("\n"): "&#10;", ord("\t"): "&#9;"}
is_special = re.compile("[&<>\"'\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]").search
"""Finds what `escape` changes; None when there is nothing."""
_ATTRIBUTE_SPECIAL = re.compile("[&<>\"'\x00-\x1f\ufffe\uffff\ud800-\udfff]").search
