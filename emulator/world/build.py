"""Building a world for one of the two clocks: which parts it has, and in which order they start and stop.

virtual_world: everything in this process and thread, in-memory twins, a clock that jumps
real_world:    QuickBooks, proxy, platform side and mailbox in this process behind real sockets; the connector as a process of its own
"""

import asyncio
import fcntl
import os
import shutil
from pathlib import Path

from emulator.com.exec import environment
from emulator.com.wire import THREADS, Wire
from emulator.company import is_company_file
from emulator.core.chance import Chance
from emulator.core.clock import Clock, RealClock
from emulator.core.errors import UserMistake
from emulator.core.serving import Serving
from emulator.core.transport import PORT, Transport
from emulator.faults import raise_killed
from emulator.mailbox import Mailbox, MemoryMailbox
from emulator.network import MemoryPath, Proxy
from emulator.platform import HttpTransport, MailSender, MemorySender, PlatformSide, SmtpSender, Store
from emulator.world.catalogue import refuse_out_of_reach
from emulator.world.config import SERVER, WorldConfig
from emulator.world.connectors import ConnectorAsProcess, ConnectorInMemory
from emulator.world.world import World


def virtual_world(config: WorldConfig, clock: Clock, folder: Path | None = None) -> World:
    """Return a world for the virtual clock. `folder` is where mails are saved; None saves none. Raises UserMistake."""
    world = World(config, clock, None, None)
    mailbox = MemoryMailbox(world.journal, None if folder is None else folder / "mail")
    connector = ConnectorInMemory(config.connector, world.machine(SERVER), world.driver, clock, world.switches, world.plan)
    path = MemoryPath(connector.answer, world.plan, clock, world.journal, listening=connector.listening)
    store = Store(None)
    world.mailbox, world.connector, world.network = mailbox, connector, path
    world.platform = _platform(world, path, MemorySender(mailbox.take), store)
    world.on_start(mailbox.start)
    world.on_start(world.platform.start)
    for stop in (mailbox.stop, store.close, path.close, connector.close, world.platform.stop):
        world.on_stop(stop)
    return world


def real_world(config: WorldConfig, clock: RealClock, folder: Path, listen: tuple[str, int] = ("127.0.0.1", PORT)) -> World:
    """Return a world for the real clock, with real sockets.

    Args:
        config: what it is made from.
        clock: the real clock.
        folder: for the company file, the connector's and the platform's memory, mails and the journal.
        listen: host and port where the fault proxy listens, as the customer's router would.

    Raises:
        UserMistake: something in the configuration.
    """
    state = folder / "state"
    _refuse_within(state, config.company)
    lock = lock_folder(folder)
    fresh_folder(state)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    world = World(config, clock, state, folder / "journal.jsonl")
    world.on_stop(lambda: os.close(lock))
    refuse_out_of_reach(world.plan, processes=True)
    wire = Wire(world.quickbooks, world.driver, asyncio.get_running_loop())
    serving = Serving(wire.app, threads=THREADS, name="the wire of QuickBooks")
    mailbox = Mailbox(world.journal, folder / "mail")
    overrides = {name: world.switches[name] for name in world.switches.overridden}
    connector = ConnectorAsProcess(config.connector, clock, own_address(world.chance, listen[0]), state, overrides)
    proxy = Proxy((connector.host, PORT), world.plan, clock, world.journal, host=listen[0], port=listen[1])
    world.mailbox, world.connector, world.network = mailbox, connector, proxy

    def serve_quickbooks() -> None:
        serving.start()
        connector.process.variables = environment(serving.url, os.environ)
        world.urls["QuickBooks (COM wire)"] = serving.url

    async def stop_quickbooks() -> None:
        wire.close()
        # In a thread: the wire's own threads may wait for this loop to hand them an answer.
        await asyncio.to_thread(serving.stop)

    def serve_mail() -> None:
        mailbox.start()
        world.urls["mail server"] = f"smtp://{mailbox.host}:{mailbox.port}"

    async def serve_port() -> None:
        await proxy.start()
        world.urls["port 8891"] = proxy.url
        world.urls["connector behind it"] = connector.url

    def work_on_platform() -> None:
        # Made here, because only now the addresses are known.
        transport = HttpTransport(proxy.url, clock)
        store = Store(state / "platform.sqlite")
        world.platform = _platform(world, transport, SmtpSender(mailbox.host, mailbox.port), store)
        world.platform.start()
        for stop in (store.close, transport.close, world.platform.stop):
            world.on_stop(stop)

    for start in (serve_quickbooks, serve_mail, serve_port, work_on_platform):
        world.on_start(start)
    for stop in (stop_quickbooks, mailbox.stop, connector.close, proxy.stop):
        world.on_stop(stop)
    return world


def own_address(chance: Chance, taken: str) -> str:
    """Return an address of the loopback range for one machine of a world, so that the connector keeps its real port 8891.

    Each process draws its own, so worlds beside each other (test workers) do not meet.
    """
    draw = chance.number("own address", os.getpid())
    address = f"127.{1 + draw % 250}.{draw // 250 % 250}.{1 + draw // 62500 % 250}"
    return address if address != taken else "127.77.88.91"


def lock_folder(folder: Path) -> int:
    """Take a folder for one world and return the lock; it is let go when it is closed, or the process ends.

    Raises:
        UserMistake: another world works in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UserMistake(f"another FakeBooks works in {folder}", advice="stop it, or choose another folder with --out") from None
    return lock


def fresh_folder(folder: Path) -> None:
    """Make an empty folder for the state of one run; what a run before left there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _platform(world: World, transport: Transport, sender: MailSender, store: Store) -> PlatformSide:
    return PlatformSide(
        world.profile,
        store,
        world.clock,
        transport,
        sender,
        world.journal,
        world.plan,
        world.chance,
        raise_killed,
        world.switches,
    )


def _refuse_within(state: Path, company: str) -> None:
    """Refuse to begin with a company file that is thrown away before."""
    if is_company_file(company) and Path(company).resolve().is_relative_to(state.resolve()):
        raise UserMistake(
            f"the company file {company} lies in {state}, which begins empty", expected="a file elsewhere", advice="copy it first"
        )
