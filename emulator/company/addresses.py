"""Addresses: the block of up to five lines that accompanies every address in an answer (observed: the block stands beside it)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulator.company.records import Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

BLOCK_LINES_MAX = 5
BLOCK_LINE_LENGTH_MAX = 41


def block_of(address: Values) -> Values:
    """Return the printed form of an address: its lines, then city, state and postal code in one line, then the country.

    The composition of the last lines follows US addresses as recorded; what does not fit into five lines of 41 characters is left out.
    """
    return _block(_printed_lines(address))


def _block(lines: list[str]) -> Values:
    return {
        f"Addr{place_number}": line[:BLOCK_LINE_LENGTH_MAX] for place_number, line in enumerate(lines[:BLOCK_LINES_MAX], start=1)
    }


def _printed_lines(address: Values) -> list[str]:
    lines = [address[name] for name in ("Addr1", "Addr2", "Addr3", "Addr4", "Addr5") if address.get(name)]
    place = ", ".join(part for part in (address.get("City"), address.get("State")) if part)
    if address.get("PostalCode"):
        place = f"{place} {address['PostalCode']}".strip()
    return lines + [line for line in (place, address.get("Country")) if line]


def add_blocks(books: "Books", values: Values, pairs: Iterable[tuple[str, str]]) -> None:
    """Put the block beside each address of a document, or take it away with its address.

    Raises:
        Refusal: 3205 for an address of more than five printed lines (switch company.address-too-long).
    """
    for address, block in pairs:
        if values.get(address):
            lines = _printed_lines(values[address])
            if len(lines) > BLOCK_LINES_MAX and books.settings["company.address-too-long"] == "refused":
                raise refuse(3205, element=address)
            values[block] = _block(lines)
        else:
            values.pop(address, None)
            values.pop(block, None)
