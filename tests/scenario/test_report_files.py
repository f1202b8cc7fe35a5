"""junit.xml, ledger.csv, summary.json, repro.sh: whole, readable by machines, safe against any name."""

import csv
import json
import os
import subprocess
from dataclasses import replace

import pytest
from lxml import etree

from emulator.core.journal import read
from emulator.scenario.report.artefacts import COLUMNS, ledger_csv, write_junit, write_story
from emulator.scenario.report.junit import junit_xml
from emulator.scenario.report.ledger import counts, ledger
from emulator.scenario.verdict import Finding, Verdict

from .sample_day import find, good_day
from .test_report_terminal import story_of


def spoilt_day():
    day = good_day()
    del day.books[3]
    return day


def test_junit_has_a_case_for_each_check_and_the_counterexample_in_the_text():
    story = story_of(spoilt_day())
    root = etree.fromstring(junit_xml([story, replace(story, seed=7)]))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == 2 * len(story.findings)
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    lost = next(case for case in cases if case.get("name").startswith("I1 "))
    text = lost.find("failure").text
    assert "row 36" in text
    assert "G-10004" in text
    assert "fakebooks run 'scenarios/whole day.yaml' --seed 20261123" in text
    properties = {each.get("name"): each.get("value") for each in lost.findall("properties/property")}
    assert properties["seed"] == "20261123"
    assert properties["fault drop"] == "blackhole: 3 hits"
    assert int(root.get("failures")) == sum(case.find("failure") is not None for case in cases)


def test_inconclusive_is_no_green():
    story = replace(story_of(good_day()), findings=[Finding("I5", Verdict.INCONCLUSIVE, "nothing \x00 <tested>")])
    root = etree.fromstring(junit_xml([story]))
    assert root.get("errors") == "1"
    assert root.find("testsuite/testcase/error").get("message") == "nothing \\x00 <tested>"


@pytest.mark.parametrize("name", ["<&\"'>", "\x00\x1b\x0b", "\ud800\ufffe\uffff", "]]>", "\u202e"])
def test_junit_carries_any_name(name):
    day = spoilt_day()
    day.rows[find(day, "document-accepted", 3)]["party"] = name
    day.rows[find(day, "document-accepted", 3)]["number"] = name
    etree.fromstring(junit_xml([replace(story_of(day), scenario=name, file=name)]))


def lines_of(day):
    return ledger(day.evidence())


def test_the_ledger_names_what_became_of_each():
    day = good_day()
    assert counts(lines_of(day)) == {"ok": 30, "recovered": 3, "refused": 1}


def duplicate(day):
    day.books.append(replace(day.books[3], id="X-1"))


def mutate(day):
    day.books[3] = replace(day.books[3], total_cents=1)


def lose(day):
    del day.books[3]


def hold(day):
    day.rows[find(day, "documents-at-end")]["states"]["K000004"] = "held"
    del day.books[3]


def invent(day):
    day.books.append(replace(day.books[3], id="X-2", key="NEVER"))


def type_by_hand(day):
    day.books.append(replace(day.books[3], id="X-3", key="", by="Accountant"))


def refuse(day):
    day.rows[find(day, "documents-at-end")]["states"]["K000004"] = "refused"


@pytest.mark.parametrize(
    ("spoil_it", "what"),
    [
        (duplicate, "duplicated"), (mutate, "mutated"), (lose, "lost"), (hold, "held"), (invent, "unexpected"), (type_by_hand, "theirs"),
        (refuse, "unexpected"),
    ],
)  # fmt: skip
def test_each_class_of_the_ledger(spoil_it, what):
    before = counts(lines_of(good_day())).get(what, 0)
    day = good_day()
    spoil_it(day)
    assert counts(lines_of(day))[what] > before


def test_ledger_csv_is_no_formula():
    day = good_day()
    day.books.append(replace(day.books[3], id="X-3", key="", party="=cmd|'/c calc'!A1", by="@Accountant"))
    table = list(csv.reader(ledger_csv(lines_of(day)).splitlines()))
    assert table[0] == list(COLUMNS)
    assert len(table) == 1 + len(lines_of(day))
    assert table[-1][5].startswith("'=")


def test_files_of_a_story(tmp_path):
    story = story_of(spoilt_day())
    folder = tmp_path / "whole_day"
    written = write_story(story, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    assert read(folder / "journal.jsonl") == list(story.evidence.rows)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["verdict"] == "fail"
    assert summary["exit_code"] == 10
    assert summary["documents"]["lost"] == 1
    assert summary["faults"][1]["hits"] == 3
    first = summary["journal_sha256"]
    write_story(story, folder)
    assert json.loads((folder / "summary.json").read_text())["journal_sha256"] == first
    write_junit([story], tmp_path)
    etree.parse(tmp_path / "junit.xml")


def test_repro_runs_the_very_command(tmp_path):
    story = replace(story_of(good_day(1)), file="sce narios/o'clock $HOME.yaml", scenario="line\nbreak; touch broken")
    write_story(story, tmp_path)
    echo = tmp_path / "bin" / "fakebooks"
    echo.parent.mkdir()
    echo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    echo.chmod(0o755)
    environment = {**os.environ, "PATH": f"{echo.parent}:{os.environ['PATH']}"}
    done = subprocess.run([tmp_path / "repro.sh"], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)
    assert done.stdout.splitlines() == ["run", "sce narios/o'clock $HOME.yaml", "--seed", "20261123"]
    assert not (tmp_path / "broken").exists()
