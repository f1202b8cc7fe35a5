"""The verdict of a load: what was acknowledged, against what stands in the books. Imports nothing, so that a test can hold it to account.

An acknowledged document that is not in the books is lost; a key that stands there twice is duplicated, whether it was acknowledged or not;
one that stands there with another party or total is mutated. A load that acknowledged nothing proves nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PASS, INCONCLUSIVE, NOT_STARTED, LOST, DUPLICATED_OR_MUTATED = 0, 3, 4, 10, 11
"""Exit codes, as of every command of FakeBooks."""


@dataclass(frozen=True)
class Verdict:
    """What a load came to.

    Attributes:
        exit_code: one of those above.
        sentence: the counts, for people, with one example of what is wrong.
    """

    exit_code: int
    sentence: str


def judge(acknowledged: Mapping[str, Mapping[str, object]], booked: Iterable[Mapping[str, object]]) -> Verdict:
    """Compare the documents whose sender was told `posted` with the transactions of the company file.

    Args:
        acknowledged: key to document, each with `party` and `total_cents`.
        booked: transactions as the control API tells them: `key`, `party`, `total_cents`. Those without a key are other people's.
    """
    found: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for record in booked:
        if record["key"]:
            found[str(record["key"])].append(record)
    lost = [key for key in acknowledged if key not in found]
    twice = [key for key, records in found.items() if len(records) > 1]
    altered = [key for key, document in acknowledged.items() if any(not _same(document, record) for record in found.get(key, ()))]
    counts = f"{len(acknowledged)} acknowledged, {len(lost)} lost, {len(twice)} booked twice, {len(altered)} altered"
    if lost:
        return Verdict(LOST, f"{counts}; lost: {lost[0]}")
    if twice or altered:
        return Verdict(DUPLICATED_OR_MUTATED, f"{counts}; look at {(twice or altered)[0]}")
    if not acknowledged:
        return Verdict(INCONCLUSIVE, f"{counts}: nothing was tested")
    return Verdict(PASS, counts)


def _same(document: Mapping[str, object], record: Mapping[str, object]) -> bool:
    return all(document[name] == record[name] for name in ("party", "total_cents"))
