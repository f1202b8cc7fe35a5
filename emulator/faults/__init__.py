"""faults: one grammar `where x when x effect x until`, the plan that decides, and the accounting of hits.

It knows no part of the world: each part declares its own kinds and points and acts on what the plan tells it (ARCHITECTURE decision 4).
"""

from emulator.faults.account import Fault
from emulator.faults.grammar import FaultSpec, Kind, Parameter, ParameterValue, Path, Until, When
from emulator.faults.plan import Plan
from emulator.faults.strikes import Begin, Killed, Lacks, Later, Strike, raise_killed

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
