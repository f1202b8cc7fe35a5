"""A company in which every feature is on and every list holds something, so that any request of qbXML can be answered with yes."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from company.helpers import Bench, Frozen, frozen, line
from emulator.company import Caller
from emulator.core.switches import Setting

YAML = r"""
company: {name: Everything Inc, file: 'C:\QB\Everything.QBW', edition: Enterprise, year: 2023, timezone: America/New_York}
preferences:
  {classes: true, currencies: true, units_of_measure: multiple, sites: true, serial_or_lot: serial, payroll: true}
lists:
  accounts:
    given:
      - {name: Reserve, type: OtherCurrentAsset}
      - {name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}
  customers:
    given:
      - {name: Abercrombie, terms: Net 30, taxable: true}
      - {name: Kitchen, parent: Abercrombie, taxable: true}
      - {name: Baker}
  vendors: {given: [{name: Lamp Factory, terms: Net 15}, {name: Landlord}]}
  items:
    given:
      - {name: Lamp, price: "10.50", cost: "4.00", description: A lamp}
      - {name: Repair, kind: service, price: "45.00", description: Repair, taxable: false}
      - {name: Bolt, kind: inventory, price: "2.00", cost: "0.50", on_hand: "1000"}
      - {name: Nut, kind: inventory, price: "1.00", cost: "0.25", on_hand: "1000"}
  sales_taxes: [{name: State Tax, rate: "8.25", vendor: Tax Agency}]
  customer_types: [Retail]
  vendor_types: [Maker]
  classes: [East, West]
  sites: [North, South]
