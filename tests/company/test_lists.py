"""Names, parents, references, Mods: the rules of list records, one row per rule and code."""

from typing import Any

import pytest

from emulator.company import Caller

from .helpers import SMALL, Bench, invoice, record_of

FIVE_LINES = {f"Addr{number}": f"Line {number}" for number in range(1, 6)}


@pytest.mark.parametrize(
    ("noun", "values", "code"),
    [
        ("Customer", {"Name": "Baker"}, 3100),
        ("Customer", {"Name": "bAKER"}, 3100),
        ("Customer", {"Name": "Lamp Factory"}, 3100),  # vendors share the namespace
        ("Vendor", {"Name": "baker"}, 3100),
        ("OtherName", {"Name": "Baker"}, 3100),
        ("Customer", {"Name": "Kitchen", "ParentRef": {"FullName": "ABERCROMBIE"}}, 3100),
        ("ItemService", {"Name": "LAMP", "SalesOrPurchase": {"AccountRef": {"FullName": "Sales"}}}, 3100),  # items share one
        ("ItemSalesTax", {"Name": "Lamp"}, 3100),
        ("Account", {"Name": "Rent", "AccountType": "Expense"}, 3100),
        ("Customer", {"Name": "A:B"}, 3090),
        ("Customer", {"Name": None}, 3150),
        ("Customer", {"Name": "  "}, 3150),
        ("Customer", {"Name": "X", "ParentRef": {"FullName": "Nobody"}}, 3130),
        ("Customer", {"Name": "X", "ParentRef": {"FullName": "Landlord"}}, 3130),  # a vendor is no parent of customers
        ("Customer", {"Name": "X", "ParentRef": {"ListID": "80000001-1"}}, 3130),
        ("Customer", {"Name": "X", "TermsRef": {"FullName": "Net 99"}}, 3140),
        ("Customer", {"Name": "X", "TermsRef": {}}, 3140),
        ("Customer", {"Name": "X", "SalesRepRef": {"FullName": "ABC"}}, 3140),
        ("Customer", {"Name": "X", "ItemSalesTaxRef": {"FullName": "Lamp"}}, 3140),  # wrong kind of item
        ("Customer", {"Name": "X", "CurrencyRef": {"FullName": "Euro"}}, 3250),
        ("Customer", {"Name": "X", "ClassRef": {"FullName": "East"}}, 3250),
        ("ItemService", {"Name": "X", "SalesOrPurchase": {"AccountRef": {"FullName": "Nowhere"}}}, 3140),
        ("ItemService", {"Name": "X", "SalesOrPurchase": {"Price": 100000}}, 3270),
        ("Account", {"Name": "X", "AccountType": "NonPosting"}, 3180),
        ("Account", {"Name": "X", "AccountType": "Expense", "AccountNumber": "67100"}, 3180),  # the number of Rent
        ("Account", {"Name": "X", "AccountType": "Income", "OpenBalance": 100}, 3180),  # profit accounts open at nothing
        ("JobType", {"Name": "REMODEL"}, 3180),
        ("Customer", {"Name": "X", "BillAddress": {**FIVE_LINES, "City": "Troy"}}, 3205),
        ("Customer", {"Name": "X", "BillAddress": {**FIVE_LINES, "Country": "USA"}}, 3205),
        ("Vendor", {"Name": "X", "VendorAddress": {**FIVE_LINES, "PostalCode": "12180"}}, 3205),
        ("Invoice", invoice(ShipAddress={**FIVE_LINES, "State": "NY"}), 3205),
    ],
)
def test_refused(noun: str, values: dict[str, Any], code: int) -> None:
    bench = Bench()
    bench.add("JobType", {"Name": "Remodel"})
    assert bench.refused(noun, values) == code


def test_an_address_of_five_lines_and_by_the_switch_a_longer_one() -> None:
    assert Bench().add("Customer", {"Name": "X", "BillAddress": FIVE_LINES})["BillAddressBlock"] == FIVE_LINES
    bench = Bench(switches={"company.address-too-long": "cut"})
    added = bench.add("Customer", {"Name": "X", "BillAddress": {**FIVE_LINES, "City": "Troy"}})
    assert (added["BillAddress"]["City"], added["BillAddressBlock"]) == ("Troy", FIVE_LINES)


