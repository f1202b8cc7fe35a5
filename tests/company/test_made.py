"""The sample company that is shipped made is what its description comes to, and stands for it only while it may."""

import importlib.util
import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from company.test_snapshots import dump
from emulator.company import Company, described, load_company, made
from emulator.company.made import SAMPLES, path_of_rows, rows_of
from emulator.company.switches import SWITCHES
from emulator.core.switches import SwitchSettings

ROOT = Path(__file__).parents[2]
DEFAULTS = SwitchSettings([SWITCHES])
SETTINGS = {switch.name: switch.default for switch in SWITCHES}
STARTED = datetime.fromisoformat("2024-01-15T09:00:00-05:00")


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_rows_are_fresh(script, capsys):
    assert script.main(["--check"]) == 0, f"{capsys.readouterr().out}(make them again: python scripts/make_samples.py)"


def test_the_check_sees_stale_rows_and_writes_nothing(script, tmp_path, monkeypatch, capsys):
    path = tmp_path / "rows.json"
    monkeypatch.setattr(script, "path_of_rows", lambda name: path)
    assert script.main(["--check"]) == 1
    assert not path.exists()
    assert (script.main([]), script.main(["--check"])) == (0, 0)
    path.write_text(path.read_text().replace("Freight", "Fright"))
    capsys.readouterr()
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().out == "rows.json is not what its description comes to\n"
    assert script.main(["--chek"]) == 2


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize("later_s", [0, 1, 10**8])
def test_from_the_rows_comes_the_same_company(name, in_file, later_s, tmp_path):
    now = STARTED + timedelta(seconds=later_s)
    assert rows_of(name, SETTINGS, now) is not None
    poured = load_company(name, lambda: now, DEFAULTS, tmp_path / "one.fbk" if in_file else None)
    from_description = Company.create(tmp_path / "other.fbk" if in_file else None, described(name), lambda: now, DEFAULTS)
    assert dump(poured) == dump(from_description)
    assert poured.stamp == from_description.stamp
    for company in (poured, from_description):
        company.close()


@pytest.mark.parametrize("name", ["empty", "month_end", "my.yaml", "no such sample"])
def test_other_companies_are_made(name):
    assert rows_of(name, SETTINGS, STARTED) is None


def test_a_story_before_the_company_is_made():
    assert rows_of("wholesale_small", SETTINGS, STARTED - timedelta(seconds=1)) is None


@pytest.mark.parametrize("switch", [switch for switch in SWITCHES if len(switch.choices) > 1], ids=lambda switch: switch.name)
def test_with_any_switch_set_the_company_is_made(switch):
    other = next(each for each in switch.choices if each != switch.default)
    assert rows_of("wholesale_small", {**SETTINGS, switch.name: other}, STARTED) is None


@pytest.mark.parametrize("part", ["format", "description"])
def test_rows_of_another_description_or_format_are_left_alone(part, tmp_path, monkeypatch):
    held = json.loads(path_of_rows("wholesale_small").read_bytes())
    held["made_from"][part] = "another"
    (tmp_path / "rows.json").write_text(json.dumps(held))
    monkeypatch.setattr(made, "path_of_rows", lambda name: tmp_path / "rows.json")
    made._made.cache_clear()
    try:
        assert rows_of("wholesale_small", SETTINGS, STARTED) is None
        with closing(load_company("wholesale_small", lambda: STARTED, DEFAULTS, tmp_path / "one.fbk")) as company:
            assert company.name == "Brightwater Wholesale LLC"
    finally:
        made._made.cache_clear()
