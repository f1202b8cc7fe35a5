"""Texts of others on a terminal, a page or in an XML file: what would steer the reader's screen becomes visible."""

import re
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
"""What must not reach a terminal or an XML file as it is: control characters, lone surrogates, non-characters, direction overrides."""

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def clean(text: object) -> str:
    r"""Return a text that any terminal, page and XML file can carry: control characters become visible escapes such as `\x07`."""
    return _CONTROL.sub(_visible, str(text))


def one_line(text: object) -> str:
    """Return a text as one line that any terminal can carry: as `clean` does, but the ends of its lines become spaces."""
    return clean(_LINE_END.sub(" ", str(text)))


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
