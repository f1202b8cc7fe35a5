"""A company: one company file, open. The outside of the room; see `Company`."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.company.asked.about import host
from emulator.company.books import Books
from emulator.company.caller import Caller
from emulator.company.condensing import condense
from emulator.company.explaining import Explainer
from emulator.company.features import FILE_PREFERENCES
from emulator.company.iterators import Iterators
from emulator.company.lists import make_special
from emulator.company.operations import Operations, Unforeseen
from emulator.company.sets import SetRun
from emulator.company.snapshots import Snapshot, Snapshots
from emulator.company.store import Store
from emulator.company.switches import SWITCHES
from emulator.company.truth import Truth
from emulator.core.switches import Setting, SwitchSettings
from emulator.qbxml.messages import MessageSet
from emulator.qbxml.places import Places
from emulator.qbxml.switches import Choices

if TYPE_CHECKING:
    from emulator.company.description import CompanyDescription
    from emulator.company.exchange import Exchange

ClockNow = Callable[[], datetime]
"""Gives the present moment of the story, aware."""


class Company:
    """A company file, open: performs message sets and shows its truth. One thread at a time.

    Make one with `create` or `open`. Everything that changes the file is one SQLite transaction, committed when the call returns.

    Attributes:
        truth: read-only views for checks.
    """

    def __init__(self, store: Store, clock_now: ClockNow, settings: Mapping[str, Setting]) -> None:
        self._store = store
        self._snapshots = Snapshots(store)
        self._clock_now = clock_now
        facts = _facts(store)
        self._books = Books(store, facts, settings, clock_now)
        self._iterators = Iterators(
            str(facts["stamp"]),
            int(settings["company.iterators-open-max"]),
            settings["company.iterator-membership"] == "live",
            self._books.now,
        )
        self._books.defaults.make_special = partial(make_special, self._books)
        self._operations = Operations(self._books, self._iterators)
        self.truth = Truth(self._books)

    @classmethod
    def create(
        cls,
        path: Path | None,
        description: "CompanyDescription",
        clock_now: ClockNow,
        switches: SwitchSettings | None = None,
        durable: bool = False,
        bare: bool = False,
    ) -> "Company":
        """Make a company file from a description and return it open.

        Args:
            path: where the file goes; None keeps the company in memory.
            description: see `description.load_description`.
            clock_now: the present moment; asked for every record.
            switches: settings in force; None stands for all defaults.
            durable: sync every commit, for power loss; a killed process loses nothing either way.
            bare: make no lists and no history: the records are to be imported from the answers of another file.

        Raises:
            UserMistake: there is a file already, the folder cannot be written, or the description breaks a rule.
        """
        # Loaded when a company is made, like the models of descriptions: a sample that is shipped made needs neither.
        from emulator.company.fill import fill

        settings = settings_of(switches)
        return cls.filled(path, lambda new: fill(new, description, settings, clock_now(), bare), clock_now, switches, durable)

    @classmethod
    def filled(
        cls,
        path: Path | None,
        write: Callable[[Store], None],
        clock_now: ClockNow,
        switches: SwitchSettings | None = None,
        durable: bool = False,
    ) -> "Company":
        """Make a company file, have `write` fill it in one transaction, and return it open. Other arguments and errors as for `create`."""
        return cls(Store.create(path, write, durable), clock_now, settings_of(switches))

    @classmethod
    def open(cls, path: Path, clock_now: ClockNow, switches: SwitchSettings | None = None, durable: bool = False) -> "Company":
        """Open a company file that exists. Arguments as for `create`.

        Raises:
            UserMistake: not there, not a company file, damaged, made by a newer FakeBooks, or in use by another process.
        """
        return cls(Store.open(path, durable), clock_now, settings_of(switches))

    def begin_set(self, message_set: MessageSet, caller: Caller, unforeseen: Unforeseen | None = None) -> SetRun:
        """Begin a message set: iterate over the run and perform each step; each answer is written before the next is performed.

        Args:
            message_set: as it was read.
            caller: the session behind it.
            unforeseen: told of a mistake of our own within one request, which is then answered 1000 (an internal error, documented) with
                nothing written, and the set goes on. Without it the error is raised.
        """
        self._snapshots.tidy()
        return SetRun(self._books, self._operations, message_set, caller, unforeseen)

    def explainer(self, places: Callable[[], Places], choices: Choices) -> Explainer:
        """Return who explains the error statuses of one document to people.

        Args:
            places: tells where things stand in the document; called when there is something to explain.
            choices: the switches of qbXML the document was read with.
        """
        return Explainer(self._books, places, choices)

    @cached_property
    def exchange(self) -> "Exchange":
        """What goes in from other files, and out to them."""
        # Loaded when it is asked for: it takes as long as all else of the room, and no QuickBooks that is only started needs it.
        from emulator.company.exchange import Exchange

        return Exchange(self._books, self._operations)

    def end_session(self, session: str) -> None:
        """Forget what belongs to a session that ended: its iterators."""
        self._iterators.end_session(session)

    def snapshot(self) -> Snapshot:
        """Return the present state of the company, to go back to with `restore`. It costs nothing of the size of the company.

        The file goes on as before: what is committed is on the disk. A snapshot ends with the object, or when the company is closed.

        Raises:
            UserMistake: a request is being performed (between two requests of a message set is right).
        """
        return self._snapshots.take(self._iterators.started)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, in one transaction: records, numbers given out, stored outcomes and all else that the file holds.

        Iterators are gone: Continue is answered 3391. Any snapshot can be restored as often as it is wanted, an older one too; those taken
        later stay good. Sessions, dialogs and the journal are not the company's and stay as they are.

        Raises:
            UserMistake: a request is being performed, or it is a snapshot of another opening of a company.
        """
        self._snapshots.restore(snapshot)
        self._books.facts.clear()
        self._books.facts.update(_facts(self._store))
        self._books.read_features()
        self._iterators.end_all(snapshot.started)

    def fork(self, path: Path | None = None) -> "Company":
        """Return a copy of the company, open, that goes its own way from here.

        Args:
            path: where its file goes; None keeps it in memory. A file is as durable as that of this company.
                The clock and the switches of the copy are those of this company; it has no iterators.

        Raises:
            UserMistake: a request is being performed, there is something at `path`, or its folder is not writable.
        """
        copies = self._snapshots
        store = copies.copy_in_memory() if path is None else Store.open(copies.copy_to(path), self._store.durable)
        return Company(store, self._clock_now, self._books.settings)

    @property
    def name(self) -> str:
        """Name of the company."""
        return str(self._books.facts["name"])

    @property
    def path_shown(self) -> str:
        """The Windows path that clients see."""
        return str(self._books.facts["path_shown"])

    @property
    def timezone(self) -> str:
        """IANA name of the time zone."""
        return str(self._books.facts["timezone"])

    @property
    def edition(self) -> str:
        """Pro, Premier or Enterprise."""
        return str(self._books.facts["edition"])

    @property
    def year(self) -> int:
        """Year of the QuickBooks version, such as 2024."""
        return int(self._books.facts["year"])

    @property
    def seats(self) -> int:
        """How many users may have the file open at once."""
        return int(self._books.facts["seats"])

    @property
    def users(self) -> list[dict[str, Any]]:
        """Users of the file: name, role, and what is kept of their passwords (a hash, and since when)."""
        return list(self._books.facts["users"])

    @property
    def has_sensitive_data(self) -> bool:
        """Whether the file keeps sensitive data: the rule that passwords must be complex and run out (`complex_password` is whether they are)."""
        return bool(self._books.facts.get("sensitive_data", False))

    @property
    def apps(self) -> list[dict[str, Any]]:
        """Integrated applications: name, granted_by, login, login_as, personal_data, allowed, certificate."""
        return list(self._books.facts["apps"])

    @property
    def no_applications(self) -> bool:
        """Whether the preferences say that no application may access the file."""
        return bool(self._books.facts.get("no_applications", False))

    @property
    def certificate_notice(self) -> bool:
        """Whether the preferences ask for a notice of certificates that run out."""
        return bool(self._books.facts.get("certificate_notice", True))

    @property
    def complex_password(self) -> bool:
        """Whether complex passwords protected the file when it was made (what users have set since stands with them, as `password_simple`)."""
        return bool(self._books.facts.get("complex_password", True))

    def prefer(self, name: str, value: bool) -> None:
        """Keep one of the preferences about programs: `no_applications`, `certificate_notice` or `complex_password`."""
        assert name in FILE_PREFERENCES, name
        self._change(name, value)

    def areas_of(self, user: str) -> dict[str, str]:
        """Return what the Admin has cut of a user's role: area -> level (`rights.AREAS`, `rights.LEVELS`); what is not there is whole."""
        return dict(self._books.facts.get("areas", {}).get(user.casefold(), {}))

    def limit(self, user: str, areas: Mapping[str, str]) -> None:
        """Keep what is cut of a user's role, in place of what was cut before; nothing makes the role whole again."""
        others = {name: cut for name, cut in self._books.facts.get("areas", {}).items() if name != user.casefold()}
        self._change("areas", {**others, user.casefold(): dict(areas)} if areas else others)

    def forget_grant(self, name: str) -> None:
        """Take an integrated application out of the list: it is unknown again."""
        self._change("apps", [each for each in self._books.facts["apps"] if each["name"] != name])

    @property
    def closing_date(self) -> date | None:
        """The date on or before which the books are closed."""
        text = self._books.facts.get("closing_date")
        return date.fromisoformat(text) if text else None

    @property
    def closing_date_has_password(self) -> bool:
        """Whether people need a password to pass the closing date."""
        return bool(self._books.facts.get("closing_date_has_password", True))

    @property
    def stamp(self) -> str:
        """Hash of the file as it was made: two companies with the same stamp began alike."""
        return str(self._books.facts["stamp"])

    @property
    def path(self) -> Path | None:
        """Where the file is; None in memory."""
        return self._store.path

    def close_books(self, closing_date: date | None, *, password: bool = True) -> None:
        """Set or take away the closing date; a password keeps people from passing it (switch company.closing-date-without-password)."""
        self._change("closing_date_has_password", password)
        self._change("closing_date", closing_date.isoformat() if closing_date else None)

    def condense(self, before: date) -> tuple[int, int]:
        """Summarise what is closed and older than a day; see `condensing.condense`. Iterators are gone."""
        told = condense(self._books, before)
        self._iterators.end_all(self._iterators.started)
        return told

    def set_preferences(self, changes: Mapping[str, Any]) -> None:
        """Switch features of the file on or off, as people do in its preferences; what is in the books stays.

        Args:
            changes: fields of `description.Preferences`, with what each is to be.
        """
        from emulator.company.description import Preferences

        preferences = Preferences.model_validate({**(self._books.facts.get("preferences") or {}), **changes})
        self._change("preferences", preferences.model_dump(mode="json"))
        self._books.read_features()

    @property
    def preferences(self) -> dict[str, Any]:
        """The preferences of the file, by the names of `description.Preferences`."""
        return dict(self._books.facts.get("preferences") or {})

    def has_feature(self, feature: str) -> bool:
        """Return whether the file has a feature (names: features.py): it is switched on, and the edition has it."""
        return self._books.features.has(feature)

    def limit_lists(self, entries_max: Mapping[str, int] | None) -> None:
        """Say how many names (`entity`) and items (`item`) the file takes at most, beside the limit of its edition; None: no limit but that."""
        self._books.entries_max = dict(entries_max or {})

    def count_entries(self) -> dict[str, int]:
        """Return how many names and how many items the file holds, by family: `entity`, `item`."""
        statement = "SELECT family, count(*) FROM list_record WHERE family IN ('entity', 'item') GROUP BY family"
        return dict(self._store.execute(statement).fetchall())

    def limit_iterators(self, idle_s: float | None = None, open_max: int | None = None) -> None:
        """Say for how long an iterator may idle, in story seconds, and how many one session may hold; None: as ever."""
        self._iterators.limit(idle_s, open_max)

    def lose_iterators(self) -> int:
        """Forget the iterators of all sessions; returns how many were open."""
        return self._iterators.lose_all()

    def grant(self, app: Mapping[str, Any]) -> None:
        """Keep what was granted to an integrated application (fields of `description.App`), replacing what it had before."""
        others = [each for each in self._books.facts["apps"] if each["name"] != app["name"]]
        self._change("apps", [*others, dict(app)])

    def keep_users(self, users: Sequence[Mapping[str, Any]]) -> None:
        """Keep who may use the file, in which role, in place of what it had; fields as in `users`."""
        self._change("users", [dict(each) for each in users])

    @property
    def host_info(self) -> dict[str, str]:
        """Name, version numbers and country of the QuickBooks that has the file open, as HostQuery and events tell them."""
        told = host(self._books, Caller(session=""), {})
        return {name: str(told[name]) for name in ("ProductName", "MajorVersion", "MinorVersion", "Country")}

    def note_lost_events(self, subscriber: str) -> None:
        """Keep that a subscriber (its SubscriberID) begins to lose events of this company now; an earlier moment stays."""
        if subscriber in self._books.lost_events:
            return
        with self._store.atomic():
            self._books.set_lost_events({**self._books.lost_events, subscriber: self._books.now()})

    def lost_events_since(self, subscriber: str) -> str:
        """Return since when a subscriber has lost events, as DataEventRecoveryTime tells it; empty when it has lost none."""
        since = self._books.lost_events.get(subscriber)
        return "" if since is None else self._books.local_time.text(since)

    def _change(self, name: str, value: object) -> None:
        with self._store.atomic():
            self._store.set_settings([(name, value)])
        self._books.facts[name] = value

    def close(self) -> None:
        """Close the file and free its lock. Safe to call twice."""
        self._store.close()


def settings_of(switches: SwitchSettings | None) -> dict[str, Setting]:
    """Return the settings of this room's switches as a plain dict: they are read for every line of an invoice."""
    chosen = switches if switches is not None else SwitchSettings([SWITCHES])
    return {switch.name: chosen[switch.name] for switch in SWITCHES}


def _facts(store: Store) -> dict[str, Any]:
    return {row[0]: json.loads(row[1]) for row in store.execute("SELECT name, value FROM setting")}