"""

SINGLE_USER = Caller("session-1", "Test Application", file_mode="SingleUser", personal_data=True)
"""Who asks: alone in the file, and with the permission for personal data, so that nothing is refused for either."""

REFERENCES: dict[str, str] = {
    "CustomerRef": "Abercrombie:Kitchen", "VendorRef": "Lamp Factory", "PrefVendorRef": "Landlord", "TaxVendorRef": "Tax Agency",
    "EmployeeRef": "Ann Lee", "SupervisorRef": "Ann Lee", "LeadRef": "Lead One", "EntityRef": "Ann Lee", "PayeeEntityRef": "Lamp Factory",
    "ShipToEntityRef": "Baker", "SalesRepEntityRef": "Ann Lee", "ItemRef": "Lamp", "ItemGroupRef": "Set", "ItemServiceRef": "Repair",
    "ItemInventoryRef": "Bolt", "ItemInventoryAssemblyRef": "Machine", "ItemSalesTaxRef": "State Tax", "TermsRef": "Net 30",
    "ClassRef": "East", "DiscountClassRef": "East", "OverrideClassRef": "West", "SalesTaxCodeRef": "Tax",
    "CustomerSalesTaxCodeRef": "Tax", "CustomerTypeRef": "Retail", "VendorTypeRef": "Maker", "JobTypeRef": "New Building",
    "CustomerMsgRef": "Thank you", "PaymentMethodRef": "Check", "PreferredPaymentMethodRef": "Cash", "ShipMethodRef": "UPS",
    "SalesRepRef": "AL", "TemplateRef": "Intuit Product Invoice", "PriceLevelRef": "Wholesale", "BillingRateRef": "Standard Rate",
    "CurrencyRef": "US Dollar", "UnitOfMeasureSetRef": "Each", "OverrideUOMSetRef": "Each", "InventorySiteRef": "North",
    "InventorySiteLocationRef": "North:Bin 1", "FromInventorySiteRef": "North", "ToInventorySiteRef": "South",
    "FromInventorySiteLocationRef": "North:Bin 1", "ToInventorySiteLocationRef": "South:Bin 2", "VehicleRef": "Van",
    "PayrollItemWageRef": "Hourly", "AccountRef": "Rent", "ARAccountRef": "Accounts Receivable", "APAccountRef": "Accounts Payable",
    "DepositToAccountRef": "Operating Account", "DiscountAccountRef": "Sales Discounts", "IncomeAccountRef": "Sales",
    "ExpenseAccountRef": "Rent", "OverrideItemAccountRef": "Sales:Retail", "PrefillAccountRef": "Rent", "AssetAccountRef": "Inventory Asset",
    "COGSAccountRef": "Cost of Goods Sold", "BankAccountRef": "Operating Account", "CreditCardAccountRef": "Company Card",
    "RefundFromAccountRef": "Company Card", "TransferFromAccountRef": "Operating Account", "TransferToAccountRef": "Savings",
}  # fmt: skip
"""Reference element -> the FullName that a request uses for it."""


def everything(path: Path | None = None, switches: dict[str, Setting] | None = None) -> Bench:
    """Return a bench of that company. Without a path it is in memory, and a copy of one that is made once."""
    return _made(frozen(switches)).again() if path is None else _filled(Bench(path, switches, YAML))


@lru_cache
def _made(switches: Frozen) -> Bench:
    return _filled(Bench(None, dict(switches), YAML))


def _filled(bench: Bench) -> Bench:
    bench.caller = SINGLE_USER

    def add(noun: str, **values: Any) -> dict[str, Any]:
        return bench.add(noun, values)

    bench.clock.advance(seconds=1)
    add("Employee", FirstName="Ann", LastName="Lee")
    add("Lead", FullName="Lead One")
    add("OtherName", Name="Somebody")
    add("SalesRep", Initial="AL", SalesRepEntityRef={"FullName": "Ann Lee"})
    add("JobType", Name="New Building")
    add("CustomerMsg", Name="Thank you")
    add("PriceLevel", Name="Wholesale", PriceLevelFixedPercentage=-1_000_000)
    add("BillingRate", Name="Standard Rate", FixedBillingRate=6_000_000)
    add("Vehicle", Name="Van")
    each, dozen = {"Name": "each", "Abbreviation": "ea"}, {"Name": "dozen", "Abbreviation": "dz", "ConversionRatio": 1_200_000}
    add("UnitOfMeasureSet", Name="Each", UnitOfMeasureType="Count", BaseUnit=each, RelatedUnit=[dozen])
    add("InventorySite", Name="Bin 1", ParentSiteRef={"FullName": "North"})
    add("InventorySite", Name="Bin 2", ParentSiteRef={"FullName": "South"})
    add("PayrollItemWage", Name="Hourly", WageType="HourlyRegular", ExpenseAccountRef={"FullName": "Payroll Expenses"})
    accounts = {
        "IncomeAccountRef": {"FullName": "Sales"},
        "COGSAccountRef": {"FullName": "Cost of Goods Sold"},
        "AssetAccountRef": {"FullName": "Inventory Asset"},
    }
    parts = [
        {"ItemInventoryRef": {"FullName": "Bolt"}, "Quantity": 200_000},
        {"ItemInventoryRef": {"FullName": "Nut"}, "Quantity": 100_000},
    ]
    add("ItemInventoryAssembly", Name="Machine", SalesPrice=2_000_000, **accounts, ItemInventoryAssemblyLine=parts)
    group = [{"ItemRef": {"FullName": "Lamp"}, "Quantity": 100_000}, {"ItemRef": {"FullName": "Repair"}, "Quantity": 200_000}]
    add("ItemGroup", Name="Set", ItemDesc="A set", ItemGroupLine=group)
    for owner in ("0", GUID):
        objects = ["Customer", "Vendor", "Employee", "Item"] if owner == "0" else [*ASSIGNED]
        definition = {"OwnerID": owner, "DataExtName": "Color", "DataExtType": "STR255TYPE", "AssignToObject": objects}
        bench.add("DataExtDef", definition)
    return bench


GUID = "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}"
ASSIGNED = (
    "Account", "Customer", "Employee", "Item", "OtherName", "Vendor", "Company", "Invoice", "Bill", "Estimate", "SalesOrder",
    "SalesReceipt", "CreditMemo", "PurchaseOrder", "Check", "JournalEntry",
)  # fmt: skip


def invoiced(bench: Bench, customer: str, cents: int) -> str:
    """Return the TxnID of an open invoice over an amount without tax."""
    values = {
        "CustomerRef": {"FullName": customer},
        "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line("Repair", Amount=cents))],
    }
    return str(bench.add("Invoice", values)["TxnID"])


def billed(bench: Bench, vendor: str, cents: int) -> str:
    """Return the TxnID of an open bill over an amount."""
    expense = {"AccountRef": {"FullName": "Rent"}, "Amount": cents}
    return str(bench.add("Bill", {"VendorRef": {"FullName": vendor}, "ExpenseLineAdd": [expense]})["TxnID"])


def credited(bench: Bench, customer: str, cents: int) -> str:
    """Return the TxnID of an open credit memo over an amount without tax."""
    lines = [("CreditMemoLineAdd", line("Repair", Amount=cents))]
    values = {"CustomerRef": {"FullName": customer}, "CreditMemoLineAdd|CreditMemoLineGroupAdd": lines}
    return str(bench.add("CreditMemo", values)["TxnID"])


def vendor_credit(bench: Bench, vendor: str, cents: int) -> str:
    """Return the TxnID of an open vendor credit over an amount."""
    expense = {"AccountRef": {"FullName": "Rent"}, "Amount": cents}
    return str(bench.add("VendorCredit", {"VendorRef": {"FullName": vendor}, "ExpenseLineAdd": [expense]})["TxnID"])


def paid(bench: Bench, customer: str, cents: int) -> str:
    """Return the TxnID of an unused payment that waits in undeposited funds."""
    values = {"CustomerRef": {"FullName": customer}, "TotalAmount": cents, "IsAutoApply": False}
    return str(bench.add("ReceivePayment", values)["TxnID"])


def ordered(bench: Bench, kind: str) -> dict[str, Any]:
    """Return an open purchase or sales order of three lamps."""
    party = (
        {"VendorRef": {"FullName": "Lamp Factory"}}
        if kind == "PurchaseOrder"
        else {"CustomerRef": {"FullName": REFERENCES["CustomerRef"]}}
    )
    lines = [(f"{kind}LineAdd", line("Lamp", Quantity=300_000))]
    return bench.add(kind, {**party, f"{kind}LineAdd|{kind}LineGroupAdd": lines})
