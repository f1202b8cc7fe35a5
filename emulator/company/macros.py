"""Macros: names for what an earlier request of the same message set made (documented).

`defMacro` on the aggregate of a transaction's Add names its TxnID, on a line the TxnLineID of that line; `useMacro` on an element stands for
the identity. A name that is not known, or is given twice, is a macro error: the first code of their range (only the range is documented).
"""

from collections.abc import Iterable

from emulator.company.records import Values
from emulator.company.refusals import refuse

DEFINES = "@defMacro"
USES = "@useMacro"


def use(values: Values, macros: dict[str, str]) -> None:
    """Put the identities in the place of `useMacro`, everywhere in the values of a request. Raises 9100."""
    for name in [name for name in values if name.endswith(USES)]:
        macro = values.pop(name)
        if macro not in macros:
            raise refuse(9100, value=macro, field=name.removesuffix(USES))
        values[name.removesuffix(USES)] = macros[macro]
    for value in values.values():
        if isinstance(value, dict):
            use(value, macros)
        elif isinstance(value, list):
            for each in value:
                inner = each[1] if isinstance(each, tuple) else each
                if isinstance(inner, dict):
                    use(inner, macros)


def define(macros: dict[str, str], asked: Iterable[tuple[Values, str]]) -> None:
    """Remember the identities of what was made: pairs of what was asked and its identity. Raises 9100 for a name given twice."""
    for values, identity in asked:
        macro = values.get(DEFINES)
        if macro and identity:
            if macro in macros:
                raise refuse(9100, value=macro, field="defMacro")
            macros[macro] = identity
