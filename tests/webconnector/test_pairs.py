"""Pairs of faults, one of the Web Connector and one of it or of QuickBooks, played through updates: both strike and are accounted for, or the
second is refused when it is asked for. The pairs of the other parts are played in `tests/world/test_all_pairs.py`.
"""

import re
from itertools import combinations_with_replacement, product

import pytest
from world.stage import Stage, on_stage

from emulator.core.errors import UserMistake
from emulator.core.switches import SwitchSettings
from emulator.webconnector import faults, qwc, switches
from emulator.webconnector.processor import OwnProcessor
from emulator.webconnector.qwclog import Log
from emulator.webconnector.result import Around
from emulator.webconnector.service import Service
from emulator.webconnector.session import Update
from emulator.world import FAULT_KINDS, SERVER

from .desk import QUERY, Scripted

OURS = {kind.name: kind for kind in faults.KINDS}
QUICKBOOKS = {kind.name: kind for kind in FAULT_KINDS["quickbooks"]}
KINDS = {**OURS, **QUICKBOOKS}
ROUNDS_MAX = 4
LIMIT_S = 1200


class Updates(Stage):
    """A stage whose calls are those of a Web Connector that joined the world."""

    def __init__(self, stage):
        super().__init__(stage.world)
        self.customer, self.whole = stage.customer, False
        self.settings = SwitchSettings([switches.SWITCHES], {switches.LOCK_LIMIT_S: 0})
        faults.join(self.world.plan)

    async def calls(self, *, mail):
        for name in (f"one-{self.pairs}-{self.rounds}", f"two-{self.pairs}-{self.rounds}"):
            await self.update(name)
            await self.put_right()

    async def update(self, name):
        world = self.world
        application = qwc.Application(
            **{**vars(qwc.unnamed("http://localhost/", "user")), "name": world.config.connector.application}
        )
        service = Scripted(sendRequestXML=[self.document(name), QUERY], receiveResponseXML=[50, 100])
        line = Service(application.url, world.clock, None, service)
        log = Log(world.clock.now)
        around = Around(world.clock, self.settings, log, SERVER, world.plan, world.journal, limit_s=LIMIT_S)
        processor = OwnProcessor(world.driver, world.machine(SERVER))
        result = await Update(application, "password", line, processor, around).run()
        await line.close()
        # Whatever struck: nothing of it is left at QuickBooks.
        assert not [each for each in world.machine(SERVER).sessions if each.application == application.name], result


async def both(stage, pair, *, constant):
    """Let both of a pair strike, or be refused; says which."""
    stage.pairs += 1
    asked = [(f"{stage.pairs}-{number}-{kind}", kind) for number, kind in enumerate(pair)]
    # A state of things may leave no call for the other to strike.
    asked.sort(key=lambda each: KINDS[each[1]].lasting)
    struck = []
    for name, kind in asked:
        if KINDS[kind].lasting:
            await rounds(stage, struck)
            await stage.put_right()
        more = {} if constant or KINDS[kind].lasting else {"times": 1}
        try:
            struck.append(stage.add(kind, name, **more, **{"with": stage.given(kind, name)}))
        except UserMistake as refused:
            told = str(refused)
            assert len(struck) == 1, told
            assert {struck[0].name, name} <= set(re.findall(r"'([^']+)'", told)), told
            return "refused"
    await rounds(stage, struck)
    rows = [row for row in stage.world.journal.rows("fault-hit") if row["fault"] in {name for name, _ in asked}]
    for fault in struck:
        assert fault.hits >= 1, f"{fault.name} never struck: {fault.told()}"
        assert [row["n"] for row in rows if row["fault"] == fault.name] == fault.rows
        assert len(fault.rows) == fault.hits
    return "struck"


async def rounds(stage, struck):
    for _ in range(ROUNDS_MAX):
        if all(fault.hits for fault in struck):
            return
        await stage.round(mail=False)


async def play(stage, pairs):
    updates = Updates(stage)
    for pair, constant in pairs:
        try:
            how = await both(updates, pair, constant=constant)
        except AssertionError as error:
            raise AssertionError(f"{pair}, {'always' if constant else 'once'}: {error}") from error
        assert how == "struck" or constant, pair
        await updates.clear()


def test_pairs_of_the_web_connector():
    """Once each, and always: what ends every call leaves none for what lies behind, and is refused beside it."""
    pairs = list(combinations_with_replacement(OURS, 2))
    on_stage(lambda stage: play(stage, [*((pair, False) for pair in pairs), *((pair, True) for pair in pairs)]))


@pytest.mark.slow
@pytest.mark.parametrize("ours", OURS)
def test_pairs_with_quickbooks(ours):
    on_stage(lambda stage: play(stage, [(pair, False) for pair in product([ours], QUICKBOOKS)]))


@pytest.mark.parametrize("other", ["answer-lost", "crash", "record-locked", "not-running"])
def test_some_pairs_with_quickbooks(other):
    """What stands for all of them in the fast set."""
    on_stage(lambda stage: play(stage, [((ours, other), False) for ours in OURS]))
