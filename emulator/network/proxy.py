"""The path on sockets: listens where the platform side calls, hands bytes to the connector and back, and suffers the faults of a plan.

All faults are done in user space, as an ordinary user. It reads along to know which document a call is about (the headers of
`core.transport`), and changes no byte but where a fault garbles a message.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from emulator.core.clock import Clock
from emulator.core.journal import Journal
from emulator.core.serving import cannot_bind
from emulator.core.transport import PORT
from emulator.faults import Plan
from emulator.network.ends import End, reset_on_close
from emulator.network.faults import (
    AFTER_ANSWER,
    AFTER_FORWARD,
    BEFORE_ANSWER,
    BEFORE_FORWARD,
    CALL_ARRIVED,
    CONNECT,
    NO_JSON,
    RESET,
    UNTOUCHED,
    Garbling,
)
from emulator.network.observer import HEAD_BYTES_MAX, HEAD_ENDS, UNKNOWN_CALL, Head, answer_head, request_head
from emulator.network.traffic import Cut, Traffic, Trip

HEAD_S: Final = 1.0
"""Machine's seconds after which the part of a head that has come is handed on as it is: the connector has its own limits for slow callers."""

CONNECT_S: Final = 5.0
"""Machine's seconds for reaching the connector, which is on this machine or near."""

LINGER_S: Final = 2.0
"""Machine's seconds that a caller has for taking an answer that came before the end of his request (our choice: web servers do the same)."""

PIECE_BYTES: Final = 64 * 1024


