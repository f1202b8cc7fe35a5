"""What QuickBooks says of itself and of the company, and the mapping of accounts to form 1099."""

from typing import Any

import pytest

from company.conformance.everything import GUID, everything
from company.helpers import SMALL, Bench
from emulator.company import Caller
from emulator.company.tax_lines import TAX_LINES
from emulator.qbxml.versions import VERSIONS


def told(bench: Bench, noun: str, caller: Caller | None = None, **values: Any) -> dict[str, Any]:
    [record] = [record for _name, record in bench.query(noun, caller, **values).records]
    assert isinstance(record, dict)
    return record


class TestHost:
    @pytest.mark.parametrize(
        ("edition", "year", "product", "major"),
        [("Enterprise", 2024, "QuickBooks Desktop Enterprise 2024", "34"), ("Pro", 2021, "QuickBooks Desktop Pro 2021", "31")],
    )
    def test_the_product_is_that_of_the_description(self, edition: str, year: int, product: str, major: str) -> None:
        bench = Bench(yaml=SMALL.replace("company: {", f"company: {{edition: {edition}, year: {year}, "))
        host = told(bench, "Host")
        assert (host["ProductName"], host["MajorVersion"], host["Country"]) == (product, major, "US")
        assert host["SupportedQBXMLVersion"] == list(VERSIONS)

    @pytest.mark.parametrize(("mode", "automatic"), [("SingleUser", False), ("MultiUser", True)])
    def test_the_session_is_that_of_the_caller(self, mode: Any, automatic: bool) -> None:
        host = told(Bench(), "Host", Caller("s", file_mode=mode, automatic_login=automatic))
        assert (host["QBFileMode"], host["IsAutomaticLogin"]) == (mode, automatic)

    @pytest.mark.parametrize(("edition", "names"), [("Pro", 14_500), ("Enterprise", 1_000_000)])
    def test_capacities_only_when_asked_for(self, edition: str, names: int) -> None:
        bench = Bench(yaml=SMALL.replace("company: {", f"company: {{edition: {edition}, "))
        assert "ListMetaData" not in told(bench, "Host")
        capacities = told(bench, "Host", IncludeListMetaData={"IncludeMaxCapacity": True})["ListMetaData"]
        assert capacities["EntityMetaData"] == {"MaxCapacity": names}


class TestCompany:
    def test_what_the_description_says(self) -> None:
        yaml = SMALL.replace("company: {", 'company: {phone: "555-1", email: a@b.example, ein: "12-3456789", ')
        company = told(Bench(yaml=yaml), "Company")
        assert (company["CompanyName"], company["Phone"], company["Email"]) == ("Test Company", "555-1", "a@b.example")
        assert company["EIN"] == "12-3456789"

    def test_private_data_is_told_to_those_who_ask_by_its_owner(self) -> None:
        bench = everything()
        value = {"OwnerID": GUID, "DataExtName": "Color", "OtherDataExtType": "Company", "DataExtValue": "red"}
        assert bench.ask("DataExt", "Add", {"DataExtAdd": value}).status.code == 0
        assert "DataExtRet" not in told(bench, "Company")
        assert [each["DataExtValue"] for each in told(bench, "Company", OwnerID=[GUID])["DataExtRet"]] == ["red"]

    def test_a_file_that_was_never_restored(self) -> None:
        assert told(Bench(), "CompanyActivity").keys() == {"LastRestoreTime", "LastCondenseTime"}


