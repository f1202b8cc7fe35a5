r"""The description of a company: what people write in a YAML file, and what a company file keeps of it.

    company: {name: "Wholesale Small LLC", file: 'C:\QB\Wholesale.QBW', edition: Enterprise, year: 2024, timezone: America/New_York}
    licence: {seats: 3}
    preferences: {classes: true}
    users:
      - {name: Admin, role: Admin, password: Secret77}
    apps:
      - {name: FakeBooks Connector, granted_by: Admin, login: whenever the file is open}
    lists:
      accounts: {template: us_wholesale}
      customers: {generate: {count: 60, seed: 7}, given: [{name: Kern Lighting Warehouse}]}

Amounts of money are written as text with two decimals ("1234.50"). Mistakes are told with file, line, column and the nearest right word.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from emulator.company.features import FILE_PREFERENCES
from emulator.company.passwords import hashed, is_complex
from emulator.company.rights import Area, Level
from emulator.core.files import Places, load_placed


class _Model(BaseModel):
    """A part of the file: unknown fields are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("an IANA time zone such as America/New_York") from None
    return name


def _is_windows_path(path: str) -> str:
    if not re.match(r"([A-Za-z]:\\|\\\\[^\\]+\\[^\\]+\\).+", path):
        raise ValueError(r"a Windows path such as C:\QB\Company.QBW or \\SERVER\Share\Company.QBW")
    return path


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _is_money(text: str) -> str:
    if not re.fullmatch(r"-?\d{1,11}(\.\d{1,2})?", text):
        raise ValueError('an amount such as "1234.50"')
    return text


Money = Annotated[str, BeforeValidator(_as_text), AfterValidator(_is_money)]
"""An amount of money as text, at most two decimals."""

Name = Annotated[str, Field(min_length=1, max_length=41)]


def cents_of(money: str) -> int:
    """Return the cents of an amount of the description."""
    return int(Decimal(money) * 100)


class AddressPart(_Model):
    """A street address; the fields of QuickBooks in our spelling."""

    lines: list[Annotated[str, Field(max_length=41)]] = []
    city: Annotated[str, Field(max_length=31)] = ""
    state: Annotated[str, Field(max_length=21)] = ""
    postal_code: Annotated[str, Field(max_length=13)] = ""

    def values(self) -> dict[str, str]:
        """Return it in the shape of qbXML values."""
        values = {f"Addr{place}": line for place, line in enumerate(self.lines[:5], start=1)}
        values |= {"City": self.city, "State": self.state, "PostalCode": self.postal_code}
        return {name: text for name, text in values.items() if text}


class CompanyPart(_Model):
    """The company itself.

    `file` is the path clients see; `started` is when its lists were made (local time): records carry it, so the same description gives
    the same file on every day.
    """

    name: Annotated[str, Field(min_length=1, max_length=59)]
    file: Annotated[str, AfterValidator(_is_windows_path)]
    edition: Literal["Pro", "Premier", "Enterprise"] = "Enterprise"
    year: Annotated[int, Field(ge=2002, le=2030)] = 2024
    timezone: Annotated[str, AfterValidator(_is_zone)] = "America/New_York"
    closing_date: date | None = None
    started: datetime = datetime(2024, 1, 15, 9, 0)  # noqa: DTZ001 - local time of the company
    fiscal_year_starts: Literal[
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"
    ] = "January"
    legal_name: str = ""
    industry: str = ""
    phone: Annotated[str, Field(max_length=51)] = ""
    email: Annotated[str, Field(max_length=1023)] = ""
    ein: Annotated[str, Field(max_length=20)] = ""
    address: AddressPart | None = None


EDITION_SEATS = MappingProxyType({"Simple Start": 1, "Pro": 3, "Premier": 5, "Enterprise": 40})
"""The most users at once that a licence of each edition admits (documented by resellers; Simple Start has no multi-user mode)."""


class Licence(_Model):
    """How many users may have the file open at once."""

    seats: Annotated[int, Field(ge=1, le=40)] = 1


