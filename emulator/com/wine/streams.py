"""Standard streams of a Windows program that are files here: they are given to it as pipes.

Wine hands a file on without the right to ask what it is (observed: Wine 8). A program whose C runtime asks dies before it has begun - a Windows
Python does ("can't initialize sys standard streams") -, and in CI a log is a file more often than not.
"""

import os
import select
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

from emulator.com.exec import Streams
from emulator.core.errors import UserMistake

_PIECE_BYTES: Final = 65536


@contextmanager
def piped(standard: tuple[int, int, int] = (0, 1, 2)) -> Iterator[Streams]:
    """Yield the streams for a program to be started; at the end what it wrote is in the files.

    The end is that of the program, not of its pipes: what Wine keeps running for it may hold them open for longer.
    """
    source, *sinks = standard
    with ExitStack() as stack:
        given: list[int | None] = [None, None, None]
        if _is_file(source):
            given[0] = stack.enter_context(_fed_from(source))
        for place, sink in enumerate(sinks, 1):
            if not _is_file(sink):
                continue
            if place == 2 and given[1] is not None and os.path.sameopenfile(*sinks):
                given[2] = given[1]  # one file for both keeps its order
            else:
                given[place] = stack.enter_context(_copied_to(sink))
        yield given[0], given[1], given[2]


def _is_file(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False  # closed: the program has none either


@contextmanager
def _copied_to(sink: int) -> Iterator[int]:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    ended_r, ended_w = os.pipe()

    lost: list[OSError] = []

    def copy() -> None:
        try:
            while True:
                ready, _, _ = select.select([reading, ended_r], [], [])
                with suppress(BlockingIOError):
                    while piece := os.read(reading, _PIECE_BYTES):
                        while piece:
                            piece = piece[os.write(sink, piece) :]
                if ended_r in ready:
                    break
        except OSError as error:  # the disk is full, say
            lost.append(error)
        os.close(reading)  # whoever still writes is told, and does not wait

    thread = threading.Thread(target=copy, name="fakebooks-stream", daemon=True)
    thread.start()
    try:
        yield writing
    finally:
        os.close(writing)
        os.close(ended_w)
        thread.join()
        os.close(ended_r)
    if lost:
        raise UserMistake(f"what the program wrote was lost: {lost[0].strerror}", where="its standard output or error")


@contextmanager
def _fed_from(source: int) -> Iterator[int]:
    """What the program did not read is not taken from the file: a loop over its lines around the program goes on behind them."""
    begin = os.lseek(source, 0, os.SEEK_CUR)
    reading, writing = os.pipe()
    handed, is_over = 0, threading.Event()

    def feed() -> None:
        nonlocal handed
        with suppress(OSError):
            while not is_over.is_set() and (piece := os.pread(source, _PIECE_BYTES, begin + handed)):
                handed += os.write(writing, piece)
        os.close(writing)

    thread = threading.Thread(target=feed, name="fakebooks-stream", daemon=True)
    thread.start()
    try:
        yield reading
    finally:
        is_over.set()
        left = 0
        # A feeder that waits for room in the pipe gets it, and looks up then.
        while piece := os.read(reading, _PIECE_BYTES):
            left += len(piece)
        thread.join()
        os.close(reading)
        os.lseek(source, begin + handed - left, os.SEEK_SET)
