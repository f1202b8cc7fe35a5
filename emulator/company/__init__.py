"""The company file: lists, transactions, ledger, queries and message sets of one QuickBooks company. No session, no seat, no COM.

    description (YAML) --create--> Company --begin_set(message set, caller)--> steps --perform--> answers
                                      |
                                      +-- truth: what is really in the books

Time comes in from outside; all else is in one SQLite file, or in memory. Public names are those below.
"""

from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller
from emulator.company.company import Company
from emulator.company.explaining import Explainer
from emulator.company.fixtures import path_of as sample_path
from emulator.company.lists import PERSONAL
from emulator.company.named import copied_company, described, is_company_file, load_company
from emulator.company.operations import Unforeseen, known_nouns
from emulator.company.rights import AREAS, LEVELS
from emulator.company.sets import SetRun, Step
from emulator.company.snapshots import Snapshot
from emulator.company.switches import SWITCHES
from emulator.company.truth import Truth

if TYPE_CHECKING:
    from emulator.company.description import CompanyDescription, load_description

__all__ = [
    "AREAS",
    "LEVELS",
    "PERSONAL",
    "SWITCHES",
    "Caller",
    "Company",
    "CompanyDescription",
    "Explainer",
    "SetRun",
    "Snapshot",
    "Step",
    "Truth",
    "Unforeseen",
    "copied_company",
    "described",
    "is_company_file",
    "known_nouns",
    "load_company",
    "load_description",
    "sample_path",
]


def __getattr__(name: str) -> Any:
    """Import what descriptions are read with when somebody reads one: a QuickBooks with a company that is there has no need of it."""
    if name not in ("CompanyDescription", "load_description"):
        raise AttributeError(name)
    from emulator.company import description

    return getattr(description, name)