class Preferences(_Model):
    """What the file can do; see features.py. What an edition does not have stays off whatever is said here.

    `sales_orders` are in Premier and Enterprise, `sites` and `serial_or_lot` in Enterprise. `auto_apply_credits` uses open credits of a customer
    for every new invoice.
    """

    inventory: bool = True
    classes: bool = False
    currencies: bool = False
    units_of_measure: Literal["none", "single", "multiple"] = "none"
    sites: bool = False
    serial_or_lot: Literal["none", "serial", "lot"] = "none"
    price_levels: bool = True
    estimates: bool = True
    sales_orders: bool = True
    payroll: bool = False
    sales_tax: bool = True
    auto_apply_credits: bool = False


class User(_Model):
    """A user of the company file.

    `password` empty is none; the file keeps a hash of it, and no description that is written has it. `password_since`: when it was set.
    `areas`: what the Admin has cut of the role, such as `{Banking: none, Reports: create}`.
    """

    name: Annotated[str, Field(min_length=1, max_length=29)]
    role: Literal["Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only"] = "Full Access"
    password: str = Field("", repr=False, exclude=True)
    password_since: date | None = None
    areas: dict[Area, Level] = {}

    def kept(self, started: datetime) -> dict[str, Any]:
        """Return what the company file keeps of him: the hash in place of the password; what is cut of the role stands apart."""
        since = self.password_since.isoformat() if self.password_since else started.isoformat()
        simple = {"password_simple": True} if self.password and not is_complex(self.password) else {}
        return {
            "name": self.name,
            "role": self.role,
            "password": hashed(self.name, self.password),
            "password_since": since if self.password else "",
            **simple,
        }


Login = Literal["ask every time", "whenever the file is open", "even if not running"]
"""What was granted to an integrated application: with a prompt each time, while someone has the file open, or on its own."""


class App(_Model):
    """An integrated application and what was granted to it. `login_as` is the user it logs in as when it may do so on its own;
    `renew`: that user was changed since; `certificate`: the serial number of the certificate it had when the Admin allowed it; `year`: the
    version of QuickBooks that kept the file then, 0 for the one that keeps it now.
    """

    name: Annotated[str, Field(min_length=1, max_length=255)]
    granted_by: str = "Admin"
    login: Login = "whenever the file is open"
    login_as: str = ""
    personal_data: bool = False
    allowed: bool = True
    certificate: str = ""
    renew: bool = False
    year: int = 0

    def kept(self) -> dict[str, Any]:
        """Return what the company file keeps; a certificate and a change only when there is one."""
        changes = ("certificate", "renew", "year")
        return {name: value for name, value in self.model_dump(mode="json").items() if value or name not in changes}


class Generate(_Model):
    """Seeded generation of list records: the same count, seed, locale and shares give the same records."""

    count: Annotated[int, Field(ge=0, le=1_000_000)]
    seed: int = 1
    locale: Literal["en_US"] = "en_US"
    odd_names: Annotated[float, Field(ge=0, le=1)] = 0.0
    jobs: Annotated[float, Field(ge=0, le=1)] = 0.0
    taxable: Annotated[float, Field(ge=0, le=1)] = 0.0


class AccountPart(_Model):
    """One account of a chart; `special` is QuickBooks' own name for an account it posts to by itself."""

    name: Annotated[str, Field(min_length=1, max_length=31)]
    type: Literal[
        "Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard",
        "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome",
        "OtherExpense",
    ]  # fmt: skip
    number: Annotated[str, Field(max_length=7), BeforeValidator(_as_text)] = ""
    special: Literal[
        "", "AccountsPayable", "AccountsReceivable", "CondenseItemAdjustmentExpenses", "CostOfGoodsSold", "DirectDepositLiabilities",
        "Estimates", "ExchangeGainLoss", "InventoryAssets", "ItemReceiptAccount", "OpeningBalanceEquity", "PayrollExpenses",
        "PayrollLiabilities", "PettyCash", "PurchaseOrders", "ReconciliationDifferences", "RetainedEarnings", "SalesOrders",
        "SalesTaxPayable", "UncategorizedExpenses", "UncategorizedIncome", "UndepositedFunds",
    ] = ""  # fmt: skip
    parent: str = ""


class Accounts(_Model):
    """The chart of accounts: a template and accounts beside it."""

    template: Literal["us_wholesale", "none"] = "us_wholesale"
    given: list[AccountPart] = []


class CustomerPart(_Model):
    """A customer or, with a parent, a job."""

    name: Name
    parent: str = ""
    active: bool = True
    address: AddressPart | None = None
    phone: Annotated[str, Field(max_length=21)] = ""
    email: Annotated[str, Field(max_length=1023)] = ""
    terms: str = ""
    taxable: bool = False
    credit_limit: Money | None = None
    account_number: Annotated[str, Field(max_length=99)] = ""


