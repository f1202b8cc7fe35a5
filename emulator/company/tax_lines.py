"""The tax lines that accounts can be mapped to: what AccountTaxLineInfoQuery answers and TaxLineID of an account may name.

QuickBooks' own list depends on the tax form of the company and is published nowhere with its numbers. The names below are seen in
published charts of accounts (observed); the numbers are our choice.
"""

from collections.abc import Mapping
from types import MappingProxyType

TAX_LINES: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            (
                "B/S-Assets: Cash",
                "B/S-Assets: Accts. Rec. and trade notes",
                "B/S-Assets: Inventories",
                "B/S-Assets: Other current assets",
                "B/S-Assets: Buildings/oth. depr. assets",
                "B/S-Assets: Other assets",
                "B/S-Liabs/Eq.: Accounts payable",
                "B/S-Liabs/Eq.: Other current liabilities",
                "B/S-Liabs/Eq.: Loans from shareholders",
                "B/S-Liabs/Eq.: Retained earnings",
                "Income: Gross receipts or sales",
                "Income: Returns and allowances",
                "Income: Interest",
                "COGS-Form 1125-A: Purchases",
                "Deductions: Rents",
                "Deductions: Repairs and maintenance",
                "Deductions: Advertising",
                "Deductions: Other deductions",
            ),
            start=1001,
        )
    )
)
"""TaxLineID -> TaxLineName."""
