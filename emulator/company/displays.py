"""ListDisplayAdd and its three like: QuickBooks opens a window for a person. Nothing is written.

Documented: the window shows the form for a new record, or the one named; a record that is not there is refused like any other (3120). Without
a window there is nobody to show it to (switch company.display-without-window). The journal of QuickBooks has a row for each window.
"""

from typing import TYPE_CHECKING

from emulator.company.caller import Caller
from emulator.company.list_rows import LISTS
from emulator.company.refusals import refuse
from emulator.company.transactions import by_id
from emulator.qbxml.messages import Request

if TYPE_CHECKING:
    from emulator.company.books import Books


def display(books: "Books", caller: Caller, request: Request) -> None:
    """Look whether a window can be shown.

    Raises:
        Refusal: 3120, 3140, 3250, 3260.
    """
    if caller.automatic_login and books.settings["company.display-without-window"] == "refused":
        raise refuse(3250, quickbooks="QuickBooks is running without a window.")
    values = request.values
    kind = str(values[f"{request.noun}{request.operation}Type"])
    # Nobody is shown a window of what he may not read.
    books.rights.refuse_read(caller.user, kind)
    if request.operation == "Mod" and request.noun == "ListDisplay":
        family = "item" if kind == "Item" else LISTS[kind].family
        shown = str(values["ListID"] or "")
        record = books.records.by_id(family, shown)
        if record is None or kind not in ("Item", record.kind):
            raise refuse(3120, value=shown)
    elif request.operation == "Mod":
        shown = str(values["TxnID"] or "")
        transaction = by_id(books, shown)
        if transaction is None or transaction.kind != kind:
            raise refuse(3120, value=shown)
    elif values.get("EntityRef"):
        entity = values["EntityRef"]
        assert isinstance(entity, dict)
        books.references.find("EntityRef", entity, request.noun)
