"""Money in a foreign currency: what is deposited, journal entries, checks and transfers that meet names and accounts of another one."""

from typing import Any

import pytest

from company.proven import Proven, Values, deposit, expense, journal, part, purchase, received, ref, sold

YAML = r"""
company: {name: Abroad, file: 'C:\QB\Abroad.QBW', timezone: America/New_York}
preferences: {currencies: true}
lists:
  currencies: [{name: US Dollar, code: USD}, {name: Euro, code: EUR, rate: "1.5"}, {name: Pound, code: GBP, rate: "2"}]
  accounts: {given: [{name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}]}
  customers: {given: [{name: Baker}]}
  vendors: {given: [{name: Landlord}]}
  items: {given: [{name: Repair, kind: service, price: "120.00", taxable: false}]}
"""
UNDEPOSITED, BANK, RECEIVABLE, GAIN = "Undeposited Funds", "Operating Account", "Accounts Receivable", "Exchange Gain or Loss"
AT = {"ExchangeRate": "1.2"}


def abroad() -> Proven:
    bench = Proven(yaml=YAML)
    bench.add("Customer", {"Name": "Müller", "CurrencyRef": ref("Euro")})
    bench.add("Vendor", {"Name": "Usine", "CurrencyRef": ref("Euro")})
    for name in ("Banque", "Caisse"):
        bench.add("Account", {"Name": name, "AccountType": "Bank", "CurrencyRef": ref("Euro")})
    bench.add("Account", {"Name": "London", "AccountType": "Bank", "CurrencyRef": ref("Pound")})
    return bench


def worth(bench: Proven, saved: Values) -> list[tuple[str, int, int]]:
    """Return the ledger rows of a transaction: (account, cents, home cents)."""
    return bench.sql(
        "SELECT full_name, cents, home_cents FROM posting JOIN txn ON number = txn JOIN list_record ON record = posting.account"
        " WHERE txn_id = ? ORDER BY line",
        saved["TxnID"],
    )


MONEY = {
    "ReceivePayment": lambda bench: received(bench, 10_000, customer="Müller", **AT),
    "SalesReceipt": lambda bench: bench.add("SalesReceipt", sold("Repair", 1, "Müller", "SalesReceipt", **AT)),
}
"""100.00 euros in undeposited funds, worth 120.00."""


@pytest.mark.parametrize("kind", MONEY)
class TestDeposited:
    def test_to_a_bank_at_home(self, kind: str) -> None:
        bench = abroad()
        saved = MONEY[kind](bench)
        before = bench.books()
        made = bench.add("Deposit", deposit(saved))
        [line] = made["DepositLineRet"]
        assert (made["DepositTotal"], made["DepositTotalInHomeCurrency"], line["Amount"]) == (12_000, 12_000, 12_000)
        assert made["CurrencyRef"]["FullName"] == "US Dollar"
        assert bench.moved_since(before) == {BANK: 12_000, UNDEPOSITED: -12_000}
        assert bench.unchanged(kind, saved, ExchangeRate="1.3") == 3180
        bench.changed(kind, saved, Memo="x")
        bench.changed("Deposit", made, Memo="x")
        assert bench.books().get(UNDEPOSITED, 0) == 0
        more = [{"TxnLineID": line["TxnLineID"]}, {"TxnLineID": "-1", "AccountRef": ref("Sales"), "Amount": 100}]
        assert bench.changed("Deposit", made, DepositLineMod=more)["DepositTotal"] == 12_100
        bench.removed("Del", "Deposit", made)
        assert bench.books() == before

    def test_voided(self, kind: str) -> None:
        bench = abroad()
        saved = MONEY[kind](bench)
        before = bench.books()
        made = bench.add("Deposit", deposit(saved))
        bench.removed("Void", "Deposit", made)
        assert bench.books() == before
        assert bench.add("Deposit", deposit(saved))["DepositTotal"] == 12_000

    def test_to_a_bank_of_its_currency(self, kind: str) -> None:
        """At another rate the bank gets what the money was worth: nothing stays behind in undeposited funds."""
        bench = abroad()
        made = bench.add("Deposit", deposit(MONEY[kind](bench), account="Banque", ExchangeRate="1.5"))
        assert made["DepositTotal"] == 10_000
        assert worth(bench, made) == [("Banque", 10_000, 12_000), (UNDEPOSITED, -10_000, -12_000)]
        assert bench.name("Account", "Banque")["Balance"] == 10_000

    def test_to_a_bank_of_another_currency(self, kind: str) -> None:
        bench = abroad()
        assert bench.refused("Deposit", deposit(MONEY[kind](bench), account="London")) == 3180


