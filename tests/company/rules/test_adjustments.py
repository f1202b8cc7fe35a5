"""Inventory adjustments and moves between sites: pieces and values, Mods, who may do it when."""

from typing import Any

import pytest

from company.proven import ONE, Proven, Values, adjusted, by_pieces, by_value, goods, purchase, ref
from emulator.company import Caller

ASSET, SHRINKAGE = "Inventory Asset", "Shrinkage"
LINES = "InventoryAdjustmentLineRet"


def stock(bench: Proven, pieces: int = 10, cents: int = 1000, day: str = "2026-11-02", **more: Any) -> None:
    bench.add("Bill", purchase("Bill", goods("Bolt", pieces, Amount=cents, **more), TxnDate=day))


def new(pieces: int | None = None, cents: int | None = None, item: str = "Bolt", difference: int | None = None) -> Values:
    """One line that says a new quantity, or a new value beside it."""
    said: Values = {} if pieces is None else {"NewQuantity": pieces * ONE}
    if difference is not None:
        said["QuantityDifference"] = difference * ONE
    if cents is None:
        return {"ItemRef": ref(item), "QuantityAdjustment": said}
    return {"ItemRef": ref(item), "ValueAdjustment": {**said, "NewValue": cents}}


@pytest.mark.parametrize(
    ("line", "pieces", "cents"),
    [
        (by_pieces("Bolt", 3), 3, 300),
        (by_pieces("Bolt", -4), -4, -400),
        (by_pieces("Bolt", -10), -10, -1000),
        (by_pieces("Bolt", -12), -12, -1200),
        (new(25), 15, 1500),
        (new(0), -10, -1000),
        (by_value("Bolt", 50), 0, 50),
        (by_value("Bolt", -50, 2), 2, -50),
        (new(10, 1200), 0, 200),
        (new(5, 900), -5, -100),
        (new(difference=1, cents=900), 1, -100),
        (by_pieces("Nut", 4), 4, 100),  # at the cost of the item: it was never bought
    ],
)
def test_what_a_line_does(line: Values, pieces: int, cents: int) -> None:
    bench = Proven()
    stock(bench)
    made = bench.add("InventoryAdjustment", adjusted(line, CustomerRef=ref("Baker"), ClassRef=ref("East")))
    [told] = made[LINES]
    assert (told["QuantityDifference"], told["ValueDifference"]) == (pieces * ONE, cents)
    assert bench.rows(made) == [(SHRINKAGE, -cents, "Baker", "East"), (ASSET, cents, "", "East")]
    before = 10 if line["ItemRef"] == ref("Bolt") else 0
    assert bench.item(line["ItemRef"]["FullName"])["QuantityOnHand"] == (before + pieces) * ONE


def test_several_lines_of_one_item_follow_each_other() -> None:
    bench = Proven()
    stock(bench)
    made = bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", 2), new(15), new(10, 500), new(10, 500)))
    assert [(line["QuantityDifference"], line["ValueDifference"]) for line in made[LINES]] == [
        (2 * ONE, 200), (3 * ONE, 300), (-5 * ONE, -1000), (0, 0),
    ]  # fmt: skip
    assert (bench.item("Bolt")["QuantityOnHand"], bench.books()[ASSET]) == (10 * ONE, 500)


@pytest.mark.parametrize(("setting", "pieces", "cents"), [("that-day", 2, 200), ("now", -8, -800)])
def test_a_new_quantity_is_set_against_that_day(setting: str, pieces: int, cents: int) -> None:
    bench = Proven(switches={"company.new-quantity-of": setting})
    stock(bench)
    stock(bench, day="2026-11-10")
    made = bench.add("InventoryAdjustment", adjusted(new(12), TxnDate="2026-11-05"))
    assert bench.one("InventoryAdjustment", made)[LINES][0]["QuantityDifference"] == pieces * ONE
    assert bench.rows(made)[1][1] == cents


