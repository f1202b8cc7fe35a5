"""XML from strangers, read safely: no document types, no entities of their own, nothing from elsewhere, no bottomless trees."""

import re
from typing import Any, Final

from lxml import etree

TEXT_BYTES_MAX: Final = 10_000_000
"""Longest text that the parser takes without being told that a document is large."""

_PLAIN: Final = re.compile(
    rb"""(\xef\xbb\xbf)?(<\?xml([^>](?!encoding))*>|<\?xml[^>]*encoding\s*=\s*["'](utf-8|us-ascii|iso-8859-1|windows-1252)["']|<[^?!])""",
    re.IGNORECASE,
)
"""How a document begins whose markup stands in it as ASCII."""


_DOCUMENT_TYPE: Final = re.compile(
    rb"(?>\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE(?![^\s\[>])", re.DOTALL
)
"""A document type declaration where one can stand: behind comments and processing instructions, before the root."""

_LOOKED_AT_BYTES: Final = 65536
"""How far a document type is looked for ahead of the parser: what stands further behind it finds itself."""


class NotXml(Exception):  # noqa: N818 - it is named for what happened
    """What came is no XML that is read here; the text says why, for people."""


REFUSED: Final = "a document type declaration (<!DOCTYPE) is in it, which is refused whatever it holds"
"""What is said of a document with a document type."""


def parse(content: bytes) -> etree._Element:
    """Return the root of a document. White space before the XML declaration is passed over. Raises NotXml.

    A document type is refused whatever it holds: SOAP forbids one, and its entities are how small documents become endless ones.
    """
    content = content.lstrip()
    # Before the parser speaks of what is in it. Without the zeros UTF-16 is read like the others.
    if _DOCUMENT_TYPE.match(content[:_LOOKED_AT_BYTES].replace(b"\0", b"")):
        raise NotXml(REFUSED)
    # The parser's limits are what stands between us and such entities: they are lifted only where the bytes themselves show that there are
    # none. A service may send qbXML as long as it likes (.NET has no limit of its own).
    is_large = len(content) > TEXT_BYTES_MAX and _PLAIN.match(content) is not None and b"<!DOCTYPE" not in content
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=is_large
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise NotXml(f"not well-formed: {wrong}") from None
    about: Any = root.getroottree().docinfo
    if about.doctype or about.internalDTD is not None:
        raise NotXml(REFUSED)
    return root
