"""One end of a connection through the proxy: bytes that came and were not taken yet, and whether more will come."""

import asyncio
import socket
import struct
from typing import cast

BUFFER_BYTES_MAX = 256 * 1024
"""Bytes of one direction that are held before the sender has to wait (our choice)."""


class End(asyncio.Protocol):
    """Collects what one side sends and writes what it shall get.

    Args:
        changed: set at everything that happens here.
    """

    def __init__(self, changed: asyncio.Event) -> None:
        self._changed = changed
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._ending = False
        self.buffer = bytearray()
        self.ended = False
        """The other side sends no more."""
        self.lost = False
        """The connection is gone."""
        self.blocked = False
        """The other side takes no more bytes for now."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio)."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)  # so that `blocked` means: not everything is written

    def data_received(self, data: bytes) -> None:
        """Keep what came (asyncio)."""
        self.buffer += data
        if len(self.buffer) > BUFFER_BYTES_MAX and self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._changed.set()

    def eof_received(self) -> bool:
        """Note that the other side sends no more; it may still listen (asyncio)."""
        self.ended = True
        self._changed.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone (asyncio)."""
        self.ended = self.lost = True
        self.blocked = False
        self._changed.set()

    def pause_writing(self) -> None:
        """Note that the other side is slow (asyncio)."""
        self.blocked = True

    def resume_writing(self) -> None:
        """Note that it has caught up (asyncio)."""
        self.blocked = False
        self._end_if_written()
        self._changed.set()

    def take(self, count: int) -> bytes:
        """Return up to `count` bytes that came, and forget them here."""
        piece = bytes(self.buffer[:count])
        del self.buffer[:count]
        if self._paused and len(self.buffer) <= BUFFER_BYTES_MAX and self._transport is not None and not self.lost:
            self._paused = False
            self._transport.resume_reading()
        return piece

    def write(self, data: bytes) -> None:
        """Send bytes; a connection that is gone takes them silently, as the network does."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def end(self) -> None:
        """Say that no more bytes follow."""
        if self._transport is not None and not self._transport.is_closing():
            self._ending = True
            self._end_if_written()

    def _end_if_written(self) -> None:
        """Shut the sending half down, after the last byte. asyncio's own `write_eof` fails aloud when the other side has gone a moment ago."""
        if not self._ending or self.blocked or self._transport is None or self._transport.is_closing():
            return
        self._ending = False
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        try:
            if connection is not None:
                connection.shutdown(socket.SHUT_WR)
        except OSError:  # it is gone, and asyncio does not know yet; not at once, because this may be asyncio calling
            asyncio.get_running_loop().call_soon(self.reset)

    def close(self) -> None:
        """Close when everything is written."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Break the connection off: the other side sees a reset."""
        if self._transport is None or self.lost:
            return
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            reset_on_close(connection)
        self._transport.abort()


def reset_on_close(connection: socket.socket) -> None:
    """Let the closing of a socket be a reset (RST) instead of an orderly end (FIN): linger of 0 s."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
