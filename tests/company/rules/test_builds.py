"""Builds of assemblies: what they take and make, short of components, pending, Mods; assemblies of assemblies; how many can be built."""

from itertools import pairwise
from typing import Any

import pytest

from company.helpers import record_of
from company.proven import ONE, Proven, Values, assembly, built, goods, purchase, ref, sold

ASSET = "Inventory Asset"


def bench_with(pieces: int = 20, **parts: float) -> Proven:
    """Bolts at 1.00 and nuts at 0.50, so many of each; an assembly Machine of 2 bolts and 1 nut (or of `parts`)."""
    bench = Proven()
    assembly(bench, "Machine", **(parts or {"Bolt": 2, "Nut": 1}))
    if pieces:
        lines = (goods("Bolt", pieces, Amount=100 * pieces), goods("Nut", pieces, Amount=50 * pieces))
        bench.add("Bill", purchase("Bill", *lines, TxnDate="2026-11-02"))
    return bench


def on_hand(bench: Proven, *items: str) -> list[int]:
    return [bench.item(item)["QuantityOnHand"] // ONE for item in items]


def needed(saved: Values) -> list[tuple[str, int]]:
    return [(each["ItemRef"]["FullName"], each["QuantityNeeded"] // ONE) for each in saved["ComponentItemLineRet"]]


def one(bench: Proven, saved: Values) -> Values:
    [found] = bench.found("BuildAssembly", TxnID=[saved["TxnID"]], IncludeComponentLineItems=True)
    return found


def change(bench: Proven, saved: Values, **changes: Any) -> Any:
    now = one(bench, saved)
    return bench.ask(
        "BuildAssembly", "Mod", {"BuildAssemblyMod": {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], **changes}}
    )


def test_a_build() -> None:
    bench = bench_with()
    made = bench.add("BuildAssembly", built("Machine", 3, Memo="m"))
    assert bench.rows(made) == [(ASSET, 750), (ASSET, -600), (ASSET, -150)]
    assert (on_hand(bench, "Bolt", "Nut", "Machine"), bench.item("Machine")["AverageCost"]) == ([14, 17, 3], 250_000)
    assert needed(made) == [("Bolt", 6), ("Nut", 3)]
    assert (made["IsPending"], made["QuantityCanBuild"], made["QuantityOnHand"]) == (False, 7 * ONE, 3 * ONE)
    assert bench.books()[ASSET] == 3000
    bench.removed("Del", "BuildAssembly", made)
    assert (on_hand(bench, "Bolt", "Nut", "Machine"), bench.books()[ASSET]) == ([20, 20, 0], 3000)


def test_what_is_not_in_stock_goes_in_at_its_cost() -> None:
    bench = bench_with(20, Bolt=1, Lamp=2)
    made = bench.add("BuildAssembly", built("Machine", 2))
    assert bench.rows(made) == [(ASSET, 1800), ("Merchandise Purchases", -1600), (ASSET, -200)]
    assert bench.item("Machine")["AverageCost"] == 9 * ONE


class TestShortOfComponents:
    def test_refused(self) -> None:
        bench = bench_with(5)
        assert bench.refused("BuildAssembly", built("Machine", 3)) == 3180

    def test_it_waits(self) -> None:
        bench = bench_with(5)
        made = bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))
        assert (made["IsPending"], needed(made), bench.rows(made)) == (True, [("Bolt", 6), ("Nut", 3)], [])
        assert on_hand(bench, "Bolt", "Machine") == [5, 0]
        assert record_of(change(bench, made, Memo="still short"))["IsPending"] is True
        assert change(bench, made, RemovePending=True).status.code == 3180
        bench.add("Bill", purchase("Bill", goods("Bolt", 1, 1)))
        assert record_of(change(bench, made, Memo="nobody has said so"))["IsPending"] is True
        assert record_of(change(bench, made, RemovePending=True))["IsPending"] is False
        assert (on_hand(bench, "Bolt", "Machine"), bench.rows(made)[0]) == ([0, 3], (ASSET, 750))

    def test_it_waits_no_more_when_it_is_smaller(self) -> None:
        bench = bench_with(5)
        made = bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))
        after = record_of(change(bench, made, QuantityToBuild=2 * ONE, RemovePending=True))
        assert (after["IsPending"], needed(after), on_hand(bench, "Bolt", "Machine")) == (
            False,
            [("Bolt", 4), ("Nut", 2)],
            [1, 2],
        )

    def test_enough_is_not_pending_though_it_might(self) -> None:
        bench = bench_with()
        assert bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))["IsPending"] is False

    def test_one_item_as_two_components(self) -> None:
        bench = Proven()
        bench.add("Bill", purchase("Bill", goods("Bolt", 5)))
        part = {"ItemInventoryRef": ref("Bolt"), "Quantity": 3 * ONE}
        accounts = {name: ref(account) for name, account in (
            ("IncomeAccountRef", "Sales"), ("COGSAccountRef", "Cost of Goods Sold"), ("AssetAccountRef", ASSET),
        )}  # fmt: skip
        bench.add("ItemInventoryAssembly", {"Name": "Twice", **accounts, "ItemInventoryAssemblyLine": [part, part]})
        assert (
            bench.found("ItemAssembliesCanBuild", ItemInventoryAssemblyRef=ref("Twice"), TxnDate="2026-11-23")[0][
                "QuantityCanBuild"
            ]
            == 0
        )
        assert bench.refused("BuildAssembly", built("Twice", 1)) == 3180
        bench.add("Bill", purchase("Bill", goods("Bolt", 1)))
        assert bench.rows(bench.add("BuildAssembly", built("Twice", 1))) == [(ASSET, 300), (ASSET, -150), (ASSET, -150)]

    def test_a_void_of_what_waits(self) -> None:
        bench = bench_with(5)
        made = bench.add("BuildAssembly", built("Machine", 3, MarkPendingIfRequired=True))
        bench.removed("Del", "BuildAssembly", made)
        assert bench.query("BuildAssembly").status.code == 1


