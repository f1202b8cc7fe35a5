"""world: the one place where all parts are put together, from one configuration, for one of the two clocks.

No globals: two worlds live in one process and know nothing of each other.
"""

from emulator.core.transport import PORT
from emulator.world.asking import DO_NOT_CARE, answer_alone, ask_quickbooks
from emulator.world.build import own_address, real_world, virtual_world
from emulator.world.catalogue import FAULT_KINDS, FAULT_PATHS, SWITCH_TABLES, catalogue, check_part, refuse_out_of_reach
from emulator.world.config import ACCOUNTING_PC, DEFAULT_COMPANY, SERVER, ConnectorConfig, PlatformConfig, WorldConfig
from emulator.world.explaining import explain_document
from emulator.world.facts import FACT_WORDS, FACTS
from emulator.world.texts import (
    LENGTHS,
    Damaged,
    DifficultText,
    Outcome,
    Refused,
    TextPack,
    filled,
    memos_of,
    pack_of,
    shipped_packs,
    some_texts_of,
    texts_of,
)
from emulator.world.trade import SOLD_KINDS, balances, directory_of
from emulator.world.world import World

__all__ = [
    "ACCOUNTING_PC",
    "DEFAULT_COMPANY",
    "DO_NOT_CARE",
    "FACTS",
    "FACT_WORDS",
    "FAULT_KINDS",
    "FAULT_PATHS",
    "LENGTHS",
    "PORT",
    "SERVER",
    "SOLD_KINDS",
    "SWITCH_TABLES",
    "ConnectorConfig",
    "Damaged",
    "DifficultText",
    "Outcome",
    "PlatformConfig",
    "Refused",
    "TextPack",
    "World",
    "WorldConfig",
    "answer_alone",
    "ask_quickbooks",
    "balances",
    "catalogue",
    "check_part",
    "directory_of",
    "explain_document",
    "filled",
    "memos_of",
    "own_address",
    "pack_of",
    "real_world",
    "refuse_out_of_reach",
    "shipped_packs",
    "some_texts_of",
    "texts_of",
    "virtual_world",
]