def test_a_job_may_have_the_name_of_another_customers_job() -> None:
    bench = Bench()
    job = bench.add("Customer", {"Name": "Kitchen", "ParentRef": {"FullName": "Baker"}})
    assert (job["FullName"], job["Sublevel"]) == ("Baker:Kitchen", 1)
    assert job["ParentRef"] == {"ListID": bench.found("Customer", FullName=["Baker"])[0]["ListID"], "FullName": "Baker"}


def test_five_levels_and_no_more() -> None:
    bench = Bench()
    parent = "Baker"
    for level in range(2, 6):
        parent = bench.add("Customer", {"Name": f"L{level}", "ParentRef": {"FullName": parent}})["FullName"]
    assert parent.count(":") == 4
    assert bench.refused("Customer", {"Name": "L6", "ParentRef": {"FullName": parent}}) == 3180


@pytest.mark.parametrize(("levels", "code"), [(4, 0), (5, 3180)])
def test_what_stands_below_moves_along_and_counts(levels: int, code: int) -> None:
    bench = Bench()
    top = bench.add("Customer", {"Name": "L1"})
    parent = "L1"
    for level in range(2, levels + 1):
        parent = bench.add("Customer", {"Name": f"L{level}", "ParentRef": {"FullName": parent}})["FullName"]
    change = {"ListID": top["ListID"], "EditSequence": top["EditSequence"], "ParentRef": {"FullName": "Baker"}}
    assert bench.ask("Customer", "Mod", {"CustomerMod": change}).status.code == code
    assert bool(bench.query("Customer", FullName=[f"Baker:{parent}"]).records) == (code == 0)


@pytest.mark.parametrize(("account_type", "code"), [("Bank", 0), ("Expense", 3180), ("OtherCurrentAsset", 3180)])
def test_a_subaccount_has_the_type_of_the_account_above(account_type: str, code: int) -> None:
    bench = Bench()
    below = {"Name": "Till", "ParentRef": {"FullName": "Operating Account"}, "AccountType": account_type}
    assert bench.ask("Account", "Add", {"AccountAdd": below}).status.code == code
    if code:
        alone = bench.add("Account", {"Name": "Till", "AccountType": account_type})
        change = {name: alone[name] for name in ("ListID", "EditSequence")}
        assert bench.refused("Account", {**change, "ParentRef": below["ParentRef"]}, "Mod") == code


def test_identities_follow_one_counter_per_family_and_refused_adds_use_none() -> None:
    bench = Bench()
    seconds = int(bench.clock().timestamp())
    first = bench.add("Customer", {"Name": "One"})
    assert bench.refused("Customer", {"Name": "One"}) == 3100
    assert bench.refused("Customer", {"Name": "Two", "TermsRef": {"FullName": "none"}}) == 3140
    assert bench.refused("Vendor", {"Name": "A:B"}) == 3090
    second = bench.add("Vendor", {"Name": "Three"})
    counters = [int(each["ListID"].split("-")[0], 16) for each in (first, second)]
    assert counters[1] == counters[0] + 1
    assert counters[0] > 0x80000000
    assert [each["ListID"].split("-")[1] for each in (first, second)] == [str(seconds)] * 2
    assert first["EditSequence"] == str(seconds)


def test_list_id_wins_over_full_name() -> None:
    bench = Bench()
    baker = bench.found("Customer", FullName=["baker"])[0]
    saved = bench.add("Invoice", {**invoice(), "CustomerRef": {"ListID": baker["ListID"], "FullName": "Nonsense"}})
    assert saved["CustomerRef"] == {"ListID": baker["ListID"], "FullName": "Baker"}


def test_an_address_comes_with_its_block() -> None:
    address = {"Addr1": "Baker", "Addr2": "1 Main St", "City": "Troy", "State": "NY", "PostalCode": "12180"}
    added = Bench().add("Customer", {"Name": "New", "BillAddress": address})
    assert added["BillAddress"] == address
    assert added["BillAddressBlock"] == {"Addr1": "Baker", "Addr2": "1 Main St", "Addr3": "Troy, NY 12180"}


