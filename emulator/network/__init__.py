"""network: the path from the platform side to port 8891 of the connector, and everything that can go wrong on it.

Two twins with one table of faults (`faults.py`): `Proxy` on sockets for the real clock, `MemoryPath` on the virtual one.
"""

from emulator.network.faults import KINDS, PATHS
from emulator.network.memory import MemoryPath
from emulator.network.proxy import Proxy

__all__ = ["KINDS", "PATHS", "MemoryPath", "Proxy"]
