"""The inside of an open company file: what rules and operations work with. `Company` is the outside."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from emulator.company.currencies import Currencies
from emulator.company.custom_fields import CustomFields
from emulator.company.features import Features
from emulator.company.identity import LocalTime, epoch_of, numbered_id
from emulator.company.ledger import Ledger
from emulator.company.records import Record, Records
from emulator.company.references import References
from emulator.company.refusals import refuse
from emulator.company.rights import Rights
from emulator.company.stock import Stock
from emulator.company.store import Counters, Store
from emulator.core.switches import Setting


class Books:
    """An open company file with everything that knows its rows.

    Args:
        store: the open file.
        facts: the settings of the file (name, timezone, closing_date ...), see `description.company_facts`.
        settings: switch name -> setting.
        clock_now: gives the present moment, aware; the only way time comes in.
    """

    def __init__(
        self, store: Store, facts: Mapping[str, Any], settings: Mapping[str, Setting], clock_now: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.facts = dict(facts)
        self.settings = settings
        self.clock_now = clock_now
        self.local_time = LocalTime(str(facts["timezone"]), str(settings["company.timestamp-offset"]))
        self.counters = Counters(store)
        self.entries_max: dict[str, int] = {}
        """Family (`entity`, `item`) -> how many records it takes, where that is less than its edition allows."""
        self.records = Records(store)
        self.read_features()
        self.stock = Stock(self)
        self.ledger = Ledger(self)
        self.custom_fields = CustomFields(self)
        self.guids = Guids(self)
        self.defaults = Defaults(self)
        self.rights = Rights(self, settings)

    def read_features(self) -> None:
        """Look up in the preferences of the file what it can do, and how it therefore reads references and money."""
        self.features = Features(self.facts)
        self.references = References(self.records, self.settings, self.features)
        self.currencies = Currencies(self)

    def forget(self) -> None:
        """Forget what is kept of the file, because something beside these books has written to it."""
        self.facts.update({name: found for name in self.facts if (found := self.store.setting(name)) is not None})
        self.records.forget()
        self.counters.forget()
        self.defaults.forget()

    def now(self) -> int:
        """Return the present moment as unix seconds."""
        return epoch_of(self.clock_now())

    @property
    def lost_events(self) -> dict[str, int]:
        """Subscriber -> when it began to lose events of this company, unix seconds."""
        events: dict[str, int] = self.facts.setdefault("lost_events", {})
        return events

    def set_lost_events(self, events: Mapping[str, int]) -> None:
        """Write who has lost events. Call inside `atomic`."""
        self.facts["lost_events"] = dict(events)
        self.store.set_settings([("lost_events", dict(events))])

    def new_line_id(self) -> str:
        """Return a new TxnLineID, for what is no line of a list. Call inside `atomic`."""
        own_counter = self.settings["company.transaction-line-id-counter"] == "own"
        return numbered_id(self.counters.next("TxnLineID" if own_counter else "TxnID"), self.now())


class Guids:
    """ExternalGUIDs of the whole file: kept, answered, and a second use refused (switch company.external-guid-twice)."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._code = int(books.settings["company.external-guid-twice"])

    def refuse_taken(self, guid: str | None, what: str) -> None:
        """Raise the refusal when another record has this ExternalGUID. "0" and None stand for none."""
        if not guid or guid == "0" or not self._code:
            return
        if self._books.store.execute("SELECT 1 FROM external_guid WHERE guid = ?", (guid,)).fetchone():
            raise refuse(self._code, object=what, value=guid, quickbooks=f"The ExternalGUID {guid} is already in use.")

    def keep(self, guid: str | None, owner: str) -> None:
        """Remember whose ExternalGUID this is. Call inside `atomic`."""
        if guid and guid != "0":
            self._books.store.execute("INSERT OR REPLACE INTO external_guid VALUES (?, ?)", (guid, owner))

    def free(self, owner: str) -> None:
        """Forget the ExternalGUID of a deleted record."""
        self._books.store.execute("DELETE FROM external_guid WHERE owner = ?", (owner,))


class Defaults:
    """Records that QuickBooks takes when a request names none: the accounts and tax codes of the company."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._numbers: dict[str, int] = {}
        self.make_special: Callable[[str], Record] | None = None
        """Makes an account of a SpecialAccountType inside `atomic`; the lists, a room above, know how."""
        books.store.after_rollback.append(lambda wrote: self.forget() if wrote else None)

    def forget(self) -> None:
        """Find everything anew, because a record is gone."""
        self._numbers.clear()

    def account(self, special: str) -> Record | None:
        """Return the first active account with this SpecialAccountType."""
        row = self._books.store.execute(
            "SELECT record FROM list_record WHERE family = 'account' AND active"
            " AND json_extract(document, '$.SpecialAccountType') = ? ORDER BY record LIMIT 1",
            (special,),
        ).fetchone()
        return self._books.records.by_number(row[0]) if row else None

    def posting_account(self, special: str) -> Record:
        """Return the account with this SpecialAccountType. Call inside `atomic`: one that is missing is made.

        QuickBooks makes its own accounts again when they are needed (switch company.special-account-missing); one that is inactive is
        there, and is refused with 3270.
        """
        found = self._kept(f"account {special}", lambda: self.account(special))
        if found is None and self.make_special is not None and not self._is_inactive(special):
            found = self.make_special(special)
        if found is None:
            raise refuse(3270, field=special)
        return found

    def _is_inactive(self, special: str) -> bool:
        row = self._books.store.execute(
            "SELECT 1 FROM list_record WHERE family = 'account' AND NOT active AND json_extract(document, '$.SpecialAccountType') = ?",
            (special,),
        ).fetchone()
        return row is not None

    def non_posting_account(self, special: str) -> Record | None:
        """Return the account that orders and estimates are told under, or None when the file has none yet."""
        return self._kept(f"account {special}", lambda: self.account(special))

    @property
    def taxable_code(self) -> Record | None:
        """The sales tax code for what is taxed."""
        return self._tax("taxable", "sales-tax-code", "taxable_code")

    @property
    def non_taxable_code(self) -> Record | None:
        """The sales tax code for what is not taxed."""
        return self._tax("non-taxable", "sales-tax-code", "non_taxable_code")

    @property
    def sales_tax_item(self) -> Record | None:
        """The sales tax item of invoices whose customer has none."""
        return self._tax("tax item", "item", "sales_tax_item")

    def _tax(self, key: str, family: str, fact: str) -> Record | None:
        """Return a record of sales tax; None while sales tax is switched off."""
        return self._kept(key, lambda: self._by_fact(family, fact)) if "sales-tax" in self._books.features.on else None

    def _by_fact(self, family: str, fact: str) -> Record | None:
        name = self._books.facts.get(fact)
        return self._books.records.by_name(family, name) if name else None

    def _kept(self, key: str, find: Callable[[], Record | None]) -> Record | None:
        # By number, because the record itself may be read anew after a rollback.
        number = self._numbers.get(key)
        if number is not None:
            record = self._books.records.by_number(number)
            if record.active:
                return record
        found = find()
        if found is not None:
            self._numbers[key] = found.number
        return found
