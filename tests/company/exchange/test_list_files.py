"""Lists as CSV and IIF: round trips, the rules of Add requests, and what is wrong with a file told by line and column."""

import csv
import io

import pytest

from company.helpers import Clock
from company.proven import Proven
from emulator.company import Company, CompanyDescription, described
from emulator.company.exchange.columns import ITEM_TYPES, TABLE_OF, TABLES
from emulator.company.exchange.list_files import read_csv, read_iif
from emulator.company.exchange.returning import _elements, _elements_of
from emulator.company.exchange.rows import item_paths, terms_paths
from emulator.core.errors import UserMistake

EMPTY = "empty"


def made(name: str = EMPTY, bare: bool = False) -> Company:
    return Company.create(None, described(name), Clock(), bare=bare)


def rich() -> Company:
    """A company with a record of every list that list files hold, with every column filled."""
    bench = Proven()
    add = bench.add
    address = {"Addr1": "Abercrombie, Inc.", "Addr2": '12 "Old" Road', "City": "Ithaca", "State": "NY", "PostalCode": "14850"}
    person = {
        "Salutation": "Ms.",
        "FirstName": "Ada",
        "MiddleName": "B",
        "LastName": "Cole",
        "CompanyName": "Cole, Ltd",
        "Fax": "5551",
    }
    person |= {"AltPhone": "5552", "AltContact": "Dora", "Contact": "Ada Cole", "Phone": "5550", "Email": "ada@example.com"}
    full = lambda name: {"FullName": name}  # noqa: E731
    add("CustomerType", {"Name": "Retail"})
    add("CustomerType", {"Name": "Café", "ParentRef": full("Retail")})
    add("VendorType", {"Name": "Maker"})
    add("JobType", {"Name": "Repair"})
    add("CustomerMsg", {"Name": "Thank you, come again"})
    add(
        "DateDrivenTerms",
        {"Name": "Fifth", "DayOfMonthDue": 5, "DueNextMonthDays": 3, "DiscountDayOfMonth": 1, "DiscountPct": 150_000},
    )
    add(
        "Employee",
        {"FirstName": "Eve", "LastName": "Dun", "EmployeeAddress": {"Addr1": "1 Lane", "City": "Ithaca", "State": "NY"}},
    )
    add("OtherName", {"Name": "Petty", **person, "OtherNameAddress": address, "Notes": "first line\nsecond line"})
    add("SalesRep", {"Initial": "ED", "SalesRepEntityRef": full("Eve Dun")})
    more = {
        "VendorTypeRef": full("Maker"),
        "CreditLimit": 123_450,
        "VendorTaxIdent": "12-3456789",
        "IsVendorEligibleFor1099": True,
    }
    add(
        "Vendor",
        {"Name": "Cole", **person, "VendorAddress": address, "TermsRef": full("Fifth"), "NameOnCheck": "A. Cole", **more},
    )
    job = {"JobStatus": "InProgress", "JobTypeRef": full("Repair"), "JobDesc": "roof", "JobStartDate": "2026-01-02"}
    add(
        "Customer",
        {"Name": "Cole & Sons", **person, "BillAddress": address, "CustomerTypeRef": full("Retail:Café"), "IsActive": False},
    )
    more = {
        "ParentRef": full("Abercrombie"),
        "SalesRepRef": full("ED"),
        "CreditLimit": 5_000,
        "ItemSalesTaxRef": full("State Tax"),
    }
    add("Customer", {"Name": "Roof", **more, **job, "AccountNumber": "A-1", "ResaleNumber": "R-1"})
    accounts = {row["document"]["AccountType"]: row["full_name"] for row in bench.company.truth.accounts()}
    income = full(accounts["Income"])
    add("ItemDiscount", {"Name": "Tenth", "ItemDesc": "a tenth off", "DiscountRatePercent": 1_000_000, "AccountRef": income})
    add("ItemSubtotal", {"Name": "Sum", "ItemDesc": "so far"})
    add("ItemPayment", {"Name": "Paid", "ItemDesc": "paid", "PaymentMethodRef": full("Cash")})
    add("ItemOtherCharge", {"Name": "Fee", "SalesOrPurchase": {"Desc": "fee", "PricePercent": 500_000, "AccountRef": income}})
    return bench.company


