"""What a name of a company means, and that a company file which is named is only copied."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from company.helpers import MONDAY, Bench, invoice, line
from company.test_snapshots import dump
from emulator.company import Company, described, is_company_file, load_company
from emulator.company.switches import SWITCHES
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting, SwitchSettings

SETTINGS = SwitchSettings([SWITCHES])


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A company that was closed, in `shop.fbk` of the current folder."""
    monkeypatch.chdir(tmp_path)
    bench = Bench(tmp_path / "shop.fbk")
    bench.add("Invoice", invoice("Baker", line("Repair", Amount=100)))
    bench.company.close()
    return bench


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("wholesale_small", False), ("shop.yaml", False), ("shop.YML.yml", False), ("wholesale_smal", False),
        ("shop.fbk", True), ("nowhere/x.QBW", True), ("here", True),
    ],
)  # fmt: skip
def test_what_is_a_company_file(name: str, means: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for there in ("here", "wholesale_small"):
        Path(there).touch()
    assert is_company_file(name) is means


@pytest.mark.parametrize("path", [None, Path("copy.fbk")])
def test_what_is_opened_is_a_copy(shop: Bench, path: Path | None) -> None:
    before = Path("shop.fbk").read_bytes()
    for _turn in range(2):
        copy = load_company("shop.fbk", shop.clock, SETTINGS, path)
        assert copy.path == path
        copy.close_books(shop.clock().date())
        assert len(copy.truth.transactions()) == 1
        copy.close()
        if path is not None:
            path.unlink()
    assert Path("shop.fbk").read_bytes() == before
    assert sorted(each.name for each in Path().iterdir()) == ["shop.fbk"]


def test_a_copy_holds_what_the_file_holds(shop: Bench) -> None:
    original = Company.open(Path("shop.fbk"), shop.clock)
    held = dump(original)
    with pytest.raises(UserMistake, match="in use"):
        load_company("shop.fbk", shop.clock, SETTINGS)
    original.close()
    copy = load_company("shop.fbk", shop.clock, SETTINGS)
    assert dump(copy) == held
    copy.close()


def test_what_cannot_be_opened_is_said_and_stays(shop: Bench) -> None:
    Path("half.fbk").write_bytes(Path("shop.fbk").read_bytes()[:20_000])
    Path("real.qbw").write_bytes(b"no SQLite" * 1000)
    for name in ("half.fbk", "real.qbw", "nowhere.fbk"):
        before = Path(name).read_bytes() if Path(name).exists() else b""
        with pytest.raises(UserMistake, match=name):
            load_company(name, shop.clock, SETTINGS)
        assert (Path(name).read_bytes() if Path(name).exists() else b"") == before
    with pytest.raises(UserMistake, match="is a company file"):
        described("shop.fbk")


def shipped(moment: datetime, name: str = "wholesale_small", **switches: Setting) -> Company:
    return load_company(name, lambda: moment, SwitchSettings([SWITCHES], switches))


@pytest.mark.parametrize("name", ["empty", "wholesale_small", "month_end"])
@pytest.mark.parametrize("moment", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 3, 2, 14, tzinfo=UTC), MONDAY])
def test_a_shipped_company_is_made_once_and_is_what_its_description_makes(name: str, moment: datetime) -> None:
    with closing(Company.create(None, described(name), lambda: moment)) as made:
        for _turn in range(2):
            with closing(shipped(moment, name)) as one:
                assert dump(one) == dump(made)
                one.close_books(moment.date())
                assert dump(one) != dump(made)


def test_switches_that_a_shipped_company_is_made_with_are_its_own() -> None:
    for setting in ("refused", "accepted"):
        with closing(shipped(MONDAY, **{"company.item-account-type": setting})) as one:
            assert one._books.settings["company.item-account-type"] == setting