class TestChanges:
    def made(self, bench: Proven) -> Values:
        stock(bench)
        return bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", -2), by_value("Nut", 100, 5), RefNumber="7"))

    def test_a_header_alone(self) -> None:
        bench = Proven()
        made = self.made(bench)
        after = bench.changed("InventoryAdjustment", made, Memo="m", RefNumber=None, ClassRef=ref("West"))
        assert (after[LINES], "RefNumber" in after) == (made[LINES], False)
        assert bench.rows(made) == [
            ("Shrinkage", -100, "", "West"), (ASSET, 100, "", "West"), ("Shrinkage", 200, "", "West"), (ASSET, -200, "", "West"),
        ]  # fmt: skip
        bench.changed("InventoryAdjustment", made, AccountRef=ref("Rent"), CustomerRef=ref("Baker"), ClassRef={})
        assert bench.rows(made)[0] == ("Rent", -100, "Baker")

    def test_lines_kept_changed_new_and_dropped(self) -> None:
        bench = Proven()
        made = self.made(bench)
        bolts, nuts = (line["TxnLineID"] for line in made[LINES])
        sent = [{"TxnLineID": bolts, "QuantityDifference": -4 * ONE}, {"TxnLineID": nuts, "ValueDifference": 40},
                {"TxnLineID": "-1", "ItemRef": ref("Nut"), "QuantityDifference": -1 * ONE}]  # fmt: skip
        after = bench.changed("InventoryAdjustment", made, InventoryAdjustmentLineMod=sent)
        assert [(line["QuantityDifference"], line["ValueDifference"]) for line in after[LINES]] == [
            (-4 * ONE, -400), (5 * ONE, 40), (-ONE, -8),
        ]  # fmt: skip
        after = bench.changed(
            "InventoryAdjustment", made, InventoryAdjustmentLineMod=[{"TxnLineID": nuts, "ItemRef": ref("Bolt")}]
        )
        assert [(line["ItemRef"]["FullName"], line["ValueDifference"]) for line in after[LINES]] == [("Bolt", 40)]
        assert (bench.item("Bolt")["QuantityOnHand"], bench.item("Nut")["QuantityOnHand"]) == (15 * ONE, 0)
        bench.changed("InventoryAdjustment", made, InventoryAdjustmentLineMod=[{"TxnLineID": nuts, "ValueDifference": 7}])
        assert bench.books()[ASSET] == 1007

    def test_what_was_at_average_becomes_a_value(self) -> None:
        bench = Proven()
        made = self.made(bench)
        bolts, nuts = (line["TxnLineID"] for line in made[LINES])
        sent = [{"TxnLineID": bolts, "ValueDifference": -50}, {"TxnLineID": nuts}]
        after = bench.changed("InventoryAdjustment", made, InventoryAdjustmentLineMod=sent)
        assert [line["ValueDifference"] for line in after[LINES]] == [-50, 100]
        assert bench.item("Bolt")["AverageCost"] == round(950 / 8 * 1000)

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda first, second: {"InventoryAdjustmentLineMod": [{"TxnLineID": second}, {"TxnLineID": first}]}, 3290),
            (lambda first, second: {"InventoryAdjustmentLineMod": [{"TxnLineID": "1-1"}]}, 3120),
            (lambda first, second: {"InventoryAdjustmentLineMod": [{"TxnLineID": first, "ItemRef": ref("Lamp")}]}, 3140),
            (lambda first, second: {"InventoryAdjustmentLineMod": [{"TxnLineID": "-1", "QuantityDifference": ONE}]}, 3140),
            (lambda first, second: {"AccountRef": {}}, 3150),
            (lambda first, second: {"AccountRef": ref("Accounts Payable")}, 3180),
            (lambda first, second: {"EditSequence": "1"}, 3200),
        ],
    )
    def test_refused(self, make: Any, code: int) -> None:
        bench = Proven()
        made = self.made(bench)
        assert bench.unchanged("InventoryAdjustment", made, **make(*(line["TxnLineID"] for line in made[LINES]))) == code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (adjusted(by_pieces("Lamp", 1)), 3140),
        (adjusted(by_pieces("Repair", 1)), 3140),
        (adjusted(by_pieces("Bolt", 1), account="Accounts Receivable"), 3180),
        (adjusted(by_pieces("Bolt", 1), account="Nowhere"), 3140),
        (adjusted(by_pieces("Bolt", 1, LotNumber="L")), 3250),
    ],
)
def test_refused(values: Values, code: int) -> None:
    assert Proven().refused("InventoryAdjustment", values) == code


@pytest.mark.parametrize(
    ("edition", "setting", "code"),
    [
        ("Pro", "enterprise-only", 3162),
        ("Premier", "enterprise-only", 3162),
        ("Enterprise", "enterprise-only", 0),
        ("Pro", "accepted", 0),
    ],
)
def test_several_users_at_work(edition: str, setting: str, code: int) -> None:
    """Documented: an adjustment needs single-user mode, but for Enterprise."""
    yaml = r"company: {name: Shop, file: 'C:\QB\Shop.QBW', edition: EDITION}".replace("EDITION", edition) + (
        "\nlists: {items: {given: [{name: Bolt, kind: inventory, cost: '0.50'}]}}"
    )
    bench = Proven(yaml=yaml, switches={"company.inventory-adjustment-in-multi-user": setting})
    values = {"InventoryAdjustmentAdd": adjusted(by_pieces("Bolt", 1), account="Rent")}
    caller = Caller("session-2", "Test Application", file_mode="MultiUser")
    assert bench.ask("InventoryAdjustment", "Add", values, caller).status.code == code
    assert bench.ask("InventoryAdjustment", "Add", values).status.code == 0


# ---- sites -------------------------------------------------------------------------------------------------------------------------