def lists_of(company: Company) -> dict[str, str]:
    return {name: company.exchange.csv(name) for name in company.exchange.list_names()}


def without_identities(iif: str) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(iif, newline=""), delimiter="\t"))
    return [[*row[:2], *row[4:]] for row in rows if row[0] not in ("HDR", "!HDR")]


def bare_like(company: Company) -> Company:
    return Company.create(None, CompanyDescription.model_validate(company._store.setting("description")), Clock(), bare=True)


@pytest.mark.parametrize(
    "make", [rich, pytest.param(lambda: made("wholesale_small"), marks=pytest.mark.slow)], ids=["rich", "small"]
)
def test_iif_goes_round(make):
    company = make()
    text = company.exchange.iif(company.exchange.list_names())
    other = bare_like(company)
    counted = other.exchange.add(read_iif(text.encode("cp1252"), "lists.iif").lines)
    assert without_identities(other.exchange.iif(other.exchange.list_names())) == without_identities(text)
    assert counted.total() == len(without_identities(text)) - len(company.exchange.list_names())
    assert other.truth.problems() == []


@pytest.mark.parametrize(
    "make", [rich, pytest.param(lambda: made("wholesale_small"), marks=pytest.mark.slow)], ids=["rich", "small"]
)
def test_csv_goes_round(make):
    company = make()
    before = lists_of(company)
    other = bare_like(company)
    lines = [line for name, text in before.items() for line in read_csv(text.encode(), f"{name}.csv").lines]
    other.exchange.add(lines)
    # What follows from transactions is not taken in: nothing is in stock or owed yet.
    assert {name: _without_balances(text) for name, text in lists_of(other).items()} == {
        name: _without_balances(text) for name, text in before.items()
    }


def _without_balances(text: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text))
    return [{name: cell for name, cell in row.items() if "Balance" not in name and name != "Quantity On Hand"} for row in rows]


def test_every_column_stands_for_an_element_of_its_add():
    for table in TABLES:
        for noun in table.nouns:
            paths = [
                column.path
                for column in table.columns
                if column.path and not column.follows and column.iif not in ("MANUFACPARTNO", "EXTRA")
            ]
            if table.name == "Item":
                paths = [("Name",), *item_paths(noun, True).values(), *item_paths(noun, False).values()]
            if table.name == "Terms":
                paths += terms_paths(noun).values()
            for path in paths:
                known = _elements_of(_elements(f"{noun}AddRq")[f"{noun}Add"].children)
                for name in path:
                    assert name in known, (noun, path)
                    known = _elements_of(known[name].children)


def test_headings_of_a_list_are_told_apart():
    for table in TABLES:
        names = [column.csv for column in table.columns if column.csv]
        assert len(names) == len(set(names)), table.name
        iif = [column.iif for column in table.columns if column.iif]
        assert len(iif) == len(set(iif)), table.name
        assert read_csv((",".join(names) + "\n").encode(), "x.csv").lines == []