def test_contacts_and_notes_get_identities() -> None:
    added = Bench().add(
        "Customer",
        {
            "Name": "New",
            "Contacts": [{"FirstName": "Ann", "LastName": "Lee"}],
            "AdditionalNotes": [{"Note": "first"}, {"Note": "second"}],
        },
    )
    assert added["ContactsRet"][0]["Contact"] == "Ann Lee"
    assert added["ContactsRet"][0]["ListID"] == "0000000000000001"
    assert [(note["NoteID"], note["Note"]) for note in added["AdditionalNotesRet"]] == [(1, "first"), (2, "second")]


@pytest.mark.parametrize(("cents", "kind"), [(12_345, "Invoice"), (-500, "CreditMemo")])
def test_an_opening_balance_is_a_transaction(cents: int, kind: str) -> None:
    bench = Bench()
    added = bench.add("Customer", {"Name": "Old friend", "OpenBalance": cents, "OpenBalanceDate": "2026-01-31"})
    assert added["Balance"] == cents
    [row] = bench.truth.transactions()
    assert (row["kind"], row["date"], row["amount_cents"]) == (kind, "2026-01-31", abs(cents))
    assert bench.truth.problems() == []


def test_an_opening_balance_of_a_vendor_is_a_bill() -> None:
    bench = Bench()
    assert bench.add("Vendor", {"Name": "Old supplier", "OpenBalance": 777})["Balance"] == 777
    assert bench.truth.ledger_sums() == {"Accounts Payable": -777, "Uncategorized Expenses": 777}


