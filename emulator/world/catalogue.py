"""Everything there is to set and to break, by room: the tables of all switches and of all kinds of faults."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from emulator.company import SWITCHES as COMPANY_SWITCHES
from emulator.connector import SWITCHES as CONNECTOR_SWITCHES
from emulator.connector.faults import KINDS as CONNECTOR_KINDS
from emulator.connector.faults import PATHS as CONNECTOR_PATHS
from emulator.core.errors import UserMistake
from emulator.core.switches import Switch
from emulator.desktop import KINDS as DESKTOP_KINDS
from emulator.desktop import PATHS as DESKTOP_PATHS
from emulator.desktop import SWITCHES as DESKTOP_SWITCHES
from emulator.faults import Kind, Path, Plan
from emulator.faults.kinds import kind_called
from emulator.network import KINDS as NETWORK_KINDS
from emulator.network import PATHS as NETWORK_PATHS
from emulator.platform import KINDS as PLATFORM_KINDS
from emulator.platform import PATHS as PLATFORM_PATHS
from emulator.platform import SWITCHES as PLATFORM_SWITCHES
from emulator.qbxml import SWITCHES as QBXML_SWITCHES
from emulator.webconnector.faults import KINDS as WEB_CONNECTOR_KINDS
from emulator.webconnector.faults import PATHS as WEB_CONNECTOR_PATHS
from emulator.webconnector.switches import SWITCHES as WEB_CONNECTOR_SWITCHES

SWITCH_TABLES: Final[dict[str, tuple[Switch, ...]]] = {
    "qbxml": tuple(QBXML_SWITCHES),
    "company": tuple(COMPANY_SWITCHES),
    "desktop": tuple(DESKTOP_SWITCHES),
    "connector": tuple(CONNECTOR_SWITCHES),
    "platform": tuple(PLATFORM_SWITCHES),
    "webconnector": tuple(WEB_CONNECTOR_SWITCHES),
}
"""Every switch there is, by room."""

FAULT_KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "quickbooks": tuple(DESKTOP_KINDS),
    "connector": tuple(CONNECTOR_KINDS),
    "network": tuple(NETWORK_KINDS),
    "platform": tuple(PLATFORM_KINDS),
    "web connector": tuple(WEB_CONNECTOR_KINDS),
}
"""Every kind of fault there is, by the part that does it."""

FAULT_PATHS: Final[tuple[Path, ...]] = (*DESKTOP_PATHS, *CONNECTOR_PATHS, *NETWORK_PATHS, *PLATFORM_PATHS, *WEB_CONNECTOR_PATHS)
"""The ways of calls through all parts: the points in their order, and the facts that a fault's `where` can ask for there."""


def catalogue() -> list[dict[str, Any]]:
    """Return every kind of fault as JSON values: the fields of `Kind`, the part that does it, and what its `where` can ask for."""
    return [
        {
            **asdict(kind),
            "ends_with": dict(kind.ends_with),
            "nothing_at": [dict(each) for each in kind.nothing_at],
            "part": part,
            "where": sorted({fact for path in FAULT_PATHS for fact in path.facts if set(path.points) & set(kind.points)}),
        }
        for part, table in FAULT_KINDS.items()
        for kind in table
    ]


def check_part(name: str, here: Iterable[Kind], given: str, expected: str, advice: Mapping[str, str]) -> None:
    """Refuse a fault of a part that is not here; of a word that is no fault at all nothing is said.

    Args:
        name: of the fault, or its id.
        here: the kinds of the parts that are here.
        given: what is here instead, to follow "strikes the network, and".
        expected: which faults can be asked for.
        advice: part of `FAULT_KINDS` -> what to do; "" for all others.

    Raises:
        UserMistake: names the part.
    """
    if kind_called(name, here) is not None:
        return
    part = next((part for part, kinds in FAULT_KINDS.items() if kind_called(name, kinds) is not None), "")
    if part:
        raise UserMistake(
            f"fault {name!r} strikes the {part}, and {given}", expected=expected, advice=advice.get(part, advice.get("", ""))
        )


def refuse_out_of_reach(plan: Plan, *, processes: bool) -> None:
    """Have a plan refuse the kinds that are known and cannot strike in a world.

    Args:
        plan: of the world.
        processes: whether the connector is a process of its own, as on the real clock: nobody can ask this plan inside it.
    """
    killed = UserMistake(
        "nobody in a story restarts a killed platform side", advice="run it as a process: python -m emulator.platform"
    )
    plan.surroundings.put_out_of_reach([kind for kind in PLATFORM_KINDS if kind.name == "kill-platform"], killed)
    alone = UserMistake(
        "the Web Connector is a program of its own beside this world",
        advice="`fakebooks webconnector once` and the pytest fixture have it",
    )
    plan.surroundings.put_out_of_reach(WEB_CONNECTOR_KINDS, alone)
    if processes:
        elsewhere = UserMistake(
            "the connector is a process of its own on the real clock",
            advice="tell it in a story, with `fakebooks run STORY --clock virtual`",
        )
        plan.surroundings.put_out_of_reach(CONNECTOR_KINDS, elsewhere)
