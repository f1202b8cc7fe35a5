"""What cannot be asked for together, and is refused when it is: a fault that could never strike, two that set the same.

Only what is sure is refused. Whether two faults with triggers meet shows when the calls come; one that then cannot take effect is counted
as missed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from emulator.core.errors import UserMistake
from emulator.faults.account import Fault
from emulator.faults.kinds import Path

ADVICE = "lift one of them, give {first!r} an end (times, for_s, until) or a trigger (when), or narrow its `where`"


def check(new: Fault, others: Iterable[Fault], paths: Sequence[Path], now: datetime, timezone: tzinfo, where: str = "") -> None:
    """Refuse a fault that cannot be together with those in force.

    Args:
        new: the fault that is to be put into force; if it lasts and begins now, with what it will set.
        others: all that were put into force before, in order; lifted ones too.
        paths: the ways of calls.
        now: the story's time.
        timezone: the company's.
        where: for the message.

    Raises:
        UserMistake: names both faults, and what to do.
    """
    known = {other.name: other for other in others}
    _check_times(new, now, timezone, where)
    _check_after(new, known, where)
    if new.absent:
        return
    for other in known.values():
        if other.lifted or other.absent:
            continue
        if other.end is not None and (same := new.both_set(other)):
            raise UserMistake(
                f"fault {new.name!r} sets {' and '.join(same)}, and so does {other.name!r}, which is in force",
                where,
                "one of them at a time",
                f"lift {other.name!r}, or let {new.name!r} begin after it",
            )
        for first, second in ((other, new), (new, other)):
            if (second is new or second.hits == 0) and (why := _never(first, second, second is new, paths)):
                raise UserMistake(
                    f"fault {second.name!r} could never strike: {first.name!r} {why}",
                    where,
                    "faults that can both strike",
                    ADVICE.format(first=first.name),
                )


def _check_times(new: Fault, now: datetime, timezone: tzinfo, where: str) -> None:
    spec = new.spec
    never = f"fault {new.name!r} could never strike"
    if new.ends is not None and new.ends <= now:
        if spec.for_s is not None and now + timedelta(seconds=spec.for_s) <= now:
            raise UserMistake(f"{never}: it lasts {spec.for_s:g} s, which is over at once", where, "a longer time as `for_s`")
        raise UserMistake(f"{never}: it ends at {spec.until.at}, which is past", where, "a time to come")
    window = spec.when.window
    if window is None or window.holds(now, timezone):
        return
    between, begins = " and ".join(spec.when.between or ()), window.next_change(now, timezone)
    if begins is None:
        raise UserMistake(f"{never}: it strikes between {between}, which is past", where, "a window to come")
    if new.ends is not None and new.ends <= begins:
        raise UserMistake(
            f"{never}: it strikes between {between}, and is over before that",
            where,
            "an end (`for_s`, `until`) after the window begins",
        )


def _check_after(new: Fault, known: dict[str, Fault], where: str) -> None:
    spec = new.spec
    if spec.after and spec.after == spec.until.struck:
        raise UserMistake(
            f"fault {new.name!r} could never strike: it comes after {spec.after!r} has struck, and lasts until then",
            where,
            "`after` and `until: {struck: ...}` with different faults",
        )
    first = known.get(spec.after)
    if first is not None and first.hits == 0 and (first.lifted or first.absent):
        raise UserMistake(
            f"fault {new.name!r} could never strike: it comes after {first.name!r}, which will not strike",
            where,
            "a fault that can strike",
            f"put {first.name!r} into force first, so that it can",
        )


def _never(first: Fault, second: Fault, second_is_newer: bool, paths: Sequence[Path]) -> str:
    """Return why the first, as long as it is in force, keeps the second from ever striking; empty when it does not."""
    if not first.constant or first.kind.lasting or second.at_once or second.scheduled:
        return ""
    if second.kind.lasting and second.spec.when.by_hand:
        return ""
    same_point = first.point == second.point
    if same_point:
        # What strikes at a byte of a stream does so behind everything that strikes at the same point.
        before, about_all = second_is_newer or (bool(second.kind.byte) and first.ends_call), True
    else:
        path = next((path for path in paths if {first.point, second.point} <= set(path.points)), None)
        if path is None:
            return ""
        before = path.points.index(first.point) < path.points.index(second.point)
        about_all = set(first.spec.where) <= set(path.fewer.get(first.point, path.facts))
    if not before or not about_all or not _covers(first, second):
        return ""
    if first.ends_call:
        return "ends every such call before"
    if not second.kind.lasting and (denied := set(first.kind.denies.get(first.point, ())) & set(second.kind.needs)):
        return f"leaves no such call with {' and '.join(sorted(denied))}"
    if same_point and not second.kind.lasting and (same := set(first.kind.sets) & set(second.kind.sets)):
        return f"sets {_words(same)} of every such call before"
    return ""


def _covers(first: Fault, second: Fault) -> bool:
    """Return whether every call that matches the second's `where` matches the first's."""
    return all(
        name in second.spec.where and str(second.spec.where[name]).casefold() == str(wanted).casefold()
        for name, wanted in first.spec.where.items()
    )


def _words(names: Iterable[str]) -> str:
    return " and ".join(f"the {name}" for name in sorted(names))
