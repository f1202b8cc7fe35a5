"""What differs between a record as it was told and as it is told now."""

from typing import Any

from emulator.company.records import Values


def first_difference(told: Values, now: Values) -> tuple[str, Any, Any] | None:
    """Return the place of the first thing that is told otherwise now (`InvoiceLineRet[2].Amount`), what it was and what it is.

    What is told now and was not told before is no difference.
    """
    for name, was in told.items():
        found = _difference(was, now.get(name), name)
        if found is not None:
            return found
    return None


def _difference(was: Any, is_now: Any, place: str) -> tuple[str, Any, Any] | None:
    if was is None or was == is_now or (was in ([], {}) and not is_now):
        return None
    if isinstance(was, dict) and isinstance(is_now, dict):
        for name, value in was.items():
            found = _difference(value, is_now.get(name), f"{place}.{name}")
            if found is not None:
                return found
        return None
    if isinstance(was, (list, tuple)) and isinstance(is_now, (list, tuple)) and len(was) == len(is_now):
        for number, (one, other) in enumerate(zip(was, is_now, strict=True), start=1):
            found = _difference(one, other, place if isinstance(was, tuple) else f"{place.split('|')[0]}[{number}]")
            if found is not None:
                return found
        return None
    return place, was, is_now


def shown(value: Any) -> str:
    """Return a value as a message shows it, long ones cut."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"{len(value)} of them"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
