"""BarCodeQuery, and ItemSitesQuery: a row for every site where an item has been; what is on order and what pending builds need beside it."""

import pytest

from company.proven import ONE, Proven, Values, adjusted, assembly, built, by_pieces, goods, ordered, purchase, ref, sold

NEEDS = (
    "QuantityOnPurchaseOrders",
    "QuantityOnSalesOrders",
    "QuantityToBeBuiltByPendingBuildTxns",
    "QuantityRequiredByPendingBuildTxns",
)


def rows(bench: Proven, item: str, **values: object) -> list[Values]:
    return bench.found("ItemSites", ItemSiteFilter={"ItemFilter": {"FullName": [item]}}, **values)


def test_a_row_for_every_site() -> None:
    bench = Proven()
    [nowhere] = rows(bench, "Bolt")
    assert ("InventorySiteRef" in nowhere, nowhere["QuantityOnHand"]) == (False, 0)
    for site, pieces in (("North", 5), ("South", 3)):
        bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", pieces), InventorySiteRef=ref(site)))
    told = rows(bench, "Bolt")
    assert [(each["InventorySiteRef"]["FullName"], each["QuantityOnHand"]) for each in told] == [
        ("North", 5 * ONE),
        ("South", 3 * ONE),
    ]
    bench.add("Bill", purchase("Bill", goods("Bolt", 2)))
    assert [each["QuantityOnHand"] for each in rows(bench, "Bolt")] == [2 * ONE, 5 * ONE, 3 * ONE]
    bench.add("Invoice", sold("Bolt", 2))
    assert [each["QuantityOnHand"] for each in rows(bench, "Bolt")] == [5 * ONE, 3 * ONE]
    assert len({each["ListID"] for each in told}) == 2
    assert bench.found("ItemSites", ListID=[told[1]["ListID"]]) == [rows(bench, "Bolt")[1]]


@pytest.mark.parametrize("site", ["North", "South"])
def test_one_site(site: str) -> None:
    bench = Proven()
    for each, pieces in (("North", 5), ("South", 3)):
        bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", pieces), InventorySiteRef=ref(each)))
    both = {"ItemFilter": {"FullName": ["Bolt"]}, "SiteFilter": {"FullName": [site]}}
    [told] = bench.found("ItemSites", ItemSiteFilter=both)
    assert told["InventorySiteRef"]["FullName"] == site


def test_what_is_on_order_and_what_pending_builds_need() -> None:
    bench = Proven()
    assembly(bench, "Machine", Bolt=2, Nut=1)
    assembly(bench, "Plant", Machine=1, Bolt=3)
    bench.add("PurchaseOrder", ordered(goods("Bolt", 7)))
    bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))
    bench.add("BuildAssembly", built("Plant", 2, MarkPendingIfRequired=True))
    told = {item: tuple(rows(bench, item)[0][name] // ONE for name in NEEDS) for item in ("Bolt", "Nut", "Machine", "Plant")}
    assert told == {"Bolt": (7, 0, 0, 12), "Nut": (0, 0, 0, 3), "Machine": (0, 0, 3, 2), "Plant": (0, 0, 2, 0)}


def test_a_build_that_is_done_needs_nothing() -> None:
    bench = Proven()
    assembly(bench, "Machine", Bolt=2)
    bench.add("Bill", purchase("Bill", goods("Bolt", 7)))
    bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))
    assert [rows(bench, item)[0][name] for item, name in (("Machine", NEEDS[2]), ("Bolt", NEEDS[3]))] == [0, 0]


def test_a_file_without_sites() -> None:
    bench = Proven(yaml=r"company: {name: Shop, file: 'C:\QB\Shop.QBW'}")
    assert bench.query("ItemSites").status.code == 3250


def test_what_a_row_is_about() -> None:
    bench = Proven()
    assembly(bench, "Machine", Bolt=2)
    bench.changed_item("ItemInventory", "Bolt", ReorderPoint=5 * ONE)
    bench.changed_item("ItemInventoryAssembly", "Machine", BuildPoint=3 * ONE)
    bolt, machine = rows(bench, "Bolt")[0], rows(bench, "Machine")[0]
    assert (bolt["ItemInventoryRef"]["FullName"], bolt["ReorderLevel"]) == ("Bolt", 5 * ONE)
    assert (machine["ItemInventoryAssemblyRef"]["FullName"], machine["AssemblyBuildPoint"]) == ("Machine", 3 * ONE)
    assert (bolt.keys() & {"ItemInventoryAssemblyRef", "AssemblyBuildPoint"}, machine.keys() & {"ItemInventoryRef"}) == (
        set(),
        set(),
    )