def at_sites(bench: Proven, item: str = "Bolt") -> dict[str, int]:
    """Return site -> pieces, as ItemSitesQuery tells them."""
    found = bench.found("ItemSites", ItemSiteFilter={"ItemFilter": {"FullName": [item]}})
    return {each.get("InventorySiteRef", {}).get("FullName", ""): each["QuantityOnHand"] // ONE for each in found}


def transfer(pieces: int, source: str = "North", target: str = "South", item: str = "Bolt", **more: Any) -> Values:
    line = {"ItemRef": ref(item), "QuantityToTransfer": pieces * ONE}
    return {**more, "FromInventorySiteRef": ref(source), "ToInventorySiteRef": ref(target), "TransferInventoryLineAdd": [line]}


def test_a_transfer_changes_no_value() -> None:
    bench = Proven()
    stock(bench, InventorySiteRef=ref("North"))
    before = bench.books()
    moved = bench.add("TransferInventory", transfer(4))
    assert (at_sites(bench), bench.books(), bench.rows(moved)) == ({"North": 6, "South": 4}, before, [])
    assert (bench.item("Bolt")["QuantityOnHand"], bench.item("Bolt")["AverageCost"]) == (10 * ONE, ONE)
    [line] = moved["TransferInventoryLineRet"]
    changed = [{"TxnLineID": line["TxnLineID"], "QuantityToTransfer": 1 * ONE}]
    bench.changed("TransferInventory", moved, TransferInventoryLineMod=changed)
    assert at_sites(bench) == {"North": 9, "South": 1}
    bench.changed("TransferInventory", moved, FromInventorySiteRef=ref("South"), ToInventorySiteRef=ref("North"))
    assert at_sites(bench) == {"North": 11, "South": -1}
    bench.removed("Del", "TransferInventory", moved)
    assert at_sites(bench)["North"] == 10


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (transfer(1, target="North"), 3180),
        (transfer(1, source="Nowhere"), 3140),
        (transfer(1, item="Lamp"), 3140),
        ({**transfer(1), "TransferInventoryLineAdd": [{"ItemRef": ref("Bolt")}]}, 3150),
    ],
)
def test_refused_transfers(values: Values, code: int) -> None:
    assert Proven().refused("TransferInventory", values) == code


def test_an_adjustment_at_a_site_counts_what_is_there() -> None:
    bench = Proven()
    stock(bench, InventorySiteRef=ref("North"))
    bench.add("TransferInventory", transfer(4))
    bench.add("InventoryAdjustment", adjusted(new(1), InventorySiteRef=ref("South")))
    assert (at_sites(bench), bench.item("Bolt")["QuantityOnHand"]) == ({"North": 6, "South": 1}, 7 * ONE)
    bench.add("InventoryAdjustment", adjusted(new(2), new(5), InventorySiteRef=ref("North"), TxnDate="2026-11-02"))
    assert at_sites(bench) == {"North": 1, "South": 1}  # on that day 10 were there, and 4 went away later


# ---- serial and lot numbers --------------------------------------------------------------------------------------------------------

NUMBERED = r"""
company: {name: Numbered, file: 'C:\QB\Numbered.QBW', edition: Enterprise}
preferences: {serial_or_lot: KIND}
lists: {items: {given: [{name: Bolt, kind: inventory, cost: "0.50", on_hand: "10"}]}}
"""


def numbered(kind: str, **said: Any) -> tuple[Proven, Values]:
    """Save an adjustment of pieces by their serial or lot number."""
    bench = Proven(yaml=NUMBERED.replace("KIND", kind))
    line = {"ItemRef": ref("Bolt"), f"{kind.title()}NumberAdjustment": said}
    return bench, bench.add("InventoryAdjustment", adjusted(line, account="Rent"))


@pytest.mark.parametrize(("said", "pieces", "told"), [("AddSerialNumber", 11, "Added"), ("RemoveSerialNumber", 9, "Removed")])
def test_one_piece_by_its_serial_number(said: str, pieces: int, told: str) -> None:
    bench, made = numbered("serial", **{said: "S1"})
    [line] = made[LINES]
    assert (line["SerialNumber"], line["SerialNumberAddedOrRemoved"]) == ("S1", told)
    assert bench.item("Bolt")["QuantityOnHand"] == pieces * ONE


def test_pieces_by_their_lot_number() -> None:
    bench, made = numbered("lot", LotNumber="L1", CountAdjustment=-3)
    [line] = made[LINES]
    assert (line["LotNumber"], bench.item("Bolt")["QuantityOnHand"]) == ("L1", 7 * ONE)
    sent = [{"TxnLineID": line["TxnLineID"], "LotNumber": "L1", "CountAdjustment": 2}]
    after = bench.changed("InventoryAdjustment", made, InventoryAdjustmentLineMod=sent)
    assert (after[LINES][0]["QuantityDifference"], bench.item("Bolt")["QuantityOnHand"]) == (2 * ONE, 12 * ONE)
