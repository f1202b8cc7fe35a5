"""What differs from one run to the next is taken out of an answer: times, ids, the run's own name. What is left is the same at every door."""

from __future__ import annotations

import re
from typing import Any

_STAMPED = re.compile(r"<(Time\w+|EditSequence|DataExtID)>[^<]*<")
_ID = re.compile(r"\b([0-9A-F]+)-\d{9,10}\b")
_QUOTED = re.compile(r"(&quot;|\")\d{9,10}(&quot;|\")")
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_RECORD = re.compile(r"<(\w+Ret)>.*?</\1>", re.DOTALL)
_MADE = re.compile(r"<TimeCreated>(\d{4}-\d\d-\d\d)")


def steady(value: Any, run: str = "") -> Any:
    """Return a value without what differs from run to run.

    Times, edit sequences (in a sentence: in quotes) and the numbers of data extensions become `*`, and so do the time inside of an id and
    a GUID; a date that is the day on which its record was made becomes `today`; the run's name becomes RUN.

    Args:
        value: text, or a list of texts; anything else stays.
        run: the name that the records of this run begin with.
    """
    if isinstance(value, (list, tuple)):
        return [steady(each, run) for each in value]
    if not isinstance(value, str):
        return value
    if "<TimeCreated>" in value:
        value = _RECORD.sub(_without_today, value)
    value = _STAMPED.sub(r"<\1>*<", value)
    value = _ID.sub(r"\1-*", value)
    value = _QUOTED.sub(r"\1*\2", value)
    value = _GUID.sub("{*}", value)
    return value.replace(run, "RUN") if run else value


def _without_today(record: re.Match[str]) -> str:
    text = record.group()
    made = _MADE.search(text)
    return re.sub(rf"<(\w*Date)>{made.group(1)}<", r"<\1>today<", text) if made else text
