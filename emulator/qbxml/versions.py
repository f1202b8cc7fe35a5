"""The versions of qbXML a document may declare, and how a declared version is read.

Version numbers are compared as pairs of whole numbers. 15.0 cannot be told from 16.0 in any file we know and is treated as
16.0; of 9.0 no file is known: it is 10.0 without what is marked 10.0 (both: our choice, written down in the facts' corrections).
The Canadian, UK and Australian forms (`CA2.0`, `UK3.0`, `OZ2.0`) exist up to 3.0 (documented); their messages are taken to be
those of the US version with the same number (inferred).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

VERSIONS = (
    "1.0", "1.1", "2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "7.0", "8.0", "9.0", "10.0", "11.0", "12.0", "13.0", "14.0", "15.0", "16.0",
)  # fmt: skip
"""Every version QuickBooks takes (observed in a HostQuery answer to 13.0, documented above)."""

FORMS = ("CA", "UK", "OZ")
"""Country forms of the early versions."""

FORM_VERSION_LAST = "3.0"
"""The last version with country forms; from 6.0 on one specification serves all (documented)."""

SAME_AS = {"15.0": "16.0"}
"""Versions whose messages are those of another one."""

_DECLARED = re.compile(r"(CA|UK|OZ)?(\d{1,2}\.\d{1,2})")


def number_of(text: str) -> tuple[int, int]:
    """Return "13.0" as (13, 0), the form in which versions are compared."""
    major, minor = text.split(".")
    return int(major), int(minor)


@dataclass(frozen=True, slots=True)
class Version:
    """One declared version.

    Attributes:
        number: "13.0".
        form: "" for the US version, else CA, UK or OZ.
        doctype: it was (or is to be) declared by a DOCTYPE, as 1.0 and 1.1 are, instead of a `<?qbxml?>` line.
    """

    number: str
    form: str = ""
    doctype: bool = False

    @property
    def schema_number(self) -> str:
        """The version whose messages are used."""
        return SAME_AS.get(self.number, self.number)

    def __str__(self) -> str:
        return self.form + self.number


@lru_cache(maxsize=32)
def read_version(declared: str, *, doctype: bool = False) -> Version | None:
    """Return the version that was declared, or None when QuickBooks does not know it (0x80040423)."""
    match = _DECLARED.fullmatch(declared.strip())
    if match is None:
        return None
    form, number = match.group(1) or "", match.group(2)
    if number not in VERSIONS or (form and number_of(number) > number_of(FORM_VERSION_LAST)):
        return None
    return Version(number, form, doctype)


def own_versions() -> tuple[str, ...]:
    """Return the versions that have a schema of their own, the oldest first."""
    return tuple(number for number in VERSIONS if Version(number).schema_number == number)