def refused_csv(text: str | bytes, list_name: str = "") -> str:
    company = made()
    before = company.exchange.answers()
    with pytest.raises(UserMistake) as mistake:
        company.exchange.add(read_csv(text if isinstance(text, bytes) else text.encode(), "x.csv", list_name).lines)
    assert company.exchange.answers() == before
    return str(mistake.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Customer,Compny\nA,B\n", "x.csv:1, column 2: unknown heading 'Compny'; expected 'Company'"),
        ("Customer,Company,Company\nA,B,C\n", "x.csv:1, column 3: the heading 'Company' stands there twice"),
        ("Company,Terms\nA,B\n", "x.csv:1"),
        ("Customer,Company\nA,B\nC\n", "x.csv:3, column 2: 1 cells under 2 headings"),
        ("Customer,Company\nA,B,C\n", "x.csv:2, column 3: 3 cells under 2 headings"),
        ('Customer,Company\n"A,B\nC,D\n', "x.csv:3: not readable (unexpected end of data); the record begins in line 2"),
        (f"Customer\n{'x' * 200_000}\n", "x.csv:2: a cell of more than 131,072 characters"),
        ("Customer;Company\nA;B\n", "x.csv:1: its cells are separated by ';'; expected commas"),
        ("Customer,Terms\n,Net 15\n", "x.csv:2, column 1 (Customer): Customer: a required element is missing"),
        ('Customer,Company\nA,"B', "x.csv:2: not readable"),
        ("Customer\nA\na\n", "x.csv:3, column 1 (Customer): Customer is refused: 3100"),
        ("Customer,Terms\nA,Net 16\n", "x.csv:2, column 2 (Terms): Customer is refused: 3140"),
        ("Customer,Terms\nA,Net 3O\n", "in the Customer. Expected 'Net 30'; mend the line"),
        ("Customer,Credit Limit\nA,lots\n", "x.csv:2, column 2 (Credit Limit): Credit Limit is 'lots'; expected an amount"),
        ("Customer,Start Date\nA,2026-01-02\n", "expected a date such as 01/31/2026"),
        ("Customer,Active Status\nA,perhaps\n", "x.csv:2, column 2 (Active Status)"),
        ("Customer,M.I.\nA,much too long\n", "x.csv:2, column 2 (M.I.): Customer is refused: 3070"),
        (f"Customer\n{'x' * 42}\n", "x.csv:2, column 1 (Customer): Customer is refused: 3070"),
        ("Customer\nNobody:Job\n", "x.csv:2, column 1 (Customer): Customer is refused: 3130"),
        ("Account,Type\nA,Bnk\n", "x.csv:2, column 2 (Type): Type is 'Bnk'; expected 'BANK'"),
        ("Account,Type\nA,\n", "x.csv:2"),
        ("Item,Type,Account\nA,Group,\n", "an item of type 'Group' has parts"),
        ("Item,Type,Account,Taxing Agency\nA,Service,Sales,State\n", "column 4 (Taxing Agency)"),
        ("Item,Type,Account\nA,Servise,Sales\n", "x.csv:2, column 2 (Type): Type is 'Servise'; expected 'Service'"),
        (b"Customer\nA\x81B\n", "x.csv:2: the byte 0x81 at character 2"),
        ("Customer\nA\n".encode("utf-16"), "x.csv:1: it is UTF-16"),
        ("Customer\nA\n".encode("utf-16-le"), "x.csv:1: it is UTF-16"),
        ("Customer\nA\n".encode("utf-16-be"), "x.csv:1: it is UTF-16"),
        (b"Customer\nAda\nA\0b\n", "x.csv:3: the byte 0x00 at character 2 is no text"),
        (b"Customer\nA\x01da\n", "x.csv:2: the byte 0x01 at character 2 is no text"),
        ("\n", "the file is empty"),
        ("Name,Colour\nA,B\n", "x.csv:1: "),
    ],
)
def test_a_mistake_in_a_csv_is_told_with_its_place(text, says):
    assert says in refused_csv(text)


def test_a_csv_of_a_named_list_must_have_its_headings():
    assert "unknown heading 'Customer'" in refused_csv("Customer\nA\n", "Vendor")


def test_a_csv_may_be_of_either_encoding():
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        company = made()
        company.exchange.add(read_csv("Customer\r\nCafé Zürich\r\n".encode(encoding), "x.csv").lines)
        assert [row["name"] for row in company.truth.customers()] == ["Café Zürich"]