def test_money_at_home_is_not_deposited_abroad() -> None:
    bench = abroad()
    assert bench.refused("Deposit", deposit(received(bench, 100), account="Banque")) == 3180


def test_deposited_money_keeps_its_worth_when_what_it_paid_is_gone() -> None:
    """33 and 33 at 1.25 are 41.25 each, 66 are 82.5: the money is worth 83, and the cent between is gain."""
    bench = abroad()
    at = {"ExchangeRate": "1.25"}
    asked = {"CustomerRef": ref("Müller"), **at, "InvoiceLineAdd|InvoiceLineGroupAdd": [
        ("InvoiceLineAdd", {"ItemRef": ref("Repair"), "Amount": 33})
    ]}  # fmt: skip
    first, second = bench.add("Invoice", asked), bench.add("Invoice", asked)
    paid = received(bench, 66, part(first, 33), part(second, 33), customer="Müller", **at)
    assert worth(bench, paid) == [(UNDEPOSITED, 66, 83), (RECEIVABLE, -33, -41), (RECEIVABLE, -33, -41), (GAIN, 0, -1)]
    bench.add("Deposit", deposit(paid))
    bench.removed("Del", "Invoice", first)
    assert (bench.books()[BANK], bench.books().get(UNDEPOSITED, 0)) == (83, 0)


OWED = {
    "JournalEntry": lambda cents, name, account: journal((cents, account, name), (-cents, "Rent")),
    "Check": lambda cents, name, account: purchase(
        "Check", expense(cents, account, **({"CustomerRef": ref(name)} if account == RECEIVABLE else {})), party=name
    ),
    "Deposit": lambda cents, name, account: deposit({"AccountRef": ref(account), "EntityRef": ref(name), "Amount": cents}),
}


@pytest.mark.parametrize(("name", "account"), [("Müller", RECEIVABLE), ("Usine", "Accounts Payable")])
@pytest.mark.parametrize("kind", OWED)
def test_a_name_of_another_currency(kind: str, name: str, account: str) -> None:
    bench = abroad()
    assert bench.refused(kind, OWED[kind](1_000, name, account)) == 3180
    at_home = "Baker" if account == RECEIVABLE else "Landlord"
    made = bench.add(kind, OWED[kind](1_000, at_home, account))
    if kind == "JournalEntry":
        foreign = journal((1_000, account, name), (-1_000, "Rent"), CurrencyRef=ref("Euro"), **AT)
        made = bench.add(kind, foreign)
        assert worth(bench, made)[0] == (account, 1_000, 1_200)
        foreign = journal((1_000, account, at_home), (-1_000, "Rent"), CurrencyRef=ref("Euro"), **AT)
        assert bench.refused(kind, foreign) == 3180


def moving(source: str, target: str, **more: Any) -> Values:
    return {"TransferFromAccountRef": ref(source), "TransferToAccountRef": ref(target), "Amount": 1_000, **more}


@pytest.mark.parametrize(("source", "target"), [(BANK, "Banque"), ("Banque", BANK), ("Banque", "London")])
def test_a_transfer_between_currencies(source: str, target: str) -> None:
    bench = abroad()
    assert bench.refused("Transfer", moving(source, target)) == 3180
    made = bench.add("Transfer", moving("Banque", "Caisse"))
    assert bench.unchanged("Transfer", made, TransferToAccountRef=ref("London")) == 3180


def test_a_transfer_in_a_foreign_currency() -> None:
    """It is worth what the currency's own rate says, and keeps it."""
    bench = abroad()
    made = bench.add("Transfer", moving("Banque", "Caisse"))
    assert worth(bench, made) == [("Banque", -1_000, -1_500), ("Caisse", 1_000, 1_500)]
    assert (made["FromAccountBalance"], made["ToAccountBalance"]) == (-1_000, 1_000)
    bench.changed_item("Currency", "Euro", ExchangeRate="1.7")
    bench.changed("Transfer", made, Amount=2_000)
    assert worth(bench, made) == [("Banque", -2_000, -3_000), ("Caisse", 2_000, 3_000)]
    bench.changed("Transfer", made, TransferFromAccountRef=ref(BANK), TransferToAccountRef=ref(UNDEPOSITED))
    assert worth(bench, made) == [(BANK, -2_000, -2_000), (UNDEPOSITED, 2_000, 2_000)]
