"""A verdict that rests on a switch says so, in every report."""

import json

import pytest
from lxml import etree

from emulator.core.switches import Switch, SwitchSettings
from emulator.scenario.report.artefacts import write_story
from emulator.scenario.report.choices import choices_of
from emulator.scenario.report.html import timeline_page
from emulator.scenario.report.junit import junit_xml
from emulator.scenario.report.terminal import print_verdict

from .sample_day import good_day
from .test_report_terminal import printed, story_of

TABLE = [
    Switch("company.guess", "a", ("a", "b"), "choice", "", ""),
    Switch("desktop.told", 1, (), "reported", "", ""),
    Switch("qbxml.read", True, (True, False), "documented", "", ""),
    Switch("platform.page", "x", (), "choice", "", ""),
]


@pytest.mark.parametrize(
    ("overrides", "otherwise", "unknown"),
    [
        ({}, [], ["company.guess", "desktop.told"]),
        ({"company.guess": "a"}, [], ["company.guess", "desktop.told"]),
        ({"company.guess": "b"}, ["company.guess"], ["desktop.told"]),
        ({"platform.page": "y", "qbxml.read": False}, ["platform.page", "qbxml.read"], ["company.guess", "desktop.told"]),
    ],
)
def test_what_was_set_otherwise_and_what_is_unknown(overrides, otherwise, unknown):
    choices = choices_of(SwitchSettings([TABLE], overrides))
    assert [each.name for each in choices.otherwise] == otherwise
    assert list(choices.unknown) == unknown


def test_every_report_tells_of_them(tmp_path):
    story = story_of(good_day(1), switches=SwitchSettings([TABLE], {"company.guess": "b"}))
    for text in (printed(print_verdict, story), timeline_page(story)):
        told = " ".join(text.split())
        assert "switches set otherwise than by default: company.guess = b; 1 choice where QuickBooks is unknown" in told
        assert "`fakebooks switches`" in told
    properties = {each.get("name"): each.get("value") for each in etree.fromstring(junit_xml([story])).iter("property")}
    assert properties["switch company.guess"] == "b (default a)"
    assert properties["choices where QuickBooks is unknown, at their defaults"].startswith("1 ")
    write_story(story, tmp_path)
    told = json.loads((tmp_path / "summary.json").read_text())["switches"]
    assert told["otherwise"] == {"company.guess": {"setting": "b", "default": "a"}}
    assert told["unknown_at_default"] == ["desktop.told"]