class TestPreferences:
    @pytest.mark.parametrize(
        ("chosen", "path", "on"),
        [
            ("classes", ("AccountingPreferences", "IsUsingClassTracking"), True),
            ("currencies", ("MultiCurrencyPreferences", "IsMultiCurrencyOn"), True),
            ("sites", ("MultiLocationInventoryPreferences", "IsMultiLocationInventoryEnabled"), True),
        ],
    )
    def test_what_is_on(self, chosen: str, path: tuple[str, str], on: bool) -> None:
        for value in (False, True):
            yaml = f"preferences: {{{chosen}: {str(value).lower()}}}\n" + SMALL.replace(
                "company: {", "company: {edition: Enterprise, "
            )
            group, name = path
            assert told(Bench(yaml=yaml), "Preferences")[group][name] is value

    def test_the_closing_date(self) -> None:
        bench = Bench(yaml=SMALL.replace("company: {", "company: {closing_date: 2025-12-31, "))
        assert told(bench, "Preferences")["AccountingPreferences"]["ClosingDate"] == "2025-12-31"

    def test_the_access_of_the_caller(self) -> None:
        caller = Caller("s", user="Goflow", automatic_login=True, personal_data=True)
        rights = told(Bench(), "Preferences", caller)["CurrentAppAccessRights"]
        assert rights == {
            "IsAutomaticLoginAllowed": True,
            "IsPersonalDataAccessAllowed": True,
            "AutomaticLoginUserName": "Goflow",
        }


def test_tax_lines_are_listed_and_told_on_the_account_that_has_one() -> None:
    bench = Bench()
    listed = {row["TaxLineID"]: row["TaxLineName"] for row in bench.found("AccountTaxLineInfo")}
    assert listed == TAX_LINES
    number = next(iter(listed))
    made = bench.add("Account", {"Name": "Taxed", "AccountType": "Income", "TaxLineID": number})
    assert made["TaxLineInfoRet"] == {"TaxLineID": number, "TaxLineName": listed[number]}
    answer = bench.ask("Account", "Add", {"AccountAdd": {"Name": "Other", "AccountType": "Income", "TaxLineID": 99_999}})
    assert answer.status.failed


class TestForm1099:
    def mod(self, bench: Bench, **values: Any) -> Any:
        return bench.ask("Form1099CategoryAccountMapping", "Mod", {"Form1099CategoryAccountMappingMod": values})

    def change(self, category: str, *accounts: str, force: bool = False, **more: Any) -> dict[str, Any]:
        mapped = [{"AccountRef": {"FullName": name}, **({"ForceMapping": True} if force else {})} for name in accounts]
        return {"MappingCategory": category, "MappingAccount": mapped, **more}

    def mapping(self, bench: Bench, **values: Any) -> dict[str, list[str]]:
        record = told(bench, "Form1099CategoryAccountMapping", **values)
        return {
            each["MappingCategory"]: [account["FullName"] for account in each.get("AccountRef", ())]
            for each in record.get("CategoryAccountMapping", ())
        }

    def test_nothing_is_mapped_at_first(self) -> None:
        record = told(Bench(), "Form1099CategoryAccountMapping")
        assert (record["IsFiling1099Misc"], self.mapping(Bench())) == (False, {})

    def test_accounts_are_mapped_and_told_and_kept(self) -> None:
        bench = Bench()
        assert self.mod(bench, IsFiling1099Misc=True, CategoryAccountMappingMod=[self.change("BOX1", "Rent")]).status.code == 0
        assert self.mapping(bench) == {"BOX1": ["Rent"]}
        assert told(bench, "Form1099CategoryAccountMapping")["IsFiling1099Misc"] is True
        self.mod(bench, CategoryAccountMappingMod=[self.change("BOX2", "Office Supplies"), self.change("BOX1")])
        assert self.mapping(bench) == {"BOX1": [], "BOX2": ["Office Supplies"]}
        assert self.mapping(bench, MappingCategory=["BOX2"]) == {"BOX2": ["Office Supplies"]}

    def test_an_account_has_one_box_unless_it_is_forced(self) -> None:
        bench = Bench()
        self.mod(bench, CategoryAccountMappingMod=[self.change("BOX1", "Rent")])
        assert self.mod(bench, CategoryAccountMappingMod=[self.change("BOX2", "Rent")]).status.code == 3180
        assert self.mapping(bench) == {"BOX1": ["Rent"]}
        assert self.mod(bench, CategoryAccountMappingMod=[self.change("BOX2", "Rent", force=True)]).status.code == 0
        assert self.mapping(bench) == {"BOX1": [], "BOX2": ["Rent"]}

    def test_an_account_that_is_not_there(self) -> None:
        assert self.mod(Bench(), CategoryAccountMappingMod=[self.change("BOX1", "Nothing")]).status.code == 3140
