"""What is installed for programs on a machine, what may be wrong with it, and what a call then fails with.

A whole installation has the request processor library, QuickBooks' own qbXML parts and a registered licence. Each damage below is something
that people, updates and virus scanners bring about; a repair (or the right installation) ends it. Codes: library resources (documented)
and plain COM; that the damage gives the code is inferred from its sentence.

What is wrong with the library is met by whoever makes the object, what is wrong with QuickBooks by BeginSession.
"""

from dataclasses import dataclass
from typing import Final, Literal

from emulator.desktop.results import Code

DamageName = Literal[
    "library-not-registered",
    "other-word-length",
    "library-file-missing",
    "older-library",
    "elevation-differs",
    "components-unreachable",
    "without-sdk",
    "qbxml-missing",
    "incomplete",
    "flavour-without-xml",
    "licence-not-registered",
]
"""What may be wrong."""


@dataclass(frozen=True)
class Damage:
    """One thing that may be wrong with an installation.

    Attributes:
        name: words with hyphens.
        at: the call that meets it.
        code: what the call fails with.
        about: what is wrong, one sentence.
        cure: what a person does about it.
    """

    name: DamageName
    at: Literal["create", "begin"]
    code: Code
    about: str
    cure: str


_ALL: Final = (
    Damage(
        "library-not-registered",
        "create",
        Code.CLASS_NOT_REGISTERED,
        "The request processor library is not registered on this machine.",
        "install QuickBooks or its SDK on the machine of the program",
    ),
    Damage(
        "other-word-length",
        "create",
        Code.CLASS_NOT_REGISTERED,
        "The program has another word length (32 or 64 bits) than the library, which lives in the program's process.",
        "run the program with the word length of the installed library",
    ),
    Damage(
        "library-file-missing",
        "create",
        Code.MODULE_NOT_FOUND,
        "The library is registered and its file is gone, as a virus scanner leaves it.",
        "repair the installation of QuickBooks",
    ),
    Damage(
        "older-library",
        "create",
        Code.NO_INTERFACE,
        "The library is older than the interface the program asks for.",
        "install the SDK that the program was built with",
    ),
    Damage(
        "elevation-differs",
        "create",
        Code.ACCESS_DENIED,
        "QuickBooks runs as administrator and the program does not, or the other way round.",
        "start both in the same way",
    ),
    Damage(
        "components-unreachable",
        "begin",
        Code.NO_ACCESS,
        "The library does not reach QuickBooks: its COM server is not registered.",
        "repair the installation of QuickBooks",
    ),
    Damage(
        "without-sdk",
        "begin",
        Code.NO_SDK,
        "A QuickBooks runs that is too old for programs.",
        "install a QuickBooks that programs can talk to",
    ),
    Damage(
        "qbxml-missing",
        "begin",
        Code.QBXML_NOT_INSTALLED,
        "QuickBooks' own qbXML parts are missing.",
        "repair the installation of QuickBooks",
    ),
    Damage(
        "incomplete",
        "begin",
        Code.INSTALLATION_INCOMPLETE,
        "An installation or an update was broken off.",
        "install QuickBooks again",
    ),
    Damage(
        "flavour-without-xml",
        "begin",
        Code.FLAVOUR,
        "A flavour of QuickBooks is installed that takes no XML requests.",
        "install Pro, Premier or Enterprise",
    ),
    Damage(
        "licence-not-registered",
        "begin",
        Code.NOT_REGISTERED,
        "QuickBooks has not been registered and its days of grace are over.",
        "register QuickBooks",
    ),
)

DAMAGES: Final[dict[str, Damage]] = {damage.name: damage for damage in _ALL}
"""Every damage, by name."""
