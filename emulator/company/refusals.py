"""How a rule says no: a `Refusal` carries the status of the answer up to the step that performs the request, and no further.

Codes and when they are used: facts of QuickBooks' status table; the wording comes from `emulator.qbxml.status`.
"""

from collections.abc import Mapping

from emulator.core.switches import Setting
from emulator.qbxml import status
from emulator.qbxml.status import Status


class Refusal(Exception):  # noqa: N818 - it is an answer on its way, not a program error
    """A request is answered with this status and nothing is written."""

    def __init__(self, refused: Status) -> None:
        self.status = refused
        super().__init__(f"{refused.code} {refused.message}")


def refuse(code: int, **slots: object) -> Refusal:
    """Return the refusal for a code; `slots` fill the places of its message."""
    return Refusal(status.of(code, **slots))


def refuse_as_set(settings: Mapping[str, Setting], switch: str, **slots: object) -> Refusal:
    """Return the refusal for a code that is not published: the switch says which."""
    return refuse(int(settings[switch]), **slots)


def invalid_reference(element: str, word: str, value: str, owner: str, identity: str = "") -> Refusal:
    """Return the refusal for a reference that names nothing, or nothing that may stand there (3140).

    Args:
        element: name of the reference element; like `identity` it is for whoever explains the refusal, the sentence does not tell it.
        word: what the sentence calls the reference.
        value: what it names.
        owner: the object that the sentence names.
        identity: ListID of the record, which may stand in the request in place of `value`.
    """
    return refuse(3140, reference=word, value=value, object=owner, element=element, identity=identity)


def wrong_item(settings: Mapping[str, Setting], element: str, name: str, owner: str, identity: str) -> Refusal:
    """Return the refusal for an item of a kind that cannot stand there (switch company.wrong-kind-of-item-code)."""
    slots = {"reference": "Item", "value": name, "object": owner, "element": element, "identity": identity}
    return refuse_as_set(settings, "company.wrong-kind-of-item-code", **slots)


class BrokenRule(Refusal):
    """A rule is broken at the moment of saving: 3180, in a Mod what switch company.broken-rule-in-mod-code says."""

    def __init__(self, what: str, reason: str) -> None:
        self._slots = {"object": what, "quickbooks": reason}
        super().__init__(status.of(3180, **self._slots))

    def with_code(self, code: int) -> Status:
        """Return the status under another code."""
        return status.of(code, **self._slots)


def cannot_save(what: str, reason: str) -> Refusal:
    """Return the refusal for a broken rule; `reason` is the sentence of QuickBooks behind it."""
    return BrokenRule(what, reason)