def test_a_bin_of_a_site() -> None:
    bench = Proven()
    bench.add("InventorySite", {"Name": "Bin 1", "ParentSiteRef": ref("North")})
    bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", 5), InventorySiteRef=ref("North:Bin 1")))
    [told] = rows(bench, "Bolt")
    assert (told["InventorySiteRef"]["FullName"], told["InventorySiteLocationRef"]["FullName"]) == ("North", "North:Bin 1")


@pytest.mark.parametrize(
    ("values", "items"),
    [
        ({"ItemTypeFilter": "Assembly"}, ["Machine"]),
        ({"ItemTypeFilter": "Inventory"}, ["Bolt", "Nut"]),
        ({"ItemTypeFilter": "InventoryAndAssembly"}, ["Bolt", "Machine", "Nut"]),
        ({"ItemTypeFilter": "Service"}, []),
        ({"ActiveStatus": "InactiveOnly"}, ["Old"]),
        ({"ActiveStatus": "All"}, ["Bolt", "Machine", "Nut", "Old"]),
        ({}, ["Bolt", "Machine", "Nut"]),
    ],
)
def test_which_items(values: Values, items: list[str]) -> None:
    bench = Proven()
    assembly(bench, "Machine", Bolt=2)
    assembly(bench, "Old", Bolt=2)
    bench.changed_item("ItemInventoryAssembly", "Old", IsActive=False)
    found = bench.found("ItemSites", **values)
    names = [(each.get("ItemInventoryRef") or each["ItemInventoryAssemblyRef"])["FullName"] for each in found]
    assert sorted(names) == items


@pytest.mark.parametrize(
    ("values", "items"), [({}, ["Bolt", "Nut"]), ({"BarCodeValue": ["B-1"]}, ["Bolt"]), ({"BarCodeValue": ["X"]}, [])]
)
def test_bar_codes(values: Values, items: list[str]) -> None:
    bench = Proven()
    for name, code in (("Bolt", "B-1"), ("Nut", "N-1")):
        changes = {"BarCode": {"BarCodeValue": code, "AllowOverride": True}}
        assert bench.changed_item("ItemInventory", name, **changes).status.code == 0
    found = bench.found("BarCode", **values)
    assert [(each["FullName"], each["ListType"]) for each in found] == [(name, "ItemInventory") for name in items]


def test_more_than_can_be_told_is_told_as_the_most() -> None:
    """Our choice (company.too-large): what is counted over many transactions."""
    bench, most = Proven(), 10**15 - 1
    assembly(bench, "Machine", Bolt=1)
    for _ in range(2):
        bench.add(
            "BuildAssembly", {"ItemInventoryAssemblyRef": ref("Machine"), "QuantityToBuild": most, "MarkPendingIfRequired": True}
        )
    assert rows(bench, "Machine")[0]["QuantityToBeBuiltByPendingBuildTxns"] == most
    assert rows(bench, "Bolt")[0]["QuantityRequiredByPendingBuildTxns"] == most


def test_so_is_what_can_be_built() -> None:
    bench = Proven()
    parts = [{"ItemInventoryRef": ref("Bolt"), "Quantity": 1}]
    accounts = {"IncomeAccountRef": "Sales", "COGSAccountRef": "Cost of Goods Sold", "AssetAccountRef": "Inventory Asset"}
    named = {name: ref(account) for name, account in accounts.items()}
    bench.add("ItemInventoryAssembly", {"Name": "Dust", **named, "ItemInventoryAssemblyLine": parts})
    bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", 9_000_000_000)))
    [told] = bench.found("ItemAssembliesCanBuild", ItemInventoryAssemblyRef=ref("Dust"), TxnDate="2026-12-31")
    assert told["QuantityCanBuild"] == (10**15 - 1) // ONE * ONE
