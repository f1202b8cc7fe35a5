"""Text packs as data: what their files must say, what they fill. What QuickBooks does with each text is tried in tests/doors/test_texts.py."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from emulator.company import described
from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.world import LENGTHS, World, WorldConfig, filled, memos_of, pack_of, shipped_packs, some_texts_of, texts_of

ALL = texts_of(shipped_packs())
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def test_every_id_is_in_one_pack_and_ends_in_its_field():
    assert [name for name, count in Counter(text.id for text in ALL).items() if count > 1] == []
    assert [text.id for text in ALL if not text.id.endswith(f"-{text.field}")] == []


def test_every_pack_is_named_as_its_file():
    assert [pack_of(name).pack for name in shipped_packs()] == list(shipped_packs())
    assert set(shipped_packs()) >= {"alphabets", "blanks", "latin", "limits", "markup"}


@pytest.mark.parametrize("field", LENGTHS)
def test_each_field_has_a_text_at_its_limit_and_one_over(field):
    lengths = {len(text.text): text for text in ALL if text.field == field and text.text.isascii()}
    assert lengths[LENGTHS[field]].told() == lengths[LENGTHS[field]].text
    assert lengths[LENGTHS[field] + 1].told() is None


def test_no_text_stands_twice():
    assert [text for text, count in Counter((text.field, text.text) for text in ALL).items() if count > 1] == []


def own(tmp_path, *texts):
    path = tmp_path / "own.yaml"
    path.write_text("pack: own\nabout: mine\ntexts:\n" + "".join(f"  - {{{text}}}\n" for text in texts), encoding="utf-8")
    return str(path)


GOOD = 'id: a, field: memo, text: "漢", references: {damaged: "?"}, raw: {refused: "0x80040400"}, standing: choice'


def test_a_pack_of_ones_own(tmp_path):
    (text,) = pack_of(own(tmp_path, GOOD)).texts
    assert (text.told(), text.told("raw"), text.text) == ("?", None, "漢")


MISTAKES = {
    "id twice": ((GOOD, GOOD), ":5, column 10: id 'a' stands twice"),
    "no damage": (('id: a, field: memo, text: "x", references: {damaged: "x"}, standing: choice',), "say kept"),
    "unknown switch": ((GOOD + ", switch: qbxml.decimal-coma",), "qbxml.decimal-comma"),
    "unknown field": (("id: a, field: mem, text: x, standing: choice",), ":4, column 20:"),
    "unknown outcome": (("id: a, field: memo, text: x, references: eaten, standing: choice",), ":4, column 47:"),
    "no texts": ((), "texts"),
}


@pytest.mark.parametrize(("texts", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_pack_is_told_with_its_line(tmp_path, texts, told):
    with pytest.raises(UserMistake) as caught:
        pack_of(own(tmp_path, *texts))
    assert told in str(caught.value)


def test_packs_that_are_none_or_hold_nothing_of_the_field(tmp_path):
    with pytest.raises(UserMistake, match="there is no text pack 'latn'; expected 'latin'"):
        texts_of(["latn"])
    path = own(tmp_path, GOOD)
    with pytest.raises(UserMistake, match="have no name"):
        filled(described("empty"), [path])
    with pytest.raises(UserMistake, match="have no address"):
        some_texts_of([path], "address")
    assert memos_of([path]) == ["漢"]
    assert [text.id for text in some_texts_of([], "name")] == [text.id for text in ALL if text.field == "name"]


def test_a_company_is_filled_with_every_name_that_quickbooks_takes():
    """Two names that come to the same question marks, or differ in case alone, are one."""

    async def story(clock):
        world = World(WorldConfig(texts=shipped_packs()), clock, None, None)
        plain = World(WorldConfig(), clock, None, None)
        try:
            truth, before = world.company.truth, plain.company.truth
            names = {row["full_name"]: row for row in (*truth.customers(), *truth.vendors())}
            old = {row["full_name"] for row in (*before.customers(), *before.vendors())}
            return names, old
        finally:
            world.let_go()
            plain.let_go()

    names, old = run_virtual(story, START)
    wanted = {told for text in texts_of(shipped_packs(), "name") if (told := text.told()) is not None}
    assert set(names) - old == wanted
    assert {row["kind"] for name, row in names.items() if name in wanted} == {"Customer", "Vendor"}
    addresses = [
        row["document"].get("BillAddress", row["document"].get("VendorAddress")) for name, row in names.items() if name in wanted
    ]
    told = {text.told() for text in texts_of(shipped_packs(), "address")} - {None}
    assert {address["Addr1"] for address in addresses} == told


def test_nothing_is_filled_without_packs():
    description = described("wholesale_small")
    assert filled(description, ()) is description


def test_traffic_has_a_text_as_its_memo_and_on_its_lines_and_is_else_the_same():
    async def story(clock):
        worlds = [World(WorldConfig(), clock, None, None) for _ in range(2)]
        try:
            return [world.traffic.next("invoice", text) for world, text in zip(worlds, ("“é”", ""), strict=True)]
        finally:
            for world in worlds:
                world.let_go()

    told, plain = run_virtual(story, START)
    assert (told.memo, {line.description for line in told.lines}) == ("“é”", {"“é”"})
    lines = [replace(line, description=before.description) for line, before in zip(told.lines, plain.lines, strict=True)]
    assert replace(told, memo="", lines=tuple(lines)) == plain
