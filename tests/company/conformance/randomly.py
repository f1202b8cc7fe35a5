"""Requests at random that the schema allows: whether the books allow them is theirs to say."""

import contextlib
import random
from typing import Any

from company.helpers import Bench
from emulator.company.reference_rows import REFERENCES
from emulator.qbxml import Version
from emulator.qbxml.schema import Choice, Model, Node

from .everything import REFERENCES as FITTING
from .making import ONE, SKIP, Making


class RandomMaking(Making):
    """Makes requests in which every optional element may stand, every branch of a choice, and every reference to what is there.

    Half of what `Making` gives a value of its own (amounts that add up, links that fit) is taken from there, so that enough is accepted.

    Args:
        dice: where every choice comes from; the same state makes the same request.
        count: makes names and numbers differ from those of other requests.
    """

    def __init__(self, bench: Bench, version: Version, dice: random.Random, count: int) -> None:
        super().__init__(bench, version, "fullest" if dice.random() < 0.3 else "smallest", dice.randrange(12), count)
        self.dice = dice
        self.share = dice.choice((0.05, 0.2, 0.5))

    def _choice(self, choice: Choice, values: dict[str, Any], path: tuple[str, ...]) -> None:
        if not choice.key or path[-1].startswith("JournalEntry"):
            super()._choice(choice, values, path)
            return
        names = [branch[0] for branch in choice.branches if isinstance(branch[0], Node) and branch[0].supported]
        picked = self.dice.choices(names, weights=[4] + [1] * (len(names) - 1), k=self.dice.randint(1, 3))
        values[choice.key] = [(node.name, self._value(node, (*path, node.name))) for node in picked]

    def _element(self, node: Node, values: dict[str, Any], path: tuple[str, ...]) -> None:
        if not node.minimum and not self._needed(node.name, path) and self.dice.random() > self.share:
            return
        value = self._override(node, path) if self.dice.random() < 0.5 else None
        value = self._value(node, (*path, node.name)) if value is None or value is SKIP else value
        if value is not SKIP:
            values[node.name] = value if not node.repeats or isinstance(value, list) else [value]

    def _override(self, node: Node, path: tuple[str, ...]) -> Any:
        """Return what `Making` puts there; None also when the books no longer hold what that needs."""
        with contextlib.suppress(AssertionError):
            return super()._override(node, path)
        return None

    def _value(self, node: Node, path: tuple[str, ...]) -> Any:
        if node.name in REFERENCES:
            row = REFERENCES[node.name]
            names = [
                each
                for each, kind in _names(self.bench, row.family)
                if (not row.kinds or kind in row.kinds) and (row.word != "Item" or kind in _ITEMS or self.dice.random() < 0.05)
            ]
            usual = FITTING.get(node.name)
            if usual in names and self.dice.random() < 0.5:
                return {"FullName": usual}
            return {"FullName": self.dice.choice(names)} if names and self.dice.random() < 0.98 else {"FullName": "Nobody"}
        drawn = self._drawn(node)
        return super()._value(node, path) if drawn is None else drawn

    def _drawn(self, node: Node) -> Any:
        dice = self.dice
        match node.type:
            case "AMTTYPE":
                return dice.choice((dice.randint(1, 50_000), dice.randint(1, 999), 0, -dice.randint(1, 5_000)))
            case "PRICETYPE":
                return dice.choice((dice.randint(0, 10**7), 123_457))
            case "QUANTYPE":
                return dice.choice((ONE, dice.randint(1, 20) * ONE, dice.randint(1, 10**6), -ONE))
            case "DATETYPE":
                return f"2026-{dice.choice((6, 10, 11))}-{dice.randint(1, 28):02}"
            case "BOOLTYPE":
                return dice.random() < 0.3
            case "ENUMTYPE":
                return dice.choice(node.values) if node.values else None
            case "IDTYPE":
                known = [row["txn_id"] for row in self.bench.truth.transactions()]
                return dice.choice(known) if known and node.name != "TxnLineID" else "-1"
        return None


def _names(bench: Bench, family: str) -> list[tuple[str, str]]:
    return bench.company._store.execute(
        "SELECT full_name, kind FROM list_record WHERE family = ? ORDER BY sort_key", (family,)
    ).fetchall()


_ITEMS = frozenset({"ItemInventory", "ItemNonInventory", "ItemService", "ItemInventoryAssembly", "ItemOtherCharge"})


def change(making: RandomMaking, name: str, record: dict[str, Any]) -> Any:
    """Return a Mod of a record as a query told it, by its newest edit sequence, with its lines kept, dropped or added to."""
    identity = next(each for each in ("ListID", "TxnID") if each in record)
    known = {identity: record[identity], "EditSequence": record["EditSequence"]}
    request = making.request(name, **known)
    content = request.values[f"{making.noun}Mod"]
    for key, lines in record.items():
        changed = "|".join(part.removesuffix("Ret") + "Mod" for part in key.split("|"))
        if changed in content and isinstance(lines, list):
            content[changed] = [_kept(line) for line in lines if making.dice.random() < 0.8] + content[changed][:1]
    return request


def _kept(line: Any) -> Any:
    """Return what keeps a line as it is: its identity alone."""
    if isinstance(line, tuple):
        return line[0].removesuffix("Ret") + "Mod", _kept(line[1])
    if "FirstName" in line:
        return {name: value for name, value in line.items() if name in _CONTACT}
    return {name: line[name] for name in ("TxnLineID", "NoteID", "LocationID", "Location") if name in line}


_CONTACT = frozenset({"ListID", "EditSequence", "LeadContactID", "FirstName", "LastName", "IsPrimaryContact"})


def removals(model: Model) -> tuple[str, ...]:
    """Return the kinds that a TxnDel, TxnVoid or ListDel can name."""
    first = model[0]
    assert isinstance(first, Node)
    return tuple(first.values)
