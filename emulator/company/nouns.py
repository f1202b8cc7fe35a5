"""Nouns: one row per kind of record. Operations and queries are generic and read these rows; a new simple list is one row more.

The rows stand in list_rows.py, transaction_rows.py and reference_rows.py. Field names, types and lengths are not there: they are qbxml's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

NAMES_MAX = 14_500
"""Names in all, and items in all, that Pro and Premier can hold (documented); Enterprise goes on."""

NAMES_IN_ONE_LIST_MAX = 10_500
"""Names that one list (customers, vendors, other names) of Pro and Premier can hold (documented)."""

LEVELS_MAX = 5
"""A name and its ancestors: at most five levels (documented)."""


@dataclass(frozen=True)
class ListNoun:
    """A kind of list record.

    Attributes:
        name: as in `CustomerAddRq`.
        family: namespace and ListID counter (documented: all item kinds share one, accounts have one, customer, vendor, employee and
            other name share one).
        rank: place of the kind within its family when a query covers several kinds (the order of the schema's answer).
        operations: what the qbXML of this noun can do.
        name_field: the element that names a record; "" for one whose name is made of several (an employee's).
        unique: whether a name may stand once only; to-dos are named by their notes, and may be alike.
        hierarchical: whether it has a parent, FullName and Sublevel.
        parent_field: the element that names the parent.
        levels_max: a record and its ancestors.
        balance: `total` has Balance and TotalBalance, `own` has Balance only.
        defaults: values of a record when its Add leaves them out; what an answer of QuickBooks always carried (observed).
        address_blocks: address field -> the block field that accompanies it in answers.
        answer_names: request field -> answer field where they differ.
        not_kept: fields of the request that act once and are not part of the record.
        iterates: whether its query has iterators (documented list).
        duplicate_code: what an Add or Mod with a name that is taken is answered (3180 for some lists: reported).
        required: fields of which a record needs a value though the schema lets them be left out: 3150.
        feature: what the file must be able to do, see features.py.
    """

    name: str
    family: str
    rank: int = 0
    operations: frozenset[str] = frozenset({"Add", "Mod", "Query"})
    name_field: str = "Name"
    unique: bool = True
    hierarchical: bool = False
    parent_field: str = "ParentRef"
    levels_max: int = LEVELS_MAX
    balance: Literal["", "own", "total"] = ""
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    address_blocks: tuple[tuple[str, str], ...] = ()
    answer_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    not_kept: frozenset[str] = frozenset()
    iterates: bool = False
    duplicate_code: int = 3100
    required: tuple[str, ...] = ()
    feature: str = ""


@dataclass(frozen=True)
class LineList:
    """A list of lines of a transaction, under its keys among the values of requests and of answers.

    Attributes:
        add: key in the Add.
        mod: key in the Mod; "" when the Mod has no such list.
        ret: key in the answer.
        clear: flag of the Mod that drops the whole list.
        fixed: elements of a line that cannot be cleared.
    """

    add: str
    mod: str
    ret: str
    clear: str = ""
    fixed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TransactionNoun:
    """A kind of transaction.

    Attributes:
        name: as in `InvoiceAddRq`.
        party: the field that names its customer, vendor or payee; "" when its header names nobody.
        account: the field of the answer that names its main account; "" when none does.
        lines: its lists of lines.
        numbered: how a RefNumber comes about when the request has none: `always` takes the next one, `never` has none; otherwise the
            name of the switch that decides.
        ref_length: characters a RefNumber may have (documented).
        fixed: elements of the header that cannot be cleared by a Mod.
        operations: what can be done to it.
        date: the element that dates it.
        iterates: whether its query has iterators.
        feature: what the file must be able to do.
    """

    name: str
    party: str = ""
    account: str = ""
    lines: tuple[LineList, ...] = ()
    numbered: str = "always"
    ref_length: int = 11
    fixed: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset({"Add", "Mod", "Query", "Del", "Void"})
    date: str = "TxnDate"
    iterates: bool = True
    feature: str = ""


@dataclass(frozen=True)
class Reference:
    """What an element whose name ends in `Ref` may point to.

    Attributes:
        family: the namespace it is looked up in.
        kinds: the nouns allowed; empty means any of the family.
        word: how QuickBooks' message names the target.
    """

    family: str
    kinds: frozenset[str]
    word: str