class TestChanges:
    def test_another_quantity(self) -> None:
        bench = bench_with()
        made = bench.add("BuildAssembly", built("Machine", 3))
        after = record_of(change(bench, made, QuantityToBuild=10 * ONE))  # what it had taken already comes back first
        assert (needed(after), on_hand(bench, "Bolt", "Nut", "Machine")) == ([("Bolt", 20), ("Nut", 10)], [0, 10, 10])
        assert change(bench, made, QuantityToBuild=11 * ONE).status.code == 3180
        assert record_of(change(bench, made, QuantityToBuild=11 * ONE, MarkPendingIfRequired=True))["IsPending"] is True
        assert on_hand(bench, "Bolt", "Machine") == [20, 0]

    def test_a_header_alone_keeps_the_components(self) -> None:
        """Whatever the assembly is made of now, what was built was built of what it was."""
        bench = bench_with()
        made = bench.add("BuildAssembly", built("Machine", 3))
        rows = bench.rows(made)
        line = {"ItemInventoryRef": ref("Nut"), "Quantity": 4 * ONE}
        assert bench.changed_item("ItemInventoryAssembly", "Machine", ItemInventoryAssemblyLine=[line]).status.code == 0
        after = record_of(change(bench, made, Memo="b", TxnDate="2026-11-20"))
        assert (needed(after), bench.rows(made)) == ([("Bolt", 6), ("Nut", 3)], rows)
        after = record_of(change(bench, made, QuantityToBuild=2 * ONE))
        assert (needed(after), on_hand(bench, "Bolt", "Nut")) == ([("Nut", 8)], [20, 12])

    def test_a_header_alone_is_not_held_against_the_stock_of_now(self) -> None:
        bench = bench_with()
        made = bench.add("BuildAssembly", built("Machine", 3))
        bench.add("Invoice", sold("Bolt", 30))
        assert record_of(change(bench, made, Memo="b", QuantityToBuild=3 * ONE))["IsPending"] is False
        assert change(bench, made, QuantityToBuild=2 * ONE).status.code == 3180

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"QuantityToBuild": 0}, 3210),
            ({"QuantityToBuild": -ONE}, 3210),
            ({"QuantityToBuild": None}, 3150),
            ({"EditSequence": "1"}, 3200),
            ({"TxnID": "1-1"}, 3120),
            ({"InventorySiteRef": ref("Nowhere")}, 3140),
        ],
    )
    def test_refused(self, changes: Values, code: int) -> None:
        bench = bench_with()
        made = bench.add("BuildAssembly", built("Machine", 3))
        assert change(bench, made, **changes).status.code == code


