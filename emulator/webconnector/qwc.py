"""The .qwc file: how an application tells the Web Connector where its SOAP service is.

Root QBWCXML, elements in any order (documented); of the two in Scheduler the first one counts (documented). What makes the real program
refuse a file is refused here with the same code; what it only advises, or ignores, is a warning. Rules that are ours say so.

| element | required | rule |
|---|---|---|
| AppName | yes | shown to people, given to OpenConnection2 |
| AppID | yes, may be empty | given to OpenConnection2 |
| AppURL | yes | https, or http on localhost or a machine of the same network; no IP address |
| AppDescription | yes | at most 80 characters are recommended |
| AppSupport | yes | same domain as AppURL unless that is localhost; no IP address |
| UserName | yes | given to authenticate |
| OwnerID, FileID | yes | {GUID} |
| QBType | yes | QBFS; QBPOS, Point of Sale, is not played here |
| Scheduler | no | RunEveryNMinutes or RunEveryNSeconds, 1 to 9999999 |
| Style | no | Document; DocWrapped and RPC are not played here |
| AuthFlags | no | bits of editions, decimal or 0x, 32 of them |
| IsReadOnly, Notify | no | true or false; anything else is false |
| UnattendedModePref | no | umpRequired, umpOptional |
| PersonalDataPref | no | pdpNotNeeded, pdpOptional, pdpRequired |
| CertURL, AppDisplayName, AppUniqueName | no | |
"""

import ipaddress
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from emulator.core.errors import UserMistake, nearest
from emulator.webconnector.codes import Qbwc, sentence
from emulator.webconnector.xml import NotXml, parse

FILE_BYTES_MAX: Final = 256 * 1024
"""Largest .qwc that is read (ours; real ones have a thousand bytes)."""

DESCRIPTION_RECOMMENDED: Final = 80
"""Characters of AppDescription (documented as recommended)."""

REQUIRED: Final = ("AppName", "AppID", "AppURL", "AppDescription", "AppSupport", "UserName", "OwnerID", "FileID", "QBType")
OPTIONAL: Final = (
    "Scheduler",
    "Style",
    "AuthFlags",
    "IsReadOnly",
    "Notify",
    "UnattendedModePref",
    "PersonalDataPref",
    "CertURL",
    "AppDisplayName",
    "AppUniqueName",
)
UNATTENDED: Final = {"umpRequired": 1, "umpOptional": 2}
PERSONAL_DATA: Final = {"pdpRequired": 1, "pdpOptional": 2, "pdpNotNeeded": 3}
"""Words of the file and the numbers of the type library."""

_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_PERIODS_S: Final = {"RunEveryNMinutes": 60, "RunEveryNSeconds": 1}

PERIODS_MOST: Final = 9_999_999
"""Most minutes or seconds of a Scheduler: 19 years, or 116 days (ours)."""


class NotAdded(UserMistake):
    """An application cannot be added.

    Args:
        code: the Web Connector's code.
        given, where, expected, advice: as for every mistake.
    """

    def __init__(self, code: Qbwc, given: str, where: str = "", expected: str = "", advice: str = "") -> None:
        self.code = code
        super().__init__(sentence(code, given), where, expected, advice)


@dataclass(frozen=True)
class Application:
    """What a .qwc file says.

    Attributes:
        name: AppName. id: AppID. url: AppURL. description: AppDescription. support: AppSupport. user: UserName.
        owner: OwnerID. file: FileID; both in capitals, as QuickBooks gives them back.
        every_s: how often it wants to run, seconds; 0: only when somebody asks.
        auth_flags: bits of editions, 0: all.
        read_only: IsReadOnly. notify: Notify.
        unattended, personal_data: numbers of the type library; 0: not said.
        certificate_url: where the certificate is looked at; empty: AppURL.
        display_name, unique_name: AppDisplayName, AppUniqueName; the name when they are not given.
        warnings: what the real program would ignore or advise against, for people.
    """

    name: str
    id: str
    url: str
    description: str
    support: str
    user: str
    owner: str
    file: str
    every_s: int = 0
    auth_flags: int = 0
    read_only: bool = False
    notify: bool = False
    unattended: int = 0
    personal_data: int = 0
    certificate_url: str = ""
    display_name: str = ""
    unique_name: str = ""
    warnings: tuple[str, ...] = ()


