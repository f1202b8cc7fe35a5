"""Reading along: what the proxy must know of HTTP to tell calls apart. It changes nothing and refuses nothing.

Whatever is not plain HTTP/1.x with a known length is carried as bytes without being understood.
"""

from dataclasses import dataclass
from typing import Any, Final

from emulator.core.transport import KEY_HEADER, NUMBER_HEADER, PROBE_HEADER
from emulator.network.traffic import facts_of

HEAD_BYTES_MAX: Final = 64 * 1024
"""Longest head that is looked at; servers take less."""

HEAD_ENDS: Final = b"\r\n\r\n"

TEXT_MAX: Final = 60
"""Longest text from a call that goes into a journal row; keys and numbers are shorter."""


@dataclass(frozen=True)
class Head:
    """The head of a request or an answer.

    Attributes:
        facts: what the journal says of a call; empty for an answer.
        status: of an answer, 0 for a request.
        body_bytes: length of the body; None when it cannot be told, so that what follows is not understood.
        head_bytes: length of the head, with the line that ends it, where it is counted.
    """

    facts: dict[str, Any]
    status: int
    body_bytes: int | None
    head_bytes: int = 0


UNKNOWN_CALL: Final = Head({"call": "something that is no call"}, 0, None)


def request_head(raw: bytes) -> Head:
    """Return what the head of a request says; UNKNOWN_CALL when it is none."""
    start, headers = _parts(raw)
    if len(start) != 3 or not start[2].startswith("HTTP/1."):
        return UNKNOWN_CALL
    probe = headers.get(PROBE_HEADER.lower()) == "1"
    key, number = headers.get(KEY_HEADER.lower(), "")[:TEXT_MAX], headers.get(NUMBER_HEADER.lower(), "")[:TEXT_MAX]
    facts = facts_of(start[0][:TEXT_MAX], start[1][:TEXT_MAX], key, number, probe)
    # A client that waits for "100 Continue" sends its body only after an answer: such calls are carried, not followed.
    length = None if "expect" in headers else _length(headers, 0)
    return Head(facts, 0, length)


def answer_head(raw: bytes) -> Head:
    """Return what the head of an answer says; status 0 when it is none."""
    start, headers = _parts(raw)
    if len(start) < 2 or not start[0].startswith("HTTP/1.") or not start[1].isdigit():
        return Head({}, 0, None)
    status = int(start[1])
    without_body = status in (204, 304) or status < 200
    return Head({}, status, 0 if without_body else _length(headers, None))


def _parts(raw: bytes) -> tuple[list[str], dict[str, str]]:
    lines = raw.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return lines[0].split(), headers


def _length(headers: dict[str, str], default: int | None) -> int | None:
    if "transfer-encoding" in headers:
        return None
    length = headers.get("content-length")
    if length is None:
        return default
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
