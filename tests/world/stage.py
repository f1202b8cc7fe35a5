"""A world in which every sort of call is made that a fault can strike, and what people then put right.

A *round* makes every sort of call: two programs (one makes its request processor now, one has made it before) begin a session and send a
write whose outcome is stored under an id. Unless QuickBooks alone is looked at, the platform sends a document through the path to the
connector, and somebody one on the connector's own machine; its light is looked at from both. For what strikes mails, the connector is
exited until the platform side has given up and written one. A person closes dialogs while calls wait for them. Then people put right what
people can: they free seats of ghosts, log in, start what was killed.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from emulator.company import Caller
from emulator.core.clock import run_virtual
from emulator.core.transport import Call, NoAnswer
from emulator.desktop import FileHost, Refused, RequestProcessor, SessionFailure
from emulator.faults import FaultSpec
from emulator.people import ActRefused, perform
from emulator.platform.sending import document_call
from emulator.qbxml import MessageSet, Version, make_request
from emulator.world import FAULT_KINDS, SERVER, WorldConfig, virtual_world

APART = {"kill-platform", *(kind.name for kind in FAULT_KINDS["web connector"])}
KINDS = {kind.name: kind for table in FAULT_KINDS.values() for kind in table if kind.name not in APART}
"""Every kind but those that strike programs of their own: a platform side as a process, the Web Connector."""

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
REQUESTS = (
    "<CustomerAddRq><CustomerAdd><Name>{0}</Name></CustomerAdd></CustomerAddRq>",
    "<CustomerModRq><CustomerMod><ListID>{1}</ListID><EditSequence>{2}</EditSequence><Phone>1</Phone></CustomerMod></CustomerModRq>",
    "<InvoiceAddRq><InvoiceAdd><CustomerRef><ListID>{1}</ListID></CustomerRef><RefNumber>{0}</RefNumber><InvoiceLineAdd><ItemRef>"
    "<FullName>In stock</FullName></ItemRef><Amount>1.00</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>",
)
"""Of a program's document: each round begins with another, since a fault may end the call at its first."""
ITEM = {
    "Name": "In stock",
    "IncomeAccountRef": {"FullName": "Shipping Income"},
    "COGSAccountRef": {"FullName": "Cost of Goods Sold"},
    "AssetAccountRef": {"FullName": "Inventory Asset"},
}


class Stage:
    """A world, and the calls that are made in it."""

    def __init__(self, world):
        self.world = world
        self.rounds = 0
        self.pairs = 0
        self.whole = True

    def make(self, name, values):
        """Put a record into the books; returns it."""
        request = make_request(name, {name: values})
        (answer,) = self.world.company.begin_set(MessageSet(Version("16.0"), requests=[request]), Caller("made")).finish()
        assert answer.status.code == 0, answer.status
        return answer.records[0][1]

    def given(self, kind, name):
        """What a kind needs to be told so that it can begin without a call, in books that it may have changed before."""
        match kind:
            case "name-taken":
                return {"name": name[:40]}
            case "merged-deleted":
                return {"record": self.make("CustomerAdd", {"Name": name[:40]})["FullName"]}
            # Not of every call, so that others can strike beside it.
            case "too-long":
                return {"field": "Name"}
            case "restored-backup":
                FileHost(self.world.office).back_up(self.world.office.files[0], "of the pair")
            case "item-start-date":
                return {"item": "In stock"}
        return {}

    def add(self, kind, name, **more):
        spec = FaultSpec.model_validate({"fault": kind, "as": name, **more})
        return self.world.plan.add(spec, self.world.clock.now())

    async def round(self, *, mail):
        self.rounds += 1
        closing = asyncio.get_running_loop().create_task(self.close_dialogs())
        try:
            await self.calls(mail=mail)
        finally:
            closing.cancel()

    async def close_dialogs(self):
        while True:
            await self.world.clock.sleep(3)
            for quickbooks in self.world.quickbooks.values():
                if quickbooks.dialog is not None:
                    quickbooks.close_dialog()

    async def calls(self, *, mail):
        await self.program(f"one-{self.rounds}", made_before=False)
        await self.put_right()
        await self.program(f"two-{self.rounds}", made_before=True)
        await self.put_right()
        if not self.whole:
            return
        self.world.emit("invoice")
        await self.world.wait_until(self.world.platform.idle, 900)
        document = self.world.traffic.next("invoice").document(f"by-hand-{self.rounds}", f"H-{self.rounds}")
        with suppress(NoAnswer, TimeoutError):
            async with self.world.clock.limit(900):
                await self.world.connector.answer(document_call(document))
        if mail:
            with suppress(ActRefused):
                await perform(self.world, "operator.exit_connector")
            self.world.emit("invoice")
            await self.world.clock.sleep(1800)
        await self.put_right()
        for look in (self.world.connector.answer, lambda call: self.world.network.call(call, 60)):
            with suppress(NoAnswer):
                await look(Call("GET", "/v1/status"))

    async def program(self, name, *, made_before):
        """One program from its first call to its last; it gives up after twenty minutes."""
        do, processor = self.world.driver.perform, None
        try:
            async with self.world.clock.limit(1200):
                quickbooks = self.world.machine(SERVER)
                processor = RequestProcessor(quickbooks) if made_before else await do(RequestProcessor.create(quickbooks))
                await do(processor.open_connection("", self.world.config.connector.application))
                ticket = await do(processor.begin_session("", 2))
                await do(processor.process_request(ticket, self.document(name)))
        except (SessionFailure, TimeoutError):
            return
        finally:
            if processor is not None:
                await do(processor.release())

    def document(self, name):
        first = self.rounds % len(REQUESTS)
        requests = "".join((*REQUESTS[first:], *REQUESTS[:first])).format(name, *self.customer)
        head = f'<QBXMLMsgsRq onError="continueOnError" newMessageSetID="{name}">'
        return f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML>{head}{requests}</QBXMLMsgsRq></QBXML>'

    async def put_right(self):
        for quickbooks in self.world.quickbooks.values():
            if quickbooks.dialog is not None:
                quickbooks.close_dialog()
        self.world.office.clear_ghosts()
        steps = (
            ("restart_router", "log_in_goflow", "start_connector", "wait_for_green", "set_status")
            if self.whole
            else ("log_in_goflow",)
        )
        for step in steps:
            given = {"status": "Connected"} if step == "set_status" else {"limit_s": 120.0} if step == "wait_for_green" else {}
            with suppress(ActRefused, Refused):
                await perform(self.world, f"operator.{step}", given)

    async def clear(self):
        self.world.plan.lift_all()
        await self.put_right()
        if self.whole:
            await self.world.wait_until(self.world.platform.idle, 3600)


def on_stage(play):
    async def story(clock):
        world = virtual_world(WorldConfig(), clock)
        try:
            await world.start()
            stage = Stage(world)
            await stage.put_right()
            made = stage.make("CustomerAdd", {"Name": "Somebody"})
            stage.customer = (made["ListID"], made["EditSequence"])
            stage.make("ItemInventoryAdd", ITEM)
            await play(stage)
            await world.stop()
        finally:
            world.let_go()

    run_virtual(story, START)