def load(path: Path) -> Application:
    """Read a .qwc file. Raises UserMistake (it is not there) or NotAdded."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise UserMistake(f"cannot read {path}: {error.strerror}", expected="a .qwc file") from None
    return read(content, str(path))


def read(content: bytes, where: str = "") -> Application:
    """Read the bytes of a .qwc file.

    Args:
        content: the file.
        where: its name, for messages.

    Raises:
        NotAdded: the real Web Connector would not add it; the code says why.
    """
    root = _parsed(content, where)
    values, warnings = _values(root, where)
    _check_urls(values, where)
    for name in ("OwnerID", "FileID"):
        if not _GUID.fullmatch(values[name]):
            expected = "a GUID in braces, like {57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"
            raise NotAdded(Qbwc.NOT_ADDED, f"{name} {values[name]!r}", where, expected)
    if values["QBType"] not in ("QBFS", "QBPOS"):
        raise NotAdded(Qbwc.QB_TYPE, repr(values["QBType"]), where, "QBFS for QuickBooks, or QBPOS for Point of Sale")
    if values["QBType"] == "QBPOS":
        raise UserMistake(
            "QBType QBPOS", where, "QBFS", "Point of Sale is not played here: FakeBooks is QuickBooks Desktop alone"
        )
    if (style := values.get("Style", "") or "Document") != "Document":
        if style not in ("DocWrapped", "RPC"):
            raise NotAdded(Qbwc.NOT_ADDED, f"Style {style!r}", where, "Document, DocWrapped or RPC")
        raise UserMistake(
            f"Style {style}",
            where,
            "Document",
            "the other two are not played here; most services take all three, so try Document",
        )
    if len(values["AppDescription"]) > DESCRIPTION_RECOMMENDED:
        warnings.append(
            f"AppDescription has {len(values['AppDescription'])} characters, {DESCRIPTION_RECOMMENDED} are recommended"
        )
    return Application(
        name=values["AppName"],
        id=values["AppID"],
        url=values["AppURL"],
        description=values["AppDescription"],
        support=values["AppSupport"],
        user=values["UserName"],
        owner=values["OwnerID"].upper(),
        file=values["FileID"].upper(),
        every_s=_every_s(root, where),
        auth_flags=_flags(values.get("AuthFlags", ""), where),
        read_only=values.get("IsReadOnly", "").casefold() == "true",
        notify=values.get("Notify", "").casefold() == "true",
        unattended=_choice(values, "UnattendedModePref", UNATTENDED, where),
        personal_data=_choice(values, "PersonalDataPref", PERSONAL_DATA, where),
        certificate_url=values.get("CertURL", ""),
        display_name=values.get("AppDisplayName", "") or values["AppName"],
        unique_name=values.get("AppUniqueName", "") or values["AppName"],
        warnings=tuple(warnings),
    )


def unnamed(url: str, user: str) -> Application:
    """Return an application for a service that has no .qwc: for tests of a service alone. Nothing is looked at."""
    owner, file = "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}", "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}"
    name = "Service under test"
    return Application(name, "", url, "", url, user, owner, file, display_name=name, unique_name=name)


def _parsed(content: bytes, where: str) -> etree._Element:
    if len(content) > FILE_BYTES_MAX:
        raise NotAdded(Qbwc.NOT_ADDED, f"more than {FILE_BYTES_MAX} bytes", where, "a .qwc file")
    try:
        root = parse(content)
    except NotXml as wrong:
        raise NotAdded(Qbwc.NOT_ADDED, str(wrong), where, "a .qwc file: XML with the root QBWCXML") from None
    if root.tag != "QBWCXML":
        raise NotAdded(Qbwc.NOT_ADDED, f"the root is {root.tag}", where, "QBWCXML")
    return root


def _values(root: etree._Element, where: str) -> tuple[dict[str, str], list[str]]:
    """Return the elements by name, and what is odd about them. Raises NotAdded for what is missing."""
    values: dict[str, str] = {}
    warnings = [*_between(root)]
    meant: dict[str, str] = {}
    for child in root:
        name = str(child.tag)
        if name not in REQUIRED and name not in OPTIONAL:
            near = nearest(name, (*REQUIRED, *OPTIONAL))
            warnings.append(_ignored(child, "a .qwc") + (f"; {near}?" if near else ""))
            meant.setdefault(near or "", f" (line {child.sourceline} has {name})")
        elif name in values:
            warnings.append(f"line {child.sourceline}: {name} stands there twice; the first one counts")
        else:
            values[name] = (child.text or "").strip()
            warnings.extend(_inside(child))
    missing = [name for name in REQUIRED if name not in values]
    empty = [name for name in REQUIRED if name not in missing and name not in ("AppID", "AppDescription") and not values[name]]
    if missing or empty:
        what = [f"{name} is missing{meant.get(name, '')}" for name in missing] + [f"{name} is empty" for name in empty]
        raise NotAdded(Qbwc.NOT_ADDED, ", ".join(what), where, "every required element: " + ", ".join(REQUIRED))
    return values, warnings


def _inside(child: etree._Element) -> Iterator[str]:
    """Yield what is odd inside an element: what is read is its text up to the first element in it, of Scheduler its periods."""
    if child.tag == "Scheduler":
        yield from _between(child)
        yield from (_ignored(each, "Scheduler") for each in child if each.tag not in _PERIODS_S)
        return
    yield from (
        f"line {each.sourceline}: {each.tag} stands in {child.tag}; it is ignored, with what follows it" for each in child
    )


def _between(parent: etree._Element) -> Iterator[str]:
    """Yield the text that stands between the elements of an element that holds none."""
    around = [(parent, parent.text), *[(each, each.tail) for each in parent]]
    for each, text in around:
        if (text or "").strip():
            yield f"line {each.sourceline}: the text {_shortened(str(text).strip())!r} in {parent.tag} stands in no element and is ignored"


def _ignored(child: etree._Element, of: str) -> str:
    return f"line {child.sourceline}: {child.tag} is no element of {of} and is ignored"


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}..."


TEXT_SHOWN: Final = 40
"""Characters of a stray text that a warning shows."""


# ---- URLs -----------------------------------------------------------------------------------------------------------------------------


def _check_urls(values: Mapping[str, str], where: str) -> None:
    url, support = _host(values["AppURL"], "AppURL", where), _host(values["AppSupport"], "AppSupport", where)
    if _is_address(url):
        raise NotAdded(Qbwc.URL_IS_ADDRESS, values["AppURL"], where, "the name of a host, or localhost")
    if urlsplit(values["AppURL"]).scheme != "https" and not _is_near(url):
        advice = "https, or http on localhost or a machine of the same network (a name without dots)"
        raise NotAdded(Qbwc.NOT_HTTPS, values["AppURL"], where, advice)
    if _is_address(support):
        raise NotAdded(Qbwc.SUPPORT_IS_ADDRESS, values["AppSupport"], where, "the name of a host, or localhost")
    if url != "localhost" and _domain(url) != _domain(support):
        raise NotAdded(Qbwc.DOMAINS_DIFFER, f"{url} and {support}", where, f"AppSupport at {_domain(url)}")
    if values.get("CertURL"):
        _host(values["CertURL"], "CertURL", where)


def _host(url: str, name: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise NotAdded(Qbwc.NOT_ADDED, f"{name} {url!r}", where, "a URL, like https://connector.example.com/qbwc")
    return host


def _is_address(host: str) -> bool:
    """Return whether a host is an IP address, in any form that a .NET Uri takes for one: 10.0.0.5, ::1, 127.1, 2130706433, 0x7f000001."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        with suppress(OSError):
            socket.inet_aton(host)
            return True
        return False
    return True


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or one of the same network: a name without dots (documented for development)."""
    return "." not in host


def _domain(host: str) -> str:
    """Return what two hosts of one domain have in common: the last two labels (inferred; the guide says "same domain")."""
    return ".".join(host.split(".")[-2:])


# ---- the other elements ---------------------------------------------------------------------------------------------------------------


def _every_s(root: etree._Element, where: str) -> int:
    scheduler = root.find("Scheduler")
    first = next((child for child in scheduler if child.tag in _PERIODS_S), None) if scheduler is not None else None
    if first is None:
        return 0
    text = (first.text or "").strip()
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= PERIODS_MOST:
        expected = f"a whole number, 1 to {PERIODS_MOST}"
        raise NotAdded(Qbwc.NOT_ADDED, f"{first.tag} {text!r}", f"{where}:{first.sourceline}", expected)
    return int(text) * _PERIODS_S[str(first.tag)]


def _flags(text: str, where: str) -> int:
    whole = re.fullmatch(r"(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})?", text)
    flags = int(text or "0", 16 if text[:2] in ("0x", "0X") else 10) if whole else -1
    if not 0 <= flags < 2**32:
        raise NotAdded(Qbwc.AUTH_FLAGS, f"AuthFlags {text!r}", where, "bits of editions, 32 at most, like 0xF or 15")
    return flags


def _choice(values: Mapping[str, str], name: str, words: Mapping[str, int], where: str) -> int:
    word = values.get(name, "")
    if word and word not in words:
        raise NotAdded(Qbwc.NOT_ADDED, f"{name} {word!r}", where, ", ".join(words))
    return words.get(word, 0)
