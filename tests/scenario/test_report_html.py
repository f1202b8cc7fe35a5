"""The page: self-contained, small, safe against any name, and drawn without a script error by a real browser."""

import json
import re
import shutil
import subprocess

import pytest

from emulator.scenario.evidence import Evidence
from emulator.scenario.report import Story
from emulator.scenario.report.course import file_modes, held_counts, statuses
from emulator.scenario.report.html import page_data, timeline_page

from .sample_day import find, good_day
from .test_report_terminal import story_of

NASTY = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--",
    'O\'Brien & "Söhne"',
    "\x00\x1b[2J\ud800",
    "\u2028",
]


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="story">(.*?)</script>', page, re.DOTALL).group(1))


def test_a_normal_day_is_small_and_self_contained():
    page = timeline_page(story_of(good_day(20)))
    assert len(page.encode()) < 150_000
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#|data:)|@import|url\(|https?://(?!www\.w3\.org/2000/svg)""", page)


def test_every_row_is_in_the_data_and_equal_texts_are_kept_once():
    day = good_day()
    data = data_of(timeline_page(story_of(day)))
    assert len(data["rows"]) == len(day.rows)
    assert len(set(data["texts"])) == len(data["texts"])
    assert len(data["documents"]) == day.count
    assert [data["lanes"][row[1]] for row in data["rows"]] == [row["lane"] for row in day.rows]


@pytest.mark.parametrize("name", NASTY)
def test_no_name_becomes_markup(name):
    day = good_day(1)
    key = day.accept("invoice", name)
    day.post(key)
    day.rows[find(day, "documents-at-end")]["states"][key] = "posted"
    del day.books[1]
    day.rows[find(day, "document-accepted", 1)]["party"] = name
    page = timeline_page(story_of(day, about=name))
    page.encode()
    assert "alert(1)</script>" not in page
    assert "<img" not in page
    assert "\x00" not in page
    assert data_of(page)["violated"]


def test_lights_link_to_the_first_violating_row():
    day = good_day()
    mail = find(day, "mail-received")
    del day.rows[mail]
    page = timeline_page(story_of(day))
    assert f'class="light fail" href="#r{find(day, "status-changed", by="attempts") + 1}"' in page
    assert 'class="light pass" href="#f-I1"' in page


def test_the_course_of_the_day():
    evidence = good_day().evidence()
    assert [change.value for change in statuses(evidence)] == ["Connected", *["Disconnected", "Connected"] * 2]
    assert [change.value for change in file_modes(evidence)] == [
        "closed",
        "multi-user, 1 in",
        "closed",
        "single-user",
        "closed",
        "multi-user, 1 in",
    ]
    counts = [int(change.value) for change in held_counts(evidence)]
    assert max(counts) == 11
    assert counts[-1] == 0


def test_an_empty_story_has_a_page():
    page = timeline_page(Story("nothing", "nothing.yaml", 1, Evidence(()), ()))
    assert data_of(page)["rows"] == []
    assert "inconclusive" in page


def test_ten_thousand_rows_are_made_quickly():
    data = page_data(story_of(good_day(450)))
    assert len(data["rows"]) > 10_000


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0",
]  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")
@pytest.mark.parametrize("invoices", [3, pytest.param(450, marks=pytest.mark.slow)])
def test_a_browser_draws_it_without_a_script_error(tmp_path, invoices):
    day = good_day(invoices)
    del day.books[3]
    file = tmp_path / "timeline.html"
    file.write_text(timeline_page(story_of(day)))
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert 'data-ready="yes"' in done.stdout
    assert "CONSOLE" not in done.stderr, done.stderr
    assert done.stdout.count('<tr id="r') + len(re.findall(r'<tr class="[^"]*" id="r', done.stdout)) == min(len(day.rows), 1000)
    assert 'class="event v"' in done.stdout
    assert len(re.findall(r'class="event', done.stdout)) > 30