class Customers(_Model):
    """Customers and jobs, given and generated."""

    given: list[CustomerPart] = []
    generate: Generate | None = None


class VendorPart(_Model):
    """A vendor."""

    name: Name
    active: bool = True
    address: AddressPart | None = None
    phone: Annotated[str, Field(max_length=21)] = ""
    email: Annotated[str, Field(max_length=1023)] = ""
    terms: str = ""


class Vendors(_Model):
    """Vendors, given and generated."""

    given: list[VendorPart] = []
    generate: Generate | None = None


class ItemPart(_Model):
    """An item that is sold, and with a cost also bought. Account names are FullNames of the chart.

    An item of kind `inventory` is kept in stock; `on_hand` pieces (a quantity as text) are there from the start, at its cost.
    """

    name: Annotated[str, Field(min_length=1, max_length=31)]
    kind: Literal["service", "non-inventory", "other charge", "inventory"] = "non-inventory"
    on_hand: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{1,10}(\.\d{1,5})?$")] = "0"
    description: Annotated[str, Field(max_length=4095)] = ""
    price: Money = "0.00"
    cost: Money | None = None
    income_account: str = ""
    expense_account: str = ""
    taxable: bool = True
    active: bool = True


class Items(_Model):
    """Items, given and generated."""

    given: list[ItemPart] = []
    generate: Generate | None = None


class TermsPart(_Model):
    """Standard terms: due after so many days, with a discount (percent, as text) when paid within others."""

    name: Annotated[str, Field(min_length=1, max_length=31)]
    due_days: Annotated[int, Field(ge=0)] = 0
    discount_days: Annotated[int, Field(ge=0)] = 0
    discount_percent: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{1,2}(\.\d{1,5})?$")] = "0"


class TaxCodePart(_Model):
    """A sales tax code of at most three characters."""

    name: Annotated[str, Field(min_length=1, max_length=3)]
    taxable: bool
    description: Annotated[str, Field(max_length=31)] = ""


class SalesTaxPart(_Model):
    """A sales tax item and the vendor the tax is paid to. The rate is a percentage as text: "8.25"."""

    name: Annotated[str, Field(min_length=1, max_length=31)]
    rate: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{1,2}(\.\d{1,5})?$")]
    vendor: Annotated[str, Field(min_length=1, max_length=41)] = "State Tax Authority"
    description: Annotated[str, Field(max_length=4095)] = "Sales Tax"


class TemplatePart(_Model):
    """A template of printed forms (names as QuickBooks ships them: observed; the list is ours)."""

    name: Annotated[str, Field(min_length=1, max_length=31)]
    type: Literal[
        "BuildAssembly", "CreditMemo", "Estimate", "Invoice", "PurchaseOrder", "SalesOrder", "SalesReceipt", "PaymentReceipt",
        "BillPayment",
    ]  # fmt: skip


