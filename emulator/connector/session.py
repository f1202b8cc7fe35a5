"""The connector's one session with QuickBooks: made when it is needed, kept, given up when it fails, made again with growing pauses.

One session at a time, used by one task at a time (`Service` sees to it). It is held open for days, as the page describes ("continuous
connection"), and every session that was begun is ended (invariant I15), except when the process is killed.
"""

from collections.abc import Callable
from typing import Final

from emulator.connector.intents import IntentLog
from emulator.connector.link import LinkFailed, QuickBooksLink
from emulator.connector.reasons import COMPANY_UNCONFIRMED, OTHER_COMPANY
from emulator.core.clock import Clock
from emulator.desktop.paths import same_spelling
from emulator.desktop.results import REFUSED_WHOLE, Code

PAUSES_S: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Story seconds between tries to connect; the last one stays (our choice: a person who has logged in again waits a minute at most)."""

SESSION_LOST: Final = frozenset({Code.WRONG_TICKET, Code.NO_SESSION})
"""QuickBooks no longer knows the session: a new one is made, once, and no pause comes before it (COM04). It proves nothing about a write:
the ticket may have been lost after the books were changed."""

DOCUMENT_REFUSED: Final = REFUSED_WHOLE
"""QuickBooks refused the document as a whole and has done nothing; the session stands."""


class Session:
    """Keeps one session.

    Args:
        link: the way to QuickBooks.
        log: knows the linked company file.
        clock: for pauses.
        changed: called with what became of it: None for a session that stands, or the failure.
        company_file: the company file that a person named for this connector; empty for none.
    """

    def __init__(
        self,
        link: QuickBooksLink,
        log: IntentLog,
        clock: Clock,
        changed: Callable[[LinkFailed | None], None],
        company_file: str = "",
    ) -> None:
        self._company_file = company_file
        self._link = link
        self._log = log
        self._clock = clock
        self._changed = changed
        self._failed: LinkFailed | None = None
        self._failures = 0
        self._next_try_s = 0.0
        self.open = False
        self.used_s = 0.0
        """Story time of the last call that went well."""

    @property
    def pause_s(self) -> float:
        """Return the story seconds until the next try to connect is due."""
        return max(self._next_try_s - self._clock.elapsed_s(), 0.0)

    async def ensure(self) -> None:
        """Have a session. Within the pause after a failure the failure is raised again at once: QuickBooks is not hammered.

        Raises:
            LinkFailed: it cannot be had. Nothing was written.
        """
        if self.open:
            return
        if self._failed is not None and self.pause_s > 0:
            raise self._failed
        try:
            path = await self._link.begin()
            self._check_company(path)
        except LinkFailed as failure:
            await self._fail(failure)
            raise
        self.open = True
        self.used_s = self._clock.elapsed_s()
        # The pauses go on growing until a call goes well: a QuickBooks that takes sessions and fails every request is no better.
        self._failed = None
        self._changed(None)

    def _check_company(self, path: str) -> None:
        """Never write to another company than the linked one (invariant I17).

        The first file a new connector meets is linked to it. One that has lost its memory, and with it the link, writes to no file that a
        person has not named: the file that happens to be open may be anybody's.
        """
        linked = self._log.company
        if not linked and not self._company_file and self._log.memory_lost:
            raise LinkFailed(
                COMPANY_UNCONFIRMED,
                f"the intent log was lost ({self._log.memory_lost}), and with it which company file this connector belongs to; QuickBooks has"
                f" {path or 'some file'} open: a person must confirm the right one by setting `company_file` in the connector's config",
            )
        if not path:
            return
        if not linked:
            self._log.link_company(path)
        elif not same_spelling(linked, path):
            raise LinkFailed(
                OTHER_COMPANY,
                f"QuickBooks has {path} open, and this connector belongs to {linked}: open that file, or give the connector an intent log of"
                " another name",
            )

    async def process(self, document: str, *, writes: bool = False) -> str:
        """Give one document to QuickBooks, in a session that stands; one that QuickBooks has forgotten is made again once.

        Args:
            document: the qbXML.
            writes: it changes the books: once sent it is never sent again here, whatever became of the session. A question may be.

        Raises:
            LinkFailed: with `outcome_unknown` when it may have been done.
        """
        await self.ensure()
        try:
            answer = await self._link.process(document)
        except LinkFailed as failure:
            if failure.code in DOCUMENT_REFUSED:
                raise
            if failure.code not in SESSION_LOST:
                await self._fail(failure)
                raise
            self.open = False
            if writes and failure.outcome_unknown:
                raise  # in a new session, which the next call makes, QuickBooks can be asked
            await self.ensure()
            try:
                answer = await self._link.process(document)
            except LinkFailed as second:
                await self._fail(second)
                raise
        self.used_s = self._clock.elapsed_s()
        self._failures = 0
        return answer

    async def _fail(self, failure: LinkFailed) -> None:
        self.open = False
        self._failed = failure
        self._next_try_s = self._clock.elapsed_s() + PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
        self._failures += 1
        self._changed(failure)
        await self._link.end()

    async def end(self) -> None:
        """End the session, if there is one."""
        self.open = False
        await self._link.end()
