"""The ledger as rows: one for each posting, debits and credits of the same sum; and the company at a glance."""

from decimal import Decimal

from company.helpers import Clock
from emulator.company import Company, described


def company() -> Company:
    return Company.create(None, described("month_end"), Clock())


def test_debits_and_credits_come_to_the_same():
    found = company()
    columns, *rows = found.exchange.ledger()
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    debits, credits = (sum(Decimal(row[side] or 0) for row in told) for side in ("Debit", "Credit"))
    assert debits == credits > 0
    assert len(rows) == found._store.execute("SELECT count(*) FROM posting").fetchone()[0]
    accounts: dict[str, int] = {}
    for row in told:
        cents = int((Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)) * 100)
        accounts[row["Account"]] = accounts.get(row["Account"], 0) + cents
    assert {name: cents for name, cents in accounts.items() if cents} == {
        name: cents for name, cents in found.truth.ledger_sums().items() if cents
    }
    assert told == sorted(told, key=lambda row: row["Date"])


def test_the_summary_tells_what_is_there():
    found = company()
    summary = found.exchange.summary()
    assert summary.balances
    assert summary.lists["Customer"] == len(found.truth.customers())
    assert summary.transactions == {"Bill": 65, "Invoice": 260, "ReceivePayment": 145}
    assert (summary.first_date, summary.last_date) == ("2026-08-03", "2026-10-30")
    sums = found.truth.ledger_sums()
    assert all(sums[row["account"]] == row["cents"] for row in summary.accounts)
    found._store.execute("UPDATE posting SET cents = cents + 1, home_cents = home_cents + 1 WHERE txn = 1 AND line = 0")
    assert any("does not sum to zero" in problem for problem in found.exchange.summary().problems)