class CurrencyPart(_Model):
    """A currency of a company that keeps several. The rate is home currency for one of it, as text: "1.16"."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    code: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    rate: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{1,6}(\.\d{1,8})?$")] = "1"


class History(_Model):
    """Transactions of the months after `started`: so many each working day, a share of the invoices paid a month later."""

    months: Annotated[int, Field(ge=0, le=36)] = 0
    invoices_per_day: Annotated[int, Field(ge=0, le=1000)] = 5
    bills_per_day: Annotated[int, Field(ge=0, le=1000)] = 1
    paid_share: Annotated[float, Field(ge=0, le=1)] = 0.8
    seed: int = 1


class Lists(_Model):
    """The lists of the company. What is left out has the defaults of a new US company."""

    accounts: Accounts = Accounts()
    customers: Customers = Customers()
    vendors: Vendors = Vendors()
    items: Items = Items()
    terms: list[TermsPart] = [
        TermsPart(name="Due on receipt"),
        TermsPart(name="Net 15", due_days=15),
        TermsPart(name="Net 30", due_days=30),
        TermsPart(name="1% 10 Net 30", due_days=30, discount_days=10, discount_percent="1"),
    ]
    tax_codes: list[TaxCodePart] = [
        TaxCodePart(name="Tax", taxable=True, description="Taxable Sales"),
        TaxCodePart(name="Non", taxable=False, description="Non-Taxable Sales"),
    ]
    sales_taxes: list[SalesTaxPart] = [SalesTaxPart(name="State Tax", rate="8.25")]
    payment_methods: list[str] = ["Cash", "Check", "Visa", "MasterCard", "E-Check"]
    ship_methods: list[str] = ["FedEx", "UPS", "US Mail"]
    customer_types: list[str] = []
    vendor_types: list[str] = []
    classes: list[str] = []
    templates: list[TemplatePart] = [
        TemplatePart(name="Intuit Product Invoice", type="Invoice"),
        TemplatePart(name="Intuit Service Invoice", type="Invoice"),
        TemplatePart(name="Custom Credit Memo", type="CreditMemo"),
        TemplatePart(name="Custom Estimate", type="Estimate"),
        TemplatePart(name="Custom Sales Order", type="SalesOrder"),
        TemplatePart(name="Custom Sales Receipt", type="SalesReceipt"),
        TemplatePart(name="Custom Purchase Order", type="PurchaseOrder"),
    ]
    currencies: list[CurrencyPart] = [
        CurrencyPart(name="US Dollar", code="USD"),
        CurrencyPart(name="Canadian Dollar", code="CAD", rate="0.73"),
        CurrencyPart(name="Euro", code="EUR", rate="1.16"),
        CurrencyPart(name="British Pound Sterling", code="GBP", rate="1.33"),
    ]
    sites: list[str] = []


class CompanyDescription(_Model):
    """A whole company file.

    `sensitive_data` is a rule: the file keeps card numbers and the like, so passwords that are set must be complex and run out after 90 days.
    `complex_password` is a state: complex passwords protect the file as it begins, without which personal data is kept from programs; it
    ends when a user sets a simple password, or is described with one. `no_applications`: the preference that no application
    may access the file. `certificate_notice`: the one to be told of certificates that run out.
    """

    company: CompanyPart
    licence: Licence = Licence()
    preferences: Preferences = Preferences()
    users: list[User] = [User(name="Admin", role="Admin")]
    apps: list[App] = []
    sensitive_data: bool = False
    no_applications: bool = False
    certificate_notice: bool = True
    complex_password: bool = True
    lists: Lists = Lists()
    history: History = History()
    _places: Places = PrivateAttr(default_factory=lambda: Places("company description"))

    @property
    def places(self) -> Places:
        """Where its parts are written, for what turns out wrong when the company is made; no place when it was not read from a file."""
        return self._places

    @model_validator(mode="after")
    def _licence_fits(self) -> "CompanyDescription":
        most = EDITION_SEATS[self.company.edition]
        if self.licence.seats > most:
            raise ValueError(f"licence.seats is {self.licence.seats}; {self.company.edition} admits at most {most}")
        return self

    def facts(self) -> dict[str, Any]:
        """Return what the company file keeps as settings, in JSON types."""
        facts = self.company.model_dump(mode="json")
        facts["path_shown"] = facts.pop("file")
        facts["address"] = self.company.address.values() if self.company.address else None
        facts["seats"] = self.licence.seats
        facts["preferences"] = self.preferences.model_dump(mode="json")
        facts["users"] = [user.kept(self.company.started) for user in self.users]
        facts["sensitive_data"] = self.sensitive_data
        # What stands at its default is not kept, so that files of before are made, and stamped, as they were.
        areas = {user.name.casefold(): dict(user.areas) for user in self.users if user.areas}
        facts |= {"areas": areas} if areas else {}
        facts |= {name: getattr(self, name) for name in FILE_PREFERENCES if name in self.model_fields_set}
        facts["apps"] = [app.kept() for app in self.apps]
        taxable = next((code.name for code in self.lists.tax_codes if code.taxable), None)
        non_taxable = next((code.name for code in self.lists.tax_codes if not code.taxable), None)
        facts |= {"taxable_code": taxable, "non_taxable_code": non_taxable}
        facts["sales_tax_item"] = self.lists.sales_taxes[0].name if self.lists.sales_taxes else None
        return facts


def load_description(path: Path) -> CompanyDescription:
    """Read a company description.

    Raises:
        UserMistake: with file, line, column, what was found, what was expected, and the nearest right word.
    """
    description, places = load_placed(path, CompanyDescription)
    description._places = places
    return description
