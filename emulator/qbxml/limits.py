"""What a document may cost us. QuickBooks publishes no such limits (known hole); these are ours, so that no input can hang a world.

A document over a limit is refused with 0x80040400 and a diagnosis that names the limit.
"""

from dataclasses import dataclass

DEPTH_MAX = 256
"""Deepest nesting. libxml2's own limit with huge trees switched off; it cannot be raised here."""

TEXT_BYTES_MAX = 10_000_000
"""Longest single text or attribute. libxml2's own limit with huge trees switched off."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one door or world.

    Attributes:
        document_bytes: size of a whole document in bytes (UTF-8 when it was handed over as text).
        prolog_characters: what may stand before the root element (comments, DOCTYPE, processing instructions).
        tags: tags and other markup in a document; each costs a node in memory, ten times its size in the text.
        requests: requests in one message set.
        request_id_characters: longest requestID; a longer one is answered 1060 (documented), the rest of the set goes on.
    """

    document_bytes: int = 32 * 1024 * 1024
    prolog_characters: int = 64 * 1024
    tags: int = 2_000_000
    requests: int = 50_000
    request_id_characters: int = 50
