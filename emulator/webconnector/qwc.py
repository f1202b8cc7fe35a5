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
| QBType | yes | QBFS or QBPOS |
| Scheduler | no | RunEveryNMinutes or RunEveryNSeconds, 1 or more |
| Style | no | Document; DocWrapped and RPC are not played here |
| AuthFlags | no | bits of editions, decimal or 0x |
| IsReadOnly, Notify | no | true or false; anything else is false |
| UnattendedModePref | no | umpRequired, umpOptional |
| PersonalDataPref | no | pdpNotNeeded, pdpOptional, pdpRequired |
| CertURL, AppDisplayName, AppUniqueName | no | |
"""

import ipaddress
import re
from collections.abc import Mapping
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
        qb_type: QBFS or QBPOS.
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
    qb_type: str = "QBFS"
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
    if (style := values.get("Style", "") or "Document") != "Document":
        if style not in ("DocWrapped", "RPC"):
            raise NotAdded(Qbwc.NOT_ADDED, f"Style {style!r}", where, "Document, DocWrapped or RPC")
        raise UserMistake(
            f"Style {style}",
            where,
            "Document",
            "the other two are not played here; most services take all three, so try Document",
        )
    if values["QBType"] == "QBPOS":
        warnings.append("QBType is QBPOS: it can be added, and no update of it runs, since FakeBooks is QuickBooks Desktop alone")
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
        qb_type=values["QBType"],
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
    warnings = []
    for child in root:
        name = str(child.tag)
        if name not in REQUIRED and name not in OPTIONAL:
            near = nearest(name, (*REQUIRED, *OPTIONAL))
            warnings.append(
                f"line {child.sourceline}: {name} is no element of a .qwc and is ignored" + (f"; {near}?" if near else "")
            )
        elif name in values:
            warnings.append(f"line {child.sourceline}: {name} stands there twice; the first one counts")
        else:
            values[name] = (child.text or "").strip()
    missing = [name for name in REQUIRED if name not in values]
    empty = [name for name in REQUIRED if name not in missing and name not in ("AppID", "AppDescription") and not values[name]]
    if missing or empty:
        what = [f"{name} is missing" for name in missing] + [f"{name} is empty" for name in empty]
        raise NotAdded(Qbwc.NOT_ADDED, ", ".join(what), where, "every required element: " + ", ".join(REQUIRED))
    return values, warnings


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
    try:
        ipaddress.ip_address(host)
    except ValueError:
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
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) < 1:
        raise NotAdded(Qbwc.NOT_ADDED, f"{first.tag} {text!r}", f"{where}:{first.sourceline}", "a whole number, 1 or more")
    return int(text) * _PERIODS_S[str(first.tag)]


def _flags(text: str, where: str) -> int:
    if not re.fullmatch(r"(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})?", text):
        raise NotAdded(Qbwc.AUTH_FLAGS, f"AuthFlags {text!r}", where, "bits of editions, like 0xF or 15")
    return int(text or "0", 16 if text[:2] in ("0x", "0X") else 10)


def _choice(values: Mapping[str, str], name: str, words: Mapping[str, int], where: str) -> int:
    word = values.get(name, "")
    if word and word not in words:
        raise NotAdded(Qbwc.NOT_ADDED, f"{name} {word!r}", where, ", ".join(words))
    return words.get(word, 0)
