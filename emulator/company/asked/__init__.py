"""Queries that are neither of a list nor of one kind of transaction: each is a function from the books to records.

about.py       QuickBooks and the company of itself: host, company, activity, preferences, tax lines, 1099 mapping
deleted.py     what was deleted
register.py    transactions of all kinds, as a register shows them
due.py         what waits: bills to pay, sales tax to pay, payments to deposit
stocked.py     what is where: sites, bar codes, what can be built
reports.py     the ten report queries
"""
