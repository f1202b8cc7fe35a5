"""Profiles: goflow is what the page says, every switch is set by it, and mistakes are told with line and nearest word."""

import pytest
from platform_bench import run

from emulator.core.errors import UserMistake
from emulator.core.files import parse_yaml
from emulator.platform import SWITCHES, Profile, load_profile
from emulator.platform.profile import checked_address


def test_goflow_sets_every_switch_to_what_the_table_says_of_it():
    profile = load_profile()
    assert profile.switches == {switch.name: switch.default for switch in SWITCHES}
    assert (profile.numbers.prefix, profile.limits.balance_s, profile.push_mode) == ("G-", 5, "automatic")


def test_switches_say_what_they_decide_and_why():
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)
    for switch in SWITCHES:
        assert switch.name.startswith("platform.")
        assert switch.about.endswith(".")
        assert switch.source
        assert not switch.choices or switch.default in switch.choices


GOOD = """\
name: other
title: Other
notifications:
  sender: a@b.example
  contact: c@d.example
  subject: "{platform}"
  text: "{reason} {held} {since} {episode} {attempts}"
"""


def test_a_profile_needs_little():
    assert parse_yaml(GOOD, Profile, "other.yaml").numbers.first == 10001


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("push_mod: manual\n", "push_mode"),
        ("push_mode: automatik\n", "automatic"),
        ("switches: {platform.atempts: 3}\n", "platform.attempts"),
        ("switches: {platform.attempts: 0}\n", "at least 1"),
        ("switches: {platform.attempts: three}\n", "expected a whole number of at least 1"),
        ("switches: {platform.attempt-spacing-s: -1}\n", "at least 0"),
        ("switches: {platform.flush-order: fifo}\n", "oldest-first"),
        ("limits: {balance_s: 0}\n", "a number above 0"),
        ("numbers: {first: -1}\n", "expected a number of at least 0"),
    ],
)
def test_mistakes_are_told_with_file_and_line(wrong, words):
    with pytest.raises(UserMistake) as caught:
        parse_yaml(GOOD + wrong, Profile, "other.yaml")
    assert "other.yaml:8" in str(caught.value)
    assert words in str(caught.value)


def test_wording_names_known_placeholders_only():
    with pytest.raises(UserMistake, match="reason"):
        parse_yaml(GOOD.replace("{reason}", "{reasn}"), Profile, "other.yaml")


def test_profiles_are_found_by_name_or_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    assert load_profile(str(path)).name == "other"
    with pytest.raises(UserMistake, match="'goflow'"):
        load_profile("goflo")
    with pytest.raises(UserMistake, match="cannot read"):
        load_profile(tmp_path / "none.yaml")
    with pytest.raises(UserMistake, match=r"platform\.probes"):
        load_profile().with_switches({"platform.probe": True})


@pytest.mark.parametrize("address", ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\nc", "a@b\x00"])
def test_what_is_no_address(address):
    with pytest.raises(ValueError, match="no mail address"):
        checked_address(address)


def test_another_profile_numbers_and_writes_its_own_way():
    async def story(bench):
        from platform_bench import invoice, silence

        bench.connector.script = [silence()] * 3
        assert bench.side.emit(invoice()).number == "INV1"
        await bench.side.wait_idle(100)
        assert b"Subject: Other\n" in bench.mails[0]

    other = parse_yaml(GOOD + "numbers: {prefix: INV, first: 1}\n", Profile, "other.yaml")
    run(story, profile_used=other)