class TestMod:
    def modify(self, bench: Bench, name: str, noun: str = "Customer", **changes: Any) -> Any:
        now = bench.found(noun, FullName=[name])[0]
        values = {"ListID": now["ListID"], "EditSequence": now["EditSequence"], **changes}
        return bench.ask(noun, "Mod", {f"{noun}Mod": values})

    def test_what_is_left_out_stays_and_an_empty_element_clears(self) -> None:
        bench = Bench()
        bench.add("Customer", {"Name": "New", "Phone": "1", "Fax": "2", "TermsRef": {"FullName": "Net 30"}})
        changed = record_of(self.modify(bench, "New", Phone=None, Email="a@b.example", TermsRef=None))
        assert "Phone" not in changed
        assert "TermsRef" not in changed
        assert (changed["Fax"], changed["Email"], changed["Name"]) == ("2", "a@b.example", "New")

    @pytest.mark.parametrize(
        ("noun", "empty", "field", "after"),
        [
            ("Customer", "<TermsRef/>", "TermsRef", None),
            ("Customer", "<TermsRef><FullName/></TermsRef>", "TermsRef", None),
            ("Customer", "<TermsRef><ListID></ListID></TermsRef>", "TermsRef", None),
            ("Customer", "<SalesTaxCodeRef/>", "SalesTaxCodeRef", None),
            ("Customer", "<ParentRef/>", "ParentRef", None),
            ("Customer", "<BillAddress/>", "BillAddress", None),
            ("Customer", "<BillAddress/>", "BillAddressBlock", None),
            ("Customer", "<BillAddress><Addr1/></BillAddress>", "BillAddress", {"City": "Troy"}),
            ("Vendor", "<IsVendorEligibleFor1099/>", "IsVendorEligibleFor1099", False),
            ("Vendor", "<VendorAddress/>", "VendorAddress", None),
            ("Vendor", "<TermsRef><FullName/></TermsRef>", "TermsRef", None),
            ("ItemService", "<SalesTaxCodeRef/>", "SalesTaxCodeRef", None),
            ("ItemService", "<ParentRef><FullName/></ParentRef>", "ParentRef", None),
        ],
    )
    def test_an_empty_aggregate_clears(self, noun: str, empty: str, field: str, after: Any) -> None:
        bench = Bench()
        address, terms = {"Addr1": "1 Main St", "City": "Troy"}, {"TermsRef": {"FullName": "Net 30"}}
        code = {"SalesTaxCodeRef": {"FullName": "Non"}}
        values: dict[str, Any] = {
            "Customer": {
                "Name": "New",
                "ParentRef": {"FullName": "Baker"},
                "BillAddress": address,
                "JobStatus": "Closed",
                **terms,
                **code,
            },
            "Vendor": {"Name": "New", "VendorAddress": address, "IsVendorEligibleFor1099": True, **terms},
            "ItemService": {
                "Name": "New",
                "ParentRef": {"FullName": "Repair"},
                "SalesOrPurchase": {"Price": 100_000, "AccountRef": {"FullName": "Sales"}},
                **code,
            },
        }[noun]
        added = bench.add(noun, values)
        assert field in added
        identity = f"<ListID>{added['ListID']}</ListID><EditSequence>{added['EditSequence']}</EditSequence>"
        [answer] = bench.document(f"<{noun}ModRq><{noun}Mod>{identity}{empty}</{noun}Mod></{noun}ModRq>")
        assert answer.status.code == 0, answer.status
        assert record_of(answer).get(field) == after

    @pytest.mark.parametrize("empty", [{"AccountRef": {}}, {"AccountRef": {"FullName": None}}, {}])
    def test_an_item_keeps_an_account(self, empty: dict[str, Any]) -> None:
        assert self.modify(Bench(), "Repair", "ItemService", SalesOrPurchaseMod=empty).status.code == 3270

    def test_a_job_type_of_a_name_that_is_taken_is_refused_its_own_way(self) -> None:
        bench = Bench()
        bench.add("JobType", {"Name": "Remodel"})
        [answer] = bench.document("<JobTypeAddRq><JobTypeAdd><Name>remodel</Name></JobTypeAdd></JobTypeAddRq>")
        assert answer.status.code == 3180

    def test_stale_edit_sequence(self) -> None:
        bench = Bench()
        old = bench.found("Customer", FullName=["Baker"])[0]
        bench.clock.advance(seconds=10)
        assert self.modify(bench, "Baker", Phone="1").status.code == 0
        values = {"ListID": old["ListID"], "EditSequence": old["EditSequence"], "Phone": "2"}
        assert bench.refused("Customer", values, "Mod") == 3200

    def test_a_second_change_in_the_same_second_keeps_the_edit_sequence(self) -> None:
        bench = Bench()
        first = record_of(self.modify(bench, "Baker", Phone="1"))
        second = record_of(self.modify(bench, "Baker", Phone="2"))
        assert first["EditSequence"] == second["EditSequence"] == str(int(bench.clock().timestamp()))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"Name": "Abercrombie"}, 3100),
            ({"Name": "A:B"}, 3090),
            ({"Name": None}, 3150),
            ({"TermsRef": {"FullName": "x"}}, 3140),
        ],
    )
    def test_refused(self, changes: dict[str, Any], code: int) -> None:
        bench = Bench()
        now = bench.found("Customer", FullName=["Baker"])[0]
        assert bench.refused("Customer", {"ListID": now["ListID"], "EditSequence": now["EditSequence"], **changes}, "Mod") == code

    def test_unknown_record(self) -> None:
        assert Bench().refused("Customer", {"ListID": "80000099-1", "EditSequence": "1"}, "Mod") == 3120

    def test_a_record_of_another_kind_is_unknown(self) -> None:
        bench = Bench()
        vendor = bench.found("Vendor", FullName=["Landlord"])[0]
        assert bench.refused("Customer", {"ListID": vendor["ListID"], "EditSequence": vendor["EditSequence"]}, "Mod") == 3120

    def test_its_own_name_in_other_case(self) -> None:
        assert record_of(self.modify(Bench(), "Baker", Name="BAKER"))["FullName"] == "BAKER"

    def test_a_new_name_shows_in_jobs_and_old_invoices_even_after_opening_again(self) -> None:
        bench = Bench()
        bench.add("Invoice", invoice("Abercrombie:Kitchen"))
        assert self.modify(bench, "Abercrombie", Name="Zimmer").status.code == 0
        assert [row["FullName"] for row in bench.found("Customer", FullName=["Zimmer:Kitchen"])] == ["Zimmer:Kitchen"]
        assert bench.found("Invoice")[0]["CustomerRef"]["FullName"] == "Zimmer:Kitchen"
        assert bench.query("Customer", FullName=["Abercrombie"]).status.code == 500
        assert [row["FullName"] for row in bench.found("Customer")][-2:] == ["Zimmer", "Zimmer:Kitchen"]

    def test_a_renamed_item_shows_in_old_lines(self) -> None:
        bench = Bench()
        bench.add("Invoice", invoice())
        assert self.modify(bench, "Lamp", "ItemNonInventory", Name="Lantern").status.code == 0
        [(_name, line)] = bench.found("Invoice", IncludeLineItems=True)[0]["InvoiceLineRet|InvoiceLineGroupRet"]
        assert line["ItemRef"]["FullName"] == "Lantern"

    def test_a_job_that_moves_takes_its_balance_along(self) -> None:
        bench = Bench()
        bench.add("Invoice", invoice("Abercrombie:Kitchen"))
        owed = bench.truth.balance("Abercrombie")
        assert self.modify(bench, "Abercrombie:Kitchen", ParentRef={"FullName": "Baker"}).status.code == 0
        assert (bench.truth.balance("Abercrombie"), bench.truth.balance("Baker")) == (0, owed)
        assert bench.truth.problems() == []

    def test_no_record_below_itself(self) -> None:
        answer = self.modify(Bench(), "Abercrombie", ParentRef={"FullName": "Abercrombie:Kitchen"})
        assert answer.status.code == 3130

    def test_parts_of_an_address_stay(self) -> None:
        bench = Bench()
        bench.add("Customer", {"Name": "New", "BillAddress": {"Addr1": "1 Main", "Addr2": "Floor 2", "City": "Troy"}})
        changed = record_of(self.modify(bench, "New", BillAddress={"Addr1": "2 Main", "Addr2": None}))
        assert changed["BillAddress"] == {"Addr1": "2 Main", "City": "Troy"}
        assert changed["BillAddressBlock"] == {"Addr1": "2 Main", "Addr2": "Troy"}

    def test_an_address_replaced_by_the_switch(self) -> None:
        bench = Bench(switches={"company.mod-aggregate": "replaced"})
        bench.add("Customer", {"Name": "New", "BillAddress": {"Addr1": "1 Main", "City": "Troy"}})
        assert record_of(self.modify(bench, "New", BillAddress={"Addr1": "2 Main"}))["BillAddress"] == {"Addr1": "2 Main"}

    def test_item_mod_has_its_own_element_names(self) -> None:
        bench = Bench()
        changed = record_of(self.modify(bench, "Repair", "ItemService", SalesOrPurchaseMod={"Price": 5_000_000}))
        assert changed["SalesOrPurchase"]["Price"] == 5_000_000
        assert changed["SalesOrPurchase"]["Desc"] == "Repair"

    def test_what_excludes_each_other_takes_its_place(self) -> None:
        bench = Bench()
        both = {"SalesPrice": 100_000, "IncomeAccountRef": {"FullName": "Sales"}}
        changed = record_of(self.modify(bench, "Repair", "ItemService", SalesAndPurchaseMod=both))
        assert "SalesOrPurchase" not in changed
        assert changed["SalesAndPurchase"]["SalesPrice"] == 100_000
        bench = Bench()
        changed = record_of(self.modify(bench, "Repair", "ItemService", SalesOrPurchaseMod={"PricePercent": 500_000}))
        assert "Price" not in changed["SalesOrPurchase"]