@pytest.mark.parametrize(
    ("values", "code"),
    [(built("Bolt", 1), 3140), (built("Nothing", 1), 3140), (built("Machine", 0), 3210), (built("Machine", -1), 3210)],
)
def test_refused(values: Values, code: int) -> None:
    assert bench_with().refused("BuildAssembly", values) == code


class TestAssembliesOfAssemblies:
    def test_built_of_each_other_up_to_the_sale(self) -> None:
        bench = bench_with()
        assembly(bench, "Plant", Machine=2, Nut=1)
        assert bench.refused("BuildAssembly", built("Plant", 1)) == 3180  # no machine has been built
        bench.add("BuildAssembly", built("Machine", 4))
        bench.add("BuildAssembly", built("Plant", 2))
        sale = bench.add("Invoice", sold("Plant", 1))
        assert bench.rows(sale)[2:] == [("Cost of Goods Sold", 550, "Baker"), (ASSET, -550)]
        assert on_hand(bench, "Bolt", "Nut", "Machine", "Plant") == [12, 14, 0, 1]

    @pytest.mark.parametrize("depth", [0, 1, 3])
    def test_no_assembly_is_a_part_of_itself(self, depth: int) -> None:
        bench = bench_with(0)
        names = ["Machine", *(f"Level {level}" for level in range(depth))]
        for below, name in pairwise(names):
            assembly(bench, name, **{below: 1})
        line = {"ItemInventoryRef": ref(names[-1]), "Quantity": ONE}
        assert bench.changed_item("ItemInventoryAssembly", "Machine", ItemInventoryAssemblyLine=[line]).status.code == 3180
        other = {"ItemInventoryRef": ref("Nut"), "Quantity": ONE}
        assert bench.changed_item("ItemInventoryAssembly", "Machine", ItemInventoryAssemblyLine=[other]).status.code == 0


class TestHowManyCanBeBuilt:
    def can(self, bench: Proven, day: str, name: str = "Machine") -> int:
        [found] = bench.found("ItemAssembliesCanBuild", ItemInventoryAssemblyRef=ref(name), TxnDate=day)
        return int(found["QuantityCanBuild"] // ONE)

    def test_as_of_a_day(self) -> None:
        bench = bench_with()
        bench.add("Invoice", sold("Bolt", 15, TxnDate="2026-11-10"))
        bench.add("Bill", purchase("Bill", goods("Bolt", 100), TxnDate="2026-11-20"))
        days = ("2026-11-01", "2026-11-02", "2026-11-09", "2026-11-10", "2026-11-20")
        assert [self.can(bench, day) for day in days] == [0, 10, 10, 2, 20]

    def test_below_zero_none(self) -> None:
        bench = bench_with(0)
        bench.add("Invoice", sold("Bolt", 15))
        assert self.can(bench, "2026-11-23") == 0

    def test_only_assemblies(self) -> None:
        answer = bench_with().query("ItemAssembliesCanBuild", ItemInventoryAssemblyRef=ref("Bolt"), TxnDate="2026-11-23")
        assert answer.status.code == 3140
