"""Iterators: reading a long query page by page.

Documented: Start needs MaxReturned (3150 without); the same iteratorID serves all pages; it lives only in the session that started it
and dies with it; filters are repeated on Continue (switch company.iterator-filters-on-continue; ignored here, for the records are
fixed at Start unless company.iterator-membership says live); Stop frees it. An unknown or foreign iteratorID is 3391, and so is a
finished one (company.iterator-after-last-page); too many open ones 3390 (company.iterators-too-many). iteratorRemainingCount is what is left
after a page, 0 on the last, and the iterator is gone then.
"""

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.company.refusals import refuse


@dataclass
class Iterator:
    """One open iterator: what is still to be answered, by the keys of its query."""

    iterator_id: str
    noun: str
    keys: Sequence[Any]
    page: int
    place: int = 0
    used: int = 0
    answered: set[Hashable] = field(default_factory=set)

    @property
    def left(self) -> int:
        """How many records are still to be answered."""
        return len(self.keys) - self.place


class Iterators:
    """The open iterators of a company, per session.

    Args:
        seed: makes iterator ids repeatable: the stamp of the company.
        open_max: how many one session may hold.
        live: look the records up again for every page (switch company.iterator-membership).
        now: tells the present moment, unix seconds.
    """

    def __init__(self, seed: str, open_max: int, live: bool, now: Callable[[], int]) -> None:
        self._seed = seed
        self._open_max = self._usual_max = open_max
        self._idle_s: float | None = None
        self._live = live
        self._now = now
        self._started = 0
        self._open: dict[str, dict[str, Iterator]] = {}

    def start(self, session: str, noun: str, page: int | None, select: Callable[[], Sequence[Hashable]]) -> Iterator:
        """Open an iterator over the keys `select` gives.

        Raises:
            Refusal: 3150 without a size of page, 3390 when the session holds as many iterators as it may.
        """
        if not page:
            raise refuse(3150, field="MaxReturned")
        mine = self._open.setdefault(session, {})
        if len(mine) >= self._open_max:
            raise refuse(3390)
        self._started += 1
        digest = hashlib.sha256(f"{self._seed} {session} {self._started}".encode()).hexdigest()
        name = f"{{{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}}}"
        iterator = Iterator(name, noun, select(), page, used=self._now())
        mine[name] = iterator
        return iterator

    def resume(
        self, session: str, noun: str, iterator_id: str, page: int | None, select: Callable[[], Sequence[Hashable]]
    ) -> Iterator:
        """Return an open iterator for its next page. Raises 3391 when the session has none of this id and noun."""
        iterator = self._find(session, noun, iterator_id)
        iterator.page = page or iterator.page
        if self._live:
            iterator.keys, iterator.place = [key for key in select() if key not in iterator.answered], 0
        return iterator

    def take(self, session: str, iterator: Iterator) -> list[Any]:
        """Return the keys of the next page; after the last one the iterator is closed."""
        rows = list(iterator.keys[iterator.place : iterator.place + iterator.page])
        iterator.place += len(rows)
        if self._live:
            iterator.answered.update(rows)
        if not iterator.left:
            del self._open[session][iterator.iterator_id]
        return rows

    def stop(self, session: str, noun: str, iterator_id: str) -> None:
        """Close an iterator before its end. Raises 3391 for one that is not open."""
        iterator = self._find(session, noun, iterator_id)
        del self._open[session][iterator.iterator_id]

    def end_session(self, session: str) -> None:
        """Forget the iterators of a session that ended."""
        self._open.pop(session, None)

    def limit(self, idle_s: float | None, open_max: int | None) -> None:
        """Say for how long an iterator may idle before it is lost, and how many a session may hold; None: as ever."""
        self._idle_s = idle_s
        self._open_max = self._usual_max if open_max is None else open_max

    def lose_all(self) -> int:
        """Forget the iterators of all sessions; returns how many were open."""
        lost = sum(len(mine) for mine in self._open.values())
        self._open.clear()
        return lost

    @property
    def started(self) -> int:
        """How many have been started: what the next iteratorID is made from."""
        return self._started

    def end_all(self, started: int) -> None:
        """Forget all iterators, because the file is as it was when so many had been started."""
        self._open.clear()
        self._started = started

    def _find(self, session: str, noun: str, iterator_id: str) -> Iterator:
        iterator = self._open.get(session, {}).get(iterator_id)
        if iterator is not None and self._idle_s is not None and self._now() - iterator.used > self._idle_s:
            del self._open[session][iterator_id]
            iterator = None
        if iterator is None or iterator.noun != noun:
            raise refuse(3391, value=iterator_id, element="@iteratorID")
        iterator.used = self._now()
        return iterator
