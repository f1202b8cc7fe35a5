"""In: a document of query answers, read and sorted into definitions, lists, transactions and rows of the ledger; nothing is kept yet."""

from dataclasses import dataclass, field
from typing import Final

from emulator.company.list_rows import LISTS
from emulator.company.records import Values
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.core.errors import UserMistake
from emulator.qbxml import Limits, NotValid, decode_answer_set
from emulator.qbxml.values import BadValue

LIMITS: Final = Limits(document_bytes=1024 * 1024 * 1024, tags=50_000_000)
"""What a document of answers may cost: whole companies are in it, and it is our user's own."""

_ABOUT: Final = frozenset({"HostRet", "CompanyRet", "PreferencesRet", "CompanyActivityRet"})
"""Records about the company itself, which its description says."""


@dataclass(frozen=True, slots=True)
class Given:
    """One record of an answer: its noun, its values, and `FILE:LINE`."""

    noun: str
    values: Values
    where: str


@dataclass
class Source:
    """What one document of answers brings.

    Attributes:
        definitions: of data extensions.
        lists: list records, in their order.
        transactions: in their order.
        rows: of the ledger (TransactionRet).
        left_out: kinds of records that say nothing of lists or transactions, such as reports.
    """

    definitions: list[Given] = field(default_factory=list)
    lists: list[Given] = field(default_factory=list)
    transactions: list[Given] = field(default_factory=list)
    rows: list[Given] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)


def read_answers(content: bytes, name: str) -> Source:
    """Read a document of query answers. `name` stands for the file in messages.

    Raises:
        UserMistake: with file and line, when it is none, is cut short, or says something that the schema does not have.
    """
    expected, advice = "a document of query answers (QBXMLMsgsRs)", "ask QuickBooks for it again"
    try:
        found = decode_answer_set(content, limits=LIMITS, strict=True)
    except NotValid as wrong:
        line = f":{wrong.diagnosis.line}" if wrong.diagnosis.line else ""
        words = " or ".join(wrong.diagnosis.expected) or expected
        raise UserMistake(" ".join(wrong.diagnosis.problem.split()), f"{name}{line}", words, advice) from None
    except BadValue as bad:
        line = f":{bad.line}" if bad.line else ""
        raise UserMistake(f"{bad.field} is {bad.value!r}", f"{name}{line}", "a value of its type", "mend the value") from None
    source = Source()
    for answer in found.answers:
        if answer.status.severity == "Error":
            raise UserMistake(
                f"{answer.name} has status {answer.status.code} {answer.status.message}", name, "answers without an error"
            )
        if answer.attributes.get("iteratorRemainingCount", "0") != "0":
            left = answer.attributes["iteratorRemainingCount"]
            raise UserMistake(
                f"{answer.name} leaves {left} records to its iterator", name, "whole lists", "query without an iterator"
            )
        for (record, values), line_number in zip(answer.records, answer.lines, strict=True):
            noun, where = record.removesuffix("Ret"), f"{name}:{line_number}" if line_number else name
            if record in _ABOUT or not isinstance(values, dict):
                source.left_out.add(record)
            elif noun == "DataExtDef":
                source.definitions.append(Given(noun, values, where))
            elif noun in LISTS:
                source.lists.append(Given(noun, values, where))
            elif noun in TRANSACTIONS:
                source.transactions.append(Given(noun, values, where))
            elif noun == "Transaction":
                source.rows.append(Given(noun, values, where))
            else:
                source.left_out.add(record)
    if not (source.definitions or source.lists or source.transactions):
        raise UserMistake("it has no list record and no transaction", name, expected, advice)
    return source