class Proxy:
    """A path with the faults of a plan.

    Args:
        connector: host and port of the connector.
        plan: faults; None for a path without.
        clock: story time.
        journal: the plan's own journal.
        host: address to listen on.
        port: 0 lets the system choose.
        die: what a kill does: ends the process (or raises Killed, which closes everything here).
        died: called once when the path was killed in this process.
        allowed: addresses that may call; empty for all. Strangers are reset at accept, before a byte is read.
    """

    def __init__(
        self,
        connector: tuple[str, int],
        plan: Plan | None,
        clock: Clock,
        journal: Journal,
        *,
        host: str = "127.0.0.1",
        port: int = PORT,
        die: Callable[[], NoReturn] | None = None,
        died: Callable[[], None] = lambda: None,
        allowed: Collection[str] = (),
    ) -> None:
        self.connector = connector
        self.host = host
        self.port = port
        self._allowed = frozenset(allowed)
        self._died = died
        self._socket: socket.socket | None = None
        self._listening = False
        self._closed_by: frozenset[str] = frozenset()
        self._tasks: set[asyncio.Task[None]] = set()
        self.traffic = Traffic(plan, clock, journal, die, self._dead, self._sync_port)

    # ---- life -----------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; returns when connections are taken. Raises UserMistake when the address cannot be had."""
        assert self._socket is None, "it is started already"
        self.traffic.dead = False
        try:
            self._bind()
        except OSError as error:
            raise cannot_bind(str(error), "the path to the connector", self.host, self.port) from None
        self.traffic.watch()
        self._sync_port()

    @property
    def url(self) -> str:
        """Return `http://host:port`."""
        return f"http://{self.host}:{self.port}"

    async def stop(self) -> None:
        """Stop listening, cut every connection, wait until nothing is left. Stopping twice is stopping once."""
        self._close_port()
        self.traffic.rest()
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _dead(self) -> None:
        self._close_port()
        self._died()

    # ---- the port -------------------------------------------------------------------------------------------------------

    def _bind(self) -> None:
        """Hold the address, without listening: who calls now is refused by the kernel, and nobody else can take the port."""
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            held.setblocking(False)
            held.bind((self.host, self.port))
            if not self.traffic.closing():
                held.listen(128)  # here, so that a port somebody else listens on is a mistake of `start`
        except OSError:
            held.close()
            raise
        self.port = held.getsockname()[1]
        self._socket = held

    def _sync_port(self) -> None:
        """Open or close the port, as the faults in force want it."""
        if self._socket is None:
            return
        closing = self.traffic.closing()
        loop = asyncio.get_running_loop()
        if closing and self._listening:
            self._close_port()
            self._bind()
        if closing:
            self._count_closed_port(closing)
        elif not self._listening:
            self._closed_by = frozenset()
            self._socket.listen(128)
            loop.add_reader(self._socket, self._accept)
            self._listening = True

    def _count_closed_port(self, closing: list[str]) -> None:
        """Count one hit for each fault that closes the port: who calls it is refused by the kernel, and nobody here sees him."""
        if not self._closed_by.issuperset(closing):
            for name in closing:
                if name not in self._closed_by:
                    self.traffic.strike(CONNECT, Trip(), only=name)
            self.traffic.row("port-closed", faults=closing)
        self._closed_by = frozenset(closing)

    def _close_port(self) -> None:
        if self._socket is None:
            return
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket)
        self._listening = False
        self._socket.close()
        self._socket = None

    def _accept(self) -> None:
        while self._socket is not None:
            try:
                connection, address = self._socket.accept()
            except (BlockingIOError, ConnectionError, InterruptedError):
                return
            connection.setblocking(False)
            if self._allowed and address[0] not in self._allowed:
                self.traffic.row("stranger-refused")
                _reset(connection)
                continue
            trip = self.traffic.begin()
            try:
                self.traffic.strike(CONNECT, trip)
            except Cut:
                trip.suffers = UNTOUCHED
                trip.cut = RESET
            if trip.suffers.refused or trip.cut:
                if trip.suffers.refused:
                    self.traffic.row("call-refused", trip, trip.suffers.refused)
                self.traffic.end(trip)
                _reset(connection)
                continue
            task = asyncio.get_running_loop().create_task(self._carry(connection, trip))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # ---- one connection -------------------------------------------------------------------------------------------------

    async def _carry(self, connection: socket.socket, trip: Trip) -> None:
        loop = asyncio.get_running_loop()
        client, server = End(trip.changed), End(trip.changed)
        try:
            await loop.connect_accepted_socket(lambda: client, connection)
            try:
                async with asyncio.timeout(CONNECT_S):
                    await loop.create_connection(lambda: server, *self.connector)
            except OSError:  # TimeoutError is one
                self.traffic.row("call-refused", trip)
                raise Cut(RESET) from None
            while await self._call(client, server, trip):
                pass
        except Cut:
            client.reset()
            server.reset()
        finally:
            client.close()
            server.close()
            self.traffic.end(trip)

    async def _call(self, client: End, server: End, trip: Trip) -> bool:
        """Carry one call and its answer; returns whether another may follow on this connection."""
        self.traffic.call_over(trip)
        trip.facts, trip.suffers = {}, UNTOUCHED  # between two calls there is nothing that a new fault could strike
        await trip.until(lambda: client.buffer or client.ended or server.ended)
        if not client.buffer:
            return False
        request = await self._request(client, trip)
        trip.facts = request.facts
        self.traffic.row("call-arrived", trip)
        self.traffic.strike(CALL_ARRIVED, trip)
        if trip.suffers.swallowed:
            self.traffic.row("call-swallowed", trip, trip.suffers.swallowed)
            await self._silence(client, server, trip, trip.suffers.swallowed)
        await self.traffic.pause(trip)
        self.traffic.strike(BEFORE_FORWARD, trip)
        if request.body_bytes is None:
            self.traffic.row("call-passed", trip, trip.suffers.delayed)
            await self._both_ways(client, server, trip)
            return False
        left = await self._forward(client, server, trip, request)
        self.traffic.strike(AFTER_FORWARD, trip)
        return await self._answer(client, server, trip, left)

    async def _request(self, client: End, trip: Trip) -> Head:
        """Wait for the head of a request, but not for long: what is no head, or not a whole one, is carried all the same."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + HEAD_S
        timer = loop.call_later(HEAD_S, trip.changed.set)
        try:
            await trip.until(lambda: _has_head(client) or client.ended or loop.time() >= due_s)
        finally:
            timer.cancel()
        raw, ends, _ = bytes(client.buffer[:HEAD_BYTES_MAX]).partition(HEAD_ENDS)
        return _with_head(request_head(raw), len(raw) + len(ends)) if ends else UNKNOWN_CALL

    async def _forward(self, client: End, server: End, trip: Trip, request: Head) -> int:
        """Carry a request; returns how many of its bytes are still to come when the connector begins to answer (it may do so by the head alone)."""
        assert request.body_bytes is not None
        passing = trip.suffers.request_bytes
        if passing is not None and passing < request.body_bytes:
            await self._pump_until_answered(client, server, trip, passing)
            self.traffic.cut_at_byte(trip, "call-cut")
            raise Cut(RESET)
        self.traffic.row("call-passed", trip, trip.suffers.delayed)
        garbling = trip.garbling("request", request.body_bytes - request.head_bytes)
        if garbling is not None:
            return await self._pump_garbled(client, server, trip, request, garbling, "call-garbled")
        return await self._pump_until_answered(client, server, trip, request.body_bytes)

    async def _answer(self, client: End, server: End, trip: Trip, left: int) -> bool:
        """Carry an answer, and then what is left of its request; returns whether another call may follow."""
        while True:
            head = await self._answer_begins(client, server, trip)
            if head is None:
                return False
            if head.status >= 200 or head.status == 0:
                break
            await self._pump(server, client, trip, head.body_bytes or 0)  # "100 Continue" and its like: the request goes on
            left = await self._pump_until_answered(client, server, trip, left)
        self.traffic.strike(BEFORE_ANSWER, trip)
        suffers = trip.suffers
        silent = suffers.swallowed + suffers.lost
        if silent:
            self.traffic.row("answer-lost", trip, silent)
            if suffers.reset:
                raise Cut(RESET)
            await self._silence(client, server, trip, silent)
        if suffers.answer_bytes is not None and (head.body_bytes is None or suffers.answer_bytes < head.body_bytes):
            self.traffic.cut_at_byte(trip, "answer-lost")
            await self._pump(server, client, trip, suffers.answer_bytes)
            raise Cut(RESET)
        await self.traffic.pause(trip)
        if head.body_bytes is None:
            await self._both_ways(client, server, trip)
            self._answered(trip, head, client)
            return False
        garbling = trip.garbling("answer", head.body_bytes - head.head_bytes)
        if garbling is not None:
            await self._pump_garbled(server, client, trip, head, garbling, "answer-garbled")
            self.traffic.strike(AFTER_ANSWER, trip)
            return False
        await self._pump(server, client, trip, head.body_bytes)
        self._answered(trip, head, client)
        left = await self._pump_until_answered(client, server, trip, left, or_ends=True) if left else 0
        if left and not client.ended:
            await self._linger(client, trip)
        return not left and not client.ended and not server.ended

    async def _linger(self, client: End, trip: Trip) -> None:
        """End towards a caller who still sends what nobody reads: closing at once would be a reset, and a reset takes away unread answers."""
        client.end()
        loop = asyncio.get_running_loop()
        due_s = loop.time() + LINGER_S
        timer = loop.call_later(LINGER_S, trip.changed.set)

        def over() -> bool:
            client.take(len(client.buffer))
            return client.ended or loop.time() >= due_s

        try:
            await trip.until(over)
        finally:
            timer.cancel()

    def _answered(self, trip: Trip, head: Head, client: End) -> None:
        if not client.lost and not client.ended:
            self.traffic.row("answer-passed", trip, status=head.status)
        self.traffic.strike(AFTER_ANSWER, trip)
        trip.facts = {}

    async def _answer_begins(self, client: End, server: End, trip: Trip) -> Head | None:
        """Wait for the head of an answer. None: the connector said nothing and is gone, or the caller is."""
        await trip.until(lambda: _has_head(server) or server.ended or client.ended)
        if client.ended and not server.ended and not _has_head(server):
            self.traffic.row("call-given-up", trip)
            # A caller that only said that he sends no more still listens; one that is gone is found out when the answer is written.
            await trip.until(lambda: _has_head(server) or server.ended or client.lost)
            if client.lost:
                return None
        raw, ends, _ = bytes(server.buffer[:HEAD_BYTES_MAX]).partition(HEAD_ENDS)
        if not ends and not server.buffer:
            raise Cut(RESET)  # the connector went away in mid-call, and so does the path's end towards the caller
        return _with_head(answer_head(raw), len(raw) + len(ends)) if ends else Head({}, 0, None)

    async def _silence(self, client: End, server: End, trip: Trip, names: Collection[str]) -> NoReturn:
        """Let everything vanish that comes from either side."""

        def gone() -> bool:
            client.take(len(client.buffer))
            server.take(len(server.buffer))
            return client.ended

        await self.traffic.silence(trip, names, gone)

    async def _pump(self, source: End, sink: End, trip: Trip, count: int) -> None:
        """Carry a number of bytes; raises Cut when the source ends before."""
        while count > 0:
            await trip.until(lambda: (source.buffer or source.ended) and not sink.blocked)
            piece = source.take(min(count, PIECE_BYTES))
            if not piece:
                raise Cut(RESET)
            count -= len(piece)
            sink.write(piece)
        await trip.until(lambda: not sink.blocked)

    async def _pump_garbled(self, source: End, sink: End, trip: Trip, head: Head, garbling: Garbling, kind: str) -> int:
        """Carry a message of which a fault garbles the body; returns 0: nothing of it is left. Raises Cut when the source ends before."""
        assert head.body_bytes is not None
        rest = head.body_bytes - head.head_bytes - garbling.at_byte
        written = source.take(head.head_bytes)
        # A message that is cut seems whole: its head tells of the bytes that are there.
        sink.write(_LENGTH.sub(rb"\g<1>%d" % garbling.at_byte, written) if garbling.cut else written)
        await self._pump(source, sink, trip, garbling.at_byte)
        self.traffic.cut_at_byte(trip, kind)
        await self._swallow(source, trip, rest if garbling.cut else 1)
        if not garbling.cut:
            sink.write(NO_JSON)
            await self._pump(source, sink, trip, rest - 1)
        return 0

    async def _swallow(self, source: End, trip: Trip, count: int) -> None:
        """Take a number of bytes and let them vanish; raises Cut when the source ends before."""
        while count > 0:
            await trip.until(lambda: source.buffer or source.ended)
            piece = source.take(min(count, PIECE_BYTES))
            if not piece:
                raise Cut(RESET)
            count -= len(piece)

    async def _pump_until_answered(self, client: End, server: End, trip: Trip, count: int, *, or_ends: bool = False) -> int:
        """Carry bytes of a request until the connector says something or goes; returns how many are still to come.

        Args:
            client: the caller.
            server: the connector.
            trip: the call.
            count: bytes of the request that are still to come.
            or_ends: a caller who ends before is no reason to cut, because he has had his answer.

        Raises:
            Cut: the caller ended before.
        """

        def answered() -> bool:
            return bool(server.buffer) or server.ended

        while count > 0:
            await trip.until(lambda: ((client.buffer or client.ended) and not server.blocked) or answered())
            if answered():
                return count
            piece = client.take(min(count, PIECE_BYTES))
            if not piece:
                if or_ends:
                    return count
                raise Cut(RESET)
            count -= len(piece)
            server.write(piece)
        await trip.until(lambda: not server.blocked or answered())
        return 0

    async def _both_ways(self, client: End, server: End, trip: Trip) -> None:
        """Carry bytes both ways without understanding them, until both sides have ended."""
        open_ends = {id(client): (client, server), id(server): (server, client)}
        while open_ends:
            await trip.until(lambda: any((end.buffer and not other.blocked) or end.ended for end, other in open_ends.values()))
            if trip.suffers.swallowed or trip.suffers.lost:
                await self._silence(client, server, trip, trip.suffers.swallowed + trip.suffers.lost)
            for end, other in tuple(open_ends.values()):
                if end.buffer and not other.blocked:
                    other.write(end.take(PIECE_BYTES))
                if end.ended and not end.buffer:
                    other.end()
                    del open_ends[id(end)]
                if end.lost and end is client:
                    return


_LENGTH: Final = re.compile(rb"(?im)^(content-length:[ \t]*)[0-9]+")


def _has_head(end: End) -> bool:
    return HEAD_ENDS in end.buffer or len(end.buffer) > HEAD_BYTES_MAX


def _with_head(head: Head, head_bytes: int) -> Head:
    """Return a head whose `body_bytes` count the head itself too: what is to be carried in all."""
    return head if head.body_bytes is None else Head(head.facts, head.status, head.body_bytes + head_bytes, head_bytes)


def _reset(connection: socket.socket) -> None:
    reset_on_close(connection)
    connection.close()
