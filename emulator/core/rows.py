"""Very many rows in little memory: the last ones as they are, those before them in a file that nobody else sees.

The file has no name (it is unlinked as soon as it is open), so it is gone with the process, however that ends. What is read back equals what
was appended: rows are flat JSON objects.
"""

import json
import os
import tempfile
import threading
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, overload

Row = dict[str, Any]

KEPT_MAX: Final = 16_384
"""Rows kept in memory as they are: some ten megabytes. When there are as many, the older half goes to the file."""

BLOCK: Final = 256
"""Rows that are read back together; only where each block begins is kept in memory."""

BLOCKS_CACHED: Final = 8


def line(row: Row) -> bytes:
    """Return one row as a line: JSON in UTF-8, facts in the order they were given."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


class Rows(Sequence[Row]):
    """Rows in order, as many as the disk holds. Any thread may append and read.

    Args:
        kept_max: rows kept in memory at most.
    """

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        assert kept_max >= 2 * BLOCK, kept_max
        self._kept_max = self._wanted_max = kept_max
        self._kept: list[Row] = []
        self._spilled = 0
        self._blocks = array("Q")
        self._end = 0
        self._file = -1
        self._cache: OrderedDict[int, list[bytes]] = OrderedDict()
        self._order = threading.RLock()

    def append(self, row: Row) -> None:
        """Append a row."""
        with self._order:
            self._kept.append(row)
            if len(self._kept) >= self._kept_max:
                try:
                    self._spill()
                    self._kept_max = self._wanted_max
                except OSError:
                    # A full disk ends no story: the rows stay in memory, and it is tried again with as many more.
                    self._kept_max += self._wanted_max

    def _spill(self) -> None:
        if self._file < 0:
            self._file, path = tempfile.mkstemp(prefix="fakebooks-rows-")
            Path(path).unlink()
            weakref.finalize(self, os.close, self._file)
        count = len(self._kept) // 2 // BLOCK * BLOCK
        starts, parts, end = [], [], self._end
        for start in range(0, count, BLOCK):
            text = b"".join(line(row) for row in self._kept[start : start + BLOCK])
            starts.append(end)
            parts.append(text)
            end += len(text)
        data = memoryview(b"".join(parts))
        while data:
            written = os.pwrite(self._file, data, end - len(data))
            data = data[written:]
        # Only now that all of it is there.
        self._blocks.extend(starts)
        self._end = end
        self._spilled += count
        del self._kept[:count]

    def __len__(self) -> int:
        return self._spilled + len(self._kept)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        with self._order:
            if isinstance(place, slice):
                return [self[each] for each in range(*place.indices(len(self)))]
            count = len(self)
            at = place + count if place < 0 else place
            if not 0 <= at < count:
                raise IndexError(place)
            if at >= self._spilled:
                return self._kept[at - self._spilled]
            row: Row = json.loads(self._lines(at // BLOCK)[at % BLOCK])
            return row

    def __iter__(self) -> Iterator[Row]:
        return self.holding()

    def holding(self, words: bytes = b"") -> Iterator[Row]:
        """Yield the rows in order, leaving out those in the file whose line does not hold these words; rows that come meanwhile too."""
        place = 0
        while place < len(self):
            with self._order:
                if place >= self._spilled:
                    found: list[Row] = [self._kept[place - self._spilled]]
                    place += 1
                else:
                    lines = self._lines(place // BLOCK)[place % BLOCK :]
                    place += len(lines)
                    found = [json.loads(each) for each in lines if words in each]
            yield from found

    def _lines(self, block: int) -> list[bytes]:
        """Return the lines of a block."""
        lines = self._cache.get(block)
        if lines is None:
            begin = self._blocks[block]
            end = self._blocks[block + 1] if block + 1 < len(self._blocks) else self._end
            text = b""
            while len(text) < end - begin:
                more = os.pread(self._file, end - begin - len(text), begin + len(text))
                assert more, "the file of the rows is cut short"
                text += more
            lines = self._cache[block] = text.split(b"\n")[:-1]
            if len(self._cache) > BLOCKS_CACHED:
                self._cache.popitem(last=False)
        return lines


class Picked(Sequence[Row]):
    """Some rows out of many, by their places, read when they are looked at.

    Args:
        rows: all of them.
        places: those that are meant, in order.
    """

    def __init__(self, rows: Sequence[Row], places: Sequence[int]) -> None:
        self._rows = rows
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> "Picked": ...

    def __getitem__(self, place: int | slice) -> "Row | Picked":
        if isinstance(place, slice):
            return Picked(self._rows, self._places[place])
        return self._rows[self._places[place]]

    def __iter__(self) -> Iterator[Row]:
        return (self._rows[place] for place in self._places)
