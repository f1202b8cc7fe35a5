"""The terminal report: a day on a screen, every finding on one line, nothing in a name can break it."""

import dataclasses
import io
import re

import pytest
from rich.console import Console

from emulator.scenario.checks import CHECKS, judge
from emulator.scenario.report import Story
from emulator.scenario.report.terminal import findings_line, print_story, print_timeline, progress
from emulator.scenario.report.words import TEMPLATES, sentence
from emulator.scenario.verdict import judge_faults

from .sample_day import good_day


def story_of(day, **changes):
    evidence = day.evidence()
    hits = {row["fault"]: row["hits"] for row in evidence.of("fault-off")}
    findings = [*judge(evidence, [check.id for check in CHECKS]), judge_faults(hits, [])]
    return Story("whole_day", "scenarios/whole day.yaml", 20261123, evidence, findings, timezone="America/New_York", **changes)


def printed(print_it, story, **options):
    console = Console(file=io.StringIO(), width=130, color_system=None)
    print_it(console, story, **options)
    return console.file.getvalue()


def test_a_day_fits_on_a_screen():
    text = printed(print_story, story_of(good_day()))
    assert len(text.splitlines()) < 110
    assert "Monday 23 November 2026 (EST)" in text
    assert "status Connected -> Disconnected: the platform sets it" in text
    assert "invoices accepted" in text
    for check in CHECKS:
        assert f"{check.id} " in text


def test_unfolded_every_row_has_its_line():
    day = good_day(2)
    text = printed(print_timeline, story_of(day), folded=False)
    assert len(text.splitlines()) >= len(day.rows)


def test_a_violation_is_marked_and_the_run_can_be_repeated():
    day = good_day()
    del day.books[3]
    text = printed(print_story, story_of(day))
    assert "<< violation" in text
    assert "fakebooks run 'scenarios/whole day.yaml' --seed 20261123" in text


def test_findings_in_one_line():
    day = good_day()
    del day.books[3]
    assert "1 fail (I1" in findings_line(story_of(day).findings) or "fail (I1" in findings_line(story_of(day).findings)
    assert findings_line([]) == "nothing was checked"


def test_every_kind_of_the_day_has_words():
    for row in good_day().rows:
        assert row["kind"] in TEMPLATES
        assert "?" not in sentence(row)


@pytest.mark.parametrize("kind", [*TEMPLATES, "never-heard-of"])
def test_a_row_without_facts_still_gives_a_sentence(kind):
    assert sentence({"n": 1, "at": "", "lane": "platform", "kind": kind})


def test_names_cannot_break_the_terminal_or_the_template():
    nasty = "[red]{n} \x1b[2J \x00 \u202e <b>&"
    row = {
        "n": 1,
        "at": "2026-11-23T14:00:00.000Z",
        "lane": "platform",
        "kind": "document-accepted",
        "document": "invoice",
        "number": nasty,
        "key": "K",
    }
    told = sentence(row)
    assert "\x1b" not in told
    assert "\x00" not in told
    assert "[red]{n}" in told
    day = good_day(1)
    day.rows.append(row)
    assert "[red]{n}" in printed(print_timeline, story_of(day), folded=False)


def test_progress_is_silent_where_there_is_no_terminal():
    console = Console(file=io.StringIO(), force_terminal=False)
    with progress(console, "whole_day") as line:
        line.show("Mon 18:00", 10, 5, 1)
    assert console.file.getvalue() == ""


def test_what_repeats_itself_is_folded_and_a_quiet_night_is_one_line():
    day = good_day(2)
    for _ in range(500):
        day.add("mailbox", "mail-received", to=["ops@example.test"], subject="again")
    for _ in range(300):
        day.add("quickbooks", "request", request="HostQueryRq", pass_s=120)
    story = story_of(day)
    text = printed(print_timeline, dataclasses.replace(story, findings=()))
    assert "496 × mail received" in text
    quiet = [int(rows) for rows in re.findall(r"ordinary traffic \((\d+) rows\)", text)]
    assert max(quiet) > 250
    assert len(text.splitlines()) < 110
