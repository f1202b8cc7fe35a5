"""faults: one grammar `where x when x effect x until`, the plan that decides, and the accounting of hits.

It knows no part of the world: each part declares its own kinds and points and acts on what the plan tells it (ARCHITECTURE decision 4).
"""

from typing import TYPE_CHECKING, Any

from emulator.faults.account import Fault
from emulator.faults.kinds import Kind, Parameter, ParameterValue, Path
from emulator.faults.plan import Plan
from emulator.faults.strikes import Begin, Killed, Lacks, Later, Strike, raise_killed

if TYPE_CHECKING:
    from emulator.faults.grammar import FaultSpec, Until, When

__all__ = [
    "Begin",
    "Fault",
    "FaultSpec",
    "Killed",
    "Kind",
    "Lacks",
    "Later",
    "Parameter",
    "ParameterValue",
    "Path",
    "Plan",
    "Strike",
    "Until",
    "When",
    "raise_killed",
]


def __getattr__(name: str) -> Any:
    """Import what a fault is asked for with when somebody asks for one: a QuickBooks that is only started has no need of it."""
    if name not in ("FaultSpec", "Until", "When"):
        raise AttributeError(name)
    from emulator.faults import grammar

    return getattr(grammar, name)
