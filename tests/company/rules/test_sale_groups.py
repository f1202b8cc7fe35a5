"""Item groups in sales: what an Add makes of them, and what a Mod can change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line
from company.proven import ONE, Values, ref

from .selling import (
    POSTING,
    SALES,
    SIGN,
    group,
    inside,
    kept,
    lines_of,
    new,
    on_hand,
    parts_of,
    postings,
    refused,
    sell,
    shop,
    with_lines,
)


def told(parts: list[Values]) -> list[tuple[str, int | None, int]]:
    """Return item, quantity and amount of the lines of a group."""
    return [(each["ItemRef"]["FullName"], each.get("Quantity"), each["Amount"]) for each in parts]


@pytest.mark.parametrize(
    ("asked", "expected", "total"),
    [
        (group(), [("Bolt", ONE, 200), ("Repair", 2 * ONE, 9000)], 9200),
        (group(Quantity=3 * ONE), [("Bolt", 3 * ONE, 600), ("Repair", 6 * ONE, 27_000)], 27_600),
        (group(Quantity=ONE // 2), [("Bolt", ONE // 2, 100), ("Repair", ONE, 4500)], 4600),
        (group("Offer"), [("Lamp", 2 * ONE, 2100), ("Subtotal", None, 2100), ("Tenth Off", None, -210)], 1890),
        (group("Offer", Quantity=2 * ONE), [("Lamp", 4 * ONE, 4200), ("Subtotal", None, 4200), ("Tenth Off", None, -420)], 3780),
    ],
)
@pytest.mark.parametrize("kind", SALES)
def test_a_group_stands_for_its_items(kind: str, asked: Values, expected: list[tuple[str, int | None, int]], total: int) -> None:
    bench = shop()
    saved = sell(bench, kind, "Abercrombie", line("Lamp"), asked, ItemSalesTaxRef=ref("Flat"))
    [_lamp, told_group] = lines_of(saved)
    assert told(parts_of(saved, 1)) == expected
    assert (told_group["TotalAmount"], told_group.get("Quantity")) == (total, asked.get("Quantity"))
    assert saved["Subtotal"] == 1050 + total
    taxed_cents = 1050 + (total if asked["ItemGroupRef"] == ref("Offer") else expected[0][2])
    assert saved["SalesTaxTotal"] == (taxed_cents * 825 + 5000) // 10_000
    identities = {each["TxnLineID"] for each in (_lamp, told_group, *parts_of(saved, 1))}
    assert len(identities) == len(expected) + 2
    assert bench.one(kind, saved)["Subtotal"] == saved["Subtotal"]


def test_of_its_own() -> None:
    [told_group] = lines_of(sell(shop(), "Invoice", "Baker", group()))
    assert (told_group["Desc"], told_group["IsPrintItemsInGroup"]) == ("A set", True)


@pytest.mark.parametrize("kind", POSTING)
def test_its_items_post_and_move(kind: str) -> None:
    bench = shop()
    saved = sell(bench, kind, "Baker", group(Quantity=3 * ONE))
    sign = SIGN[kind]
    assert [row[:3] for row in postings(bench, saved)[1:3]] == [
        ("Sales:Wholesale", "Baker", -sign * 600),
        ("Sales:Wholesale", "Baker", -sign * 27_000),
    ]
    assert on_hand(bench) == 1000 - sign * 3
    bench.changed(kind, saved, Memo="kept")
    assert on_hand(bench) == 1000 - sign * 3
    bench.changed(kind, saved, **with_lines(kind, kept(kind, lines_of(saved)[0], Quantity=5 * ONE)))
    assert on_hand(bench) == 1000 - sign * 5


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (line("Set"), 3140),
        (group("Lamp"), 3140),
        (group("Nothing"), 3140),
        (group(UnitOfMeasure="dozen"), 3140),
    ],
)
@pytest.mark.parametrize("kind", SALES)
def test_refused(kind: str, wrong: Values, code: int) -> None:
    assert refused(shop(), kind, "Baker", wrong) == code


def test_units_of_a_group() -> None:
    """Inferred: a dozen of a group is twelve times its items."""
    bench = shop()
    pieces = {
        "Name": "Sixpack",
        "UnitOfMeasureSetRef": ref("Dozens"),
        "ItemGroupLine": [{"ItemRef": ref("Bolt"), "Quantity": 6 * ONE}],
    }
    bench.add("ItemGroup", pieces)
    saved = sell(bench, "Invoice", "Baker", group("Sixpack", Quantity=2 * ONE, UnitOfMeasure="each"))
    assert told(parts_of(saved)) == [("Bolt", 12 * ONE, 2400)]
    stored = kept("Invoice", lines_of(saved)[0], UnitOfMeasure="dozen")
    assert told(parts_of(bench.changed("Invoice", saved, **with_lines("Invoice", stored)))) == [("Bolt", 144 * ONE, 28_800)]


@pytest.mark.parametrize("kind", SALES)
class TestMod:
    """A Mod of a sale of a set (one bolt, two repairs), three times over."""

    def test_naming_a_group_keeps_it(self, kind: str) -> None:
        bench = shop()
        saved = sell(bench, kind, "Baker", line("Lamp"), group(Quantity=3 * ONE))
        [lamp, stored] = lines_of(saved)
        after = bench.changed(kind, saved, **with_lines(kind, kept(kind, lamp, Desc="x"), kept(kind, stored)))
        assert lines_of(after)[1] == stored
        assert after["Subtotal"] == saved["Subtotal"]

    @pytest.mark.parametrize(
        ("said", "expected", "total"),
        [
            ({"Quantity": ONE}, [("Bolt", ONE, 200), ("Repair", 2 * ONE, 9000)], 9200),
            ({"Quantity": 6 * ONE}, [("Bolt", 6 * ONE, 1200), ("Repair", 12 * ONE, 54_000)], 55_200),
            ({"ItemGroupRef": ref("Set")}, [("Bolt", 3 * ONE, 600), ("Repair", 6 * ONE, 27_000)], 27_600),
            (
                {"ItemGroupRef": ref("Offer")},
                [("Lamp", 6 * ONE, 6300), ("Subtotal", None, 6300), ("Tenth Off", None, -630)],
                5670,
            ),
        ],
    )
    def test_of_the_group(self, kind: str, said: Values, expected: list[tuple[str, int | None, int]], total: int) -> None:
        bench = shop()
        saved = sell(bench, kind, "Baker", group(Quantity=3 * ONE))
        [stored] = lines_of(saved)
        after = bench.changed(kind, saved, **with_lines(kind, kept(kind, stored, **said)))
        assert (told(parts_of(after)), lines_of(after)[0]["TotalAmount"]) == (expected, total)
        assert lines_of(after)[0]["TxnLineID"] == stored["TxnLineID"]
        if said.get("ItemGroupRef") != ref("Offer"):
            assert [each["TxnLineID"] for each in parts_of(after)] == [each["TxnLineID"] for each in parts_of(saved)]

    def test_of_its_lines(self, kind: str) -> None:
        bench = shop()
        saved = sell(bench, kind, "Baker", group(Quantity=3 * ONE))
        [stored], [bolt, repair] = lines_of(saved), parts_of(saved)

        def after(*parts: Values, **said: object) -> list[tuple[str, int | None, int]]:
            sent = with_lines(kind, kept(kind, stored, *parts, **said))
            answer = bench.changed(kind, saved, **sent)
            assert lines_of(answer)[0]["TotalAmount"] == answer["Subtotal"] == sum(each[2] for each in told(parts_of(answer)))
            return told(parts_of(answer))

        assert after(inside(bolt, Quantity=4 * ONE), inside(repair)) == [("Bolt", 4 * ONE, 800), ("Repair", 6 * ONE, 27_000)]
        assert after(inside(bolt, Rate=ONE), inside(repair)) == [("Bolt", 4 * ONE, 400), ("Repair", 6 * ONE, 27_000)]
        more = inside(ItemRef=ref("Lamp"), Amount=7)
        assert after(inside(bolt), more, inside(repair)) == [
            ("Bolt", 4 * ONE, 400),
            ("Lamp", None, 7),
            ("Repair", 6 * ONE, 27_000),
        ]
        assert after(inside(bolt), inside(repair)) == [("Bolt", 4 * ONE, 400), ("Repair", 6 * ONE, 27_000)]
        assert after(inside(repair)) == [("Repair", 6 * ONE, 27_000)]
        # A quantity of the group is carried into what says none of its own.
        assert after(inside(repair), Quantity=6 * ONE) == [("Repair", 12 * ONE, 54_000)]
        assert after(inside(repair, Quantity=ONE), Quantity=3 * ONE) == [("Repair", ONE, 4500)]
        assert after() == [("Repair", ONE, 4500)]

    def test_groups_come_and_go(self, kind: str) -> None:
        bench = shop()
        saved = sell(bench, kind, "Baker", line("Lamp"))
        [lamp] = lines_of(saved)
        after = bench.changed(kind, saved, **with_lines(kind, new(kind, **group(Quantity=2 * ONE)), kept(kind, lamp)))
        assert told(parts_of(after)) == [("Bolt", 2 * ONE, 400), ("Repair", 4 * ONE, 18_000)]
        own = new(kind, inside(ItemRef=ref("Lamp"), Quantity=ONE), **group())
        after = bench.changed(kind, saved, **with_lines(kind, kept(kind, lines_of(after)[0]), kept(kind, lamp), own))
        assert told(parts_of(after, 2)) == [("Lamp", ONE, 1050)]
        assert after["Subtotal"] == 18_400 + 1050 + 1050
        after = bench.changed(kind, saved, **with_lines(kind, kept(kind, lamp)))
        assert (lines_of(after), after["Subtotal"], on_hand(bench)) == ([lamp], 1050, 1000)

    def test_refused(self, kind: str) -> None:
        """A line of a group is named inside it, a group as a group; the order of a group's lines counts (3290)."""
        bench = shop()
        saved = sell(bench, kind, "Baker", line("Lamp"), group())
        [lamp, stored], [bolt, repair] = lines_of(saved), parts_of(saved, 1)
        wrong = [
            (kept(kind, stored, inside(repair), inside(bolt)), 3290),
            (kept(kind, stored, inside(bolt), inside(bolt)), 3290),
            (kept(kind, stored, inside(lamp)), 3120),
            (kept(kind, bolt), 3120),
            ((f"{kind}LineMod", {"TxnLineID": stored["TxnLineID"]}), 3120),
            ((f"{kind}LineGroupMod", {"TxnLineID": lamp["TxnLineID"]}), 3120),
            (kept(kind, stored, ItemGroupRef=ref("Lamp")), 3140),
            (kept(kind, stored, inside(bolt, ItemRef=ref("Set"))), 3140),
            (new(kind, inside(bolt), **group()), 3120),
        ]
        for sent, code in wrong:
            assert bench.unchanged(kind, saved, **with_lines(kind, sent)) == code, sent


STEPS = st.lists(st.tuples(st.integers(1, 40), st.sets(st.integers(0, 1), min_size=1), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SALES), STEPS)
def test_any_changes_of_a_group(kind: str, steps: list[tuple[int, set[int], bool]]) -> None:
    """The quantity of a group, its lines dropped and added: its total is what its lines are, and stock follows."""
    bench = shop()
    saved = sell(bench, kind, "Baker", group())
    for times, places, more in steps:
        [stored], parts = lines_of(saved), parts_of(saved)
        sent = [inside(each) for place, each in enumerate(parts) if place % 2 in places]
        sent += [inside(ItemRef=ref("Bolt"), Quantity=ONE)] if more or not sent else []
        saved = bench.changed(kind, saved, **with_lines(kind, kept(kind, stored, *sent, Quantity=times * ONE)))
        assert lines_of(saved)[0]["TotalAmount"] == saved["Subtotal"] == sum(each["Amount"] for each in parts_of(saved))
        bolts = sum(each["Quantity"] for each in parts_of(saved) if each["ItemRef"]["FullName"] == "Bolt")
        assert bench.item("Bolt")["QuantityOnHand"] == 1000 * ONE - (SIGN[kind] * bolts if kind in POSTING else 0)