@pytest.mark.parametrize(
    ("switch", "setting", "reference", "code"),
    [
        ("company.inactive-by-name", "refused", "FullName", 3140),
        ("company.inactive-by-name", "accepted", "FullName", 0),
        ("company.inactive-by-id", "accepted", "ListID", 0),
        ("company.inactive-by-id", "refused", "ListID", 3140),
    ],
)
def test_inactive_references(switch: str, setting: str, reference: str, code: int) -> None:
    bench = Bench(switches={switch: setting})
    gone = bench.found("Customer", FullName=["Gone"])[0]
    values = {**invoice(), "CustomerRef": {reference: gone[reference]}}
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": values}).status.code == code


@pytest.mark.parametrize(("setting", "code"), [(3180, 3180), (3185, 3185), (0, 0)])
def test_a_second_external_guid(setting: int, code: int) -> None:
    bench = Bench(switches={"company.external-guid-twice": setting})
    guid = "{12345678-ABCD-ABCD-ABCD-1234567890AB}"
    assert bench.add("Customer", {"Name": "One", "ExternalGUID": guid})["ExternalGUID"] == guid
    assert bench.ask("Invoice", "Add", {"InvoiceAdd": invoice(ExternalGUID=guid)}).status.code == code
    assert bench.truth.problems() == []


