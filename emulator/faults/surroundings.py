"""What there is in the world that a fault may ask for, as the parts have told it, and whether a fault asks for what is there.

It is filled when the world is put together, and looked at when a fault is asked for; a plan that only reads a story has one as well.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Final

from emulator.core.comparing import check_wanted, holds
from emulator.core.errors import UserMistake, nearest, unknown
from emulator.faults.kinds import Kind, ParameterValue, Path
from emulator.faults.strikes import Begin, Strike

if TYPE_CHECKING:
    from emulator.faults.grammar import FaultSpec

_IN_BRACES: Final = re.compile(r"\{([^}]*)\}")


class Surroundings:
    """The world as a plan knows it.

    Args:
        kinds: what the parts of this world declared.
        paths: the ways of calls through the parts.

    Attributes:
        begins: who begins the states of lasting faults, by effect.
    """

    def __init__(self, kinds: Iterable[Kind], paths: Iterable[Path]) -> None:
        self.kinds: dict[str, Kind] = {kind.name: kind for kind in kinds}
        self.paths = tuple(paths)
        self.begins: dict[str, Begin] = {}
        self._states: dict[str, Callable[[], object]] = {}
        self._words: dict[str, Sequence[str]] = {}
        self._names: dict[str, Callable[[], Iterable[str]]] = {}
        self._likely: dict[str, Callable[[], Iterable[str]]] = {}
        self._meant: dict[str, Callable[[Strike], Iterable[str]]] = {}
        self._out_of_reach: dict[str, UserMistake] = {}

    # ---- what the parts tell ------------------------------------------------------------------------------------------------

    def own(self, begins: Mapping[str, Begin]) -> None:
        """Say who begins the states of lasting faults, by effect; each part does it once, when it is made."""
        self.begins.update(begins)

    def know(
        self,
        states: Mapping[str, Callable[[], object]] | None = None,
        words: Mapping[str, Sequence[str]] | None = None,
        names: Mapping[str, Callable[[], Iterable[str]]] | None = None,
        likely: Mapping[str, Callable[[], Iterable[str]]] | None = None,
        meant: Mapping[str, Callable[[Strike], Iterable[str]]] | None = None,
    ) -> None:
        """Say what a fault may ask of the world.

        Args:
            states: facts of the world for `while`, by name.
            words: what those of them can be that are words; the others are whole numbers from 0.
            names: what there is of a fact of a part's calls (`quickbooks.machine`), so that a `where` that names another is refused.
            likely: the same of a fact that may come to be another (an application that connects later): another is noted, not refused.
            meant: by the words in braces of `Kind.sets` what a lasting fault is about when it begins now, given its strike: each by the one
                name that other faults about it use too.
        """
        self._states.update(states or {})
        self._words.update(words or {})
        self._names.update(names or {})
        self._likely.update(likely or {})
        self._meant.update(meant or {})

    def admit(self, kinds: Iterable[Kind], paths: Iterable[Path]) -> None:
        """Add the kinds and paths of a part that joins a world that is there already; the part joins once, or often."""
        joining = {kind.name: kind for kind in kinds}
        self.kinds.update(joining)
        for name in joining:
            self._out_of_reach.pop(name, None)
        self.paths = (*self.paths, *[path for path in paths if path not in self.paths])

    def put_out_of_reach(self, kinds: Iterable[Kind], mistake: UserMistake) -> None:
        """Say which kinds cannot strike in this world although they are known, and what to tell who asks for one."""
        self._out_of_reach.update({kind.name: mistake for kind in kinds})

    # ---- what is asked ------------------------------------------------------------------------------------------------------

    def checked(self, spec: "FaultSpec", where: str = "") -> tuple[Kind, dict[str, ParameterValue]]:
        """Return the kind of a fault and all its parameters, as far as it can be known before the story has come there.

        Raises:
            UserMistake: what it asks for is not there, whatever else is in force.
        """
        kind, parameters = spec.resolved(self.kinds, where)
        if (beyond := self._out_of_reach.get(kind.name)) is not None:
            raise UserMistake(f"fault {kind.name!r} cannot strike here: {beyond.given}", where, beyond.expected, beyond.advice)
        if kind.lasting and kind.effect not in self.begins:
            raise UserMistake(f"nothing in this world can do {kind.name!r}", where, "a fault of a part that is there")
        self._check_where(spec, kind, spec.point or kind.points[0], where)
        return kind, parameters

    def _check_where(self, spec: "FaultSpec", kind: Kind, point: str, where: str) -> None:
        path = next((path for path in self.paths if point in path.points), None)
        for fact, wanted in spec.where.items():
            if path is not None and fact not in path.facts:
                raise placed(where, self._no_fact(kind, point, fact, path.facts))
            words = self._only(point, fact)
            if words and not _is_among(wanted, words):
                raise self._wrong_at(kind, point, fact, str(wanted), words, where)
            there = self._there(self._names, point, fact)
            if there and not _is_among(wanted, there):
                raise placed(where, unknown(fact, str(wanted), there))
        for state, value in spec.when.so.items():
            if state not in self._states:
                raise placed(where, unknown("fact of the world to wait for, named", state, self._states))
            try:
                check_wanted(state, value, self._words.get(state))
            except UserMistake as mistake:
                raise placed(where, mistake) from None

    def _no_fact(self, kind: Kind, point: str, fact: str, facts: Collection[str]) -> UserMistake:
        """Return the mistake of asking for what calls at a point do not have; it tells the point of the kind where they have it."""
        mistake = unknown(f"fact of a call that {kind.name!r} can strike at {point}, named", fact, facts)
        elsewhere = next((each for each in kind.points for path in self.paths if each in path.points and fact in path.facts), "")
        advice = f"`point: {elsewhere}` is where calls have it" if elsewhere else mistake.advice
        return UserMistake(mistake.given, mistake.where, mistake.expected, advice)

    def _wrong_at(self, kind: Kind, point: str, fact: str, wanted: str, words: Sequence[str], where: str) -> UserMistake:
        """Return the mistake of asking for what no call at a point is; it tells the point of the kind where calls are so."""
        known = [(each, self._only(each, fact) or self._there(self._names, each, fact)) for each in kind.points]
        elsewhere = next((each for each, others in known if _is_among(wanted, others)), "")
        near = nearest(wanted, [*words, *(word for _, others in known for word in others)])
        expected = f"{near!r}" if near and near.casefold() != wanted.casefold() else f"one of {', '.join(words)}"
        advice = f"`point: {elsewhere}` is where such calls come" if elsewhere else ""
        return UserMistake(f"no {fact} at {point} is {wanted!r}", where, expected, advice)

    def _only(self, point: str, fact: str) -> Sequence[str]:
        """Return the words that a fact can be at a point whatever the world is; nothing when it can be any."""
        return next((path.only.get(point, {}).get(fact, ()) for path in self.paths if point in path.points), ())

    def _there(self, names: Mapping[str, Callable[[], Iterable[str]]], point: str, fact: str) -> list[str]:
        """Return what there is of a fact of the calls of a part, as it was told; nothing when nobody told."""
        tell = names.get(f"{point.partition('.')[0]}.{fact}")
        return [str(each) for each in tell()] if tell is not None else []

    def note_on(self, spec: "FaultSpec", point: str) -> str:
        """Return what whoever asks for a fault should know: a name in its `where` that is nobody's so far, and may come to be."""
        for fact, wanted in spec.where.items():
            there = self._there(self._likely, point, fact)
            if not _is_among(wanted, there):
                near = nearest(str(wanted), there)
                if near:
                    return f"no {fact} is called {str(wanted)!r} so far; there is {near!r}"
        return ""

    def unlike(self, so: Mapping[str, str | int | bool]) -> tuple[str, object] | None:
        """Return the first state of the world that is not as a fault wants it, with what it wants; None when all are so."""
        return next(((name, value) for name, value in so.items() if not holds(self._states[name](), value)), None)

    def meant_by(self, words: str, strike: Strike) -> Iterable[str]:
        """Return what words of `Kind.sets` come to for a strike: its parameters, and what is meant by them, stand where the braces are."""
        names = _IN_BRACES.findall(words)
        meant = [tuple(self._meant[name](strike)) if name in self._meant else (str(strike.parameters[name]),) for name in names]
        for subjects in product(*meant):
            yield _IN_BRACES.sub("{}", words).format(*subjects)


def _is_among(wanted: object, words: Iterable[str]) -> bool:
    """Return whether a word is one of those, however it is capitalised."""
    return str(wanted).casefold() in {word.casefold() for word in words}


def placed(where: str, mistake: UserMistake) -> UserMistake:
    """Return a mistake with its place."""
    return UserMistake(mistake.given, mistake.where or where, mistake.expected, mistake.advice)