def refused_iif(text: str | bytes) -> str:
    company = made()
    before = company.exchange.answers()
    with pytest.raises(UserMistake) as mistake:
        company.exchange.add(read_iif(text if isinstance(text, bytes) else text.encode("cp1252"), "x.iif").lines)
    assert company.exchange.answers() == before
    return str(mistake.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("!CUSTT\tNAME\nCUSTT\tA\n", "x.iif:1, column 1: unknown keyword '!CUSTT'; expected 'CUST'"),
        ("CUST\tA\n!CUST\tNAME\n", "x.iif:1: CUST before its headings"),
        ("!CUST\tPHONE1\nCUST\t1\n", "x.iif:1: !CUST has no heading NAME"),
        ("!CUST\tNAME\tTERM\nCUST\tA\tNet 30\n", "x.iif:1, column 3: unknown heading 'TERM'; expected 'TERMS'"),
        ("!CUST\tNAME\tPHONE1\tPHONE1\nCUST\tA\t1\t2\n", "x.iif:1, column 4: the heading PHONE1 stands there twice"),
        ("!CUST\tNAME\nCUST\tA\tB\n", "x.iif:2, column 3: a cell without a heading"),
        ("!CUST\tNAME\tTERMS\nCUST\tA\tNet 16\n", "x.iif:2, column 3 (TERMS): Customer is refused: 3140"),
        ("!CUST\tNAME\nCUST\tA\nCUST\tB\nCUST\ta\n", "x.iif:4, column 2 (NAME): Customer is refused: 3100"),
        ("!CUST\tNAME\tTERMS\tREP\nCUST\tA\tNet", "x.iif:2: the last line is cut short"),
        ('!CUST\tNAME\tCOMPANYNAME\nCUST\tA\t"B', "x.iif:2: not readable"),
        (
            "!TRNS\tTRNSID\nTRNS\t1\n",
            "x.iif:1, column 1: !TRNS is a line of a transaction, and transactions do not come in from IIF",
        ),
        ("!CUST\tNAME\nCUST\tA\nSPL\t1\n", "x.iif:3, column 1: SPL is a line of a transaction"),
        ("!CUST\tNAME\nCUST\tCafé\n".encode(), "x.iif:2: it is UTF-8; expected Windows-1252"),
        ("!ACCNT\tNAME\tACCNTTYPE\tEXTRA\nACCNT\tMine\tEQUITY\tOPENBAL\n", "x.iif:2, column 4 (EXTRA): the file has an account"),
        ("hello\n", "unknown keyword 'hello'"),
        ("!HDR\tPROD\nHDR\tQuickBooks\n", "it has no line of headings"),
    ],
)
def test_a_mistake_in_an_iif_is_told_with_its_place(text, says):
    assert says in refused_iif(text)


def test_an_iif_of_quickbooks_own_columns_comes_in():
    text = (
        "!HDR\tPROD\tVER\tREL\tIIFVER\tDATE\tTIME\tACCNTNT\tACCNTNTSPLITTIME\n"
        "HDR\tQuickBooks Desktop Pro\tVersion 27.0D\tRelease R5P\t1\t2017-07-29\t1501191278\tN\t0\n"
        "!CUSTNAMEDICT\tINDEX\tLABEL\tCUSTOMER\tVENDOR\tEMPLOYEE\n!ENDCUSTNAMEDICT\n"
        "CUSTNAMEDICT\t0\t\tN\tN\tN\nENDCUSTNAMEDICT\n"
        "!CUST\tNAME\tREFNUM\tTIMESTAMP\tBADDR1\tBADDR2\tBADDR3\tPHONE1\tCTYPE\tTERMS\tTAXABLE\tLIMIT\tCUSTFLD1\tHIDDEN\tDELCOUNT\n"
        'CUST\t"Cole, Ada"\t7\t1501191278\tAda Cole\t"12 ""Old"" Road"\tIthaca NY\t555\tRetail\tNet 30\tN\t"1,500.00"\t\tY\t0\n'
        "CUST\tShort\n"
    )
    company = made()
    found = read_iif(text.encode("cp1252"), "x.iif")
    company.exchange.add(found.lines)
    ada = next(row for row in company.truth.customers() if row["name"] == "Cole, Ada")
    assert ada["active"] is False
    assert ada["document"]["CreditLimit"] == 150_000
    assert ada["document"]["BillAddress"]["Addr2"] == '12 "Old" Road'
    assert ada["document"]["CustomerTypeRef"]["FullName"] == "Retail"
    assert ada["document"]["SalesTaxCodeRef"]["FullName"] == "Non"
    assert "CUST DELCOUNT" in found.left_out


def test_items_of_every_type_that_a_row_holds():
    assert set(TABLE_OF["Item"].nouns) == set(ITEM_TYPES)