def test_accounts_come_by_type_then_number_then_name() -> None:
    bench = Bench()
    bench.add("Account", {"Name": "Petty", "AccountType": "Bank"})
    bench.add("Account", {"Name": "Till", "AccountType": "Bank", "AccountNumber": "10050"})
    found = bench.found("Account")
    assert [row["Name"] for row in found][:4] == ["Till", "Operating Account", "Savings", "Petty"]
    sales = next(place for place, row in enumerate(found) if row["FullName"] == "Sales")
    assert [row["FullName"] for row in found][sales + 1 : sales + 3] == ["Sales:Wholesale", "Sales:Retail"]


def test_balances_are_shown_as_an_accountant_reads_them() -> None:
    bench = Bench()
    bench.add("Invoice", invoice("Abercrombie"))
    shown = {row["FullName"]: row["TotalBalance"] for row in bench.found("Account")}
    assert shown["Accounts Receivable"] == 1050 + 87
    assert shown["Sales Tax Payable"] == 87
    assert shown["Sales"] == 0
    running = Bench(switches={"company.profit-account-balance": "running"})
    running.add("Invoice", invoice("Baker"))
    assert {row["FullName"]: row["TotalBalance"] for row in running.found("Account")}["Sales"] == 1050


@pytest.mark.parametrize(("edition", "code"), [("Premier", 3180), ("Enterprise", 0)])
def test_a_full_list(edition: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(yaml=SMALL.replace("timezone:", f"edition: {edition}, timezone:"))
    monkeypatch.setattr("emulator.company.lists.names.NAMES_MAX", 9)
    assert len(bench.truth.customers()) + len(bench.truth.vendors()) == 8
    bench.add("Customer", {"Name": "The last"})
    assert bench.ask("Vendor", "Add", {"VendorAdd": {"Name": "One too many"}}).status.code == code


@pytest.mark.parametrize(("edition", "code"), [("Pro", 3180), ("Enterprise", 0)])
def test_one_list_fills_up_before_all_names_do(edition: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(yaml=SMALL.replace("timezone:", f"edition: {edition}, timezone:"))
    monkeypatch.setattr("emulator.company.lists.names.NAMES_IN_ONE_LIST_MAX", len(bench.truth.customers()) + 1)
    bench.add("Customer", {"Name": "The last"})
    bench.add("Vendor", {"Name": "Another list"})
    assert bench.ask("Customer", "Add", {"CustomerAdd": {"Name": "One too many"}}).status.code == code


@pytest.mark.parametrize(
    ("mode", "setting", "code", "there"),
    [("MultiUser", "3162", 3162, True), ("MultiUser", "inactivates", 0, False), ("SingleUser", "3162", 0, False)],
)
def test_deleting_from_a_list(mode: str, setting: str, code: int, there: bool) -> None:
    bench = Bench(switches={"company.list-delete-in-multi-user": setting})
    list_id = bench.found("Customer", FullName=["Baker"])[0]["ListID"]
    caller = Caller("session-1", "Test Application", file_mode=mode)
    answer = bench.ask("List", "Del", {"ListDelType": "Customer", "ListID": list_id}, caller=caller)
    assert answer.status.code == code
    assert bool(bench.found("Customer", ActiveStatus="ActiveOnly", NameFilter=_is("Baker"))) == there
    assert len(bench.found("Customer", ActiveStatus="InactiveOnly", NameFilter=_is("Baker"))) == (setting == "inactivates")


def _is(name: str) -> dict[str, str]:
    return {"MatchCriterion": "StartsWith", "Name": name}
